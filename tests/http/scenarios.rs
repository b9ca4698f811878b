//! Scenarios: several areas struck together, and who gets what.
//!
//! The division's own laws are tested beside it. Invariant: a shortage is proved by figures that
//! can be checked by hand.

use serde_json::{Value, json};

use crate::stage::{Stage, on_each};
use crate::support::Reply;
use crate::support::forms::{receipt, receipt_of_lot};
use crate::support::records::profile;
use crate::support::world::{CITY_DEPOT, COUNTY_A, COUNTY_B, DEPOT_A, DEPOT_B};

/// Quilts: county A 500, county B 1,800, the city 2,500; water for everybody.
fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("a", &receipt(DEPOT_A, "QUILT", 500));
    stage.book("b", &receipt(DEPOT_B, "QUILT", 1_800));
    stage.book("c", &receipt(CITY_DEPOT, "QUILT", 2_500));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
}

fn flood() -> Value {
    json!({
        "name": "洪水(示例)", "exercise": true, "started_at": "2030-07-01T20:00:00+08:00",
        "areas": [
            {"region": COUNTY_A, "displaced": 3_000}, {"region": COUNTY_B, "displaced": 2_000},
        ],
    })
}

fn ask(stage: &Stage, holder: &str, body: &Value) -> Reply {
    let headers = [("content-type", "application/json")];
    let bytes = body.to_string();
    let path = "/v1/coverage/scenarios";
    stage.client(holder).send("POST", path, &headers, Some(bytes.as_bytes()))
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

/// What each area gets of a need, in the order of the areas.
fn delivered(answer: &Value, need: &str) -> Vec<(i64, f64)> {
    let rows = answer["areas"].as_array().unwrap().iter().filter(|row| row["need"] == need);
    rows.map(|row| (row["delivered"].as_i64().unwrap(), row["ratio"].as_f64().unwrap())).collect()
}

#[test]
fn a_search_without_time_gives_the_same_shares_and_says_how_quick_its_plan_is() {
    on_each(|stage| {
        settle(stage);
        let whole = ask(stage, "planner", &flood()).expect(200);
        let plans = |answer: &Value| answer["plans"].as_array().unwrap().clone();
        assert_eq!(plans(&whole).len(), 2, "one a need: {}", whole["plans"]);
        let least = "unit_minutes_at_least";
        for plan in plans(&whole) {
            assert_eq!(plan["quickest"], true);
            assert_eq!(plan["unit_minutes"], plan[least]);
        }
        let hasty = ask(stage, "planner", &with(flood(), "solve_ms", json!(0))).expect(200);
        for part in ["summary", "shortages"] {
            assert_eq!(hasty[part], whole[part], "{part}");
        }
        for (plan, quickest) in plans(&hasty).iter().zip(plans(&whole)) {
            assert_eq!(plan["need"], quickest["need"]);
            let (minutes, best) =
                (plan["unit_minutes"].as_i64(), quickest["unit_minutes"].as_i64());
            assert!(minutes >= best && plan[least].as_i64() <= best, "{plan} beside {quickest}");
            assert_eq!(plan["quickest"], plan["unit_minutes"] == plan[least]);
        }
        let long = ask(stage, "planner", &with(flood(), "solve_ms", json!(8_001))).expect(422);
        assert_eq!(long["errors"][0]["pointer"], "/solve_ms");
    });
}

#[test]
fn areas_share_what_reaches_both_and_the_rest_is_proved_short() {
    on_each(|stage| {
        settle(stage);
        let before = stage.seq();
        let answer = ask(stage, "planner", &flood()).expect(200);
        assert_eq!(delivered(&answer, "bedding"), [(2_880, 0.96), (1_920, 0.96)]);
        assert_eq!(delivered(&answer, "water").len(), 2);
        let from_city: Vec<i64> = answer["allocations"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["item"] == "QUILT" && row["depot"] == CITY_DEPOT)
            .map(|row| row["quantity"].as_i64().unwrap())
            .collect();
        assert_eq!(from_city, [2_380, 120]);
        let proof = &answer["shortages"][0];
        assert_eq!(
            (&proof["required"], &proof["reachable"], &proof["short"]),
            (&json!(5_000), &json!(4_800), &json!(200))
        );
        assert_eq!(proof["regions"], json!(["371302000000", "371311000000"]));
        assert_eq!(proof["depots"].as_array().unwrap().len(), 3);
        assert!(proof["sentence"].as_str().unwrap().contains("200"), "{proof}");
        assert_eq!(
            (&answer["displaced"], &answer["persons_covered"]),
            (&json!(5_000), &json!(4_800))
        );
        assert_eq!(answer["summary"][0]["cause"], "stock");
        assert_eq!(answer["ledger_seq"], before, "an answer is of one instant");
        assert_eq!(stage.seq(), before, "nothing is written");
        let first = &answer["allocations"][0];
        let minutes = first["arrives_min"].as_i64().unwrap();
        let at = chrono::DateTime::parse_from_rfc3339(first["arrives_at"].as_str().unwrap());
        let begun = chrono::DateTime::parse_from_rfc3339("2030-07-01T20:00:00+08:00").unwrap();
        assert_eq!((at.unwrap() - begun).num_minutes(), minutes);
    });
}

#[test]
fn a_closed_road_a_lost_depot_and_priority_change_who_gets_what() {
    on_each(|stage| {
        settle(stage);
        let quilts = |body: &Value| {
            let answer = ask(stage, "planner", body).expect(200);
            let causes: Vec<Value> = answer["summary"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["cause"].clone())
                .collect();
            let units: Vec<i64> =
                delivered(&answer, "bedding").into_iter().map(|(units, _)| units).collect();
            (units, causes)
        };
        let closed = with(flood(), "closures", json!([{"region": COUNTY_A}]));
        assert_eq!(quilts(&closed), (vec![500, 2_000], vec![json!("road"), Value::Null]));
        let soon = with(flood(), "closures", json!([{"region": COUNTY_A, "opens_min": 60}]));
        assert_eq!(quilts(&soon).0, [2_880, 1_920], "the road opens while they load");
        let stays = json!([{"region": COUNTY_A, "stays": true}]);
        assert_eq!(quilts(&with(flood(), "closures", stays)).0, [500, 2_000]);
        let lost = with(flood(), "disabled_depots", json!([CITY_DEPOT]));
        assert_eq!(quilts(&lost).0, [500, 1_800]);
        let hurried = with(flood(), "hours", json!(5));
        assert_eq!(quilts(&hurried), (vec![500, 1_800], vec![json!("time"); 2]));
        let late = with(flood(), "elapsed_min", json!(11 * 60));
        assert_eq!(quilts(&late).0, [0, 0], "nothing that leaves now is in time");
        let mut first = flood();
        first["areas"][0]["priority"] = json!(1);
        assert_eq!(quilts(&first).0, [2_800, 2_000]);
        let both = json!([{"region": COUNTY_A}, {"region": COUNTY_B}]);
        let planned = with(flood(), "areas", both);
        assert_eq!(quilts(&planned).0.len(), 2, "the planned figures are used");
    });
}

#[test]
fn goods_go_by_the_best_known_way_and_say_so() {
    on_each(|stage| {
        settle(stage);
        let quilts = |body: &Value| -> Vec<Value> {
            let answer = ask(stage, "planner", body).expect(200);
            let rows = answer["allocations"].as_array().unwrap().iter();
            let rows = rows.filter(|row| {
                row["depot"] == CITY_DEPOT
                    && row["region"] == "371302000000"
                    && row["item"] == "QUILT"
            });
            rows.cloned().collect()
        };
        let estimated = quilts(&flood());
        assert_eq!(estimated[0]["travel"], "estimated", "{estimated:?}");
        let admin = stage.client("admin");
        admin.create(
            "/v1/routes/RT-1",
            &json!({"code": "RT-1", "depot": CITY_DEPOT, "region": COUNTY_A, "minutes": 100,
                "source": "示例", "valid_from": "2020-01-01", "status": "active"}),
        );
        let minutes = |row: &Value, field: &str| row[field].as_i64().unwrap();
        let measured = quilts(&flood());
        assert_eq!(measured[0]["travel"], "measured");
        let [leaves, arrives] = ["leaves_min", "arrives_min"].map(|f| minutes(&measured[0], f));
        assert_eq!(minutes(&estimated[0], "leaves_min"), leaves);
        let after = arrives - leaves - 100;
        assert!(after > 0, "last mile and handing out: {measured:?}");
        let slow = quilts(&with(flood(), "speed_percent", json!(50)));
        assert_eq!(minutes(&slow[0], "arrives_min"), leaves + 200 + after);
        // The road opens while they still load, then some time after.
        let closed = |opens: i64| {
            with(flood(), "closures", json!([{"region": COUNTY_A, "opens_min": opens}]))
        };
        assert_eq!(minutes(&quilts(&closed(leaves - 60))[0], "leaves_min"), leaves);
        let late = with(closed(400), "hours", json!(24));
        let waited = minutes(&quilts(&late)[0], "leaves_min");
        assert!(waited >= 400, "{waited}");
        // Minutes of a closure count from the start, as do those that have gone by.
        let started = with(late, "elapsed_min", json!(400));
        assert_eq!(minutes(&quilts(&started)[0], "leaves_min"), 400 + leaves);
        // What is there before the road closes does not wait.
        let later = json!([{"region": COUNTY_A, "closes_min": arrives, "stays": true}]);
        assert_eq!(quilts(&with(flood(), "closures", later))[0]["leaves_min"], leaves);
        let early = json!([{"region": COUNTY_A, "closes_min": leaves + 99, "stays": true}]);
        assert!(quilts(&with(flood(), "closures", early)).is_empty(), "on the road when it closes");
    });
}

#[test]
fn a_plan_is_carried_out_by_posting_it() {
    on_each(|stage| {
        settle(stage);
        let real = with(with(flood(), "exercise", json!(false)), "as_movements", json!(true));
        let answer = ask(stage, "planner", &real).expect(200);
        let bodies = answer["movements"].as_array().unwrap();
        assert_eq!(bodies.len(), 4, "two depots for one area each, the city's for both");
        for (at, body) in bodies.iter().enumerate() {
            stage.book(&format!("plan-{at}"), body);
        }
        let stock = stage.client("planner").get("/v1/stock?item=QUILT&group_by=item").expect(200);
        assert!(stock["items"].as_array().unwrap().iter().all(|row| row["effective"] == 0));
        let drill = with(flood(), "as_movements", json!(true));
        let problem = ask(stage, "planner", &drill).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], "/as_movements");
        assert_eq!(ask(stage, "planner", &flood()).expect(200)["movements"], Value::Null);
    });
}

#[test]
fn orders_bring_goods_to_a_depot_of_the_area_first() {
    on_each(|stage| {
        settle(stage);
        let real = with(with(flood(), "exercise", json!(false)), "orders", json!(true));
        let answer = ask(stage, "planner", &real).expect(200);
        let bodies = answer["orders"].as_array().unwrap();
        let kinds: Vec<(&str, &str)> = bodies
            .iter()
            .map(|body| {
                let line = &body["lines"][0];
                (body["type"].as_str().unwrap(), line["from"].as_str().unwrap())
            })
            .collect();
        let expected = [
            ("issue", DEPOT_A),
            ("relocate", CITY_DEPOT),
            ("issue", DEPOT_A),
            ("relocate", CITY_DEPOT),
            ("issue", DEPOT_B),
            ("issue", DEPOT_B),
        ];
        assert_eq!(kinds, expected, "one for each depot and area");
        assert_eq!(bodies[1]["lines"][0]["to"], DEPOT_A);
        for (at, body) in bodies.iter().enumerate() {
            stage.book(&format!("order-{at}"), body);
        }
        let stock = stage.client("planner").get("/v1/stock?item=QUILT&group_by=item").expect(200);
        assert!(stock["items"].as_array().unwrap().iter().all(|row| row["effective"] == 0));
        let drill = with(flood(), "orders", json!(true));
        let problem = ask(stage, "planner", &drill).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], "/orders");
    });
}

#[test]
fn the_answer_says_which_level_it_took_and_what_would_help() {
    on_each(|stage| {
        settle(stage);
        let answer = ask(stage, "planner", &with(flood(), "detail", json!(true))).expect(200);
        let area = &answer["summary"][0]["escalation"];
        assert_eq!(area["level"], "city", "{answer}");
        assert_eq!(
            (&area["own"], &area["city"]),
            (&json!(0.0), &json!(0.96)),
            "no water of its own"
        );
        assert_eq!(area["province"], Value::Null, "the scope leaves it off");
        assert!(answer["headline"].as_str().unwrap().contains("96.00 %"), "{answer}");
        let proof = &answer["shortages"][0];
        assert_eq!(proof["holdings"], json!([2_500, 500, 1_800]), "{proof}");
        let row = &answer["allocations"][0];
        let (kg, tonnes) = (row["weight_kg"].as_i64().unwrap(), row["tonnes"].as_f64().unwrap());
        assert!((tonnes * 1_000.0 - f64::from(i32::try_from(kg).unwrap())).abs() <= 1.0, "{row}");
        let detail = &answer["detail"];
        let advice = detail["advice"].as_array().unwrap();
        let [inside, buy] = &advice[..] else { panic!("two places to buy for: {advice:?}") };
        assert_eq!((&inside["region"], &inside["depot"]), (&json!("371302000000"), &Value::Null));
        assert_eq!((&buy["item"], &buy["depot"]), (&json!("QUILT"), &json!(CITY_DEPOT)));
        let gain = |row: &Value| {
            ["pieces", "delivered", "persons_of_need", "persons_covered"].map(|f| row[f].clone())
        };
        assert_eq!(gain(&inside["whole"]), [120, 120, 120, 120].map(|n| json!(n)));
        assert_eq!(gain(&buy["whole"]), [200, 200, 200, 200].map(|n| json!(n)));
        assert_eq!(gain(&buy["pack"]), [24, 24, 24, 24].map(|n| json!(n)));
        let variants = detail["variants"].as_array().unwrap();
        let of = |what: &str| variants.iter().find(|row| row["what"] == what).unwrap();
        let half = of("surviving_percent");
        assert_eq!((&half["value"], &half["persons_covered"]), (&json!("50"), &json!(3_650)));
        assert_eq!(
            (&of("hours")["value"], &of("hours")["persons_covered"]),
            (&json!("6"), &json!(4_800))
        );
        assert_eq!(of("scope")["value"], "city");
        let last = detail["curve"].as_array().unwrap().last().unwrap();
        assert_eq!(last["at_min"], 720);
        assert_eq!(last["plan"], last["potential"]);
        assert_eq!(last["plan"]["persons_covered"], 4_800);
        assert_eq!(ask(stage, "planner", &flood()).expect(200)["detail"], Value::Null);
        // Too far off in time, but there: brought nearer it serves.
        let hurried = with(with(flood(), "hours", json!(5)), "detail", json!(true));
        let answer = ask(stage, "planner", &hurried).expect(200);
        let advice = answer["detail"]["advice"].as_array().unwrap();
        let bring = |row: &&Value| row["what"] == "preposition" && row["need"] == "bedding";
        let bring = advice.iter().find(bring).unwrap();
        assert_eq!((&bring["from"], &bring["item"]), (&json!(CITY_DEPOT), &json!("QUILT")));
        let row = answer["areas"].as_array().unwrap().iter().find(|row| row["need"] == "bedding");
        assert_eq!(row.unwrap()["delivered_whenever"], 2_880);
    });
}

#[test]
fn what_cannot_be_is_named_field_by_field() {
    on_each(|stage| {
        settle(stage);
        let pointers = |body: &Value| -> Vec<String> {
            let problem = ask(stage, "planner", body).problem(422, "invalid_value");
            let errors = problem["errors"].as_array().unwrap();
            errors.iter().map(|error| error["pointer"].as_str().unwrap().to_string()).collect()
        };
        let bad = json!({
            "name": " ", "started_at": "gestern", "hours": 0, "elapsed_min": 99_999, "days": 0,
            "clock": "noon", "scope": "near", "as_of": "2030", "disabled_depots": [],
            "areas": [{"region": "x", "priority": 10}],
            "closures": [{"region": COUNTY_A, "opens_min": 0, "stays": true}],
        });
        let told = pointers(&bad);
        for pointer in [
            "/name",
            "/started_at",
            "/hours",
            "/elapsed_min",
            "/days",
            "/clock",
            "/scope",
            "/as_of",
            "/areas/0/region",
            "/areas/0/priority",
            "/closures/0/opens_min",
        ] {
            assert!(told.iter().any(|told| told == pointer), "{pointer} not in {told:?}");
        }
        assert_eq!(pointers(&with(flood(), "areas", json!([]))), ["/areas"]);
        for percent in [0, 101] {
            let body = with(flood(), "speed_percent", json!(percent));
            assert_eq!(pointers(&body), ["/speed_percent"]);
        }
        let back = json!([{"region": COUNTY_A, "closes_min": 60, "opens_min": 60}]);
        let told = pointers(&with(flood(), "closures", back));
        assert_eq!(told, ["/closures/0/opens_min"], "a closure that ends before it begins");
        let many = json!(vec![json!({"region": COUNTY_A}); 2_001]);
        assert_eq!(pointers(&with(flood(), "areas", many)), ["/areas"]);
        assert_eq!(pointers(&with(flood(), "hours", json!(10_000))), ["/hours"]);
        let nested =
            json!([{"region": "3713", "displaced": 1}, {"region": COUNTY_A, "displaced": 1}]);
        assert_eq!(pointers(&with(flood(), "areas", nested)), ["/areas/1/region"]);
        let twice = json!([CITY_DEPOT, CITY_DEPOT]);
        assert_eq!(pointers(&with(flood(), "disabled_depots", twice)), ["/disabled_depots/1"]);
        let crowd = json!([{"region": COUNTY_A, "displaced": 100_000_001}]);
        assert_eq!(pointers(&with(flood(), "areas", crowd)), ["/areas/0/displaced"]);
        for (field, value, pointer) in [
            ("areas", json!([{"region": "3799"}]), "/areas/0/region"),
            ("closures", json!([{"region": "3799"}]), "/closures/0/region"),
            ("disabled_depots", json!(["NO-SUCH"]), "/disabled_depots/0"),
        ] {
            let problem = ask(stage, "planner", &with(flood(), field, value));
            let problem = problem.problem(409, "unknown_reference");
            assert_eq!(problem["pointer"], pointer, "{problem}");
        }
    });
}

#[test]
fn what_lies_out_of_scope_is_not_known() {
    on_each(|stage| {
        settle(stage);
        let county = stage.hire("planner", COUNTY_A);
        let headers = [("content-type", "application/json")];
        let post = |body: &Value| {
            let bytes = body.to_string();
            county.send("POST", "/v1/coverage/scenarios", &headers, Some(bytes.as_bytes()))
        };
        post(&flood()).problem(409, "unknown_reference");
        let own = with(flood(), "areas", json!([{"region": COUNTY_A, "displaced": 10}]));
        let answer = post(&own).expect(200);
        let given: i64 = answer["allocations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["quantity"].as_i64().unwrap())
            .sum();
        assert!(given > 10, "quilts from near by, water from the city: {answer}");
        assert!(!answer.to_string().contains(CITY_DEPOT), "a depot out of scope is named");
        let named = with(own, "disabled_depots", json!([DEPOT_B]));
        post(&named).problem(409, "unknown_reference");
    });
}
