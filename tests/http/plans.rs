//! Annual procurement plans: drafts from the book, edits, passages, receipts that name a line.
//!
//! Rotation plans are in `rotation`. Invariant: every amount follows from a price that somebody has
//! named.

use changping::domain::calendar::add_days;
use changping::service::book::Book;
use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, Stage, each, on_each, rows};
use crate::support::forms::{receipt, receipt_of_lot, with};
use crate::support::records::{profile, quota, quota_id};
use crate::support::world::{CITY_DEPOT, COUNTY_A, address, code};

pub const PLANS: &str = "/v1/plans";

fn this_year(stage: &Stage) -> i32 {
    let answer = stage.client("clerk").get("/v1/stock").expect(200);
    answer["as_of"].as_str().unwrap().parse::<NaiveDate>().unwrap().year()
}

/// Water of which 200 are missing when next year begins, 300 more end in its course; the newest lot
/// has a price.
pub fn water(stage: &Stage) -> i32 {
    let year = this_year(stage);
    let body = quota(1, "3713", "WATER", 1_000, 1_000);
    stage.client("planner").create(&format!("/v1/quotas/{}", quota_id(1)), &body);
    for (lot, quantity, until) in [
        ("A", 400, format!("{year}-12-31")),
        ("B", 300, format!("{}-06-01", year + 1)),
        ("C", 500, format!("{}-01-01", year + 3)),
    ] {
        let body = receipt_of_lot(CITY_DEPOT, "WATER", quantity, lot, &until);
        stage.book(lot, &with(body, "/lines/0/lot", "unit_price_fen", 150));
    }
    year + 1
}

pub fn draft(stage: &Stage, key: &str, code: &str, year: i32) -> Value {
    let body = json!({ "code": code, "name": "年度采购计划", "region": "3713", "year": year,
        "budget_fen": 80_000, "growth": [{ "item": "WATER", "quantity": 50 },
            { "item": "TENT", "quantity": 10 }] });
    stage.client("planner").post(PLANS, key, &body).expect(201)
}

pub fn pass(stage: &Stage, key: &str, code: &str, to: &str) -> Value {
    let path = format!("{PLANS}/{code}/{to}");
    stage.client("planner").post(&path, key, &json!({})).expect(201)
}

fn line(stage: &Stage, code: &str, line_no: usize) -> Value {
    let answer = stage.client("planner").get(&format!("{PLANS}/{code}/lines")).expect(200);
    rows(&answer)[line_no - 1].clone()
}

#[test]
fn a_draft_says_what_to_buy_and_how_far_the_budget_reaches() {
    on_each(|stage| {
        let year = water(stage);
        let plan = draft(stage, "d", "P1", year);
        assert_eq!(
            (&plan["state"], &plan["planned_on"]),
            (&json!("draft"), &json!(format!("{year}-01-01")))
        );
        assert_eq!((&plan["ledger_seq"], &plan["scope"]), (&json!(3), &json!("own")));
        let [tent, water] = &plan["lines"].as_array().unwrap()[..] else { panic!("{plan}") };
        assert_eq!(
            (&tent["item"], &tent["growth"], &tent["quantity"]),
            (&json!("TENT"), &json!(10), &json!(24))
        );
        assert_eq!((&tent["price_source"], &tent["amount_fen"]), (&json!("unknown"), &Value::Null));
        let figures = ["net_gap", "expiring", "growth", "confirmed_inbound", "pack", "quantity"];
        let figures: Vec<i64> = figures.iter().map(|name| water[name].as_i64().unwrap()).collect();
        assert_eq!(figures, [200, 300, 50, 0, 24, 552]);
        assert_eq!(
            (&water["unit_price_fen"], &water["price_source"]),
            (&json!(150), &json!("newest_lot"))
        );
        assert_eq!(
            (&water["amount_fen"], &water["within_budget"]),
            (&json!(82_800), &json!(false))
        );
        assert!(water["why"].as_str().unwrap().contains("200"), "{water}");
        let totals = json!({ "amount_fen": 82_800, "within_budget_fen": 0, "lines_unpriced": 1,
            "first_beyond": 2 });
        assert_eq!(plan["totals"], totals);
        let body = json!({ "name": "按价", "region": "3713", "year": year,
            "prices": [{ "item": "WATER", "unit_price_fen": 100 }] });
        let planner = stage.client("planner");
        let reply = planner.post(PLANS, "second", &body);
        assert_eq!(reply.header("location"), format!("{PLANS}/P371300000000-{year}-1"));
        let second = reply.expect(201);
        assert_eq!(second["lines"][0]["price_source"], "planner");
        assert_eq!(
            (&second["lines"][0]["amount_fen"], &second["totals"]["first_beyond"]),
            (&json!(50_400), &Value::Null)
        );
        let again = planner.post(PLANS, "second", &body);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.expect(201), second);
        let listed = planner.get(&format!("{PLANS}?region=3713&year={year}")).expect(200);
        assert_eq!(each(&listed, "code"), ["P1", &format!("P371300000000-{year}-1")]);
        let page = planner.get(&format!("{PLANS}?limit=1")).expect(200);
        let next = page["next"].as_str().unwrap();
        let rest = planner.get(&format!("{PLANS}?limit=1&cursor={next}")).expect(200);
        assert_eq!((rows(&rest).len(), &rest["next"]), (1, &Value::Null));
    });
}

#[test]
fn a_draft_is_edited_and_then_stands() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        let planner = stage.client("planner");
        let path = format!("{PLANS}/P1");
        let read = planner.get(&path);
        let version = read.header("etag").to_string();
        let due = format!("{year}-05-31");
        let body = json!({ "name": "改", "budget_fen": 120_000, "lines": [
            { "line_no": 2, "quantity": 576, "unit_price_fen": 200, "due_on": due,
              "supplier": "供应商" }] });
        let put =
            |version: &str, body: &Value| planner.put(&path, Some(("if-match", version)), body);
        planner.put(&path, None, &body).problem(428, "precondition_required");
        put("\"0123\"", &body).problem(412, "precondition_failed");
        let bad = json!({ "name": "", "budget_fen": -1, "lines": [
            { "line_no": 1, "quantity": -1 }, { "line_no": 1, "quantity": 1, "due_on": "x" }] });
        let problem = put(&version, &bad).problem(422, "invalid_value");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 5, "{problem}");
        let odd = json!({ "name": "改", "lines": [{ "line_no": 2, "quantity": 25 },
            { "line_no": 9, "quantity": 1 }] });
        let problem = put(&version, &odd).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], "/lines/0/quantity");
        assert_eq!(problem["errors"][1]["pointer"], "/lines/1/line_no");
        let edited = put(&version, &body).expect(200);
        assert_eq!(
            (&edited["lines"][1]["amount_fen"], &edited["lines"][1]["due_on"]),
            (&json!(115_200), &json!(due))
        );
        assert_eq!(edited["lines"][0]["quantity"], 24, "what is not named stays");
        put(&version, &body).problem(412, "precondition_failed");
        let now = planner.get(&path);
        let version = now.header("etag").to_string();
        assert_eq!(now.expect(200), edited);
        let same = planner.send("GET", &path, &[("if-none-match", &version)], None);
        assert_eq!(same.status, 304);
        assert_eq!(pass(stage, "a", "P1", "approvals")["state"], "approved");
        let repeat = planner.post(&format!("{path}/approvals"), "a", &json!({}));
        assert_eq!(repeat.expect(201)["state"], "approved");
        let twice = planner.post(&format!("{path}/approvals"), "b", &json!({}));
        let problem = twice.problem(409, "plan_state");
        assert_eq!(
            (&problem["state"], &problem["wanted"]),
            (&json!("approved"), &json!("approved"))
        );
        put("*", &body).problem(409, "plan_state");
        assert_eq!(pass(stage, "o", "P1", "orders")["state"], "ordered");
        assert_eq!(pass(stage, "c", "P1", "cancellations")["state"], "cancelled");
        planner.post(&format!("{path}/orders"), "o2", &json!({})).problem(409, "plan_state");
        let body = json!({ "code": "P1", "name": "又", "region": "3713", "year": year });
        planner.post(PLANS, "d2", &body).problem(409, "plan_state");
        for (state, count) in [("cancelled", 1), ("draft", 0), ("received", 0)] {
            let listed = planner.get(&format!("{PLANS}?state={state}")).expect(200);
            assert_eq!(rows(&listed).len(), count, "{state}");
        }
        planner.get(&format!("{PLANS}?state=lost")).problem(400, "invalid_parameter");
    });
}

#[test]
fn a_receipt_names_its_line() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        let delivery = |order_no: &str, item: &str, quantity| {
            with(
                receipt_of_lot(CITY_DEPOT, item, quantity, "N", "2199-01-01"),
                "",
                "order_no",
                order_no,
            )
        };
        let told = |key: &str, body: &Value| {
            let problem = stage.refused(key, body).problem(409, "plan_line");
            problem["reason"].as_str().unwrap().to_string()
        };
        assert_eq!(told("early", &delivery("P1/2", "WATER", 100)), "state");
        pass(stage, "a", "P1", "approvals");
        assert_eq!(told("nowhere", &delivery("P1/3", "WATER", 100)), "unknown");
        assert_eq!(told("nothing", &delivery("P2/2", "WATER", 100)), "unknown");
        assert_eq!(told("other", &delivery("P1/1", "WATER", 100)), "item");
        pass(stage, "o", "P1", "orders");
        let booked = stage.book("first", &delivery("P1/2", "WATER", 100));
        let received = |line: &Value| (line["received"].as_i64(), line["outstanding"].as_i64());
        assert_eq!(received(&line(stage, "P1", 2)), (Some(100), Some(452)));
        stage.book("free", &delivery("合同 7/2", "WATER", 10));
        let path = format!("{MOVEMENTS}/{}/reversals", booked["id"].as_str().unwrap());
        let body = json!({ "reason": "数量录入错误" });
        stage.client("clerk").post(&path, "back", &body).expect(201);
        assert_eq!(received(&line(stage, "P1", 2)), (Some(0), Some(552)));
        stage.book("again", &delivery("P1/2", "WATER", 552));
        let before = stage.client("planner").get(&format!("{PLANS}/P1")).expect(200);
        assert_eq!(before["state"], "ordered");
        let tents = with(receipt(CITY_DEPOT, "TENT", 24), "", "order_no", "P1/1");
        stage.book("tents", &tents);
        let after = stage.client("planner").get(&format!("{PLANS}/P1")).expect(200);
        assert_eq!(after["state"], "received");
        // A process that starts now reads the same from the stored book.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let loaded = runtime.block_on(async {
            let book = Book::open(&address(&stage.url)).unwrap();
            book.read().await.unwrap().position
        });
        let sums = [1, 2].map(|line_no| loaded.received(&code("P1"), line_no));
        assert_eq!(sums, [24, 552]);
    });
}

#[test]
fn what_is_on_its_way_is_not_bought_twice() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        let body = json!({ "code": "P2", "name": "二", "region": "3713", "year": year,
            "scope": "subtree" });
        let planner = stage.client("planner");
        let quantity = |key: &str, code: &str| {
            let body = with(body.clone(), "", "code", code);
            let plan = planner.post(PLANS, key, &body).expect(201);
            let lines = plan["lines"].as_array().unwrap().iter();
            let line = lines.clone().find(|line| line["item"] == "WATER").unwrap();
            (line["confirmed_inbound"].as_i64().unwrap(), line["quantity"].as_i64().unwrap())
        };
        assert_eq!(quantity("2", "P2"), (0, 504));
        pass(stage, "a", "P1", "approvals");
        assert_eq!(quantity("3", "P3"), (552, 0));
        pass(stage, "c", "P1", "cancellations");
        assert_eq!(quantity("4", "P4"), (0, 504));
    });
}

#[test]
fn a_later_gap_counts_what_has_come_by_then() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        let (planner, path) = (stage.client("planner"), format!("{PLANS}/P1"));
        let due = NaiveDate::from_ymd_opt(year, 5, 31).unwrap();
        let body = json!({ "name": "改", "lines": [
            { "line_no": 2, "quantity": 552, "due_on": due.to_string() }] });
        planner.put(&path, Some(("if-match", "*")), &body).expect(200);
        pass(stage, "a", "P1", "approvals");
        let names = ["gap", "inbound", "inbound_then", "gap_after_inbound"];
        let row = |query: String| {
            let path = format!("/v1/gaps?region=3713&item=WATER{query}");
            let answer = planner.get(&path).expect(200);
            names.map(|name| answer["items"][0][name].as_i64())
        };
        assert_eq!(row(String::new()), [Some(0), Some(552), None, Some(0)]);
        let ends = NaiveDate::from_ymd_opt(year + 1, 5, 31).unwrap();
        for (on, expected) in [
            (add_days(due, -1), [200, 552, 0, 200]),
            (due, [200, 552, 552, 0]),
            (add_days(due, 2), [500, 552, 552, 0]),
            // Water lasts a year.
            (ends, [500, 552, 552, 0]),
            (add_days(ends, 1), [500, 552, 0, 500]),
        ] {
            assert_eq!(row(format!("&as_of={on}")), expected.map(Some), "{on}");
            let path = format!("/v1/rotation/balance?region=3713&item=WATER&to={on}");
            let balance = planner.get(&path).expect(200);
            let last = balance["steps"].as_array().unwrap().last().unwrap().clone();
            let short = last["quota"].as_i64().unwrap() - last["effective"].as_i64().unwrap();
            assert_eq!(short.max(0), expected[3], "{on}: as in the projection");
        }
        stage.client("admin").create("/v1/profiles/3713", &profile());
        let body = with(quota(2, "3713", "WATER", 90, 0), "", "mode", "agreement");
        planner.create(&format!("/v1/quotas/{}", quota_id(2)), &body);
        let promised = row("&mode=agreement".to_string());
        assert_eq!(promised, [Some(90), None, None, None], "plans buy stock");
    });
}

#[test]
fn lines_are_cells_with_yuan_and_prices_have_their_readers() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        let path = format!("{PLANS}/P1/lines");
        let headers = [("accept", "text/csv"), ("accept-language", "zh")];
        let table = stage.client("planner").send("GET", &path, &headers, None);
        let lines: Vec<&str> = table.text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 3, "{}", table.text);
        assert!(lines[0].contains("单价(元)") && lines[0].contains("金额(元)"), "{}", lines[0]);
        let raw = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b"_.".contains(&b));
        assert!(!lines[0].split(',').any(raw), "{}", lines[0]);
        assert!(lines[2].contains(",1.50,newest_lot,828.00,828.00,false,"), "{}", lines[2]);
        let province = stage.client("province");
        let answer = province.get(&path).expect(200);
        let row = rows(&answer)[1].as_object().unwrap();
        for field in
            ["unit_price_fen", "price_source", "amount_fen", "cumulative_fen", "within_budget"]
        {
            assert!(!row.contains_key(field), "{field}");
        }
        assert_eq!(row["quantity"], 552);
        let plan = province.get(&format!("{PLANS}/P1")).expect(200);
        assert!(plan.get("budget_fen").is_none() && plan.get("totals").is_none(), "{plan}");
        let table = province.send("GET", &path, &headers, None).text;
        assert!(!table.contains("1.50") && !table.contains('元'), "{table}");
    });
}

#[test]
fn drafts_that_cannot_be_are_refused_by_field() {
    on_each(|stage| {
        let year = this_year(stage);
        let planner = stage.client("planner");
        let body = json!({ "code": "-", "name": "", "region": "37x", "year": 1999, "scope": "all",
            "budget_fen": -1,
            "growth": [{ "item": "WATER", "quantity": -1 }, { "item": "WATER", "quantity": 1 }],
            "prices": [{ "item": "WATER", "unit_price_fen": -5 }] });
        let problem = planner.post(PLANS, "1", &body).problem(422, "invalid_value");
        let mut pointers: Vec<&str> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["pointer"].as_str().unwrap())
            .collect();
        pointers.sort_unstable();
        let expected = [
            "/budget_fen",
            "/code",
            "/growth/0/quantity",
            "/growth/1/item",
            "/name",
            "/prices/0/unit_price_fen",
            "/region",
            "/scope",
            "/year",
        ];
        assert_eq!(pointers, expected);
        let fine = json!({ "name": "计划", "region": "3713", "year": year + 1 });
        let past = with(fine.clone(), "", "year", year - 1);
        let problem = planner.post(PLANS, "2", &past).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], "/year");
        let unknown = with(fine.clone(), "", "growth", json!([{ "item": "NONE", "quantity": 1 }]));
        let problem = planner.post(PLANS, "3", &unknown).problem(409, "unknown_reference");
        assert_eq!(problem["pointer"], "/growth/0/item");
        let ours = stage.hire("planner", COUNTY_A);
        ours.post(PLANS, "4", &fine).problem(409, "unknown_reference");
        planner.post(PLANS, "5", &with(fine, "", "code", "CITY")).expect(201);
        ours.get(&format!("{PLANS}/CITY")).problem(404, "not_found");
        ours.post(&format!("{PLANS}/CITY/approvals"), "6", &json!({})).problem(404, "not_found");
        assert_eq!(rows(&ours.get(PLANS).expect(200)).len(), 0);
        stage.client("province").post(PLANS, "7", &json!({})).problem(403, "forbidden");
    });
}
