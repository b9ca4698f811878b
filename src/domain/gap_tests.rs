//! Tests of gaps: the worked example by number, proxy storage, needs, and the laws of the roll-up.

use proptest::prelude::*;

use super::*;
use crate::domain::account::Accounts;
use crate::domain::fixture::*;
use crate::domain::movement::MovementType;
use crate::domain::quota::Subject;
use crate::domain::reference::Record;

const ON: &str = "2021-11-10";
/// City, counties A and B, A's towns.
const PLACES: [&str; 5] = ["3713", "371301", "371302", "371301101", "371301102"];

fn item_quota(region: &str, item: &str, target: i64) -> Record {
    Record::Quota(quota(region, Subject::Item(code(item)), target, target))
}

fn asked(position: &Position, region: &str) -> Query {
    Query {
        region: position.reference.regions.find(region_code(region)).unwrap(),
        tier: None,
        item: None,
        need: None,
        function_class: None,
        mode: Mode::GovPhysical,
        on: day(ON),
    }
}

fn only_row(position: &Position, region: &str) -> Row {
    let mut rows = gaps(position, &asked(position, region));
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

fn quilts(position: &mut Position, place: &str, quantity: i64) {
    let (depot, lot) = (format!("D-{place}"), lot("Q", "2028-01-01"));
    receive(position, &depot, "QUILT", quantity, lot);
}

/// The example of domain.md 5.3.
fn example() -> Position {
    let figures = [2_000, 600, 600, 60, 60].into_iter();
    let quotas = PLACES.iter().zip(figures);
    let quotas = quotas.map(|(place, target)| item_quota(place, "QUILT", target));
    let mut position = with_records(&world(), quotas.collect());
    for (place, quantity) in PLACES.iter().zip([2_300, 450, 640, 80, 10]) {
        quilts(&mut position, place, quantity);
    }
    position
}

#[test]
fn the_worked_example_holds_by_number() {
    let position = example();
    let city = only_row(&position, "3713");
    assert_eq!((city.quota, city.lines, city.quota_sum), (2_000, 5, 3_320));
    let own = city.account.unwrap();
    assert_eq!((own.effective, own.gap, own.surplus), (2_300, 0, 300));
    assert!(!own.below_floor);
    let sums = city.roll_up.unwrap();
    assert_eq!((sums.gap_sum, sums.surplus_sum), (200, 360));
    assert_eq!((sums.gap_net, sums.redistributable), (0, 200));
    assert_eq!(sums.gap_net_vertical, 0, "the city's own 300 cover both");
    assert_eq!(sums.fill_rate, Some(Ratio(9_397)), "78/83 cut down");
    assert_eq!(sums.fill_rate, Ratio::of(78, 83));
    assert_eq!(sums.attainment_rate, Some(Ratio(6_000)));
    let naive = Ratio::of(i128::from(sums.effective_sum), i128::from(city.quota_sum));
    assert_eq!(naive, Some(Ratio(10_481)), "would hide the gap");

    let county = only_row(&position, "371301");
    let own = county.account.unwrap();
    assert_eq!((own.gap, own.surplus, own.below_floor), (150, 0, true));
    let sums = county.roll_up.unwrap();
    assert_eq!((sums.gap_sum, sums.surplus_sum), (200, 20));
    assert_eq!((sums.gap_net, sums.redistributable), (180, 20));
    assert_eq!(sums.gap_net_vertical, 200, "a town's 20 are not commandeered for its county");
}

#[test]
fn surplus_goes_down_but_not_sideways_or_up() {
    let figures = [("3713", 0), ("371301", 100), ("371302", 0), ("371301101", 0)];
    let quotas = figures.map(|(place, target)| item_quota(place, "QUILT", target));
    let mut position = with_records(&world(), quotas.to_vec());
    let vertical = |position: &Position, place: &str| {
        only_row(position, place).roll_up.unwrap().gap_net_vertical
    };
    assert_eq!((vertical(&position, "371301"), vertical(&position, "3713")), (100, 100));
    quilts(&mut position, "371302", 70);
    quilts(&mut position, "371301101", 50);
    assert_eq!(vertical(&position, "3713"), 100, "neither a sibling's nor a town's");
    assert_eq!(only_row(&position, "3713").roll_up.unwrap().gap_net, 0);
    quilts(&mut position, "3713", 60);
    assert_eq!((vertical(&position, "371301"), vertical(&position, "3713")), (100, 40));
}

#[test]
fn a_tier_gives_one_row_a_region_in_the_order_of_codes() {
    let position = example();
    let query = Query { tier: Some(Tier::Township), ..asked(&position, "3713") };
    let rows = gaps(&position, &query);
    let gaps: Vec<_> =
        rows.iter().map(|row| (row.region.code.to_string(), row.account.unwrap().gap)).collect();
    let expected = [("371301101000".to_string(), 0), ("371301102000".to_string(), 50)];
    assert_eq!(gaps, expected);
    let above = Query { tier: Some(Tier::Province), ..query };
    assert_eq!(super::gaps(&position, &above), []);
}

#[test]
fn goods_kept_for_another_owner_are_never_on_the_keepers_account() {
    let mut position = example();
    let before = only_row(&position, "371301");
    let lot = lot("Q", "2028-01-01");
    receive_owned(&mut position, "D-371301", Some("O-37"), "QUILT", 5_000, lot);
    assert_eq!(only_row(&position, "371301"), before);
    let city = only_row(&position, "3713").roll_up.unwrap();
    assert_eq!(city.effective_sum, 3_480, "nor in any roll-up below the owner");
}

#[test]
fn own_goods_count_wherever_they_lie() {
    let mut position = example();
    let lot = lot("Q", "2028-01-01");
    receive_owned(&mut position, "D-371302", Some("O-371301"), "QUILT", 150, lot);
    assert_eq!(only_row(&position, "371301").account.unwrap().gap, 0);
}

#[test]
fn what_is_not_usable_on_the_day_does_not_count() {
    let quota = item_quota("371301", "WATER", 100);
    let mut position = with_records(&world(), vec![quota]);
    for (lot_no, expires_on) in [("A", "2021-11-09"), ("B", "2021-11-10"), ("C", "2022-11-10")] {
        let lot = lot(lot_no, expires_on);
        receive(&mut position, "D-371301", "WATER", 40, lot);
    }
    let own = only_row(&position, "371301").account.unwrap();
    assert_eq!((own.effective, own.perishing, own.gap), (80, 40, 20));
    let query = Query { on: day("2021-11-11"), ..asked(&position, "371301") };
    assert_eq!(gaps(&position, &query)[0].account.unwrap().gap, 60);
    let early = Query { on: day("2019-12-31"), ..query };
    assert_eq!(gaps(&position, &early), [], "no quota in force");
}

#[test]
fn needs_count_in_their_own_unit_beside_items() {
    let need = Record::Quota(quota("371301", Subject::Need(code("water")), 10_000, 0));
    let item = item_quota("371301", "WATER", 30);
    let mut position = with_records(&world(), vec![need, item]);
    let bottles = lot("A", "2022-11-10");
    receive(&mut position, "D-371301", "WATER", 12, bottles);
    let rows = gaps(&position, &asked(&position, "371301"));
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row.goods.code().as_str(), row.account.unwrap()))
        .map(|(code, own)| (code, own.effective, own.gap))
        .collect();
    assert_eq!(seen, [("WATER", 12, 18), ("water", 6_000, 4_000)]);
    let need = position.reference.needs.find("water");
    let query = Query { need, ..asked(&position, "371301") };
    assert_eq!(gaps(&position, &query), rows[1..]);
    let query = Query { function_class: Some(FunctionClass::Living), ..asked(&position, "371301") };
    assert_eq!(gaps(&position, &query), rows[..1]);
}

#[test]
fn a_region_without_a_quota_shows_what_lies_below() {
    let mut position = with_records(&world(), vec![item_quota("371302", "QUILT", 100)]);
    quilts(&mut position, "3713", 70);
    let city = only_row(&position, "3713");
    let (own, sums) = (city.account.unwrap(), city.roll_up.unwrap());
    assert_eq!((city.quota, city.lines, own.gap, own.surplus), (0, 1, 0, 70));
    assert_eq!((sums.gap_sum, sums.gap_net), (100, 30));
    assert_eq!(sums.redistributable, 70, "stock above no quota can be moved");
    assert_eq!(sums.attainment_rate, Some(Ratio::ZERO));
    assert_eq!(gaps(&position, &asked(&position, "371301")), []);
}

#[test]
fn modes_without_a_register_state_their_quota_only() {
    let mut agreement = quota("3713", Subject::Item(code("QUILT")), 500, 0);
    agreement.mode = Mode::Agreement;
    let mut position = with_records(&world(), vec![Record::Quota(agreement)]);
    quilts(&mut position, "3713", 70);
    let query = Query { mode: Mode::Agreement, ..asked(&position, "3713") };
    let rows = gaps(&position, &query);
    assert_eq!((rows[0].quota, rows[0].quota_sum), (500, 500));
    assert_eq!((rows[0].account, rows[0].roll_up), (None, None));
    assert_eq!(gaps(&position, &asked(&position, "3713")), []);
}

/// Quotas and stock at the five places; stock is (depot, owner, quantity, when it ends).
type Stock = Vec<(usize, usize, i64, usize)>;

/// Past, perishing, lasting.
const ENDS: [&str; 3] = ["2021-11-09", "2021-12-09", "2022-06-01"];

fn any_stock() -> impl Strategy<Value = Stock> {
    prop::collection::vec((0..5_usize, 0..5_usize, 1..900_i64, 0..3_usize), 0..12)
}

fn add(position: &mut Position, (depot, owner, quantity, ends): (usize, usize, i64, usize)) {
    let (depot, owner) = (PLACES[depot], format!("O-{}", PLACES[owner]));
    let lot = lot(ENDS[ends], ENDS[ends]);
    let depot = format!("D-{depot}");
    receive_owned(position, &depot, Some(&owner), "QUILT", quantity, lot);
}

fn arranged(quotas: [Option<i64>; 5], stock: &Stock) -> Position {
    let quotas = PLACES.iter().zip(quotas);
    let quotas = quotas.filter_map(|(place, target)| Some(item_quota(place, "QUILT", target?)));
    let mut position = with_records(&world(), quotas.collect());
    for one in stock {
        add(&mut position, *one);
    }
    position
}

fn sums(position: &Position, place: &str) -> Option<(Account, RollUp)> {
    let rows = gaps(position, &asked(position, place));
    let row = rows.first()?;
    row.account.zip(row.roll_up)
}

#[test]
fn what_ends_within_thirty_days_is_held_but_is_no_surplus() {
    let quotas = ["3713", "371301"].map(|place| item_quota(place, "QUILT", 100));
    let mut position = with_records(&world(), quotas.to_vec());
    receive(&mut position, "D-3713", "QUILT", 70, lot("soon", "2021-12-09"));
    receive(&mut position, "D-3713", "QUILT", 130, lot("later", "2021-12-10"));
    let row = only_row(&position, "3713");
    let (own, all) = (row.account.unwrap(), row.roll_up.unwrap());
    assert_eq!((own.effective, own.perishing, own.gap, own.surplus), (200, 70, 0, 30));
    assert_eq!((all.gap_sum, all.surplus_sum, all.redistributable), (100, 30, 30));
    assert_eq!((all.gap_net, all.gap_net_vertical), (70, 70), "what ends closes no gap of others");
}

#[test]
fn an_item_names_from_when_it_is_no_surplus() {
    let quotas = vec![item_quota("3713", "QUILT", 100)];
    let mut position = with_records(&world(), quotas);
    receive(&mut position, "D-3713", "QUILT", 70, lot("soon", "2021-12-09"));
    receive(&mut position, "D-3713", "QUILT", 130, lot("later", "2021-12-10"));
    for (days, ending) in [(0, 0), (29, 0), (30, 70), (31, 200)] {
        position = with_records(&position, vec![perishing(days)]);
        let own = only_row(&position, "3713").account.unwrap();
        assert_eq!((own.effective, own.perishing), (200, ending), "{days} days");
        assert_eq!(own.surplus, (100 - ending).max(0), "{days} days");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn more_stock_never_raises_a_gap(
        quotas in any::<[Option<u16>; 5]>(),
        stock in any_stock(),
        more in (0..5_usize, 0..5_usize, 1..900_i64, 0..3_usize),
    ) {
        let quotas = quotas.map(|target| target.map(|units| i64::from(units % 2_000)));
        let before = arranged(quotas, &stock);
        let mut after = before.clone();
        add(&mut after, more);
        for place in PLACES {
            let (Some((own, sum)), Some((own_after, sum_after))) =
                (sums(&before, place), sums(&after, place)) else { continue };
            prop_assert!(own_after.gap <= own.gap);
            prop_assert!(sum_after.gap_sum <= sum.gap_sum);
            prop_assert!(sum_after.gap_net <= sum.gap_net);
            prop_assert!(sum_after.gap_net_vertical <= sum.gap_net_vertical);
            prop_assert!(sum_after.fill_rate >= sum.fill_rate);
        }
    }

    #[test]
    fn moving_goods_changes_no_gap(
        quotas in any::<[Option<u16>; 5]>(),
        stock in any_stock(),
        (from, to, owner) in (0..5_usize, 0..5_usize, 0..5_usize),
    ) {
        prop_assume!(from != to);
        let quotas = quotas.map(|target| target.map(|units| i64::from(units % 2_000)));
        let mut before = arranged(quotas, &stock);
        add(&mut before, (from, owner, 50, 2));
        let mut after = before.clone();
        let mut line = out(&format!("D-{}", PLACES[from]), "QUILT", 50);
        line.to = Some(code(&format!("D-{}", PLACES[to])));
        line.owner = Some(code(&format!("O-{}", PLACES[owner])));
        let at = noon(ON);
        book(&mut after, &draft(MovementType::Relocate, at, vec![line]), at).unwrap();
        for place in PLACES {
            prop_assert_eq!(sums(&before, place), sums(&after, place));
        }
    }

    #[test]
    fn what_must_be_bought_lies_between_its_bounds(
        quotas in any::<[Option<u16>; 5]>(),
        stock in any_stock(),
    ) {
        let quotas = quotas.map(|target| target.map(|units| i64::from(units % 2_000)));
        let position = arranged(quotas, &stock);
        for (region, children) in [("3713", &PLACES[1..3]), ("371301", &PLACES[3..5])] {
            let Some((own, sum)) = sums(&position, region) else { continue };
            let below = children.iter().filter_map(|child| sums(&position, child));
            let bought: i64 = below.map(|(_, sum)| sum.gap_net).sum();
            prop_assert!(sum.gap_net <= bought + own.gap);
            prop_assert!(bought + own.gap <= sum.gap_sum);
            prop_assert!(sum.gap_net <= sum.gap_net_vertical);
            prop_assert!(sum.gap_net_vertical <= sum.gap_sum);
            prop_assert_eq!(sum.gap_net, (sum.gap_sum - sum.surplus_sum).max(0));
            prop_assert_eq!(sum.redistributable, sum.gap_sum.min(sum.surplus_sum));
        }
    }

    #[test]
    fn a_parent_is_the_merge_of_its_children_and_its_own_account(
        quotas in any::<[Option<u16>; 5]>(),
        stock in any_stock(),
    ) {
        let quotas = quotas.map(|target| target.map(|units| i64::from(units % 2_000)));
        let position = arranged(quotas, &stock);
        for (region, children) in [("3713", &PLACES[1..3]), ("371301", &PLACES[3..5])] {
            let on = day(ON);
            let query = asked(&position, region);
            let shelf = Shelf::of(&position.reference, &Filter::default());
            let place = shelf.item(position.reference.items.find("QUILT").unwrap());
            let accounts = Accounts::of(&position, &shelf, query.region, query.mode, on);
            let own = accounts.lines(query.region).iter().find(|line| Some(line.goods) == place);
            let (effective, gap, surplus) =
                own.map_or((0, 0, 0), |line| (line.held.effective, line.gap(), line.surplus()));
            let Some((_, sum)) = sums(&position, region) else { continue };
            // A child without a quota has no row, but may have stock: asked for with a quota of 0.
            let child = |place: &&str| {
                let zero = item_quota(place, "QUILT", 0);
                let (at, subject) = (region_code(place), Subject::Item(code("QUILT")));
                let stated = position.reference.quotas.of_line(at, &subject, Mode::GovPhysical);
                let with = if stated.is_empty() {
                    with_records(&position, vec![zero])
                } else {
                    position.clone()
                };
                sums(&with, place).unwrap().1
            };
            let below: Vec<RollUp> = children.iter().map(child).collect();
            let merged = |part: fn(&RollUp) -> i64| below.iter().map(part).sum::<i64>();
            prop_assert_eq!(sum.effective_sum, effective + merged(|sum| sum.effective_sum));
            prop_assert_eq!(sum.gap_sum, gap + merged(|sum| sum.gap_sum));
            prop_assert_eq!(sum.surplus_sum, surplus + merged(|sum| sum.surplus_sum));
            let lacking = merged(|sum| sum.gap_net_vertical) + gap - surplus;
            prop_assert_eq!(sum.gap_net_vertical, lacking.max(0));
        }
    }
}
