//! Targets by rule: the formula of 5.2, figure by figure.

use super::*;
use crate::domain::fixture;

fn by_people() -> ByPeople {
    ByPeople {
        displaced: Displaced::Given,
        days: 1,
        redundancy_permille: 0,
        season_factor_permille: None,
        per_person_milli: None,
    }
}

fn rule(amount: Amount) -> QuotaRule {
    QuotaRule { amount, ..fixture::quota_rule("R", "3713", Tier::County) }
}

fn share(permille: u32) -> Share {
    Share { mode: Mode::GovPhysical, permille }
}

fn target(rule: &QuotaRule, permille: u32, people: i64, scale: Scale<'_>) -> i64 {
    rule.target(share(permille), people, scale).unwrap().target
}

#[test]
fn water_for_three_days_is_rounded_up_to_boxes() {
    let need = fixture::need("water", 3_000_000, Per::Day);
    // Bottles of 500 mL, 24 a box: six a person and day.
    let scale = Scale { need: Some(&need), provides: 500, pack: 24 };
    let loose = Scale { pack: 1, ..scale };
    let rule = |by: ByPeople| rule(Amount::Population(by));
    let plain = rule(by_people());
    assert_eq!(target(&plain, 1_000, 2_000, loose), 12_000);
    let three = rule(ByPeople { days: 3, redundancy_permille: 100, ..by_people() });
    assert_eq!(target(&three, 1_000, 2_000, loose), 39_600);
    // 39,600 × 0.7 = 27,720 = 1,155 boxes; × 0.301 = 11,919.6 → 11,920 → 497 boxes.
    assert_eq!(target(&three, 700, 2_000, scale), 27_720);
    assert_eq!(target(&three, 301, 2_000, loose), 11_920);
    assert_eq!(target(&three, 301, 2_000, scale), 497 * 24);
    let summer = rule(ByPeople { season_factor_permille: Some(1_500), ..by_people() });
    assert_eq!(target(&summer, 1_000, 2_000, loose), 18_000);
    let less = rule(ByPeople { per_person_milli: Some(1_000), ..by_people() });
    assert_eq!(target(&less, 1_000, 2_000, loose), 4);
    assert_eq!(target(&less, 1_000, 2_001, loose), 5);
    assert_eq!(target(&plain, 1_000, 0, scale), 0);
}

#[test]
fn days_count_for_needs_per_day_only() {
    let need = fixture::need("bedding", 1_000, Per::Once);
    let scale = Scale { need: Some(&need), provides: 1, pack: 1 };
    let rule = rule(Amount::Population(ByPeople { days: 30, ..by_people() }));
    assert_eq!(target(&rule, 1_000, 2_000, scale), 2_000);
}

#[test]
fn an_absolute_target_is_shared_and_packed() {
    let scale = Scale { need: None, provides: 1, pack: 24 };
    let rule = QuotaRule { floor_permille: 801, ..rule(Amount::Absolute(100)) };
    let found = rule.target(share(1_000), 0, scale).unwrap();
    assert_eq!(found, Target { target: 120, floor: 97 });
    assert_eq!(target(&rule, 700, 0, scale), 72);
    assert_eq!(target(&rule, 300, 0, scale), 48);
}

#[test]
fn what_no_quantity_can_be_is_no_target() {
    let need = fixture::need("water", 1_000_000_000, Per::Day);
    let scale = Scale { need: Some(&need), provides: 1, pack: 1 };
    let by = ByPeople { days: 365, redundancy_permille: 10_000, ..by_people() };
    let huge = rule(Amount::Population(ByPeople { per_person_milli: Some(i64::MAX), ..by }));
    assert_eq!(huge.target(share(1_000), i64::MAX, scale), None);
    let most = rule(Amount::Absolute(MAX_QUANTITY));
    let whole = Scale { need: None, provides: 1, pack: 1 };
    assert_eq!(target(&most, 1_000, 0, whole), MAX_QUANTITY);
    assert_eq!(most.target(share(1_000), 0, Scale { pack: 7, ..whole }), None);
}

#[test]
fn people_are_given_or_a_part_of_the_population_rounded_up() {
    let mut region = fixture::region("371301", 0, 0);
    region.population = Some(100_001);
    let rule = |displaced| rule(Amount::Population(ByPeople { displaced, ..by_people() }));
    assert_eq!(rule(Displaced::Given).people(&region), Some(2_000));
    assert_eq!(rule(Displaced::OfPopulation(5)).people(&region), Some(501));
    (region.population, region.planned_displaced) = (None, None);
    assert_eq!(rule(Displaced::Given).people(&region), None);
    assert_eq!(rule(Displaced::OfPopulation(5)).people(&region), None);
}
