//! `drill`: an event of the book played as an exercise, from who is reached to who gets what.
//!
//! Lives here: what is printed, and in which order. Does not live here: the engines, and their
//! sentences. Invariant: nothing is written to a book that somebody named, and every figure is one
//! of the answer over HTTP.

use chrono::NaiveDate;
use comfy_table::{CellAlignment, Table};

use crate::config::{Common, Drill};
use crate::domain::catalogue::Need;
use crate::domain::coverage::{self, Closure, Query, Scope, Shock, coverage};
use crate::domain::event::Event;
use crate::domain::position::Position;
use crate::domain::quantity::Ratio;
use crate::domain::region::{RegionIx, Tier};
use crate::domain::scenario::{
    self, AreaNeed, AreaRow, Delivery, Moment, Obstacle, Outcome, Scenario,
};
use crate::domain::travel::Blocked;
use crate::http::context;
use crate::http::problem::Problem;
use crate::http::scenarios::sentences;
use crate::http::words::Language;
use crate::service::book::now;
use crate::service::closures;

use super::coverage::show;
use super::{Done, Failed, demo, language, say};

/// Whose stock is asked for what.
struct Play<'a> {
    position: &'a Position,
    event: &'a Event,
    scope: Scope,
    on: NaiveDate,
    top: usize,
    language: Language,
}

pub(super) fn run(common: &Common, options: &Drill) -> Done {
    let language = language(common);
    let scope = Scope::parse(&options.scope)
        .ok_or_else(|| Failed("--scope is own_chain, city, province or any".to_string()))?;
    let demo = demo::at_hand(common, options.demo_date)?;
    let position = demo.book.snapshot();
    demo.book.close();
    let events = &position.reference.events;
    let Some(code) = &options.event else {
        list(&position, language);
        return Ok(());
    };
    let event = events
        .by_code(code)
        .ok_or_else(|| Failed(format!("there is no event {code}; `changping drill` lists them")))?;
    let moment = Moment::of(event, None, now());
    let top = options.top;
    let play = Play { position: &position, event, scope, on: moment.on, top, language };
    play.announce();
    play.cities()?;
    play.allocate(moment)
}

fn list(position: &Position, language: Language) {
    for event in position.reference.events.sorted() {
        let name = event.name_en.as_deref().filter(|_| language == Language::En);
        say(&format!("{}  {}", event.code, name.unwrap_or(&event.name)));
    }
}

impl Play<'_> {
    fn announce(&self) {
        let (event, language) = (self.event, self.language);
        let name = event.name_en.as_deref().filter(|_| language == Language::En);
        let marks = [
            event.exercise.then(|| language.pick("演练", "exercise")),
            event.illustrative.then(|| language.pick("示例,非真实", "illustrative, not real")),
        ];
        let marks: Vec<&str> = marks.into_iter().flatten().collect();
        let name = name.unwrap_or(&event.name);
        let marks =
            if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join("; ")) };
        say(&format!("{} {name}{marks}", event.code));
    }

    /// Who is reached in each city of the event, each area struck alone: on open roads, and with
    /// the regions closed that the event closes.
    fn cities(&self) -> Done {
        let regions = &self.position.reference.regions;
        let areas = self.event.areas.iter().filter_map(|area| regions.find(area.region));
        let tier = areas.clone().filter_map(|ix| regions.get(ix)).map(|region| region.tier).max();
        let mut cities: Vec<RegionIx> =
            areas.filter_map(|ix| regions.ancestor_of_tier(ix, Tier::City)).collect();
        cities.sort_unstable();
        cities.dedup();
        for city in cities {
            let closed = self.closed();
            self.reached(city, tier, Vec::new())?;
            if !closed.is_empty() {
                self.reached(city, tier, closed)?;
            }
        }
        Ok(())
    }

    fn reached(&self, city: RegionIx, tier: Option<Tier>, closures: Vec<Closure>) -> Done {
        let (regions, language) = (&self.position.reference.regions, self.language);
        let name = |ix: RegionIx| regions.get(ix).map_or("", |region| region.name.as_str());
        let shut: Vec<&str> = closures.iter().map(|one| name(one.region)).collect();
        let place = name(city);
        say("");
        say(&match shut.is_empty() {
            true => language.pick(
                format!("{place}: 道路畅通,各区域单独受灾"),
                format!("{place}, roads open, each area struck alone"),
            ),
            false => language.pick(
                format!("{place}: 通往{}的道路全部中断", shut.join("、")),
                format!("{place}, every road into {} closed", shut.join(", ")),
            ),
        });
        let query = Query {
            region: city,
            tier,
            hours: self.event.hours,
            days: self.event.days,
            scope: self.scope,
            clock: self.event.clock,
            on: self.on,
            speed_percent: 100,
            off_hours: self.event.off_hours,
            closures,
            blocked: Blocked::default(),
            shock: Shock::default(),
            detail: false,
        };
        let found: Result<coverage::Answer, _> = coverage(self.position, &query);
        let mut answer = found.map_err(|refusal| refused(&refusal, language))?;
        answer.put_worst_first();
        show(&answer, self.top, language);
        Ok(())
    }

    /// Regions that the event closes from its start.
    fn closed(&self) -> Vec<Closure> {
        let given = Scenario::of_event(&self.position.reference, self.event, self.moment());
        let region = |one: &scenario::Closure| match one.what {
            Obstacle::Region(region) => {
                Some(Closure { region, opens_min: one.opens_min, number: 0 })
            }
            Obstacle::Pair { .. } | Obstacle::Roads(_) => None,
        };
        given.closures.iter().filter_map(region).collect()
    }

    fn moment(&self) -> Moment {
        Moment { elapsed_min: 0, on: self.on }
    }

    /// Who gets what when all areas are struck together.
    fn allocate(&self, moment: Moment) -> Done {
        let reference = &self.position.reference;
        let mut scenario = Scenario::of_event(reference, self.event, moment);
        scenario.scope = self.scope;
        let begun = self.event.started_at;
        scenario.sets_out_min = closures::sets_out_min(begun, &scenario);
        let in_force = closures::in_force(reference, closures::departure(begun, &scenario));
        closures::close_scenario(reference, &in_force, &mut scenario);
        let outcome = scenario::run(self.position, &scenario)
            .map_err(|refusal| refused(&refusal, self.language))?;
        let spoken = context::Context { language: self.language, ..context::current() };
        let (headline, proofs) = context::with(&spoken, || {
            let proofs = outcome.shortages.iter().filter(|row| row.need.mandatory);
            (sentences::headline(&outcome), proofs.map(sentences::shortage).collect::<Vec<_>>())
        });
        say("");
        say(&headline);
        self.areas(&outcome);
        say("");
        say(self.language.pick("无法消除的缺口:", "What no allocation can mend:"));
        for proof in proofs.iter().take(self.top) {
            say(&format!("  {proof}"));
        }
        self.more(proofs.len());
        self.deliveries(&outcome);
        if !outcome.flights.is_empty() {
            say("");
            say(&context::with(&spoken, || sentences::air(&outcome)));
        }
        Ok(())
    }

    fn areas(&self, outcome: &Outcome) {
        let mut rows: Vec<&AreaRow> = outcome.areas.iter().collect();
        rows.sort_by_key(|row| (row.coverage, row.region.code));
        let heads = self.language.pick(
            ["区划", "名称", "人数", "覆盖率", "覆盖人数", "短板", "原因"],
            ["region", "name", "people", "coverage", "covered", "binding", "cause"],
        );
        let cells = |row: &&AreaRow| {
            let worst = row.worst().filter(|worst| worst.served() < worst.required);
            let spoken = context::Context { language: self.language, ..context::current() };
            let causes = worst.map_or(&[][..], AreaNeed::causes);
            let cause = context::with(&spoken, || sentences::causes(causes));
            vec![
                row.region.code.to_string(),
                row.region.name.clone(),
                row.struck.displaced.to_string(),
                row.coverage.map_or_else(|| "?".to_string(), percent),
                row.persons_covered.map_or_else(|| "?".to_string(), |count| count.to_string()),
                worst.map(|worst| self.need(&worst.need)).unwrap_or_default(),
                cause,
            ]
        };
        let shown = rows.iter().take(self.top).map(cells);
        say(&table(&heads, shown.collect(), &[2, 3, 4]));
        self.more(rows.len());
    }

    fn deliveries(&self, outcome: &Outcome) {
        let language = self.language;
        say("");
        say(language.pick("调配(先到者在前):", "Deliveries, the first to arrive first:"));
        let heads = language.pick(
            ["库点", "物资", "数量", "运往", "出发", "到达", "依据"],
            ["depot", "item", "quantity", "to", "leaves", "arrives", "way"],
        );
        let mut rows: Vec<&Delivery> =
            outcome.deliveries.iter().filter(|row| row.need.mandatory && !row.inside).collect();
        rows.sort_by_key(|row| (row.arrives_min, row.depot.code.clone(), row.item.code.clone()));
        let clock = |minutes: u32| format!("{}:{:02}", minutes / 60, minutes % 60);
        let cells = |row: &&Delivery| {
            let (item, unit) =
                (&row.item, language.pick(row.item.unit.as_str(), row.item.unit_en()));
            vec![
                row.depot.code.to_string(),
                language.pick(&item.name, &item.name_en).clone(),
                format!("{} {unit}", row.quantity),
                row.region.name.clone(),
                clock(row.leaves_min),
                clock(row.arrives_min),
                row.travel.as_str().to_string(),
            ]
        };
        let shown = rows.iter().take(self.top).map(cells);
        say(&table(&heads, shown.collect(), &[2, 4, 5]));
        self.more(rows.len());
    }

    fn need(&self, need: &Need) -> String {
        self.language.pick(&need.name, &need.name_en).clone()
    }

    fn more(&self, all: usize) {
        let more = all.saturating_sub(self.top);
        if more > 0 {
            say(&self.language.pick(format!("另有 {more} 条"), format!("and {more} more")));
        }
    }
}

fn refused(refusal: &crate::domain::refusal::Refusal, language: Language) -> Failed {
    Failed(Problem::from(refusal).line(language))
}

fn percent(ratio: Ratio) -> String {
    format!("{}.{:02} %", ratio.0 / 100, ratio.0 % 100)
}

fn table(heads: &[&str], rows: Vec<Vec<String>>, right: &[usize]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
    table.set_header(heads);
    for row in rows {
        table.add_row(row);
    }
    for place in right {
        if let Some(column) = table.column_mut(*place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
