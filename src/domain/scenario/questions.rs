//! Questions: what the areas of a scenario ask for, need by need, and who is covered by an answer.
//!
//! Lives here: units asked for, and people by the need that is met least. Does not live here: who
//! gets what (`allocation`). Invariant: people are covered by the least of their mandatory needs.

use std::sync::Arc;

use super::super::allocation::{Ask, Question, Reach, divide};
use super::super::catalogue::Need;
use super::super::coverage::Supply;
use super::super::quantity::{Ratio, div_up, narrow};
use super::Scenario;
use super::ways::Ways;

/// One need of all areas.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Its place in the supply.
    pub place: usize,
    pub need: &'a Arc<Need>,
    /// By area, in whole units rounded up.
    pub asks: Vec<Ask>,
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

    /// What all areas ask for.
    pub fn required(&self) -> i64 {
        self.asks.iter().map(|ask| ask.units).sum()
    }
}

/// The needs that any area asks for, by code.
pub fn asked<'a>(scenario: &Scenario, supply: &'a Supply, ways: &Ways) -> Vec<Asked<'a>> {
    let season = scenario.season_day();
    let asks = |need: &Need| -> Vec<Ask> {
        let areas = scenario.areas.iter().zip(&ways.missing);
        areas
            .map(|(area, missing)| {
                let milli = need.required_milli(area.displaced, scenario.days, season);
                let units = if missing.is_some() { 0 } else { narrow(div_up(milli, 1_000)) };
                Ask { units, class: area.class }
            })
            .collect()
    };
    let needs = supply.needs.iter().enumerate().map(|(place, need)| (place, need, asks(need)));
    needs
        .filter(|(_, _, asks)| asks.iter().any(|ask| ask.units > 0))
        .map(|(place, need, asks)| Asked { place, need, asks, held: ways.held(supply, place) })
        .collect()
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
        let required = one.asks.get(area)?.units;
        let served = units.get(area).copied().unwrap_or_default().min(required);
        (required > 0).then_some((served, required))
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
