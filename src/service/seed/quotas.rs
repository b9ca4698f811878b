//! Quotas by rule: what each region's own account should hold.
//!
//! Lives here: which rule applies where, and its figures. Does not live here: stock. Invariant: a
//! region has at most one quota per item.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::domain::catalogue::Item;
use crate::domain::profile::Profile;
use crate::domain::quota::{Basis, Mode, Quota, Subject};
use crate::domain::region::{Region, RegionCode, Tier};

use super::depots::Site;
use super::goods::Goods;
use super::places::{Land, word};
use super::{SeedError, Seeded, chance, files, people};

const QUOTA_RULES: &str = "quota-rules.csv";
const DEMO_RULES: &str = "demo/rules.json";

/// A rule whose words are known.
struct Rule<'a> {
    tier: Tier,
    item: &'a Item,
    basis: Basis,
    row: &'a files::QuotaRule,
}

pub(super) fn quotas(
    rules: &files::Rules,
    land: &Land,
    goods: &Goods,
    sites: &[Site],
) -> Seeded<Vec<Quota>> {
    let rows = files::quota_rules()?;
    let items: HashMap<&str, &Item> =
        goods.items.iter().map(|item| (item.code.as_str(), item)).collect();
    let mut known = Vec::new();
    for row in &rows {
        let item = items.get(row.item.as_str()).copied();
        known.push(Rule {
            tier: word(QUOTA_RULES, &row.tier, Tier::parse)?,
            item: item.ok_or_else(|| SeedError::new(QUOTA_RULES, format!("item {}", row.item)))?,
            basis: word(QUOTA_RULES, &row.basis, Basis::parse)?,
            row,
        });
    }
    let with_depot: HashSet<RegionCode> = sites.iter().map(|site| site.depot.region).collect();
    let mut found = Vec::new();
    for region in &land.regions {
        let asked = match rules.quota_regions.get(region.tier.as_str()).map(String::as_str) {
            Some("all") => true,
            Some("with_depot") => with_depot.contains(&region.code),
            None => false,
            Some(other) => {
                return Err(SeedError::new(DEMO_RULES, format!("no such word: `{other}`")));
            }
        };
        let Some(profile) = profile_of(region, goods).filter(|_| asked) else {
            continue;
        };
        for rule in known.iter().filter(|rule| rule.tier == region.tier) {
            if profile.tier(rule.tier).is_some() && shares_a_domain(profile, rule.item) {
                found.push(quota(region, rule)?);
            }
        }
    }
    Ok(found)
}

/// The profile of the city at or above a region.
fn profile_of<'a>(region: &Region, goods: &'a Goods) -> Option<&'a Profile> {
    let above = std::iter::successors(Some(region.code), |code| code.parent());
    let city = above.into_iter().find(|code| code.tier() == Tier::City)?;
    goods.profiles.iter().find(|profile| profile.region == city)
}

fn shares_a_domain(profile: &Profile, item: &Item) -> bool {
    let listed = |domain: &String| profile.hazard_domains.iter().any(|row| row.code == *domain);
    item.hazard_domains.iter().any(listed)
}

fn quota(region: &Region, rule: &Rule<'_>) -> Seeded<Quota> {
    let wrong = |what: &str| SeedError::new(QUOTA_RULES, format!("{what} of {}", rule.row.item));
    let target = match rule.basis {
        Basis::Absolute => rule.row.absolute.ok_or_else(|| wrong("absolute"))?,
        Basis::Population => {
            let rate = rule.row.per_1000_displaced.ok_or_else(|| wrong("rate"))?;
            let people = region.planned_displaced.ok_or_else(|| wrong("people"))?;
            people::permille(people, rate)
        }
    };
    let mode = Mode::GovPhysical;
    let (place, item) = (region.code.to_string(), rule.item.code.clone());
    Ok(Quota {
        id: chance::id(&["quota", &place, item.as_str(), mode.as_str()]),
        region: region.code,
        subject: Subject::Item(item),
        mode,
        basis: rule.basis,
        target,
        floor: people::permille(target, rule.row.floor_permille),
        effective_from: NaiveDate::from_ymd_opt(2022, 1, 1).unwrap_or_default(),
        effective_to: None,
        document: rule.row.document.clone(),
        rule: None,
    })
}
