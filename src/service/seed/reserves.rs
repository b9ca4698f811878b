//! The demo's quota rules, and what its made-up enterprises have promised.
//!
//! Lives here: their records, dated from the demo's day. Does not live here: quotas in force.
//! Invariant: every record says in its own name or document that it is illustrative.

use chrono::NaiveDate;

use crate::domain::calendar::add_days;
use crate::domain::catalogue::ItemStatus;
use crate::domain::depot::{Organization, OrganizationKind};
use crate::domain::quota::{Mode, Subject};
use crate::domain::quota_rule::{Amount, ByPeople, Displaced, QuotaRule, Share};
use crate::domain::reference::Record;
use crate::domain::region::Tier;
use crate::domain::reserve::{Agreement, Capacity, Pledge, Terms};

use super::super::flat;
use super::places::{code, region_code, word};
use super::{SeedError, Seeded, files};

const ENTERPRISES: &str = "demo/enterprises.csv";
const PROMISES: &str = "demo/promises.csv";
const RULES: &str = "demo/adoptable-rules.csv";
const RULE_DOCUMENT: &str = "示例规则(非标准)";
const PROMISE_DOCUMENT: &str = "示例(演示数据、非真实)";
/// Promises bind from a year before the demo's day to two years after it.
const DAYS_BEFORE: i64 = 365;
const DAYS_AFTER: i64 = 730;

/// Enterprises, what they have promised by `on`, and rules to be adopted.
pub(super) fn records(on: NaiveDate) -> Seeded<Vec<Record>> {
    let mut found = Vec::new();
    for row in files::enterprises()? {
        found.push(Record::Organization(Organization {
            code: code(ENTERPRISES, &row.code)?,
            name: row.name,
            region: region_code(ENTERPRISES, &row.region)?,
            kind: word(ENTERPRISES, &row.kind, OrganizationKind::parse)?,
            credit_code: row.credit_code,
        }));
    }
    for row in files::promises()? {
        found.push(promise(row, on)?);
    }
    for row in files::adoptable_rules()? {
        found.push(Record::QuotaRule(rule(row)?));
    }
    Ok(found)
}

fn promise(row: files::Promise, on: NaiveDate) -> Seeded<Record> {
    let terms = Terms {
        code: code(PROMISES, &row.code)?,
        name: row.name,
        region: region_code(PROMISES, &row.region)?,
        organization: Some(code(PROMISES, &row.organization)?),
        item: code(PROMISES, &row.item)?,
        valid_from: add_days(on, -DAYS_BEFORE),
        valid_to: add_days(on, DAYS_AFTER),
        reliability_permille: row.reliability_permille,
        location: None,
        document: Some(PROMISE_DOCUMENT.to_string()),
        status: ItemStatus::Active,
    };
    let declared_on = row.declared_days_ago.map(|days| add_days(on, -days));
    let missing = |what: &str| SeedError::new(PROMISES, format!("{what} of {}", row.code));
    Ok(match row.kind.as_str() {
        "agreement" => Record::Agreement(Agreement {
            terms,
            contract_quantity: row.quantity,
            declared_stock: row.declared,
            declared_on,
            response_hours: row.response_hours,
        }),
        "capacity" => Record::Capacity(Capacity {
            terms,
            daily_rate: row.quantity,
            startup_hours: row.response_hours,
            finished_goods: row.declared.ok_or_else(|| missing("declared"))?,
            limit: row.limit.ok_or_else(|| missing("limit"))?,
            declared_on,
        }),
        "pledge" => Record::Pledge(Pledge {
            terms,
            pledged_quantity: row.quantity,
            fulfilment_permille: row.fulfilment_permille,
            response_hours: row.response_hours,
        }),
        other => return Err(SeedError::new(PROMISES, format!("no such kind: `{other}`"))),
    })
}

fn rule(row: files::AdoptableRule) -> Seeded<QuotaRule> {
    let wrong = |what: &str| SeedError::new(RULES, format!("{what} of {}", row.code));
    let subject = match (&row.item, &row.need) {
        (Some(item), None) => Subject::Item(code(RULES, item)?),
        (None, Some(need)) => Subject::Need(code(RULES, need)?),
        _ => return Err(wrong("item or need")),
    };
    let amount = match row.target {
        Some(target) => Amount::Absolute(target),
        None => Amount::Population(ByPeople {
            displaced: row.displaced_permille.map_or(Displaced::Given, Displaced::OfPopulation),
            days: row.days.ok_or_else(|| wrong("days"))?,
            redundancy_permille: row.redundancy_permille.unwrap_or_default(),
            season_factor_permille: None,
            per_person_milli: None,
        }),
    };
    let mut modes = Vec::new();
    for (mode, permille) in flat::pairs(&row.modes).ok_or_else(|| wrong("modes"))? {
        let permille = permille.parse().map_err(|_| wrong("share"))?;
        modes.push(Share { mode: word(RULES, &mode, Mode::parse)?, permille });
    }
    Ok(QuotaRule {
        code: code(RULES, &row.code)?,
        region: region_code(RULES, &row.region)?,
        tier: word(RULES, &row.tier, Tier::parse)?,
        subject,
        amount,
        modes,
        floor_permille: row.floor_permille,
        effective_from: NaiveDate::from_ymd_opt(2022, 1, 1).unwrap_or_default(),
        effective_to: None,
        document: Some(RULE_DOCUMENT.to_string()),
        name: row.name,
        pack: row.pack,
    })
}
