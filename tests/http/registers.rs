//! Lists of reference data: filters, pages, tables, and what another process has written.
//!
//! Single records are in `reference`. Invariant: the pages of a list, put together, are the list.

use serde_json::Value;

use crate::stage::{Stage, each, on_each};
use crate::support::records::{depot, item, need, profile, quota, quota_id, quota_rule, region};
use crate::support::{Client, Server};

/// The codes of all rows that a list without pages has.
fn codes(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).expect(200);
    assert_eq!(page["next"], Value::Null, "{path}");
    let text = |code: &&Value| code.as_str().unwrap().trim_end_matches("000").to_string();
    each(&page, "code").iter().map(text).collect()
}

#[test]
fn every_filter_narrows_a_list() {
    on_each(|stage| {
        let admin = stage.client("admin");
        admin.create("/v1/items/BLANKET", &item("BLANKET"));
        admin.create("/v1/needs/light", &need("light"));
        let find = |path: &str| codes(&admin, &format!("/v1/{path}"));
        assert_eq!(find("regions").len(), 5);
        assert_eq!(find("regions?region=371302"), ["371302", "371302101"]);
        assert_eq!(find("regions?parent=3713"), ["371302", "371311"]);
        assert_eq!(find("regions?tier=township"), ["371302101"]);
        assert_eq!(find("regions?q=371311"), ["371311"]);
        assert_eq!(find("regions?q=%E5%8C%BA%E5%88%92371302").len(), 2);
        assert_eq!(find("regions?region=3713&tier=county&q=02"), ["371302"]);
        assert_eq!(find("organizations"), ["LS-YJ", "LY-YJ", "LZ-YJ", "SD-YJ"]);
        assert_eq!(find("organizations?region=371302"), ["LS-YJ"]);
        assert_eq!(find("organizations?kind=reserve").len(), 0);
        assert_eq!(find("organizations?q=ly-"), ["LY-YJ"]);
        assert_eq!(find("depots?region=371302"), ["LS-01", "LS-T-01"]);
        assert_eq!(find("depots?kind=warehouse").len(), 5);
        assert_eq!(find("depots?kind=base").len(), 0);
        assert_eq!(find("depots?q=%E5%BA%93LZ"), ["LZ-01"]);
        assert_eq!(find("items"), ["BLANKET", "QUILT", "TENT", "WATER"]);
        assert_eq!(find("items?need=bedding"), ["BLANKET", "QUILT"]);
        assert_eq!(find("items?function_class=medical").len(), 0);
        assert_eq!(find("items?q=wat"), ["WATER"]);
        assert_eq!(find("needs"), ["bedding", "light", "water"]);
        assert_eq!(find("needs?q=%E7%85%A7"), ["light"]);
    });
}

#[test]
fn quotas_and_profiles_are_listed_too() {
    on_each(|stage| {
        let admin = stage.client("admin");
        for (digits, place, item) in
            [(1, "3713", "TENT"), (2, "371302", "TENT"), (3, "371302", "QUILT")]
        {
            let path = format!("/v1/quotas/{}", quota_id(digits));
            admin.create(&path, &quota(digits, place, item, 10, 5));
        }
        let find = |query: &str| {
            let page = admin.get(&format!("/v1/quotas{query}")).expect(200);
            each(&page, "id").into_iter().cloned().collect::<Vec<_>>()
        };
        let ids = |digits: &[u32]| {
            let ids = digits.iter().map(|n| Value::from(quota_id(*n)));
            ids.collect::<Vec<_>>()
        };
        assert_eq!(find(""), ids(&[1, 2, 3]));
        assert_eq!(find("?region=371302"), ids(&[2, 3]));
        assert_eq!(find("?item=TENT"), ids(&[1, 2]));
        assert_eq!(find("?item=TENT&region=371302"), ids(&[2]));
        assert_eq!(find("?need=bedding"), ids(&[]));
        assert_eq!(admin.get("/v1/profiles").expect(200)["items"], serde_json::json!([]));
        admin.create("/v1/profiles/3713", &profile());
        assert_eq!(admin.get("/v1/profiles").expect(200)["items"][0], profile());
    });
}

fn fill(stage: &Stage) {
    let admin = stage.client("admin");
    for n in 1..=5 {
        let code = format!("37131110{n}");
        admin.create(&format!("/v1/regions/{code}"), &region(&code, "township"));
    }
}

#[test]
fn pages_have_no_gap_and_no_overlap() {
    on_each(|stage| {
        fill(stage);
        let admin = stage.client("admin");
        for (filter, count) in [("", 10), ("&tier=township", 6), ("&region=371311&q=1", 6)] {
            let whole = admin.get(&format!("/v1/regions?limit=500{filter}")).expect(200);
            assert_eq!(whole["items"].as_array().unwrap().len(), count);
            let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
            loop {
                let page = admin.get(&format!("/v1/regions?limit=3{filter}{cursor}")).expect(200);
                found.extend(page["items"].as_array().unwrap().clone());
                pages += 1;
                let Some(next) = page["next"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(
                (found, pages),
                (whole["items"].as_array().unwrap().clone(), count.div_ceil(3))
            );
        }
    });
}

#[test]
fn what_a_list_does_not_take_is_refused() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let page = clerk.get("/v1/regions?limit=1&tier=county").expect(200);
        let next = page["next"].as_str().unwrap();
        for path in [
            format!("/v1/regions?limit=1&cursor={next}"),
            format!("/v1/regions?limit=1&tier=township&cursor={next}"),
            format!("/v1/depots?cursor={next}"),
            format!("/v1/regions?tier=county&cursor={next}0"),
            "/v1/quotas?cursor=".to_string(),
        ] {
            clerk.get(&path).problem(400, "invalid_cursor");
        }
        for kind in [
            "regions",
            "organizations",
            "depots",
            "items",
            "needs",
            "agreements",
            "capacities",
            "pledges",
            "routes",
            "roads",
            "helibases",
            "water-legs",
            "closures",
            "quota-rules",
            "quotas",
            "profiles",
        ] {
            for (query, name) in [
                ("colour=red", "colour"),
                ("limit=0", "limit"),
                ("limit=501", "limit"),
                ("limit=1&limit=2", "limit"),
                ("format=xml", "format"),
            ] {
                let reply = clerk.get(&format!("/v1/{kind}?{query}"));
                let problem = reply.problem(400, "invalid_parameter");
                assert_eq!(problem["errors"][0]["pointer"], name, "{kind}?{query}");
            }
        }
        for path in [
            "regions?tier=tribe",
            "depots?kind=cave",
            "items?function_class=x",
            "regions?region=37x",
            "regions?parent=370213000100",
        ] {
            clerk.get(&format!("/v1/{path}")).problem(400, "invalid_parameter");
        }
        clerk.get("/v1/regions?region=371399").problem(404, "not_found");
        clerk.get("/v1/depots?region=3714").problem(404, "not_found");
    });
}

#[test]
fn lists_are_tables_too() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let admin = stage.client("admin");
        admin.create("/v1/profiles/3713", &profile());
        admin.create("/v1/items/BLANKET", &item("BLANKET"));
        admin.create(&format!("/v1/quotas/{}", quota_id(1)), &quota(1, "3713", "TENT", 2, 1));
        let rule = quota_rule("QUILT-COUNTY", "3713", "county", "QUILT");
        admin.create("/v1/quota-rules/QUILT-COUNTY", &rule);
        let zh = ("accept-language", "zh-CN,zh;q=0.9");
        for (kind, first) in [
            ("regions", "代码,名称"),
            ("organizations", "代码,名称"),
            ("depots", "代码,名称"),
            ("items", "代码,名称"),
            ("needs", "代码,名称"),
            ("quota-rules", "代码,名称"),
            ("quotas", "编号,区划"),
            ("profiles", "区划,名称"),
        ] {
            let path = format!("/v1/{kind}");
            let reply = clerk.send("GET", &path, &[("accept", "text/csv"), zh], None);
            assert_eq!(reply.status, 200, "{}", reply.text);
            assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
            let header = reply.text.lines().next().unwrap();
            assert!(header.starts_with(&format!("\u{feff}{first}")), "{header}");
            let raw =
                |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b"_.".contains(&b));
            assert!(!header.split(',').any(raw), "{kind}: {header}");
            let count = clerk.get(&path).expect(200)["items"].as_array().unwrap().len();
            assert_eq!(reply.text.lines().count(), count + 1, "{}", reply.text);
            let named = clerk.send("GET", &format!("{path}?format=csv"), &[zh], None);
            assert_eq!(named.text, reply.text);
            let english = clerk.send(
                "GET",
                &format!("{path}?format=csv"),
                &[("accept-language", "en")],
                None,
            );
            assert!(english.text.lines().next().unwrap().is_ascii(), "{}", english.text);
            let json =
                clerk.send("GET", &format!("{path}?format=json"), &[("accept", "text/csv")], None);
            assert_eq!(json.header("content-type"), "application/json");
        }
        let none = clerk.get("/v1/depots?format=csv&q=nothing");
        assert_eq!((none.status, none.text.as_str()), (200, ""));
        let first = clerk.send("GET", "/v1/depots?format=csv&limit=1", &[zh], None);
        assert_eq!(first.text.lines().count(), 2);
        assert!(first.text.contains("LS-01,库LS-01"), "{}", first.text);
    });
}

#[test]
fn what_one_process_writes_another_answers_with_at_once() {
    on_each(|stage| {
        let second = Server::start(&stage.url);
        let there = Client::new(&second.base, stage.keys.of("admin"));
        let here = stage.client("admin");
        assert_eq!(codes(&there, "/v1/depots?q=N-").len(), 0);
        for n in 0..5 {
            let (code, writer, reader) = if n % 2 == 0 {
                (format!("N-{n}"), &here, &there)
            } else {
                (format!("N-{n}"), &there, &here)
            };
            let path = format!("/v1/depots/{code}");
            let made =
                writer.put(&path, Some(("if-none-match", "*")), &depot(&code, "3713", "LY-YJ"));
            made.expect(201);
            let read = reader.get(&path);
            assert_eq!((read.status, &read.text), (200, &made.text));
            let tag = made.header("etag");
            assert_eq!(read.header("etag"), tag);
            let closed = crate::support::forms::with(made.json(), "", "status", "closed");
            let replaced = reader.put(&path, Some(("if-match", tag)), &closed);
            replaced.expect(200);
            writer.put(&path, Some(("if-match", tag)), &closed).problem(412, "precondition_failed");
            assert_eq!(writer.get(&path).text, replaced.text);
        }
        assert_eq!(codes(&there, "/v1/depots?q=N-"), ["N-0", "N-1", "N-2", "N-3", "N-4"]);
        assert_eq!(codes(&here, "/v1/depots?q=N-").len(), 5);
    });
}
