//! Tests of an area's detail: curve, totals by mode, margin, loss of a depot, shocks.

use super::super::curve::{MAX_STEPS, thin};
use super::super::tests::{TOWNSHIP, placed, row, stock, with_region, worked_example};
use super::super::*;
use super::*;
use crate::domain::fixture::*;
use crate::domain::position::Position;
use crate::domain::quota::Mode;
use crate::domain::reference::Record;
use crate::domain::region::Tier;

fn detail(position: &Position, change: impl FnOnce(&mut Query)) -> Detail {
    let found = row(position, |query| {
        query.detail = true;
        change(query);
    });
    found.detail.unwrap()
}

fn depot_code(position: &Position, ix: Option<u32>) -> String {
    position.reference.depots.get(ix.unwrap()).unwrap().code.to_string()
}

#[test]
fn the_curve_of_the_worked_example_has_four_steps() {
    let position = worked_example();
    let found = detail(&position, |_| {});
    let steps: Vec<_> = (found.curve.iter())
        .map(|step| (step.at_min, step.coverage.0, step.persons_covered))
        .collect();
    // Village, township, county, city: bedding binds at first, then water.
    let expected = [(94, 500, 100), (186, 2_000, 400), (289, 8_000, 1_600), (459, 10_000, 2_000)];
    assert_eq!(steps, expected);
    assert!(!found.thinned);
    assert_eq!(found.class, Class::WithUpper);
    // 9,900 quilts for 2,000 people are 4.95 times what is asked; water is 5.8 times.
    let margin = (found.margin.need.code.as_str(), found.margin.times.0, found.margin.minutes);
    assert_eq!(margin, ("bedding", 49_500, Some(720 - 459)));
    assert_eq!(found.remedy, None);
}

#[test]
fn the_lost_depot_is_the_one_that_costs_most() {
    let position = worked_example();
    let loss = detail(&position, |_| {}).loss.unwrap();
    assert_eq!(depot_code(&position, Some(loss.depot)), "D-3713");
    // Without the city there is what the county, township and village have.
    assert_eq!((loss.need.code.as_str(), loss.gave), ("water", 30_000_000));
    assert_eq!(loss.left.coverage, Some(Ratio(8_000)));
    assert_eq!((loss.left.persons_covered, loss.left.full_at_min), (Some(1_600), None));
    let early = detail(&position, |query| query.hours = Some(4)).loss.unwrap();
    assert_eq!(depot_code(&position, Some(early.depot)), "D-371301101");
    assert_eq!(early.left.coverage, Some(Ratio(500)));
    assert_eq!(detail(&position, |query| query.hours = Some(1)).loss, None);
}

#[test]
fn goods_of_two_owners_in_one_depot_are_lost_together() {
    let mut position = placed();
    stock(&mut position, "D-371301101", None, 600, 0);
    stock(&mut position, "D-371301101", Some("O-371301"), 600, 0);
    stock(&mut position, "D-3713", None, 1_000, 60_000);
    let dry = need("water", 0, crate::domain::catalogue::Per::Day);
    let position = with_records(&position, vec![Record::Need(dry)]);
    let loss = detail(&position, |_| {}).loss.unwrap();
    assert_eq!(depot_code(&position, Some(loss.depot)), "D-371301101");
    assert_eq!((loss.gave, loss.left.coverage), (1_200, Some(Ratio(5_000))));
}

#[test]
fn what_would_close_it_is_a_depot_or_a_purchase() {
    let position = worked_example();
    let late = detail(&position, |query| query.hours = Some(6)).remedy.unwrap();
    assert_eq!(depot_code(&position, late.depot), "D-3713");
    assert_eq!((late.at_min, late.short_ever), (Some(459), 0));
    // Six days' water are 36,000 litres, of which 34,800 are there.
    let dry = detail(&position, |query| query.days = 6).remedy.unwrap();
    assert_eq!((dry.depot, dry.at_min, dry.short_ever), (None, None, 1_200_000));
}

#[test]
fn a_shock_leaves_a_share_of_what_lies_in_the_struck_region() {
    let position = worked_example();
    let struck = |tier, surviving_percent, hours| {
        let found = row(&position, |query| {
            query.shock = Shock { tier, surviving_percent };
            query.hours = Some(hours);
        });
        (found.coverage.unwrap().0, found.layers.isolated.unwrap().0)
    };
    // At four hours township and village are there: 400 quilts, 1,800 litres.
    assert_eq!(struck(None, 100, 4), (2_000, 2_000));
    assert_eq!(struck(None, 50, 4), (1_000, 1_000));
    assert_eq!(struck(None, 0, 4), (0, 0));
    // At six the county is, too, which the township's own shock leaves whole.
    assert_eq!(struck(None, 50, 6), (6_500, 1_000));
    assert_eq!(struck(Some(Tier::Village), 50, 6), (6_500, 1_000));
    assert_eq!(struck(Some(Tier::County), 50, 6), (4_000, 1_000));
    assert_eq!(struck(Some(Tier::City), 50, 8), (10_000, 1_000));
    assert_eq!(struck(Some(Tier::City), 10, 8), (4_950, 200));
    let mut wrong = super::super::tests::query(&position, TOWNSHIP, None);
    wrong.shock.surviving_percent = 101;
    assert!(matches!(coverage(&position, &wrong), Err(Refusal::Invalid(_))));
}

/// Quilts short by 1,000, water for all, and promises of quilts at the township's own place.
fn promised(records: Vec<Record>) -> Position {
    let mut position = placed();
    stock(&mut position, "D-371301101", None, 1_000, 12_000);
    with_records(&position, records)
}

#[test]
fn the_three_totals_follow_the_registers() {
    let mut near = agreement("AG", "371301101");
    near.terms.location = Some(crate::domain::region::Point { lon_e6: 0, lat_e6: 0 });
    let mut factory = capacity("CP", "371301101");
    factory.terms.location = near.terms.location;
    let position = promised(vec![Record::Agreement(near.clone()), Record::Capacity(factory)]);
    let on = day("2022-01-10");
    let at = |hours| {
        let found = detail(&position, |query| (query.on, query.hours) = (on, Some(hours)));
        let modes = found.modes;
        let ratio = |attained: Attained| attained.coverage.unwrap().0;
        (ratio(modes.gov_only), ratio(modes.gov_agreement), ratio(modes.all_modes), found.class)
    };
    // 800 lie ready; 900 of the agreement come after six hours, decision, last mile, handing out.
    assert_eq!(at(4), (5_000, 5_000, 9_000, Class::NotCovered));
    assert_eq!(at(8), (5_000, 9_500, 10_000, Class::WithAgreement));
    // The headline counts what the city's profile counts: government stock alone.
    let headline = |position: &Position| {
        let found = row(position, |query| (query.on, query.hours) = (on, Some(8)));
        found.coverage.unwrap().0
    };
    assert_eq!(headline(&position), 5_000);
    let mut wide = profile("3713");
    wide.modes_counted = vec![Mode::GovPhysical, Mode::Agreement];
    assert_eq!(headline(&with_records(&position, vec![Record::Profile(wide)])), 9_500);
    // Nobody has declared: no total has it, and it is counted as unconfirmed.
    near.declared_on = None;
    let silent = promised(vec![Record::Agreement(near)]);
    let found = detail(&silent, |query| (query.on, query.hours) = (on, Some(8)));
    assert_eq!(found.modes.gov_agreement.coverage, Some(Ratio(5_000)));
    assert_eq!(found.modes.unconfirmed, 1);
}

#[test]
fn a_factory_gives_by_the_hour_what_the_register_tells() {
    let mut factory = capacity("CP", "371301101");
    factory.terms.location = Some(crate::domain::region::Point { lon_e6: 0, lat_e6: 0 });
    let told = factory.clone();
    let mut position = promised(vec![Record::Capacity(factory)]);
    position = with_region(&position, |region| region.planned_displaced = Some(100_000));
    let reach = |hours: u32| {
        let mut counted = profile("3713");
        counted.modes_counted = vec![Mode::Capacity];
        let position = with_records(&position, vec![Record::Profile(counted)]);
        let found = row(&position, |query| {
            (query.on, query.hours) = (day("2022-01-10"), Some(hours));
        });
        found.needs[0].reachable
    };
    // Deciding, the last mile and handing out take 105 minutes: two begun hours.
    for hours in [1_u32, 2, 12, 26, 27, 36, 50, 74, 200] {
        let expected = hours.checked_sub(2).map_or(0, |left| told.within(left));
        assert_eq!(reach(hours), expected, "{hours} h");
    }
}

#[test]
fn a_long_curve_is_thinned_and_keeps_its_end() {
    let step =
        |n: i64| Step { at_min: n, travel: Travel::Road, coverage: Ratio(n), persons_covered: n };
    let mut curve: Vec<Step> = (1..=10_000).map(step).collect();
    thin(&mut curve);
    assert!(curve.len() <= MAX_STEPS);
    assert_eq!(curve.last(), Some(&step(10_000)));
    let mut odd: Vec<Step> = (1..=999).map(step).collect();
    thin(&mut odd);
    assert_eq!((odd.len(), odd.last()), (20, Some(&step(999))));
}

#[test]
fn totals_count_what_is_known() {
    let position = worked_example();
    let mut nobody = region("371301102", 100_000, 0);
    nobody.planned_displaced = None;
    let position = with_records(&position, vec![Record::Region(nobody)]);
    let asked = super::super::tests::query(&position, "371301", Some(Tier::Township));
    let mut answer = coverage(&position, &asked).unwrap();
    let totals = answer.totals();
    assert_eq!((totals.areas, totals.unknown, totals.compliant), (2, 1, 1));
    assert_eq!((totals.planned_displaced, totals.persons_covered), (2_000, 2_000));
    assert_eq!(
        (totals.areas_ratio(), totals.persons_ratio()),
        (Some(Ratio::ONE), Some(Ratio::ONE))
    );
    assert_eq!(totals.worst.unwrap().code, region_code(TOWNSHIP));
    answer.put_worst_first();
    assert_eq!(answer.rows[0].region.code, region_code("371301102"));
    assert_eq!(Totals::default().areas_ratio(), None);
}

#[test]
fn a_closed_region_lives_on_what_lies_in_it_until_its_roads_open() {
    let position = worked_example();
    let regions = &position.reference.regions;
    let closed = |code: &str, opens_min, hours| {
        let region = regions.find(region_code(code)).unwrap();
        row(&position, |query| {
            query.closures = vec![Closure { region, opens_min, number: 0 }];
            query.hours = Some(hours);
        })
    };
    let told = |row: &Row| {
        let reason = row.binding.as_ref().map(|binding| binding.reason);
        (row.coverage.unwrap().0, row.full_at_min, reason)
    };
    // A day's wait, the road, last mile and handing out: 1,440 + 129 + 90 minutes after 60 of
    // deciding; water is met by the city's.
    let day = closed(TOWNSHIP, Some(1_440), 12);
    assert_eq!(told(&day), (2_000, Some(1_719), Some(Reason::Road)));
    assert_eq!(day.layers.isolated, Some(Ratio(2_000)));
    // What is opened while trucks are loaded costs nothing.
    assert_eq!(told(&closed(TOWNSHIP, Some(60), 12)), (10_000, Some(459), None));
    assert_eq!(told(&closed(TOWNSHIP, None, 720)), (2_000, None, Some(Reason::Road)));
    // The county is shut off with its township: its own depot is on the same side.
    assert_eq!(told(&closed("371301", None, 12)), (8_000, None, Some(Reason::Road)));
    // A closure elsewhere parts nothing; one below parts the village's stock only.
    assert_eq!(told(&closed("371302", None, 12)), (10_000, Some(459), None));
    assert_eq!(told(&closed("371301101201", None, 12)).0, 10_000);
    // Too late on open roads as well: not the road's fault.
    assert_eq!(told(&closed(TOWNSHIP, Some(1_440), 6)).2, Some(Reason::Time));
}

#[test]
fn the_worked_base_serves_803_cut_off_persons() {
    use crate::domain::catalogue::{LifeKind, Per};
    use crate::domain::region::Point;
    let mut position = placed();
    stock(&mut position, "D-3713", None, 2_000, 12_000);
    // 40.1 km away along the equator; quilt 2.5 kg, six bottles of half a kilo, food 0.6 kg.
    let mut base = helibase("HB", "3713");
    base.location = Point { lon_e6: 360_225, lat_e6: 0 };
    let mut bottle = item("WATER", Some(("water", 500)), LifeKind::Hard, 12);
    bottle.weight_g = 500;
    let mut meal = item("MEAL", Some(("food", 1)), LifeKind::Hard, 12);
    meal.weight_g = 200;
    let food = need("food", 3_000, Per::Day);
    let records = vec![
        Record::Item(bottle),
        Record::Need(food),
        Record::Item(meal),
        Record::Helibase(base.clone()),
    ];
    let position = with_records(&position, records);
    let found = detail(&position, |_| {}).air.unwrap();
    assert_eq!((found.lift.cm + 500) / 1_000, 4_010);
    assert_eq!((found.lift.sorties, found.lift.capacity_kg), (7, 4_900));
    assert_eq!((found.grams_per_person, found.persons), (Some(6_100), Some(803)));
    // It is no stock: nobody is covered by it.
    assert_eq!(row(&position, |_| {}).coverage, Some(Ratio::ZERO));
    // Beyond its radius the distance is told all the same.
    base.location.lon_e6 = 800_000;
    let far = with_records(&position, vec![Record::Helibase(base.clone())]);
    let found = detail(&far, |_| {}).air.unwrap();
    assert_eq!((found.lift.within_radius, found.persons), (false, Some(0)));
    assert!(found.lift.cm > 8_900_000);
    // Of two bases the one that lifts more.
    base.location.lon_e6 = 0;
    base.code = code("HB-2");
    let two = with_records(&far, vec![Record::Helibase(base.clone())]);
    assert_eq!(detail(&two, |_| {}).air.unwrap().base.code, code("HB-2"));
    base.status = crate::domain::catalogue::ItemStatus::Retired;
    let shut = with_records(&far, vec![Record::Helibase(base)]);
    assert_eq!(detail(&shut, |_| {}).air.unwrap().base.code, code("HB"));
    // A need that no item serves: how many could be served is unknown.
    let odd = with_records(&far, vec![Record::Need(need("fuel", 1_000, Per::Day))]);
    let found = detail(&odd, |_| {}).air.unwrap();
    assert_eq!((found.grams_per_person, found.persons), (None, None));
}
