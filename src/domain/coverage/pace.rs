//! Pace: bounds on when the goods of a block reach an area.
//!
//! Lives here: the least and the most minutes off the road and on it, for one timetable. Does not
//! live here: the minutes of a single source (`travel`). Invariant: every source of a block arrives
//! within the bounds given for it.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::domain::profile::{ClockStart, Profile};
use crate::domain::region::Tier;
use crate::domain::travel::{Bounds, Conditions, Haul, Timetable};

use super::blocks::{Agreed, Block, Blocks, Kind};

/// Bounds for one block.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    least_fixed_min: i64,
    most_fixed_min: i64,
    /// Minutes until a truck is loaded; it waits for roads meanwhile.
    least_loaded_min: i64,
    most_loaded_min: i64,
    fastest: Tier,
    slowest: Tier,
    /// The most that a depot may stand off its point, in centimetres.
    spread_cm: u32,
}

impl Pace {
    fn of(timetable: &Timetable, block: &Block, agreed: Agreed) -> Self {
        let exactly = |agree: Option<Tier>| {
            move |kind: &Kind| {
                timetable.fixed_min(Haul {
                    owner: kind.owner,
                    agree,
                    depot: kind.depot,
                    readiness_min: kind.readiness_min,
                    wait_min: 0,
                })
            }
        };
        let least = |agree| block.kinds.iter().map(exactly(agree)).min();
        let most = |agree| block.kinds.iter().map(exactly(agree)).max();
        let (least, most) = match agreed {
            Agreed::Exactly(agree) => (least(agree), most(agree)),
            Agreed::Various => {
                (least(None), Tier::ALL.into_iter().filter_map(|tier| most(Some(tier))).max())
            }
        };
        let loaded = |kind: &Kind| timetable.loaded_min(kind.depot, kind.readiness_min);
        let loaded = || block.kinds.iter().map(loaded);
        let depots = || block.kinds.iter().map(|kind| kind.depot);
        let speed = |tier: &Tier| timetable.speed_kmh(*tier);
        Self {
            least_fixed_min: least.unwrap_or_default(),
            most_fixed_min: most.unwrap_or_default(),
            least_loaded_min: loaded().min().unwrap_or_default(),
            most_loaded_min: loaded().max().unwrap_or_default(),
            fastest: depots().max_by_key(speed).unwrap_or(Tier::Village),
            slowest: depots().min_by_key(speed).unwrap_or(Tier::Village),
            spread_cm: block
                .spreads
                .iter()
                .map(|spread| timetable.least_cm(*spread))
                .max()
                .unwrap_or_default(),
        }
    }

    /// The same where goods wait at least and at most so long for roads.
    pub fn waiting(self, least_min: u32, most_min: u32) -> Self {
        let longer = |wait: u32, loaded: i64| (i64::from(wait) - loaded).max(0);
        Self {
            least_fixed_min: self.least_fixed_min + longer(least_min, self.most_loaded_min),
            most_fixed_min: self.most_fixed_min + longer(most_min, self.least_loaded_min),
            ..self
        }
    }

    /// The least minutes in which anything of it arrives; `near_cm` is what the area's own spread
    /// adds.
    pub fn least_min(&self, timetable: &Timetable, bounds: Bounds, near_cm: u32) -> i64 {
        let road = timetable.road_min(self.fastest, bounds.least_cm.max(near_cm));
        self.least_fixed_min.saturating_add(road.unwrap_or_default())
    }

    /// Whether all of it is in time, or nothing; `None` where the bounds leave it open. `near_cm`
    /// is what the spreads of the areas add at least and at most.
    pub fn verdict(
        &self,
        timetable: &Timetable,
        bounds: Bounds,
        near_cm: (u32, u32),
        limit_min: i64,
    ) -> Option<bool> {
        let most_cm = bounds.most_cm.max(near_cm.1).max(self.spread_cm);
        if timetable.is_by(self.most_fixed_min, self.slowest, most_cm, limit_min) {
            return Some(true);
        }
        let least_cm = bounds.least_cm.max(near_cm.0);
        let none = !timetable.is_by(self.least_fixed_min, self.fastest, least_cm, limit_min);
        none.then_some(false)
    }
}

/// A timetable with the paces of blocks by it, found when first asked for.
#[derive(Debug)]
pub struct Paced {
    pub timetable: Timetable,
    by_agreed: [OnceCell<Vec<OnceCell<Pace>>>; 7],
}

impl Paced {
    fn new(timetable: Timetable) -> Self {
        Self { timetable, by_agreed: Default::default() }
    }

    /// The pace of a block where so is agreed.
    pub fn pace(&self, blocks: &Blocks, number: usize, agreed: Agreed) -> Option<&Pace> {
        let place = match agreed {
            Agreed::Various => 0,
            Agreed::Exactly(None) => 1,
            Agreed::Exactly(Some(Tier::Province)) => 2,
            Agreed::Exactly(Some(Tier::City)) => 3,
            Agreed::Exactly(Some(Tier::County)) => 4,
            Agreed::Exactly(Some(Tier::Township)) => 5,
            Agreed::Exactly(Some(Tier::Village)) => 6,
        };
        let none = || vec![OnceCell::new(); blocks.all().len()];
        let cell = self.by_agreed.get(place)?.get_or_init(none).get(number)?;
        let block = blocks.get(number)?;
        Some(cell.get_or_init(|| Pace::of(&self.timetable, block, agreed)))
    }
}

/// The timetables of an answer's areas: few, as areas of a city share one or two, and cities too.
#[derive(Debug, Default)]
pub struct Timetables {
    known: Vec<Rc<Paced>>,
    /// The profile and mountains of the area before, and what they came to.
    last: Option<((*const Profile, bool), Rc<Paced>)>,
}

impl Timetables {
    /// How many are kept.
    const MOST: usize = 8;

    /// That of a profile; the same clock and conditions must come with it each time.
    pub fn of(
        &mut self,
        profile: &Profile,
        mountain: bool,
        (clock, conditions): (ClockStart, Conditions),
    ) -> Rc<Paced> {
        let key = (std::ptr::from_ref(profile), mountain);
        if let Some((_, paced)) = self.last.as_ref().filter(|(known, _)| *known == key) {
            return Rc::clone(paced);
        }
        let timetable = Timetable::under(profile, clock, mountain, conditions);
        let same = self.known.iter().find(|paced| paced.timetable == timetable);
        let paced = same.cloned().unwrap_or_else(|| {
            if self.known.len() >= Self::MOST {
                self.known.clear();
            }
            let paced = Rc::new(Paced::new(timetable));
            self.known.push(Rc::clone(&paced));
            paced
        });
        self.last = Some((key, Rc::clone(&paced)));
        paced
    }
}
