//! ARCHITECTURE.md's map of `src/`, held against the folder itself, two levels deep.
//!
//! The map is the fenced block whose first line is `src/`. A line of it that is indented and starts
//! with a name ending in `/` or `.rs` names an entry; deeper indentation stands inside the folder
//! above. Invariant: `mod.rs` may be left out, nothing else may.

use std::collections::BTreeSet;

/// `entries` are paths below `src/`, folders ending in `/`.
pub fn differences(document: &str, entries: &BTreeSet<String>) -> Vec<String> {
    let Some(named) = map(document) else {
        return vec!["ARCHITECTURE.md: no fenced block whose first line is `src/`".to_owned()];
    };
    let depth = |entry: &str| entry.trim_end_matches('/').split('/').count();
    let due = |entry: &&String| depth(entry) <= 2 && !entry.ends_with("mod.rs");
    let missing = entries.iter().filter(due).filter(|entry| !named.contains(*entry));
    let stale = named.iter().filter(|entry| !entries.contains(*entry));
    let mut offences: Vec<String> =
        missing.map(|entry| format!("ARCHITECTURE.md: src/{entry} is not on the map")).collect();
    offences.extend(stale.map(|entry| format!("ARCHITECTURE.md: src/{entry} does not exist")));
    offences
}

fn map(document: &str) -> Option<BTreeSet<String>> {
    let lines: Vec<&str> = document.lines().collect();
    let opens = |pair: &[&str]| match pair {
        [fence, first] => {
            fence.starts_with("```") && first.split_whitespace().next() == Some("src/")
        }
        _ => false,
    };
    let start = lines.windows(2).position(opens)? + 2;
    let block = lines.get(start..)?.iter().take_while(|line| !line.starts_with("```"));
    let mut named = BTreeSet::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    for line in block {
        let indent = line.chars().take_while(|c| *c == ' ').count();
        let Some(name) = line.split_whitespace().next() else {
            continue;
        };
        if indent == 0 || !(name.ends_with('/') || name.ends_with(".rs")) {
            continue;
        }
        while open.pop_if(|(outer, _)| *outer >= indent).is_some() {}
        let inside = open.last().map_or("", |(_, folder)| folder.as_str());
        let entry = format!("{inside}{name}");
        if name.ends_with('/') {
            open.push((indent, entry.clone()));
        }
        named.insert(entry);
    }
    Some(named)
}

#[test]
fn a_map_that_differs_from_the_folder_is_caught() {
    let entries = |all: &[&str]| all.iter().map(|entry| (*entry).to_owned()).collect();
    let house: BTreeSet<String> = entries(&[
        "lib.rs",
        "http/",
        "http/mod.rs",
        "http/page.rs",
        "http/stock/",
        "http/stock/rows.rs",
    ]);
    let text =
        |lines: &str| format!("# Map\n```\nnot it\n```\n```text\nsrc/\n{lines}```\nafter.rs\n");
    let whole = "  lib.rs   the map\n           of it all\n  http/    second floor\n    \
                 page.rs  pages\n    stock/\n";
    assert_eq!(differences(&text(whole), &house), Vec::<String>::new());
    let deeper = format!("{whole}      rows.rs\n");
    assert_eq!(differences(&text(&deeper), &house), Vec::<String>::new());
    let wrong = "  lib.rs\n  http/\n    pages.rs\n  page.rs\n";
    let expected = [
        "ARCHITECTURE.md: src/http/page.rs is not on the map",
        "ARCHITECTURE.md: src/http/stock/ is not on the map",
        "ARCHITECTURE.md: src/http/pages.rs does not exist",
        "ARCHITECTURE.md: src/page.rs does not exist",
    ];
    assert_eq!(differences(&text(wrong), &house), expected);
    assert_eq!(differences("no map\n", &house).len(), 1);
}
