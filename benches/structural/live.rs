//! One movement's effect on the coverage of a whole province: the kept answer beside a survey.
//!
//! Lives here: random movements, time until the answer has followed each, on open roads and with
//! closures in force, and minutes that go by; whether it then is what a survey gives. Does not live
//! here: the province (`instance`). Invariant: half of the movements are at the depot with most.

use std::sync::Arc;
use std::time::Instant;

use changping::domain::coverage::{Closure, Live, Query, Scope, Shock, Shown, Told, coverage};
use changping::domain::position::{Position, Shard};
use changping::domain::region::{RegionIx, Tier};
use changping::domain::travel::{Blocked, BlockedPair};

use super::instance::{HOURS, Instance, NEEDS, SIZES, day};
use super::{cpu_seconds, timed};

const MOVEMENTS: usize = 1_000;
const MINUTES: usize = 20;
/// What is told after each.
const SHOWN: Shown = Shown { worst_first: true, limit: Some(100) };

/// Xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count as u64) as usize
    }
}

fn question(position: &Position, scope: Scope) -> Query {
    let regions = &position.reference.regions;
    let lowest = regions.iter().map(|(_, region)| region.tier).max().unwrap();
    Query {
        region: RegionIx(0),
        tier: Some(lowest),
        hours: Some(HOURS),
        days: 1,
        scope,
        clock: None,
        on: day(),
        speed_percent: 100,
        off_hours: false,
        shock: Shock::default(),
        closures: Vec::new(),
        blocked: Blocked::default(),
        detail: false,
    }
}

/// Issues up to a fifth of one balance of a depot, or brings back as much.
fn moved(position: &Position, depot: u32, dice: &mut Dice) -> Position {
    let mut rows = position.shard(depot).unwrap().rows().to_vec();
    let at = dice.below(rows.len());
    let part = 1 + dice.below(1 + rows[at].quantity as usize / 5) as i64;
    let out = dice.below(2) == 0 && part < rows[at].quantity;
    rows[at].quantity += if out { -part } else { part };
    let mut next = position.clone();
    next.load_shard(depot, Shard::of_rows(rows).unwrap()).unwrap();
    next
}

/// A flood: every fourteenth county cut off for hours or nobody knows how long, one township in
/// ninety, and ways from one depot in forty to the county next to it.
fn flooded(position: &Position, asked: Query) -> Query {
    let regions = &position.reference.regions;
    let of_tier = |tier: Tier, every: usize| {
        let all = regions.iter().filter(move |(_, region)| region.tier == tier);
        all.map(|(ix, _)| ix).step_by(every)
    };
    let opens = |n: usize| (!n.is_multiple_of(3)).then_some(90 + 70 * (n as u32 % 11));
    let shut = of_tier(Tier::County, 14).chain(of_tier(Tier::Township, 90));
    let closure = |(n, region)| Closure { region, opens_min: opens(n), number: 0 };
    let depots = position.reference.depots.iter().step_by(40).map(|(ix, _)| ix);
    let pair = |(n, (depot, region))| BlockedPair { depot, region, opens_min: opens(n), number: 0 };
    let pairs = depots.zip(of_tier(Tier::County, 3)).enumerate().map(pair).collect();
    let closures = shut.enumerate().map(closure).collect();
    Query { closures, blocked: Blocked { pairs, roads: Vec::new() }, ..asked }
}

/// Milliseconds of every movement, by some clock.
#[derive(Default)]
struct Times {
    cpu: Vec<f64>,
    wall: Vec<f64>,
}

impl Times {
    fn print(self, name: &str, of: &str) {
        println!("  {name}: {} {of}", self.cpu.len());
        for (clock, mut times) in [("CPU", self.cpu), ("wall clock", self.wall)] {
            times.sort_by(f64::total_cmp);
            let mean = times.iter().sum::<f64>() / times.len() as f64;
            println!(
                "    {clock}: mean {mean:.2} ms, middle {:.2}, 95 in 100 {:.2}, 99 in 100 {:.2}, \
                 worst {:.2}",
                times[times.len() / 2],
                times[times.len() * 95 / 100],
                times[times.len() * 99 / 100],
                times[times.len() - 1]
            );
        }
    }
}

fn follow(mut position: Arc<Position>, asked: Query, stocked: &[u32], largest: u32) {
    let closed = asked.closures.len() + asked.blocked.pairs.len();
    println!("scope {}, {closed} closures", asked.scope.as_str());
    let mut live = Live::of(&position, &asked).unwrap().expect("a question that is kept");
    println!("  {:.1} MiB kept", live.bytes() as f64 / f64::from(1 << 20));
    let (_, seconds) = timed(|| std::hint::black_box(live.tell(SHOWN)));
    println!("  told for the first time: {:.0} ms", seconds * 1e3);
    let mut dice = Dice(20_261_122);
    let (mut everywhere, mut anywhere) = (Times::default(), Times::default());
    for n in 0..MOVEMENTS {
        let any = stocked[dice.below(stocked.len())];
        let depot = if n % 2 == 0 { largest } else { any };
        let next = Arc::new(moved(&position, depot, &mut dice));
        let (begun, at) = (cpu_seconds(), Instant::now());
        assert!(live.follow(&next));
        let told = std::hint::black_box(live.tell(SHOWN));
        let (cpu, wall) = (cpu_seconds() - begun, at.elapsed().as_secs_f64());
        assert_eq!(told.rows.len(), 100);
        let times = if n % 2 == 0 { &mut everywhere } else { &mut anywhere };
        times.cpu.push(cpu * 1e3);
        times.wall.push(wall * 1e3);
        position = next;
    }
    println!("  one movement, all areas, totals and the hundred worst rows:");
    everywhere.print("at the depot with most", "movements");
    anywhere.print("at any depot", "movements");
    let asked = minutes_go_by(&mut live, asked);
    let (surveyed, seconds) = timed(|| coverage(&position, &asked).unwrap());
    println!("  a survey anew: {:.0} ms", seconds * 1e3);
    let whole = Shown::default();
    let (kept, surveyed) = (live.tell(whole), Told::of(surveyed, whole));
    let unlike = kept.rows.iter().zip(&surveyed.rows).filter(|(one, other)| one != other).count();
    let totals = if kept.totals == surveyed.totals { "like" } else { "unlike" };
    println!(
        "  after {MOVEMENTS} movements {unlike} of {} areas unlike, totals {totals}",
        surveyed.rows.len()
    );
}

/// Closures open a minute sooner, again and again; the question as it is then.
fn minutes_go_by(live: &mut Live, mut asked: Query) -> Query {
    if !asked.closes() {
        return asked;
    }
    let mut times = Times::default();
    for _ in 0..MINUTES {
        let sooner = |opens: &mut Option<u32>| *opens = opens.map(|at| at.saturating_sub(1));
        asked.closures.iter_mut().for_each(|one| sooner(&mut one.opens_min));
        asked.blocked.pairs.iter_mut().for_each(|one| sooner(&mut one.opens_min));
        let (begun, at) = (cpu_seconds(), Instant::now());
        assert!(live.reclose(&asked), "surveyed anew");
        std::hint::black_box(live.tell(SHOWN));
        let (cpu, wall) = (cpu_seconds() - begun, at.elapsed().as_secs_f64());
        times.cpu.push(cpu * 1e3);
        times.wall.push(wall * 1e3);
    }
    times.print("a minute goes by", "minutes");
    asked
}

/// Of some scopes; of all where none is named.
pub fn run(words: &[Scope]) {
    let size = &SIZES[1];
    println!("{}: {} depots, {NEEDS} needs", size.name, size.depots);
    let instance = Instance::of(size, 20_261_122);
    let position = Arc::new(instance.position());
    let total = |depot: u32| -> i64 {
        position.shard(depot).unwrap().rows().iter().map(|row| row.quantity).sum()
    };
    let open = |depot: &u32| instance.stores[*depot as usize].active && total(*depot) > 0;
    let stocked: Vec<u32> = (0..size.depots as u32).filter(open).collect();
    let largest = *stocked.iter().max_by_key(|depot| total(**depot)).unwrap();
    let scopes = [Scope::Any, Scope::City, Scope::OwnChain];
    for scope in scopes.into_iter().filter(|scope| words.is_empty() || words.contains(scope)) {
        let asked = question(&position, scope);
        let shut = flooded(&position, asked.clone());
        follow(Arc::clone(&position), asked, &stocked, largest);
        follow(Arc::clone(&position), shut, &stocked, largest);
    }
}
