//! Tests of certainty: quotas by people without people, and modes without a register.

use super::*;
use crate::domain::fixture::*;
use crate::domain::gap::{Query, gaps};
use crate::domain::position::Position;
use crate::domain::quota::{Basis, Subject};
use crate::domain::reference::Record;

const ON: &str = "2021-11-10";

fn by_people(place: &str) -> Record {
    let mut stated = quota(place, Subject::Item(code("QUILT")), 100, 50);
    stated.basis = Basis::Population;
    Record::Quota(stated)
}

fn emptied(place: &str) -> Record {
    let mut unknown = region(place, 118_400_000, 35_300_000);
    (unknown.population, unknown.planned_displaced) = (None, None);
    Record::Region(unknown)
}

fn verdict(position: &Position, place: &str, on: &str) -> Certainty {
    let query = Query {
        region: position.reference.regions.find(region_code(place)).unwrap(),
        tier: None,
        item: None,
        need: None,
        function_class: None,
        mode: Mode::GovPhysical,
        on: day(on),
    };
    let rows = gaps(position, &query);
    Certainty::of(&position.reference, &rows[0], query.on)
}

#[test]
fn a_quota_by_people_without_people_is_unknown() {
    let absolute = Record::Quota(quota("371302", Subject::Item(code("QUILT")), 100, 50));
    let records = vec![by_people("3713"), by_people("371301"), absolute];
    let known = with_records(&world(), records);
    assert_eq!(verdict(&known, "3713", ON), Certainty::default());
    let position = with_records(&known, vec![emptied("371301"), emptied("371302")]);
    let own = Certainty { unknown: Some(Unknown::NoPopulation), unknown_lines: 1 };
    assert_eq!(verdict(&position, "371301", ON), own);
    assert_eq!(verdict(&position, "3713", ON), Certainty { unknown: None, ..own });
    assert_eq!(verdict(&position, "371302", ON), Certainty::default(), "an absolute figure");
    let mut ended = quota("371302", Subject::Item(code("QUILT")), 70, 0);
    (ended.basis, ended.id) = (Basis::Population, uuid::Uuid::from_u128(7));
    ended.effective_to = Some(day("2021-11-09"));
    let position = with_records(&position, vec![Record::Quota(ended)]);
    assert_eq!(verdict(&position, "371302", ON), Certainty::default(), "no longer in force");
    // What was found once is not kept when people become known.
    let counted = Record::Region(region("371301", 118_400_000, 35_300_000));
    let again = with_records(&position, vec![counted]);
    assert_eq!(verdict(&again, "371301", ON), Certainty::default());
}

#[test]
fn a_mode_without_a_register_is_unknown() {
    let mut stated = quota("371301", Subject::Item(code("QUILT")), 100, 50);
    stated.mode = Mode::Social;
    let position = with_records(&world(), vec![Record::Quota(stated)]);
    let query = Query {
        region: position.reference.regions.find(region_code("3713")).unwrap(),
        tier: None,
        item: None,
        need: None,
        function_class: None,
        mode: Mode::Social,
        on: day(ON),
    };
    let row = &gaps(&position, &query)[0];
    let found = Certainty::of(&position.reference, row, query.on);
    assert_eq!(found, Certainty { unknown: Some(Unknown::NoRegister), unknown_lines: 1 });
}
