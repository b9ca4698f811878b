//! Adoption of rules: what they would set, what stands in the way, and that a repeat is nothing.

use super::*;
use crate::domain::catalogue::{LifeKind, Need, Per};
use crate::domain::fixture::{self, day};
use crate::domain::quota::Subject;
use crate::domain::quota_rule::{ByPeople, Displaced};
use crate::domain::refusal::FaultCode;
use crate::domain::region::Tier;

fn bedding() -> QuotaRule {
    let by = ByPeople {
        displaced: Displaced::Given,
        days: 1,
        redundancy_permille: 100,
        season_factor_permille: None,
        per_person_milli: None,
    };
    QuotaRule {
        amount: Amount::Population(by),
        modes: vec![
            Share { mode: Mode::GovPhysical, permille: 700 },
            Share { mode: Mode::Agreement, permille: 300 },
        ],
        floor_permille: 500,
        ..fixture::quota_rule("R", "3713", Tier::County)
    }
}

/// The small world in which nobody has counted the people of county 371302.
fn reference() -> Reference {
    let mut county = fixture::region("371302", 118_100_000, 34_900_000);
    county.planned_displaced = None;
    let rule = Record::QuotaRule(bedding());
    fixture::world().reference.with([Record::Region(county), rule])
}

fn root(reference: &Reference, code: &str) -> RegionIx {
    reference.regions.find(fixture::region_code(code)).unwrap()
}

fn rows(reference: &Reference, on: &str) -> Vec<(String, Status, Option<i64>)> {
    let found = preview(reference, &bedding(), root(reference, "3713"), day(on));
    let row = |row: Row| {
        let line = format!("{} {}", row.region.code, row.mode.as_str());
        (line, row.status, row.target.map(|target| target.target))
    };
    found.into_iter().map(row).collect()
}

fn adopted(reference: &Reference, on: &str) -> Adoption {
    adopt(reference, &bedding(), root(reference, "3713"), day(on)).unwrap()
}

#[test]
fn an_uncounted_region_is_unknown_and_skipped() {
    let reference = reference();
    let expected = [
        ("371301000000 gov_physical".to_string(), Status::New, Some(1_540)),
        ("371301000000 agreement".to_string(), Status::New, Some(660)),
        ("371302000000 gov_physical".to_string(), Status::Unknown, None),
        ("371302000000 agreement".to_string(), Status::Unknown, None),
    ];
    assert_eq!(rows(&reference, "2022-01-01"), expected);
    let adoption = adopted(&reference, "2022-01-01");
    assert_eq!((adoption.written, adoption.ended), (2, 0));
    assert_eq!(adoption.rows[2].reason, Some(Reason::NoPopulation));
    let Record::Quota(first) = &adoption.records[0] else { panic!("a quota") };
    assert_eq!((first.target, first.floor), (1_540, 770));
    assert_eq!(first.rule, Some(fixture::code("R")));
    assert_eq!(first.id.to_string(), "1d8e8d42-60cb-8b42-94f8-288092b1af40");
}

#[test]
fn a_repeat_changes_nothing_and_a_later_day_replaces() {
    let before = reference();
    let first = before.with(adopted(&before, "2022-01-01").records);
    assert!(rows(&first, "2022-01-01")[..2].iter().all(|row| row.1 == Status::Unchanged));
    assert_eq!(adopted(&first, "2022-06-01").records, []);
    let mut changed = bedding();
    changed.floor_permille = 400;
    let place = root(&first, "3713");
    let next = adopt(&first, &changed, place, day("2023-01-01")).unwrap();
    assert_eq!((next.written, next.ended), (2, 2));
    let second = first.with(next.records);
    let line = |on: &str| {
        let row = &preview(&second, &changed, place, day(on))[0];
        (row.now.as_ref().unwrap().floor, row.status)
    };
    assert_eq!(line("2022-12-31"), (770, Status::Conflict));
    assert_eq!(line("2023-01-01"), (616, Status::Unchanged));
    for quota in second.quotas.values() {
        assert_eq!(second.check(&Record::Quota(quota.as_ref().clone())), Ok(()));
    }
    // From its own first day, the new one is put in the place of itself.
    let again = adopt(&second, &bedding(), place, day("2023-01-01")).unwrap();
    assert_eq!((again.written, again.ended), (2, 0));
}

#[test]
fn what_stands_in_the_way_is_named() {
    let rule = bedding();
    let subject = Subject::Item(fixture::code("QUILT"));
    let quota = |on: &str| {
        let quota = fixture::quota("371301", subject.clone(), 5, 5);
        Quota { effective_from: day(on), ..quota }
    };
    for (on, reason) in [("2022-01-01", Reason::SameDay), ("2024-01-01", Reason::LaterQuota)] {
        let there = reference().with([Record::Quota(quota(on))]);
        let place = root(&there, "3713");
        let row = &preview(&there, &rule, place, day("2022-01-01"))[0];
        assert_eq!((row.status, row.reason), (Status::Conflict, Some(reason)));
        let refused = adopt(&there, &rule, place, day("2022-01-01")).unwrap_err();
        let with = quota(on).id.to_string();
        assert!(matches!(refused, Refusal::Conflict { with: named, .. } if named == with));
    }
    // One that is over before the rule ends it is none.
    let there = reference().with([Record::Quota(quota("2021-01-01"))]);
    let adoption = adopted(&there, "2022-01-01");
    assert_eq!((adoption.written, adoption.ended), (2, 1));
    let Record::Quota(ended) = &adoption.records[0] else { panic!("a quota") };
    assert_eq!(ended.effective_to, Some(day("2021-12-31")));
}

#[test]
fn rules_that_rest_on_nothing_are_refused() {
    let reference = reference();
    let refused = |rule: QuotaRule| match reference.check(&Record::QuotaRule(rule)) {
        Err(Refusal::Invalid(faults)) => {
            faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let at = |pointer: &str, code| vec![(pointer.to_string(), code)];
    let tents = Subject::Item(fixture::code("TENT"));
    let tents = QuotaRule { code: fixture::code("T"), subject: tents, ..bedding() };
    assert_eq!(refused(tents.clone()), at("/item", FaultCode::Disagrees));
    let fixed = QuotaRule { amount: Amount::Absolute(5), ..tents };
    assert_eq!(reference.check(&Record::QuotaRule(fixed.clone())), Ok(()));
    let packed = QuotaRule { pack: Some("托".to_string()), ..fixed };
    assert_eq!(refused(packed), at("/pack", FaultCode::UnknownUnit));
    let need = Subject::Need(fixture::code("bedding"));
    let need = QuotaRule { subject: need, pack: Some("箱".to_string()), ..bedding() };
    assert_eq!(refused(need), at("/pack", FaultCode::NotAllowed));
    let cities =
        QuotaRule { tier: Tier::City, region: fixture::region_code("371301"), ..bedding() };
    assert_eq!(refused(cities), at("/tier", FaultCode::Hierarchy));
    let uncounted = QuotaRule { region: fixture::region_code("371302"), ..bedding() };
    assert_eq!(refused(uncounted), at("/region", FaultCode::Required));
    let place = root(&reference, "371302");
    let refused = adopt(&reference, &bedding(), place, day("2022-01-01"));
    assert!(matches!(refused, Err(Refusal::Invalid(_))));
}

#[test]
fn two_rules_never_set_one_line() {
    let reference = reference();
    let rule = |code: &str| QuotaRule { code: fixture::code(code), ..bedding() };
    let check = |rule: QuotaRule| reference.check(&Record::QuotaRule(rule));
    let conflict =
        Err(Refusal::Conflict { kind: "quota_rule", code: "S".to_string(), with: "R".to_string() });
    assert_eq!(check(rule("S")), conflict);
    let below = fixture::region_code("371301");
    assert_eq!(check(QuotaRule { region: below, ..rule("S") }), conflict);
    assert_eq!(check(QuotaRule { region: fixture::region_code("37"), ..rule("S") }), conflict);
    assert_eq!(check(rule("R")), Ok(()));
    assert_eq!(check(QuotaRule { tier: Tier::Township, ..rule("S") }), Ok(()));
    let need = Subject::Need(fixture::code("bedding"));
    assert_eq!(check(QuotaRule { subject: need, ..rule("S") }), Ok(()));
    let over = QuotaRule { effective_to: Some(day("2019-12-31")), ..rule("S") };
    let over = QuotaRule { effective_from: day("2019-01-01"), ..over };
    assert_eq!(check(over), Ok(()));
}

#[test]
fn a_rule_whose_item_serves_nothing_any_more_says_so() {
    let gone = fixture::item("QUILT", None, LifeKind::Advisory, 96);
    let there = reference().with([Record::Item(gone)]);
    let found = rows(&there, "2022-01-01");
    assert!(found.iter().all(|row| row.1 == Status::Unknown), "{found:?}");
    let huge = Need { per_person_milli: i64::MAX, ..fixture::need("bedding", 1, Per::Once) };
    let there = reference().with([Record::Need(huge)]);
    let place = root(&there, "3713");
    let row = &preview(&there, &bedding(), place, day("2022-01-01"))[0];
    assert_eq!((row.status, row.reason), (Status::Unknown, Some(Reason::TooLarge)));
}

#[test]
fn only_regions_that_exist_on_the_day_are_set() {
    let mut county = fixture::region("371302", 118_100_000, 34_900_000);
    (county.valid_from, county.valid_to) = (Some(day("2021-01-01")), Some(day("2022-12-31")));
    let there = reference().with([Record::Region(county)]);
    let count = |on: &str| rows(&there, on).len();
    assert_eq!([count("2020-12-31"), count("2022-12-31"), count("2023-01-01")], [2, 4, 2]);
}

#[test]
fn a_quota_names_a_rule_that_holds_where_it_does() {
    let reference = reference();
    let named = |region: &str, rule: &str| {
        let quota = fixture::quota(region, Subject::Item(fixture::code("QUILT")), 5, 5);
        let quota = Quota { rule: Some(fixture::code(rule)), ..quota };
        reference.check(&Record::Quota(quota))
    };
    assert_eq!(named("371301", "R"), Ok(()));
    for (region, rule) in [("37", "R"), ("371301", "NONE")] {
        let refused = named(region, rule);
        assert!(matches!(refused, Err(Refusal::UnknownReference { kind: "quota_rule", .. })));
    }
}
