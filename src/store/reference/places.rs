//! Rows of regions, organizations and depots.
//!
//! Lives here: the mapping, field by field. Does not live here: the tree they form. Invariant: a
//! row that cannot be a domain value is reported, never mended.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::depot::{Depot, DepotKind, DepotStatus, Organization, OrganizationKind};
use crate::domain::region::{LocationSource, Point, Region, Tier};

use super::super::dialect::{Db, on_engine};
use super::super::fault::{Stored, corrupt};
use super::super::schema::{depot, organization, region};
use super::{upsert_all, words};

const ADMINISTRATIVE: &str = "administrative";
const FUNCTIONAL_ZONE: &str = "functional_zone";
const MOUNTAIN: &str = "mountain";
const PLAIN: &str = "plain";

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = region)]
pub(super) struct RegionRow {
    code: String,
    name: String,
    name_en: Option<String>,
    tier: String,
    type_: String,
    parent: Option<String>,
    population: Option<i64>,
    population_source: Option<String>,
    planned_displaced: Option<i64>,
    lon_e6: Option<i64>,
    lat_e6: Option<i64>,
    location_source: String,
    area_ha: Option<i64>,
    terrain: Option<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    replaced_by: Option<String>,
    rev: i64,
}

impl RegionRow {
    pub(super) fn new(region: &Region, rev: i64) -> Self {
        let kind = if region.functional_zone { FUNCTIONAL_ZONE } else { ADMINISTRATIVE };
        let terrain = region.mountain.map(|mountain| if mountain { MOUNTAIN } else { PLAIN });
        Self {
            code: region.code.to_string(),
            name: region.name.clone(),
            name_en: region.name_en.clone(),
            tier: region.tier.as_str().to_string(),
            type_: kind.to_string(),
            parent: region.parent.map(|code| code.to_string()),
            population: region.population,
            population_source: region.population_source.clone(),
            planned_displaced: region.planned_displaced,
            lon_e6: region.location.map(|point| i64::from(point.lon_e6)),
            lat_e6: region.location.map(|point| i64::from(point.lat_e6)),
            location_source: region.location_source.as_str().to_string(),
            area_ha: region.area_ha,
            terrain: terrain.map(str::to_string),
            valid_from: region.valid_from,
            valid_to: region.valid_to,
            replaced_by: region.replaced_by.map(|code| code.to_string()),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<Region> {
        let functional_zone = match self.type_.as_str() {
            FUNCTIONAL_ZONE => true,
            ADMINISTRATIVE => false,
            other => return Err(corrupt("region type", other)),
        };
        let mountain = match self.terrain.as_deref() {
            None => None,
            Some(MOUNTAIN) => Some(true),
            Some(PLAIN) => Some(false),
            Some(other) => return Err(corrupt("region terrain", other)),
        };
        let location = match (self.lon_e6, self.lat_e6) {
            (None, None) => None,
            (Some(lon), Some(lat)) => Some(point(lon, lat)?),
            _ => return Err(corrupt("location of region", &self.code)),
        };
        Ok(Region {
            code: words::region("region code", &self.code)?,
            name: self.name,
            name_en: self.name_en,
            tier: words::word("region tier", &self.tier, Tier::parse)?,
            functional_zone,
            parent: words::optional_region("region parent", self.parent.as_deref())?,
            population: self.population,
            population_source: self.population_source,
            planned_displaced: self.planned_displaced,
            location,
            location_source: source(&self.location_source)?,
            area_ha: self.area_ha,
            mountain,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            replaced_by: words::optional_region("replacing region", self.replaced_by.as_deref())?,
        })
    }
}

fn point(lon: i64, lat: i64) -> Stored<Point> {
    Ok(Point { lon_e6: words::number("longitude", lon)?, lat_e6: words::number("latitude", lat)? })
}

fn source(text: &str) -> Stored<LocationSource> {
    words::word("location source", text, LocationSource::parse)
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = organization)]
pub(super) struct OrganizationRow {
    code: String,
    name: String,
    region: String,
    kind: String,
    credit_code: Option<String>,
    rev: i64,
}

impl OrganizationRow {
    pub(super) fn new(organization: &Organization, rev: i64) -> Self {
        Self {
            code: organization.code.to_string(),
            name: organization.name.clone(),
            region: organization.region.to_string(),
            kind: organization.kind.as_str().to_string(),
            credit_code: organization.credit_code.clone(),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<Organization> {
        Ok(Organization {
            code: words::code("organization code", &self.code)?,
            name: self.name,
            region: words::region("organization region", &self.region)?,
            kind: words::word("organization kind", &self.kind, OrganizationKind::parse)?,
            credit_code: self.credit_code,
        })
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = depot)]
pub(super) struct DepotRow {
    code: String,
    name: String,
    kind: String,
    region: String,
    organization: String,
    custodian: Option<String>,
    lon_e6: i64,
    lat_e6: i64,
    location_source: String,
    readiness_min: Option<i64>,
    area_m2: Option<i64>,
    volume_m3: Option<i64>,
    status: String,
    rev: i64,
    trucks: Option<i64>,
    truck_payload_kg: Option<i64>,
}

impl DepotRow {
    pub(super) fn new(depot: &Depot, rev: i64) -> Self {
        Self {
            code: depot.code.to_string(),
            name: depot.name.clone(),
            kind: depot.kind.as_str().to_string(),
            region: depot.region.to_string(),
            organization: depot.organization.to_string(),
            custodian: depot.custodian.clone(),
            lon_e6: i64::from(depot.location.lon_e6),
            lat_e6: i64::from(depot.location.lat_e6),
            location_source: depot.location_source.as_str().to_string(),
            readiness_min: depot.readiness_min.map(i64::from),
            area_m2: depot.area_m2,
            volume_m3: depot.volume_m3,
            status: depot.status.as_str().to_string(),
            rev,
            trucks: depot.trucks.map(i64::from),
            truck_payload_kg: depot.truck_payload_kg.map(i64::from),
        }
    }

    pub(super) fn into_domain(self) -> Stored<Depot> {
        Ok(Depot {
            code: words::code("depot code", &self.code)?,
            name: self.name,
            kind: words::word("depot kind", &self.kind, DepotKind::parse)?,
            region: words::region("depot region", &self.region)?,
            organization: words::code("depot organization", &self.organization)?,
            custodian: self.custodian,
            location: point(self.lon_e6, self.lat_e6)?,
            location_source: source(&self.location_source)?,
            readiness_min: words::optional_number("depot readiness", self.readiness_min)?,
            area_m2: self.area_m2,
            volume_m3: self.volume_m3,
            trucks: words::optional_number("depot trucks", self.trucks)?,
            truck_payload_kg: words::optional_number("truck payload", self.truck_payload_kg)?,
            status: words::word("depot status", &self.status, DepotStatus::parse)?,
        })
    }
}

pub(super) fn save_regions(db: &mut Db, rows: &[RegionRow]) -> Stored<()> {
    upsert_all!(
        db,
        region,
        code,
        rows,
        [
            name,
            name_en,
            tier,
            type_,
            parent,
            population,
            population_source,
            planned_displaced,
            lon_e6,
            lat_e6,
            location_source,
            area_ha,
            terrain,
            valid_from,
            valid_to,
            replaced_by,
            rev,
        ]
    );
    Ok(())
}

pub(super) fn save_organizations(db: &mut Db, rows: &[OrganizationRow]) -> Stored<()> {
    upsert_all!(db, organization, code, rows, [name, region, kind, credit_code, rev]);
    Ok(())
}

pub(super) fn save_depots(db: &mut Db, rows: &[DepotRow]) -> Stored<()> {
    upsert_all!(
        db,
        depot,
        code,
        rows,
        [
            name,
            kind,
            region,
            organization,
            custodian,
            lon_e6,
            lat_e6,
            location_source,
            readiness_min,
            area_m2,
            volume_m3,
            status,
            rev,
            trucks,
            truck_payload_kg,
        ]
    );
    Ok(())
}

pub(super) fn regions_since(db: &mut Db, rev: i64) -> Stored<Vec<RegionRow>> {
    let query = region::table.filter(region::rev.gt(rev)).order(region::code);
    Ok(on_engine!(db, conn => query.select(RegionRow::as_select()).load(conn))?)
}

pub(super) fn organizations_since(db: &mut Db, rev: i64) -> Stored<Vec<OrganizationRow>> {
    let query = organization::table.filter(organization::rev.gt(rev)).order(organization::code);
    Ok(on_engine!(db, conn => query.select(OrganizationRow::as_select()).load(conn))?)
}

pub(super) fn depots_since(db: &mut Db, rev: i64) -> Stored<Vec<DepotRow>> {
    let query = depot::table.filter(depot::rev.gt(rev)).order(depot::code);
    Ok(on_engine!(db, conn => query.select(DepotRow::as_select()).load(conn))?)
}
