//! The wait for a synchronous standby: when an operator cancels it, nothing is acknowledged.
//!
//! Failover itself is not here. Invariant: a movement that no standby has is never told as booked
//! by the commit whose wait was cancelled.

use std::thread::sleep;
use std::time::{Duration, Instant};

use changping::service::failure::Failure;

use crate::support::cluster::{Cluster, Durability};
use crate::support::desk::{Desk, assert_sound, hand_out, receive};
use crate::support::world::{block_on, settle};

/// The server processes that wait for a standby.
const WAITING: &str = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

fn standbys(cluster: &Cluster, names: &str) {
    cluster.run_sql(&format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'"));
    cluster.run_sql("SELECT pg_reload_conf()");
    // PostgreSQL's checkpointer tells its sessions when it gets to it.
    sleep(Duration::from_secs(1));
}

/// Cancels the wait, once there has been one for longer than a usual commit takes.
fn cancel_the_wait(cluster: &Cluster) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while cluster.run_sql(WAITING).trim().is_empty() {
        assert!(Instant::now() < deadline, "nobody waits for the standby");
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(700));
    cluster.run_sql(&format!("SELECT pg_cancel_backend(pid) FROM ({WAITING}) waiting"));
}

#[test]
fn a_cancelled_wait_for_the_standby_is_not_an_acknowledgement() {
    let Some(cluster) = Cluster::start(Durability::Fast) else { return };
    let url = cluster.fresh_database();
    settle(&url);
    let desk = Desk::open(&url);
    block_on(desk.booked("stock", receive("TENT", 5)));
    standbys(&cluster, "nobody");
    let failed = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| block_on(desk.post("k", hand_out("TENT", 2))));
        cancel_the_wait(&cluster);
        waiting.join().expect("the post is answered")
    });
    assert!(matches!(failed, Err(Failure::OutcomeUnknown)), "{failed:?}");
    standbys(&cluster, "");
    let movement = block_on(desk.booked("k", hand_out("TENT", 2)));
    assert_eq!(movement.seq, 2, "it was there, and is told now that nobody else must have it");
    desk.book.close();
    assert_sound(&url);
}
