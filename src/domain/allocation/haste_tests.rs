//! How quick plans are, and what ends early: proofs checked by a few lines of their own.
//!
//! Lives here: bounds from prices, plans that had no time to become quick, the least time of the
//! greatest total, and whole units that only some areas can get. Does not live here: fairness
//! (`tests`, `law_tests`). Invariant: no check asks the solver.

use proptest::prelude::*;

use super::law_tests::medium;
use super::tests::{Case, ask, link, questions};
use super::*;

/// What prices prove: all that areas pay, less all that sources could earn.
fn proven(case: &Case, delivered: &[i64], prices: &[i64]) -> i128 {
    let mut best = vec![0_i64; case.supply.len()];
    for way in &case.links {
        let earns = prices[way.area] - i64::from(way.minutes);
        best[way.source] = best[way.source].max(earns);
    }
    let product = |(one, other): (&i64, &i64)| i128::from(*one) * i128::from(*other);
    let paid: i128 = delivered.iter().zip(prices).map(product).sum();
    paid - case.supply.iter().zip(&best).map(product).sum::<i128>()
}

/// Brings what it says over ways there are, and tells its own minutes.
fn assert_whole(case: &Case, plan: &Plan) {
    let (mut brought, mut sent) = (vec![0; case.asks.len()], vec![0; case.supply.len()]);
    let mut minutes = 0;
    for one in &plan.shipments {
        assert!(one.units > 0 && case.links.contains(&one.link), "{one:?}");
        brought[one.link.area] += one.units;
        sent[one.link.source] += one.units;
        minutes += i128::from(one.link.minutes) * i128::from(one.units);
    }
    assert_eq!(brought, plan.delivered);
    assert!(sent.iter().zip(&case.supply).all(|(sent, held)| sent <= held));
    assert_eq!(minutes, plan.haste.minutes);
    assert_eq!(proven(case, &plan.delivered, &plan.haste.prices), plan.haste.least);
}

/// Answers that end after `go_on` was asked so often.
fn allocate_for(case: &Case, times: u32) -> Plan {
    case.ask(|question| {
        let mut left = times;
        allocate_while(question, &mut || {
            left = left.saturating_sub(1);
            left > 0
        })
    })
}

/// Total and minutes of the greatest total at the least time, unit by unit over the cheapest path
/// (Bellman-Ford).
fn most_at_least_time(case: &Case) -> (i64, i64) {
    let (sources, areas) = (case.supply.len(), case.asks.len());
    let (begin, end) = (sources + areas, sources + areas + 1);
    let mut arcs: Vec<(usize, usize, i64, i64)> = Vec::new();
    let mut add = |from, to, capacity, cost| {
        arcs.push((from, to, capacity, cost));
        arcs.push((to, from, 0, -cost));
    };
    for (at, units) in case.supply.iter().enumerate() {
        add(begin, at, *units, 0);
    }
    for (at, ask) in case.asks.iter().enumerate() {
        add(sources + at, end, ask.units, 0);
    }
    for way in &case.links {
        add(way.source, sources + way.area, i64::MAX / 4, i64::from(way.minutes));
    }
    let (mut total, mut minutes) = (0, 0);
    loop {
        let mut best = vec![(i64::MAX, usize::MAX); sources + areas + 2];
        best[begin].0 = 0;
        for _ in 0..best.len() {
            for (at, (from, to, left, cost)) in arcs.iter().enumerate() {
                if *left > 0 && best[*from].0 < i64::MAX && best[*from].0 + cost < best[*to].0 {
                    best[*to] = (best[*from].0 + cost, at);
                }
            }
        }
        if best[end].0 == i64::MAX {
            return (total, minutes);
        }
        (total, minutes) = (total + 1, minutes + best[end].0);
        let mut node = end;
        while node != begin {
            let arc = best[node].1;
            arcs[arc].2 -= 1;
            arcs[arc ^ 1].2 += 1;
            node = arcs[arc].0;
        }
    }
}

/// So many sources and areas, all of which reach each other, from a seed.
fn large(sources: usize, areas: usize) -> Case {
    let mut state = 20_260_401_u64;
    let mut dice = |most: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % most).unwrap()
    };
    let supply: Vec<i64> = (0..sources).map(|_| dice(40) * dice(40)).collect();
    let share = supply.iter().sum::<i64>() / i64::try_from(areas).unwrap();
    let asks = (0..areas).map(|_| ask(share / 2 + dice(share.unsigned_abs()), 0)).collect();
    let pairs = (0..sources).flat_map(|source| (0..areas).map(move |area| (source, area)));
    let links = pairs.map(|(source, area)| {
        let minutes = 30 + dice(600);
        link(source, area, u32::try_from(minutes).unwrap())
    });
    Case { links: links.collect(), supply, asks, ranks: vec![] }
}

#[test]
fn a_long_search_ends_when_it_is_told_to_and_proves_how_good_it_is() {
    let case = large(300, 60);
    let whole = case.ask(allocate);
    assert!(whole.haste.is_proven());
    assert_whole(&case, &whole);
    let asked = case.ask(|question| {
        let mut asked = 0;
        allocate_while(question, &mut || {
            asked += 1;
            true
        });
        asked
    });
    assert!(asked > 20, "asked {asked} times: now and then, not only between looks");
    let mut gaps = Vec::new();
    for times in [1, 2, 5, asked / 2, asked] {
        let plan = allocate_for(&case, times);
        assert_eq!((&plan.delivered, &plan.shortages), (&whole.delivered, &whole.shortages));
        assert_whole(&case, &plan);
        assert!(plan.haste.least <= whole.haste.minutes, "no bound is above the quickest");
        assert!(plan.haste.minutes >= whole.haste.minutes);
        gaps.push(plan.haste.minutes - plan.haste.least);
    }
    assert!(gaps[0] > 0 && gaps[4] < gaps[0], "{gaps:?}");
    assert_eq!(allocate_for(&case, asked + 1), whole);
}

#[test]
fn without_any_time_a_plan_is_what_comes_first_and_does_not_claim_to_be_quick() {
    let links = vec![link(0, 0, 1), link(0, 1, 2), link(1, 0, 2), link(1, 1, 100)];
    let case = Case { supply: vec![1, 1], asks: vec![ask(1, 0); 2], links, ranks: vec![] };
    let plan = allocate_for(&case, 1);
    assert_eq!((plan.haste.minutes, plan.haste.is_proven()), (101, false));
    assert!((3..=4).contains(&plan.haste.least), "{}", plan.haste.least);
    assert_eq!(case.ask(allocate).haste.minutes, 4);
}

#[test]
fn whole_units_left_over_go_where_they_can_be_brought() {
    // Two pairs of areas with one unit each and the same share: the two largest remainders by name
    // are of one pair, which has but one unit.
    let case = Case {
        supply: vec![1, 1],
        asks: vec![ask(2, 0); 4],
        links: vec![link(0, 0, 9), link(0, 1, 9), link(1, 2, 9), link(1, 3, 9)],
        ranks: vec![],
    };
    assert_eq!(case.ask(allocate).delivered, [1, 0, 1, 0]);
}

#[test]
fn an_area_goes_without_where_another_is_served_sooner() {
    // Nearest-first serves the second area from its own source and the first from afar.
    let case = Case {
        supply: vec![5, 5, 5],
        asks: vec![ask(5, 0), ask(5, 0), ask(5, 0), ask(5, 0)],
        links: vec![
            link(0, 0, 10),
            link(0, 1, 12),
            link(1, 1, 11),
            link(1, 2, 40),
            link(2, 2, 90),
            link(2, 3, 95),
            link(1, 3, 20),
        ],
        ranks: vec![],
    };
    let found = case.ask(hasten);
    let minutes: i64 = found.iter().map(|one| i64::from(one.link.minutes) * one.units).sum();
    assert_eq!((15, minutes), most_at_least_time(&case));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_plan_carries_the_proof_that_none_is_quicker(case in medium()) {
        let plan = case.ask(allocate);
        assert_whole(&case, &plan);
        prop_assert!(plan.haste.is_proven());
    }

    #[test]
    fn the_greatest_total_comes_at_the_least_time(case in questions()) {
        let found = case.ask(hasten);
        let minutes = found.iter().map(|one| i64::from(one.link.minutes) * one.units).sum();
        let total = found.iter().map(|one| one.units).sum();
        prop_assert_eq!((total, minutes), most_at_least_time(&case));
    }

    #[test]
    fn what_ends_early_is_whole_and_knows_how_good_it_is(case in medium(), times in 1_u32..8) {
        let (plan, whole) = (allocate_for(&case, times), case.ask(allocate));
        prop_assert_eq!(&plan.delivered, &whole.delivered);
        prop_assert_eq!(&plan.shortages, &whole.shortages);
        assert_whole(&case, &plan);
        prop_assert!(plan.haste.least <= whole.haste.minutes);
        prop_assert!(plan.haste.minutes >= whole.haste.minutes);
    }

    #[test]
    fn a_longer_limit_brings_no_less_and_leaves_nobody_worse_off(
        case in questions(),
        limit in 1_u32..40,
        more in 0_u32..20,
    ) {
        let within = |limit: u32| {
            let mut case = case.clone();
            case.links.retain(|way| way.minutes <= limit);
            case.ask(divide)
        };
        let (short, long) = (within(limit), within(limit + more));
        prop_assert!(long.iter().sum::<i64>() >= short.iter().sum::<i64>());
        if case.asks.iter().all(|ask| ask.class == 0) {
            // The least share does not fall, but for the cutting to whole units.
            let least = |units: &[i64], up: i64| {
                let rows = case.asks.iter().zip(units).filter(|(ask, _)| ask.units > 0);
                let shares = rows.map(|(ask, units)| ((units + up) * 10_000).div_euclid(ask.units));
                shares.min().unwrap_or_default()
            };
            prop_assert!(least(&long, 1) >= least(&short, 0));
        }
    }
}
