//! How often one holder of a key, or one address, may ask.
//!
//! Lives here: who counts as one, and how many are remembered; the counting is the library's
//! (GCRA). Does not live here: how a holder is recognised. Invariant: who has used nothing for as
//! long as a burst lasts is forgotten, and no more than `MOST_ADDRESSES` addresses are remembered.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

/// What may be used at once after a rest, in seconds' worth of requests.
const BURST_S: u32 = 2;
/// Addresses remembered at a time; more are turned away, until some have been forgotten.
const MOST_ADDRESSES: usize = 65_536;
/// How often those are looked for who can be forgotten, at most.
const SWEEP: Duration = Duration::from_secs(1);

/// Who asks, as far as counting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    /// The holder of a valid key.
    Key(Uuid),
    /// Anybody without one.
    Address(IpAddr),
}

/// Counts by the library's generic cell rate algorithm.
pub(super) struct Rate<C: Clock = MonotonicClock> {
    counter: RateLimiter<Holder, HashMapStateStore<Holder>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    swept: Mutex<C::Instant>,
}

impl Rate {
    /// So many requests a second; none counts nothing.
    pub(super) fn new(per_second: u32) -> Option<Self> {
        Self::by(MonotonicClock, per_second)
    }
}

impl<C: Clock + Clone> Rate<C> {
    fn by(clock: C, per_second: u32) -> Option<Self> {
        let burst = NonZeroU32::new(per_second.saturating_mul(BURST_S))?;
        let quota = Quota::per_second(NonZeroU32::new(per_second)?).allow_burst(burst);
        let counter = RateLimiter::hashmap_with_clock(quota, clock.clone());
        Some(Self { counter, swept: Mutex::new(clock.now()), clock })
    }

    /// Whether this holder may ask now; then it is counted. Keys are as many as were made, so only
    /// addresses can be too many to remember.
    pub(super) fn admits(&self, holder: Holder) -> bool {
        self.sweep();
        let strange = matches!(holder, Holder::Address(_));
        if strange && self.counter.len() >= MOST_ADDRESSES {
            return false;
        }
        self.counter.check_key(&holder).is_ok()
    }

    /// Forgets who has used nothing for long enough, once in a while.
    fn sweep(&self) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        if now.duration_since(*swept) >= SWEEP.into() {
            *swept = now;
            self.counter.retain_recent();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn at(n: u32) -> Holder {
        Holder::Address(Ipv4Addr::from_bits(n).into())
    }

    fn rate(per_second: u32) -> (Rate<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Rate::by(clock.clone(), per_second).unwrap(), clock)
    }

    #[test]
    fn twice_a_second_is_two_a_second_after_a_burst_of_four() {
        let (rate, clock) = rate(2);
        let all = |who: u32| (0..9).filter(|_| rate.admits(at(who))).count();
        assert_eq!(all(1), 4);
        assert!(rate.admits(at(2)), "another pays for itself");
        clock.advance(Duration::from_millis(499));
        assert_eq!(all(1), 0);
        clock.advance(Duration::from_millis(1));
        assert_eq!(all(1), 1, "being turned away costs nothing");
        clock.advance(Duration::from_secs(9));
        assert_eq!(all(1), 4, "no more is saved up");
    }

    #[test]
    fn addresses_are_forgotten_and_bounded_and_keys_go_on() {
        let (rate, clock) = rate(1);
        let many = u32::try_from(MOST_ADDRESSES).unwrap();
        assert!((0..many).all(|n| rate.admits(at(n))));
        assert!(!rate.admits(at(many)));
        assert!(rate.admits(Holder::Key(Uuid::nil())), "a key is no stranger");
        clock.advance(Duration::from_secs(u64::from(BURST_S)));
        assert!(rate.admits(at(many)));
        assert_eq!(rate.counter.len(), 1);
    }

    #[test]
    fn none_a_second_is_no_limit() {
        assert!(Rate::new(0).is_none());
    }
}
