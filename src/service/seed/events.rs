//! The library of great disasters (巨灾情景): drills to begin with.
//!
//! Lives here: rows to domain values; people by their share of the residents. Does not live here:
//! who gets what. Invariant: each is a drill, is illustrative, and states its assumptions.

use std::collections::HashMap;

use serde::Deserialize;

use crate::domain::closure::ClosedWay;
use crate::domain::event::{Event, EventArea, EventClosure, EventState};
use crate::domain::quantity::{div_up, narrow};
use crate::domain::region::{Region, RegionCode};

use super::places::{code, region_code};
use super::{SeedError, Seeded};

const DISASTERS: &str = "disasters.json";
const PERMILLE: i128 = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disaster {
    id: String,
    name: String,
    name_en: String,
    hours: u32,
    days: i64,
    month: u32,
    speed_percent: u32,
    surviving_percent: u32,
    areas: Vec<Area>,
    closures: Vec<Closure>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    region: String,
    share_permille: i64,
    priority: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Closure {
    region: String,
    closes_min: u32,
    opens_min: u32,
}

/// All drills of the library.
pub(super) fn events(regions: &[Region]) -> Seeded<Vec<Event>> {
    let text = include_str!("../../../seeds/disasters.json");
    let rows: Vec<Disaster> =
        serde_json::from_str(text).map_err(|error| SeedError::new(DISASTERS, error.to_string()))?;
    let residents: HashMap<RegionCode, i64> =
        regions.iter().filter_map(|row| Some((row.code, row.population?))).collect();
    rows.into_iter().map(|row| event(row, &residents)).collect()
}

fn event(row: Disaster, residents: &HashMap<RegionCode, i64>) -> Seeded<Event> {
    let area = |area: Area| {
        let region = region_code(DISASTERS, &area.region)?;
        let people = residents.get(&region).copied();
        let people =
            people.ok_or_else(|| SeedError::new(DISASTERS, format!("no residents of {region}")))?;
        let displaced = div_up(i128::from(people) * i128::from(area.share_permille), PERMILLE);
        Ok(EventArea { region, displaced: Some(narrow(displaced)), class: area.priority })
    };
    let closure = |closure: Closure| {
        Ok(EventClosure {
            region: Some(region_code(DISASTERS, &closure.region)?),
            way: ClosedWay::Area,
            closes_min: closure.closes_min,
            opens_min: Some(closure.opens_min),
        })
    };
    Ok(Event {
        code: code(DISASTERS, &row.id)?,
        name: row.name,
        name_en: Some(row.name_en),
        exercise: true,
        illustrative: true,
        state: EventState::Open,
        started_at: None,
        hours: Some(row.hours),
        clock: None,
        days: row.days,
        speed_percent: row.speed_percent,
        off_hours: false,
        surviving_percent: row.surviving_percent,
        month: Some(row.month),
        areas: row.areas.into_iter().map(area).collect::<Seeded<_>>()?,
        closures: row.closures.into_iter().map(closure).collect::<Seeded<_>>()?,
        disabled_depots: Vec::new(),
        source: Some(row.source),
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::reference::{Record, Reference};

    #[test]
    fn every_drill_says_that_it_is_one_and_what_it_assumes() {
        let reference = Reference::default().with(super::super::base().unwrap());
        let regions = &reference.regions;
        assert_eq!(reference.events.len(), 4);
        for (_, event) in reference.events.iter() {
            assert!(event.exercise && event.illustrative && !event.is_running(), "{event:?}");
            assert!(event.name.contains("示例"), "{}", event.name);
            let source = event.source.as_deref().unwrap();
            assert!(source.contains("假设") && source.contains("Assumed"), "{source}");
            assert_eq!(reference.check(&Record::Event((**event).clone())), Ok(()));
            for area in &event.areas {
                assert!(area.displaced.is_some_and(|people| people > 0), "{area:?}");
                let ix = regions.find(area.region).unwrap();
                let above = regions.chain(ix).skip(1).filter_map(|at| regions.get(at));
                assert!(!above.map(|row| row.code).any(|code| event.strikes(code)), "{area:?}");
            }
        }
        let flood = reference.events.by_code("DRILL-YI-SHU-FLOOD").unwrap();
        // Sixty in a thousand of the 885,156 of the census, rounded up.
        let tancheng = flood.areas.iter().find(|row| row.region.to_string() == "371322000000");
        assert_eq!(tancheng.unwrap().displaced, Some(53_110));
    }
}
