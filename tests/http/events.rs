//! Stored events: written under a version, met from the present instant on, and who sees them.
//!
//! The division itself is in `scenarios`. Invariant: what has been issued for an event is taken off
//! what it needs, exactly once.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, Stage, on_each, rows};
use crate::support::forms::{issue, receipt, receipt_of_lot};
use crate::support::records::{depot, profile};
use crate::support::world::{CITY_DEPOT, COUNTY_A, COUNTY_B, DEPOT_A, DEPOT_B};
use crate::support::{Client, Server};

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));
const EVENT: &str = "/v1/events/E-1";

/// Quilts: county A 500, county B 1,800, the city 2,500; water for everybody.
fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("a", &receipt(DEPOT_A, "QUILT", 500));
    stage.book("b", &receipt(DEPOT_B, "QUILT", 1_800));
    stage.book("c", &receipt(CITY_DEPOT, "QUILT", 2_500));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
}

fn start() -> DateTime<Utc> {
    Utc::now() - Duration::minutes(30)
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn flood(begun: DateTime<Utc>) -> Value {
    json!({
        "id": "E-1", "name": "洪水(示例)", "exercise": false, "illustrative": true,
        "status": "open", "started_at": text(begun), "hours": 12,
        "areas": [
            {"region": COUNTY_A, "displaced": 3_000}, {"region": COUNTY_B, "displaced": 2_000},
        ],
    })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn quilts(answer: &Value, field: &str) -> Vec<i64> {
    let rows = answer["areas"].as_array().unwrap().iter().filter(|row| row["need"] == "bedding");
    rows.map(|row| row[field].as_i64().unwrap()).collect()
}

fn allocation(client: &Client, query: &str) -> Value {
    client.get(&format!("{EVENT}/allocation?{query}")).expect(200)
}

#[test]
fn an_event_is_written_under_its_version() {
    on_each(|stage| {
        settle(stage);
        let (planner, body) = (stage.client("planner"), flood(start()));
        planner.put(EVENT, None, &body).problem(428, "precondition_required");
        planner.put(EVENT, Some(("if-match", "*")), &body).problem(412, "precondition_failed");
        stage.client("clerk").put(EVENT, CREATE, &body).problem(403, "forbidden");
        let reply = planner.put(EVENT, CREATE, &body);
        assert_eq!(reply.header("etag"), planner.get(EVENT).header("etag"));
        let stored = reply.expect(201);
        assert_eq!(stored["areas"][0]["region"], "371302000000");
        assert_eq!((&stored["days"], &stored["speed_percent"]), (&json!(1), &json!(100)));
        planner.put(EVENT, CREATE, &body).problem(412, "precondition_failed");
        let read = planner.get(EVENT);
        assert_eq!(read.json(), stored);
        let tag = read.header("etag").to_string();
        let headers = [("if-none-match", tag.as_str())];
        assert_eq!(planner.send("GET", EVENT, &headers, None).status, 304);
        let closed = with(stored, "status", json!("closed"));
        planner.put(EVENT, Some(("if-match", &tag)), &closed).expect(200);
        planner.put(EVENT, Some(("if-match", &tag)), &closed).problem(412, "precondition_failed");
        let list =
            |query: &str| rows(&planner.get(&format!("/v1/events?{query}")).expect(200)).len();
        assert_eq!((list("status=closed"), list("status=open"), list("exercise=true")), (1, 0, 0));
        assert_eq!((list("q=e-1"), list("q=zz")), (1, 0));
        planner.get("/v1/events?q=%C2%84").problem(400, "invalid_parameter");
        let province = stage.client("province");
        assert_eq!(province.get(EVENT).expect(200)["status"], "closed");
        province.put(EVENT, CREATE, &body).problem(403, "forbidden");
    });
}

#[test]
fn what_is_issued_and_hours_gone_by_are_taken_off() {
    on_each(|stage| {
        settle(stage);
        let (planner, begun) = (stage.client("planner"), start());
        planner.put(EVENT, CREATE, &flood(begun)).expect(201);
        let at = |minutes: i64| format!("at={}", text(begun + Duration::minutes(minutes)));
        let first = allocation(&planner, &format!("{}&orders=true", at(30)));
        assert_eq!((&first["event"], &first["elapsed_min"]), (&json!("E-1"), &json!(30)));
        assert_eq!(quilts(&first, "delivered"), [2_880, 1_920]);
        assert_eq!(quilts(&first, "issued"), [0, 0]);
        for (nth, body) in first["orders"].as_array().unwrap().iter().enumerate() {
            assert!(body["order_no"].as_str().unwrap().starts_with("E-1/3713"), "{body}");
            stage.book(&format!("o-{nth}"), body);
        }
        let done = allocation(&planner, &at(40));
        assert_eq!(quilts(&done, "issued"), [2_880, 1_920]);
        assert_eq!(quilts(&done, "delivered"), [0, 0]);
        assert_eq!(done["persons_covered"], 4_800);
        assert_eq!(done["shortages"][0]["required"], 200, "{}", done["shortages"]);
        // What is brought in later goes to what is still lacking, if it is in time.
        stage.book("more", &receipt(CITY_DEPOT, "QUILT", 150));
        let later = allocation(&planner, &at(60));
        assert_eq!(quilts(&later, "delivered").iter().sum::<i64>(), 150);
        assert_eq!(quilts(&allocation(&planner, &at(700)), "delivered"), [0, 0]);
        // A reversal takes back, and a process that starts anew knows the same.
        let query = format!("{MOVEMENTS}?type=issue&depot={DEPOT_B}");
        let issues = stage.client("clerk").get(&query).expect(200);
        let of_b = |row: &&Value| row["lines"][0]["quantity"] == 1_800;
        let id = rows(&issues).iter().find(of_b).unwrap()["id"].as_str().unwrap().to_string();
        let path = format!("{MOVEMENTS}/{id}/reversals");
        stage.client("clerk").post(&path, "back", &json!({"reason": "误发"})).expect(201);
        let query = at(60);
        let back = allocation(&planner, &query);
        assert_eq!(quilts(&back, "issued"), [2_880, 120]);
        let second = Server::start(&stage.url);
        let anew = Client::new(&second.base, stage.keys.of("planner"));
        assert_eq!(allocation(&anew, &query)["areas"], back["areas"]);
    });
}

#[test]
fn what_was_lost_is_never_offered_again() {
    on_each(|stage| {
        settle(stage);
        stage.book("odd", &receipt(DEPOT_A, "QUILT", 1));
        let (planner, begun) = (stage.client("planner"), start());
        let body = with(flood(begun), "surviving_percent", json!(50));
        planner.put(EVENT, CREATE, &body).expect(201);
        let at = format!("at={}", text(begun + Duration::minutes(30)));
        let first = allocation(&planner, &format!("{at}&orders=true"));
        // 250 of 501 in county A, 900 of 1,800 in county B, and all of the city's 2,500.
        let both = |answer: &Value| -> [i64; 2] {
            ["issued", "delivered"].map(|field| quilts(answer, field).iter().sum())
        };
        assert_eq!(both(&first), [0, 3_650]);
        // Whatever has been posted, all that is left of what survived is offered, and no more.
        for (nth, body) in first["orders"].as_array().unwrap().iter().enumerate() {
            stage.book(&format!("o-{nth}"), body);
            let [issued, offered] = both(&allocation(&planner, &at));
            assert_eq!(issued + offered, 3_650, "{issued} after order {nth}: {body}");
        }
        let done = allocation(&planner, &at);
        assert_eq!(both(&done), [3_650, 0]);
        let none = allocation(&planner, &format!("{at}&orders=true"));
        assert_eq!(none.get("orders"), None, "{none}");
        // What is taken back is there again, whole: it was among what survived.
        let query = format!("{MOVEMENTS}?type=issue&depot={DEPOT_B}");
        let issues = stage.client("clerk").get(&query).expect(200);
        let own = rows(&issues).iter().find(|row| row["lines"][0]["quantity"] == 900).unwrap();
        let path = format!("{MOVEMENTS}/{}/reversals", own["id"].as_str().unwrap());
        stage.client("clerk").post(&path, "back", &json!({"reason": "误发"})).expect(201);
        let back = allocation(&planner, &at);
        assert_eq!(both(&back), [2_750, 900]);
        // A process that reads the book anew knows the same.
        let second = Server::start(&stage.url);
        let anew = Client::new(&second.base, stage.keys.of("planner"));
        for field in ["areas", "allocations"] {
            assert_eq!(allocation(&anew, &at)[field], back[field], "{field}");
        }
        // What others took away for something else was not among what survived.
        stage.book("other", &issue(DEPOT_B, "QUILT", 100));
        assert_eq!(both(&allocation(&planner, &at)), [2_750, 850]);
    });
}

#[test]
fn nothing_is_issued_for_what_is_no_running_event() {
    on_each(|stage| {
        settle(stage);
        let (planner, body) = (stage.client("planner"), flood(start()));
        let issue = |order_no: &str| {
            let line = json!({"from": DEPOT_A, "item": "QUILT", "quantity": 1});
            json!({"type": "issue", "order_no": order_no, "lines": [line]})
        };
        let good = "E-1/371302000000";
        let problem = stage.refused("x1", &issue(good)).problem(409, "unknown_reference");
        assert_eq!((&problem["kind"], &problem["pointer"]), (&json!("event"), &json!("/order_no")));
        planner.put(EVENT, CREATE, &body).expect(201);
        stage.book("x2", &issue(good));
        stage.refused("x3", &issue("E-1/371399000000")).problem(409, "unknown_reference");
        stage.refused("x4", &issue("E-1/371302101000")).problem(409, "unknown_reference");
        stage.book("x5", &issue("临应急调〔2026〕7号"));
        for (key, field, value, state) in [
            ("x6", "status", json!("closed"), "closed"),
            ("x7", "exercise", json!(true), "exercise"),
        ] {
            let other = with(body.clone(), field, value);
            planner.put(EVENT, Some(("if-match", "*")), &other).expect(200);
            let problem = stage.refused(key, &issue(good)).problem(409, "event_state");
            assert_eq!(problem["state"], state);
            let path = format!("{EVENT}/allocation?orders=true");
            planner.get(&path).problem(400, "invalid_parameter");
        }
        // What was issued while it ran stays issued: a drill simply starts from it.
        assert_eq!(quilts(&allocation(&planner, ""), "issued"), [1, 0]);
    });
}

#[test]
fn an_event_that_cannot_be_is_refused_field_by_field() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let pointers = |body: &Value| -> Vec<String> {
            let problem = planner.put(EVENT, CREATE, body).problem(422, "invalid_value");
            let errors = problem["errors"].as_array().unwrap();
            errors.iter().map(|error| error["pointer"].as_str().unwrap().to_string()).collect()
        };
        let good = flood(start());
        for (field, value, pointer) in [
            ("id", json!("E-2"), "/id"),
            ("name", json!(""), "/name"),
            ("status", json!("over"), "/status"),
            ("started_at", Value::Null, "/started_at"),
            ("started_at", json!("gestern"), "/started_at"),
            ("hours", json!(0), "/hours"),
            ("hours", json!(10_000), "/hours"),
            ("days", json!(0), "/days"),
            ("speed_percent", json!(0), "/speed_percent"),
            ("surviving_percent", json!(101), "/surviving_percent"),
            ("month", json!(13), "/month"),
            ("clock", json!("noon"), "/clock"),
            ("source", json!(" "), "/source"),
            ("areas", json!([]), "/areas"),
            ("areas", json!(vec![json!({"region": COUNTY_A}); 2_001]), "/areas"),
            ("areas", json!([{"region": COUNTY_A, "displaced": 0}]), "/areas/0/displaced"),
            ("areas", json!([{"region": COUNTY_A}, {"region": COUNTY_A}]), "/areas/1/region"),
            ("disabled_depots", json!([CITY_DEPOT, CITY_DEPOT]), "/disabled_depots/1"),
            (
                "closures",
                json!([{"region": COUNTY_A, "closes_min": 90, "opens_min": 60}]),
                "/closures/0/opens_min",
            ),
        ] {
            let told = pointers(&with(good.clone(), field, value.clone()));
            assert_eq!(told, [pointer], "{field} {value}");
        }
        let both = with(with(good.clone(), "hours", json!(0)), "status", json!("over"));
        assert_eq!(pointers(&both).len(), 2, "all faults at once");
        for value in [json!(-1), json!("12")] {
            planner
                .put(EVENT, CREATE, &with(good.clone(), "hours", value))
                .problem(422, "invalid_value");
        }
        for (field, value) in [
            ("areas", json!([{"region": "3799"}])),
            ("closures", json!([{"region": "3799"}])),
            ("disabled_depots", json!(["NO-SUCH"])),
        ] {
            let body = with(good.clone(), field, value);
            planner.put(EVENT, CREATE, &body).problem(409, "unknown_reference");
        }
        planner.get(&format!("{EVENT}/allocation")).problem(404, "not_found");
        planner.put(EVENT, CREATE, &good).expect(201);
        for query in ["at=noon", "scope=near", "hours=3"] {
            let path = format!("{EVENT}/allocation?{query}");
            planner.get(&path).problem(400, "invalid_parameter");
        }
    });
}

#[test]
fn an_event_that_names_what_is_out_of_scope_is_not_known() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        planner.put(EVENT, CREATE, &flood(start())).expect(201);
        let county = stage.hire("planner", COUNTY_A);
        county.get(EVENT).problem(404, "not_found");
        county.get(&format!("{EVENT}/allocation")).problem(404, "not_found");
        assert_eq!(rows(&county.get("/v1/events").expect(200)).len(), 0);
        county.put(EVENT, CREATE, &flood(start())).problem(409, "unknown_reference");
        let own = with(flood(start()), "areas", json!([{"region": COUNTY_A, "displaced": 10}]));
        county.put(EVENT, Some(("if-match", "*")), &own).problem(412, "precondition_failed");
        let mine = with(own, "id", json!("E-2"));
        county.put("/v1/events/E-2", CREATE, &mine).expect(201);
        assert_eq!(rows(&county.get("/v1/events").expect(200)).len(), 1);
        let named = with(mine, "disabled_depots", json!([DEPOT_B]));
        county
            .put("/v1/events/E-2", Some(("if-match", "*")), &named)
            .problem(409, "unknown_reference");
        // Nor is one whose areas it sees, but not all depots or closed regions.
        for (id, field, value) in [
            ("E-3", "disabled_depots", json!([DEPOT_B])),
            ("E-4", "closures", json!([{"region": COUNTY_B}])),
        ] {
            let area = json!([{"region": COUNTY_A, "displaced": 10}]);
            let body = with(with(flood(start()), "areas", area), "id", json!(id));
            let path = format!("/v1/events/{id}");
            planner.put(&path, CREATE, &with(body, field, value)).expect(201);
            county.get(&path).problem(404, "not_found");
        }
        // A clerk of one county may help the other in their city's event.
        let issue = |area: &str| {
            let line = json!({"from": DEPOT_A, "item": "QUILT", "quantity": 1});
            json!({"type": "issue", "order_no": format!("E-1/{area}"), "lines": [line]})
        };
        let clerk = stage.client("clerk-a");
        clerk.post(MOVEMENTS, "help", &issue("371311000000")).expect(201);
    });
}

#[test]
fn trucks_are_checked_depot_by_depot() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        planner.put(EVENT, CREATE, &flood(start())).expect(201);
        let fleet = |answer: &Value| -> Value {
            let fleets = answer["fleets"].as_array().unwrap();
            fleets.iter().find(|row| row["depot"] == CITY_DEPOT).unwrap().clone()
        };
        let unknown = allocation(&planner, "");
        assert_eq!(fleet(&unknown)["trucks"], Value::Null);
        assert_eq!(fleet(&unknown)["loads_without"], 0, "nobody has said how many there are");
        let mut body = depot(CITY_DEPOT, "3713", "LY-YJ");
        for (field, value) in [("trucks", 3), ("truck_payload_kg", 100_000)] {
            body[field] = json!(value);
        }
        let admin = stage.client("admin");
        let path = format!("/v1/depots/{CITY_DEPOT}");
        let stored = admin.put(&path, Some(("if-match", "*")), &body).expect(200);
        assert_eq!((&stored["trucks"], &stored["truck_payload_kg"]), (&json!(3), &json!(100_000)));
        let answer = allocation(&planner, "");
        let row = fleet(&answer);
        let needed = row["trucks_needed"].as_i64().unwrap();
        assert!(needed >= 2, "one load each at least: {row}");
        body["trucks"] = json!(needed);
        admin.put(&path, Some(("if-match", "*")), &body).expect(200);
        assert_eq!(fleet(&allocation(&planner, ""))["loads_without"], 0);
        body["trucks"] = json!(needed - 1);
        admin.put(&path, Some(("if-match", "*")), &body).expect(200);
        let answer = allocation(&planner, "");
        assert_eq!(fleet(&answer)["loads_without"], 1);
        let bound = |row: &&Value| row["binding"] == "fleet";
        let rows: Vec<&Value> =
            answer["allocations"].as_array().unwrap().iter().filter(bound).collect();
        assert!(!rows.is_empty() && rows.iter().all(|row| row["depot"] == CITY_DEPOT), "{rows:?}");
        let water = answer["areas"].as_array().unwrap().iter();
        let causes: Vec<&Value> =
            water.filter(|row| row["need"] == "water").map(|row| &row["cause"]).collect();
        assert!(causes.contains(&&json!("fleet")), "all is there but the trucks: {causes:?}");
        for (field, value) in [("trucks", -1), ("truck_payload_kg", 0)] {
            let bad = with(body.clone(), field, json!(value));
            let problem = admin.put(&path, Some(("if-match", "*")), &bad);
            let pointer = format!("/{field}");
            assert_eq!(problem.problem(422, "invalid_value")["errors"][0]["pointer"], pointer);
        }
    });
}
