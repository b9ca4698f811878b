//! The canonical record's fixed test vector: these bytes may never change.

use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::domain::calendar::Instant;
use crate::domain::catalogue::Code;
use crate::domain::lot::LotKey;
use crate::domain::movement::{Condition, Inside, MovementType, Outside, Paper, Place};

fn movement() -> Movement {
    let code = |text: &str| Code::parse(text).unwrap();
    let key = LotKey {
        item: code("QUILT"),
        lot_no: Some("B2110".into()),
        manufacturer: None,
        produced_on: NaiveDate::from_ymd_opt(2021, 10, 1),
        expires_on: NaiveDate::from_ymd_opt(2029, 10, 1),
        unit_price_fen: Some(8_900),
        source: None,
    };
    let to = Inside {
        place: Place::Depot,
        depot: code("LY-CITY-01"),
        owner: code("LY-YJ"),
        condition: Condition::Good,
    };
    let line = Line {
        line_no: 1,
        request_line: 1,
        lot: Arc::new(Lot { id: 1, key }),
        from: Account::Outside(Outside::Supplier),
        to: Account::Inside(to),
        quantity: 500,
    };
    Movement {
        id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
        seq: 1,
        kind: MovementType::ReceiptPurchase,
        occurred_at: Instant(1_636_507_800_000_000),
        recorded_at: Instant(1_636_508_000_000_000),
        principal: Uuid::nil(),
        recorded_by: "demo".to_string(),
        organization: code("LY-YJ"),
        paper: Paper {
            document_no: Some("临应急采〔2021〕18号".to_string()), ..Paper::default()
        },
        reversal_of: None,
        lines: vec![line],
        hash: [0; 32],
    }
}

#[test]
fn the_test_vector_holds() {
    let record = canonical(&movement());
    assert_eq!(record.first(), Some(&RECORD_VERSION));
    assert_eq!(hex(&genesis()), GENESIS);
    assert_eq!(record.len(), RECORD_LENGTH);
    assert_eq!(hex(&link(&genesis(), 1, &record)), LINKED);
}

const GENESIS: &str = "ac8d686337def51d63798c4d915589d72f97a831626339c874943b05f4d7d369";
const RECORD_LENGTH: usize = 355;
const LINKED: &str = "5964ae66dcb9758dbd281a4ec6b426b1c2216ee6e04d576339ac745183934747";

#[test]
fn absent_is_not_empty() {
    let mut other = movement();
    other.paper.note = Some(String::new());
    assert_ne!(canonical(&movement()), canonical(&other));
}

#[test]
fn every_field_counts() {
    let base = canonical(&movement());
    let mut changed = Vec::new();
    let mut vary = |change: &dyn Fn(&mut Movement)| {
        let mut other = movement();
        change(&mut other);
        changed.push(canonical(&other));
    };
    vary(&|m| m.occurred_at = Instant(m.occurred_at.0 + 1));
    vary(&|m| m.recorded_by = "x".to_string());
    vary(&|m| m.paper.handled_by = Some("x".to_string()));
    vary(&|m| m.paper.checked_by = Some("x".to_string()));
    vary(&|m| m.paper.reason = Some("x".to_string()));
    vary(&|m| m.reversal_of = Some(Uuid::nil()));
    vary(&|m| m.lines[0].quantity = 501);
    vary(&|m| m.lines[0].from = Account::Outside(Outside::Found));
    vary(&|m| m.lines[0].lot = Arc::new(Lot { id: 2, key: m.lines[0].lot.key.clone() }));
    for record in changed {
        assert_ne!(record, base);
    }
}
