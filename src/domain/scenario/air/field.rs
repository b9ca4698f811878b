//! The field: all that flights are made of, and why none goes to a place.
//!
//! Lives here: plain values in the order of pads, places and piles. Does not live here: how they
//! came about (`air`), the order of flights (`flights`). Invariant: a place to which nothing is
//! flown is told of one base, with the distance.

use std::cmp::Reverse;
use std::sync::Arc;

use super::super::super::helibase::Lift;
use super::super::super::region::Region;
use super::flights::{Pad, Pile, Place};
use super::rows::{FlightRow, Grounded};

/// All that flights are made of.
pub struct Field {
    pub pads: Vec<Pad>,
    pub places: Vec<Place>,
    pub piles: Vec<Pile>,
    /// By pile.
    pub sources: Vec<usize>,
    /// By pad and place.
    pub lifts: Vec<Vec<Lift>>,
}

impl Field {
    /// Why nothing is flown to a place, told of the base that could lift most, or of the nearest.
    pub fn grounded(&self, place: usize, region: Arc<Region>) -> Option<FlightRow> {
        let lifts = self.pads.iter().zip(&self.lifts);
        let lifts = lifts
            .enumerate()
            .filter_map(|(nth, (pad, of_place))| Some((nth, pad, *of_place.get(place)?)));
        let (nth, pad, lift) =
            lifts.min_by_key(|(nth, _, lift)| (Reverse(lift.capacity_kg), lift.cm, *nth))?;
        let found = self.places.get(place)?;
        let wanted = |pile: &Pile| {
            let wants = found.wants.iter().any(|want| want.need == pile.need);
            wants && pile.serves.binary_search(&place).is_ok()
        };
        let brought = self.pads.get(nth)?.ready.iter().zip(&self.piles);
        let dark = lift.first_min.is_some_and(|first| first > pad.dusk_min);
        let grounded = if !lift.within_radius {
            Grounded::Distance
        } else if dark {
            Grounded::Daylight
        } else if lift.sorties == 0 {
            Grounded::Time
        } else if !brought.into_iter().any(|(ready, pile)| ready.is_some() && wanted(pile)) {
            Grounded::Goods
        } else if pad.is_booked() {
            Grounded::Booked
        } else {
            Grounded::Others
        };
        Some(FlightRow {
            region,
            base: Arc::clone(&pad.base),
            lift,
            sorties: 0,
            first_min: None,
            weight_g: 0,
            grounded: Some(grounded),
            landings: Vec::new(),
            loads: Vec::new(),
        })
    }
}
