//! Made-up places for coverage of areas struck one at a time: regions, depots of five tiers, goods
//! for twenty needs, some roads damaged, some areas cut off.
//!
//! Lives here: a seeded generator, its Position, and the file that other programs read. Does not
//! live here: any coverage. Invariant: the same seed makes the same bytes.

use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::path::Path;

use changping::domain::region::Point;
use changping::domain::travel::distance_cm;

#[path = "records.rs"]
mod records;

pub use records::day;

pub const NEEDS: usize = 20;
pub const HOURS: u32 = 12;

pub struct Size {
    pub name: &'static str,
    /// How many regions of each tier, highest first; the last that there are any of are the areas.
    pub regions: [usize; 5],
    pub depots: usize,
    pub width_km: f64,
    pub height_km: f64,
    /// The others look at the areas of one city in so many.
    pub one_city_in: usize,
}

pub const SIZES: [Size; 3] = [
    Size {
        name: "city",
        regions: [1, 1, 12, 156, 4_000],
        depots: 574,
        width_km: 150.0,
        height_km: 110.0,
        one_city_in: 1,
    },
    Size {
        name: "province",
        regions: [1, 16, 136, 1_768, 70_000],
        depots: 1_975,
        width_km: 700.0,
        height_km: 420.0,
        one_city_in: 1,
    },
    Size {
        name: "nation",
        regions: [31, 333, 2_850, 38_000, 0],
        depots: 41_265,
        width_km: 3_600.0,
        height_km: 2_600.0,
        one_city_in: 40,
    },
];

/// Shares of depots by tier from village to province, hours until a truck leaves, and what one
/// holds beside a village's.
const TIERS: [(f64, f64, f64); 5] = [
    (0.70, 0.25, 1.0),
    (0.20, 0.5, 6.0),
    (0.07, 1.0, 40.0),
    (0.025, 2.0, 200.0),
    (0.005, 3.0, 800.0),
];
/// How many of the depots hold any of a need.
const SPREAD: [f64; 5] = [1.0, 0.8, 0.5, 0.3, 0.15];
/// People whom a village's depot serves.
const SERVES: f64 = 30.0;
/// Depots of the area's own county, of which the way is measured where roads are damaged.
const DAMAGED: usize = 6;

/// Splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    fn part(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.part()
    }

    fn below(&mut self, count: usize) -> usize {
        (self.roll() % count as u64) as usize
    }
}

struct PlaceRow {
    code: String,
    tier: usize,
    km: (f64, f64),
    county: usize,
}

pub struct Store {
    pub at: Point,
    place: usize,
    readiness_min: u32,
    /// Nothing leaves one that is knocked out.
    pub active: bool,
    pub units: [i64; NEEDS],
}

pub struct AreaRow {
    pub code: String,
    pub at: Point,
    pub persons: i64,
    /// Hours that it is cut off, in minutes.
    pub wait_min: u32,
    /// Depots with the minutes that somebody drove.
    pub measured: Vec<(usize, u32)>,
}

pub struct Instance {
    lowest: usize,
    places: Vec<PlaceRow>,
    pub areas: Vec<AreaRow>,
    pub stores: Vec<Store>,
    pub per_person_milli: [i64; NEEDS],
}

fn point(km: (f64, f64)) -> Point {
    let lat = 24.0 + km.1 / 111.2;
    let lon = 96.0 + km.0 / (111.3 * 35_f64.to_radians().cos());
    Point { lon_e6: (lon * 1e6) as i32, lat_e6: (lat * 1e6) as i32 }
}

/// Codes of a tier's children: how many digits, and the first.
const CODES: [(usize, usize); 5] = [(2, 11), (2, 1), (2, 1), (3, 101), (3, 201)];

fn places(size: &Size, dice: &mut Dice) -> Vec<PlaceRow> {
    let mut places: Vec<PlaceRow> = Vec::new();
    let mut above: Vec<usize> = Vec::new();
    let mut reach = (size.width_km, size.height_km);
    for (tier, count) in size.regions.iter().enumerate().filter(|(_, count)| **count > 0) {
        let mut children: HashMap<usize, usize> = HashMap::new();
        let mut these = Vec::new();
        for n in 0..*count {
            let parent = (!above.is_empty()).then(|| above[n % above.len()]);
            let middle = parent.map_or((reach.0 / 2.0, reach.1 / 2.0), |at| places[at].km);
            let mut off = |wide: f64| (dice.part() + dice.part() - 1.0) * wide / 2.0;
            let km = (middle.0 + off(reach.0), middle.1 + off(reach.1));
            let place = children.entry(parent.unwrap_or(0)).or_default();
            let (digits, first) = CODES[tier];
            let own = format!("{:0digits$}", first + *place);
            *place += 1;
            let code = parent.map_or(String::new(), |at| places[at].code.clone()) + &own;
            let county = if tier <= 2 { places.len() } else { places[parent.unwrap()].county };
            these.push(places.len());
            places.push(PlaceRow { code, tier, km, county });
        }
        let each = (*count as f64 / above.len().max(1) as f64).sqrt().max(1.0);
        reach = (reach.0 / each * 1.3, reach.1 / each * 1.3);
        above = these;
    }
    places
}

impl AreaRow {
    /// Its code as the register has it.
    pub fn full_code(&self) -> String {
        format!("{:0<12}", self.code)
    }
}

impl Instance {
    pub fn of(size: &Size, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let places = places(size, &mut dice);
        let lowest = places.iter().map(|place| place.tier).max().unwrap();
        let per_person_milli = std::array::from_fn(|_| dice.between(300.0, 6_000.0) as i64);
        let of_tier = |tier: usize| -> Vec<usize> {
            (0..places.len()).filter(|at| places[*at].tier == tier).collect()
        };
        let by_tier: Vec<Vec<usize>> = (0..=lowest).map(of_tier).collect();
        let mut by_county: HashMap<usize, Vec<usize>> = HashMap::new();
        let stores: Vec<Store> = (0..size.depots)
            .map(|n| {
                let (mut luck, mut rank) = (dice.part(), 0);
                while rank < 4 && luck > TIERS[rank].0 {
                    luck -= TIERS[rank].0;
                    rank += 1;
                }
                let among = &by_tier[(4 - rank).min(lowest)];
                let place = among[dice.below(among.len())];
                by_county.entry(places[place].county).or_default().push(n);
                let km = places[place].km;
                let km = (km.0 + dice.between(-2.0, 2.0), km.1 + dice.between(-2.0, 2.0));
                let units = std::array::from_fn(|need| {
                    let holds = dice.part() < SPREAD[need % SPREAD.len()];
                    let scale = TIERS[rank].2 * dice.between(0.3, 1.7) * SERVES / 1e3;
                    if holds { (scale * per_person_milli[need] as f64) as i64 } else { 0 }
                });
                Store {
                    at: point(km),
                    place,
                    readiness_min: (TIERS[rank].1 * 60.0 * dice.between(0.8, 1.2)) as u32,
                    active: dice.part() >= 0.03,
                    units,
                }
            })
            .collect();
        let areas = by_tier[lowest]
            .iter()
            .map(|at| {
                let (place, at) = (&places[*at], point(places[*at].km));
                let cut_off = dice.part() < 0.02;
                let wait_min = if cut_off { dice.between(120.0, 1_440.0) as u32 } else { 0 };
                let damaged = dice.part() < 0.125;
                let near = by_county.get(&place.county).map_or(&[][..], Vec::as_slice);
                let slow = dice.between(1.5, 3.0);
                let way = |store: &usize| {
                    let cm = f64::from(distance_cm(stores[*store].at, at));
                    (*store, (cm * 1.3 / 1e5 * slow).ceil() as u32)
                };
                let measured = near.iter().take(if damaged { DAMAGED } else { 0 }).map(way);
                AreaRow {
                    code: place.code.clone(),
                    at,
                    persons: dice.between(200.0, 8_000.0) as i64,
                    wait_min,
                    measured: measured.collect(),
                }
            })
            .collect();
        Self { lowest, places, areas, stores, per_person_milli }
    }

    /// Little-endian: numbers of areas, depots, needs as u32; by depot longitude, latitude in
    /// millionths as i32, readiness (all ones: knocked out) and the area where it stands (all ones:
    /// none) as u32, then its units as i64; by
    /// need thousandths a person as i64; by area longitude, latitude as i32, wait as u32, people as
    /// i64, number of measured ways as u32, whether it is asked about as u32; then all of these,
    /// depot and minutes as u32.
    pub fn write(&self, path: &Path, asked: impl Fn(&AreaRow) -> bool) {
        let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
        let mut put = |bytes: &[u8]| file.write_all(bytes).unwrap();
        for count in [self.areas.len(), self.stores.len(), NEEDS] {
            put(&(count as u32).to_le_bytes());
        }
        let areas = self.places.iter().enumerate().filter(|(_, place)| place.tier == self.lowest);
        let homes: HashMap<usize, u32> = (0_u32..).zip(areas).map(|(n, (at, _))| (at, n)).collect();
        for store in &self.stores {
            let readiness = if store.active { store.readiness_min } else { u32::MAX };
            put(&store.at.lon_e6.to_le_bytes());
            put(&store.at.lat_e6.to_le_bytes());
            put(&readiness.to_le_bytes());
            let home = homes.get(&store.place).copied().unwrap_or(u32::MAX);
            put(&home.to_le_bytes());
            store.units.iter().for_each(|units| put(&units.to_le_bytes()));
        }
        self.per_person_milli.iter().for_each(|milli| put(&milli.to_le_bytes()));
        for area in &self.areas {
            put(&area.at.lon_e6.to_le_bytes());
            put(&area.at.lat_e6.to_le_bytes());
            put(&area.wait_min.to_le_bytes());
            put(&area.persons.to_le_bytes());
            put(&(area.measured.len() as u32).to_le_bytes());
            put(&u32::from(asked(area)).to_le_bytes());
        }
        for (depot, minutes) in self.areas.iter().flat_map(|area| &area.measured) {
            put(&(*depot as u32).to_le_bytes());
            put(&minutes.to_le_bytes());
        }
        file.flush().unwrap();
    }
}
