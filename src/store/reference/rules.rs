//! Rows of quota rules.
//!
//! Lives here: the mapping, field by field; shares are JSON text. Does not live here: targets.
//! Invariant: a row that cannot be a domain value is reported, never mended.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::quota::{Basis, Mode, Subject};
use crate::domain::quota_rule::{Amount, ByPeople, Displaced, QuotaRule, Share};
use crate::domain::region::Tier;

use super::super::dialect::{Db, on_engine};
use super::super::fault::{Stored, corrupt};
use super::super::schema::quota_rule;
use super::{upsert_all, words};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = quota_rule)]
pub(super) struct QuotaRuleRow {
    code: String,
    name: String,
    region: String,
    tier: String,
    item: Option<String>,
    need: Option<String>,
    basis: String,
    target: Option<i64>,
    days: Option<i64>,
    redundancy_permille: Option<i64>,
    season_factor_permille: Option<i64>,
    per_person_milli: Option<i64>,
    displaced_permille: Option<i64>,
    modes: String,
    floor_permille: i64,
    pack: Option<String>,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    document: Option<String>,
    rev: i64,
}

impl QuotaRuleRow {
    pub(super) fn new(rule: &QuotaRule, rev: i64) -> Stored<Self> {
        let (item, need) = match &rule.subject {
            Subject::Item(code) => (Some(code.to_string()), None),
            Subject::Need(code) => (None, Some(code.to_string())),
        };
        let (target, by) = match rule.amount {
            Amount::Absolute(target) => (Some(target), None),
            Amount::Population(by) => (None, Some(by)),
        };
        let modes: Vec<(&str, u32)> =
            rule.modes.iter().map(|share| (share.mode.as_str(), share.permille)).collect();
        Ok(Self {
            code: rule.code.to_string(),
            name: rule.name.clone(),
            region: rule.region.to_string(),
            tier: rule.tier.as_str().to_string(),
            item,
            need,
            basis: rule.amount.basis().as_str().to_string(),
            target,
            days: by.map(|by| i64::from(by.days)),
            redundancy_permille: by.map(|by| i64::from(by.redundancy_permille)),
            season_factor_permille: by.and_then(|by| by.season_factor_permille).map(i64::from),
            per_person_milli: by.and_then(|by| by.per_person_milli),
            displaced_permille: by.and_then(|by| match by.displaced {
                Displaced::Given => None,
                Displaced::OfPopulation(permille) => Some(i64::from(permille)),
            }),
            modes: words::to_json(&modes)?,
            floor_permille: i64::from(rule.floor_permille),
            pack: rule.pack.clone(),
            effective_from: rule.effective_from,
            effective_to: rule.effective_to,
            document: rule.document.clone(),
            rev,
        })
    }

    fn amount(&self) -> Stored<Amount> {
        let basis = words::word("rule basis", &self.basis, Basis::parse)?;
        match (basis, self.target, self.days, self.redundancy_permille) {
            (Basis::Absolute, Some(target), None, None) => Ok(Amount::Absolute(target)),
            (Basis::Population, None, Some(days), Some(redundancy)) => {
                let displaced = match self.displaced_permille {
                    None => Displaced::Given,
                    Some(permille) => {
                        Displaced::OfPopulation(words::number("rule displaced", permille)?)
                    }
                };
                let season = self.season_factor_permille;
                Ok(Amount::Population(ByPeople {
                    displaced,
                    days: words::number("rule days", days)?,
                    redundancy_permille: words::number("rule redundancy", redundancy)?,
                    season_factor_permille: words::optional_number("rule season", season)?,
                    per_person_milli: self.per_person_milli,
                }))
            }
            _ => Err(corrupt("amount of quota rule", &self.code)),
        }
    }

    pub(super) fn into_domain(self) -> Stored<QuotaRule> {
        let subject = match (&self.item, &self.need) {
            (Some(item), None) => Subject::Item(words::code("rule item", item)?),
            (None, Some(need)) => Subject::Need(words::code("rule need", need)?),
            _ => return Err(corrupt("subject of quota rule", &self.code)),
        };
        let modes: Vec<(String, u32)> = words::from_json("rule modes", &self.modes)?;
        let share = |(mode, permille): (String, u32)| {
            Ok(Share { mode: words::word("rule mode", &mode, Mode::parse)?, permille })
        };
        Ok(QuotaRule {
            code: words::code("rule code", &self.code)?,
            region: words::region("rule region", &self.region)?,
            tier: words::word("rule tier", &self.tier, Tier::parse)?,
            subject,
            amount: self.amount()?,
            modes: modes.into_iter().map(share).collect::<Stored<_>>()?,
            floor_permille: words::number("rule floor", self.floor_permille)?,
            name: self.name,
            pack: self.pack,
            effective_from: self.effective_from,
            effective_to: self.effective_to,
            document: self.document,
        })
    }
}

pub(super) fn save_rules(db: &mut Db, rows: &[QuotaRuleRow]) -> Stored<()> {
    upsert_all!(
        db,
        quota_rule,
        code,
        rows,
        [
            name,
            region,
            tier,
            item,
            need,
            basis,
            target,
            days,
            redundancy_permille,
            season_factor_permille,
            per_person_milli,
            displaced_permille,
            modes,
            floor_permille,
            pack,
            effective_from,
            effective_to,
            document,
            rev,
        ]
    );
    Ok(())
}

pub(super) fn rules_since(db: &mut Db, rev: i64) -> Stored<Vec<QuotaRuleRow>> {
    let query = quota_rule::table.filter(quota_rule::rev.gt(rev)).order(quota_rule::code);
    Ok(on_engine!(db, conn => query.select(QuotaRuleRow::as_select()).load(conn))?)
}
