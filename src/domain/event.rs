//! Events (突发事件): what has struck where, stored, so that a plan can follow it hour by hour.
//!
//! Lives here: plain values, and the order numbers by which an issue names the event and the
//! area that it serves, and the landing by which it comes there. Does not live here: who gets
//! what (`scenario`). Invariant: a drill is never carried out.

use super::calendar::Instant;
use super::catalogue::Code;
use super::closure::ClosedWay;
use super::profile::ClockStart;
use super::region::RegionCode;

/// Whether an event goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventState {
    Open,
    Closed,
}

impl EventState {
    pub const ALL: [Self; 2] = [Self::Open, Self::Closed];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// An area that is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventArea {
    pub region: RegionCode,
    /// People displaced; `None` is the region's planned figure.
    pub displaced: Option<i64>,
    /// The smaller is served first.
    pub class: u32,
}

/// A way is closed for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventClosure {
    /// What is closed, or where the way from the depot leads; `None` for stretches.
    pub region: Option<RegionCode>,
    pub way: ClosedWay,
    /// Minutes from the start.
    pub closes_min: u32,
    /// `None` is not while it matters.
    pub opens_min: Option<u32>,
}

/// What has happened, or is played in a drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub code: Code,
    pub name: String,
    pub name_en: Option<String>,
    /// Nothing of it has happened.
    pub exercise: bool,
    /// Its figures are examples, of nobody's making but for show.
    pub illustrative: bool,
    pub state: EventState,
    /// `None` in a drill that starts when it is asked about.
    pub started_at: Option<Instant>,
    /// The time limit from the start; else the city's own.
    pub hours: Option<u32>,
    /// From when the limit counts; else as the city counts it.
    pub clock: Option<ClockStart>,
    /// Days of self-supply.
    pub days: i64,
    /// Percent of the usual speed that night and weather leave.
    pub speed_percent: u32,
    /// Whether people and trucks must be called up outside working hours.
    pub off_hours: bool,
    /// Percent of what lies in the areas that can still be given out.
    pub surviving_percent: u32,
    /// The month for which seasonal needs are judged; else that of the day.
    pub month: Option<u32>,
    pub areas: Vec<EventArea>,
    pub closures: Vec<EventClosure>,
    /// Depots that give nothing.
    pub disabled_depots: Vec<Code>,
    /// Sources and assumptions.
    pub source: Option<String>,
}

impl Event {
    /// Whether an issue may be booked for it.
    pub fn is_running(&self) -> bool {
        !self.exercise && self.state == EventState::Open
    }

    /// Whether one of its areas has this code.
    pub fn strikes(&self, region: RegionCode) -> bool {
        self.areas.iter().any(|area| area.region == region)
    }
}

/// The most flights that an order number may name.
const MAX_MACHINES: u32 = 100_000;

/// Machines of one base that land together in one area.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Landing {
    pub base: Code,
    /// Whole minutes from the event's start until they have landed.
    pub min: u32,
    pub machines: u32,
}

impl Landing {
    /// The landing of `<base>@<minutes>x<machines>`.
    fn parse(text: &str) -> Option<Self> {
        let (base, when) = text.rsplit_once('@')?;
        let (min, machines) = when.split_once('x')?;
        let whole = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>().ok().filter(|_| digits)
        };
        let machines = whole(machines).filter(|count| (1..=MAX_MACHINES).contains(count))?;
        Some(Self { base: Code::parse(base)?, min: whole(min)?, machines })
    }
}

/// What an order number names: `<event>/<area>`, or `<event>/<base>@<minutes>x<machines>/<area>`
/// of what is flown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub event: Code,
    pub area: RegionCode,
    pub landing: Option<Landing>,
}

/// The event and the area that an order number names, the area by all 12 digits of its code.
pub fn named_area(order_no: &str) -> Option<Named> {
    const DIGITS: usize = 12;
    let (before, area) = order_no.rsplit_once('/')?;
    let whole = area.len() == DIGITS && area.bytes().all(|byte| byte.is_ascii_digit());
    let area = RegionCode::parse(area).filter(|_| whole)?;
    let (event, landing) = match before.split_once('/') {
        None => (before, None),
        Some((event, landing)) => (event, Some(Landing::parse(landing)?)),
    };
    Some(Named { event: Code::parse(event)?, area, landing })
}

/// The order number of what serves an area of an event by road.
pub fn order_no(event: &Code, area: RegionCode) -> String {
    format!("{event}/{area}")
}

/// The order number of what is flown to an area of an event.
pub fn flight_no(event: &Code, landing: &Landing, area: RegionCode) -> String {
    let Landing { base, min, machines } = landing;
    format!("{event}/{base}@{min}x{machines}/{area}")
}

/// An event of which every field is filled, in the small world of the tests.
#[cfg(test)]
pub(crate) fn sample() -> Event {
    use super::fixture;

    let closure = |region: Option<&str>, way| EventClosure {
        region: region.map(fixture::region_code),
        way,
        closes_min: 60,
        opens_min: Some(1_500),
    };
    Event {
        code: fixture::code("E-1"),
        name: "洪水".to_string(),
        name_en: Some("flood".to_string()),
        exercise: false,
        illustrative: true,
        state: EventState::Open,
        started_at: Some(Instant(1_700_000_000_000_000)),
        hours: Some(12),
        clock: Some(ClockStart::Order),
        days: 3,
        speed_percent: 70,
        off_hours: true,
        surviving_percent: 50,
        month: Some(7),
        areas: vec![EventArea {
            region: fixture::region_code("371302"),
            displaced: Some(8_000),
            class: 2,
        }],
        closures: vec![
            closure(Some("371302"), ClosedWay::Area),
            closure(Some("371302"), ClosedWay::Pair { depot: fixture::code("D-3713") }),
            closure(None, ClosedWay::Roads(vec![fixture::code("RD-1")])),
        ],
        disabled_depots: vec![fixture::code("D-371302")],
        source: Some("示例".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_number_names_an_event_and_an_area_or_nothing() {
        let area = RegionCode::parse("371323").unwrap();
        let event = Code::parse("YS-2026").unwrap();
        let text = order_no(&event, area);
        assert_eq!(text, "YS-2026/371323000000");
        let by_road = Named { event: event.clone(), area, landing: None };
        assert_eq!(named_area(&text), Some(by_road));
        let landing = Landing { base: Code::parse("HB-x1").unwrap(), min: 148, machines: 2 };
        let flown = flight_no(&event, &landing, area);
        assert_eq!(flown, "YS-2026/HB-x1@148x2/371323000000");
        assert_eq!(named_area(&flown), Some(Named { event, area, landing: Some(landing) }));
        assert_eq!(super::super::procurement::named_line(&flown), None);
        for other in [
            "YS-2026",
            "YS-2026/371323",
            "P-2027/1",
            "/371323000000",
            "临[2026]/371323000000",
            "E/HB@148/371323000000",
            "E/HB@x1/371323000000",
            "E/HB@+8x1/371323000000",
            "E/@8x1/371323000000",
            "E/HB@8x0/371323000000",
            "E/HB@8x100001/371323000000",
            "E/HB@8x1/9/371323000000",
            "E/HB/371323000000",
        ] {
            assert_eq!(named_area(other), None, "{other}");
        }
        // What names a plan's line names no event, and the other way round.
        assert_eq!(super::super::procurement::named_line(&text), None);
    }
}
