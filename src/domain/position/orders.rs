//! What has been received for the lines of procurement plans, issued for areas of events, and what
//! has gone from which depot for an event, and on which flights.
//!
//! Lives here: the fold of movements that name a plan's line or an event's area, and of their
//! reversals. Does not live here: whether a movement may name it (`posting`). Invariant: what a
//! reversal takes back is as if it had never been received or issued.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use rpds::RedBlackTreeMapSync;

use super::super::catalogue::Code;
use super::super::event::{Landing, Named, named_area};
use super::super::movement::{Account, Inside, Movement, Outside, Place};
use super::super::procurement::{PlanLine, ProcurementPlan, named_line};
use super::super::region::RegionCode;
use super::Position;

/// Base units by item.
type ByItem = BTreeMap<Code, i64>;

/// An event, and a depot, an owner and an item from which goods have gone for it.
type Drawn = (Code, Code, Code, Code);

/// An event, a landing, and the area where it is.
type Flight = (Code, Landing, RegionCode);

/// Base units by depot, owner and item that have gone for a flight, less what has come for it.
type Carried = BTreeMap<(Code, Code, Code), i64>;

const SUPPLIER: Account = Account::Outside(Outside::Supplier);

#[derive(Debug, Clone, Default)]
pub(super) struct Orders {
    /// Base units by plan and line.
    received: Arc<BTreeMap<(Code, u32), i64>>,
    /// By event and area.
    issued: Arc<BTreeMap<(Code, RegionCode), ByItem>>,
    /// Base units that have gone to people or to other depots, less what has come from other depots
    /// or back.
    gone: RedBlackTreeMapSync<Drawn, i64>,
    /// Flights for which anything has gone and not come back, to people or to other depots.
    flights: RedBlackTreeMapSync<Flight, Carried>,
}

impl Orders {
    fn add(&mut self, order_no: &str, quantity: i64) {
        if let Some(line) = named_line(order_no) {
            let sum = Arc::make_mut(&mut self.received).entry(line).or_default();
            *sum = sum.saturating_add(quantity);
        }
    }

    /// What goes from one account to another under the order number of an event's area.
    fn serve(&mut self, order_no: &str, item: &Code, (from, to): Ends<'_>, quantity: i64) {
        let Some(Named { event, area, landing }) = named_area(order_no) else { return };
        let issued = match (from, to) {
            (_, Account::Outside(Outside::Consumed)) => quantity,
            (Account::Outside(Outside::Consumed), _) => -quantity,
            (Account::Inside(_), Account::Inside(_)) => 0,
            _ => return,
        };
        for (side, sign) in [(from, 1), (to, -1)] {
            let Account::Inside(Inside { place: Place::Depot, depot, owner, .. }) = side else {
                continue;
            };
            let key = (event.clone(), depot.clone(), owner.clone(), item.clone());
            let before = self.gone.get(&key).copied().unwrap_or_default();
            self.gone.insert_mut(key, before.saturating_add(sign * quantity));
            if let Some(landing) = &landing {
                let flight = (event.clone(), landing.clone(), area);
                self.carry(flight, (depot, owner, item), sign * quantity);
            }
        }
        if issued != 0 {
            let items = Arc::make_mut(&mut self.issued).entry((event, area)).or_default();
            let sum = items.entry(item.clone()).or_default();
            *sum = sum.saturating_add(issued);
        }
    }

    fn carry(&mut self, flight: Flight, drawn: (&Code, &Code, &Code), quantity: i64) {
        let mut carried = self.flights.get(&flight).cloned().unwrap_or_default();
        let (depot, owner, item) = drawn;
        let key = (depot.clone(), owner.clone(), item.clone());
        let sum = carried.get(&key).copied().unwrap_or_default().saturating_add(quantity);
        if sum == 0 {
            carried.remove(&key);
        } else {
            carried.insert(key, sum);
        }
        if carried.is_empty() {
            self.flights.remove_mut(&flight);
        } else {
            self.flights.insert_mut(flight, carried);
        }
    }

    /// Folds one entry: what comes from a supplier is received and what people use up is issued;
    /// what goes back is not.
    pub(super) fn apply(&mut self, movement: &Movement) {
        let Some(order_no) = movement.paper.order_no.as_deref() else {
            return;
        };
        for line in &movement.lines {
            if line.from == SUPPLIER {
                self.add(order_no, line.quantity);
            } else if line.to == SUPPLIER {
                self.add(order_no, -line.quantity);
            } else {
                let ends = (&line.from, &line.to);
                self.serve(order_no, &line.lot.key.item, ends, line.quantity);
            }
        }
    }
}

/// Whence and where to.
pub type Ends<'a> = (&'a Account, &'a Account);

/// Base units by region and item.
pub type OnOrder = BTreeMap<(RegionCode, Code), i64>;

impl Position {
    /// Takes over what the stored book has received under an order number.
    pub fn load_received(&mut self, order_no: &str, quantity: i64) {
        self.orders.add(order_no, quantity);
    }

    /// Takes over what the stored book has moved under an order number.
    pub fn load_served(&mut self, order_no: &str, item: &Code, ends: Ends<'_>, quantity: i64) {
        self.orders.serve(order_no, item, ends, quantity);
    }

    /// Base units of an owner's item that have gone from a depot for an event, to people or to
    /// another depot, less what has come from other depots for it or back; negative where more has
    /// come.
    pub fn gone(&self, event: &Code, (depot, owner): (&Code, &Code), item: &Code) -> i64 {
        let key = (event.clone(), depot.clone(), owner.clone(), item.clone());
        self.orders.gone.get(&key).copied().unwrap_or_default()
    }

    /// Base units issued for an area of an event, by item.
    pub fn issued(&self, event: &Code, area: RegionCode) -> impl Iterator<Item = (&Code, i64)> {
        let items = self.orders.issued.get(&(event.clone(), area)).into_iter().flatten();
        items.map(|(item, units)| (item, (*units).max(0)))
    }

    /// Flights of a base that are booked for an event: their landings and where these are, the
    /// first to land first.
    pub fn flights(&self, event: &Code, base: &Code) -> Vec<(&Landing, RegionCode)> {
        let all = self.orders.flights.keys();
        let theirs = all.filter(|(of, landing, _)| of == event && landing.base == *base);
        theirs.map(|(_, landing, area)| (landing, *area)).collect()
    }

    /// Base units received for a line of a plan.
    pub fn received(&self, plan: &Code, line_no: u32) -> i64 {
        self.orders.received.get(&(plan.clone(), line_no)).copied().unwrap_or(0).max(0)
    }

    /// What committed plans have yet to receive, by their region and item.
    pub fn on_order(&self) -> OnOrder {
        self.on_order_where(|_| true)
    }

    /// The same of what is due from one day to another and still usable on that: what is overdue
    /// or has no day counts as never coming, as in a projection (§5.4).
    pub fn on_order_then(&self, from: NaiveDate, on: NaiveDate) -> OnOrder {
        self.on_order_where(|line| {
            let life = self.reference.items.by_code(line.item.as_str()).map(|item| item.life);
            let ends = |due| life.and_then(|life| life.ends(due));
            let due = line.due_on.filter(|due| (from..=on).contains(due));
            due.is_some_and(|due| ends(due).is_none_or(|last| on <= last))
        })
    }

    fn on_order_where(&self, counts: impl Fn(&PlanLine) -> bool) -> OnOrder {
        let mut found = OnOrder::new();
        let plans = self.reference.plans.iter().map(|(_, plan)| plan);
        for plan in plans.filter(|plan| plan.state.is_committed()) {
            for line in plan.lines.iter().filter(|line| counts(line)) {
                let sum = found.entry((plan.region, line.item.clone())).or_default();
                *sum = sum.saturating_add(self.outstanding(plan, line));
            }
        }
        found
    }

    /// Base units of a line that have not come.
    pub fn outstanding(&self, plan: &ProcurementPlan, line: &PlanLine) -> i64 {
        line.quantity.saturating_sub(self.received(&plan.code, line.line_no)).max(0)
    }
}
