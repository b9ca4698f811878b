//! Tests of the frame: what may be added beside it, and each change that lays it anew.

use super::*;
use crate::domain::fixture::*;
use crate::domain::position::Position;
use crate::domain::reference::Record;
use crate::domain::region::Region;

fn frame(position: &Position) -> Frame {
    Frame::of(&position.reference).unwrap()
}

fn placed(text: &str) -> Region {
    region(text, 118_000_000, 35_000_000)
}

/// Whether the frame with a record put in extends the one without.
fn extends_with(before: &Position, record: Record) -> bool {
    frame(&with_records(before, vec![record])).extends(&frame(before))
}

/// The fixture's world, with a village in each township of county 371301.
fn ground() -> Position {
    with_records(&world(), vec![Record::Region(placed("371301102202"))])
}

#[test]
fn new_depots_owners_and_items_stand_beside_the_old() {
    let ground = ground();
    let depot = depot("D-NEW", "371302", "O-3713", 118_000_000, 35_000_000);
    assert!(extends_with(&ground, Record::Depot(depot)));
    assert!(extends_with(&ground, Record::Organization(organization("O-NEW", "371302"))));
    let item = item("ZZZ", None, crate::domain::catalogue::LifeKind::None, 0);
    assert!(extends_with(&ground, Record::Item(item)));
    assert!(extends_with(
        &ground,
        Record::Region(Region { population: Some(7), ..placed("3713") })
    ));
}

#[test]
fn a_region_that_becomes_a_county_has_a_bucket_of_its_own() {
    let county = Region { tier: Tier::County, ..placed("371301102") };
    assert!(!extends_with(&ground(), Record::Region(county)));
}

#[test]
fn a_county_that_becomes_a_city_leaves_its_area() {
    let ground = ground();
    let city = Region { tier: Tier::City, ..placed("371302") };
    let after = with_records(&ground, vec![Record::Region(city.clone())]);
    let (before, after) = (frame(&ground), frame(&after));
    assert_eq!(before.bucket_of, after.bucket_of, "nothing else tells");
    assert!(before.same_tree(&after.regions));
    assert!(!extends_with(&ground, Record::Region(city)));
}

#[test]
fn a_village_of_another_township_moves_what_is_lacking_there() {
    let ground = ground();
    let sister = Region { parent: Some(region_code("371301101")), ..placed("371301102202") };
    let after = with_records(&ground, vec![Record::Region(sister.clone())]);
    let (before, after) = (frame(&ground), frame(&after));
    assert_eq!((&before.bucket_of, &before.areas), (&after.bucket_of, &after.areas));
    assert!(!extends_with(&ground, Record::Region(sister)));
}

#[test]
fn a_moved_depot_or_owner_and_another_rule_of_life_are_no_extension() {
    let ground = ground();
    let moved = depot("D-371301", "371302", "O-371301", 118_400_000, 35_300_000);
    assert!(!extends_with(&ground, Record::Depot(moved)));
    assert!(!extends_with(&ground, Record::Organization(organization("O-371301", "371302"))));
    let hard = item("TENT", None, crate::domain::catalogue::LifeKind::Hard, 12);
    assert!(!extends_with(&ground, Record::Item(hard)));
}
