//! Who lives where: census figures, and estimates below the county.
//!
//! Lives here: sharing a county's people out, and how many of a region are planned to be displaced.
//! Does not live here: the census itself (`seeds/sources`). Invariant: the shares of a county's
//! townships and of a township's villages sum to it exactly.

use std::collections::HashMap;

use crate::domain::quantity::{div_up, narrow};
use crate::domain::region::{Region, RegionCode, Tier};

use super::{Seeded, files};

const ESTIMATED: &str = "estimated: county census shared out by village count";

/// Sets the population of every region: the census where there is one, estimates below counties.
pub(super) fn settle(regions: &mut [Region]) -> Seeded<()> {
    let census: HashMap<String, files::Population> =
        files::populations()?.into_iter().map(|row| (row.code12.clone(), row)).collect();
    let mut below: HashMap<RegionCode, Vec<RegionCode>> = HashMap::new();
    for region in regions.iter() {
        if let Some(parent) = region.parent {
            below.entry(parent).or_default().push(region.code);
        }
    }
    let mut estimates: HashMap<RegionCode, i64> = HashMap::new();
    for region in regions.iter_mut() {
        if let Some(row) = census.get(&region.code.to_string()) {
            region.population = Some(row.population);
            region.population_source = Some(format!("census {}", row.year));
        } else if let Some(estimate) = estimates.get(&region.code) {
            region.population = Some(*estimate);
            region.population_source = Some(ESTIMATED.to_string());
        }
        // Parents stand before their children, so a township's estimate is known before its
        // villages'.
        if let (Some(people), true) = (region.population, region.tier >= Tier::County) {
            let children = below.get(&region.code).map_or(&[][..], Vec::as_slice);
            let villages = |code: &RegionCode| below.get(code).map_or(1, |list| list.len().max(1));
            let weights: Vec<usize> = children.iter().map(villages).collect();
            estimates.extend(children.iter().copied().zip(shares(people, &weights)));
        }
    }
    displace(regions)
}

/// `whole` in parts as the weights are, the largest remainders rounded up, the first of equals.
pub(super) fn shares(whole: i64, weights: &[usize]) -> Vec<i64> {
    let weight = |weight: &usize| i128::try_from(*weight).unwrap_or_default();
    let sum: i128 = weights.iter().map(weight).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let product = |of: &usize| i128::from(whole).saturating_mul(weight(of));
    let mut parts: Vec<i64> =
        weights.iter().map(|of| narrow(product(of).div_euclid(sum))).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    let remainder = |ix: &usize| weights.get(*ix).map(|of| product(of).rem_euclid(sum));
    order.sort_by_key(|ix| (std::cmp::Reverse(remainder(ix)), *ix));
    let left = whole.saturating_sub(parts.iter().sum());
    for ix in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(part) = parts.get_mut(ix) {
            *part += 1;
        }
    }
    parts
}

/// Sets the planned displaced people by the first rule that fits tier and terrain.
fn displace(regions: &mut [Region]) -> Seeded<()> {
    let rules = files::population_rules()?;
    for region in regions {
        let terrain = match region.mountain {
            Some(true) => "mountain",
            _ => "plain",
        };
        let fits = |rule: &&files::PopulationRule| {
            rule.tier == region.tier.as_str()
                && rule.terrain.as_deref().is_none_or(|word| word == terrain)
        };
        let rule = rules.iter().find(fits);
        if let (Some(rule), Some(people)) = (rule, region.population) {
            region.planned_displaced = Some(permille(people, rule.displaced_permille));
        }
    }
    Ok(())
}

/// So many thousandths of a number, rounded up.
pub(super) fn permille(number: i64, permille: i64) -> i64 {
    let product = i128::from(number).saturating_mul(i128::from(permille));
    narrow(div_up(product, 1_000))
}
