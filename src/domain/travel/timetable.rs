//! The timetable: of which parts the minutes of a delivery are made.
//!
//! Lives here: the figures of a city's profile by tier, and their sum over a way of known length.
//! Does not live here: how long the way is (`distance`), or which way is taken (`guide`).
//! Invariant: of one delivery only the minutes on the road are a fraction, rounded up once, so that
//! the sum is whole.

use crate::domain::profile::{ClockStart, Profile};
use crate::domain::region::Tier;

use super::{Ruler, Spread, radius_cm};

/// How far goods go, and whether that rests on an inherited point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    pub cm: u32,
    pub estimated: bool,
}

/// Whose goods they are and from which depot, as far as it bears on time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Haul {
    /// Tier of the owner's region: who decides.
    pub owner: Tier,
    /// Tier at which another must agree first: that of the lowest region above both, where the
    /// goods are neither from above the area nor inside it.
    pub agree: Option<Tier>,
    /// Tier of the depot's region: how goods leave it.
    pub depot: Tier,
    /// The depot's own minutes to call up people and trucks, whatever the hour.
    pub readiness_min: Option<u32>,
    /// Minutes from the start until the way is open.
    pub wait_min: u32,
}

/// What the hour of the question makes longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions {
    /// Percent of the usual speed that night and weather leave.
    pub speed_percent: u32,
    /// Whether people and trucks must be called up outside working hours: that takes as much
    /// longer as the profile says for the depot's tier. A depot with a readiness of its own keeps
    /// to it.
    pub off_hours: bool,
}

/// One area's delivery figures, drawn from its city's profile. Goods are in people's hands after
///
/// ```text
/// decide + max(mobilise + load, wait) + road + last mile + distribute
/// ```
///
/// minutes: loading runs while a way is closed. Who decides is the owner's tier, all else but
/// `wait` is by the depot's; a clock that starts with the order leaves deciding out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timetable {
    /// By tier, highest first.
    rows: [Figures; 5],
    /// Percent of the usual speed that night and weather leave.
    speed_percent: u32,
    /// What deciding takes longer where goods are promised by others.
    promise_decide_min: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Figures {
    decide_min: u32,
    mobilise_min: u32,
    load_min: u32,
    /// Last mile and handing out.
    after_min: u32,
    /// Minutes on the road for one centimetre as a reduced fraction; divided by zero at no speed.
    road: (u64, u64),
    speed_kmh: u32,
    /// Radius of a typical region.
    typical_cm: u32,
}

impl Timetable {
    /// The figures for an area, in the mountains or not.
    pub fn new(profile: &Profile, clock: ClockStart, mountain: bool) -> Self {
        Self::at_speed(profile, clock, mountain, USUAL_PERCENT)
    }

    /// The same where night or weather leaves a part of the speed, in percent.
    pub fn at_speed(
        profile: &Profile,
        clock: ClockStart,
        mountain: bool,
        speed_percent: u32,
    ) -> Self {
        let conditions = Conditions { speed_percent, off_hours: false };
        Self::under(profile, clock, mountain, conditions)
    }

    /// The same under the conditions of the hour.
    pub fn under(
        profile: &Profile,
        clock: ClockStart,
        mountain: bool,
        conditions: Conditions,
    ) -> Self {
        let Conditions { speed_percent, off_hours } = conditions;
        let detour_permille =
            if mountain { profile.detour_mountain_permille } else { profile.detour_permille };
        let figures = |tier: Tier| {
            let delivery = profile.delivery(tier);
            let typical = profile.tier_or_above(tier);
            let later_min = if off_hours { delivery.off_hours_min } else { 0 };
            Figures {
                decide_min: match clock {
                    ClockStart::Disaster => delivery.decide_min,
                    ClockStart::Order => 0,
                },
                mobilise_min: delivery.mobilise_min.saturating_add(later_min),
                load_min: delivery.load_min,
                after_min: delivery.last_mile_min.saturating_add(profile.distribute_min),
                road: road(detour_permille, delivery.speed_kmh, speed_percent),
                speed_kmh: delivery.speed_kmh,
                typical_cm: typical.map_or(0, |row| radius_cm(row.fallback_area_ha)),
            }
        };
        let promise_decide_min = match clock {
            ClockStart::Disaster => profile.promise_decide_min.unwrap_or(0),
            ClockStart::Order => 0,
        };
        Self { rows: Tier::ALL.map(figures), speed_percent, promise_decide_min }
    }

    fn of(&self, tier: Tier) -> &Figures {
        let [province, city, county, township, village] = &self.rows;
        match tier {
            Tier::Province => province,
            Tier::City => city,
            Tier::County => county,
            Tier::Township => township,
            Tier::Village => village,
        }
    }

    /// The leg over a geodesic distance: no shorter than the spread of either end.
    pub fn leg(&self, geodesic_cm: u32, ends: [Spread; 2]) -> Leg {
        let [from, to] = ends;
        let least_cm = self.least_cm(from).max(self.least_cm(to));
        Leg { cm: geodesic_cm.max(least_cm), estimated: ends != [Spread::Known; 2] }
    }

    /// How far an end of this spread may be off, in centimetres: no leg to it is shorter.
    pub fn least_cm(&self, spread: Spread) -> u32 {
        match spread {
            Spread::Known => 0,
            Spread::Within { cm } => cm,
            Spread::Typical(tier) => self.of(tier).typical_cm,
        }
    }

    /// Whole minutes until the goods are in people's hands, over a leg of so many centimetres;
    /// `None` for a speed of zero.
    pub fn deliver_min(&self, haul: Haul, cm: u32) -> Option<i64> {
        let road = self.road_min(haul.depot, cm)?;
        Some(self.fixed_min(haul).saturating_add(road))
    }

    /// The same for what others have promised to an owner: the decision takes as much longer as the
    /// city says, goods are called up by their contract within `ready_min`, loading included, and
    /// go by the owner's tier. `agree` is as in a `Haul`.
    pub fn promise_min(
        &self,
        (owner, agree): (Tier, Option<Tier>),
        ready_min: u32,
        cm: u32,
    ) -> Option<i64> {
        let road = self.road_min(owner, cm)?;
        let own = self.of(owner).decide_min;
        let agreed = agree.map_or(0, |tier| self.of(tier).decide_min);
        let decided = i64::from(own.max(agreed)) + i64::from(self.promise_decide_min);
        let fixed = decided + i64::from(ready_min);
        Some(fixed + i64::from(self.of(owner).after_min) + road)
    }

    /// As `deliver_min` over the way from the ruler's stand to an end of it, and whether it rests
    /// on an inherited point. The geodesic is computed only where its bounds leave two minutes
    /// open.
    pub fn reach_min(
        &self,
        haul: Haul,
        ruler: &mut Ruler,
        end: usize,
        ends: [Spread; 2],
    ) -> Option<(i64, bool)> {
        if let Some(bounds) = ruler.bounds(end) {
            let least = self.leg(bounds.least_cm, ends);
            let most = self.leg(bounds.most_cm, ends);
            let road = self.road_min(haul.depot, least.cm)?;
            if self.on_road_within(haul.depot, most.cm, road) {
                return Some((self.fixed_min(haul).saturating_add(road), least.estimated));
            }
        }
        let leg = self.leg(ruler.cm(end)?, ends);
        let minutes = self.deliver_min(haul, leg.cm)?;
        Some((minutes, leg.estimated))
    }

    /// What of a delivery comes after the goods have arrived: last mile and handing out.
    pub fn after_arrival_min(&self, depot: Tier) -> i64 {
        i64::from(self.of(depot).after_min)
    }

    /// Whole minutes until goods leave the depot, loaded.
    pub fn leaves_min(&self, haul: Haul) -> i64 {
        self.fixed_min(haul) - self.after_arrival_min(haul.depot)
    }

    /// What a wait of so many minutes adds to a haul that did not wait: loading runs meanwhile.
    pub fn waiting_min(&self, haul: Haul, wait_min: u32) -> i64 {
        self.fixed_min(Haul { wait_min, ..haul }) - self.fixed_min(haul)
    }

    /// What of a delivery is not spent on the road, in minutes.
    pub fn fixed_min(&self, haul: Haul) -> i64 {
        let from = self.of(haul.depot);
        let own = self.of(haul.owner).decide_min;
        let agreed = haul.agree.map_or(0, |tier| self.of(tier).decide_min);
        let loaded = self.loaded_min(haul.depot, haul.readiness_min);
        i64::from(own.max(agreed))
            + loaded.max(i64::from(haul.wait_min))
            + i64::from(from.after_min)
    }

    /// Minutes from the decision until a truck of a depot is loaded.
    pub fn loaded_min(&self, depot: Tier, readiness_min: Option<u32>) -> i64 {
        let from = self.of(depot);
        i64::from(readiness_min.unwrap_or(from.mobilise_min)) + i64::from(from.load_min)
    }

    /// Whole minutes on the road, rounded up: geodesic × detour / speed. `None` for a speed of
    /// zero.
    pub fn road_min(&self, depot: Tier, cm: u32) -> Option<i64> {
        let (times, per) = self.of(depot).road;
        let way = u64::from(cm).saturating_mul(times);
        (per > 0).then(|| i64::try_from(way.div_ceil(per)).unwrap_or(i64::MAX))
    }

    /// The usual speed of goods from a depot of a tier.
    pub fn speed_kmh(&self, depot: Tier) -> u32 {
        self.of(depot).speed_kmh
    }

    /// Minutes that somebody drove, at the speed there is now, rounded up.
    pub(super) fn slowed(&self, minutes: u32) -> i64 {
        let usual = i64::from(minutes) * i64::from(USUAL_PERCENT);
        let percent = i64::from(self.speed_percent.max(1));
        usual.saturating_add(percent - 1).div_euclid(percent)
    }

    /// Whole minutes for so many milliseconds on roads at the usual speed and the way to them and
    /// from them, rounded up once; `None` for a speed of zero.
    pub(super) fn road_and_access_min(&self, depot: Tier, ms: u64, access_cm: u32) -> Option<i64> {
        const MS_PER_MIN: u128 = 60_000;
        let (times, per) = self.of(depot).road;
        let [times, per] = [u128::from(times), u128::from(per)];
        let [usual, percent] = [USUAL_PERCENT, self.speed_percent].map(u128::from);
        if per == 0 || percent == 0 {
            return None;
        }
        // ms × usual / percent / 60,000 + cm × times / per, over one denominator.
        let whole = MS_PER_MIN * percent * per;
        let parts =
            u128::from(ms) * usual * per + u128::from(access_cm) * times * MS_PER_MIN * percent;
        i64::try_from(parts.div_ceil(whole)).ok()
    }

    /// Whether trucks of every tier move at all.
    pub fn moves(&self) -> bool {
        self.rows.iter().all(|row| row.road.1 > 0)
    }

    /// Whether goods that spend `fixed_min` off the road, and go so many centimetres on it, are
    /// there by `limit_min`. No division: this is asked most often of all.
    pub fn is_by(&self, fixed_min: i64, depot: Tier, cm: u32, limit_min: i64) -> bool {
        fixed_min <= limit_min && self.on_road_within(depot, cm, limit_min - fixed_min)
    }

    fn on_road_within(&self, depot: Tier, cm: u32, minutes: i64) -> bool {
        let (times, per) = self.of(depot).road;
        let minutes = u64::try_from(minutes).unwrap_or_default();
        u64::from(cm).saturating_mul(times) <= minutes.saturating_mul(per)
    }
}

/// The usual speed, in percent of itself.
pub const USUAL_PERCENT: u32 = 100;

/// Minutes for one centimetre: 60 × detour/1000 over km/h in centimetres, as numerator and
/// denominator. Reduced, as a division of small numbers is quick.
fn road(detour_permille: u32, speed_kmh: u32, speed_percent: u32) -> (u64, u64) {
    const PERMILLE_CM_PER_KM: u64 = 100_000_000;
    let times = u64::from(detour_permille) * 60 * u64::from(USUAL_PERCENT);
    let per = u64::from(speed_kmh) * u64::from(speed_percent) * PERMILLE_CM_PER_KM;
    let (mut common, mut rest) = (per, times);
    while rest > 0 {
        (common, rest) = (rest, common % rest);
    }
    let common = common.max(1);
    (times / common, per / common)
}
