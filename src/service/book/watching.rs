//! The head, read for many at once: all who ask while one question is under way share the next.
//!
//! Lives here: the thread that asks the database where the book ends, and its replacement when the
//! database stays silent. Does not live here: what a reader does about it. Invariant: an answer was
//! read after everybody who gets it had asked, and nobody waits longer than `PATIENCE`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::sync::{mpsc, oneshot};

use crate::domain::position::Head;
use crate::store::connection::DatabaseUrl;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::head;
use crate::telemetry;

/// Readers that may wait for the head.
const QUEUE_LENGTH: usize = 4_096;
/// How long the head may take; who has to wait longer is told what was known before.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a close waits for the thread.
const CLOSE_WAIT: Duration = Duration::from_secs(1);
/// Threads there may be: one that watches, the others given up and still hanging in a call.
const MOST_THREADS: usize = 9;

type Ask = oneshot::Sender<Stored<Head>>;

/// The handle of the watching thread, which ends with it.
pub(super) struct HeadWatch {
    asks: ArcSwap<mpsc::Sender<Ask>>,
    threads: Arc<AtomicUsize>,
    url: DatabaseUrl,
}

impl HeadWatch {
    /// Starts the thread.
    ///
    /// # Errors
    /// `Unusable` when there is no thread to be had.
    pub(super) fn start(url: DatabaseUrl) -> Stored<Self> {
        let threads = Arc::new(AtomicUsize::new(0));
        let asks = ArcSwap::from_pointee(spawn(&url, &threads)?);
        Ok(Self { asks, threads, url })
    }

    /// Ends the thread and closes its connection; waits for it a bounded time.
    pub(super) fn close(&self) {
        let (nobody, _) = mpsc::channel(1);
        self.asks.store(Arc::new(nobody));
        let deadline = Instant::now() + CLOSE_WAIT;
        while self.threads.load(Ordering::Acquire) > 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The head as it stood at some moment after this call.
    ///
    /// # Errors
    /// `Lost` and the like, also when the database is silent; `Busy` where too many ask.
    pub(super) async fn ask(&self) -> Stored<Head> {
        let (answer, head) = oneshot::channel();
        let many = |_| StoreFault::Busy("too many ask for the head".to_string());
        let asked = self.asks.load_full();
        asked.try_send(answer).map_err(many)?;
        match tokio::time::timeout(PATIENCE, head).await {
            Ok(answer) => {
                answer.map_err(|_| StoreFault::Lost("nobody watches the head".to_string()))?
            }
            Err(_) => {
                self.give_up(&asked);
                Err(StoreFault::Lost(format!("the head was not read within {PATIENCE:?}")))
            }
        }
    }

    /// Puts another thread in the place of the silent one, unless somebody has or too many hang.
    fn give_up(&self, silent: &Arc<mpsc::Sender<Ask>>) {
        if !Arc::ptr_eq(silent, &self.asks.load()) {
            return;
        }
        if self.threads.load(Ordering::Acquire) >= MOST_THREADS {
            return;
        }
        match spawn(&self.url, &self.threads) {
            Ok(fresh) => {
                let before = self.asks.compare_and_swap(silent, Arc::new(fresh));
                if Arc::ptr_eq(&before, silent) {
                    telemetry::count_abandoned_reader();
                    tracing::warn!("the reader of the head is silent and was given up");
                }
            }
            Err(fault) => tracing::error!(%fault, "no thread to watch the head"),
        }
    }
}

fn spawn(url: &DatabaseUrl, threads: &Arc<AtomicUsize>) -> Stored<mpsc::Sender<Ask>> {
    let (asks, waiting) = mpsc::channel(QUEUE_LENGTH);
    let (url, threads) = (url.clone(), Arc::clone(threads));
    let thread = std::thread::Builder::new().name("head-watch".to_string());
    threads.fetch_add(1, Ordering::AcqRel);
    let counted = Arc::clone(&threads);
    let started = thread.spawn(move || {
        watch(&url, waiting);
        counted.fetch_sub(1, Ordering::AcqRel);
    });
    match started {
        Ok(_) => Ok(asks),
        Err(error) => {
            threads.fetch_sub(1, Ordering::AcqRel);
            Err(StoreFault::Unusable(format!("no thread: {error}")))
        }
    }
}

fn watch(url: &DatabaseUrl, mut asks: mpsc::Receiver<Ask>) {
    let mut held = None;
    while let Some(first) = asks.blocking_recv() {
        let mut waiting = vec![first];
        while let Ok(next) = asks.try_recv() {
            waiting.push(next);
        }
        // Those who wait no longer are not asked for.
        waiting.retain(|answer| !answer.is_closed());
        if waiting.is_empty() {
            continue;
        }
        let head = read(url, &mut held);
        for answer in waiting {
            let _gone = answer.send(head.clone());
        }
    }
}

/// Reads the head on the held connection; one found lost is replaced once.
fn read(url: &DatabaseUrl, held: &mut Option<Db>) -> Stored<Head> {
    if let Some(db) = held {
        match head::read(db) {
            Err(StoreFault::Lost(_)) => *held = None,
            outcome => return outcome,
        }
    }
    let mut db = url.connect()?;
    let head = head::read(&mut db)?;
    *held = Some(db);
    Ok(head)
}
