//! Previews and adoptions of quota rules over HTTP.
//!
//! Lives here: `/v1/quota-rules/{code}/preview` and `…/adoptions`, their rows and replies. Does not
//! live here: the rules themselves (`reference`). Invariant: a row without a target says why, and
//! totals count it apart.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::adoption::{Row, Status};
use crate::domain::quantity::narrow;
use crate::domain::quota::Subject;
use crate::domain::quota_rule::QuotaRule;
use crate::domain::reference::Reference;
use crate::domain::refusal::{Fault, FaultCode, Refusal};
use crate::domain::region::RegionCode;
use crate::service::quota_rules::{self as service, Asked, Preview, Told};

use super::access::{Caller, may};
use super::answer::{self, Answer, kept};
use super::context;
use super::extract;
use super::problem::{Code, Problem, ProblemResponse};
use super::table::{self, Format};
use super::words::local;

/// Which preview is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// Division code within the rule's region.
    region: Option<String>,
    /// The first day of the new quotas; today by default, or the rule's first day if that is later.
    as_of: Option<String>,
    /// Keep the first n rows.
    limit: Option<usize>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// What the rule would set for one region and mode.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewRow {
    region: String,
    region_name: String,
    tier: String,
    item: Option<String>,
    need: Option<String>,
    name: String,
    unit: String,
    mode: String,
    /// Residents, and where the figure comes from.
    population: Option<i64>,
    population_source: Option<String>,
    planned_displaced: Option<i64>,
    /// People the rule provides for; `null` where unknown, or with basis `absolute`.
    people: Option<i64>,
    /// `null` where unknown.
    target: Option<i64>,
    floor: Option<i64>,
    /// Target of the quota in force on the day, and that quota.
    quota: Option<i64>,
    quota_id: Option<String>,
    /// `target` less `quota`, a missing quota counting as none.
    change: Option<i64>,
    /// `new`, `changed`, `unchanged`, `conflict` or `unknown`.
    status: String,
    /// Of an unknown target: `no_population`, `no_measure`, `too_large`; of a conflict: `same_day`,
    /// `later_quota`.
    reason: Option<String>,
    /// The quota that stands in the way.
    conflict_with: Option<String>,
}

/// Sums over all rows, before `limit`.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct PreviewTotals {
    regions: usize,
    /// Regions without a target.
    regions_unknown: usize,
    new: usize,
    changed: usize,
    unchanged: usize,
    conflict: usize,
    unknown: usize,
    /// Over rows whose target is known.
    target: i64,
    /// Over the same rows, of the quotas in force.
    quota: i64,
    change: i64,
}

/// What a rule would set, with totals.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewAnswer {
    rule: String,
    /// The first day of the new quotas.
    effective_from: String,
    #[serde(flatten)]
    answer: Answer<PreviewRow>,
    totals: PreviewTotals,
}

/// Item, need, name and unit of what a rule is about.
fn about(
    reference: &Reference,
    rule: &QuotaRule,
) -> (Option<String>, Option<String>, String, String) {
    match &rule.subject {
        Subject::Item(code) => {
            let item = reference.items.by_code(code.as_str());
            let name = item.map(|item| local(&item.name, &item.name_en)).unwrap_or_default();
            let unit = item.map(|item| local(&item.unit, item.unit_en())).unwrap_or_default();
            (Some(code.to_string()), None, name, unit)
        }
        Subject::Need(code) => {
            let need = reference.needs.by_code(code.as_str());
            let name = need.map(|need| local(&need.name, &need.name_en)).unwrap_or_default();
            let unit = need.map(|need| local(&need.unit, need.unit_en())).unwrap_or_default();
            (None, Some(code.to_string()), name, unit)
        }
    }
}

fn rows(reference: &Reference, found: &Preview) -> Vec<PreviewRow> {
    let (item, need, name, unit) = about(reference, &found.rule);
    let row = |row: &Row| {
        let target = row.target.map(|target| target.target);
        let quota = row.now.as_ref().map(|quota| quota.target);
        PreviewRow {
            region: row.region.code.to_string(),
            region_name: row.region.name.clone(),
            tier: row.region.tier.as_str().to_string(),
            item: item.clone(),
            need: need.clone(),
            name: name.clone(),
            unit: unit.clone(),
            mode: row.mode.as_str().to_string(),
            population: row.region.population,
            population_source: row.region.population_source.clone(),
            planned_displaced: row.region.planned_displaced,
            people: row.people,
            target,
            floor: row.target.map(|target| target.floor),
            quota,
            quota_id: row.now.as_ref().map(|quota| quota.id.to_string()),
            change: target.map(|target| target.saturating_sub(quota.unwrap_or_default())),
            status: row.status.as_str().to_string(),
            reason: row.reason.map(|reason| reason.as_str().to_string()),
            conflict_with: row.rival.as_ref().map(|quota| quota.id.to_string()),
        }
    };
    found.rows.iter().map(row).collect()
}

fn totals(rows: &[Row]) -> PreviewTotals {
    let count = |status: Status| rows.iter().filter(|row| row.status == status).count();
    let regions = |unknown: bool| {
        let asked = rows.iter().filter(|row| !unknown || row.target.is_none());
        let mut codes: Vec<RegionCode> = asked.map(|row| row.region.code).collect();
        codes.dedup();
        codes.len()
    };
    let (mut target, mut quota) = (0_i128, 0_i128);
    for row in rows {
        let Some(found) = row.target else { continue };
        target += i128::from(found.target);
        quota += row.now.as_ref().map_or(0, |now| i128::from(now.target));
    }
    PreviewTotals {
        regions: regions(false),
        regions_unknown: regions(true),
        new: count(Status::New),
        changed: count(Status::Changed),
        unchanged: count(Status::Unchanged),
        conflict: count(Status::Conflict),
        unknown: count(Status::Unknown),
        target: narrow(target),
        quota: narrow(quota),
        change: narrow(target - quota),
    }
}

/// What a rule would set over a whole region, before it is adopted.
#[utoipa::path(get, path = "/v1/quota-rules/{code}/preview", tag = "planning",
    operation_id = "preview_quota_rule",
    params(("code" = String, Path, description = "Code of the rule", example = "LY-QUILT-COUNTY"),
        PreviewQuery),
    responses((status = 200, description = "Rows and totals at one instant", body = PreviewAnswer),
        (status = "default", response = ProblemResponse)))]
pub async fn preview(
    caller: Caller<may::Plan>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let asked: PreviewQuery = extract::query(&request)?;
    let format = Format::of(&request, asked.format.as_deref())?;
    let limit = answer::limit(asked.limit)?;
    let from = answer::date("as_of", asked.as_of.as_deref())?;
    let region = extract::region_code("region", asked.region.as_deref())?;
    if let Some(code) = region {
        caller.region(code)?;
    }
    let asked = Asked { rule: path.into_inner(), region, from, pointers: ("region", "as_of") };
    let position = Arc::clone(&caller.position);
    let principal = caller.principal.clone();
    let found = service::preview(&caller.book, position, principal, asked).await?;
    let rows = rows(&caller.position.reference, &found);
    let totals = totals(&found.rows);
    let (rule, day) = (found.rule.code.to_string(), found.from);
    let answer = Answer::new(&caller, Some(found.region), day, rows, limit);
    let body = PreviewAnswer { rule, effective_from: day.to_string(), answer, totals };
    table::respond(format, &body)
}

/// Where and from when a rule is adopted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptionDto {
    /// Division code within the rule's region; all of it by default.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371300000000")
    )]
    region: Option<String>,
    /// First day of the new quotas; today by default, or the rule's first day if that is later.
    #[schema(format = Date, examples("2030-01-01"))]
    effective_from: Option<String>,
}

/// A region that was left as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Skipped {
    region: String,
    region_name: String,
    /// `no_population`, `no_measure` or `too_large`.
    reason: String,
}

/// What an adoption has written.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdoptionReply {
    rule: String,
    region: String,
    region_name: String,
    effective_from: String,
    /// Quotas that begin on the day.
    #[schema(minimum = 0)]
    written: usize,
    /// Quotas that end on the day before.
    #[schema(minimum = 0)]
    ended: usize,
    /// Lines whose quota already says what the rule says.
    #[schema(minimum = 0)]
    unchanged: usize,
    /// Regions whose target is unknown, each once.
    #[schema(minimum = 0)]
    skipped_count: usize,
    skipped: Vec<Skipped>,
    ledger_seq: i64,
    /// The revision under which the quotas stand.
    reference_rev: i64,
}

impl AdoptionDto {
    fn read(self) -> Result<(Option<RegionCode>, Option<NaiveDate>), Problem> {
        let mut faults = Vec::new();
        let region = self.region.and_then(|text| {
            let code = RegionCode::parse(&text);
            if code.is_none() {
                let expected = "a division code";
                faults.push(Fault::new("/region", FaultCode::Malformed, expected));
            }
            code
        });
        let from = self.effective_from.and_then(|text| {
            let day = text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10);
            let day = day.filter(|day| (1950..=2199).contains(&day.year()));
            if day.is_none() {
                let expected = "a date from 1950 to 2199 as YYYY-MM-DD";
                faults.push(Fault::new("/effective_from", FaultCode::Malformed, expected));
            }
            day
        });
        if faults.is_empty() {
            return Ok((region, from));
        }
        Err(Problem::invalid(Code::InvalidValue, faults))
    }
}

fn reply(told: &Told<'_>) -> AdoptionReply {
    let mut skipped: Vec<Skipped> = Vec::new();
    for row in &told.adoption.rows {
        let code = row.region.code.to_string();
        let Some(reason) = row.reason.filter(|_| row.status == Status::Unknown) else { continue };
        if skipped.last().is_none_or(|last| last.region != code) {
            let region_name = row.region.name.clone();
            skipped.push(Skipped { region: code, region_name, reason: reason.as_str().into() });
        }
    }
    let region = told.reference.regions.get(told.region);
    let rows = &told.adoption.rows;
    AdoptionReply {
        rule: told.rule.code.to_string(),
        region: region.map(|region| region.code.to_string()).unwrap_or_default(),
        region_name: region.map(|region| region.name.clone()).unwrap_or_default(),
        effective_from: told.from.to_string(),
        written: told.adoption.written,
        ended: told.adoption.ended,
        unchanged: rows.iter().filter(|row| row.status == Status::Unchanged).count(),
        skipped_count: skipped.len(),
        skipped,
        ledger_seq: told.ledger_seq,
        reference_rev: told.reference_rev,
    }
}

/// Adopt a rule: write its quotas in one amendment, and end those that they replace the day before.
#[utoipa::path(post, path = "/v1/quota-rules/{code}/adoptions", tag = "planning",
    operation_id = "adopt_quota_rule",
    params(("code" = String, Path, description = "Code of the rule", example = "LY-QUILT-COUNTY"),
        ("Idempotency-Key" = String, Header,
            description = "1 to 128 visible ASCII characters; repeats get the first answer",
            example = "LY-QUILT-2030")),
    request_body = AdoptionDto,
    responses((status = 201, description = "Written, and on disk", body = AdoptionReply,
            headers(("Idempotency-Replayed" = bool, description = "On a repeat: `true`"))),
        (status = "default", response = ProblemResponse)))]
pub async fn adopt(
    caller: Caller<may::Plan>,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let json = extract::json::<AdoptionDto>(&request, &body)?;
    let key = extract::idempotency(&request, &json.canonical)?;
    let (region, from) = json.value.read()?;
    let pointers = ("/region", "/effective_from");
    let asked = Asked { rule: path.into_inner(), region, from, pointers };
    let context = context::current();
    let render = Box::new(move |refusal: &Refusal| Problem::from(refusal).render(&context));
    let tell = Box::new(|told: Told<'_>| serde_json::to_string(&reply(&told)).unwrap_or_default());
    let asker = (caller.principal.clone(), caller.credential);
    let answer = service::adopt(&caller.book, asker, key, asked, (tell, render)).await?;
    Ok(kept(answer.status, answer.body, answer.replayed))
}
