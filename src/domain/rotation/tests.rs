//! Tests of rotation: the due list's bounds, and the worked projection by number.

use super::*;
use crate::domain::fixture::*;
use crate::domain::quantity::Ratio;
use crate::domain::reference::Record;
use crate::domain::refusal::FaultCode;

fn at(position: &Position, region: &str) -> RegionIx {
    position.reference.regions.find(region_code(region)).unwrap()
}

fn due_lots(position: &Position, on: &str, within_days: u32) -> Vec<(String, Status)> {
    let query = Query { region: at(position, "3713"), within_days, on: day(on) };
    due(position, &query)
        .into_iter()
        .map(|row| (row.lot.key.lot_no.as_deref().unwrap().to_string(), row.status))
        .collect()
}

#[test]
fn status_follows_the_last_usable_day_and_the_lead() {
    let mut position = world();
    let end = "2022-12-31";
    receive(&mut position, "D-371301", "QUILT", 10, lot("A", end));
    let status = |on: &str| due_lots(&position, on, 10_000).pop().map(|(_, status)| status);
    // The lead is 120 days: due on 2022-09-02, announced 90 days before, on 2022-06-04.
    assert_eq!(status("2022-06-03"), None);
    assert_eq!(status("2022-06-04"), Some(Status::DueSoon));
    assert_eq!(status("2022-09-01"), Some(Status::DueSoon));
    assert_eq!(status("2022-09-02"), Some(Status::Due));
    assert_eq!(status(end), Some(Status::Due), "the last day is usable");
    assert_eq!(status("2023-01-01"), Some(Status::Overdue));
}

#[test]
fn an_item_names_when_its_lots_are_announced() {
    let mut position = world();
    receive(&mut position, "D-371301", "QUILT", 10, lot("A", "2022-12-31"));
    let mut quilt = (**position.reference.items.by_code("QUILT").unwrap()).clone();
    quilt.life.notice_days = Some(10);
    let position = with_records(&position, vec![Record::Item(quilt)]);
    let status = |on: &str| due_lots(&position, on, 10_000).pop().map(|(_, status)| status);
    assert_eq!(status("2022-08-22"), None);
    assert_eq!(status("2022-08-23"), Some(Status::DueSoon));
    assert_eq!(status("2022-09-02"), Some(Status::Due));
}

#[test]
fn the_list_holds_good_stock_of_the_region_within_the_window() {
    let mut position = world();
    let lots = [
        ("D-371301", "LATE", "2022-04-20"),
        ("D-371302", "SOON", "2022-01-20"),
        ("D-371301101", "PAST", "2021-01-20"),
        ("D-3713", "FAR", "2029-01-20"),
    ];
    for (depot, lot_no, expires_on) in lots {
        receive(&mut position, depot, "WATER", 10, lot(lot_no, expires_on));
    }
    receive(&mut position, "D-3713", "TENT", 10, lot("TENT", "2021-06-01"));
    let on = "2022-01-01";
    let expected = [
        ("PAST".to_string(), Status::Overdue),
        ("SOON".to_string(), Status::Due),
        ("LATE".to_string(), Status::Due),
    ];
    assert_eq!(due_lots(&position, on, 365), expected);
    assert_eq!(due_lots(&position, on, 30), expected[..2]);
    assert_eq!(due_lots(&position, on, 0), expected[..1]);
    let county = Query { region: at(&position, "371301"), within_days: 365, on: day(on) };
    assert_eq!(due(&position, &county).len(), 2);
}

#[test]
fn damaged_and_issued_goods_are_not_due() {
    use crate::domain::movement::MovementType;
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 10, lot("A", "2022-01-20"));
    let now = noon("2021-12-01");
    let mut line = out("D-3713", "WATER", 4);
    line.to_condition = Some(Condition::Damaged);
    let damage = draft(MovementType::ConditionChange, now, vec![line]);
    book(&mut position, &damage, now).unwrap();
    let query = Query { region: at(&position, "3713"), within_days: 60, on: day("2021-12-01") };
    assert_eq!(due(&position, &query)[0].quantity, 6);
    let line = out("D-3713", "WATER", 6);
    let issue = draft(MovementType::Issue, now, vec![line]);
    book(&mut position, &issue, now).unwrap();
    assert_eq!(due(&position, &query), []);
}

/// The lots of domain.md 5.4.
fn holdings() -> Vec<Holding> {
    let lots = [(400, "2022-03-01"), (500, "2022-06-01"), (300, "2023-01-01")];
    let holding =
        |(quantity, last)| Holding { lot_id: None, quantity, last_usable_on: Some(day(last)) };
    lots.map(holding).to_vec()
}

fn projected(planned: &[(&str, i64)]) -> Balance {
    let planned: Vec<_> = planned.iter().map(|(on, q)| (day(on), *q)).collect();
    let standard = Standard { target: 1_000, floor: 1_000, from: day("2020-01-01"), to: None };
    let period = (day("2022-01-01"), day("2023-01-31"));
    project(&holdings(), &planned, &[standard], period).unwrap()
}

fn steps(balance: &Balance) -> Vec<(String, i64)> {
    let steps = balance.steps.iter();
    steps.map(|s| (s.on.to_string(), s.effective)).collect()
}

fn dated(steps: &[(&str, i64)]) -> Vec<(String, i64)> {
    steps.iter().map(|(on, q)| (on.to_string(), *q)).collect()
}

#[test]
fn the_worked_plan_breaches_twice() {
    let balance = projected(&[("2022-02-15", 200), ("2022-07-01", 500)]);
    let expected = dated(&[
        ("2022-01-01", 1_200),
        ("2022-02-15", 1_400),
        ("2022-03-02", 1_000),
        ("2022-06-02", 500),
        ("2022-07-01", 1_000),
        ("2023-01-02", 700),
    ]);
    assert_eq!(steps(&balance), expected);
    assert!(!balance.balanced);
    assert_eq!(balance.first_breach_on, Some(day("2022-06-02")));
    assert_eq!(balance.breach_days, 29 + 30);
    assert_eq!(balance.min_ratio, Some(Ratio(5_000)));
    assert_eq!((balance.floor, balance.quota), (1_000, 1_000));
}

#[test]
fn the_repaired_plan_is_balanced() {
    let balance = projected(&[("2022-02-15", 200), ("2022-06-01", 500), ("2023-01-01", 300)]);
    assert!(balance.balanced);
    assert_eq!((balance.first_breach_on, balance.breach_days), (None, 0));
    assert_eq!(balance.min_ratio, Some(Ratio::ONE));
    let least = balance.steps.iter().map(|step| step.effective).min();
    assert_eq!(least, Some(1_000));
}

#[test]
fn goods_coming_and_going_on_one_day_count_together() {
    let plan = [
        ("2022-02-15", 200),
        ("2022-06-02", 500),
        ("2022-06-02", -100),
        ("2022-06-02", 100),
        ("2023-01-02", 300),
    ];
    assert!(projected(&plan).balanced);
    let emptied = projected(&[("2022-01-10", -5_000)]);
    assert_eq!(emptied.steps[1].effective, 0, "never below nothing");
}

#[test]
fn the_balance_reads_the_account_and_its_quotas() {
    use crate::domain::quota::Subject;
    let mut first = quota("371301", Subject::Item(code("WATER")), 100, 80);
    first.effective_to = Some(day("2022-03-31"));
    let mut second = quota("371301", Subject::Item(code("WATER")), 50, 40);
    second.id = uuid::Uuid::from_u128(7);
    second.effective_from = day("2022-04-01");
    let quotas = vec![Record::Quota(first), Record::Quota(second)];
    let mut position = with_records(&world(), quotas);
    receive(&mut position, "D-371301", "WATER", 60, lot("A", "2022-02-28"));
    let (owner, later) = (Some("O-371301"), lot("B", "2022-12-31"));
    receive_owned(&mut position, "D-371302", owner, "WATER", 40, later);
    let foreign = lot("C", "2022-12-31");
    receive_owned(&mut position, "D-371301", Some("O-37"), "WATER", 900, foreign);
    let item = position.reference.items.find("WATER").unwrap();
    let period = (day("2022-01-01"), day("2022-12-31"));
    let region = at(&position, "371301");
    let found = balance(&position, region, item, period, &[]).unwrap();
    let step = |on: &str, effective, floor, quota| Step { on: day(on), effective, floor, quota };
    let expected = [
        step("2022-01-01", 100, 80, 100),
        step("2022-03-01", 40, 80, 100),
        step("2022-04-01", 40, 40, 50),
    ];
    assert_eq!(found.steps, expected);
    assert_eq!(found.breach_days, 31);
    assert_eq!(found.min_ratio, Some(Ratio(4_000)));
}

#[test]
fn periods_that_cannot_be_are_refused_by_name() {
    let refused = |from: &str, to: &str| {
        let fault = project(&[], &[], &[], (day(from), day(to))).unwrap_err();
        assert_eq!(fault.pointer, "to");
        fault.code
    };
    assert_eq!(refused("2022-01-02", "2022-01-01"), FaultCode::DateOrder);
    assert_eq!(refused("2022-01-01", "2072-01-02"), FaultCode::OutOfRange);
    let day_long = project(&[], &[], &[], (day("2022-01-01"), day("2022-01-01"))).unwrap();
    assert!(day_long.balanced && day_long.min_ratio.is_none());
    assert!(project(&[], &[], &[], (day("2022-01-01"), day("2072-01-01"))).is_ok());
}
