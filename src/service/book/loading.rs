//! From the database to the Position: all of it at the start, the tail afterwards.
//!
//! Lives here: loading, following, and telling that the book is another one. Does not live here:
//! the queue. Invariant: every entry followed continues the hash chain.

mod past;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::chain;
use crate::domain::position::{Balance, Broken, Head, Position, Shard, StoredRun};
use crate::store::connection::DatabaseUrl;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::{head, ledger, reference, stock};

use super::now;

/// Entries a statement while following.
const TAIL: i64 = 10_000;
/// Lots and depots a piece while loading, and how many share the pieces at most.
const LOTS: i64 = 20_000;
const DEPOTS: usize = 256;
const LOADERS: usize = 4;

fn broken(what: &str, cause: Broken) -> StoreFault {
    StoreFault::Corrupt(format!("{what}: {cause:?}"))
}

/// The Position at `head`, from the stored balances; a large book is read by several connections.
///
/// # Errors
/// `Lost`, or `Corrupt` where the rows do not fit together.
pub(super) fn load(url: &DatabaseUrl, db: &mut Db, head: &Head) -> Stored<Position> {
    let mut position = Position::empty();
    let records = reference::changed_since(db, 0)?;
    let all = position.reference.with(records);
    position.set_reference(Arc::new(all), head.reference_rev);
    let last = stock::last_lot(db)?;
    let cuts = stock::cuts(db, DEPOTS)?;
    let firsts: Vec<i64> = (0..=last / LOTS).map(|piece| piece * LOTS + 1).collect();
    let mut loaders = loaders(url, head, firsts.len().max(cuts.len()));
    let pieces = shared(db, &mut loaders, firsts.len(), |db, piece| {
        let first = firsts.get(piece).copied().unwrap_or(1);
        stock::lots(db, first, first + LOTS - 1)
    })?;
    for lot in pieces.into_iter().flatten() {
        let id = lot.id;
        position.load_lot(lot).map_err(|cause| broken(&format!("lot {id}"), cause))?;
    }
    let pieces = shared(db, &mut loaders, cuts.len() + 1, |db, piece| {
        shards(&position, stock::balances(db, &cuts, piece)?)
    })?;
    for (depot, shard) in pieces.into_iter().flatten() {
        position.load_shard(depot, shard).map_err(|cause| broken("balances", cause))?;
    }
    for (order_no, quantity) in ledger::received(db, (0, i64::MAX))? {
        position.load_received(&order_no, quantity);
    }
    for (order_no, item, (from, to), quantity) in ledger::served(db)? {
        position.load_served(&order_no, &item, (&from, &to), quantity);
    }
    position.head = *head;
    position.keep_index(now().shanghai_date());
    Ok(position)
}

fn shards(position: &Position, runs: Vec<StoredRun>) -> Stored<Vec<(u32, Shard)>> {
    let mut depots: HashMap<u32, Vec<Balance>> = HashMap::new();
    for run in runs {
        let named = |cause| broken(&format!("balances of depot {}", run.account.depot), cause);
        let (depot, rows) = position.resolve(&run).map_err(named)?;
        depots.entry(depot).or_default().extend(rows);
    }
    let shard = |(depot, rows)| {
        Shard::of_rows(rows).map(|shard| (depot, shard)).map_err(|cause| broken("balances", cause))
    };
    depots.into_iter().map(shard).collect()
}

/// More connections that see the book at the same head; fewer where there are none to be had or
/// the book has moved on.
fn loaders(url: &DatabaseUrl, head: &Head, pieces: usize) -> Vec<Db> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let more = cores.min(LOADERS).min(pieces / 2).saturating_sub(1);
    let loader = |_| {
        let mut db = url.connect().ok()?;
        db.begin_read().ok()?;
        (head::read(&mut db).ok()? == *head).then_some(db)
    };
    (0..more).filter_map(loader).collect()
}

/// Does pieces of work on all connections at once; the results in the order of the pieces.
fn shared<T: Send>(
    db: &mut Db,
    others: &mut [Db],
    pieces: usize,
    work: impl Fn(&mut Db, usize) -> Stored<T> + Sync,
) -> Stored<Vec<T>> {
    let next = AtomicUsize::new(0);
    let take = |db: &mut Db| {
        let mut done = Vec::new();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return Ok::<_, StoreFault>(done);
            }
            done.push((piece, work(db, piece)?));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let take = &take;
        let others: Vec<_> = others.iter_mut().map(|db| scope.spawn(move || take(db))).collect();
        let mut all = take(db)?;
        for other in others {
            let died = |_| StoreFault::Bug("a loader died".to_string());
            all.extend(other.join().map_err(died)??);
        }
        Ok::<_, StoreFault>(all)
    })?;
    all.sort_by_key(|(piece, _)| *piece);
    Ok(all.into_iter().map(|(_, done)| done).collect())
}

/// The Position at `head`, from one that may be behind; a book that does not continue it is loaded
/// anew.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub(super) fn follow(
    url: &DatabaseUrl,
    db: &mut Db,
    from: &Position,
    head: &Head,
) -> Stored<Position> {
    if from.head == *head {
        return Ok(from.clone());
    }
    if !continues(db, from, head)? {
        tracing::warn!(
            seq = from.head.seq,
            head = head.seq,
            "the book is not the one followed so far; loading it anew"
        );
        return load(url, db, head);
    }
    let mut next = from.clone();
    if head.reference_rev > from.head.reference_rev {
        let records = reference::changed_since(db, from.head.reference_rev)?;
        let reference = from.reference.with(records);
        next.set_reference(Arc::new(reference), head.reference_rev);
    }
    while next.head.seq < head.seq {
        let tail = ledger::tail(db, next.head.seq, TAIL)?;
        if tail.is_empty() {
            return Err(StoreFault::Corrupt(format!("no entry after {}", next.head.seq)));
        }
        for movement in tail.iter().take_while(|movement| movement.seq <= head.seq) {
            let record = chain::canonical(movement);
            if chain::link(&next.head.hash, movement.seq, &record) != movement.hash {
                tracing::warn!(seq = movement.seq, "the chain is broken here; loading anew");
                return load(url, db, head);
            }
            next.apply(movement).map_err(|cause| broken("tail", cause))?;
        }
    }
    Ok(next)
}

fn continues(db: &mut Db, from: &Position, head: &Head) -> Stored<bool> {
    let (before, after) = (&from.head, head);
    if after.seq < before.seq || after.reference_rev < before.reference_rev {
        return Ok(false);
    }
    if after.seq == before.seq {
        return Ok(after.hash == before.hash);
    }
    if before.seq == 0 {
        return Ok(before.hash == chain::genesis());
    }
    Ok(ledger::hash_at(db, before.seq)? == Some(before.hash))
}
