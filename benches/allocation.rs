//! Who supplies whom when areas compete, against the solvers that people use for it: `cargo bench
//! --bench allocation`.
//!
//! Prints, never judges. `-- city`, `-- province` or `-- nation` takes one size, numbers are seeds,
//! `-- alone` leaves the others out, `-- lemon` all but LEMON. The others need g++ with LEMON
//! (Debian's `liblemon-dev`), and a Python with `ortools`, `numpy` and `highspy` in `PYTHON`; those
//! that are missing are not run. `-- exact` holds some hundred smaller answers against an LP solver
//! instead, `-- exact medium` a few of some hundred areas.

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

use changping::domain::allocation::{
    Ask, Link, Question, Reach, Shipment, allocate, divide, hasten,
};
use instance::{Instance, NEEDS, SIZES, Size};
use tempfile::TempDir;

/// The service's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// CPU seconds of this thread; the kernel tells them to some milliseconds.
fn cpu_s() -> f64 {
    let told = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    let nanoseconds: f64 = told.split(' ').next().unwrap().parse().unwrap();
    nanoseconds / 1e9
}

/// CPU seconds of one round, over as many rounds as take a second.
fn cpu_of(mut round: impl FnMut()) -> f64 {
    let (begun, mut rounds) = (cpu_s(), 0.0);
    loop {
        round();
        rounds += 1.0;
        let spent = cpu_s() - begun;
        if spent > 1.0 {
            return spent / rounds;
        }
    }
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
    let reach = || Reach::of(instance.ranks.clone(), instance.areas, links());
    let shared = reach();
    let asked: Vec<Vec<Ask>> = instance.asks.iter().map(|units| asks(units)).collect();
    let question = |need: usize| Question {
        reach: &shared,
        supply: &instance.supply[need],
        asks: &asked[need],
    };
    let mut found = Vec::new();
    for need in 0..NEEDS {
        let (total, minutes) = figures(&hasten(question(need)));
        let shares = divide(question(need));
        assert_eq!(total, shares.iter().sum::<i64>(), "fairness costs nothing");
        let wanted = instance.asks[need].iter().sum::<i64>();
        println!("  need {need:2}: {total} of {wanted} units, {minutes} minutes");
        found.push((total, minutes));
    }
    let quick = cpu_of(|| (0..NEEDS).for_each(|need| drop(hasten(question(need)))));
    let fair = cpu_of(|| (0..NEEDS).for_each(|need| drop(divide(question(need)))));
    let built = cpu_of(|| drop(reach()));
    let nobody = vec![0; instance.depots];
    let sorted = cpu_of(|| {
        let question = Question { reach: &reach(), supply: &nobody, asks: &asked[0] };
        drop(hasten(question));
    });
    println!(
        "  {} ways; here, and with what is made once: most, then quickest {:.2}, {:.2} ms; fair \
         {:.2}, {:.2} ms",
        instance.links.len(),
        quick * 1e3,
        (quick + sorted) * 1e3,
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

fn others(size: &Size, (file, room): (&Path, &Path), words: &[String], found: &[(i64, i64)]) {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/allocation");
    let needs = NEEDS.to_string();
    let lemon = room.join("lemon");
    let built = Command::new("g++")
        .args(["-O3", "-march=native", "-o"])
        .args([&lemon, &beside.join("lemon.cpp")])
        .status();
    match built {
        Ok(status) if status.success() => {
            other(Command::new(&lemon).arg(file).arg(&needs), found);
        }
        _ => println!("  no LEMON"),
    }
    if words.iter().any(|word| word == "lemon") {
        return;
    }
    let mut kinds = vec!["cost", "flow"];
    if size.name == "city" {
        kinds.push("highs");
    }
    for kind in kinds {
        let script = beside.join("solvers.py");
        other(python().arg(script).arg(file).args([&needs, kind]), found);
    }
}

fn python() -> Command {
    Command::new(std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_string()))
}

/// Areas and depots of questions that an LP solver answers level by level within a minute in all.
const MEDIUM: [(usize, usize); 5] = [(200, 150), (250, 300), (300, 200), (400, 250), (600, 300)];

/// Answers many smaller questions, or a few larger ones, and has an LP solver answer them, too.
fn exact(room: &Path, seeds: &[u64], medium: bool) {
    let file = room.join("exact");
    let begun = seeds.first().copied().unwrap_or(1);
    let mut text = String::new();
    let small = |seed: u64| {
        let places = usize::try_from(seed % 7).unwrap();
        (12 + 6 * places, 40 + 25 * places)
    };
    let asked: Vec<(u64, (usize, usize))> = match medium {
        true => (begun..).zip(MEDIUM).collect(),
        false => (begun..begun + 120).map(|seed| (seed, small(seed))).collect(),
    };
    for (seed, (areas, depots)) in asked {
        let size = Size { areas, depots, ..SIZES[usize::from(medium)] };
        let instance = Instance::of(&size, seed);
        let need = usize::try_from(seed).unwrap() % NEEDS;
        let (supply, asks) = (&instance.supply[need], asks(&instance.asks[need]));
        let links = || instance.links.iter().copied();
        let reach = Reach::of(instance.ranks.clone(), instance.areas, links());
        let question = Question { reach: &reach, supply, asks: &asks };
        let (plan, most) = (allocate(question), figures(&hasten(question)));
        let numbers =
            |units: &[i64]| -> String { units.iter().map(|one| format!(" {one}")).collect() };
        let ways =
            |link: Link| [link.source, link.area, link.minutes as usize].map(|one| one as i64);
        let ways: Vec<i64> = links().flat_map(ways).collect();
        let rows = [
            numbers(supply),
            numbers(&instance.asks[need]),
            numbers(&ways),
            numbers(&plan.delivered),
            format!(" {} {} {}", plan.haste.minutes, most.0, most.1),
        ];
        rows.iter().for_each(|row| text.extend([row.trim_start(), "\n"]));
    }
    std::fs::write(&file, text).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/allocation/exact.py");
    let told = python().arg(script).arg(&file).output().unwrap();
    print!("{}{}", String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let says = |word: &str| words.iter().any(|one| one == word);
    let seeds: Vec<u64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let room = TempDir::new().unwrap();
    if says("exact") {
        return exact(room.path(), &seeds, says("medium"));
    }
    let any = SIZES.iter().any(|size| says(size.name));
    let first = if seeds.is_empty() { vec![20_260_401] } else { seeds };
    for (seed, size) in first.iter().flat_map(|seed| SIZES.iter().map(move |size| (*seed, size))) {
        if any && !says(size.name) {
            continue;
        }
        let Size { name, areas, depots, .. } = size;
        println!("{name}, seed {seed}: {areas} areas, {depots} depots, {NEEDS} needs");
        let instance = Instance::of(size, seed);
        let found = ours(&instance);
        if says("alone") {
            continue;
        }
        let file = room.path().join(name);
        instance.write(&file);
        drop(instance);
        others(size, (&file, room.path()), &words, &found);
    }
}
