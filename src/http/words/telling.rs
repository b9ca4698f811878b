//! Telling: which sentences explain a gap or a balance, in which order.
//!
//! Lives here: the choice of sentences from the figures. Does not live here: their texts
//! (`sentences`). Invariant: every number told stands in the answer's fields, too.

use crate::domain::account::Goods;
use crate::domain::donor::Offers;
use crate::domain::explanation::{Explanation, Projection, Purchase, Reason, Remedy};
use crate::domain::gap::Row;
use crate::domain::procurement::{PlanLine, ProcurementPlan};
use crate::domain::unknown::Unknown;

use super::sentences::{Sentence, say};
use super::{Language, missing, reason};

/// Facts by name, in one language.
struct Teller {
    facts: Vec<(&'static str, String)>,
    told: Vec<String>,
    language: Language,
}

impl Teller {
    fn new(language: Language) -> Self {
        Self { facts: Vec::new(), told: Vec::new(), language }
    }

    fn know(&mut self, name: &'static str, value: impl ToString) {
        self.facts.retain(|(known, _)| *known != name);
        self.facts.push((name, value.to_string()));
    }

    fn say(&mut self, sentence: Sentence) {
        self.told.push(say(sentence, &self.facts, self.language));
    }

    fn goods(&mut self, goods: &Goods) {
        let name = match goods {
            Goods::Item(item) => self.language.pick(&item.name, &item.name_en),
            Goods::Need(need) => self.language.pick(&need.name, &need.name_en),
        };
        let name = name.clone();
        self.know("goods", name);
        self.know("unit", self.language.pick(goods.unit(), goods.unit_en()));
    }
}

/// Why a row is what it is, from its own figures: account first, then the subtree.
pub fn because(
    row: &Row,
    unknown: Option<Unknown>,
    document: Option<Option<&str>>,
    on: &str,
    language: Language,
) -> Vec<String> {
    let mut teller = Teller::new(language);
    own(&mut teller, row, unknown, document, on);
    subtree(&mut teller, row);
    teller.told
}

/// An explanation from the quota to what remains to be bought.
pub fn explained(found: &Explanation, on: &str, language: Language) -> Vec<String> {
    let mut teller = Teller::new(language);
    let document = found.quota.as_ref().map(|quota| quota.document.as_deref());
    own(&mut teller, &found.row, found.certainty.unknown, document, on);
    sources(&mut teller, found);
    excluded(&mut teller, found);
    subtree(&mut teller, &found.row);
    if let Some(remedy) = &found.remedy {
        remedied(&mut teller, &found.row, remedy);
    }
    teller.told
}

/// The own account; `document` is that of the quota in force, if there is one.
fn own(
    teller: &mut Teller,
    row: &Row,
    unknown: Option<Unknown>,
    document: Option<Option<&str>>,
    on: &str,
) {
    teller.goods(&row.goods);
    teller.know("on", on);
    teller.know("region", &row.region.name);
    teller.know("quota", row.quota);
    teller.know("floor", row.floor);
    teller.say(if document.is_some() { Sentence::MustHold } else { Sentence::NoQuota });
    if let Some(text) = document.flatten() {
        teller.know("document", text);
        teller.say(Sentence::RestsOn);
    }
    if unknown == Some(Unknown::NoPopulation) {
        teller.say(Sentence::Uncounted);
    }
    let Some(account) = &row.account else {
        let why = unknown.filter(|why| *why != Unknown::NoRegister);
        let Some(why) = why else { return teller.say(Sentence::UnknownStock) };
        teller.know("why", missing(why, teller.language));
        return teller.say(Sentence::UnknownFor);
    };
    teller.know("effective", account.effective);
    teller.know("gap", account.gap);
    teller.know("surplus", account.surplus);
    teller.say(match (document.is_some(), account.gap, account.surplus) {
        (false, _, _) => Sentence::Holds,
        (true, 1.., _) => Sentence::Lacks,
        (true, _, 1..) => Sentence::Exceeds,
        _ => Sentence::Meets,
    });
    if account.below_floor {
        teller.say(Sentence::BelowFloor);
    }
    if account.perishing > 0 {
        teller.know("perishing", account.perishing);
        match &row.goods {
            Goods::Item(item) => {
                teller.know("days", item.life.perishing_days());
                teller.say(Sentence::Perishing);
            }
            Goods::Need(_) => teller.say(Sentence::PerishingByItem),
        }
    }
}

/// The roll-up, where it says more than the own account.
fn subtree(teller: &mut Teller, row: &Row) {
    let Some(sums) = &row.roll_up else {
        return;
    };
    let own = row.account.map_or((0, 0), |own| (own.gap, own.surplus));
    if (sums.gap_sum, sums.surplus_sum) == own {
        return;
    }
    teller.know("lines", row.lines);
    teller.know("gap_sum", sums.gap_sum);
    teller.know("surplus_sum", sums.surplus_sum);
    teller.know("redistributable", sums.redistributable);
    teller.know("gap_net", sums.gap_net);
    teller.say(Sentence::RollUp);
}

/// What stands behind the account in the modes of promised goods.
fn sources(teller: &mut Teller, found: &Explanation) {
    for source in &found.sources {
        let available = source.available;
        teller.know("source", &source.name);
        teller.know("available", available.quantity);
        teller.say(Sentence::SourceGives);
        if let Some(doubt) = available.doubt.filter(|_| available.unconfirmed > 0) {
            teller.know("unconfirmed", available.unconfirmed);
            teller.know("why", missing(doubt.into(), teller.language));
            teller.say(Sentence::SourceDoubted);
        }
    }
}

fn excluded(teller: &mut Teller, found: &Explanation) {
    let sums = found.excluded_sums();
    let own = || sums.iter().filter(|sum| sum.reason != Reason::OwnedAbove);
    let total: i64 = own().map(|sum| sum.amount).sum();
    if total > 0 {
        let language = teller.language;
        let listed = own().map(|sum| format!("{} {}", reason(sum.reason, language), sum.amount));
        let reasons: Vec<String> = listed.collect();
        teller.know("amount", total);
        teller.know("reasons", reasons.join(language.pick("、", ", ")));
        teller.say(Sentence::Excluded);
    }
    let above = sums.iter().find(|sum| sum.reason == Reason::OwnedAbove);
    if let Some(sum) = above.filter(|sum| sum.amount > 0) {
        teller.know("amount", sum.amount);
        teller.say(Sentence::OwnedAbove);
    }
}

fn remedied(teller: &mut Teller, row: &Row, remedy: &Remedy) {
    for help in remedy.above.iter().filter(|help| help.gives > 0) {
        teller.know("region", &help.region.name);
        teller.know("spare", help.spare);
        teller.know("gives", help.gives);
        teller.say(Sentence::AboveGives);
    }
    if row.roll_up.is_none_or(|sums| sums.gap_sum == 0) {
        return;
    }
    teller.know("to_buy", remedy.to_buy);
    teller.say(match (remedy.to_buy, remedy.above_hidden) {
        (0, _) => Sentence::NothingToBuy,
        (_, true) => Sentence::ToAskOrBuy,
        (_, false) => Sentence::ToBuy,
    });
}

/// Who gives what for a gap, and what remains.
pub fn offered(
    offers: &Offers,
    region: &str,
    (goods, unit): (&str, &str),
    language: Language,
) -> Vec<String> {
    let mut teller = Teller::new(language);
    teller.know("region", region);
    teller.know("goods", goods);
    teller.know("unit", unit);
    if offers.gap == 0 {
        teller.say(Sentence::NoGap);
        return teller.told;
    }
    teller.know("gap", offers.gap);
    teller.know("donors", offers.depot_count);
    teller.know("proposed", offers.proposed);
    teller.know("remaining", offers.remaining);
    teller.say(Sentence::DonorsGive);
    if let Some(first) = offers.donors.iter().find(|donor| donor.proposed > 0) {
        teller.know("donor", &first.region.name);
        teller.know("depot", &first.depot.name);
        teller.know("quantity", first.proposed);
        let unit = language.pick(first.item.unit.as_str(), first.item.unit_en());
        teller.know("goods_unit", unit);
        teller.say(Sentence::FirstDonor);
        if let Some(arrival) = first.arrival {
            teller.know("minutes", arrival.minutes);
            teller.say(Sentence::ArrivesIn);
        }
        if let Some(above) = &first.needs_order_of {
            teller.know("above", &above.name);
            teller.say(Sentence::NeedsOrder);
        }
    }
    teller.told
}

/// What an order of a region above entails.
pub fn order_note(donor: &str, above: &str, language: Language) -> String {
    let facts = [("donor", donor.to_string()), ("above", above.to_string())];
    say(Sentence::NeedsOrder, &facts, language)
}

/// Whether the floor holds from `from` to `to`, and if not what breaks and repairs it.
pub fn projected(
    found: &Projection,
    region: &str,
    goods: &Goods,
    (from, to): (&str, &str),
    language: Language,
) -> Vec<String> {
    let mut teller = Teller::new(language);
    teller.goods(goods);
    teller.know("region", region);
    teller.know("from", from);
    teller.know("to", to);
    let Some(breach) = &found.breach else {
        let floor = found.balance.has_quota();
        teller.say(if floor { Sentence::Balanced } else { Sentence::NoFloor });
        return teller.told;
    };
    let cause = found.changes.iter().find(|change| change.step.on == breach.on);
    teller.know("on", breach.on);
    teller.know("short", breach.short);
    teller.know("effective", cause.map_or(0, |change| change.step.effective));
    teller.know("floor", cause.map_or(0, |change| change.step.floor));
    teller.say(Sentence::Breaks);
    if let Some(cause) = cause.filter(|change| !change.leaves.is_empty()) {
        teller.know("lots", cause.leaves.len());
        teller.know("amount", cause.leaves.iter().map(|part| part.amount).sum::<i64>());
        teller.say(Sentence::LotsEnd);
    }
    if cause.is_some_and(|change| !change.begins.is_empty()) {
        teller.say(Sentence::QuotaBegins);
    }
    teller.know("by", breach.repair_by);
    teller.say(Sentence::Repair);
    if breach.worst_short > breach.short {
        teller.know("on", breach.worst_on);
        teller.know("short", breach.worst_short);
        teller.say(Sentence::RepairAll);
    }
    teller.know("days", found.balance.breach_days);
    teller.say(Sentence::BreachDays);
    teller.told
}

/// What a plan's line buys and why; `planned` is the line as the plan has it.
pub fn purchased(
    found: &Purchase,
    plan: &ProcurementPlan,
    planned: &PlanLine,
    language: Language,
) -> Vec<String> {
    let (line, mut teller) = (&found.line, Teller::new(language));
    teller.goods(&Goods::Item(found.item.clone()));
    teller.know("on", plan.planned_on);
    teller.know("until", found.year_end);
    teller.know("accounts", found.accounts.len());
    teller.know("quota", found.sums.quota);
    teller.know("effective", found.sums.effective);
    teller.know("net_gap", line.net_gap);
    teller.say(Sentence::PlanGap);
    teller.know("ending", found.ending);
    teller.know("expiring", line.expiring);
    teller.know("beyond", found.ending.saturating_sub(line.expiring));
    if found.ending > 0 {
        teller.say(Sentence::PlanEnding);
    }
    teller.know("growth", line.growth);
    if line.growth > 0 {
        teller.say(Sentence::PlanGrowth);
    }
    teller.know("orders", found.orders.iter().filter(|order| order.counts).count());
    teller.know("inbound", line.confirmed_inbound);
    if line.confirmed_inbound > 0 {
        teller.say(Sentence::PlanInbound);
    }
    teller.know("wanted", line.wanted());
    teller.know("pack", line.pack);
    teller.know("proposed", line.quantity);
    teller.say(Sentence::PlanPacks);
    teller.know("quantity", planned.quantity);
    if planned.quantity != line.quantity {
        teller.say(Sentence::PlanQuantity);
    }
    let figures = |of: &PlanLine| (of.net_gap, of.expiring, of.confirmed_inbound, of.pack);
    if figures(planned) != figures(line) {
        let PlanLine { net_gap, expiring, growth, confirmed_inbound, pack, .. } = planned;
        let sum = format!("{net_gap} + {expiring} + {growth} - {confirmed_inbound} (/ {pack})");
        teller.know("planned", sum);
        teller.say(Sentence::PlanDiffers);
    }
    teller.told
}

/// What a plan's line costs against the budget.
pub fn priced(
    amount_fen: Option<i64>,
    cumulative_fen: i64,
    budget_fen: Option<i64>,
    language: Language,
) -> Vec<String> {
    let mut teller = Teller::new(language);
    teller.know("cumulative", cumulative_fen);
    if amount_fen.is_none() {
        teller.say(Sentence::PlanUnpriced);
    } else if let Some(budget) = budget_fen {
        teller.know("budget", budget);
        teller.say(Sentence::PlanBudget);
    }
    teller.told
}
