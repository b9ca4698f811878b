//! Tests of the rotation plan: the worked example, channels, lead times, what cannot be repaired.

use super::*;
use crate::domain::fixture::{code, day};
use crate::domain::profile::{Channel, RotationMode};
use crate::domain::quantity::Ratio;

fn holding(quantity: i64, last: &str) -> Holding {
    Holding { lot_id: None, quantity, last_usable_on: Some(day(last)) }
}

fn lot(id: i64, quantity: i64, last: &str) -> Holding {
    Holding { lot_id: Some(id), ..holding(quantity, last) }
}

fn standard(target: i64, floor: i64) -> Standard {
    Standard { target, floor, from: day("2020-01-01"), to: None }
}

fn coming(on: &str, quantity: i64) -> Commitment {
    Commitment { on: day(on), quantity, last_usable_on: None, movable: true }
}

fn channel(word: &str, min_days_left: u32, lead_days: u32) -> Channel {
    let label = word.to_string();
    Channel { code: code(word), label_en: label.clone(), label, min_days_left, lead_days }
}

/// The lots of domain.md 5.4, floor 1000, deliveries of eight years, the whole of 2022.
fn task() -> Task {
    Task {
        today: day("2021-12-31"),
        period: (day("2022-01-01"), day("2023-01-31")),
        holdings: vec![
            lot(1, 400, "2022-03-01"),
            lot(2, 500, "2022-06-01"),
            lot(3, 300, "2023-01-01"),
        ],
        standards: vec![standard(1_000, 1_000)],
        committed: Vec::new(),
        withdrawals: Vec::new(),
        turnover: Turnover::default(),
        life_months: Some(96),
        pack: 1,
    }
}

fn bought(plan: &Plan) -> Vec<(String, i64)> {
    plan.inbounds.iter().map(|inbound| (inbound.on.to_string(), inbound.quantity)).collect()
}

fn let_go(plan: &Plan) -> Vec<(String, i64, Option<usize>)> {
    let row = |out: &RotateOut| (out.on.to_string(), out.quantity, out.channel);
    plan.rotate_outs.iter().map(row).collect()
}

fn dated(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    rows.iter().map(|(on, quantity)| (on.to_string(), *quantity)).collect()
}

fn least(plan: &Plan) -> i64 {
    plan.after.steps.iter().map(|step| step.effective - step.floor).min().unwrap()
}

#[test]
fn the_worked_plan_is_repaired() {
    let mut task = task();
    task.committed = vec![coming("2022-02-15", 200), coming("2022-07-01", 500)];
    let found = plan(&task).unwrap();
    assert_eq!(found.before.first_breach_on, Some(day("2022-06-02")));
    assert_eq!(found.before.breach_days, 29 + 30);
    let moved = Moved {
        committed: 1,
        from_on: day("2022-07-01"),
        on: day("2022-06-01"),
        quantity: 500,
        needed_on: day("2022-06-01"),
    };
    assert_eq!(found.moved, [moved]);
    assert_eq!(bought(&found), dated(&[("2023-01-01", 300)]));
    assert!(found.after.balanced);
    assert_eq!((least(&found), found.after.min_ratio), (0, Some(Ratio::ONE)));
    assert_eq!(found.unrepairable, []);
    let outs = [("2022-03-01", 400), ("2022-06-01", 500), ("2023-01-01", 300)];
    let outs: Vec<_> = outs.iter().map(|(on, q)| (on.to_string(), *q, None)).collect();
    assert_eq!(let_go(&found), outs);
    let why = found.inbounds[0].losses.clone();
    let source = Some(Source::Lot(3));
    let on = day("2023-01-01");
    assert_eq!(why, [Loss { on, cause: Cause::RotatedOut, source, quantity: 300 }]);
}

#[test]
fn a_fixed_purchase_stays_where_it_is() {
    let mut task = task();
    let fixed = Commitment { movable: false, ..coming("2022-07-01", 500) };
    task.committed = vec![coming("2022-02-15", 200), fixed];
    let found = plan(&task).unwrap();
    assert_eq!((found.moved.len(), found.after.balanced), (0, true));
    assert_eq!(bought(&found), dated(&[("2022-06-01", 500)]));
}

#[test]
fn purchases_come_in_packs_before_their_safety_days() {
    let mut task = task();
    task.pack = 48;
    task.turnover.safety_days = 15;
    task.turnover.purchase_lead_days = 45;
    let found = plan(&task).unwrap();
    let expected = [("2022-02-14", 240), ("2022-05-17", 480), ("2022-12-17", 288)];
    assert_eq!(bought(&found), dated(&expected));
    assert_eq!(found.inbounds[0].order_by, day("2021-12-31"));
    assert_eq!((found.inbounds[1].needed_on, found.inbounds[1].short), (day("2022-06-01"), 460));
    assert!(found.after.balanced);
}

#[test]
fn goods_leave_by_the_first_channel_that_is_in_time() {
    let mut task = task();
    task.turnover.channels = vec![channel("relief", 60, 30), channel("sale", 10, 5)];
    let found = plan(&task).unwrap();
    // 60 days before 2022-03-01 is 2021-12-31: too early for a decision that takes 30 days.
    let expected = [
        ("2022-02-19".to_string(), 400, Some(1)),
        ("2022-04-02".to_string(), 500, Some(0)),
        ("2022-11-02".to_string(), 300, Some(0)),
    ];
    assert_eq!(let_go(&found), expected);
    assert_eq!(found.rotate_outs[1].decide_by, day("2022-03-03"));
    assert!(found.after.balanced);
    let expected = [("2022-02-19", 200), ("2022-04-02", 500), ("2022-11-02", 300)];
    assert_eq!(bought(&found), dated(&expected));
}

#[test]
fn replacements_age_too() {
    let mut task = task();
    task.holdings = vec![holding(100, "2022-01-31")];
    task.standards = vec![standard(100, 100)];
    task.life_months = Some(6);
    let found = plan(&task).unwrap();
    assert_eq!(
        bought(&found),
        dated(&[("2022-01-31", 100), ("2022-07-31", 100), ("2023-01-31", 100)])
    );
    let source = found.rotate_outs.iter().map(|out| out.source).collect::<Vec<_>>();
    assert_eq!(source, [Source::Supposed(0), Source::Inbound(0), Source::Inbound(1)]);
    task.life_months = None;
    assert_eq!(plan(&task).unwrap().purchased(), 100);
}

#[test]
fn a_breach_today_is_named_with_the_day_it_ends() {
    let mut task = task();
    task.today = task.period.0;
    task.holdings.truncate(2);
    task.turnover.purchase_lead_days = 20;
    let found = plan(&task).unwrap();
    let expected = Unrepairable {
        rule: Rule::BreachToday,
        first_on: day("2022-01-01"),
        last_on: day("2022-01-20"),
        short: 100,
        repairable_on: day("2022-01-21"),
    };
    assert_eq!(found.unrepairable, [expected]);
    assert_eq!(found.inbounds[0].on, day("2022-01-21"));
    assert_eq!(found.inbounds[0].losses[0].cause, Cause::ShortAtStart);
    assert_eq!(found.after.first_breach_on, Some(day("2022-01-01")));
    assert_eq!(found.after.breach_days, 20);
}

#[test]
fn a_lead_time_longer_than_what_is_left_is_named() {
    let mut task = task();
    task.today = task.period.0;
    task.turnover.purchase_lead_days = 90;
    let found = plan(&task).unwrap();
    // The lot of 2022-03-01 serves until its last day, as nothing can come in its place.
    let expected = Unrepairable {
        rule: Rule::LeadTime,
        first_on: day("2022-03-02"),
        last_on: day("2022-03-31"),
        short: 200,
        repairable_on: day("2022-04-01"),
    };
    assert_eq!(found.unrepairable, [expected]);
    assert_eq!(bought(&found)[0], ("2022-04-01".to_string(), 200));
    assert_eq!(found.inbounds[0].losses[0].cause, Cause::Expired);
}

#[test]
fn goods_stay_while_nothing_can_take_their_place() {
    let mut task = task();
    task.today = task.period.0;
    task.turnover.purchase_lead_days = 40;
    task.turnover.channels = vec![channel("relief", 40, 0)];
    let found = plan(&task).unwrap();
    // By the channel they would leave on 2022-01-20; the first delivery is there on 2022-02-10.
    assert_eq!(let_go(&found)[0], ("2022-03-01".to_string(), 400, None));
    assert_eq!(found.unrepairable, []);
    assert!(found.after.balanced);
}

#[test]
fn withdrawals_are_replaced_and_take_what_ends_first() {
    let mut task = task();
    let first = Withdrawal { on: day("2022-01-15"), what: What::FirstExpired(450) };
    let named = Withdrawal { on: day("2022-05-01"), what: What::Lot(3, Some(100)) };
    task.withdrawals = vec![first, named];
    let found = plan(&task).unwrap();
    let expected =
        [("2022-01-15", 250), ("2022-05-01", 100), ("2022-06-01", 450), ("2023-01-01", 200)];
    assert_eq!(bought(&found), dated(&expected));
    assert_eq!(found.inbounds[0].losses[0].cause, Cause::Withdrawn);
    assert!(found.after.balanced);
    assert!(!found.before.balanced);
}

#[test]
fn a_lot_that_is_kept_for_a_withdrawal_is_not_turned_over_before() {
    let mut task = task();
    task.turnover.channels = vec![channel("relief", 60, 0)];
    let kept = Withdrawal { on: day("2022-05-01"), what: What::Lot(2, Some(200)) };
    task.withdrawals = vec![kept];
    let found = plan(&task).unwrap();
    assert!(let_go(&found).contains(&("2022-04-02".to_string(), 300, Some(0))));
    let lost = found.inbounds.iter().flat_map(|inbound| &inbound.losses);
    let withdrawn: Vec<_> = lost.filter(|loss| loss.cause == Cause::Withdrawn).collect();
    assert_eq!(withdrawn.len(), 1);
    assert_eq!((withdrawn[0].on, withdrawn[0].quantity), (day("2022-05-01"), 200));
}

#[test]
fn more_than_there_is_can_be_bought_and_withdrawn() {
    let mut task = task();
    let what = What::FirstExpired(3_000);
    task.withdrawals = vec![Withdrawal { on: day("2022-02-01"), what }];
    let found = plan(&task).unwrap();
    assert_eq!(bought(&found), dated(&[("2022-02-01", 2_800)]));
    assert!(found.after.balanced);
}

#[test]
fn a_standard_that_rises_is_met_on_its_day() {
    let mut task = task();
    let first = Standard { to: Some(day("2022-01-31")), ..standard(1_000, 1_000) };
    let second = Standard { from: day("2022-02-01"), ..standard(1_500, 1_500) };
    task.standards = vec![first, second];
    let found = plan(&task).unwrap();
    assert_eq!(bought(&found)[0], ("2022-02-01".to_string(), 300));
    assert_eq!(found.inbounds[0].losses[0].cause, Cause::FloorRaised);
}

#[test]
fn out_before_in_keeps_the_floor_and_follows_within_the_gap() {
    let mut task = task();
    task.standards = vec![standard(1_200, 700)];
    task.turnover.mode = RotationMode::OutBeforeIn;
    task.turnover.gap_days = 60;
    let found = plan(&task).unwrap();
    // 800 are left in March: above the floor; the 400 follow by the end of April. In June 700 are
    // left, in January 900.
    let expected = [("2022-04-30", 400), ("2022-07-31", 500), ("2023-03-02", 300)];
    assert_eq!(bought(&found), dated(&expected));
    assert_eq!(found.inbounds[0].losses[0].cause, Cause::GapOver);
    assert!(found.after.balanced);
    assert_eq!(found.after.first_breach_on, None);
    task.standards = vec![standard(1_200, 900)];
    let found = plan(&task).unwrap();
    // 100 of March's 400 must come before, the rest within the gap.
    assert_eq!(bought(&found)[..2], dated(&[("2022-03-01", 100), ("2022-04-30", 300)])[..]);
    assert!(found.after.balanced);
}

#[test]
fn a_replacement_that_cannot_come_within_the_gap_is_named() {
    let mut task = task();
    task.today = task.period.0;
    task.standards = vec![standard(1_200, 0)];
    task.turnover.mode = RotationMode::OutBeforeIn;
    task.turnover.gap_days = 10;
    task.turnover.purchase_lead_days = 100;
    let found = plan(&task).unwrap();
    let late = found.unrepairable[0];
    assert_eq!((late.rule, late.short), (Rule::RotationGap, 400));
    assert_eq!((late.first_on, late.repairable_on), (day("2022-03-11"), day("2022-04-11")));
    assert_eq!(bought(&found)[0], ("2022-04-11".to_string(), 400));
}

#[test]
fn what_cannot_be_planned_is_refused_by_name() {
    let refused = |change: fn(&mut Task)| {
        let mut task = task();
        change(&mut task);
        let faults = plan(&task).unwrap_err();
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>()
    };
    let named = |name: &str, code| vec![(name.to_string(), code)];
    let years = refused(|task| task.period.1 = day("2222-01-01"));
    assert_eq!(years, named("to", FaultCode::OutOfRange));
    let backwards = refused(|task| task.period.1 = day("2021-01-01"));
    assert_eq!(backwards, named("to", FaultCode::DateOrder));
    let outlasting = refused(|task| {
        task.life_months = Some(1);
        task.turnover.safety_days = 28;
    });
    assert_eq!(outlasting, named("safety_days", FaultCode::OutOfRange));
    let both = refused(|task| {
        let of = |lot, quantity| What::Lot(lot, Some(quantity));
        let on = day("2022-01-05");
        task.withdrawals = vec![
            Withdrawal { on, what: of(1, 300) },
            Withdrawal { on, what: of(1, 200) },
            Withdrawal { on, what: of(9, 1) },
            Withdrawal { on: day("2022-06-02"), what: of(2, 1) },
        ];
    });
    let expected = [
        ("withdrawals/1/quantity".to_string(), FaultCode::OutOfRange),
        ("withdrawals/2/lot_id".to_string(), FaultCode::UnknownValue),
        ("withdrawals/3/on".to_string(), FaultCode::DateOrder),
    ];
    assert_eq!(both, expected);
}
