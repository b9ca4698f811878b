//! Reference data, record by record: conditional writes, faults and what does not fit.
//!
//! Lists are in `registers`, scope is in `territory`. Invariant: a refused write leaves the
//! revision of the reference data as it was.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stage::{Stage, on_each};
use crate::support::forms::with;
use crate::support::records::{
    depot, item, need, organization, profile, promise, quota, quota_id, quota_rule, region,
};

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));

/// A record of one kind and what may be done to it.
struct Kind {
    path: String,
    body: Value,
    /// The field that the path repeats.
    key: &'static str,
    /// Another record's key.
    other: Value,
    /// A field that may change, and its new value.
    change: (&'static str, Value),
    /// Several fields with wrong values.
    wrong: Vec<(&'static str, Value)>,
}

fn kind(plural: &str, body: Value, key: &'static str, other: Value) -> Kind {
    let path = format!("/v1/{plural}/{}", body[key].as_str().unwrap());
    let change = ("/name", json!("改名"));
    Kind { path, body, key, other, change, wrong: Vec::new() }
}

fn kinds() -> Vec<Kind> {
    let mut kinds = places();
    kinds.extend(promises());
    kinds.extend(plans());
    kinds
}

fn places() -> Vec<Kind> {
    let county = with(region("371312000000", "county"), "", "parent", "371300000000");
    let (long, word) = (json!("长".repeat(201)), json!("other"));
    vec![
        Kind {
            wrong: vec![
                ("/name", json!("")),
                ("/type", word.clone()),
                ("/population", json!(-1)),
                ("/lat", json!(91)),
                ("/valid_from", json!("2024-02-30")),
            ],
            ..kind("regions", county, "code", json!("371313"))
        },
        Kind {
            wrong: vec![
                ("/name", long.clone()),
                ("/kind", word.clone()),
                ("/region", json!("3700021")),
            ],
            ..kind("organizations", organization("LY-LC", "371300000000"), "code", json!("X"))
        },
        Kind {
            wrong: vec![
                ("/unit", json!("a;b")),
                ("/per_person", json!(0.0001)),
                ("/per", word.clone()),
                ("/season", json!("13-01")),
            ],
            ..kind("needs", need("light"), "code", json!("dark"))
        },
        Kind {
            wrong: vec![
                ("/name_en", json!("")),
                ("/packs/0/factor", json!(1)),
                ("/life/kind", word.clone()),
                ("/weight_g", json!(-5)),
                ("/external_codes/gb38565", json!("9")),
                ("/status", word.clone()),
            ],
            ..kind("items", item("BLANKET"), "code", json!("X"))
        },
        Kind {
            wrong: vec![
                ("/name", long),
                ("/kind", word.clone()),
                ("/lon", json!(181)),
                ("/readiness_min", json!(99_999)),
                ("/status", word),
            ],
            ..kind("depots", depot("LY-02", "371300000000", "LY-YJ"), "code", json!("X"))
        },
    ]
}

fn promises() -> Vec<Kind> {
    let of = |own: Value| promise("S", "371300000000", &own);
    let agreement = of(json!({ "contract_quantity": 5, "response_hours": 6 }));
    let capacity = of(json!({ "daily_rate": 5, "startup_hours": 6, "finished_goods": 7,
        "limit": 8 }));
    let pledge = of(json!({ "pledged_quantity": 5, "response_hours": 6 }));
    let word = json!("other");
    vec![
        Kind {
            wrong: vec![("/valid_to", json!("2019-12-31")), ("/contract_quantity", json!(-1))],
            ..kind("agreements", agreement, "code", json!("X"))
        },
        Kind {
            wrong: vec![("/startup_hours", json!(-1)), ("/limit", json!(-1))],
            ..kind("capacities", capacity, "code", json!("X"))
        },
        Kind {
            wrong: vec![("/status", word), ("/pledged_quantity", json!(-1))],
            ..kind("pledges", pledge, "code", json!("X"))
        },
    ]
}

fn plans() -> Vec<Kind> {
    let word = json!("other");
    let rule = with(
        quota_rule("RULE", "371300000000", "county", "QUILT"),
        "",
        "planned_displaced_from",
        "given",
    );
    let rule = with(rule, "", "days", 1);
    vec![
        Kind {
            wrong: vec![
                ("/tier", word.clone()),
                ("/modes/1/mode", json!("gov_physical")),
                ("/floor_permille", json!(-1)),
                ("/effective_from", json!("2024-02-30")),
            ],
            ..kind("quota-rules", rule, "code", json!("X"))
        },
        Kind {
            change: ("/target", json!(70)),
            wrong: vec![
                ("/region", json!("1")),
                ("/mode", word.clone()),
                ("/target", json!(-1)),
                ("/effective_from", json!("01.01.2022")),
            ],
            ..kind("quotas", quota(1, "371300000000", "TENT", 50, 40), "id", json!(quota_id(2)))
        },
        Kind {
            wrong: vec![
                ("/tiers/1/speed_kmh", json!(0)),
                ("/provincial/load_min", json!(-1)),
                ("/modes_counted/0", word.clone()),
                ("/target_hours", json!(0)),
                ("/clock", word),
            ],
            ..kind("profiles", profile(), "region", json!("371400000000"))
        },
    ]
}

fn set(body: &Value, pointer: &str, value: &Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(pointer).unwrap_or(&mut Value::Null) = value.clone();
    if body.pointer(pointer).is_none() {
        body[pointer.trim_start_matches('/')] = value.clone();
    }
    body
}

fn revision(stage: &Stage) -> Value {
    stage.client("admin").get("/v1/stock").expect(200)["reference_rev"].clone()
}

#[test]
fn a_record_is_created_read_and_replaced_under_its_tag() {
    on_each(|stage| {
        let admin = stage.client("admin");
        for Kind { path, body, change: (field, value), .. } in kinds() {
            admin.get(&path).problem(404, "not_found");
            admin.put(&path, None, &body).problem(428, "precondition_required");
            let early = admin.put(&path, Some(("if-match", "*")), &body);
            early.problem(412, "precondition_failed");
            let created = admin.put(&path, CREATE, &body);
            assert_eq!(created.expect(201), body, "{path}");
            let tag = created.header("etag").to_string();
            assert!(tag.starts_with('"') && tag.len() > 10, "{path}: {tag}");
            admin.put(&path, CREATE, &body).problem(412, "precondition_failed");
            let read = admin.get(&path);
            assert_eq!((read.status, &read.text), (200, &created.text), "{path}");
            assert_eq!(read.header("etag"), tag, "{path}");
            let known = admin.send("GET", &path, &[("if-none-match", &tag)], None);
            assert_eq!((known.status, known.text.as_str()), (304, ""), "{path}");
            assert_eq!(known.header("etag"), tag);

            let changed = set(&body, field, &value);
            let stale = Some(("if-match", "\"0123456789abcdef\""));
            admin.put(&path, stale, &changed).problem(412, "precondition_failed");
            assert_eq!(admin.get(&path).text, read.text, "{path}");
            let replaced = admin.put(&path, Some(("if-match", &tag)), &changed);
            assert_eq!(replaced.expect(200), changed, "{path}");
            assert_ne!(replaced.header("etag"), tag, "{path}");
            let again = admin.put(&path, Some(("if-match", &tag)), &body);
            again.problem(412, "precondition_failed");
            let unknown = admin.send("GET", &path, &[("if-none-match", &tag)], None);
            assert_eq!((unknown.status, &unknown.text), (200, &replaced.text), "{path}");
        }
    });
}

#[test]
fn of_several_who_replace_one_version_one_succeeds() {
    on_each(|stage| {
        let path = "/v1/items/TENT";
        let read = stage.client("admin").get(path);
        let (body, tag) = (read.json(), read.header("etag"));
        let replace = |n: usize| {
            let named = with(body.clone(), "", "name", format!("帐篷{n}"));
            stage.client("admin").put(path, Some(("if-match", tag)), &named).status
        };
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let replace = &replace;
            let asking: Vec<_> = (0..8).map(|n| scope.spawn(move || replace(n))).collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    });
}

fn pointers(problem: &Value) -> BTreeSet<String> {
    let faults = problem["errors"].as_array().unwrap().iter();
    faults.map(|fault| fault["pointer"].as_str().unwrap().to_string()).collect()
}

#[test]
fn all_faults_are_named_at_once() {
    on_each(|stage| {
        let (admin, before) = (stage.client("admin"), revision(stage));
        for Kind { path, body, key, other, wrong, .. } in kinds() {
            let broken = wrong.iter().fold(body.clone(), |body, (at, value)| set(&body, at, value));
            let problem = admin.put(&path, CREATE, &broken).problem(422, "invalid_value");
            let expected: BTreeSet<_> = wrong.iter().map(|(at, _)| (*at).to_string()).collect();
            assert!(expected.is_subset(&pointers(&problem)), "{path}: {problem}");

            let moved = with(body.clone(), "", key, other);
            let problem = admin.put(&path, CREATE, &moved).problem(422, "invalid_value");
            assert!(pointers(&problem).contains(&format!("/{key}")), "{path}: {problem}");

            let stranger = with(body.clone(), "", "colour", "red");
            let problem = admin.put(&path, CREATE, &stranger).problem(422, "invalid_value");
            assert_eq!(problem["errors"][0]["pointer"], "/colour", "{path}");
            assert_eq!(problem["errors"][0]["code"], "unknown_field", "{path}");
            let mut short = body.clone();
            short.as_object_mut().unwrap().remove(key);
            let problem = admin.put(&path, CREATE, &short).problem(422, "invalid_value");
            assert_eq!(problem["errors"][0]["pointer"], format!("/{key}"), "{path}");
            admin.get(&path).problem(404, "not_found");
        }
        assert_eq!(revision(stage), before);
    });
}

#[test]
fn a_record_names_what_is_there() {
    on_each(|stage| {
        let (admin, before) = (stage.client("admin"), revision(stage));
        let need_quota = json!({ "id": quota_id(3), "region": "3713", "need": "nothing",
            "mode": "gov_physical", "basis": "absolute", "target": 1, "floor": 1,
            "effective_from": "2022-01-01" });
        let cases = [
            ("regions/371399001", region("371399001", "township"), "/parent"),
            (
                "regions/371399",
                with(region("371399", "county"), "", "replaced_by", "371388"),
                "/replaced_by",
            ),
            ("organizations/X", organization("X", "379999"), "/region"),
            ("depots/X", depot("X", "379999", "LY-YJ"), "/region"),
            ("depots/X", depot("X", "3713", "NOBODY"), "/organization"),
            ("items/X", with(item("X"), "", "need", "nothing"), "/need"),
            (&format!("quotas/{}", quota_id(3)), quota(3, "379999", "TENT", 1, 1), "/region"),
            (&format!("quotas/{}", quota_id(3)), quota(3, "3713", "NOTHING", 1, 1), "/item"),
            (&format!("quotas/{}", quota_id(3)), need_quota, "/need"),
            ("profiles/3799", with(profile(), "", "region", "3799"), "/region"),
        ];
        for (path, body, pointer) in cases {
            let reply = admin.put(&format!("/v1/{path}"), CREATE, &body);
            let problem = reply.problem(409, "unknown_reference");
            assert_eq!(problem["pointer"], pointer, "{path}");
        }
        assert_eq!(revision(stage), before);
    });
}

#[test]
fn two_quotas_of_one_line_are_never_in_force_together() {
    on_each(|stage| {
        let planner = stage.client("planner");
        let path = |digits| format!("/v1/quotas/{}", quota_id(digits));
        let until = |body, date: &str| with(body, "", "effective_to", date);
        planner.create(&path(1), &until(quota(1, "3713", "TENT", 50, 40), "2030-12-31"));
        let rival = quota(2, "371300000000", "TENT", 60, 0);
        for rival in [
            rival.clone(),
            until(rival.clone(), "2022-01-01"),
            with(rival.clone(), "", "effective_from", "2030-12-31"),
        ] {
            let reply = planner.put(&path(2), CREATE, &rival);
            reply.problem(409, "reference_conflict");
        }
        planner.get(&path(2)).problem(404, "not_found");
        planner.create(&path(2), &with(rival.clone(), "", "effective_from", "2031-01-01"));
        planner.create(&path(3), &with(quota(3, "3713", "TENT", 5, 5), "", "mode", "agreement"));
        planner.create(&path(4), &quota(4, "371302", "TENT", 5, 5));
        // A quota is no rival of itself.
        let tag = planner.get(&path(1)).header("etag").to_string();
        let raised = quota(1, "3713", "TENT", 70, 40);
        planner.put(&path(1), Some(("if-match", &tag)), &raised).problem(409, "reference_conflict");
        let raised = until(raised, "2030-12-30");
        planner.put(&path(1), Some(("if-match", &tag)), &raised).expect(200);
    });
}

#[test]
fn regions_form_a_tree_by_their_codes() {
    on_each(|stage| {
        let admin = stage.client("admin");
        let cases = [
            ("371303", region("371303", "township"), "/tier"),
            ("371303", with(region("371303", "county"), "", "parent", "371302101"), "/parent"),
            ("371303", with(region("371303", "county"), "", "parent", "371311"), "/parent"),
            (
                "371303",
                with(region("371303", "county"), "", "replaced_by", "371303"),
                "/replaced_by",
            ),
            ("37", with(region("37", "province"), "", "parent", "3713"), "/parent"),
        ];
        for (code, body, pointer) in cases {
            let reply = admin.put(&format!("/v1/regions/{code}"), CREATE, &body);
            let problem = reply.problem(422, "invalid_value");
            assert!(pointers(&problem).contains(pointer), "{problem}");
        }
        // Short and long codes are one region.
        let created = admin.create("/v1/regions/371303", &region("371303", "county"));
        assert_eq!(created["code"], "371303000000");
        assert_eq!(created["parent"], "371300000000");
        assert_eq!(admin.get("/v1/regions/371303000000").expect(200), created);
    });
}
