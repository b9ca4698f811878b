//! Sets of areas as bits.
//!
//! Lives here: rows of bits and what is asked of them. Does not live here: who reaches whom
//! (`reach`). Invariant: all rows that meet are of one length; a bit beyond the end is not set.

/// Bits of one word.
const WORD: usize = 64;

/// A set of areas by place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Row(Vec<u64>);

impl Row {
    /// The empty set, with room for so many areas.
    pub(super) fn of(areas: usize) -> Self {
        Self(vec![0; areas.div_ceil(WORD)])
    }

    /// These areas.
    pub(super) fn from(areas: impl IntoIterator<Item = usize>, room: usize) -> Self {
        let mut row = Self::of(room);
        areas.into_iter().for_each(|area| row.set(area));
        row
    }

    pub(super) fn set(&mut self, area: usize) {
        if let Some(word) = self.0.get_mut(area / WORD) {
            *word |= 1 << (area % WORD);
        }
    }

    pub(super) fn clear(&mut self, area: usize) {
        if let Some(word) = self.0.get_mut(area / WORD) {
            *word &= !(1 << (area % WORD));
        }
    }

    pub(super) fn has(&self, area: usize) -> bool {
        self.0.get(area / WORD).is_some_and(|word| word >> (area % WORD) & 1 == 1)
    }

    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(one, other)| one & other != 0)
    }

    /// Moves what both have out of this set into another.
    pub(super) fn hand_over(&mut self, wanted: &Self, to: &mut Self) {
        for ((word, wanted), to) in self.0.iter_mut().zip(&wanted.0).zip(&mut to.0) {
            let both = *word & wanted;
            *word ^= both;
            *to |= both;
        }
    }

    /// The first that both have.
    pub(super) fn first_of_both(&self, other: &Self) -> Option<usize> {
        let both = self.0.iter().zip(&other.0).map(|(one, other)| one & other);
        let (at, word) = both.enumerate().find(|(_, both)| *both != 0)?;
        Some(at * WORD + bit(word))
    }

    /// Its areas, ascending.
    pub(super) fn areas(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.0.iter().enumerate();
        words.flat_map(|(at, word)| Bits(*word).map(move |bit| at * WORD + bit))
    }
}

/// The lowest bit that is set.
fn bit(word: u64) -> usize {
    usize::try_from(word.trailing_zeros()).unwrap_or(WORD)
}

/// The bits of a word, ascending.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        (self.0 != 0).then(|| {
            let next = bit(self.0);
            self.0 &= self.0 - 1;
            next
        })
    }
}
