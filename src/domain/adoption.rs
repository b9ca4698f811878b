//! Adoption of a quota rule: what it would set over a whole region, and the quotas that do it.
//!
//! Lives here: one row per region and mode, and the records of an adoption. Does not live here: the
//! formula (`quota_rule`). Invariant: the same rule, region, mode and first day give the same
//! quota id, so that a repeat changes nothing.

use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::calendar::add_days;
use super::chain;
use super::quota::{Mode, Quota};
use super::quota_rule::{Amount, QuotaRule, Scale, Share, Target};
use super::reference::{Record, Reference};
use super::refusal::Refusal;
use super::region::{Region, RegionIx};

/// What a rule would do to one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No quota is in force for the line.
    New,
    /// The quota in force is another one.
    Changed,
    /// The quota in force says the same.
    Unchanged,
    /// The new quota would meet another one.
    Conflict,
    /// The target cannot be computed.
    Unknown,
}

impl Status {
    pub const ALL: [Self; 5] =
        [Self::New, Self::Changed, Self::Unchanged, Self::Conflict, Self::Unknown];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Conflict => "conflict",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a line cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nobody has counted the people to provide for.
    NoPopulation,
    /// The item, its need or its pack is no longer what the rule rests on.
    NoMeasure,
    /// The target is beyond any quantity.
    TooLarge,
    /// Another quota begins on the same day.
    SameDay,
    /// Another quota begins later, within the rule's dates.
    LaterQuota,
}

impl Reason {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoPopulation => "no_population",
            Self::NoMeasure => "no_measure",
            Self::TooLarge => "too_large",
            Self::SameDay => "same_day",
            Self::LaterQuota => "later_quota",
        }
    }
}

/// One region and mode under a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub region: Arc<Region>,
    pub mode: Mode,
    /// People to provide for; `None` where unknown or not asked for.
    pub people: Option<i64>,
    pub target: Option<Target>,
    /// The quota in force on the day.
    pub now: Option<Arc<Quota>>,
    pub status: Status,
    pub reason: Option<Reason>,
    /// Against what a conflict is.
    pub rival: Option<Arc<Quota>>,
}

/// What `rule` would set from `on` on in the regions of its tier within `root` that exist on that
/// day, by region, then in the rule's order of modes.
pub fn preview(reference: &Reference, rule: &QuotaRule, root: RegionIx, on: NaiveDate) -> Vec<Row> {
    let scale = reference.scale(rule);
    let mut rows = Vec::new();
    for region in places(reference, rule, root, on).filter_map(|ix| reference.regions.get(ix)) {
        for share in &rule.modes {
            rows.push(row(reference, rule, region, *share, scale, on));
        }
    }
    rows
}

/// The regions that a rule is about within `root` on a day.
fn places<'a>(
    reference: &'a Reference,
    rule: &'a QuotaRule,
    root: RegionIx,
    on: NaiveDate,
) -> impl Iterator<Item = RegionIx> + 'a {
    let regions = &reference.regions;
    let there = move |region: &Region| {
        region.valid_from.is_none_or(|first| first <= on)
            && region.valid_to.is_none_or(|last| on <= last)
    };
    reference.regions_of_rule(rule).filter(move |ix| {
        regions.within(*ix, root) && regions.get(*ix).is_some_and(|region| there(region))
    })
}

fn row(
    reference: &Reference,
    rule: &QuotaRule,
    region: &Arc<Region>,
    share: Share,
    scale: Option<Scale<'_>>,
    on: NaiveDate,
) -> Row {
    let people = rule.people(region);
    let line = || reference.quotas.of_line(region.code, &rule.subject, share.mode);
    let now = line().into_iter().find(|quota| quota.in_force(on)).cloned();
    let by_people = matches!(rule.amount, Amount::Population(_));
    let target = match scale {
        None => Err(Reason::NoMeasure),
        Some(_) if by_people && people.is_none() => Err(Reason::NoPopulation),
        Some(scale) => {
            rule.target(share, people.unwrap_or_default(), scale).ok_or(Reason::TooLarge)
        }
    };
    let mut row = Row {
        region: Arc::clone(region),
        mode: share.mode,
        people,
        target: target.ok(),
        now,
        status: Status::Unknown,
        reason: target.err(),
        rival: None,
    };
    let Ok(target) = target else { return row };
    let next = quota(rule, region, share.mode, target, on);
    (row.status, row.reason, row.rival) = match &row.now {
        Some(now) if says_the_same(now, &next) => (Status::Unchanged, None, None),
        now => match rival(&line(), &next) {
            Some((reason, rival)) => (Status::Conflict, Some(reason), Some(rival)),
            None if now.is_some() => (Status::Changed, None, None),
            None => (Status::New, None, None),
        },
    };
    row
}

/// Whether the quota in force leaves nothing to be written.
fn says_the_same(now: &Quota, next: &Quota) -> bool {
    let undated = Quota { id: now.id, effective_from: now.effective_from, ..next.clone() };
    *now == undated
}

/// The quota that `next` would meet once the one in force has been ended before it.
fn rival(line: &[&Arc<Quota>], next: &Quota) -> Option<(Reason, Arc<Quota>)> {
    let mut others = line.iter().filter(|other| other.id != next.id && other.overlaps(next));
    let found = others.find(|other| other.effective_from >= next.effective_from)?;
    let same_day = found.effective_from == next.effective_from;
    let reason = if same_day { Reason::SameDay } else { Reason::LaterQuota };
    Some((reason, Arc::clone(found)))
}

/// The quota of one line under a rule, from `on` to the rule's end.
fn quota(rule: &QuotaRule, region: &Region, mode: Mode, target: Target, on: NaiveDate) -> Quota {
    Quota {
        id: quota_id(rule, region, mode, on),
        region: region.code,
        subject: rule.subject.clone(),
        mode,
        basis: rule.amount.basis(),
        target: target.target,
        floor: target.floor,
        effective_from: on,
        effective_to: rule.effective_to,
        document: rule.document.clone(),
        rule: Some(rule.code.clone()),
    }
}

/// The first half of SHA-256 over rule, region, mode and first day, as a UUID of version 8.
pub fn quota_id(rule: &QuotaRule, region: &Region, mode: Mode, on: NaiveDate) -> Uuid {
    let text = format!("quota {} {} {} {on}", rule.code, region.code, mode.as_str());
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(chain::digest(text.as_bytes())) {
        *to = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What an adoption comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// Quotas ended the day before, then the new ones.
    pub records: Vec<Record>,
    pub rows: Vec<Row>,
    pub written: usize,
    pub ended: usize,
}

/// Adopts `rule` within `root` from `on` on. Regions whose target is unknown are left as they are.
///
/// # Errors
/// `Conflict` with the first quota that stands in the way; `Invalid` where no region's people are
/// counted, or there is no region at all.
pub fn adopt(
    reference: &Reference,
    rule: &QuotaRule,
    root: RegionIx,
    on: NaiveDate,
) -> Result<Adoption, Refusal> {
    let places = || places(reference, rule, root, on);
    if let Some(fault) = reference.uncounted(rule, places()) {
        return Err(Refusal::Invalid(vec![fault]));
    }
    let rows = preview(reference, rule, root, on);
    let (mut ends, mut begins) = (Vec::new(), Vec::new());
    for row in &rows {
        if let Some(rival) = &row.rival {
            let code = quota_id(rule, &row.region, row.mode, on).to_string();
            let with = rival.id.to_string();
            return Err(Refusal::Conflict { kind: "quota", code, with });
        }
        let changes = matches!(row.status, Status::New | Status::Changed);
        let Some(target) = row.target.filter(|_| changes) else { continue };
        let next = quota(rule, &row.region, row.mode, target, on);
        if let Some(now) = row.now.as_ref().filter(|now| now.id != next.id) {
            let effective_to = Some(add_days(on, -1));
            ends.push(Record::Quota(Quota { effective_to, ..now.as_ref().clone() }));
        }
        begins.push(Record::Quota(next));
    }
    let (written, ended) = (begins.len(), ends.len());
    ends.extend(begins);
    Ok(Adoption { records: ends, rows, written, ended })
}

#[cfg(test)]
#[path = "adoption_tests.rs"]
mod tests;
