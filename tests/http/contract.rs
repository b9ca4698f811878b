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

#[test]
fn a_demo_says_that_a_key_is_optional() {
    let demo = serde_json::to_value(openapi::demo_document()).unwrap();
    assert_eq!(demo["security"], serde_json::json!([{}, {"key": []}]));
    assert_eq!(document()["security"], serde_json::json!([{"key": []}]));
}

#[test]
fn every_operation_lists_its_refusals_and_bounds_its_parameters() {
    let document = document();
    for (method, path, operation) in described(&document) {
        let responses = operation["responses"].as_object().unwrap();
        assert!(!responses.contains_key("default"), "{method} {path} hides its statuses");
        let secured = operation["security"] != serde_json::json!([{}]);
        assert!(!secured || responses.contains_key("401"), "{method} {path}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let schema = &parameter["schema"];
            let bounded =
                ["pattern", "enum", "maximum", "format"].iter().any(|word| !schema[word].is_null());
            let tags = parameter["in"] == "header";
            assert!(bounded || tags, "{method} {path}: {parameter}");
            let shown = !schema["examples"].is_null() || !parameter["example"].is_null();
            assert!(shown, "{method} {path}: {parameter}");
        }
    }
}

#[test]
fn no_read_takes_an_unknown_parameter() {
    on_each(|stage| {
        let admin = stage.client("admin");
        let reads = OPERATIONS.iter().filter(|(method, _, _)| *method == "GET");
        for (_, path, _) in reads.filter(|(_, path, _)| path.starts_with("/v1/")) {
            let path = path.replace("{code}", "x").replace("{id}", "x");
            let problem = admin.get(&format!("{path}?zz=1")).problem(400, "invalid_parameter");
            assert_eq!(problem["errors"][0]["pointer"], "zz", "{path}");
        }
        let several = admin.get("/v1/depots?zz=1&limit=x&kind=store&kind=store&a%2Fb=1");
        let problem = several.problem(400, "invalid_parameter");
        let told = |error: &Value| ["pointer", "code"].map(|field| error[field].clone());
        let told: Vec<_> = problem["errors"].as_array().unwrap().iter().map(told).collect();
        let expected = [
            ["zz", "unknown_field"],
            ["limit", "malformed"],
            ["kind", "duplicate"],
            ["a/b", "unknown_field"],
        ];
        assert_eq!(told, expected.map(|pair| pair.map(Value::from)));
        admin.get("/v1/regions?q=%FF").problem(400, "invalid_parameter");
        admin.get("/v1/regions?q=%00").problem(400, "invalid_parameter");
        let accept = |text: &str| {
            let headers = [("accept", text)];
            admin.send("GET", "/v1/regions?limit=1", &headers, None)
        };
        accept("application/json;q=0").problem(406, "not_acceptable");
        accept("text/csv;q=0.1, application/json;q=0.2").expect(200);
    });
}

#[test]
fn a_replacement_names_the_version_it_replaces() {
    on_each(|stage| {
        let admin = stage.client("admin");
        let path = "/v1/regions/371302";
        let body = admin.get(path).expect(200).to_string();
        let put = |headers: &[(&str, &str)], body: &str| {
            let all = [&[("content-type", "application/json")], headers].concat();
            admin.send("PUT", path, &all, Some(body.as_bytes()))
        };
        put(&[], &body).problem(428, "precondition_required");
        let (any, none) = (("if-match", "*"), ("if-none-match", "*"));
        put(&[("if-match", "\"stale\"")], &body).problem(412, "precondition_failed");
        put(&[none], &body).problem(412, "precondition_failed");
        put(&[any, none], &body).problem(412, "precondition_failed");
        put(&[("if-none-match", "\"x\"")], &body).problem(400, "invalid_parameter");
        let wrong =
            body.replace("\"county\"", "\"moon\"").replace("\"name\":\"", "\"name\":\"\\u0000");
        let problem = put(&[any], &wrong).problem(422, "invalid_value");
        let pointers = problem["errors"].as_array().unwrap().iter().map(|one| &one["pointer"]);
        assert!(pointers.eq(["/name", "/tier"]), "{problem}");
        put(&[any], &body).expect(200);
    });
}
