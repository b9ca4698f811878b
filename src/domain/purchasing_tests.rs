//! Tests of drafts: what must be replaced, whose accounts count, the order of lines.

use super::*;
use crate::domain::fixture::{code, day, lot, quota, receive, region_code, with_records, world};
use crate::domain::procurement::PlanState;
use crate::domain::procurement::ProcurementPlan;
use crate::domain::quota::Subject;
use crate::domain::reference::Record;
use uuid::Uuid;

fn at(position: &Position, region: &str) -> RegionIx {
    position.reference.regions.find(region_code(region)).unwrap()
}

fn wanted(position: &Position, region: &str, scope: PlanScope) -> Wanted {
    Wanted {
        region: at(position, region),
        scope,
        planned_on: day("2022-01-01"),
        year_end: day("2022-12-31"),
        growth: BTreeMap::new(),
        prices: BTreeMap::new(),
    }
}

/// Water of the city and a county: 100 and 60 due, 130 and 20 there, of which 50 and 5 end in 2022.
fn world_of_water() -> Position {
    let mut county = quota("371301", Subject::Item(code("WATER")), 60, 60);
    county.id = Uuid::from_u128(8);
    let city = quota("3713", Subject::Item(code("WATER")), 100, 100);
    let mut position = with_records(&world(), vec![Record::Quota(city), Record::Quota(county)]);
    for (depot, quantity, lot_no, until) in [
        ("D-3713", 50, "A", "2022-12-31"),
        ("D-3713", 80, "B", "2023-01-01"),
        ("D-371301", 5, "C", "2022-01-01"),
        ("D-371301", 15, "D", "2024-01-01"),
    ] {
        receive(&mut position, depot, "WATER", quantity, lot(lot_no, until));
    }
    position
}

fn figures(draft: &Draft) -> Vec<(String, i64, i64, i64)> {
    let row = |line: &PlanLine| (line.item.to_string(), line.net_gap, line.expiring, line.quantity);
    draft.lines.iter().map(row).collect()
}

#[test]
fn what_lies_above_the_quota_need_not_be_replaced() {
    let position = world_of_water();
    let own = draft(&position, &wanted(&position, "3713", PlanScope::Own));
    // 130 less 50 are 80: 20 of the 50 must be replaced.
    assert_eq!(figures(&own)[0].1, 0);
    assert_eq!(figures(&own)[0].2, 20);
    let county = draft(&position, &wanted(&position, "371301", PlanScope::Own));
    assert_eq!((figures(&county)[0].1, figures(&county)[0].2), (40, 5));
}

#[test]
fn a_subtree_first_redistributes() {
    let position = world_of_water();
    let all = draft(&position, &wanted(&position, "3713", PlanScope::Subtree));
    // 160 due, 150 there, 55 of them end.
    assert_eq!((figures(&all)[0].1, figures(&all)[0].2), (10, 55));
    assert_eq!(all.lines[0].quantity % all.lines[0].pack, 0);
}

#[test]
fn growth_is_added_and_what_is_on_its_way_taken_off() {
    let position = world_of_water();
    let mut asked = wanted(&position, "3713", PlanScope::Own);
    asked.growth.insert(code("WATER"), 100);
    asked.prices.insert(code("WATER"), 7);
    let line = draft(&position, &asked).lines[0].clone();
    assert_eq!((line.growth, line.price), (100, Some((7, PriceSource::Planner))));
    assert!(line.quantity >= 120 && line.quantity < 120 + line.pack);
    let mut due = line.clone();
    (due.quantity, due.due_on) = (96, Some(day("2022-12-31")));
    let plan = |state, line: &PlanLine| {
        Record::Plan(ProcurementPlan {
            code: code("P-1"),
            name: String::new(),
            region: region_code("3713"),
            year: 2022,
            scope: PlanScope::Own,
            state,
            budget_fen: None,
            planned_on: day("2022-01-01"),
            ledger_seq: 0,
            reference_rev: 0,
            lines: vec![line.clone()],
            open_needs: Vec::new(),
        })
    };
    let inbound = |state, line: &PlanLine| {
        let position = with_records(&position, vec![plan(state, line)]);
        draft(&position, &asked).lines[0].confirmed_inbound
    };
    assert_eq!(inbound(PlanState::Approved, &due), 96);
    assert_eq!(inbound(PlanState::Draft, &due), 0);
    assert_eq!(inbound(PlanState::Cancelled, &due), 0);
    due.due_on = Some(day("2023-01-01"));
    assert_eq!(inbound(PlanState::Ordered, &due), 0, "it comes after the year");
}
