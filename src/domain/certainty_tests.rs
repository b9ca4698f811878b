//! Tests of certainty: quotas by people without people, and modes without a register.

use proptest::prelude::*;

use super::*;
use crate::domain::custody::custody_gaps;
use crate::domain::fixture::*;
use crate::domain::gap::{Account, Query, RollUp, gaps};
use crate::domain::position::Position;
use crate::domain::quantity::Ratio;
use crate::domain::quota::{Basis, Mode, Quota, Subject};
use crate::domain::reference::Record;
use crate::domain::region::Tier;
use crate::domain::reserve::{Agreement, Doubt};

const ON: &str = "2021-11-10";

fn by_people(place: &str) -> Record {
    let mut stated = quota(place, Subject::Item(code("QUILT")), 100, 50);
    stated.basis = Basis::Population;
    Record::Quota(stated)
}

fn emptied(place: &str) -> Record {
    let mut unknown = region(place, 118_400_000, 35_300_000);
    (unknown.population, unknown.planned_displaced) = (None, None);
    Record::Region(unknown)
}

fn verdict(position: &Position, place: &str, on: &str) -> (Option<Unknown>, i64) {
    let query = Query {
        region: position.reference.regions.find(region_code(place)).unwrap(),
        tier: None,
        item: None,
        need: None,
        function_class: None,
        mode: Mode::GovPhysical,
        on: day(on),
    };
    let rows = gaps(position, &query);
    let found = Certainty::of(&position.reference, &rows[0], query.on);
    (found.unknown, found.lines.sum())
}

#[test]
fn a_quota_by_people_without_people_is_unknown() {
    let absolute = Record::Quota(quota("371302", Subject::Item(code("QUILT")), 100, 50));
    let records = vec![by_people("3713"), by_people("371301"), absolute];
    let known = with_records(&world(), records);
    assert_eq!(verdict(&known, "3713", ON), (None, 0));
    let position = with_records(&known, vec![emptied("371301"), emptied("371302")]);
    assert_eq!(verdict(&position, "371301", ON), (Some(Unknown::NoPopulation), 1));
    assert_eq!(verdict(&position, "3713", ON), (None, 1));
    assert_eq!(verdict(&position, "371302", ON), (None, 0), "an absolute figure");
    let mut ended = quota("371302", Subject::Item(code("QUILT")), 70, 0);
    (ended.basis, ended.id) = (Basis::Population, uuid::Uuid::from_u128(7));
    ended.effective_to = Some(day("2021-11-09"));
    let position = with_records(&position, vec![Record::Quota(ended)]);
    assert_eq!(verdict(&position, "371302", ON), (None, 0), "no longer in force");
    // What was found once is not kept when people become known.
    let counted = Record::Region(region("371301", 118_400_000, 35_300_000));
    let again = with_records(&position, vec![counted]);
    assert_eq!(verdict(&again, "371301", ON), (None, 0));
}

#[test]
fn a_mode_without_a_register_is_unknown() {
    let mut stated = quota("371301", Subject::Item(code("QUILT")), 100, 50);
    stated.mode = Mode::Social;
    let position = with_records(&world(), vec![Record::Quota(stated)]);
    let query = Query {
        region: position.reference.regions.find(region_code("3713")).unwrap(),
        tier: None,
        item: None,
        need: None,
        function_class: None,
        mode: Mode::Social,
        on: day(ON),
    };
    let row = &gaps(&position, &query)[0];
    let found = Certainty::of(&position.reference, row, query.on);
    assert_eq!((found.unknown, found.lines.sum()), (Some(Unknown::NoRegister), 1));
}

/// The city's profile, an agreement of it and a county's, with a quota in that mode.
fn promised(records: Vec<Record>) -> Position {
    let mut all = vec![Record::Profile(profile("3713"))];
    for place in ["3713", "371301"] {
        let stated = quota(place, Subject::Item(code("QUILT")), 1_000, 0);
        let id = uuid::Uuid::from_u128(u128::try_from(all.len()).unwrap());
        all.push(Record::Quota(Quota { id, mode: Mode::Agreement, ..stated }));
        all.push(Record::Agreement(agreement(&format!("A-{place}"), place)));
    }
    all.extend(records);
    with_records(&world(), all)
}

#[test]
fn a_mode_is_known_where_its_register_confirms_it() {
    let ask = |position: &Position, place: &str| {
        let region = position.reference.regions.find(region_code(place)).unwrap();
        let query = Query { region, mode: Mode::Agreement, on: day("2022-01-01"), ..all(position) };
        let row = gaps(position, &query).remove(0);
        let found = Certainty::of(&position.reference, &row, query.on);
        assert_eq!(row.account.is_none(), found.unknown.is_some());
        assert_eq!(row.roll_up.is_none(), found.lines.sum() > 0);
        (found.unknown, found.lines.sum())
    };
    let known = promised(Vec::new());
    assert_eq!((ask(&known, "3713"), ask(&known, "371301")), ((None, 0), (None, 0)));
    for (declared_on, why) in
        [(None, Doubt::NoDeclaration), (Some("2021-01-01"), Doubt::OldDeclaration)]
    {
        let declared_on = declared_on.map(day);
        let silent = Agreement { declared_on, ..agreement("A-371301", "371301") };
        let position = promised(vec![Record::Agreement(silent)]);
        assert_eq!(ask(&position, "371301"), (Some(why.into()), 1));
        assert_eq!(ask(&position, "3713"), (None, 1), "the county's is not the city's own");
    }
}

/// City, counties A and B, A's towns.
const PLACES: [&str; 5] = ["3713", "371301", "371302", "371301101", "371301102"];

fn all(position: &Position) -> Query {
    Query {
        region: position.reference.regions.find(region_code("3713")).unwrap(),
        tier: None,
        item: None,
        need: None,
        function_class: None,
        mode: Mode::GovPhysical,
        on: day(ON),
    }
}

/// Quotas as (place, item, target, by people), stock as (depot, owner, item, quantity), and places
/// whose people nobody has counted.
fn arranged(
    quotas: Vec<(usize, usize, i64, bool)>,
    stock: Vec<(usize, usize, usize, i64)>,
    uncounted: &[usize],
) -> Position {
    let items = ["QUILT", "WATER"];
    let mut records = Vec::new();
    for (place, item, target, by_people) in quotas {
        let mut stated = quota(PLACES[place], Subject::Item(code(items[item])), target, 0);
        stated.basis = if by_people { Basis::Population } else { Basis::Absolute };
        stated.id = uuid::Uuid::from_u128(u128::try_from(place * 2 + item).unwrap());
        records.push(Record::Quota(stated));
    }
    records.extend(uncounted.iter().map(|place| emptied(PLACES[*place])));
    let mut position = with_records(&world(), records);
    for (depot, owner, item, quantity) in stock {
        let (depot, owner) = (format!("D-{}", PLACES[depot]), format!("O-{}", PLACES[owner]));
        let lot = lot("L", "2021-12-31");
        receive_owned(&mut position, &depot, Some(&owner), items[item], quantity, lot);
    }
    position
}

/// A row with what is owned above.
type Told = (Row, Option<i64>);

fn assert_fold(part: &Part, of: &[&Told]) {
    let own = |figure: fn(&Account) -> i64| -> i128 {
        of.iter().map(|(row, _)| i128::from(figure(&row.account.unwrap()))).sum()
    };
    let sum = |figure: fn(&RollUp) -> i64| -> i64 {
        of.iter().map(|(row, _)| figure(&row.roll_up.unwrap())).sum()
    };
    let of_row = |figure: fn(&Row) -> i64| -> i64 { of.iter().map(|(row, _)| figure(row)).sum() };
    let found = part.roll_up();
    assert_eq!(part.rows, i64::try_from(of.len()).unwrap());
    assert_eq!(part.own.quota, i128::from(of_row(|row| row.quota)));
    assert_eq!(part.own.effective, own(|own| own.effective));
    assert_eq!(part.own.gap, own(|own| own.gap));
    assert_eq!(part.own.surplus, own(|own| own.surplus));
    assert_eq!(part.all.lines, of_row(|row| row.lines));
    assert_eq!(found.lines_met, sum(|all| all.lines_met));
    assert_eq!(found.effective_sum, sum(|all| all.effective_sum));
    assert_eq!(found.gap_sum, sum(|all| all.gap_sum));
    assert_eq!(found.surplus_sum, sum(|all| all.surplus_sum));
    assert_eq!(found.gap_net, (found.gap_sum - found.surplus_sum).max(0));
    assert_eq!(found.gap_net_vertical, sum(|all| all.gap_net_vertical));
    assert_eq!(found.redistributable, found.gap_sum - found.gap_net);
    let (quota, met) = (of_row(|row| row.quota_sum), sum(|all| all.lines_met));
    assert_eq!(part.all.quota, i128::from(quota));
    let filled = i128::from(quota - found.gap_sum);
    assert_eq!(found.fill_rate, Ratio::of(filled, i128::from(quota)));
    let attained = Ratio::of(i128::from(met), i128::from(part.all.lines));
    assert_eq!(found.attainment_rate, attained);
    let above: i64 = of.iter().filter_map(|(_, above)| *above).sum();
    assert_eq!(part.owned_above, i128::from(above));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn totals_are_the_fold_of_all_rows_with_the_unknown_apart(
        quotas in prop::collection::vec((0..5_usize, 0..2_usize, 0..900_i64, any::<bool>()), 0..8),
        stock in prop::collection::vec((0..5_usize, 0..5_usize, 0..2_usize, 1..900_i64), 0..10),
        uncounted in prop::collection::vec(0..5_usize, 0..4),
        tier in prop::option::of(0..5_usize),
        (by_custody, later) in any::<(bool, bool)>(),
    ) {
        let position = arranged(quotas, stock, &uncounted);
        let on = if later { day("2022-01-01") } else { day(ON) };
        let query = Query { tier: tier.map(|at| Tier::ALL[at]), on, ..all(&position) };
        let rows: Vec<Told> = if by_custody {
            let rows = custody_gaps(&position, &query).into_iter();
            rows.map(|found| (found.row, Some(found.owned_above))).collect()
        } else {
            gaps(&position, &query).into_iter().map(|row| (row, None)).collect()
        };
        let judged: Vec<Certainty> =
            rows.iter().map(|(row, _)| Certainty::of(&position.reference, row, on)).collect();
        let judged_rows = rows.iter().zip(&judged);
        let folded = judged_rows.clone().map(|((row, above), known)| (row, known, *above));
        let totals = Totals::of(folded);
        let codes: Vec<&str> = totals.goods.iter().map(|one| one.goods.code().as_str()).collect();
        prop_assert!(codes.is_sorted(), "{:?}", codes);
        for one in &totals.goods {
            for (part, unknown) in [(&one.known, false), (&one.unknown, true)] {
                let of = judged_rows.clone().filter(|((row, _), _)| row.goods == one.goods);
                let of = of.filter(|(_, known)| (known.lines.sum() > 0) == unknown);
                assert_fold(part, &of.map(|(row, _)| row).collect::<Vec<_>>());
            }
        }
        let told: i64 = totals.goods.iter().map(|one| one.known.rows + one.unknown.rows).sum();
        prop_assert_eq!(told, i64::try_from(rows.len()).unwrap());
        let doubtful = judged.iter().filter(|known| known.lines.sum() > 0).count();
        prop_assert_eq!(totals.rows.sum(), i64::try_from(doubtful).unwrap());
        prop_assert_eq!(totals.rows.of(Unknown::NoPopulation), totals.rows.sum());
        let lines: i64 = judged.iter().map(|known| known.lines.sum()).sum();
        prop_assert_eq!(totals.lines.sum(), lines);
    }
}
