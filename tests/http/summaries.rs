//! Summaries: what the province pulls, with totals that prove it whole.
//!
//! How rows come about is tested beside `domain::summary`. Invariant: the totals are the sums of
//! the rows.

use serde_json::{Value, json};

use crate::stage::{Stage, each, on_each, rows};
use crate::support::forms::{issue, receipt, receipt_of_lot, with};
use crate::support::records::{item, quota, quota_id};
use crate::support::world::{CITY_DEPOT, COUNTY_A, DEPOT_A, DEPOT_B, DEPOT_T};

const SUMS: [&str; 17] = [
    "depot_count",
    "on_hand",
    "effective",
    "reserved",
    "quarantine",
    "damaged",
    "expired",
    "overdue_storage",
    "in_transit",
    "on_loan",
    "quota",
    "gap",
    "expiring_30d",
    "expiring_90d",
    "expiring_180d",
    "expiring_365d",
    "row_count",
];

fn fill(stage: &Stage) {
    stage.book("q", &receipt(CITY_DEPOT, "QUILT", 100));
    stage.book("t-a", &receipt(DEPOT_A, "TENT", 30));
    stage.book("t-t", &receipt(DEPOT_T, "TENT", 7));
    stage.book("t-b", &receipt(DEPOT_B, "TENT", 11));
    stage.book("old", &receipt_of_lot(DEPOT_B, "WATER", 24, "old", "2025-01-01"));
    let theirs = with(receipt(CITY_DEPOT, "TENT", 13), "/lines/0", "owner", "SD-YJ");
    stage.book("p", &theirs);
    let planner = stage.client("planner");
    for (digits, place, item, target) in [
        (1, "3713", "QUILT", 120),
        (2, "3713", "TENT", 20),
        (3, "371302", "TENT", 40),
        (4, "371311", "TENT", 10),
    ] {
        let path = format!("/v1/quotas/{}", quota_id(digits));
        planner.create(&path, &quota(digits, place, item, target, 0));
    }
}

fn pull(stage: &Stage, query: &str) -> Value {
    stage.client("province").get(&format!("/v1/summaries?region=3713{query}")).expect(200)
}

fn row<'a>(answer: &'a Value, owner: &str, custody: &str, item: &str) -> &'a Value {
    let mut found = rows(answer).iter().filter(|row| {
        row["owner_region"] == owner && row["custody_region"] == custody && row["item"] == item
    });
    found.next().unwrap_or_else(|| panic!("no {owner} {custody} {item} in {answer}"))
}

#[test]
fn totals_are_the_sums_of_the_rows() {
    on_each(|stage| {
        fill(stage);
        for query in [
            "",
            "&by=item&tier=city",
            "&by=need",
            "&by=function_class",
            "&tier=township",
            "&tier=county",
            "&tier=city&owner_tier=city",
            "&owner_tier=county&by=need",
        ] {
            let answer = pull(stage, query);
            let totals = &answer["totals"];
            for name in SUMS {
                let sum = |row: &Value| row.get(name).map_or(1, |cell| cell.as_i64().unwrap());
                let sum: i64 = rows(&answer).iter().map(sum).sum();
                assert_eq!(totals[name], sum, "{name} of {query}: {answer}");
            }
            assert_eq!(totals["hash"].as_str().unwrap().len(), 64);
            for row in rows(&answer) {
                let parts = [
                    "effective",
                    "reserved",
                    "expired",
                    "overdue_storage",
                    "damaged",
                    "quarantine",
                ]
                .map(|name| row[name].as_i64().unwrap());
                assert_eq!(row["on_hand"], parts.iter().sum::<i64>(), "{row}");
            }
        }
        let items = pull(stage, "");
        assert_eq!(items["totals"]["on_hand"], 100 + 30 + 7 + 11 + 24 + 13);
        assert_eq!(items["totals"]["in_transit"], 0);
        assert_eq!((&items["totals"]["quota"], &items["totals"]["gap"]), (&json!(190), &json!(43)));
    });
}

#[test]
fn a_row_is_one_owners_goods_in_one_place() {
    on_each(|stage| {
        fill(stage);
        let answer = pull(stage, "");
        let (city, a, b) = ("371300000000", "371302000000", "371311000000");
        let quilts = row(&answer, city, city, "QUILT");
        assert_eq!((&quilts["quota"], &quilts["gap"]), (&json!(120), &json!(20)));
        assert_eq!((&quilts["depot_count"], &quilts["effective"]), (&json!(1), &json!(100)));
        assert_eq!(
            (&quilts["owner_tier"], &quilts["mode"]),
            (&json!("city"), &json!("gov_physical"))
        );
        let tents = row(&answer, a, a, "TENT");
        assert_eq!((&tents["depot_count"], &tents["on_hand"]), (&json!(2), &json!(37)));
        assert_eq!((&tents["quota"], &tents["gap"]), (&json!(40), &json!(3)));
        assert!(tents["last_movement_at"].is_string(), "{tents}");
        let water = row(&answer, b, b, "WATER");
        assert_eq!((&water["expired"], &water["effective"]), (&json!(24), &json!(0)));
        // The province's goods are its own, in the city's keeping, and no part of the city's gap.
        let theirs = row(&answer, "370000000000", city, "TENT");
        assert_eq!((&theirs["owner_tier"], &theirs["on_hand"]), (&json!("province"), &json!(13)));
        assert_eq!((&theirs["quota"], &theirs["gap"]), (&json!(0), &json!(0)));
        let own = row(&answer, city, city, "TENT");
        assert_eq!(
            (&own["on_hand"], &own["quota"], &own["gap"]),
            (&json!(0), &json!(20), &json!(20))
        );
        let gaps = stage.client("planner").get("/v1/gaps?region=3713&item=TENT").expect(200);
        assert_eq!(
            (&gaps["items"][0]["gap"], &gaps["items"][0]["effective"]),
            (&json!(20), &json!(0))
        );
        let needs = pull(stage, "&by=need");
        assert!(each(&needs, "need").contains(&&json!("bedding")), "{needs}");
        let classes = pull(stage, "&by=function_class");
        assert!(each(&classes, "function_class").iter().all(|class| *class == "living"));
    });
}

#[test]
fn owners_are_rolled_up_where_that_is_asked() {
    on_each(|stage| {
        fill(stage);
        let (city, province) = (json!("371300000000"), json!("370000000000"));
        let answer = pull(stage, "&tier=city&owner_tier=city");
        let owners = each(&answer, "owner_region");
        assert!(owners.iter().all(|owner| **owner == city || **owner == province), "{answer}");
        assert!(owners.contains(&&province), "who stands above the tier stays what it is");
        assert!(each(&answer, "owner_tier").contains(&&json!("city")));
        let tents = row(&answer, "371300000000", "371300000000", "TENT");
        assert_eq!((&tents["quota"], &tents["gap"]), (&json!(70), &json!(23)), "{tents}");
        let refused = stage.client("province").get("/v1/summaries?region=3713&owner_tier=street");
        refused.problem(400, "invalid_parameter");
    });
}

#[test]
fn the_hash_is_of_the_rows() {
    on_each(|stage| {
        fill(stage);
        let hash = |query: &str| pull(stage, query)["totals"]["hash"].clone();
        let before = hash("");
        assert_eq!(hash(""), before);
        assert_eq!(hash("&limit=1"), before);
        assert_ne!(hash("&by=need"), before);
        let zh = stage.client("province");
        let zh = zh.send("GET", "/v1/summaries?region=3713", &[("accept-language", "zh")], None);
        assert_eq!(zh.expect(200)["totals"]["hash"], before);
        stage.refused("no", &issue(DEPOT_A, "TENT", 99)).problem(409, "insufficient_stock");
        assert_eq!(hash(""), before);
        stage.book("yes", &issue(DEPOT_A, "TENT", 1));
        let after = hash("");
        assert_ne!(after, before);
        let path = format!("/v1/quotas/{}", quota_id(5));
        stage.client("planner").create(&path, &quota(5, "371311", "QUILT", 3, 0));
        assert_ne!(hash(""), after);
    });
}

#[test]
fn a_limit_cuts_rows_and_not_totals() {
    on_each(|stage| {
        fill(stage);
        let whole = pull(stage, "");
        let count = rows(&whole).len();
        for limit in [1, 2, count, count + 1] {
            let cut = pull(stage, &format!("&limit={limit}"));
            assert_eq!(rows(&cut)[..], rows(&whole)[..limit.min(count)]);
            assert_eq!((&cut["totals"], &cut["row_count"]), (&whole["totals"], &json!(count)));
            assert_eq!(cut["next"], Value::Null);
        }
        for query in ["limit=0", "by=colour", "tier=x", "item=TENT"] {
            let reply = stage.client("province").get(&format!("/v1/summaries?{query}"));
            reply.problem(400, "invalid_parameter");
        }
    });
}

#[test]
fn a_county_gets_its_own_and_the_whole_is_the_sum_of_its_parts() {
    on_each(|stage| {
        fill(stage);
        let ours = stage.hire("province", COUNTY_A);
        let part = ours.get("/v1/summaries").expect(200);
        assert_eq!(part["region"], "371302000000");
        assert_eq!(part["totals"]["on_hand"], 37);
        ours.get("/v1/summaries?region=3713").problem(404, "not_found");
        let province = stage.client("province").get("/v1/summaries").expect(200);
        assert_eq!(province["region"], "370000000000");
        assert_eq!(province["totals"]["on_hand"], pull(stage, "")["totals"]["on_hand"]);
        // No personal data and no prices.
        for row in rows(&province) {
            for field in row.as_object().unwrap().keys() {
                assert!(!field.contains("price") && !field.contains("_by"), "{field}");
            }
        }
    });
}

#[test]
fn units_are_told_and_understood_in_either_language() {
    on_each(|stage| {
        let blanket = with(item("BLANKET"), "", "unit_en", "piece");
        stage.client("admin").create("/v1/items/BLANKET", &blanket);
        stage.book("b", &with(receipt(CITY_DEPOT, "BLANKET", 5), "/lines/0", "unit", "piece"));
        let wrong = with(receipt(CITY_DEPOT, "BLANKET", 5), "/lines/0", "unit", "sheet");
        stage.refused("w", &wrong);
        let path = format!("/v1/quotas/{}", quota_id(9));
        let planner = stage.client("planner");
        planner.create(&path, &quota(9, "3713", "BLANKET", 7, 0));
        for (language, unit) in [("en", "piece"), ("zh", "条")] {
            for path in [
                "/v1/summaries?region=3713",
                "/v1/stock?region=3713&group_by=item",
                "/v1/gaps?region=3713",
                "/v1/reserves?region=3713&hours=12",
            ] {
                let headers = [("accept-language", language)];
                let answer = planner.send("GET", path, &headers, None).expect(200);
                let mut rows = rows(&answer).iter();
                let row = rows.find(|row| row["item"] == "BLANKET").expect(path);
                assert_eq!(row["unit"], unit, "{path}");
            }
        }
    });
}
