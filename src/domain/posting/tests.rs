//! Tests of posting: what may be booked, from which lots, and what is refused with which facts.

use super::*;
use crate::domain::fixture::*;
use crate::domain::lot::LotDraft;
use crate::domain::movement::{Account, Condition, DraftLine};

const NOW: &str = "2021-11-10";

fn desk<'a>(position: &'a Position, history: &'a History, by: &'a Principal) -> Desk<'a> {
    Desk { position, history, principal: by, id: Uuid::from_u128(99), now: noon(NOW) }
}

fn issue(position: &mut Position, quantity: i64) -> Result<Movement, Refusal> {
    let lines = vec![out("D-3713", "WATER", quantity)];
    book(position, &draft(MovementType::Issue, noon(NOW), lines), noon(NOW))
}

#[test]
fn goods_come_in_and_go_out() {
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 500, lot("B1", "2022-01-01"));
    let movement = issue(&mut position, 200).unwrap();
    assert_eq!(movement.seq, 2);
    assert_eq!(movement.lines[0].quantity, 200);
    assert_eq!(movement.organization.as_str(), "O-3713");
    assert_eq!(issue(&mut position, 300).unwrap().seq, 3);
    assert!(matches!(
        issue(&mut position, 1),
        Err(Refusal::InsufficientStock { have: 0, need: 1, unusable: 0, .. })
    ));
}

#[test]
fn first_expired_goes_first_and_expired_never() {
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 10, lot("LATE", "2023-01-01"));
    receive(&mut position, "D-3713", "WATER", 10, lot("SOON", "2021-11-10"));
    receive(&mut position, "D-3713", "WATER", 10, lot("PAST", "2021-11-09"));
    let movement = issue(&mut position, 15).unwrap();
    let taken: Vec<_> = movement
        .lines
        .iter()
        .map(|line| {
            (line.lot.key.lot_no.as_deref().unwrap().to_string(), line.quantity, line.request_line)
        })
        .collect();
    assert_eq!(taken, [("SOON".to_string(), 10, 1), ("LATE".to_string(), 5, 1)]);
    assert!(matches!(
        issue(&mut position, 6),
        Err(Refusal::InsufficientStock { have: 5, need: 6, unusable: 10, .. })
    ));
    let mut named = out("D-3713", "WATER", 1);
    named.lot = Some(lot("PAST", "2021-11-09"));
    let asked = draft(MovementType::Issue, noon(NOW), vec![named.clone()]);
    let refused = book(&mut position, &asked, noon(NOW));
    assert!(matches!(refused, Err(Refusal::LotExpired { .. })), "{refused:?}");
    let scrap = draft(MovementType::Scrap, noon(NOW), vec![named]);
    assert_eq!(book(&mut position, &scrap, noon(NOW)).unwrap().lines[0].quantity, 1);
}

#[test]
fn lines_of_one_movement_share_the_stock() {
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 10, lot("B1", "2022-01-01"));
    let lines = vec![out("D-3713", "WATER", 6), out("D-3713", "WATER", 6)];
    let both = draft(MovementType::Issue, noon(NOW), lines);
    let refused = book(&mut position, &both, noon(NOW));
    assert!(matches!(refused, Err(Refusal::InsufficientStock { line: 2, have: 4, need: 6, .. })));
    assert_eq!(position.head.seq, 1, "all or nothing");
}

#[test]
fn goods_kept_for_another_owner_are_never_drawn_on_silently() {
    let mut position = world();
    let lot = lot("P", "2023-01-01");
    receive_owned(&mut position, "D-3713", Some("O-37"), "WATER", 10, lot);
    assert!(matches!(issue(&mut position, 1), Err(Refusal::InsufficientStock { have: 0, .. })));
    let mut line = out("D-3713", "WATER", 1);
    line.owner = Some(code("O-37"));
    let asked = draft(MovementType::Issue, noon(NOW), vec![line]);
    assert!(book(&mut position, &asked, noon(NOW)).is_ok());
}

#[test]
fn packs_count_in_base_units_and_unknown_units_are_named() {
    let mut position = world();
    let mut line = into("D-3713", "QUILT", 2);
    line.unit = Some("箱".to_string());
    let received = draft(MovementType::ReceiptDonation, noon(NOW), vec![line.clone()]);
    assert_eq!(book(&mut position, &received, noon(NOW)).unwrap().lines[0].quantity, 48);
    line.unit = Some("吨".to_string());
    let wrong = draft(MovementType::ReceiptDonation, noon(NOW), vec![line]);
    let Err(Refusal::Invalid(faults)) = book(&mut position, &wrong, noon(NOW)) else {
        panic!("an unknown unit must be refused")
    };
    assert_eq!(faults[0].pointer, "/lines/0/unit");
    assert_eq!(faults[0].expected, "one of 床, 箱");
}

#[test]
fn a_hard_item_needs_a_date_and_an_advisory_one_gets_it_by_rule() {
    let mut position = world();
    let bare = draft(MovementType::ReceiptPurchase, noon(NOW), vec![into("D-3713", "WATER", 1)]);
    let Err(Refusal::Invalid(faults)) = book(&mut position, &bare, noon(NOW)) else {
        panic!("water without a date must be refused")
    };
    assert_eq!(faults[0].pointer, "/lines/0/lot/expires_on");
    let mut line = into("D-3713", "QUILT", 1);
    line.lot = Some(LotDraft { produced_on: Some(day("2021-10-31")), ..LotDraft::default() });
    let dated = draft(MovementType::ReceiptPurchase, noon(NOW), vec![line]);
    let movement = book(&mut position, &dated, noon(NOW)).unwrap();
    assert_eq!(movement.lines[0].lot.key.expires_on, Some(day("2029-10-31")));
}

#[test]
fn equal_attributes_make_one_lot() {
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 1, lot("B1", "2022-01-01"));
    receive(&mut position, "D-371301", "WATER", 1, lot("B1", "2022-01-01"));
    receive(&mut position, "D-371301", "WATER", 1, lot("B1", "2022-01-02"));
    assert_eq!(position.lot_count(), 2);
}

#[test]
fn back_dated_issues_may_not_empty_a_later_day() {
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 100, lot("B1", "2023-01-01"));
    let mut history = History::default();
    let early = draft(MovementType::Issue, noon("2021-03-01"), vec![out("D-3713", "WATER", 40)]);
    let late = draft(MovementType::Issue, noon("2021-06-01"), vec![out("D-3713", "WATER", 90)]);
    let booked = book(&mut position, &late, noon(NOW)).unwrap();
    assert_eq!(history_needs(&position, &early, noon(NOW)).len(), 1);
    history.record(&booked);
    let again = draft(MovementType::ReceiptDonation, noon("2021-09-01"), {
        let mut line = into("D-3713", "WATER", 50);
        line.lot = Some(lot("B1", "2023-01-01"));
        vec![line]
    });
    history.record(&book(&mut position, &again, noon(NOW)).unwrap());
    let by = Principal::operator("test");
    let refused = plan(desk(&position, &history, &by), &early, None);
    let Err(Refusal::NegativeHistory { at, least, need, .. }) = refused else {
        panic!("60 are there now, but only 10 were in June: {refused:?}")
    };
    assert_eq!((at, least, need), (noon("2021-06-01"), 10, 40));
    let small = draft(MovementType::Issue, noon("2021-03-01"), vec![out("D-3713", "WATER", 10)]);
    assert!(plan(desk(&position, &history, &by), &small, None).is_ok());
}

#[test]
fn reversals_mirror_once_and_only_what_is_still_there() {
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 100, lot("B1", "2023-01-01"));
    let issued = issue(&mut position, 60).unwrap();
    let history = History::default();
    let by = Principal::operator("test");
    let draft = ReversalDraft { reason: "typed twice".to_string(), occurred_at: None };
    let mirror = plan_reversal(desk(&position, &history, &by), &draft, &issued, None).unwrap();
    assert_eq!(mirror.lines[0].from, issued.lines[0].to);
    assert_eq!(mirror.lines[0].to, issued.lines[0].from);
    let booked = Some(Booked { id: Uuid::from_u128(7), seq: 9 });
    let again = plan_reversal(desk(&position, &history, &by), &draft, &issued, booked);
    assert!(matches!(again, Err(Refusal::AlreadyReversed { seq: 9, .. })));
    let of_mirror = plan_reversal(desk(&position, &history, &by), &draft, &mirror, None);
    assert!(matches!(of_mirror, Err(Refusal::NotReversible { .. })));
    let receipt = Movement { lines: mirror.lines.clone(), ..issued.clone() };
    let gone = Movement {
        lines: receipt.lines.iter().map(|l| Line { quantity: 50, ..l.clone() }).collect(),
        ..receipt
    };
    let refused = plan_reversal(desk(&position, &history, &by), &draft, &gone, None);
    assert!(matches!(refused, Err(Refusal::InsufficientStock { have: 40, need: 50, .. })));
}

#[test]
fn a_reversal_may_not_precede_its_target() {
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 100, lot("B1", "2023-01-01"));
    let issued = issue(&mut position, 60).unwrap();
    let (history, by) = (History::default(), Principal::operator("test"));
    let early = ReversalDraft { reason: "x".to_string(), occurred_at: Some(noon("2021-11-01")) };
    let refused = plan_reversal(desk(&position, &history, &by), &early, &issued, None);
    assert!(matches!(refused, Err(Refusal::ReversalBeforeTarget { .. })));
}

#[test]
fn a_depot_out_of_scope_is_unknown() {
    let position = world();
    let history = History::default();
    let by = Principal {
        region: Some(region_code("371301")),
        role: crate::domain::access::Role::Clerk,
        ..Principal::operator("clerk")
    };
    let foreign = draft(MovementType::Issue, noon(NOW), vec![out("D-3713", "WATER", 1)]);
    let refused = plan(desk(&position, &history, &by), &foreign, None);
    assert!(matches!(refused, Err(Refusal::UnknownReference { kind: "depot", .. })));
}

#[test]
fn condition_changes_stay_in_the_depot() {
    let mut position = world();
    receive(&mut position, "D-3713", "TENT", 5, LotDraft::default());
    let mut line = out("D-3713", "TENT", 2);
    line.to_condition = Some(Condition::Damaged);
    let change = draft(MovementType::ConditionChange, noon(NOW), vec![line]);
    assert!(faults(&change, noon(NOW)).is_empty());
    let movement = book(&mut position, &change, noon(NOW)).unwrap();
    let Account::Inside(to) = &movement.lines[0].to else { panic!("stays inside") };
    assert_eq!((to.condition, to.depot.as_str()), (Condition::Damaged, "D-3713"));
}

#[test]
fn every_fault_of_a_draft_is_found_at_once() {
    let mut line = out("D-3713", "TENT", 1);
    line.to = Some(code("D-3713"));
    line.to_condition = Some(Condition::Damaged);
    line.lot = Some(LotDraft {
        produced_on: Some(day("2021-10-01")),
        expires_on: Some(day("2021-09-01")),
        ..LotDraft::default()
    });
    let bad = draft(MovementType::Relocate, Instant(noon(NOW).0 + 600_000_000), vec![line]);
    let pointers: Vec<String> =
        faults(&bad, noon(NOW)).into_iter().map(|fault| fault.pointer).collect();
    assert_eq!(
        pointers,
        ["/occurred_at", "/lines/0/to", "/lines/0/to_condition", "/lines/0/lot/expires_on"]
    );
}

#[test]
fn the_same_paper_is_named() {
    let mut position = world();
    receive(&mut position, "D-3713", "TENT", 5, LotDraft::default());
    let mut paper = draft(MovementType::Issue, noon(NOW), vec![out("D-3713", "TENT", 1)]);
    paper.paper.document_no = Some("临应急〔2021〕1号".to_string());
    let (history, by) = (History::default(), Principal::operator("test"));
    let booked = Some(Booked { id: Uuid::from_u128(3), seq: 1 });
    let refused = plan(desk(&position, &history, &by), &paper, booked);
    assert!(matches!(refused, Err(Refusal::DocumentExists { seq: 1, .. })));
    paper.repeat_of_document = true;
    assert!(plan(desk(&position, &history, &by), &paper, booked).is_ok());
}

#[test]
fn an_empty_lot_names_none_and_draws_on_nothing_expired() {
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 10, lot("PAST", "2021-11-09"));
    receive(&mut position, "D-3713", "WATER", 10, lot("GOOD", "2023-01-01"));
    let mut line = out("D-3713", "WATER", 4);
    line.lot = Some(LotDraft::default());
    let scrap = draft(MovementType::Scrap, noon(NOW), vec![line]);
    let movement = book(&mut position, &scrap, noon(NOW)).unwrap();
    assert_eq!(movement.lines[0].lot.key.lot_no.as_deref(), Some("GOOD"));
}

#[test]
fn a_relocation_may_hand_the_goods_over() {
    let mut position = world();
    receive(&mut position, "D-3713", "WATER", 10, lot("B1", "2022-01-01"));
    let mut line = out("D-3713", "WATER", 4);
    (line.to, line.to_owner) = (Some(code("D-371301")), Some(code("O-371301")));
    let handed = draft(MovementType::Relocate, noon(NOW), vec![line.clone()]);
    let movement = book(&mut position, &handed, noon(NOW)).unwrap();
    let owner = |account: &Account| match account {
        Account::Inside(inside) => inside.owner.to_string(),
        Account::Outside(_) => String::new(),
    };
    let line_booked = &movement.lines[0];
    assert_eq!(
        (owner(&line_booked.from), owner(&line_booked.to)),
        ("O-3713".into(), "O-371301".into())
    );
    let stranger = DraftLine { to_owner: Some(code("NOBODY")), ..line.clone() };
    let asked = draft(MovementType::Relocate, noon(NOW), vec![stranger]);
    let refused = book(&mut position, &asked, noon(NOW)).unwrap_err();
    let Refusal::UnknownReference { kind, pointer, .. } = refused else { panic!("{refused:?}") };
    assert_eq!((kind, pointer.as_str()), ("organization", "/lines/0/to_owner"));
    let pointers = |kind: MovementType, line: DraftLine| -> Vec<String> {
        let draft = draft(kind, noon(NOW), vec![line]);
        faults(&draft, noon(NOW)).into_iter().map(|fault| fault.pointer).collect()
    };
    let same = DraftLine { owner: line.to_owner.clone(), ..line.clone() };
    assert_eq!(pointers(MovementType::Relocate, same), ["/lines/0/to_owner"]);
    let issue = DraftLine { to: None, ..line.clone() };
    assert_eq!(pointers(MovementType::Issue, issue), ["/lines/0/to_owner"]);
    assert_eq!(pointers(MovementType::Relocate, line), [""; 0]);
}
