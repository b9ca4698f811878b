//! Who supplies whom when areas compete, against the solvers that people use for it: `cargo bench
//! --bench allocation`.
//!
//! Prints, never judges. `-- city`, `-- province` or `-- nation` takes one size, `-- alone` leaves
//! the others out. The others need g++ with LEMON (Debian's `liblemon-dev`), and a Python with
//! `ortools`, `numpy` and `highspy` in `PYTHON`; those that are missing are not run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a bench that cannot run says so by panicking, and prints its figures"
)]

#[path = "allocation/instance.rs"]
mod instance;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use changping::domain::allocation::{Ask, Question, Reach, Shipment, divide, hasten};
use instance::{Instance, NEEDS, SIZES, Size};
use tempfile::TempDir;

/// Seconds by the clock: on one thread never less than CPU seconds, which is what the others tell.
fn timed<T>(of: impl FnOnce() -> T) -> (T, f64) {
    let begun = Instant::now();
    let made = of();
    (made, begun.elapsed().as_secs_f64())
}

/// The least of three times.
fn least<T>(of: impl Fn() -> T) -> (T, f64) {
    let (made, first) = timed(&of);
    let again = (0..2).map(|_| timed(&of).1).fold(first, f64::min);
    (made, again)
}

fn asks(units: &[i64]) -> Vec<Ask> {
    units.iter().map(|units| Ask { units: *units, class: 0 }).collect()
}

/// What a plan delivers, and its minutes over all units.
fn figures(shipments: &[Shipment]) -> (i64, i64) {
    let minutes = |one: &Shipment| i64::from(one.link.minutes) * one.units;
    (shipments.iter().map(|one| one.units).sum(), shipments.iter().map(minutes).sum())
}

fn ours(instance: &Instance) -> Vec<(i64, i64)> {
    let links = || instance.links.iter().copied();
    let (reach, built) = least(|| Reach::of(instance.ranks.clone(), instance.areas, links()));
    println!("  {} ways; shared by all needs, once: {:.1} ms", instance.links.len(), built * 1e3);
    let (mut quick, mut fair, mut found) = (0.0, 0.0, Vec::new());
    for need in 0..NEEDS {
        let asks = asks(&instance.asks[need]);
        let question = Question { reach: &reach, supply: &instance.supply[need], asks: &asks };
        let (plan, spent) = least(|| hasten(question));
        let (shares, divided) = least(|| divide(question));
        let (total, minutes) = figures(&plan);
        assert_eq!(total, shares.iter().sum::<i64>(), "fairness costs nothing");
        println!(
            "  need {need:2}: {total} of {} units, {minutes} minutes, {:.2} ms; fair {:.2} ms",
            instance.asks[need].iter().sum::<i64>(),
            spent * 1e3,
            divided * 1e3,
        );
        (quick, fair) = (quick + spent, fair + divided);
        found.push((total, minutes));
    }
    println!(
        "  all, and with what is shared: most, then quickest {:.1}, {:.1} ms; fair {:.1}, {:.1}",
        quick * 1e3,
        (quick + built) * 1e3,
        fair * 1e3,
        (fair + built) * 1e3,
    );
    found
}

/// Runs another solver; its lines are `need total minutes`, the rest is shown.
fn other(command: &mut Command, found: &[(i64, i64)]) {
    let Ok(output) = command.output() else {
        println!("  {command:?} cannot be run");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (mut same, mut told) = (0, 0);
    for line in text.lines() {
        let numbers: Vec<i64> = line.split(' ').map_while(|word| word.parse().ok()).collect();
        match numbers.as_slice() {
            [need, total, minutes] => {
                told += 1;
                let ours = found[usize::try_from(*need).unwrap()];
                let equal = ours.0 == *total && (*minutes < 0 || ours.1 == *minutes);
                same += usize::from(equal);
                if !equal {
                    println!("  need {need} DIFFERS: {total} {minutes}, here {ours:?}");
                }
            }
            _ => println!("  {line}"),
        }
    }
    println!("  equal to the unit on {same} of {told} needs");
    if !output.status.success() {
        println!("  {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// How many needs each of the others is given: a nation's twenty take an hour.
fn others(size: &Size, file: &Path, room: &Path, found: &[(i64, i64)]) {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/allocation");
    let needs = if size.name == "nation" { "3" } else { "20" };
    let lemon = room.join("lemon");
    let built = Command::new("g++")
        .args(["-O3", "-march=native", "-o"])
        .args([&lemon, &beside.join("lemon.cpp")])
        .status();
    match built {
        Ok(status) if status.success() => {
            other(Command::new(&lemon).arg(file).arg(needs), found);
        }
        _ => println!("  no LEMON"),
    }
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_string());
    let mut kinds = vec!["cost", "flow"];
    if size.name == "city" {
        kinds.push("highs");
    }
    for kind in kinds {
        let script = beside.join("solvers.py");
        other(Command::new(&python).arg(script).arg(file).args([needs, kind]), found);
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let chosen = |size: &&Size| {
        let named = SIZES.iter().any(|size| words.iter().any(|word| word == size.name));
        !named || words.iter().any(|word| word == size.name)
    };
    let room = TempDir::new().unwrap();
    for (seed, size) in (20_260_401..).zip(SIZES.iter().filter(chosen)) {
        println!("{}: {} areas, {} depots, {NEEDS} needs", size.name, size.areas, size.depots);
        let instance = Instance::of(size, seed);
        let found = ours(&instance);
        if words.iter().any(|word| word == "alone") {
            continue;
        }
        let file = room.path().join(size.name);
        instance.write(&file);
        drop(instance);
        others(size, &file, room.path(), &found);
    }
}
