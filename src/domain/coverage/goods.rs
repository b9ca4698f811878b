//! Goods on their way to one area: what the scope admits, and when it is there.
//!
//! Lives here: the walk over the sources. Does not live here: what their arrivals cover (`area`).
//! Invariant: without closures, goods arrive as they would on open roads.

use crate::domain::quota::Mode;
use crate::domain::region::{RegionIx, Regions};
use crate::domain::travel::{Guide, Haul, Origin, Ruler, Site, Timetable};

use super::area::Arrival;
use super::closure::wait_min;
use super::eligibility::Neighbourhood;
use super::promises::Promised;
use super::supply::Supply;
use super::{Query, WHOLE_PERCENT};

/// What is asked of all goods for one area.
pub struct Call<'a> {
    pub query: &'a Query,
    pub regions: &'a Regions,
    pub around: &'a Neighbourhood<'a>,
    pub timetable: &'a Timetable,
    pub limit_min: i64,
}

/// What lies in depots, and the area it is for.
pub struct Stock<'s> {
    pub supply: &'s Supply,
    pub site: Site,
    pub area: RegionIx,
    /// The region whose stock suffers, if any.
    pub struck: Option<RegionIx>,
}

/// All that arrives some time.
#[derive(Debug, Default)]
pub struct Goods<'s> {
    pub arrivals: Vec<Arrival<'s>>,
    /// The same were no road closed; empty where none is.
    pub on_open_roads: Vec<Arrival<'s>>,
    /// Whether any of it rests on an inherited point.
    pub inherited: bool,
}

impl<'s> Goods<'s> {
    /// What lies in depots.
    pub fn lying(call: &Call, stock: &Stock<'s>, ruler: &mut Ruler, guide: &mut Guide) -> Self {
        let (query, regions) = (call.query, call.regions);
        let mut approach = guide.approach(stock.area, stock.site);
        let mut goods = Self::default();
        call.around.visit(stock.supply, query.scope, |source, standing| {
            let haul = Haul {
                owner: source.owner_tier,
                agree: standing.agree,
                depot: source.depot_tier,
                readiness_min: source.readiness_min,
                wait_min: 0,
            };
            let (depot, end, spread) = (source.depot, source.end, source.spread);
            let origin = Origin { depot, end, spread };
            let reach = call.timetable.reach(haul, origin, guide, &mut approach, ruler);
            let Some(reach) = reach else { return };
            goods.inherited |= reach.inherited;
            let spared = stock.struck.is_none_or(|root| !regions.within(source.region, root));
            let open = Arrival {
                minutes: reach.minutes,
                travel: reach.travel,
                layer: standing.layer,
                inside: standing.inside,
                mode: Mode::GovPhysical,
                depot: Some(source.depot),
                surviving_percent: match spared {
                    true => WHOLE_PERCENT,
                    false => query.shock.surviving_percent,
                },
                amounts: stock.supply.amounts(source),
            };
            if query.closures.is_empty() {
                goods.arrivals.push(open);
                return;
            }
            goods.on_open_roads.push(open);
            if let Some(wait) = wait_min(regions, &query.closures, source.region, stock.area) {
                let minutes = open.minutes + call.timetable.waiting_min(haul, wait);
                goods.arrivals.push(Arrival { minutes, ..open });
            }
        });
        goods
    }

    /// Also what is promised.
    pub fn add(&mut self, promised: &'s [Promised]) {
        self.arrivals.extend(promised.iter().filter_map(Promised::arrival));
        self.on_open_roads.extend(promised.iter().filter_map(Promised::on_open_roads));
    }
}
