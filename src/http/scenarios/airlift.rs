//! The movements that carry flights out, ready to post.
//!
//! Lives here: what each landing brings from each depot, named by base and minute. Does not
//! live here: the bodies themselves (`bodies`), which are those of goods that go by road.
//! Invariant: they draw on depots, and name bases, in the caller's region only.

use crate::domain::depot::Depot;
use crate::domain::event::{Landing, flight_no};
use crate::domain::helibase::Helibase;
use crate::domain::scenario::{Airload, FlightRow, LandingRow, Outcome};

use super::super::words::local;
use super::bodies::{Order, ScenarioOrder, Sending, by_way, straight};

/// One issue for each landing and depot.
pub(super) fn issues(
    order: &Order<'_>,
    outcome: &Outcome,
    names: &impl Fn(&Depot) -> bool,
    sees: &impl Fn(&Helibase) -> bool,
) -> Vec<ScenarioOrder> {
    straight(order, &sendings(order, outcome, names, sees))
}

/// The same by way of a depot in the area, where it has one; in the order of posting.
pub(super) fn orders(
    order: &Order<'_>,
    outcome: &Outcome,
    names: &impl Fn(&Depot) -> bool,
    sees: &impl Fn(&Helibase) -> bool,
) -> Vec<ScenarioOrder> {
    by_way(order, outcome, &sendings(order, outcome, names, sees))
}

/// What is flown from bases and depots that the caller sees: by area, base, landing and depot.
fn sendings<'a>(
    order: &Order<'_>,
    outcome: &'a Outcome,
    names: &impl Fn(&Depot) -> bool,
    sees: &impl Fn(&Helibase) -> bool,
) -> Vec<Sending<'a>> {
    let mut found = Vec::new();
    for row in outcome.flights.iter().filter(|row| sees(&row.base)) {
        for landing in &row.landings {
            let mut loads: Vec<&Airload> =
                landing.loads.iter().filter(|load| names(&load.depot)).collect();
            loads.sort_by(|a, b| a.depot.code.cmp(&b.depot.code));
            let together = loads.chunk_by(|a, b| a.depot.code == b.depot.code);
            found.extend(together.filter_map(|loads| sending(order, row, landing, loads)));
        }
    }
    found
}

fn sending<'a>(
    order: &Order<'_>,
    row: &'a FlightRow,
    landing: &LandingRow,
    loads: &[&'a Airload],
) -> Option<Sending<'a>> {
    let LandingRow { min, machines, .. } = *landing;
    let named = Landing { base: row.base.code.clone(), min, machines };
    let (code, name) = (&row.base.code, &row.base.name);
    let flights = if machines == 1 { "one flight" } else { "flights" };
    let count = if machines == 1 { String::new() } else { format!("{machines} ") };
    Some(Sending {
        depot: &loads.first()?.depot,
        region: &row.region,
        // Nothing that lies in an area is flown there.
        inside: false,
        order_no: order.event.map(|event| flight_no(event, &named, row.region.code)),
        note: Some(local(
            &format!("直升机运送: {code} {name},{machines}架次,开始后第{min}分钟降落"),
            &format!(
                "by helicopter: {code} {name}, {count}{flights}, landing {min} minutes after the \
                 start"
            ),
        )),
        goods: loads
            .iter()
            .map(|load| (&load.item.code, &load.owner.code, load.quantity))
            .collect(),
    })
}
