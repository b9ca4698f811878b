//! Branches of the tree: what hangs on what.
//!
//! Lives here: hanging a node or a part of the tree elsewhere, and prices of all below. Does not
//! live here: which part is cut off (`tree`). Invariant: a node's list holds those of its children
//! that are no leaves.

use super::super::reach::place;
use super::{Kin, NONE, Tree};

impl Tree {
    pub(super) fn adopt(&mut self, parent: u32, node: u32) {
        self.edit(node, |node| node.parent = parent);
        if self.is_area(node) || self.kin(node).child != NONE {
            self.enlist(parent, node);
        }
    }

    fn enlist(&mut self, parent: u32, node: u32) {
        let above = self.kin(parent);
        self.relate(node, |node| {
            (node.next, node.previous, node.listed) = (above.child, NONE, true);
        });
        if above.child != NONE {
            self.relate(above.child, |eldest| eldest.previous = node);
        }
        self.relate(parent, |parent| parent.child = node);
        // A source that was a leaf is one no longer; what it hangs on is an area or the root.
        if self.is_source(parent) && !above.listed {
            self.enlist(self.node(parent).parent, parent);
        }
    }

    fn abandon(&mut self, parent: u32, node: u32) {
        let Kin { next, previous, listed, .. } = self.kin(node);
        if !listed {
            return;
        }
        if previous == NONE {
            self.relate(parent, |parent| parent.child = next);
        } else {
            self.relate(previous, |previous| previous.next = next);
        }
        if next != NONE {
            self.relate(next, |next| next.previous = previous);
        }
        self.relate(node, |node| node.listed = false);
        if self.is_source(parent) && self.kin(parent).child == NONE {
            self.abandon(self.node(parent).parent, parent);
        }
    }

    /// Hangs the part of the tree that the leaving arc cut off on the entering one: the path from
    /// `inner` to the cut is turned round.
    pub(super) fn regraft(&mut self, (inner, outer): (u32, u32), cut: u32, entering: (i64, i64)) {
        let whole = self.node(cut).size;
        let (mut node, mut parent, mut arc, mut below) = (inner, outer, entering, 0);
        loop {
            let old = self.node(node);
            self.abandon(old.parent, node);
            self.edit(node, |node| {
                (node.cost, node.flow, node.size) = (arc.0, arc.1, whole - below)
            });
            self.adopt(parent, node);
            if node == cut {
                return;
            }
            (parent, node, arc, below) = (node, old.parent, (old.cost, old.flow), old.size);
        }
    }

    /// Raises the prices of a node and of all below it.
    pub(super) fn reprice(&mut self, start: u32, more: i64) {
        let (kin, prices) = (self.kin.cells(), self.prices.cells_mut());
        let (mut node, mut open) = (start, 0);
        loop {
            if let Some(price) = prices.get_mut(place(node)) {
                *price += more;
            }
            let mut child = kin.get(place(node)).map_or(NONE, |kin| kin.child);
            while let Some(kin) = kin.get(place(child)) {
                if let Some(rest) = self.rest.get_mut(open) {
                    *rest = child;
                }
                open += 1;
                child = kin.next;
            }
            if open == 0 {
                return;
            }
            open -= 1;
            node = self.rest.get(open).copied().unwrap_or(NONE);
        }
    }
}
