//! Availability within hours: the worked numbers of 5.5, and what stays true of all numbers.

use proptest::prelude::*;

use super::*;
use crate::domain::fixture::{self, day};

fn by(hours: u32) -> Yardstick {
    Yardstick {
        on: day("2022-01-01"),
        hours,
        prudent: false,
        declaration_days: Some(90),
        stale: Stale::Flag,
        fulfilment_permille: Some(500),
    }
}

#[test]
fn a_capacity_gives_as_in_the_worked_example() {
    let capacity = fixture::capacity("C", "3713");
    let found = [0, 12, 24, 36, 48, 72, 120, 8_760].map(|hours| capacity.within(hours));
    assert_eq!(found, [800, 800, 800, 3_300, 5_800, 10_800, 20_000, 20_000]);
    assert_eq!(capacity.within(25), 800 + 208, "a started hour is cut down");
    let poor = Capacity { limit: 500, ..capacity };
    assert_eq!(poor.within(12), 500);
}

#[test]
fn an_agreement_gives_what_is_contracted_and_there() {
    let agreement = fixture::agreement("A", "3713");
    let quantity = |agreement: &Agreement, hours| agreement.available(&by(hours)).quantity;
    assert_eq!((quantity(&agreement, 5), quantity(&agreement, 6)), (0, 900));
    let more = Agreement { declared_stock: Some(5_000), ..agreement.clone() };
    assert_eq!(quantity(&more, 6), 1_000);
    let mut shaky = agreement;
    shaky.terms.reliability_permille = Some(855);
    assert_eq!(quantity(&shaky, 6), 900);
    let prudent = Yardstick { prudent: true, ..by(6) };
    assert_eq!(shaky.available(&prudent).quantity, 769);
}

#[test]
fn an_old_or_missing_declaration_is_counted_apart() {
    let agreement = fixture::agreement("A", "3713");
    let on = |text: &str| Yardstick { on: day(text), ..by(6) };
    assert_eq!(agreement.available(&on("2022-03-31")), Available::confirmed(900));
    let late = on("2022-04-01");
    let stale = agreement.available(&late);
    assert_eq!((stale.quantity, stale.unconfirmed, stale.open), (0, 900, true));
    assert_eq!((stale.state, stale.doubt), (State::Stale, Some(Doubt::OldDeclaration)));
    let zero = agreement.available(&Yardstick { stale: Stale::Zero, ..late });
    assert_eq!((zero.unconfirmed, zero.state, zero.open), (0, State::Stale, false));
    let endless = Yardstick { declaration_days: None, ..late };
    assert_eq!(agreement.available(&endless), Available::confirmed(900));
    let undated = Agreement { declared_on: None, ..agreement.clone() };
    assert_eq!(undated.available(&by(6)), Available::unknown(Doubt::NoDeclaration, 900));
    let silent = Agreement { declared_stock: None, ..agreement };
    assert_eq!(silent.available(&by(6)), Available::unknown(Doubt::NoDeclaration, 0));
    let capacity = Capacity { declared_on: None, ..fixture::capacity("C", "3713") };
    assert_eq!(capacity.available(&by(12)), Available::unknown(Doubt::NoDeclaration, 800));
}

#[test]
fn a_pledge_gives_the_part_that_is_expected() {
    let pledge = fixture::pledge("P", "3713");
    assert_eq!(pledge.available(&by(24)), Available::confirmed(150));
    assert_eq!(pledge.available(&by(23)), Available::confirmed(0));
    let plain = Pledge { fulfilment_permille: None, ..pledge };
    assert_eq!(plain.available(&by(24)).quantity, 250);
    let unset = Yardstick { fulfilment_permille: None, ..by(24) };
    assert_eq!(plain.available(&unset), Available::unknown(Doubt::NoFulfilment, 0));
}

#[test]
fn terms_bind_while_they_are_valid() {
    let terms = fixture::agreement("A", "3713").terms;
    let on = |text: &str| terms.in_force(day(text));
    assert!(on("2021-01-01") && on("2022-12-31"));
    assert!(!on("2020-12-31") && !on("2023-01-01"));
    let retired = Terms { status: ItemStatus::Retired, ..terms };
    assert!(!retired.in_force(day("2022-01-01")));
}

proptest! {
    #[test]
    fn more_hours_and_more_stock_never_give_less(
        hours in 0..200_u32, more in 0..200_u32, stock in 0..5_000_i64, extra in 0..5_000_i64,
        rate in 0..9_000_i64, startup in 0..100_u32, limit in 0..30_000_i64,
        reliability in 0..=1_000_u32, prudent in any::<bool>(),
    ) {
        let terms = |terms: Terms| Terms { reliability_permille: Some(reliability), ..terms };
        let agreement = |stock| {
            let row = fixture::agreement("A", "3713");
            Agreement { terms: terms(row.terms.clone()), declared_stock: Some(stock), ..row }
        };
        let capacity = |stock| {
            let row = fixture::capacity("C", "3713");
            Capacity {
                terms: terms(row.terms.clone()), daily_rate: rate, startup_hours: startup,
                finished_goods: stock, limit, ..row
            }
        };
        let pledge = |stock| {
            let row = fixture::pledge("P", "3713");
            Pledge { terms: terms(row.terms.clone()), pledged_quantity: stock, ..row }
        };
        let all = |stock, hours| {
            let by = Yardstick { prudent, ..by(hours) };
            [
                agreement(stock).available(&by).quantity,
                capacity(stock).available(&by).quantity,
                pledge(stock).available(&by).quantity,
            ]
        };
        let base = all(stock, hours);
        for (less, more) in base.iter().zip(all(stock, hours + more)) {
            prop_assert!(*less <= more);
        }
        for (less, more) in base.iter().zip(all(stock + extra, hours)) {
            prop_assert!(*less <= more);
        }
    }
}
