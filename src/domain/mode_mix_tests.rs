//! The mix of modes: three totals, what is counted apart, and that a parent is its children.

use proptest::prelude::*;

use super::*;
use crate::domain::fixture::{self, day, lot, receive, with_records, world};
use crate::domain::quantity::Ratio;
use crate::domain::quota::{Quota, Subject};
use crate::domain::reference::Record;
use crate::domain::reserve::{Agreement, Capacity, Pledge, State};
use crate::domain::{gap, profile};

const ON: &str = "2022-01-01";

fn quota(region: &str, mode: Mode, target: i64) -> Record {
    let subject = Subject::Item(fixture::code("QUILT"));
    let quota = fixture::quota(region, subject, target, target);
    let name = format!("{region} {}", mode.as_str());
    let digest = crate::domain::chain::digest(name.as_bytes());
    let id = uuid::Uuid::from_slice(&digest[..16]).unwrap();
    Record::Quota(Quota { id, mode, ..quota })
}

fn agreement(text: &str, region: &str, stock: i64) -> Record {
    let row = fixture::agreement(text, region);
    Record::Agreement(Agreement { declared_stock: Some(stock), ..row })
}

/// A city and a county, both with stock, quotas and sources.
fn stage() -> Position {
    let mut records = vec![
        Record::Profile(fixture::profile("3713")),
        quota("3713", Mode::GovPhysical, 700),
        quota("3713", Mode::Agreement, 300),
        quota("371301", Mode::GovPhysical, 100),
        agreement("A-1", "3713", 900),
        agreement("A-2", "371301", 50),
        Record::Capacity(fixture::capacity("C-1", "3713")),
        Record::Pledge(fixture::pledge("P-1", "3713")),
    ];
    records.reverse();
    let mut position = with_records(&world(), records);
    receive(&mut position, "D-3713", "QUILT", 650, lot("L", "2030-01-01"));
    receive(&mut position, "D-371301", "QUILT", 100, lot("L", "2030-01-01"));
    position
}

fn query(position: &Position, region: &str, hours: Option<u32>) -> Query {
    let region = position.reference.regions.find(fixture::region_code(region)).unwrap();
    let item = position.reference.items.find("QUILT");
    let view = View { on: day(ON), hours, prudent: false };
    Query { region, tier: None, item, need: None, view }
}

fn one(position: &Position, region: &str, hours: Option<u32>) -> Row {
    let mut rows = mode_mix(position, &query(position, region, hours));
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

fn three(three: Three) -> [i64; 3] {
    [three.gov_only, three.gov_agreement, three.all_modes]
}

#[test]
fn three_totals_stand_side_by_side() {
    let position = stage();
    let row = one(&position, "3713", None);
    assert_eq!((row.hours, row.own.target()), (Some(12), 1_000));
    assert_eq!(three(row.own.totals), [650, 1_550, 2_350]);
    assert_eq!(three(row.own.gaps), [350, 0, 0]);
    assert_eq!(three(row.total.totals), [750, 1_700, 2_500]);
    assert_eq!(three(row.total.gaps), [350, 0, 0]);
    assert_eq!((row.total.lines, row.total.lines_met), (2, 1));
    assert_eq!((row.own_attained, row.attained), (Some(false), Some(false)));
    assert_eq!(row.own.ratio(|cell| cell.quota, Mode::Agreement), Some(Ratio(3_000)));
    assert_eq!(row.own.ratio(|cell| cell.available, Mode::GovPhysical), Some(Ratio(2_765)));
    let codes: Vec<&str> = row.sources.iter().map(|source| source.code.as_str()).collect();
    assert_eq!(codes, ["A-1", "C-1", "P-1"]);
    let need = position.reference.needs.find("bedding");
    let asked = Query { item: None, need, ..query(&position, "3713", Some(72)) };
    let rows = mode_mix(&position, &asked);
    assert_eq!(three(rows[0].own.totals), [650, 1_550, 1_550 + 10_800 + 150]);
}

#[test]
fn depots_that_are_not_ready_yet_give_nothing() {
    let position = stage();
    // The city takes 180 minutes to call up and load, the county 120.
    let held = |hours| three(one(&position, "3713", Some(hours)).total.totals)[0];
    assert_eq!([held(1), held(2), held(3)], [0, 100, 750]);
}

#[test]
fn the_profile_says_which_modes_count() {
    let mut city = fixture::profile("3713");
    city.modes_counted = vec![Mode::GovPhysical, Mode::Agreement];
    let position = with_records(&stage(), vec![Record::Profile(city.clone())]);
    let row = one(&position, "3713", None);
    assert_eq!((row.own_attained, row.attained), (Some(true), Some(true)));
    city.modes_counted = vec![Mode::GovPhysical];
    city.attainment_permille = 500;
    let position = with_records(&stage(), vec![Record::Profile(city)]);
    assert_eq!(one(&position, "3713", None).attained, Some(true));
}

#[test]
fn what_nobody_confirmed_leaves_the_answer_open() {
    let old =
        Agreement { declared_on: Some(day("2021-01-01")), ..fixture::agreement("A-1", "3713") };
    let mut city = fixture::profile("3713");
    city.modes_counted = vec![Mode::GovPhysical, Mode::Agreement];
    let records = vec![Record::Agreement(old), Record::Profile(city.clone())];
    let position = with_records(&stage(), records);
    let row = one(&position, "3713", None);
    let cell = row.own.cells[1];
    assert_eq!((cell.available, cell.unconfirmed, cell.stale, cell.unknown), (0, 900, 1, 0));
    assert_eq!((row.own.lines_open, row.own_attained, row.attained), (1, None, None));
    assert_eq!(row.sources[0].available.state, State::Stale);
    city.stale_declarations = Some(profile::Stale::Zero);
    let position = with_records(&position, vec![Record::Profile(city)]);
    let row = one(&position, "3713", None);
    assert_eq!((row.own.cells[1].stale, row.own.cells[1].unconfirmed), (1, 0));
    assert_eq!((row.own_attained, row.attained), (Some(false), Some(false)));
}

#[test]
fn without_a_profile_nobody_knows_the_hours() {
    let position =
        with_records(&world(), vec![quota("3713", Mode::Social, 5), agreement("A", "3713", 5)]);
    let row = one(&position, "3713", None);
    assert_eq!((row.hours, row.attained), (None, None));
    assert_eq!(row.own.cells[1].unknown, 1);
    assert_eq!(row.sources[0].available.doubt, Some(Doubt::NoProfile));
}

#[test]
fn gaps_of_other_modes_rest_on_the_registers() {
    let mut position = stage();
    let ask = |position: &Position, mode: Mode| {
        let Query { region, item, .. } = query(position, "3713", None);
        let asked = gap::Query {
            region,
            tier: None,
            item,
            need: None,
            function_class: None,
            mode,
            on: day(ON),
        };
        gap::gaps(position, &asked)
    };
    let rows = ask(&position, Mode::Agreement);
    let own = rows[0].account.unwrap();
    assert_eq!((rows[0].quota, own.effective, own.gap, own.surplus), (300, 900, 0, 600));
    assert_eq!(rows[0].roll_up.unwrap().effective_sum, 950);
    position = with_records(&position, vec![quota("3713", Mode::Capacity, 1_000)]);
    assert_eq!(ask(&position, Mode::Capacity)[0].account.unwrap().gap, 200);
    let old = Agreement { declared_on: None, ..fixture::agreement("A-2", "371301") };
    position = with_records(&position, vec![Record::Agreement(old)]);
    let rows = ask(&position, Mode::Agreement);
    assert_eq!(rows[0].account.unwrap().effective, 900);
    assert_eq!(rows[0].roll_up, None);
}

#[test]
fn totals_count_what_is_not_known_apart() {
    let old =
        Agreement { declared_on: Some(day("2021-01-01")), ..fixture::agreement("A-2", "371301") };
    let mut uncounted = fixture::region("371302", 118_400_000, 35_300_000);
    (uncounted.population, uncounted.planned_displaced) = (None, None);
    let Record::Quota(by_people) = quota("371302", Mode::Social, 40) else { unreachable!() };
    let basis = crate::domain::quota::Basis::Population;
    let records = vec![
        Record::Agreement(old),
        Record::Region(uncounted),
        Record::Quota(Quota { basis, ..by_people }),
        quota("371301101", Mode::GovPhysical, 10),
    ];
    let position = with_records(&stage(), records);
    let item = query(&position, "3713", None);
    let city = mode_mix(&position, &item);
    let why = |row: &Row| (row.own.unknown.first(), row.total.unknown.sum());
    assert_eq!(why(&city[0]), (None, 2));
    let counties = mode_mix(&position, &Query { tier: Some(Tier::County), ..item });
    let verdicts: Vec<_> = counties.iter().map(why).collect();
    let (old, people) = (Some(Unknown::OldDeclaration), Some(Unknown::NoPopulation));
    assert_eq!(verdicts, [(old, 1), (people, 1)]);
    let towns = Query { tier: Some(Tier::Township), ..item };
    let all = [city, counties, mode_mix(&position, &towns)].concat();
    let totals = Totals::of(&all);
    assert_eq!((totals.rows.sum(), totals.accounts.sum()), (3, 4));
    assert_eq!(totals.rows.of(Unknown::OldDeclaration), 2, "the city's as well");
    let [one] = &totals.goods[..] else { panic!("one kind of goods: {totals:?}") };
    assert_eq!((one.known_rows, one.unknown_rows), (1, 3));
    let fold = |rows: &[Row]| {
        let mut sum = Sum::default();
        rows.iter().for_each(|row| sum.merge(&row.total));
        sum
    };
    assert_eq!((one.known, one.unknown), (fold(&all[3..]), fold(&all[..3])));
    assert_eq!(one.known.unknown.sum(), 0);
    assert_eq!(three(one.known.gaps), [10, 10, 10]);
}

proptest! {
    #[test]
    fn totals_rise_with_modes_hours_and_stock_and_add_up(
        stock in prop::collection::vec((0..5_usize, 0..2_000_i64, 0..4_u8), 0..12),
        hours in 0..100_u32, more in 0..100_u32,
    ) {
        let places = ["3713", "371301", "371302", "371301101", "371301102"];
        let mut records = vec![Record::Profile(fixture::profile("3713"))];
        for (ix, (place, amount, kind)) in stock.iter().enumerate() {
            let (text, place) = (format!("S-{ix}"), places[*place]);
            records.push(match kind {
                0 => agreement(&text, place, *amount),
                1 => Record::Capacity(Capacity {
                    daily_rate: *amount, ..fixture::capacity(&text, place)
                }),
                2 => Record::Pledge(Pledge {
                    pledged_quantity: *amount, ..fixture::pledge(&text, place)
                }),
                _ => quota(place, Mode::GovPhysical, *amount),
            });
        }
        let mut position = with_records(&world(), records);
        for (place, amount, _) in stock.iter().filter(|(_, amount, _)| *amount > 0) {
            let depot = format!("D-{}", places[*place]);
            receive(&mut position, &depot, "QUILT", *amount, lot("L", "2030-01-01"));
        }
        let find = |region: &str, hours| {
            let rows = mode_mix(&position, &query(&position, region, Some(hours)));
            rows.first().map(|row| (row.own, row.total))
        };
        let total = |region: &str, hours| find(region, hours).map(|found| found.1);
        for region in places {
            let (Some((own, all)), Some(later)) = (find(region, hours), total(region, hours + more))
            else { continue };
            let [gov, agreed, whole] = three(all.totals);
            prop_assert!(gov <= agreed && agreed <= whole);
            for (now, then) in three(all.totals).iter().zip(three(later.totals)) {
                prop_assert!(*now <= then);
            }
            let [none, some, most] = three(all.gaps);
            prop_assert!(most <= some && some <= none);
            let children = match region {
                "3713" => &["371301", "371302"][..],
                "371301" => &["371301101", "371301102"],
                _ => &[],
            };
            let mut merged = own;
            for child in children {
                if let Some(sum) = total(child, hours) {
                    merged.merge(&sum);
                }
            }
            if children.iter().all(|child| total(child, hours).is_some()) {
                prop_assert_eq!(merged, all);
            }
        }
    }
}
