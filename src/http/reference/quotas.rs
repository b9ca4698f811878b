//! Quotas on the wire.
//!
//! Lives here: their shape and bounds. Does not live here: gaps. Invariant: a quota is about one
//! item or one need, and its floor is no higher than its target.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::quantity::MAX_QUANTITY;
use crate::domain::quota::{Basis, Mode, Quota, Subject};
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};

use super::check::Check;
use super::words;

/// A reserve standard (储备标准) of one region's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaDto {
    /// Chosen by whoever creates it.
    #[schema(format = Uuid, examples("0192a4c0-7c1e-7b00-8000-000000000001"))]
    pub id: String,
    /// The region whose own organizations must hold the goods.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371300000000")
    )]
    pub region: String,
    /// The item; either it or `need`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("QUILT"))]
    pub item: Option<String>,
    /// The need; either it or `item`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    pub need: Option<String>,
    #[schema(schema_with = words::mode_schema)]
    pub mode: String,
    #[schema(schema_with = words::basis_schema)]
    pub basis: String,
    /// What must be held, in the item's base unit or the need's unit.
    #[schema(minimum = 0, maximum = 1000000000000_i64, examples(44074))]
    pub target: i64,
    /// The least it may fall to, at most `target`.
    #[schema(minimum = 0, maximum = 1000000000000_i64, examples(44074))]
    pub floor: i64,
    /// First day in force.
    #[schema(format = Date, examples("2022-01-01"))]
    pub effective_from: String,
    /// Last day in force; absent means open-ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, examples("2026-12-31"))]
    pub effective_to: Option<String>,
    /// The paper that sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, examples("临应急〔2021〕18号"))]
    pub document: Option<String>,
    /// The quota rule that set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-QUILT-COUNTY"))]
    pub rule: Option<String>,
}

impl QuotaDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let id = Uuid::parse_str(&self.id).ok().filter(|_| self.id.len() == 36);
        if id.is_none() {
            let expected = "a UUID such as 0192a4c0-7c1e-7b00-8000-000000000001";
            check.fault("/id", FaultCode::Malformed, expected);
        }
        let region = check.region("/region", &self.region);
        let subject = subject(&mut check, self.item.as_deref(), self.need.as_deref());
        let mode = check.word("/mode", &self.mode, Mode::parse, &words::modes());
        let basis = check.word("/basis", &self.basis, Basis::parse, &words::bases());
        let target: Option<i64> = check.whole("/target", self.target, 0..=MAX_QUANTITY);
        let most = target.unwrap_or(MAX_QUANTITY);
        let floor = check.whole("/floor", self.floor, 0..=most);
        let effective_from = check.date("/effective_from", &self.effective_from);
        let effective_to = self.effective_to.and_then(|text| check.date("/effective_to", &text));
        check.in_order("/effective_to", effective_from, effective_to);
        let document = self.document.and_then(|text| check.name("/document", text));
        let rule = self.rule.and_then(|text| check.code("/rule", &text));
        let built = || {
            Some(Record::Quota(Quota {
                id: id?,
                region: region?,
                subject: subject?,
                mode: mode?,
                basis: basis?,
                target: target?,
                floor: floor?,
                effective_from: effective_from?,
                effective_to,
                document,
                rule,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

pub(super) fn subject(
    check: &mut Check,
    item: Option<&str>,
    need: Option<&str>,
) -> Option<Subject> {
    match (item, need) {
        (Some(item), None) => check.code("/item", item).map(Subject::Item),
        (None, Some(need)) => check.code("/need", need).map(Subject::Need),
        (Some(item), Some(need)) => {
            check.code("/item", item);
            check.code("/need", need);
            check.fault("/need", FaultCode::NotAllowed, "absent where item is given");
            None
        }
        (None, None) => {
            check.fault("/item", FaultCode::Required, "either item or need");
            None
        }
    }
}

impl From<&Quota> for QuotaDto {
    fn from(quota: &Quota) -> Self {
        let (item, need) = match &quota.subject {
            Subject::Item(code) => (Some(code.to_string()), None),
            Subject::Need(code) => (None, Some(code.to_string())),
        };
        Self {
            id: quota.id.to_string(),
            region: quota.region.to_string(),
            item,
            need,
            mode: quota.mode.as_str().to_string(),
            basis: quota.basis.as_str().to_string(),
            target: quota.target,
            floor: quota.floor,
            effective_from: quota.effective_from.to_string(),
            effective_to: quota.effective_to.map(|day| day.to_string()),
            document: quota.document.clone(),
            rule: quota.rule.as_ref().map(ToString::to_string),
        }
    }
}
