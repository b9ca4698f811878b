//! Allocation: goods for areas that are struck together and compete for them, one need at a time.
//!
//! Lives here: the exact answer of §5.8: the fairest deliveries that are possible, who supplies
//! whom at the earliest, and a proof of every shortage. Does not live here: what lies where and how
//! long it takes (`scenario`). Invariant: every figure is a whole unit, and the same question has
//! the same answer.

mod column;
mod flow;
mod hand;
mod haste;
mod levels;
mod nearest;
mod reach;
mod rows;
mod simplex;
mod tree;

pub use haste::Haste;
pub use levels::Ask;
use levels::Block;
pub use reach::Reach;
use rows::Row;

/// A way by which a source reaches an area in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    pub source: usize,
    pub area: usize,
    /// When goods taken this way are in people's hands, in minutes.
    pub minutes: u32,
}

/// What is to be divided; places of sources and areas are their names.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub reach: &'a Reach,
    /// Units by source.
    pub supply: &'a [i64],
    /// What each area asks for.
    pub asks: &'a [Ask],
}

/// Goods on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipment {
    pub link: Link,
    pub units: i64,
}

/// A proof that no allocation does better: these areas ask for more than everything that can reach
/// any of them in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// Areas, by place.
    pub areas: Vec<usize>,
    /// All sources with anything that reach any of them, by place.
    pub sources: Vec<usize>,
    pub required: i64,
    pub reachable: i64,
}

impl Shortage {
    /// What is lacking, whoever decides.
    pub fn short(&self) -> i64 {
        self.required - self.reachable
    }
}

/// The allocation, with its proof.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Units by area.
    pub delivered: Vec<i64>,
    /// By source and area.
    pub shipments: Vec<Shipment>,
    /// One for each group of areas that is bound together, the worst served of the first class
    /// first.
    pub shortages: Vec<Shortage>,
    /// How quick it is, and how quick any plan with these deliveries could be.
    pub haste: Haste,
}

/// Divides what there is: smaller classes first, within a class the smallest share as large as
/// possible, then the next; then the earliest total arrival, then lower ranks.
pub fn allocate(question: Question<'_>) -> Plan {
    allocate_while(question, &mut || true)
}

/// The same as long as `go_on` says so, which is asked once in a while. Deliveries and proofs are
/// always whole; the search for the quickest plan is what ends early, with a proof of how good the
/// plan is that it came to.
pub fn allocate_while(question: Question<'_>, go_on: &mut dyn FnMut() -> bool) -> Plan {
    let shares = levels::divide(question);
    let shortages = prove(question, &shares.blocks);
    let (shipments, haste) = ship(question, &shares.delivered, go_on);
    Plan { shipments, delivered: shares.delivered, shortages, haste }
}

/// Units by area as [`allocate`] has them, without telling who supplies whom.
pub fn divide(question: Question<'_>) -> Vec<i64> {
    levels::divide(question).delivered
}

/// The greatest total there is at the earliest total arrival, whoever goes without.
pub fn hasten(question: Question<'_>) -> Vec<Shipment> {
    let asked: Vec<i64> = question.asks.iter().map(|ask| ask.units.max(0)).collect();
    let found = simplex::least_cost(question.reach, question.supply, &asked, &mut || true);
    shipments(&found.sent)
}

/// The least-time plan for what each area gets, which is known to be possible.
fn ship(
    question: Question<'_>,
    delivered: &[i64],
    go_on: &mut dyn FnMut() -> bool,
) -> (Vec<Shipment>, Haste) {
    let Question { reach, supply, .. } = question;
    let found = simplex::least_cost(reach, supply, delivered, go_on);
    let brought: i64 = found.sent.iter().map(|sent| sent.units).sum();
    let sent = if brought == delivered.iter().sum::<i64>() {
        found.sent
    } else {
        haste::rough(question, delivered)
    };
    let minutes = haste::minutes(&sent);
    if found.finished {
        return (shipments(&sent), Haste { minutes, least: minutes, prices: found.prices });
    }
    // Prices on the way to something far apart prove little, so they are also tried without.
    let longest = i64::from(reach.longest());
    let capped = found.prices.iter().map(|price| (*price).min(longest)).collect();
    let nearest = haste::nearest(reach, supply, delivered.len());
    let proofs = [found.prices, capped, nearest].into_iter();
    let best = proofs.map(|prices| (haste::bound(reach, supply, delivered, &prices), prices)).max();
    let (least, prices) = best.unwrap_or_default();
    (shipments(&sent), Haste { minutes, least, prices })
}

fn shipments(sent: &[simplex::Sent]) -> Vec<Shipment> {
    let shipment = |sent: &simplex::Sent| Shipment {
        link: Link { source: sent.source, area: sent.area, minutes: sent.minutes },
        units: sent.units,
    };
    sent.iter().map(shipment).collect()
}

/// For every block the areas that it is short with: its own, and those of other blocks whose
/// sources reach them.
fn prove(question: Question<'_>, blocks: &[Block]) -> Vec<Shortage> {
    let rows = question.reach.classes();
    let mut owner = vec![None; rows.len()];
    for (place, block) in blocks.iter().enumerate() {
        for group in &block.groups {
            if let Some(owner) = owner.get_mut(*group) {
                *owner = Some(place);
            }
        }
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    for (source, units) in question.supply.iter().enumerate() {
        let class = question.reach.class_of(source).filter(|_| *units > 0);
        if let Some(members) = class.and_then(|class| members.get_mut(class)) {
            members.push(source);
        }
    }
    let mut shortages = Vec::new();
    for place in 0..blocks.len() {
        let joined = joined(rows, blocks, &owner, place, question.asks.len());
        let blocks = || joined.iter().filter_map(|place| blocks.get(*place));
        let mut areas: Vec<usize> =
            blocks().flat_map(|block| block.areas.iter().chain(&block.earlier)).copied().collect();
        let groups = blocks().flat_map(|block| &block.groups);
        let mut sources: Vec<usize> =
            groups.filter_map(|group| members.get(*group)).flatten().copied().collect();
        for places in [&mut areas, &mut sources] {
            places.sort_unstable();
            places.dedup();
        }
        let asked = |area: &usize| question.asks.get(*area).map_or(0, |ask| ask.units);
        let held = |source: &usize| question.supply.get(*source).copied().unwrap_or_default();
        shortages.push(Shortage {
            required: areas.iter().map(asked).sum(),
            reachable: sources.iter().map(held).sum(),
            areas,
            sources,
        });
    }
    shortages
}

/// A block and all others whose sources reach its areas, and theirs in turn.
fn joined(
    rows: &[Row],
    blocks: &[Block],
    owner: &[Option<usize>],
    first: usize,
    room: usize,
) -> Vec<usize> {
    let (mut joined, mut next) = (vec![first], 0);
    while let Some(block) = joined.get(next).and_then(|place| blocks.get(*place)) {
        let areas = Row::from(block.areas.iter().chain(&block.earlier).copied(), room);
        for (row, owner) in rows.iter().zip(owner) {
            if let Some(owner) = owner.filter(|owner| !joined.contains(owner) && row.meets(&areas))
            {
                joined.push(owner);
            }
        }
        next += 1;
    }
    joined
}

#[cfg(test)]
mod haste_tests;
#[cfg(test)]
mod law_tests;
#[cfg(test)]
mod tests;
