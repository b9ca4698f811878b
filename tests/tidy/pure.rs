//! What the ground floor may be made of: a short list of pure crates, integers, no clock.
//!
//! The arrows between floors are `arrows`. Invariant: nothing outside `src/domain/` is judged here.

use std::collections::BTreeSet;

use crate::source::Source;
use crate::tokens::{is_word, paths};

/// `proptest` is a dev-dependency, so only tests can name it: elsewhere it does not compile.
/// `rayon` only spreads a sum over threads: what is summed comes out the same.
const PURE_CRATES: [&str; 11] = [
    "chrono",
    "uuid",
    "geo",
    "itoa",
    "rayon",
    "rstar",
    "sha2",
    "petgraph",
    "rpds",
    "thiserror",
    "proptest",
];
const LANGUAGE: [&str; 6] = ["std", "core", "alloc", "crate", "super", "self"];

/// Words no line of the domain needs, whatever it imports; each also as the first part of a name.
const FOREIGN: [&str; 5] = ["serde", "diesel", "actix", "tokio", "rand"];

/// Ways to the outside that the standard library or an allowed crate leaves open.
const OUTSIDE: [&[&str]; 9] = [
    &["SystemTime"],
    &["Instant", "now"],
    &["Utc", "now"],
    &["Local", "now"],
    &["Uuid", "new_v4"],
    &["Uuid", "now_v7"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "env"],
];

fn in_domain(source: &Source) -> bool {
    source.floor() == Some("domain")
}

/// `dependencies` are the crates that a path may start with.
pub fn crates(source: &Source, dependencies: &BTreeSet<String>) -> Vec<String> {
    if !in_domain(source) || source.for_tests() {
        return Vec::new();
    }
    let mut known: BTreeSet<&str> = PURE_CRATES.into_iter().chain(LANGUAGE).collect();
    let mods = source.tokens.windows(2).filter(|pair| pair[0].text == "mod");
    known.extend(mods.map(|pair| pair[1].text.as_str()));
    let all = paths(source);
    let (imported, inline): (Vec<_>, Vec<_>) = all.iter().partition(|path| path.imported);
    let names: BTreeSet<&str> = imported.iter().map(|path| path.alias.as_str()).collect();
    let local = |root: &str| root.starts_with(char::is_uppercase) || known.contains(root);
    let mut offences = Vec::new();
    for path in &imported {
        // `use quantity::Unit` after `use super::quantity` names the import, not a crate.
        let renamed = path.segments.len() > 1 && names.contains(path.root());
        if !local(path.root()) && !renamed {
            let what = format!("domain must not use the crate `{}`", path.root());
            offences.push(source.offence(path.line, what));
        }
    }
    for path in inline {
        if dependencies.contains(path.root()) && !local(path.root()) {
            let what = format!("domain must not name the crate `{}`", path.root());
            offences.push(source.offence(path.line, what));
        }
    }
    offences
}

/// The names of all dependencies in a manifest, as code writes them.
pub fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            inside = section.trim_end_matches(']').ends_with("dependencies");
        } else if inside && let Some((name, _)) = line.split_once('=') {
            found.insert(name.trim().replace('-', "_"));
        }
    }
    found
}

pub fn words(source: &Source) -> Vec<String> {
    if !in_domain(source) {
        return Vec::new();
    }
    let mut offences = Vec::new();
    for token in source.tokens.iter().filter(|token| is_word(&token.text)) {
        let lower = token.text.to_lowercase();
        let first = lower.split('_').next().unwrap_or_default();
        if FOREIGN.contains(&first) {
            offences.push(source.offence(token.line, format!("`{}` in domain", token.text)));
        }
    }
    for path in paths(source) {
        let leads = |way: &&[&str]| path.segments.windows(way.len()).any(|part| part == *way);
        if let Some(way) = OUTSIDE.iter().find(|way| leads(way)) {
            let what = format!("`{}` in domain", way.join("::"));
            offences.push(source.offence(path.line, what));
        }
    }
    offences
}

/// Floats stay where minutes of travel are worked out, and leave it as whole minutes.
pub fn floats(source: &Source) -> Vec<String> {
    let travels = source.room().is_some_and(|room| room.starts_with("travel"))
        || source.below_src().iter().any(|part| part.starts_with("travel"));
    if !in_domain(source) || travels {
        return Vec::new();
    }
    let floats = source.tokens.iter().filter(|token| matches!(token.text.as_str(), "f32" | "f64"));
    let offence = |line| source.offence(line, "a float in domain, outside travel");
    floats.map(|token| offence(token.line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Source {
        Source::new("src/domain/lot.rs", text)
    }

    #[test]
    fn a_crate_off_the_list_is_caught() {
        let all = dependencies("[dependencies]\nserde_json = \"1\"\ntracing = \"1\"\n");
        let caught = |text: &str| crates(&domain(text), &all).len();
        assert_eq!(caught("use csv::Reader;"), 1);
        assert_eq!(caught("use csv;"), 1);
        assert_eq!(caught("fn f() { serde_json::to_string(1); tracing::info!(); }"), 2);
        assert_eq!(caught("use chrono::NaiveDate; use std::fmt; use geo::Point;"), 0);
        assert_eq!(caught("mod rows; use rows::Row; use Kind::Tent; use super::x; use x::Y;"), 0);
        assert_eq!(crates(&Source::new("src/http/lot.rs", "use csv::Reader;"), &all).len(), 0);
        for path in ["src/domain/lot/tests.rs", "src/domain/lot_tests.rs"] {
            assert_eq!(crates(&Source::new(path, "use csv::Reader;"), &all).len(), 0);
        }
        let manifest = "[dependencies]\na-b = \"1\"\n[dev-dependencies]\nc = {}\n[lib]\nd = 1";
        assert_eq!(dependencies(manifest).into_iter().collect::<String>(), "a_bc");
    }

    #[test]
    fn a_clock_chance_and_a_driver_are_caught() {
        let caught = |text: &str| words(&domain(text)).len();
        assert_eq!(caught("use std::time::SystemTime;"), 1);
        assert_eq!(caught("fn f() { chrono::Utc::now(); }"), 1);
        assert_eq!(caught("fn f() { Uuid::now_v7(); rand::random::<u8>(); }"), 2);
        assert_eq!(caught("#[derive(Serialize)] #[serde(x)] struct A;"), 1);
        assert_eq!(caught("/// As serde and Utc::now say.\nfn f() { \"tokio\"; operand(); }"), 0);
        assert_eq!(words(&Source::new("src/store/lot.rs", "use std::fs;")).len(), 0);
    }

    #[test]
    fn a_float_outside_travel_is_caught() {
        assert_eq!(floats(&domain("fn f(a: f64) -> f32 {}")).len(), 2);
        for path in ["src/domain/travel.rs", "src/domain/travel/road.rs", "src/http/lot.rs"] {
            assert_eq!(floats(&Source::new(path, "fn f(a: f64) {}")).len(), 0);
        }
    }
}
