//! Tests of kept answers over many steps: goods come and go in a world so small that areas are
//! often covered alike, full at other minutes, and just short of what they need.

use super::block_tests::{closed, with_routes};
use super::following_tests::{Kept, optional, with_neighbour};
use super::tests::{TOWNSHIP, placed, query, with_depot};
use super::*;
use crate::domain::catalogue::LifeKind;
use crate::domain::fixture::*;
use crate::domain::quota::Mode;
use crate::domain::reference::Record;
use crate::domain::region::{LocationSource, Region};
use crate::domain::travel::{Blocked, BlockedPair};

/// Of each walk.
const STEPS: usize = 120;

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn throw<T: Copy>(&mut self, of: &[T]) -> T {
        let (times, more) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
        self.0 = self.0.wrapping_mul(times).wrapping_add(more);
        of[usize::try_from(self.0 >> 33).unwrap() % of.len()]
    }
}

fn village(text: &str, lon_e6: i32) -> Region {
    Region { planned_displaced: Some(100), ..region(text, lon_e6, 0) }
}

const VILLAGES: [(&str, i32); 4] = [
    ("371301101201", 0),
    ("371301101202", -180_000),
    ("371301101203", 500_000),
    ("371301102201", 300_000),
];

/// Four villages of a hundred people, one of them under another township, each with a depot of its
/// own; what lies in those above them can make all of them full, each at another minute.
fn villages() -> Position {
    let mut records = vec![optional("light")];
    for (at, lon_e6) in VILLAGES {
        let (name, owner) = (format!("D-{at}"), format!("O-{at}"));
        records.push(Record::Region(village(at, lon_e6)));
        records.push(Record::Organization(organization(&owner, at)));
        records.push(Record::Depot(depot(&name, at, &owner, lon_e6 + 8_000, 0)));
    }
    records.push(Record::Item(item("LAMP", Some(("light", 1)), LifeKind::None, 0)));
    let mut position = with_records(&with_neighbour(&placed()), records);
    for item in ["QUILT", "WATER", "LAMP"] {
        receive(&mut position, "D-3713", item, 1_000, lot("L", "2030-01-01"));
    }
    position
}

/// Questions about the villages: with nothing closed, with one of them, their county or another
/// cut off, or some ways to them.
fn questions(position: &Position) -> Vec<Query> {
    let asked = query(position, "371301", Some(Tier::Village));
    let pair = |depot: &str, region: &str| BlockedPair {
        depot: position.reference.depots.find(depot).unwrap(),
        region: position.reference.regions.find(region_code(region)).unwrap(),
        opens_min: None,
        number: 0,
    };
    let mut all = Vec::new();
    for (hours, scope) in [(None, Scope::OwnChain), (Some(5), Scope::City)] {
        let asked = Query { hours, scope, ..asked.clone() };
        for closures in [&[][..], &[(6, None)], &[(3, None)], &[(2, None), (4, None)]] {
            let closures = closed(position, closures);
            all.push(Query { closures, ..asked.clone() });
        }
        let pairs = vec![pair("D-3713", "371301101202"), pair("D-371301", "371301101")];
        let blocked = Blocked { pairs, roads: Vec::new() };
        all.push(Query { blocked, ..asked });
    }
    all
}

/// Goods come and go, and what is closed opens at other minutes.
fn wander(position: &Position, asked: &Query, (seed, steps): (u64, usize)) {
    let (mut dice, mut kept) = (Dice(seed), Kept::of(position, asked));
    let mut asked = asked.clone();
    let villages = VILLAGES.map(|(at, _)| at);
    let opens = [Some(1), Some(60), Some(240), Some(300), Some(400), Some(900), None];
    for _ in 0..steps {
        let above = [TOWNSHIP, "371301", "3713", "371302"];
        let at = dice.throw(&[0, 1, 1]);
        let at = if at == 0 { dice.throw(&villages) } else { dice.throw(&above) };
        let quantities = match dice.throw(&["QUILT", "QUILT", "WATER", "WATER", "LAMP", ""]) {
            "QUILT" => ("QUILT", &[0, 30, 40, 60, 99, 100, 200][..]),
            "WATER" => ("WATER", &[0, 200, 400, 599, 600, 900][..]),
            "LAMP" => ("LAMP", &[0, 50, 100][..]),
            _ => ("", &[0][..]),
        };
        if let ("", _) = quantities {
            let closures = asked.closures.iter_mut().map(|one| &mut one.opens_min);
            let pairs = asked.blocked.pairs.iter_mut().map(|one| &mut one.opens_min);
            closures.chain(pairs).for_each(|at| *at = dice.throw(&opens));
            assert!(kept.live.reclose_if_worth(&asked, 1));
        } else {
            kept.slips(at, quantities.0, dice.throw(quantities.1));
        }
        if dice.throw(&[true, false]) {
            kept.holds();
        }
    }
}

#[test]
fn goods_that_come_and_go_are_followed_step_by_step() {
    let position = villages();
    for (seed, asked) in (0..).zip(questions(&position)) {
        wander(&position, &asked, (seed, STEPS));
    }
}

#[test]
fn ways_that_are_measured_or_guessed_are_followed_step_by_step() {
    let position = villages();
    let depot =
        |name: &str| usize::try_from(position.reference.depots.find(name).unwrap()).unwrap();
    let measured = with_routes(&position, &[(depot("D-371301"), 6, 45), (depot("D-3713"), 4, 9)]);
    let guessed = Region {
        location_source: LocationSource::Inherited,
        area_ha: Some(90_000),
        ..village("371301101202", -180_000)
    };
    let guessed = with_records(&measured, vec![Record::Region(guessed)]);
    for position in [measured, guessed] {
        for (seed, asked) in (50..).zip(questions(&position)) {
            wander(&position, &asked, (seed, STEPS));
        }
    }
}

#[test]
fn goods_are_followed_beside_promises_step_by_step() {
    let mut pledged = pledge("P-1", "3713");
    (pledged.pledged_quantity, pledged.fulfilment_permille) = (60, Some(1_000));
    pledged.response_hours = 2;
    let mut city = profile("3713");
    city.modes_counted = vec![Mode::GovPhysical, Mode::Social];
    let mut poured = pledge("P-2", "371301");
    (poured.pledged_quantity, poured.fulfilment_permille) = (200, Some(1_000));
    (poured.terms.item, poured.response_hours) = (code("WATER"), 3);
    let pledges = [pledged, poured].map(Record::Pledge);
    let records = pledges.into_iter().chain([Record::Profile(city)]).collect();
    let position = with_records(&villages(), records);
    for (seed, asked) in (90..).zip(questions(&position)) {
        if asked.closures.is_empty() {
            wander(&position, &asked, (seed, STEPS));
        }
    }
}

#[test]
fn what_comes_from_afar_is_followed_step_by_step() {
    // Within the limit for some of the villages, and then later than is kept in order.
    for (degrees, hours) in [(3, 11), (4, 16), (5, 18), (6, 21), (40, 130), (63, 300)] {
        let mut position = villages();
        for (n, name) in (1..).zip(["D-3713", "D-371301", "D-371302"]) {
            position = with_depot(&position, name, |depot| {
                depot.location.lon_e6 = degrees * 1_000_000 - n * 97_000;
            });
        }
        for (seed, asked) in (170..).zip(questions(&position)).step_by(3) {
            wander(&position, &Query { hours: Some(hours), ..asked }, (seed, STEPS));
        }
    }
}
