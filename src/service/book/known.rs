//! What the book may know: marks of all its keys and documents, so that new ones need no look-up.
//!
//! Lives here: the marks, and how they are kept up to the book. Does not live here: the look-up
//! itself (`prefetch`). Invariant: whatever is filed up to the end that they reach has its mark; a
//! mark alone proves nothing.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::position::Head;
use crate::store::dialect::Db;
use crate::store::fault::Stored;
use crate::store::head::End;
use crate::store::{ledger, receipts};

/// Rows a statement while reading the book.
const ROWS: i64 = 20_000;
/// Sets that the marks are shared out to, so that one that grows does so quickly.
const SETS: usize = 256;

/// Spreads a mark, which is a hash already.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, mark: u32) {
        self.0 = (self.0 ^ u64::from(mark)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Forty bits of the hash of each text: a handful of bytes a text, and one look-up in a million for
/// nothing when there are a million texts.
struct Marks {
    sets: Vec<HashSet<u32, BuildHasherDefault<Spread>>>,
}

impl Marks {
    fn none() -> Self {
        Self { sets: (0..SETS).map(|_| HashSet::default()).collect() }
    }

    fn of(text: &str) -> (usize, u32) {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let [set, _, _, _, mark @ ..] = hasher.finish().to_be_bytes();
        (usize::from(set), u32::from_be_bytes(mark))
    }

    fn add(&mut self, text: &str) {
        let (set, mark) = Self::of(text);
        if let Some(set) = self.sets.get_mut(set) {
            set.insert(mark);
        }
    }

    fn has(&self, text: &str) -> bool {
        let (set, mark) = Self::of(text);
        self.sets.get(set).is_none_or(|set| set.contains(&mark))
    }
}

struct All {
    keys: Marks,
    documents: Marks,
    /// Up to here all is marked.
    until: End,
}

/// The marks, shared by those who plan and those who write. What a batch that failed has marked
/// stays marked.
pub(super) struct Known(Mutex<All>);

impl Known {
    /// The marks of an empty book.
    pub(super) fn nothing() -> Self {
        let until = End { head: Head::genesis(), kept: 0 };
        Self(Mutex::new(All { keys: Marks::none(), documents: Marks::none(), until }))
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the book may hold an answer under this key, whoever holds it.
    pub(super) fn may_have_key(&self, key: &str) -> bool {
        self.all().keys.has(key)
    }

    /// Whether the book may hold a document of this normalised number.
    pub(super) fn may_have_document(&self, number: &str) -> bool {
        self.all().documents.has(number)
    }

    /// Marks what a request is about to be filed under.
    pub(super) fn mark(&self, key: &str, document: Option<&str>) {
        let mut all = self.all();
        all.keys.add(key);
        if let Some(number) = document {
            all.documents.add(number);
        }
    }

    /// Notes that all up to `end` is marked.
    pub(super) fn reaches(&self, end: &End) {
        self.all().until = *end;
    }

    /// Marks what the book holds up to `end` and is not marked yet; all of it, where the book is
    /// another one.
    ///
    /// # Errors
    /// `Lost` or `Corrupt`.
    pub(super) fn learn(&self, db: &mut Db, end: &End) -> Stored<()> {
        let until = self.all().until;
        if until == *end {
            return Ok(());
        }
        let (before, now) = (&until.head, &end.head);
        let goes_on = before.seq <= now.seq && until.kept <= end.kept;
        let same =
            goes_on && (before.seq == 0 || ledger::hash_at(db, before.seq)? == Some(before.hash));
        let (mut seq, mut kept) = if same { (before.seq, until.kept) } else { (0, 0) };
        while seq < now.seq {
            let last = seq.saturating_add(ROWS).min(now.seq);
            let filed = ledger::filed(db, seq + 1, last)?;
            let mut all = self.all();
            for (key, document) in &filed {
                all.keys.add(key);
                if let Some(number) = document {
                    all.documents.add(number);
                }
            }
            seq = last;
        }
        while kept < end.kept {
            let found = receipts::keys_after(db, kept, ROWS)?;
            let Some((last, _)) = found.last() else { break };
            kept = *last;
            let mut all = self.all();
            found.iter().for_each(|(_, key)| all.keys.add(key));
        }
        self.reaches(end);
        Ok(())
    }
}
