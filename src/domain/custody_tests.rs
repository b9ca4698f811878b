//! Tests of the custody view: goods count where they lie, and those owned above never.

use proptest::prelude::*;

use super::*;
use crate::domain::account::weigh;
use crate::domain::fixture::*;
use crate::domain::gap::{self, RollUp};
use crate::domain::line::Sum;
use crate::domain::reference::Record;
use crate::domain::region::Tier;
use crate::domain::stock::Standing;

const ON: &str = "2021-11-10";
/// City, counties A and B, A's towns.
const PLACES: [&str; 5] = ["3713", "371301", "371302", "371301101", "371301102"];
/// The same and a village of the first town, which has no quota.
const DEPOTS: [&str; 6] = ["3713", "371301", "371302", "371301101", "371301102", "371301101201"];

fn quilts(place: &str, target: i64) -> Record {
    Record::Quota(quota(place, Subject::Item(code("QUILT")), target, target))
}

fn asked(position: &Position, place: &str) -> Query {
    Query {
        region: position.reference.regions.find(region_code(place)).unwrap(),
        tier: None,
        item: position.reference.items.find("QUILT"),
        need: None,
        function_class: None,
        mode: Mode::GovPhysical,
        on: day(ON),
    }
}

fn put(position: &mut Position, depot: &str, owner: &str, quantity: i64) {
    let (depot, owner) = (format!("D-{depot}"), format!("O-{owner}"));
    receive_owned(position, &depot, Some(&owner), "QUILT", quantity, lot("Q", "2028-01-01"));
}

#[test]
fn goods_count_where_they_lie_unless_owned_above() {
    let mut position = with_records(&world(), vec![quilts("3713", 100), quilts("371301", 60)]);
    put(&mut position, "371301", "371301", 10);
    put(&mut position, "371301", "371302", 20);
    put(&mut position, "371301", "3713", 40);
    put(&mut position, "371301", "37", 80);
    put(&mut position, "371302", "371301", 160);
    let row = |place: &str| {
        let found = custody_gaps(&position, &asked(&position, place)).remove(0);
        let (own, sums) = (found.row.account.unwrap(), found.row.roll_up.unwrap());
        (own.effective, own.gap, sums.effective_sum, found.owned_above)
    };
    assert_eq!(row("371301"), (30, 30, 30, 120), "its own and its neighbour's");
    assert_eq!(row("3713"), (0, 100, 230, 80), "for the city, only the province is above");
    let query = Query { tier: Some(Tier::County), ..asked(&position, "3713") };
    let tier = custody_gaps(&position, &query);
    assert_eq!(tier.len(), 1, "county B has no quota");
    assert_eq!(tier[0], custody_gaps(&position, &asked(&position, "371301")).remove(0));
    assert_eq!(tier[0].row.rule.as_ref().map(|quota| quota.target), Some(60));
}

#[test]
fn where_promised_goods_lie_nobody_knows() {
    let mut promised = quota("371301", Subject::Item(code("QUILT")), 60, 60);
    promised.mode = Mode::Agreement;
    let mut position = with_records(&world(), vec![Record::Quota(promised)]);
    put(&mut position, "371301", "371301", 10);
    let query = Query { mode: Mode::Agreement, ..asked(&position, "3713") };
    let found = custody_gaps(&position, &query).remove(0);
    assert_eq!((found.row.quota_sum, found.row.account, found.row.roll_up), (60, None, None));
    let county = Query { region: asked(&position, "371301").region, ..query };
    let found = custody_gaps(&position, &county).remove(0);
    assert_eq!((found.row.quota, found.row.account, found.row.roll_up), (60, None, None));
    assert_eq!(found.row.open, [(county.region, Unknown::NoRegister)], "no gap, but no zero");
}

/// The lines of a place and what is owned above, balance by balance.
fn by_hand(position: &Position, query: &Query) -> (BTreeMap<RegionIx, Line>, i64) {
    let (reference, root) = (&position.reference, query.region);
    let regions = &reference.regions;
    let (mut lines, mut owned_above) = (BTreeMap::new(), 0);
    let empty = Line { goods: 0, standard: None, held: Held::default(), open: None };
    let item_ix = query.item.unwrap();
    let item = reference.items.get(item_ix).unwrap();
    for (depot, shard) in position.shards() {
        let lies = reference.depot_region(depot).unwrap();
        for row in shard.of_item(item_ix).iter().filter(|_| regions.within(lies, root)) {
            let owner = reference.owner_region(row.key.owner).unwrap();
            let standing =
                Standing::of(&row.key, position.lot(row.key.lot).unwrap(), item, query.on);
            let held = weigh(row.quantity, standing, item.life.lasts_from(query.on));
            if owner != root && regions.within(root, owner) {
                owned_above += held.effective;
            } else {
                lines.entry(lies).or_insert(empty).held.merge(held);
            }
        }
    }
    let subject = Subject::Item(item.code.clone());
    for ix in regions.subtree(root) {
        let code = regions.get(ix).unwrap().code;
        if let Some(quota) = reference.quotas.in_force(code, &subject, query.mode, query.on) {
            let standard = Standard { target: quota.target, floor: quota.floor };
            lines.entry(ix).or_insert(empty).standard = Some(standard);
        }
    }
    (lines, owned_above)
}

/// What is lacking in a region and below, where surplus goes to regions below its own only.
fn unmet(position: &Position, lines: &BTreeMap<RegionIx, Line>, at: RegionIx) -> i128 {
    let regions = &position.reference.regions;
    let below = regions.iter().filter(|(ix, _)| regions.parent(*ix) == Some(at));
    let below: i128 = below.map(|(ix, _)| unmet(position, lines, ix)).sum();
    (lines.get(&at).map_or(0, Line::lacking) + below).max(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn both_views_agree_where_owners_keep_their_own(
        targets in any::<[Option<u16>; 5]>(),
        stock in prop::collection::vec((0..5_usize, 1..900_i64), 0..10),
    ) {
        let quotas = PLACES.iter().zip(targets);
        let quotas = quotas.filter_map(|(place, n)| Some(quilts(place, i64::from(n? % 2_000))));
        let mut position = with_records(&world(), quotas.collect());
        for (place, quantity) in stock {
            put(&mut position, PLACES[place], PLACES[place], quantity);
        }
        for place in PLACES {
            let query = asked(&position, place);
            let custody = custody_gaps(&position, &query);
            let custody: Vec<_> = custody.into_iter().map(|found| found.row).collect();
            prop_assert_eq!(custody, gap::gaps(&position, &query));
        }
    }

    #[test]
    fn rows_are_what_balances_and_quotas_come_to_by_hand(
        targets in any::<[Option<u16>; 5]>(),
        stock in prop::collection::vec((0..6_usize, 0..6_usize, 1..900_i64, 0..3_usize), 0..12),
        (later, kept) in any::<(bool, bool)>(),
        days in 0..60_u32,
    ) {
        let quotas = PLACES.iter().zip(targets);
        let quotas = quotas.filter_map(|(place, n)| Some(quilts(place, i64::from(n? % 2_000))));
        let records = std::iter::once(perishing(days)).chain(quotas);
        let mut position = with_records(&world(), records.collect());
        for (depot, owner, quantity, ends) in stock {
            let owner = if owner == 5 { "37" } else { PLACES[owner] };
            let (depot, owner) = (format!("D-{}", DEPOTS[depot]), format!("O-{owner}"));
            let until = ["2021-11-20", "2021-12-20", "2028-01-01"][ends];
            let lot = lot(until, until);
            receive_owned(&mut position, &depot, Some(&owner), "QUILT", quantity, lot);
        }
        if kept {
            position.keep_index(day(ON));
        }
        let on = if later { day("2021-12-01") } else { day(ON) };
        for place in PLACES {
            let query = Query { on, ..asked(&position, place) };
            let found = custody_gaps(&position, &query);
            let (lines, owned_above) = by_hand(&position, &query);
            let mut sum = Sum::default();
            lines.values().for_each(|line| sum.merge(&Sum::of(line)));
            prop_assert_eq!(found.len(), usize::from(sum.lines > 0));
            let Some(CustodyRow { row, owned_above: above }) = found.first() else { continue };
            let unmet = unmet(&position, &lines, query.region);
            prop_assert_eq!((row.roll_up, *above), (Some(RollUp::of(&sum, unmet)), owned_above));
            let own = lines.get(&query.region);
            let figures = row.account.map(|own| (own.effective, own.perishing, own.gap));
            let expected = own.map(|own| (own.held.effective, own.held.perishing, own.gap()));
            prop_assert_eq!(figures, Some(expected.unwrap_or_default()));
            let target = own.and_then(|own| own.standard).map(|standard| standard.target);
            prop_assert_eq!(row.rule.as_ref().map(|rule| rule.target), target);
        }
        // A tier's rows are those of its regions, whatever kinds of goods are asked for.
        let whole = Query { on, item: None, ..asked(&position, "3713") };
        let tier = |tier| custody_gaps(&position, &Query { tier: Some(tier), ..whole });
        let one = |place| {
            let region = asked(&position, place).region;
            custody_gaps(&position, &Query { region, ..whole })
        };
        prop_assert_eq!(tier(Tier::County), [one("371301"), one("371302")].concat());
        let towns = [one("371301101"), one("371301102")].concat();
        prop_assert_eq!(tier(Tier::Township), towns);
        let opened = |place| opened(&position, &Query { on, ..asked(&position, place) }).unwrap();
        for place in PLACES {
            let (lines, _) = by_hand(&position, &Query { on, ..asked(&position, place) });
            let found = opened(place);
            prop_assert_eq!(found.lines, lines.into_iter().collect::<Vec<_>>());
            let row = Some(found.found).filter(|found| found.row.lines > 0);
            let listed = custody_gaps(&position, &Query { on, ..asked(&position, place) });
            prop_assert_eq!(listed, row.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn nothing_that_lies_inside_is_lost_or_counted_twice(
        stock in prop::collection::vec((0..5_usize, 0..6_usize, 1..900_i64), 0..10),
    ) {
        let mut position = with_records(&world(), PLACES.map(|place| quilts(place, 50)).to_vec());
        let mut lying = [0; 5];
        for (depot, owner, quantity) in stock {
            let owner = if owner == 5 { "37" } else { PLACES[owner] };
            put(&mut position, PLACES[depot], owner, quantity);
            lying[depot] += quantity;
        }
        for (ix, place) in PLACES.iter().enumerate() {
            let found = custody_gaps(&position, &asked(&position, place)).remove(0);
            let below = PLACES.iter().zip(lying).enumerate();
            let below = below.filter(|(at, (code, _))| *at == ix || code.starts_with(place));
            let inside: i64 = below.map(|(_, (_, quantity))| quantity).sum();
            let counted = found.row.roll_up.unwrap().effective_sum;
            prop_assert_eq!(counted + found.owned_above, inside);
        }
    }
}
