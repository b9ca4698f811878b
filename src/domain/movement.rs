//! Movements: one document, 1 to 500 lines, each from an account to an account.
//!
//! Lives here: types, accounts, drafts and booked entries as plain values. Does not live here: the
//! decision whether a draft may be booked (`posting`). Invariant: a booked entry never changes.

use std::sync::Arc;

use uuid::Uuid;

use super::calendar::Instant;
use super::catalogue::Code;
use super::lot::{Lot, LotDraft};
use super::quantity::Quantity;

/// The most lines of one movement.
pub const MAX_LINES: usize = 500;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($variant),* }

        impl $name {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used in data and on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The value of a word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

words! {
    /// Every kind of movement that the book admits.
    MovementType {
        Opening = "opening",
        ReceiptPurchase = "receipt_purchase",
        ReceiptDonation = "receipt_donation",
        Requisition = "requisition",
        Accept = "accept",
        Reject = "reject",
        SupplierReturn = "supplier_return",
        Relocate = "relocate",
        DispatchOut = "dispatch_out",
        DispatchIn = "dispatch_in",
        Issue = "issue",
        TransitLoss = "transit_loss",
        LoanOut = "loan_out",
        LoanReturn = "loan_return",
        Recover = "recover",
        Restock = "restock",
        RotateOut = "rotate_out",
        RotateIn = "rotate_in",
        Assemble = "assemble",
        Disassemble = "disassemble",
        ConditionChange = "condition_change",
        OwnershipChange = "ownership_change",
        AdjustGain = "adjust_gain",
        AdjustLoss = "adjust_loss",
        Scrap = "scrap",
        Reversal = "reversal",
    }
}

words! {
    /// The state of the goods; expired is derived from the date, never booked.
    Condition { Good = "good", Quarantine = "quarantine", Damaged = "damaged" }
}

words! {
    /// Where an inside account's goods are.
    Place {
        /* In the depot. */ Depot = "depot",
        /* On the way from the depot. */ Transit = "transit",
        /* Lent out from the depot. */ Loan = "loan",
    }
}

words! {
    /// The world outside the books; its accounts exist in lines only.
    Outside { Supplier = "supplier", Consumed = "consumed", Loss = "loss", Found = "found" }
}

/// An account whose balance is kept and never falls below zero; the lot is the line's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Inside {
    pub place: Place,
    pub depot: Code,
    pub owner: Code,
    pub condition: Condition,
}

/// One side of a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    Inside(Inside),
    Outside(Outside),
}

/// Which of `from` and `to` a type's lines name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// From outside into a depot.
    In(Outside),
    /// From a depot to the outside.
    Out(Outside),
    /// From one depot to another.
    Across,
    /// Within one depot, from one condition to another.
    Within,
}

impl MovementType {
    /// The shape of the types that can be booked directly; `None` for the others.
    pub fn shape(self) -> Option<Shape> {
        match self {
            Self::Opening | Self::AdjustGain => Some(Shape::In(Outside::Found)),
            Self::ReceiptPurchase | Self::ReceiptDonation => Some(Shape::In(Outside::Supplier)),
            Self::Issue => Some(Shape::Out(Outside::Consumed)),
            Self::AdjustLoss | Self::Scrap => Some(Shape::Out(Outside::Loss)),
            Self::Relocate => Some(Shape::Across),
            Self::ConditionChange => Some(Shape::Within),
            _ => None,
        }
    }

    /// Whether goods past their last usable day may be named: not when people receive them.
    pub fn admits_expired(self) -> bool {
        self != Self::Issue
    }
}

/// A line as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftLine {
    pub from: Option<Code>,
    pub to: Option<Code>,
    pub item: Code,
    /// `None` is the depot's own organization.
    pub owner: Option<Code>,
    /// The new owner, in a relocation that changes it; `None` leaves it.
    pub to_owner: Option<Code>,
    pub condition: Condition,
    pub to_condition: Option<Condition>,
    pub quantity: Quantity,
    /// The item's base unit, or one of its packs; `None` is the base unit.
    pub unit: Option<String>,
    pub lot: Option<LotDraft>,
}

/// What people wrote on the paper.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paper {
    pub document_no: Option<String>,
    pub order_no: Option<String>,
    pub counterparty: Option<String>,
    pub handled_by: Option<String>,
    pub checked_by: Option<String>,
    pub approved_by: Option<String>,
    pub reason: Option<String>,
    pub note: Option<String>,
}

/// A movement as asked for; its values have been checked one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub kind: MovementType,
    /// `None` is the time of recording.
    pub occurred_at: Option<Instant>,
    pub paper: Paper,
    /// Book the same paper again, knowingly.
    pub repeat_of_document: bool,
    pub lines: Vec<DraftLine>,
}

/// A booked line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// 1, 2, 3 … within the movement.
    pub line_no: u32,
    /// The asked line that this one serves, from 1.
    pub request_line: u32,
    pub lot: Arc<Lot>,
    pub from: Account,
    pub to: Account,
    /// Base units, positive.
    pub quantity: i64,
}

/// A booked movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub id: Uuid,
    /// Its place in the book.
    pub seq: i64,
    pub kind: MovementType,
    pub occurred_at: Instant,
    pub recorded_at: Instant,
    /// Who booked it: the key's id and name.
    pub principal: Uuid,
    pub recorded_by: String,
    /// Whose document it is: the owner of the first line's goods.
    pub organization: Code,
    pub paper: Paper,
    /// The movement that this one reverses.
    pub reversal_of: Option<Uuid>,
    pub lines: Vec<Line>,
    /// SHA-256 over the hash before, `seq` and the canonical record.
    pub hash: [u8; 32],
}

/// Document numbers that people hold for equal: brackets, case and blanks do not count.
pub fn normalised_document_no(text: &str) -> String {
    let mut number = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '〔' | '［' | '(' | '（' | '【' => number.push('['),
            '〕' | '］' | ')' | '）' | '】' => number.push(']'),
            '\u{ff01}'..='\u{ff5e}' => number.extend(half_width(c).to_uppercase()),
            c if c.is_whitespace() => {}
            // Neither needs the table of capitals.
            '\0'..='\u{7f}' => number.push(c.to_ascii_uppercase()),
            '\u{3000}'..='\u{9fff}' => number.push(c),
            other => number.extend(other.to_uppercase()),
        }
    }
    number
}

fn half_width(c: char) -> char {
    char::from_u32(u32::from(c).saturating_sub(0xfee0)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_numbers_are_equal_across_brackets() {
        let forms = ["临应急采〔2021〕18号", "临应急采[2021]18号", " 临应急采（2021） １８号"];
        for form in forms {
            assert_eq!(normalised_document_no(form), "临应急采[2021]18号", "{form}");
        }
        assert_ne!(normalised_document_no("a1"), normalised_document_no("a2"));
    }

    #[test]
    fn every_letter_of_a_document_number_has_its_capital() {
        for letter in (0..=0x1_0fff).filter_map(char::from_u32) {
            let number = normalised_document_no(&letter.to_string());
            let capitals: String = number.chars().flat_map(char::to_uppercase).collect();
            assert_eq!(number, capitals, "{letter}");
        }
        assert_eq!(normalised_document_no("ａ-ß é\u{3000}号"), "A-SSÉ号");
    }

    #[test]
    fn words_are_unique() {
        let words: std::collections::BTreeSet<_> =
            MovementType::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(words.len(), MovementType::ALL.len());
        assert_eq!(MovementType::parse("scrap"), Some(MovementType::Scrap));
    }
}
