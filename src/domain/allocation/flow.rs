//! The largest flow from supplies to demands, and the cut that bounds it.
//!
//! Lives here: blocking flows along shortest paths (Dinic). Does not live here: what flows where in
//! the least time (`simplex`). Invariant: the flow kept is feasible at every moment, so raising a
//! capacity needs no new start.

use std::collections::VecDeque;

use super::column::Column;

/// No arc, no node.
const NONE: usize = usize::MAX;

/// A network of arcs in pairs: an arc and its way back stand at places that differ in the last bit.
#[derive(Debug, Clone, Default)]
pub(super) struct Network {
    first: Column<usize>,
    next: Column<usize>,
    to: Column<usize>,
    left: Column<i128>,
}

impl Network {
    pub(super) fn of(nodes: usize) -> Self {
        Self { first: Column::of(NONE, nodes), ..Self::default() }
    }

    /// Adds an arc; its place.
    pub(super) fn arc(&mut self, from: usize, to: usize, capacity: i128) -> usize {
        let place = self.half(from, to, capacity);
        self.half(to, from, 0);
        place
    }

    fn half(&mut self, from: usize, to: usize, capacity: i128) -> usize {
        self.next.push(self.first.at(from));
        self.to.push(to);
        let place = self.left.push(capacity);
        self.first.put(from, place);
        place
    }

    /// What flows through an arc.
    pub(super) fn flow(&self, arc: usize) -> i128 {
        self.left.at(arc ^ 1)
    }

    /// Lets more through an arc, or less of what it does not use.
    pub(super) fn widen(&mut self, arc: usize, by: i128) {
        self.left.put(arc, self.left.at(arc) + by);
    }

    /// Sends as much more as can be sent; how much that is.
    pub(super) fn augment(&mut self, source: usize, sink: usize) -> i128 {
        let mut sent = 0;
        loop {
            let depth = self.depths(source);
            if depth.at(sink) == NONE {
                return sent;
            }
            let mut current = self.first.clone();
            loop {
                let step = self.push(source, sink, &depth, &mut current);
                if step == 0 {
                    break;
                }
                sent += step;
            }
        }
    }

    /// Arcs from the source to each node along what is left; `NONE` where nothing more can come.
    fn depths(&self, source: usize) -> Column<usize> {
        let mut depth = Column::of(NONE, self.first.len());
        depth.put(source, 0);
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            let mut arc = self.first.at(node);
            while arc != NONE {
                let to = self.to.at(arc);
                if self.left.at(arc) > 0 && depth.at(to) == NONE {
                    depth.put(to, depth.at(node) + 1);
                    queue.push_back(to);
                }
                arc = self.next.at(arc);
            }
        }
        depth
    }

    /// One path of the layered network, found without recursion.
    fn push(
        &mut self,
        source: usize,
        sink: usize,
        depth: &Column<usize>,
        current: &mut Column<usize>,
    ) -> i128 {
        let mut path: Vec<usize> = Vec::new();
        let mut node = source;
        while node != sink {
            let arc = current.at(node);
            if arc == NONE {
                let Some(back) = path.pop() else { return 0 };
                node = self.to.at(back ^ 1);
                current.put(node, self.next.at(back));
                continue;
            }
            let to = self.to.at(arc);
            if self.left.at(arc) > 0 && depth.at(to) == depth.at(node) + 1 {
                path.push(arc);
                node = to;
            } else {
                current.put(node, self.next.at(arc));
            }
        }
        let step = path.iter().map(|arc| self.left.at(*arc)).min().unwrap_or(0);
        for arc in path {
            self.widen(arc, -step);
            self.widen(arc ^ 1, step);
        }
        step
    }

    /// The nodes to which more could still come: the source's side of the least cut nearest to it.
    pub(super) fn reached(&self, source: usize) -> Vec<bool> {
        let depth = self.depths(source);
        (0..depth.len()).map(|node| depth.at(node) != NONE).collect()
    }
}
