//! Quota rules on the wire.
//!
//! Lives here: their shape and bounds. Does not live here: what they would set. Invariant: the
//! shares of a rule add to 1,000, and a figure stands only beside the basis that uses it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::quantity::MAX_QUANTITY;
use crate::domain::quota::{Basis, Mode, Subject};
use crate::domain::quota_rule::{Amount, ByPeople, Displaced, QuotaRule, Share, WHOLE};
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::Tier;

use super::check::{Check, MAX_UNIT};
use super::{quotas, words};

const MAX_PER_PERSON_MILLI: i64 = 1_000_000_000;
const MAX_DAYS: i64 = 365;
const MAX_FACTOR: i64 = 10_000;

/// Where the number of people comes from.
pub(super) const DISPLACED_FROM: [&str; 2] = ["given", "permille"];

/// What one mode holds of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareDto {
    #[schema(schema_with = words::mode_schema)]
    pub mode: String,
    /// Thousandths of the target.
    #[schema(minimum = 1, maximum = 1000, examples(700))]
    pub share_permille: i64,
}

/// From which the quotas of every region of a tier follow (储备方式和比例).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaRuleDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-QUILT-COUNTY"))]
    pub code: String,
    #[schema(min_length = 1, max_length = 200, examples("县级棉被储备规则(示例)"))]
    pub name: String,
    /// In whose subtree the rule holds.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371300000000")
    )]
    pub region: String,
    /// The regions of this tier get quotas.
    #[schema(schema_with = words::tier_schema)]
    pub tier: String,
    /// The item; either it or `need`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("QUILT"))]
    pub item: Option<String>,
    /// The need; either it or `item`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    pub need: Option<String>,
    #[schema(schema_with = words::basis_schema)]
    pub basis: String,
    /// With basis `absolute`: what each region must hold over all modes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1000000000000_i64)]
    pub target: Option<i64>,
    /// With basis `population`: the region's `planned_displaced` (`given`, the default), or
    /// thousandths of its population.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = words::displaced_from_schema)]
    pub planned_displaced_from: Option<String>,
    /// With `permille`: people to provide for, per 1000 residents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub displaced_permille: Option<i64>,
    /// With basis `population`: days of self-supply, 1 by default; counts for needs per day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 365, examples(3))]
    pub days: Option<i64>,
    /// With basis `population`: thousandths on top, 0 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10000, examples(100))]
    pub redundancy_permille: Option<i64>,
    /// With basis `population`: thousandths by which the season raises or lowers the need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000)]
    pub season_factor_permille: Option<i64>,
    /// With basis `population`: thousandths of the need's unit per person; the need's own by
    /// default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000000000)]
    pub per_person_milli: Option<i64>,
    /// What each mode holds; the shares add to 1000.
    #[schema(min_items = 1, max_items = 4)]
    pub modes: Vec<ShareDto>,
    /// Thousandths of the target below which stock may not fall.
    #[schema(minimum = 0, maximum = 1000, examples(1000))]
    pub floor_permille: i64,
    /// The item's unit or pack to whose whole number targets are rounded up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20, pattern = "^[^;=]+$")]
    pub pack: Option<String>,
    /// First day in force.
    #[schema(format = Date, examples("2022-01-01"))]
    pub effective_from: String,
    /// Last day in force; absent means open-ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, examples("2026-12-31"))]
    pub effective_to: Option<String>,
    /// The paper that sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, examples("示例规则(非标准)"))]
    pub document: Option<String>,
}

impl QuotaRuleDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let name = check.name("/name", self.name.clone());
        let region = check.region("/region", &self.region);
        let tier = check.word("/tier", &self.tier, Tier::parse, &words::tiers());
        let subject = quotas::subject(&mut check, self.item.as_deref(), self.need.as_deref());
        let amount = self.amount(&mut check);
        let modes = shares(&mut check, &self.modes);
        let floor = check.whole("/floor_permille", self.floor_permille, 0..=i64::from(WHOLE));
        let pack = self.pack.and_then(|text| check.part("/pack", text, MAX_UNIT));
        let effective_from = check.date("/effective_from", &self.effective_from);
        let effective_to = self.effective_to.and_then(|text| check.date("/effective_to", &text));
        check.in_order("/effective_to", effective_from, effective_to);
        let document = self.document.and_then(|text| check.name("/document", text));
        let built = || {
            Some(Record::QuotaRule(QuotaRule {
                code: code?,
                name: name?,
                region: region?,
                tier: tier?,
                subject: subject?,
                amount: amount?,
                modes,
                floor_permille: floor?,
                pack,
                effective_from: effective_from?,
                effective_to,
                document,
            }))
        };
        let built = built();
        check.finish(built)
    }

    /// The figures beside the basis that does not use them.
    fn idle(&self, basis: Basis) -> Vec<&'static str> {
        let by_people = [
            ("/planned_displaced_from", self.planned_displaced_from.is_some()),
            ("/displaced_permille", self.displaced_permille.is_some()),
            ("/days", self.days.is_some()),
            ("/redundancy_permille", self.redundancy_permille.is_some()),
            ("/season_factor_permille", self.season_factor_permille.is_some()),
            ("/per_person_milli", self.per_person_milli.is_some()),
        ];
        let absolute = [("/target", self.target.is_some())];
        let idle = if basis == Basis::Absolute { &by_people[..] } else { &absolute[..] };
        idle.iter().filter(|(_, given)| *given).map(|(pointer, _)| *pointer).collect()
    }

    fn amount(&self, check: &mut Check) -> Option<Amount> {
        let basis = check.word("/basis", &self.basis, Basis::parse, &words::bases())?;
        for pointer in self.idle(basis) {
            let expected = format!("absent with basis {}", basis.as_str());
            check.fault(pointer, FaultCode::NotAllowed, expected);
        }
        if basis == Basis::Absolute {
            let Some(target) = self.target else {
                check.fault("/target", FaultCode::Required, "given with basis absolute");
                return None;
            };
            return check.whole("/target", target, 0..=MAX_QUANTITY).map(Amount::Absolute);
        }
        let displaced = self.displaced(check);
        let (days, redundancy) = (self.days.unwrap_or(1), self.redundancy_permille.unwrap_or(0));
        let days = check.whole("/days", days, 1..=MAX_DAYS);
        let redundancy = check.whole("/redundancy_permille", redundancy, 0..=MAX_FACTOR);
        let season = self
            .season_factor_permille
            .and_then(|factor| check.whole("/season_factor_permille", factor, 1..=MAX_FACTOR));
        let per_person = self
            .per_person_milli
            .and_then(|milli| check.whole("/per_person_milli", milli, 1..=MAX_PER_PERSON_MILLI));
        Some(Amount::Population(ByPeople {
            displaced: displaced?,
            days: days?,
            redundancy_permille: redundancy?,
            season_factor_permille: season,
            per_person_milli: per_person,
        }))
    }

    fn displaced(&self, check: &mut Check) -> Option<Displaced> {
        let from = self.planned_displaced_from.as_deref().unwrap_or("given");
        let known = |word: &str| DISPLACED_FROM.into_iter().find(|from| *from == word);
        let from = check.word("/planned_displaced_from", from, known, &DISPLACED_FROM)?;
        match (from, self.displaced_permille) {
            ("permille", Some(permille)) => check
                .whole("/displaced_permille", permille, 1..=i64::from(WHOLE))
                .map(Displaced::OfPopulation),
            ("permille", None) => {
                let expected = "given with planned_displaced_from permille";
                check.fault("/displaced_permille", FaultCode::Required, expected);
                None
            }
            (_, None) => Some(Displaced::Given),
            (_, Some(_)) => {
                let expected = "absent with planned_displaced_from given";
                check.fault("/displaced_permille", FaultCode::NotAllowed, expected);
                None
            }
        }
    }
}

/// The shares of a rule, which must be of different modes and add to the whole.
fn shares(check: &mut Check, rows: &[ShareDto]) -> Vec<Share> {
    check.at_most("/modes", rows.len(), Mode::ALL.len());
    check.distinct(rows.iter().map(|row| &row.mode), |ix| format!("/modes/{ix}/mode"));
    let known = words::modes();
    let mut found = Vec::new();
    for (ix, row) in rows.iter().enumerate() {
        let mode = check.word(&format!("/modes/{ix}/mode"), &row.mode, Mode::parse, &known);
        let pointer = format!("/modes/{ix}/share_permille");
        let permille = check.whole(&pointer, row.share_permille, 1..=i64::from(WHOLE));
        found.extend(mode.zip(permille).map(|(mode, permille)| Share { mode, permille }));
    }
    let sum: i128 = rows.iter().map(|row| i128::from(row.share_permille)).sum();
    if sum != i128::from(WHOLE) {
        let expected = format!("shares that add to {WHOLE}; these add to {sum}");
        check.fault("/modes", FaultCode::OutOfRange, expected);
    }
    found
}

impl From<&QuotaRule> for QuotaRuleDto {
    fn from(rule: &QuotaRule) -> Self {
        let (item, need) = match &rule.subject {
            Subject::Item(code) => (Some(code.to_string()), None),
            Subject::Need(code) => (None, Some(code.to_string())),
        };
        let (target, by) = match rule.amount {
            Amount::Absolute(target) => (Some(target), None),
            Amount::Population(by) => (None, Some(by)),
        };
        let displaced = by.map(|by| match by.displaced {
            Displaced::Given => ("given", None),
            Displaced::OfPopulation(permille) => ("permille", Some(i64::from(permille))),
        });
        let share = |share: &Share| ShareDto {
            mode: share.mode.as_str().to_string(),
            share_permille: i64::from(share.permille),
        };
        Self {
            code: rule.code.to_string(),
            name: rule.name.clone(),
            region: rule.region.to_string(),
            tier: rule.tier.as_str().to_string(),
            item,
            need,
            basis: rule.amount.basis().as_str().to_string(),
            target,
            planned_displaced_from: displaced.map(|(from, _)| from.to_string()),
            displaced_permille: displaced.and_then(|(_, permille)| permille),
            days: by.map(|by| i64::from(by.days)),
            redundancy_permille: by.map(|by| i64::from(by.redundancy_permille)),
            season_factor_permille: by.and_then(|by| by.season_factor_permille).map(i64::from),
            per_person_milli: by.and_then(|by| by.per_person_milli),
            modes: rule.modes.iter().map(share).collect(),
            floor_permille: i64::from(rule.floor_permille),
            pack: rule.pack.clone(),
            effective_from: rule.effective_from.to_string(),
            effective_to: rule.effective_to.map(|day| day.to_string()),
            document: rule.document.clone(),
        }
    }
}
