//! Tests of coverage: the worked example, eligibility, layers, and what is unknown.

use super::*;
use crate::domain::catalogue::{Need, Per, Season};
use crate::domain::depot::{Depot, DepotStatus};
use crate::domain::fixture::*;
use crate::domain::movement::{Condition, MovementType};
use crate::domain::profile::ClockStart;
use crate::domain::quantity::Ratio;
use crate::domain::reference::Record;
use crate::domain::region::LocationSource;
use crate::domain::region::Region;
use crate::domain::travel::Blocked;

pub const TOWNSHIP: &str = "371301101";
const LATER: &str = "2030-01-01";

/// The world with a profile, the township at the origin, and its depots and those above it at 1, 8,
/// 25 and 82.3 km, 218 km for the province's.
pub fn placed() -> Position {
    let ends = [
        ("371301101201", 8_983),
        (TOWNSHIP, 71_866),
        ("371301", 224_578),
        ("3713", 739_314),
        ("37", 1_958_327),
    ];
    let mut records =
        vec![Record::Region(region(TOWNSHIP, 0, 0)), Record::Profile(profile("3713"))];
    records.extend(ends.map(|(at, lon_e6)| {
        let (name, owner) = (format!("D-{at}"), format!("O-{at}"));
        Record::Depot(depot(&name, at, &owner, lon_e6, 0))
    }));
    with_records(&world(), records)
}

/// Quilts and half-litre bottles into a depot, of an owner or its own.
pub fn stock(position: &mut Position, depot: &str, owner: Option<&str>, quilts: i64, bottles: i64) {
    for (item, quantity) in [("QUILT", quilts), ("WATER", bottles)] {
        if quantity > 0 {
            receive_owned(position, depot, owner, item, quantity, lot("L", LATER));
        }
    }
}

pub fn worked_example() -> Position {
    let mut position = placed();
    let held = [
        ("D-371301101201", 100, 1_200),
        ("D-371301101", 300, 2_400),
        ("D-371301", 1_500, 6_000),
        ("D-3713", 8_000, 60_000),
    ];
    for (depot, quilts, bottles) in held {
        stock(&mut position, depot, None, quilts, bottles);
    }
    position
}

pub fn query(position: &Position, region: &str, tier: Option<Tier>) -> Query {
    Query {
        region: position.reference.regions.find(region_code(region)).unwrap(),
        tier,
        hours: None,
        days: 1,
        scope: Scope::OwnChain,
        clock: None,
        on: day("2021-11-10"),
        speed_percent: 100,
        off_hours: false,
        shock: Shock::default(),
        closures: Vec::new(),
        blocked: Blocked::default(),
        detail: false,
    }
}

/// The township's row.
pub fn row(position: &Position, change: impl FnOnce(&mut Query)) -> Row {
    let mut asked = query(position, TOWNSHIP, Some(Tier::Township));
    change(&mut asked);
    let mut answer = coverage(position, &asked).unwrap();
    assert_eq!(answer.rows.len(), 1);
    answer.rows.remove(0)
}

pub fn with_region(position: &Position, change: impl FnOnce(&mut Region)) -> Position {
    let regions = &position.reference.regions;
    let mut found = (**regions.by_code(region_code(TOWNSHIP)).unwrap()).clone();
    change(&mut found);
    with_records(position, vec![Record::Region(found)])
}

pub fn with_depot(position: &Position, code: &str, change: impl FnOnce(&mut Depot)) -> Position {
    let mut found = (**position.reference.depots.by_code(code).unwrap()).clone();
    change(&mut found);
    with_records(position, vec![Record::Depot(found)])
}

pub fn ratios(layers: &Layers) -> [i64; 5] {
    let Layers { own, county, city, province, isolated } = layers;
    [own, county, city, province, isolated].map(|ratio| ratio.unwrap().0)
}

#[test]
fn the_worked_example_holds_by_number() {
    let position = worked_example();
    // Hours, bedding, water, persons, binding need, what is short.
    let table = [
        (1, 0, 0, 0, Some(("bedding", 2_000))),
        (2, 500, 1_000, 100, Some(("bedding", 1_900))),
        (4, 2_000, 3_000, 400, Some(("bedding", 1_600))),
        (6, 9_500, 8_000, 1_600, Some(("water", 1_200_000))),
        (8, 10_000, 10_000, 2_000, None),
        (12, 10_000, 10_000, 2_000, None),
    ];
    for (hours, bedding, water, persons, binding) in table {
        let row = row(&position, |query| query.hours = Some(hours));
        let by_need: Vec<i64> = row.needs.iter().map(|need| need.coverage.0).collect();
        assert_eq!(by_need, [bedding, water], "{hours} h");
        assert_eq!(row.coverage, Some(Ratio(bedding.min(water))));
        assert_eq!(row.persons_covered, Some(persons));
        assert_eq!(row.compliant, Some(persons == 2_000));
        assert_eq!(row.full_at_min, Some(459));
        let found = row.binding.as_ref().map(|found| {
            assert_eq!(found.reason, Reason::Time);
            let need = found.need.as_ref().unwrap();
            (need.code.as_str(), found.short.unwrap())
        });
        assert_eq!(found, binding);
    }
    let row = row(&position, |_| {});
    assert_eq!((row.hours, row.travel), (Some(12), Travel::Estimated));
    assert_eq!(ratios(&row.layers), [2_000, 8_000, 10_000, 10_000, 2_000]);
    let needs: Vec<_> = (row.needs.iter()).map(|need| (need.required, need.reachable)).collect();
    assert_eq!(needs, [(2_000, 9_900), (6_000_000, 34_800_000)]);
}

#[test]
fn attainment_is_exact_and_persons_are_whole() {
    let mut position = placed();
    stock(&mut position, "D-371301101", None, 1_899, 60_000);
    let mut strict = profile("3713");
    strict.attainment_permille = 950;
    let position = with_records(&position, vec![Record::Profile(strict)]);
    let found = row(&position, |_| {});
    assert_eq!(found.coverage, Some(Ratio(9_495)));
    assert_eq!((found.persons_covered, found.compliant), (Some(1_899), Some(false)));
    let binding = found.binding.unwrap();
    assert_eq!(
        (binding.reason, binding.short, binding.met_at_min),
        (Reason::Stock, Some(101), None)
    );
    let fewer = with_region(&position, |region| region.planned_displaced = Some(1_998));
    let found = row(&fewer, |_| {});
    assert_eq!(found.compliant, Some(true));
    assert!(found.binding.is_some());
}

#[test]
fn the_order_clock_and_more_days_count() {
    let position = worked_example();
    let order = row(&position, |query| query.clock = Some(ClockStart::Order));
    assert_eq!(order.full_at_min, Some(399));
    let days = row(&position, |query| query.days = 3);
    assert_eq!(days.needs[0].required, 2_000);
    assert_eq!(days.needs[1].required, 18_000_000);
    let six = row(&position, |query| query.days = 6);
    let binding = six.binding.unwrap();
    assert_eq!((binding.reason, binding.short), (Reason::Stock, Some(1_200_000)));
}

#[test]
fn only_good_usable_goods_in_active_depots_count() {
    let mut position = placed();
    stock(&mut position, "D-371301101", None, 100, 0);
    let damaged = crate::domain::movement::DraftLine {
        to_condition: Some(Condition::Damaged),
        ..out("D-371301101", "QUILT", 10)
    };
    let at = noon("2021-02-01");
    let change = draft(MovementType::ConditionChange, at, vec![damaged]);
    book(&mut position, &change, at).unwrap();
    let past = lot("PAST", "2021-11-09");
    receive(&mut position, "D-371301101", "QUILT", 1_000, past);
    let last = lot("LAST", "2021-11-10");
    receive(&mut position, "D-371301101", "QUILT", 7, last);
    let reachable = |position: &Position| row(position, |_| {}).needs[0].reachable;
    assert_eq!(reachable(&position), 97);
    for status in [DepotStatus::Planned, DepotStatus::Closed] {
        let shut = with_depot(&position, "D-371301101", |depot| depot.status = status);
        assert_eq!(reachable(&shut), 0);
    }
}

#[test]
fn terrain_readiness_and_inherited_points_reach_the_row() {
    let mut position = placed();
    stock(&mut position, "D-371301", None, 2_000, 12_000);
    let full = |position: &Position| row(position, |_| {}).full_at_min;
    assert_eq!(full(&position), Some(289));
    let ready = with_depot(&position, "D-371301", |depot| {
        depot.readiness_min = Some(10);
    });
    assert_eq!(full(&ready), Some(239));
    let hilly = with_region(&position, |region| region.mountain = Some(true));
    assert_eq!(full(&hilly), Some(297));
    let plain = row(&position, |_| {});
    assert!(!plain.inherited);
    // Its county's 7,854 km² make 50 km; 65 km by road at 40 km/h take 97.5 minutes.
    let county = Region { area_ha: Some(785_398), ..region("371301", 0, 0) };
    let guessed = with_region(&position, |region| {
        region.location_source = LocationSource::Inherited;
    });
    let guessed = with_records(&guessed, vec![Record::Region(county)]);
    let found = row(&guessed, |_| {});
    assert_eq!((found.inherited, found.full_at_min), (true, Some(338)));
}

#[test]
fn what_is_not_known_is_never_zero() {
    let unknown = |row: &Row, missing| {
        assert_eq!(row.coverage, None);
        assert_eq!((row.persons_covered, row.compliant), (None, None));
        assert_eq!(row.layers, Layers::default());
        let binding = row.binding.clone().unwrap();
        assert_eq!((binding.reason, binding.missing), (Reason::Unknown, Some(missing)));
    };
    let position = worked_example();
    let nobody = with_region(&position, |region| region.planned_displaced = None);
    unknown(&row(&nobody, |_| {}), Missing::PlannedDisplaced);
    unknown(&row(&world(), |_| {}), Missing::Profile);
    let voluntary = ["bedding", "water"].map(|code| {
        let mandatory = false;
        Record::Need(Need { mandatory, ..need(code, 1, Per::Once) })
    });
    let idle = with_records(&position, voluntary.into());
    unknown(&row(&idle, |_| {}), Missing::Needs);
    let zero = with_region(&position, |region| region.planned_displaced = Some(0));
    let found = row(&zero, |_| {});
    assert_eq!((found.coverage, found.full_at_min), (Some(Ratio::ONE), Some(0)));
    assert_eq!((found.persons_covered, found.binding), (Some(0), None));
}

#[test]
fn a_need_out_of_season_is_not_applied() {
    let position = worked_example();
    let warm = Need { season: Season::parse("10-04"), ..need("clothing", 1_000, Per::Once) };
    let position = with_records(&position, vec![Record::Need(warm)]);
    let summer = row(&position, |query| query.on = day("2021-07-01"));
    assert_eq!((summer.coverage, summer.needs.len()), (Some(Ratio::ONE), 2));
    let winter = row(&position, |_| {});
    assert_eq!((winter.coverage, winter.needs.len()), (Some(Ratio::ZERO), 3));
    assert_eq!(winter.binding.unwrap().need.unwrap().code.as_str(), "clothing");
}

#[test]
fn the_rows_are_the_areas_of_the_tier_in_tree_order() {
    let position = worked_example();
    let rows = |region, tier| {
        let answer = coverage(&position, &query(&position, region, tier)).unwrap();
        let codes = answer.rows.iter().map(|row| row.region.code.to_string());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(rows("37", None), ["371301101201"]);
    assert_eq!(rows("3713", Some(Tier::County)), ["371301000000", "371302000000"]);
    assert_eq!(rows("371301", Some(Tier::Township)), ["371301101000", "371301102000"]);
    assert_eq!(rows("371301101201", None), ["371301101201"]);
    let over = coverage(&position, &query(&position, TOWNSHIP, Some(Tier::City)));
    assert!(matches!(over, Err(Refusal::Invalid(_))));
    let mut endless = query(&position, "37", None);
    endless.days = 0;
    assert!(matches!(coverage(&position, &endless), Err(Refusal::Invalid(_))));
    endless.region = RegionIx(99);
    let lost = coverage(&position, &endless);
    assert!(matches!(lost, Err(Refusal::UnknownReference { .. })));
}
