//! What must hold of every division, whatever its size, and what a change may do to it.
//!
//! Lives here: proofs of fairness and of speed by looking for an exchange that would do better, and
//! laws about changed questions. Does not live here: answers known beforehand (`tests`). Invariant:
//! no check asks the solver how it came to its answer.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests::{Case, ask, link, questions};
use super::*;

/// Units by source and area.
fn sent(shipments: &[Shipment]) -> BTreeMap<(usize, usize), i64> {
    shipments.iter().map(|one| ((one.link.source, one.link.area), one.units)).collect()
}

/// Areas that could give a unit to an area, one source changing its mind after the other; `None` if
/// a source on the way has a unit left, so that nobody need give.
fn could_give(case: &Case, plan: &Plan, area: usize) -> Option<Vec<bool>> {
    let sent = sent(&plan.shipments);
    let kept = |source: usize| {
        let gone: i64 = (0..case.asks.len()).filter_map(|to| sent.get(&(source, to))).sum();
        case.supply[source] - gone
    };
    let (mut givers, mut open) = (vec![false; case.asks.len()], vec![area]);
    givers[area] = true;
    while let Some(area) = open.pop() {
        for way in case.links.iter().filter(|way| way.area == area) {
            if kept(way.source) > 0 {
                return None;
            }
            for (other, gives) in givers.iter_mut().enumerate() {
                if !*gives && sent.get(&(way.source, other)).is_some_and(|units| *units > 0) {
                    *gives = true;
                    open.push(other);
                }
            }
        }
    }
    Some(givers)
}

/// No unit could be had for an area that lacks one, but from an area that would then be worse off,
/// or that comes before it. Shares are cut to whole units, so a unit is no difference.
fn assert_fair(case: &Case, plan: &Plan) {
    for (area, asked) in case.asks.iter().enumerate() {
        let got = plan.delivered[area];
        if got >= asked.units {
            continue;
        }
        let givers = could_give(case, plan, area).expect("nothing is left that could reach it");
        for (other, theirs) in case.asks.iter().enumerate().filter(|(other, _)| givers[*other]) {
            assert!(theirs.class <= asked.class, "{other} comes after {area}");
            let after = i128::from(plan.delivered[other] - 1) * i128::from(asked.units);
            let fair = after <= i128::from(got + 1) * i128::from(theirs.units);
            assert!(theirs.class < asked.class || fair, "{other} could give to {area}");
        }
    }
}

/// No circle of changes brings the same to everybody in less time, or as quickly from lower ranks
/// (Bellman-Ford finds none that saves).
fn assert_quickest(case: &Case, shipments: &[Shipment]) {
    let (sources, areas) = (case.supply.len(), case.asks.len());
    let sent = sent(shipments);
    let mut arcs: Vec<(usize, usize, (i64, i64))> = Vec::new();
    for way in &case.links {
        let cost = (i64::from(way.minutes), i64::from(case.rank(way.source)));
        arcs.push((way.source, sources + way.area, cost));
        if sent.get(&(way.source, way.area)).is_some_and(|units| *units > 0) {
            arcs.push((sources + way.area, way.source, (-cost.0, -cost.1)));
        }
    }
    for (source, held) in case.supply.iter().enumerate() {
        let gone: i64 = (0..areas).filter_map(|to| sent.get(&(source, to))).sum();
        // What one source keeps more, another sends more.
        arcs.push((source, sources + areas, (0, 0)));
        if gone < *held {
            arcs.push((sources + areas, source, (0, 0)));
        }
    }
    let mut best = vec![(0_i64, 0_i64); sources + areas + 1];
    for round in 0..=best.len() {
        let mut changed = false;
        for (from, to, cost) in &arcs {
            let through = (best[*from].0 + cost.0, best[*from].1 + cost.1);
            if through < best[*to] {
                (best[*to], changed) = (through, true);
            }
        }
        if !changed {
            return;
        }
        assert!(round < best.len(), "a circle would save time");
    }
}

fn minutes(shipments: &[Shipment]) -> i64 {
    shipments.iter().map(|one| i64::from(one.link.minutes) * one.units).sum()
}

/// Questions of some hundred ways, with ranks.
pub(super) fn medium() -> impl Strategy<Value = Case> {
    let size = (20_usize..60, 8_usize..24, 1_i64..400);
    size.prop_flat_map(|(sources, areas, plenty)| {
        let supply = prop::collection::vec((0_i64..plenty, 0_u8..5), sources);
        let asks = prop::collection::vec((0_i64..600, 0_u32..2), areas);
        let ways = prop::collection::vec(prop::option::weighted(0.4, 1_u32..60), sources * areas);
        (supply, asks, ways).prop_map(move |(supply, asks, ways)| Case {
            supply: supply.iter().map(|(units, _)| *units).collect(),
            ranks: supply.iter().map(|(_, rank)| *rank).collect(),
            asks: asks.into_iter().map(|(units, class)| ask(units, class)).collect(),
            links: (ways.into_iter().enumerate())
                .filter_map(|(at, minutes)| Some(link(at / areas, at % areas, minutes?)))
                .collect(),
        })
    })
}

#[test]
fn between_equal_times_the_lower_rank_gives() {
    let case = Case {
        supply: vec![10, 10],
        ranks: vec![4, 0],
        asks: vec![ask(10, 0)],
        links: vec![link(0, 0, 90), link(1, 0, 90)],
    };
    let plan = case.ask(allocate);
    assert_eq!((plan.shipments[0].link.source, plan.shipments[0].units), (1, 10));
    // Three hundred units of the highest rank weigh less than one minute.
    let far = Case { supply: vec![300, 300], asks: vec![ask(300, 0)], ..case };
    let far = Case { links: vec![link(0, 0, 90), link(1, 0, 91)], ..far };
    assert_eq!(far.ask(allocate).shipments[0].link.source, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn medium_questions_are_divided_fairly_and_quickly(case in medium()) {
        let plan = case.ask(allocate);
        assert_fair(&case, &plan);
        assert_quickest(&case, &plan.shipments);
        let quickest = case.ask(hasten);
        let most: i64 = plan.delivered.iter().sum();
        if case.asks.iter().all(|ask| ask.class == 0) {
            prop_assert_eq!(quickest.iter().map(|one| one.units).sum::<i64>(), most);
        }
        prop_assert!(minutes(&quickest) <= minutes(&plan.shipments));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_way_more_brings_no_less_and_one_less_no_more(case in questions(), at in 0_usize..20) {
        prop_assume!(!case.links.is_empty());
        let mut closed = case.clone();
        let gone = closed.links.remove(at % case.links.len());
        let (open, closed) = (case.ask(allocate), closed.ask(allocate));
        let total = |plan: &Plan| plan.delivered.iter().sum::<i64>();
        prop_assert!(total(&open) >= total(&closed));
        prop_assert!(closed.shipments.iter().all(|one| one.link != gone));
    }

    #[test]
    fn a_longer_deadline_brings_nobody_first_served_less_and_no_less_in_all(
        case in questions(),
        limit in 1_u32..40,
        longer in 0_u32..20,
    ) {
        let by = |limit: u32| {
            let mut case = case.clone();
            case.links.retain(|way| way.minutes <= limit);
            case.ask(allocate)
        };
        let (soon, late) = (by(limit), by(limit + longer));
        for class in 0..2 {
            let total = |plan: &Plan| -> i64 {
                let rows = plan.delivered.iter().zip(&case.asks);
                rows.filter(|(_, ask)| ask.class <= class).map(|(units, _)| units).sum()
            };
            prop_assert!(total(&late) >= total(&soon));
        }
        // Whoever stands worst of those served first stands no worse, but for a cut to whole units.
        let worst = |plan: &Plan| {
            let rows = plan.delivered.iter().zip(&case.asks);
            let first = rows.filter(|(_, ask)| ask.class == 0 && ask.units > 0);
            first.map(|(units, ask)| (*units, ask.units)).collect::<Vec<_>>()
        };
        let least = |rows: &[(i64, i64)], more: i64| {
            let part = |(units, asked): &(i64, i64)| (units + more).min(*asked) * 55_440 / asked;
            rows.iter().map(part).min()
        };
        prop_assert!(least(&worst(&late), 1) >= least(&worst(&soon), 0));
        prop_assert!(late.shipments.iter().all(|one| one.link.minutes <= limit + longer));
    }

    #[test]
    fn nearer_stock_changes_no_share_and_costs_no_time(case in questions(), at in 0_usize..20) {
        prop_assume!(!case.links.is_empty());
        let mut nearer = case.clone();
        let at = at % case.links.len();
        nearer.links[at].minutes /= 2;
        let (far, near) = (case.ask(allocate), nearer.ask(allocate));
        prop_assert_eq!(&far.delivered, &near.delivered);
        prop_assert!(minutes(&near.shipments) <= minutes(&far.shipments));
    }

    #[test]
    fn an_area_in_two_parts_gets_what_it_got_whole(
        case in questions(),
        at in 0_usize..4,
        part in 0_i64..12,
    ) {
        let area = at % case.asks.len();
        let mut split = case.clone();
        let part = part.min(case.asks[area].units);
        split.asks[area].units -= part;
        split.asks.push(ask(part, case.asks[area].class));
        let theirs = case.links.iter().filter(|way| way.area == area);
        split.links.extend(theirs.map(|way| link(way.source, case.asks.len(), way.minutes)));
        let (whole, parts) = (case.ask(divide), split.ask(divide));
        prop_assert_eq!(whole.iter().sum::<i64>(), parts.iter().sum::<i64>());
        let together = parts[area] + parts[case.asks.len()];
        prop_assert!((together - whole[area]).abs() <= 2, "{} not {}", together, whole[area]);
    }

    #[test]
    fn the_order_of_rows_changes_neither_total_nor_proofs(case in questions(), turn in 1_usize..4) {
        let areas = case.asks.len();
        let moved = |area: usize| (area + turn) % areas;
        let mut turned = case.clone();
        for (area, ask) in case.asks.iter().enumerate() {
            turned.asks[moved(area)] = *ask;
        }
        turned.links.iter_mut().for_each(|way| way.area = moved(way.area));
        turned.links.reverse();
        let (plain, turned) = (case.ask(allocate), turned.ask(allocate));
        let total = |plan: &Plan| plan.delivered.iter().sum::<i64>();
        prop_assert_eq!(total(&plain), total(&turned));
        let proofs = |plan: &Plan| {
            let mut short: Vec<i64> = plan.shortages.iter().map(Shortage::short).collect();
            short.sort_unstable();
            short
        };
        prop_assert_eq!(proofs(&plain), proofs(&turned));
    }
}
