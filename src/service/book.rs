//! The book: the database and the Position, always together.
//!
//! Lives here: the handle that every room holds, fresh snapshots for readers, the queue to the
//! committer. Does not live here: what is asked of a snapshot. Invariant: a snapshot handed out
//! contains every write acknowledged before.

mod committer;
mod computing;
mod crew;
mod importing;
mod jobs;
mod keyed;
mod known;
mod loading;
mod office;
mod planning;
mod prefetch;
mod readers;
mod rehearsal;
mod views;
mod watching;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use chrono::{Datelike, NaiveDate};
use tokio::sync::{mpsc, oneshot};

use crate::domain::calendar::Instant;
use crate::domain::position::{Head, Position};
use crate::domain::reference::Record;
use crate::domain::refusal::Refusal;
use crate::store::connection::DatabaseUrl;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::{append, head, migrate};

use super::failure::Failure;
use computing::Computing;
use jobs::Job;
pub use jobs::{
    Amended, Amendment, Composing, Decided, Deciding, FaultyDocuments, ImportRequest, Imported,
    Kept, KeyedAmendment, Order, Outcome, PostRequest, Precondition,
};
use known::Known;
use office::Office;
pub use planning::request_hash;
use readers::Readers;
pub use rehearsal::{Judged, Rehearsal};
use views::Views;
use watching::HeadWatch;

/// Requests that may wait for the committer.
const QUEUE_LENGTH: usize = 1_024;
/// How long a reader waits for the head, and for the Position to reach it, together.
const READ_WAIT: Duration = Duration::from_secs(2);
/// How long a computation may take, its wait for the CPU pool included.
const COMPUTING_BUDGET: Duration = Duration::from_secs(10);

/// The time of this machine, cut to microseconds.
pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Which day it is in Shanghai.
pub type Calendar = Arc<dyn Fn() -> NaiveDate + Send + Sync>;

/// A snapshot to compute from.
#[derive(Debug, Clone)]
pub struct Reading {
    pub position: Arc<Position>,
    /// Since when the database has not been reached; then the snapshot may lack later writes.
    pub stale_since: Option<Instant>,
}

/// The handle of the book; cheap to clone.
#[derive(Clone)]
pub struct Book {
    inner: Arc<Inner>,
}

struct Inner {
    snapshot: Arc<ArcSwap<Position>>,
    queue: mpsc::Sender<Job>,
    watch: HeadWatch,
    readers: Readers,
    computing: Computing,
    views: Views,
    /// Microseconds since the epoch, or zero while the database answers.
    stale_since: AtomicI64,
    /// The last day for which the committer was woken, counted from the first of the common era.
    woken_on: AtomicI32,
    url: DatabaseUrl,
    office: Arc<Office>,
}

impl Book {
    /// Opens a migrated database, loads the Position and starts the committer.
    ///
    /// # Errors
    /// `Unusable` or `Lost` with one clear line.
    pub fn open(url: &DatabaseUrl) -> Stored<Self> {
        Self::open_by(url, Arc::new(|| now().shanghai_date()))
    }

    /// The same by another calendar than the clock's, for the day of the index.
    ///
    /// # Errors
    /// Those of `open`.
    pub fn open_by(url: &DatabaseUrl, calendar: Calendar) -> Stored<Self> {
        let mut db = url.connect_writer()?;
        migrate::check(&mut db)?;
        append::acquaint(&mut db)?;
        let known = Arc::new(Known::nothing());
        let (position, end) = db.reading(|db| {
            let end = head::end(db)?;
            known.learn(db, &end)?;
            Ok((loading::load(url, db, &end.head)?, end))
        })?;
        let snapshot = Arc::new(ArcSwap::from_pointee(position));
        let (queue, jobs) = mpsc::channel(QUEUE_LENGTH);
        let loaded = (db, end);
        let shared = (Arc::clone(&snapshot), known);
        let office = Office::open(url.clone(), loaded, shared, (jobs, calendar))?;
        let inner = Inner {
            snapshot,
            queue,
            watch: HeadWatch::start(url.clone())?,
            readers: Readers::start(url.clone())?,
            computing: Computing::start()?,
            views: Views::default(),
            stale_since: AtomicI64::new(0),
            woken_on: AtomicI32::new(0),
            url: url.clone(),
            office,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Where the book is kept, without a password.
    pub fn address(&self) -> String {
        self.inner.url.display()
    }

    /// A connection of the caller's own.
    ///
    /// # Errors
    /// `Lost` and the like.
    pub fn connect(&self) -> Stored<Db> {
        self.inner.url.connect()
    }

    /// Whether who waits for the lock of this database looks now and then, instead of being called.
    pub fn is_polled(&self) -> bool {
        matches!(self.inner.url, DatabaseUrl::Sqlite(..))
    }

    /// The last snapshot, however old.
    pub fn snapshot(&self) -> Arc<Position> {
        self.inner.snapshot.load_full()
    }

    /// A snapshot that contains every write acknowledged before this call; if the database cannot
    /// be reached or is silent, the last one, marked.
    ///
    /// # Errors
    /// `Broken` where the database holds what cannot be.
    pub async fn read(&self) -> Result<Reading, Failure> {
        match self.reach_head().await {
            Ok(()) => {
                self.inner.stale_since.store(0, Ordering::Release);
                let position = self.snapshot();
                self.turn_the_day(&position);
                Ok(Reading { position, stale_since: None })
            }
            Err(StoreFault::Lost(_) | StoreFault::Busy(_)) => {
                let at = self.first_missed(now());
                Ok(Reading { position: self.snapshot(), stale_since: Some(at) })
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Wakes the committer where the index is of another day: it lays it anew before anything else.
    /// Nobody waits for it, as piles answer for any day.
    fn turn_the_day(&self, position: &Position) {
        let today = self.inner.office.today();
        let other = position.index().is_some_and(|index| index.day() != today);
        let day = today.num_days_from_ce();
        if other && self.inner.woken_on.swap(day, Ordering::AcqRel) != day {
            let (nobody, _) = oneshot::channel();
            let _full = self.inner.queue.try_send(Job::CatchUp(nobody));
        }
    }

    async fn reach_head(&self) -> Stored<()> {
        let deadline = tokio::time::Instant::now() + READ_WAIT;
        let before = self.inner.snapshot.load().head;
        let head = self.inner.watch.ask().await?;
        self.reach(&before, &head, deadline).await
    }

    fn first_missed(&self, at: Instant) -> Instant {
        let stale = &self.inner.stale_since;
        match stale.compare_exchange(0, at.0, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => at,
            Err(before) => Instant(before),
        }
    }

    /// Waits until the Position is at `head`, read after the Position stood at `before`. A head
    /// behind `before` is that of a restored database; one behind the Position of now is only old.
    async fn reach(
        &self,
        before: &Head,
        head: &Head,
        deadline: tokio::time::Instant,
    ) -> Stored<()> {
        let at = self.inner.snapshot.load().head;
        let went_back = head.seq < before.seq || head.reference_rev < before.reference_rev;
        if !went_back && (at.seq > head.seq || at == *head) {
            return Ok(());
        }
        let (done, reached) = oneshot::channel();
        let behind = || StoreFault::Busy("the Position does not reach the head".to_string());
        self.inner.queue.try_send(Job::CatchUp(done)).map_err(|_| behind())?;
        match tokio::time::timeout_at(deadline, reached).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(behind()),
        }
    }

    /// Runs a query on a reading connection, off the async threads.
    ///
    /// # Errors
    /// What the query says, or `Lost`.
    pub async fn on_reader<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Db) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        self.inner.readers.run(readers::PATIENCE, work).await
    }

    /// The same for a query that takes the longer the larger the book is.
    ///
    /// # Errors
    /// What the query says, or `Lost`.
    pub async fn on_patient_reader<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Db) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        self.inner.readers.run(COMPUTING_BUDGET, work).await
    }

    /// Computes on the bounded CPU pool.
    ///
    /// # Errors
    /// `Overloaded` when too many computations wait already, or this one takes too long.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.compute_within(COMPUTING_BUDGET, work).await
    }

    /// The same within another time.
    ///
    /// # Errors
    /// Those of `compute`.
    pub async fn compute_within<T: Send + 'static>(
        &self,
        budget: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.inner.computing.within(budget, work).await
    }

    /// Lets the committer finish what is queued, then ends it.
    ///
    /// The readers go first, so that the committer's connection is the last: SQLite then leaves
    /// one file, without a log beside it.
    pub fn close(&self) {
        self.inner.watch.close();
        self.inner.readers.close();
        if self.inner.queue.try_send(Job::Stop).is_ok() {
            self.inner.office.close();
        }
    }
}

/// Records that a check has found fit, for the command line and the seeder.
pub fn plain_amendment(records: Vec<Record>) -> Amendment {
    Amendment { records, precondition: Box::new(|_| Ok(())), settings: Vec::new() }
}

/// How a refusal is kept for replays: its status and body.
pub type Rendering = Box<dyn Fn(&Refusal) -> (u16, String) + Send>;
