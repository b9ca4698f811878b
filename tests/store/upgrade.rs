//! A database of an earlier program is brought to this one's schema with what is in it.
//!
//! That both engines end with the same schema is in `schema`. Invariant: no receipt is lost.

use std::fs;
use std::path::Path;

use changping::domain::reference::Record;
use changping::store::migrate::migrate;
use changping::store::reference::changed_since;

use crate::support::on_both;
use crate::support::sql::{run, texts};
use crate::support::world::address;

/// The schema before movements were their own receipts.
const BEFORE: [&str; 2] = ["00000000000001_ledger", "00000000000002_reference"];

fn earlier(url: &str) {
    let engine = if url.starts_with("sqlite") { "sqlite" } else { "postgres" };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    run(
        url,
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
            run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    );
    for name in BEFORE {
        run(url, &fs::read_to_string(root.join(name).join("up.sql")).unwrap());
        let version = name.split('_').next().unwrap();
        run(url, &format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')"));
    }
}

#[test]
fn receipts_of_an_earlier_schema_move_to_their_entries() {
    on_both(|database| {
        let url = database.url.as_str();
        earlier(url);
        let bytes = |digit: &str| {
            let digits = digit.repeat(64);
            if url.starts_with("sqlite") {
                format!("X'{digits}'")
            } else {
                format!("'\\x{digits}'")
            }
        };
        let (hash, first, second) = (bytes("0"), bytes("1"), bytes("2"));
        run(
            url,
            &format!(
                "INSERT INTO entry (seq, id, kind, type, occurred_at, recorded_at, principal,
                    recorded_by, organization, hash)
                 VALUES (1, 'id', 'movement', 'issue', 1, 1, 'holder', 'name', 'ORG', {hash});
                 INSERT INTO receipt (principal, key, request_hash, status, seq, body, created_at)
                 VALUES ('holder', 'booked', {first}, 201, 1, NULL, 1),
                    ('holder', 'refused', {second}, 409, NULL, 'words', 2);"
            ),
        );
        let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
        let later = fs::read_dir(all).unwrap().count() - BEFORE.len();
        assert_eq!(migrate(&address(url)).unwrap().len(), later);
        let hex = if url.starts_with("sqlite") {
            "lower(hex(request_hash))"
        } else {
            "encode(request_hash, 'hex')"
        };
        let entries = format!("SELECT key || ' ' || {hex} AS value FROM entry");
        assert_eq!(texts(url, &entries), [format!("booked {}", "1".repeat(64))]);
        let receipts = format!("SELECT key || ' ' || {hex} || ' ' || body AS value FROM receipt");
        assert_eq!(texts(url, &receipts), [format!("refused {} words", "2".repeat(64))]);
        let twice = "INSERT INTO entry (seq, id, kind, type, occurred_at, recorded_at, principal,
                recorded_by, organization, hash, key, request_hash)
             SELECT 2, 'other', kind, type, occurred_at, recorded_at, principal, recorded_by,
                organization, hash, key, request_hash FROM entry";
        assert!(crate::support::sql::try_run(url, twice).is_err(), "one key, two movements");
    });
}

#[test]
fn a_profile_of_an_earlier_schema_says_nothing_of_rotation() {
    on_both(|database| {
        let url = database.url.as_str();
        earlier(url);
        run(
            url,
            "INSERT INTO region (code, name, tier, type, location_source, rev)
             VALUES ('371300000000', 'R', 'city', 'administrative', 'seat', 1)",
        );
        run(
            url,
            r#"INSERT INTO profile (region, name, name_en, tiers, provincial, distribute_min,
                detour_permille, detour_mountain_permille, hazard_domains, modes_counted,
                target_hours, clock, attainment_permille, source, rev)
             VALUES ('371300000000', 'N', 'N', '[]', '{"decide_min":1,"mobilise_min":1,
                "load_min":1,"speed_kmh":1,"last_mile_min":1}', 1, 1000, 1000, '[]', '[]',
                12, 'order', 950, 'S', 1)"#,
        );
        migrate(&address(url)).unwrap();
        let mut db = address(url).connect().unwrap();
        let records = changed_since(&mut db, 0).unwrap();
        let profiles = records.iter().filter_map(|record| match record {
            Record::Profile(profile) => Some(profile),
            _ => None,
        });
        let rotations: Vec<_> = profiles.map(|profile| &profile.rotation).collect();
        assert_eq!(rotations, [&None]);
    });
}
