//! Rotation plans: what they say to do, what-ifs, and what is refused.
//!
//! The due list and the balance are in `planning`. Invariant: a plan is asked for, never stored.

use changping::domain::calendar::add_days;
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::stage::{Stage, on_each, rows};
use crate::support::forms::{receipt, receipt_of_lot};
use crate::support::records::{profile, quota, quota_id};
use crate::support::world::{CITY_DEPOT, COUNTY_A};

const PLAN: &str = "/v1/rotation/plan";

fn today(stage: &Stage) -> NaiveDate {
    let answer = stage.client("clerk").get("/v1/stock").expect(200);
    answer["as_of"].as_str().unwrap().parse().unwrap()
}

fn ask(stage: &Stage, body: &Value) -> Value {
    stage.client("planner").post(PLAN, "unused", body).expect(200)
}

/// The lots of the domain's brief: floor 1000; 400, 500 and 300 that end after 59, 151 and 365
/// days.
fn worked_example(stage: &Stage) -> NaiveDate {
    let day = today(stage);
    let body = quota(1, "3713", "WATER", 1_000, 1_000);
    stage.client("planner").create(&format!("/v1/quotas/{}", quota_id(1)), &body);
    for (lot, days, quantity) in [("A", 59, 400), ("B", 151, 500), ("C", 365, 300)] {
        let until = add_days(day, days).to_string();
        stage.book(lot, &receipt_of_lot(CITY_DEPOT, "WATER", quantity, lot, &until));
    }
    day
}

fn on(day: NaiveDate, days: i64) -> String {
    add_days(day, days).to_string()
}

fn bought(answer: &Value) -> Vec<(String, i64)> {
    let row =
        |row: &Value| (row["on"].as_str().unwrap().to_string(), row["quantity"].as_i64().unwrap());
    answer["inbounds"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn the_worked_plan_is_repaired() {
    on_each(|stage| {
        let day = worked_example(stage);
        let body = json!({ "region": "3713", "item": "WATER", "to": on(day, 400),
            "purchases": [{ "on": on(day, 45), "quantity": 200 },
                { "on": on(day, 181), "quantity": 500 }],
            "purchase_lead_days": 30, "replacement_life_months": 96, "pack": "瓶" });
        let seq = stage.seq();
        let answer = ask(stage, &body);
        assert_eq!(answer["before"]["first_breach_on"], on(day, 152));
        let moved = &answer["moves"].as_array().unwrap()[..];
        assert_eq!(moved.len(), 1, "{answer}");
        assert_eq!((&moved[0]["purchase"], &moved[0]["quantity"]), (&json!(1), &json!(500)));
        assert_eq!(
            (&moved[0]["on"], &moved[0]["from_on"]),
            (&json!(on(day, 151)), &json!(on(day, 181)))
        );
        assert_eq!(bought(&answer), [(on(day, 365), 300)]);
        assert_eq!(answer["inbounds"][0]["order_by"], on(day, 335));
        assert_eq!(answer["inbounds"][0]["losses"][0]["lot_no"], "C");
        assert!(answer["inbounds"][0]["why"].as_str().unwrap().contains("lot C"), "{answer}");
        let after = &answer["after"];
        assert_eq!((&after["balanced"], &after["min_ratio"]), (&json!(true), &json!(1.0)));
        let least = after["steps"].as_array().unwrap().iter().map(|s| s["effective"].as_i64());
        assert_eq!(least.min().flatten(), Some(1_000));
        assert_eq!(answer["unrepairable"], json!([]));
        let outs: Vec<&Value> =
            answer["rotate_outs"].as_array().unwrap().iter().map(|out| &out["lot_no"]).collect();
        assert_eq!(outs, ["A", "B", "C"]);
        assert_eq!((&answer["ledger_seq"], stage.seq()), (&json!(seq), seq));
        assert_eq!(answer["as_of"], day.to_string());
    });
}

#[test]
fn the_plan_of_the_book_keeps_to_profile_and_item() {
    on_each(|stage| {
        let day = worked_example(stage);
        let path = format!("{PLAN}?region=3713&item=WATER&to={}", on(day, 300));
        let bare = stage.client("planner").get(&path).expect(200);
        let terms = &bare["terms"];
        assert_eq!(terms["rotation_mode"], "in_before_out");
        assert_eq!((&terms["safety_days"], &terms["purchase_lead_days"]), (&json!(0), &json!(60)));
        assert_eq!(
            (&terms["replacement_life_months"], &terms["channels"]),
            (&json!(12), &json!([]))
        );
        // A delivery takes 60 days: on the day after A's last, 59 days from now.
        assert_eq!(bought(&bare)[0], (on(day, 60), 216), "nine packs of 24");

        assert_eq!(bare["unrepairable"], json!([]), "{bare}");
        stage.client("admin").create("/v1/profiles/3713", &profile());
        let city = stage.client("planner").get(&path).expect(200);
        assert_eq!(city["terms"]["safety_days"], 15);
        assert_eq!(city["terms"]["channels"][1]["channel"], "supplier-swap");
        // The swap would take it in a month, but nothing can come in its place by then.
        let first = &city["rotate_outs"][0];
        assert_eq!((&first["lot_no"], &first["channel"]), (&json!("A"), &json!("training")));
        assert_eq!(first["latest_on"], on(day, 58));
        let second = &city["rotate_outs"][1];
        assert_eq!((&second["lot_no"], &second["channel"]), (&json!("B"), &json!("winter-relief")));
        assert_eq!(
            (&second["on"], &second["decide_by"]),
            (&json!(on(day, 91)), &json!(on(day, 61)))
        );
        let path =
            format!("{path}&safety_days=0&purchase_lead_days=10&rotation_mode=out_before_in");
        let own = stage.client("planner").get(&path).expect(200);
        assert_eq!(own["terms"]["rotation_mode"], "out_before_in");
        assert_eq!(
            (&own["terms"]["safety_days"], own["after"]["balanced"].as_bool()),
            (&json!(0), Some(true))
        );
    });
}

#[test]
fn due_lots_name_the_first_channel_that_still_takes_them() {
    on_each(|stage| {
        let day = worked_example(stage);
        let planner = stage.client("planner");
        let due = |days: i64| {
            let path = format!("/v1/rotation?region=3713&as_of={}", on(day, days));
            let row = |row: &Value| {
                ["lot_no", "channel", "leave_by", "decide_by"].map(|name| row[name].clone())
            };
            rows(&planner.get(&path).expect(200)).iter().map(row).collect::<Vec<_>>()
        };
        assert_eq!(due(0), [[json!("A"), Value::Null, Value::Null, Value::Null]]);
        stage.client("admin").create("/v1/profiles/3713", &profile());
        let row = |lot: &str, channel: &str, leave: i64, decide: i64| {
            [json!(lot), json!(channel), json!(on(day, leave)), json!(on(day, decide))]
        };
        let later = row("B", "winter-relief", 91, 61);
        assert_eq!(due(1), [row("A", "supplier-swap", 29, 14), later.clone()]);
        assert_eq!(due(14)[0], row("A", "supplier-swap", 29, 14), "decided on its last day");
        assert_eq!(due(15), [row("A", "training", 58, 55), later]);
        assert_eq!(due(56)[0], [json!("A"), Value::Null, Value::Null, Value::Null]);
        let headers = [("accept", "text/csv"), ("accept-language", "zh")];
        let table = planner.send("GET", "/v1/rotation?region=3713", &headers, None).text;
        assert!(
            table.lines().next().unwrap().contains("轮换渠道名称,最迟轮出日,最迟决定日"),
            "{table}"
        );
    });
}

#[test]
fn what_no_plan_can_repair_is_named() {
    on_each(|stage| {
        let day = worked_example(stage);
        let ask = |change: Value| {
            let mut body = json!({ "region": "3713", "item": "WATER", "purchase_lead_days": 20 });
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            ask(stage, &body)["unrepairable"].as_array().unwrap().clone()
        };
        let today = &ask(json!({ "floor": 1_300 }))[0];
        assert_eq!((&today["rule"], &today["short"]), (&json!("breach_today"), &json!(100)));
        assert_eq!(today["first_on"], day.to_string());
        assert_eq!(
            (&today["last_on"], &today["repairable_on"]),
            (&json!(on(day, 19)), &json!(on(day, 20)))
        );
        assert!(today["why"].as_str().unwrap().contains(&on(day, 20)), "{today}");
        let late = &ask(json!({ "purchase_lead_days": 90 }))[0];
        assert_eq!((&late["rule"], &late["first_on"]), (&json!("lead_time"), &json!(on(day, 60))));
        assert_eq!(late["repairable_on"], on(day, 90));
        assert_eq!(ask(json!({ "floor": 1_200 })), Vec::<Value>::new());
        let gone =
            ask(json!({ "floor": 1_200, "holdings_changes": [{ "lot_id": 1, "quantity": -1 }] }));
        assert_eq!(gone[0]["short"], 1);
        let more = json!({ "floor": 1_300, "holdings_changes": [{ "quantity": 100 }] });
        assert_eq!(ask(more), Vec::<Value>::new());
    });
}

#[test]
fn withdrawals_are_planned_for() {
    on_each(|stage| {
        let day = worked_example(stage);
        let body = json!({ "region": "3713", "item": "WATER", "to": on(day, 50),
            "purchase_lead_days": 0, "pack": "瓶",
            "withdrawals": [{ "on": on(day, 10), "quantity": 250 },
                { "on": on(day, 20), "lot_id": 3 }] });
        let answer = ask(stage, &body);
        assert_eq!(bought(&answer), [(on(day, 10), 50), (on(day, 20), 300)]);
        assert_eq!(answer["inbounds"][1]["losses"][0]["cause"], "withdrawn");
        let headers = [
            ("accept", "text/csv"),
            ("accept-language", "zh"),
            ("content-type", "application/json"),
        ];
        let body = body.to_string();
        let table = stage.client("planner").send("POST", PLAN, &headers, Some(body.as_bytes()));
        assert_eq!(table.status, 200, "{}", table.text);
        let lines: Vec<&str> = table.text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].starts_with("日期,措施,数量,"), "{lines:?}");
        assert!(lines[1].contains("计划动用"), "{lines:?}");
    });
}

#[test]
fn faults_of_a_what_if_are_named_at_once() {
    on_each(|stage| {
        let day = worked_example(stage);
        let planner = stage.client("planner");
        let refused = |body: &Value| {
            let problem = planner.post(PLAN, "unused", body).problem(422, "invalid_value");
            let errors = problem["errors"].as_array().unwrap().clone();
            let pointers = errors.iter().map(|e| e["pointer"].as_str().unwrap().to_string());
            pointers.collect::<Vec<_>>()
        };
        let mut body = json!({ "region": "3713", "item": "WATER", "from": on(day, -1),
            "floor": -1, "rotation_mode": "never", "safety_days": 5_000,
            "replacement_life_months": 0,
            "purchases": [{ "on": "2030-02-30", "quantity": 0 }],
            "withdrawals": [{ "on": on(day, 1) }],
            "holdings_changes": [{ "lot_id": 1, "quantity": 1, "expires_on": on(day, 9) }],
            "channels": [{ "channel": "a", "min_days_left": 0, "lead_days": 0 },
                { "channel": "a", "min_days_left": -1, "lead_days": 0 }] });
        let mut named = refused(&body);
        named.sort();
        let expected = [
            "/channels/1/channel",
            "/channels/1/min_days_left",
            "/floor",
            "/from",
            "/holdings_changes/0/expires_on",
            "/purchases/0/on",
            "/purchases/0/quantity",
            "/replacement_life_months",
            "/rotation_mode",
            "/safety_days",
            "/withdrawals/0/quantity",
        ];
        assert_eq!(named, expected);
        let ask = |change: Value| {
            let mut body = json!({ "region": "3713", "item": "WATER" });
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            refused(&body)
        };
        assert_eq!(ask(json!({ "to": on(day, 200 * 365) })), ["/to"]);
        assert_eq!(ask(json!({ "pack": "托" })), ["/pack"]);
        assert_eq!(
            ask(json!({ "holdings_changes": [{ "quantity": 0 }] })),
            ["/holdings_changes/0/quantity"]
        );
        let lots = json!({ "holdings_changes": [{ "lot_id": 1, "quantity": -401 },
            { "lot_id": 9, "quantity": 1 }] });
        assert_eq!(ask(lots), ["/holdings_changes/0/quantity", "/holdings_changes/1/lot_id"]);
        let taken = json!({ "withdrawals": [{ "on": on(day, 5), "lot_id": 1, "quantity": 401 }] });
        assert_eq!(ask(taken), ["/withdrawals/0/quantity"]);
        body = json!({ "region": "3713", "item": "WATER", "unknown": 1 });
        assert_eq!(refused(&body), ["/unknown"]);
        let path = format!("{PLAN}?region=3713&item=WATER&to={}", on(day, 200 * 365));
        let problem = planner.get(&path).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], "to");
        let path = format!("{PLAN}?region=3713&item=WATER&from={}", on(day, -1));
        let problem = planner.get(&path).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], "from");
    });
}

#[test]
fn plans_stay_within_the_region() {
    on_each(|stage| {
        stage.book("q", &receipt(CITY_DEPOT, "QUILT", 30));
        let ours = stage.hire("planner", COUNTY_A);
        ours.get(&format!("{PLAN}?item=QUILT")).expect(200);
        for outside in ["3713", "371311", "371399"] {
            ours.get(&format!("{PLAN}?item=QUILT&region={outside}")).problem(404, "not_found");
            let body = json!({ "region": outside, "item": "QUILT" });
            let problem = ours.post(PLAN, "unused", &body).problem(409, "unknown_reference");
            assert_eq!(problem["pointer"], "/region");
        }
        ours.get(&format!("{PLAN}?item=NOTHING")).problem(404, "not_found");
        let body = json!({ "item": "NOTHING" });
        ours.post(PLAN, "unused", &body).problem(409, "unknown_reference");
        let body = json!({ "region": "x", "item": "QUILT" });
        ours.post(PLAN, "unused", &body).problem(422, "invalid_value");
    });
}

#[test]
fn a_plan_is_opened_into_floor_quotas_places_and_channels() {
    on_each(|stage| {
        let day = worked_example(stage);
        let body = json!({ "region": "3713", "item": "WATER", "to": on(day, 400),
            "purchase_lead_days": 5, "safety_days": 3, "replacement_life_months": 96, "pack": "瓶",
            "annual_cap_permille": 450, "detail": true,
            "channels": [{ "channel": "winter", "min_days_left": 20, "lead_days": 7 }] });
        let answer = ask(stage, &body);
        let floors = |row: &Value| -> (i64, i64, usize) {
            let binding = &row["detail"]["binding"];
            let quotas = binding["quotas"].as_array().unwrap();
            assert!(quotas.iter().all(|quota| quota["quota_id"] == quota_id(1)), "{row}");
            let sum = quotas.iter().map(|quota| quota["floor"].as_i64().unwrap()).sum();
            assert!(binding["effective"].as_i64() >= binding["floor"].as_i64(), "{row}");
            (binding["floor"].as_i64().unwrap(), sum, quotas.len())
        };
        let inbounds = answer["inbounds"].as_array().unwrap();
        assert!(!inbounds.is_empty(), "{answer}");
        for row in inbounds {
            let detail = &row["detail"];
            assert_eq!(floors(row), (1_000, 1_000, 1));
            assert_eq!((&detail["packs"], &detail["pack"]), (&row["quantity"], &json!(1)));
            assert_eq!(
                (&detail["purchase_lead_days"], &detail["safety_days"]),
                (&json!(5), &json!(3))
            );
        }
        let mut taken = std::collections::BTreeMap::new();
        let rows = answer["rotate_outs"].as_array().unwrap();
        let lots = rows.iter().filter(|row| !row["lot_no"].is_null());
        assert!(lots.clone().count() >= 3, "{answer}");
        for row in lots {
            let detail = &row["detail"];
            floors(row);
            let held = match row["lot_no"].as_str() {
                Some("A") => 400,
                Some("B") => 500,
                _ => 300,
            };
            let named = &detail["places"][0]["depot_name"];
            let place = json!([{ "depot": CITY_DEPOT, "depot_name": named, "owner": "LY-YJ",
                "quantity": held }]);
            assert_eq!(detail["places"], place);
            if row["channel"].is_null() {
                assert_eq!((&detail["cap"], &detail["lead_days"]), (&Value::Null, &Value::Null));
                continue;
            }
            assert_eq!((&detail["lead_days"], &detail["min_days_left"]), (&json!(7), &json!(20)));
            let (cap, quantity) = (&detail["cap"], row["quantity"].as_i64().unwrap());
            let before = taken.entry(cap["year"].as_i64().unwrap()).or_insert(0);
            assert_eq!((&cap["quantity"], &cap["taken_before"]), (&json!(450), &json!(*before)));
            *before += quantity;
            assert!(*before <= 450, "{answer}");
        }
        let asked = ask(stage, &crate::support::forms::with(body, "", "floor", 900));
        let binding = &asked["inbounds"][0]["detail"]["binding"];
        assert_eq!(
            (&binding["floor"], &binding["asked"], &binding["quotas"]),
            (&json!(900), &json!(true), &json!([]))
        );
        let path = format!("{PLAN}?region=3713&item=WATER&purchase_lead_days=5");
        let plain = stage.client("planner").get(&path).expect(200);
        assert!(!plain["inbounds"].as_array().unwrap().is_empty(), "{plain}");
        assert!(!plain.to_string().contains("\"detail\""), "{plain}");
        let opened = stage.client("planner").get(&format!("{path}&detail=true")).expect(200);
        assert_eq!(opened["inbounds"][0]["detail"]["binding"]["floor"], 1_000);
    });
}

#[test]
fn a_depot_out_of_sight_is_not_named_where_a_lot_lies() {
    on_each(|stage| {
        let until = add_days(today(stage), 40).to_string();
        let body = receipt_of_lot(CITY_DEPOT, "WATER", 300, "A", &until);
        stage.book("a", &crate::support::forms::with(body, "/lines/0", "owner", "LS-YJ"));
        let quota = quota(1, COUNTY_A, "WATER", 200, 100);
        stage.client("planner").create(&format!("/v1/quotas/{}", quota_id(1)), &quota);
        let path = format!("{PLAN}?item=WATER&region={COUNTY_A}&detail=true&purchase_lead_days=5");
        let depots = |region: &str| {
            let answer = stage.hire("planner", region).get(&path).expect(200);
            let place = &answer["rotate_outs"][0]["detail"]["places"][0];
            assert_eq!(place["quantity"], 300, "{answer}");
            assert_eq!(place["owner"], "LS-YJ");
            (place["depot"].clone(), place["depot_name"].is_null())
        };
        assert_eq!(depots("3713"), (json!(CITY_DEPOT), false));
        assert_eq!(depots(COUNTY_A), (Value::Null, true));
    });
}
