//! Totals of gaps: of all rows, and what is not known apart.
//!
//! Those of reserves are in `reserves`, of summaries in `summaries`. Invariant: `limit` and the
//! order of rows change no total.

use serde_json::{Value, json};

use crate::planning::{ROLL_UP, figures, put_quota, worked_example};
use crate::stage::{Stage, on_each, rows};
use crate::support::Client;
use crate::support::forms::with;
use crate::support::records::quota;

#[test]
fn totals_are_of_all_rows_whatever_is_kept_of_them() {
    on_each(|stage| {
        worked_example(stage);
        let planner = stage.client("planner");
        let ask = |caller: &Client, query: &str| {
            let answer = caller.get(&format!("/v1/gaps?{query}")).expect(200);
            (rows(&answer).len(), answer["totals"].clone())
        };
        let (_, city) = ask(&planner, "region=3713&item=QUILT");
        let known = city["goods"][0]["known"].clone();
        assert_eq!(figures(&known, &ROLL_UP), [3_320, 3_480, 200, 360, 0, 200]);
        assert_eq!((&known["fill_rate"], &known["attainment_rate"]), (&json!(0.9397), &json!(0.6)));
        let named = ["item", "need", "unit", "unknown"].map(|name| &city["goods"][0][name]);
        assert_eq!(named, [&json!("QUILT"), &Value::Null, &json!("床"), &Value::Null]);
        // Counties and what is below them: surplus of one could go to the other.
        let (count, counties) = ask(&planner, "region=3713&tier=county&limit=1");
        assert_eq!((count, &counties["known_rows"]), (1, &json!(2)));
        let known = counties["goods"][0]["known"].clone();
        assert_eq!(figures(&known, &ROLL_UP), [1_320, 1_180, 200, 60, 140, 60]);
        assert_eq!(figures(&known, &["rows", "quota", "effective", "gap"]), [2, 1_200, 1_090, 150]);
        assert_eq!(known["gap_net_vertical"], 200, "no county's surplus goes to the other");
        assert_eq!(known["owned_above"], Value::Null);
        let (_, custody) = ask(&planner, "region=3713&tier=county&view=custody");
        assert_eq!(custody["goods"][0]["known"]["owned_above"], 0);
        // What lies out of scope is in no total.
        let (_, scoped) = ask(&stage.hire("planner", "371302"), "tier=county");
        assert_eq!(scoped["goods"][0]["known"]["gap_sum"], 200);
        assert_eq!(figures(&scoped["goods"][0]["known"], &["rows", "surplus_sum"]), [1, 20]);
    });
}

/// Leaves nobody to be counted in a region.
pub fn empty(stage: &Stage, place: &str) {
    let (admin, path) = (stage.client("admin"), format!("/v1/regions/{place}"));
    let read = admin.get(&path);
    let mut body = read.json();
    let fields = body.as_object_mut().unwrap();
    fields.retain(|name, _| !["population", "planned_displaced"].contains(&name.as_str()));
    admin.put(&path, Some(("if-match", read.header("etag"))), &body).expect(200);
}

#[test]
fn rows_that_rest_on_missing_data_are_in_no_known_total() {
    on_each(|stage| {
        for (digits, place) in [(1, "3713"), (2, "371302"), (3, "371311")] {
            let body = quota(digits, place, "TENT", 10, 5);
            put_quota(stage, digits, with(body, "", "basis", "population"));
        }
        empty(stage, "371302");
        let answer = stage.client("planner").get("/v1/gaps?region=3713").expect(200);
        let totals = &answer["totals"];
        let parts = ["known_rows", "unknown_rows", "unknown_lines"].map(|name| &totals[name]);
        let counts = |reason: &str| {
            let all = ["no_declaration", "no_fulfilment", "no_population", "no_profile"];
            let all = all.into_iter().chain(["no_register", "old_declaration"]);
            all.map(|of| (of.to_string(), json!(i64::from(of == reason)))).collect::<Value>()
        };
        let one = counts("no_population");
        assert_eq!(parts, [&json!(0), &one, &one]);
        let goods = &totals["goods"][0];
        let known = ["rows", "gap_sum", "fill_rate"].map(|name| &goods["known"][name]);
        assert_eq!(known, [&json!(0), &json!(0), &Value::Null]);
        assert_eq!(figures(&goods["unknown"], &["rows", "lines", "gap_sum"]), [1, 3, 30]);
        let path = "/v1/gaps?region=3713&tier=county&limit=1";
        let answer = stage.client("planner").get(path).expect(200);
        let goods = &answer["totals"]["goods"][0];
        assert_eq!((&goods["known"]["rows"], &goods["known"]["gap"]), (&json!(1), &json!(10)));
        assert_eq!(
            (&goods["unknown"]["rows"], &goods["unknown"]["quota"]),
            (&json!(1), &json!(10))
        );
    });
}
