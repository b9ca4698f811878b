//! Which depots a routing server is asked for, where a division stands for all in it.
//!
//! Asking itself is in `matrices`. Invariant: nobody is asked about a depot that is closed, or that
//! stands at another's point.

use serde_json::json;

use crate::matrices::{Router, demo, done, osrm, refused};

fn words(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

#[test]
fn depots_that_are_closed_are_asked_for_by_name_only() {
    let database = demo();
    let url = &database.url;
    let folder = tempfile::tempdir().unwrap();
    let text = done(url, &["export", "depots"]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let [code, region, status, source] =
        ["code", "region", "status", "location_source"].map(column);
    let mut rows: Vec<Vec<String>> = (reader.records().map(Result::unwrap))
        .filter(|row| row[region].starts_with("371322"))
        .map(|row| row.iter().map(str::to_string).collect())
        .collect();
    let count = rows.len();
    assert!(count > 3, "{count} depots");
    let [closed, unplaced] = [0, 1].map(|at: usize| rows[at][code].clone());
    rows.iter_mut().for_each(|row| row[source] = "surveyed".to_string());
    (rows[0][status], rows[1][source]) = ("closed".to_string(), "inherited".to_string());
    let file = folder.path().join("depots.csv");
    let mut writer = csv::Writer::from_path(&file).unwrap();
    writer.write_record(&heads).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.flush().unwrap();
    done(url, &["import", "depots", file.to_str().unwrap()]);
    let router = Router::start(|_, request| {
        let [from, to] = osrm(request);
        (200, json!({"durations": vec![vec![60; to.len()]; from.len()]}).to_string())
    });
    let args = |from: &str| {
        let server = ["import", "matrix", "--server", &router.address, "--kind", "osrm"];
        let rest = ["--source", "示例", "--language", "en", "--from", from, "--to", "371323"];
        [&server[..], &rest[..]].concat().into_iter().map(str::to_string).collect::<Vec<_>>()
    };
    let ask = |from: &str| done(url, &words(&args(from)));
    let said = ask("371322");
    assert!(said.contains(&format!("{} depots x 1 regions", count - 2)), "{said}");
    assert!(said.contains(&format!("{unplaced}: no position of its own")), "{said}");
    assert!(!said.contains(&closed), "{said}");
    let said = ask(&closed);
    assert!(said.contains("1 depots x 1 regions"), "{said}");
    let before = router.asked().len();
    let said = refused(url, &words(&args(&unplaced)));
    assert!(said.contains("--from names no place with a position of its own"), "{said}");
    assert_eq!(router.asked().len(), before, "nobody was asked");
}
