//! Rows of agreements, capacities and pledges.
//!
//! Lives here: the mapping, field by field. Does not live here: what they give. Invariant: a row
//! that cannot be a domain value is reported, never mended.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::catalogue::ItemStatus;
use crate::domain::region::Point;
use crate::domain::reserve::{Agreement, Capacity, Pledge, Terms};

use super::super::dialect::{Db, on_engine};
use super::super::fault::{Stored, corrupt};
use super::super::schema::{agreement, capacity, pledge};
use super::{upsert_all, words};

/// The position in its two columns; both or neither.
fn location(what: &str, lon: Option<i64>, lat: Option<i64>) -> Stored<Option<Point>> {
    match (lon, lat) {
        (Some(lon), Some(lat)) => Ok(Some(Point {
            lon_e6: words::number("longitude", lon)?,
            lat_e6: words::number("latitude", lat)?,
        })),
        (None, None) => Ok(None),
        _ => Err(corrupt("position", what)),
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = agreement)]
pub(super) struct AgreementRow {
    code: String,
    name: String,
    region: String,
    organization: String,
    item: String,
    contract_quantity: i64,
    declared_stock: Option<i64>,
    declared_on: Option<NaiveDate>,
    response_hours: i64,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    reliability_permille: Option<i64>,
    lon_e6: Option<i64>,
    lat_e6: Option<i64>,
    document: Option<String>,
    status: String,
    rev: i64,
}

impl AgreementRow {
    pub(super) fn new(row: &Agreement, rev: i64) -> Self {
        let terms = &row.terms;
        Self {
            code: terms.code.to_string(),
            name: terms.name.clone(),
            region: terms.region.to_string(),
            organization: terms.organization.as_ref().map(ToString::to_string).unwrap_or_default(),
            item: terms.item.to_string(),
            contract_quantity: row.contract_quantity,
            declared_stock: row.declared_stock,
            declared_on: row.declared_on,
            response_hours: i64::from(row.response_hours),
            valid_from: terms.valid_from,
            valid_to: terms.valid_to,
            reliability_permille: terms.reliability_permille.map(i64::from),
            lon_e6: terms.location.map(|point| i64::from(point.lon_e6)),
            lat_e6: terms.location.map(|point| i64::from(point.lat_e6)),
            document: terms.document.clone(),
            status: terms.status.as_str().to_string(),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<Agreement> {
        let reliability = self.reliability_permille;
        let terms = Terms {
            code: words::code("agreement code", &self.code)?,
            region: words::region("agreement region", &self.region)?,
            organization: Some(words::code("agreement organization", &self.organization)?),
            item: words::code("agreement item", &self.item)?,
            reliability_permille: words::optional_number("agreement reliability", reliability)?,
            location: location(&self.code, self.lon_e6, self.lat_e6)?,
            status: words::word("agreement status", &self.status, ItemStatus::parse)?,
            name: self.name,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            document: self.document,
        };
        Ok(Agreement {
            terms,
            contract_quantity: self.contract_quantity,
            declared_stock: self.declared_stock,
            declared_on: self.declared_on,
            response_hours: words::number("agreement hours", self.response_hours)?,
        })
    }
}

pub(super) fn save_agreements(db: &mut Db, rows: &[AgreementRow]) -> Stored<()> {
    upsert_all!(
        db,
        agreement,
        code,
        rows,
        [
            name,
            region,
            organization,
            item,
            contract_quantity,
            declared_stock,
            declared_on,
            response_hours,
            valid_from,
            valid_to,
            reliability_permille,
            lon_e6,
            lat_e6,
            document,
            status,
            rev,
        ]
    );
    Ok(())
}

pub(super) fn agreements_since(db: &mut Db, rev: i64) -> Stored<Vec<AgreementRow>> {
    let query = agreement::table.filter(agreement::rev.gt(rev)).order(agreement::code);
    Ok(on_engine!(db, conn => query.select(AgreementRow::as_select()).load(conn))?)
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = capacity)]
pub(super) struct CapacityRow {
    code: String,
    name: String,
    region: String,
    organization: String,
    item: String,
    daily_rate: i64,
    startup_hours: i64,
    finished_goods: i64,
    most: i64,
    declared_on: Option<NaiveDate>,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    reliability_permille: Option<i64>,
    lon_e6: Option<i64>,
    lat_e6: Option<i64>,
    document: Option<String>,
    status: String,
    rev: i64,
}

impl CapacityRow {
    pub(super) fn new(row: &Capacity, rev: i64) -> Self {
        let terms = &row.terms;
        Self {
            code: terms.code.to_string(),
            name: terms.name.clone(),
            region: terms.region.to_string(),
            organization: terms.organization.as_ref().map(ToString::to_string).unwrap_or_default(),
            item: terms.item.to_string(),
            daily_rate: row.daily_rate,
            startup_hours: i64::from(row.startup_hours),
            finished_goods: row.finished_goods,
            most: row.limit,
            declared_on: row.declared_on,
            valid_from: terms.valid_from,
            valid_to: terms.valid_to,
            reliability_permille: terms.reliability_permille.map(i64::from),
            lon_e6: terms.location.map(|point| i64::from(point.lon_e6)),
            lat_e6: terms.location.map(|point| i64::from(point.lat_e6)),
            document: terms.document.clone(),
            status: terms.status.as_str().to_string(),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<Capacity> {
        let reliability = self.reliability_permille;
        let terms = Terms {
            code: words::code("capacity code", &self.code)?,
            region: words::region("capacity region", &self.region)?,
            organization: Some(words::code("capacity organization", &self.organization)?),
            item: words::code("capacity item", &self.item)?,
            reliability_permille: words::optional_number("capacity reliability", reliability)?,
            location: location(&self.code, self.lon_e6, self.lat_e6)?,
            status: words::word("capacity status", &self.status, ItemStatus::parse)?,
            name: self.name,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            document: self.document,
        };
        Ok(Capacity {
            terms,
            daily_rate: self.daily_rate,
            startup_hours: words::number("capacity hours", self.startup_hours)?,
            finished_goods: self.finished_goods,
            limit: self.most,
            declared_on: self.declared_on,
        })
    }
}

pub(super) fn save_capacities(db: &mut Db, rows: &[CapacityRow]) -> Stored<()> {
    upsert_all!(
        db,
        capacity,
        code,
        rows,
        [
            name,
            region,
            organization,
            item,
            daily_rate,
            startup_hours,
            finished_goods,
            most,
            declared_on,
            valid_from,
            valid_to,
            reliability_permille,
            lon_e6,
            lat_e6,
            document,
            status,
            rev,
        ]
    );
    Ok(())
}

pub(super) fn capacities_since(db: &mut Db, rev: i64) -> Stored<Vec<CapacityRow>> {
    let query = capacity::table.filter(capacity::rev.gt(rev)).order(capacity::code);
    Ok(on_engine!(db, conn => query.select(CapacityRow::as_select()).load(conn))?)
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = pledge)]
pub(super) struct PledgeRow {
    code: String,
    name: String,
    region: String,
    organization: Option<String>,
    item: String,
    pledged_quantity: i64,
    fulfilment_permille: Option<i64>,
    response_hours: i64,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    reliability_permille: Option<i64>,
    lon_e6: Option<i64>,
    lat_e6: Option<i64>,
    document: Option<String>,
    status: String,
    rev: i64,
}

impl PledgeRow {
    pub(super) fn new(row: &Pledge, rev: i64) -> Self {
        let terms = &row.terms;
        Self {
            code: terms.code.to_string(),
            name: terms.name.clone(),
            region: terms.region.to_string(),
            organization: terms.organization.as_ref().map(ToString::to_string),
            item: terms.item.to_string(),
            pledged_quantity: row.pledged_quantity,
            fulfilment_permille: row.fulfilment_permille.map(i64::from),
            response_hours: i64::from(row.response_hours),
            valid_from: terms.valid_from,
            valid_to: terms.valid_to,
            reliability_permille: terms.reliability_permille.map(i64::from),
            lon_e6: terms.location.map(|point| i64::from(point.lon_e6)),
            lat_e6: terms.location.map(|point| i64::from(point.lat_e6)),
            document: terms.document.clone(),
            status: terms.status.as_str().to_string(),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<Pledge> {
        let reliability = self.reliability_permille;
        let terms = Terms {
            code: words::code("pledge code", &self.code)?,
            region: words::region("pledge region", &self.region)?,
            organization: words::optional_code(
                "pledge organization",
                self.organization.as_deref(),
            )?,
            item: words::code("pledge item", &self.item)?,
            reliability_permille: words::optional_number("pledge reliability", reliability)?,
            location: location(&self.code, self.lon_e6, self.lat_e6)?,
            status: words::word("pledge status", &self.status, ItemStatus::parse)?,
            name: self.name,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            document: self.document,
        };
        Ok(Pledge {
            terms,
            pledged_quantity: self.pledged_quantity,
            fulfilment_permille: words::optional_number(
                "pledge fulfilment",
                self.fulfilment_permille,
            )?,
            response_hours: words::number("pledge hours", self.response_hours)?,
        })
    }
}

pub(super) fn save_pledges(db: &mut Db, rows: &[PledgeRow]) -> Stored<()> {
    upsert_all!(
        db,
        pledge,
        code,
        rows,
        [
            name,
            region,
            organization,
            item,
            pledged_quantity,
            fulfilment_permille,
            response_hours,
            valid_from,
            valid_to,
            reliability_permille,
            lon_e6,
            lat_e6,
            document,
            status,
            rev,
        ]
    );
    Ok(())
}

pub(super) fn pledges_since(db: &mut Db, rev: i64) -> Stored<Vec<PledgeRow>> {
    let query = pledge::table.filter(pledge::rev.gt(rev)).order(pledge::code);
    Ok(on_engine!(db, conn => query.select(PledgeRow::as_select()).load(conn))?)
}
