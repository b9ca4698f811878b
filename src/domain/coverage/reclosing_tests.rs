//! Tests of answers whose closures open at other minutes, case by case.

use super::block_tests::{closed, with_routes};
use super::following_tests::{Kept, with_neighbour};
use super::tests::{TOWNSHIP, placed, query, stock, with_depot};
use super::*;

fn townships(position: &Position) -> Query {
    query(position, TOWNSHIP, Some(Tier::Township))
}

/// The township's depot, from which somebody has driven, and another, both with something.
fn measured(other: &str) -> Position {
    let mut position = with_neighbour(&placed());
    for depot in ["D-371301101", other] {
        stock(&mut position, depot, None, 100, 100);
    }
    let near = usize::try_from(position.reference.depots.find("D-371301101").unwrap()).unwrap();
    with_routes(&position, &[(near, 4, 30)])
}

#[test]
fn a_depot_that_has_nothing_tells_nothing_of_how_well_ways_are_known() {
    let position = measured("D-371302");
    let closing = |opens_min| Query {
        scope: Scope::City,
        closures: closed(&position, &[(3, Some(opens_min))]),
        ..townships(&position)
    };
    let mut kept = Kept::of(&position, &closing(2_000));
    assert_eq!(kept.row().travel, Travel::Measured);
    kept.opens(&closing(60));
    assert_eq!(kept.row().travel, Travel::Estimated);
    kept.opens(&closing(2_000)).lies("371302", "QUILT", 0).lies("371302", "WATER", 0);
    kept.opens(&closing(60));
    assert_eq!(kept.row().travel, Travel::Measured);
    kept.lies("371302", "QUILT", 1);
    assert_eq!(kept.row().travel, Travel::Estimated);
}

#[test]
fn goods_that_do_not_count_tell_nothing_of_how_well_ways_are_known() {
    let position = measured("D-37");
    let closing = |opens_min| Query {
        hours: Some(24),
        closures: closed(&position, &[(2, Some(opens_min))]),
        ..townships(&position)
    };
    let mut kept = Kept::of(&position, &closing(2_000));
    for opens_min in [60, 2_000, 61] {
        kept.opens(&closing(opens_min));
        assert_eq!(kept.row().travel, Travel::Measured);
        assert_eq!(kept.row().layers.province > kept.row().layers.city, opens_min < 100);
    }
}

#[test]
fn goods_that_came_last_of_all_that_is_kept_in_order_come_later() {
    let late = |position: &Position, name: &str, readiness_min| {
        with_depot(position, name, |depot| depot.readiness_min = Some(readiness_min))
    };
    let closing = |position: &Position, opens_min| Query {
        scope: Scope::City,
        closures: closed(position, &[(3, Some(opens_min))]),
        ..townships(position)
    };
    let full = |position: &Position| {
        let answer = coverage(position, &closing(position, 1)).unwrap();
        u32::try_from(answer.rows[0].full_at_min.unwrap()).unwrap()
    };
    let empty = late(&with_neighbour(&placed()), "D-371301101", 400);
    let empty = late(&empty, "D-371302", 0);
    let [mut near, mut other] = [empty.clone(), empty];
    stock(&mut near, "D-371301101", None, 2_000, 12_000);
    stock(&mut other, "D-371302", None, 2_000, 12_000);
    // What is kept in order reaches twenty minutes beyond the last that is needed.
    let readiness_min = full(&near) + 20 - full(&other);
    let mut position = late(&near, "D-371302", readiness_min);
    stock(&mut position, "D-371302", None, 2_000, 12_000);
    let mut kept = Kept::of(&position, &closing(&position, 1));
    let first = kept.row().full_at_min;
    kept.opens(&closing(&position, 900)).lies(TOWNSHIP, "QUILT", 0);
    assert!(kept.row().full_at_min > first.map(|at| at + 100));
    kept.opens(&closing(&position, 1));
    assert_eq!(kept.row().full_at_min, first.map(|at| at + 20));
    kept.lies(TOWNSHIP, "QUILT", 2_000).opens(&closing(&position, 900));
    kept.opens(&closing(&position, 1)).lies(TOWNSHIP, "QUILT", 0);
}
