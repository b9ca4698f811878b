//! Agreements, capacities, pledges, and what the four modes give within hours.
//!
//! Formulas are tested in `domain`. Invariant: what is not confirmed is in no total.

use changping::domain::calendar::add_days;
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::stage::{Stage, each, on_each, rows};
use crate::support::Client;
use crate::support::forms::{receipt, with};
use crate::support::records::{organization, profile, promise, quota, quota_id};
use crate::support::world::{CITY_DEPOT, COUNTY_A};

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));

fn today(stage: &Stage) -> NaiveDate {
    let answer = stage.client("clerk").get("/v1/stock").expect(200);
    answer["as_of"].as_str().unwrap().parse().unwrap()
}

fn agreement(code: &str, region: &str, declared_on: NaiveDate) -> Value {
    let own = json!({ "contract_quantity": 1_000, "declared_stock": 900,
        "declared_on": declared_on.to_string(), "response_hours": 6,
        "reliability_permille": 800 });
    promise(code, region, &own)
}

fn capacity(code: &str, declared_on: NaiveDate) -> Value {
    let own = json!({ "daily_rate": 5_000, "startup_hours": 24, "finished_goods": 800,
        "limit": 20_000, "declared_on": declared_on.to_string() });
    promise(code, "3713", &own)
}

fn pledge(code: &str) -> Value {
    let own = json!({ "pledged_quantity": 500, "response_hours": 24 });
    promise(code, "3713", &own)
}

/// The city with quotas of two modes, 650 quilts, and a source of each other mode.
fn arrange(stage: &Stage) {
    let (admin, day) = (stage.client("admin"), today(stage));
    admin.create("/v1/profiles/3713", &profile());
    for (digits, mode, target) in [(1, "gov_physical", 700), (2, "agreement", 300)] {
        let body = quota(digits, "3713", "QUILT", target, target);
        admin.create(&format!("/v1/quotas/{}", quota_id(digits)), &with(body, "", "mode", mode));
    }
    admin.create("/v1/agreements/AG", &agreement("AG", "3713", add_days(day, -90)));
    admin.create("/v1/capacities/CP", &capacity("CP", day));
    admin.create("/v1/pledges/PL", &pledge("PL"));
    stage.book("quilts", &receipt(CITY_DEPOT, "QUILT", 650));
}

fn row(client: &Client, query: &str) -> Value {
    let path = format!("/v1/reserves?region=3713&item=QUILT{query}");
    let answer = client.get(&path).expect(200);
    assert_eq!(rows(&answer).len(), 1, "{answer}");
    rows(&answer)[0].clone()
}

fn three(figures: &Value) -> [i64; 3] {
    ["gov_only", "gov_agreement", "all_modes"].map(|name| figures[name].as_i64().unwrap())
}

#[test]
fn three_totals_ratios_and_sources_within_hours() {
    on_each(|stage| {
        arrange(stage);
        let planner = stage.client("planner");
        let own = |query: &str| row(&planner, query)["own"].clone();
        for (query, totals) in [
            ("&hours=0", [0, 0, 800]),
            ("&hours=12", [650, 1_550, 2_350]),
            ("", [650, 1_550, 2_350]),
            ("&hours=36", [650, 1_550, 1_550 + 3_300 + 250]),
            ("&hours=8760", [650, 1_550, 1_550 + 20_000 + 250]),
            ("&hours=12&view=prudent", [650, 1_370, 2_170]),
        ] {
            assert_eq!(three(&own(query)["available"]), totals, "{query}");
        }
        let found = row(&planner, "");
        assert_eq!((&found["hours"], &found["own"]["target"]), (&json!(12), &json!(1_000)));
        assert_eq!(three(&found["own"]["gap"]), [350, 0, 0]);
        assert_eq!(found["own"], found["total"]);
        assert_eq!(found["own"]["attained"], false);
        let modes = &found["own"]["modes"];
        assert_eq!(modes["agreement"]["target_ratio"], 0.3);
        assert_eq!(modes["gov_physical"]["actual_ratio"], 0.2765);
        let codes: Vec<&Value> =
            found["sources"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        assert_eq!(codes, ["AG", "CP", "PL"]);
        assert_eq!(found["sources"][0]["declaration_age_days"], 90);
        for (mode, gap) in [("agreement", json!(0)), ("gov_physical", json!(50))] {
            let path = format!("/v1/gaps?region=3713&item=QUILT&mode={mode}");
            assert_eq!(planner.get(&path).expect(200)["items"][0]["gap"], gap, "{mode}");
        }
    });
}

#[test]
fn an_old_or_missing_declaration_is_no_silent_zero() {
    on_each(|stage| {
        arrange(stage);
        let (admin, planner) = (stage.client("admin"), stage.client("planner"));
        let put = |path: &str, body: &Value| {
            admin.put(path, Some(("if-match", "*")), body).expect(200);
        };
        let old = add_days(today(stage), -91);
        put("/v1/agreements/AG", &agreement("AG", "3713", old));
        let found = row(&planner, "");
        let cell = &found["own"]["modes"]["agreement"];
        assert_eq!((&cell["available"], &cell["unconfirmed"]), (&json!(0), &json!(900)));
        assert_eq!((&cell["stale"], &cell["unknown"]), (&json!(1), &json!(0)));
        let source = &found["sources"][0];
        assert_eq!(
            (&source["state"], &source["reason"]),
            (&json!("stale"), &json!("old_declaration"))
        );
        let gap = || {
            let path = "/v1/gaps?region=3713&item=QUILT&mode=agreement";
            planner.get(path).expect(200)["items"][0].clone()
        };
        let told = |row: &Value| {
            ["status", "unknown_reason", "unknown_lines"].map(|name| row[name].clone())
        };
        let doubted = [json!("unknown"), json!("old_declaration"), json!(1)];
        assert_eq!((told(&found), told(&gap())), (doubted.clone(), doubted));
        for path in ["/v1/reserves?", "/v1/gaps?mode=agreement&"] {
            let totals = planner.get(&format!("{path}region=3713&item=QUILT")).expect(200);
            let totals = &totals["totals"];
            let counts = (&totals["known_rows"], &totals["unknown_rows"]["old_declaration"]);
            assert_eq!(counts, (&json!(0), &json!(1)), "{path}");
        }
        let totals = planner.get("/v1/reserves?region=3713&item=QUILT").expect(200);
        let goods = &totals["totals"]["goods"][0];
        assert_eq!(three(&goods["known"]["available"]), [0, 0, 0]);
        assert_eq!(three(&goods["unknown"]["available"]), [650, 650, 1_450]);
        assert_eq!(goods["unknown"]["modes"]["agreement"]["unconfirmed"], 900);
        assert_eq!((&gap()["gap"], &gap()["gap_net"]), (&Value::Null, &Value::Null));
        put("/v1/profiles/3713", &with(profile(), "", "stale_declarations", "zero"));
        assert_eq!((&gap()["gap"], &gap()["effective"]), (&json!(300), &json!(0)));
        assert_eq!(told(&gap()), [json!("known"), Value::Null, json!(0)], "the city says so");
        let silent = with(agreement("AG", "3713", old), "", "declared_stock", Value::Null);
        put("/v1/agreements/AG", &silent);
        let source = row(&planner, "")["sources"][0].clone();
        assert_eq!(
            (&source["state"], &source["reason"]),
            (&json!("unknown"), &json!("no_declaration"))
        );
        assert_eq!(gap()["gap"], Value::Null);
    });
}

#[test]
fn what_cannot_be_is_refused_with_the_field() {
    on_each(|stage| {
        let (admin, day) = (stage.client("admin"), today(stage));
        let good = agreement("AG", "3713", day);
        for (field, value) in [
            ("valid_to", json!("2019-12-31")),
            ("reliability_permille", json!(1_001)),
            ("response_hours", json!(8_761)),
            ("contract_quantity", json!(-1)),
            ("status", json!("lost")),
            ("lon", json!(118.0)),
        ] {
            let reply =
                admin.put("/v1/agreements/AG", CREATE, &with(good.clone(), "", field, value));
            let problem = reply.problem(422, "invalid_value");
            let expected = if field == "lon" { "/lat" } else { &format!("/{field}") };
            assert_eq!(problem["errors"][0]["pointer"], expected);
        }
        for (field, value) in [("item", "NONE"), ("organization", "NONE"), ("region", "379999")] {
            let reply =
                admin.put("/v1/agreements/AG", CREATE, &with(good.clone(), "", field, value));
            let problem = reply.problem(409, "unknown_reference");
            assert_eq!(problem["pointer"], format!("/{field}"));
        }
        admin.get("/v1/agreements/AG").problem(404, "not_found");
        let planner = stage.client("planner");
        for (query, name) in [
            ("hours=8761", "hours"),
            ("hours=-1", "hours"),
            ("view=hopeful", "view"),
            ("tier=tribe", "tier"),
            ("limit=0", "limit"),
        ] {
            let problem =
                planner.get(&format!("/v1/reserves?{query}")).problem(400, "invalid_parameter");
            assert_eq!(problem["errors"][0]["pointer"], name);
        }
        planner.get("/v1/reserves?as_of=2001-01-01").problem(422, "as_of_unsupported");
        planner.get("/v1/reserves?item=NONE").problem(404, "not_found");
        planner.put("/v1/agreements/AG", CREATE, &good).problem(403, "forbidden");
    });
}

#[test]
fn registers_of_another_region_are_invisible() {
    on_each(|stage| {
        arrange(stage);
        let admin = stage.client("admin");
        admin.create("/v1/organizations/QY", &organization("QY", COUNTY_A));
        let ours = agreement("AG-A", COUNTY_A, today(stage));
        admin.create("/v1/agreements/AG-A", &ours);
        let county = stage.hire("planner", COUNTY_A);
        assert_eq!(each(&county.get("/v1/agreements").expect(200), "code"), ["AG-A"]);
        for path in ["agreements/AG", "capacities/CP", "pledges/PL"] {
            county.get(&format!("/v1/{path}")).problem(404, "not_found");
        }
        assert_eq!(rows(&county.get("/v1/capacities").expect(200)).len(), 0);
        let answer = county.get("/v1/reserves?item=QUILT").expect(200);
        assert_eq!(rows(&answer)[0]["own"]["modes"]["agreement"]["available"], 900);
        county.get("/v1/reserves?region=3713").problem(404, "not_found");
        let hired = stage.hire("admin", COUNTY_A);
        let theirs = hired.put("/v1/agreements/X", CREATE, &agreement("X", "3713", today(stage)));
        theirs.problem(409, "unknown_reference");
        let stolen = with(ours, "", "code", "AG");
        hired
            .put("/v1/agreements/AG", Some(("if-match", "*")), &stolen)
            .problem(412, "precondition_failed");
        let city = row(&stage.client("province"), "");
        assert_eq!(city["total"]["modes"]["agreement"]["available"], 1_800);
        assert_eq!(city["own"]["modes"]["agreement"]["available"], 900);
        stage.client("clerk").get("/v1/reserves").problem(403, "forbidden");
        stage.client("province").get("/v1/agreements").problem(403, "forbidden");
        let page = admin.get("/v1/agreements?item=QUILT&q=ag-a&region=371302").expect(200);
        assert_eq!(each(&page, "code"), ["AG-A"]);
        assert_eq!(rows(&admin.get("/v1/agreements?item=TENT").expect(200)).len(), 0);
    });
}

#[test]
fn reserves_are_tables_too() {
    on_each(|stage| {
        arrange(stage);
        let planner = stage.client("planner");
        for path in ["/v1/reserves?region=3713", "/v1/agreements", "/v1/capacities", "/v1/pledges"]
        {
            let headers = [("accept", "text/csv"), ("accept-language", "zh")];
            let table = planner.send("GET", path, &headers, None);
            assert_eq!(table.status, 200, "{path}: {}", table.text);
            let header = table.text.lines().next().unwrap().trim_start_matches('\u{feff}');
            assert!(!header.bytes().any(|b| b.is_ascii_lowercase()), "{path}: {header}");
        }
    });
}
