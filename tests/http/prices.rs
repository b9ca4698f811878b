//! Prices have their readers: no answer shows the province one, in any form.
//!
//! Stock by lot is in `stock`. Invariant: whoever may not see prices of plans sees no sign of them,
//! neither figures nor names, nor what follows from them.

use serde_json::json;

use crate::plans::{PLANS, draft, pass, water};
use crate::stage::{Stage, on_each};
use crate::support::forms::{receipt_of_lot, with};
use crate::support::world::CITY_DEPOT;

/// What tells a price or a budget: words of fields and headings, and the plan's own figures.
const SIGNS: [&str; 12] = [
    "fen",
    "yuan",
    "price",
    "budget",
    "amount_",
    "cumulative",
    "totals",
    "元",
    "预算",
    "82800",
    "828.00",
    "80000",
];

/// A plan with a budget of 800 yuan, whose water costs 828 and has come in part.
fn bought(stage: &Stage) {
    let year = water(stage);
    draft(stage, "d", "P1", year);
    pass(stage, "a", "P1", "approvals");
    let body = receipt_of_lot(CITY_DEPOT, "WATER", 100, "N", "2199-01-01");
    let body = with(body, "/lines/0/lot", "unit_price_fen", 150);
    stage.book("r", &with(body, "", "order_no", "P1/2"));
}

#[test]
fn no_form_of_a_plan_shows_the_province_a_price() {
    on_each(|stage| {
        bought(stage);
        let line = format!("{PLANS}/P1/lines/2");
        let told =
            [PLANS, &format!("{PLANS}/P1"), &format!("{PLANS}/P1/lines")].map(str::to_string);
        let told = told.into_iter().chain([format!("{line}/explanation")]);
        let other = [
            format!("{line}/trace"),
            "/v1/rotation/plan?region=3713&item=WATER&detail=true".to_string(),
            "/v1/rotation?region=3713".to_string(),
            "/v1/rotation/balance/explanation?region=3713&item=WATER".to_string(),
            "/v1/gaps/explanation?region=3713&item=WATER".to_string(),
        ];
        let told: Vec<_> = told.map(|path| (path, true)).collect();
        for (path, has_prices) in told.into_iter().chain(other.map(|path| (path, false))) {
            for (accept, language) in
                [("*/*", "zh"), ("*/*", "en"), ("text/csv", "zh"), ("text/csv", "en")]
            {
                let headers = [("accept", accept), ("accept-language", language)];
                let seen = |holder| stage.client(holder).send("GET", &path, &headers, None);
                let reply = seen("province");
                if path.ends_with("/trace") && accept == "text/csv" {
                    continue;
                }
                assert_eq!(reply.status, 200, "{path}: {}", reply.text);
                let found: Vec<_> =
                    SIGNS.iter().filter(|sign| reply.text.contains(**sign)).collect();
                assert!(
                    found.is_empty(),
                    "{path} {accept} {language}: {found:?} in {}",
                    reply.text
                );
                if has_prices && accept == "*/*" {
                    let text = seen("planner").text;
                    assert!(text.contains("82800"), "{path}: {text}");
                }
            }
        }
        // The sheet is of the same cells as the table.
        let sheet =
            |holder| stage.client(holder).get(&format!("{PLANS}/P1/lines?format=xlsx")).text.len();
        assert!(sheet("province") < sheet("planner"));
    });
}

#[test]
fn what_a_planner_writes_shows_prices_to_planners() {
    on_each(|stage| {
        bought(stage);
        let body = json!({ "code": "P2", "name": "二", "region": "3713", "year": 2_190 });
        let drafted = stage.client("planner").post(PLANS, "p2", &body).expect(201);
        assert_eq!(drafted["totals"]["lines_unpriced"], 0);
        stage.client("province").post(PLANS, "p3", &body).problem(403, "forbidden");
    });
}
