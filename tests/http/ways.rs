//! Measured routes and roads: registers, and what coverage makes of them.
//!
//! Ways by number are tested beside the engine. Invariant: each arrival says on what it rests.

use serde_json::{Value, json};

use crate::stage::{Stage, on_each, rows};
use crate::support::forms::{receipt, receipt_of_lot, with};
use crate::support::records::profile;
use crate::support::world::{CITY_DEPOT, DEPOT_A};

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));

fn route() -> Value {
    json!({"code": "RT-1", "depot": CITY_DEPOT, "region": "371302101000", "minutes": 100,
        "source": "示例", "valid_from": "2020-01-01", "status": "active"})
}

fn road(code: &str, from: [f64; 2], to: [f64; 2]) -> Value {
    json!({"code": code, "from_lon": from[0], "from_lat": from[1], "to_lon": to[0],
        "to_lat": to[1], "length_m": 30_000, "one_way": false, "status": "active"})
}

fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("q", &receipt(CITY_DEPOT, "QUILT", 5_000));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
}

fn township(stage: &Stage, query: &str) -> Value {
    let path = format!("/v1/coverage?region=371302&tier=township&detail=true{query}");
    let answer = stage.client("planner").get(&path).expect(200);
    assert_eq!(rows(&answer).len(), 1, "{answer}");
    answer["items"][0].clone()
}

/// The place of a record that has one.
fn place(stage: &Stage, path: &str) -> [f64; 2] {
    let body = stage.client("admin").get(path).expect(200);
    ["lon", "lat"].map(|name| body[name].as_f64().unwrap())
}

/// Puts the township a tenth of a degree east of everything.
fn move_away(stage: &Stage) {
    let (admin, path) = (stage.client("admin"), "/v1/regions/371302101");
    let read = admin.get(path);
    let mut body = read.json();
    body["lon"] = json!(body["lon"].as_f64().unwrap() + 0.1);
    admin.put(path, Some(("if-match", read.header("etag"))), &body).expect(200);
}

#[test]
fn coverage_goes_by_the_best_known_way() {
    on_each(|stage| {
        settle(stage);
        move_away(stage);
        let admin = stage.client("admin");
        let row = township(stage, "");
        assert_eq!(row["travel"], "estimated");
        let by_line = row["full_at_min"].as_i64().unwrap();
        // A road of 30 km between the very points: 36 minutes at the city's 50 km/h.
        let from = place(stage, &format!("/v1/depots/{CITY_DEPOT}"));
        let to = place(stage, "/v1/regions/371302101");
        admin.create("/v1/roads/RD-1", &road("RD-1", from, to));
        let row = township(stage, "");
        assert_eq!(row["travel"], "road", "{row}");
        let by_road = row["full_at_min"].as_i64().unwrap();
        assert_ne!(by_road, by_line);
        assert_eq!(row["detail"]["curve"][0]["travel"], "road");
        // Somebody has driven it.
        admin.create("/v1/routes/RT-1", &route());
        let row = township(stage, "");
        assert_eq!(
            (&row["travel"], &row["inherited_location"]),
            (&json!("measured"), &json!(false))
        );
        assert_eq!(row["full_at_min"].as_i64().unwrap(), by_road - 36 + 100);
        let slow = township(stage, "&speed_percent=50");
        assert_eq!(slow["full_at_min"].as_i64().unwrap(), by_road - 36 + 200);
        // What a routing server has worked out says nothing of a way that somebody has driven.
        let mut matrix = route();
        (matrix["code"], matrix["basis"], matrix["minutes"]) =
            (json!("MX-1"), json!("matrix"), json!(7));
        admin.create("/v1/routes/MX-1", &matrix);
        assert_eq!(township(stage, "")["full_at_min"].as_i64().unwrap(), by_road - 36 + 100);
        let retired = with(route(), "", "status", json!("retired"));
        admin.put("/v1/routes/RT-1", Some(("if-match", "*")), &retired).expect(200);
        assert_eq!(township(stage, "")["full_at_min"].as_i64().unwrap(), by_road - 36 + 7);
        // What is retired is as if nobody had said it.
        let retired = with(matrix, "", "status", json!("retired"));
        admin.put("/v1/routes/MX-1", Some(("if-match", "*")), &retired).expect(200);
        for (path, body) in
            [("/v1/routes/RT-1", route()), ("/v1/roads/RD-1", road("RD-1", from, to))]
        {
            let retired = with(body, "", "status", json!("retired"));
            admin.put(path, Some(("if-match", "*")), &retired).expect(200);
        }
        let row = township(stage, "");
        assert_eq!((&row["travel"], &row["full_at_min"]), (&json!("estimated"), &json!(by_line)));
        for query in ["speed_percent=0", "speed_percent=101"] {
            let reply = stage.client("planner").get(&format!("/v1/coverage?region=3713&{query}"));
            assert_eq!(
                reply.problem(422, "invalid_value")["errors"][0]["pointer"],
                "speed_percent"
            );
        }
    });
}

#[test]
fn routes_and_roads_refuse_what_cannot_be() {
    on_each(|stage| {
        let admin = stage.client("admin");
        for (field, value, pointer) in [
            ("minutes", json!(0), "/minutes"),
            ("minutes", json!(-5), "/minutes"),
            ("minutes", json!(43_201), "/minutes"),
            ("valid_to", json!("2019-12-31"), "/valid_to"),
            ("source", json!(""), "/source"),
            ("status", json!("closed"), "/status"),
        ] {
            let reply = admin.put("/v1/routes/RT-1", CREATE, &with(route(), "", field, value));
            let problem = reply.problem(422, "invalid_value");
            assert_eq!(problem["errors"][0]["pointer"], pointer);
        }
        for (field, value) in [("depot", json!("NO-1")), ("region", json!("379999"))] {
            let reply = admin.put("/v1/routes/RT-1", CREATE, &with(route(), "", field, value));
            reply.problem(409, "unknown_reference");
        }
        let good = road("RD-1", [118.0, 35.0], [118.1, 35.0]);
        for (field, value, pointer) in [
            ("length_m", json!(0), "/length_m"),
            ("speed_kmh", json!(0), "/speed_kmh"),
            ("speed_kmh", json!(201), "/speed_kmh"),
            ("from_lon", json!(181), "/from_lon"),
            ("to_lat", json!(-91), "/to_lat"),
            ("to_lon", json!(118.0), "/to_lon"),
            ("class", json!("a;b"), "/class"),
        ] {
            let reply = admin.put("/v1/roads/RD-1", CREATE, &with(good.clone(), "", field, value));
            let problem = reply.problem(422, "invalid_value");
            assert_eq!(problem["errors"][0]["pointer"], pointer);
        }
        admin.create("/v1/roads/RD-1", &good);
        let page = admin.get("/v1/roads?q=rd-1").expect(200);
        assert_eq!(rows(&page).len(), 1);
        assert_eq!(rows(&admin.get("/v1/roads?q=zz").expect(200)).len(), 0);
        stage.client("clerk").put("/v1/roads/RD-2", CREATE, &good).problem(403, "forbidden");
    });
}

#[test]
fn a_route_out_of_scope_is_not_known() {
    on_each(|stage| {
        let admin = stage.client("admin");
        admin.create("/v1/routes/RT-1", &route());
        let other = stage.hire("admin", "371311");
        other.get("/v1/routes/RT-1").problem(404, "not_found");
        assert_eq!(rows(&other.get("/v1/routes").expect(200)).len(), 0);
        // A route into its own region, but from a depot that it cannot see.
        let county = stage.hire("admin", "371302");
        county.get("/v1/routes/RT-1").problem(404, "not_found");
        assert_eq!(rows(&county.get("/v1/routes").expect(200)).len(), 0);
        // Its own region, but a depot that it cannot see.
        let body = with(route(), "", "region", json!("371311"));
        for depot in [CITY_DEPOT, DEPOT_A] {
            let body =
                with(with(body.clone(), "", "depot", json!(depot)), "", "code", json!("RT-2"));
            let reply = other.put("/v1/routes/RT-2", CREATE, &body);
            reply.problem(409, "unknown_reference");
        }
        let page = admin.get("/v1/routes?region=371302").expect(200);
        assert_eq!(rows(&page).len(), 1);
        admin.get("/v1/routes?region=379999").problem(404, "not_found");
    });
}

#[test]
fn a_closed_region_waits_for_its_roads() {
    on_each(|stage| {
        settle(stage);
        let row = township(stage, "");
        assert_eq!(row["coverage"], 1.0);
        let row = township(stage, "&closed=371302");
        assert_eq!((&row["coverage"], &row["binding"]["reason"]), (&json!(0.0), &json!("road")));
        assert!(row["full_at_min"].as_i64().unwrap() > 1_440, "{row}");
        let soon = township(stage, "&closed=371302&reopens_h=1");
        assert_eq!(soon["coverage"], 1.0);
        let planner = stage.client("planner");
        for query in ["reopens_h=5", "closed=371302&reopens_h=721", "closed=x", "reopens_h=-1"] {
            let reply = planner.get(&format!("/v1/coverage?region=3713&{query}"));
            reply.problem(400, "invalid_parameter");
        }
        planner.get("/v1/coverage?region=3713&closed=379999").problem(404, "not_found");
        let county = stage.hire("planner", "371302");
        county.get("/v1/coverage?closed=371311").problem(404, "not_found");
    });
}

#[test]
fn a_helicopter_base_is_told_and_covers_nobody() {
    on_each(|stage| {
        settle(stage);
        let admin = stage.client("admin");
        let [lon, lat] = place(stage, "/v1/regions/371302101");
        let base = json!({"code": "HB-1", "name": "示例", "region": "3713", "lon": lon, "lat": lat,
            "radius_km": 80, "cruise_kmh": 200, "payload_kg": 700, "aircraft": 1, "ready_min": 45,
            "load_min": 30, "turnaround_min": 30, "flying_min": 360, "source": "示例",
            "status": "active"});
        assert_eq!(township(stage, "")["detail"]["air"], Value::Null);
        for (field, value) in [
            ("radius_km", json!(0)),
            ("payload_kg", json!(-1)),
            ("cruise_kmh", json!(501)),
            ("ready_min", json!(-1)),
            ("lon", json!(181)),
        ] {
            let reply =
                admin.put("/v1/helibases/HB-1", CREATE, &with(base.clone(), "", field, value));
            let problem = reply.problem(422, "invalid_value");
            assert_eq!(problem["errors"][0]["pointer"], format!("/{field}"));
        }
        admin.create("/v1/helibases/HB-1", &base);
        let row = township(stage, "&closed=371302");
        let air = &row["detail"]["air"];
        assert_eq!((&air["base"], &air["distance_m"]), (&json!("HB-1"), &json!(0)), "{row}");
        assert_eq!((&air["sorties"], &air["capacity_kg"]), (&json!(13), &json!(9_100)));
        assert_eq!(row["coverage"], 0.0);
        // A planner of the county may not see where the city's machines stand.
        let path = "/v1/coverage?tier=township&detail=true";
        let answer = stage.hire("planner", "371302").get(path).expect(200);
        let hidden = &answer["items"][0]["detail"]["air"];
        assert_eq!((&hidden["base"], &hidden["sorties"]), (&Value::Null, &json!(13)));
    });
}

/// An event of the township alone, outside working hours or not.
fn event(off_hours: bool) -> Value {
    json!({"id": "E-1", "name": "夜间(示例)", "exercise": true, "illustrative": true,
        "status": "open", "off_hours": off_hours,
        "areas": [{"region": "371302101", "displaced": 100}]})
}

/// When quilts of the city leave for the township.
fn leaves(answer: &Value) -> i64 {
    let rows = answer["allocations"].as_array().unwrap();
    let quilts = rows.iter().find(|row| row["item"] == "QUILT");
    quilts.unwrap_or_else(|| panic!("{answer}"))["leaves_min"].as_i64().unwrap()
}

#[test]
fn outside_working_hours_the_citys_goods_leave_an_hour_later() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let full = |query: &str| township(stage, query)["full_at_min"].as_i64().unwrap();
        assert_eq!(full("&off_hours=true"), full("") + 60);
        assert_eq!(full("&off_hours=false"), full(""));
        let kept = |query: &str| {
            let path = format!("/v1/coverage?region=371302&tier=township{query}");
            planner.get(&path).expect(200)["items"][0]["full_at_min"].as_i64().unwrap()
        };
        assert_eq!(kept("&off_hours=true"), kept("") + 60, "answers that are kept, too");
        let ask = json!({"name": "夜间(示例)", "areas": event(false)["areas"]});
        let scenario = |body: &Value| {
            leaves(&planner.post("/v1/coverage/scenarios", "night", body).expect(200))
        };
        let by_day = scenario(&ask);
        assert_eq!(scenario(&with(ask, "", "off_hours", json!(true))), by_day + 60);
        planner.put("/v1/events/E-1", CREATE, &event(true)).expect(201);
        let stored = planner.get("/v1/events/E-1").expect(200);
        assert_eq!(stored["off_hours"], true);
        let allocation = || leaves(&planner.get("/v1/events/E-1/allocation").expect(200));
        assert_eq!(allocation(), by_day + 60);
        planner.put("/v1/events/E-1", Some(("if-match", "*")), &event(false)).expect(200);
        assert_eq!(allocation(), by_day);
        // A depot that says for itself how soon it is ready is so at any hour.
        let admin = stage.client("admin");
        let path = format!("/v1/depots/{CITY_DEPOT}");
        let on_duty = with(admin.get(&path).expect(200), "", "readiness_min", json!(20));
        admin.put(&path, Some(("if-match", "*")), &on_duty).expect(200);
        assert_eq!(full("&off_hours=true"), full(""));
    });
}

#[test]
fn areas_of_a_tier_may_have_a_limit_and_a_clock_of_their_own() {
    on_each(|stage| {
        settle(stage);
        let (admin, planner) = (stage.client("admin"), stage.client("planner"));
        let limit = |query: &str| {
            let row = township(stage, query);
            (row["hours"].clone(), row["clock"].clone())
        };
        let ask = json!({"name": "洪水(示例)", "areas": event(false)["areas"]});
        let asked = |body: &Value| {
            let answer = planner.post("/v1/coverage/scenarios", "limit", body).expect(200);
            (answer["summary"][0]["hours"].clone(), leaves(&answer))
        };
        assert_eq!(limit(""), (json!(12), json!("disaster")));
        let (hours, by_disaster) = asked(&ask);
        assert_eq!(hours, 12);
        let mut own = profile();
        let at = own["tiers"].as_array().unwrap().iter().position(|row| row["tier"] == "township");
        own["tiers"][at.unwrap()]["target_hours"] = json!(8);
        own["tiers"][at.unwrap()]["clock"] = json!("order");
        let put = |body: &Value| admin.put("/v1/profiles/3713", Some(("if-match", "*")), body);
        assert_eq!(put(&own).expect(200)["tiers"][at.unwrap()]["clock"], "order");
        assert_eq!(limit(""), (json!(8), json!("order")));
        assert_eq!(limit("&hours=9&clock=disaster"), (json!(9), json!("disaster")));
        // The city takes an hour to decide.
        assert_eq!(asked(&ask), (json!(8), by_disaster - 60));
        assert_eq!(asked(&with(ask, "", "hours", json!(9))).0, 9);
        let county = planner.get("/v1/coverage?region=371302&tier=county").expect(200);
        assert_eq!(county["items"][0]["hours"], 12, "other tiers keep the city's");
        let wrong = with(own.clone(), &format!("/tiers/{}", at.unwrap()), "target_hours", json!(0));
        let pointer = format!("/tiers/{}/target_hours", at.unwrap());
        assert_eq!(put(&wrong).problem(422, "invalid_value")["errors"][0]["pointer"], pointer);
    });
}

#[test]
fn an_area_that_cannot_be_judged_has_no_limit_and_is_counted_in_the_singular() {
    on_each(|stage| {
        let body =
            json!({"name": "洪水(示例)", "areas": [{"region": "371302101", "displaced": 100}]});
        let path = "/v1/coverage/scenarios";
        let answer = stage.client("planner").post(path, "none", &body).expect(200);
        assert_eq!(answer["summary"][0]["missing"], "profile", "{answer}");
        assert_eq!(answer["summary"][0]["hours"], Value::Null);
        let told = "1 area with 100 people: 0 are covered in time. 1 area cannot be judged.";
        assert_eq!(answer["headline"], told);
    });
}

#[test]
fn a_base_too_far_off_is_told_with_its_distance_and_its_radius() {
    on_each(|stage| {
        settle(stage);
        let from = place(stage, "/v1/regions/371302101");
        stage.client("admin").create(
            "/v1/helibases/HB-1",
            &json!({"code": "HB-1", "name": "起降点(示例)", "region": "371302",
                "lon": from[0], "lat": from[1] + 1.0, "radius_km": 80, "cruise_kmh": 200,
                "payload_kg": 700, "aircraft": 1, "ready_min": 30, "load_min": 15,
                "turnaround_min": 30, "flying_min": 360, "source": "示例", "status": "active"}),
        );
        let row = township(stage, "&scope=own_chain");
        let air = &row["detail"]["air"];
        assert_eq!(air["within_radius"], false, "{row}");
        let metres = air["distance_m"].as_i64().unwrap();
        let told = format!(
            "起降点(示例) is {}.{:03} km away, beyond its radius of 80 km.",
            metres / 1_000,
            metres % 1_000
        );
        assert!(row["detail"]["sentences"].as_array().unwrap().contains(&json!(told)), "{row}");
    });
}
