//! One movement's effect on the coverage of a whole province: the kept answer beside a survey.
//!
//! Lives here: random movements, CPU time until the answer has followed each, and whether it then
//! is what a survey gives. Does not live here: the province (`instance`). Invariant: half of the
//! movements are at the depot that has most.

use std::sync::Arc;

use changping::domain::coverage::{Live, Query, Scope, Shock, Shown, Told, coverage};
use changping::domain::position::{Position, Shard};
use changping::domain::region::RegionIx;
use changping::domain::travel::Blocked;

use super::instance::{HOURS, Instance, NEEDS, SIZES, day};
use super::{cpu_seconds, timed};

const MOVEMENTS: usize = 1_000;
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

fn summary(name: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    println!(
        "  {name}: {} movements, mean {mean:.2} ms, middle {:.2}, 99 in 100 {:.2}, worst {:.2}",
        times.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    );
}

fn follow(mut position: Arc<Position>, scope: Scope, stocked: &[u32], largest: u32) {
    let asked = question(&position, scope);
    println!("scope {}", scope.as_str());
    let mut live = Live::of(&position, &asked).unwrap().expect("a question that is kept");
    println!("  {:.1} MiB kept", live.bytes() as f64 / f64::from(1 << 20));
    let (_, seconds) = timed(|| std::hint::black_box(live.tell(SHOWN)));
    println!("  told for the first time: {:.0} ms", seconds * 1e3);
    let mut dice = Dice(20_261_122);
    let (mut everywhere, mut anywhere) = (Vec::new(), Vec::new());
    for n in 0..MOVEMENTS {
        let any = stocked[dice.below(stocked.len())];
        let depot = if n % 2 == 0 { largest } else { any };
        let next = Arc::new(moved(&position, depot, &mut dice));
        let begun = cpu_seconds();
        assert!(live.follow(&next));
        let told = std::hint::black_box(live.tell(SHOWN));
        let ms = (cpu_seconds() - begun) * 1e3;
        assert_eq!(told.rows.len(), 100);
        if n % 2 == 0 {
            everywhere.push(ms)
        } else {
            anywhere.push(ms)
        };
        position = next;
    }
    println!("  one movement, all areas, totals and the hundred worst rows:");
    summary("at the depot with most", everywhere);
    summary("at any depot", anywhere);
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

pub fn run() {
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
    for scope in [Scope::Any, Scope::City, Scope::OwnChain] {
        follow(Arc::clone(&position), scope, &stocked, largest);
    }
}
