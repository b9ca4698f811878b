//! Properties of projection and plan: the floor is kept, no plan buys less, every day is looked at.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::domain::calendar::{add_days, add_months};
use crate::domain::fixture::{code, day};
use crate::domain::profile::{Channel, RotationMode};

const FIRST: &str = "2022-01-01";

fn days_on(days: i64) -> NaiveDate {
    add_days(day(FIRST), days)
}

fn standard(target: i64, floor: i64) -> Standard {
    Standard { target, floor, from: day("2020-01-01"), to: None }
}

prop_compose! {
    fn channels()(rows in prop::collection::vec((0..90_u32, 0..60_u32), 0..3)) -> Vec<Channel> {
        let channel = |(ix, (min_days_left, lead_days))| Channel {
            code: code(&format!("C{ix}")),
            label: String::new(),
            label_en: String::new(),
            min_days_left,
            lead_days,
        };
        rows.into_iter().enumerate().map(channel).collect()
    }
}

prop_compose! {
    /// Any line: lots, purchases under way, withdrawals, changing standards.
    fn lines()(
        lots in prop::collection::vec((1..400_i64, prop::option::of(0..700_i64)), 0..6),
        committed in prop::collection::vec((0..600_i64, 1..400_i64, any::<bool>()), 0..4),
        withdrawn in prop::collection::vec((0..600_i64, 1..300_i64), 0..3),
        floors in prop::collection::vec(0..900_i64, 1..4),
        channels in channels(),
        (safety_days, purchase_lead_days) in (0..28_u32, 0..90_u32),
        (life_months, pack, gap_days) in (prop::option::of(1..24_u32), 1..60_i64, 0..90_u32),
        (out_first, annual_cap_permille) in (any::<bool>(), prop::option::of(0..1_000_u32)),
        days in 1..730_i64,
    ) -> Task {
        let holding = |(ix, (quantity, days)): (i64, (i64, Option<i64>))| Holding {
            lot_id: Some(ix),
            quantity,
            last_usable_on: days.map(days_on),
        };
        let standard = |(ix, floor): (i64, i64)| Standard {
            target: floor + 100,
            floor,
            from: days_on(ix * 100 - 50),
            to: Some(days_on(ix * 100 + 49)),
        };
        let commitment = |(days, quantity, movable)| Commitment {
            on: days_on(days),
            quantity,
            last_usable_on: None,
            movable,
        };
        let withdrawal = |(days, quantity)| Withdrawal {
            on: days_on(days),
            what: What::FirstExpired(quantity),
        };
        let mode =
            if out_first { RotationMode::OutBeforeIn } else { RotationMode::InBeforeOut };
        Task {
            today: day(FIRST),
            period: (day(FIRST), days_on(days)),
            holdings: (1..).zip(lots).map(holding).collect(),
            standards: (0..).zip(floors).map(standard).collect(),
            committed: committed.into_iter().map(commitment).collect(),
            withdrawals: withdrawn.into_iter().map(withdrawal).collect(),
            turnover: Turnover {
                mode, gap_days, safety_days, purchase_lead_days, annual_cap_permille, channels,
            },
            life_months,
            pack,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_projection_is_below_the_floor_only_where_nothing_can_come(task in lines()) {
        let found = plan(&task).unwrap();
        let earliest = earliest(&task);
        let mut on = task.period.0;
        while on <= task.period.1 {
            let step = found.after.steps.iter().rev().find(|step| step.on <= on).unwrap();
            let short = step.effective < step.floor;
            let named = found.unrepairable.iter().any(|one| {
                one.rule != Rule::RotationGap && one.first_on <= on && on <= one.last_on
            });
            prop_assert_eq!(short, named, "{}", on);
            prop_assert!(!short || on < earliest, "{} is short", on);
            on = add_days(on, 1);
        }
    }

    #[test]
    fn what_the_plan_says_is_what_it_does(task in lines()) {
        let found = plan(&task).unwrap();
        for inbound in &found.inbounds {
            prop_assert!(inbound.on <= inbound.needed_on && inbound.on >= earliest(&task));
            prop_assert!(inbound.order_by >= task.today);
            prop_assert_eq!(inbound.quantity % task.pack, 0);
            prop_assert!(inbound.quantity - inbound.short < task.pack);
            prop_assert!(!inbound.losses.is_empty());
        }
        for out in &found.rotate_outs {
            let last = out.last_usable_on.unwrap();
            let channel = out.channel.map(|ix| &task.turnover.channels[ix]);
            let left = channel.map_or(0, |channel| i64::from(channel.min_days_left));
            prop_assert!(out.on <= add_days(last, -left));
            prop_assert!(channel.is_none() || out.decide_by >= task.today);
        }
        for (ix, purchase) in task.committed.iter().enumerate() {
            let moved = found.moved.iter().filter(|moved| moved.committed == ix);
            let sum: i64 = moved.map(|moved| moved.quantity).sum();
            prop_assert!(sum <= purchase.quantity && (sum == 0 || purchase.movable));
        }
    }

    #[test]
    fn each_replacement_follows_within_the_gap(mut task in lines()) {
        task.turnover.mode = RotationMode::OutBeforeIn;
        // At the target on the first day, whole units, nothing else going on.
        (task.pack, task.committed, task.withdrawals) = (1, Vec::new(), Vec::new());
        task.turnover.purchase_lead_days = 0;
        task.today = add_days(task.period.0, -1);
        task.holdings.retain(|lot| lot.last_usable_on.is_none_or(|last| last >= task.period.0));
        let held: i64 = task.holdings.iter().map(|lot| lot.quantity).sum();
        task.standards = vec![standard(held, held / 2)];
        let found = plan(&task).unwrap();
        let gap = i64::from(task.turnover.gap_days);
        for out in &found.rotate_outs {
            let gone: i64 = found.rotate_outs.iter()
                .filter(|other| other.on <= out.on).map(|other| other.quantity).sum();
            let come: i64 = found.inbounds.iter()
                .filter(|inbound| inbound.on <= add_days(out.on, gap))
                .map(|inbound| inbound.quantity).sum();
            prop_assert!(come >= gone, "{:?}: {} of {}", out, come, gone);
        }
        prop_assert!(found.unrepairable.is_empty());
    }

    #[test]
    fn more_stock_never_asks_for_more(task in lines(), more in 1..500_i64, last in 0..900_i64) {
        let mut task = task;
        (task.turnover.mode, task.committed) = (RotationMode::InBeforeOut, Vec::new());
        (task.turnover.safety_days, task.turnover.channels) = (0, Vec::new());
        task.today = add_days(task.period.0, -1);
        task.turnover.purchase_lead_days = 0;
        // A withdrawal takes what ends first: with more stock it may leave more of what was bought,
        // which ends and is bought again.
        if task.life_months.is_some() {
            task.withdrawals.clear();
        }
        let before = plan(&task).unwrap().purchased();
        let last_usable_on = Some(days_on(last));
        task.holdings.push(Holding { lot_id: None, quantity: more, last_usable_on });
        prop_assert!(plan(&task).unwrap().purchased() <= before);
    }

    #[test]
    fn steps_are_a_simulation_day_by_day(
        lots in prop::collection::vec((0..500_i64, prop::option::of(0..120_i64)), 0..6),
        planned in prop::collection::vec((-20..120_i64, -300..300_i64), 0..6),
        floors in prop::collection::vec((0..900_i64, -10..60_i64, 0..60_i64), 0..4),
        days in 0..100_i64,
    ) {
        let holding = |(quantity, days): &(i64, Option<i64>)| Holding {
            lot_id: None,
            quantity: *quantity,
            last_usable_on: days.map(days_on),
        };
        let holdings: Vec<Holding> = lots.iter().map(holding).collect();
        let planned: Vec<Change> =
            planned.iter().map(|(on, quantity)| (days_on(*on), *quantity)).collect();
        let standards: Vec<Standard> = floors.iter().map(|(floor, from, length)| Standard {
            target: floor + 10,
            floor: *floor,
            from: days_on(*from),
            to: Some(days_on(from + length)),
        }).collect();
        let period = (day(FIRST), days_on(days));
        let found = project(&holdings, &planned, &standards, period).unwrap();
        let mut breaches = Vec::new();
        for on in (0..=days).map(days_on) {
            let kept = holdings.iter().filter(|lot| lot.last_usable_on.is_none_or(|l| l >= on));
            let changed = planned.iter().filter(|(day, _)| *day <= on).map(|(_, q)| q);
            let stock = kept.map(|lot| lot.quantity).sum::<i64>() + changed.sum::<i64>();
            let floor: i64 = standards.iter()
                .filter(|one| one.from <= on && one.to.is_none_or(|last| on <= last))
                .map(|one| one.floor).sum();
            let step = found.steps.iter().rev().find(|step| step.on <= on).unwrap();
            prop_assert_eq!((step.effective, step.floor), (stock.max(0), floor), "{}", on);
            breaches.extend((stock.max(0) < floor).then_some(on));
        }
        prop_assert_eq!(found.first_breach_on, breaches.first().copied());
        prop_assert_eq!(found.breach_days, i64::try_from(breaches.len()).unwrap());
        prop_assert_eq!(found.balanced, breaches.is_empty());
    }
}

/// A line on the firsts of some months: stock that ends there, a floor for each, deliveries that
/// last some months.
#[derive(Debug, Clone)]
struct Small {
    /// By the month after which they are gone.
    lots: Vec<(usize, i64)>,
    floors: Vec<i64>,
    life: usize,
    pack: i64,
}

fn first_of(month: usize) -> NaiveDate {
    add_months(day(FIRST), u32::try_from(month).unwrap())
}

/// The least total of all ways to buy up to `most` packs on the first of each month.
fn cheapest(small: &Small, most: usize) -> Option<i64> {
    let months = small.floors.len();
    let power = |month: usize| (most + 1).pow(u32::try_from(month).unwrap());
    let mut best = None;
    for way in 0..power(months) {
        let packs = |month: usize| (way / power(month)) % (most + 1);
        let kept = (0..months).all(|month| {
            let held: i64 =
                small.lots.iter().filter(|(gone, _)| month < *gone).map(|(_, q)| q).sum();
            let bought: usize = (0..=month).filter(|on| month < on + small.life).map(packs).sum();
            held + i64::try_from(bought).unwrap() * small.pack >= small.floors[month]
        });
        let total = i64::try_from((0..months).map(packs).sum::<usize>()).unwrap() * small.pack;
        if kept && best.is_none_or(|least| total < least) {
            best = Some(total);
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn no_plan_buys_less(
        lots in prop::collection::vec((1..6_usize, 1..6_i64), 0..4),
        floors in prop::collection::vec(0..5_i64, 5),
        life in 1..5_usize,
        pack in 1..4_i64,
    ) {
        let small = Small { lots, floors, life, pack };
        let standards = small.floors.iter().enumerate().map(|(month, floor)| Standard {
            target: *floor,
            floor: *floor,
            from: first_of(month),
            to: Some(add_days(first_of(month + 1), -1)),
        });
        // A lot leaves on its last usable day: the first of the month from which it is gone.
        let holdings = small.lots.iter().map(|(gone, quantity)| Holding {
            lot_id: None,
            quantity: *quantity,
            last_usable_on: Some(first_of(*gone)),
        });
        let task = Task {
            today: add_days(day(FIRST), -1),
            period: (day(FIRST), first_of(small.floors.len() - 1)),
            holdings: holdings.collect(),
            standards: standards.collect(),
            committed: Vec::new(),
            withdrawals: Vec::new(),
            turnover: Turnover::default(),
            life_months: Some(u32::try_from(small.life).unwrap()),
            pack: small.pack,
        };
        let found = plan(&task).unwrap();
        prop_assert!(found.after.balanced);
        let most = usize::try_from((4 + small.pack - 1) / small.pack).unwrap();
        let least = cheapest(&small, most);
        prop_assert_eq!(Some(found.purchased()), least, "{:?}", found.inbounds);
    }
}
