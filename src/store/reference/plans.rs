//! Rows of quotas and city profiles.
//!
//! Lives here: the mapping, field by field; lists are JSON text. Does not live here: gaps and
//! times. Invariant: a row that cannot be a domain value is reported, never mended.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::profile::{
    ClockStart, Delivery, HazardDomain, Profile, Stale, TierProfile, Truck,
};
use crate::domain::quota::{Basis, Mode, Quota, Subject};
use crate::domain::region::Tier;

use super::super::dialect::{Db, on_engine};
use super::super::fault::{Stored, corrupt};
use super::super::schema::{profile, quota};
use super::{turnover, upsert_all, words};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = quota)]
pub(super) struct QuotaRow {
    id: String,
    region: String,
    item: Option<String>,
    need: Option<String>,
    mode: String,
    basis: String,
    target: i64,
    floor: i64,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    document: Option<String>,
    rule: Option<String>,
    rev: i64,
}

impl QuotaRow {
    pub(super) fn new(quota: &Quota, rev: i64) -> Self {
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
            effective_from: quota.effective_from,
            effective_to: quota.effective_to,
            document: quota.document.clone(),
            rule: quota.rule.as_ref().map(ToString::to_string),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<Quota> {
        let subject = match (&self.item, &self.need) {
            (Some(item), None) => Subject::Item(words::code("quota item", item)?),
            (None, Some(need)) => Subject::Need(words::code("quota need", need)?),
            _ => return Err(corrupt("subject of quota", &self.id)),
        };
        Ok(Quota {
            id: words::uuid("quota id", &self.id)?,
            region: words::region("quota region", &self.region)?,
            subject,
            mode: words::word("quota mode", &self.mode, Mode::parse)?,
            basis: words::word("quota basis", &self.basis, Basis::parse)?,
            target: self.target,
            floor: self.floor,
            effective_from: self.effective_from,
            effective_to: self.effective_to,
            document: self.document,
            rule: words::optional_code("quota rule", self.rule.as_deref())?,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct DeliveryJson {
    decide_min: u32,
    mobilise_min: u32,
    #[serde(default)]
    off_hours_min: u32,
    load_min: u32,
    speed_kmh: u32,
    last_mile_min: u32,
}

impl From<Delivery> for DeliveryJson {
    fn from(delivery: Delivery) -> Self {
        Self {
            decide_min: delivery.decide_min,
            mobilise_min: delivery.mobilise_min,
            off_hours_min: delivery.off_hours_min,
            load_min: delivery.load_min,
            speed_kmh: delivery.speed_kmh,
            last_mile_min: delivery.last_mile_min,
        }
    }
}

impl DeliveryJson {
    fn into_domain(self) -> Delivery {
        Delivery {
            decide_min: self.decide_min,
            mobilise_min: self.mobilise_min,
            off_hours_min: self.off_hours_min,
            load_min: self.load_min,
            speed_kmh: self.speed_kmh,
            last_mile_min: self.last_mile_min,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct TierJson {
    tier: String,
    label: String,
    label_en: String,
    role: String,
    role_en: String,
    delivery: DeliveryJson,
    fallback_area_ha: i64,
    #[serde(default)]
    target_hours: Option<u32>,
    #[serde(default)]
    clock: Option<String>,
}

impl TierJson {
    fn new(row: &TierProfile) -> Self {
        Self {
            tier: row.tier.as_str().to_string(),
            label: row.label.clone(),
            label_en: row.label_en.clone(),
            role: row.role.clone(),
            role_en: row.role_en.clone(),
            delivery: row.delivery.into(),
            fallback_area_ha: row.fallback_area_ha,
            target_hours: row.target_hours,
            clock: row.clock.map(|clock| clock.as_str().to_string()),
        }
    }

    fn into_domain(self) -> Stored<TierProfile> {
        let clock = |word: &str| words::word("tier clock", word, ClockStart::parse);
        Ok(TierProfile {
            tier: words::word("profile tier", &self.tier, Tier::parse)?,
            label: self.label,
            label_en: self.label_en,
            role: self.role,
            role_en: self.role_en,
            delivery: self.delivery.into_domain(),
            fallback_area_ha: self.fallback_area_ha,
            target_hours: self.target_hours,
            clock: self.clock.as_deref().map(clock).transpose()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct HazardJson {
    code: String,
    label: String,
    label_en: String,
}

impl HazardJson {
    fn new(row: &HazardDomain) -> Self {
        Self { code: row.code.clone(), label: row.label.clone(), label_en: row.label_en.clone() }
    }

    fn into_domain(self) -> HazardDomain {
        HazardDomain { code: self.code, label: self.label, label_en: self.label_en }
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = profile)]
pub(super) struct ProfileRow {
    region: String,
    name: String,
    name_en: String,
    tiers: String,
    provincial: String,
    distribute_min: i64,
    detour_permille: i64,
    detour_mountain_permille: i64,
    hazard_domains: String,
    modes_counted: String,
    target_hours: i64,
    clock: String,
    attainment_permille: i64,
    source: String,
    declaration_days: Option<i64>,
    stale_declarations: Option<String>,
    pledge_fulfilment_permille: Option<i64>,
    rev: i64,
    rotation: Option<String>,
    truck_payload_kg: Option<i64>,
    truck_volume_l: Option<i64>,
    promise_decide_min: Option<i64>,
}

impl ProfileRow {
    pub(super) fn new(profile: &Profile, rev: i64) -> Stored<Self> {
        let tiers: Vec<TierJson> = profile.tiers.iter().map(TierJson::new).collect();
        let hazards: Vec<HazardJson> = profile.hazard_domains.iter().map(HazardJson::new).collect();
        let modes: Vec<&str> = profile.modes_counted.iter().map(|mode| mode.as_str()).collect();
        Ok(Self {
            region: profile.region.to_string(),
            name: profile.name.clone(),
            name_en: profile.name_en.clone(),
            tiers: words::to_json(&tiers)?,
            provincial: words::to_json(&DeliveryJson::from(profile.provincial))?,
            distribute_min: i64::from(profile.distribute_min),
            detour_permille: i64::from(profile.detour_permille),
            detour_mountain_permille: i64::from(profile.detour_mountain_permille),
            hazard_domains: words::to_json(&hazards)?,
            modes_counted: words::to_json(&modes)?,
            target_hours: i64::from(profile.target_hours),
            clock: profile.clock.as_str().to_string(),
            attainment_permille: i64::from(profile.attainment_permille),
            source: profile.source.clone(),
            declaration_days: profile.declaration_days.map(i64::from),
            stale_declarations: profile.stale_declarations.map(|stale| stale.as_str().to_string()),
            pledge_fulfilment_permille: profile.pledge_fulfilment_permille.map(i64::from),
            rev,
            rotation: profile.rotation.as_ref().map(turnover::to_text).transpose()?,
            truck_payload_kg: profile.truck.map(|truck| i64::from(truck.payload_kg)),
            truck_volume_l: profile.truck.and_then(|truck| truck.volume_l).map(i64::from),
            promise_decide_min: profile.promise_decide_min.map(i64::from),
        })
    }

    pub(super) fn into_domain(self) -> Stored<Profile> {
        let tiers: Vec<TierJson> = words::from_json("profile tiers", &self.tiers)?;
        let provincial: DeliveryJson = words::from_json("provincial times", &self.provincial)?;
        let hazards: Vec<HazardJson> = words::from_json("profile domains", &self.hazard_domains)?;
        let modes: Vec<String> = words::from_json("profile modes", &self.modes_counted)?;
        let mode = |text: String| words::word("profile mode", &text, Mode::parse);
        let stale = |text: &str| words::word("profile stale", text, Stale::parse);
        let stale = self.stale_declarations.as_deref().map(stale).transpose()?;
        let fulfilment = self.pledge_fulfilment_permille;
        let fulfilment = words::optional_number("profile fulfilment", fulfilment)?;
        let minutes = |value: i64| words::number("profile figure", value);
        Ok(Profile {
            region: words::region("profile region", &self.region)?,
            name: self.name,
            name_en: self.name_en,
            tiers: tiers.into_iter().map(TierJson::into_domain).collect::<Stored<_>>()?,
            provincial: provincial.into_domain(),
            distribute_min: minutes(self.distribute_min)?,
            detour_permille: minutes(self.detour_permille)?,
            detour_mountain_permille: minutes(self.detour_mountain_permille)?,
            hazard_domains: hazards.into_iter().map(HazardJson::into_domain).collect(),
            modes_counted: modes.into_iter().map(mode).collect::<Stored<_>>()?,
            target_hours: minutes(self.target_hours)?,
            clock: words::word("profile clock", &self.clock, ClockStart::parse)?,
            attainment_permille: minutes(self.attainment_permille)?,
            source: self.source,
            declaration_days: words::optional_number("profile days", self.declaration_days)?,
            stale_declarations: stale,
            pledge_fulfilment_permille: fulfilment,
            rotation: self.rotation.as_deref().map(turnover::from_text).transpose()?,
            truck: truck(self.truck_payload_kg, self.truck_volume_l)?,
            promise_decide_min: words::optional_number(
                "profile promise_decide_min",
                self.promise_decide_min,
            )?,
        })
    }
}

fn truck(payload_kg: Option<i64>, volume_l: Option<i64>) -> Stored<Option<Truck>> {
    let volume_l = words::optional_number("truck volume", volume_l)?;
    let payload_kg = words::optional_number("truck payload", payload_kg)?;
    Ok(payload_kg.map(|payload_kg| Truck { payload_kg, volume_l }))
}

pub(super) fn save_quotas(db: &mut Db, rows: &[QuotaRow]) -> Stored<()> {
    upsert_all!(
        db,
        quota,
        id,
        rows,
        [
            region,
            item,
            need,
            mode,
            basis,
            target,
            floor,
            effective_from,
            effective_to,
            document,
            rule,
            rev,
        ]
    );
    Ok(())
}

pub(super) fn save_profiles(db: &mut Db, rows: &[ProfileRow]) -> Stored<()> {
    upsert_all!(
        db,
        profile,
        region,
        rows,
        [
            name,
            name_en,
            tiers,
            provincial,
            distribute_min,
            detour_permille,
            detour_mountain_permille,
            hazard_domains,
            modes_counted,
            target_hours,
            clock,
            attainment_permille,
            source,
            declaration_days,
            stale_declarations,
            pledge_fulfilment_permille,
            rev,
            rotation,
            truck_payload_kg,
            truck_volume_l,
            promise_decide_min,
        ]
    );
    Ok(())
}

pub(super) fn quotas_since(db: &mut Db, rev: i64) -> Stored<Vec<QuotaRow>> {
    let query = quota::table.filter(quota::rev.gt(rev)).order(quota::id);
    Ok(on_engine!(db, conn => query.select(QuotaRow::as_select()).load(conn))?)
}

pub(super) fn profiles_since(db: &mut Db, rev: i64) -> Stored<Vec<ProfileRow>> {
    let query = profile::table.filter(profile::rev.gt(rev)).order(profile::region);
    Ok(on_engine!(db, conn => query.select(ProfileRow::as_select()).load(conn))?)
}
