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

/// Townships of county 371302, each with a village; nobody owns or keeps anything there.
fn bare_townships() -> Position {
    let codes = ["371302101", "371302102", "371302101201", "371302102201"];
    let places = codes.map(|text| Record::Region(placed(text)));
    with_records(&ground(), places.to_vec())
}

fn under(text: &str, parent: &str) -> Record {
    Record::Region(Region { parent: Some(region_code(parent)), ..placed(text) })
}

/// Codes of all regions, and their parents, by index.
fn tree(frame: &Frame) -> (Vec<u64>, Vec<Option<RegionIx>>) {
    let codes = frame.regions.iter().map(|(_, region)| region.code.number()).collect();
    (codes, frame.regions.iter().map(|(ix, _)| frame.regions.parent(ix)).collect())
}

/// The frames without and with the records, of which nothing but the tree tells them apart.
fn apart_by_their_tree(records: Vec<Record>) -> (Frame, Frame) {
    let ground = bare_townships();
    let (before, after) = (frame(&ground), frame(&with_records(&ground, records)));
    assert_eq!((&before.bucket_of, &before.areas), (&after.bucket_of, &after.areas));
    assert_eq!((&before.depots, &before.owners), (&after.depots, &after.owners));
    assert_eq!(before.items, after.items);
    (before, after)
}

#[test]
fn a_village_that_goes_to_another_parent_is_told_by_the_tree_alone() {
    let (before, after) = apart_by_their_tree(vec![under("371302102201", "371302")]);
    let ((codes, parents), (same, others)) = (tree(&before), tree(&after));
    assert!(codes == same && parents != others, "only parents differ");
    assert!(!after.extends(&before));
}

#[test]
fn villages_that_change_places_are_told_by_the_tree_alone() {
    let swapped = vec![under("371302101201", "371302102"), under("371302102201", "371302101")];
    let (before, after) = apart_by_their_tree(swapped);
    let ((codes, parents), (others, same)) = (tree(&before), tree(&after));
    assert!(codes != others && parents == same, "only codes differ");
    assert!(!after.extends(&before));
}

#[test]
fn an_index_kept_over_a_change_of_the_tree_is_that_laid_anew() {
    let quotas = ["371302101201", "371302102201"].map(|place| {
        let subject = crate::domain::quota::Subject::Item(code("QUILT"));
        Record::Quota(quota(place, subject, if place.ends_with("1201") { 50 } else { 7 }, 0))
    });
    let mut position = with_records(&bare_townships(), quotas.to_vec());
    position.keep_index(day("2022-01-01"));
    for records in [
        vec![under("371302102201", "371302")],
        vec![under("371302101201", "371302102"), under("371302102201", "371302101")],
    ] {
        let after = with_records(&position, records);
        assert!(after.index().is_some() && after.index_agrees());
    }
}
