//! Telling: what happens to an area that is struck alone, in sentences.
//!
//! Lives here: the choice of sentences from a row of coverage. Does not live here: their texts
//! (`sentences`). Invariant: every number told stands in the answer's fields, too.

use crate::domain::catalogue::Need;
use crate::domain::coverage::{Detail, Row};
use crate::domain::depot::Depot;
use crate::domain::helibase::Helibase;

use super::Language;
use super::sentences::{Sentence, say};

/// A row with its detail, and the depots that may be named.
pub struct Struck<'a> {
    pub row: &'a Row,
    pub detail: &'a Detail,
    /// The depot whose loss costs most.
    pub lost: Option<&'a Depot>,
    /// The depot with which the binding need is met.
    pub closing: Option<&'a Depot>,
    /// The helicopter base that could lift most.
    pub flown: Option<&'a Helibase>,
}

/// Who is covered and what binds, what would close it, and what the loss of a depot does.
pub fn struck(found: &Struck, language: Language) -> Vec<String> {
    let (row, detail) = (found.row, found.detail);
    let name = |need: &Need| language.pick(&need.name, &need.name_en).clone();
    let depot = |depot: Option<&Depot>| {
        let hidden = language.pick("范围外的一处储备点", "a depot out of scope");
        depot.map_or_else(|| hidden.to_string(), |depot| depot.name.clone())
    };
    let whole = |value: Option<i64>| value.map_or_else(|| "?".to_string(), |n| n.to_string());
    let mut facts = vec![
        ("region", row.region.name.clone()),
        ("people", whole(row.region.planned_displaced)),
        ("persons", whole(row.persons_covered)),
        ("hours", row.hours.map_or_else(|| "?".to_string(), |hours| hours.to_string())),
    ];
    let mut told = Vec::new();
    match row.binding.as_ref().and_then(|binding| binding.need.as_ref()) {
        None => {
            facts.push(("full", whole(row.full_at_min)));
            facts.push(("minutes", whole(detail.margin.minutes)));
            told.push(say(Sentence::CoveredWhole, &facts, language));
        }
        Some(need) => {
            facts.push(("goods", name(need)));
            facts.push(("unit", language.pick(need.unit.as_str(), need.unit_en()).to_string()));
            told.push(say(Sentence::CoveredPart, &facts, language));
        }
    }
    if let Some(remedy) = detail.remedy {
        facts.push(("depot", depot(found.closing)));
        facts.push(("at", whole(remedy.at_min)));
        facts.push(("short_ever", remedy.short_ever.to_string()));
        if remedy.at_min.is_some() {
            told.push(say(Sentence::WaitFor, &facts, language));
        }
        if remedy.short_ever > 0 {
            told.push(say(Sentence::NeverThere, &facts, language));
        }
    }
    if let Some(loss) = &detail.loss {
        let facts = [
            ("depot", depot(found.lost)),
            ("persons", whole(loss.left.persons_covered)),
            ("goods", name(&loss.need)),
        ];
        told.push(say(Sentence::WithoutDepot, &facts, language));
    }
    if let Some(air) = &detail.air {
        let hidden = language.pick("范围外的起降点", "a base out of scope");
        facts.push(("base", found.flown.map_or_else(|| hidden.to_string(), |b| b.name.clone())));
        let metres = air.lift.cm / 100;
        facts.push(("km", format!("{}.{:03}", metres / 1_000, metres % 1_000)));
        facts.push(("radius", air.base.radius_km.to_string()));
        facts.push(("sorties", air.lift.sorties.to_string()));
        facts.push(("lifted", whole(air.persons)));
        let within = air.lift.within_radius;
        let sentence = if within { Sentence::AirLifts } else { Sentence::AirBeyond };
        told.push(say(sentence, &facts, language));
    }
    told
}
