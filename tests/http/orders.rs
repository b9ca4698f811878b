//! What plans have on order: in projections and gaps, traced to lots, written as a spreadsheet.
//!
//! The plans themselves are in `plans`. Invariant: what is on order is counted once.

use serde_json::{Value, json};

use crate::plans::{PLANS, draft, pass, water};
use crate::stage::on_each;
use crate::support::forms::{receipt_of_lot, with};
use crate::support::world::{CITY_DEPOT, COUNTY_A, DEPOT_A};

#[test]
fn what_is_on_order_is_part_of_the_projection() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        let planner = stage.client("planner");
        let path = format!("{PLANS}/P1");
        let version = planner.get(&path).header("etag").to_string();
        // Before the lot of next June ends, and after what ends with this year.
        let due = format!("{year}-06-02");
        let body = json!({ "name": "计划",
            "lines": [{ "line_no": 2, "quantity": 552, "due_on": due }] });
        planner.put(&path, Some(("if-match", &version)), &body).expect(200);
        let balance = |query: &str| {
            let to = format!("{year}-12-31");
            let path = format!("/v1/rotation/balance?region=3713&item=WATER&to={to}{query}");
            planner.get(&path).expect(200)
        };
        let least = |answer: &Value| {
            let steps = answer["steps"].as_array().unwrap().iter();
            steps.map(|step| step["effective"].as_i64().unwrap()).min().unwrap()
        };
        assert_eq!(least(&balance("")), 500, "a draft is not on order");
        pass(stage, "a", "P1", "approvals");
        let counted = balance("");
        assert_eq!(least(&counted), 800);
        let coming = json!([{ "order_no": "P1/2", "on": due, "quantity": 552 }]);
        assert_eq!(counted["on_order"]["coming"], coming);
        let to = format!("{year}-12-31");
        let path = format!("/v1/rotation/balance/explanation?region=3713&item=WATER&to={to}");
        let opened = planner.get(&path).expect(200);
        assert_eq!(least(&opened), 800, "the explanation is of the same projection");
        let arrives: Vec<&Value> = opened["steps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| step["on"] == due.as_str())
            .map(|step| &step["orders_arrive"])
            .collect();
        assert_eq!(arrives, [&json!([{ "order_no": "P1/2", "quantity": 552 }])]);
        let alone = balance("&committed=false");
        assert_eq!((least(&alone), &alone["on_order"]["coming"]), (500, &json!([])));
        let gap = planner.get("/v1/gaps?region=3713&item=WATER").expect(200)["items"][0].clone();
        assert_eq!((&gap["inbound"], &gap["gap_after_inbound"]), (&json!(552), &json!(0)));
        let ask = json!({ "region": "3713", "item": "WATER", "to": format!("{year}-12-31"),
            "purchase_lead_days": 0, "pack": "瓶", "replacement_life_months": 60 });
        let plan = planner.post("/v1/rotation/plan", "-", &ask).expect(200);
        // The order is brought forward to the first loss, and covers the second.
        assert_eq!(plan["moves"][0]["order_no"], "P1/2");
        assert_eq!(plan["purchased"], 0, "{plan}");
        let ask = with(ask, "", "committed", false);
        let plan = planner.post("/v1/rotation/plan", "-", &ask).expect(200);
        assert_eq!((&plan["moves"], &plan["purchased"]), (&json!([]), &json!(500)));
    });
}

#[test]
fn a_line_is_followed_to_its_lots_and_their_issue() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        pass(stage, "a", "P1", "approvals");
        let body = receipt_of_lot(CITY_DEPOT, "WATER", 300, "N", "2026-01-01");
        let body =
            with(with(body, "/lines/0/lot", "expires_on", "2199-01-01"), "", "order_no", "P1/2");
        let receipt = stage.book("r", &body);
        let lot_id = receipt["lines"][0]["lot_id"].clone();
        let moved = json!({ "type": "relocate", "lines": [{ "from": CITY_DEPOT, "to": DEPOT_A,
            "item": "WATER", "quantity": 100, "lot": { "lot_no": "N" } }] });
        stage.book("m", &moved);
        let used = json!({ "type": "issue", "lines": [{ "from": CITY_DEPOT, "item": "WATER",
            "quantity": 40, "lot": { "lot_no": "N" } }] });
        let issue = stage.book("i", &used);
        let path = format!("{PLANS}/P1/lines/2/trace");
        let planner = stage.client("planner");
        let trace = planner.get(&path).expect(200);
        assert_eq!((&trace["received"], &trace["outstanding"]), (&json!(300), &json!(252)));
        assert_eq!(trace["receipts"][0]["movement_id"], receipt["id"]);
        let lot = &trace["lots"][0];
        assert_eq!((&lot["lot_id"], &lot["lot_no"]), (&lot_id, &json!("N")));
        let lies = |place: &Value| (place["depot"].clone(), place["quantity"].clone());
        let mut places: Vec<_> = lot["places"].as_array().unwrap().iter().map(lies).collect();
        places.sort_by_key(|(depot, _)| depot.to_string());
        let mut expected = [(json!(CITY_DEPOT), json!(160)), (json!(DEPOT_A), json!(100))];
        expected.sort_by_key(|(depot, _)| depot.to_string());
        assert_eq!(places, expected);
        assert_eq!(lot["issues"][0]["movement_id"], issue["id"]);
        assert_eq!((&lot["issues"][0]["quantity"], &trace["withheld"]), (&json!(40), &json!(0)));
        planner.get(&format!("{PLANS}/P1/lines/9/trace")).problem(404, "not_found");
        planner.get(&format!("{PLANS}/P9/lines/1/trace")).problem(404, "not_found");
        stage.hire("planner", COUNTY_A).get(&path).problem(404, "not_found");
    });
}

#[test]
fn lines_are_a_spreadsheet_too() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        let path = format!("{PLANS}/P1/lines?format=xlsx");
        let reply = stage.client("planner").send("GET", &path, &[], None);
        assert_eq!(reply.status, 200);
        let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        assert_eq!(reply.header("content-type"), media);
        assert!(reply.text.starts_with("PK"), "a zip archive");
        let other = format!("{PLANS}/P1/lines?format=ods");
        stage.client("planner").get(&other).problem(400, "invalid_parameter");
        let elsewhere = format!("{PLANS}?format=xlsx");
        stage.client("planner").get(&elsewhere).problem(400, "invalid_parameter");
    });
}
