//! Metamorphic tests: how answers must change, or not, when the question does.

use proptest::prelude::*;

use super::properties::{Holding, holdings, never_less, stocked, with_persons};
use super::tests::{TOWNSHIP, placed, query, row, with_depot};
use super::*;
use crate::domain::fixture::*;
use crate::domain::quantity::Ratio;
use crate::domain::reference::Record;
use crate::domain::region::Point;

/// The same world, its records put in by another order, so that every index differs.
fn reordered(position: &Position) -> Position {
    let reference = &position.reference;
    let regions = reference.regions.iter().map(|(_, row)| Record::Region((**row).clone()));
    let theirs = reference.organizations.iter();
    let organizations = theirs.map(|(_, row)| Record::Organization((**row).clone()));
    let depots = reference.depots.iter().map(|(_, row)| Record::Depot((**row).clone()));
    let needs = reference.needs.iter().map(|(_, row)| Record::Need((**row).clone()));
    let items = reference.items.iter().map(|(_, row)| Record::Item((**row).clone()));
    let mut records: Vec<Record> =
        regions.chain(organizations).chain(depots).chain(needs).chain(items).collect();
    records.reverse();
    records.push(Record::Profile(profile("3713")));
    with_records(&Position::empty(), records)
}

fn hold(position: &mut Position, held: &[Holding]) {
    held.iter().for_each(|row| super::properties::add(position, row));
}

fn detailed(position: &Position, hours: u32) -> Row {
    row(position, |query| {
        query.hours = Some(hours);
        query.detail = true;
    })
}

/// What a reader sees of a row: depots by code, as their indexes may differ.
fn seen(position: &Position, row: &Row) -> impl PartialEq + std::fmt::Debug + use<> {
    let code = |ix: u32| position.reference.depots.get(ix).unwrap().code.clone();
    let detail = row.detail.clone().unwrap();
    let loss = detail.loss.map(|loss| (code(loss.depot), loss.need.code.clone(), loss.left));
    let remedy = detail.remedy.map(|row| (row.depot.map(code), row.at_min, row.short_ever));
    let binding = row.binding.clone();
    let needs = row.needs.clone();
    (row.coverage, row.layers, binding, needs, detail.curve, detail.modes, loss, remedy)
}

/// The coverage that a curve tells for a time.
fn read_off(curve: &[Step], minutes: i64) -> Ratio {
    let reached = curve.iter().take_while(|step| step.at_min <= minutes).last();
    reached.map_or(Ratio::ZERO, |step| step.coverage)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_order_of_records_and_of_bookings_changes_nothing(
        held in holdings(),
        hours in 1..16_u32,
    ) {
        let position = stocked(&held);
        let mut other = reordered(&placed());
        let backwards: Vec<Holding> = held.into_iter().rev().collect();
        hold(&mut other, &backwards);
        let (one, two) = (detailed(&position, hours), detailed(&other, hours));
        prop_assert_eq!(seen(&position, &one), seen(&other, &two));
    }

    #[test]
    fn the_curve_is_the_coverage_of_every_hour(held in holdings()) {
        let position = stocked(&held);
        let curve = detailed(&position, 1).detail.unwrap().curve;
        prop_assert!(curve.windows(2).all(|two| two[0].at_min < two[1].at_min
            && two[0].coverage < two[1].coverage));
        for hours in [1, 2, 3, 4, 5, 6, 8, 12, 24] {
            let found = row(&position, |query| query.hours = Some(hours));
            prop_assert_eq!(Some(read_off(&curve, i64::from(hours) * 60)), found.coverage);
        }
        let full = row(&position, |_| {}).full_at_min;
        let last = curve.last().filter(|step| step.coverage == Ratio::ONE);
        prop_assert_eq!(last.map(|step| step.at_min), full);
    }

    #[test]
    fn nearer_stock_never_covers_less(
        held in holdings(),
        depot in 1..7_usize,
        percent in 0..100_i32,
        hours in 1..12_u32,
    ) {
        let position = stocked(&held);
        let places = ["", "3713", "371301", "371302", "371301101", "371301102", "371301101201"];
        let code = format!("D-{}", places[depot]);
        let nearer = with_depot(&position, &code, |depot| {
            let Point { lon_e6, lat_e6 } = depot.location;
            let nearer = |degrees: i32| degrees / 100 * percent;
            depot.location = Point { lon_e6: nearer(lon_e6), lat_e6: nearer(lat_e6) };
        });
        let at = |position: &Position| row(position, |query| {
            query.hours = Some(hours);
            query.scope = Scope::Any;
        });
        prop_assert!(never_less(&at(&nearer), &at(&position)));
    }

    #[test]
    fn a_part_of_an_area_is_covered_no_worse_than_the_whole(
        held in holdings(),
        persons in 2..3_000_i64,
        permille in 1..1_000_i64,
        hours in 1..12_u32,
    ) {
        // Only what lies outside serves both parts as it served the whole.
        let outside: Vec<Holding> = held.into_iter().filter(|row| row.0 < 4).collect();
        let position = stocked(&outside);
        let part = (persons * permille / 1_000).max(1);
        let at = |persons| row(&with_persons(&position, persons), |query| {
            query.hours = Some(hours);
        });
        let (whole, one, rest) = (at(persons), at(part), at((persons - part).max(1)));
        prop_assert!(never_less(&one, &whole) || whole.persons_covered.is_none());
        prop_assert!(rest.coverage >= whole.coverage && one.coverage >= whole.coverage);
        let covered = |row: &Row| row.persons_covered.unwrap_or_default();
        prop_assert!(covered(&one) + covered(&rest) + 1 >= covered(&whole));
    }

    #[test]
    fn losses_and_shocks_never_help_and_more_modes_never_hurt(
        held in holdings(),
        hours in 1..12_u32,
        percent in 0..=100_u32,
        more in 0..=100_u32,
        tier in 0..5_usize,
    ) {
        let mut near = agreement("AG", TOWNSHIP);
        near.terms.valid_from = day("2021-01-01");
        near.declared_on = Some(day("2021-11-01"));
        let records = vec![Record::Agreement(near), Record::Capacity(capacity("CP", "3713"))];
        let position = with_records(&stocked(&held), records);
        let whole = detailed(&position, hours);
        let found = whole.detail.clone().unwrap();
        if let Some(loss) = &found.loss {
            prop_assert!(loss.left.coverage <= whole.coverage);
            // No other depot costs more.
            let depots = position.reference.depots.iter();
            for (ix, depot) in depots.filter(|(ix, _)| *ix != loss.depot) {
                let code = depot.code.to_string();
                let shut = with_depot(&position, &code, |depot| {
                    depot.status = crate::domain::depot::DepotStatus::Closed;
                });
                prop_assert!(row(&shut, |query| query.hours = Some(hours)).coverage
                    >= loss.left.coverage, "{}", ix);
            }
        }
        let modes = found.modes;
        prop_assert!(modes.gov_only.coverage <= modes.gov_agreement.coverage);
        prop_assert!(modes.gov_agreement.coverage <= modes.all_modes.coverage);
        let shocked = |surviving_percent| row(&position, |query| {
            query.hours = Some(hours);
            query.shock = Shock { tier: Some(Tier::ALL[tier]), surviving_percent };
        });
        let (less, most) = (percent.min(more), percent.max(more));
        prop_assert!(never_less(&shocked(most), &shocked(less)));
        prop_assert!(never_less(&whole, &shocked(most)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_closed_road_never_helps_and_a_later_opening_neither(
        held in holdings(),
        place in 0..7_usize,
        opens in 0..2_000_u32,
        later in 0..2_000_u32,
        hours in 1..40_u32,
        scope in 0..4_usize,
    ) {
        let position = stocked(&held);
        let codes = ["37", "3713", "371301", "371302", "371301101", "371301102", "371301101201"];
        let region = position.reference.regions.find(region_code(codes[place])).unwrap();
        let at = |closures: Vec<Closure>| row(&position, |query| {
            query.hours = Some(hours);
            query.scope = Scope::ALL[scope];
            query.closures = closures;
        });
        let closed = |opens_min| at(vec![Closure { region, opens_min, number: 0 }]);
        let open = at(Vec::new());
        prop_assert!(never_less(&open, &closed(Some(opens))));
        prop_assert!(never_less(&closed(Some(opens)), &closed(Some(opens + later))));
        prop_assert!(never_less(&closed(Some(opens + later)), &closed(None)));
        let own = position.reference.regions.find(region_code(TOWNSHIP)).unwrap();
        let cut_off = at(vec![Closure { region: own, opens_min: None, number: 0 }]);
        prop_assert!(cut_off.coverage <= open.layers.isolated);
        prop_assert_eq!(cut_off.layers.isolated, open.layers.isolated);
    }
}

#[test]
fn detail_of_too_many_areas_is_refused_by_name() {
    let mut records = Vec::new();
    for town in 1..=11 {
        let code = format!("371302{:03}", 100 + town);
        records.push(Record::Region(region(&code, 0, 0)));
        records.extend(
            (1..=999).map(|village| Record::Region(region(&format!("{code}{village:03}"), 0, 0))),
        );
    }
    let position = with_records(&placed(), records);
    let mut asked = query(&position, "3713", Some(Tier::Village));
    assert!(coverage(&position, &asked).is_ok());
    asked.detail = true;
    let Err(Refusal::Invalid(faults)) = coverage(&position, &asked) else { panic!("accepted") };
    assert_eq!(faults[0].pointer, "detail");
}
