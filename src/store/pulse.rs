//! The pulse of a connection: whether a call is under way, and for how long it has been silent.
//!
//! Lives here: what the driver tells of its calls. Does not live here: what is done about a silent
//! one. Invariant: only the time within one call counts, never that between two.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{Connection, Instrumentation, InstrumentationEvent};

use super::dialect::{Db, on_engine};

/// One connection's pulse, shared with whoever watches it.
#[derive(Debug)]
pub struct Pulse {
    origin: Instant,
    /// Milliseconds from the origin to the begin of the call under way, and one; zero for none.
    call: AtomicU64,
    /// How many milliseconds a call may be silent.
    patience: AtomicU64,
}

impl Pulse {
    /// A pulse at rest.
    pub fn new(patience: Duration) -> Arc<Self> {
        let (origin, call) = (Instant::now(), AtomicU64::new(0));
        Arc::new(Self { origin, call, patience: AtomicU64::new(milliseconds(patience)) })
    }

    /// From now on a call may be silent so long.
    pub fn allow(&self, patience: Duration) {
        self.patience.store(milliseconds(patience), Ordering::Release);
    }

    /// Whether the call under way has been silent for too long.
    pub fn is_overdue(&self) -> bool {
        let call = self.call.load(Ordering::Acquire);
        let since = milliseconds(self.origin.elapsed()).saturating_sub(call);
        call != 0 && since > self.patience.load(Ordering::Acquire)
    }

    /// Counts `work` as one call.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        self.begin();
        let came = work();
        self.end();
        came
    }

    fn begin(&self) {
        let now = milliseconds(self.origin.elapsed()).saturating_add(1);
        self.call.store(now, Ordering::Release);
    }

    fn end(&self) {
        self.call.store(0, Ordering::Release);
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

struct Tap(Arc<Pulse>);

impl Instrumentation for Tap {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.0.begin(),
            InstrumentationEvent::FinishQuery { .. } => self.0.end(),
            _ => {}
        }
    }
}

impl Db {
    /// Every call on this connection is felt in `pulse` from now on.
    pub fn feel(&mut self, pulse: &Arc<Pulse>) {
        let tap = Tap(Arc::clone(pulse));
        on_engine!(self, conn => conn.set_instrumentation(tap));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_call_under_way_is_overdue() {
        let pulse = Pulse::new(Duration::from_millis(1));
        let pause = || std::thread::sleep(Duration::from_millis(20));
        pause();
        assert!(!pulse.is_overdue(), "nothing is under way");
        pulse.during(|| {
            pause();
            assert!(pulse.is_overdue());
            pulse.allow(Duration::from_secs(60));
            assert!(!pulse.is_overdue());
        });
        pulse.allow(Duration::ZERO);
        pause();
        assert!(!pulse.is_overdue(), "it has ended");
    }
}
