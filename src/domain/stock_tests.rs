//! Tests of stock: what counts as what, and that every grouping shows the same goods.

use super::*;
use crate::domain::fixture::*;
use crate::domain::movement::{Condition, Inside, MovementType, Place};
use crate::domain::position::{Shard, StoredRun};

fn asked(group_by: GroupBy) -> Query {
    Query {
        region: None,
        depot: None,
        item: None,
        owner: None,
        function_class: None,
        on: day("2021-11-10"),
        group_by,
        tier: None,
    }
}

/// Water of three dates and a quarantined part in county 371301, quilts in a township, provincial
/// tents in the city.
fn stocked() -> Position {
    let mut position = world();
    for (lot_no, expires_on, quantity) in
        [("PAST", "2021-11-09", 5), ("LAST-DAY", "2021-11-10", 7), ("LATER", "2022-05-01", 11)]
    {
        let lot = lot(lot_no, expires_on);
        receive(&mut position, "D-371301", "WATER", quantity, lot);
    }
    let mut line = out("D-371301", "WATER", 3);
    line.lot = Some(lot("LATER", "2022-05-01"));
    line.to_condition = Some(Condition::Quarantine);
    let at = noon("2021-06-01");
    let change = draft(MovementType::ConditionChange, at, vec![line]);
    book(&mut position, &change, at).unwrap();
    let old = lot("OLD", "2021-03-01");
    receive(&mut position, "D-371301101", "QUILT", 40, old);
    let tents = lot("T", "2021-01-01");
    let owner = Some("O-37");
    receive_owned(&mut position, "D-3713", owner, "TENT", 9, tents);
    position
}

/// Goods on the way and lent out, which no movement books yet.
fn with_outside(mut position: Position) -> Position {
    for (place, quantity) in [(Place::Transit, 100), (Place::Loan, 1_000)] {
        let account = Inside {
            place,
            depot: code("D-371301"),
            owner: code("O-371301"),
            condition: Condition::Good,
        };
        let at = noon("2021-07-01");
        let run = StoredRun { account, rows: vec![(3, quantity, at)] };
        let (depot, more) = position.resolve(&run).unwrap();
        let mut rows = position.shard(depot).unwrap().rows().to_vec();
        rows.extend(more);
        position.load_shard(depot, Shard::of_rows(rows).unwrap()).unwrap();
    }
    position
}

#[test]
fn each_balance_counts_once_and_the_identity_holds() {
    let position = with_outside(stocked());
    let rows = stock(&position, &asked(GroupBy::Item));
    let codes: Vec<_> = rows.iter().map(|row| row.item.code.as_str()).collect();
    assert_eq!(codes, ["QUILT", "TENT", "WATER"]);
    assert_eq!(rows[0].figures.overdue_storage, 40);
    assert_eq!(rows[0].figures.effective, 0);
    assert_eq!(rows[0].figures.earliest_expiry, None);
    assert_eq!(rows[1].figures.effective, 9, "tents do not age");
    let expected = Figures {
        on_hand: 23,
        effective: 15,
        quarantine: 3,
        expired: 5,
        in_transit: 100,
        on_loan: 1_000,
        earliest_expiry: Some(day("2021-11-10")),
        last_occurred_at: Some(noon("2021-07-01")),
        ..Figures::default()
    };
    assert_eq!(rows[2].figures, expected);
}

#[test]
fn every_grouping_shows_the_same_goods() {
    let position = with_outside(stocked());
    let mut sums = Vec::new();
    for group_by in GroupBy::ALL {
        let mut sum = Figures::default();
        for row in stock(&position, &asked(group_by)) {
            let figures = &row.figures;
            let parts = figures.effective
                + figures.reserved
                + figures.expired
                + figures.overdue_storage
                + figures.damaged
                + figures.quarantine;
            assert_eq!(figures.on_hand, parts, "{group_by:?}");
            sum.merge(figures);
        }
        sums.push(sum);
    }
    assert!(sums.windows(2).all(|pair| pair[0] == pair[1]), "{sums:?}");
}

#[test]
fn rows_by_lot_tell_lots_and_conditions_in_one() {
    let rows = stock(&stocked(), &asked(GroupBy::Lot));
    let later = rows.iter().find(|row| {
        let lot = row.lot.as_ref().unwrap();
        lot.key.lot_no.as_deref() == Some("LATER")
    });
    let later = later.unwrap();
    assert_eq!(later.depot.as_ref().unwrap().code.as_str(), "D-371301");
    assert_eq!(later.owner.as_ref().unwrap().code.as_str(), "O-371301");
    assert_eq!((later.figures.effective, later.figures.quarantine), (8, 3));
    assert_eq!(rows.len(), 5);
}

#[test]
fn regions_are_rolled_up_to_a_tier_but_not_above_the_one_asked_for() {
    let position = stocked();
    let regions = |query: &Query| -> Vec<(String, String)> {
        let rows = stock(&position, query).into_iter();
        rows.map(|row| {
            let region = row.region.unwrap();
            (region.code.to_string(), row.item.code.to_string())
        })
        .collect()
    };
    let pair = |region: &str, item: &str| (region.to_string(), item.to_string());
    let county = Query { tier: Some(Tier::County), ..asked(GroupBy::Region) };
    let expected = [
        pair("371300000000", "TENT"),
        pair("371301000000", "QUILT"),
        pair("371301000000", "WATER"),
    ];
    assert_eq!(regions(&county), expected);
    let own = asked(GroupBy::Region);
    assert_eq!(regions(&own)[2], pair("371301101000", "QUILT"));
    let township = position.reference.regions.find(region_code("371301101")).unwrap();
    let inside = Query { region: Some(township), ..county };
    assert_eq!(regions(&inside), [pair("371301101000", "QUILT")]);
}

#[test]
fn filters_leave_out_what_is_not_asked() {
    let position = stocked();
    let reference = &position.reference;
    let count = |query: Query| stock(&position, &query).len();
    let all = asked(GroupBy::Lot);
    let water = reference.items.find("WATER");
    assert_eq!(count(Query { item: water, ..all }), 3);
    let owner = reference.organizations.find("O-37");
    assert_eq!(count(Query { owner, ..all }), 1);
    let depot = reference.depots.find("D-371301101");
    assert_eq!(count(Query { depot, ..all }), 1);
    let function_class = Some(FunctionClass::Rescue);
    assert_eq!(count(Query { function_class, ..all }), 0);
    let region = reference.regions.find(region_code("371302"));
    assert_eq!(count(Query { region, ..all }), 0);
    assert_eq!(count(Query { region, depot, ..all }), 0, "both at once");
}

#[test]
fn rows_of_nothing_are_left_out() {
    let mut position = stocked();
    let at = noon("2021-11-10");
    let mut line = out("D-3713", "TENT", 9);
    line.owner = Some(code("O-37"));
    let issue = draft(MovementType::Issue, at, vec![line]);
    book(&mut position, &issue, at).unwrap();
    let rows = stock(&position, &asked(GroupBy::Depot));
    assert!(rows.iter().all(|row| row.item.code.as_str() != "TENT"));
}
