//! The model: everything that was booked in one plain list, every balance found by scanning it.
//!
//! Words and values are judged in `words`. Invariant: written from the rules (first expired first
//! out, nothing negative at any later instant, one answer a key), not from the service's code.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::words::{Faults, Known};
use super::words::{date, day, invalid, is_receipt, life, look_up, micros, outside};
use super::words::{time_faults, value_faults, word};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    pub depot: String,
    pub owner: String,
    pub condition: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    pub id: i64,
    pub item: String,
    pub lot_no: Option<String>,
    pub produced_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
}

#[derive(Clone, Debug)]
pub enum Side {
    Inside(Account),
    Outside(&'static str),
}

#[derive(Clone, Debug)]
pub struct Line {
    pub seq: i64,
    pub at: i64,
    pub request_line: usize,
    pub lot: Lot,
    pub from: Side,
    pub to: Side,
    pub quantity: i64,
}

/// A movement that the model would book.
#[derive(Clone, Debug)]
pub struct Entry {
    pub kind: String,
    pub document_no: Option<String>,
    pub reversal_of: Option<String>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug)]
pub enum Verdict {
    Refused {
        status: u16,
        code: &'static str,
        facts: Value,
        kept: bool,
    },
    Booked(Entry),
    /// What the key was answered before.
    Again {
        status: u16,
        text: String,
    },
}

impl Verdict {
    pub fn refused(status: u16, code: &'static str, facts: Value, kept: bool) -> Self {
        Self::Refused { status, code, facts, kept }
    }
}

/// A booked movement as the model remembers it.
pub struct Booked {
    pub id: String,
    pub seq: i64,
    pub at: i64,
    pub entry: Entry,
    pub reversed_by: Option<(String, i64)>,
}

/// Who asked what under a key, and what was said.
pub struct Told {
    pub path: String,
    pub body: Value,
    pub status: u16,
    pub text: String,
}

pub struct Model {
    pub items: Vec<String>,
    first_lot: i64,
    /// The last entry of the book.
    pub seq: i64,
    pub lots: Vec<Lot>,
    pub lines: Vec<Line>,
    pub booked: Vec<Booked>,
    pub told: BTreeMap<(String, String), Told>,
}

impl Side {
    fn is(&self, account: &Account) -> bool {
        matches!(self, Self::Inside(inside) if inside == account)
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Inside(account) => &account.depot,
            Self::Outside(word) => word,
        }
    }
}

impl Lot {
    /// The last day on which it is usable, if it ages at all.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.expires_on.filter(|_| life(&self.item).0.is_some())
    }

    pub fn usable(&self, on: NaiveDate) -> bool {
        self.last_day().is_none_or(|last| on <= last)
    }

    fn is_named_by(&self, asked: &Value) -> bool {
        word(asked, "lot_no").is_none_or(|number| self.lot_no.as_deref() == Some(number))
            && date(asked, "produced_on").is_none_or(|on| self.produced_on == Some(on))
            && date(asked, "expires_on").is_none_or(|on| self.expires_on == Some(on))
    }
}

/// Whether a lot is named at all.
fn named(asked: &Value) -> bool {
    ["lot_no", "produced_on", "expires_on"].iter().any(|name| asked[*name].is_string())
}

/// What these lines leave of a lot on an account.
pub fn sum<'a>(lines: impl Iterator<Item = &'a Line>, account: &Account, lot: &Lot) -> i64 {
    lines
        .filter(|line| line.lot == *lot)
        .map(|line| {
            let (to, from) = (line.to.is(account), line.from.is(account));
            line.quantity * (i64::from(to) - i64::from(from))
        })
        .sum()
}

/// What one lot on an account has: after everything, and at least from an instant on.
pub struct Holding {
    pub lot: Lot,
    pub now: i64,
    pub least: i64,
    pub least_at: i64,
}

pub fn holding(lines: &[Line], account: &Account, lot: &Lot, at: i64) -> Holding {
    let mut instants: Vec<i64> = lines.iter().map(|line| line.at).filter(|it| *it > at).collect();
    instants.push(at);
    instants.sort();
    let until = |instant: i64| sum(lines.iter().filter(|it| it.at <= instant), account, lot);
    let (mut least, mut least_at) = (until(at), at);
    for instant in instants {
        if until(instant) < least {
            (least, least_at) = (until(instant), instant);
        }
    }
    Holding { lot: lot.clone(), now: sum(lines.iter(), account, lot), least, least_at }
}

pub fn stock_facts(line: usize, account: &Account, item: &str, lot_no: Option<&str>) -> Value {
    json!({
        "line": line, "depot": account.depot, "owner": account.owner, "item": item,
        "lot_no": lot_no, "condition": account.condition
    })
}

pub fn with(mut facts: Value, more: Value) -> Value {
    facts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    facts
}

/// The instant as a fact; that of a movement without a time is the server's own.
pub fn instant_fact(at: i64, body: &Value, now: i64) -> Value {
    let own = at == now && body["occurred_at"].is_null();
    if own { Value::Null } else { at.into() }
}

impl Model {
    /// A model of some new items in a book that has so many entries and lots already.
    pub fn new(items: Vec<String>, seq: i64, first_lot: i64) -> Self {
        let (lots, lines, booked, told) = Default::default();
        Self { items, first_lot, seq, lots, lines, booked, told }
    }

    /// What must be answered to a movement or to a reversal (then with the target's id).
    pub fn judge(&self, who: &str, key: &str, path: &str, body: &Value, now: i64) -> Verdict {
        if who == "province" {
            return Verdict::refused(403, "forbidden", json!({}), false);
        }
        let target = path.strip_suffix("/reversals").and_then(|path| path.rsplit('/').next());
        let faults = match target {
            Some(_) => time_faults(body, now),
            None => value_faults(body, now),
        };
        if !faults.is_empty() {
            return invalid(faults);
        }
        if let Some(told) = self.told.get(&(who.to_string(), key.to_string())) {
            if told.path == path && told.body == *body {
                return Verdict::Again { status: told.status, text: told.text.clone() };
            }
            return Verdict::refused(422, "idempotency_key_reused", json!({ "key": key }), false);
        }
        let at = word(body, "occurred_at").map_or(now, micros);
        let outcome = match target {
            Some(id) => self.reverse(who, id, body, at, now),
            None => self.book(who, body, at, now),
        };
        outcome.map_or_else(|verdict| verdict, Verdict::Booked)
    }

    fn book(&self, who: &str, body: &Value, at: i64, now: i64) -> Result<Entry, Verdict> {
        let kind = word(body, "type").unwrap();
        let mut faults = Faults::new();
        let mut known = Vec::new();
        for ix in 0..body["lines"].as_array().unwrap().len() {
            known.push(look_up(who, &self.items, body, ix, &mut faults)?);
        }
        if !faults.is_empty() {
            return Err(invalid(faults));
        }
        let document_no = word(body, "document_no").map(str::to_string);
        let again = body["repeat_of_document"] == true;
        let owner = &known[0].account.owner;
        let before = document_no.as_deref().filter(|_| !again);
        if let Some(found) = before.and_then(|number| self.same_paper(kind, owner, number)) {
            let facts =
                json!({ "document_no": document_no, "movement_id": found.id, "seq": found.seq });
            return Err(Verdict::refused(409, "document_exists", facts, true));
        }
        let mut planned = Vec::new();
        for (ix, line) in known.iter().enumerate() {
            if is_receipt(kind) {
                let lot = self.lot_for(line, &body["lines"][ix]["lot"], &planned);
                let from = Side::Outside(outside(kind).unwrap());
                let to = Side::Inside(line.account.clone());
                let (quantity, request_line, seq) = (line.quantity, ix + 1, self.seq + 1);
                planned.push(Line { seq, at, request_line, lot, from, to, quantity });
            } else {
                self.draw(body, ix, line, (at, now), &mut planned)?;
            }
        }
        Ok(Entry { kind: kind.to_string(), document_no, reversal_of: None, lines: planned })
    }

    /// The first movement of the same paper that still stands.
    fn same_paper(&self, kind: &str, owner: &str, number: &str) -> Option<&Booked> {
        let plain =
            |text: &str| text.replace(['〔', '（', '['], "(").replace(['〕', '）', ']'], ")");
        self.booked.iter().find(|booked| {
            let line = &booked.entry.lines[0];
            let ends = (&line.from, &line.to);
            let ((Side::Inside(account), _) | (_, Side::Inside(account))) = ends else {
                return false;
            };
            let found = booked.entry.document_no.as_deref().map(plain);
            booked.entry.kind == kind
                && account.owner == owner
                && booked.reversed_by.is_none()
                && found == Some(plain(number))
        })
    }

    /// The lot that comes in: one known already, or the next one.
    fn lot_for(&self, line: &Known, asked: &Value, planned: &[Line]) -> Lot {
        let mut lot = Lot {
            id: 0,
            item: line.item.clone(),
            lot_no: word(asked, "lot_no").map(str::to_string),
            produced_on: date(asked, "produced_on"),
            expires_on: line.expires_on,
        };
        let mut known = self.lots.clone();
        for line in planned {
            if !known.contains(&line.lot) {
                known.push(line.lot.clone());
            }
        }
        let same = known.iter().find(|found| Lot { id: 0, ..(*found).clone() } == lot);
        lot.id = same.map_or(self.first_lot + known.len() as i64, |found| found.id);
        lot
    }

    /// Plans an outgoing line: first expired first out, never more than is there from then on.
    fn draw(
        &self,
        body: &Value,
        ix: usize,
        line: &Known,
        (at, now): (i64, i64),
        planned: &mut Vec<Line>,
    ) -> Result<(), Verdict> {
        let (form, kind) = (&body["lines"][ix], word(body, "type").unwrap());
        let asked = &form["lot"];
        let all: Vec<Line> = self.lines.iter().chain(planned.iter()).cloned().collect();
        let of_item = self.lots.iter().filter(|lot| lot.item == line.item);
        let mut fitting: Vec<Holding> = of_item
            .filter(|lot| lot.is_named_by(asked))
            .map(|lot| holding(&all, &line.account, lot, at))
            .collect();
        fitting.sort_by_key(|it| {
            (it.lot.last_day().unwrap_or(NaiveDate::MAX), it.lot.produced_on, it.lot.id)
        });
        let (usable, unusable): (Vec<Holding>, Vec<Holding>) = fitting
            .into_iter()
            .partition(|it| it.lot.usable(day(at)) || (named(asked) && kind != "issue"));
        let need = line.quantity;
        let have: i64 = usable.iter().map(|it| it.least).sum();
        if have < need {
            let facts = stock_facts(ix + 1, &line.account, &line.item, word(asked, "lot_no"));
            let tightest = usable.iter().filter(|it| it.least < it.now).min_by_key(|it| it.least);
            let in_the_end: i64 = usable.iter().map(|it| it.now).sum();
            if let (true, Some(it)) = (in_the_end >= need, tightest) {
                let at = instant_fact(it.least_at, body, now);
                let more = json!({ "at": at, "have": it.least, "need": need });
                return Err(Verdict::refused(409, "negative_history", with(facts, more), true));
            }
            let past = unusable.iter().find(|it| it.now > 0);
            if let (0, true, Some(past)) = (have, named(asked), past) {
                let more = json!({
                    "last_usable_on": past.lot.last_day().unwrap().to_string(),
                    "occurred_on": day(at).to_string()
                });
                return Err(Verdict::refused(409, "lot_expired", with(facts, more), true));
            }
            let left: i64 = unusable.iter().map(|it| it.now).sum();
            let more = json!({ "have": have, "need": need, "unusable": left });
            return Err(Verdict::refused(409, "insufficient_stock", with(facts, more), true));
        }
        let to = self.target(kind, form, &line.account);
        let mut open = need;
        for it in usable {
            let quantity = open.min(it.least);
            if quantity > 0 {
                let (from, to) = (Side::Inside(line.account.clone()), to.clone());
                let (seq, request_line, lot) = (self.seq + 1, ix + 1, it.lot);
                planned.push(Line { seq, at, request_line, lot, from, to, quantity });
                open -= quantity;
            }
        }
        Ok(())
    }

    fn target(&self, kind: &str, form: &Value, source: &Account) -> Side {
        match (kind, outside(kind)) {
            (_, Some(word)) => Side::Outside(word),
            ("relocate", _) => {
                let depot = word(form, "to").unwrap().to_string();
                Side::Inside(Account { depot, ..source.clone() })
            }
            _ => {
                let condition = word(form, "to_condition").unwrap().to_string();
                Side::Inside(Account { condition, ..source.clone() })
            }
        }
    }
}
