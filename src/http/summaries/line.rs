//! Rows of summaries as lines of JSON: a province has tens of thousands of them in an answer.
//!
//! Lives here: what rows share, written once: owner and custody for those that follow each other,
//! the kind for all. Does not live here: the fields (`SummaryRow`). Invariant: the bytes are those
//! of `serde_json` for the same rows.

use serde::Serialize;
use serde_json::Error;

use crate::domain::calendar::push_date;
use crate::domain::quota::Mode;
use crate::domain::region::Region;
use crate::domain::summary::{Cell, Kind, Row};

use super::super::table::{Line, Name, fields};
use super::super::words::Language;
use super::{CellBody, KindFields};

/// Bytes of a row, as a rule.
const ROW: usize = 896;

/// The fields of a row that tell whose and where.
#[derive(Serialize)]
struct PlaceFields<'a> {
    owner_region: String,
    owner_region_name: &'a str,
    owner_tier: &'static str,
    custody_region: String,
    custody_region_name: &'a str,
}

impl<'a> PlaceFields<'a> {
    fn of(owner: &'a Region, custody: &'a Region) -> Self {
        Self {
            owner_region: owner.code.to_string(),
            owner_region_name: &owner.name,
            owner_tier: owner.tier.as_str(),
            custody_region: custody.code.to_string(),
            custody_region_name: &custody.name,
        }
    }
}

/// The numbers of a row under their names, in its order.
fn quantities(body: &CellBody) -> [(&'static str, i64); 16] {
    [
        ("depot_count", body.depot_count),
        ("on_hand", body.on_hand),
        ("effective", body.effective),
        ("reserved", body.reserved),
        ("quarantine", body.quarantine),
        ("damaged", body.damaged),
        ("expired", body.expired),
        ("overdue_storage", body.overdue_storage),
        ("in_transit", body.in_transit),
        ("on_loan", body.on_loan),
        ("quota", body.quota),
        ("gap", body.gap),
        ("expiring_30d", body.expiring_30d),
        ("expiring_90d", body.expiring_90d),
        ("expiring_180d", body.expiring_180d),
        ("expiring_365d", body.expiring_365d),
    ]
}

/// What all rows of an answer share.
pub struct Lines {
    /// By the place of the kind.
    kinds: Vec<Result<Vec<u8>, Error>>,
    quantities: [Name; 16],
    earliest_expiry: Name,
    last_movement_at: Name,
    language: Language,
}

impl Lines {
    /// Of rows about these kinds.
    pub fn of(kinds: &[Kind], language: Language) -> Self {
        let text = |kind| fields(&KindFields::of(kind, Mode::GovPhysical, language));
        let names = quantities(&CellBody::from(&Cell::default())).map(|(name, _)| name);
        Self {
            kinds: kinds.iter().map(text).collect(),
            quantities: names.map(Name::of),
            earliest_expiry: Name::of("earliest_expiry"),
            last_movement_at: Name::of("last_movement_at"),
            language,
        }
    }

    /// Writes rows with commas between.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn append(&self, rows: &[Row<'_>], bytes: &mut Vec<u8>) -> Result<(), Error> {
        bytes.reserve(rows.len().saturating_mul(ROW));
        let (mut line, mut text) = (Line::blank(), String::new());
        let mut comma: &[u8] = b"";
        let place = |row: &Row<'_>| (row.owner.code, row.custody.code);
        for of_place in rows.chunk_by(|a, b| place(a) == place(b)) {
            let Some(first) = of_place.first() else { continue };
            let place = fields(&PlaceFields::of(first.owner, first.custody))?;
            for row in of_place {
                for part in [comma, b"{", &place, b","] {
                    bytes.extend_from_slice(part);
                }
                comma = b",";
                self.append_kind(row, bytes)?;
                line.clear();
                self.figures(row, &mut line, &mut text);
                bytes.extend_from_slice(line.written()?);
                bytes.push(b'}');
            }
        }
        Ok(())
    }

    fn append_kind(&self, row: &Row<'_>, bytes: &mut Vec<u8>) -> Result<(), Error> {
        match self.kinds.get(row.kind_place) {
            Some(Ok(known)) if row.mode == Mode::GovPhysical => bytes.extend_from_slice(known),
            _ => {
                let own = fields(&KindFields::of(row.kind, row.mode, self.language))?;
                bytes.extend_from_slice(&own);
            }
        }
        Ok(())
    }

    fn figures(&self, row: &Row<'_>, line: &mut Line, text: &mut String) {
        let body = CellBody::from(row.cell);
        for (name, (_, figure)) in self.quantities.iter().zip(quantities(&body)) {
            line.number(name, figure);
        }
        text.clear();
        let day = body.earliest_expiry.map(|day| push_date(text, day));
        line.text(&self.earliest_expiry, day.map(|()| text.as_str()));
        text.clear();
        let at = body.last_movement_at.map(|at| at.push_rfc3339(text));
        line.text(&self.last_movement_at, at.map(|()| text.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::SummaryRow;
    use super::*;
    use crate::domain::fixture::*;
    use crate::domain::quota::Subject;
    use crate::domain::reference::Record;
    use crate::domain::region::Tier;
    use crate::domain::summary::{By, Query, summarise};

    #[test]
    fn the_bytes_are_those_of_the_ordinary_serializer() {
        let mut named = region("371301", 118_400_000, 35_300_000);
        named.name = "a \"name\"\\ 名\n".to_string();
        let quota = quota("3713", Subject::Item(code("QUILT")), 1_000_000_007, 5);
        let records = vec![Record::Region(named), Record::Quota(quota)];
        let mut position = with_records(&world(), records);
        for (depot, item, quantity) in
            [("D-371301", "QUILT", 123), ("D-371301", "WATER", 1), ("D-3713", "TENT", 98_765_432)]
        {
            receive(&mut position, depot, item, quantity, lot("L", "2030-01-01"));
        }
        for (by, language) in
            By::ALL.into_iter().flat_map(|by| [Language::Zh, Language::En].map(|in_it| (by, in_it)))
        {
            let region = position.reference.regions.find(region_code("37")).unwrap();
            let tier = Some(Tier::Township);
            let on = day("2022-01-01");
            let query = Query { region, tier, owner_tier: None, by, on };
            let found = summarise(&position, &query);
            let rows = found.rows();
            assert!(!rows.is_empty(), "{by:?}");
            let mut bytes = Vec::new();
            Lines::of(found.kinds(), language).append(&rows, &mut bytes).unwrap();
            let plain: Vec<SummaryRow<'_>> =
                rows.iter().map(|row| SummaryRow::new(row, language)).collect();
            let plain = serde_json::to_string(&plain).unwrap();
            assert_eq!(format!("[{}]", String::from_utf8(bytes).unwrap()), plain);
        }
    }
}
