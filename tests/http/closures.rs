//! Closures: the register, what its entries do to answers, and how many were open again in time.
//!
//! When a closure is in force is tested beside the domain. Invariant: an answer names the closures
//! that it reckons with.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::stage::{Stage, on_each, rows};
use crate::support::forms::{receipt, receipt_of_lot, with};
use crate::support::records::{profile, quota, quota_id};
use crate::support::world::{CITY_DEPOT, COUNTY_A, COUNTY_B, DEPOT_A};

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));
const PATH: &str = "/v1/closures/RC-1";
const TOWNSHIP: &str = "371302101000";

/// So many hours from now.
fn hours(count: i64) -> String {
    let at: DateTime<Utc> = Utc::now() + Duration::hours(count);
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A township closed an hour ago, for a day.
fn area() -> Value {
    json!({"code": "RC-1", "kind": "area", "region": TOWNSHIP, "closed_at": hours(-1),
        "cause": "flood", "document": "示例", "status": "active"})
}

fn pair() -> Value {
    let body = with(area(), "", "kind", "pair");
    with(body, "", "depot", CITY_DEPOT)
}

fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("q", &receipt(CITY_DEPOT, "QUILT", 5_000));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
}

fn coverage(stage: &Stage, query: &str) -> Value {
    let path = format!("/v1/coverage?region=371302&tier=township{query}");
    stage.client("planner").get(&path).expect(200)
}

fn codes(answer: &Value) -> Vec<&str> {
    let named = answer["closures"].as_array().unwrap().iter();
    named.map(|row| row["code"].as_str().unwrap()).collect()
}

#[test]
fn a_closure_is_written_under_its_version_by_planners() {
    on_each(|stage| {
        let planner = stage.client("planner");
        planner.create(PATH, &area());
        let read = planner.get(PATH);
        let tag = read.header("etag").to_string();
        let open = with(read.json(), "", "reopened_at", hours(0));
        planner.put(PATH, CREATE, &open).problem(412, "precondition_failed");
        planner.put(PATH, Some(("if-match", &tag)), &open).expect(200);
        planner.put(PATH, Some(("if-match", &tag)), &open).problem(412, "precondition_failed");
        let clerk = stage.client("clerk");
        assert_eq!(clerk.get(PATH).json()["reopened_at"], open["reopened_at"]);
        clerk.put(PATH, Some(("if-match", "*")), &open).problem(403, "forbidden");
        for (query, count) in [
            ("", 1),
            ("?kind=area&cause=flood&region=371302", 1),
            ("?kind=pair", 0),
            ("?cause=works", 0),
            ("?region=371311", 0),
            ("?q=rc-1", 1),
        ] {
            let page = planner.get(&format!("/v1/closures{query}")).expect(200);
            assert_eq!(rows(&page).len(), count, "{query}");
        }
        for query in ["kind=bridge", "cause=boredom"] {
            planner.get(&format!("/v1/closures?{query}")).problem(400, "invalid_parameter");
        }
    });
}

#[test]
fn a_closure_that_cannot_be_is_refused_by_field() {
    on_each(|stage| {
        let planner = stage.client("planner");
        let told = |body: &Value| {
            let problem = planner.put(PATH, CREATE, body).problem(422, "invalid_value");
            let fault = &problem["errors"][0];
            let text = |name: &str| fault[name].as_str().unwrap().to_string();
            (text("pointer"), text("code"))
        };
        for (body, pointer, code) in [
            (with(area(), "", "reopened_at", hours(-2)), "/reopened_at", "date_order"),
            (
                with(area(), "", "expected_reopen_at", hours(-1)),
                "/expected_reopen_at",
                "date_order",
            ),
            (with(area(), "", "closed_at", "yesterday"), "/closed_at", "malformed"),
            (with(area(), "", "depot", CITY_DEPOT), "/depot", "not_allowed"),
            (with(area(), "", "roads", json!(["RD-1"])), "/roads", "not_allowed"),
            (with(area(), "", "kind", "pair"), "/depot", "required"),
            (with(area(), "", "kind", "roads"), "/roads", "required"),
            (with(area(), "", "kind", "bridge"), "/kind", "unknown_value"),
            (with(area(), "", "cause", "boredom"), "/cause", "unknown_value"),
            (with(pair(), "", "region", "3713"), "/depot", "hierarchy"),
        ] {
            assert_eq!(told(&body), (pointer.to_string(), code.to_string()), "{body}");
        }
        let twice = with(with(area(), "", "kind", "roads"), "", "roads", json!(["R", "R"]));
        assert_eq!(told(&twice).0, "/roads/1");
        let road = with(with(area(), "", "kind", "roads"), "", "roads", json!(["R-9"]));
        for (body, pointer) in [
            (with(area(), "", "region", "379999"), "/region"),
            (with(pair(), "", "depot", "NO-1"), "/depot"),
            (road, "/roads/0"),
        ] {
            let problem = planner.put(PATH, CREATE, &body).problem(409, "unknown_reference");
            assert_eq!(problem["pointer"], pointer, "{problem}");
        }
        // One way is closed once at a time.
        planner.create(PATH, &pair());
        let again = with(with(pair(), "", "code", "RC-2"), "", "closed_at", hours(-3));
        let problem =
            planner.put("/v1/closures/RC-2", CREATE, &again).problem(422, "invalid_value");
        let fault = &problem["errors"][0];
        assert_eq!(
            (&fault["pointer"], &fault["code"]),
            (&json!("/closed_at"), &json!("duplicate"))
        );
        let before = with(again, "", "reopened_at", hours(-2));
        planner.create("/v1/closures/RC-2", &before);
    });
}

#[test]
fn coverage_waits_for_what_is_closed_and_names_it() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let open = coverage(stage, "");
        assert_eq!((&open["items"][0]["coverage"], codes(&open).len()), (&json!(1.0), 0));
        for body in [area(), pair()] {
            planner.put(PATH, None, &body).problem(428, "precondition_required");
            let known = planner.get(PATH).status == 200;
            planner.put(PATH, Some(if known { ("if-match", "*") } else { CREATE.unwrap() }), &body);
            let answer = coverage(stage, "");
            let row = &answer["items"][0];
            assert_eq!(row["coverage"], 0.0, "{answer}");
            assert_eq!(row["binding"]["reason"], "road");
            let late = row["full_at_min"].as_i64().unwrap();
            assert!(late > 23 * 60 - 5, "not before the roads are open: {late}");
            assert_eq!(codes(&answer), ["RC-1"]);
            let named = &answer["closures"][0];
            assert_eq!(named["kind"], body["kind"]);
            assert!((1_370..=1_380).contains(&named["opens_min"].as_i64().unwrap()), "{named}");
            assert_eq!(coverage(stage, "&closures=ignore")["items"], open["items"]);
            assert_eq!(coverage(stage, "&closures=ignore")["closures"], json!([]));
            assert_eq!(coverage(stage, "&closures=apply")["items"], answer["items"]);
        }
        let bad = planner.get("/v1/coverage?region=3713&closures=some");
        bad.problem(400, "invalid_parameter");
        // Overdue: nobody knows when it opens, so it opens within no limit.
        let overdue = with(area(), "", "closed_at", hours(-30));
        planner.put(PATH, Some(("if-match", "*")), &overdue).expect(200);
        let answer = coverage(stage, "&hours=720");
        assert_eq!(answer["closures"][0]["opens_min"], Value::Null);
        assert_eq!(answer["items"][0]["full_at_min"], Value::Null);
        let reported = with(overdue, "", "reopened_at", hours(-1));
        planner.put(PATH, Some(("if-match", "*")), &reported).expect(200);
        assert_eq!(coverage(stage, "")["items"], open["items"]);
    });
}

fn flood(begun: &str) -> Value {
    json!({"name": "洪水(示例)", "exercise": true, "started_at": begun,
        "areas": [{"region": COUNTY_A, "displaced": 100}]})
}

/// What a scenario brings of bedding, and its answer.
fn scenario(stage: &Stage, query: &str, body: &Value) -> (i64, Value) {
    let headers = [("content-type", "application/json")];
    let path = format!("/v1/coverage/scenarios{query}");
    let bytes = body.to_string();
    let reply = stage.client("planner").send("POST", &path, &headers, Some(bytes.as_bytes()));
    let answer = reply.expect(200);
    let bedding = answer["areas"].as_array().unwrap().iter().find(|row| row["need"] == "bedding");
    (bedding.unwrap()["delivered"].as_i64().unwrap(), answer)
}

#[test]
fn scenarios_and_events_reckon_with_what_is_closed_when_goods_may_leave() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let way = with(pair(), "", "region", COUNTY_A);
        planner.create(PATH, &way);
        let (given, answer) = scenario(stage, "", &flood(&hours(0)));
        assert_eq!((given, codes(&answer)), (0, vec!["RC-1"]));
        assert_eq!(answer["areas"][0]["cause"], "road");
        let (given, answer) = scenario(stage, "?closures=ignore", &flood(&hours(0)));
        assert_eq!((given, codes(&answer).len()), (100, 0));
        // Before it closed, and after it is to open.
        for begun in [hours(-2), hours(24)] {
            let (given, answer) = scenario(stage, "", &flood(&begun));
            assert_eq!((given, codes(&answer).len()), (100, 0), "{begun}");
        }
        // Minutes gone by count from the start.
        let late = with(flood(&hours(-2)), "", "elapsed_min", 120);
        assert_eq!(scenario(stage, "", &late).0, 0);
        let event = json!({"id": "E-1", "name": "洪水", "exercise": false, "status": "open",
            "started_at": hours(-1), "areas": [{"region": COUNTY_A, "displaced": 100}]});
        planner.create("/v1/events/E-1", &event);
        let allocation = |query: &str| {
            let answer = planner.get(&format!("/v1/events/E-1/allocation{query}")).expect(200);
            answer["persons_covered"].as_i64().unwrap()
        };
        assert_eq!((allocation(""), allocation("?closures=ignore")), (0, 100));
        planner.get("/v1/events/E-1/allocation?closures=x").problem(400, "invalid_parameter");
    });
}

#[test]
fn donors_behind_a_closed_way_come_later_or_not_at_all() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        for (digits, place, target) in [(1, "3713", 2_000), (2, COUNTY_A, 1_000)] {
            let body = quota(digits, place, "QUILT", target, target / 2);
            planner.create(&format!("/v1/quotas/{}", quota_id(digits)), &body);
        }
        stage.book("a", &receipt(DEPOT_A, "QUILT", 450));
        let ask = |query: &str| {
            let path = format!("/v1/gaps/donors?region={COUNTY_A}&item=QUILT{query}");
            let answer = planner.get(&path).expect(200);
            (
                answer["items"][0]["arrive_min"].as_i64(),
                answer["items"][0]["cut_off"].clone(),
                answer,
            )
        };
        let (open, cut_off, _) = ask("");
        assert_eq!(cut_off, json!(false));
        planner.create(PATH, &with(pair(), "", "region", COUNTY_A));
        let (later, cut_off, answer) = ask("");
        assert!(later.unwrap() > 22 * 60, "{later:?}");
        assert_eq!((cut_off, codes(&answer)), (json!(false), vec!["RC-1"]));
        assert_eq!(ask("&closures=ignore").0, open);
        let county = with(area(), "", "region", COUNTY_A);
        let overdue = with(county, "", "closed_at", hours(-30));
        planner.put(PATH, Some(("if-match", "*")), &overdue).expect(200);
        let (never, cut_off, answer) = ask("");
        assert_eq!((never, cut_off), (None, json!(true)), "{answer}");
        planner
            .get("/v1/gaps/donors?region=3713&item=QUILT&closures=x")
            .problem(400, "invalid_parameter");
    });
}

#[test]
fn reopenings_tell_what_is_still_closed_apart() {
    on_each(|stage| {
        let planner = stage.client("planner");
        for (code, region, closed, opened, cause) in [
            ("RC-1", COUNTY_A, -100, Some(-80), "flood"),
            ("RC-2", COUNTY_A, -60, Some(-30), "flood"),
            ("RC-3", TOWNSHIP, -40, None, "snow_ice"),
            ("RC-4", COUNTY_B, -2, None, "flood"),
        ] {
            let mut body = with(area(), "", "code", code);
            (body["region"], body["cause"]) = (json!(region), json!(cause));
            body["closed_at"] = json!(hours(closed));
            if let Some(opened) = opened {
                body["reopened_at"] = json!(hours(opened));
            }
            planner.create(&format!("/v1/closures/{code}"), &body);
        }
        let answer = planner.get("/v1/reopenings?region=3713&tier=county").expect(200);
        let told = |row: &Value| {
            ["closures", "in_time", "late", "open_late", "undecided", "ratio"]
                .map(|name| row[name].clone())
        };
        let figures = |values: [i64; 5], ratio: Value| {
            let [a, b, c, d, e] = values.map(|value| json!(value));
            [a, b, c, d, e, ratio]
        };
        assert_eq!(told(&rows(&answer)[0]), figures([3, 1, 1, 1, 0], json!(0.3333)));
        // Nobody knows yet: no zero.
        assert_eq!(told(&rows(&answer)[1]), figures([1, 0, 0, 0, 1], Value::Null));
        assert_eq!(told(&answer["totals"]), figures([4, 1, 1, 1, 1], json!(0.3333)));
        assert_eq!((&answer["hours"], rows(&answer).len()), (&json!(24), 2));
        let by = |query: &str| {
            let answer = planner.get(&format!("/v1/reopenings?region=3713&{query}")).expect(200);
            rows(&answer).iter().map(|row| row["closures"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(by("group_by=cause"), [json!(3), json!(1)]);
        assert_eq!(by("group_by=kind&cause=flood"), [json!(3)]);
        assert_eq!(by("kind=pair"), Vec::<Value>::new());
        assert_eq!(by("to=2000-01-01"), Vec::<Value>::new());
        assert_eq!(by("limit=1"), [json!(2)]);
        for query in [
            "hours=0",
            "hours=721",
            "group_by=tier",
            "from=2026-02-02&to=2026-02-01",
            "group_by=cause&tier=county",
            "from=today",
        ] {
            planner.get(&format!("/v1/reopenings?{query}")).problem(400, "invalid_parameter");
        }
        let county = stage.hire("planner", COUNTY_B).get("/v1/reopenings").expect(200);
        assert_eq!(county["totals"]["closures"], 1);
        stage.client("clerk").get("/v1/reopenings").problem(403, "forbidden");
    });
}

#[test]
fn a_closure_out_of_scope_is_not_known_but_counts() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        planner.create(PATH, &with(pair(), "", "region", COUNTY_A));
        let county = stage.hire("planner", COUNTY_A);
        // The depot lies out of its sight.
        county.get(PATH).problem(404, "not_found");
        assert_eq!(rows(&county.get("/v1/closures").expect(200)).len(), 0);
        let other = with(pair(), "", "code", "RC-2");
        let reply = county.put("/v1/closures/RC-2", CREATE, &other);
        reply.problem(409, "unknown_reference");
        // What replaces it would be of a place that it sees, but what is there is not.
        let mine = with(area(), "", "region", COUNTY_A);
        let unknown = county.put(
            "/v1/closures/RC-9",
            Some(("if-match", "*")),
            &with(mine.clone(), "", "code", "RC-9"),
        );
        unknown.problem(412, "precondition_failed");
        county.put(PATH, Some(("if-match", "*")), &mine).problem(412, "precondition_failed");
        let answer = county.get("/v1/coverage?tier=township").expect(200);
        assert_eq!((&answer["closures"], &answer["closures_withheld"]), (&json!([]), &json!(1)));
        assert_eq!(answer["items"][0]["coverage"], 0.0);
        county.get("/v1/closures?region=371311").problem(404, "not_found");
    });
}
