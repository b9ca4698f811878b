//! Tests of matrices as routing servers write them.

use super::*;
use crate::domain::fixture::{code as short, day, region_code};
use crate::domain::refusal::FaultCode as F;

const PLACES: &str = "side,index,code\nsource,1,D-2\nsource,0,D-1\n\
    destination,0,371301\ndestination,1,371302\ndestination,2,3713\n";

fn origin() -> Origin {
    Origin { source: "OSRM 5.27(示例)".to_string(), valid_from: day("2026-11-01") }
}

fn places() -> Places {
    Places::read(PLACES.as_bytes()).unwrap()
}

/// Minutes by pair, or codes of faults by pointer.
type Told = Result<Vec<(String, u32)>, Vec<(String, F)>>;

fn told(text: &str) -> Told {
    let found = read(text.as_bytes(), &places(), &origin());
    let minutes = |(pair, record): (String, Record)| match record {
        Record::Route(row) => (pair, row.minutes),
        _ => unreachable!("a matrix makes routes"),
    };
    let fault = |fault: Fault| (fault.pointer, fault.code);
    found
        .map(|matrix| matrix.routes.into_iter().map(minutes).collect())
        .map_err(|faults| faults.into_iter().map(fault).collect())
}

#[test]
fn tables_of_each_server_make_the_same_routes() {
    let osrm = r#"{"code": "Ok", "durations": [[60, 60.1, null], [0, 5999.9, 6000]],
        "distances": [[1, 2, 3], [4, 5, 6]]}"#;
    let pair = |depot: &str, region: &str| format!("{depot}/{}", region_code(region));
    let expected = vec![
        (pair("D-1", "371301"), 1),
        (pair("D-1", "371302"), 2),
        (pair("D-2", "371301"), 1),
        (pair("D-2", "371302"), 100),
        (pair("D-2", "3713"), 100),
    ];
    assert_eq!(told(osrm), Ok(expected.clone()));
    let entry = |from: usize, to: usize, time: &str| {
        format!(r#"{{"from_index": {from}, "to_index": {to}, "time": {time}, "distance": 1.5}}"#)
    };
    let row = |from: usize, times: [&str; 3]| {
        let cells = times.iter().enumerate().map(|(to, time)| entry(from, to, time));
        format!("[{}]", cells.collect::<Vec<_>>().join(","))
    };
    let rows = [row(0, ["60", "60.1", "null"]), row(1, ["0", "5999.9", "6000"])].join(",");
    assert_eq!(told(&format!(r#"{{"sources_to_targets": [{rows}]}}"#)), Ok(expected.clone()));
    let short = r#"{"sources_to_targets": {"durations": [[60, 60.1, null], [0, 5999.9, 6000]]}}"#;
    assert_eq!(told(short), Ok(expected));
    let found = read(osrm.as_bytes(), &places(), &origin()).unwrap();
    assert_eq!(found.without_way, [pair("D-1", "3713")]);
    let (_, Record::Route(first)) = &found.routes[0] else { panic!("a route") };
    assert_eq!(first.code.as_str(), "MX.D-1.371301000000");
    assert_eq!((first.basis, first.source.as_str()), (Basis::Matrix, "OSRM 5.27(示例)"));
    assert_eq!((first.valid_from, first.valid_to), (day("2026-11-01"), None));
}

#[test]
fn a_pair_has_one_code_that_no_other_has() {
    let long = "A-VERY-LONG-CODE-OF-A-DEPOT-01";
    let other = "B-VERY-LONG-CODE-OF-A-DEPOT-01";
    let of = |depot: &str| code(&short(depot), region_code("371301")).unwrap();
    assert_eq!(of(long), of(long));
    assert_ne!(of(long), of(other));
    assert!(of(long).as_str().len() <= MAX_CODE);
}

#[test]
fn every_fault_of_a_table_is_told_with_its_place() {
    let at = |pointer: &str| (pointer.to_string(), F::Malformed);
    for (text, pointers) in [
        ("[", vec![""]),
        ("{}", vec![""]),
        (r#"{"code": "NoTable"}"#, vec!["/code"]),
        (r#"{"durations": 1}"#, vec!["/durations"]),
        (r#"{"durations": [[1, 2, 3]]}"#, vec!["/durations"]),
        (r#"{"durations": [[-1, 2592001, "x"], 7]}"#, vec!["/durations/0/2", "/durations/1"]),
        (
            r#"{"durations": [[-1, 2592001, 1e9], [1, 2]]}"#,
            vec!["/durations/0/0", "/durations/0/1", "/durations/0/2", "/durations/1/0"],
        ),
        (
            r#"{"sources_to_targets": [[{"from_index": 0, "to_index": 1, "time": 1}, {}, null],
                [1, 2, 3]]}"#,
            vec!["/sources_to_targets/0/0", "/sources_to_targets/0/1"],
        ),
    ] {
        let expected: Vec<(String, F)> = pointers.into_iter().map(at).collect();
        assert_eq!(told(text), Err(expected), "{text}");
    }
}

#[test]
fn figures_are_taken_up_to_their_bounds() {
    let one = Places::read(b"side,index,code\nsource,0,D-1\ndestination,0,3713\n").unwrap();
    let minutes = |seconds: &str| {
        let table = format!(r#"{{"durations": [[{seconds}]]}}"#);
        let found = read(table.as_bytes(), &one, &origin()).ok()?;
        match found.routes.first() {
            Some((_, Record::Route(route))) => Some(route.minutes),
            _ => None,
        }
    };
    assert_eq!(minutes("2592000"), Some(43_200), "thirty days");
    assert_eq!(minutes("2592000.001"), None);
    assert_eq!((minutes("0"), minutes("-0.001")), (Some(1), None));
    // A table that is in milliseconds, as some servers write it, is out of all bounds soon.
    assert_eq!(minutes("3600000"), None);
    for (length, taken) in [(0, false), (1, true), (200, true), (201, false)] {
        let origin = Origin { source: "路".repeat(length), ..origin() };
        let found = read(br#"{"durations": [[60]]}"#, &one, &origin);
        assert_eq!(found.is_ok(), taken, "{length}");
        assert!(found.err().is_none_or(|faults| faults[0].pointer == "/source"));
    }
    let table = |sources: usize, destinations: usize| {
        let row = format!("[{}]", vec!["60"; destinations].join(","));
        let places: String = (0..sources)
            .map(|n| format!("source,{n},D-{n}\n"))
            .chain((0..destinations).map(|n| format!("destination,{n},370101101{:03}\n", n + 1)))
            .collect();
        let places = Places::read(format!("side,index,code\n{places}").as_bytes()).unwrap();
        let table = format!(r#"{{"durations": [{}]}}"#, vec![row; sources].join(","));
        let found = read(table.as_bytes(), &places, &origin());
        found.map(|matrix| matrix.routes.len()).map_err(|faults| faults[0].code)
    };
    assert_eq!(table(400, 500), Ok(MAX_PAIRS));
    assert_eq!(table(401, 499), Err(F::OutOfRange), "one less than a row more");
}

#[test]
fn a_table_is_as_large_as_its_places() {
    let at = |pointer: &str| Err(vec![(pointer.to_string(), F::Malformed)]);
    assert_eq!(told(r#"{"durations": [[1, 2, 3], [1, 2, 3], [1, 2, 3]]}"#), at("/durations"));
    assert_eq!(told(r#"{"durations": [[1, 2, 3], [1, 2, 3, 4]]}"#), at("/durations/1/0"));
    assert_eq!(told(r#"{"durations": [[1, 2, 3], []]}"#), at("/durations"));
    let placed = |from: usize, to: usize| {
        let cell = format!(r#"{{"from_index": {from}, "to_index": {to}, "time": 1}}"#);
        told(&format!(r#"{{"sources_to_targets": [[1, {cell}, 1], [1, 1, 1]]}}"#))
    };
    assert!(placed(0, 1).is_ok());
    assert_eq!(placed(1, 1), at("/sources_to_targets/0/1"), "of another row");
    assert_eq!(placed(0, 2), at("/sources_to_targets/0/1"), "of another column");
}

#[test]
fn places_stand_once_and_without_a_gap() {
    let faults = |text: &str| {
        let found = Places::read(text.as_bytes()).unwrap_err();
        found.into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>()
    };
    let at = |pointer: &str, code: F| (pointer.to_string(), code);
    assert_eq!(
        faults("side,index,code\nsource,1,D-1\ndestination,0,371301\n"),
        [at("/source/0", F::Required)]
    );
    assert_eq!(
        faults("side,index,code\nsource,0,D-1\nsource,0,D-2\ndestination,0,3713\n"),
        [at("/3/index", F::Duplicate)]
    );
    assert_eq!(
        faults("side,index,code\nsource,0,D-1\nsource,1,D-1\ndestination,0,3713\n"),
        [at("/source/1", F::Duplicate)]
    );
    assert_eq!(
        faults("\u{feff}side,index,code\nsource,0,D-1\ndestination,0,3713\ndestination,0,37\n"),
        [at("/4/index", F::Duplicate)]
    );
    assert_eq!(
        faults("side,index,code\nsource,0,D-1\ndestination,0,37\ndestination,1,370000000000\n"),
        [at("/destination/1", F::Duplicate)]
    );
    assert_eq!(
        faults("side,index,code\nsource,0,D 1\npier,0,X\ndestination,0,x\nsource,x,D-1\n"),
        [
            at("/2/code", F::Malformed),
            at("/3/side", F::UnknownValue),
            at("/4/code", F::Malformed),
            at("/5/", F::Malformed),
            at("/source", F::Required),
            at("/destination", F::Required),
        ]
    );
}
