//! Tests of explanations by mode and by custody: each opens the row that is listed.

use proptest::prelude::*;

use super::tests::{ON, PLACES, any_stock, arranged, asked, find, item, total};
use super::*;
use crate::domain::catalogue::LifeKind;
use crate::domain::custody::custody_gaps;
use crate::domain::fixture::{self, *};
use crate::domain::quota::Subject;
use crate::domain::reference::Record;
use crate::domain::reserve::{Agreement, Capacity, Doubt, Pledge};

fn stated(place: &str, mode: Mode, target: i64) -> Record {
    let row = fixture::quota(place, Subject::Item(code("QUILT")), target, target / 2);
    let name = format!("{place} {}", mode.as_str());
    let id = uuid::Uuid::from_slice(&crate::domain::chain::digest(name.as_bytes())[..16]).unwrap();
    Record::Quota(Quota { id, mode, ..row })
}

fn agreed(text: &str, place: &str, stock: Option<i64>, declared_on: Option<&str>) -> Record {
    let row = agreement(text, place);
    Record::Agreement(Agreement { declared_stock: stock, declared_on: declared_on.map(day), ..row })
}

fn opened(position: &Position, place: &str, mode: Mode, view: View) -> Explanation {
    let query = asked(position, place, item(position, "QUILT"));
    explain(position, &Query { mode, view, ..query }).unwrap()
}

#[test]
fn promised_goods_are_opened_into_their_sources() {
    let records = vec![
        Record::Profile(profile("3713")),
        stated("3713", Mode::Agreement, 1_000),
        stated("371301", Mode::Agreement, 100),
        agreed("A-1", "3713", Some(700), Some("2021-11-01")),
        agreed("A-2", "3713", Some(50), Some("2021-11-01")),
        agreed("A-3", "371301", Some(40), Some("2021-01-01")),
    ];
    let mut position = with_records(&world(), records);
    receive(&mut position, "D-3713", "QUILT", 5_000, lot("Q", "2028-01-01"));
    let found = opened(&position, "3713", Mode::Agreement, View::Owner);
    let own = found.row.account.unwrap();
    assert_eq!((own.effective, own.gap, found.counted.len()), (750, 250, 0), "no stock counts");
    let sources = |found: &Explanation| -> Vec<_> {
        let told = found.sources.iter();
        told.map(|one| (one.code.to_string(), one.available.quantity)).collect()
    };
    assert_eq!(sources(&found), [("A-1".to_string(), 700), ("A-2".to_string(), 50)]);
    assert_eq!((found.row.roll_up, found.remedy.is_some()), (None, false), "the county is open");
    let unknown: Vec<_> = found.accounts.iter().map(|one| one.unknown).collect();
    assert_eq!(unknown, [None, Some(Unknown::OldDeclaration)]);
    assert_eq!((found.certainty.unknown, found.certainty.lines.sum()), (None, 1));
    let county = opened(&position, "371301", Mode::Agreement, View::Owner);
    assert_eq!(county.row.account, None);
    assert_eq!(county.certainty.unknown, Some(Unknown::OldDeclaration));
    assert_eq!(county.sources[0].available.doubt, Some(Doubt::OldDeclaration));
    assert_eq!(county.sources[0].available.unconfirmed, 40);
    let custody = opened(&position, "3713", Mode::Agreement, View::Custody);
    assert_eq!((custody.row.account, custody.figures.on_hand), (None, 0), "who knows where");
    assert_eq!(custody.certainty.unknown, Some(Unknown::NoRegister));
}

#[test]
fn a_source_gives_a_need_in_its_unit() {
    let quota = fixture::quota("3713", Subject::Need(code("bedding")), 1_000, 0);
    let quota = Quota { mode: Mode::Social, ..quota };
    let double = fixture::item("DOUBLE", Some(("bedding", 2)), LifeKind::None, 0);
    let mut pledged = Pledge { fulfilment_permille: Some(1_000), ..pledge("P", "3713") };
    pledged.terms.item = code("DOUBLE");
    pledged.response_hours = 1;
    let records = vec![
        Record::Item(double),
        Record::Profile(profile("3713")),
        Record::Quota(quota),
        Record::Pledge(pledged),
    ];
    let position = with_records(&world(), records);
    let need = Asked::Need(position.reference.needs.find("bedding").unwrap());
    let query = Query { mode: Mode::Social, ..asked(&position, "3713", need) };
    let found = explain(&position, &query).unwrap();
    assert_eq!(found.sources[0].available.quantity, 1_000, "500 of two places each");
    assert_eq!(found.row.account.map(|own| own.effective), Some(1_000));
    let query = Query { goods: item(&position, "QUILT"), ..query };
    assert_eq!(explain(&position, &query).unwrap().sources, [], "of other goods");
}

#[test]
fn a_quota_by_people_nobody_counted_is_told_with_its_account() {
    let quota = fixture::quota("371301", Subject::Item(code("QUILT")), 100, 50);
    let mut place = fixture::region("371301", 118_400_000, 35_300_000);
    (place.population, place.planned_displaced) = (None, None);
    let basis = crate::domain::quota::Basis::Population;
    let records = vec![Record::Region(place), Record::Quota(Quota { basis, ..quota })];
    let position = with_records(&world(), records);
    let found = opened(&position, "3713", Mode::GovPhysical, View::Owner);
    assert_eq!((found.certainty.unknown, found.certainty.lines.sum()), (None, 1));
    assert_eq!(found.accounts[0].unknown, Some(Unknown::NoPopulation));
    let county = opened(&position, "371301", Mode::GovPhysical, View::Custody);
    assert_eq!(county.certainty.unknown, Some(Unknown::NoPopulation));
    assert_eq!(county.accounts[0].unknown, Some(Unknown::NoPopulation));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_lies_there_adds_up_to_the_row(
        targets in any::<[Option<u16>; 5]>(), stock in any_stock(), kept in any::<bool>(),
    ) {
        let mut position = arranged(targets, &stock);
        if kept {
            position.keep_index(day(ON));
        }
        for place in PLACES {
            let found = opened(&position, place, Mode::GovPhysical, View::Custody);
            let listed = custody_gaps(&position, &gap::Query {
                item: position.reference.items.find("QUILT"),
                ..Query { view: View::Custody, ..asked(&position, place, item(&position, "QUILT")) }
                    .row()
            });
            let row = Some(&found.row).filter(|row| row.lines > 0);
            prop_assert_eq!(listed.first().map(|one| &one.row), row);
            let account = found.row.account.unwrap();
            prop_assert_eq!(total(&found.counted), account.effective);
            prop_assert_eq!(found.figures.effective, account.effective);
            let root = find(&position, place);
            let code = position.reference.regions.get(root).unwrap().code;
            prop_assert!(found.counted.iter().all(|part| part.depot.region == code));
            let above = found.excluded.iter();
            let above = above.filter(|part| part.excluded == Some(Reason::OwnedAbove));
            let above: i64 = above.map(|part| part.amount).sum();
            prop_assert_eq!(Some(above), found.owned_above);
            let sums = found.row.roll_up.unwrap();
            let of = |take: fn(&Line) -> i64| -> i64 {
                found.accounts.iter().map(|account| take(&account.line)).sum()
            };
            prop_assert_eq!(of(Line::gap), sums.gap_sum);
            prop_assert_eq!(of(|line| line.held.effective), sums.effective_sum);
            prop_assert_eq!(found.remedy, None);
        }
    }

    #[test]
    fn a_row_of_any_mode_is_the_listed_row(
        quotas in prop::collection::vec((0..5_usize, 1..4_usize, 1..2_000_i64), 0..8),
        sources in prop::collection::vec((0..5_usize, 0..3_usize, 0..900_i64, 0..3_usize), 0..8),
        (has_profile, by_custody) in any::<(bool, bool)>(),
    ) {
        let quotas = quotas.iter();
        let quotas = quotas.map(|(place, mode, n)| stated(PLACES[*place], Mode::ALL[*mode], *n));
        let mut records: Vec<Record> = quotas.collect();
        records.extend(has_profile.then(|| Record::Profile(profile("3713"))));
        for (ix, (place, kind, units, told)) in sources.into_iter().enumerate() {
            let (text, place) = (format!("S-{ix}"), PLACES[place]);
            let declared = [None, Some("2021-01-01"), Some("2021-11-01")][told];
            records.push(match kind {
                0 => agreed(&text, place, Some(units), declared),
                1 => {
                    let declared_on = declared.map(day);
                    Record::Capacity(Capacity { declared_on, ..capacity(&text, place) })
                }
                _ => {
                    let fulfilment_permille = (told > 0).then_some(500);
                    Record::Pledge(Pledge { fulfilment_permille, ..pledge(&text, place) })
                }
            });
        }
        let position = with_records(&world(), records);
        let view = if by_custody { View::Custody } else { View::Owner };
        for (place, mode) in PLACES.into_iter().flat_map(|at| Mode::ALL.map(|mode| (at, mode))) {
            let found = opened(&position, place, mode, view);
            let query = asked(&position, place, item(&position, "QUILT"));
            let query = Query { mode, view, ..query }.row();
            let listed: Vec<Row> = match view {
                View::Owner => gap::gaps(&position, &query),
                View::Custody => {
                    custody_gaps(&position, &query).into_iter().map(|one| one.row).collect()
                }
            };
            let shown = Some(found.row.clone()).filter(|row| row.lines > 0);
            prop_assert_eq!(listed, shown.into_iter().collect::<Vec<_>>());
            let given: i64 = found.sources.iter().map(|one| one.available.quantity).sum();
            if let (Some(own), View::Owner) = (found.row.account, view) {
                prop_assert!(mode == Mode::GovPhysical || own.effective == given);
            }
        }
    }
}
