//! The book folded by hand: what lay where after each entry, and on each date.
//!
//! Who books and who reads is in `trader`. Invariant: it rests on the listed movements alone, and
//! shares no code with the service.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use crate::crowd::all_movements;
use crate::support::Client;

/// Good, quarantined and damaged units.
pub type Units = [i64; 3];
const CONDITIONS: [&str; 3] = ["good", "quarantine", "damaged"];
const OUTSIDE: [&str; 4] = ["supplier", "consumed", "loss", "found"];
/// Stands for all depots in answers by item.
const EVERYWHERE: &str = "*";

/// Stock by depot and item.
pub type Rows = BTreeMap<(String, String), Units>;

/// What a read said, and after which entry.
pub struct Sample {
    pub seq: i64,
    pub rows: Rows,
}

/// An answer's rows, each checked on its own: nothing negative, and the figures add up.
pub fn rows_of(answer: &Value) -> Rows {
    let mut rows = Rows::new();
    for row in answer["items"].as_array().unwrap() {
        let figure = |name: &str| {
            let value = row[name].as_i64().unwrap();
            assert!(value >= 0, "{name} is negative: {row}");
            value
        };
        let good = ["effective", "reserved", "expired", "overdue_storage"].map(figure);
        let units = [good.iter().sum(), figure("quarantine"), figure("damaged")];
        assert_eq!(figure("on_hand"), units.iter().sum::<i64>(), "{row}");
        let depot = row["depot"].as_str().unwrap_or(EVERYWHERE).to_string();
        let sums = rows.entry((depot, row["item"].as_str().unwrap().to_string())).or_default();
        (0..3).for_each(|ix| sums[ix] += units[ix]);
    }
    rows
}

/// Depot, owner, lot, condition.
type Account = (String, String, i64, usize);

struct Line {
    item: String,
    from: Option<Account>,
    to: Option<Account>,
    quantity: i64,
}

struct Entry {
    seq: i64,
    occurred_at: DateTime<FixedOffset>,
    lines: Vec<Line>,
}

impl Line {
    fn new(line: &Value) -> Self {
        let word = |name: &str| line[name].as_str().unwrap().to_string();
        let condition = |name: &str| CONDITIONS.iter().position(|known| line[name] == *known);
        let first = condition("condition").unwrap();
        let account = |end: &str, condition: usize| {
            let place = word(end);
            let lot = line["lot_id"].as_i64().unwrap();
            (!OUTSIDE.contains(&place.as_str())).then(|| (place, word("owner"), lot, condition))
        };
        Self {
            item: word("item"),
            from: account("from", first),
            to: account("to", condition("to_condition").unwrap_or(first)),
            quantity: line["quantity"].as_i64().unwrap(),
        }
    }

    fn changes(&self) -> impl Iterator<Item = (&Account, i64)> {
        let from = self.from.iter().map(|account| (account, -self.quantity));
        from.chain(self.to.iter().map(|account| (account, self.quantity)))
    }

    /// What it brings into the world of depots, or takes out of it.
    fn crossing(&self) -> i64 {
        match (&self.from, &self.to) {
            (None, Some(_)) => self.quantity,
            (Some(_), None) => -self.quantity,
            _ => 0,
        }
    }
}

/// All entries of a book.
pub struct Tally(Vec<Entry>);

impl Tally {
    pub fn of(client: &Client) -> Self {
        let mut entries: Vec<Entry> = all_movements(client).values().map(entry).collect();
        entries.sort_by_key(|entry| entry.seq);
        for (entry, seq) in entries.iter().zip(1..) {
            assert_eq!(entry.seq, seq, "a gap in the book");
        }
        Self(entries)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Requires of every sample that it shows exactly what lay there after the entry it names, and
    /// that what was received and not given away is all there.
    pub fn agrees_with(&self, mut samples: Vec<Sample>) {
        samples.sort_by_key(|sample| sample.seq);
        let (mut rows, mut received) = (Rows::new(), BTreeMap::new());
        let mut entries = self.0.iter().peekable();
        for sample in samples {
            while let Some(entry) = entries.next_if(|entry| entry.seq <= sample.seq) {
                for line in &entry.lines {
                    book(&mut rows, line);
                    *received.entry(line.item.clone()).or_insert(0) += line.crossing();
                }
            }
            let by_item = sample.rows.keys().any(|(depot, _)| depot == EVERYWHERE);
            let all = if by_item { everywhere(&rows) } else { rows.clone() };
            assert_eq!(without_zeros(&sample.rows), without_zeros(&all), "at {}", sample.seq);
            for (item, total) in &received {
                let of_item = sample.rows.iter().filter(|((_, it), _)| it == item);
                let found: i64 = of_item.flat_map(|(_, units)| units).sum();
                assert_eq!(found, *total, "{item} is made or lost at {}", sample.seq);
            }
        }
    }

    /// Stock at the end of a Shanghai date.
    pub fn on(&self, date: &str) -> Rows {
        let end = format!("{date}T23:59:59.999999+08:00");
        let end = DateTime::parse_from_rfc3339(&end).unwrap();
        let mut rows = Rows::new();
        let then = self.0.iter().filter(|entry| entry.occurred_at <= end);
        then.flat_map(|entry| &entry.lines).for_each(|line| book(&mut rows, line));
        without_zeros(&rows)
    }

    /// Requires that no account was ever below zero at any instant of business time.
    pub fn never_negative(&self) {
        let mut accounts = BTreeMap::<&Account, BTreeMap<DateTime<FixedOffset>, i64>>::new();
        for entry in &self.0 {
            for (account, delta) in entry.lines.iter().flat_map(Line::changes) {
                let changes = accounts.entry(account).or_default();
                *changes.entry(entry.occurred_at).or_insert(0) += delta;
            }
        }
        for (account, changes) in accounts {
            let mut balance = 0;
            for (at, delta) in changes {
                balance += delta;
                assert!(balance >= 0, "{account:?} is at {balance} on {at}");
            }
        }
    }
}

fn entry(movement: &Value) -> Entry {
    Entry {
        seq: movement["seq"].as_i64().unwrap(),
        occurred_at: DateTime::parse_from_rfc3339(movement["occurred_at"].as_str().unwrap())
            .unwrap(),
        lines: movement["lines"].as_array().unwrap().iter().map(Line::new).collect(),
    }
}

fn book(rows: &mut Rows, line: &Line) {
    for ((depot, _, _, condition), delta) in line.changes() {
        rows.entry((depot.clone(), line.item.clone())).or_default()[*condition] += delta;
    }
}

fn everywhere(rows: &Rows) -> Rows {
    let mut sums = Rows::new();
    for ((_, item), units) in rows {
        let sum = sums.entry((EVERYWHERE.to_string(), item.clone())).or_default();
        (0..3).for_each(|ix| sum[ix] += units[ix]);
    }
    sums
}

pub fn without_zeros(rows: &Rows) -> Rows {
    let some = rows.iter().filter(|(_, units)| **units != [0; 3]);
    some.map(|(key, units)| (key.clone(), *units)).collect()
}
