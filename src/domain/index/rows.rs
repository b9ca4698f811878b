//! Rows by number, in small pieces that snapshots share.
//!
//! Lives here: copy-on-write storage. Does not live here: what a row means. Invariant: a row never
//! written is the default one, and writing one copies the few beside it at most.

use std::sync::Arc;

use super::super::shelf::GoodsIx;

/// Rows that are copied together.
const PIECE: usize = 8;

/// Rows by a dense number.
#[derive(Debug, Clone)]
pub struct Rows<T> {
    pieces: Vec<Option<Arc<[T; PIECE]>>>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl<T: Clone + Default> Rows<T> {
    /// The row of a number; `None` where none of its piece was ever written.
    pub fn get(&self, at: u32) -> Option<&T> {
        let at = usize::try_from(at).ok()?;
        self.pieces.get(at / PIECE)?.as_deref()?.get(at % PIECE)
    }

    /// The row of a number, to be written.
    pub fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        let at = usize::try_from(at).ok()?;
        if self.pieces.len() <= at / PIECE {
            self.pieces.resize(at / PIECE + 1, None);
        }
        let piece = self.pieces.get_mut(at / PIECE)?;
        Arc::make_mut(piece.get_or_insert_with(Arc::default)).get_mut(at % PIECE)
    }

    /// All rows of the pieces that were ever written, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let pieces = (0u32..).step_by(PIECE).zip(&self.pieces);
        pieces.flat_map(|(first, piece)| (first..).zip(piece.iter().flat_map(|rows| rows.iter())))
    }

    /// The same, to be written.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        let pieces = (0u32..).step_by(PIECE).zip(&mut self.pieces);
        pieces.flat_map(|(first, piece)| {
            (first..).zip(piece.iter_mut().flat_map(|rows| Arc::make_mut(rows).iter_mut()))
        })
    }
}

/// Rows by item and by need.
#[derive(Debug, Clone)]
pub struct ByGoods<T> {
    items: Rows<T>,
    needs: Rows<T>,
}

impl<T> Default for ByGoods<T> {
    fn default() -> Self {
        Self { items: Rows::default(), needs: Rows::default() }
    }
}

impl<T: Clone + Default> ByGoods<T> {
    pub fn get(&self, goods: GoodsIx) -> Option<&T> {
        match goods {
            GoodsIx::Item(item) => self.items.get(item),
            GoodsIx::Need(need) => self.needs.get(need),
        }
    }

    pub fn get_mut(&mut self, goods: GoodsIx) -> Option<&mut T> {
        match goods {
            GoodsIx::Item(item) => self.items.get_mut(item),
            GoodsIx::Need(need) => self.needs.get_mut(need),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (GoodsIx, &T)> {
        let items = self.items.iter().map(|(ix, row)| (GoodsIx::Item(ix), row));
        items.chain(self.needs.iter().map(|(ix, row)| (GoodsIx::Need(ix), row)))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (GoodsIx, &mut T)> {
        let items = self.items.iter_mut().map(|(ix, row)| (GoodsIx::Item(ix), row));
        items.chain(self.needs.iter_mut().map(|(ix, row)| (GoodsIx::Need(ix), row)))
    }
}
