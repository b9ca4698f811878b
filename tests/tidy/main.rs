//! Style as a test: the house's arrows, its sizes and its words, read from the files themselves.
//!
//! Each rule is a pure function over a file's path and text in a module of its own, with a test
//! that it catches an offender; here is only the reading and one test per rule. Invariant: every
//! `.rs` file under `src/`, `tests/` and `benches/` is judged, this one included.

#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test that fails says so by panicking; file names here are lower case"
)]

mod arrows;
mod bans;
mod map;
mod pure;
mod schemas;
mod size;
mod source;
mod tokens;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use source::Source;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every path under a folder, relative to the root, folders ending in `/`; none if it is absent.
fn entries_below(folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Ok(listing) = fs::read_dir(root().join(folder)) else {
        return found;
    };
    for entry in listing.flatten() {
        let path = format!("{folder}{}", entry.file_name().display());
        if entry.path().is_dir() {
            let inside = format!("{path}/");
            found.extend(entries_below(&inside));
            found.insert(inside);
        } else {
            found.insert(path);
        }
    }
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn sources() -> Vec<Source> {
    let paths = ["src/", "tests/", "benches/"].into_iter().flat_map(entries_below);
    let rust = paths.filter(|path| path.ends_with(".rs"));
    let sources: Vec<Source> = rust.map(|path| Source::new(&path, &read(&path))).collect();
    assert!(sources.iter().any(|source| source.floor().is_some()), "no file under src/ was read");
    sources
}

fn refuse(offences: &[String]) {
    assert!(offences.is_empty(), "{} offences:\n{}", offences.len(), offences.join("\n"));
}

fn judge(rule: impl Fn(&Source) -> Vec<String>) {
    refuse(&sources().iter().flat_map(rule).collect::<Vec<_>>());
}

#[test]
fn a_floors_import_along_the_arrows_only() {
    judge(arrows::floors);
}

#[test]
fn b_rooms_import_fittings_only() {
    let sources = sources();
    let floors = ["http", "service", "store"].map(|name| arrows::Floor::survey(name, &sources));
    judge(|source| floors.iter().flat_map(|floor| arrows::rooms(floor, source)).collect());
}

#[test]
fn b_domain_rooms_stand_in_an_order() {
    refuse(&arrows::domain_order(&sources()));
}

#[test]
fn c_domain_uses_pure_crates_only() {
    let dependencies = pure::dependencies(&read("Cargo.toml"));
    judge(|source| pure::crates(source, &dependencies));
}

#[test]
fn c_domain_knows_no_clock_chance_or_driver() {
    judge(pure::words);
}

#[test]
fn c_domain_counts_in_integers() {
    judge(pure::floats);
}

#[test]
fn d_files_functions_and_lines_are_short() {
    judge(size::lengths);
}

#[test]
fn e_files_open_by_saying_what_they_are() {
    judge(size::opening);
}

#[test]
fn f_nothing_is_unfinished_or_unsafe() {
    judge(bans::unfinished);
}

#[test]
fn f_no_test_is_ignored_and_no_lint_silenced_without_reason() {
    judge(bans::attributes);
}

#[test]
fn g_names_say_what_lives_inside() {
    judge(bans::names);
}

#[test]
fn h_sql_lives_in_the_cellar() {
    judge(bans::drivers);
}

#[test]
fn i_flags_and_environment_have_one_reader() {
    judge(bans::environment);
}

#[test]
fn j_the_map_names_what_is_there() {
    let entries = entries_below("src/");
    let below = entries.iter().filter_map(|entry| entry.strip_prefix("src/"));
    let below: BTreeSet<String> = below.map(str::to_owned).collect();
    refuse(&map::differences(&read("ARCHITECTURE.md"), &below));
}

#[test]
fn k_each_schema_has_a_name_of_its_own() {
    let paths = entries_below("src/http/");
    let texts: Vec<(String, String)> = paths
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| (path.clone(), read(&path)))
        .collect();
    refuse(&schemas::doubles(texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))));
}
