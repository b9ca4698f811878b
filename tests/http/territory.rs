//! Scope of reference data: what lies outside a caller's region is as if it did not exist.
//!
//! Scope of movements is in `refusals`, of planning answers in `planning` and `stock`. Invariant:
//! nobody changes a record that they cannot see.

use serde_json::Value;

use crate::stage::{each, on_each};
use crate::support::forms::with;
use crate::support::records::{depot, organization, quota, quota_id, region};
use crate::support::world::{CITY_DEPOT, COUNTY_A, DEPOT_A, DEPOT_B, DEPOT_T};

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));
const ANY: Option<(&str, &str)> = Some(("if-match", "*"));

#[test]
fn what_lies_outside_is_not_found_and_not_listed() {
    on_each(|stage| {
        let admin = stage.client("admin");
        for (digits, place) in [(1, "3713"), (2, "371302"), (3, "371311")] {
            let path = format!("/v1/quotas/{}", quota_id(digits));
            admin.create(&path, &quota(digits, place, "TENT", 10, 5));
        }
        for role in ["clerk", "planner", "admin"] {
            let ours = stage.hire(role, COUNTY_A);
            for path in [
                "depots/LZ-01".to_string(),
                format!("depots/{CITY_DEPOT}"),
                "organizations/LZ-YJ".to_string(),
                "regions/371311".to_string(),
                "regions/3713".to_string(),
                format!("quotas/{}", quota_id(1)),
                format!("quotas/{}", quota_id(3)),
            ] {
                ours.get(&format!("/v1/{path}")).problem(404, "not_found");
            }
            ours.get(&format!("/v1/quotas/{}", quota_id(2))).expect(200);
            ours.get(&format!("/v1/depots/{DEPOT_T}")).expect(200);
            let list = |path: &str, field: &str| {
                let page = ours.get(&format!("/v1/{path}")).expect(200);
                each(&page, field).into_iter().cloned().collect::<Vec<Value>>()
            };
            assert_eq!(list("depots", "code"), [DEPOT_A, DEPOT_T]);
            assert_eq!(list("regions", "code"), ["371302000000", "371302101000"]);
            assert_eq!(list("organizations", "code"), ["LS-YJ"]);
            assert_eq!(list("quotas", "id"), [quota_id(2)]);
            assert_eq!(list("items", "code").len(), 3);
            ours.get("/v1/depots?region=371311").problem(404, "not_found");
            ours.get("/v1/regions?parent=3713").problem(404, "not_found");
        }
    });
}

#[test]
fn nobody_writes_outside_their_region() {
    on_each(|stage| {
        let ours = stage.hire("admin", COUNTY_A);
        let cases = [
            ("depots/NEW", depot("NEW", "371311", "LS-YJ"), "/region"),
            ("depots/NEW", depot("NEW", "3713", "LS-YJ"), "/region"),
            ("organizations/NEW", organization("NEW", "371311"), "/region"),
            ("regions/371311101", region("371311101", "township"), "/parent"),
            ("regions/371312", region("371312", "county"), "/parent"),
        ];
        for (path, body, pointer) in cases {
            let reply = ours.put(&format!("/v1/{path}"), CREATE, &body);
            assert_eq!(reply.problem(409, "unknown_reference")["pointer"], pointer, "{path}");
        }
        let path = format!("/v1/quotas/{}", quota_id(1));
        for planner in [&ours, &stage.hire("planner", COUNTY_A)] {
            let reply = planner.put(&path, CREATE, &quota(1, "371311", "TENT", 1, 1));
            assert_eq!(reply.problem(409, "unknown_reference")["pointer"], "/region");
            planner.get(&path).problem(404, "not_found");
        }
        ours.create("/v1/depots/NEW", &depot("NEW", "371302101", "LS-YJ"));
        ours.create("/v1/regions/371302103", &region("371302103", "township"));
        ours.create(&path, &quota(1, "371302", "TENT", 1, 1));
    });
}

#[test]
fn nobody_takes_what_lies_outside_into_their_region() {
    on_each(|stage| {
        let admin = stage.client("admin");
        let theirs = format!("/v1/quotas/{}", quota_id(1));
        admin.create(&theirs, &quota(1, "371311", "TENT", 10, 5));
        let ours = stage.hire("admin", COUNTY_A);
        let cases = [
            (format!("/v1/depots/{DEPOT_B}"), depot(DEPOT_B, "371302", "LS-YJ")),
            ("/v1/organizations/LZ-YJ".to_string(), organization("LZ-YJ", "371302")),
            (theirs, quota(1, "371302", "TENT", 0, 0)),
        ];
        for (path, body) in cases {
            let read = admin.get(&path);
            let tag = read.header("etag");
            for condition in [ANY, CREATE, Some(("if-match", tag))] {
                ours.put(&path, condition, &body).problem(412, "precondition_failed");
            }
            assert_eq!(admin.get(&path).text, read.text);
        }
        // Nor does anything of ours go where we cannot see it.
        let path = format!("/v1/depots/{DEPOT_T}");
        let given = depot(DEPOT_T, "371311", "LZ-YJ");
        ours.put(&path, ANY, &given).problem(409, "unknown_reference");
        let path = "/v1/regions/371302101";
        let given = with(admin.get(path).expect(200), "", "parent", "371311000000");
        let reply = ours.put(path, ANY, &given);
        assert_eq!(reply.problem(409, "unknown_reference")["pointer"], "/parent");
        // Our own region stays under a parent that we cannot see.
        let path = "/v1/regions/371302";
        let renamed = with(admin.get(path).expect(200), "", "name", "兰山");
        ours.put(path, ANY, &renamed).expect(200);
    });
}
