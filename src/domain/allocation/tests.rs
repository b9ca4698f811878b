//! The laws of allocation, against every set of areas and against cheapest paths.
//!
//! Lives here: small questions with known answers, and random ones. Does not live here: stock and
//! roads. Invariant: no check asks the solver.

use proptest::prelude::*;

use super::*;

pub(super) fn ask(units: i64, class: u32) -> Ask {
    Ask { units, class }
}

pub(super) fn link(source: usize, area: usize, minutes: u32) -> Link {
    Link { source, area, minutes }
}

/// A question that owns what it tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Case {
    pub supply: Vec<i64>,
    pub asks: Vec<Ask>,
    pub links: Vec<Link>,
    pub ranks: Vec<u8>,
}

impl Case {
    /// Nothing said is the lowest.
    pub(super) fn rank(&self, source: usize) -> u8 {
        self.ranks.get(source).copied().unwrap_or(0)
    }

    pub(super) fn ask<T>(&self, of: impl Fn(Question<'_>) -> T) -> T {
        let ranks = (0..self.supply.len()).map(|source| self.rank(source)).collect();
        let reach = Reach::of(ranks, self.asks.len(), self.links.iter().copied());
        of(Question { reach: &reach, supply: &self.supply, asks: &self.asks })
    }
}

/// Local stock of A 500 and of B 1,800, shared city stock 2,500; A asks 3,000, B 2,000.
fn shared_city() -> Case {
    Case {
        supply: vec![500, 1_800, 2_500],
        asks: vec![ask(3_000, 0), ask(2_000, 0)],
        links: vec![link(0, 0, 94), link(1, 1, 94), link(2, 0, 459), link(2, 1, 459)],
        ranks: vec![],
    }
}

#[test]
fn two_areas_share_the_citys_stock_evenly() {
    let plan = shared_city().ask(allocate);
    assert_eq!(plan.delivered, [2_880, 1_920], "24/25 of each");
    let from_city: Vec<i64> =
        plan.shipments.iter().filter(|s| s.link.source == 2).map(|s| s.units).collect();
    assert_eq!(from_city, [2_380, 120]);
    let proof = &plan.shortages[0];
    assert_eq!((proof.required, proof.reachable, proof.short()), (5_000, 4_800, 200));
    assert_eq!((proof.areas.as_slice(), proof.sources.as_slice()), (&[0, 1][..], &[0, 1, 2][..]));
}

#[test]
fn a_closed_road_leaves_the_rest_to_the_other() {
    let mut question = shared_city();
    question.links.retain(|link| (link.source, link.area) != (2, 0));
    let plan = question.ask(allocate);
    assert_eq!(plan.delivered, [500, 2_000]);
    assert_eq!(plan.shortages.len(), 1);
    assert_eq!(plan.shortages[0].areas, [0]);
}

#[test]
fn a_smaller_class_is_served_first() {
    let mut question = shared_city();
    question.asks = vec![ask(3_000, 1), ask(2_000, 0)];
    let plan = question.ask(allocate);
    assert_eq!(plan.delivered, [2_800, 2_000]);
}

#[test]
fn nobody_reached_is_a_shortage_without_sources() {
    let question = Case { supply: vec![9], asks: vec![ask(4, 0)], ..Case::default() };
    let plan = question.ask(allocate);
    assert_eq!((plan.delivered, plan.shipments.len()), (vec![0], 0));
    assert_eq!((plan.shortages[0].required, plan.shortages[0].reachable), (4, 0));
}

/// What can come to a set of areas at most.
fn reach_of(question: &Case, areas: u32) -> i64 {
    let supply = question.supply.iter().enumerate();
    supply
        .filter(|(source, _)| {
            let serves = |link: &&Link| link.source == *source && areas >> link.area & 1 == 1;
            question.links.iter().any(|link| serves(&link))
        })
        .map(|(_, units)| units)
        .sum()
}

fn sum_of(values: &[i64], areas: u32) -> i64 {
    values.iter().enumerate().filter(|(at, _)| areas >> at & 1 == 1).map(|(_, v)| v).sum()
}

/// The most that these areas can get together, by looking at every cut.
fn most_for(question: &Case, areas: u32) -> i64 {
    let asks: Vec<i64> = question.asks.iter().map(|ask| ask.units).collect();
    let sets = (0..1_u32 << question.asks.len()).filter(|set| set & !areas == 0);
    sets.map(|set| sum_of(&asks, areas & !set) + reach_of(question, set)).min().unwrap()
}

/// The fractions of the fairest division by looking at every set of areas (Gale's condition): the
/// tightest set is settled, then the rest with what is left.
fn fair_by_sets(question: &Case) -> Vec<(i64, i64)> {
    let areas = question.asks.len();
    let asks: Vec<i64> = question.asks.iter().map(|ask| ask.units).collect();
    let mut shares: Vec<Option<(i64, i64)>> =
        asks.iter().map(|units| (*units == 0).then_some((0, 1))).collect();
    let mut classes: Vec<u32> = question.asks.iter().map(|ask| ask.class).collect();
    classes.sort_unstable();
    classes.dedup();
    for class in classes {
        loop {
            let open: u32 = (0..areas)
                .filter(|a| question.asks[*a].class == class && shares[*a].is_none())
                .map(|a| 1 << a)
                .sum();
            if open == 0 {
                break;
            }
            // The least (reach - settled) / asked over all sets with an open area in it.
            let mut best: (i128, i128, u32) = (1, 1, 0);
            for set in 1..1_u32 << areas {
                let known = |a: usize| set >> a & 1 == 1 && shares[a].is_some();
                let later = (0..areas).any(|a| {
                    set >> a & 1 == 1 && shares[a].is_none() && question.asks[a].class != class
                });
                if set & open == 0 || later {
                    continue;
                }
                // Over a common denominator.
                let common: i128 = (0..areas)
                    .filter(|a| known(*a))
                    .map(|a| i128::from(shares[a].unwrap().1))
                    .product();
                let settled: i128 = (0..areas)
                    .filter(|a| known(*a))
                    .map(|a| {
                        i128::from(shares[a].unwrap().0) * common / i128::from(shares[a].unwrap().1)
                    })
                    .sum();
                let part = i128::from(reach_of(question, set)) * common - settled;
                let whole = i128::from(sum_of(&asks, set & open)) * common;
                if part * best.1 < best.0 * whole {
                    best = (part, whole, set & open);
                }
            }
            let bound = if best.2 == 0 { open } else { best.2 };
            let scale = gcd(best.0, best.1);
            for a in (0..areas).filter(|a| bound >> a & 1 == 1) {
                let units = i128::from(asks[a]) * best.0 / scale;
                let (units, whole) = (units, best.1 / scale);
                let cut = gcd(units, whole);
                let narrow = |value: i128| i64::try_from(value).unwrap();
                shares[a] = Some((narrow(units / cut), narrow(whole / cut)));
            }
        }
    }
    shares.into_iter().map(|share| share.unwrap()).collect()
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

/// The least cost of bringing `delivered`, by cheapest augmenting paths (Bellman-Ford).
fn least_cost_by_paths(question: &Case, delivered: &[i64]) -> i64 {
    let (s, a) = (question.supply.len(), question.asks.len());
    let mut arcs: Vec<(usize, usize, i64, i64)> = Vec::new();
    let mut add = |from, to, capacity, cost| {
        arcs.push((from, to, capacity, cost));
        arcs.push((to, from, 0, -cost));
    };
    for (at, units) in question.supply.iter().enumerate() {
        add(s + a, at, *units, 0);
    }
    for (at, units) in delivered.iter().enumerate() {
        add(s + at, s + a + 1, *units, 0);
    }
    for link in &question.links {
        add(link.source, s + link.area, i64::MAX / 4, i64::from(link.minutes));
    }
    let mut cost = 0;
    loop {
        let mut best = vec![(i64::MAX, usize::MAX); s + a + 2];
        best[s + a].0 = 0;
        for _ in 0..s + a + 2 {
            for (at, (from, to, left, step)) in arcs.iter().enumerate() {
                if *left > 0 && best[*from].0 < i64::MAX && best[*from].0 + step < best[*to].0 {
                    best[*to] = (best[*from].0 + step, at);
                }
            }
        }
        if best[s + a + 1].0 == i64::MAX {
            return cost;
        }
        let mut node = s + a + 1;
        cost += best[node].0;
        while node != s + a {
            let arc = best[node].1;
            arcs[arc].2 -= 1;
            arcs[arc ^ 1].2 += 1;
            node = arcs[arc].0;
        }
    }
}

/// Checks a shortage without the solver: nobody else reaches these areas, and they ask for more.
fn assert_proof(question: &Case, plan: &Plan, proof: &Shortage) {
    let reaching: std::collections::BTreeSet<usize> = question
        .links
        .iter()
        .filter(|link| proof.areas.contains(&link.area) && question.supply[link.source] > 0)
        .map(|link| link.source)
        .collect();
    assert!(reaching.iter().all(|source| proof.sources.contains(source)), "{proof:?}");
    assert!(proof.short() > 0, "{proof:?}");
    let held: i64 = proof.sources.iter().map(|source| question.supply[*source]).sum();
    let asked: i64 = proof.areas.iter().map(|area| question.asks[*area].units).sum();
    assert_eq!((proof.required, proof.reachable), (asked, held));
    let given: i64 = proof.areas.iter().map(|area| plan.delivered[*area]).sum();
    assert_eq!(given, held, "everything that reaches them goes to them");
}

pub(super) fn questions() -> impl Strategy<Value = Case> {
    let size = (1_usize..=5, 1_usize..=4);
    size.prop_flat_map(|(sources, areas)| {
        let supply = prop::collection::vec(0_i64..12, sources);
        let asks = prop::collection::vec((0_i64..12, 0_u32..2), areas);
        let ways = prop::collection::vec(prop::option::weighted(0.6, 1_u32..40), sources * areas);
        (supply, asks, ways).prop_map(move |(supply, asks, ways)| Case {
            supply,
            asks: asks.into_iter().map(|(units, class)| ask(units, class)).collect(),
            links: ways
                .into_iter()
                .enumerate()
                .filter_map(|(at, minutes)| Some(link(at / areas, at % areas, minutes?)))
                .collect(),
            ranks: vec![],
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn small_questions_have_the_answer_of_every_set(question in questions()) {
        let plan = question.ask(allocate);
        for set in 1..1_u32 << question.asks.len() {
            prop_assert!(sum_of(&plan.delivered, set) <= reach_of(&question, set), "cannot be");
        }
        for (area, (part, whole)) in fair_by_sets(&question).into_iter().enumerate() {
            let given = plan.delivered[area];
            let least = part.div_euclid(whole);
            let most = least + i64::from(part % whole > 0);
            prop_assert!((least..=most).contains(&given), "{area}: {given}, not {part}/{whole}");
        }
        for class in 0..2 {
            let of_class: u32 = (0..question.asks.len())
                .filter(|area| question.asks[*area].class <= class)
                .map(|area| 1 << area)
                .sum();
            let given = sum_of(&plan.delivered, of_class);
            prop_assert_eq!(given, most_for(&question, of_class), "the greatest total there is");
        }
        for proof in &plan.shortages {
            assert_proof(&question, &plan, proof);
        }
    }

    #[test]
    fn what_is_brought_is_brought_at_the_least_time(question in questions()) {
        let plan = question.ask(allocate);
        let mut brought = vec![0; question.asks.len()];
        let mut sent = vec![0; question.supply.len()];
        let mut cost = 0;
        for shipment in &plan.shipments {
            prop_assert!(question.links.contains(&shipment.link));
            brought[shipment.link.area] += shipment.units;
            sent[shipment.link.source] += shipment.units;
            cost += i64::from(shipment.link.minutes) * shipment.units;
        }
        prop_assert_eq!(&brought, &plan.delivered);
        prop_assert!(sent.iter().zip(&question.supply).all(|(sent, held)| sent <= held));
        prop_assert_eq!(cost, least_cost_by_paths(&question, &plan.delivered));
    }

    #[test]
    fn the_order_of_sources_does_not_matter(question in questions(), turn in 0_usize..5) {
        let sources = question.supply.len();
        let moved = |source: usize| (source + turn) % sources;
        let mut turned = question.clone();
        for (source, units) in question.supply.iter().enumerate() {
            turned.supply[moved(source)] = *units;
        }
        for link in &mut turned.links {
            link.source = moved(link.source);
        }
        turned.links.reverse();
        prop_assert_eq!(turned.ask(allocate).delivered, question.ask(allocate).delivered);
    }

    #[test]
    fn more_stock_never_lowers_the_total(
        question in questions(),
        more in 1_i64..9,
        at in 0_usize..5,
    ) {
        let total = |question: &Case| question.ask(divide).iter().sum::<i64>();
        let mut richer = question.clone();
        let source = at % question.supply.len();
        richer.supply[source] += more;
        prop_assert!(total(&richer) >= total(&question));
    }
}
