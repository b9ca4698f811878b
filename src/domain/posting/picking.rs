//! Picking: from which lots an outgoing line is filled, and which lot an incoming one makes.
//!
//! Lives here: first-expired-first-out and the check of every later balance. Does not live here:
//! looking words up (`resolve`). Invariant: earlier lines of the same movement count as taken.

use std::sync::Arc;

use chrono::NaiveDate;

use super::super::calendar::Instant;
use super::super::catalogue::Item;
use super::super::lot::{Lot, LotKey, Usability};
use super::super::movement::{Account, Inside, Line, MovementType, Outside, Place, Shape};
use super::super::position::{Balance, Key};
use super::super::refusal::{Refusal, StockRef};
use super::resolve::ResolvedLine;
use super::{Desk, Pending};

/// Plans the lines of one movement in order.
pub(super) struct Planner<'a> {
    desk: Desk<'a>,
    kind: MovementType,
    occurred_at: Instant,
    pending: Pending,
    new_lots: Vec<Arc<Lot>>,
    pub(super) lines: Vec<Line>,
}

/// One lot that a line may draw on.
struct Candidate {
    lot: Arc<Lot>,
    last_usable_on: Option<NaiveDate>,
    usability: Usability,
    /// What is there after everything booked so far.
    now: i64,
    /// The least that is there from the movement's instant on, and when.
    least: (i64, Instant),
}

impl<'a> Planner<'a> {
    pub(super) fn new(desk: Desk<'a>, kind: MovementType, occurred_at: Instant) -> Self {
        let (pending, new_lots, lines) = Default::default();
        Self { desk, kind, occurred_at, pending, new_lots, lines }
    }

    pub(super) fn plan(&mut self, line: &ResolvedLine) -> Result<(), Refusal> {
        match (self.kind.shape(), &line.new_lot) {
            (Some(Shape::In(source)), Some(key)) => {
                self.plan_in(line, key, source);
                Ok(())
            }
            (Some(Shape::Out(sink)), _) => self.plan_out(line, &Account::Outside(sink)),
            _ => {
                let depot = line.to_depot.as_ref().unwrap_or(&line.depot).clone();
                let owner = line.to_owner.clone();
                let condition = line.to_condition;
                let to = Inside { place: Place::Depot, depot, owner, condition };
                self.plan_out(line, &Account::Inside(to))
            }
        }
    }

    fn source(line: &ResolvedLine) -> Inside {
        Inside {
            place: Place::Depot,
            depot: line.depot.clone(),
            owner: line.owner.clone(),
            condition: line.condition,
        }
    }

    fn plan_in(&mut self, line: &ResolvedLine, key: &LotKey, source: Outside) {
        let lot = self.lot_of(key);
        let to = Account::Inside(Self::source(line));
        self.push(line, lot, Account::Outside(source), to, line.quantity);
    }

    fn lot_of(&mut self, key: &LotKey) -> Arc<Lot> {
        if let Some(lot) = self.desk.position.find_lot(key) {
            return Arc::clone(lot);
        }
        if let Some(lot) = self.new_lots.iter().find(|lot| lot.key == *key) {
            return Arc::clone(lot);
        }
        let known = self.desk.position.lot_count().saturating_add(self.new_lots.len());
        let id = i64::try_from(known).unwrap_or(i64::MAX).saturating_add(1);
        let lot = Arc::new(Lot { id, key: key.clone() });
        self.new_lots.push(Arc::clone(&lot));
        lot
    }

    fn plan_out(&mut self, line: &ResolvedLine, to: &Account) -> Result<(), Refusal> {
        let account = Self::source(line);
        let candidates = self.candidates(line, &account);
        let admitted = |candidate: &Candidate| {
            candidate.usability == Usability::Usable
                || (line.lot.is_some() && self.kind.admits_expired())
        };
        let (usable, unusable): (Vec<_>, Vec<_>) = candidates.into_iter().partition(admitted);
        let free: i64 = usable.iter().map(|candidate| candidate.least.0.max(0)).sum();
        if free < line.quantity {
            return Err(self.shortage(line, &account, &usable, &unusable, free));
        }
        let mut open = line.quantity;
        for candidate in usable {
            let taken = open.min(candidate.least.0.max(0));
            if taken > 0 {
                let from = Account::Inside(account.clone());
                self.push(line, candidate.lot, from, to.clone(), taken);
                open -= taken;
            }
        }
        Ok(())
    }

    /// The lots that fit, first expired first.
    fn candidates(&self, line: &ResolvedLine, account: &Inside) -> Vec<Candidate> {
        let position = self.desk.position;
        let reference = &position.reference;
        let Some(item) = reference.items.by_code(line.item.as_str()) else {
            return Vec::new();
        };
        let found = reference.depots.find(line.depot.as_str()).and_then(|depot| {
            let owner = reference.organizations.find(line.owner.as_str())?;
            let item = reference.items.find(line.item.as_str())?;
            Some((depot, item, owner, position.shard(depot)?.of(item, owner)))
        });
        let Some((depot, item_ix, owner_ix, rows)) = found else {
            return Vec::new();
        };
        let fits = |key: &Key| key.place == Place::Depot && key.condition == line.condition;
        // What an earlier line of this movement has brought here counts too.
        let shard = position.shard(depot);
        let brought = self.pending.keys().filter(|(at, key)| {
            *at == depot
                && (key.item, key.owner) == (item_ix, owner_ix)
                && shard.is_none_or(|shard| shard.get(key).is_none())
        });
        let empty = |(_, key): &(u32, Key)| Balance {
            key: *key,
            quantity: 0,
            last_occurred_at: self.occurred_at,
        };
        let mut candidates: Vec<Candidate> = rows
            .iter()
            .copied()
            .chain(brought.map(empty))
            .filter(|row| fits(&row.key))
            .filter_map(|row| self.candidate(line, account, item, depot, &row))
            .collect();
        candidates.sort_by_key(|candidate| {
            let last = candidate.last_usable_on.unwrap_or(NaiveDate::MAX);
            (last, candidate.lot.key.produced_on, candidate.lot.id)
        });
        candidates
    }

    fn candidate(
        &self,
        line: &ResolvedLine,
        account: &Inside,
        item: &Item,
        depot: u32,
        row: &Balance,
    ) -> Option<Candidate> {
        let lot = self.desk.position.lot(row.key.lot)?;
        if line.lot.as_ref().is_some_and(|asked| !asked.matches(&lot.key)) {
            return None;
        }
        let planned = self.pending.get(&(depot, row.key)).copied().unwrap_or(0);
        let now = row.quantity + planned;
        let least = if row.last_occurred_at > self.occurred_at {
            self.desk.history.least_from(account, lot.id, self.occurred_at, now)
        } else {
            (now, self.occurred_at)
        };
        Some(Candidate {
            lot: Arc::clone(lot),
            last_usable_on: lot.last_usable_on(item),
            usability: lot.usability(item, self.occurred_at.shanghai_date()),
            now,
            least,
        })
    }

    fn shortage(
        &self,
        line: &ResolvedLine,
        account: &Inside,
        usable: &[Candidate],
        unusable: &[Candidate],
        free: i64,
    ) -> Refusal {
        let lot_no = line.lot.as_ref().and_then(|lot| lot.lot_no.as_deref());
        let stock = stock_ref(account, line.item.as_str(), lot_no);
        let (need, request_line) = (line.quantity, line.request_line);
        let now: i64 = usable.iter().map(|candidate| candidate.now.max(0)).sum();
        let tightest = usable.iter().filter(|c| c.least.0 < c.now).min_by_key(|c| c.least.0);
        if let (true, Some(tightest)) = (now >= need, tightest) {
            let (least, at) = tightest.least;
            return Refusal::NegativeHistory { line: request_line, stock, at, least, need };
        }
        let past = unusable.iter().find(|candidate| candidate.now > 0);
        if let (0, true, Some(past)) = (free, line.lot.is_some(), past) {
            return Refusal::LotExpired {
                line: request_line,
                stock,
                last_usable_on: past.last_usable_on.unwrap_or(NaiveDate::MIN),
                occurred_on: self.occurred_at.shanghai_date(),
            };
        }
        let unusable = unusable.iter().map(|candidate| candidate.now.max(0)).sum();
        Refusal::InsufficientStock { line: request_line, stock, have: free, need, unusable }
    }

    fn push(
        &mut self,
        line: &ResolvedLine,
        lot: Arc<Lot>,
        from: Account,
        to: Account,
        quantity: i64,
    ) {
        for (account, delta) in [(&from, -quantity), (&to, quantity)] {
            let Account::Inside(inside) = account else {
                continue;
            };
            let lot_ix = super::super::position::lot_index(lot.id).unwrap_or(u32::MAX);
            if let Some(at) = self.desk.position.key(inside, line.item.as_str(), lot_ix) {
                *self.pending.entry(at).or_insert(0) += delta;
            }
        }
        let line_no = u32::try_from(self.lines.len()).unwrap_or(u32::MAX).saturating_add(1);
        let request_line = line.request_line;
        self.lines.push(Line { line_no, request_line, lot, from, to, quantity });
    }
}

/// What a refusal says of an account.
pub(super) fn stock_ref(account: &Inside, item: &str, lot_no: Option<&str>) -> StockRef {
    StockRef {
        depot: account.depot.to_string(),
        owner: account.owner.to_string(),
        item: item.to_string(),
        lot_no: lot_no.map(str::to_string),
        condition: account.condition.as_str(),
    }
}
