//! Where old goods may leave first: each is replaced within the gap days, the floor is kept, and
//! no plan buys less. A year's cap holds for what channels take.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;

use super::*;
use crate::domain::calendar::add_days;
use crate::domain::fixture::{code, day};
use crate::domain::profile::{Channel, RotationMode};

const FIRST: &str = "2022-01-01";
/// Days from one day on which anything happens to the next.
const STEP: i64 = 10;

fn nth(step: usize) -> NaiveDate {
    add_days(day(FIRST), i64::try_from(step).unwrap() * STEP)
}

/// Lots by the step on which they leave; floor and target of each step.
#[derive(Debug, Clone)]
struct Line {
    lots: Vec<(usize, i64)>,
    standards: Vec<(i64, i64)>,
    gap: usize,
    pack: i64,
}

impl Line {
    fn task(&self) -> Task {
        let holdings = self.lots.iter().map(|(leaves, quantity)| Holding {
            lot_id: None,
            quantity: *quantity,
            last_usable_on: Some(nth(*leaves)),
        });
        let steps = self.standards.iter().enumerate();
        let standards = steps.map(|(step, (floor, more))| Standard {
            target: floor + more,
            floor: *floor,
            from: nth(step),
            to: Some(add_days(nth(step + 1), -1)),
        });
        Task {
            today: add_days(day(FIRST), -1),
            period: (day(FIRST), nth(self.standards.len() - 1)),
            holdings: holdings.collect(),
            standards: standards.collect(),
            committed: Vec::new(),
            withdrawals: Vec::new(),
            turnover: Turnover {
                mode: RotationMode::OutBeforeIn,
                gap_days: u32::try_from(self.gap).unwrap() * 10,
                ..Turnover::default()
            },
            life_months: None,
            pack: self.pack,
        }
    }

    /// Whether so many packs bought on each step keep the floor, and replace what left below the
    /// target as long as the target asks for it.
    fn is_kept(&self, packs: &[i64]) -> bool {
        let mut effective: i64 = self.lots.iter().map(|(_, quantity)| quantity).sum();
        let mut debts: BTreeMap<usize, i64> = BTreeMap::new();
        for (step, ((floor, more), packs)) in self.standards.iter().zip(packs).enumerate() {
            let target = floor + more;
            for (_, quantity) in self.lots.iter().filter(|(leaves, _)| *leaves == step) {
                let nominal = effective + debts.values().sum::<i64>();
                let owed = target.min(nominal) - (nominal - quantity);
                *debts.entry(step + self.gap).or_default() += owed.max(0);
                effective -= quantity;
            }
            let mut come = packs * self.pack;
            effective += come;
            for debt in debts.values_mut() {
                let paid = come.min(*debt);
                (come, *debt) = (come - paid, *debt - paid);
            }
            let mut lacking = (target - effective).max(0);
            for (_, debt) in debts.iter_mut().filter(|(by, _)| **by <= step) {
                *debt = lacking.min(*debt);
                lacking -= *debt;
            }
            let overdue: i64 = debts.iter().filter(|(by, _)| **by <= step).map(|(_, d)| d).sum();
            if effective < *floor || overdue > 0 {
                return false;
            }
        }
        true
    }

    fn least(&self, most: i64) -> Option<i64> {
        let steps = self.standards.len();
        let ways = (0..steps).map(|_| 0..=most).fold(vec![Vec::new()], |ways, packs| {
            let longer = |way: &Vec<i64>| {
                let way = way.clone();
                packs.clone().map(move |packs| [way.clone(), vec![packs]].concat())
            };
            ways.iter().flat_map(longer).collect::<Vec<_>>()
        });
        let kept = ways.iter().filter(|way| self.is_kept(way));
        kept.map(|way| way.iter().sum::<i64>() * self.pack).min()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_plan_that_replaces_within_the_gap_buys_less(
        lots in prop::collection::vec((0..3_usize, 1..4_i64), 0..4),
        standards in prop::collection::vec((0..4_i64, 0..3_i64), 4),
        gap in 0..3_usize,
        pack in 1..4_i64,
    ) {
        let line = Line { lots, standards, gap, pack };
        let found = plan(&line.task()).unwrap();
        prop_assert!(found.after.balanced && found.unrepairable.is_empty());
        let last = nth(line.standards.len() - 1);
        let bought = found.inbounds.iter().filter(|inbound| inbound.needed_on <= last);
        let bought: i64 = bought.map(|inbound| inbound.quantity).sum();
        let most = 5_i64.div_euclid(pack) + 1;
        prop_assert_eq!(Some(bought), line.least(most), "{:?}", found.inbounds);
    }

    #[test]
    fn channels_take_no_more_than_the_cap_within_a_year(
        lots in prop::collection::vec((1..400_i64, 30..900_i64), 1..6),
        cap in 0..1_001_u32,
        lead_days in 0..40_u32,
    ) {
        let channel = |name: &str, min_days_left| Channel {
            code: code(name),
            label: String::new(),
            label_en: String::new(),
            min_days_left,
            lead_days,
        };
        let mut task = Line { lots: Vec::new(), standards: vec![(0, 0)], gap: 0, pack: 1 }.task();
        let held: i64 = lots.iter().map(|(quantity, _)| quantity).sum();
        task.period.1 = add_days(day(FIRST), 1_000);
        task.standards = vec![Standard { target: held, floor: 0, from: day(FIRST), to: None }];
        task.turnover.channels = vec![channel("A", 90), channel("B", 20)];
        task.turnover.annual_cap_permille = Some(cap);
        task.holdings = lots.iter().map(|(quantity, days)| Holding {
            lot_id: None,
            quantity: *quantity,
            last_usable_on: Some(add_days(day(FIRST), *days)),
        }).collect();
        let found = plan(&task).unwrap();
        let mut years: BTreeMap<i32, i64> = BTreeMap::new();
        for out in found.rotate_outs.iter().filter(|out| out.channel.is_some()) {
            *years.entry(out.on.year()).or_default() += out.quantity;
        }
        let most = i128::from(held) * i128::from(cap) / 1_000;
        prop_assert!(years.values().all(|taken| i128::from(*taken) <= most), "{:?}", years);
        let left: i64 = found.rotate_outs.iter().map(|out| out.quantity).sum();
        prop_assert!(left >= held, "what no channel takes goes on its last day");
    }
}

#[test]
fn what_the_cap_holds_back_goes_by_a_later_channel_or_in_another_year() {
    let mut task = Line { lots: Vec::new(), standards: vec![(0, 0)], gap: 0, pack: 1 }.task();
    let channel = |name: &str, min_days_left| Channel {
        code: code(name),
        label: String::new(),
        label_en: String::new(),
        min_days_left,
        lead_days: 0,
    };
    task.period.1 = day("2023-12-31");
    task.standards = vec![Standard { target: 1_000, floor: 0, from: day(FIRST), to: None }];
    task.turnover.channels = vec![channel("A", 60), channel("B", 10)];
    task.turnover.annual_cap_permille = Some(300);
    let last_usable_on = Some(day("2023-01-20"));
    task.holdings = vec![Holding { lot_id: None, quantity: 800, last_usable_on }];
    let found = plan(&task).unwrap();
    let outs = found.rotate_outs.iter();
    let outs = outs.filter(|out| matches!(out.source, Source::Supposed(_)));
    let outs: Vec<_> = outs.map(|out| (out.on.to_string(), out.channel, out.quantity)).collect();
    let expected =
        [("2022-11-21", Some(0), 300), ("2023-01-10", Some(1), 300), ("2023-01-20", None, 200)];
    assert_eq!(outs, expected.map(|(on, channel, units)| (on.to_string(), channel, units)));
}
