//! What is flown, booked: bodies that are posted as they come, flight by flight.
//!
//! Which flights there are is tested in the domain and in `flights`. Invariant: whatever has been
//! posted, nobody is counted twice, and no machine flies twice at a time.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::flights::{base, settle};
use crate::stage::{MOVEMENTS, Stage, on_each, rows};
use crate::support::forms::receipt;
use crate::support::world::{CITY_DEPOT, COUNTY_A, COUNTY_B, DEPOT_A};
use crate::support::{Client, Server};

const EVENT: &str = "/v1/events/E-1";
const AREA: &str = "371302000000";
const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));

/// County A's roads stay closed.
fn flood(begun: DateTime<Utc>, surviving_percent: i64) -> Value {
    json!({
        "id": "E-1", "name": "洪水(示例)", "exercise": false, "illustrative": true,
        "status": "open", "started_at": begun.to_rfc3339_opts(SecondsFormat::Secs, true),
        "hours": 12, "surviving_percent": surviving_percent,
        "closures": [{"region": COUNTY_A, "stays": true}],
        "areas": [
            {"region": COUNTY_A, "displaced": 3_000}, {"region": COUNTY_B, "displaced": 2_000},
        ],
    })
}

fn ask(client: &Client, begun: DateTime<Utc>, minutes: i64) -> Value {
    let at = begun + Duration::minutes(minutes);
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    client.get(&format!("{EVENT}/allocation?orders=true&at={at}")).expect(200)
}

fn list<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer.get(field).map_or(&[], |list| list.as_array().unwrap())
}

/// Of bedding in both counties: issued, by road, by air.
fn quilts(answer: &Value) -> [i64; 3] {
    let of = |field: &str| {
        let rows = list(answer, "areas").iter().filter(|row| row["need"] == "bedding");
        rows.map(|row| row[field].as_i64().unwrap()).sum()
    };
    ["issued", "delivered", "delivered_by_air"].map(of)
}

/// All proofs of an answer, added up by hand.
fn assert_proved(answer: &Value) {
    for proof in list(answer, "shortages") {
        let held: i64 = list(proof, "holdings").iter().map(|one| one.as_i64().unwrap()).sum();
        assert_eq!(proof["reachable"], held, "{proof}");
        let regions = list(proof, "regions");
        let theirs = list(answer, "areas").iter().filter(|row| row["need"] == proof["need"]);
        let lacking = theirs.filter(|row| regions.contains(&row["region"])).map(|row| {
            let of = |field: &str| row[field].as_i64().unwrap();
            of("required") - of("issued")
        });
        assert_eq!(proof["required"], lacking.sum::<i64>(), "{proof}");
        assert_eq!(
            proof["required"].as_i64().unwrap() - held,
            proof["short"].as_i64().unwrap(),
            "{proof}"
        );
    }
}

/// Posts bodies in their order; after each the event is asked again.
fn post(stage: &Stage, bodies: &[Value], name: &str, mut then: impl FnMut(&Value)) {
    for (nth, body) in bodies.iter().enumerate() {
        stage.book(&format!("{name}-{nth}"), body);
        then(body);
    }
}

fn prepare(stage: &Stage, surviving_percent: i64, aircraft: u32) -> DateTime<Utc> {
    settle(stage);
    stage.client("admin").create("/v1/helibases/HB-1", &base(stage, aircraft, 80));
    let begun = Utc::now() - Duration::minutes(30);
    let body = flood(begun, surviving_percent);
    stage.client("planner").put(EVENT, CREATE, &body).expect(201);
    begun
}

#[test]
fn what_is_flown_is_booked_once() {
    on_each(|stage| {
        let (begun, planner) = (prepare(stage, 100, 1), stage.client("planner"));
        let first = ask(&planner, begun, 30);
        let [issued, by_road, by_air] = quilts(&first);
        assert_eq!((issued, by_road), (0, 2_500));
        assert!(by_air > 0 && by_air < 2_300, "the machine cannot fly all: {by_air}");
        assert_proved(&first);
        let flights = list(&first, "orders_by_air");
        let sorties = first["air"]["sorties"].as_i64().unwrap();
        assert_eq!(i64::try_from(flights.len()).unwrap(), 2 * sorties, "into the county, and out");
        let of_type = |kind: &str| flights.iter().filter(|body| body["type"] == kind).count();
        assert_eq!((of_type("relocate"), of_type("issue")), (flights.len() / 2, flights.len() / 2));
        for body in flights {
            let order_no = body["order_no"].as_str().unwrap();
            assert!(order_no.starts_with("E-1/HB-1@") && order_no.ends_with(AREA), "{body}");
            assert!(body["note"].as_str().unwrap().contains("HB-1"), "{body}");
            assert!(list(body, "lines").iter().all(|line| line["owner"] == "LY-YJ"), "{body}");
        }
        assert!(list(&first, "orders").iter().all(|body| body.get("note").is_none()));
        // However far the posting has come, no more is issued and offered than at first.
        let all = by_road + by_air;
        let mut least = all;
        let mut check = |_: &Value| {
            let answer = ask(&planner, begun, 30);
            assert_proved(&answer);
            let sum: i64 = quilts(&answer).iter().sum();
            assert!(sum <= all, "{sum} of {all}");
            least = least.min(sum);
        };
        post(stage, list(&first, "orders_by_air"), "air", &mut check);
        post(stage, list(&first, "orders"), "road", &mut check);
        assert!(all - least <= 280, "no more than a flight is lost on the way: {least} of {all}");
        let done = ask(&planner, begun, 30);
        assert_eq!(quilts(&done), [all, 0, 0]);
        assert_eq!((done.get("orders"), done.get("orders_by_air")), (None, None), "{done}");
        assert_eq!(list(&done, "flights")[0]["grounded"], "booked", "{}", done["flights"]);
        assert_eq!(done["persons_covered"], 2_500 + by_air);
        assert_eq!(done["air"]["persons_covered"], 2_500 + by_air);
        // A process that reads the book anew knows the same.
        let second = Server::start(&stage.url);
        let anew = Client::new(&second.base, stage.keys.of("planner"));
        for field in ["areas", "flights", "shortages"] {
            assert_eq!(ask(&anew, begun, 30)[field], done[field], "{field}");
        }
        take_back(stage, &planner, begun, &done);
    });
}

/// A flight that is taken back, both its movements, can be flown again.
fn take_back(stage: &Stage, planner: &Client, begun: DateTime<Utc>, done: &Value) {
    let clerk = stage.client("clerk");
    let [issued, ..] = quilts(done);
    let last = |kind: &str| {
        let all = clerk.get(&format!("{MOVEMENTS}?type={kind}&limit=500")).expect(200);
        let flown =
            |row: &&Value| row["order_no"].as_str().is_some_and(|number| number.contains("HB-1@"));
        let landing = |row: &&Value| {
            let number = row["order_no"].as_str().unwrap().to_string();
            let (_, rest) = number.split_once('@').unwrap();
            rest.split_once('x').unwrap().0.parse::<u32>().unwrap()
        };
        rows(&all).iter().filter(flown).max_by_key(landing).unwrap().clone()
    };
    let mut gone = 0;
    for kind in ["issue", "relocate"] {
        let row = last(kind);
        gone =
            row["lines"].as_array().unwrap().iter().map(|l| l["quantity"].as_i64().unwrap()).sum();
        let path = format!("{MOVEMENTS}/{}/reversals", row["id"].as_str().unwrap());
        clerk.post(&path, &format!("back-{kind}"), &json!({"reason": "未起飞"})).expect(201);
    }
    let back = ask(planner, begun, 30);
    assert_eq!(quilts(&back), [issued - gone, 0, gone], "{}", back["flights"]);
}

#[test]
fn what_was_lost_is_not_flown_either() {
    on_each(|stage| {
        let begun = prepare(stage, 50, 20);
        stage.book("odd", &receipt(DEPOT_A, "QUILT", 1));
        let planner = stage.client("planner");
        let first = ask(&planner, begun, 30);
        // 250 of 501 in county A, 900 and 1,100 of the city's for county B; the rest is flown.
        assert_eq!(quilts(&first), [0, 2_250, 1_400]);
        let all = [list(&first, "orders"), list(&first, "orders_by_air")].concat();
        post(stage, &all, "o", |body| {
            let sum: i64 = quilts(&ask(&planner, begun, 30)).iter().sum();
            assert_eq!(sum, 3_650, "after {body}");
        });
        let done = ask(&planner, begun, 30);
        assert_eq!(quilts(&done), [3_650, 0, 0]);
        assert_eq!((done.get("orders"), done.get("orders_by_air")), (None, None), "{done}");
    });
}

#[test]
fn a_flight_names_a_base_that_there_is() {
    on_each(|stage| {
        prepare(stage, 100, 1);
        let issue = |order_no: &str| {
            let line = json!({"from": CITY_DEPOT, "item": "QUILT", "quantity": 1});
            json!({"type": "issue", "order_no": order_no, "lines": [line]})
        };
        let flown = |base: &str| issue(&format!("E-1/{base}@148x1/{AREA}"));
        let problem = stage.refused("x1", &flown("HB-9")).problem(409, "unknown_reference");
        assert_eq!((&problem["kind"], &problem["name"]), (&json!("helibase"), &json!("HB-9")));
        let other = issue("E-2/HB-1@148x1/371302000000");
        stage.refused("x2", &other).problem(409, "unknown_reference");
        stage.book("x3", &flown("HB-1"));
        // A county's clerk may send what flies from the city's base, to the other county too.
        let line = json!({"from": DEPOT_A, "item": "QUILT", "quantity": 1});
        let order_no = "E-1/HB-1@200x1/371311000000";
        let body = json!({"type": "issue", "order_no": order_no, "lines": [line]});
        stage.client("clerk-a").post(MOVEMENTS, "x4", &body).expect(201);
    });
}

#[test]
fn a_scenario_gives_issues_that_name_no_event() {
    on_each(|stage| {
        settle(stage);
        stage.client("admin").create("/v1/helibases/HB-1", &base(stage, 1, 80));
        let body = json!({"name": "x", "as_movements": true, "closures": [{"region": COUNTY_A}],
            "areas": [{"region": COUNTY_A, "displaced": 3_000}]});
        let send = |client: &Client, language: &str| {
            let headers = [("content-type", "application/json"), ("accept-language", language)];
            let bytes = body.to_string();
            let path = "/v1/coverage/scenarios";
            client.send("POST", path, &headers, Some(bytes.as_bytes())).expect(200)
        };
        let planner = stage.client("planner");
        let answer = send(&planner, "en");
        let bodies = list(&answer, "movements_by_air");
        assert!(!bodies.is_empty() && answer.get("orders_by_air").is_none());
        for body in bodies {
            assert_eq!((&body["type"], body.get("order_no")), (&json!("issue"), None));
            assert!(body["note"].as_str().unwrap().starts_with("by helicopter: HB-1"), "{body}");
        }
        let chinese = send(&planner, "zh");
        let note = list(&chinese, "movements_by_air")[0]["note"].as_str().unwrap();
        assert!(note.starts_with("直升机运送: HB-1 示例,"), "{note}");
        // Who does not see the base, or the depot, gets no body that names it.
        let hidden = send(&stage.hire("planner", COUNTY_A), "en");
        assert_eq!(hidden["air"]["sorties"], answer["air"]["sorties"]);
        assert_eq!(hidden.get("movements_by_air"), None, "{hidden}");
    });
}
