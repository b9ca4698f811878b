//! How often one holder of a key, or one address, may ask.
//!
//! Lives here: a moment for each holder from which it follows how much it has used (GCRA). Does not
//! live here: who the holder is. Invariant: who has used nothing for two seconds is forgotten, and
//! no more than `MOST_HOLDERS` are remembered.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// What may be used at once after a rest: so much time's worth of requests.
const BURST: Duration = Duration::from_secs(2);
/// Holders remembered at a time; more are turned away, until some have been forgotten.
const MOST_HOLDERS: usize = 65_536;
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

struct Used {
    /// When each holder's requests so far are paid for.
    until: HashMap<Holder, Instant>,
    swept: Option<Instant>,
}

pub(super) struct Rate {
    /// The time that one request costs.
    price: Duration,
    used: Mutex<Used>,
}

impl Rate {
    /// So many requests a second; none counts nothing.
    pub(super) fn new(per_second: u32) -> Option<Self> {
        let price = Duration::from_secs(1).checked_div(per_second)?;
        Some(Self { price, used: Mutex::new(Used { until: HashMap::new(), swept: None }) })
    }

    /// Whether this holder may ask now; then it is counted.
    pub(super) fn admits(&self, holder: Holder, now: Instant) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.swept.is_none_or(|swept| now.duration_since(swept) >= SWEEP) {
            used.until.retain(|_, until| *until > now);
            used.swept = Some(now);
        }
        let full = used.until.len() >= MOST_HOLDERS;
        match used.until.get_mut(&holder) {
            Some(until) => {
                let paid = (*until).max(now) + self.price;
                let admitted = paid <= now + BURST;
                if admitted {
                    *until = paid;
                }
                admitted
            }
            None if full => false,
            None => {
                used.until.insert(holder, now + self.price);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn at(n: u32) -> Holder {
        Holder::Address(Ipv4Addr::from_bits(n).into())
    }

    #[test]
    fn twice_a_second_is_two_a_second_after_a_burst_of_four() {
        let rate = Rate::new(2).unwrap();
        let began = Instant::now();
        let admitted = |who: u32, ms: u64| rate.admits(at(who), began + Duration::from_millis(ms));
        assert_eq!((0..9).filter(|_| admitted(1, 0)).count(), 4);
        assert!(admitted(2, 0), "another pays for itself");
        assert!(!admitted(1, 499));
        assert!(admitted(1, 500) && !admitted(1, 500), "being turned away costs nothing");
        assert_eq!((0..9).filter(|_| admitted(1, 9_000)).count(), 4, "no more is saved up");
    }

    #[test]
    fn holders_are_forgotten_and_bounded() {
        let rate = Rate::new(1).unwrap();
        let began = Instant::now();
        let many = u32::try_from(MOST_HOLDERS).unwrap();
        assert!((0..many).all(|n| rate.admits(at(n), began)));
        assert!(!rate.admits(at(many), began));
        assert!(rate.admits(at(0), began), "who is known goes on");
        assert!(rate.admits(at(many), began + BURST));
        assert_eq!(rate.used.lock().unwrap().until.len(), 1);
    }

    #[test]
    fn none_a_second_is_no_limit() {
        assert!(Rate::new(0).is_none());
    }
}
