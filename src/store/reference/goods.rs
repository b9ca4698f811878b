//! Rows of needs and items.
//!
//! Lives here: the mapping, field by field; lists are JSON text. Does not live here: stock.
//! Invariant: a row that cannot be a domain value is reported, never mended.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::catalogue::{
    FunctionClass, Item, ItemStatus, Life, LifeKind, Need, Pack, Per, Provision, Season,
};

use super::super::dialect::{Db, on_engine};
use super::super::fault::{Stored, corrupt};
use super::super::schema::{item, need};
use super::{upsert_all, words};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = need)]
pub(super) struct NeedRow {
    code: String,
    name: String,
    name_en: String,
    unit: String,
    per_person_milli: i64,
    per: String,
    mandatory: bool,
    season: Option<String>,
    rev: i64,
    unit_en: Option<String>,
}

impl NeedRow {
    pub(super) fn new(need: &Need, rev: i64) -> Self {
        Self {
            code: need.code.to_string(),
            name: need.name.clone(),
            name_en: need.name_en.clone(),
            unit: need.unit.clone(),
            per_person_milli: need.per_person_milli,
            per: need.per.as_str().to_string(),
            mandatory: need.mandatory,
            season: need.season.map(|season| season.to_string()),
            rev,
            unit_en: need.unit_en.clone(),
        }
    }

    pub(super) fn into_domain(self) -> Stored<Need> {
        let season = self.season.as_deref();
        Ok(Need {
            code: words::code("need code", &self.code)?,
            name: self.name,
            name_en: self.name_en,
            unit: self.unit,
            unit_en: self.unit_en,
            per_person_milli: self.per_person_milli,
            per: words::word("need per", &self.per, Per::parse)?,
            mandatory: self.mandatory,
            season: season
                .map(|text| words::word("need season", text, Season::parse))
                .transpose()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct PackJson {
    unit: String,
    factor: i64,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = item)]
pub(super) struct ItemRow {
    code: String,
    name: String,
    name_en: String,
    spec: String,
    unit: String,
    packs: String,
    function_class: String,
    hazard_domains: String,
    priority: Option<i64>,
    need: Option<String>,
    provides: Option<i64>,
    life_kind: String,
    life_months: Option<i64>,
    life_lead_days: Option<i64>,
    weight_g: i64,
    volume_ml: i64,
    external_codes: String,
    status: String,
    rev: i64,
    unit_en: Option<String>,
    life_notice_days: Option<i64>,
    life_perishing_days: Option<i64>,
}

impl ItemRow {
    pub(super) fn new(item: &Item, rev: i64) -> Stored<Self> {
        let pack = |pack: &Pack| PackJson { unit: pack.unit.clone(), factor: pack.factor };
        let packs: Vec<PackJson> = item.packs.iter().map(pack).collect();
        let external: BTreeMap<&str, &str> = item
            .external_codes
            .iter()
            .map(|(scheme, code)| (scheme.as_str(), code.as_str()))
            .collect();
        let provision = item.provision.as_ref();
        Ok(Self {
            code: item.code.to_string(),
            name: item.name.clone(),
            name_en: item.name_en.clone(),
            spec: item.spec.clone(),
            unit: item.unit.clone(),
            packs: words::to_json(&packs)?,
            function_class: item.function_class.as_str().to_string(),
            hazard_domains: words::to_json(&item.hazard_domains)?,
            priority: item.priority.map(i64::from),
            need: provision.map(|provision| provision.need.to_string()),
            provides: provision.map(|provision| provision.amount),
            life_kind: item.life.kind.as_str().to_string(),
            life_months: item.life.months.map(i64::from),
            life_lead_days: item.life.lead_days.map(i64::from),
            weight_g: item.weight_g,
            volume_ml: item.volume_ml,
            external_codes: words::to_json(&external)?,
            status: item.status.as_str().to_string(),
            rev,
            unit_en: item.unit_en.clone(),
            life_notice_days: item.life.notice_days.map(i64::from),
            life_perishing_days: item.life.perishing_days.map(i64::from),
        })
    }

    pub(super) fn into_domain(self) -> Stored<Item> {
        let packs: Vec<PackJson> = words::from_json("item packs", &self.packs)?;
        let external: BTreeMap<String, String> =
            words::from_json("item external codes", &self.external_codes)?;
        let need = words::optional_code("item need", self.need.as_deref())?;
        let provision = match (need, self.provides) {
            (None, None) => None,
            (Some(need), Some(amount)) => Some(Provision { need, amount }),
            _ => return Err(corrupt("provision of item", &self.code)),
        };
        let pack = |pack: PackJson| Pack { unit: pack.unit, factor: pack.factor };
        let class = words::word("item class", &self.function_class, FunctionClass::parse)?;
        Ok(Item {
            code: words::code("item code", &self.code)?,
            name: self.name,
            name_en: self.name_en,
            spec: self.spec,
            unit: self.unit,
            unit_en: self.unit_en,
            packs: packs.into_iter().map(pack).collect(),
            function_class: class,
            hazard_domains: words::from_json("item hazard domains", &self.hazard_domains)?,
            priority: words::optional_number("item priority", self.priority)?,
            provision,
            life: Life {
                kind: words::word("item life", &self.life_kind, LifeKind::parse)?,
                months: words::optional_number("item life months", self.life_months)?,
                lead_days: words::optional_number("item lead days", self.life_lead_days)?,
                notice_days: words::optional_number("item notice days", self.life_notice_days)?,
                perishing_days: words::optional_number(
                    "item perishing days",
                    self.life_perishing_days,
                )?,
            },
            weight_g: self.weight_g,
            volume_ml: self.volume_ml,
            external_codes: external.into_iter().collect(),
            status: words::word("item status", &self.status, ItemStatus::parse)?,
        })
    }
}

pub(super) fn save_needs(db: &mut Db, rows: &[NeedRow]) -> Stored<()> {
    upsert_all!(
        db,
        need,
        code,
        rows,
        [name, name_en, unit, per_person_milli, per, mandatory, season, rev, unit_en]
    );
    Ok(())
}

pub(super) fn save_items(db: &mut Db, rows: &[ItemRow]) -> Stored<()> {
    upsert_all!(
        db,
        item,
        code,
        rows,
        [
            name,
            name_en,
            spec,
            unit,
            packs,
            function_class,
            hazard_domains,
            priority,
            need,
            provides,
            life_kind,
            life_months,
            life_lead_days,
            weight_g,
            volume_ml,
            external_codes,
            status,
            rev,
            unit_en,
            life_notice_days,
            life_perishing_days,
        ]
    );
    Ok(())
}

pub(super) fn needs_since(db: &mut Db, rev: i64) -> Stored<Vec<NeedRow>> {
    let query = need::table.filter(need::rev.gt(rev)).order(need::code);
    Ok(on_engine!(db, conn => query.select(NeedRow::as_select()).load(conn))?)
}

pub(super) fn items_since(db: &mut Db, rev: i64) -> Stored<Vec<ItemRow>> {
    let query = item::table.filter(item::rev.gt(rev)).order(item::code);
    Ok(on_engine!(db, conn => query.select(ItemRow::as_select()).load(conn))?)
}
