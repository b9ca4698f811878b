//! Promises: what agreements, capacities and pledges bring to an area, and when.
//!
//! Lives here: their place, what counts of them, the minutes until people have it. Does not live
//! here: what a register's entry means (`reserve`). Invariant: a promise that nobody has confirmed
//! brings nothing and is counted as unconfirmed.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::catalogue::Need;
use crate::domain::quota::Mode;
use crate::domain::reference::Reference;
use crate::domain::region::{RegionIx, Tier};
use crate::domain::reserve::{Available, Capacity, State, Terms, Yardstick};
use crate::domain::travel::{Hold, Ruler, Site, Spread, Travel};

use super::closure::hold;
use super::eligibility::Layer;
use super::ground::Call;
use super::supply::Amount;
use super::tally::Arrival;

/// When a promise is ready to leave.
#[derive(Debug, Clone)]
enum Supplies {
    /// All of it after so many hours.
    After { hours: u32, available: Available },
    /// As it is made.
    Made { capacity: Arc<Capacity>, by: Yardstick },
}

/// One entry of the registers that is in force and provides a need.
#[derive(Debug, Clone)]
struct Promise {
    mode: Mode,
    owner: RegionIx,
    owner_tier: Tier,
    need: usize,
    /// What one piece gives of the need.
    amount: i64,
    spread: Spread,
    /// The end of the ruler where it lies; `None` where nobody knows.
    end: Option<usize>,
    supplies: Supplies,
}

/// All of them by owner, in the tree's order.
#[derive(Debug, Default)]
pub struct Promises {
    rows: Vec<Promise>,
}

/// What one promise brings to an area at one time.
#[derive(Debug, Clone, Copy)]
pub struct Promised {
    mode: Mode,
    layer: Layer,
    minutes: Option<i64>,
    open_min: Option<i64>,
    amount: Amount,
    /// Whether it is left out, as nobody has confirmed it.
    pub unconfirmed: bool,
}

impl Promised {
    /// The same as an arrival; `None` where it never gets there. What nobody has confirmed is
    /// nothing.
    pub fn arrival(&self) -> Option<Arrival<'_>> {
        self.at(self.minutes)
    }

    /// The same were no road closed; nothing where none is.
    pub fn on_open_roads(&self) -> Option<Arrival<'_>> {
        self.at(self.open_min)
    }

    fn at(&self, minutes: Option<i64>) -> Option<Arrival<'_>> {
        let minutes = minutes?;
        Some(Arrival {
            minutes,
            travel: Travel::Estimated,
            layer: self.layer,
            // A promise says who gives, not in which village it lies.
            inside: false,
            mode: self.mode,
            depot: None,
            place: None,
            hold: None,
            surviving_percent: 100,
            amounts: std::slice::from_ref(&self.amount),
        })
    }
}

impl Promises {
    /// Those in force on a day; their points become ends of the ruler.
    pub fn gather(
        reference: &Reference,
        on: NaiveDate,
        needs: &[Arc<Need>],
        ruler: &mut Ruler,
    ) -> Self {
        let by = |owner, hours| {
            Yardstick::of(reference.profile_of(owner).map(AsRef::as_ref), on, hours, false)
        };
        let mut rows = Vec::new();
        let mut put = |mode, terms: &Terms, supplies: &dyn Fn(RegionIx) -> Supplies| {
            rows.extend(promise(reference, on, needs, ruler, (mode, terms), supplies));
        };
        for row in reference.agreements.sorted() {
            let hours = row.response_hours;
            put(Mode::Agreement, &row.terms, &|owner| Supplies::After {
                hours,
                available: row.available(&by(owner, hours)),
            });
        }
        for row in reference.capacities.sorted() {
            put(Mode::Capacity, &row.terms, &|owner| Supplies::Made {
                capacity: Arc::clone(row),
                by: by(owner, 0),
            });
        }
        for row in reference.pledges.sorted() {
            let hours = row.response_hours;
            put(Mode::Social, &row.terms, &|owner| Supplies::After {
                hours,
                available: row.available(&by(owner, hours)),
            });
        }
        rows.sort_by_key(|row| row.owner);
        Self { rows }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What the promises that the scope admits bring to an area; what is made later than the limit
    /// counts when all of it is made. A closure parts a promise where it parts the region that has
    /// the contract.
    pub fn reach(
        &self,
        call: &Call,
        (area, site): (RegionIx, Site),
        ruler: &mut Ruler,
    ) -> Vec<Promised> {
        let closures = &call.query.closures;
        let mut found = Vec::new();
        for row in &self.rows {
            let scope = call.query.scope;
            let standing = call.around.standing_of(row.owner, row.owner_tier, row.owner, scope);
            let Some(standing) = standing else { continue };
            let way = row.end.and_then(|end| ruler.cm(end));
            let leg = way.map(|cm| call.timetable.leg(cm, [site.spread, row.spread]));
            let wait = Hold::wait_min(hold(call.regions, closures, row.owner, area));
            let after = |hours: u32, wait_min: u32| {
                let ready_min = hours.saturating_mul(60).max(wait_min);
                let haul = (row.owner_tier, standing.agree);
                leg.and_then(|leg| call.timetable.promise_min(haul, ready_min, leg.cm))
            };
            let mut bring = |hours: u32, available: Available| {
                let units = i128::from(available.quantity) * i128::from(row.amount);
                found.push(Promised {
                    mode: row.mode,
                    layer: standing.layer,
                    minutes: wait.and_then(|wait| after(hours, wait)),
                    open_min: after(hours, 0).filter(|_| !closures.is_empty()),
                    amount: Amount { need: row.need, units },
                    unconfirmed: available.state != State::Confirmed || leg.is_none(),
                });
            };
            match &row.supplies {
                Supplies::After { hours, available } => bring(*hours, *available),
                Supplies::Made { capacity, by } => {
                    let limit = |hours| after(hours, 0).is_some_and(|at| at <= call.limit_min);
                    for (hours, quantity) in batches(capacity, limit) {
                        let sure = capacity.available(&Yardstick { hours, ..*by });
                        bring(hours, Available { quantity, ..sure });
                    }
                }
            }
        }
        found
    }
}

fn promise(
    reference: &Reference,
    on: NaiveDate,
    needs: &[Arc<Need>],
    ruler: &mut Ruler,
    (mode, terms): (Mode, &Terms),
    supplies: &dyn Fn(RegionIx) -> Supplies,
) -> Option<Promise> {
    let regions = &reference.regions;
    let owner = regions.find(terms.region).filter(|_| terms.in_force(on))?;
    let item = reference.items.by_code(terms.item.as_str())?;
    let provision = item.provision.as_ref()?;
    let need = needs.binary_search_by(|need| need.code.cmp(&provision.need)).ok()?;
    let site = match terms.location {
        Some(point) => Some(Site { point, spread: Spread::Known }),
        None => Site::somewhere_in(regions, owner),
    };
    Some(Promise {
        mode,
        owner,
        owner_tier: regions.get(owner)?.tier,
        need,
        amount: provision.amount,
        spread: site.map_or(Spread::Known, |site| site.spread),
        end: site.map(|site| ruler.end(site.point)),
        supplies: supplies(owner),
    })
}

/// What a factory gives when: what lies ready at once, an hour's work after each hour that is in
/// time, and the rest when all is made. The sum is what `Capacity::within` tells.
fn batches(capacity: &Capacity, in_time: impl Fn(u32) -> bool) -> Vec<(u32, i64)> {
    let mut batches = vec![(0, capacity.within(0))];
    let mut given = capacity.within(0);
    let all_made = all_made_hours(capacity);
    let mut hours = capacity.startup_hours;
    while hours < all_made && in_time(hours.saturating_add(1)) {
        hours = hours.saturating_add(1);
        let made = capacity.within(hours);
        if made > given {
            batches.push((hours, made - given));
        }
        given = made;
    }
    let rest = capacity.within(all_made) - given;
    if rest > 0 {
        batches.push((all_made, rest));
    }
    batches
}

/// The hours after which the raw material is used up; the start-up where nothing is made.
fn all_made_hours(capacity: &Capacity) -> u32 {
    let (rate, left) = (capacity.daily_rate, capacity.limit - capacity.finished_goods);
    if rate <= 0 || left <= 0 {
        return capacity.startup_hours;
    }
    let running = left.saturating_mul(24).saturating_add(rate - 1) / rate;
    capacity.startup_hours.saturating_add(u32::try_from(running).unwrap_or(u32::MAX))
}
