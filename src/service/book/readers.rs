//! Reading threads: each with a connection of its own, replaced when a call of it stays silent.
//!
//! Lives here: the queue to them, and who is given up. Does not live here: the head's own reader
//! (`watching`), what is read. Invariant: nobody waits longer than it was willing to, and a
//! connection found lost or silent is never used again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use crate::store::connection::DatabaseUrl;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::telemetry;

/// Threads, and so connections, at work.
const READERS: usize = 8;
/// Threads given up that may still hang in a call.
const MOST_ABANDONED: usize = 8;
/// Questions that may wait for a thread.
const QUEUE_LENGTH: usize = 1_024;
/// How long a close waits for the threads.
const CLOSE_WAIT: Duration = Duration::from_secs(1);
/// How long an answer may take that needs few rows, the wait for a thread included.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// A connection, and how many had been given up when it was opened.
#[derive(Default)]
struct Held {
    db: Option<Db>,
    era: u64,
}

type Work = Box<dyn FnOnce(&Shared, &mut Held) + Send>;

struct Question {
    work: Work,
    /// Who has taken it up.
    reader: Arc<OnceLock<Arc<Reader>>>,
}

/// One thread, as seen by those who wait for it.
#[derive(Default)]
struct Reader {
    abandoned: AtomicBool,
}

struct Shared {
    url: DatabaseUrl,
    questions: Mutex<mpsc::Receiver<Question>>,
    /// How often a reader has been given up: connections of before are as silent.
    era: AtomicU64,
    /// Threads given up that have not come back.
    abandoned: AtomicUsize,
    /// Threads that have not ended, and whether they are to.
    alive: AtomicUsize,
    over: AtomicBool,
}

/// The handle; the threads end with it.
pub(super) struct Readers {
    ask: mpsc::Sender<Question>,
    shared: Arc<Shared>,
}

impl Readers {
    /// Starts the threads; they open their connections when they are first asked.
    ///
    /// # Errors
    /// `Unusable` when there are no threads to be had.
    pub(super) fn start(url: DatabaseUrl) -> Stored<Self> {
        let (ask, questions) = mpsc::channel(QUEUE_LENGTH);
        let shared = Arc::new(Shared {
            url,
            questions: Mutex::new(questions),
            era: AtomicU64::new(0),
            abandoned: AtomicUsize::new(0),
            alive: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        });
        for _ in 0..READERS {
            spawn(&shared)?;
        }
        Ok(Self { ask, shared })
    }

    /// Ends the threads and closes their connections; waits for it a bounded time.
    pub(super) fn close(&self) {
        self.shared.over.store(true, Ordering::Release);
        for _ in 0..READERS {
            let work: Work = Box::new(|_, _| ());
            let _full = self.ask.try_send(Question { work, reader: Arc::default() });
        }
        let deadline = Instant::now() + CLOSE_WAIT;
        while self.shared.alive.load(Ordering::Acquire) > 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Runs `work` on a connection; one found lost is replaced once, by a new one.
    ///
    /// # Errors
    /// What `work` says; `Lost` when nothing is said in time; `Busy` where too many ask.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl Fn(&mut Db) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        let (done, answer) = oneshot::channel();
        let work: Work = Box::new(move |shared, held| {
            // Whoever has stopped waiting is not worked for.
            if !done.is_closed() {
                let _gone = done.send(shared.run(held, work));
            }
        });
        let reader = Arc::new(OnceLock::new());
        let question = Question { work, reader: Arc::clone(&reader) };
        let many = |_| StoreFault::Busy("too many read".to_string());
        self.ask.try_send(question).map_err(many)?;
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(StoreFault::Bug("a reader died".to_string())),
            Err(_) => {
                if let Some(reader) = reader.get() {
                    self.shared.give_up(reader);
                }
                Err(StoreFault::Lost(format!("nothing was read within {patience:?}")))
            }
        }
    }
}

impl Shared {
    fn run<T>(&self, held: &mut Held, work: impl Fn(&mut Db) -> Stored<T>) -> Stored<T> {
        let era = self.era.load(Ordering::Acquire);
        let usable = |db: &Db| held.era == era && db.check_place().is_ok();
        if let Some(mut db) = held.db.take().filter(usable) {
            let outcome = work(&mut db);
            if !matches!(outcome, Err(StoreFault::Lost(_))) {
                held.db = Some(db);
                return outcome;
            }
        }
        let mut db = self.url.connect()?;
        let outcome = work(&mut db);
        if !matches!(outcome, Err(StoreFault::Lost(_))) {
            *held = Held { db: Some(db), era };
        }
        outcome
    }

    /// Puts another thread in the place of a silent one, unless too many hang already: then it has
    /// its place back when it comes back.
    fn give_up(self: &Arc<Self>, reader: &Reader) {
        self.era.fetch_add(1, Ordering::AcqRel);
        let room = |hanging| (hanging < MOST_ABANDONED).then_some(hanging + 1);
        let counter = &self.abandoned;
        let (order, fetch) = (Ordering::AcqRel, Ordering::Acquire);
        if reader.abandoned.load(Ordering::Acquire)
            || counter.fetch_update(order, fetch, room).is_err()
        {
            return;
        }
        if reader.abandoned.swap(true, Ordering::AcqRel) {
            counter.fetch_sub(1, Ordering::AcqRel);
            return;
        }
        telemetry::count_abandoned_reader();
        tracing::warn!("a reading connection is silent and was given up");
        if let Err(fault) = spawn(self) {
            tracing::error!(%fault, "no thread to read in its place");
        }
    }

    fn next(&self) -> Option<Question> {
        let question = self.questions.lock().ok()?.blocking_recv()?;
        (!self.over.load(Ordering::Acquire)).then_some(question)
    }
}

fn spawn(shared: &Arc<Shared>) -> Stored<()> {
    let shared = Arc::clone(shared);
    let thread = std::thread::Builder::new().name("reader".to_string());
    shared.alive.fetch_add(1, Ordering::AcqRel);
    let counted = Arc::clone(&shared);
    let started = thread.spawn(move || {
        read_on(&shared);
        shared.alive.fetch_sub(1, Ordering::AcqRel);
    });
    started.map(|_| ()).map_err(|error| {
        counted.alive.fetch_sub(1, Ordering::AcqRel);
        StoreFault::Unusable(format!("no thread: {error}"))
    })
}

fn read_on(shared: &Shared) {
    let reader = Arc::new(Reader::default());
    let mut held = Held::default();
    while let Some(question) = shared.next() {
        let _first = question.reader.set(Arc::clone(&reader));
        let work = AssertUnwindSafe(|| (question.work)(shared, &mut held));
        if catch_unwind(work).is_err() {
            held = Held::default();
        }
        if reader.abandoned.load(Ordering::Acquire) {
            shared.abandoned.fetch_sub(1, Ordering::AcqRel);
            return;
        }
    }
}
