//! Who supplies whom at the least cost, once it is settled how much each area gets.
//!
//! Lives here: the primal network simplex on a transportation network. Does not live here: what a
//! cost stands for. Invariant: the tree is strongly feasible (an arc of it that carries nothing
//! points to the root), so that no pivot is taken twice (Cunningham 1976).
//!
//! Nodes are the sources, then the areas, then the root. What a source keeps flows to the root for
//! nothing; what an area lacks comes from the root at a cost above that of every way.

use super::column::Column;

/// No node, no arc.
const NONE: usize = usize::MAX;

/// A way from a source to an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub source: usize,
    pub area: usize,
    pub cost: i64,
}

/// A basis: a tree over all nodes with what flows through its arcs.
struct Tree<'a> {
    ways: &'a [Way],
    sources: usize,
    /// More than any way costs, many times over.
    lack_cost: i64,
    flow: Column<i64>,
    parent: Column<usize>,
    /// The arc to the parent; from `ways.len()` on, a node's own arc to or from the root.
    arc: Column<usize>,
    /// Whether that arc leads from the node to its parent.
    up: Column<bool>,
    depth: Column<u32>,
    price: Column<i64>,
    child: Column<usize>,
    /// Next and previous child of the same parent.
    next: Column<usize>,
    previous: Column<usize>,
}

/// The flow on each way at the least total cost. `supply` is an upper bound by
/// source, `demand` is exact by area; what cannot be brought is left out.
pub(super) fn least_cost(supply: &[i64], demand: &[i64], ways: &[Way]) -> Vec<i64> {
    let mut tree = Tree::start(supply, demand, ways);
    let mut from = 0;
    while let Some(entering) = tree.entering(&mut from) {
        tree.pivot(entering);
    }
    (0..ways.len()).map(|way| tree.flow.at(way)).collect()
}

impl<'a> Tree<'a> {
    /// Everything flows over the root.
    fn start(supply: &[i64], demand: &[i64], ways: &'a [Way]) -> Self {
        let (sources, areas) = (supply.len(), demand.len());
        let root = sources + areas;
        let most = ways.iter().map(|way| way.cost).max().unwrap_or(0).max(0);
        let nodes = i64::try_from(root + 1).unwrap_or(i64::MAX);
        let lack_cost = most.saturating_add(1).saturating_mul(nodes);
        let arcs = ways.len() + root;
        let mut tree = Self {
            ways,
            sources,
            lack_cost,
            flow: Column::of(0, arcs),
            parent: Column::of(root, root + 1),
            arc: (0..=root).map(|node| ways.len() + node).collect(),
            up: (0..=root).map(|node| node < sources).collect(),
            depth: Column::of(1, root + 1),
            price: Column::of(0, root + 1),
            child: Column::of(NONE, root + 1),
            next: Column::of(NONE, root + 1),
            previous: Column::of(NONE, root + 1),
        };
        tree.depth.put(root, 0);
        tree.parent.put(root, NONE);
        for (node, units) in supply.iter().chain(demand).enumerate() {
            tree.flow.put(ways.len() + node, *units);
            tree.price.put(node, if node < sources { 0 } else { lack_cost });
            // An area that lacks nothing hangs on an arc that points to the root.
            tree.up.put(node, node < sources || *units == 0);
            if node >= sources && *units == 0 {
                tree.price.put(node, -lack_cost);
            }
            tree.adopt(root, node);
        }
        tree
    }

    fn adopt(&mut self, parent: usize, node: usize) {
        let eldest = self.child.at(parent);
        self.next.put(node, eldest);
        self.previous.put(node, NONE);
        if eldest != NONE {
            self.previous.put(eldest, node);
        }
        self.child.put(parent, node);
        self.parent.put(node, parent);
    }

    fn abandon(&mut self, node: usize) {
        let (before, after) = (self.previous.at(node), self.next.at(node));
        if before == NONE {
            self.child.put(self.parent.at(node), after);
        } else {
            self.next.put(before, after);
        }
        if after != NONE {
            self.previous.put(after, before);
        }
    }

    fn ends(&self, way: Way) -> (usize, usize) {
        (way.source, self.sources + way.area)
    }

    /// What one unit more on a way would cost, the tree's flow making room for it.
    fn reduced_cost(&self, way: Way) -> i64 {
        let (from, to) = self.ends(way);
        way.cost + self.price.at(from) - self.price.at(to)
    }

    /// The best way of the next block that has one worth taking; blocks are taken in turn.
    fn entering(&self, from: &mut usize) -> Option<usize> {
        let all = self.ways.len();
        let block = all.isqrt().max(64).min(all.max(1));
        let mut best: Option<(i64, usize)> = None;
        let mut looked = 0;
        while looked < all {
            let until = (*from + block).min(all);
            let part = self.ways.get(*from..until).unwrap_or_default();
            for (at, way) in part.iter().enumerate() {
                let cost = self.reduced_cost(*way);
                if cost < 0 && best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, *from + at));
                }
            }
            looked += until - *from;
            *from = if until == all { 0 } else { until };
            if best.is_some() {
                break;
            }
        }
        best.map(|(_, way)| way)
    }

    /// Where the paths of two nodes to the root meet.
    fn join(&self, mut one: usize, mut other: usize) -> usize {
        while one != other {
            if self.depth.at(one) >= self.depth.at(other) {
                one = self.parent.at(one);
            } else {
                other = self.parent.at(other);
            }
        }
        one
    }

    /// Takes a way into the tree; the last arc of the circle to run dry, seen from its top, leaves.
    fn pivot(&mut self, entering: usize) {
        let Some(way) = self.ways.get(entering).copied() else { return };
        let (from, to) = self.ends(way);
        let top = self.join(from, to);
        // Along the circle goods go down to `from`, over the way, and up from `to`: an arc loses
        // where it points the other way.
        let (mut step, mut leaving, mut below_from) = (i64::MAX, NONE, true);
        let mut node = from;
        while node != top {
            let units = self.flow.at(self.arc.at(node));
            if self.up.at(node) && units < step {
                (step, leaving, below_from) = (units, node, true);
            }
            node = self.parent.at(node);
        }
        node = to;
        while node != top {
            let units = self.flow.at(self.arc.at(node));
            if !self.up.at(node) && units <= step {
                (step, leaving, below_from) = (units, node, false);
            }
            node = self.parent.at(node);
        }
        if leaving == NONE {
            return;
        }
        self.shift(entering, (from, to, top), step);
        let (inner, outer) = if below_from { (from, to) } else { (to, from) };
        self.regraft(inner, outer, leaving, entering, below_from);
        self.reprice(inner);
    }

    fn shift(&mut self, entering: usize, (from, to, top): (usize, usize, usize), step: i64) {
        if step == 0 {
            return;
        }
        self.flow.put(entering, self.flow.at(entering) + step);
        for (mut node, rising) in [(from, false), (to, true)] {
            while node != top {
                let arc = self.arc.at(node);
                let gains = self.up.at(node) == rising;
                self.flow.put(arc, self.flow.at(arc) + if gains { step } else { -step });
                node = self.parent.at(node);
            }
        }
    }

    /// Hangs the part of the tree that the leaving arc cut off on the entering one: the path from
    /// `inner` to the cut is turned round.
    fn regraft(&mut self, inner: usize, outer: usize, cut: usize, entering: usize, up: bool) {
        let (mut node, mut parent, mut arc, mut up) = (inner, outer, entering, up);
        loop {
            let (old_parent, old_arc, old_up) =
                (self.parent.at(node), self.arc.at(node), self.up.at(node));
            self.abandon(node);
            self.adopt(parent, node);
            self.arc.put(node, arc);
            self.up.put(node, up);
            if node == cut {
                return;
            }
            (parent, node, arc, up) = (node, old_parent, old_arc, !old_up);
        }
    }

    fn cost(&self, arc: usize) -> i64 {
        match self.ways.get(arc) {
            Some(way) => way.cost,
            None if arc - self.ways.len() < self.sources => 0,
            None => self.lack_cost,
        }
    }

    /// Depths and prices of a node and all below it.
    fn reprice(&mut self, start: usize) {
        let mut rest = vec![start];
        while let Some(node) = rest.pop() {
            let parent = self.parent.at(node);
            let cost = self.cost(self.arc.at(node));
            let above = self.price.at(parent);
            self.price.put(node, if self.up.at(node) { above - cost } else { above + cost });
            self.depth.put(node, self.depth.at(parent) + 1);
            let mut child = self.child.at(node);
            while child != NONE {
                rest.push(child);
                child = self.next.at(child);
            }
        }
    }
}
