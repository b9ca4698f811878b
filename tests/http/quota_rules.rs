//! Quota rules: previews, adoptions, and what is refused.
//!
//! Formulas are tested in `domain`. Invariant: what a preview shows is what an adoption writes.

use serde_json::{Value, json};

use crate::stage::{Stage, each, on_each, rows};
use crate::support::forms::with;
use crate::support::records::{quota, quota_id, quota_rule, region};
use crate::support::sql::run;
use crate::support::world::COUNTY_A;
use crate::support::{Client, Reply};

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));
const RULE: &str = "/v1/quota-rules/QUILT-COUNTY";
const ADOPT: &str = "/v1/quota-rules/QUILT-COUNTY/adoptions";
/// The first day of new quotas in these tests.
const DAY: &str = "2040-01-01";

fn rule() -> Value {
    quota_rule("QUILT-COUNTY", "3713", "county", "QUILT")
}

fn preview(client: &Client, query: &str) -> Value {
    client.get(&format!("{RULE}/preview?as_of={DAY}{query}")).expect(200)
}

fn adopt(client: &Client, key: &str, body: &Value) -> Reply {
    client.post(ADOPT, key, body)
}

fn on_day() -> Value {
    json!({ "effective_from": DAY })
}

/// County B's people have not been counted.
fn uncount(stage: &Stage) {
    let admin = stage.client("admin");
    let mut county = admin.get("/v1/regions/371311").expect(200);
    county.as_object_mut().unwrap().remove("planned_displaced");
    admin.put("/v1/regions/371311", Some(("if-match", "*")), &county).expect(200);
}

fn revision(stage: &Stage) -> Value {
    stage.anonymous().get("/readyz").expect(200)["reference_rev"].clone()
}

#[test]
fn a_preview_shows_what_an_adoption_writes() {
    on_each(|stage| {
        let planner = stage.client("planner");
        planner.create(RULE, &rule());
        let old = quota(1, "371302", "QUILT", 1_000, 900);
        planner.create(&format!("/v1/quotas/{}", quota_id(1)), &old);
        uncount(stage);
        let shown = preview(&planner, "");
        assert_eq!(each(&shown, "status"), ["changed", "new", "unknown", "unknown"]);
        // 2,000 people × 1 quilt × 1.1 × 0.7 = 1,540 = 64.2 packs of 24, so 65.
        assert_eq!(each(&shown, "target")[..2], [&json!(1_560), &json!(672)]);
        assert_eq!(each(&shown, "floor")[..2], [&json!(1_248), &json!(538)]);
        let first = &rows(&shown)[0];
        assert_eq!((&first["quota"], &first["change"]), (&json!(1_000), &json!(560)));
        assert_eq!((&first["quota_id"], &first["people"]), (&json!(quota_id(1)), &json!(2_000)));
        let last = &rows(&shown)[3];
        assert_eq!((&last["reason"], &last["target"]), (&json!("no_population"), &Value::Null));
        let totals = &shown["totals"];
        let expected = json!({ "regions": 2, "regions_unknown": 1, "new": 1, "changed": 1,
            "unchanged": 0, "conflict": 0, "unknown": 2, "target": 2_232, "quota": 1_000,
            "change": 1_232 });
        assert_eq!((totals, &shown["as_of"]), (&expected, &json!(DAY)));

        let told = adopt(&planner, "a", &on_day()).expect(201);
        assert_eq!((&told["written"], &told["ended"]), (&json!(2), &json!(1)));
        assert_eq!(told["skipped"][0]["region"], "371311000000");
        assert_eq!(told["skipped"][0]["reason"], "no_population");
        assert_eq!((&told["skipped_count"], &told["unchanged"]), (&json!(1), &json!(0)));
        assert_eq!(told["reference_rev"], revision(stage));
        let ended = planner.get(&format!("/v1/quotas/{}", quota_id(1))).expect(200);
        assert_eq!(ended["effective_to"], "2039-12-31");
        let gap = planner.get(&format!("/v1/gaps?region=371302&as_of={DAY}")).expect(200);
        let id = gap["items"][0]["rule"]["quota_id"].as_str().unwrap();
        assert_eq!(gap["items"][0]["rule"]["quota_rule"], "QUILT-COUNTY");
        let set = planner.get(&format!("/v1/quotas/{id}")).expect(200);
        assert_eq!((&set["rule"], &set["target"]), (&json!("QUILT-COUNTY"), &json!(1_560)));
        let after = preview(&planner, "");
        assert_eq!(after["totals"]["unchanged"], 2);
        assert_eq!(after["totals"]["change"], 0);
    });
}

#[test]
fn a_repeat_is_answered_alike_and_writes_nothing() {
    on_each(|stage| {
        let planner = stage.client("planner");
        planner.create(RULE, &rule());
        let first = adopt(&planner, "a", &on_day());
        assert_eq!(first.expect(201)["written"], 4);
        let before = revision(stage);
        let again = adopt(&planner, "a", &on_day());
        assert_eq!((again.status, &again.text), (201, &first.text));
        assert_eq!(again.header("idempotency-replayed"), "true");
        let other = json!({ "effective_from": "2041-01-01" });
        adopt(&planner, "a", &other).problem(422, "idempotency_key_reused");
        let anew = adopt(&planner, "b", &on_day()).expect(201);
        assert_eq!((&anew["written"], &anew["unchanged"]), (&json!(0), &json!(4)));
        assert_eq!(revision(stage), before);
        let quotas = planner.get("/v1/quotas").expect(200);
        assert_eq!(rows(&quotas).len(), 4);
        let headers = [("content-type", "application/json")];
        let bare = planner.send("POST", ADOPT, &headers, Some(b"{}"));
        bare.problem(400, "idempotency_key_missing");
    });
}

#[test]
fn a_refused_adoption_writes_nothing_and_is_told_again() {
    on_each(|stage| {
        let planner = stage.client("planner");
        planner.create(RULE, &rule());
        let rival = with(quota(1, "371311", "QUILT", 5, 5), "", "effective_from", DAY);
        let path = format!("/v1/quotas/{}", quota_id(1));
        planner.create(&path, &rival);
        let shown = preview(&planner, "");
        assert_eq!(each(&shown, "status"), ["new", "new", "conflict", "new"]);
        assert_eq!(rows(&shown)[2]["reason"], "same_day");
        assert_eq!(rows(&shown)[2]["conflict_with"], quota_id(1));
        let before = revision(stage);
        let refused = adopt(&planner, "a", &on_day());
        assert_eq!(refused.problem(409, "reference_conflict")["with"], quota_id(1));
        assert_eq!(revision(stage), before);
        let later = with(rival, "", "effective_from", "2039-01-01");
        planner.put(&path, Some(("if-match", "*")), &later).expect(200);
        let again = adopt(&planner, "a", &on_day());
        assert_eq!((again.status, &again.text), (409, &refused.text));
        let narrow = json!({ "effective_from": DAY, "region": "371302" });
        assert_eq!(adopt(&planner, "b", &narrow).expect(201)["written"], 2);
        assert_eq!(adopt(&planner, "c", &on_day()).expect(201)["written"], 2);
    });
}

#[test]
fn quotas_are_not_written_without_their_receipt() {
    on_each(|stage| {
        let planner = stage.client("planner");
        planner.create(RULE, &rule());
        let before = revision(stage);
        let sqlite = stage.url.starts_with("sqlite");
        let (guard, table) = if sqlite {
            ("BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END", "")
        } else {
            let body = "BEGIN RAISE EXCEPTION 'No space left on device'; END";
            let function = "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS";
            run(&stage.url, &format!("{function} $$ {body} $$"));
            ("FOR EACH ROW EXECUTE FUNCTION fail()", " ON receipt")
        };
        run(&stage.url, &format!("CREATE TRIGGER breaks BEFORE INSERT ON receipt {guard}"));
        adopt(&planner, "a", &on_day()).problem(507, "no_space");
        run(&stage.url, &format!("DROP TRIGGER breaks{table}"));
        assert_eq!(revision(stage), before);
        assert_eq!(rows(&planner.get("/v1/quotas").expect(200)).len(), 0);
        assert_eq!(adopt(&planner, "a", &on_day()).expect(201)["written"], 4);
    });
}

#[test]
fn a_rule_that_cannot_be_is_refused_with_the_field() {
    on_each(|stage| {
        let planner = stage.client("planner");
        let share = |permille: i64| json!([{"mode": "gov_physical", "share_permille": permille}]);
        let absolute = |item: &str, target: i64| {
            let body = quota_rule("QUILT-COUNTY", "3713", "county", item);
            let body = with(body, "", "redundancy_permille", Value::Null);
            with(with(body, "", "basis", "absolute"), "", "target", target)
        };
        let cases = [
            (with(rule(), "", "modes", share(999)), "/modes"),
            (with(rule(), "", "floor_permille", 1_001), "/floor_permille"),
            (with(rule(), "", "need", "bedding"), "/need"),
            (with(rule(), "", "item", Value::Null), "/item"),
            (with(rule(), "", "item", "TENT"), "/item"),
            (with(rule(), "", "pack", "托"), "/pack"),
            (with(rule(), "", "effective_to", "2021-12-31"), "/effective_to"),
            (with(rule(), "", "tier", "village"), "/tier"),
            (with(absolute("TENT", 5), "", "days", 3), "/days"),
        ];
        for (body, pointer) in cases {
            let problem = planner.put(RULE, CREATE, &body).problem(422, "invalid_value");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
        }
        for (name, code, pointer) in [("item", "NOTHING", "/item"), ("region", "379999", "/region")]
        {
            let body = with(rule(), "", name, code);
            let problem = planner.put(RULE, CREATE, &body).problem(409, "unknown_reference");
            assert_eq!(problem["pointer"], pointer);
        }
        uncount(stage);
        let uncounted = with(rule(), "", "region", "371311");
        let problem = planner.put(RULE, CREATE, &uncounted).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], "/region");
        planner.get(RULE).problem(404, "not_found");
        planner.create(RULE, &absolute("TENT", 5));
        let rival = with(absolute("TENT", 5), "", "code", "OTHER");
        let rival = with(rival, "", "region", "371302");
        let reply = planner.put("/v1/quota-rules/OTHER", CREATE, &rival);
        assert_eq!(reply.problem(409, "reference_conflict")["with"], "QUILT-COUNTY");
        let ruled = with(quota(1, "3713", "TENT", 5, 5), "", "rule", "OTHER");
        let reply = planner.put(&format!("/v1/quotas/{}", quota_id(1)), CREATE, &ruled);
        assert_eq!(reply.problem(409, "unknown_reference")["pointer"], "/rule");
    });
}

#[test]
fn days_and_regions_of_an_adoption_lie_within_the_rule() {
    on_each(|stage| {
        let planner = stage.client("planner");
        planner.create(RULE, &with(rule(), "", "effective_to", "2040-12-31"));
        stage.client("admin").create("/v1/regions/3714", &region("3714", "city"));
        let at = |reply: Reply| {
            let problem = reply.problem(422, "invalid_value");
            problem["errors"][0]["pointer"].as_str().unwrap().to_string()
        };
        for day in ["2021-12-31", "2041-01-01"] {
            let body = json!({ "effective_from": day });
            assert_eq!(at(adopt(&planner, "d", &body)), "/effective_from");
            assert_eq!(at(planner.get(&format!("{RULE}/preview?as_of={day}"))), "as_of");
        }
        let faults = json!({ "region": "x", "effective_from": "soon" });
        let problem = adopt(&planner, "d", &faults).problem(422, "invalid_value");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 2);
        let outside = stage.hire("planner", "37");
        assert_eq!(at(adopt(&outside, "d", &json!({ "region": "3714" }))), "/region");
        assert_eq!(at(outside.get(&format!("{RULE}/preview?region=3714"))), "region");
        let unknown = json!({ "region": "379999" });
        adopt(&planner, "e", &unknown).problem(409, "unknown_reference");
        planner.get(&format!("{RULE}/preview?region=379999")).problem(404, "not_found");
        // Without a day it begins today, or on the rule's first day.
        let shown = planner.get(&format!("{RULE}/preview?region=37")).problem(404, "not_found");
        assert_eq!(shown["kind"], "region");
        let shown = outside.get(&format!("{RULE}/preview?region=37&limit=1")).expect(200);
        assert_eq!((&shown["region"], &shown["row_count"]), (&json!("371300000000"), &json!(4)));
        let stock = planner.get("/v1/stock").expect(200);
        assert_eq!(shown["effective_from"], stock["as_of"]);
    });
}

#[test]
fn a_rule_of_another_region_is_invisible() {
    on_each(|stage| {
        stage.client("planner").create(RULE, &rule());
        let county = stage.hire("planner", COUNTY_A);
        county.get(RULE).problem(404, "not_found");
        county.get(&format!("{RULE}/preview")).problem(404, "not_found");
        adopt(&county, "a", &json!({})).problem(404, "not_found");
        let own = quota_rule("OWN", COUNTY_A, "county", "TENT");
        let own = with(own, "", "item", "QUILT");
        let own = with(with(own, "", "tier", "township"), "", "code", "OWN");
        county.create("/v1/quota-rules/OWN", &own);
        assert_eq!(each(&county.get("/v1/quota-rules").expect(200), "code"), ["OWN"]);
        let told = county.post("/v1/quota-rules/OWN/adoptions", "a", &json!({})).expect(201);
        assert_eq!(told["written"], 2);
        for role in ["clerk", "province"] {
            let client = stage.client(role);
            client.get(&format!("{RULE}/preview")).problem(403, "forbidden");
            adopt(&client, "x", &json!({})).problem(403, "forbidden");
        }
    });
}

#[test]
fn previews_are_tables_too() {
    on_each(|stage| {
        let planner = stage.client("planner");
        planner.create(RULE, &rule());
        let zh = ("accept-language", "zh");
        let path = format!("{RULE}/preview?format=csv");
        let table = planner.send("GET", &path, &[zh], None);
        let header = table.text.lines().next().unwrap();
        let raw = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b"_.".contains(&b));
        assert!(!header.split(',').any(raw), "{header}");
        assert_eq!(table.text.lines().count(), 5, "{}", table.text);
        let filtered = |query: &str| {
            let page = planner.get(&format!("/v1/quota-rules?{query}")).expect(200);
            rows(&page).len()
        };
        assert_eq!(filtered("tier=county&item=QUILT&region=3713&q=quilt"), 1);
        assert_eq!((filtered("tier=city"), filtered("need=bedding")), (0, 0));
        assert_eq!((filtered("item=TENT"), filtered("region=371302")), (0, 0));
    });
}
