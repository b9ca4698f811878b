//! The head, read for many at once: all who ask while one question is under way share the next.
//!
//! Lives here: the thread that asks the database where the book ends. Does not live here: what a
//! reader does about it. Invariant: an answer was read after everybody who gets it had asked.

use tokio::sync::{mpsc, oneshot};

use crate::domain::position::Head;
use crate::store::connection::DatabaseUrl;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::head;

/// Readers that may wait for the head.
const QUEUE_LENGTH: usize = 4_096;

type Ask = oneshot::Sender<Stored<Head>>;

/// The handle of the watching thread, which ends with it.
pub(super) struct HeadWatch {
    asks: mpsc::Sender<Ask>,
}

impl HeadWatch {
    /// Starts the thread.
    ///
    /// # Errors
    /// `Unusable` when there is no thread to be had.
    pub(super) fn start(url: DatabaseUrl) -> Stored<Self> {
        let (asks, waiting) = mpsc::channel(QUEUE_LENGTH);
        std::thread::Builder::new()
            .name("head-watch".to_string())
            .spawn(move || watch(&url, waiting))
            .map_err(|error| StoreFault::Unusable(format!("no thread: {error}")))?;
        Ok(Self { asks })
    }

    /// The head as it stood at some moment after this call.
    ///
    /// # Errors
    /// `Lost` and the like; `Busy` where too many ask.
    pub(super) async fn ask(&self) -> Stored<Head> {
        let (answer, head) = oneshot::channel();
        let many = |_| StoreFault::Busy("too many ask for the head".to_string());
        self.asks.try_send(answer).map_err(many)?;
        head.await.map_err(|_| StoreFault::Lost("nobody watches the head".to_string()))?
    }
}

fn watch(url: &DatabaseUrl, mut asks: mpsc::Receiver<Ask>) {
    let mut held = None;
    while let Some(first) = asks.blocking_recv() {
        let mut waiting = vec![first];
        while let Ok(next) = asks.try_recv() {
            waiting.push(next);
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
