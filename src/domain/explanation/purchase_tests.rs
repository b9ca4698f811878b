//! Tests of plan lines opened: their parts add up to the draft's figures on any stock.

use proptest::prelude::*;

use super::super::tests::{ON, PLACES, Stock, any_stock, arranged, find, total};
use super::*;
use crate::domain::calendar::add_days;
use crate::domain::fixture::*;
use crate::domain::purchasing::{Wanted, draft};
use crate::domain::reference::Record;

fn plan(position: &Position, place: &str, scope: PlanScope, growth: i64) -> ProcurementPlan {
    let asked = Wanted {
        region: find(position, place),
        scope,
        planned_on: day(ON),
        year_end: day("2021-12-31"),
        growth: BTreeMap::from([(code("QUILT"), growth)]),
        prices: BTreeMap::new(),
    };
    let drafted = draft(position, &asked);
    ProcurementPlan {
        code: code("P"),
        name: String::new(),
        region: region_code(place),
        year: 2021,
        scope,
        state: PlanState::Draft,
        budget_fen: None,
        planned_on: asked.planned_on,
        ledger_seq: position.head.seq,
        reference_rev: position.head.reference_rev,
        lines: drafted.lines,
        open_needs: drafted.open_needs,
    }
}

/// A plan of a place that orders quilts, due so many days after the plan's day, or on no day.
fn ordered(ix: usize, state: PlanState, quantity: i64, due: Option<i64>) -> Record {
    let due_on = due.map(|days| add_days(day(ON), days));
    let mut line = purchasing::line(
        &item("QUILT", None, crate::domain::catalogue::LifeKind::None, 0),
        Sums::default(),
        0,
        0,
        0,
    );
    (line.line_no, line.quantity, line.due_on) = (1, quantity, due_on);
    let mut other = plan(&world(), PLACES[ix % 5], PlanScope::Own, 0);
    (other.code, other.state, other.lines) = (code(&format!("O{ix}")), state, vec![line]);
    Record::Plan(other)
}

type Orders = Vec<(usize, i64, Option<i64>)>;

fn any_orders() -> impl Strategy<Value = Orders> {
    prop::collection::vec((0..4_usize, 1..500_i64, prop::option::of(0..100_i64)), 0..6)
}

fn world_of(targets: [Option<u16>; 5], stock: &Stock, orders: &Orders) -> Position {
    let record = |(ix, (state, quantity, due)): (usize, &(usize, i64, Option<i64>))| {
        ordered(ix, PlanState::ALL[*state], *quantity, *due)
    };
    with_records(&arranged(targets, stock), orders.iter().enumerate().map(record).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn parts_add_up_to_the_line_of_the_draft(
        targets in any::<[Option<u16>; 5]>(), stock in any_stock(), orders in any_orders(),
        growth in 0..100_i64,
    ) {
        let position = world_of(targets, &stock, &orders);
        let mut indexed = position.clone();
        indexed.keep_index(day(ON));
        for (place, scope) in PLACES.into_iter().flat_map(|p| PlanScope::ALL.map(|s| (p, s))) {
            let plan = plan(&position, place, scope, growth);
            for line in &plan.lines {
                let found = explain_purchase(&position, &plan, line).unwrap();
                prop_assert_eq!(&found.line, line);
                let by_index = explain_purchase(&indexed, &plan, line).unwrap();
                prop_assert_eq!(&by_index, &found);
                prop_assert_eq!(total(&found.counted), found.sums.effective);
                let of = |take: fn(&PlanAccount) -> i64| -> i64 {
                    found.accounts.iter().map(take).sum()
                };
                let target = |one: &PlanAccount| one.quota.as_ref().map_or(0, |it| it.target);
                prop_assert_eq!(of(target), found.sums.quota);
                prop_assert_eq!(of(|one| one.effective), found.sums.effective);
                prop_assert_eq!(of(|one| one.ending), found.ending);
                let ending: i64 = found.endings().map(|part| part.amount).sum();
                prop_assert_eq!(ending, found.ending);
                prop_assert_eq!(line.net_gap, (found.sums.quota - found.sums.effective).max(0));
                let coming = found.orders.iter().filter(|order| order.counts);
                let coming: i64 = coming.map(|order| order.outstanding).sum();
                prop_assert_eq!(coming, line.confirmed_inbound);
                let excluded: i64 = found.excluded_sums().iter().map(|sum| sum.amount).sum();
                prop_assert_eq!(total(&found.excluded), excluded);
            }
        }
    }
}

#[test]
fn the_plan_itself_brings_nothing_in() {
    let position = world_of([Some(500), None, None, None, None], &Vec::new(), &Vec::new());
    let mut own = plan(&position, "3713", PlanScope::Own, 0);
    own.state = PlanState::Approved;
    let position = with_records(&position, vec![Record::Plan(own.clone())]);
    let found = explain_purchase(&position, &own, &own.lines[0]).unwrap();
    assert_eq!((found.orders.len(), &found.line), (0, &own.lines[0]));
}

#[test]
fn what_regions_above_keep_here_stands_beside() {
    // Of its own, what ends today, on the last day of the year, and a day later.
    let stock = vec![(0, 5, 70, 400, 0), (0, 0, 10, 0, 0), (0, 0, 5, 51, 0), (0, 0, 3, 52, 0)];
    let position = world_of([Some(500), None, None, None, None], &stock, &Vec::new());
    let plan = plan(&position, "3713", PlanScope::Subtree, 0);
    let found = explain_purchase(&position, &plan, &plan.lines[0]).unwrap();
    let reasons: Vec<_> =
        found.excluded_sums().iter().map(|sum| (sum.reason, sum.amount)).collect();
    assert_eq!(reasons, [(Reason::OwnedAbove, 70)]);
    assert_eq!((found.sums.effective, found.ending, found.line.expiring), (18, 15, 15));
}

#[test]
fn the_price_is_of_the_accounts_newest_lot_at_it() {
    let mut position = world_of([Some(500), None, None, None, None], &Vec::new(), &Vec::new());
    for (lot_no, depot, price) in [("A", "D-3713", 80), ("B", "D-3713", 90), ("C", "D-371301", 90)]
    {
        let mut lot = lot(lot_no, "2030-01-01");
        lot.unit_price_fen = Some(price);
        receive(&mut position, depot, "QUILT", 10, lot);
    }
    let plan = plan(&position, "3713", PlanScope::Own, 0);
    assert_eq!(plan.lines[0].price, Some((90, PriceSource::NewestLot)));
    let lot_of = |line: &PlanLine| {
        let found = explain_purchase(&position, &plan, line).unwrap();
        found.priced_by.and_then(|lot| lot.key.lot_no.as_deref().map(str::to_string))
    };
    assert_eq!(lot_of(&plan.lines[0]).as_deref(), Some("B"), "C is the county's");
    let set = PlanLine { price: Some((90, PriceSource::Planner)), ..plan.lines[0].clone() };
    assert_eq!(lot_of(&set), None, "the planner has named it");
}
