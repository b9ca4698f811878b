//! Tests of the custody view: goods count where they lie, and those owned above never.

use proptest::prelude::*;

use super::*;
use crate::domain::fixture::*;
use crate::domain::gap;
use crate::domain::reference::Record;
use crate::domain::region::Tier;

const ON: &str = "2021-11-10";
/// City, counties A and B, A's towns.
const PLACES: [&str; 5] = ["3713", "371301", "371302", "371301101", "371301102"];

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
