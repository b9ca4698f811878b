//! Verify: fold the book again and prove what is stored beside it.
//!
//! Lives here: the walk over every entry, and the first fault by name. Does not live here: repair;
//! there is none. Invariant: a book that passes gives every balance from its lines alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::calendar::Instant;
use crate::domain::chain::{self, hex};
use crate::domain::movement::{Account, Inside, Movement, MovementType};
use crate::domain::position::{Head, Position, lot_index};
use crate::store::connection::DatabaseUrl;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::{audit, head, ledger, migrate, reference, stock};

use super::book::now;

/// Entries per step.
const CHUNK: i64 = 5_000;
/// Depots per step.
const DEPOTS: usize = 256;

/// What a sound book looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub seq: i64,
    pub hash: String,
    pub reference_rev: i64,
    pub entries: i64,
    pub lines: usize,
    pub balances: usize,
}

/// The first thing found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The entry at which it shows, where there is one.
    pub seq: Option<i64>,
    pub what: String,
}

/// The outcome of a verification.
pub type Verdict = Result<Report, Flaw>;

/// Walks the whole book within one read transaction. `noted` is a head written down elsewhere, by
/// which a rewritten or shortened chain is found.
///
/// # Errors
/// `StoreFault` when the database cannot be read; a flaw is a verdict, not an error.
pub fn verify(url: &DatabaseUrl, noted: Option<(i64, [u8; 32])>) -> Stored<Verdict> {
    let mut db = url.connect()?;
    migrate::check(&mut db)?;
    match db.reading(|db| Ok(walk(db, noted))) {
        Ok(Ok(report)) => Ok(Ok(report)),
        Ok(Err(Stop::Flaw(flaw))) => Ok(Err(flaw)),
        Ok(Err(Stop::Store(StoreFault::Corrupt(what)))) => Ok(Err(Flaw { seq: None, what })),
        Ok(Err(Stop::Store(fault))) | Err(fault) => Err(fault),
    }
}

enum Stop {
    Flaw(Flaw),
    Store(StoreFault),
}

impl From<StoreFault> for Stop {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

fn flaw<T>(seq: Option<i64>, what: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Flaw(Flaw { seq, what: what.into() }))
}

/// One account of one lot, and its changes by instant.
type Histories = BTreeMap<(Inside, i64), BTreeMap<i64, i64>>;

#[derive(Default)]
struct Fold {
    histories: Histories,
    reversed: BTreeMap<uuid::Uuid, i64>,
    /// Accounts mirrored by reversals, by entry: what each target's lines must be.
    targets: BTreeMap<uuid::Uuid, Vec<(Account, Account, i64, i64)>>,
    lines: usize,
}

fn walk(db: &mut Db, noted: Option<(i64, [u8; 32])>) -> Result<Report, Stop> {
    let end = head::read(db)?;
    let mut position = Position::empty();
    let records = reference::changed_since(db, 0)?;
    position.set_reference(Arc::new(Position::empty().reference.with(records)), end.reference_rev);
    position.keep_index(now().shanghai_date());
    let mut fold = Fold::default();
    let mut chunk = CHUNK;
    loop {
        let after = position.head.seq;
        let tail = match ledger::tail(db, after, chunk) {
            // Entry by entry from here on: the one that cannot be read is to be named.
            Err(StoreFault::Corrupt(_)) if chunk > 1 => {
                chunk = 1;
                continue;
            }
            Err(StoreFault::Corrupt(what)) => return flaw(Some(after + 1), what),
            outcome => outcome?,
        };
        let Some(last) = tail.last() else { break };
        let misfiled = audit::first_misfiled(db, after, last.seq)?;
        for movement in &tail {
            check_entry(&mut position, &mut fold, movement)?;
            if misfiled == Some(movement.seq) {
                return flaw(misfiled, "it would not be looked up as what it is");
            }
            check_noted(movement, noted)?;
        }
    }
    check_head(&position.head, &end, noted)?;
    check_histories(&fold.histories)?;
    let balances = check_balances(db, &position)?;
    if !position.index_agrees() {
        return flaw(None, "the index kept along is not what the balances come to");
    }
    let stored = ledger::count_lines(db)?;
    if usize::try_from(stored) != Ok(fold.lines) {
        let what = format!("{stored} lines are stored, the entries have {}", fold.lines);
        return flaw(ledger::first_stray_line(db)?, what);
    }
    let (stored, used) = (audit::count_of_lots(db)?, position.lot_count());
    if usize::try_from(stored) != Ok(used) {
        return flaw(None, format!("{stored} lots are stored, the lines name {used}"));
    }
    Ok(Report {
        seq: end.seq,
        hash: hex(&end.hash),
        reference_rev: end.reference_rev,
        entries: end.seq,
        lines: fold.lines,
        balances,
    })
}

fn check_entry(position: &mut Position, fold: &mut Fold, movement: &Movement) -> Result<(), Stop> {
    let (seq, expected) = (movement.seq, position.head.seq + 1);
    if seq != expected {
        return flaw(Some(expected), format!("entry {expected} is missing; {seq} comes next"));
    }
    let hash = chain::link(&position.head.hash, seq, &chain::canonical(movement));
    if hash != movement.hash {
        let what = format!("its hash is {}, its content gives {}", hex(&movement.hash), hex(&hash));
        return flaw(Some(seq), what);
    }
    if movement.lines.is_empty() {
        return flaw(Some(seq), "it has no lines");
    }
    check_reversal(fold, movement)?;
    for line in &movement.lines {
        for (account, delta) in [(&line.from, -line.quantity), (&line.to, line.quantity)] {
            if let Account::Inside(inside) = account {
                let history = fold.histories.entry((inside.clone(), line.lot.id)).or_default();
                *history.entry(movement.occurred_at.0).or_insert(0) += delta;
            }
        }
    }
    fold.lines += movement.lines.len();
    match position.apply(movement) {
        Ok(()) => Ok(()),
        Err(cause) => flaw(Some(seq), format!("it does not continue the stock: {cause:?}")),
    }
}

fn check_reversal(fold: &mut Fold, movement: &Movement) -> Result<(), Stop> {
    let lines = movement
        .lines
        .iter()
        .map(|line| (line.from.clone(), line.to.clone(), line.lot.id, line.quantity));
    if let Some(target) = movement.reversal_of {
        if let Some(first) = fold.reversed.insert(target, movement.seq) {
            let what = format!("it reverses what entry {first} has reversed");
            return flaw(Some(movement.seq), what);
        }
        let mirrored: Vec<_> = lines
            .clone()
            .rev()
            .map(|(from, to, lot, quantity)| (to, from, lot, quantity))
            .collect();
        if fold.targets.get(&target) != Some(&mirrored) {
            return flaw(Some(movement.seq), "it does not mirror its target");
        }
    } else if movement.kind == MovementType::Reversal {
        return flaw(Some(movement.seq), "a reversal without a target");
    }
    fold.targets.insert(movement.id, lines.collect());
    Ok(())
}

fn check_noted(movement: &Movement, noted: Option<(i64, [u8; 32])>) -> Result<(), Stop> {
    match noted {
        Some((seq, hash)) if seq == movement.seq && hash != movement.hash => {
            let what = format!("the noted hash was {}, the book has another", hex(&hash));
            flaw(Some(seq), what)
        }
        _ => Ok(()),
    }
}

fn check_head(at: &Head, end: &Head, noted: Option<(i64, [u8; 32])>) -> Result<(), Stop> {
    if at.seq != end.seq {
        let what = format!("the book ends with entry {}, its head says {}", at.seq, end.seq);
        return flaw(Some(at.seq.min(end.seq) + 1), what);
    }
    if at.hash != end.hash {
        return flaw(Some(at.seq), "the head's hash is not that of the last entry");
    }
    match noted {
        Some((seq, _)) if seq > end.seq => {
            flaw(Some(end.seq + 1), format!("the noted head was entry {seq}; the tail is gone"))
        }
        _ => Ok(()),
    }
}

/// No account is negative at any business instant.
fn check_histories(histories: &Histories) -> Result<(), Stop> {
    for ((account, lot), changes) in histories {
        let mut balance = 0_i64;
        for (at, delta) in changes {
            balance += delta;
            if balance < 0 {
                let at = Instant(*at).rfc3339();
                let (depot, owner) = (&account.depot, &account.owner);
                let what = format!("lot {lot} of {owner} in {depot} stands at {balance} on {at}");
                return flaw(None, what);
            }
        }
    }
    Ok(())
}

/// A stored balance is what the fold gives.
fn check_balance(
    position: &Position,
    account: &Inside,
    lot_id: i64,
    stored: (i64, Instant),
) -> Result<(), Stop> {
    let found = lot_index(lot_id).and_then(|ix| {
        let item = &position.lot(ix)?.key.item;
        let (depot, key) = position.key(account, item.as_str(), ix)?;
        position.shard(depot)?.get(&key)
    });
    let folded = found.map(|balance| (balance.quantity, balance.last_occurred_at));
    if folded == Some(stored) {
        return Ok(());
    }
    let (depot, quantity) = (&account.depot, stored.0);
    let lines = folded.map_or(0, |(quantity, _)| quantity);
    let what =
        format!("the balance of lot {lot_id} in {depot} is {quantity}, its lines give {lines}");
    flaw(None, what)
}

/// Every stored balance is the fold's, and every balance of the fold is stored.
fn check_balances(db: &mut Db, position: &Position) -> Result<usize, Stop> {
    let mut stored = 0;
    let cuts = stock::cuts(db, DEPOTS)?;
    for piece in 0..=cuts.len() {
        for run in stock::balances(db, &cuts, piece)? {
            for (lot, quantity, at) in &run.rows {
                check_balance(position, &run.account, *lot, (*quantity, *at))?;
                stored += 1;
            }
        }
    }
    let folded: usize = position.shards().map(|(_, shard)| shard.rows().len()).sum();
    if folded == stored {
        return Ok(stored);
    }
    flaw(None, format!("{stored} balances are stored, the lines give {folded}"))
}
