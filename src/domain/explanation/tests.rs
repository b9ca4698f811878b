//! Tests of explanations: the worked examples by number, and that parts add up to their figure.

use proptest::prelude::*;

use super::*;
use crate::domain::calendar::add_days;
use crate::domain::fixture::*;
use crate::domain::movement::{Condition, MovementType};
use crate::domain::quota::Subject;
use crate::domain::reference::Record;
use crate::domain::rotation::Status;

pub(super) const ON: &str = "2021-11-10";
/// City, counties A and B, A's towns.
pub(super) const PLACES: [&str; 5] = ["3713", "371301", "371302", "371301101", "371301102"];

fn quilts(place: &str, target: i64) -> Record {
    Record::Quota(quota(place, Subject::Item(code("QUILT")), target, target / 2))
}

pub(super) fn find(position: &Position, place: &str) -> RegionIx {
    position.reference.regions.find(region_code(place)).unwrap()
}

pub(super) fn item(position: &Position, text: &str) -> Asked {
    Asked::Item(position.reference.items.find(text).unwrap())
}

pub(super) fn asked(position: &Position, place: &str, goods: Asked) -> Query {
    let region = find(position, place);
    let (mode, view) = (Mode::GovPhysical, View::Owner);
    Query { region, goods, mode, view, on: day(ON), highest: None }
}

fn explained(position: &Position, place: &str) -> Explanation {
    explain(position, &asked(position, place, item(position, "QUILT"))).unwrap()
}

/// The example of domain.md 5.3.
fn example() -> Position {
    let targets = PLACES.iter().zip([2_000, 600, 600, 60, 60]);
    let quotas = targets.map(|(place, target)| quilts(place, target)).collect();
    let mut position = with_records(&world(), quotas);
    for (place, quantity) in PLACES.iter().zip([2_300, 450, 640, 80, 10]) {
        receive(&mut position, &format!("D-{place}"), "QUILT", quantity, lot("Q", "2028-01-01"));
    }
    position
}

#[test]
fn the_worked_example_is_explained() {
    let position = example();
    let county = explained(&position, "371301");
    assert_eq!(
        (county.row.quota, county.figures.effective, county.figures.on_hand),
        (600, 450, 450)
    );
    let part = &county.counted[0];
    assert_eq!((part.depot.code.as_str(), part.quantity, part.amount), ("D-371301", 450, 450));
    assert_eq!(county.quota.as_ref().map(|quota| quota.target), Some(600));
    let accounts: Vec<_> = county
        .accounts
        .iter()
        .map(|one| (one.region.code.number() / 1_000, one.line.gap(), one.line.surplus()))
        .collect();
    assert_eq!(accounts, [(371_301_000, 150, 0), (371_301_102, 50, 0), (371_301_101, 0, 20)]);
    let remedy = county.remedy.unwrap();
    assert_eq!((remedy.inside, remedy.to_buy, remedy.above_hidden), (20, 0, false));
    let above: Vec<_> = remedy.above.iter().map(|help| (help.spare, help.gives)).collect();
    assert_eq!(above, [(300, 180)], "the county asks the city for 180");
    let city = explained(&position, "3713").remedy.unwrap();
    assert_eq!((city.inside, city.to_buy, city.above.len()), (200, 0, 0));
}

#[test]
fn what_lies_above_the_scope_is_not_looked_at() {
    let position = example();
    let query = asked(&position, "371301", item(&position, "QUILT"));
    let highest = Some(query.region);
    let remedy = explain(&position, &Query { highest, ..query }).unwrap().remedy.unwrap();
    assert_eq!((remedy.above.len(), remedy.above_hidden, remedy.to_buy), (0, true, 180));
}

#[test]
fn an_account_without_quotas_is_explained_too() {
    let mut position = world();
    receive(&mut position, "D-371301", "QUILT", 30, lot("Q", "2028-01-01"));
    let found = explained(&position, "371301");
    assert_eq!((found.quota, found.row.lines), (None, 0));
    assert_eq!(found.row.account.unwrap().surplus, 30);
    let empty = explained(&position, "371302");
    assert_eq!((empty.counted.len(), empty.accounts.len()), (0, 0));
    let query = asked(&position, "371301", item(&position, "QUILT"));
    let social = explain(&position, &Query { mode: Mode::Social, ..query }).unwrap();
    assert_eq!((social.row.account, social.remedy, social.counted.len()), (None, None, 0));
}

#[test]
fn every_reason_not_to_count_is_named() {
    let mut position = with_records(&world(), vec![quilts("371301", 600)]);
    let mut bring = |lot_no: &str, until: &str, condition: Condition, owner: &str| {
        let mut line = into("D-371301", "QUILT", 10);
        (line.lot, line.condition) = (Some(lot(lot_no, until)), condition);
        line.owner = Some(code(owner));
        let at = noon("2021-01-01");
        let draft = draft(MovementType::ReceiptPurchase, at, vec![line]);
        book(&mut position, &draft, at).unwrap();
    };
    bring("good", "2021-12-01", Condition::Good, "O-371301");
    bring("old", "2021-11-09", Condition::Good, "O-371301");
    bring("new", "2030-01-01", Condition::Quarantine, "O-371301");
    bring("wet", "2030-01-01", Condition::Damaged, "O-371301");
    bring("theirs", "2030-01-01", Condition::Good, "O-37");
    bring("sibling", "2030-01-01", Condition::Good, "O-371302");
    let found = explained(&position, "371301");
    let reasons: Vec<_> =
        found.excluded_sums().iter().map(|sum| (sum.reason, sum.amount)).collect();
    let expected =
        [Reason::OverdueStorage, Reason::Quarantine, Reason::Damaged, Reason::OwnedAbove];
    assert_eq!(reasons, expected.map(|reason| (reason, 10)));
    assert_eq!((found.counted.len(), found.counted[0].perishing), (1, true));
    assert_eq!(found.counted[0].status, Some(Status::Due));
    let water = |until: &str| {
        let mut position = world();
        receive(&mut position, "D-371301", "WATER", 10, lot("W", until));
        explain(&position, &asked(&position, "371301", item(&position, "WATER"))).unwrap()
    };
    assert_eq!(water("2021-11-09").excluded[0].excluded, Some(Reason::Expired));
    assert_eq!(water("2021-11-10").excluded, []);
}

#[test]
fn a_need_is_explained_in_its_own_unit() {
    let quota = quota("371301", Subject::Need(code("water")), 10_000, 0);
    let mut position = with_records(&world(), vec![Record::Quota(quota)]);
    receive(&mut position, "D-371301", "WATER", 12, lot("W", "2028-01-01"));
    receive(&mut position, "D-371301", "QUILT", 12, lot("Q", "2028-01-01"));
    let need = Asked::Need(position.reference.needs.find("water").unwrap());
    let found = explain(&position, &asked(&position, "371301", need)).unwrap();
    let part = &found.counted[0];
    assert_eq!((part.quantity, part.per_unit, part.amount), (12, 500, 6_000));
    assert_eq!((found.counted.len(), found.row.account.unwrap().gap), (1, 4_000));
}

#[test]
fn goods_about_to_end_are_not_to_spare() {
    let quotas = vec![quilts("371301", 100), quilts("3713", 50)];
    let mut position = with_records(&world(), quotas);
    receive(&mut position, "D-3713", "QUILT", 60, lot("soon", "2021-12-09"));
    receive(&mut position, "D-3713", "QUILT", 70, lot("later", "2021-12-10"));
    let remedy = explained(&position, "371301").remedy.unwrap();
    assert_eq!((remedy.above[0].spare, remedy.to_buy), (20, 80), "70 last, 50 are due");
}

/// Stock as (depot, owner, quantity, days to the last usable day, condition); owner 5 is above.
pub(super) type Stock = Vec<(usize, usize, i64, i64, usize)>;

pub(super) fn any_stock() -> impl Strategy<Value = Stock> {
    let one = (0..5_usize, 0..6_usize, 1..900_i64, -40..400_i64, 0..3_usize);
    prop::collection::vec(one, 0..14)
}

pub(super) fn arranged(targets: [Option<u16>; 5], stock: &Stock) -> Position {
    let quotas = PLACES.iter().zip(targets);
    let quotas = quotas.filter_map(|(place, units)| Some(quilts(place, i64::from(units? % 2_000))));
    let records = std::iter::once(perishing(45)).chain(quotas);
    let mut position = with_records(&world(), records.collect());
    for (ix, (depot, owner, quantity, days, condition)) in stock.iter().enumerate() {
        let until = add_days(day(ON), *days).to_string();
        let owner = if *owner == 5 { "37" } else { PLACES[*owner] };
        let mut line = into(&format!("D-{}", PLACES[*depot]), "QUILT", *quantity);
        line.owner = Some(code(&format!("O-{owner}")));
        line.condition = Condition::ALL[*condition];
        line.lot = Some(lot(&format!("L{ix}"), &until));
        let at = noon("2021-01-01");
        let draft = draft(MovementType::ReceiptPurchase, at, vec![line]);
        book(&mut position, &draft, at).unwrap();
    }
    position
}

pub(super) fn total(parts: &[Part]) -> i64 {
    parts.iter().map(|part| part.amount).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn parts_add_up_to_the_row(targets in any::<[Option<u16>; 5]>(), stock in any_stock()) {
        let position = arranged(targets, &stock);
        for place in PLACES {
            let found = explained(&position, place);
            let account = found.row.account.unwrap();
            prop_assert_eq!(total(&found.counted), account.effective);
            prop_assert_eq!(found.figures.effective, account.effective);
            let code = found.row.region.code;
            let own = found.excluded.iter().filter(|part| part.owner.region == code);
            let own: i64 = own.map(|part| part.amount).sum();
            let outside = found.figures.in_transit + found.figures.on_loan;
            prop_assert_eq!(account.effective + own, found.figures.on_hand + outside);
            let perishing = found.counted.iter().filter(|part| part.perishing);
            prop_assert_eq!(perishing.map(|part| part.amount).sum::<i64>(), account.perishing);
            let sums = found.row.roll_up.unwrap();
            let of = |take: fn(&Line) -> i64| -> i64 {
                found.accounts.iter().map(|account| take(&account.line)).sum()
            };
            prop_assert_eq!(of(Line::gap), sums.gap_sum);
            prop_assert_eq!(of(Line::surplus), sums.surplus_sum);
            prop_assert_eq!(of(|line| line.held.effective), sums.effective_sum);
            let remedy = found.remedy.unwrap();
            let above: i64 = remedy.above.iter().map(|help| help.gives).sum();
            prop_assert_eq!(remedy.inside + above + remedy.to_buy, sums.gap_sum);
            prop_assert!(remedy.above.iter().all(|help| help.gives <= help.spare));
        }
    }

    #[test]
    fn an_explained_row_is_the_listed_row(
        targets in any::<[Option<u16>; 5]>(), stock in any_stock(), kept in any::<bool>(),
    ) {
        let mut position = arranged(targets, &stock);
        if kept {
            position.keep_index(day(ON));
        }
        for place in PLACES {
            let found = explained(&position, place);
            let query = gap::Query {
                region: find(&position, place),
                tier: None,
                item: position.reference.items.find("QUILT"),
                need: None,
                function_class: None,
                mode: Mode::GovPhysical,
                on: day(ON),
            };
            let listed = gap::gaps(&position, &query);
            prop_assert_eq!(listed.first(), Some(&found.row).filter(|row| row.lines > 0));
        }
    }

    #[test]
    fn each_step_is_the_one_before_with_its_events(
        targets in any::<[Option<u16>; 5]>(), stock in any_stock(), lasts in 0..300_i64,
    ) {
        let mut position = arranged(targets, &stock);
        let later = |digits: i64, from: i64, to: i64| {
            let mut later = quota("371301", Subject::Item(code("QUILT")), 77 * digits, 33 * digits);
            later.id = uuid::Uuid::from_u128(u128::try_from(digits).unwrap());
            later.effective_from = add_days(day(ON), from);
            later.effective_to = Some(add_days(day(ON), to));
            Record::Quota(later)
        };
        let records = vec![later(1, lasts, lasts + 20), later(2, lasts + 21, lasts + 60)];
        position = with_records(&position, records);
        let (from, to) = (day(ON), add_days(day(ON), 330));
        let item = position.reference.items.find("QUILT").unwrap();
        let region = find(&position, "371301");
        let found = explain_balance(&position, region, item, (from, to)).unwrap();
        for two in found.changes.windows(2) {
            let (before, after) = (&two[0].step, &two[1]);
            let floors = |quotas: &[Arc<Quota>]| -> i64 { quotas.iter().map(|q| q.floor).sum() };
            prop_assert_eq!(before.effective - total(&after.leaves), after.step.effective);
            let floor = before.floor + floors(&after.begins) - floors(&after.ends);
            prop_assert_eq!(floor, after.step.floor);
        }
        let shown: Vec<_> = found.changes.iter().map(|change| change.step).collect();
        prop_assert!(found.balance.steps.iter().all(|step| shown.contains(step)));
        prop_assert_eq!(found.breach.map(|breach| breach.on), found.balance.first_breach_on);
    }
}

#[test]
fn a_breach_names_its_lots_and_its_repair() {
    let mut standard = quota("371301", Subject::Item(code("QUILT")), 1_000, 1_000);
    standard.effective_to = Some(day("2023-06-30"));
    let mut position = with_records(&world(), vec![Record::Quota(standard)]);
    for (lot_no, quantity, until) in
        [("A", 400, "2022-03-01"), ("B", 500, "2022-06-01"), ("C", 700, "2023-01-01")]
    {
        receive(&mut position, "D-371301", "QUILT", quantity, lot(lot_no, until));
    }
    let item = position.reference.items.find("QUILT").unwrap();
    let region = find(&position, "371301");
    let horizon = (day("2021-11-10"), day("2023-12-31"));
    let found = explain_balance(&position, region, item, horizon).unwrap();
    let breach = found.breach.unwrap();
    assert_eq!((breach.on, breach.short), (day("2022-06-02"), 300));
    assert_eq!(breach.repair_by, day("2022-06-01"));
    assert_eq!((breach.worst_on, breach.worst_short), (day("2023-01-02"), 1_000));
    let days: Vec<_> = found.changes.iter().map(|change| change.step.on.to_string()).collect();
    assert_eq!(days, ["2021-11-10", "2022-03-02", "2022-06-02", "2023-01-02", "2023-07-01"]);
    let lots: Vec<_> = found.changes[2].leaves.iter().map(|part| part.quantity).collect();
    assert_eq!((lots, found.changes[4].ends.len()), (vec![500], 1));
    let now = (day("2022-07-01"), day("2022-08-01"));
    let late = explain_balance(&position, region, item, now).unwrap().breach.unwrap();
    assert_eq!((late.on, late.repair_by), (now.0, now.0), "already broken: by today");
}
