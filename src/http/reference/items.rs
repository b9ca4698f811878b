//! Items on the wire.
//!
//! Lives here: their shape and bounds. Does not live here: stock. Invariant: an item names a need
//! and what it provides of it together, or neither.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::catalogue::{FunctionClass, Item, ItemStatus, Life, LifeKind, Pack, Provision};
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};

use super::super::forms;
use super::check::{Check, MAX_SIZE, MAX_UNIT, escaped};
use super::words;

const MAX_SPEC: usize = 500;
const MAX_LIST: usize = 50;
/// A hundred years.
const MAX_LIFE_DAYS: i64 = 36_500;
/// The scheme of GB/T 38565-2020 codes.
const GB38565: &str = "gb38565";

/// A larger unit: so many base units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackDto {
    /// Name of the unit.
    #[schema(min_length = 1, max_length = 20, pattern = "^[^;=]+$", examples("箱"))]
    pub unit: String,
    /// Base units in one of it.
    #[schema(minimum = 2, maximum = 1000000, examples(24))]
    pub factor: i64,
}

/// How an item ages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LifeDto {
    #[schema(schema_with = words::life_kind_schema)]
    pub kind: String,
    /// Months from production to the last usable day; absent for `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1200, examples(96))]
    pub months: Option<i64>,
    /// Days before the last usable day at which rotation falls due; absent for `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 36500, examples(365))]
    pub lead_days: Option<i64>,
    /// Days before that day at which a lot is announced as `due_soon`; 90 where absent. Absent for
    /// `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 36500, examples(90))]
    pub notice_days: Option<i64>,
    /// Goods that end in fewer days are perishing: they count as held, but are no surplus; 30 where
    /// absent. Absent for `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 36500, examples(30))]
    pub perishing_days: Option<i64>,
}

/// A kind of goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("QUILT"))]
    pub code: String,
    /// Chinese name.
    #[schema(min_length = 1, max_length = 200, examples("棉被"))]
    pub name: String,
    /// English name.
    #[schema(min_length = 1, max_length = 200, examples("Cotton quilt"))]
    pub name_en: String,
    /// Specification; may be empty.
    #[schema(max_length = 500, examples("2.0 m×1.5 m 2.5 kg"))]
    pub spec: String,
    /// Base unit: every quantity is a whole number of it.
    #[schema(min_length = 1, max_length = 20, pattern = "^[^;=]+$", examples("床"))]
    pub unit: String,
    /// The unit in English; where there is none, English answers have the one above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20, pattern = "^[^;=]+$", examples("pcs"))]
    pub unit_en: Option<String>,
    /// Larger units.
    #[schema(max_items = 50)]
    pub packs: Vec<PackDto>,
    #[schema(schema_with = words::class_schema)]
    pub function_class: String,
    /// Codes of the hazard domains that use it.
    #[schema(schema_with = forms::hazard_domains)]
    pub hazard_domains: Vec<String>,
    /// 1 is bought first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9, examples(1))]
    pub priority: Option<i64>,
    /// The need that it serves; given with `provides`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("bedding"))]
    pub need: Option<String>,
    /// What one base unit gives of the need, in the need's unit; given with `need`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000000000, examples(1))]
    pub provides: Option<i64>,
    pub life: LifeDto,
    /// Weight of one base unit in grams.
    #[schema(minimum = 0, maximum = 1000000000, examples(2500))]
    pub weight_g: i64,
    /// Packed volume of one base unit in millilitres.
    #[schema(minimum = 0, maximum = 1000000000, examples(18000))]
    pub volume_ml: i64,
    /// Codes of other schemes, by scheme; `gb38565` is GB/T 38565-2020.
    #[schema(examples(json!({"gb38565": "1010100"})))]
    pub external_codes: BTreeMap<String, String>,
    #[schema(schema_with = words::item_status_schema)]
    pub status: String,
}

impl ItemDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let name = check.name("/name", self.name);
        let name_en = check.name("/name_en", self.name_en);
        let spec = check.text("/spec", self.spec, 0..=MAX_SPEC);
        let packs = packs(&mut check, &self.unit, self.packs);
        let unit = check.part("/unit", self.unit, MAX_UNIT);
        let unit_en = self.unit_en.map(|unit| check.part("/unit_en", unit, MAX_UNIT));
        let classes = words::classes();
        let class =
            check.word("/function_class", &self.function_class, FunctionClass::parse, &classes);
        let hazard_domains = hazard_domains(&mut check, self.hazard_domains);
        let priority = self.priority.and_then(|priority| check.whole("/priority", priority, 1..=9));
        let provision = provision(&mut check, self.need.as_deref(), self.provides);
        let life = life(&mut check, &self.life);
        let weight_g = check.whole("/weight_g", self.weight_g, 0..=MAX_SIZE);
        let volume_ml = check.whole("/volume_ml", self.volume_ml, 0..=MAX_SIZE);
        let external_codes = external_codes(&mut check, self.external_codes);
        let statuses = words::item_statuses();
        let status = check.word("/status", &self.status, ItemStatus::parse, &statuses);
        let built = || {
            Some(Record::Item(Item {
                code: code?,
                name: name?,
                name_en: name_en?,
                spec: spec?,
                unit: unit?,
                unit_en: unit_en.flatten(),
                packs,
                function_class: class?,
                hazard_domains,
                priority,
                provision,
                life: life?,
                weight_g: weight_g?,
                volume_ml: volume_ml?,
                external_codes,
                status: status?,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

fn packs(check: &mut Check, base: &str, packs: Vec<PackDto>) -> Vec<Pack> {
    check.at_most("/packs", packs.len(), MAX_LIST);
    let units = std::iter::once(base).chain(packs.iter().map(|pack| pack.unit.as_str()));
    check.distinct(units, |ix| format!("/packs/{}/unit", ix.saturating_sub(1)));
    let mut found = Vec::new();
    for (ix, pack) in packs.into_iter().enumerate() {
        let unit = check.part(&format!("/packs/{ix}/unit"), pack.unit, MAX_UNIT);
        let factor = check.whole(&format!("/packs/{ix}/factor"), pack.factor, 2..=1_000_000);
        if let (Some(unit), Some(factor)) = (unit, factor) {
            found.push(Pack { unit, factor });
        }
    }
    found
}

fn hazard_domains(check: &mut Check, domains: Vec<String>) -> Vec<String> {
    check.at_most("/hazard_domains", domains.len(), MAX_LIST);
    check.distinct(&domains, |ix| format!("/hazard_domains/{ix}"));
    for (ix, domain) in domains.iter().enumerate() {
        check.code(&format!("/hazard_domains/{ix}"), domain);
    }
    domains
}

fn provision(check: &mut Check, need: Option<&str>, amount: Option<i64>) -> Option<Provision> {
    match (need, amount) {
        (None, None) => None,
        (Some(_), None) => {
            check.fault("/provides", FaultCode::Required, "given with need");
            None
        }
        (None, Some(_)) => {
            check.fault("/need", FaultCode::Required, "given with provides");
            None
        }
        (Some(need), Some(amount)) => {
            let need = check.code("/need", need);
            let amount = check.whole("/provides", amount, 1..=MAX_SIZE);
            Some(Provision { need: need?, amount: amount? })
        }
    }
}

fn life(check: &mut Check, life: &LifeDto) -> Option<Life> {
    let kinds = words::life_kinds();
    let kind = check.word("/life/kind", &life.kind, LifeKind::parse, &kinds);
    if kind == Some(LifeKind::None) {
        for (pointer, value) in [
            ("/life/months", life.months),
            ("/life/lead_days", life.lead_days),
            ("/life/notice_days", life.notice_days),
            ("/life/perishing_days", life.perishing_days),
        ] {
            if value.is_some() {
                check.fault(pointer, FaultCode::NotAllowed, "absent for life kind none");
            }
        }
    }
    let months = life.months.and_then(|months| check.whole("/life/months", months, 1..=1_200));
    let mut days = |pointer: &str, days: Option<i64>| {
        days.and_then(|days| check.whole(pointer, days, 0..=MAX_LIFE_DAYS))
    };
    let lead_days = days("/life/lead_days", life.lead_days);
    let notice_days = days("/life/notice_days", life.notice_days);
    let perishing_days = days("/life/perishing_days", life.perishing_days);
    Some(Life { kind: kind?, months, lead_days, notice_days, perishing_days })
}

fn external_codes(check: &mut Check, codes: BTreeMap<String, String>) -> Vec<(String, String)> {
    check.at_most("/external_codes", codes.len(), MAX_LIST);
    for (scheme, code) in &codes {
        let pointer = format!("/external_codes/{}", escaped(scheme));
        check.code(&pointer, scheme);
        if scheme == GB38565 && !is_gb38565(code) {
            let expected = "seven digits (GB/T 38565): 1, 2 or 3, then three groups of two, none \
                            after a group 00";
            check.fault(&pointer, FaultCode::Malformed, expected);
        } else {
            check.part(&pointer, code.clone(), 40);
        }
    }
    codes.into_iter().collect()
}

/// One digit of the class, then three levels of two digits; nothing below a level `00`.
fn is_gb38565(code: &str) -> bool {
    let digits = code.len() == 7 && code.bytes().all(|byte| byte.is_ascii_digit());
    let class = matches!(code.bytes().next(), Some(b'1'..=b'3'));
    let levels: Vec<&str> = [1, 3, 5].into_iter().filter_map(|at| code.get(at..at + 2)).collect();
    let used = levels.iter().take_while(|level| **level != "00").count();
    digits && class && levels.iter().skip(used).all(|level| *level == "00")
}

impl From<&Item> for ItemDto {
    fn from(item: &Item) -> Self {
        let pack = |pack: &Pack| PackDto { unit: pack.unit.clone(), factor: pack.factor };
        let provision = item.provision.as_ref();
        Self {
            code: item.code.to_string(),
            name: item.name.clone(),
            name_en: item.name_en.clone(),
            spec: item.spec.clone(),
            unit: item.unit.clone(),
            unit_en: item.unit_en.clone(),
            packs: item.packs.iter().map(pack).collect(),
            function_class: item.function_class.as_str().to_string(),
            hazard_domains: item.hazard_domains.clone(),
            priority: item.priority.map(i64::from),
            need: provision.map(|provision| provision.need.to_string()),
            provides: provision.map(|provision| provision.amount),
            life: LifeDto {
                kind: item.life.kind.as_str().to_string(),
                months: item.life.months.map(i64::from),
                lead_days: item.life.lead_days.map(i64::from),
                notice_days: item.life.notice_days.map(i64::from),
                perishing_days: item.life.perishing_days.map(i64::from),
            },
            weight_g: item.weight_g,
            volume_ml: item.volume_ml,
            external_codes: item.external_codes.iter().cloned().collect(),
            status: item.status.as_str().to_string(),
        }
    }
}
