//! Tests of eligibility: who is admitted by which scope, in which layer, at whose consent.

use super::tests::{placed, ratios, row, stock, with_depot, with_region};
use super::*;
use crate::domain::catalogue::Per;
use crate::domain::fixture::*;
use crate::domain::quantity::Ratio;
use crate::domain::reference::Record;
use crate::domain::region::Point;

#[test]
fn every_scope_admits_its_owners() {
    let mut position = other_places(&placed());
    // Powers of two tell who was counted.
    let held = [
        ("D-371301101201", None, 1),
        ("D-371301101", Some("O-3710"), 2),
        ("D-371302", Some("O-371301"), 4),
        ("D-371301101", Some("O-37"), 8),
        ("D-3713", Some("O-37"), 16),
        ("D-371302", None, 32),
        ("D-371302", Some("O-371301101201"), 64),
        ("D-3710", None, 128),
        ("D-37", None, 256),
        ("D-32", None, 512),
        ("D-32", Some("O-371302"), 1_024),
        ("D-3710", Some("O-32"), 2_048),
    ];
    for (depot, owner, quilts) in held {
        stock(&mut position, depot, owner, quilts, 0);
    }
    let position = with_region(&position, |region| region.planned_displaced = Some(10_000));
    let bedding_only = |position: &Position, scope| {
        row(position, |query| {
            query.scope = scope;
            query.hours = Some(MAX_HOURS);
        })
    };
    let own = 1 + 2 + 4;
    let city = own + 32 + 64 + 1_024;
    let province = city + 8 + 16 + 128 + 256 + 2_048;
    let sums = [own, city, province, province + 512];
    for (scope, sum) in Scope::ALL.into_iter().zip(sums) {
        let found = bedding_only(&position, scope);
        assert_eq!(found.needs[0].reachable, sum, "{scope:?}");
    }
    let dry = need("water", 0, Per::Day);
    let position = with_records(&position, vec![Record::Need(dry)]);
    let layers = |scope| ratios(&bedding_only(&position, scope).layers);
    // Own, county, city, then those above the city whether counted or not; isolated.
    let provincial = own + 8 + 16 + 256;
    assert_eq!(layers(Scope::OwnChain), [1, 5, own, provincial, 11]);
    let (sibling, whole) = (own + 32 + 1_024, city + 8 + 16 + 256);
    assert_eq!(layers(Scope::City), [1 + 64, sibling - 2 + 64, city, whole, 11]);
}

/// The city 3710 and the province 32 beside, each with an organization and a depot.
fn other_places(position: &Position) -> Position {
    let mut records = vec![Record::Profile(profile("3713"))];
    for (at, lon) in [("32", 2_000_000), ("3710", 1_000_000)] {
        let owner = format!("O-{at}");
        records.push(Record::Region(region(at, lon, 0)));
        records.push(Record::Organization(organization(&owner, at)));
        records.push(Record::Depot(depot(&format!("D-{at}"), at, &owner, lon, 0)));
    }
    with_records(position, records)
}

#[test]
fn goods_from_beside_wait_for_consent_from_above() {
    let mut position = placed();
    stock(&mut position, "D-371301102", None, 2_000, 12_000);
    let beside = with_depot(&position, "D-371301102", |depot| {
        let (lon_e6, lat_e6) = (71_866, 0);
        depot.location = Point { lon_e6, lat_e6 };
    });
    let found = row(&beside, |_| {});
    assert_eq!((found.coverage, found.full_at_min), (Some(Ratio(0)), None));
    assert_eq!(found.binding.unwrap().reason, Reason::Stock);
    // The sibling township's goods take the county's decision, 30 minutes instead of 15.
    let found = row(&beside, |query| query.scope = Scope::City);
    assert_eq!(found.full_at_min, Some(201));
    assert_eq!(ratios(&found.layers), [0, 10_000, 10_000, 10_000, 0]);
}

#[test]
fn the_province_counts_in_its_own_layer_only() {
    let mut position = placed();
    stock(&mut position, "D-3713", Some("O-37"), 2_000, 12_000);
    let found = row(&position, |_| {});
    assert_eq!(found.coverage, Some(Ratio(0)));
    assert_eq!(found.binding.unwrap().reason, Reason::Stock);
    assert_eq!(ratios(&found.layers), [0, 0, 0, 10_000, 0]);
    let found = row(&position, |query| query.scope = Scope::Province);
    assert_eq!((found.coverage, found.full_at_min), (Some(Ratio(10_000)), Some(519)));
}

#[test]
fn where_the_province_itself_is_struck_its_goods_still_count_as_the_provinces() {
    let records = vec![Record::Profile(profile("37")), Record::Need(need("water", 0, Per::Day))];
    let mut position = with_records(&placed(), records);
    // Powers of two tell who was counted; all lie in the province.
    let held = [("D-371301", None, 1), ("D-3713", Some("O-37"), 2), ("D-37", None, 4)];
    for (depot, owner, quilts) in held {
        stock(&mut position, depot, owner, quilts, 0);
    }
    let struck = |scope| {
        let mut province =
            (**position.reference.regions.by_code(region_code("37")).unwrap()).clone();
        province.planned_displaced = Some(10_000);
        let position = with_records(&position, vec![Record::Region(province)]);
        let found = row(&position, |query| {
            query.region = position.reference.regions.find(region_code("37")).unwrap();
            query.tier = Some(Tier::Province);
            query.scope = scope;
            query.hours = Some(MAX_HOURS);
        });
        (found.needs[0].reachable, ratios(&found.layers))
    };
    let layers = [1, 1, 1, 7, 7];
    for (scope, sum) in Scope::ALL.into_iter().zip([1, 1, 7, 7]) {
        assert_eq!(struck(scope), (sum, layers), "{scope:?}");
    }
}
