//! Reserves held by others: agreements, capacities and pledges, and what each gives within hours.
//!
//! Lives here: the registers' plain values and the formulas of availability. Does not live here:
//! whose account they count for (`source`). Invariant: what is not known is never counted as if it
//! were, and says so.

use chrono::NaiveDate;

use super::calendar::days_between;
use super::catalogue::{Code, ItemStatus};
use super::profile::{Profile, Stale};
use super::quantity::narrow;
use super::region::{Point, RegionCode};

/// The longest horizon that can be asked for, in hours: a year.
pub const MAX_HOURS: u32 = 8_760;

/// What all of them have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub code: Code,
    pub name: String,
    /// Whose account it stands behind: the region that has contracted it.
    pub region: RegionCode,
    /// Who has promised; a pledge may be anonymous.
    pub organization: Option<Code>,
    pub item: Code,
    pub valid_from: NaiveDate,
    /// Last day of validity.
    pub valid_to: NaiveDate,
    /// Thousandths that a prudent view counts on; `None` is all of it.
    pub reliability_permille: Option<u32>,
    /// Where the goods lie or are made.
    pub location: Option<Point>,
    pub document: Option<String>,
    pub status: ItemStatus,
}

impl Terms {
    /// Whether it binds anybody on `day`.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.status == ItemStatus::Active && self.valid_from <= day && day <= self.valid_to
    }
}

/// 协议储备: goods that an enterprise keeps under contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub terms: Terms,
    pub contract_quantity: i64,
    /// What the enterprise has declared to hold.
    pub declared_stock: Option<i64>,
    pub declared_on: Option<NaiveDate>,
    pub response_hours: u32,
}

/// 产能储备: goods that an enterprise can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    pub terms: Terms,
    pub daily_rate: i64,
    pub startup_hours: u32,
    /// Lying ready, whatever the hour.
    pub finished_goods: i64,
    /// The raw material's bound on all of it.
    pub limit: i64,
    pub declared_on: Option<NaiveDate>,
}

/// 社会化储备: goods that somebody has promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pledge {
    pub terms: Terms,
    pub pledged_quantity: i64,
    /// Thousandths of it that are expected to come; `None` is the city profile's.
    pub fulfilment_permille: Option<u32>,
    pub response_hours: u32,
}

/// How certain a quantity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    Confirmed,
    /// Declared, but too long ago.
    Stale,
    /// Never declared, or resting on a figure that nobody has set.
    Unknown,
}

impl State {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a quantity is not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    NoDeclaration,
    OldDeclaration,
    NoFulfilment,
    /// No city profile says within which hours, or how soon depots are ready.
    NoProfile,
}

impl Doubt {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoDeclaration => "no_declaration",
            Self::OldDeclaration => "old_declaration",
            Self::NoFulfilment => "no_fulfilment",
            Self::NoProfile => "no_profile",
        }
    }
}

/// What a source gives within some hours, before transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// What counts.
    pub quantity: i64,
    /// What would count beside it if it were confirmed.
    pub unconfirmed: i64,
    pub state: State,
    pub doubt: Option<Doubt>,
    /// Whether the line it stands in is unknown for it.
    pub open: bool,
}

impl Available {
    pub fn confirmed(quantity: i64) -> Self {
        Self { quantity, unconfirmed: 0, state: State::Confirmed, doubt: None, open: false }
    }

    pub fn unknown(doubt: Doubt, unconfirmed: i64) -> Self {
        let (state, doubt) = (State::Unknown, Some(doubt));
        Self { quantity: 0, unconfirmed, state, doubt, open: true }
    }

    /// Why the line it stands in is unknown for it, if it is.
    pub fn open_for(&self) -> Option<Doubt> {
        self.doubt.filter(|_| self.open)
    }

    fn stale(rule: Stale, quantity: i64) -> Self {
        let open = rule == Stale::Flag;
        let unconfirmed = if open { quantity } else { 0 };
        let (state, doubt) = (State::Stale, Some(Doubt::OldDeclaration));
        Self { quantity: 0, unconfirmed, state, doubt, open }
    }
}

/// What counts how, for one city and one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yardstick {
    pub on: NaiveDate,
    /// Hours after the decision.
    pub hours: u32,
    /// Whether reliability is counted in.
    pub prudent: bool,
    /// Days after which a declaration is stale; `None` is never.
    pub declaration_days: Option<u32>,
    pub stale: Stale,
    /// Thousandths of pledges without a figure of their own that are expected to come.
    pub fulfilment_permille: Option<u32>,
}

impl Yardstick {
    /// The yardstick of a city.
    pub fn of(profile: Option<&Profile>, on: NaiveDate, hours: u32, prudent: bool) -> Self {
        Self {
            on,
            hours,
            prudent,
            declaration_days: profile.and_then(|profile| profile.declaration_days),
            stale: profile.and_then(|profile| profile.stale_declarations).unwrap_or(Stale::Flag),
            fulfilment_permille: profile.and_then(|profile| profile.pledge_fulfilment_permille),
        }
    }

    fn reliable(&self, terms: &Terms, quantity: i64) -> i64 {
        match terms.reliability_permille.filter(|_| self.prudent) {
            Some(permille) => part(quantity, permille),
            None => quantity,
        }
    }

    /// A quantity as sure as its declaration.
    fn judged(&self, declared_on: Option<NaiveDate>, quantity: i64) -> Available {
        let Some(declared_on) = declared_on else {
            return Available::unknown(Doubt::NoDeclaration, quantity);
        };
        let age = days_between(declared_on, self.on);
        if self.declaration_days.is_some_and(|days| age > i64::from(days)) {
            return Available::stale(self.stale, quantity);
        }
        Available::confirmed(quantity)
    }
}

/// So many thousandths, cut down.
fn part(quantity: i64, permille: u32) -> i64 {
    narrow((i128::from(quantity) * i128::from(permille)).div_euclid(1_000))
}

impl Agreement {
    /// `min(contract, declared stock)` if the response time is within the hours, else nothing.
    pub fn within(&self, hours: u32) -> Option<i64> {
        let stock = self.declared_stock?.min(self.contract_quantity);
        Some(if self.response_hours <= hours { stock } else { 0 })
    }

    pub fn available(&self, by: &Yardstick) -> Available {
        let Some(quantity) = self.within(by.hours) else {
            return Available::unknown(Doubt::NoDeclaration, 0);
        };
        by.judged(self.declared_on, by.reliable(&self.terms, quantity))
    }
}

impl Capacity {
    /// `min(limit, finished + ⌊daily rate × max(0, hours − start-up) / 24⌋)`.
    pub fn within(&self, hours: u32) -> i64 {
        let running = i128::from(hours.saturating_sub(self.startup_hours));
        let made = (i128::from(self.daily_rate) * running).div_euclid(24);
        narrow((i128::from(self.finished_goods) + made).min(i128::from(self.limit)))
    }

    pub fn available(&self, by: &Yardstick) -> Available {
        by.judged(self.declared_on, by.reliable(&self.terms, self.within(by.hours)))
    }
}

impl Pledge {
    /// What is expected to come if the response time is within the hours, else nothing.
    pub fn within(&self, hours: u32, fulfilment_permille: u32) -> i64 {
        if self.response_hours > hours {
            return 0;
        }
        part(self.pledged_quantity, fulfilment_permille)
    }

    pub fn available(&self, by: &Yardstick) -> Available {
        match self.fulfilment_permille.or(by.fulfilment_permille) {
            Some(permille) => {
                let quantity = self.within(by.hours, permille);
                Available::confirmed(by.reliable(&self.terms, quantity))
            }
            None => Available::unknown(Doubt::NoFulfilment, 0),
        }
    }
}

#[cfg(test)]
#[path = "reserve_tests.rs"]
mod tests;
