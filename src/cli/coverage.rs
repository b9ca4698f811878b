//! `coverage`: who is reached in time, as a table for a planner.
//!
//! Lives here: the order of rows and their words. Does not live here: the engine. Invariant: the
//! worst area stands first, and each row says what binds it.

use comfy_table::{CellAlignment, Table};

use crate::config::{Common, Coverage};
use crate::domain::coverage::{Answer, Closure, Missing, Query, Row, Scope, Shock, coverage};
use crate::domain::position::Position;
use crate::domain::quantity::Ratio;
use crate::domain::reference::InForce;
use crate::domain::region::{RegionCode, Tier};
use crate::domain::travel::Blocked;
use crate::http::problem::Problem;
use crate::http::words::Language;
use crate::service::answers::today;
use crate::service::book::Book;
use crate::service::closures;

use super::{Done, Failed, database, language, say};

pub(super) fn run(common: &Common, options: &Coverage) -> Done {
    let language = language(common);
    let code = RegionCode::parse(&options.region)
        .ok_or_else(|| Failed("--region is a division code such as 3713".to_string()))?;
    let tier = options.tier.as_deref().map(|word| {
        Tier::parse(word).ok_or_else(|| {
            Failed("--tier is province, city, county, township or village".to_string())
        })
    });
    let scope = Scope::parse(&options.scope)
        .ok_or_else(|| Failed("--scope is own_chain, city, province or any".to_string()))?;
    let book = Book::open(&database(common)?)?;
    let position = book.snapshot();
    book.close();
    let region = position
        .reference
        .regions
        .find(code)
        .ok_or_else(|| Failed(format!("there is no region {code}")))?;
    let mut query = Query {
        region,
        tier: tier.transpose()?,
        hours: options.hours,
        days: options.days,
        scope,
        clock: None,
        on: today(),
        speed_percent: options.speed_percent,
        off_hours: options.off_hours,
        closures: closed(&position, options)?,
        blocked: Blocked::default(),
        shock: Shock { tier: None, surviving_percent: options.surviving_percent },
        detail: false,
    };
    if !options.ignore_closures {
        let found = closures::in_force(&position.reference, closures::instant_of(query.on));
        closures::close_coverage(&position.reference, &found, &mut query);
        name(&found, language);
    }
    let mut answer = coverage(&position, &query)
        .map_err(|refusal| Failed(Problem::from(&refusal).line(language)))?;
    answer.put_worst_first();
    show(&answer, options.top, language);
    Ok(())
}

/// Says which closures of the register count.
fn name(found: &[InForce], language: Language) {
    if found.is_empty() {
        return;
    }
    let codes: Vec<&str> = found.iter().map(|one| one.closure.code.as_str()).collect();
    let (count, codes) = (codes.len(), codes.join(", "));
    say(&language.pick(
        format!("计入登记的道路阻断 {count} 处: {codes}"),
        format!("closures of the register that count: {count}: {codes}"),
    ));
}

fn closed(position: &Position, options: &Coverage) -> Result<Vec<Closure>, Failed> {
    let Some(text) = &options.closed else { return Ok(Vec::new()) };
    let regions = &position.reference.regions;
    let region = RegionCode::parse(text).and_then(|code| regions.find(code));
    let region = region.ok_or_else(|| Failed(format!("--closed: there is no region {text}")))?;
    let opens_min = Some(options.reopens_h.saturating_mul(60));
    Ok(vec![Closure { region, opens_min, number: 0 }])
}

/// The totals, and the first rows.
pub(super) fn show(answer: &Answer, top: usize, language: Language) {
    let totals = answer.totals();
    let (total, met, unknown) = (totals.areas, totals.compliant, totals.unknown);
    let areas = if total == 1 { "area" } else { "areas" };
    let (people, covered) = (totals.planned_displaced, totals.persons_covered);
    say(&match language {
        Language::Zh => format!(
            "{total} 个区域,{met} 个达标,{unknown} 个未知;预案转移 {people} 人,按时覆盖 {covered} 人\
             (单一区域受灾情景)"
        ),
        Language::En => format!(
            "{total} {areas}, {met} compliant, {unknown} unknown; {covered} of {people} people in \
             time (each area struck alone)"
        ),
    });
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
    table.set_header(language.pick(
        ["区划", "名称", "人数", "覆盖率", "覆盖人数", "全覆盖", "制约", "缺口"],
        ["region", "name", "people", "coverage", "covered", "full at", "binding", "short"],
    ));
    for row in answer.rows.iter().take(top) {
        table.add_row(cells(row, language));
    }
    for column in [2, 3, 4, 5, 7] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    say(&table.to_string());
    let more = total.saturating_sub(top);
    if more > 0 {
        let areas = if more == 1 { "area" } else { "areas" };
        say(&language.pick(format!("另有 {more} 个区域"), format!("and {more} {areas} more")));
    }
}

fn percent(ratio: Option<Ratio>) -> String {
    ratio.map_or_else(|| "?".to_string(), |Ratio(n)| format!("{}.{:02} %", n / 100, n % 100))
}

fn minutes(full_at: Option<i64>) -> String {
    full_at.map_or_else(|| "-".to_string(), |min| format!("{}:{:02}", min / 60, min % 60))
}

fn number(value: Option<i64>) -> String {
    value.map_or_else(|| "?".to_string(), |value| value.to_string())
}

/// What is missing where an area cannot be judged.
fn lacks(missing: Missing, language: Language) -> &'static str {
    let (zh, en) = match missing {
        Missing::Profile => ("缺城市规划参数", "no profile"),
        Missing::PlannedDisplaced => ("缺预案转移人口", "no planned_displaced"),
        Missing::Location => ("缺坐标", "no location"),
        Missing::Needs => ("缺必需的需求", "no mandatory need"),
    };
    language.pick(zh, en)
}

fn cells(row: &Row, language: Language) -> Vec<String> {
    let (binding, short) = match &row.binding {
        None => (String::new(), String::new()),
        Some(binding) => {
            let need = binding.need.as_ref();
            let name = need.map_or("", |need| language.pick(&need.name, &need.name_en));
            let why = match (binding.missing, language) {
                (Some(missing), _) => lacks(missing, language),
                (None, Language::Zh) => match binding.reason.as_str() {
                    "stock" => "库存",
                    "time" => "时间",
                    "road" => "道路",
                    _ => "未知",
                },
                (None, Language::En) => binding.reason.as_str(),
            };
            let unit = need.map_or("", |need| language.pick(need.unit.as_str(), need.unit_en()));
            let short = binding.short.map(|short| format!("{short} {unit}"));
            (format!("{name} {why}").trim().to_string(), short.unwrap_or_default())
        }
    };
    vec![
        row.region.code.to_string(),
        row.region.name.clone(),
        number(row.region.planned_displaced),
        percent(row.coverage),
        number(row.persons_covered),
        minutes(row.full_at_min),
        binding,
        short,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_in_the_readers_words() {
        for missing in Missing::ALL {
            assert!(lacks(missing, Language::En).starts_with("no "));
            let told = lacks(missing, Language::Zh);
            assert!(!told.bytes().any(|byte| byte.is_ascii_alphabetic()), "{told}");
        }
    }
}
