//! Tests of donors: who is asked first, what is left to them, and the laws of the greedy filling.

use proptest::prelude::*;

use super::*;
use crate::domain::calendar::add_days;
use crate::domain::catalogue::LifeKind;
use crate::domain::fixture::*;
use crate::domain::quota::Subject;
use crate::domain::reference::Record;

const ON: &str = "2021-11-10";
/// City, counties A and B, A's towns.
const PLACES: [&str; 5] = ["3713", "371301", "371302", "371301101", "371301102"];

fn standard(place: &str, item: &str, target: i64) -> Record {
    Record::Quota(quota(place, Subject::Item(code(item)), target, target))
}

fn asked(position: &Position, place: &str) -> Query {
    let reference = &position.reference;
    Query {
        region: reference.regions.find(region_code(place)).unwrap(),
        goods: Asked::Item(reference.items.find("QUILT").unwrap()),
        scope: Scope::Any,
        on: day(ON),
        highest: None,
        keep: usize::MAX,
    }
}

fn quilts(position: &mut Position, depot: &str, owner: &str, quantity: i64) {
    let (depot, owner) = (format!("D-{depot}"), format!("O-{owner}"));
    let lot = lot("Q", "2028-01-01");
    receive_owned(position, &depot, Some(&owner), "QUILT", quantity, lot);
}

/// County A lacks 500; everybody else has 100 to spare.
fn county_in_need() -> Position {
    let quotas = PLACES.map(|place| standard(place, "QUILT", 500)).to_vec();
    let mut position = with_records(&world(), quotas);
    for place in ["3713", "371302", "371301101", "371301102"] {
        quilts(&mut position, place, place, 600);
    }
    quilts(&mut position, "371302", "37", 100);
    with_records(&position, vec![Record::Profile(profile("3713"))])
}

fn told(offers: &Offers) -> Vec<(String, i64)> {
    offers.donors.iter().map(|one| (one.depot.code.to_string(), one.proposed)).collect()
}

#[test]
fn upper_tiers_are_asked_first_then_those_whose_order_is_nearest() {
    let position = county_in_need();
    let offers = donors(&position, &asked(&position, "371301"));
    assert_eq!((offers.gap, offers.proposed, offers.remaining), (500, 500, 0));
    let expected = [
        ("D-3713", 100),
        ("D-371302", 100),
        ("D-371301101", 100),
        ("D-371301102", 100),
        ("D-371302", 100),
    ];
    assert_eq!(told(&offers), expected.map(|(depot, units)| (depot.to_string(), units)));
    let orders: Vec<_> = offers
        .donors
        .iter()
        .map(|one| one.needs_order_of.as_ref().map(|region| region.code.number() / 1_000_000))
        .collect();
    assert_eq!(orders, [None, None, Some(371_301), Some(371_301), Some(371_300)]);
    let marked: Vec<_> = offers.donors.iter().map(|one| one.owned_above).collect();
    assert_eq!(marked, [false, true, false, false, false], "the province's lie below it");
    let minutes = |ix: usize| offers.donors[ix].arrival.unwrap().minutes;
    assert!(minutes(0) > 0 && minutes(0) < minutes(1), "the province decides later");
    assert!(offers.donors.iter().all(|one| one.distance_cm.is_some()));
}

#[test]
fn the_scope_and_the_callers_region_leave_donors_off() {
    let position = county_in_need();
    let ask = |scope: Scope, top: Option<&str>| {
        let highest = top.and_then(|top| position.reference.regions.find(region_code(top)));
        let offers = donors(&position, &Query { scope, highest, ..asked(&position, "371301") });
        (offers.donor_count, offers.spare, offers.remaining)
    };
    assert_eq!(ask(Scope::OwnChain, None), (3, 300, 200));
    assert_eq!(ask(Scope::City, None), (4, 400, 100));
    assert_eq!(ask(Scope::Province, None), (5, 500, 0));
    assert_eq!(ask(Scope::Any, Some("371301")), (2, 200, 300));
    let mut afar = position.clone();
    quilts(&mut afar, "371302", "371301101", 50);
    let highest = afar.reference.regions.find(region_code("371301"));
    let offers = donors(&afar, &Query { highest, ..asked(&afar, "371301") });
    assert_eq!(offers.donor_count, 2, "a depot outside is not named, whoever owns its goods");
    let few = donors(&position, &Query { keep: 1, ..asked(&position, "371301") });
    assert_eq!((few.donors.len(), few.donor_count, few.proposed), (1, 5, 500));
}

#[test]
fn what_ends_soon_is_neither_given_nor_counted_as_kept() {
    let quotas = vec![standard("371301", "QUILT", 500), standard("3713", "QUILT", 100)];
    let mut position = with_records(&world(), quotas);
    receive(&mut position, "D-3713", "QUILT", 90, lot("soon", "2021-12-09"));
    receive(&mut position, "D-3713", "QUILT", 130, lot("later", "2021-12-10"));
    let offers = donors(&position, &asked(&position, "371301"));
    let one = &offers.donors[0];
    assert_eq!((one.stock, one.spare, one.proposed), (130, 30, 30));
    let lots: Vec<_> = one.lots.iter().map(|(lot, units)| (lot.id, *units)).collect();
    assert_eq!(lots, [(2, 130)], "named, as the ledger would take the other first");
    assert_eq!(one.arrival, None, "no city profile");
}

#[test]
fn an_item_names_from_when_it_is_not_given() {
    let quotas = vec![standard("371301", "QUILT", 500), standard("3713", "QUILT", 100)];
    let mut position = with_records(&world(), quotas);
    receive(&mut position, "D-3713", "QUILT", 90, lot("soon", "2021-12-09"));
    receive(&mut position, "D-3713", "QUILT", 130, lot("later", "2021-12-10"));
    receive(&mut position, "D-3713", "QUILT", 200, lot("last", "2022-01-31"));
    for (days, stock, spare, named) in
        [(29, 420, 320, vec![]), (30, 330, 230, vec![2, 3]), (31, 200, 100, vec![3])]
    {
        let mut position = with_records(&position, vec![perishing(days)]);
        let plain = donors(&position, &asked(&position, "371301"));
        let one = &plain.donors[0];
        assert_eq!((one.stock, one.spare), (stock, spare), "{days} days");
        let lots: Vec<_> = one.lots.iter().map(|(lot, _)| lot.id).collect();
        assert_eq!(lots, named, "{days} days");
        position.keep_index(day(ON));
        assert_eq!(donors(&position, &asked(&position, "371301")), plain, "{days} days");
    }
}

#[test]
fn a_target_for_the_need_binds_its_items() {
    let need = Record::Quota(quota("3713", Subject::Need(code("bedding")), 150, 0));
    let blanket = item("BLANKET", Some(("bedding", 1)), LifeKind::None, 0);
    let records = vec![need, Record::Item(blanket), standard("371301", "QUILT", 500)];
    let mut position = with_records(&world(), records);
    quilts(&mut position, "3713", "3713", 100);
    receive(&mut position, "D-3713", "BLANKET", 70, lot("B", "2028-01-01"));
    let offers = donors(&position, &asked(&position, "371301"));
    assert_eq!((offers.donors[0].spare, offers.proposed), (20, 20), "170 lie there, 150 must");
}

#[test]
fn a_gap_of_a_need_is_filled_with_whole_units_of_its_items() {
    let need = Record::Quota(quota("371301", Subject::Need(code("water")), 1_700, 0));
    let mut position = with_records(&world(), vec![need, standard("3713", "WATER", 8)]);
    receive(&mut position, "D-3713", "WATER", 10, lot("W", "2028-01-01"));
    receive(&mut position, "D-371302", "WATER", 10, lot("W", "2028-01-01"));
    let goods = Asked::Need(position.reference.needs.find("water").unwrap());
    let offers = donors(&position, &Query { goods, ..asked(&position, "371301") });
    let told: Vec<_> = offers.donors.iter().map(|one| (one.proposed, one.amount)).collect();
    assert_eq!(told, [(2, 1_000), (1, 500)]);
    assert_eq!((offers.gap, offers.proposed, offers.remaining), (1_700, 1_500, 200));
}

#[test]
fn goods_go_to_the_largest_depot_of_the_region_itself() {
    let mut small = depot("A-SMALL", "371301", "O-37", 118_400_000, 35_300_000);
    small.volume_m3 = Some(10);
    let mut large = depot("Z-LARGE", "371301", "O-37", 118_400_000, 35_300_000);
    large.volume_m3 = Some(20);
    let mut closed = depot("HUGE", "371301", "O-37", 118_400_000, 35_300_000);
    (closed.volume_m3, closed.status) = (Some(90), crate::domain::depot::DepotStatus::Closed);
    let records = [small, large, closed].map(Record::Depot).to_vec();
    let position = with_records(&world(), records);
    let target = donors(&position, &asked(&position, "371301")).target;
    assert_eq!(target.depot.unwrap().code.as_str(), "Z-LARGE");
    assert_eq!(target.owner.unwrap().code.as_str(), "O-371301", "the keeper is the province's");
    let plain = donors(&world(), &asked(&world(), "371301")).target;
    assert_eq!(plain.depot.unwrap().code.as_str(), "D-371301");
    let province = donors(&position, &asked(&position, "37")).target;
    assert_eq!(province.depot, None, "depots below are not its own");
}

/// Stock as (depot, owner, quantity, days to the last usable day); owner 5 is the province.
type Stock = Vec<(usize, usize, i64, i64)>;

fn arranged(targets: [Option<u16>; 5], stock: &Stock) -> Position {
    let quotas = PLACES.iter().zip(targets);
    let quotas = quotas
        .filter_map(|(place, units)| Some(standard(place, "QUILT", i64::from(units? % 2_000))));
    let mut position = with_records(&world(), quotas.collect());
    for (ix, (depot, owner, quantity, days)) in stock.iter().enumerate() {
        let owner = if *owner == 5 { "37" } else { PLACES[*owner] };
        let lot = lot(&format!("L{ix}"), &add_days(day(ON), *days).to_string());
        let (depot, owner) = (format!("D-{}", PLACES[*depot]), format!("O-{owner}"));
        receive_owned(&mut position, &depot, Some(&owner), "QUILT", *quantity, lot);
    }
    position
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_gap_is_filled_as_far_as_spare_goods_reach(
        targets in any::<[Option<u16>; 5]>(),
        stock in prop::collection::vec((0..5_usize, 0..6_usize, 1..900_i64, -40..400_i64), 0..14),
        scope in 0..4_usize,
    ) {
        let position = arranged(targets, &stock);
        for place in PLACES {
            let query = Query { scope: Scope::ALL[scope], ..asked(&position, place) };
            let offers = donors(&position, &query);
            prop_assert_eq!(offers.proposed, offers.gap.min(offers.spare));
            prop_assert_eq!(offers.proposed + offers.remaining, offers.gap);
            let asked_for: i64 = offers.donors.iter().map(|one| one.amount).sum();
            prop_assert_eq!(asked_for, offers.proposed);
            for (ix, owner) in PLACES.iter().enumerate() {
                let code = region_code(owner);
                let of = offers.donors.iter().filter(|one| one.region.code == code);
                let given: i64 = of.clone().map(|one| one.proposed).sum();
                let lasting = stock.iter().filter(|(_, who, _, days)| *who == ix && *days >= 30);
                let lasting: i64 = lasting.map(|(_, _, quantity, _)| *quantity).sum();
                let target = targets[ix].map_or(0, |units| i64::from(units % 2_000));
                prop_assert!(given == 0 || lasting - given >= target, "{owner} falls short");
                prop_assert!(of.clone().all(|one| one.proposed <= one.stock));
            }
            prop_assert!(offers.donors.iter().all(|one| one.region.code != region_code(place)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rows_that_are_not_kept_are_left_off_and_change_nothing_else(
        stock in prop::collection::vec((0..5_usize, 0..5_usize, 1..300_i64), 0..16),
        targets in any::<[Option<u8>; 5]>(),
        gap in 0..900_i64,
        keep in 1..6_usize,
        (by_need, kept) in any::<(bool, bool)>(),
    ) {
        let standards = PLACES.iter().zip(targets);
        let of = |(place, n): (&&str, Option<u8>)| Some(standard(place, "QUILT", n?.into()));
        let standards = standards.filter_map(of);
        let mut position = with_records(&world(), standards.collect());
        let need = Record::Quota(quota("371301", Subject::Need(code("bedding")), gap, 0));
        let own = [standard("371301", "QUILT", gap), need, Record::Profile(profile("3713"))];
        position = with_records(&position, own[usize::from(by_need)..].to_vec());
        for (depot, owner, quantity) in stock {
            quilts(&mut position, PLACES[depot], PLACES[owner], quantity);
        }
        let mut query = asked(&position, "371301");
        if by_need {
            query.goods = Asked::Need(position.reference.needs.find("bedding").unwrap());
        }
        let whole = donors(&position, &query);
        if kept {
            position.keep_index(day(ON));
        }
        let cut = donors(&position, &Query { keep, ..query });
        prop_assert_eq!(whole.donors.len(), whole.donor_count);
        let asked: HashSet<_> =
            whole.donors.iter().filter(|one| one.proposed > 0).map(|one| &one.depot.code).collect();
        prop_assert_eq!(asked.len(), whole.depot_count);
        let first = whole.donors.iter().take(keep).cloned().collect();
        prop_assert_eq!(cut, Offers { donors: first, ..whole });
    }
}
