//! Reversals in the model: the mirror of one movement, once, while its goods are still there.
//!
//! What is drawn otherwise is in `naive`. Invariant: there as here, balances are found by scanning.

use serde_json::{Value, json};

use super::naive::{Account, Entry, Line, Lot, Model, Side, Verdict};
use super::naive::{holding, instant_fact, stock_facts, with};
use super::words::{in_scope, micros, word};

fn no_movement(id: &str) -> Verdict {
    Verdict::refused(404, "not_found", json!({ "kind": "movement", "name": id }), false)
}

impl Model {
    pub fn reverse(
        &self,
        who: &str,
        id: &str,
        body: &Value,
        at: i64,
        now: i64,
    ) -> Result<Entry, Verdict> {
        let found = self.booked.iter().find(|booked| booked.id == id);
        let target = found.ok_or_else(|| no_movement(id))?;
        // A clerk undoes what went into depots in scope, and what left them for the outside.
        let acted_on = target.entry.lines.iter().all(|line| match (&line.to, &line.from) {
            (Side::Inside(account), _) | (_, Side::Inside(account)) => {
                in_scope(who, &account.depot)
            }
            _ => true,
        });
        if !acted_on {
            return Err(no_movement(id));
        }
        let no = |code, facts| Err(Verdict::refused(409, code, facts, true));
        if target.entry.reversal_of.is_some() {
            return no("not_reversible", json!({ "movement_id": id }));
        }
        if let Some((by, seq)) = &target.reversed_by {
            return no("already_reversed", json!({ "movement_id": by, "seq": seq }));
        }
        if at < target.at {
            return no("reversal_before_target", json!({ "target_occurred_at": target.at }));
        }
        let mut planned: Vec<Line> = Vec::new();
        for (ix, line) in target.entry.lines.iter().enumerate().rev() {
            if let Side::Inside(from) = &line.to {
                self.still_there(ix + 1, line, from, body, (at, now), &planned)?;
            }
            planned.push(Line {
                seq: self.seq + 1,
                at,
                request_line: ix + 1,
                from: line.to.clone(),
                to: line.from.clone(),
                ..line.clone()
            });
        }
        let reversal_of = Some(id.to_string());
        Ok(Entry { kind: "reversal".to_string(), document_no: None, reversal_of, lines: planned })
    }

    fn still_there(
        &self,
        number: usize,
        line: &Line,
        from: &Account,
        body: &Value,
        (at, now): (i64, i64),
        planned: &[Line],
    ) -> Result<(), Verdict> {
        let all: Vec<Line> = self.lines.iter().chain(planned).cloned().collect();
        let it = holding(&all, from, &line.lot, at);
        let need = line.quantity;
        if it.least >= need {
            return Ok(());
        }
        let facts = stock_facts(number, from, &line.lot.item, line.lot.lot_no.as_deref());
        let (code, more) = if it.now >= need {
            let at = instant_fact(it.least_at, body, now);
            ("negative_history", json!({ "at": at, "have": it.least, "need": need }))
        } else {
            ("insufficient_stock", json!({ "have": it.now, "need": need, "unusable": 0 }))
        };
        Err(Verdict::refused(409, code, with(facts, more), true))
    }

    /// Remembers what was booked, under the id and time that the service gave it.
    pub fn learn(&mut self, mut entry: Entry, reply: &Value) {
        self.seq += 1;
        let (id, at) = (word(reply, "id").unwrap(), micros(word(reply, "occurred_at").unwrap()));
        for line in &mut entry.lines {
            line.at = at;
            if !self.lots.contains(&line.lot) {
                self.lots.push(line.lot.clone());
            }
        }
        for booked in &mut self.booked {
            if Some(&booked.id) == entry.reversal_of.as_ref() {
                booked.reversed_by = Some((id.to_string(), self.seq));
            }
        }
        self.lines.extend(entry.lines.clone());
        self.booked.push(super::naive::Booked {
            id: id.to_string(),
            seq: self.seq,
            at,
            entry,
            reversed_by: None,
        });
    }

    /// The accounts and lots that any line has touched.
    pub fn touched(&self) -> Vec<(Account, Lot)> {
        let mut found = Vec::new();
        for line in &self.lines {
            for side in [&line.from, &line.to] {
                if let Side::Inside(account) = side {
                    found.push((account.clone(), line.lot.clone()));
                }
            }
        }
        found.sort_by(|a, b| (&a.0, a.1.id).cmp(&(&b.0, b.1.id)));
        found.dedup();
        found
    }
}
