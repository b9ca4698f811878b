//! Bounded fleets: what of a plan the trucks of its depots carry, one trip each.
//!
//! Lives here: which goods go on which truck. Does not live here: the plan, which knows no trucks,
//! and whether they carry all of it (`fleet`). Invariant: nothing goes that the plan does not send,
//! and no depot sends more trucks than it has, nor a truck more than it carries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::super::catalogue::Code;
use super::super::super::position::Position;
use super::super::super::profile::Truck;
use super::super::super::region::RegionCode;
use super::super::answer::Delivery;
use super::super::area::AreaRow;
use super::super::questions::Fraction;
use super::{FleetRow, G_PER_KG, ML_PER_L, truck_of, trucks};

/// A need of an area, by their places.
type Slot = (usize, usize);

/// Who is served next: mandatory needs, then the smaller class, then whoever has the least part of
/// what is required; of equals the area and the need named first.
type Turn = (bool, u32, Fraction, Slot);

/// What is left of one delivery.
struct Cargo {
    /// Its place among the deliveries.
    row: usize,
    slot: Slot,
    lane: usize,
    pieces: i64,
    /// Of one piece.
    weight_g: i64,
    volume_ml: i64,
    units: i64,
}

/// A depot and an area between which trucks go.
struct Lane {
    depot: Code,
    truck: Truck,
    cargo: Vec<usize>,
}

/// One need of one area as it stands.
struct Standing {
    optional: bool,
    class: u32,
    served: i64,
    required: i64,
}

struct Yard {
    cargo: Vec<Cargo>,
    lanes: Vec<Lane>,
    /// By depot, trucks that have not left.
    left: BTreeMap<Code, i64>,
    /// By slot what could be sent, in the order in which it arrives.
    of_slot: BTreeMap<Slot, Vec<usize>>,
    standing: BTreeMap<Slot, Standing>,
    turns: BTreeSet<Turn>,
}

/// Takes off the deliveries what trucks leave behind. Each truck of a depot that has too few makes
/// one trip to one area; whoever's turn it is fills it, then others who get goods the same way, in
/// the order of their turns. Depots of which nobody knows how many trucks they have, or what one
/// carries, send everything.
pub fn cut(
    position: &Position,
    deliveries: &mut Vec<Delivery>,
    areas: &mut [AreaRow],
    fleets: &mut [FleetRow],
) {
    let mut yard = Yard::of(position, deliveries, areas, fleets);
    while let Some((.., slot)) = yard.turns.pop_first() {
        yard.send(slot);
    }
    for cargo in yard.cargo.iter().filter(|cargo| cargo.pieces > 0) {
        let Some(row) = deliveries.get_mut(cargo.row) else { continue };
        let times = |one: i64| one.saturating_mul(cargo.pieces);
        row.quantity -= cargo.pieces;
        row.units -= times(cargo.units);
        row.weight_g -= times(cargo.weight_g);
        row.volume_ml -= times(cargo.volume_ml);
        let fleet = fleets.iter_mut().find(|fleet| fleet.depot.code == row.depot.code);
        if let Some(fleet) = fleet {
            fleet.left_g = fleet.left_g.saturating_add(times(cargo.weight_g));
            fleet.weight_g -= times(cargo.weight_g);
            fleet.volume_ml -= times(cargo.volume_ml);
        }
    }
    deliveries.retain(|row| row.quantity > 0);
    for row in deliveries.iter_mut() {
        let truck = truck_of(position, &row.depot, row.region.code);
        row.trucks = truck.map(|truck| trucks(truck, row.weight_g, row.volume_ml));
        row.without_truck = false;
    }
    tell(deliveries, areas);
}

/// Brings the areas' figures to what is delivered now.
fn tell(deliveries: &[Delivery], areas: &mut [AreaRow]) {
    let mut sums: HashMap<(RegionCode, &Code), (i64, u32)> = HashMap::new();
    for row in deliveries {
        let (units, last) = sums.entry((row.region.code, &row.need.code)).or_default();
        (*units, *last) = (units.saturating_add(row.units), (*last).max(row.arrives_min));
    }
    for area in areas {
        let region = area.region.code;
        for need in &mut area.needs {
            let (units, last) = sums.get(&(region, &need.need.code)).copied().unwrap_or_default();
            need.cut_to(units, last);
        }
    }
}

impl Yard {
    fn of(
        position: &Position,
        deliveries: &[Delivery],
        areas: &[AreaRow],
        fleets: &[FleetRow],
    ) -> Self {
        let short = fleets.iter().filter(|row| row.loads_without > 0);
        let left = short.filter_map(|row| Some((row.depot.code.clone(), row.depot.trucks?.into())));
        let mut yard = Self {
            cargo: Vec::new(),
            lanes: Vec::new(),
            left: left.collect(),
            of_slot: BTreeMap::new(),
            standing: BTreeMap::new(),
            turns: BTreeSet::new(),
        };
        let mut places: HashMap<RegionCode, usize> = HashMap::new();
        for (at, area) in areas.iter().enumerate() {
            places.insert(area.region.code, at);
            for (need, one) in area.needs.iter().enumerate() {
                let standing = Standing {
                    optional: !one.need.mandatory,
                    class: area.struck.class,
                    served: one.issued,
                    required: one.required,
                };
                yard.standing.insert((at, need), standing);
            }
        }
        let mut lanes: HashMap<(&Code, RegionCode), Option<usize>> = HashMap::new();
        for (row, sent) in deliveries.iter().enumerate() {
            let Some(area) = places.get(&sent.region.code).copied() else { continue };
            let needs = areas.get(area).map_or(&[][..], |area| &area.needs);
            let need = needs.iter().position(|one| one.need.code == sent.need.code);
            let Some(slot) = need.map(|need| (area, need)) else { continue };
            let weightless = sent.weight_g == 0 && sent.volume_ml == 0;
            let lane = lanes.entry((&sent.depot.code, sent.region.code));
            let lane = *lane.or_insert_with(|| {
                let truck = truck_of(position, &sent.depot, sent.region.code);
                let truck = truck.filter(|_| yard.left.contains_key(&sent.depot.code))?;
                let (depot, cargo) = (sent.depot.code.clone(), Vec::new());
                yard.lanes.push(Lane { depot, truck, cargo });
                Some(yard.lanes.len() - 1)
            });
            match lane.filter(|_| !weightless) {
                Some(lane) => yard.put(sent, (row, slot, lane)),
                None => yard.serve(slot, sent.units),
            }
        }
        let slots: Vec<Slot> = yard.standing.keys().copied().collect();
        slots.into_iter().for_each(|slot| yard.queue(slot));
        yard
    }

    fn put(&mut self, sent: &Delivery, (row, slot, lane): (usize, Slot, usize)) {
        let pieces = sent.quantity.max(1);
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.cargo.push(self.cargo.len());
        }
        // Deliveries to an area stand in the order in which they arrive.
        self.of_slot.entry(slot).or_default().push(self.cargo.len());
        self.cargo.push(Cargo {
            row,
            slot,
            lane,
            pieces: sent.quantity,
            weight_g: sent.item.weight_g,
            volume_ml: sent.item.volume_ml,
            units: sent.units.div_euclid(pieces),
        });
    }

    fn serve(&mut self, slot: Slot, units: i64) {
        if let Some(standing) = self.standing.get_mut(&slot) {
            standing.served = standing.served.saturating_add(units);
        }
    }

    fn turn(&self, slot: Slot) -> Option<Turn> {
        let Standing { optional, class, served, required } = self.standing.get(&slot)?;
        Some((*optional, *class, Fraction(*served, *required), slot))
    }

    fn queue(&mut self, slot: Slot) {
        self.turns.extend(self.turn(slot));
    }

    /// Sends one truck with goods for a need of an area, if any is left that could take some. Of
    /// several depots the one whose goods are there first sends it.
    fn send(&mut self, slot: Slot) {
        let goes = |at: &usize| {
            let cargo = self.cargo.get(*at)?;
            let lane = self.lanes.get(cargo.lane)?;
            let left = *self.left.get(&lane.depot)?;
            (left > 0 && Room::of(lane.truck).fit(cargo) > 0).then_some(lane)
        };
        let found = self.of_slot.get(&slot).and_then(|rows| rows.iter().find_map(goes));
        let Some(lane) = found else { return };
        if let Some(left) = self.left.get_mut(&lane.depot) {
            *left -= 1;
        }
        let mut room = Room::of(lane.truck);
        let mut order: Vec<(bool, Option<Turn>, usize)> = Vec::new();
        for at in &lane.cargo {
            if let Some(cargo) = self.cargo.get(*at).filter(|cargo| cargo.pieces > 0) {
                order.push((cargo.slot != slot, self.turn(cargo.slot), *at));
            }
        }
        order.sort_unstable();
        for (.., at) in order {
            let Some(cargo) = self.cargo.get_mut(at) else { continue };
            let pieces = room.fit(cargo);
            room.take(cargo, pieces);
            cargo.pieces -= pieces;
            let (theirs, units) = (cargo.slot, pieces.saturating_mul(cargo.units));
            // Each has its next turn where the goods now put it.
            if let Some(turn) = self.turn(theirs) {
                self.turns.remove(&turn);
            }
            self.serve(theirs, units);
            self.queue(theirs);
        }
    }
}

/// What a truck still takes.
struct Room {
    g: i64,
    /// `None` where nobody has said.
    ml: Option<i64>,
}

impl Room {
    fn of(truck: Truck) -> Self {
        Self {
            g: i64::from(truck.payload_kg).saturating_mul(G_PER_KG),
            ml: truck.volume_l.map(|litres| i64::from(litres).saturating_mul(ML_PER_L)),
        }
    }

    /// How many pieces of what is left it takes.
    fn fit(&self, cargo: &Cargo) -> i64 {
        let times = |room: i64, one: i64| if one > 0 { room.div_euclid(one) } else { i64::MAX };
        let by_volume = self.ml.map_or(i64::MAX, |ml| times(ml, cargo.volume_ml));
        times(self.g, cargo.weight_g).min(by_volume).min(cargo.pieces)
    }

    fn take(&mut self, cargo: &Cargo, pieces: i64) {
        self.g -= pieces.saturating_mul(cargo.weight_g);
        self.ml = self.ml.map(|ml| ml - pieces.saturating_mul(cargo.volume_ml));
    }
}
