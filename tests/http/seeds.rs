//! Seeds, files of reference data, and the demo: the program's commands from an empty database.
//!
//! What the seeds hold is in `tests/seed.rs`. Invariant: a command that refuses writes nothing.

use std::process::Output;

use serde_json::Value;

use crate::stage::rows;
use crate::support::{Client, Database, Server, changping, on_both, sql};

const KINDS: [&str; 16] = [
    "regions",
    "organizations",
    "needs",
    "items",
    "depots",
    "profiles",
    "agreements",
    "capacities",
    "pledges",
    "routes",
    "roads",
    "helibases",
    "water-legs",
    "closures",
    "quota-rules",
    "quotas",
];
const DATE: &str = "2026-11-22";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a command that must succeed, and gives what it prints.
#[track_caller]
fn done(url: &str, args: &[&str]) -> String {
    let Output { status, stdout, stderr } = changping(url, args);
    assert!(status.success(), "{args:?}: {}", text(&stderr));
    text(&stdout)
}

/// Runs a command that must refuse, and gives its complaint.
#[track_caller]
fn refused(url: &str, args: &[&str]) -> String {
    let output = changping(url, args);
    assert_eq!(output.status.code(), Some(1), "{args:?}: {}", text(&output.stdout));
    text(&output.stderr)
}

fn fingerprint(url: &str) -> Vec<String> {
    let tables = ["region", "depot", "item", "need", "quota", "organization"];
    let count = |table: &&str| sql::number(url, &format!("SELECT COUNT(*) FROM {table}"));
    let counts = tables.iter().map(count).map(|number| number.to_string());
    counts.chain([done(url, &["export", "regions"])]).collect()
}

#[test]
fn an_empty_database_is_seeded_once() {
    on_both(|database| {
        let url = &database.url;
        refused(url, &["seed"]);
        done(url, &["migrate"]);
        done(url, &["migrate"]);
        let said = done(url, &["seed"]);
        assert!(said.split(' ').next().unwrap().parse::<u32>().unwrap() > 1_000, "{said}");
        let before = fingerprint(url);
        assert!(!refused(url, &["seed"]).is_empty());
        refused(url, &["seed", "--demo", "--demo-date", DATE]);
        assert_eq!(fingerprint(url), before);
        assert!(done(url, &["verify"]).contains("head 0:"));
        let server = Server::start(url);
        Client::anonymous(&server.base).get("/v1/regions").problem(401, "unauthenticated");
    });
}

#[test]
fn what_is_exported_can_be_imported() {
    let database = Database::sqlite();
    let url = &database.url;
    done(url, &["migrate"]);
    done(url, &["seed", "--demo", "--demo-date", DATE]);
    let fresh = Database::sqlite();
    done(&fresh.url, &["migrate"]);
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let written = done(url, &["export", kind]);
        assert!(written.lines().count() > 1, "{kind}: {written}");
        let file = folder.path().join(kind);
        std::fs::write(&file, &written).unwrap();
        let file = file.to_str().unwrap();
        done(url, &["import", kind, file, "--dry-run"]);
        done(&fresh.url, &["import", kind, file, "--dry-run"]);
        assert_eq!(done(&fresh.url, &["export", kind]).lines().count(), 1, "{kind}");
        done(&fresh.url, &["import", kind, file]);
        assert_eq!(done(&fresh.url, &["export", kind]), written, "{kind}");
    }
}

#[test]
fn every_faulty_line_of_a_file_is_named_and_nothing_is_written() {
    let database = Database::sqlite();
    let url = &database.url;
    done(url, &["migrate"]);
    done(url, &["seed"]);
    let before = fingerprint(url);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("organizations.csv");
    let import = |content: &str| {
        std::fs::write(&file, content).unwrap();
        let complaint = refused(url, &["import", "organizations", file.to_str().unwrap()]);
        let named = complaint.lines().filter(|line| line.starts_with("line "));
        let number = |line: &str| line["line ".len()..].split(':').next().unwrap().to_string();
        named.map(number).collect::<Vec<_>>()
    };
    let head = "code,name,region,kind,credit_code\n";
    let malformed = "OK-1,好,371300000000,government,\nB AD,坏,371300000000,government,\n\
                     OK-2,好,371300000000,government,\nBAD-2,,371300000000,government,\n\
                     BAD-3,坏,371300000000,guild,\n";
    assert_eq!(import(&format!("{head}{malformed}")), ["3", "5", "6"]);
    let unknown = "OK-1,好,371300000000,government,\nBAD-1,坏,379900000000,government,\n\
                   BAD-2,坏,379800000000,government,\nBAD-3,坏,379700000000,government,\n";
    assert_eq!(import(&format!("{head}{unknown}")), ["3", "4", "5"]);
    assert!(import("code,name\nX,Y\n").iter().all(|line| line == "1"));
    assert_eq!(fingerprint(url), before);
    assert!(!refused(url, &["import", "colours", file.to_str().unwrap()]).is_empty());
    refused(url, &["import", "regions", "/nowhere/at/all.csv"]);
    std::fs::write(&file, format!("\u{feff}{head}NEW-1,新,371300000000,government,\n")).unwrap();
    done(url, &["import", "organizations", file.to_str().unwrap()]);
    assert!(done(url, &["export", "organizations"]).contains("NEW-1,新,371300000000"));
}

fn head(url: &str) -> String {
    let said = done(url, &["verify"]);
    let line = said.lines().find(|line| line.starts_with("head "));
    line.unwrap_or_else(|| panic!("no head in {said}")).to_string()
}

#[test]
fn a_demo_answers_without_a_key_and_to_this_machine_alone() {
    let (database, again) = (Database::sqlite(), Database::sqlite());
    let server = Server::demo(&database.url, DATE);
    let guest = Client::anonymous(&server.base);
    for path in [
        "gaps?region=3713&tier=county&item=QUILT",
        "summaries?region=3713&limit=3",
        "coverage?region=3713&tier=township&hours=12&limit=3",
        "stock?region=3710&limit=3",
    ] {
        let answer = guest.get(&format!("/v1/{path}")).expect(200);
        assert!(!rows(&answer).is_empty(), "{path}");
    }
    let counted = guest.get("/v1/coverage?region=3713&tier=township").expect(200);
    assert!(rows(&counted).iter().any(|row| row["coverage"].is_number()), "{counted}");
    let ask =
        |name: &str, value: &str| guest.send("GET", "/v1/gaps?region=3713", &[(name, value)], None);
    for (name, value) in [
        ("host", "example.org"),
        ("host", "example.org:8080"),
        ("origin", "https://example.org"),
        ("host", "127.0.0.1.example.org"),
    ] {
        assert_eq!(ask(name, value).status, 403, "{name}: {value}");
    }
    for (name, value) in [("host", "localhost:8080"), ("origin", "http://127.0.0.1:3000")] {
        assert_eq!(ask(name, value).status, 200, "{name}: {value}");
    }
    // The same date makes the same bytes, and a demo is made once.
    done(&again.url, &["migrate"]);
    done(&again.url, &["seed", "--demo", "--demo-date", DATE]);
    assert_eq!(head(&again.url), head(&database.url));
    assert!(!head(&again.url).starts_with("head 0:"));
    let before = head(&again.url);
    done(&again.url, &["seed", "--demo", "--demo-date", DATE]);
    assert_eq!(head(&again.url), before);
    assert!(refused(&again.url, &["seed", "--demo", "--demo-date", "2026-11-23"]).contains(DATE));
    assert_eq!(head(&again.url), before);
    assert!(server.stop().success());
    let bind = ["serve", "--bind", "127.0.0.1:0"];
    assert!(refused(&database.url, &bind).contains("demo"));
    let all = ["serve", "--demo", "--demo-date", DATE, "--bind", "0.0.0.0:0"];
    refused(&database.url, &all);
    refused(&Database::sqlite().url, &all);
}

#[test]
fn a_demo_leaves_other_databases_alone() {
    let database = Database::sqlite();
    done(&database.url, &["migrate"]);
    done(&database.url, &["seed"]);
    let before = fingerprint(&database.url);
    refused(&database.url, &["serve", "--demo", "--bind", "127.0.0.1:0"]);
    refused(&database.url, &["serve", "--demo", "--demo-date", DATE, "--bind", "127.0.0.1:0"]);
    assert_eq!(fingerprint(&database.url), before);
}

/// The cells of a table's line.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim_matches(|c: char| !c.is_alphanumeric() && c != '?');
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_string).collect()
}

#[test]
fn the_table_of_coverage_shows_the_worst_first() {
    let database = Database::sqlite();
    let url = &database.url;
    done(url, &["migrate"]);
    done(url, &["seed", "--demo", "--demo-date", DATE]);
    let args = ["coverage", "--region", "3713", "--tier", "township", "--language"];
    let table = done(url, &[&args[..], &["en"]].concat());
    let header = table.lines().find(|line| line.contains("region")).unwrap();
    assert!(header.contains("binding") && header.contains("coverage"), "{table}");
    let shown: Vec<_> =
        table.lines().map(cells).filter(|cells| cells.iter().any(|c| c.ends_with('%'))).collect();
    let share = |cells: &Vec<String>| {
        let cell = cells.iter().find(|cell| cell.ends_with('%')).unwrap();
        cell.trim_end_matches([' ', '%']).parse::<f64>().unwrap()
    };
    let shares: Vec<f64> = shown.iter().map(share).collect();
    assert!(!shares.is_empty() && shares.is_sorted(), "{table}");
    let zh = done(url, &[&args[..], &["zh"]].concat());
    assert!(zh.contains("制约") && zh.contains("覆盖率"), "{zh}");
    let one = done(url, &[&args[..], &["en", "--top", "1", "--hours", "1"]].concat());
    assert!(one.lines().count() < table.lines().count() && one.contains("0.00 %"), "{one}");
    for hours in ["0", "721"] {
        let output = changping(url, &[&args[..], &["en", "--hours", hours]].concat());
        let said = text(&output.stderr);
        assert!(!output.status.success() && said.contains("1..=720"), "{hours}: {said}");
    }
    for wrong in [["coverage", "--region", "9"], ["coverage", "--region", "379999"]] {
        refused(url, &wrong);
    }
    let value: Value = serde_json::from_str(&done(url, &["export", "profiles"])).unwrap();
    assert!(value.is_array());
}

#[test]
fn a_drill_prints_who_is_reached_the_proofs_and_who_gets_what() {
    let database = Database::sqlite();
    let url = &database.url;
    done(url, &["migrate"]);
    done(url, &["seed", "--demo", "--demo-date", DATE]);
    let listed = done(url, &["drill"]);
    assert_eq!(listed.lines().count(), 4, "{listed}");
    let said = done(url, &["drill", "DRILL-YI-SHU-FLOOD", "--top", "3", "--language", "en"]);
    for expected in [
        "[exercise; illustrative, not real]",
        "临沂市, roads open, each area struck alone",
        "临沂市, every road into 沂水县 closed",
        "7 areas with 172155 people:",
        "whatever is sent where",
        "Deliveries, the first to arrive first:",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let zh = done(url, &["drill", "DRILL-WEIHAI-TYPHOON", "--language", "zh"]);
    for expected in ["威海市: 道路畅通", "通往荣成市的道路全部中断", "无论如何调配都缺", "调配"]
    {
        assert!(zh.contains(expected), "{expected}: {zh}");
    }
    assert!(refused(url, &["drill", "DRILL-NONE"]).contains("DRILL-NONE"));
    assert!(done(url, &["verify"]).contains("head "));
}

#[test]
fn a_matrix_becomes_routes_or_is_refused_whole() {
    let database = Database::sqlite();
    let url = &database.url;
    done(url, &["migrate"]);
    done(url, &["seed", "--demo", "--demo-date", DATE]);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_string()
    };
    let places = file(
        "places.csv",
        "side,index,code\nsource,0,LY-CITY-02\ndestination,0,371322\ndestination,1,371323\n",
    );
    let table = file("table.json", r#"{"code": "Ok", "durations": [[3601, null]]}"#);
    let import = |table: &str, places: &str, more: &[&str]| {
        let args = ["import", "matrix", table, "--places", places, "--source", "OSRM(示例)"];
        [&args[..], more].concat().into_iter().map(str::to_string).collect::<Vec<String>>()
    };
    let run = |args: Vec<String>| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        done(url, &args)
    };
    let before = done(url, &["export", "routes"]);
    let said = run(import(&table, &places, &["--dry-run", "--language", "en"]));
    assert!(said.contains("1 routes: checked, nothing written; 1 pairs without a way"), "{said}");
    assert_eq!(done(url, &["export", "routes"]), before);
    run(import(&table, &places, &["--valid-from", "2026-11-01"]));
    let written = done(url, &["export", "routes"]);
    let row = "MX.LY-CITY-02.371322000000,LY-CITY-02,371322000000,61,matrix,OSRM(示例),2026-11-01";
    assert!(written.contains(row), "{written}");
    // The same pair again takes its place; one fault refuses all.
    let later = file("later.json", r#"{"durations": [[60, 120]]}"#);
    run(import(&later, &places, &[]));
    assert_eq!(done(url, &["export", "routes"]).lines().count(), before.lines().count() + 2);
    for (table, places, expected) in [
        (r#"{"durations": [[60, -1]]}"#, "", "/durations/0/1"),
        (r#"{"durations": [[60]]}"#, "", "/durations/0/0"),
        (r#"{"durations": [[60, 60]]}"#, "source,1,NO-SUCH\n", "/durations"),
    ] {
        let table = file("bad.json", table);
        let rows =
            "side,index,code\nsource,0,LY-CITY-02\ndestination,0,371322\ndestination,1,371323\n";
        let places = file("bad.csv", &format!("{rows}{places}"));
        let args = import(&table, &places, &[]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        assert!(refused(url, &args).contains(expected), "{expected}");
    }
    let unknown = file("unknown.csv", "side,index,code\nsource,0,NO-1\ndestination,0,371322\n");
    let one = file("one.json", r#"{"durations": [[60]]}"#);
    let args = import(&one, &unknown, &[]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert!(refused(url, &args).contains("NO-1/371322000000"));
    assert!(refused(url, &["import", "matrix", &table]).contains("--places"));
    assert!(refused(url, &["import", "routes", &table, "--source", "x"]).contains("matrix"));
}
