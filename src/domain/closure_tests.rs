//! Tests of closures: in force when, open again when, one way closed once at a time.

use super::*;
use crate::domain::fixture::{code, region_code};

const H: i64 = MICROS_PER_H;

fn closed(from: i64, expected: Option<i64>, opened: Option<i64>) -> RoadClosure {
    RoadClosure {
        closed_at: Instant(from * H),
        expected_reopen_at: expected.map(|hour| Instant(hour * H)),
        reopened_at: opened.map(|hour| Instant(hour * H)),
        ..sample("RC-1", "371302")
    }
}

/// Minutes until it opens as seen from an hour, asked at the same hour.
fn seen(closure: &RoadClosure, hour: i64) -> Option<Option<u32>> {
    closure.opening(Instant(hour * H), Instant(hour * H)).map(|found| found.opens_min)
}

#[test]
fn a_closure_holds_from_its_begin_until_it_is_open() {
    let reported = closed(10, Some(30), Some(20));
    assert_eq!(seen(&reported, 9), None);
    assert_eq!(seen(&reported, 10), Some(Some(600)), "from its first instant on");
    assert_eq!(seen(&reported, 19), Some(Some(60)), "the report goes before what was expected");
    assert_eq!(seen(&reported, 20), None);
    let second = reported.opening(Instant(19 * H + 1), Instant(19 * H));
    assert_eq!(second.unwrap().opens_min, Some(60), "rounded up");
    let retired = RoadClosure { status: ItemStatus::Retired, ..reported };
    assert_eq!(seen(&retired, 12), None);
}

#[test]
fn what_is_overdue_is_never_taken_for_open() {
    let expected = closed(10, Some(30), None);
    assert_eq!(seen(&expected, 29), Some(Some(60)));
    assert_eq!(seen(&expected, 30), Some(None));
    assert_eq!(seen(&expected, 300), Some(None));
    // Without a word it is a day.
    let silent = closed(10, None, None);
    assert_eq!(seen(&silent, 33), Some(Some(60)));
    assert_eq!(seen(&silent, 34), Some(None));
    // Asked ahead: what is expected is believed until it has failed.
    let ahead = |now: i64| expected.opening(Instant(40 * H), Instant(now * H));
    assert_eq!(ahead(29), None);
    assert_eq!(ahead(31), Some(Opening { opens_min: None }));
}

#[test]
fn a_reopening_is_in_time_late_or_not_yet_known() {
    let at = |closure: &RoadClosure, hour: i64| closure.reopening(24, Instant(hour * H));
    let sharp = closed(0, None, Some(24));
    assert_eq!(at(&sharp, 100), Some(Reopening::InTime));
    assert_eq!(at(&closed(0, None, Some(25)), 100), Some(Reopening::Late));
    let open = closed(0, Some(99), None);
    assert_eq!(at(&open, 24), Some(Reopening::Undecided));
    assert_eq!(at(&open, 25), Some(Reopening::OpenLate), "it has failed, whenever it opens");
    assert_eq!(at(&sharp, 23), Some(Reopening::Undecided), "not open yet as of then");
    assert_eq!(at(&closed(5, None, None), 4), None, "yet to come");
    assert_eq!(sharp.reopening(12, Instant(100 * H)), Some(Reopening::Late));
}

#[test]
fn one_way_is_closed_once_at_a_time() {
    let first = closed(10, None, Some(20));
    for (from, until, rival) in [
        (20, None, false),
        (19, None, true),
        (0, Some(10), false),
        (0, Some(11), true),
        (0, None, true),
        (12, Some(13), true),
    ] {
        let second = closed(from, None, until);
        assert_eq!(first.rivals(&second), rival, "{from} to {until:?}");
        assert_eq!(second.rivals(&first), rival);
    }
    let other = RoadClosure { region: region_code("371301"), ..first.clone() };
    assert!(!first.rivals(&other));
    let way = |way: ClosedWay| RoadClosure { way, ..first.clone() };
    let pair = |depot: &str| way(ClosedWay::Pair { depot: code(depot) });
    assert!(pair("D-1").rivals(&pair("D-1")) && !pair("D-1").rivals(&pair("D-2")));
    assert!(!pair("D-1").rivals(&first));
    let roads = |codes: &[&str]| way(ClosedWay::Roads(codes.iter().map(|at| code(at)).collect()));
    assert!(roads(&["R-1", "R-2"]).rivals(&roads(&["R-2"])));
    assert!(!roads(&["R-1", "R-2"]).rivals(&roads(&["R-3"])));
    let retired = RoadClosure { status: ItemStatus::Retired, ..first.clone() };
    assert!(!first.rivals(&retired) && !retired.rivals(&first));
}
