//! The reserve catalogue: items with their units, life and use, and the needs they serve.
//!
//! Lives here: what a kind of goods is. Does not live here: how much of it lies anywhere.
//! Invariant: an item serves at most one need, in whole units of that need.

use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::calendar::{add_days, add_months};

/// A short name that people and programs use for a thing: letters, digits, `-`, `_`, `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Arc<str>);

/// The longest code, in characters.
pub const MAX_CODE_LENGTH: usize = 40;

impl Code {
    /// Reads a code; `None` when it is not 1 to 40 of the admitted characters, a letter or digit
    /// first.
    pub fn parse(text: &str) -> Option<Self> {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let fits = (1..=MAX_CODE_LENGTH).contains(&text.len())
            && text.bytes().all(inner)
            && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self(Arc::from(text)))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Code {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a class of goods is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FunctionClass {
    /// 生活保障.
    Living,
    /// 医疗卫生.
    Medical,
    /// 抢险救援.
    Rescue,
}

impl FunctionClass {
    pub const ALL: [Self; 3] = [Self::Living, Self::Medical, Self::Rescue];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Living => "living",
            Self::Medical => "medical",
            Self::Rescue => "rescue",
        }
    }

    /// The class of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }
}

/// How an item ages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifeKind {
    /// Not issuable after its expiry date.
    Hard,
    /// Storage years; issuable later only after appraisal.
    Advisory,
    /// Does not age.
    None,
}

impl LifeKind {
    pub const ALL: [Self; 3] = [Self::Hard, Self::Advisory, Self::None];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Advisory => "advisory",
            Self::None => "none",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The life rule of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Life {
    pub kind: LifeKind,
    /// Months from production to the last usable day.
    pub months: Option<u32>,
    /// Days before the last usable day at which rotation falls due.
    pub lead_days: Option<u32>,
    /// Days before that at which a lot is announced; `None` is [`USUAL_NOTICE_DAYS`].
    pub notice_days: Option<u32>,
    /// Goods that end in fewer days are no surplus; `None` is [`USUAL_PERISHING_DAYS`].
    pub perishing_days: Option<u32>,
}

/// What goes for items that do not say when their lots are announced, in days.
pub const USUAL_NOTICE_DAYS: u32 = 90;

/// What goes for items that do not say when they are little use elsewhere, in days (§5.3).
pub const USUAL_PERISHING_DAYS: u32 = 30;

impl Life {
    /// The life of what does not age.
    pub const NONE: Self = Self {
        kind: LifeKind::None,
        months: None,
        lead_days: None,
        notice_days: None,
        perishing_days: None,
    };

    /// The last usable day of goods made on a day; `None` where they never age, or nobody knows.
    pub fn ends(&self, made_on: NaiveDate) -> Option<NaiveDate> {
        let months = self.months.filter(|_| self.kind != LifeKind::None);
        months.map(|months| add_months(made_on, months))
    }

    /// Days before rotation falls due at which a lot is announced.
    pub fn notice_days(&self) -> u32 {
        self.notice_days.unwrap_or(USUAL_NOTICE_DAYS)
    }

    /// Goods that end in fewer days are no surplus.
    pub fn perishing_days(&self) -> u32 {
        self.perishing_days.unwrap_or(USUAL_PERISHING_DAYS)
    }

    /// The first last usable day on which goods are not perishing.
    pub fn lasts_from(&self, on: NaiveDate) -> NaiveDate {
        add_days(on, i64::from(self.perishing_days()))
    }
}

/// Whether a thing of the catalogue or the registers is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemStatus {
    Active,
    Retired,
}

impl ItemStatus {
    pub const ALL: [Self; 2] = [Self::Active, Self::Retired];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// The status of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A larger unit: so many base units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    pub unit: String,
    pub factor: i64,
}

/// What one base unit gives of one need, in the need's unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    pub need: Code,
    pub amount: i64,
}

/// A kind of goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub code: Code,
    pub name: String,
    pub name_en: String,
    pub spec: String,
    /// The base unit in which quantities count.
    pub unit: String,
    /// Its English name, if it has one.
    pub unit_en: Option<String>,
    pub packs: Vec<Pack>,
    pub function_class: FunctionClass,
    pub hazard_domains: Vec<String>,
    /// 1 is bought first.
    pub priority: Option<u8>,
    pub provision: Option<Provision>,
    pub life: Life,
    /// Weight of one base unit in grams.
    pub weight_g: i64,
    /// Volume of one base unit in millilitres.
    pub volume_ml: i64,
    /// Codes of other schemes, by scheme.
    pub external_codes: Vec<(String, String)>,
    pub status: ItemStatus,
}

impl Item {
    /// The base unit in English, or as it is.
    pub fn unit_en(&self) -> &str {
        self.unit_en.as_deref().unwrap_or(&self.unit)
    }

    /// Base units in one `unit`; `None` when it is neither the base unit nor a pack.
    pub fn factor_of(&self, unit: &str) -> Option<i64> {
        if unit == self.unit {
            return Some(1);
        }
        let pack = self.packs.iter().find(|pack| pack.unit == unit).map(|pack| pack.factor);
        // Whoever reads answers in English may write so, too.
        pack.or_else(|| (self.unit_en.as_deref() == Some(unit)).then_some(1))
    }

    /// All admitted units, the base unit first.
    pub fn units(&self) -> Vec<&str> {
        std::iter::once(self.unit.as_str())
            .chain(self.packs.iter().map(|pack| pack.unit.as_str()))
            .collect()
    }
}

/// How often a person needs the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Per {
    Day,
    Once,
}

impl Per {
    pub const ALL: [Self; 2] = [Self::Day, Self::Once];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Once => "once",
        }
    }

    /// The frequency of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|per| per.as_str() == word)
    }
}

/// Months of the year, both ends included; may run over new year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Season {
    pub from_month: u8,
    pub to_month: u8,
}

impl Season {
    /// Reads `MM-MM`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let month = |part: &str| {
            let number = part.parse::<u8>().ok().filter(|m| (1..=12).contains(m));
            number.filter(|_| part.len() == 2)
        };
        Some(Self { from_month: month(from)?, to_month: month(to)? })
    }

    /// Whether the day lies in the season.
    pub fn holds(self, day: NaiveDate) -> bool {
        let month = day.month();
        let (from, to) = (u32::from(self.from_month), u32::from(self.to_month));
        if from <= to { (from..=to).contains(&month) } else { month >= from || month <= to }
    }
}

impl fmt::Display for Season {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}-{:02}", self.from_month, self.to_month)
    }
}

/// What a person must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub code: Code,
    pub name: String,
    pub name_en: String,
    pub unit: String,
    /// Its English name, if it has one.
    pub unit_en: Option<String>,
    /// Thousandths of the unit per person (and day, where `per` says so).
    pub per_person_milli: i64,
    pub per: Per,
    /// Coverage is the least over the mandatory needs.
    pub mandatory: bool,
    /// Outside it nobody needs this.
    pub season: Option<Season>,
}

impl Need {
    /// The unit in English, or as it is.
    pub fn unit_en(&self) -> &str {
        self.unit_en.as_deref().unwrap_or(&self.unit)
    }

    /// Thousandths of the unit that `persons` need for `days`, on `day`.
    pub fn required_milli(&self, persons: i64, days: i64, day: NaiveDate) -> i128 {
        if self.season.is_some_and(|season| !season.holds(day)) {
            return 0;
        }
        let times = if self.per == Per::Day { days } else { 1 };
        i128::from(self.per_person_milli)
            .saturating_mul(i128::from(persons))
            .saturating_mul(i128::from(times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_run_over_new_year() {
        let winter = Season::parse("10-04").unwrap();
        let day = |m| NaiveDate::from_ymd_opt(2021, m, 15).unwrap();
        assert!(winter.holds(day(12)) && winter.holds(day(4)) && !winter.holds(day(5)));
        assert!(Season::parse("05-09").unwrap().holds(day(7)));
        for bad in ["", "1-2", "00-04", "10-13", "1004"] {
            assert_eq!(Season::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn codes_are_plain() {
        for good in ["QUILT", "LY-CITY-01", "water", "a.b_c"] {
            assert!(Code::parse(good).is_some(), "{good}");
        }
        for bad in ["", "-x", "被", "A B", &"x".repeat(41)] {
            assert!(Code::parse(bad).is_none(), "{bad}");
        }
    }
}
