//! Needs on the wire.
//!
//! Lives here: their shape and bounds. Does not live here: who needs how much when. Invariant: an
//! amount per person is a whole number of thousandths.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::catalogue::{Need, Per, Season};
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};

use super::check::{Check, MAX_UNIT, fraction};
use super::words;

const MAX_PER_PERSON_MILLI: i64 = 1_000_000_000;

/// What a person must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("water"))]
    pub code: String,
    /// Chinese name.
    #[schema(min_length = 1, max_length = 200, examples("饮用水"))]
    pub name: String,
    /// English name.
    #[schema(min_length = 1, max_length = 200, examples("Drinking water"))]
    pub name_en: String,
    /// The unit in which amounts count.
    #[schema(min_length = 1, max_length = 20, pattern = "^[^;=]+$", examples("毫升"))]
    pub unit: String,
    /// The unit in English; where there is none, English answers have the one above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20, pattern = "^[^;=]+$", examples("mL"))]
    pub unit_en: Option<String>,
    /// Units per person, at most three decimals.
    #[schema(minimum = 0.001, maximum = 1000000, examples(3000))]
    pub per_person: f64,
    #[schema(schema_with = words::per_schema)]
    pub per: String,
    /// Coverage is decided by the mandatory needs only.
    pub mandatory: bool,
    /// First to last month of the need, both included, `MM-MM`; absent means all year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(0[1-9]|1[0-2])-(0[1-9]|1[0-2])$", examples("10-04"))]
    pub season: Option<String>,
}

impl NeedDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let name = check.name("/name", self.name);
        let name_en = check.name("/name_en", self.name_en);
        let unit = check.part("/unit", self.unit, MAX_UNIT);
        let unit_en = self.unit_en.map(|unit| check.part("/unit_en", unit, MAX_UNIT));
        let per_person = check.exact("/per_person", self.per_person, 3, 1..=MAX_PER_PERSON_MILLI);
        let per = check.word("/per", &self.per, Per::parse, &words::pers());
        let season = self.season.and_then(|text| {
            let season = Season::parse(&text);
            if season.is_none() {
                let expected = "first and last month as MM-MM, such as 10-04";
                check.fault("/season", FaultCode::Malformed, expected);
            }
            season
        });
        let built = || {
            Some(Record::Need(Need {
                code: code?,
                name: name?,
                name_en: name_en?,
                unit: unit?,
                unit_en: unit_en.flatten(),
                per_person_milli: per_person?,
                per: per?,
                mandatory: self.mandatory,
                season,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

impl From<&Need> for NeedDto {
    fn from(need: &Need) -> Self {
        Self {
            code: need.code.to_string(),
            name: need.name.clone(),
            name_en: need.name_en.clone(),
            unit: need.unit.clone(),
            unit_en: need.unit_en.clone(),
            per_person: fraction(need.per_person_milli, 3),
            per: need.per.as_str().to_string(),
            mandatory: need.mandatory,
            season: need.season.map(|season| season.to_string()),
        }
    }
}
