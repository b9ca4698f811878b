//! The demo's opening stock, by rule.
//!
//! Lives here: how much of which lot lies in which depot, as opening movements. Does not live here:
//! booking them. Invariant: all dates are offsets from the demo's day, all choices hashes of codes.

use std::collections::{BTreeMap, HashMap};

use chrono::{Months, NaiveDate};

use crate::domain::calendar::{Instant, add_days, add_months, days_between};
use crate::domain::catalogue::{Code, Item, LifeKind};
use crate::domain::lot::LotDraft;
use crate::domain::movement::{Condition, Draft, DraftLine, MAX_LINES, MovementType, Paper};
use crate::domain::quantity::Quantity;
use crate::domain::quota::Subject;
use crate::domain::region::RegionCode;

use super::depots::Site;
use super::places::code;
use super::{Base, SeedError, Seeded, chance, files};

const RULES: &str = "demo/rules.json";
/// The opening occurred so many days before the demo's day, at noon.
const OPENED_DAYS_AGO: i64 = 30;
const NOON_US: i64 = 12 * 3_600 * 1_000_000;
/// Expired lots ran out at most so many days ago.
const LONGEST_EXPIRED_DAYS: i64 = 180;

/// The opening movements: one per depot and owner, more where a depot has more lines than one
/// takes.
pub(super) fn openings(base: &Base, on: NaiveDate) -> Seeded<Vec<Draft>> {
    let mut at: HashMap<RegionCode, Vec<&Site>> = HashMap::new();
    for site in &base.sites {
        at.entry(site.depot.region).or_default().push(site);
    }
    for sites in at.values_mut() {
        sites.sort_by(|a, b| a.depot.code.cmp(&b.depot.code));
    }
    let items: HashMap<&str, &Item> =
        base.goods.items.iter().map(|item| (item.code.as_str(), item)).collect();
    let mut writer = Writer::new(base, on);
    for quota in &base.quotas {
        let Subject::Item(code) = &quota.subject else {
            continue;
        };
        let (Some(sites), Some(item)) = (at.get(&quota.region), items.get(code.as_str())) else {
            continue;
        };
        let holding: Vec<&Site> = sites
            .iter()
            .copied()
            .filter(|site| site.holds.contains(&item.function_class))
            .collect();
        writer.line_of_region(quota.region, item, quota.target, &holding)?;
    }
    for proxy in &base.rules.proxy {
        let owner = code(RULES, &proxy.owner)?;
        for (name, quantity) in &proxy.items {
            let item = items.get(name.as_str());
            let item = item.ok_or_else(|| SeedError::new(RULES, format!("item {name}")))?;
            writer.proxy(&code(RULES, &proxy.depot)?, &owner, item, *quantity)?;
        }
    }
    Ok(writer.drafts())
}

/// What a lot's dates say on the demo's day.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Expired,
    /// Within the rotation lead.
    Due,
    Fine,
}

/// A lot of the opening stock, before it has a number and dates.
struct OpeningLot<'a> {
    item: &'a Item,
    quantity: i64,
    condition: Condition,
    age: Age,
    /// Makes its dates its own.
    seed: String,
}

/// Collects lines by depot and owner, and numbers lots by item.
struct Writer<'a> {
    on: NaiveDate,
    rules: &'a files::Rules,
    depots: Vec<Code>,
    lines: HashMap<Code, BTreeMap<Option<Code>, Vec<DraftLine>>>,
    lots: HashMap<Code, u32>,
}

impl<'a> Writer<'a> {
    fn new(base: &'a Base, on: NaiveDate) -> Self {
        Self {
            on,
            rules: &base.rules,
            depots: base.sites.iter().map(|site| site.depot.code.clone()).collect(),
            lines: HashMap::new(),
            lots: HashMap::new(),
        }
    }

    /// The stock of one quota line, shared by the depots that hold the class.
    fn line_of_region(
        &mut self,
        region: RegionCode,
        item: &Item,
        target: i64,
        sites: &[&Site],
    ) -> Seeded<()> {
        let Some(first) = sites.first() else {
            return Ok(());
        };
        let tier = first.tier.as_str();
        let Some(rule) = self.rules.stock.iter().find(|rule| rule.tier == tier) else {
            return Ok(());
        };
        let place = region.to_string();
        let why = |purpose: &'static str| [place.as_str(), item.code.as_str(), purpose];
        if chance::among(&why("uncovered"), rule.uncovered_permille) {
            return Ok(());
        }
        let fill = chance::between(&why("fill"), rule.fill_permille_min, rule.fill_permille_max);
        let total = target.saturating_mul(fill) / 1_000;
        for (share, site) in equal_parts(total, sites.len()).into_iter().zip(sites) {
            self.stock(&site.depot.code, item, share, rule)?;
        }
        Ok(())
    }

    /// The lots of one item in one depot.
    fn stock(
        &mut self,
        depot: &Code,
        item: &Item,
        quantity: i64,
        rule: &files::StockRule,
    ) -> Seeded<()> {
        let words = [depot.as_str(), item.code.as_str(), "lots"];
        let wanted = chance::between(&words, rule.lots_min, rule.lots_max);
        let count = usize::try_from(wanted.min(quantity)).unwrap_or_default();
        for (number, part) in (1_u32..).zip(equal_parts(quantity, count)) {
            let number = number.to_string();
            let choice = |purpose: &str| {
                let words = [depot.as_str(), item.code.as_str(), &number, purpose];
                chance::below(&words, 1_000)
            };
            let condition = if choice("damaged") < rule.damaged_permille {
                Condition::Damaged
            } else if choice("quarantine") < rule.quarantine_permille {
                Condition::Quarantine
            } else {
                Condition::Good
            };
            let age = match choice("age") {
                at if at < rule.expired_permille => Age::Expired,
                at if at < rule.expired_permille + rule.due_permille => Age::Due,
                _ => Age::Fine,
            };
            let seed = format!("{depot}|{}|{number}", item.code);
            let lot = OpeningLot { item, quantity: part, condition, age, seed };
            self.push(depot, None, &lot)?;
        }
        Ok(())
    }

    /// Goods of another owner: one good lot.
    fn proxy(&mut self, depot: &Code, owner: &Code, item: &Item, quantity: i64) -> Seeded<()> {
        let lot = OpeningLot {
            item,
            quantity,
            condition: Condition::Good,
            age: Age::Fine,
            seed: format!("{depot}|{owner}|{}", item.code),
        };
        self.push(depot, Some(owner), &lot)
    }

    fn push(&mut self, depot: &Code, owner: Option<&Code>, lot: &OpeningLot<'_>) -> Seeded<()> {
        let item = lot.item;
        let wrong = |what: String| SeedError::new(RULES, format!("{what} of {}", item.code));
        let price = self.rules.prices_fen.get(item.code.as_str()).copied();
        let price = price.ok_or_else(|| wrong("price".to_string()))?;
        let quantity = Quantity::new(lot.quantity);
        let quantity = quantity.ok_or_else(|| wrong(lot.quantity.to_string()))?;
        let number = self.lots.entry(item.code.clone()).or_insert(0);
        *number += 1;
        let (produced_on, expires_on) = dates(self.on, item, lot.age, &lot.seed);
        let line = DraftLine {
            from: None,
            to: Some(depot.clone()),
            item: item.code.clone(),
            owner: owner.cloned(),
            to_owner: None,
            condition: lot.condition,
            to_condition: None,
            quantity,
            unit: None,
            lot: Some(LotDraft {
                lot_no: Some(format!("D{}-{number}", item.code)),
                produced_on: Some(produced_on),
                expires_on,
                manufacturer: None,
                unit_price_fen: Some(price),
                source: None,
            }),
        };
        let of_depot = self.lines.entry(depot.clone()).or_default();
        of_depot.entry(owner.cloned()).or_default().push(line);
        Ok(())
    }

    fn drafts(mut self) -> Vec<Draft> {
        let opened = add_days(self.on, -OPENED_DAYS_AGO);
        let occurred_at = Instant(Instant::start_of(opened).0.saturating_add(NOON_US));
        let marking = &self.rules.marking;
        let note = format!("{} ({})", marking.zh, marking.en);
        let mut drafts = Vec::new();
        for depot in &self.depots {
            let owners = self.lines.remove(depot).unwrap_or_default();
            let documents = owners.values().flat_map(|lines| lines.chunks(MAX_LINES));
            for (lines, number) in documents.zip(1_u32..) {
                drafts.push(Draft {
                    kind: MovementType::Opening,
                    occurred_at: Some(occurred_at),
                    paper: Paper {
                        document_no: Some(format!("演示期初-{depot}-{number}")),
                        note: Some(note.clone()),
                        ..Paper::default()
                    },
                    repeat_of_document: false,
                    lines: lines.to_vec(),
                });
            }
        }
        drafts
    }
}

/// `whole` in so many parts, the remainder with the first.
fn equal_parts(whole: i64, count: usize) -> Vec<i64> {
    let Some(count_wide) = i64::try_from(count).ok().filter(|count| *count > 0) else {
        return Vec::new();
    };
    let mut parts = vec![whole / count_wide; count];
    if let Some(first) = parts.first_mut() {
        *first += whole % count_wide;
    }
    parts
}

/// When a lot was made, and its last usable day.
fn dates(on: NaiveDate, item: &Item, age: Age, seed: &str) -> (NaiveDate, Option<NaiveDate>) {
    let days = |purpose: &str, least: i64, most: i64| {
        chance::between(&[seed, purpose], least, most.max(least))
    };
    let opened = add_days(on, -OPENED_DAYS_AGO);
    let months = item.life.months.filter(|_| item.life.kind != LifeKind::None);
    let Some(months) = months else {
        return (add_days(opened, -days("made", 60, 2_000)), None);
    };
    let lead = i64::from(item.life.lead_days.unwrap_or(0));
    // The freshest goods were made on the day of the opening.
    let longest = days_between(on, add_months(opened, months));
    let left = match age {
        Age::Expired => -days("expired", 1, LONGEST_EXPIRED_DAYS),
        Age::Due => days("due", 0, lead.min(longest)),
        Age::Fine => days("fine", lead.saturating_add(1).min(longest), longest),
    };
    let expires_on = add_days(on, left);
    let produced_on = expires_on.checked_sub_months(Months::new(months));
    (produced_on.unwrap_or(expires_on), Some(expires_on))
}
