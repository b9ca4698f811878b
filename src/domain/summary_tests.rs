//! Tests of summaries: parents are merges of children, quotas stand once, the hash tells a change.

use std::collections::{BTreeMap, HashMap};

use super::*;
use crate::domain::chain::{digest, hex};
use crate::domain::fixture::*;
use crate::domain::quota::Subject;
use crate::domain::reference::Record;

const ON: &str = "2021-11-10";

fn pull(position: &Position, region: &str, tier: Option<Tier>, by: By) -> Summary {
    pull_rolled_up(position, region, (tier, None), by)
}

fn pull_rolled_up(
    position: &Position,
    region: &str,
    (tier, owner_tier): (Option<Tier>, Option<Tier>),
    by: By,
) -> Summary {
    let region = position.reference.regions.find(region_code(region)).unwrap();
    summarise(position, &Query { region, tier, owner_tier, by, on: day(ON) })
}

/// Quotas of the city and county 371301, and a county without stock; water of several dates; goods
/// of the province and of county 371301 in other regions' depots.
fn stocked() -> Position {
    let quotas = [("3713", 500), ("371301", 300), ("371302", 70)];
    let quotas = quotas.map(|(region, target)| {
        let subject = Subject::Item(code("WATER"));
        Record::Quota(quota(region, subject, target, target))
    });
    let mut position = with_records(&world(), quotas.to_vec());
    let receipts = [
        ("D-3713", "O-3713", "WATER", 100, "2021-12-10"),
        ("D-371301", "O-371301", "WATER", 40, "2022-02-08"),
        ("D-371301101", "O-371301", "WATER", 20, "2021-12-11"),
        ("D-371301", "O-37", "WATER", 900, "2022-11-10"),
        ("D-371302", "O-371301", "WATER", 30, "2021-11-09"),
        ("D-371302", "O-371301", "WATER", 80, "2022-11-11"),
        ("D-371301102", "O-371301102", "QUILT", 6, "2028-01-01"),
        ("D-371301102", "O-371301102", "TENT", 2, "2028-01-01"),
    ];
    for (depot, owner, item, quantity, expires_on) in receipts {
        let lot = lot("L", expires_on);
        receive_owned(&mut position, depot, Some(owner), item, quantity, lot);
    }
    position
}

fn keys(summary: &Summary) -> Vec<String> {
    let key = |row: &Row<'_>| {
        let (owner, custody) = (&row.owner.name, &row.custody.name);
        format!("{owner} {custody} {}", row.kind.code())
    };
    summary.rows().iter().map(key).collect()
}

#[test]
fn rows_tell_owner_and_custody_apart() {
    let summary = pull(&stocked(), "3713", None, By::Item);
    let expected = [
        "R37 R371301 WATER",
        "R3713 R3713 WATER",
        "R371301 R371301 WATER",
        "R371301 R371302 WATER",
        "R371301102 R371301 QUILT",
        "R371301102 R371301 TENT",
        "R371302 R371302 WATER",
    ];
    assert_eq!(keys(&summary), expected);
    let cells: Vec<_> = summary.rows().iter().map(|row| *row.cell).collect();
    let figures = |cell: &Cell| (cell.figures.effective, cell.quota, cell.gap);
    assert_eq!(figures(&cells[0]), (900, 0, 0), "the owner lies outside");
    assert_eq!(figures(&cells[1]), (100, 500, 400));
    assert_eq!(figures(&cells[2]), (60, 300, 160), "the whole account");
    assert_eq!(cells[2].depot_count, 2);
    assert_eq!(figures(&cells[3]), (80, 0, 0), "the quota stands once");
    assert_eq!(cells[3].figures.expired, 30);
    assert_eq!(figures(&cells[6]), (0, 70, 70), "no stock anywhere");
    assert_eq!(summary.totals.row_count, 7);
    let total = &summary.totals.cell;
    assert_eq!(figures(total), (1_148, 870, 630));
}

#[test]
fn expiry_windows_include_their_last_day_and_each_other() {
    let summary = pull(&stocked(), "3713", Some(Tier::City), By::Item);
    let rows = summary.rows();
    let rows = rows.iter();
    let cell = rows.clone().find(|row| row.owner.name == "R371301").unwrap().cell;
    assert_eq!(cell.expiring, [0, 60, 60, 60]);
    assert_eq!(cell.figures.earliest_expiry, Some(day("2021-12-11")));
    let cell = rows.clone().find(|row| row.owner.name == "R3713").unwrap().cell;
    assert_eq!(cell.expiring, [100; 4], "thirty days on, that day included");
    let cell = rows.clone().find(|row| row.owner.name == "R37").unwrap().cell;
    assert_eq!(cell.expiring, [0, 0, 0, 900]);
}

#[test]
fn needs_count_in_their_unit_and_classes_in_base_units() {
    let summary = pull(&stocked(), "371301", Some(Tier::County), By::Need);
    let expected = ["R37 R371301 water", "R371301 R371301 water", "R371301102 R371301 bedding"];
    assert_eq!(keys(&summary), expected, "tents serve no need");
    assert_eq!(summary.rows()[1].cell.figures.effective, 60 * 500);
    assert_eq!(summary.rows()[1].cell.quota, 0, "an item quota is none of a need");
    let summary = pull(&stocked(), "371301", None, By::FunctionClass);
    assert_eq!(summary.rows()[2].cell.figures.effective, 8);
    assert_eq!(summary.rows()[2].cell.depot_count, 1, "one depot, two items");
    assert_eq!(summary.rows()[2].kind.goods(), None);
    assert_eq!(summary.rows()[1].cell.gap, 160);
}

#[test]
fn a_parent_is_the_merge_of_its_children() {
    let position = stocked();
    for by in By::ALL {
        let mut merged: HashMap<(u64, String), Cell> = HashMap::new();
        for region in ["371301", "371302"] {
            for row in pull(&position, region, None, by).rows() {
                let key = (row.owner.code.number(), row.kind.code().to_string());
                merged.entry(key).or_default().merge(row.cell);
            }
        }
        // What lies in the city's own depot is in none of the counties.
        for row in pull(&position, "3713", None, by).rows() {
            if row.custody.name == "R3713" {
                let key = (row.owner.code.number(), row.kind.code().to_string());
                merged.entry(key).or_default().merge(row.cell);
            }
        }
        let parent = pull(&position, "3713", Some(Tier::City), by);
        assert_eq!(parent.rows().len(), merged.len());
        for row in parent.rows() {
            let key = (row.owner.code.number(), row.kind.code().to_string());
            assert_eq!(merged.get(&key), Some(row.cell), "{by:?} {key:?}");
        }
    }
}

/// Rows merged by their owner's region of a tier.
fn rolled_up(position: &Position, rows: &[Row<'_>], to: Tier) -> BTreeMap<String, Cell> {
    let regions = &position.reference.regions;
    let mut merged: BTreeMap<String, Cell> = BTreeMap::new();
    for row in rows {
        let owner = regions.rolled_up(regions.find(row.owner.code).unwrap(), to, None);
        let owner = &regions.get(owner).unwrap().name;
        let key = format!("{owner} {} {}", row.custody.name, row.kind.code());
        merged.entry(key).or_default().merge(row.cell);
    }
    merged
}

#[test]
fn owners_rolled_up_are_the_merge_of_theirs() {
    let mut position = stocked();
    let both = ("D-371301101", "O-371301101", "WATER", 5, "2021-12-01");
    receive_owned(&mut position, both.0, Some(both.1), both.2, both.3, lot("M", both.4));
    for by in By::ALL {
        let apart = pull(&position, "3713", None, by);
        let apart = apart.rows();
        for owner_tier in Tier::ALL {
            let summary = pull_rolled_up(&position, "3713", (None, Some(owner_tier)), by);
            let cells: Vec<Cell> = summary.rows().iter().map(|row| *row.cell).collect();
            let found: BTreeMap<_, _> = keys(&summary).into_iter().zip(cells).collect();
            assert_eq!(found, rolled_up(&position, &apart, owner_tier), "{by:?} {owner_tier:?}");
            assert_eq!(found.len(), summary.rows().len(), "each stands once");
        }
    }
    let by_city = pull_rolled_up(&position, "3713", (Some(Tier::City), Some(Tier::City)), By::Item);
    let expected =
        ["R37 R3713 WATER", "R3713 R3713 QUILT", "R3713 R3713 TENT", "R3713 R3713 WATER"];
    assert_eq!(keys(&by_city), expected);
    let water = *by_city.rows()[3].cell;
    assert_eq!((water.figures.effective, water.figures.expired), (245, 30));
    assert_eq!((water.quota, water.gap), (870, 630), "no surplus of one hides the gap of another");
    assert_eq!(water.depot_count, 5, "the depot of two owners counts for each");
}

#[test]
fn the_total_is_the_same_however_custody_is_rolled_up() {
    let position = stocked();
    let totals = |tier| pull(&position, "3713", Some(tier), By::Item).totals.cell;
    let figures = |cell: Cell| (cell.figures, cell.expiring, cell.quota, cell.gap);
    let city = figures(totals(Tier::City));
    for tier in [Tier::Province, Tier::County, Tier::Township, Tier::Village] {
        assert_eq!(figures(totals(tier)), city, "{tier:?}");
    }
}

#[test]
fn summaries_and_stock_tell_of_the_same_goods() {
    use crate::domain::stock::{GroupBy, Query, stock};
    let position = stocked();
    for region in ["3713", "371301", "371302", "371301102"] {
        let query = Query {
            region: position.reference.regions.find(region_code(region)),
            depot: None,
            item: None,
            owner: None,
            function_class: None,
            on: day(ON),
            group_by: GroupBy::Lot,
            tier: None,
        };
        let mut figures = Figures::default();
        for row in stock(&position, &query) {
            figures.merge(&row.figures);
        }
        let pulled = pull(&position, region, None, By::Item);
        assert_eq!(pulled.totals.cell.figures, figures, "{region}");
    }
}

#[test]
fn the_hash_is_of_the_documented_text() {
    let position = stocked();
    let summary = pull(&position, "371302", None, By::Item);
    let text = "371301000000,371302000000,WATER,gov_physical,1,110,80,0,0,0,30,0,0,0,0,0,\
                0,0,0,0,2022-11-11,2021-01-01T04:00:00Z\n\
                371302000000,371302000000,WATER,gov_physical,0,0,0,0,0,0,0,0,0,0,70,70,\
                0,0,0,0,-,-\n";
    assert_eq!(canonical(&summary.rows()), text);
    assert_eq!(summary.totals.hash, hex(&digest(text.as_bytes())));
    let again = pull(&position, "371302", None, By::Item);
    assert_eq!(again, summary);
}
