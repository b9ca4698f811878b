//! Properties of coverage: what may never fall, and what the indexes must not lose.

use std::sync::Arc;

use proptest::prelude::*;

use super::eligibility::Layer;
use super::goods::Goods;
use super::supply::Amount;
use super::tally::{Arrival, Measure, tally};
use super::tests::{TOWNSHIP, placed, query, row};
use super::verdict::Verdict;
use super::*;
use crate::domain::catalogue::Per;
use crate::domain::fixture::*;
use crate::domain::quantity::Ratio;
use crate::domain::quota::Mode;
use crate::domain::travel::Ruler;

/// Depot, owner, quilts, bottles.
pub type Holding = (usize, usize, i64, i64);

const PLACES: [&str; 7] =
    ["37", "3713", "371301", "371302", "371301101", "371301102", "371301101201"];

pub fn holdings() -> impl Strategy<Value = Vec<Holding>> {
    prop::collection::vec((1..7_usize, 0..7_usize, 0..1_500_i64, 0..9_000_i64), 0..8)
}

pub fn add(position: &mut Position, (depot, owner, quilts, bottles): &Holding) {
    let (depot, owner) = (format!("D-{}", PLACES[*depot]), format!("O-{}", PLACES[*owner]));
    for (item, quantity) in [("QUILT", *quilts), ("WATER", *bottles)] {
        if quantity > 0 {
            let lot = lot("L", "2030-01-01");
            receive_owned(position, &depot, Some(&owner), item, quantity, lot);
        }
    }
}

pub fn stocked(held: &[Holding]) -> Position {
    let mut position = placed();
    held.iter().for_each(|row| add(&mut position, row));
    position
}

pub fn with_persons(position: &Position, persons: i64) -> Position {
    let mut township = region(TOWNSHIP, 0, 0);
    township.planned_displaced = Some(persons);
    with_records(position, vec![crate::domain::reference::Record::Region(township)])
}

/// Coverage and all its layers.
fn figures(row: &Row) -> [Option<Ratio>; 6] {
    let layers = row.layers;
    [row.coverage, layers.own, layers.county, layers.city, layers.province, layers.isolated]
}

pub fn never_less(more: &Row, less: &Row) -> bool {
    let pairs = figures(more).into_iter().zip(figures(less));
    let held = pairs.into_iter().all(|(more, less)| more >= less);
    let sooner = more.full_at_min.unwrap_or(i64::MAX) <= less.full_at_min.unwrap_or(i64::MAX);
    held && sooner && more.persons_covered.is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn more_stock_time_or_scope_never_covers_less(
        held in holdings(),
        extra in holdings(),
        hours in 1..16_u32,
        longer in 0..8_u32,
    ) {
        let position = stocked(&held);
        let mut richer = position.clone();
        extra.iter().for_each(|row| add(&mut richer, row));
        let mut narrower: Option<Row> = None;
        for scope in Scope::ALL {
            let at = |position: &Position, hours| row(position, |query| {
                query.hours = Some(hours);
                query.scope = scope;
            });
            let base = at(&position, hours);
            prop_assert!(never_less(&at(&richer, hours), &base));
            prop_assert!(never_less(&at(&position, hours + longer), &base));
            if let Some(narrow) = narrower {
                prop_assert!(never_less(&base, &narrow));
            }
            let in_time = base.full_at_min.is_some_and(|at| at <= i64::from(hours) * 60);
            prop_assert_eq!(in_time, base.binding.is_none());
            prop_assert_eq!(in_time, base.coverage == Some(Ratio::ONE));
            let layers = base.layers;
            prop_assert!(layers.own <= layers.county && layers.county <= layers.city);
            prop_assert!(layers.city <= layers.province && layers.isolated <= layers.province);
            narrower = Some(base);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn more_people_are_never_better_covered(
        held in holdings(),
        persons in 1..3_000_i64,
        more in 0..3_000_i64,
    ) {
        let position = stocked(&held);
        let few = row(&with_persons(&position, persons), |_| {});
        let many = row(&with_persons(&position, persons + more), |_| {});
        prop_assert!(never_less(&few, &many));
    }

    #[test]
    fn the_indexes_find_what_a_look_at_everything_finds(held in holdings()) {
        let position = stocked(&held);
        let regions = &position.reference.regions;
        let on = query(&position, "37", None).on;
        let supply = Supply::gather(&position, on, &mut Ruler::default());
        for (area, scope) in regions.iter().flat_map(|(ix, _)| Scope::ALL.map(|s| (ix, s))) {
            let around = Neighbourhood::of(regions, area);
            let mut found: Vec<(u32, RegionIx)> = Vec::new();
            around.visit(&supply, scope, |source, _| found.push((source.depot, source.owner)));
            found.sort_unstable();
            let mut expected: Vec<_> = supply.all().iter()
                .filter(|source| around.standing(source, scope).is_some())
                .map(|source| (source.depot, source.owner))
                .collect();
            expected.sort_unstable();
            prop_assert_eq!(found, expected, "{:?} {:?}", area, scope);
        }
    }

    #[test]
    fn times_found_as_goods_come_are_those_of_a_full_sort(
        rows in prop::collection::vec((0..2_000_i64, 0..4_usize, 0..40_i128), 0..400),
        required in 1..6_000_i128,
        limit_min in 0..2_000_i64,
    ) {
        let amounts: Vec<[Amount; 1]> = rows.iter()
            .map(|(_, _, units)| [Amount { need: 0, units: *units }])
            .collect();
        let arrivals: Vec<Arrival> = rows.iter().zip(&amounts)
            .map(|((minutes, layer, _), amounts)| Arrival {
                minutes: *minutes,
                travel: Travel::Estimated,
                layer: Layer::ALL[*layer],
                inside: false,
                mode: Mode::GovPhysical,
                depot: None,
                hold: None,
                place: None,
                surviving_percent: 100,
                amounts,
            })
            .collect();
        let mut sorted = rows.clone();
        sorted.retain(|(_, layer, _)| *layer < 3);
        sorted.sort_unstable();
        let mut sum = 0;
        let met = sorted.iter().find(|(_, _, units)| {
            sum += units;
            sum >= required
        });
        let modes = &[Mode::GovPhysical];
        let measure = Measure { limit_min, counted: Layer::City, modes };
        let needs = [Arc::new(need("bedding", 1_000, Per::Once))];
        let mut goods = Goods::of_arrivals(arrivals, 1, limit_min);
        let tallies = tally(&[(required * 1_000, true)], &mut goods, measure, None);
        let verdict = Verdict::of(100, 1_000, &needs, &tallies);
        prop_assert_eq!(verdict.attained.full_at_min, met.map(|(minutes, ..)| *minutes));
        let in_time = sorted.iter().filter(|(minutes, ..)| *minutes <= limit_min);
        let reachable: i128 = in_time.map(|(_, _, units)| units).sum();
        prop_assert_eq!(i128::from(verdict.needs[0].reachable), reachable);
    }
}
