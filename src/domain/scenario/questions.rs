//! Questions: what the areas of a scenario ask for, need by need, and who is covered by an answer.
//!
//! Lives here: units asked for, and people by the need that is met least. Does not live here: who
//! gets what (`allocation`). Invariant: people are covered by the least of their mandatory needs.

use std::sync::Arc;

use super::super::allocation::{Ask, Question, Reach, divide};
use super::super::catalogue::Need;
use super::super::coverage::Supply;
use super::super::position::Position;
use super::super::quantity::{Ratio, div_up, narrow};
use super::super::region::RegionIx;
use super::Scenario;
use super::ways::Ways;

/// One need of all areas.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Its place in the supply.
    pub place: usize,
    pub need: &'a Arc<Need>,
    /// By area what is still to come, in whole units rounded up.
    pub asks: Vec<Ask>,
    /// By area what has been issued, of what is required.
    pub issued: Vec<i64>,
    /// What each source has.
    pub held: Vec<i64>,
}

/// What each need brings each area, in the order of the needs asked for.
pub type Shares = Vec<Vec<i64>>;

impl Asked<'_> {
    /// The question over certain ways.
    pub fn over<'q>(&'q self, reach: &'q Reach) -> Question<'q> {
        Question { reach, supply: &self.held, asks: &self.asks }
    }

    /// What an area needs in all.
    pub fn required(&self, area: usize) -> i64 {
        let asked = self.asks.get(area).map_or(0, |ask| ask.units);
        asked.saturating_add(self.issued(area))
    }

    /// What an area has got already.
    pub fn issued(&self, area: usize) -> i64 {
        self.issued.get(area).copied().unwrap_or_default()
    }

    /// What an area has with so much more, at most what it needs.
    pub fn served(&self, area: usize, units: &[i64]) -> i64 {
        let more = units.get(area).copied().unwrap_or_default();
        self.issued(area).saturating_add(more).min(self.required(area))
    }
}

/// The needs that any area asks for, by code.
pub fn asked<'a>(
    position: &Position,
    scenario: &Scenario,
    supply: &'a Supply,
    ways: &Ways,
) -> Vec<Asked<'a>> {
    let season = scenario.season_day();
    let mut found = Vec::new();
    for (place, need) in supply.needs.iter().enumerate() {
        let (mut asks, mut issued) = (Vec::new(), Vec::new());
        for (area, missing) in scenario.areas.iter().zip(&ways.missing) {
            let milli = need.required_milli(area.displaced, scenario.days, season);
            let units = if missing.is_some() { 0 } else { narrow(div_up(milli, 1_000)) };
            let gone = given(position, scenario, need, area.region).min(units);
            asks.push(Ask { units: units - gone, class: area.class });
            issued.push(gone);
        }
        let is_asked = asks.iter().zip(&issued).any(|(ask, gone)| ask.units > 0 || *gone > 0);
        if is_asked {
            let held = ways.held((position, scenario), supply, place);
            found.push(Asked { place, need, asks, issued, held });
        }
    }
    found
}

/// What has been issued of a need for an area of the event.
fn given(position: &Position, scenario: &Scenario, need: &Need, area: RegionIx) -> i64 {
    let reference = &position.reference;
    let Some((event, region)) = scenario.event.as_ref().zip(reference.regions.get(area)) else {
        return 0;
    };
    let units = position.issued(event, region.code).filter_map(|(item, pieces)| {
        let provision = reference.items.by_code(item.as_str())?.provision.as_ref()?;
        (provision.need == need.code).then(|| pieces.saturating_mul(provision.amount))
    });
    units.fold(0, i64::saturating_add)
}

/// The fairest shares over certain ways.
pub fn shares(asked: &[Asked], reach: &Reach) -> Shares {
    asked.iter().map(|one| divide(one.over(reach))).collect()
}

/// What is served of what is required of the mandatory need that is met least in an area; `None`
/// where none is asked for.
pub fn least(asked: &[Asked], shares: &[Vec<i64>], area: usize) -> Option<(i64, i64)> {
    let rows = asked.iter().zip(shares).filter(|(one, _)| one.need.mandatory);
    let parts = rows.filter_map(|(one, units)| {
        let required = one.required(area);
        (required > 0).then(|| (one.served(area, units), required))
    });
    parts.min_by_key(|(served, required)| Fraction(*served, *required))
}

/// People of all areas whose mandatory needs are all met.
pub fn persons(scenario: &Scenario, asked: &[Asked], shares: &[Vec<i64>]) -> i64 {
    let areas = scenario.areas.iter().enumerate();
    let people = areas.map(|(at, area)| match least(asked, shares, at) {
        None => 0,
        Some((served, required)) => {
            narrow(i128::from(area.displaced) * i128::from(served) / i128::from(required.max(1)))
        }
    });
    people.sum()
}

/// The least coverage of any area that asks for something.
pub fn lowest(scenario: &Scenario, asked: &[Asked], shares: &[Vec<i64>]) -> Option<Ratio> {
    let areas = 0..scenario.areas.len();
    let ratios = areas.filter_map(|at| least(asked, shares, at));
    ratios.map(|(served, required)| Ratio::capped(served.into(), required.into())).min()
}

/// A part of a whole, compared exactly.
#[derive(Debug, Clone, Copy)]
pub struct Fraction(pub i64, pub i64);

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let cross = |a: i64, b: i64| i128::from(a) * i128::from(b);
        cross(self.0, other.1).cmp(&cross(other.0, self.1))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Fraction {}
