//! The database server killed under a service that stays up.
//!
//! Kills of the service are in `kills`. Invariant: a crash of PostgreSQL loses nothing that was
//! acknowledged, and the service goes on by itself within three seconds of its return.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::crowd::{Member, Whistle, compare, compare_fresh, crowd};
use crate::kills::{CROWD, VERIFY_EVERY};
use crate::support::desk::assert_sound;
use crate::support::world::settle;
use crate::support::{Client, Cluster, Durability, Server};
use crate::turn::{Turn, pause};

/// From the first connection that the database takes to the first booking.
const RECOVERY: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(60);

/// Kills the server under load and starts it again; how long the service took to book anew.
fn crash(cluster: &Cluster, wait: u64, children_too: bool, told: &Receiver<Instant>) -> Duration {
    pause(wait);
    cluster.crash(children_too);
    cluster.restart();
    let ready = Instant::now();
    let deadline = ready + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let at = told.recv_timeout(left).expect("nobody books any more");
        if at > ready {
            return at - ready;
        }
    }
}

/// The crowd posts through one crash.
fn under_load(members: &mut [Member], client: &Client, end: impl FnOnce(&Receiver<Instant>)) {
    let stop = AtomicBool::new(false);
    let (tell, told) = channel();
    std::thread::scope(|scope| {
        for member in members {
            let (stop, tell) = (&stop, tell.clone());
            scope.spawn(move || member.post_through(client, stop, &tell));
        }
        drop(tell);
        let _whistle = Whistle(&stop);
        end(&told);
    });
}

#[test]
fn kill_minus_nine_of_the_postmaster_loses_and_doubles_nothing() {
    let Some(cluster) = Cluster::start(Durability::Full) else {
        return;
    };
    let turn = Turn::take("kills of the postmaster", 8, 200);
    let url = cluster.fresh_database();
    let keys = settle(&url);
    let server = Server::start(&url);
    let client = Client::new(&server.base, keys.of("clerk"));
    let mut dice = turn.dice();
    let mut members = crowd(CROWD, turn.seed);
    let (mut open, mut compared, mut recoveries) = (0, 0, Vec::new());
    for round in 1..=turn.rounds {
        let (wait, children_too) = (30 + dice.below(300), dice.below(2) == 0);
        under_load(&mut members, &client, |told| {
            recoveries.push(crash(&cluster, wait, children_too, told));
        });
        open += members.iter().map(|member| member.open.len()).sum::<usize>();
        for member in &mut members {
            member.catch_up(&client);
        }
        compare_fresh(&mut members, &client, &mut compared);
        if round % VERIFY_EVERY == 0 {
            assert_sound(&url);
        }
    }
    let held = compare(&members, &client);
    assert!(server.stop().success());
    assert_sound(&url);
    recoveries.sort();
    let (median, worst) = (recoveries[recoveries.len() / 2], recoveries[recoveries.len() - 1]);
    turn.say(&format!(
        "{} kills: {held} booked, {open} unanswered at the end of a round; none lost, none \
         doubled; booking again after {median:?} (median), {worst:?} (longest)",
        turn.rounds
    ));
    assert!(worst < RECOVERY, "the service was slow to go on: {worst:?}");
}
