//! Coverage: who is reached in time, one area struck alone.
//!
//! The engine's own laws are tested beside it. Invariant: what is not known is `null` with a
//! reason.

use serde_json::{Value, json};

use crate::stage::{Stage, on_each, rows};
use crate::support::forms::{issue, receipt, receipt_of_lot, with};
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

/// All townships, without the detail that is worked out anew each time.
fn townships(stage: &Stage, query: &str) -> Value {
    let path = format!("/v1/coverage?region=3713&tier=township{query}");
    let mut answer = stage.client("planner").get(&path).expect(200);
    for row in answer["items"].as_array_mut().unwrap() {
        row["detail"] = Value::Null;
    }
    answer
}

#[test]
fn what_is_polled_after_each_movement_is_what_a_survey_tells() {
    on_each(|stage| {
        settle(stage);
        for (n, (depot, item, quantity)) in [
            (CITY_DEPOT, "QUILT", 700),
            (DEPOT_A, "WATER", 1_000),
            (DEPOT_A, "QUILT", 3),
            (CITY_DEPOT, "WATER", 9_000),
        ]
        .into_iter()
        .enumerate()
        {
            for query in ["", "&scope=city", "&scope=any&order=worst&limit=1"] {
                let surveyed = townships(stage, &format!("{query}&detail=true"));
                assert_eq!(townships(stage, query), surveyed, "{query}");
                assert_eq!(surveyed["ledger_seq"], stage.seq());
            }
            stage.book(
                &format!("polled-{n}"),
                &receipt_of_lot(depot, item, quantity, "M", "2190-01-01"),
            );
        }
        stage.book("gone", &issue(CITY_DEPOT, "QUILT", 1_700));
        assert_eq!(townships(stage, ""), townships(stage, "&detail=true"));
    });
}

#[test]
fn more_time_reaches_no_fewer_and_more_days_no_more() {
    on_each(|stage| {
        settle(stage);
        let coverage = |query: &str| township(stage, query)["coverage"].as_f64().unwrap();
        let hours = [1, 2, 3, 4, 5, 6, 12, 72, 720];
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
        for query in ["hours=-1", "tier=x", "scope=x", "clock=x", "colour=red"] {
            let reply = planner.get(&format!("/v1/coverage?{query}"));
            reply.problem(400, "invalid_parameter");
        }
        for (query, name) in [
            ("days=0", "days"),
            ("days=367", "days"),
            ("tier=province", "tier"),
            ("hours=0", "hours"),
            ("hours=721", "hours"),
            ("hours=10000", "hours"),
            ("speed_percent=0", "speed_percent"),
            ("speed_percent=101", "speed_percent"),
        ] {
            let reply = planner.get(&format!("/v1/coverage?region=3713&{query}"));
            let problem = reply.problem(422, "invalid_value");
            assert_eq!(problem["errors"][0]["pointer"], name);
        }
        for (query, name) in [
            ("surviving_percent=101", "surviving_percent"),
            ("closed=3713&reopens_h=721", "reopens_h"),
        ] {
            let problem = planner.get(&format!("/v1/coverage?{query}"));
            let problem = problem.problem(400, "invalid_parameter");
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

#[test]
fn detail_tells_the_curve_the_modes_the_loss_and_what_would_close_it() {
    on_each(|stage| {
        settle(stage);
        assert_eq!(township(stage, "")["detail"], Value::Null);
        let row = township(stage, "&detail=true");
        let detail = &row["detail"];
        assert_eq!(detail["class"], "not_covered", "{row}");
        let curve = detail["curve"].as_array().unwrap();
        assert_eq!(curve.last().unwrap()["coverage"], 0.6);
        assert_eq!(curve.last().unwrap()["persons_covered"], 1_200);
        assert_eq!(detail["curve_thinned"], false);
        // The city's quilts and its water come together; without them there is no water at all.
        let loss = &detail["loss"];
        assert_eq!((&loss["depot"], &loss["coverage"]), (&json!(CITY_DEPOT), &json!(0.0)));
        assert_eq!((&loss["need"], &loss["full_at_min"]), (&json!("water"), &Value::Null));
        let remedy = &detail["remedy"];
        assert_eq!((&remedy["short_ever"], &remedy["depot"]), (&json!(800), &Value::Null));
        let margin = &detail["margin"];
        assert_eq!((&margin["need"], &margin["times"]), (&json!("bedding"), &json!(0.6)));
        for mode in ["gov_only", "gov_agreement", "all_modes"] {
            assert_eq!(detail["modes"][mode]["coverage"], 0.6, "{mode}");
        }
        assert_eq!(detail["modes"]["unconfirmed"], 0);
        let told = detail["sentences"].as_array().unwrap();
        let first = told[0].as_str().unwrap();
        assert!(first.contains("1200 of 2000 people"), "{first}");
        // A planner of the county may not see where the city's goods lie.
        let path = "/v1/coverage?tier=township&detail=true";
        let answer = stage.hire("planner", "371302").get(path).expect(200);
        let hidden = &answer["items"][0]["detail"]["loss"];
        assert_eq!((&hidden["depot"], &hidden["coverage"]), (&Value::Null, &json!(0.0)));
        let needs = row["needs"].as_array().unwrap();
        assert!(needs.iter().all(|need| need.get("met_at_min").is_some()), "{needs:?}");
        let csv = "/v1/coverage?region=371302&tier=township&detail=true&format=csv";
        let text = stage.client("planner").get(csv).text;
        assert!(text.contains("detail.class") && text.contains("detail.loss.depot"), "{text}");
    });
}

#[test]
fn a_shock_takes_its_share_of_what_lies_in_the_struck_region() {
    on_each(|stage| {
        settle(stage);
        let coverage = |query: &str| township(stage, query)["coverage"].clone();
        // Nothing lies in the township; the county has 200 of the 1,200 quilts.
        assert_eq!(coverage("&surviving_percent=0"), 0.6);
        assert_eq!(coverage("&surviving_percent=0&shock=county"), 0.5);
        assert_eq!(coverage("&surviving_percent=50&shock=county"), 0.55);
        assert_eq!(coverage("&surviving_percent=100&shock=city"), 0.6);
        assert_eq!(coverage("&surviving_percent=0&shock=city"), 0.0);
        let planner = stage.client("planner");
        for query in ["surviving_percent=101", "shock=county", "shock=x&surviving_percent=1"] {
            let reply = planner.get(&format!("/v1/coverage?region=3713&{query}"));
            reply.problem(400, "invalid_parameter");
        }
    });
}

#[test]
fn totals_count_unknown_areas_apart_and_the_worst_come_first() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let path = "/v1/coverage?region=3713&tier=county&order=worst&limit=1";
        let answer = planner.get(path).expect(200);
        let totals = &answer["totals"];
        assert_eq!((&totals["areas"], &totals["unknown_areas"]), (&json!(2), &json!(0)));
        assert_eq!(answer["row_count"], 2);
        assert_eq!(answer["items"][0]["region"], totals["worst_region"], "{answer}");
        strip(stage, "371311", &["planned_displaced"]);
        let answer = planner.get(path).expect(200);
        assert_eq!(answer["items"][0]["region"], "371311000000");
        assert_eq!(answer["items"][0]["coverage"], Value::Null);
        let totals = &answer["totals"];
        assert_eq!((&totals["unknown_areas"], &totals["areas"]), (&json!(1), &json!(2)));
        assert_eq!(totals["worst_region"], "371302000000");
        planner.get("/v1/coverage?region=3713&order=best").problem(400, "invalid_parameter");
    });
}
