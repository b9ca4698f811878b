//! Events within the reference data.
//!
//! Lives here: what an event must name. Does not live here: who gets what (`scenario`). Invariant:
//! an event names only what is there.

use super::super::closure::ClosedWay;
use super::super::event::Event;
use super::super::refusal::Refusal;
use super::{Reference, known};

impl Reference {
    pub(super) fn check_event(&self, event: &Event) -> Result<(), Refusal> {
        for (at, area) in event.areas.iter().enumerate() {
            self.known_region(area.region, &format!("/areas/{at}/region"))?;
        }
        for (at, closure) in event.closures.iter().enumerate() {
            if let Some(region) = closure.region {
                self.known_region(region, &format!("/closures/{at}/region"))?;
            }
            match &closure.way {
                ClosedWay::Area => {}
                ClosedWay::Pair { depot } => {
                    known(&self.depots, depot, "depot", &format!("/closures/{at}/depot"))?;
                }
                ClosedWay::Roads(roads) => {
                    for (road_at, road) in roads.iter().enumerate() {
                        let pointer = format!("/closures/{at}/roads/{road_at}");
                        known(&self.roads, road, "road", &pointer)?;
                    }
                }
            }
        }
        for (at, code) in event.disabled_depots.iter().enumerate() {
            known(&self.depots, code, "depot", &format!("/disabled_depots/{at}"))?;
        }
        Ok(())
    }
}
