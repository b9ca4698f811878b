//! The tree of the network simplex: what flows through it, and prices.
//!
//! Lives here: growing a tree from a first plan, and the turn of one circle. Does not live here:
//! which way enters (`simplex`). Invariant: the tree is strongly feasible (an arc that carries
//! nothing points to the root), so that no pivot is taken twice (Cunningham 1976).
//!
//! Nodes are the areas, then the sources, then the root. What a source keeps flows to the root;
//! what an area lacks comes from the root at a cost above that of a way. So a node's arc to its
//! parent leads up from a source and down to an area. A source below which nothing hangs is a leaf:
//! most are, so none of them is kept in lists or repriced; its price follows from its parent's.

mod branches;

use super::column::Column;
use super::reach::place;

/// No node.
const NONE: u32 = u32::MAX;

/// Goods on a way of the first plan, by place among sources and areas.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub source: u32,
    pub area: u32,
    pub cost: i64,
    pub units: i64,
}

/// A first plan: a forest, as each load empties its source or fills its area.
pub(super) struct Start<'a> {
    pub loads: &'a [Load],
    /// What areas still lack.
    pub lacking: &'a [i64],
    /// What sources still have.
    pub left: &'a [i64],
    /// What a unit costs that a source keeps.
    pub keep: &'a [i64],
    /// What a unit costs that an area lacks.
    pub lack: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// Of the arc to the parent.
    cost: i64,
    flow: i64,
    parent: u32,
    /// Itself and all below it, which tells which of two nodes cannot be above the other.
    size: i32,
}

const BLANK: Node = Node { cost: 0, flow: 0, parent: NONE, size: 1 };

/// A place in the lists of children that are no leaves.
#[derive(Debug, Clone, Copy, Default)]
struct Kin {
    /// The first of its own children.
    child: u32,
    /// Of the same parent.
    next: u32,
    previous: u32,
    /// Whether it is in its parent's list.
    listed: bool,
}

const ALONE: Kin = Kin { child: NONE, next: NONE, previous: NONE, listed: false };

/// A basis: a tree over all nodes with what flows through its arcs.
pub(super) struct Tree {
    /// The first source.
    sources: u32,
    root: u32,
    lack: i64,
    nodes: Column<Node>,
    kin: Column<Kin>,
    prices: Column<i64>,
    /// Nodes to be repriced, kept for its room.
    rest: Vec<u32>,
}

impl Tree {
    /// Hangs every part of a first plan on the root: by the node that has something left, else by a
    /// source, whose arc to the root may be empty. Areas that ask for nothing take no part.
    pub(super) fn grow(start: &Start<'_>) -> Self {
        let areas = start.lacking.len();
        let root = areas + start.left.len();
        let small = |place: usize| u32::try_from(place).unwrap_or(NONE);
        let mut tree = Self {
            sources: small(areas),
            root: small(root),
            lack: start.lack,
            nodes: Column::of(BLANK, root + 1),
            kin: Column::of(ALONE, root + 1),
            prices: Column::of(0, root + 1),
            rest: vec![NONE; root + 1],
        };
        // Loads by node, as lists: the last of each node, and the one before it of either end.
        let mut last = Column::of(usize::MAX, root);
        let mut before = Column::of((usize::MAX, usize::MAX), start.loads.len());
        for (at, load) in start.loads.iter().enumerate() {
            let (source, area) = (areas + place(load.source), place(load.area));
            before.put(at, (last.at(source), last.at(area)));
            last.put(source, at);
            last.put(area, at);
        }
        let left = start.lacking.iter().chain(start.left).copied();
        let unmet = left.clone().enumerate().filter(|(_, units)| *units > 0);
        let rest = left.enumerate().skip(areas).filter(|(_, units)| *units == 0);
        let (mut open, mut hung) = (Vec::new(), Vec::new());
        for (node, units) in unmet.chain(rest) {
            if tree.nodes.at(node).parent != NONE {
                continue;
            }
            let kept = node.checked_sub(areas).and_then(|source| start.keep.get(source));
            let cost = kept.copied().unwrap_or(start.lack);
            tree.hang(small(node), tree.root, (cost, units));
            open.push(node);
            while let Some(node) = open.pop() {
                hung.push(small(node));
                let mut at = last.at(node);
                while let Some(load) = start.loads.get(at) {
                    let (of_source, of_area) = before.at(at);
                    let (source, area) = (areas + place(load.source), place(load.area));
                    let (other, earlier) =
                        if node == area { (source, of_area) } else { (area, of_source) };
                    if tree.nodes.at(other).parent == NONE {
                        tree.hang(small(other), small(node), (load.cost, load.units));
                        open.push(other);
                    }
                    at = earlier;
                }
            }
        }
        for node in hung.into_iter().rev() {
            let Node { parent, size, .. } = tree.node(node);
            tree.edit(parent, |parent| parent.size += size);
        }
        tree
    }

    fn hang(&mut self, node: u32, parent: u32, (cost, flow): (i64, i64)) {
        self.edit(node, |node| (node.cost, node.flow) = (cost, flow));
        self.adopt(parent, node);
        self.price_by_parent(node);
    }

    fn node(&self, node: u32) -> Node {
        self.nodes.at(place(node))
    }

    fn edit(&mut self, node: u32, change: impl FnOnce(&mut Node)) {
        self.nodes.edit(place(node), change);
    }

    fn kin(&self, node: u32) -> Kin {
        self.kin.at(place(node))
    }

    fn relate(&mut self, node: u32, change: impl FnOnce(&mut Kin)) {
        self.kin.edit(place(node), change);
    }

    fn is_area(&self, node: u32) -> bool {
        node < self.sources
    }

    fn is_source(&self, node: u32) -> bool {
        node >= self.sources && node < self.root
    }

    /// Prices are such that no arc of the tree costs or saves anything.
    fn price_by_parent(&mut self, node: u32) {
        let Node { parent, cost, .. } = self.node(node);
        let above = self.prices.at(place(parent));
        let price = if self.is_area(node) { above + cost } else { above - cost };
        self.prices.put(place(node), price);
    }

    /// What a unit at a source is worth.
    pub(super) fn source_price(&self, source: u32) -> i64 {
        let Node { parent, cost, .. } = self.node(self.sources + source);
        self.prices.at(place(parent)) - cost
    }

    /// What a unit is worth to each area.
    pub(super) fn area_prices(&self) -> &[i64] {
        self.prices.first(place(self.sources))
    }

    /// What a unit costs that an area lacks.
    pub(super) fn lack(&self) -> i64 {
        self.lack
    }

    /// What flows from sources to areas: source, area, cost of a unit, units.
    pub(super) fn flows(&self) -> impl Iterator<Item = Load> + '_ {
        let loaded = (0..self.root).map(|node| (node, self.node(node)));
        loaded.filter(|(_, one)| one.flow > 0 && one.parent < self.root).map(|(node, one)| Load {
            source: node.max(one.parent) - self.sources,
            area: node.min(one.parent),
            cost: one.cost,
            units: one.flow,
        })
    }

    /// Whether any area lacks anything.
    pub(super) fn lacks(&self) -> bool {
        (0..self.sources).any(|area| self.flows_by_root(area))
    }

    /// Whether any source keeps anything.
    pub(super) fn keeps(&self) -> bool {
        (self.sources..self.root).any(|source| self.flows_by_root(source))
    }

    fn flows_by_root(&self, node: u32) -> bool {
        let node = self.node(node);
        node.parent == self.root && node.flow > 0
    }

    /// Makes lacking cost so much.
    pub(super) fn raise_lack(&mut self, lack: i64) {
        self.lack = lack;
        let mut child = self.kin(self.root).child;
        while child != NONE {
            if self.is_area(child) {
                let more = lack - self.node(child).cost;
                self.edit(child, |node| node.cost = lack);
                self.reprice(child, more);
            }
            child = self.kin(child).next;
        }
    }

    /// Takes a way into the tree.
    pub(super) fn pivot(&mut self, source: u32, area: u32, cost: i64) {
        self.enter_source(self.sources + source, area, cost);
    }

    /// Lets a source keep something at this cost.
    pub(super) fn keep(&mut self, source: u32, cost: i64) {
        self.enter_source(self.sources + source, self.root, cost);
    }

    fn enter_source(&mut self, source: u32, to: u32, cost: i64) {
        // A leaf's own figures are not kept.
        self.price_by_parent(source);
        self.enter(source, to, cost);
    }

    /// Lets areas lack something where that saves anything; whether any does.
    pub(super) fn forgo(&mut self) -> bool {
        let mut any = false;
        for area in 0..self.sources {
            if self.prices.at(place(area)) > self.lack {
                self.enter(self.root, area, self.lack);
                any = true;
            }
        }
        any
    }

    /// Takes an arc into the tree; the last of the circle to run dry, seen from its top, leaves.
    fn enter(&mut self, from: u32, to: u32, cost: i64) {
        // Along the circle goods go down to `from`, over the way, and up from `to`: an arc loses
        // where it points the other way, above sources on one side and above areas on the other.
        let (mut left, mut right) = (from, to);
        let (mut on_left, mut on_right) = ((i64::MAX, NONE), (i64::MAX, NONE));
        let (mut one, mut other) = (self.node(left), self.node(right));
        while left != right {
            if one.size <= other.size {
                if !self.is_area(left) && one.flow < on_left.0 {
                    on_left = (one.flow, left);
                }
                left = one.parent;
                one = self.node(left);
            } else {
                if self.is_area(right) && other.flow <= on_right.0 {
                    on_right = (other.flow, right);
                }
                right = other.parent;
                other = self.node(right);
            }
        }
        let below_from = on_left.0 < on_right.0;
        let (step, leaving) = if below_from { on_left } else { on_right };
        if leaving == NONE {
            return;
        }
        // What its price lacks for the way to save nothing.
        let saved = cost + self.price(from) - self.price(to);
        let size = self.node(leaving).size;
        let (inner, outer, more) = if below_from { (from, to, -saved) } else { (to, from, saved) };
        self.shift((inner, left), (below_from, step), (leaving, -size));
        self.shift((outer, left), (!below_from, step), (NONE, size));
        self.regraft((inner, outer), leaving, (cost, step));
        self.reprice(inner, more);
    }

    /// Moves goods round on one side of the circle, up to its top. Nodes above `cut`, or all, have
    /// so many more below them.
    fn shift(
        &mut self,
        (mut node, top): (u32, u32),
        (below_from, step): (bool, i64),
        (cut, more): (u32, i32),
    ) {
        let mut grown = if cut == NONE { more } else { 0 };
        while node != top {
            let loses = self.is_area(node) != below_from;
            let change = if loses { -step } else { step };
            let parent = self.node(node).parent;
            self.edit(node, |node| {
                node.flow += change;
                node.size += grown;
            });
            if node == cut {
                grown = more;
            }
            node = parent;
        }
    }

    fn price(&self, node: u32) -> i64 {
        self.prices.at(place(node))
    }
}
