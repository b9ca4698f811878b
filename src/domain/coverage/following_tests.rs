//! Tests of what a kept answer follows to: one small world after another, each step held against a
//! survey.

use std::sync::Arc;

use super::block_tests::with_routes;
use super::live_tests::agrees;
use super::tests::{TOWNSHIP, placed, query, stock, with_depot, with_region, worked_example};
use super::trace::MOST;
use super::*;
use crate::domain::calendar::Instant;
use crate::domain::catalogue::{LifeKind, Need, Per, Season};
use crate::domain::depot::DepotStatus;
use crate::domain::fixture::*;
use crate::domain::movement::{Condition, Place};
use crate::domain::position::{Balance, Key, Shard};
use crate::domain::quota::Mode;
use crate::domain::reference::Record;
use crate::domain::region::{LocationSource, Point, Region};

/// The same book where so much of an item lies in a depot, of an owner.
pub fn laid(position: &Position, depot: &str, owner: &str, item: &str, quantity: i64) -> Position {
    let reference = &position.reference;
    let depot = reference.depots.find(depot).unwrap();
    let lot = (0..).find(|at| position.lot(*at).unwrap().key.item.as_str() == item).unwrap();
    let key = Key {
        item: reference.items.find(item).unwrap(),
        owner: reference.organizations.find(owner).unwrap(),
        place: Place::Depot,
        condition: Condition::Good,
        lot,
    };
    let mut rows = position.shard(depot).unwrap().rows().to_vec();
    rows.retain(|row| row.key != key);
    rows.push(Balance { key, quantity, last_occurred_at: Instant(0) });
    let mut next = position.clone();
    next.load_shard(depot, Shard::of_rows(rows).unwrap()).unwrap();
    next
}

/// A kept answer and the book that it stands at.
pub struct Kept {
    pub live: Live,
    pub now: Arc<Position>,
}

impl Kept {
    /// Held against a survey, as is every later step.
    pub fn of(position: &Position, asked: &Query) -> Self {
        let mut kept = Self::untold(position, asked);
        kept.holds();
        kept
    }

    /// Nobody has asked for any of it yet.
    pub fn untold(position: &Position, asked: &Query) -> Self {
        let now = Arc::new(position.clone());
        let live = Live::of(&now, asked).unwrap().unwrap();
        Self { live, now }
    }

    pub fn holds(&mut self) {
        agrees(&mut self.live, &self.now).unwrap();
        let asked = self.live.query().clone();
        let expected = coverage(&self.now, &asked).unwrap();
        for limit in 0..=expected.rows.len() {
            let shown = Shown { worst_first: true, limit: Some(limit) };
            assert_eq!(self.live.tell(shown), Told::of(expected.clone(), shown), "{limit}");
        }
    }

    /// So much of an item lies in the depot of a region from now on, of its own.
    pub fn lies(&mut self, at: &str, item: &str, quantity: i64) -> &mut Self {
        self.slips(at, item, quantity);
        self.holds();
        self
    }

    /// The same, which nobody asks about for now.
    pub fn slips(&mut self, at: &str, item: &str, quantity: i64) -> &mut Self {
        let (depot, owner) = (format!("D-{at}"), format!("O-{at}"));
        self.comes(laid(&self.now, &depot, &owner, item, quantity))
    }

    /// The book is another now.
    pub fn comes(&mut self, position: Position) -> &mut Self {
        self.now = Arc::new(position);
        assert!(self.live.follow(&self.now));
        self
    }

    /// What is closed opens at other minutes.
    pub fn opens(&mut self, asked: &Query) -> &mut Self {
        assert!(self.live.reclose_if_worth(asked, 1));
        self.holds();
        self
    }

    /// The township's row.
    pub fn row(&mut self) -> Row {
        self.live.tell(Shown::default()).rows.remove(0)
    }
}

fn townships(position: &Position) -> Query {
    query(position, TOWNSHIP, Some(Tier::Township))
}

/// The same with the other county's depot 50 km off.
pub fn with_neighbour(position: &Position) -> Position {
    with_depot(position, "D-371302", |depot| depot.location = Point { lon_e6: 0, lat_e6: 452_000 })
}

pub fn optional(text: &str) -> Record {
    Record::Need(Need { mandatory: false, ..need(text, 1_000, Per::Once) })
}

#[test]
fn what_an_area_can_do_without_makes_it_full_neither_sooner_nor_later() {
    let lamp = Record::Item(item("LAMP", Some(("light", 1)), LifeKind::None, 0));
    let position = with_records(&worked_example(), vec![optional("light"), lamp]);
    let mut position = position;
    receive(&mut position, "D-37", "LAMP", 5_000, lot("L", "2030-01-01"));
    let asked = Query { scope: Scope::Province, ..townships(&position) };
    let mut kept = Kept::of(&position, &asked);
    let full = kept.row().full_at_min;
    assert_eq!(full, Some(459));
    for lamps in [0, 100, 5_000] {
        kept.lies("37", "LAMP", lamps);
        assert_eq!(kept.row().full_at_min, full);
    }
    kept.lies(TOWNSHIP, "LAMP", 2_000).lies(TOWNSHIP, "LAMP", 0);
    // Neither does what nobody needs at this time of the year.
    let warm = Need { season: Season::parse("04-10"), ..need("warmth", 1_000, Per::Once) };
    let coat = Record::Item(item("COAT", Some(("warmth", 1)), LifeKind::None, 0));
    let mut position = with_records(&position, vec![Record::Need(warm), coat]);
    receive(&mut position, "D-37", "COAT", 5_000, lot("L", "2030-01-01"));
    let mut kept = Kept::of(&position, &asked);
    for coats in [0, 100, 5_000] {
        kept.lies("37", "COAT", coats);
        assert_eq!(kept.row().full_at_min, full);
    }
    kept.lies("3713", "QUILT", 0).lies("37", "COAT", 1).lies("3713", "QUILT", 8_000);
}

#[test]
fn areas_of_which_nobody_can_know_are_told_first_and_in_no_sum() {
    let nowhere = Region { planned_displaced: None, ..region("371301102", 0, 0) };
    let nobody = Region { planned_displaced: Some(0), ..region("371301103", 0, 0) };
    let last = region("371302101", 0, 0);
    let mut records: Vec<Record> = [nowhere, nobody, last].map(Record::Region).into();
    records.extend(["bedding", "water"].map(optional));
    let position = with_records(&worked_example(), records);
    for at in ["3713", "371301", "371302", TOWNSHIP] {
        let mut kept = Kept::of(&position, &query(&position, at, Some(Tier::Township)));
        kept.lies("3713", "QUILT", 0).lies(TOWNSHIP, "WATER", 9).lies("3713", "QUILT", 7);
    }
    // The first of those of whom it is known lies where it is known of all.
    let empty = ["371301101", "371301102", "371302102"];
    let empty = empty.map(|at| Region { planned_displaced: Some(0), ..region(at, 0, 0) });
    let empty = with_records(&position, empty.map(Record::Region).into());
    let mut kept = Kept::of(&empty, &query(&empty, "3713", Some(Tier::Township)));
    let told = kept.live.tell(Shown::default()).totals;
    assert_eq!((told.areas, told.unknown), (5, 1));
    assert_eq!(told.worst.unwrap().code, region_code(TOWNSHIP));
    kept.lies("3713", "QUILT", 0);
    // With a need that some of them have.
    let seasonal = Need { season: Season::parse("04-10"), ..need("bedding", 1_000, Per::Once) };
    let position = with_records(&position, vec![Record::Need(seasonal)]);
    for on in ["2021-07-01", "2021-11-10"] {
        let asked = query(&position, "3713", Some(Tier::Township));
        let mut kept = Kept::of(&position, &Query { on: day(on), ..asked });
        kept.lies("3713", "QUILT", 0).lies(TOWNSHIP, "QUILT", 9).lies("3713", "QUILT", 7);
    }
}

#[test]
fn what_moves_in_a_closed_depot_changes_nothing() {
    for status in [DepotStatus::Planned, DepotStatus::Closed] {
        let position = with_depot(&worked_example(), "D-3713", |depot| depot.status = status);
        let mut kept = Kept::of(&position, &townships(&position));
        let before = kept.row();
        kept.lies("3713", "QUILT", 0).lies("3713", "WATER", 90_000).lies("3713", "QUILT", 5);
        assert_eq!(kept.row(), before);
        kept.lies("371301", "QUILT", 1_501);
    }
}

#[test]
fn sums_are_followed_as_far_as_they_fit_and_no_further() {
    let sea = Record::Item(item("SEA", Some(("water", MOST)), LifeKind::None, 0));
    let drop = Record::Item(item("DROP", Some(("water", 1)), LifeKind::None, 0));
    let mut position = with_records(&placed(), vec![sea, drop]);
    for item in ["SEA", "DROP"] {
        receive(&mut position, "D-3713", item, 1, lot("L", "2030-01-01"));
    }
    let with = |sea, drop| {
        let position = laid(&position, "D-3713", "O-3713", "SEA", sea);
        Arc::new(laid(&position, "D-3713", "O-3713", "DROP", drop))
    };
    let asked = townships(&position);
    // Also of what no area gets.
    let mut apart = with(1, 0).as_ref().clone();
    receive(&mut apart, "D-371302", "DROP", 1, lot("L", "2030-01-01"));
    assert!(Live::of(&Arc::new(apart.clone()), &asked).unwrap().is_none());
    assert!(!Kept::of(&with(1, 0), &asked).live.follow(&Arc::new(apart)));
    for (sea, drop) in [(1, 1), (1, 2), (5, 0), (9, 9)] {
        let mut kept = Kept::of(&with(0, 3), &asked);
        kept.comes(with(1, 0).as_ref().clone()).holds();
        kept.comes(with(0, 7).as_ref().clone()).holds();
        kept.comes(with(1, 0).as_ref().clone()).holds();
        assert!(!kept.live.follow(&with(sea, drop)), "{sea} {drop}");
        assert!(Live::of(&with(sea, drop), &asked).unwrap().is_none());
        assert!(coverage(&with(sea, drop), &asked).is_ok());
    }
}

#[test]
fn so_many_needs_are_kept_and_no_more() {
    // The last of them by code is met, and then is not.
    let rope = Record::Item(item("ROPE", Some(("z", 1)), LifeKind::None, 0));
    let last = Need { code: code("z"), ..need("z", 1_000, Per::Once) };
    let all = with_records(&worked_example(), vec![Record::Need(last), rope]);
    let more: Vec<Record> = (3..64).map(|n| optional(&format!("n{n:02}"))).collect();
    let mut all = with_records(&all, more);
    assert_eq!(all.reference.needs.len(), 64);
    receive(&mut all, "D-37", "ROPE", 5_000, lot("L", "2030-01-01"));
    let asked = Query { scope: Scope::Province, ..townships(&all) };
    let mut kept = Kept::of(&all, &asked);
    kept.lies("37", "ROPE", 0).lies(TOWNSHIP, "ROPE", 2_000).lies("37", "ROPE", 2_000);
    let over = Arc::new(with_records(&all, vec![optional("n64")]));
    assert!(Live::of(&over, &townships(&over)).unwrap().is_none());
}

#[test]
fn an_answer_in_which_what_lies_does_not_count_is_not_kept() {
    let mut promises = profile("3713");
    promises.modes_counted = vec![Mode::Agreement];
    let position = with_records(&worked_example(), vec![Record::Profile(promises)]);
    let asked = townships(&position);
    assert!(Live::of(&Arc::new(position.clone()), &asked).unwrap().is_none());
    let other = [Record::Profile(profile("3710")), Record::Region(region("3710", 0, 0))];
    let other = other.into_iter().chain([Record::Region(region("371001", 0, 0))]).collect();
    let position = Arc::new(with_records(&position, other));
    let all = query(&position, "37", Some(Tier::County));
    assert!(Live::of(&position, &all).unwrap().is_none(), "of one of them");
    let one = query(&position, "3710", Some(Tier::County));
    assert!(Live::of(&position, &one).unwrap().is_some());
}

#[test]
fn trucks_that_do_not_move_bring_nothing() {
    let mut stuck = profile("3713");
    let county = stuck.tiers.iter_mut().find(|row| row.tier == Tier::County).unwrap();
    county.delivery.speed_kmh = 0;
    let position = with_neighbour(&worked_example());
    let mut position = with_records(&position, vec![Record::Profile(stuck)]);
    stock(&mut position, "D-371302", None, 100, 100);
    let asked = Query { scope: Scope::City, ..townships(&position) };
    let mut kept = Kept::of(&position, &asked);
    kept.lies("371302", "QUILT", 9_000).lies("371301", "QUILT", 0).lies("371302", "QUILT", 0);
}

#[test]
fn what_comes_from_very_far_is_followed_too() {
    // Beyond any bound, and later than is kept in order: 7,013 km by road at 50 km/h.
    let far = with_depot(&worked_example(), "D-3713", |depot| {
        depot.location.lon_e6 = 63_000_000;
    });
    let far = with_region(&far, |region| region.planned_displaced = Some(2_500));
    let asked = Query { hours: Some(300), ..townships(&far) };
    let mut kept = Kept::of(&far, &asked);
    assert!(kept.row().full_at_min.is_some_and(|at| at > 10_000));
    kept.lies("3713", "QUILT", 600).lies("3713", "QUILT", 599).lies("3713", "QUILT", 8_000);
    kept.lies("371301", "QUILT", 2_100).lies("371301", "WATER", 20_000);
    assert_eq!(kept.row().full_at_min, Some(289));
    kept.lies("371301", "QUILT", 0).slips("371301", "QUILT", 2_100).lies("3713", "WATER", 5);
    kept.slips("371301", "QUILT", 2_099).slips("3713", "QUILT", 1).holds();
    kept.slips("3713", "QUILT", 0).slips(TOWNSHIP, "QUILT", 301).holds();
}

#[test]
fn what_an_area_can_do_without_is_met_later_and_then_never() {
    let lamp = Record::Item(item("LAMP", Some(("light", 1)), LifeKind::None, 0));
    let mut position = with_records(&worked_example(), vec![optional("light"), lamp]);
    stock(&mut position, "D-371301", None, 9_000, 90_000);
    for depot in ["D-371301101", "D-3713"] {
        receive(&mut position, depot, "LAMP", 2_000, lot("L", "2030-01-01"));
    }
    let mut kept = Kept::of(&position, &townships(&position));
    let met = |kept: &mut Kept| kept.row().needs[1].met_at_min;
    assert_eq!((kept.row().full_at_min, met(&mut kept)), (Some(289), Some(186)));
    kept.lies(TOWNSHIP, "LAMP", 0);
    assert_eq!((kept.row().full_at_min, met(&mut kept)), (Some(289), Some(459)));
    kept.lies("3713", "LAMP", 1_999);
    assert_eq!((kept.row().full_at_min, met(&mut kept)), (Some(289), None));
}

#[test]
fn an_inherited_point_is_as_far_as_its_region_reaches() {
    // The city's 17,200 km² make 74 km, of which 25 km are sure: 445 minutes instead of 369.
    let position = with_depot(&worked_example(), "D-3713", |depot| {
        depot.location_source = LocationSource::Inherited;
        depot.location = Point { lon_e6: 224_578, lat_e6: 0 };
    });
    for hours in 6..9 {
        let asked = Query { hours: Some(hours), ..townships(&position) };
        Kept::of(&position, &asked).lies("3713", "QUILT", 9_000).lies("3713", "QUILT", 0);
    }
}

#[test]
fn an_area_at_an_inherited_point_rests_on_it_as_long_as_anything_comes() {
    let position = with_region(&worked_example(), |region| {
        region.location_source = LocationSource::Inherited;
    });
    let mut kept = Kept::of(&position, &townships(&position));
    for at in ["371301101201", TOWNSHIP, "371301", "3713"] {
        assert!(kept.row().inherited);
        kept.lies(at, "QUILT", 0).lies(at, "WATER", 0);
    }
    assert!(!kept.row().inherited);
    kept.lies("3713", "WATER", 1);
    assert!(kept.row().inherited);
}

#[test]
fn what_is_promised_is_known_no_better_than_by_a_straight_line() {
    let mut city = profile("3713");
    city.modes_counted = vec![Mode::GovPhysical, Mode::Social];
    let mut pledged = pledge("P-1", "3713");
    (pledged.pledged_quantity, pledged.fulfilment_permille) = (2_000, Some(1_000));
    pledged.response_hours = 5;
    let mut position = placed();
    stock(&mut position, "D-371301", None, 1, 90_000);
    stock(&mut position, "D-371301101", None, 1, 1);
    let depot =
        |name: &str| usize::try_from(position.reference.depots.find(name).unwrap()).unwrap();
    let routes = [(depot("D-371301"), 4, 50), (depot("D-371301101"), 4, 60)];
    let position = with_routes(&position, &routes);
    let position =
        with_records(&position, vec![Record::Pledge(pledged), Record::Profile(city.clone())]);
    // Just within the limit, an hour late, and later than all that is measured.
    let at_min = Kept::of(&position, &townships(&position)).row().full_at_min.unwrap();
    let at_min = u32::try_from(at_min).unwrap();
    city.promise_decide_min = Some(at_min.next_multiple_of(60) - at_min);
    let position = with_records(&position, vec![Record::Profile(city)]);
    let hours = at_min.div_ceil(60);
    for (hours, expected) in
        [(hours, Travel::Estimated), (hours - 1, Travel::Measured), (1, Travel::Estimated)]
    {
        let asked = Query { hours: Some(hours), ..townships(&position) };
        let mut kept = Kept::of(&position, &asked);
        for quilts in [0, 1, 0] {
            assert_eq!(kept.row().travel, expected, "{hours}");
            kept.lies("371301", "QUILT", quilts).lies(TOWNSHIP, "QUILT", quilts);
            kept.lies(TOWNSHIP, "WATER", quilts);
        }
    }
}

#[test]
fn what_is_promised_for_one_need_meets_no_other() {
    let mut city = profile("3713");
    city.modes_counted = vec![Mode::GovPhysical, Mode::Social];
    let mut pledged = pledge("P-1", "3713");
    (pledged.pledged_quantity, pledged.fulfilment_permille) = (90_000, Some(1_000));
    (pledged.response_hours, pledged.terms.item) = (1, code("WATER"));
    pledged.terms.location = Some(Point { lon_e6: 0, lat_e6: 0 });
    let beside = Record::Region(region("371301102", 0, 0));
    let records = vec![Record::Pledge(pledged), Record::Profile(city), beside];
    let position = with_records(&worked_example(), records);
    // Two townships at one place, of which the one that is full later comes first.
    let mut kept = Kept::of(&position, &query(&position, "371301", Some(Tier::Township)));
    // Water is there after 210 minutes, before the quilts of the city and after the township's.
    assert_eq!((kept.row().needs[1].met_at_min, kept.row().full_at_min), (Some(210), Some(459)));
    for quilts in [0, 1, 0] {
        kept.lies("371301", "QUILT", quilts);
    }
    for quilts in [9_000, 0, 9_000, 300, 2_000] {
        kept.lies(TOWNSHIP, "QUILT", quilts).lies(TOWNSHIP, "WATER", quilts * 10);
    }
}
