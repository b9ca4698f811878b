//! The list of movements: its filters, its pages, its limits.
//!
//! Single movements are in `movements`. Invariant: the pages of a list, put together, are the list.

use serde_json::Value;

use crate::stage::{MOVEMENTS, Stage, on_each};
use crate::support::forms::{at, issue, numbered, receipt};
use crate::support::world::{CITY_DEPOT, DEPOT_A, DEPOT_B, DEPOT_T};

/// Ten entries over four depots, two items, two types, ten days.
fn fill(stage: &Stage) {
    let day = |n: i64, body: Value| at(body, &format!("2024-03-{n:02}T12:00:00+08:00"));
    let depots = [CITY_DEPOT, DEPOT_A, DEPOT_B, DEPOT_T];
    for n in 1..=8_i64 {
        let item = if n % 2 == 0 { "QUILT" } else { "TENT" };
        let depot = depots[usize::try_from(n % 4).unwrap()];
        let body = numbered(receipt(depot, item, 10), &format!("A〔2024〕{n}号"));
        stage.book(&format!("r{n}"), &day(n, body));
    }
    stage.book("i9", &day(9, issue(CITY_DEPOT, "QUILT", 1)));
    stage.book("i10", &day(10, issue(DEPOT_A, "TENT", 1)));
}

const NONE: [i64; 0] = [];

fn seqs(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["seq"].as_i64().unwrap()).collect()
}

#[test]
fn every_filter_narrows_the_list() {
    on_each(|stage| {
        fill(stage);
        let clerk = stage.client("clerk");
        let find = |query: &str| {
            let page = clerk.get(&format!("{MOVEMENTS}?{query}")).expect(200);
            assert_eq!((&page["next"], &page["ledger_seq"]), (&Value::Null, &10.into()));
            seqs(&page)
        };
        let all: Vec<i64> = (1..=10).collect();
        assert_eq!(find(""), all);
        assert_eq!(find("depot=LY-CITY-01"), [4, 8, 9]);
        assert_eq!(find("item=TENT"), [1, 3, 5, 7, 10]);
        assert_eq!(find("item=NOTHING"), NONE);
        assert_eq!(find("region=371302"), [1, 3, 5, 7, 10]);
        assert_eq!(find("region=371302101000"), [3, 7]);
        assert_eq!(find("region=3713"), all);
        assert_eq!(find("type=issue"), [9, 10]);
        assert_eq!(find("type=loan_out"), NONE);
        assert_eq!(find("document_no=a(2024)%203%E5%8F%B7"), [3]);
        assert_eq!(find("from_seq=8"), [8, 9, 10]);
        assert_eq!(find("occurred_from=2024-03-09"), [9, 10]);
        assert_eq!(find("occurred_to=2024-03-02"), [1, 2]);
        assert_eq!(
            find("occurred_from=2024-03-02T12:00:00%2B08:00&occurred_to=2024-03-03"),
            [2, 3]
        );
        assert_eq!(find("occurred_to=2024-03-03T04:00:00Z"), [1, 2]);
        assert_eq!(find("depot=LS-01&item=TENT&type=issue"), [10]);
    });
}

#[test]
fn pages_have_no_gap_and_no_overlap() {
    on_each(|stage| {
        fill(stage);
        let clerk = stage.client("clerk");
        for (filter, expected) in [
            ("", (1..=10).collect::<Vec<i64>>()),
            ("&item=TENT", vec![1, 3, 5, 7, 10]),
            ("&region=371302&from_seq=2", vec![3, 5, 7, 10]),
        ] {
            for limit in 1..=11 {
                let mut found = Vec::new();
                let mut cursor = String::new();
                loop {
                    let path = format!("{MOVEMENTS}?limit={limit}{filter}{cursor}");
                    let page = clerk.get(&path).expect(200);
                    let part = seqs(&page);
                    assert!(part.len() <= limit, "{path}");
                    found.extend(part);
                    let Some(next) = page["next"].as_str() else {
                        break;
                    };
                    cursor = format!("&cursor={next}");
                }
                assert_eq!(found, expected, "limit {limit}{filter}");
            }
        }
    });
}

#[test]
fn new_entries_do_not_disturb_pages() {
    on_each(|stage| {
        fill(stage);
        let clerk = stage.client("clerk");
        let first = clerk.get(&format!("{MOVEMENTS}?limit=6")).expect(200);
        stage.book("more", &receipt(CITY_DEPOT, "TENT", 1));
        let next = first["next"].as_str().unwrap();
        let second = clerk.get(&format!("{MOVEMENTS}?limit=6&cursor={next}")).expect(200);
        let together = [seqs(&first), seqs(&second)].concat();
        assert_eq!(together, (1..=11).collect::<Vec<i64>>());
    });
}

#[test]
fn wrong_parameters_are_named() {
    on_each(|stage| {
        fill(stage);
        let clerk = stage.client("clerk");
        for (query, name) in [
            ("limit=0", "limit"),
            ("limit=501", "limit"),
            ("limit=x", "limit"),
            ("limit=-1", "limit"),
            ("nonsense=1", "nonsense"),
            ("item=A&item=B", "item"),
            ("type=nothing", "type"),
            ("region=37130", "region"),
            ("region=x", "region"),
            ("from_seq=x", "from_seq"),
            ("from_seq=99999999999999999999", "from_seq"),
            ("occurred_from=yesterday", "occurred_from"),
            ("occurred_to=2024-13-01", "occurred_to"),
            ("format=xml", "format"),
        ] {
            let reply = clerk.get(&format!("{MOVEMENTS}?{query}"));
            let problem = reply.problem(400, "invalid_parameter");
            assert_eq!(problem["errors"][0]["pointer"], name, "{query}: {problem}");
        }
        for unknown in ["depot=NOTHING", "region=4401"] {
            clerk.get(&format!("{MOVEMENTS}?{unknown}")).problem(404, "not_found");
        }
        let page = clerk.get(&format!("{MOVEMENTS}?limit=1&item=TENT")).expect(200);
        let next = page["next"].as_str().unwrap();
        for cursor in [next, "x", "", "00", "%F0%9F%8C%BE"] {
            let reply = clerk.get(&format!("{MOVEMENTS}?limit=1&item=QUILT&cursor={cursor}"));
            reply.problem(400, "invalid_cursor");
        }
    });
}

#[test]
fn the_list_comes_as_csv() {
    on_each(|stage| {
        fill(stage);
        let clerk = stage.client("clerk");
        let by_parameter = clerk.get(&format!("{MOVEMENTS}?format=csv"));
        let by_header = clerk.send("GET", MOVEMENTS, &[("accept", "text/csv")], None);
        for reply in [&by_parameter, &by_header] {
            assert_eq!(reply.status, 200);
            assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
            assert_eq!(reply.text.lines().count(), 11);
        }
        let accept = [("accept", "image/png")];
        let neither = clerk.send("GET", MOVEMENTS, &accept, None);
        neither.problem(406, "not_acceptable");
    });
}
