//! Names of what goes over the wire: the OpenAPI document has one drawer for all of them.
//!
//! A second type of a name takes the first one's place there without a word. Invariant: no name
//! under `src/http` has two schemas.

use std::collections::BTreeMap;

/// `files` are paths with their texts.
pub fn doubles<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let mut offences = Vec::new();
    for (path, text) in files {
        for name in named(text) {
            if let Some(other) = seen.insert(name, path) {
                offences.push(format!("{path}: `{name}` is a schema of {other} too"));
            }
        }
    }
    offences
}

fn named(text: &str) -> impl Iterator<Item = &str> {
    let declared = text.split("#[derive(").skip(1).filter_map(|after| after.split_once(")]"));
    let schemas = declared.filter(|(traits, _)| traits.contains("ToSchema"));
    schemas.filter_map(|(_, after)| {
        let mut words = after.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        words.find(|word| matches!(*word, "struct" | "enum"))?;
        words.next()
    })
}

#[test]
fn two_schemas_of_one_name_are_caught() {
    let first = "#[derive(Debug, ToSchema)]\n#[serde(deny_unknown_fields)]\npub struct Row<T> {}";
    let second = "#[derive(ToSchema)]\nstruct Row {}\n#[derive(Debug)]\nstruct Line {}";
    let found = doubles([("a.rs", first), ("b.rs", second)]);
    assert_eq!(found, ["b.rs: `Row` is a schema of a.rs too"]);
    assert!(doubles([("a.rs", first), ("c.rs", "#[derive(Debug)]\nstruct Row {}")]).is_empty());
}
