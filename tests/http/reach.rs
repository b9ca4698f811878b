//! Coverage: who is reached in time, one area struck alone.
//!
//! The engine's own laws are tested beside it. Invariant: what is not known is `null` with a
//! reason.

use serde_json::{Value, json};

use crate::stage::{Stage, on_each, rows};
use crate::support::forms::{receipt, receipt_of_lot, with};
use crate::support::records::profile;
use crate::support::world::{CITY_DEPOT, DEPOT_A};

/// The city's parameters, 1000 quilts and water for all in the city, 200 quilts in the county.
fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("q", &receipt(CITY_DEPOT, "QUILT", 1_000));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 12_000, "L", "2190-01-01"));
    stage.book("a", &receipt(DEPOT_A, "QUILT", 200));
}

/// The township's row.
fn township(stage: &Stage, query: &str) -> Value {
    let path = format!("/v1/coverage?region=371302&tier=township{query}");
    let answer = stage.client("planner").get(&path).expect(200);
    assert_eq!(rows(&answer).len(), 1, "{answer}");
    answer["items"][0].clone()
}

#[test]
fn coverage_needs_the_citys_parameters() {
    on_each(|stage| {
        let row = township(stage, "");
        assert_eq!((&row["coverage"], &row["compliant"]), (&Value::Null, &Value::Null));
        assert_eq!(
            (&row["binding"]["reason"], &row["binding"]["missing"]),
            (&json!("unknown"), &json!("profile"))
        );
        settle(stage);
        let row = township(stage, "");
        assert_eq!(row["coverage"], 0.6, "{row}");
        assert_eq!((&row["persons_covered"], &row["compliant"]), (&json!(1_200), &json!(false)));
        assert_eq!((&row["hours"], &row["clock"]), (&json!(12), &json!("disaster")));
        assert_eq!(
            (&row["population"], &row["planned_displaced"]),
            (&json!(100_000), &json!(2_000))
        );
        assert_eq!(
            (&row["binding"]["need"], &row["binding"]["reason"]),
            (&json!("bedding"), &json!("stock"))
        );
        assert_eq!((&row["binding"]["short"], &row["full_at_min"]), (&json!(800), &Value::Null));
        let layers = &row["layers"];
        assert_eq!((&layers["city"], &layers["province"]), (&json!(0.6), &json!(0.6)));
        assert_eq!((&layers["own"], &layers["isolated"]), (&json!(0.0), &json!(0.0)));
        assert!(layers["county"].as_f64() <= layers["city"].as_f64(), "{layers}");
        let needs: Vec<_> = row["needs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|need| (&need["need"], &need["required"], &need["reachable"], &need["coverage"]))
            .collect();
        assert!(needs.contains(&(&json!("bedding"), &json!(2_000), &json!(1_200), &json!(0.6))));
        assert!(needs.iter().any(|need| need.0 == "water" && need.3 == 1.0), "{needs:?}");
        stage.book("more", &receipt(CITY_DEPOT, "QUILT", 800));
        let row = township(stage, "");
        assert_eq!((&row["coverage"], &row["compliant"]), (&json!(1.0), &json!(true)));
        assert!(row["full_at_min"].as_i64().unwrap() > 0, "{row}");
    });
}

#[test]
fn more_time_reaches_no_fewer_and_more_days_no_more() {
    on_each(|stage| {
        settle(stage);
        let coverage = |query: &str| township(stage, query)["coverage"].as_f64().unwrap();
        let hours = [0, 1, 3, 4, 5, 6, 12, 72, 720];
        let found: Vec<f64> = hours.iter().map(|n| coverage(&format!("&hours={n}"))).collect();
        assert!(found.is_sorted(), "{found:?}");
        assert_eq!((found[0], found[8]), (0.0, 0.6));
        assert_eq!(coverage("&hours=5"), 0.0);
        assert_eq!(coverage("&hours=6"), 0.6);
        let row = township(stage, "&hours=5");
        assert_eq!(row["binding"]["reason"], "time");
        let days: Vec<f64> =
            [1, 2, 3, 366].iter().map(|n| coverage(&format!("&days={n}"))).collect();
        assert!(days.iter().rev().is_sorted(), "{days:?}");
        assert_eq!(coverage("&days=2"), 0.5);
        assert!(coverage("&clock=order&hours=5") >= coverage("&clock=disaster&hours=5"));
        let planner = stage.client("planner");
        for query in ["hours=721", "hours=-1", "tier=x", "scope=x", "clock=x", "colour=red"] {
            let reply = planner.get(&format!("/v1/coverage?{query}"));
            reply.problem(400, "invalid_parameter");
        }
        for (query, name) in [("days=0", "days"), ("days=367", "days"), ("tier=province", "tier")] {
            let reply = planner.get(&format!("/v1/coverage?region=3713&{query}"));
            let problem = reply.problem(422, "invalid_value");
            assert_eq!(problem["errors"][0]["pointer"], name);
        }
    });
}

#[test]
fn goods_owned_above_the_city_count_where_asked_for() {
    on_each(|stage| {
        settle(stage);
        let theirs = with(receipt(CITY_DEPOT, "QUILT", 200), "/lines/0", "owner", "SD-YJ");
        stage.book("p", &theirs);
        let row = township(stage, "&hours=72");
        assert_eq!(row["coverage"], 0.6);
        assert_eq!(row["layers"]["province"], 0.7);
        for (scope, share) in [("own_chain", 0.6), ("city", 0.6), ("province", 0.7), ("any", 0.7)] {
            let row = township(stage, &format!("&hours=72&scope={scope}"));
            assert_eq!(row["coverage"], share, "{scope}: {row}");
        }
    });
}

/// Takes optional fields away from a region.
fn strip(stage: &Stage, code: &str, fields: &[&str]) {
    let (admin, path) = (stage.client("admin"), format!("/v1/regions/{code}"));
    let read = admin.get(&path);
    let mut body = read.json();
    body.as_object_mut().unwrap().retain(|name, _| !fields.contains(&name.as_str()));
    admin.put(&path, Some(("if-match", read.header("etag"))), &body).expect(200);
}

#[test]
fn what_is_not_known_is_not_counted() {
    on_each(|stage| {
        settle(stage);
        // Without a place of its own it stands where the region above stands, and says so.
        assert_eq!(township(stage, "")["inherited_location"], false);
        strip(stage, "371302101", &["lon", "lat"]);
        let row = township(stage, "");
        assert_eq!((&row["inherited_location"], &row["coverage"]), (&json!(true), &json!(0.6)));
        let unknown = |missing: &str| {
            let row = township(stage, "");
            for field in ["coverage", "persons_covered", "compliant", "full_at_min"] {
                assert_eq!(row[field], Value::Null, "{field}: {row}");
            }
            assert_eq!(row["binding"]["reason"], "unknown");
            assert_eq!(row["binding"]["missing"], missing, "{row}");
        };
        for above in ["371302", "3713", "37"] {
            strip(stage, above, &["lon", "lat"]);
        }
        unknown("location");
        strip(stage, "371302101", &["planned_displaced"]);
        unknown("planned_displaced");
    });
}

#[test]
fn areas_are_of_the_tier_asked_for() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let find = |query: &str| {
            let answer = planner.get(&format!("/v1/coverage?region=3713{query}")).expect(200);
            let codes = rows(&answer).iter().map(|row| row["region"].as_str().unwrap().to_string());
            (codes.collect::<Vec<_>>(), answer["row_count"].as_u64().unwrap())
        };
        let counties = vec!["371302000000".to_string(), "371311000000".to_string()];
        assert_eq!(find("&tier=county"), (counties.clone(), 2));
        assert_eq!(find("&tier=county&limit=1"), (counties[..1].to_vec(), 2));
        assert_eq!(find("&tier=city"), (vec!["371300000000".to_string()], 1));
        assert_eq!(find("&tier=village"), (Vec::new(), 0));
    });
}
