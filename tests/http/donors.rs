//! Donors: who could fill a gap, and bodies that do so when posted.
//!
//! The order of donors and the laws of the filling are tested beside the domain. Invariant: a gap
//! closes by what the answer said, and by no more.

use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, Stage, each, on_each, rows};
use crate::support::Client;
use crate::support::forms::{receipt, receipt_of_lot, with};
use crate::support::records::{profile, quota, quota_id};
use crate::support::world::{CITY_DEPOT, COUNTY_A, DEPOT_A, DEPOT_B, DEPOT_T};

/// County A lacks 550 quilts; the city has 300 to spare, county B 40.
fn settle(stage: &Stage) {
    let planner = stage.client("planner");
    for (digits, place, target) in [(1, "3713", 2_000), (2, "371302", 1_000), (3, "371311", 600)] {
        let body = quota(digits, place, "QUILT", target, target / 2);
        planner.create(&format!("/v1/quotas/{}", quota_id(digits)), &body);
    }
    stage.client("admin").create("/v1/profiles/3713", &profile());
    for (depot, quantity) in [(CITY_DEPOT, 2_300), (DEPOT_A, 450), (DEPOT_B, 640)] {
        stage.book(depot, &receipt(depot, "QUILT", quantity));
    }
}

fn ask(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/gaps/donors?{query}")).expect(200)
}

fn gap(stage: &Stage, place: &str) -> i64 {
    let path = format!("/v1/gaps?region={place}&item=QUILT");
    stage.client("planner").get(&path).expect(200)["items"][0]["gap"].as_i64().unwrap()
}

#[test]
fn donors_are_asked_in_order_until_the_gap_is_closed() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let found = ask(&planner, "region=371302&item=QUILT");
        let sums = ["gap", "spare", "proposed", "remaining"].map(|name| found[name].clone());
        assert_eq!(sums, [550, 340, 340, 210].map(|units| json!(units)));
        assert_eq!(each(&found, "depot"), [&json!(CITY_DEPOT), &json!(DEPOT_B)]);
        assert_eq!(each(&found, "proposed"), [&json!(300), &json!(40)]);
        assert_eq!(each(&found, "relation"), [&json!("upper"), &json!("ordered")]);
        assert_eq!(each(&found, "needs_order_of"), [&Value::Null, &json!("371300000000")]);
        let first = &rows(&found)[0];
        assert!(first["arrive_min"].as_i64().unwrap() > 0, "{first}");
        assert_eq!((&first["distance_m"], &first["travel"]), (&json!(0), &json!("estimated")));
        assert_eq!(found["receiving_depot"], DEPOT_A);
        assert!(found.get("movements").is_none(), "{found}");
        let chain = ask(&planner, "region=371302&item=QUILT&scope=own_chain");
        assert_eq!((&chain["proposed"], &chain["row_count"]), (&json!(300), &json!(1)));
        let cut = ask(&planner, "region=371302&item=QUILT&limit=1");
        assert_eq!((rows(&cut).len(), &cut["row_count"]), (1, &json!(2)));
        assert_eq!(cut["proposed"], 340);
        let need = ask(&planner, "region=371302&need=bedding");
        assert_eq!((&need["gap"], &need["proposed"]), (&json!(0), &json!(0)));
    });
}

#[test]
fn posted_movements_close_the_gap_by_what_they_say() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let found = ask(&planner, "region=371302&item=QUILT&as=movements");
        let moves = found["movements"].as_array().unwrap();
        assert_eq!(moves.len(), 2, "{found}");
        let mut open = 550;
        for (ix, one) in moves.iter().enumerate() {
            stage.book(&format!("move-{ix}"), &one["movement"]);
            open -= one["closes"].as_i64().unwrap();
            assert_eq!(gap(stage, "371302"), open, "{one}");
        }
        assert_eq!((open, gap(stage, "3713"), gap(stage, "371311")), (210, 0, 0));
        let after = ask(&planner, "region=371302&item=QUILT&as=movements");
        assert_eq!((&after["proposed"], &after["movements"]), (&json!(0), &json!([])));
        let line = stage.client("clerk").get(MOVEMENTS).expect(200);
        let last = rows(&line).iter().find(|one| one["type"] == "relocate").unwrap();
        assert_eq!(last["lines"][0]["to_owner"], "LS-YJ", "{last}");
    });
}

#[test]
fn what_ends_soon_stays_where_it_is() {
    on_each(|stage| {
        let planner = stage.client("planner");
        for (digits, place, target) in [(1, "3713", 40), (2, "371302", 60)] {
            let body = quota(digits, place, "WATER", target, target);
            planner.create(&format!("/v1/quotas/{}", quota_id(digits)), &body);
        }
        let answer = planner.get("/v1/gaps").expect(200);
        let day: chrono::NaiveDate = answer["as_of"].as_str().unwrap().parse().unwrap();
        for (lot, days, quantity) in [("soon", 10, 500), ("long", 300, 70)] {
            let until = changping::domain::calendar::add_days(day, days).to_string();
            stage.book(lot, &receipt_of_lot(CITY_DEPOT, "WATER", quantity, lot, &until));
        }
        let found = ask(&planner, "region=371302&item=WATER&as=movements");
        assert_eq!((&found["proposed"], &found["remaining"]), (&json!(30), &json!(30)));
        let one = &found["movements"][0];
        let booked = stage.book("m", &one["movement"]);
        assert_eq!(each_lot(&booked), ["long"]);
    });
}

fn each_lot(booked: &Value) -> Vec<&str> {
    let lines = booked["lines"].as_array().unwrap();
    lines.iter().map(|line| line["lot_no"].as_str().unwrap()).collect()
}

#[test]
fn what_no_movement_can_bring_is_said() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        // The province's quilts lie in the very depot that would receive them.
        let theirs = with(receipt(DEPOT_A, "QUILT", 900), "/lines/0", "owner", "SD-YJ");
        stage.book("p", &theirs);
        let province = stage.client("province");
        let found = ask(&province, "region=371302&item=QUILT&scope=province&as=movements");
        let here = found["movements"].as_array().unwrap();
        let here = here.iter().find(|one| one["depot"] == DEPOT_A).unwrap();
        assert_eq!((&here["movement"], &here["closes"]), (&Value::Null, &json!(0)));
        assert_eq!((&here["movement_reason"], &here["amount"]), (&json!("lies_here"), &json!(250)));
        let row = rows(&found).iter().find(|row| row["owner"] == "SD-YJ").unwrap();
        assert_eq!(row["owned_above"], true);
        // The township has a depot, but no organization that could own what comes.
        let body = quota(4, "371302101", "QUILT", 10, 10);
        planner.create(&format!("/v1/quotas/{}", quota_id(4)), &body);
        let town = ask(&planner, "region=371302101&item=QUILT&as=movements");
        assert_eq!(town["receiving_reason"], "no_receiving_owner");
        let one = &town["movements"][0];
        assert_eq!((&one["closes"], &one["amount"]), (&json!(0), &json!(10)));
        assert_eq!(one["movement"]["lines"][0]["to"], DEPOT_T);
        stage.book("town", &one["movement"]);
        assert_eq!(gap(stage, "371302101"), 10, "the goods are still the city's");
        let body = quota(5, "37", "QUILT", 5_000, 0);
        stage.client("admin").create(&format!("/v1/quotas/{}", quota_id(5)), &body);
        let above = ask(&province, "region=37&item=QUILT&scope=any&as=movements");
        assert_eq!(above["receiving_reason"], "no_receiving_depot");
        assert_eq!(above["movements"][0]["movement_reason"], "no_receiving_depot");
    });
}

#[test]
fn nobody_outside_the_scope_is_named() {
    on_each(|stage| {
        settle(stage);
        let ours = stage.hire("planner", COUNTY_A);
        for scope in ["own_chain", "city", "province", "any"] {
            let query = format!("item=QUILT&as=movements&scope={scope}");
            let found = ask(&ours, &query);
            assert_eq!((&found["gap"], &found["remaining"]), (&json!(550), &json!(550)));
            assert_eq!((rows(&found).len(), &found["spare"]), (0, &json!(0)), "{scope}");
        }
        ours.get("/v1/gaps/donors?region=3713&item=QUILT").problem(404, "not_found");
        let planner = stage.client("planner");
        let theirs = with(receipt(DEPOT_B, "QUILT", 900), "/lines/0", "owner", "SD-YJ");
        stage.book("p", &theirs);
        let found = ask(&planner, "region=371302&item=QUILT&scope=any");
        assert!(!found.to_string().contains("SD-YJ"), "{found}");
    });
}

#[test]
fn donors_are_told_in_both_languages_and_as_a_table() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let path = "/v1/gaps/donors?region=371302&item=QUILT";
        let told = |language: &str| {
            let headers = [("accept-language", language)];
            planner.send("GET", path, &headers, None).expect(200)
        };
        let english = told("en");
        let name = english["name"].as_str().unwrap();
        let first = format!(
            "区划371302 lacks 550 床 of {name}: 340 can come from 2 depots, 210 remain to be bought."
        );
        assert_eq!(english["sentences"][0], first);
        let note = "Goods of 区划371311 move by order of 区划3713 and are to be compensated.";
        assert_eq!(rows(&english)[1]["note"], note);
        let chinese = told("zh");
        let first = chinese["sentences"][0].as_str().unwrap();
        assert!(first.contains("2 处可调入 340 床,其余 210 床 需采购"), "{first}");
        assert!(rows(&chinese)[1]["note"].as_str().unwrap().contains("区划3713下令"), "{chinese}");
        let headers = [("accept", "text/csv"), ("accept-language", "zh")];
        let table = planner.send("GET", path, &headers, None).text;
        let lines: Vec<&str> = table.trim_start_matches('\u{feff}').lines().collect();
        let raw = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b"_.".contains(&b));
        assert!(lines.len() == 3 && !lines[0].split(',').any(raw), "{table}");
    });
}

#[test]
fn questions_that_cannot_be_are_refused_by_name() {
    on_each(|stage| {
        let planner = stage.client("planner");
        for (query, pointer) in [
            ("", "item"),
            ("&item=QUILT&need=bedding", "need"),
            ("&item=QUILT&scope=x", "scope"),
            ("&item=QUILT&as=x", "as"),
            ("&item=QUILT&limit=0", "limit"),
        ] {
            let reply = planner.get(&format!("/v1/gaps/donors?region=3713{query}"));
            let problem = reply.problem(400, "invalid_parameter");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}");
        }
        for query in ["region=371399&item=QUILT", "item=X", "need=X"] {
            planner.get(&format!("/v1/gaps/donors?{query}")).problem(404, "not_found");
        }
        let path = "/v1/gaps/donors?item=QUILT&as_of=2020-01-01";
        planner.get(path).problem(422, "as_of_unsupported");
    });
}
