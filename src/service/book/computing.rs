//! The CPU pool: where answers are computed, off the async threads.
//!
//! Does not live here: what is computed. Invariant: a seat is held until the pool is done with a
//! computation, however long anybody waits for it, so that what waits and runs stays bounded.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use crate::service::failure::Failure;
use crate::store::fault::{StoreFault, Stored};

/// Computations that may wait for the pool or run on it.
const SEATS: usize = 256;

pub(super) struct Computing {
    pool: rayon::ThreadPool,
    seats: Arc<Semaphore>,
}

impl Computing {
    /// One thread a core.
    ///
    /// # Errors
    /// `Unusable` when there are no threads to be had.
    pub(super) fn start() -> Stored<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .thread_name(|ix| format!("compute-{ix}"))
            .build()
            .map_err(|error| StoreFault::Unusable(format!("no threads: {error}")))?;
        Ok(Self { pool, seats: Arc::new(Semaphore::new(SEATS)) })
    }

    /// Computes within a time, the wait for the pool included.
    ///
    /// # Errors
    /// `Overloaded` when too many computations wait already, or this one takes too long; `Broken`
    /// when it dies.
    pub(super) async fn within<T: Send + 'static>(
        &self,
        budget: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let seats = Arc::clone(&self.seats);
        let seat = seats.try_acquire_owned().map_err(|_| Failure::Overloaded)?;
        let (done, result) = oneshot::channel();
        self.pool.spawn(move || {
            // Whoever has stopped waiting is not computed for.
            if !done.is_closed() {
                let _gone = done.send(work());
            }
            drop(seat);
        });
        match tokio::time::timeout(budget, result).await {
            Ok(value) => value.map_err(|_| Failure::Broken("a computation died".to_string())),
            Err(_) => Err(Failure::Overloaded),
        }
    }
}
