//! Ways that a scenario or an event closes itself: from a depot to an area, and stretches of road.
//!
//! Closures of the register are in `closures`. Invariant: the answer says what the question closed.

use serde_json::{Value, json};

use crate::stage::{Stage, on_each};
use crate::support::forms::{receipt, receipt_of_lot, with};
use crate::support::records::profile;
use crate::support::world::{CITY_DEPOT, COUNTY_A, DEPOT_A};

const TOWNSHIP: &str = "371302101000";

fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("q", &receipt(CITY_DEPOT, "QUILT", 5_000));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
}

/// What a scenario brings of bedding, and its answer.
fn scenario(stage: &Stage, body: &Value) -> (i64, Value) {
    let headers = [("content-type", "application/json")];
    let (path, bytes) = ("/v1/coverage/scenarios", body.to_string());
    let reply = stage.client("planner").send("POST", path, &headers, Some(bytes.as_bytes()));
    let answer = reply.expect(200);
    let bedding = answer["areas"].as_array().unwrap().iter().find(|row| row["need"] == "bedding");
    (bedding.unwrap()["delivered"].as_i64().unwrap(), answer)
}

#[test]
fn a_scenario_closes_pairs_and_stretches_itself() {
    on_each(|stage| {
        settle(stage);
        let admin = stage.client("admin");
        let place = |path: &str| {
            let body = admin.get(path).expect(200);
            ["lon", "lat"].map(|name| body[name].as_f64().unwrap())
        };
        // The township a tenth of a degree off, a road of 30 km to it and one of 60 round about.
        let read = admin.get("/v1/regions/371302101");
        let mut body = read.json();
        body["lon"] = json!(body["lon"].as_f64().unwrap() + 0.1);
        admin.put("/v1/regions/371302101", Some(("if-match", read.header("etag"))), &body);
        let depot = place(&format!("/v1/depots/{CITY_DEPOT}"));
        let town = place("/v1/regions/371302101");
        let between = [town[0], town[1] + 0.1];
        for (code, from, to) in
            [("RD-1", depot, town), ("RD-2", depot, between), ("RD-3", between, town)]
        {
            let road = json!({"code": code, "from_lon": from[0], "from_lat": from[1],
                "to_lon": to[0], "to_lat": to[1], "length_m": 30_000, "one_way": false,
                "status": "active"});
            admin.create(&format!("/v1/roads/{code}"), &road);
        }
        let first = |closures: Value| {
            let body = json!({"name": "洪水(示例)", "exercise": true, "closures": closures,
                "areas": [{"region": TOWNSHIP, "displaced": 100}]});
            let (given, answer) = scenario(stage, &body);
            let row = answer["allocations"][0].clone();
            (given, row["arrives_min"].as_i64(), row["detour"].as_bool(), answer)
        };
        let (given, open, detour, _) = first(json!([]));
        assert_eq!((given, detour), (100, Some(false)));
        let (given, round, detour, answer) = first(json!([{"roads": ["RD-1"], "stays": true}]));
        // Sixty kilometres instead of thirty, at 50 km/h.
        assert_eq!((given, detour), (100, Some(true)));
        assert_eq!(round.unwrap() - open.unwrap(), 36);
        assert_eq!(answer["closed"][0]["kind"], "roads");
        assert_eq!(answer["closed"][0]["roads"], json!(["RD-1"]));
        let all = json!([{"roads": ["RD-1", "RD-3"], "opens_min": 2_000}]);
        let (given, _, _, answer) = first(all);
        assert_eq!((given, &answer["areas"][0]["cause"]), (0, &json!("road")));
        let way = json!([{"region": TOWNSHIP, "depot": CITY_DEPOT, "stays": true}]);
        let (given, _, _, answer) = first(way);
        assert_eq!((given, &answer["closed"][0]["depot"]), (0, &json!(CITY_DEPOT)));
        let from = json!([{"region": TOWNSHIP, "depot": DEPOT_A, "stays": true}]);
        assert_eq!(first(from).0, 100, "another depot's way");
        // An event keeps what it closes.
        let event = json!({"id": "E-1", "name": "洪水", "exercise": true, "status": "open",
            "areas": [{"region": TOWNSHIP, "displaced": 100}], "closures": [
                {"region": TOWNSHIP, "depot": CITY_DEPOT, "closes_min": 0, "stays": true,
                    "opens_min": null},
                {"roads": ["RD-1"], "closes_min": 0, "opens_min": 600, "stays": false}]});
        let planner = stage.client("planner");
        planner.create("/v1/events/E-1", &event);
        let kept = planner.get("/v1/events/E-1").expect(200);
        assert_eq!(kept["closures"], event["closures"]);
        let answer = planner.get("/v1/events/E-1/allocation").expect(200);
        assert_eq!(answer["persons_covered"], 0);
        assert_eq!(answer["closed"][1]["kind"], "roads");
        stage.hire("planner", COUNTY_A).get("/v1/events/E-1").problem(404, "not_found");
    });
}

#[test]
fn what_a_scenario_cannot_close_is_named_field_by_field() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let post = |closures: Value, displaced: i64| {
            let body = json!({"name": "x", "exercise": true, "closures": closures,
                "areas": [{"region": COUNTY_A, "displaced": displaced}]});
            let headers = [("content-type", "application/json")];
            let bytes = body.to_string();
            planner.send("POST", "/v1/coverage/scenarios", &headers, Some(bytes.as_bytes()))
        };
        let way = json!({"region": COUNTY_A, "depot": CITY_DEPOT});
        for (closures, pointer, code) in [
            (json!([{}]), "/closures/0/region", "required"),
            (json!([{"depot": CITY_DEPOT}]), "/closures/0/region", "required"),
            (json!([{"region": COUNTY_A, "roads": ["R"]}]), "/closures/0/region", "not_allowed"),
            (json!([{"depot": "D", "roads": ["R"]}]), "/closures/0/depot", "not_allowed"),
            (json!([{"closes_min": 1, "roads": ["R"]}]), "/closures/0/closes_min", "not_allowed"),
            (json!([{"roads": ["R", "R"]}]), "/closures/0/roads/1", "duplicate"),
            (json!([{"region": COUNTY_A, "depot": DEPOT_A}]), "/closures/0/depot", "hierarchy"),
            (json!([way, way]), "/closures/1/depot", "duplicate"),
        ] {
            let problem = post(closures.clone(), 1).problem(422, "invalid_value");
            let fault = &problem["errors"][0];
            let told = (&fault["pointer"], &fault["code"]);
            assert_eq!(told, (&json!(pointer), &json!(code)), "{closures}");
        }
        let later = with(way.clone(), "", "closes_min", 1_440);
        post(json!([way, later]), 1).expect(200);
        for (closures, pointer) in [
            (json!([{"region": COUNTY_A, "depot": "NO-1"}]), "/closures/0/depot"),
            (json!([{"roads": ["R-9"]}]), "/closures/0/roads/0"),
        ] {
            let problem = post(closures, 1).problem(409, "unknown_reference");
            assert_eq!(problem["pointer"], pointer);
        }
        let problem = post(json!([]), 0).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], "/areas/0/displaced");
    });
}
