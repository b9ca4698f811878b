//! Routes and roads within the reference data.
//!
//! Lives here: what a route must name, the routes of a day, and the network of the roads. Does not
//! live here: which way is taken (`travel`). Invariant: the network is that of this state's roads,
//! made when first asked for and kept until a road changes.

use std::sync::Arc;

use chrono::NaiveDate;

use super::super::catalogue::ItemStatus;
use super::super::refusal::Refusal;
use super::super::route::{Basis, Measured, Route};
use super::super::travel::{Blocked, Crossing, Guide, Network, Waters};
use super::super::water::WaterLeg;
use super::{Reference, known};

impl Reference {
    /// The network of all active roads.
    pub fn network(&self) -> &Arc<Network> {
        let roads = || self.roads.iter().map(|(_, road)| &**road);
        self.network.get_or_init(|| Arc::new(Network::of(roads())))
    }

    /// What is known of ways on a day, with some of them blocked.
    pub fn guide(&self, on: NaiveDate, blocked: &Blocked) -> Guide {
        let routes = |basis: Basis| {
            let routes = self.routes.iter().map(|(_, route)| route);
            let counts = |route: &&Arc<Route>| route.basis == basis && route.in_force(on);
            Measured::of(routes.filter(counts).filter_map(|route| {
                let region = self.regions.find(route.region)?;
                let depot = self.depots.find(route.depot.as_str())?;
                Some((region, depot, route.valid_from, route.minutes))
            }))
        };
        // Whoever drove it knows better than a server.
        let measured = routes(Basis::Driven).or(routes(Basis::Matrix));
        let legs = self.water_legs.iter().filter_map(|(number, leg)| self.leg(number, leg));
        let waters = Waters::new(&self.regions, legs.collect(), None);
        let guide = Guide::new(measured, Arc::clone(self.network()));
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
