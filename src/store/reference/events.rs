//! Rows of events.
//!
//! Lives here: the mapping, field by field; areas, closures and depots are JSON text. Does not live
//! here: who gets what. Invariant: a row that cannot be a domain value is reported, never mended.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::Instant;
use crate::domain::catalogue::Code;
use crate::domain::closure::ClosedWay;
use crate::domain::event::{Event, EventArea, EventClosure, EventState};
use crate::domain::profile::ClockStart;
use crate::domain::reference::Record;

use super::super::dialect::{Db, on_engine};
use super::super::fault::Stored;
use super::super::schema::event;
use super::{Rows, in_order, upsert_all, words};

#[derive(Serialize, Deserialize)]
struct AreaJson {
    region: String,
    displaced: Option<i64>,
    class: u32,
}

#[derive(Serialize, Deserialize)]
struct ClosureJson {
    region: Option<String>,
    #[serde(default)]
    depot: Option<String>,
    #[serde(default)]
    roads: Vec<String>,
    closes_min: u32,
    opens_min: Option<u32>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = event)]
pub(super) struct EventRow {
    code: String,
    name: String,
    name_en: Option<String>,
    exercise: bool,
    illustrative: bool,
    state: String,
    started_at: Option<i64>,
    hours: Option<i64>,
    clock: Option<String>,
    days: i64,
    speed_percent: i64,
    off_hours: bool,
    surviving_percent: i64,
    month: Option<i64>,
    areas: String,
    closures: String,
    disabled_depots: String,
    source: Option<String>,
    rev: i64,
}

impl EventRow {
    fn new(row: &Event, rev: i64) -> Stored<Self> {
        let area = |area: &EventArea| AreaJson {
            region: area.region.to_string(),
            displaced: area.displaced,
            class: area.class,
        };
        let closure = |closure: &EventClosure| ClosureJson {
            region: closure.region.map(|region| region.to_string()),
            depot: match &closure.way {
                ClosedWay::Pair { depot } => Some(depot.to_string()),
                ClosedWay::Area | ClosedWay::Roads(_) => None,
            },
            roads: match &closure.way {
                ClosedWay::Roads(roads) => roads.iter().map(Code::to_string).collect(),
                ClosedWay::Area | ClosedWay::Pair { .. } => Vec::new(),
            },
            closes_min: closure.closes_min,
            opens_min: closure.opens_min,
        };
        let depots: Vec<&str> = row.disabled_depots.iter().map(|code| code.as_str()).collect();
        Ok(Self {
            code: row.code.to_string(),
            name: row.name.clone(),
            name_en: row.name_en.clone(),
            exercise: row.exercise,
            illustrative: row.illustrative,
            state: row.state.as_str().to_string(),
            started_at: row.started_at.map(|at| at.0),
            hours: row.hours.map(i64::from),
            clock: row.clock.map(|clock| clock.as_str().to_string()),
            days: row.days,
            speed_percent: i64::from(row.speed_percent),
            off_hours: row.off_hours,
            surviving_percent: i64::from(row.surviving_percent),
            month: row.month.map(i64::from),
            areas: words::to_json(&row.areas.iter().map(area).collect::<Vec<_>>())?,
            closures: words::to_json(&row.closures.iter().map(closure).collect::<Vec<_>>())?,
            disabled_depots: words::to_json(&depots)?,
            source: row.source.clone(),
            rev,
        })
    }

    pub(super) fn into_domain(self) -> Stored<Event> {
        let areas: Vec<AreaJson> = words::from_json("event areas", &self.areas)?;
        let closures: Vec<ClosureJson> = words::from_json("event closures", &self.closures)?;
        let depots: Vec<String> = words::from_json("event depots", &self.disabled_depots)?;
        let area = |row: AreaJson| {
            let region = words::region("event area", &row.region)?;
            Ok(EventArea { region, displaced: row.displaced, class: row.class })
        };
        let closure = |row: ClosureJson| {
            let roads = row.roads.iter().map(|road| words::code("event road", road));
            let way = match words::optional_code("event way", row.depot.as_deref())? {
                Some(depot) => ClosedWay::Pair { depot },
                None if row.roads.is_empty() => ClosedWay::Area,
                None => ClosedWay::Roads(roads.collect::<Stored<_>>()?),
            };
            let region = words::optional_region("event closure", row.region.as_deref())?;
            let (closes_min, opens_min) = (row.closes_min, row.opens_min);
            Ok(EventClosure { region, way, closes_min, opens_min })
        };
        let depot = |text: String| words::code("event depot", &text);
        let clock = |word: &str| words::word("event clock", word, ClockStart::parse);
        Ok(Event {
            code: words::code("event code", &self.code)?,
            name: self.name,
            name_en: self.name_en,
            exercise: self.exercise,
            illustrative: self.illustrative,
            state: words::word("event state", &self.state, EventState::parse)?,
            started_at: self.started_at.map(Instant),
            hours: words::optional_number("event hours", self.hours)?,
            clock: self.clock.as_deref().map(clock).transpose()?,
            days: self.days,
            speed_percent: words::number("event speed", self.speed_percent)?,
            off_hours: self.off_hours,
            surviving_percent: words::number("event survival", self.surviving_percent)?,
            month: words::optional_number("event month", self.month)?,
            areas: areas.into_iter().map(area).collect::<Stored<_>>()?,
            closures: closures.into_iter().map(closure).collect::<Stored<_>>()?,
            disabled_depots: depots.into_iter().map(depot).collect::<Stored<_>>()?,
            source: self.source,
        })
    }
}

/// Saves the events among the records.
pub(super) fn save(db: &mut Db, records: &[Record], rev: i64) -> Stored<()> {
    let mut rows = Rows::new();
    for record in records {
        if let Record::Event(row) = record {
            rows.insert(row.code.to_string(), EventRow::new(row, rev)?);
        }
    }
    let rows = in_order(rows);
    upsert_all!(
        db,
        event,
        code,
        &rows,
        [
            name,
            name_en,
            exercise,
            illustrative,
            state,
            started_at,
            hours,
            clock,
            days,
            speed_percent,
            off_hours,
            surviving_percent,
            month,
            areas,
            closures,
            disabled_depots,
            source,
            rev,
        ]
    );
    Ok(())
}

pub(super) fn events_since(db: &mut Db, rev: i64) -> Stored<Vec<EventRow>> {
    let query = event::table.filter(event::rev.gt(rev)).order(event::code);
    Ok(on_engine!(db, conn => query.select(EventRow::as_select()).load(conn))?)
}
