//! The seeds on each engine: saved, read back, saved again.
//!
//! What the seeds contain is tested beside them. Invariant: a record comes back as it was saved,
//! and a later revision is all that a follower of the earlier one reads.

mod support;

use std::time::Instant;

use changping::domain::reference::Record;
use changping::service::seed;
use changping::store::connection::DatabaseUrl;
use changping::store::{head, migrate, reference};

/// Records in an order of their own, to compare lists as sets.
fn sorted(records: &[Record]) -> Vec<String> {
    let mut texts: Vec<String> = records.iter().map(|record| format!("{record:?}")).collect();
    texts.sort();
    texts
}

#[test]
fn the_seeds_are_read_back_on_each_engine() {
    let started = Instant::now();
    let mut records = seed::base().unwrap();
    println!("base: {} ms", started.elapsed().as_millis());
    let started = Instant::now();
    let demo = seed::demo("2026-03-15".parse().unwrap()).unwrap();
    println!("demo: {} ms", started.elapsed().as_millis());
    records.extend(demo.records);
    let expected = sorted(&records);
    support::on_both(|database| {
        let url = DatabaseUrl::parse(&database.url, false).unwrap();
        migrate::migrate(&url).unwrap();
        let mut db = url.connect().unwrap();
        for rev in [1, 2] {
            let started = Instant::now();
            let mut locked = head::lock(&mut db).unwrap();
            reference::save(&mut db, &records, rev).unwrap();
            locked.head.reference_rev = rev;
            head::advance(&mut db, &locked).unwrap();
            db.commit().unwrap();
            let engine = database.engine;
            let took = started.elapsed().as_millis();
            println!("{engine}, revision {rev}: {} records, {took} ms", records.len());
        }
        let found = reference::changed_since(&mut db, 1).unwrap();
        assert_eq!(sorted(&found), expected);
        assert_eq!(reference::changed_since(&mut db, 2), Ok(Vec::new()));
    });
}
