//! Routes and roads within the reference data.
//!
//! Lives here: what a route must name, the routes of a day, and the network of the roads. Does not
//! live here: which way is taken (`travel`). Invariant: the network is that of this state's roads,
//! made when first asked for and kept until a road changes.

use std::sync::Arc;

use chrono::NaiveDate;

use super::super::refusal::Refusal;
use super::super::route::{Measured, Route};
use super::super::travel::{Blocked, Guide, Network};
use super::{Reference, known};

impl Reference {
    /// The network of all active roads.
    pub fn network(&self) -> &Arc<Network> {
        let roads = || self.roads.iter().map(|(_, road)| &**road);
        self.network.get_or_init(|| Arc::new(Network::of(roads())))
    }

    /// What is known of ways on a day, with some of them blocked.
    pub fn guide(&self, on: NaiveDate, blocked: &Blocked) -> Guide {
        let routes = self.routes.iter().map(|(_, route)| route);
        let routes = routes.filter(|route| route.in_force(on)).filter_map(|route| {
            let region = self.regions.find(route.region)?;
            let depot = self.depots.find(route.depot.as_str())?;
            Some((region, depot, route.valid_from, route.minutes))
        });
        let guide = Guide::new(Measured::of(routes), Arc::clone(self.network()));
        guide.blocked(blocked, &self.regions, |depot| self.depot_region(depot))
    }

    pub(super) fn check_route(&self, route: &Route) -> Result<(), Refusal> {
        self.known_region(route.region, "/region")?;
        known(&self.depots, &route.depot, "depot", "/depot")
    }
}
