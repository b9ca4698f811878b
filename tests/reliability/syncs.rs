//! A lone write is on the disk before it is answered: the cheap stand-in for pulling the plug.
//!
//! Real cuts are in `power`. Invariant: between the request and its 201 at least one sync of the
//! log has ended well.

use crate::crowd::MOVEMENTS;
use crate::disk::Disk;
use crate::support::forms::receipt;
use crate::support::world::{CITY_DEPOT, Keys, settle};
use crate::support::{Client, Cluster, Durability, Server};
use crate::turn::{Turn, pause};

/// One write after another, each alone; the least and the most syncs of one.
fn lone_writes(turn: &Turn, disk: &Disk, server: &Server, keys: &Keys) {
    let client = Client::new(&server.base, keys.of("clerk"));
    let mut counts = Vec::new();
    for n in 0..turn.rounds {
        // What the server does for itself has its own time.
        pause(u64::from(n % 5));
        let before = disk.syncs();
        client.post(MOVEMENTS, &format!("k{n}"), &receipt(CITY_DEPOT, "TENT", 1)).expect(201);
        counts.push(disk.syncs() - before);
    }
    let least = counts.iter().min().copied().unwrap_or_default();
    assert!(least >= 1, "answered before it was on the disk: {counts:?}");
    let most = counts.iter().max().copied().unwrap_or_default();
    turn.say(&format!("{least} to {most} syncs a write"));
}

#[test]
fn a_lone_write_is_synced_before_its_answer_on_sqlite() {
    let turn = Turn::take("syncs of a lone write on SQLite", 50, 50);
    let Some(disk) = Disk::new() else { return };
    let keys = settle(&disk.url());
    lone_writes(&turn, &disk, &disk.serve(), &keys);
}

#[test]
fn a_lone_write_is_synced_before_its_answer_on_postgresql() {
    let turn = Turn::take("syncs of a lone write on PostgreSQL", 50, 50);
    let Some(disk) = Disk::new() else { return };
    let Some(cluster) = Cluster::start_on(Durability::Full, |folder| {
        disk.open_to_all();
        disk.environment(&folder.join("data/pg_wal"))
    }) else {
        return;
    };
    let url = cluster.fresh_database();
    let keys = settle(&url);
    lone_writes(&turn, &disk, &Server::start(&url), &keys);
}
