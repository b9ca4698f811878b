//! One reliability test at a time, in its short form or to its full count.
//!
//! Every test takes a turn, so that none disturbs another's times, and prints what it must: its
//! name, rounds, seed, what one `fdatasync` costs on this disk, how long it took. Invariant: the
//! short and the full form run the same code.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::support::pace::fdatasync;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A line to the terminal, past the test harness's capture.
pub fn say(text: &str) {
    let _unheard = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}

pub fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// A few random numbers from one seed (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// A reliability test under way; no other runs.
pub struct Turn {
    name: String,
    /// How often to do it.
    pub rounds: u32,
    /// From `CHANGPING_TEST_SEED`, else from the clock.
    pub seed: u64,
    began: Instant,
    _alone: MutexGuard<'static, ()>,
}

impl Turn {
    /// Waits for its turn. `RELIABILITY=full` asks for the full count, `RELIABILITY_ROUNDS` for
    /// any other.
    pub fn take(name: &str, short: u32, full: u32) -> Self {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let rounds = setting("RELIABILITY_ROUNDS").and_then(|text| text.parse().ok());
        let whole = setting("RELIABILITY").is_some_and(|text| text == "full");
        let rounds = rounds.unwrap_or(if whole { full } else { short });
        let given = setting("CHANGPING_TEST_SEED").and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| changping::service::book::now().0.unsigned_abs());
        let turn =
            Self { name: name.to_string(), rounds, seed, began: Instant::now(), _alone: alone };
        turn.say(&format!("{rounds} rounds, seed {seed}, fdatasync {:?}", fdatasync()));
        turn
    }

    pub fn dice(&self) -> Dice {
        Dice(self.seed)
    }

    /// A figure, under the test's name.
    pub fn say(&self, text: &str) {
        say(&format!("{}: {text}", self.name));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let how = if std::thread::panicking() { "FAILED" } else { "passed" };
        self.say(&format!("{how} after {:.1} s", self.began.elapsed().as_secs_f64()));
    }
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
