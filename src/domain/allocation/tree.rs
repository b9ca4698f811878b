//! The tree of the network simplex: what flows through it, and prices.
//!
//! Lives here: a first tree, and the turn of one circle. Does not live here: which way enters
//! (`simplex`). Invariant: the tree is strongly feasible (an arc that carries nothing points to the
//! root), so that no pivot is taken twice (Cunningham 1976).
//!
//! Nodes are the sources, then the areas, then the root. What a source keeps flows to the root for
//! nothing; what an area lacks comes from the root at a cost above that of every way. So a node's
//! arc to its parent leads up from a source and down to an area. A source below which nothing hangs
//! is a leaf: most are, so none of them is kept in lists or repriced; its price follows from its
//! parent's.

use super::column::Column;
use super::simplex::Sent;

/// No node.
const NONE: usize = usize::MAX;

/// A way from a source to an area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Way {
    pub source: usize,
    pub area: usize,
    pub cost: i64,
}

/// What a tree is grown from.
pub(super) struct Start<'a> {
    pub supply: &'a [i64],
    pub demand: &'a [i64],
    /// The cheapest first.
    pub ways: &'a [Way],
    /// What a unit costs that cannot be brought.
    pub lack: i64,
}

/// A basis: a tree over all nodes with what flows through its arcs.
pub(super) struct Tree {
    sources: usize,
    root: usize,
    lack: i64,
    parent: Column<usize>,
    /// Of the arc to the parent.
    cost: Column<i64>,
    flow: Column<i64>,
    depth: Column<u32>,
    price: Column<i64>,
    /// Children that are no leaves; next and previous of the same parent.
    child: Column<usize>,
    next: Column<usize>,
    previous: Column<usize>,
    /// Whether a node is in its parent's list.
    listed: Column<bool>,
    /// Nodes to be repriced, kept for its room.
    rest: Vec<usize>,
}

impl Tree {
    /// Sends by the cheapest ways what they can take in turn. Every step empties a source or fills
    /// an area, so the ways used are a forest, and at most one node a part is left for the root.
    pub(super) fn start(start: &Start<'_>) -> Self {
        let sources = start.supply.len();
        let root = sources + start.demand.len();
        let mut left: Column<i64> = start.supply.iter().chain(start.demand).copied().collect();
        let mut used: Vec<(Way, i64)> = Vec::new();
        for way in start.ways {
            let area = sources + way.area;
            let units = left.at(way.source).min(left.at(area));
            if units > 0 {
                left.put(way.source, left.at(way.source) - units);
                left.put(area, left.at(area) - units);
                used.push((*way, units));
            }
        }
        let mut tree = Self {
            sources,
            root,
            lack: start.lack,
            parent: Column::of(NONE, root + 1),
            cost: Column::of(0, root + 1),
            flow: Column::of(0, root + 1),
            depth: Column::of(0, root + 1),
            price: Column::of(0, root + 1),
            child: Column::of(NONE, root + 1),
            next: Column::of(NONE, root + 1),
            previous: Column::of(NONE, root + 1),
            listed: Column::of(false, root + 1),
            rest: Vec::new(),
        };
        tree.grow(start, &left, &used);
        tree
    }

    /// Hangs every part of the forest on the root: by the node that has something left, else by a
    /// source, whose arc to the root may be empty.
    fn grow(&mut self, start: &Start<'_>, left: &Column<i64>, used: &[(Way, i64)]) {
        // Used ways by node, as lists: the last of each node, and the one before it of either end.
        let mut last = Column::of(NONE, self.root);
        let mut before = Column::of((NONE, NONE), used.len());
        for (at, (way, _)) in used.iter().enumerate() {
            let area = self.sources + way.area;
            before.put(at, (last.at(way.source), last.at(area)));
            last.put(way.source, at);
            last.put(area, at);
        }
        let unmet = (0..self.root).filter(|node| left.at(*node) > 0);
        let rest = (0..self.sources).filter(|node| left.at(*node) == 0);
        let nodes: Vec<usize> = unmet.chain(rest).collect();
        for node in nodes {
            if self.parent.at(node) != NONE || !self.takes_part(start, node) {
                continue;
            }
            let lack = if node < self.sources { 0 } else { start.lack };
            self.hang(node, self.root, (lack, left.at(node)));
            let mut open = vec![node];
            while let Some(node) = open.pop() {
                let mut at = last.at(node);
                while let Some((way, units)) = used.get(at) {
                    let (of_source, of_area) = before.at(at);
                    let area = self.sources + way.area;
                    let (other, earlier) =
                        if node == area { (way.source, of_area) } else { (area, of_source) };
                    if self.parent.at(other) == NONE {
                        self.hang(other, node, (way.cost, *units));
                        open.push(other);
                    }
                    at = earlier;
                }
            }
        }
    }

    fn takes_part(&self, start: &Start<'_>, node: usize) -> bool {
        let units = match node.checked_sub(self.sources) {
            None => start.supply.get(node),
            Some(area) => start.demand.get(area),
        };
        units.is_some_and(|units| *units > 0)
    }

    fn hang(&mut self, node: usize, parent: usize, (cost, flow): (i64, i64)) {
        self.cost.put(node, cost);
        self.flow.put(node, flow);
        self.adopt(parent, node);
        self.price_by_parent(node);
    }

    /// Prices are such that no arc of the tree costs or saves anything.
    fn price_by_parent(&mut self, node: usize) {
        let parent = self.parent.at(node);
        let (above, cost) = (self.price.at(parent), self.cost.at(node));
        self.price.put(node, if node < self.sources { above - cost } else { above + cost });
        self.depth.put(node, self.depth.at(parent) + 1);
    }

    /// What a unit more at a source would save. Sources that have nothing have no price.
    pub(super) fn source_price(&self, source: usize) -> i64 {
        self.price.at(self.parent.at(source)) - self.cost.at(source)
    }

    /// What a unit more for an area would cost.
    pub(super) fn area_price(&self, area: usize) -> i64 {
        self.price.at(self.sources + area)
    }

    /// What flows from sources to areas, by source and area.
    pub(super) fn flows(&self) -> Vec<Sent> {
        let mut flows = Vec::new();
        for node in 0..self.root {
            let (units, parent) = (self.flow.at(node), self.parent.at(node));
            let (source, area) = (node.min(parent), node.max(parent));
            if units > 0 && parent < self.root {
                let cost = self.cost.at(node);
                flows.push(Sent { source, area: area - self.sources, units, cost });
            }
        }
        flows.sort_unstable_by_key(|sent| (sent.source, sent.area));
        flows
    }

    fn adopt(&mut self, parent: usize, node: usize) {
        self.parent.put(node, parent);
        if node >= self.sources || self.child.at(node) != NONE {
            self.enlist(parent, node);
        }
    }

    fn enlist(&mut self, parent: usize, node: usize) {
        let eldest = self.child.at(parent);
        self.next.put(node, eldest);
        self.previous.put(node, NONE);
        if eldest != NONE {
            self.previous.put(eldest, node);
        }
        self.child.put(parent, node);
        self.listed.put(node, true);
        // A source that was a leaf is one no longer; what it hangs on is an area or the root.
        if parent < self.sources && !self.listed.at(parent) {
            self.enlist(self.parent.at(parent), parent);
        }
    }

    fn abandon(&mut self, node: usize) {
        if !self.listed.at(node) {
            return;
        }
        let (before, after) = (self.previous.at(node), self.next.at(node));
        let parent = self.parent.at(node);
        if before == NONE {
            self.child.put(parent, after);
        } else {
            self.next.put(before, after);
        }
        if after != NONE {
            self.previous.put(after, before);
        }
        self.listed.put(node, false);
        if parent < self.sources && self.child.at(parent) == NONE {
            self.abandon(parent);
        }
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

    /// Takes a way into the tree.
    pub(super) fn pivot(&mut self, way: Way) {
        // A leaf's own figures are not kept.
        self.price_by_parent(way.source);
        self.enter(way.source, self.sources + way.area, way.cost);
    }

    /// Lets a source keep something, if that would save anything; whether it would.
    pub(super) fn keep(&mut self, source: usize) -> bool {
        let saves = self.source_price(source) < 0;
        if saves {
            self.price_by_parent(source);
            self.enter(source, self.root, 0);
        }
        saves
    }

    /// Lets an area lack something, if that would save anything; whether it would.
    pub(super) fn forgo(&mut self, area: usize) -> bool {
        let saves = self.area_price(area) > self.lack;
        if saves {
            self.enter(self.root, self.sources + area, self.lack);
        }
        saves
    }

    /// Takes an arc into the tree; the last of the circle to run dry, seen from its top, leaves.
    fn enter(&mut self, from: usize, to: usize, cost: i64) {
        let top = self.join(from, to);
        // Along the circle goods go down to `from`, over the way, and up from `to`: an arc loses
        // where it points the other way, above sources on one side and above areas on the other.
        let (mut step, mut leaving, mut below_from) = (i64::MAX, NONE, true);
        let mut node = from;
        while node != top {
            let units = self.flow.at(node);
            if node < self.sources && units < step {
                (step, leaving, below_from) = (units, node, true);
            }
            node = self.parent.at(node);
        }
        node = to;
        while node != top {
            let units = self.flow.at(node);
            if node >= self.sources && units <= step {
                (step, leaving, below_from) = (units, node, false);
            }
            node = self.parent.at(node);
        }
        if leaving == NONE {
            return;
        }
        self.shift((from, to, top), step);
        let (inner, outer) = if below_from { (from, to) } else { (to, from) };
        self.regraft((inner, outer), leaving, (cost, step));
        self.reprice(inner);
    }

    fn shift(&mut self, (from, to, top): (usize, usize, usize), step: i64) {
        if step == 0 {
            return;
        }
        for (mut node, below_from) in [(from, true), (to, false)] {
            while node != top {
                let loses = (node < self.sources) == below_from;
                self.flow.put(node, self.flow.at(node) + if loses { -step } else { step });
                node = self.parent.at(node);
            }
        }
    }

    /// Hangs the part of the tree that the leaving arc cut off on the entering one: the path from
    /// `inner` to the cut is turned round.
    fn regraft(&mut self, (inner, outer): (usize, usize), cut: usize, entering: (i64, i64)) {
        let (mut node, mut parent, mut arc) = (inner, outer, entering);
        loop {
            let (old_parent, old_arc) =
                (self.parent.at(node), (self.cost.at(node), self.flow.at(node)));
            self.abandon(node);
            self.cost.put(node, arc.0);
            self.flow.put(node, arc.1);
            self.adopt(parent, node);
            if node == cut {
                return;
            }
            (parent, node, arc) = (node, old_parent, old_arc);
        }
    }

    /// Depths and prices of a node and all below it.
    fn reprice(&mut self, start: usize) {
        let mut rest = std::mem::take(&mut self.rest);
        rest.push(start);
        while let Some(node) = rest.pop() {
            self.price_by_parent(node);
            let mut child = self.child.at(node);
            while child != NONE {
                rest.push(child);
                child = self.next.at(child);
            }
        }
        self.rest = rest;
    }
}
