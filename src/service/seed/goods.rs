//! Needs, items and city profiles of the seeds.
//!
//! Lives here: rows to domain values. Does not live here: quotas. Invariant: every word is one the
//! domain knows.

use crate::domain::catalogue::{
    FunctionClass, Item, ItemStatus, Life, LifeKind, Need, Pack, Per, Provision, Season,
};
use crate::domain::profile::Stale;
use crate::domain::profile::{
    Channel, ClockStart, Delivery, HazardDomain, Profile, RotationMode, TierProfile, Truck,
    Turnover,
};
use crate::domain::quota::Mode;
use crate::domain::region::Tier;
use crate::service::flat;

use super::places::{code, decimal, region_code, word};
use super::{SeedError, Seeded, files};

const NEEDS: &str = "needs.csv";
const ITEMS: &str = "items.csv";
const PROFILES: &str = "profiles.json";
/// Hectares in a km².
const HECTARES: i64 = 100;

/// What can be needed and held.
pub(super) struct Goods {
    pub needs: Vec<Need>,
    pub items: Vec<Item>,
    pub profiles: Vec<Profile>,
}

pub(super) fn goods() -> Seeded<Goods> {
    let needs: Seeded<_> = files::needs()?.into_iter().map(need).collect();
    let items: Seeded<_> = files::items()?.into_iter().map(item).collect();
    let profiles: Seeded<_> = files::profiles()?.into_iter().map(profile).collect();
    Ok(Goods { needs: needs?, items: items?, profiles: profiles? })
}

fn need(row: files::Need) -> Seeded<Need> {
    let season = row.season.as_deref();
    Ok(Need {
        code: code(NEEDS, &row.code)?,
        name: row.name,
        name_en: row.name_en,
        unit: row.unit,
        unit_en: row.unit_en,
        per_person_milli: decimal(NEEDS, &row.per_person, 3)?,
        per: word(NEEDS, &row.per, Per::parse)?,
        mandatory: row.mandatory,
        season: season.map(|text| word(NEEDS, text, Season::parse)).transpose()?,
    })
}

fn item(row: files::Item) -> Seeded<Item> {
    let wrong = |what: &str| SeedError::new(ITEMS, format!("{what} of {}", row.code));
    let mut packs = Vec::new();
    for (unit, factor) in flat::pairs(&row.packs).ok_or_else(|| wrong("packs"))? {
        let factor = factor.parse().map_err(|_| wrong("packs"))?;
        packs.push(Pack { unit, factor });
    }
    let mut external = flat::pairs(&row.external_codes).ok_or_else(|| wrong("external codes"))?;
    external.sort();
    let provision = match (row.need.as_deref(), row.provides) {
        (None, None) => None,
        (Some(need), Some(amount)) => Some(Provision { need: code(ITEMS, need)?, amount }),
        _ => return Err(wrong("need without amount")),
    };
    Ok(Item {
        code: code(ITEMS, &row.code)?,
        name: row.name,
        name_en: row.name_en,
        spec: row.spec,
        unit: row.unit,
        unit_en: row.unit_en,
        packs,
        function_class: word(ITEMS, &row.function_class, FunctionClass::parse)?,
        hazard_domains: flat::list(&row.hazard_domains),
        priority: row.priority,
        provision,
        life: Life {
            kind: word(ITEMS, &row.life_kind, LifeKind::parse)?,
            months: row.life_months,
            lead_days: row.life_lead_days,
            notice_days: row.life_notice_days,
            perishing_days: row.life_perishing_days,
        },
        weight_g: row.weight_g,
        volume_ml: row.volume_ml,
        external_codes: external,
        status: word(ITEMS, &row.status, ItemStatus::parse)?,
    })
}

/// A way for ageing goods to be used up, as a profile says it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelRow {
    code: String,
    label: String,
    label_en: String,
    min_days_left: u32,
    lead_days: u32,
}

/// What one truck carries, as a profile says it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TruckRow {
    payload_kg: u32,
    volume_l: Option<u32>,
}

fn profile(row: files::Profile) -> Seeded<Profile> {
    let tiers: Seeded<_> = row.tiers.into_iter().map(tier).collect();
    let modes = row.modes_counted.iter();
    let modes: Seeded<_> = modes.map(|text| word(PROFILES, text, Mode::parse)).collect();
    let domain = |row: files::HazardDomain| HazardDomain {
        code: row.code,
        label: row.label,
        label_en: row.label_en,
    };
    Ok(Profile {
        region: region_code(PROFILES, &row.region)?,
        name: row.name,
        name_en: row.name_en,
        tiers: tiers?,
        provincial: Delivery {
            decide_min: row.provincial.decide_min,
            mobilise_min: row.provincial.mobilise_min,
            off_hours_min: row.provincial.off_hours_min,
            load_min: row.provincial.load_min,
            speed_kmh: row.provincial.speed_kmh,
            last_mile_min: row.provincial.last_mile_min,
        },
        distribute_min: row.distribute_min,
        detour_permille: row.detour_permille,
        detour_mountain_permille: row.detour_mountain_permille,
        hazard_domains: row.hazard_domains.into_iter().map(domain).collect(),
        modes_counted: modes?,
        target_hours: row.target_hours,
        clock: word(PROFILES, &row.clock, ClockStart::parse)?,
        attainment_permille: row.attainment_permille,
        declaration_days: Some(row.declaration_days),
        stale_declarations: Some(word(PROFILES, &row.stale_declarations, Stale::parse)?),
        pledge_fulfilment_permille: Some(row.pledge_fulfilment_permille),
        promise_decide_min: Some(row.promise_decide_min),
        rotation: row.rotation.map(turnover).transpose()?,
        truck: row.truck.map(|row| Truck { payload_kg: row.payload_kg, volume_l: row.volume_l }),
        source: row.source,
    })
}

fn turnover(row: files::Turnover) -> Seeded<Turnover> {
    let channel = |row: ChannelRow| {
        Ok(Channel {
            code: code(PROFILES, &row.code)?,
            label: row.label,
            label_en: row.label_en,
            min_days_left: row.min_days_left,
            lead_days: row.lead_days,
        })
    };
    Ok(Turnover {
        mode: word(PROFILES, &row.mode, RotationMode::parse)?,
        gap_days: row.gap_days,
        safety_days: row.safety_days,
        purchase_lead_days: row.purchase_lead_days,
        annual_cap_permille: row.annual_cap_permille,
        channels: row.channels.into_iter().map(channel).collect::<Seeded<_>>()?,
    })
}

fn tier(row: files::Tier) -> Seeded<TierProfile> {
    Ok(TierProfile {
        tier: word(PROFILES, &row.tier, Tier::parse)?,
        label: row.label,
        label_en: row.label_en,
        role: row.role,
        role_en: row.role_en,
        delivery: Delivery {
            decide_min: row.decide_min,
            mobilise_min: row.mobilise_min,
            off_hours_min: row.off_hours_min,
            load_min: row.load_min,
            speed_kmh: row.speed_kmh,
            last_mile_min: row.last_mile_min,
        },
        fallback_area_ha: row.fallback_area_km2.saturating_mul(HECTARES),
        target_hours: None,
        clock: None,
    })
}
