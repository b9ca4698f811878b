//! Events within the reference data.
//!
//! Lives here: what an event must name. Does not live here: who gets what (`scenario`). Invariant:
//! an event names only regions and depots that are there.

use super::super::event::Event;
use super::super::refusal::Refusal;
use super::{Reference, known};

impl Reference {
    pub(super) fn check_event(&self, event: &Event) -> Result<(), Refusal> {
        for (at, area) in event.areas.iter().enumerate() {
            self.known_region(area.region, &format!("/areas/{at}/region"))?;
        }
        for (at, closure) in event.closures.iter().enumerate() {
            self.known_region(closure.region, &format!("/closures/{at}/region"))?;
        }
        for (at, code) in event.disabled_depots.iter().enumerate() {
            known(&self.depots, code, "depot", &format!("/disabled_depots/{at}"))?;
        }
        Ok(())
    }
}
