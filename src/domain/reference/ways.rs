//! Routes and roads within the reference data.
//!
//! Lives here: what a route must name, routes by region, and the network of the roads. Does not
//! live here: which way is taken (`travel`). Invariant: routes and network are
//! those of this state, made when first asked for and kept until what they are made of changes.

use std::sync::Arc;

use chrono::NaiveDate;

use super::super::catalogue::ItemStatus;
use super::super::refusal::Refusal;
use super::super::route::{Measured, Route};
use super::super::travel::{Blocked, Crossing, Guide, Network, Waters};
use super::super::water::WaterLeg;
use super::{Reference, known};

impl Reference {
    /// The network of all active roads.
    pub fn network(&self) -> &Arc<Network> {
        let roads = || self.roads.iter().map(|(_, road)| &**road);
        self.network.get_or_init(|| Arc::new(Network::of(roads())))
    }

    /// All measured routes by region.
    fn measured(&self) -> &Arc<Measured> {
        let numbered = |route: &Arc<Route>| {
            let region = self.regions.find(route.region)?;
            Some((region, self.depots.find(route.depot.as_str())?, Arc::clone(route)))
        };
        let routes = || self.routes.iter().filter_map(|(_, route)| numbered(route));
        self.measured.get_or_init(|| Arc::new(Measured::of(routes())))
    }

    /// What is known of ways on a day, with some of them blocked.
    pub fn guide(&self, on: NaiveDate, blocked: &Blocked) -> Guide {
        let legs = self.water_legs.iter().filter_map(|(number, leg)| self.leg(number, leg));
        let waters = Waters::new(&self.regions, legs.collect(), None);
        let guide = Guide::new(Arc::clone(self.measured()), on, Arc::clone(self.network()));
        guide.over_water(waters).blocked(blocked, &self.regions, |depot| self.depot_region(depot))
    }

    fn leg(&self, number: u32, leg: &WaterLeg) -> Option<Crossing> {
        Some(Crossing {
            number,
            region: self.regions.find(leg.region).filter(|_| leg.status == ItemStatus::Active)?,
            pier: leg.pier,
            crossing_min: leg.crossing_min,
            sails: (leg.sails_from_min, leg.sails_until_min),
        })
    }

    pub(super) fn check_route(&self, route: &Route) -> Result<(), Refusal> {
        self.known_region(route.region, "/region")?;
        known(&self.depots, &route.depot, "depot", "/depot")
    }
}

#[cfg(test)]
#[path = "ways_tests.rs"]
mod tests;
