//! Keeps SQLite's log short beside the writer, so that commits seldom stop to do it.
//!
//! Lives here: the thread, and when it brings the log in. Does not live here: the bringing in
//! (`store::write_ahead`), the writer's own, which it does when the log reaches its limit all the
//! same. Invariant: without this thread the book is as safe, only slower.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

use crate::store::connection::DatabaseUrl;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::write_ahead::{self, Log};

/// How long writes gather before the log is looked at.
const GLANCE: Duration = Duration::from_millis(10);
/// How long a close waits for the thread.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// What the thread and its handle share.
#[derive(Default)]
struct Shared {
    over: AtomicBool,
    ended: AtomicBool,
}

/// The handle of the thread, which ends with it.
pub(super) struct LogKeeper {
    shared: Arc<Shared>,
    thread: Thread,
}

impl LogKeeper {
    /// Starts the thread; nothing for PostgreSQL, which keeps its log itself.
    ///
    /// # Errors
    /// `Unusable` when there is no thread to be had.
    pub(super) fn start(url: &DatabaseUrl) -> Stored<Option<Self>> {
        if !matches!(url, DatabaseUrl::Sqlite(..)) {
            return Ok(None);
        }
        let shared = Arc::new(Shared::default());
        let (theirs, url) = (Arc::clone(&shared), url.clone());
        let started = std::thread::Builder::new().name("log-keeper".to_string()).spawn(move || {
            keep(&url, &theirs);
            theirs.ended.store(true, Ordering::Release);
        });
        let started = started.map_err(|error| StoreFault::Unusable(format!("no thread: {error}")));
        Ok(Some(Self { shared, thread: started?.thread().clone() }))
    }

    /// Something was written. Costs nothing while the thread has yet to look.
    pub(super) fn poke(&self) {
        self.thread.unpark();
    }

    /// Ends the thread and closes its connection; waits for it a bounded time.
    pub(super) fn close(&self) {
        self.end();
        let deadline = Instant::now() + CLOSE_WAIT;
        while !self.shared.ended.load(Ordering::Acquire) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn end(&self) {
        self.shared.over.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Drop for LogKeeper {
    fn drop(&mut self) {
        self.end();
    }
}

fn keep(url: &DatabaseUrl, shared: &Shared) {
    let mut held: Option<(Db, i64)> = None;
    loop {
        std::thread::park();
        if shared.over.load(Ordering::Acquire) {
            return;
        }
        std::thread::sleep(GLANCE);
        let looked = match held.take() {
            Some(open) => Ok(open),
            None => open(url),
        };
        let looked = looked.and_then(|(mut db, limit)| {
            while is_worth_it(write_ahead::measure(&mut db)?, limit)
                && !shared.over.load(Ordering::Acquire)
            {
                write_ahead::bring_in(&mut db)?;
            }
            Ok((db, limit))
        });
        match looked {
            Ok(open) => held = Some(open),
            // Whoever writes meets it too, and says so to those who ask.
            Err(fault) => tracing::warn!(%fault, "the log was not brought into the file"),
        }
    }
}

fn open(url: &DatabaseUrl) -> Stored<(Db, i64)> {
    let mut db = url.connect()?;
    let limit = url.log_pages(&mut db)?;
    Ok((db, limit))
}

/// Whether the log will soon reach the limit at which its writer stops to bring it in, and there is
/// enough to take from that writer: pages written often are brought in once.
fn is_worth_it(log: Log, limit: i64) -> bool {
    log.pages >= limit / 4 * 3 && log.waiting() >= limit / 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_brought_in_when_it_is_long_and_little_of_it_is_in_the_file() {
        let worth = |pages, in_file| is_worth_it(Log { pages, in_file }, 8_192);
        assert!(!worth(6_143, 0));
        assert!(worth(6_144, 0) && worth(8_000, 7_488));
        assert!(!worth(8_000, 7_489), "the rest is little enough for the writer");
    }
}
