//! Quota rules: what one would set, and its adoption.
//!
//! Lives here: from which day, within which region, and the way into the book. Does not live here:
//! the targets (`domain::adoption`). Invariant: a preview and an adoption of the same day are
//! computed alike, the adoption by what stands there under the lock.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::access::{Action, Principal};
use crate::domain::adoption::{self, Adoption, Row};
use crate::domain::position::Position;
use crate::domain::quota_rule::QuotaRule;
use crate::domain::reference::{Reference, unknown};
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::{RegionCode, RegionIx};

use super::access::Credential;
use super::book::{Amended, Book, Kept, KeyedAmendment, Rendering, now};
use super::failure::Failure;

/// Who asks, by which key; the operator and the demo have none.
pub type Asker = (Principal, Option<Credential>);

/// Which rule, within which region, from which day on.
#[derive(Debug, Clone)]
pub struct Asked {
    pub rule: String,
    /// `None` is the rule's own region.
    pub region: Option<RegionCode>,
    /// `None` is the rule's first day, or today where that is past.
    pub from: Option<NaiveDate>,
    /// What the caller calls region and day.
    pub pointers: (&'static str, &'static str),
}

/// A rule with the place and the day that are meant.
struct Scene {
    rule: Arc<QuotaRule>,
    root: RegionIx,
    from: NaiveDate,
}

impl Asked {
    fn scene(&self, reference: &Reference, principal: &Principal) -> Result<Scene, Failure> {
        let regions = &reference.regions;
        let visible = |code: RegionCode| principal.sees_code(regions, code);
        let rule = reference.quota_rules.by_code(&self.rule).filter(|rule| visible(rule.region));
        let rule = rule.ok_or_else(|| Failure::not_found("quota_rule", &self.rule))?;
        let code = self.region.unwrap_or(rule.region);
        let (root, top) = (regions.find(code), regions.find(rule.region));
        let (Some(root), Some(top)) = (root.filter(|_| visible(code)), top) else {
            return Err(unknown("region", &code.to_string(), self.pointers.0).into());
        };
        // Asked for a region above it, a rule still ends at its own.
        let root = if regions.within(top, root) { top } else { root };
        if !regions.within(root, top) {
            let expected = format!("a region within {}", rule.region);
            let fault = Fault::new(self.pointers.0, FaultCode::OutOfRange, expected);
            return Err(Failure::Invalid(vec![fault]));
        }
        let from = self.from.unwrap_or_else(|| now().shanghai_date().max(rule.effective_from));
        if !rule.in_force(from) {
            let last = rule.effective_to.map_or_else(String::new, |day| format!(" to {day}"));
            let expected = format!("a day within the rule's dates: {}{last}", rule.effective_from);
            let fault = Fault::new(self.pointers.1, FaultCode::OutOfRange, expected);
            return Err(Failure::Invalid(vec![fault]));
        }
        Ok(Scene { rule: Arc::clone(rule), root, from })
    }
}

/// What a rule would set.
pub struct Preview {
    pub rule: Arc<QuotaRule>,
    pub region: RegionIx,
    pub from: NaiveDate,
    pub rows: Vec<Row>,
}

/// What a rule would set, row by row.
///
/// # Errors
/// `NotFound` for a rule that is unknown or out of scope, `Invalid` for a day outside its dates.
pub async fn preview(
    book: &Book,
    position: Arc<Position>,
    principal: Principal,
    asked: Asked,
) -> Result<Preview, Failure> {
    let found = book.compute(move || {
        let reference = &position.reference;
        let Scene { rule, root, from } = asked.scene(reference, &principal)?;
        let rows = adoption::preview(reference, &rule, root, from);
        Ok(Preview { rule, region: root, from, rows })
    });
    found.await?
}

/// An adoption as it is told of.
pub struct Told<'a> {
    pub reference: &'a Reference,
    pub rule: &'a QuotaRule,
    pub region: RegionIx,
    pub from: NaiveDate,
    pub adoption: &'a Adoption,
    pub reference_rev: i64,
    pub ledger_seq: i64,
}

/// How an adoption is answered: its body.
pub type Telling = Box<dyn FnOnce(Told<'_>) -> String + Send>;

/// Sets the quotas of a rule, all of them or none, or answers what the key has been answered.
///
/// # Errors
/// `NotFound` and `Invalid` as for a preview; any fault of the database.
pub async fn adopt(
    book: &Book,
    (principal, credential): Asker,
    (key, request_hash): (String, [u8; 32]),
    asked: Asked,
    (tell, render): (Telling, Rendering),
) -> Result<Kept, Failure> {
    let decide = Box::new(move |principal: &Principal, position: &Position| {
        let reference = Arc::clone(&position.reference);
        let ledger_seq = position.head.seq;
        let Scene { rule, root, from } = asked.scene(&reference, principal)?;
        let mut adoption = adoption::adopt(&reference, &rule, root, from)?;
        let records = std::mem::take(&mut adoption.records);
        let compose = Box::new(move |reference_rev| {
            let (reference, rule, adoption) = (&*reference, &*rule, &adoption);
            let region = root;
            tell(Told { reference, rule, region, from, adoption, reference_rev, ledger_seq })
        });
        Ok(Amended { records, status: 201, compose })
    });
    let action = Action::Plan;
    let request =
        KeyedAmendment { principal, credential, action, key, request_hash, decide, render };
    book.amend_once(request).await
}
