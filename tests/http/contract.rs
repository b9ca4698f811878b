//! The OpenAPI document and the table of operations are about the same service.
//!
//! What operations answer is in their rooms' modules. Invariant: neither side may have an
//! operation that the other lacks.

use std::collections::BTreeSet;

use changping::http::openapi;
use changping::http::routes::OPERATIONS;
use serde_json::Value;

use crate::stage::on_each;

fn document() -> Value {
    serde_json::from_str(&openapi::text(&openapi::document())).unwrap()
}

/// Method, path and the operation's object.
fn described(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    found
}

#[test]
fn the_document_and_the_table_name_the_same_operations() {
    let document = document();
    let described: BTreeSet<(String, String)> =
        described(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    let table: BTreeSet<(String, String)> = OPERATIONS
        .iter()
        .map(|(method, path, _)| ((*method).to_string(), (*path).to_string()))
        .collect();
    assert_eq!(table.len(), OPERATIONS.len(), "an operation stands twice in the table");
    assert_eq!(described, table);
}

#[test]
fn every_operation_has_a_name_a_tag_and_its_security() {
    let document = document();
    let mut names = BTreeSet::new();
    for (method, path, operation) in described(&document) {
        let name = operation["operationId"].as_str().unwrap_or_default().to_string();
        let verb_noun =
            name.contains('_') && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(verb_noun, "{method} {path}: {name}");
        assert!(names.insert(name.clone()), "{name} twice");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}");
        let open = operation["security"] == serde_json::json!([{}]);
        let entry = OPERATIONS.iter().find(|(m, p, _)| *m == method && *p == path);
        assert_eq!(open, entry.is_some_and(|(_, _, action)| action.is_none()), "{name}");
        let summary = operation["summary"].as_str().or(operation["description"].as_str());
        assert!(summary.is_some_and(|text| !text.is_empty()), "{name}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let described = parameter["description"].as_str().is_some_and(|text| text.len() > 3);
            assert!(described, "{name}: {parameter}");
        }
    }
}

#[test]
fn the_document_is_served() {
    on_each(|stage| {
        let served = stage.anonymous().get("/openapi.json");
        assert_eq!(served.expect(200), document());
    });
}
