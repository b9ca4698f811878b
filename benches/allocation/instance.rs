//! Made-up disasters: areas struck together, depots of five tiers, roads and twenty needs.
//!
//! Lives here: a seeded generator and the file that other solvers read. Does not live here: any
//! solver. Invariant: the same seed makes the same bytes.

use std::io::{BufWriter, Write};
use std::path::Path;

use changping::domain::allocation::Link;

/// Minutes from the start within which goods count.
pub const LIMIT_MIN: u32 = 720;
/// In the file: no way.
const NONE: u16 = u16::MAX;

/// How much there is of each need, of all that is asked for.
const PLENTY: [f64; 10] = [0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.3, 1.6, 2.0, 3.0];
/// How many of the depots hold any of it.
const SPREAD: [f64; 5] = [1.0, 0.8, 0.5, 0.3, 0.15];

pub struct Size {
    pub name: &'static str,
    pub areas: usize,
    pub depots: usize,
    pub width_km: f64,
    pub height_km: f64,
    /// Areas lie around so many points, within so many kilometres.
    pub centres: usize,
    pub radius_km: f64,
}

pub const SIZES: [Size; 3] = [
    Size {
        name: "city",
        areas: 52,
        depots: 501,
        width_km: 170.0,
        height_km: 130.0,
        centres: 1,
        radius_km: 90.0,
    },
    Size {
        name: "province",
        areas: 600,
        depots: 1_666,
        width_km: 700.0,
        height_km: 420.0,
        centres: 2,
        radius_km: 200.0,
    },
    Size {
        name: "nation",
        areas: 2_000,
        depots: 40_304,
        width_km: 3_000.0,
        height_km: 2_500.0,
        centres: 3,
        radius_km: 250.0,
    },
];

pub const NEEDS: usize = 20;

/// Splitmix64.
pub struct Dice(pub u64);

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
}

pub struct Instance {
    pub areas: usize,
    pub depots: usize,
    /// By depot: 0 village to 4 province.
    pub ranks: Vec<u8>,
    pub links: Vec<Link>,
    /// By need.
    pub supply: Vec<Vec<i64>>,
    pub asks: Vec<Vec<i64>>,
}

/// Tiers of depots: share of all, readiness in hours, what one holds beside a village's.
const TIERS: [(f64, f64, f64); 5] = [
    (0.70, 0.25, 1.0),
    (0.20, 0.5, 6.0),
    (0.07, 1.0, 40.0),
    (0.025, 2.0, 200.0),
    (0.005, 3.0, 800.0),
];

/// Ways in time: depots that are down have none, some pairs are closed, some roads damaged, some
/// areas cut off but for what lies next to them.
fn links(dice: &mut Dice, areas: &[(f64, f64)], depots: &[((f64, f64), usize)]) -> Vec<Link> {
    let down: Vec<bool> = depots.iter().map(|_| dice.part() < 0.03).collect();
    let mut links = Vec::new();
    for (area, to) in areas.iter().enumerate() {
        let cut_off = dice.part() < 0.02;
        for (source, (from, tier)) in depots.iter().enumerate() {
            let km = ((from.0 - to.0).powi(2) + (from.1 - to.1).powi(2)).sqrt();
            let (luck, slow) = (dice.part(), dice.between(1.5, 3.0));
            if km > 600.0 || down[source] || luck < 0.02 || cut_off && km > 8.0 {
                continue;
            }
            // Kilometres on the road at 60 km/h are minutes; a road in eight is damaged.
            let road = km * 1.3 * if luck < 0.145 { slow } else { 1.0 };
            let minutes = (TIERS[*tier].1 * 60.0 + road).ceil() as u32;
            if minutes <= LIMIT_MIN {
                links.push(Link { source, area, minutes });
            }
        }
    }
    links
}

impl Instance {
    pub fn of(size: &Size, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let span = (size.width_km, size.height_km);
        let towns: Vec<(f64, f64)> = (0..size.depots / 40 + 3)
            .map(|_| (dice.between(0.0, span.0), dice.between(0.0, span.1)))
            .collect();
        let near_town = |dice: &mut Dice| {
            let (x, y) = towns[(dice.roll() % towns.len() as u64) as usize];
            let wide = 25.0;
            let mut off = || (dice.part() + dice.part() + dice.part() - 1.5) * wide;
            (x + off(), y + off())
        };
        let depots: Vec<((f64, f64), usize)> = (0..size.depots)
            .map(|_| {
                let (at, mut luck, mut tier) = (near_town(&mut dice), dice.part(), 0);
                while tier < 4 && luck > TIERS[tier].0 {
                    luck -= TIERS[tier].0;
                    tier += 1;
                }
                (at, tier)
            })
            .collect();
        let centres: Vec<(f64, f64)> = (0..size.centres)
            .map(|_| (dice.between(0.2, 0.8) * span.0, dice.between(0.2, 0.8) * span.1))
            .collect();
        let areas: Vec<(f64, f64)> = (0..size.areas)
            .map(|at| {
                let (x, y) = centres[at % centres.len()];
                let (angle, far) = (dice.between(0.0, std::f64::consts::TAU), dice.part().sqrt());
                (x + far * size.radius_km * angle.cos(), y + far * size.radius_km * angle.sin())
            })
            .collect();
        let links = links(&mut dice, &areas, &depots);
        let people: Vec<f64> = areas.iter().map(|_| dice.between(200.0, 8_000.0)).collect();
        let (mut supply, mut asks) = (Vec::new(), Vec::new());
        for need in 0..NEEDS {
            let each = dice.between(0.3, 6.0);
            let asked: Vec<i64> = people.iter().map(|people| (people * each) as i64).collect();
            let held: Vec<f64> = depots
                .iter()
                .map(|(_, tier)| {
                    let holds = dice.part() < SPREAD[need % SPREAD.len()];
                    let units = TIERS[*tier].2 * dice.between(0.3, 1.7);
                    if holds { units } else { 0.0 }
                })
                .collect();
            // Only depots that reach anybody count.
            let mut useful = vec![false; size.depots];
            links.iter().for_each(|link| useful[link.source] = true);
            let whole: f64 =
                held.iter().zip(&useful).filter(|(_, useful)| **useful).map(|(held, _)| held).sum();
            let wanted = asked.iter().sum::<i64>() as f64 * PLENTY[need % PLENTY.len()];
            supply.push(held.iter().map(|held| (held / whole * wanted) as i64).collect());
            asks.push(asked);
        }
        let ranks = depots.iter().map(|(_, tier)| *tier as u8).collect();
        Self { areas: size.areas, depots: size.depots, ranks, links, supply, asks }
    }

    /// Areas, depots and needs as u32; minutes by area and depot as u16, 65,535 for no way; supply
    /// by need and depot, asks by need and area as i64; all little-endian.
    pub fn write(&self, path: &Path) {
        let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
        for count in [self.areas, self.depots, NEEDS] {
            file.write_all(&(count as u32).to_le_bytes()).unwrap();
        }
        let mut minutes = vec![NONE; self.areas * self.depots];
        for link in &self.links {
            minutes[link.area * self.depots + link.source] = link.minutes as u16;
        }
        minutes.iter().for_each(|one| file.write_all(&one.to_le_bytes()).unwrap());
        for units in self.supply.iter().chain(&self.asks).flatten() {
            file.write_all(&units.to_le_bytes()).unwrap();
        }
        file.flush().unwrap();
    }
}
