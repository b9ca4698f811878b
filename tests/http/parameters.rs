//! Wrong parameters of planning questions: all are named at once.
//!
//! Bodies are in `faults` and `bodies`. Invariant: a question with several wrong parameters is told
//! of each in one answer, whatever is wrong with it.

use serde_json::Value;

use crate::stage::{Stage, on_each};
use crate::support::world::COUNTY_A;

/// Requires exactly these parameters to be named.
#[track_caller]
fn named(stage: &Stage, path: &str, (status, code): (u16, &str), parameters: &[&str]) {
    let problem = stage.client("planner").get(path).problem(status, code);
    let errors = problem["errors"].as_array().unwrap();
    let pointers: Vec<&str> =
        errors.iter().map(|error: &Value| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, parameters, "{path}");
}

#[test]
fn every_wrong_parameter_of_a_question_is_named() {
    on_each(|stage| {
        let wrong = (400, "invalid_parameter");
        for (path, parameters) in [
            (
                "/v1/coverage?format=xml&limit=0&order=x&region=1&as_of=today&tier=x&scope=x\
                 &clock=x&closed=3713&reopens_h=721&shock=x&surviving_percent=101&closures=x",
                &[
                    "format",
                    "limit",
                    "order",
                    "region",
                    "as_of",
                    "tier",
                    "scope",
                    "clock",
                    "reopens_h",
                    "shock",
                    "closures",
                ][..],
            ),
            (
                "/v1/gaps?format=x&limit=0&view=x&tier=x&function_class=x&mode=x&as_of=x",
                &["format", "limit", "view", "tier", "function_class", "mode", "as_of"],
            ),
            (
                "/v1/gaps/donors?format=x&limit=0&as_of=x&scope=x&as=x&closures=x",
                &["format", "limit", "as_of", "scope", "as", "closures", "item"],
            ),
            (
                "/v1/gaps/explanation?limit=0&mode=x&view=x&item=QUILT&need=bedding",
                &["limit", "mode", "view", "need"],
            ),
            (
                "/v1/stock?limit=0&as_of=x&region=1&function_class=x&group_by=x&tier=x",
                &["limit", "as_of", "region", "function_class", "group_by", "tier"],
            ),
            (
                "/v1/summaries?limit=0&as_of=x&tier=x&owner_tier=x&by=x",
                &["limit", "as_of", "tier", "owner_tier", "by"],
            ),
            (
                "/v1/reserves?limit=0&as_of=x&view=x&hours=100000&tier=x",
                &["limit", "as_of", "view", "hours", "tier"],
            ),
            (
                "/v1/reopenings?limit=0&hours=0&group_by=x&tier=x&from=x&to=x&cause=x&kind=x",
                &["limit", "hours", "group_by", "tier", "from", "to", "cause", "kind"],
            ),
            (
                "/v1/rotation?limit=0&as_of=x&within_days=100000&region=1",
                &["limit", "as_of", "within_days", "region"],
            ),
            ("/v1/rotation/balance?item=QUILT&format=x&from=x&to=x", &["format", "from", "to"]),
            (
                "/v1/rotation/balance/explanation?item=QUILT&limit=0&from=x&to=x",
                &["limit", "from", "to"],
            ),
            ("/v1/rotation/plan?item=QUILT&format=x&region=1&to=x", &["format", "region", "to"]),
            ("/v1/events?limit=0&status=x&format=x", &["format", "limit", "status"]),
        ] {
            named(stage, path, wrong, parameters);
        }
        // What only looking it up would tell comes once all parameters can be read.
        named(stage, "/v1/gaps?item=NOPE&tier=x", wrong, &["tier"]);
        stage.client("planner").get("/v1/gaps?item=NOPE").problem(404, "not_found");
    });
}

#[test]
fn every_value_that_cannot_be_is_named() {
    on_each(|stage| {
        let path =
            format!("/v1/coverage?region={COUNTY_A}&hours=0&days=0&speed_percent=0&tier=province");
        let values = ["hours", "days", "speed_percent", "tier"];
        named(stage, &path, (422, "invalid_value"), &values);
    });
}
