//! Explanations: a gap or a balance opened into its parts, in both languages.
//!
//! That parts add up on any stock is tested beside the domain. Invariant: a number in a sentence
//! stands in the fields, too.

use changping::domain::calendar::add_days;
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::stage::{Stage, on_each, rows};
use crate::support::forms::{receipt, receipt_of_lot, with};
use crate::support::records::{profile, promise, quota, quota_id};
use crate::support::world::{CITY_DEPOT, COUNTY_A, DEPOT_A, DEPOT_B, DEPOT_T};

fn today(stage: &Stage) -> NaiveDate {
    let answer = stage.client("clerk").get("/v1/stock").expect(200);
    answer["as_of"].as_str().unwrap().parse().unwrap()
}

fn explain(stage: &Stage, query: &str, language: &str) -> Value {
    let path = format!("/v1/gaps/explanation?{query}");
    let headers = [("accept-language", language)];
    stage.client("planner").send("GET", &path, &headers, None).expect(200)
}

/// City 2300 of 2000, county A 450 of 600 with 40 damaged and 70 of the province's beside them.
fn settle(stage: &Stage) {
    let planner = stage.client("planner");
    for (digits, place, target) in [(1, "3713", 2_000), (2, "371302", 600), (3, "371311", 600)] {
        let body = quota(digits, place, "QUILT", target, target / 2);
        let body = with(body, "", "document", "临政办字〔2021〕90号");
        planner.create(&format!("/v1/quotas/{}", quota_id(digits)), &body);
    }
    stage.book("c", &receipt(CITY_DEPOT, "QUILT", 2_300));
    stage.book("a", &receipt(DEPOT_A, "QUILT", 400));
    stage.book("t", &receipt(DEPOT_T, "QUILT", 50));
    stage.book("b", &receipt(DEPOT_B, "QUILT", 640));
    let wet = with(receipt(DEPOT_A, "QUILT", 40), "/lines/0", "condition", "damaged");
    stage.book("wet", &wet);
    stage.book("p", &with(receipt(DEPOT_A, "QUILT", 70), "/lines/0", "owner", "SD-YJ"));
}

#[test]
fn a_gap_is_opened_into_quota_lots_and_accounts() {
    on_each(|stage| {
        settle(stage);
        let found = explain(stage, "region=371302&item=QUILT", "en");
        assert_eq!(found["quota"]["quota_id"], quota_id(2));
        let quota = &found["quota"];
        assert_eq!((&quota["target"], &quota["floor"]), (&json!(600), &json!(300)));
        assert_eq!(quota["document"], "临政办字〔2021〕90号");
        let own = &found["account"];
        assert_eq!((&own["effective"], &own["gap"]), (&json!(450), &json!(150)));
        assert_eq!((&own["on_hand"], &own["damaged"]), (&json!(490), &json!(40)));
        let counted = &found["counted"];
        assert_eq!((&counted["count"], &counted["amount"]), (&json!(2), &json!(450)));
        let part = &counted["items"][0];
        assert_eq!((&part["depot"], &part["owner"]), (&json!(DEPOT_A), &json!("LS-YJ")));
        assert_eq!((&part["quantity"], &part["status"]), (&json!(400), &json!("ok")));
        let reasons = &found["not_counted"]["by_reason"];
        let expected = json!([{ "reason": "damaged", "count": 1, "amount": 40 },
            { "reason": "owned_above", "count": 1, "amount": 70 }]);
        assert_eq!(reasons, &expected);
        let close = &found["what_would_close_it"];
        assert_eq!((&close["redistributable"], &close["to_buy"]), (&json!(0), &json!(0)));
        let help = &close["from_above"][0];
        assert_eq!((&help["region"], &help["gives"]), (&json!("371300000000"), &json!(150)));
        assert_eq!(found["ledger_seq"], stage.seq());
        let city = explain(stage, "region=3713&item=QUILT&limit=1", "en");
        let sums = &city["roll_up"];
        assert_eq!((&sums["gap_sum"], &sums["surplus_sum"]), (&json!(150), &json!(340)));
        assert_eq!((&sums["gap_net"], &sums["gap_net_vertical"]), (&json!(0), &json!(0)));
        assert_eq!((&sums["account_count"], rows_of(sums)), (&json!(3), 1));
        let first = &sums["accounts"][0];
        assert_eq!((&first["region"], &first["gap"]), (&json!("371302000000"), &json!(150)));
    });
}

fn rows_of(sums: &Value) -> usize {
    sums["accounts"].as_array().unwrap().len()
}

#[test]
fn an_explanation_is_told_in_the_readers_language() {
    on_each(|stage| {
        settle(stage);
        let day = today(stage);
        let query = "region=371302&item=QUILT";
        let english = explain(stage, query, "en")["sentences"].clone();
        let name = explain(stage, query, "en")["name"].as_str().unwrap().to_string();
        let expected = json!([
            format!("On {day}, 区划371302 must hold 600 床 of {name}, and never less than 300."),
            "The quota rests on 临政办字〔2021〕90号.",
            "450 床 count, so 150 are missing.",
            "40 床 more do not count: damaged 40.",
            "70 床 lie here for a region above and are not counted.",
            "区划3713 has 300 床 to spare and could give 150.",
            "Nothing needs to be bought.",
        ]);
        assert_eq!(english, expected);
        let found = explain(stage, query, "zh");
        let told = found["sentences"].as_array().unwrap();
        assert_eq!(told.len(), 7);
        let name = found["name"].as_str().unwrap();
        let first = format!("{day},区划371302应储备{name} 600 床,下限 300 床。");
        assert_eq!((&told[0], &told[3]), (&json!(first), &json!("另有 40 床 不计入: 残损 40。")));
        let none = explain(stage, "region=371302101&item=TENT", "en");
        assert_eq!((&none["quota"], &none["quota_reason"]), (&Value::Null, &json!("no_quota")));
        assert!(none["sentences"][0].as_str().unwrap().contains("no quota"), "{none}");
        let ours = stage.hire("planner", COUNTY_A);
        let found = ours.get("/v1/gaps/explanation?item=QUILT").expect(200);
        let close = &found["what_would_close_it"];
        assert_eq!((&close["from_above"], &close["above_hidden"]), (&json!([]), &json!(true)));
        let last = found["sentences"].as_array().unwrap().last().unwrap();
        assert_eq!(last, "150 床 remain to be asked for from above or bought.");
    });
}

#[test]
fn a_depot_outside_the_scope_is_not_named() {
    on_each(|stage| {
        settle(stage);
        let far = with(receipt(DEPOT_B, "QUILT", 5), "/lines/0", "owner", "LS-YJ");
        stage.book("far", &far);
        let depots = |found: &Value| -> Vec<Value> {
            let parts = found["counted"]["items"].as_array().unwrap();
            parts.iter().map(|part| part["depot"].clone()).collect()
        };
        let all = explain(stage, "region=371302&item=QUILT", "en");
        assert!(depots(&all).contains(&json!(DEPOT_B)), "{all}");
        let ours = stage.hire("planner", COUNTY_A);
        let found = ours.get("/v1/gaps/explanation?item=QUILT").expect(200);
        assert_eq!(found["account"]["effective"], 455);
        assert_eq!(found["counted"]["amount"], 455);
        assert!(depots(&found).contains(&Value::Null), "{found}");
        assert!(!found.to_string().contains(DEPOT_B), "{found}");
        ours.get("/v1/gaps/explanation?region=3713&item=QUILT").problem(404, "not_found");
        let balance = "/v1/rotation/balance/explanation?item=QUILT";
        ours.get(&format!("{balance}&region=3713")).problem(404, "not_found");
        ours.get(balance).expect(200);
    });
}

#[test]
fn what_cannot_be_explained_is_refused_by_name() {
    on_each(|stage| {
        let planner = stage.client("planner");
        let refused = |query: &str, pointer: &str| {
            let reply = planner.get(&format!("/v1/gaps/explanation?region=3713{query}"));
            let problem = reply.problem(400, "invalid_parameter");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}");
        };
        refused("", "item");
        refused("&item=QUILT&need=bedding", "need");
        refused("&item=QUILT&limit=0", "limit");
        refused("&item=QUILT&mode=x", "mode");
        for query in ["region=371399&item=QUILT", "item=X", "need=X"] {
            let reply = planner.get(&format!("/v1/gaps/explanation?{query}"));
            reply.problem(404, "not_found");
        }
        let past = add_days(today(stage), -1);
        let path = format!("/v1/gaps/explanation?item=QUILT&as_of={past}");
        planner.get(&path).problem(422, "as_of_unsupported");
        let balance = "/v1/rotation/balance/explanation?region=3713";
        planner.get(balance).problem(400, "invalid_parameter");
        let path = format!("{balance}&item=QUILT&from={past}");
        planner.get(&path).problem(422, "as_of_unsupported");
        let path = format!("{balance}&item=QUILT&to={past}");
        planner.get(&path).problem(422, "invalid_value");
        let social = explain(stage, "region=3713&item=QUILT&mode=social", "en");
        assert_eq!((&social["account"], &social["roll_up"]), (&Value::Null, &Value::Null));
        assert_eq!(social["unknown_reason"], "no_register");
    });
}

#[test]
fn a_balance_is_opened_into_the_lots_that_end() {
    on_each(|stage| {
        let (planner, day) = (stage.client("planner"), today(stage));
        let body = quota(1, "3713", "WATER", 120, 100);
        planner.create(&format!("/v1/quotas/{}", quota_id(1)), &body);
        for (lot, days, quantity) in [("A", 10, 80), ("B", 100, 60)] {
            let until = add_days(day, days).to_string();
            stage.book(lot, &receipt_of_lot(CITY_DEPOT, "WATER", quantity, lot, &until));
        }
        let path = "/v1/rotation/balance/explanation?region=3713&item=WATER";
        let ask = |language: &str| {
            planner.send("GET", path, &[("accept-language", language)], None).expect(200)
        };
        let found = ask("en");
        assert_eq!((&found["balanced"], &found["step_count"]), (&json!(false), &json!(3)));
        let step = &found["steps"][1];
        assert_eq!((&step["effective"], &step["below_floor"]), (&json!(60), &json!(true)));
        assert_eq!((&step["leaves_count"], &step["leaves_quantity"]), (&json!(1), &json!(80)));
        let lot = &step["leaves"][0];
        assert_eq!((&lot["lot_no"], &lot["depot"]), (&json!("A"), &json!(CITY_DEPOT)));
        let breach = &found["first_breach"];
        assert_eq!((&breach["short"], &breach["worst_short"]), (&json!(40), &json!(100)));
        let (on, by) = (add_days(day, 11), add_days(day, 10));
        assert_eq!(
            (&breach["on"], &breach["repair_by"]),
            (&json!(on.to_string()), &json!(by.to_string()))
        );
        let told = found["sentences"].as_array().unwrap();
        assert_eq!(told[2], format!("40 瓶 must come in by {by}."));
        let chinese = ask("zh")["sentences"][2].clone();
        assert_eq!(chinese, format!("须在 {by} 当日或之前补充 40 瓶。"));
        let table = planner.get(&format!("{path}&format=csv")).text;
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 4, "{table}");
        assert!(lines[2].starts_with(&format!("{on},lot_ends,60,100,120,")), "{table}");
    });
}

#[test]
fn explanations_are_tables_under_headings_in_both_languages() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let balance = "/v1/rotation/balance/explanation?region=3713&item=QUILT";
        for path in ["/v1/gaps/explanation?region=371302&item=QUILT", balance] {
            let headers = [("accept", "text/csv"), ("accept-language", "zh")];
            let table = planner.send("GET", path, &headers, None);
            let lines: Vec<&str> = table.text.trim_start_matches('\u{feff}').lines().collect();
            let raw =
                |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b"_.".contains(&b));
            assert!(lines.len() > 1 && !lines[0].split(',').any(raw), "{path}: {}", lines[0]);
        }
        let path = "/v1/gaps/explanation?region=371302&item=QUILT&format=csv";
        let table = planner.get(path).text;
        assert_eq!(table.lines().count(), 5, "{table}");
        assert!(table.lines().any(|line| line.starts_with("false,owned_above,")), "{table}");
    });
}

#[test]
fn rows_of_gaps_say_why_where_asked() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let plain = planner.get("/v1/gaps?region=371302&item=QUILT").expect(200);
        assert!(plain["items"][0].get("because").is_none(), "{plain}");
        let path = "/v1/gaps?region=371302&item=QUILT&explain=true";
        let told = planner.get(path).expect(200)["items"][0]["because"].clone();
        assert_eq!(told[2], "450 床 count, so 150 are missing.");
        let city = planner.get("/v1/gaps?region=3713&item=QUILT&explain=true").expect(200);
        let told = city["items"][0]["because"].as_array().unwrap().last().unwrap().clone();
        let expected = "In 区划3713 and below, 3 quotas lack 150 床 together while 340 are to \
                        spare: 150 can be moved inside, 0 cannot.";
        assert_eq!(told, expected);
        let tiered = "/v1/gaps?region=3713&tier=county&explain=true";
        for limit in ["", "&limit=501"] {
            let problem =
                planner.get(&format!("{tiered}{limit}")).problem(400, "invalid_parameter");
            assert_eq!(problem["errors"][0]["pointer"], "limit");
        }
        let some = planner.get(&format!("{tiered}&limit=500")).expect(200);
        assert!(rows(&some).iter().all(|row| !row["because"].as_array().unwrap().is_empty()));
        planner.get("/v1/gaps?region=3713&tier=county&explain=false").expect(200);
    });
}

#[test]
fn promised_goods_are_opened_into_their_sources() {
    on_each(|stage| {
        let (admin, day) = (stage.client("admin"), today(stage));
        admin.create("/v1/profiles/3713", &profile());
        let stated = with(quota(1, "3713", "QUILT", 1_000, 500), "", "mode", "agreement");
        admin.create(&format!("/v1/quotas/{}", quota_id(1)), &stated);
        let agreed = |code: &str, days: i64| {
            let own = json!({ "contract_quantity": 900, "declared_stock": 700,
                "declared_on": add_days(day, -days).to_string(), "response_hours": 6 });
            promise(code, "3713", &own)
        };
        admin.create("/v1/agreements/AG", &agreed("AG", 10));
        stage.book("q", &receipt(CITY_DEPOT, "QUILT", 5_000));
        let query = "region=3713&item=QUILT&mode=agreement";
        let found = explain(stage, query, "en");
        let row = stage.client("planner").get(&format!("/v1/gaps?{query}")).expect(200);
        let own = ["effective", "gap"].map(|name| found["account"][name].clone());
        assert_eq!(own, [json!(700), json!(300)]);
        assert_eq!(own, ["effective", "gap"].map(|name| row["items"][0][name].clone()));
        assert_eq!(
            (&found["account"]["on_hand"], &found["status"]),
            (&Value::Null, &json!("known"))
        );
        let source = &found["sources"][0];
        assert_eq!((&source["code"], &source["available"]), (&json!("AG"), &json!(700)));
        assert_eq!(
            (&found["counted"]["count"], &found["what_would_close_it"]),
            (&json!(0), &Value::Null)
        );
        let gives = format!("{} gives 700 床.", source["name"].as_str().unwrap());
        assert!(found["sentences"].as_array().unwrap().contains(&json!(gives)), "{found}");
        admin.put("/v1/agreements/AG", Some(("if-match", "*")), &agreed("AG", 400)).expect(200);
        for (language, why) in [("en", "declared too long ago"), ("zh", "申报已过期")] {
            let found = explain(stage, query, language);
            assert_eq!((&found["account"], &found["roll_up"]), (&Value::Null, &Value::Null));
            let told = ["status", "unknown_reason", "unknown_lines"].map(|name| &found[name]);
            assert_eq!(told, [&json!("unknown"), &json!("old_declaration"), &json!(1)]);
            let sentences = found["sentences"].as_array().unwrap();
            let whys = sentences.iter().filter(|one| one.as_str().unwrap().contains(why)).count();
            assert_eq!(whys, 2, "of the account and of its source: {sentences:?}");
        }
        let row = "/v1/gaps?region=3713&item=QUILT&mode=agreement&explain=true";
        let row = stage.client("planner").get(row).expect(200)["items"][0]["because"].to_string();
        assert!(row.contains("declared too long ago"), "{row}");
        let path = format!("/v1/gaps/explanation?{query}&format=csv");
        let headers = [("accept-language", "zh")];
        let table = stage.client("planner").send("GET", &path, &headers, None).text;
        let lines: Vec<&str> = table.trim_start_matches('\u{feff}').lines().collect();
        let raw = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(lines.len() == 2 && !lines[0].split(',').any(raw), "{table}");
        assert!(lines[1].contains("AG") && lines[1].contains("old_declaration"), "{table}");
    });
}

#[test]
fn a_gap_by_custody_is_opened_into_what_lies_there() {
    on_each(|stage| {
        settle(stage);
        stage.book("n", &with(receipt(DEPOT_A, "QUILT", 20), "/lines/0", "owner", "LZ-YJ"));
        let query = "region=371302&item=QUILT&view=custody";
        let found = explain(stage, query, "en");
        let row = stage.client("planner").get(&format!("/v1/gaps?{query}")).expect(200);
        for name in ["effective", "gap"] {
            assert_eq!(found["account"][name], row["items"][0][name], "{name}");
        }
        assert_eq!((&found["view"], &found["owned_above"]), (&json!("custody"), &json!(70)));
        assert_eq!(found["counted"]["amount"], 420, "the neighbour's 20, and not the town's 50");
        let reasons = json!([{ "reason": "damaged", "count": 1, "amount": 40 },
            { "reason": "owned_above", "count": 1, "amount": 70 }]);
        assert_eq!(found["not_counted"]["by_reason"], reasons);
        let sums = &found["roll_up"];
        assert_eq!((&sums["effective_sum"], rows_of(sums)), (&json!(470), 2));
        assert_eq!(found["what_would_close_it"], Value::Null);
        let owner = explain(stage, "region=371302&item=QUILT", "en");
        assert_eq!((&owner["view"], &owner["owned_above"]), (&json!("owner"), &Value::Null));
        let planner = stage.client("planner");
        let refused = planner.get("/v1/gaps/explanation?item=QUILT&view=x");
        let problem = refused.problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["pointer"], "view");
        let promised = "/v1/gaps?region=371302&view=custody&mode=agreement";
        let body = with(quota(9, "371302", "QUILT", 60, 0), "", "mode", "agreement");
        planner.create(&format!("/v1/quotas/{}", quota_id(9)), &body);
        let row = planner.get(promised).expect(200)["items"][0].clone();
        let told = ["gap", "status", "unknown_reason"].map(|name| row[name].clone());
        assert_eq!(told, [Value::Null, json!("unknown"), json!("no_register")]);
    });
}
