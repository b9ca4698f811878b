//! Choices without randomness: a hash of what is chosen for, and why.
//!
//! Lives here: numbers from codes. Does not live here: what they decide. Invariant: the same words
//! give the same number, on every machine.

use sha2::{Digest, Sha256};
use uuid::Uuid;

fn digest(words: &[&str]) -> [u8; 32] {
    Sha256::digest(words.join("|")).into()
}

/// A number from `0` to `below - 1`; zero where nothing is below.
pub(super) fn below(words: &[&str], below: i64) -> i64 {
    let [a, b, c, d, e, f, g, ..] = digest(words);
    let number = i64::from_be_bytes([0, a, b, c, d, e, f, g]);
    number.checked_rem(below).unwrap_or_default()
}

/// A number from `least` to `most`, both included.
pub(super) fn between(words: &[&str], least: i64, most: i64) -> i64 {
    least.saturating_add(below(words, most.saturating_sub(least).saturating_add(1)))
}

/// Whether these words are among so many in a thousand.
pub(super) fn among(words: &[&str], permille: i64) -> bool {
    below(words, 1_000) < permille
}

/// An id that these words always have.
pub(super) fn id(words: &[&str]) -> Uuid {
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(digest(words)) {
        *place = byte;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
