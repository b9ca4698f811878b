//! What rests on people that nobody has counted says so, whichever answer shows it.
//!
//! Rows and totals of gaps are in `planning` and `totals`. Invariant: a figure in doubt is still
//! told, beside why it is in doubt.

use serde_json::{Value, json};

use crate::planning::put_quota;
use crate::plans::draft;
use crate::stage::{Stage, on_each, rows};
use crate::support::forms::with;
use crate::support::records::quota;
use crate::totals::empty;

/// A quota of water by people of the city; nobody knows how many there are.
fn uncounted(stage: &Stage) {
    put_quota(stage, 1, with(quota(1, "3713", "WATER", 480, 480), "", "basis", "population"));
    put_quota(stage, 2, quota(2, "3713", "QUILT", 50, 50));
    empty(stage, "3713");
}

fn told(body: &Value) -> [Value; 2] {
    ["status", "unknown_reason"].map(|name| body[name].clone())
}

fn doubted() -> [Value; 2] {
    [json!("unknown"), json!("no_population")]
}

fn known() -> [Value; 2] {
    [json!("known"), Value::Null]
}

#[test]
fn explanations_balances_and_rotation_plans_say_so() {
    on_each(|stage| {
        uncounted(stage);
        let planner = stage.client("planner");
        let ask = |path: &str| planner.get(path).expect(200);
        let gap = ask("/v1/gaps/explanation?region=3713&item=WATER");
        assert_eq!((told(&gap), &gap["account"]["gap"]), (doubted(), &json!(480)));
        assert_eq!(gap["quota"]["unknown_reason"], "no_population");
        let accounts = &gap["roll_up"]["accounts"];
        assert_eq!(
            (&accounts[0]["gap"], &accounts[0]["unknown_reason"]),
            (&json!(480), &json!("no_population"))
        );
        let headers = [("accept-language", "en")];
        let path = "/v1/gaps?region=3713&item=WATER&explain=true";
        let row = planner.send("GET", path, &headers, None).expect(200)["items"][0].clone();
        assert!(row["because"].to_string().contains("it is in doubt"), "{row}");
        assert_eq!(told(&ask("/v1/gaps/explanation?region=3713&item=QUILT")), known());
        for path in ["/v1/rotation/balance", "/v1/rotation/plan"] {
            let water = ask(&format!("{path}?region=3713&item=WATER"));
            assert_eq!((told(&water), &water["quota_reason"]), (doubted(), &Value::Null), "{path}");
            let quilts = ask(&format!("{path}?region=3713&item=QUILT"));
            assert_eq!((told(&quilts), &quilts["quota_reason"]), (known(), &Value::Null), "{path}");
            let tents = ask(&format!("{path}?region=3713&item=TENT"));
            assert_eq!(
                (told(&tents), &tents["quota_reason"]),
                (known(), &json!("no_quota")),
                "{path}"
            );
            let county = ask(&format!("{path}?region=371302&item=WATER"));
            assert_eq!(told(&county), known(), "{path}: the city's quota is not the county's");
        }
        let path = "/v1/rotation/balance/explanation?region=3713&item=WATER&from=2198-01-01";
        let steps = ask(&format!("{path}&to=2198-01-02"));
        assert_eq!(steps["first_breach"]["short"], 480, "a figure in doubt is a figure");
    });
}

#[test]
fn a_balance_is_in_doubt_only_while_the_quota_binds() {
    on_each(|stage| {
        let by_people = with(quota(1, "3713", "WATER", 480, 480), "", "basis", "population");
        put_quota(stage, 1, with(by_people, "", "effective_from", "2190-01-01"));
        empty(stage, "3713");
        let ask = |query: &str| {
            let path = format!("/v1/rotation/balance?region=3713&item=WATER&{query}");
            told(&stage.client("planner").get(&path).expect(200))
        };
        assert_eq!(ask("from=2189-01-01&to=2189-12-31"), known());
        assert_eq!(ask("from=2189-01-01&to=2190-01-01"), doubted());
    });
}

#[test]
fn lines_of_plans_say_so_and_are_counted_apart() {
    on_each(|stage| {
        uncounted(stage);
        let year = 2_190;
        draft(stage, "d", "P1", year);
        let planner = stage.client("planner");
        let plan = planner.get("/v1/plans/P1").expect(200);
        let lines = plan["lines"].as_array().unwrap().iter();
        let lines: Vec<_> = lines.map(|line| (line["item"].clone(), told(line))).collect();
        let expected = [("QUILT", known()), ("TENT", known()), ("WATER", doubted())]
            .map(|(item, told)| (json!(item), told));
        assert_eq!(lines, expected);
        assert_eq!((&plan["line_count"], &plan["lines_unknown"]), (&json!(3), &json!(1)));
        let listed = planner.get("/v1/plans").expect(200);
        assert_eq!(rows(&listed)[0]["lines_unknown"], 1);
        let table = planner.send("GET", "/v1/plans/P1/lines", &[("accept", "text/csv")], None).text;
        assert!(table.lines().last().unwrap().contains(",unknown,no_population,"), "{table}");
        let opened = planner.get("/v1/plans/P1/lines/3/explanation").expect(200);
        assert_eq!(opened["gap"]["accounts"][0]["quota"]["unknown_reason"], "no_population");
    });
}

#[test]
fn a_plan_that_comes_into_doubt_has_another_version() {
    on_each(|stage| {
        let by_people = with(quota(1, "3713", "WATER", 480, 480), "", "basis", "population");
        put_quota(stage, 1, by_people);
        draft(stage, "d", "P1", 2_190);
        let planner = stage.client("planner");
        let read = |tag: &str, language: &str| {
            let headers = [("if-none-match", tag), ("accept-language", language)];
            planner.send("GET", "/v1/plans/P1", &headers, None)
        };
        let before = read("\"0\"", "zh");
        let tag = before.header("etag").to_string();
        assert_eq!(
            (before.json()["lines_unknown"].clone(), read(&tag, "zh").status),
            (json!(0), 304)
        );
        let english = read(&tag, "en");
        assert_eq!(english.status, 200, "other words are another body");
        assert_ne!(english.header("etag"), tag);
        empty(stage, "3713");
        let after = read(&tag, "zh");
        assert_eq!(after.expect(200)["lines_unknown"], 1);
        assert_ne!(after.header("etag"), tag);
        let edit = json!({"name": "改", "lines": []});
        let put = |tag: &str| {
            let headers = [
                ("if-match", tag),
                ("accept-language", "zh"),
                ("content-type", "application/json"),
            ];
            let bytes = edit.to_string();
            planner.send("PUT", "/v1/plans/P1", &headers, Some(bytes.as_bytes()))
        };
        put(&tag).problem(412, "precondition_failed");
        let stored = put(after.header("etag"));
        stored.expect(200);
        assert_eq!(read(stored.header("etag"), "zh").status, 304, "a write gives what is read");
    });
}
