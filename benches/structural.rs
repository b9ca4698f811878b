//! Coverage of areas struck one at a time, against numpy and scipy: `cargo bench --bench
//! structural`.
//!
//! Prints, never judges. `-- city`, `-- province` or `-- nation` takes one size, `-- alone` leaves
//! the others out; `-- live` shows one movement's effect on the province. The others need a Python
//! with `numpy`, `scipy` and `pyproj` in `PYTHON`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a bench that cannot run says so by panicking, and prints its figures"
)]

#[path = "structural/instance.rs"]
mod instance;
#[path = "structural/live.rs"]
mod live;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Command;

use changping::domain::coverage::{Query, Row, Scope, Shock, Survey, survey_coverage};
use changping::domain::position::Position;
use changping::domain::region::{RegionIx, Tier};
use changping::domain::travel::Blocked;
use instance::{AreaRow, HOURS, Instance, NEEDS, SIZES, Size};
use tempfile::TempDir;

/// The service's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// CPU seconds of this thread, as Linux tells them: to the microsecond only of a thread that has
/// just been off its core, else as of the kernel's last tick.
fn cpu_seconds() -> f64 {
    std::thread::sleep(std::time::Duration::from_micros(1));
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanoseconds: f64 = told.split(' ').next().expect("a number").parse().expect("a number");
    nanoseconds / 1e9
}

fn timed<T>(of: impl FnOnce() -> T) -> (T, f64) {
    let begun = cpu_seconds();
    let made = of();
    (made, cpu_seconds() - begun)
}

fn question(region: RegionIx, tier: Tier, instance: &Instance, position: &Position) -> Query {
    Query {
        region,
        tier: Some(tier),
        hours: Some(HOURS),
        days: 1,
        scope: Scope::Any,
        clock: None,
        on: instance::day(),
        speed_percent: 100,
        off_hours: false,
        shock: Shock::default(),
        closures: instance.closures(position),
        blocked: Blocked::default(),
        detail: true,
    }
}

/// Reach and coverage by need, minutes until all is met (-1 never), steps within the limit.
#[derive(PartialEq, Debug)]
struct Found {
    reach: [i64; NEEDS],
    coverage: [i64; NEEDS],
    full_at: i64,
    steps: Vec<(i64, i64, i64)>,
}

fn found(row: &Row) -> Found {
    let detail = row.detail.as_ref().expect("asked for");
    assert!(!detail.thinned, "a curve of more than 200 steps: choose other figures");
    let steps = detail.curve.iter().filter(|step| step.at_min <= i64::from(HOURS) * 60);
    Found {
        reach: std::array::from_fn(|n| row.needs[n].reachable),
        coverage: std::array::from_fn(|n| row.needs[n].coverage.0),
        full_at: row.full_at_min.unwrap_or(-1),
        steps: steps.map(|step| (step.at_min, step.coverage.0, step.persons_covered)).collect(),
    }
}

/// What the engine says, and its CPU seconds.
struct Ours {
    rows: HashMap<String, Found>,
    whole_s: f64,
    /// For the areas that the others look at, by themselves.
    sample_s: f64,
    /// Codes of these areas.
    sample: HashSet<String>,
}

/// Answers city by city, as each is limited to ten thousand areas in detail.
fn ours(size: &Size, instance: &Instance, position: &Position) -> Ours {
    let lowest = size.regions.iter().rposition(|count| *count > 0).unwrap();
    let regions = &position.reference.regions;
    let all = |tier| regions.iter().filter(move |(_, region)| region.tier == tier);
    let heads: Vec<RegionIx> = all(Tier::ALL[1]).map(|(ix, _)| ix).collect();
    let (survey, gathered) = timed(|| Survey::of(position, instance::day()));
    let asked: Vec<Query> = heads
        .into_iter()
        .map(|head| question(head, Tier::ALL[lowest], instance, position))
        .collect();
    let ask = || -> Vec<_> {
        let answer = |query| survey_coverage(&position.reference, &survey, query).unwrap();
        asked.iter().map(answer).collect()
    };
    let (_, cold) = timed(ask);
    let (answers, warm) = timed(ask);
    println!(
        "  gathered in {:.0} ms; all areas {:.0} ms, again {:.0} ms",
        gathered * 1e3,
        cold * 1e3,
        warm * 1e3
    );
    let ask_some = || -> Vec<_> {
        let answer = |query| survey_coverage(&position.reference, &survey, query).unwrap();
        asked.iter().step_by(size.one_city_in).map(answer).collect()
    };
    let (some, sampled) = timed(ask_some);
    let code = |row: &Row| row.region.code.to_string();
    let rows = answers.iter().flat_map(|answer| &answer.rows);
    Ours {
        rows: rows.map(|row| (code(row), found(row))).collect(),
        whole_s: gathered + cold,
        sample_s: gathered + sampled,
        sample: some.iter().flat_map(|answer| &answer.rows).map(code).collect(),
    }
}

/// The other side's results: by area reach, coverage, full_at, number of steps, steps; all i64.
fn theirs(path: &Path, areas: usize) -> Vec<Found> {
    let bytes = std::fs::read(path).expect("results");
    let mut words = bytes.chunks_exact(8).map(|word| i64::from_le_bytes(word.try_into().unwrap()));
    let mut next = || words.next().expect("results are whole");
    (0..areas)
        .map(|_| {
            let reach = std::array::from_fn(|_| next());
            let coverage = std::array::from_fn(|_| next());
            let full_at = next();
            let count = next();
            let steps = (0..count).map(|_| (next(), next(), next())).collect();
            Found { reach, coverage, full_at, steps }
        })
        .collect()
}

fn compare(size: &Size, alone: bool) {
    println!("{}: {} depots, {NEEDS} needs", size.name, size.depots);
    let instance = Instance::of(size, 20_261_122);
    let position = instance.position();
    let Ours { rows: mine, whole_s, sample_s, sample } = ours(size, &instance, &position);
    let short = mine.values().filter(|one| one.coverage.iter().any(|ratio| *ratio < 10_000));
    let steps: usize = mine.values().map(|one| one.steps.len()).sum();
    println!(
        "  {} areas, {} not covered in time, {:.1} steps each",
        mine.len(),
        short.count(),
        steps as f64 / mine.len() as f64
    );
    if alone {
        return;
    }
    let folder = TempDir::new().unwrap();
    let (file, results) = (folder.path().join("instance"), folder.path().join("results"));
    let looked_at: Vec<_> =
        instance.areas.iter().filter(|area| sample.contains(&area.full_code())).collect();
    let asked = |area: &AreaRow| sample.contains(&area.full_code());
    instance.write(&file, asked);
    if size.one_city_in > 1 {
        println!(
            "  the others on all areas of one city in {}: {} areas, here {sample_s:.3} s",
            size.one_city_in,
            looked_at.len()
        );
    }
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_string());
    for how in ["dense", "tree"] {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/structural/others.py");
        let mut run = Command::new(&python);
        run.arg(script).args([&file, &results]).arg(how).env("OPENBLAS_NUM_THREADS", "1");
        let out = run.output().expect("python runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let spent: f64 = String::from_utf8_lossy(&out.stdout).trim().parse().expect("seconds");
        let others = theirs(&results, looked_at.len());
        let unlike: Vec<_> = (looked_at.iter().zip(&others))
            .filter(|(area, other)| mine.get(&area.full_code()) != Some(*other))
            .collect();
        if let Some((area, other)) = unlike.first() {
            println!("  {}: {:?}", area.code, mine.get(&area.full_code()));
            println!("  they say {other:?}");
        }
        let scaled = spent * instance.areas.len() as f64 / looked_at.len() as f64;
        println!(
            "  {how}: {spent:.2} s, {:.1} times ours; for all areas {scaled:.1} s, {:.1} times \
             ours of {whole_s:.3} s; {} areas unlike",
            spent / sample_s,
            scaled / whole_s,
            unlike.len()
        );
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let said = |word: &str| words.iter().any(|one| one == word);
    if said("live") {
        let named = Scope::ALL.into_iter().filter(|scope| said(scope.as_str()));
        return live::run(&named.collect::<Vec<_>>());
    }
    let any = SIZES.iter().any(|size| said(size.name));
    for size in SIZES.iter().filter(|size| !any || said(size.name)) {
        compare(size, said("alone"));
    }
}
