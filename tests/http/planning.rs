//! Gaps and rotation: what is missing against the quotas, and what falls due.
//!
//! Coverage is in `reach`, what the province pulls in `summaries`. Invariant: every answer is of
//! one instant and says which.

use changping::domain::calendar::add_days;
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::stage::{Stage, each, on_each, rows};
use crate::support::forms::{receipt, receipt_of_lot, with};
use crate::support::records::{depot, organization, profile, quota, quota_id, region};
use crate::support::world::{CITY_DEPOT, COUNTY_A, DEPOT_A, DEPOT_B};

pub fn put_quota(stage: &Stage, digits: u32, body: Value) {
    stage.client("planner").create(&format!("/v1/quotas/{}", quota_id(digits)), &body);
}

/// The roll-up of the domain's brief: a city, two counties, two towns of the first, with quilts.
pub fn worked_example(stage: &Stage) {
    let admin = stage.client("admin");
    admin.create("/v1/regions/371302102", &region("371302102", "township"));
    for (town, place) in [("T1", "371302101"), ("T2", "371302102")] {
        let body = organization(&format!("{town}-YJ"), place);
        admin.create(&format!("/v1/organizations/{town}-YJ"), &body);
        admin.create(&format!("/v1/depots/{town}"), &depot(town, place, &format!("{town}-YJ")));
    }
    for (digits, place, depot, target, stock) in [
        (1, "3713", CITY_DEPOT, 2_000, 2_300),
        (2, "371302", DEPOT_A, 600, 450),
        (3, "371311", DEPOT_B, 600, 640),
        (4, "371302101", "T1", 60, 80),
        (5, "371302102", "T2", 60, 10),
    ] {
        put_quota(stage, digits, quota(digits, place, "QUILT", target, target / 2));
        stage.book(&format!("stock-{digits}"), &receipt(depot, "QUILT", stock));
    }
}

/// The one row that a query of gaps gives.
fn gap(stage: &Stage, query: &str) -> Value {
    let answer = stage.client("planner").get(&format!("/v1/gaps?{query}")).expect(200);
    assert_eq!(rows(&answer).len(), 1, "{answer}");
    answer["items"][0].clone()
}

pub fn figures(row: &Value, names: &[&str]) -> Vec<i64> {
    names
        .iter()
        .map(|name| row[*name].as_i64().unwrap_or_else(|| panic!("{name}: {row}")))
        .collect()
}

pub const ROLL_UP: [&str; 6] =
    ["quota_sum", "effective_sum", "gap_sum", "surplus_sum", "gap_net", "redistributable"];
const OWN: [&str; 5] = ["quota", "floor", "effective", "gap", "surplus"];

#[test]
fn gaps_roll_up_as_in_the_worked_example() {
    on_each(|stage| {
        worked_example(stage);
        let city = gap(stage, "region=3713&item=QUILT");
        assert_eq!(figures(&city, &ROLL_UP), [3_320, 3_480, 200, 360, 0, 200]);
        assert_eq!(figures(&city, &OWN), [2_000, 1_000, 2_300, 0, 300]);
        assert_eq!((&city["fill_rate"], &city["lines"]), (&json!(0.9397), &json!(5)));
        assert_eq!(city["attainment_rate"], 0.6);
        assert_eq!(city["rule"]["quota_id"], quota_id(1));
        let county = gap(stage, "region=371302&item=QUILT");
        assert_eq!(figures(&county, &ROLL_UP), [720, 540, 200, 20, 180, 20]);
        assert_eq!(figures(&county, &OWN), [600, 300, 450, 150, 0]);
        let answer = stage.client("planner").get("/v1/gaps?region=3713&tier=township").expect(200);
        assert_eq!(each(&answer, "gap"), [&json!(0), &json!(50)]);
        let other = gap(stage, "region=371311&item=QUILT");
        assert_eq!(figures(&other, &ROLL_UP), [600, 640, 0, 40, 0, 0]);
        assert_eq!(other["fill_rate"], 1.0);
        assert_eq!((&city["region_name"], &city["unit"]), (&json!("区划3713"), &json!("床")));
        assert!(city["name"].is_string() && city["tier"] == "city", "{city}");
    });
}

#[test]
fn gaps_follow_stock_quotas_and_dates() {
    on_each(|stage| {
        put_quota(stage, 1, quota(1, "3713", "WATER", 100, 60));
        let later = with(quota(2, "3713", "TENT", 10, 0), "", "effective_from", "2199-01-01");
        put_quota(stage, 2, later);
        let need = json!({ "id": quota_id(3), "region": "3713", "need": "bedding",
            "mode": "gov_physical", "basis": "population", "target": 50, "floor": 0,
            "effective_from": "2022-01-01" });
        put_quota(stage, 3, need);
        let day = today(stage);
        let until = add_days(day, 20);
        stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 80, "L", &until.to_string()));
        stage.book("q", &receipt(CITY_DEPOT, "QUILT", 30));
        // The province's own goods in the city's depot are not the city's.
        let theirs = with(receipt(CITY_DEPOT, "WATER", 500), "/lines/0", "owner", "SD-YJ");
        let lot = json!({ "lot_no": "P", "expires_on": "2190-01-01" });
        stage.book("p", &with(theirs, "/lines/0", "lot", lot));
        let water = gap(stage, "region=3713&item=WATER");
        assert_eq!(figures(&water, &OWN), [100, 60, 80, 20, 0]);
        assert_eq!((&water["below_floor"], &water["perishing"]), (&json!(false), &json!(80)));
        let after = add_days(until, 1);
        let dry = gap(stage, &format!("region=3713&item=WATER&as_of={after}"));
        assert_eq!(figures(&dry, &OWN), [100, 60, 0, 100, 0]);
        assert_eq!(dry["below_floor"], true);
        let bedding = gap(stage, "region=3713&need=bedding");
        assert_eq!(figures(&bedding, &OWN), [50, 0, 30, 20, 0]);
        assert_eq!((&bedding["item"], &bedding["fill_rate"]), (&Value::Null, &json!(0.6)));
        let tent = gap(stage, "region=3713&item=TENT&as_of=2199-01-02");
        assert_eq!(figures(&tent, &OWN), [10, 0, 0, 10, 0]);
        let planner = stage.client("planner");
        let whole = planner.get("/v1/gaps?region=3713").expect(200);
        let first = planner.get("/v1/gaps?region=3713&limit=1").expect(200);
        assert_eq!(first["row_count"], rows(&whole).len());
        assert_eq!(rows(&first)[..], rows(&whole)[..1]);
        assert_eq!(first["next"], Value::Null);
        let medical = planner.get("/v1/gaps?region=3713&function_class=medical").expect(200);
        assert!(each(&medical, "item").iter().all(|item| item.is_null()), "{medical}");
        assert_eq!(
            rows(&planner.get("/v1/gaps?region=3713&mode=social").expect(200))
                .iter()
                .filter(|row| row["quota_sum"] != 0)
                .count(),
            0
        );
    });
}

#[test]
fn gaps_may_be_asked_for_by_custody() {
    on_each(|stage| {
        worked_example(stage);
        for (key, owner, quantity) in [("c", "LY-YJ", 40), ("b", "LZ-YJ", 20), ("p", "SD-YJ", 7)] {
            let body = receipt(DEPOT_A, "QUILT", quantity);
            stage.book(key, &with(body, "/lines/0", "owner", owner));
        }
        let owner = gap(stage, "region=371302&item=QUILT&view=owner");
        assert_eq!(owner, gap(stage, "region=371302&item=QUILT"));
        assert_eq!((&owner["effective"], &owner["owned_above"]), (&json!(450), &Value::Null));
        let custody = gap(stage, "region=371302&item=QUILT&view=custody");
        assert_eq!(figures(&custody, &OWN), [600, 300, 470, 130, 0]);
        assert_eq!(custody["owned_above"], 47, "the city's and the province's");
        assert_eq!(custody["rule"]["quota_id"], quota_id(2));
        let city = gap(stage, "region=3713&item=QUILT&view=custody");
        assert_eq!(figures(&city, &["effective_sum", "owned_above"]), [3_540, 7]);
        let planner = stage.client("planner");
        planner.get("/v1/gaps?view=x").problem(400, "invalid_parameter");
    });
}

#[test]
fn a_later_date_tells_what_counts_then() {
    on_each(|stage| {
        let day = today(stage);
        let stated = quota(1, "3713", "WATER", 100, 60);
        let (until, from) = (add_days(day, 40), add_days(day, 41));
        put_quota(stage, 1, with(stated, "", "effective_to", until.to_string()));
        let next = quota(2, "3713", "WATER", 500, 60);
        put_quota(stage, 2, with(next, "", "effective_from", from.to_string()));
        for (lot, days, quantity) in [("a", 20, 80), ("b", 400, 30)] {
            let until = add_days(day, days).to_string();
            stage.book(lot, &receipt_of_lot(CITY_DEPOT, "WATER", quantity, lot, &until));
        }
        let on = |days: i64| {
            let row = gap(stage, &format!("region=3713&as_of={}", add_days(day, days)));
            let [quota, effective, gap] = ["quota", "effective", "gap"].map(|n| row[n].clone());
            (quota, effective, gap, row["effective_then"].clone())
        };
        let told = |quota: i64, effective: i64, gap: i64| {
            (json!(quota), json!(effective), json!(gap), json!(effective))
        };
        assert_eq!(on(0), (json!(100), json!(110), json!(0), Value::Null));
        assert_eq!(on(20), told(100, 110, 0));
        assert_eq!(on(21), told(100, 30, 70));
        assert_eq!(on(41), told(500, 30, 470));
    });
}

#[test]
fn rows_that_rest_on_missing_data_are_unknown() {
    on_each(|stage| {
        let by_people = |digits: u32, place: &str| {
            let body = quota(digits, place, "TENT", 10, 5);
            put_quota(stage, digits, with(body, "", "basis", "population"));
        };
        by_people(1, "3713");
        by_people(2, "371302");
        let known = gap(stage, "region=3713");
        assert_eq!((&known["status"], &known["unknown_lines"]), (&json!("known"), &json!(0)));
        let (admin, path) = (stage.client("admin"), "/v1/regions/371302");
        let read = admin.get(path);
        let mut body = read.json();
        let fields = body.as_object_mut().unwrap();
        fields.retain(|name, _| !["population", "planned_displaced"].contains(&name.as_str()));
        admin.put(path, Some(("if-match", read.header("etag"))), &body).expect(200);
        let row = gap(stage, "region=371302");
        let told = (&row["status"], &row["unknown_reason"], &row["unknown_lines"]);
        assert_eq!(told, (&json!("unknown"), &json!("no_population"), &json!(1)));
        let city = gap(stage, "region=3713");
        let told = (&city["status"], &city["unknown_reason"], &city["unknown_lines"]);
        assert_eq!(told, (&json!("known"), &Value::Null, &json!(1)));
        put_quota(stage, 3, with(quota(3, "3713", "TENT", 9, 0), "", "mode", "social"));
        let social = gap(stage, "region=3713&mode=social");
        assert_eq!((&social["effective"], &social["lines"]), (&Value::Null, &json!(1)));
        let told = (&social["status"], &social["unknown_reason"], &social["unknown_lines"]);
        assert_eq!(told, (&json!("unknown"), &json!("no_register"), &json!(1)));
    });
}

fn today(stage: &Stage) -> NaiveDate {
    let answer = stage.client("clerk").get("/v1/stock").expect(200);
    answer["as_of"].as_str().unwrap().parse().unwrap()
}

const ANSWERS: [&str; 5] = [
    "/v1/gaps?region=3713",
    "/v1/rotation?region=3713",
    "/v1/coverage?region=3713&tier=county",
    "/v1/summaries?region=3713",
    "/v1/stock?region=3713",
];

#[test]
fn every_answer_names_its_instant_and_only_stock_knows_the_past() {
    on_each(|stage| {
        stage.stock();
        let (planner, day) = (stage.client("planner"), today(stage));
        let past = add_days(day, -2);
        for path in ANSWERS {
            let answer = planner.get(path).expect(200);
            assert_eq!(answer["ledger_seq"], stage.seq(), "{path}");
            assert!(answer["reference_rev"].as_i64().is_some(), "{path}");
            assert!(answer["as_of"].as_str().unwrap() >= day.to_string().as_str(), "{path}");
            assert_eq!((&answer["next"], &answer["stale_since"]), (&Value::Null, &Value::Null));
            assert!(answer.as_object().unwrap().contains_key("next"), "{path}");
            assert_eq!(answer["region"], "371300000000", "{path}");
            let future = add_days(day, 500);
            let later = planner.get(&format!("{path}&as_of={future}")).expect(200);
            assert_eq!(later["as_of"], future.to_string(), "{path}");
            let reply = planner.get(&format!("{path}&as_of={past}"));
            if path.starts_with("/v1/stock") {
                reply.expect(200);
            } else {
                reply.problem(422, "as_of_unsupported");
                planner.get(&format!("{path}&known_at=1")).problem(400, "invalid_parameter");
            }
            planner.get(&format!("{path}&as_of=today")).problem(400, "invalid_parameter");
            let table = planner.send("GET", path, &[("accept", "text/csv")], None);
            assert_eq!(table.header("content-type"), "text/csv; charset=utf-8", "{path}");
        }
        let path = format!("/v1/rotation/balance?region=3713&item=TENT&from={past}");
        planner.get(&path).problem(422, "as_of_unsupported");
    });
}

#[test]
fn answers_are_tables_too() {
    on_each(|stage| {
        worked_example(stage);
        stage.client("admin").create("/v1/profiles/3713", &profile());
        stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 24, "L", "2025-01-01"));
        let planner = stage.client("planner");
        let balance = "/v1/rotation/balance?item=QUILT&region=3713";
        for path in ANSWERS.into_iter().chain(["/v1/gaps?region=3713&tier=township", balance]) {
            let headers = [("accept", "text/csv"), ("accept-language", "zh")];
            let table = planner.send("GET", path, &headers, None);
            assert_eq!(table.status, 200, "{path}: {}", table.text);
            let lines: Vec<&str> = table.text.trim_start_matches('\u{feff}').lines().collect();
            let raw =
                |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b"_.".contains(&b));
            assert!(lines.len() > 1 && !lines[0].split(',').any(raw), "{path}: {}", lines[0]);
            let count = planner.get(path).expect(200)["row_count"].as_u64();
            assert!(
                count.is_none_or(|count| Ok(count + 1) == u64::try_from(lines.len())),
                "{path}"
            );
        }
        let english = [("accept", "text/csv"), ("accept-language", "en")];
        let table = planner.send("GET", "/v1/gaps?region=3713", &english, None).text;
        let header = table.lines().next().unwrap();
        assert!(header.starts_with("region,region_name,tier,item,need,"), "{header}");
        assert!(header.contains(",rule.quota_id") && !header.contains(",rule,"), "{header}");
    });
}

#[test]
fn lots_fall_due_in_the_order_in_which_they_end() {
    on_each(|stage| {
        let (planner, day) = (stage.client("planner"), today(stage));
        let lots = [
            ("over", -5, CITY_DEPOT),
            ("due", 30, DEPOT_A),
            ("soon", 110, DEPOT_B),
            ("far", 400, CITY_DEPOT),
            ("lead", 60, CITY_DEPOT),
        ];
        for (lot, days, depot) in lots {
            let until = add_days(day, days).to_string();
            stage.book(lot, &receipt_of_lot(depot, "WATER", 24, lot, &until));
        }
        stage.book("tents", &receipt(CITY_DEPOT, "TENT", 5));
        let due = |query: &str| {
            let answer = planner.get(&format!("/v1/rotation?region=3713{query}")).expect(200);
            let row = |row: &Value| {
                assert_eq!((&row["item"], &row["quantity"]), (&json!("WATER"), &json!(24)));
                format!("{} {}", row["lot_no"].as_str().unwrap(), row["status"].as_str().unwrap())
            };
            rows(&answer).iter().map(row).collect::<Vec<_>>()
        };
        let all = ["over overdue", "due due", "lead due", "soon due_soon"];
        assert_eq!(due(""), all);
        assert_eq!(due("&within_days=60"), all[..3]);
        assert_eq!(due("&within_days=0"), all[..1]);
        assert_eq!(due("&within_days=18262"), all);
        assert_eq!(due("&limit=2"), all[..2]);
        let later = add_days(day, 31);
        assert_eq!(due(&format!("&as_of={later}"))[1], "due overdue");
        planner.get("/v1/rotation?within_days=18263").problem(400, "invalid_parameter");
        let ours = stage.hire("planner", COUNTY_A).get("/v1/rotation").expect(200);
        assert_eq!(each(&ours, "lot_no"), [&json!("due")]);
    });
}

#[test]
fn an_account_that_falls_below_its_floor_is_out_of_balance() {
    on_each(|stage| {
        let (planner, day) = (stage.client("planner"), today(stage));
        put_quota(stage, 1, quota(1, "3713", "WATER", 120, 100));
        for (lot, days, quantity) in [("A", 10, 80), ("B", 100, 60)] {
            let until = add_days(day, days).to_string();
            stage.book(lot, &receipt_of_lot(CITY_DEPOT, "WATER", quantity, lot, &until));
        }
        let ask = |query: &str| {
            let path = format!("/v1/rotation/balance?region=3713&item=WATER&from={day}{query}");
            planner.get(&path).expect(200)
        };
        let until = |days: i64| format!("&to={}", add_days(day, days));
        let short = ask(&until(100));
        assert_eq!(short["balanced"], false);
        assert_eq!(short["first_breach_on"], add_days(day, 11).to_string());
        assert_eq!((&short["breach_days"], &short["min_ratio"]), (&json!(90), &json!(0.5)));
        assert_eq!((&short["floor"], &short["quota"]), (&json!(100), &json!(120)));
        let steps: Vec<_> = short["steps"].as_array().unwrap().iter().collect();
        assert_eq!(steps.iter().map(|step| &step["effective"]).collect::<Vec<_>>(), [140, 60]);
        let held = ask(&until(10));
        assert_eq!((&held["balanced"], &held["first_breach_on"]), (&json!(true), &Value::Null));
        let year = ask("");
        assert_eq!((&year["min_ratio"], &year["breach_days"]), (&json!(0.0), &json!(355)));
        assert_eq!(year["ledger_seq"], 2);
        let path = format!("/v1/rotation/balance?item=WATER&from={day}&to={}", add_days(day, -1));
        let problem = planner.get(&path).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], "to");
        planner.get("/v1/rotation/balance?region=3713").problem(400, "invalid_parameter");
        planner.get("/v1/rotation/balance?region=3713&item=X").problem(404, "not_found");
    });
}

#[test]
fn a_county_planner_sees_the_county() {
    on_each(|stage| {
        worked_example(stage);
        let ours = stage.hire("planner", COUNTY_A);
        for path in ["/v1/gaps", "/v1/rotation", "/v1/coverage", "/v1/summaries"] {
            let answer = ours.get(path).expect(200);
            assert_eq!(answer["region"], "371302000000", "{path}");
            for outside in ["3713", "371311", "37", "371399"] {
                let reply = ours.get(&format!("{path}?region={outside}"));
                reply.problem(404, "not_found");
            }
            ours.get(&format!("{path}?region=371302101")).expect(200);
        }
        let row = ours.get("/v1/gaps").expect(200)["items"][0].clone();
        assert_eq!(figures(&row, &ROLL_UP), [720, 540, 200, 20, 180, 20]);
        let reply = ours.get("/v1/rotation/balance?region=3713&item=QUILT");
        reply.problem(404, "not_found");
        for path in ["/v1/gaps", "/v1/rotation", "/v1/coverage", "/v1/summaries"] {
            stage.hire("clerk", COUNTY_A).get(path).problem(403, "forbidden");
        }
    });
}
