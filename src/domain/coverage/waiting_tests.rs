//! Tests of what closures hold back from an area, and for which of them the goods that close its
//! shortfall wait.
//!
//! Lives here: sources, units and closures by number. Does not live here: minutes of a wait
//! (`travel`). Invariant: a source is held back by one closure, and only if that makes it late.

use super::tests::{TOWNSHIP, placed, query, stock};
use super::*;
use crate::domain::catalogue::Per;
use crate::domain::fixture::*;
use crate::domain::reference::Record;
use crate::domain::region::RegionIx;
use crate::domain::travel::BlockedPair;

/// Quilts: 1,500 of the county there after 289 minutes, 8,000 of the city after 459, 700 of the
/// province after 734; 100 of the township. 9,000 people ask for one each.
fn asking() -> Position {
    let dry = Record::Need(need("water", 0, Per::Day));
    let mut position = with_records(&placed(), vec![dry]);
    for (depot, quilts) in
        [("D-371301", 1_500), ("D-3713", 8_000), ("D-37", 700), (TOWNSHIP_DEPOT, 100)]
    {
        stock(&mut position, depot, None, quilts, 0);
    }
    super::tests::with_region(&position, |region| region.planned_displaced = Some(9_000))
}

const TOWNSHIP_DEPOT: &str = "D-371301101";

/// What closes: the township, numbered 0, and the ways from the city's and the county's depots to
/// it, numbered 1 and 2; each until a minute, if at all.
type Closed = [Option<Option<u32>>; 3];

fn row(
    position: &Position,
    [region, city, county]: Closed,
    change: impl FnOnce(&mut Query),
) -> Row {
    let reference = &position.reference;
    let township: RegionIx = reference.regions.find(region_code(TOWNSHIP)).unwrap();
    let mut asked = query(position, TOWNSHIP, Some(Tier::Township));
    asked.detail = true;
    let area = region.map(|opens_min| Closure { region: township, opens_min, number: 0 });
    asked.closures = area.into_iter().collect();
    for (depot, opens_min, number) in [("D-3713", city, 1), ("D-371301", county, 2)] {
        let depot = reference.depots.find(depot).unwrap();
        let pair = |opens_min| BlockedPair { depot, region: township, opens_min, number };
        asked.blocked.pairs.extend(opens_min.map(pair));
    }
    change(&mut asked);
    coverage(position, &asked).unwrap().rows.remove(0)
}

/// By closure, how many depots it holds back and what lies in them.
fn held(
    position: &Position,
    closed: Closed,
    change: impl FnOnce(&mut Query),
) -> Vec<(u32, usize, i64)> {
    let detail = row(position, closed, change).detail.unwrap();
    detail.held_back.iter().map(|row| (row.hold.number, row.depots, row.units)).collect()
}

/// A way that stays closed, and one that opens after so many minutes.
const SHUT: Option<Option<u32>> = Some(None);
fn until(minute: u32) -> Option<Option<u32>> {
    Some(Some(minute))
}

#[test]
fn a_source_is_held_back_by_the_last_of_the_closures_on_its_way() {
    let position = asking();
    assert_eq!(held(&position, [None; 3], |_| {}), []);
    assert_eq!(held(&position, [SHUT, None, None], |_| {}), [(0, 2, 9_500)]);
    assert_eq!(held(&position, [None, SHUT, None], |_| {}), [(1, 1, 8_000)]);
    // Each by its own, most first.
    assert_eq!(held(&position, [None, SHUT, SHUT], |_| {}), [(1, 1, 8_000), (2, 1, 1_500)]);
    let both = [until(2_000), until(3_000), until(1_000)];
    assert_eq!(held(&position, both, |_| {}), [(1, 1, 8_000), (0, 1, 1_500)]);
    let both = [until(2_000), until(1_000), SHUT];
    assert_eq!(held(&position, both, |_| {}), [(0, 1, 8_000), (2, 1, 1_500)]);
}

#[test]
fn what_is_in_time_or_late_anyway_is_not_held_back() {
    let position = asking();
    // After 200 minutes the township is open: the county's goods wait, and are in time.
    assert_eq!(held(&position, [until(200), SHUT, None], |_| {}), [(1, 1, 8_000)]);
    // The city's come after five hours on open roads, too.
    let hurried = |query: &mut Query| query.hours = Some(5);
    assert_eq!(held(&position, [SHUT, None, None], hurried), [(0, 1, 1_500)]);
    // The province's goods stand over the township, and count in a wider scope only.
    let patient = |query: &mut Query| query.hours = Some(24);
    assert_eq!(held(&position, [SHUT, None, None], patient), [(0, 2, 9_500)]);
    let wider = |query: &mut Query| (query.hours, query.scope) = (Some(24), Scope::Province);
    assert_eq!(held(&position, [SHUT, None, None], wider), [(0, 3, 10_200)]);
    // Nothing is left of what lies in the struck county.
    let struck = |query: &mut Query| {
        query.shock = Shock { tier: Some(Tier::County), surviving_percent: 0 };
    };
    assert_eq!(held(&position, [SHUT, None, None], struck), [(0, 1, 8_000)]);
}

#[test]
fn the_goods_that_close_a_shortfall_name_what_they_wait_for() {
    let position = asking();
    let told = |closed: Closed, hours: u32| {
        let found = row(&position, closed, |query| query.hours = Some(hours)).detail.unwrap();
        let remedy = found.remedy.unwrap();
        let depot = remedy.depot.and_then(|ix| position.reference.depots.get(ix));
        let depot = depot.map(|depot| depot.code.to_string());
        (depot, remedy.at_min, remedy.hold.map(|hold| hold.number))
    };
    let city = |at_min: i64, hold: Option<u32>| (Some("D-3713".to_string()), Some(at_min), hold);
    assert_eq!(told([None; 3], 6), city(459, None));
    // Mobilised and loaded after 180 minutes; the wait goes on beside it.
    assert_eq!(told([until(180), None, None], 6), city(459, None), "open before they are loaded");
    assert_eq!(told([until(181), None, None], 6), city(460, Some(0)));
    assert_eq!(told([None, until(180), None], 6), city(459, None));
    assert_eq!(told([None, until(181), None], 6), city(460, Some(1)));
    assert_eq!(told([until(1_000), until(900), None], 6), city(1_279, Some(0)));
    assert_eq!(told([until(900), until(1_000), None], 6), city(1_279, Some(1)));
    assert_eq!(told([None, SHUT, None], 6), (None, None, None));
}

#[test]
fn of_two_closures_round_a_depot_the_last_to_open_counts_whichever_is_named_first() {
    // A city whose goods nobody of the township's own chain has to do with.
    let near = vec![
        Record::Region(region("3710", 100_000, 0)),
        Record::Organization(organization("O-3710", "3710")),
        Record::Depot(depot("D-3710", "3710", "O-3710", 100_000, 0)),
    ];
    let mut position = with_records(&asking(), near);
    stock(&mut position, "D-3710", None, 9_000, 0);
    let position =
        super::tests::with_region(&position, |region| region.planned_displaced = Some(15_000));
    let beside = position.reference.regions.find(region_code("3710")).unwrap();
    let covered = |opens: &[u32]| {
        let closure = |(number, opens_min): (u32, &u32)| Closure {
            region: beside,
            opens_min: Some(*opens_min),
            number,
        };
        let row = row(&position, [None; 3], |query| {
            (query.scope, query.detail) = (Scope::Province, false);
            query.closures = (0..).zip(opens).map(closure).collect();
        });
        row.coverage.unwrap().0
    };
    assert_eq!(covered(&[]), 10_000);
    assert_eq!(covered(&[10]), 10_000, "open before they are loaded");
    // 9,600 quilts of 15,000 without those of the city beside.
    assert_eq!(covered(&[1_000]), 6_400);
    assert_eq!(covered(&[1_000, 10]), 6_400);
    assert_eq!(covered(&[10, 1_000]), 6_400);
}
