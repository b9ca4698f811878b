//! Pages of the list of movements: the same by either way of looking, and never the whole book.
//!
//! What a client sees of them is in `tests/http`. Invariant: what a page should hold is found by
//! looking at every movement.

use changping::domain::movement::{Account, Draft, Movement};
use changping::store::dialect::Db;
use changping::store::movements::{Filter, list, list_looking_at};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use crate::support::desk::{Desk, hand_out, receive};
use crate::support::world::{
    CITY_DEPOT, DEPOT_A, DEPOT_B, DEPOT_T, address, block_on, code, settle,
};
use crate::support::{Database, on_both};

const DEPOTS: [&str; 4] = [CITY_DEPOT, DEPOT_A, DEPOT_B, DEPOT_T];
const ITEMS: [&str; 2] = ["TENT", "QUILT"];

/// A receipt at another depot, for whoever keeps it.
fn received_at(depot: &str, item: &str, quantity: i64) -> Draft {
    let mut draft = receive(item, quantity);
    draft.lines[0].to = Some(code(depot));
    draft
}

/// A few hundred movements: the third depot moves little, the last item hardly ever.
fn trade(url: &str) -> Vec<i64> {
    let desk = Desk::open(url);
    block_on(async {
        let mut at = Vec::new();
        for n in 0..240_usize {
            let depot =
                if n % 40 == 39 { DEPOTS[2] } else { [DEPOTS[0], DEPOTS[1], DEPOTS[3]][n % 3] };
            let item = if n == 7 || n == 200 { ITEMS[1] } else { ITEMS[0] };
            let draft = match n % 9 {
                8 => hand_out("TENT", 1),
                _ => received_at(depot, item, 1),
            };
            at.push(desk.booked(&format!("m{n}"), draft).await.seq);
        }
        desk.book.close();
        at
    })
}

fn touches(movement: &Movement, filter: &Filter) -> bool {
    let at = |account: &Account, depots: &[String]| match account {
        Account::Inside(inside) => depots.iter().any(|depot| depot == inside.depot.as_str()),
        Account::Outside(_) => false,
    };
    let depots = filter.depots.as_ref().is_none_or(|depots| {
        movement.lines.iter().any(|line| at(&line.from, depots) || at(&line.to, depots))
    });
    let item = filter
        .item
        .as_ref()
        .is_none_or(|item| movement.lines.iter().any(|line| line.lot.key.item.as_str() == item));
    let kind = filter.kind.is_none_or(|kind| movement.kind == kind);
    depots && item && kind && (filter.from_seq..=filter.to_seq).contains(&movement.seq)
}

/// Filters by every choice of depots, item and type, from the beginning and from within.
fn filters(last: i64) -> Vec<Filter> {
    let depots = [
        None,
        Some(vec![DEPOTS[2]]),
        Some(vec![DEPOTS[0], DEPOTS[2]]),
        Some(DEPOTS.to_vec()),
        Some(vec!["LY-NOWHERE"]),
    ];
    let items = [None, Some(ITEMS[0]), Some(ITEMS[1])];
    let kinds = [None, Some(hand_out("TENT", 1).kind)];
    let mut filters = Vec::new();
    for depots in &depots {
        for item in items {
            for kind in kinds {
                for (from_seq, to_seq) in [(1, last), (last / 2, last), (1, last / 3)] {
                    let depots = depots
                        .as_ref()
                        .map(|codes| codes.iter().map(ToString::to_string).collect());
                    let item = item.map(str::to_string);
                    let filter =
                        Filter { depots, item, kind, from_seq, to_seq, ..Filter::default() };
                    filters.push(filter);
                }
            }
        }
    }
    filters
}

#[test]
fn a_page_is_the_same_however_many_entries_are_looked_at_one_by_one() {
    on_both(|database| {
        settle(&database.url);
        let seqs = trade(&database.url);
        let last = *seqs.last().unwrap();
        let mut db = address(&database.url).connect().unwrap();
        let everything = Filter { from_seq: 1, to_seq: last, ..Filter::default() };
        let all = list(&mut db, &everything, 10_000).unwrap();
        assert_eq!(all.iter().map(|movement| movement.seq).collect::<Vec<_>>(), seqs);
        let mut full = 0;
        for filter in filters(last) {
            for limit in [1, 5, 1_000] {
                let passing = all.iter().filter(|movement| touches(movement, &filter));
                let page: Vec<&Movement> = passing.take(usize::try_from(limit).unwrap()).collect();
                full += usize::from(page.len() == 5);
                for near in [0, 1, 30, 10_000] {
                    let found = list_looking_at(&mut db, &filter, limit, near).unwrap();
                    assert_eq!(found.iter().collect::<Vec<_>>(), page, "{filter:?} {limit} {near}");
                }
            }
        }
        assert!(full > 20, "few pages were full");
    });
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// The rows of `line` that this transaction has read.
fn lines_read(db: &mut Db) -> i64 {
    let Db::Postgres(conn) = db else { panic!("only PostgreSQL counts") };
    let query = "SELECT seq_tup_read + idx_tup_fetch AS value FROM pg_stat_xact_user_tables \
                 WHERE relname = 'line'";
    let rows: Vec<Number> = sql_query(query).load(&mut **conn).unwrap();
    rows[0].value
}

/// Thirty thousand copies of the first movement, of which nothing is known to the planner: as after
/// a restore.
fn grow(url: &str) -> i64 {
    let desk = Desk::open(url);
    block_on(desk.booked("first", receive("TENT", 1)));
    desk.book.close();
    let last = 30_000;
    for (table, changed) in
        [("entry", "'seq', n, 'id', gen_random_uuid(), 'key', 'copy ' || n"), ("line", "'seq', n")]
    {
        crate::support::sql::run(
            url,
            &format!("ALTER TABLE {table} SET (autovacuum_enabled = false)"),
        );
        let copied = format!("jsonb_populate_record(first, jsonb_build_object({changed}))");
        let rows = format!("{table} first, generate_series(2, {last}) n WHERE first.seq = 1");
        crate::support::sql::run(
            url,
            &format!("INSERT INTO {table} SELECT ({copied}).* FROM {rows}"),
        );
    }
    last
}

#[test]
fn a_page_does_not_read_the_lines_of_the_whole_book() {
    let Some(database) = Database::postgres() else { return };
    settle(&database.url);
    let to_seq = grow(&database.url);
    let mut db = address(&database.url).connect().unwrap();
    for depots in [None, Some(DEPOTS.iter().map(ToString::to_string).collect::<Vec<_>>())] {
        let item = depots.is_none().then(|| "TENT".to_string());
        let filter = Filter { depots, item, from_seq: 2, to_seq, ..Filter::default() };
        let page = db.reading(|db| Ok((list(db, &filter, 20)?, lines_read(db))));
        let (found, read) = page.unwrap();
        assert_eq!(found.len(), 20);
        assert!(read <= 1_000, "{read} lines were read for twenty");
    }
}
