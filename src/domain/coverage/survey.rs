//! The survey: what all questions about one day have in common, and what one question keeps at
//! hand.
//!
//! Lives here: stock, promises and distances, gathered once. Does not live here: the walk over the
//! areas (`coverage`). Invariant: it is of one Position, and changes nothing in it.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::NaiveDate;

use crate::domain::position::Position;
use crate::domain::reference::Reference;
use crate::domain::region::{RegionIx, Regions, Tier};
use crate::domain::travel::{Guide, Ruler};

use super::Query;
use super::blocks::{Admitted, Blocks};
use super::closure::Closures;
use super::pace::Timetables;
use super::promises::Promises;
use super::supply::Supply;
use super::vicinity::{Marks, Vicinity};

/// Stock, promises and distances of one day.
#[derive(Debug)]
pub struct Survey {
    pub on: NaiveDate,
    pub supply: Supply,
    pub blocks: Blocks,
    pub promises: Promises,
    ruler: Ruler,
}

impl Survey {
    /// Gathers what counts on a day.
    pub fn of(position: &Position, on: NaiveDate) -> Self {
        let mut ruler = Ruler::default();
        let supply = Supply::gather(position, on, &mut ruler);
        let blocks = Blocks::of(&supply, &position.reference.regions, &mut ruler);
        let promises = Promises::gather(&position.reference, on, &supply.needs, &mut ruler);
        Self { on, supply, blocks, promises, ruler }
    }

    /// Distances to the depots.
    pub fn ruler(&self) -> &Ruler {
        &self.ruler
    }

    /// The same with every source to be looked at by itself.
    #[cfg(test)]
    pub fn one_by_one(position: &Position, on: NaiveDate) -> Self {
        let mut survey = Self::of(position, on);
        survey.blocks.share_all();
        survey
    }

    /// What a question needs at hand.
    pub fn tools(&self, reference: &Reference, query: &Query) -> Tools {
        let regions = &reference.regions;
        Tools {
            ruler: self.ruler.clone(),
            guide: reference.guide(query.on, &query.blocked),
            timetables: Timetables::default(),
            marks: Marks::default(),
            around: Default::default(),
            closures: Closures::of(&query.closures, regions, &self.supply, &self.blocks),
            admitted: HashMap::new(),
        }
    }
}

/// What one question keeps at hand from area to area.
pub struct Tools {
    pub ruler: Ruler,
    pub guide: Guide,
    pub timetables: Timetables,
    pub marks: Marks,
    /// What the areas that are walked over now have in common, once somebody has asked: on the
    /// roads there are, and on open ones; and the same of the last one that has no neighbours.
    pub around: [Option<Vicinity>; 3],
    /// The question's.
    pub closures: Closures,
    admitted: HashMap<RegionIx, Rc<Admitted>>,
}

impl Tools {
    /// The blocks that the question's scope admits for an area.
    pub fn admitted(
        &mut self,
        survey: &Survey,
        regions: &Regions,
        query: &Query,
        area: RegionIx,
    ) -> Rc<Admitted> {
        let city = regions.ancestor_of_tier(area, Tier::City).unwrap_or(area);
        let needs = survey.supply.needs.len();
        let new = || Rc::new(survey.blocks.admitted(regions, query.scope, city, needs));
        Rc::clone(self.admitted.entry(city).or_insert_with(new))
    }
}
