//! The areas of a scenario's answer: what each gets of each need, and why not more.
//!
//! Lives here: plain values, and the figures that follow from all needs together. Does not live
//! here: deliveries and proofs (`answer`). Invariant: an area's coverage is the least over its
//! mandatory needs.

use std::sync::Arc;

use super::super::catalogue::Need;
use super::super::coverage::Missing;
use super::super::depot::Depot;
use super::super::quantity::{Ratio, narrow};
use super::super::region::Region;
use super::Struck;
use super::escalation::Escalation;
use super::held::HeldBack;

/// Why an area gets less than it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// There is too little, however long one waits.
    Stock,
    /// It would get more if the limit were longer.
    Time,
    /// It would get more if no road were closed.
    Road,
    /// It would get more if there were more trucks.
    Fleet,
}

impl Cause {
    pub const ALL: [Self; 4] = [Self::Stock, Self::Time, Self::Road, Self::Fleet];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Time => "time",
            Self::Road => "road",
            Self::Fleet => "fleet",
        }
    }
}

/// What an area that is short would get if something were otherwise, each by solving again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relief {
    /// What would have to be otherwise, all of it together, for it to get more: one cause, or
    /// `Road` and `Time` where neither alone would bring more.
    pub causes: &'static [Cause],
    /// With every road open; `None` where no road is closed.
    pub on_open_roads: Option<i64>,
    /// Without a time limit.
    pub whenever: i64,
    /// With every road open and without a time limit; `None` where one of them alone would bring
    /// more to each area that is short, or no road is closed.
    pub on_open_roads_whenever: Option<i64>,
}

impl Relief {
    /// Why an area that got so much gets no more, and what it would get otherwise.
    pub(super) fn of(got: i64, open: Option<i64>, whenever: i64, both: Option<i64>) -> Self {
        let more = |units: Option<i64>| units.is_some_and(|units| units > got);
        let causes: &[Cause] = if more(open) {
            &[Cause::Road]
        } else if whenever > got {
            &[Cause::Time]
        } else if more(both) {
            &[Cause::Road, Cause::Time]
        } else {
            &[Cause::Stock]
        };
        Self { causes, on_open_roads: open, whenever, on_open_roads_whenever: both }
    }

    /// Whether a closed road keeps goods away.
    pub fn is_by_road(&self) -> bool {
        self.causes.contains(&Cause::Road)
    }
}

/// One need of one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaNeed {
    pub need: Arc<Need>,
    /// In the need's unit.
    pub required: i64,
    /// What has been issued for it, of what is required.
    pub issued: i64,
    /// In whole pieces of goods; the last piece may give more than was asked.
    pub delivered: i64,
    pub ratio: Ratio,
    /// What is flown of it beside.
    pub by_air: i64,
    /// What of it is in loads that the trucks of their depots do not carry whole; where trucks are
    /// a bound, what stays behind.
    pub without_truck: i64,
    /// Where trucks are a bound: what would be delivered if they were none.
    pub unbounded: Option<i64>,
    /// Where it is less than required.
    pub relief: Option<Relief>,
    /// Where closed roads are the cause: what each closure holds back.
    pub held_back: Vec<HeldBack>,
    /// When the last of it is in people's hands.
    pub complete_at_min: Option<u32>,
}

/// One area of the scenario, in the order asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaRow {
    pub region: Arc<Region>,
    pub struck: Struck,
    pub limit_min: u32,
    /// The least ratio over the mandatory needs; `None` where it is unknown.
    pub coverage: Option<Ratio>,
    pub persons_covered: Option<i64>,
    /// Where trucks are a bound: both if they were none.
    pub unbounded: Option<(Option<Ratio>, Option<i64>)>,
    /// Both with what is flown.
    pub with_air: (Option<Ratio>, Option<i64>),
    /// Why it is unknown.
    pub missing: Option<Missing>,
    /// The depot in it that takes in what comes from elsewhere.
    pub receiving: Option<Arc<Depot>>,
    /// Up to which level goods must be called for.
    pub escalation: Escalation,
    /// By code.
    pub needs: Vec<AreaNeed>,
}

impl AreaRow {
    /// The mandatory need with the least ratio.
    pub fn worst(&self) -> Option<&AreaNeed> {
        let mandatory = self.needs.iter().filter(|one| one.need.mandatory);
        mandatory.min_by(|a, b| a.cross(b).cmp(&b.cross(a)))
    }

    /// Draws its figures from its needs.
    pub(super) fn judge(&mut self) {
        if self.missing.is_some() {
            return;
        }
        let persons = i128::from(self.struck.displaced);
        let worst = self.worst().map(|worst| (worst.served(), worst.required, worst.ratio));
        match worst {
            Some((served, required, ratio)) => {
                let served = i128::from(served);
                self.coverage = Some(ratio);
                self.persons_covered = Some(narrow(persons * served / i128::from(required)));
            }
            None if persons == 0 => {
                self.coverage = Some(Ratio::ONE);
                self.persons_covered = Some(0);
            }
            None => self.missing = Some(Missing::Needs),
        }
    }
}

impl AreaNeed {
    /// What people have in the end, at most what they need.
    pub fn served(&self) -> i64 {
        self.issued.saturating_add(self.delivered).min(self.required)
    }

    /// Why it is less than required, or by the trucks there are may be: what would have to be
    /// otherwise, all of it together.
    pub fn causes(&self) -> &'static [Cause] {
        let short = self.served() < self.required;
        match (self.unbounded, self.relief) {
            (Some(unbounded), _) if short && unbounded > self.delivered => &[Cause::Fleet],
            (_, Some(relief)) => relief.causes,
            (None, None) if self.without_truck > 0 => &[Cause::Fleet],
            (_, None) => &[],
        }
    }

    /// The first of them: a closed road before time.
    pub fn cause(&self) -> Option<Cause> {
        self.causes().first().copied()
    }

    /// Notes that no more than so many units are sent, the last of them there at a minute.
    pub(super) fn cut_to(&mut self, units: i64, last_min: u32) {
        self.unbounded = Some(self.delivered);
        self.without_truck = self.delivered - units;
        self.delivered = units;
        let all = i128::from(self.issued) + i128::from(units);
        self.ratio = Ratio::capped(all, i128::from(self.required));
        // What has been issued may be enough.
        if self.issued < self.required {
            self.complete_at_min = (self.served() >= self.required).then_some(last_min);
        }
    }

    /// What is served, over the other's denominator.
    fn cross(&self, other: &Self) -> i128 {
        i128::from(self.served()) * i128::from(other.required)
    }
}
