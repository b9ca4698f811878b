//! Fleets: whether the trucks of each depot carry what the plan takes out of it.
//!
//! Lives here: loads by depot and area, one trip a truck, against the trucks there are. Does not
//! live here: what they carry where they are a bound (`bound`); who gets what, which knows none.
//! Invariant: a depot of which nobody has said how
//! many trucks it has is neither enough nor too little.

mod bound;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::catalogue::Code;
use super::super::depot::Depot;
use super::super::position::Position;
use super::super::profile::Truck;
use super::super::region::RegionCode;
use super::answer::Delivery;

pub use bound::cut;

const G_PER_KG: i64 = 1_000;
const ML_PER_L: i64 = 1_000;

/// What the trucks of the depots mean for a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fleets {
    /// The plan knows none; what they do not carry whole is marked.
    #[default]
    Check,
    /// Only what they carry is sent.
    Bound,
}

impl Fleets {
    pub const ALL: [Self; 2] = [Self::Check, Self::Bound];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Bound => "bound",
        }
    }

    /// The value of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What a plan takes out of one depot, and what the depot has to carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetRow {
    pub depot: Arc<Depot>,
    pub weight_g: i64,
    pub volume_ml: i64,
    /// Trucks that all loads take, one trip each; `None` where nobody has said what one carries.
    pub trucks_needed: Option<i64>,
    /// Loads that the trucks do not carry whole.
    pub loads_without: usize,
    /// What stays behind for want of trucks; nothing where they are no bound.
    pub left_g: i64,
}

impl FleetRow {
    /// Whether its trucks carry all of it; `None` where nobody has said how many it has or what
    /// one carries.
    pub fn suffices(&self) -> Option<bool> {
        self.depot.trucks.and(self.trucks_needed).map(|_| self.loads_without == 0)
    }
}

/// What goes from one depot to one area.
#[derive(Default)]
struct Load {
    arrives_min: u32,
    weight_g: i64,
    volume_ml: i64,
    trucks: Option<i64>,
}

/// Trucks for a weight and a volume that travel together.
pub fn trucks(truck: Truck, weight_g: i64, volume_ml: i64) -> i64 {
    let times = |amount: i64, one: i64| amount.saturating_add(one - 1).div_euclid(one.max(1));
    let by_weight = times(weight_g, i64::from(truck.payload_kg).saturating_mul(G_PER_KG));
    let by_volume = truck
        .volume_l
        .map_or(0, |litres| times(volume_ml, i64::from(litres).saturating_mul(ML_PER_L)));
    by_weight.max(by_volume)
}

/// The truck of a depot: its own, else that of its city, else that of the area's city.
pub fn truck_of(position: &Position, depot: &Depot, area: RegionCode) -> Option<Truck> {
    let reference = &position.reference;
    let of = |code: RegionCode| {
        reference.regions.find(code).and_then(|ix| reference.profile_of(ix)?.truck)
    };
    let city = of(depot.region).or_else(|| of(area));
    match depot.truck_payload_kg {
        None => city,
        Some(payload_kg) => Some(Truck { payload_kg, volume_l: city.and_then(|t| t.volume_l) }),
    }
}

/// Sums the loads by depot, and marks the deliveries whose load the trucks do not carry whole when
/// the earliest loads go first.
pub fn check(position: &Position, deliveries: &mut [Delivery]) -> Vec<FleetRow> {
    let mut depots: BTreeMap<Code, (Arc<Depot>, BTreeMap<RegionCode, Load>)> = BTreeMap::new();
    for row in deliveries.iter() {
        let empty = || (Arc::clone(&row.depot), BTreeMap::new());
        let (_, loads) = depots.entry(row.depot.code.clone()).or_insert_with(empty);
        let load = loads.entry(row.region.code).or_default();
        load.arrives_min = match load.weight_g {
            0 => row.arrives_min,
            _ => load.arrives_min.min(row.arrives_min),
        };
        load.weight_g = load.weight_g.saturating_add(row.weight_g);
        load.volume_ml = load.volume_ml.saturating_add(row.volume_ml);
    }
    let mut without: Vec<(Code, RegionCode)> = Vec::new();
    let mut rows = Vec::new();
    for (code, (depot, loads)) in depots {
        let mut loads: Vec<(RegionCode, Load)> = loads.into_iter().collect();
        for (area, load) in &mut loads {
            let truck = truck_of(position, &depot, *area);
            load.trucks = truck.map(|truck| trucks(truck, load.weight_g, load.volume_ml));
        }
        loads.sort_by_key(|(area, load)| (load.arrives_min, *area));
        let (mut used, mut beyond) = (0_i64, 0);
        for (area, load) in &loads {
            used = used.saturating_add(load.trucks.unwrap_or(0));
            if depot.trucks.is_some_and(|have| used > i64::from(have)) {
                beyond += 1;
                without.push((code.clone(), *area));
            }
        }
        rows.push(FleetRow {
            weight_g: loads.iter().map(|(_, load)| load.weight_g).sum(),
            volume_ml: loads.iter().map(|(_, load)| load.volume_ml).sum(),
            trucks_needed: loads.iter().map(|(_, load)| load.trucks).sum(),
            loads_without: beyond,
            left_g: 0,
            depot,
        });
    }
    without.sort_unstable();
    for row in deliveries {
        let key = (row.depot.code.clone(), row.region.code);
        row.without_truck = without.binary_search(&key).is_ok();
        let truck = truck_of(position, &row.depot, row.region.code);
        row.trucks = truck.map(|truck| trucks(truck, row.weight_g, row.volume_ml));
    }
    rows
}
