//! Matrices of travel times that a routing server has answered with, as measured routes.
//!
//! Lives here: reading the tables of OSRM (`/table`) and Valhalla (`sources_to_targets`), and what
//! their indices stand for. Does not live here: asking such a server. Invariant: every pair of the
//! table is a route, a way that there is not, or a fault.

use std::collections::HashMap;

use chrono::NaiveDate;
use csv::ReaderBuilder;
use serde::Deserialize;
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

use crate::domain::catalogue::{Code, ItemStatus};
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::RegionCode;
use crate::domain::route::{Basis, MAX_ROUTE_MIN, Route};
use crate::service::flat;

use super::check::MAX_NAME;

/// The most pairs of one matrix.
pub const MAX_PAIRS: usize = 200_000;
const MS_PER_MIN: i64 = 60_000;
/// The longest code.
const MAX_CODE: usize = 40;

/// Where the times come from, and from which day on they count.
#[derive(Debug, Clone)]
pub struct Origin {
    pub source: String,
    pub valid_from: NaiveDate,
}

/// What the indices of a table stand for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Places {
    sources: Vec<Code>,
    destinations: Vec<RegionCode>,
}

/// What a matrix comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// Each with its pair as `source/destination`.
    pub routes: Vec<(String, Record)>,
    /// Pairs between which the server found no way.
    pub without_way: Vec<String>,
}

impl Matrix {
    /// Adds another part of the same table.
    pub fn add(&mut self, part: Self) {
        self.routes.extend(part.routes);
        self.without_way.extend(part.without_way);
    }
}

/// A row of the file that says what indices stand for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceRow {
    side: String,
    index: usize,
    code: String,
}

impl Places {
    /// Depots and regions in the order in which a server was asked for them.
    pub fn of(sources: Vec<Code>, destinations: Vec<RegionCode>) -> Self {
        Self { sources, destinations }
    }

    /// Reads `side,index,code`: depots as `source`, regions as `destination`, from 0 without a gap.
    ///
    /// # Errors
    /// Every fault, each with its line.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut faults = Vec::new();
        let (mut sources, mut destinations) = (HashMap::new(), HashMap::new());
        let mut reader = ReaderBuilder::new().from_reader(bytes);
        for (row, line) in reader.deserialize::<PlaceRow>().zip(2_u64..) {
            let mut fault = |field: &str, code, expected: &str| {
                faults.push(Fault::new(format!("/{line}/{field}"), code, expected));
            };
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    fault("", FaultCode::Malformed, &format!("side,index,code: {error}"));
                    continue;
                }
            };
            let twice = match row.side.as_str() {
                "source" => match Code::parse(&row.code) {
                    Some(code) => sources.insert(row.index, code).is_some(),
                    None => {
                        fault("code", FaultCode::Malformed, "the code of a depot");
                        false
                    }
                },
                "destination" => match RegionCode::parse(&row.code) {
                    Some(code) => destinations.insert(row.index, code).is_some(),
                    None => {
                        fault("code", FaultCode::Malformed, "a division code");
                        false
                    }
                },
                _ => {
                    fault("side", FaultCode::UnknownValue, "source or destination");
                    false
                }
            };
            if twice {
                fault("index", FaultCode::Duplicate, "each index once a side");
            }
        }
        let places = Self {
            sources: in_order("source", sources, &mut faults),
            destinations: in_order("destination", destinations, &mut faults),
        };
        if faults.is_empty() { Ok(places) } else { Err(faults) }
    }
}

/// The places of one side by index, where none is left out and none stands for two indices.
fn in_order<T: Clone + Eq + std::hash::Hash>(
    side: &str,
    mut found: HashMap<usize, T>,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    let mut first: HashMap<T, usize> = HashMap::new();
    let (mut places, count) = (Vec::new(), found.len());
    for index in 0..count {
        let Some(place) = found.remove(&index) else {
            let expected = "indices from 0 without a gap";
            faults.push(Fault::new(format!("/{side}/{index}"), FaultCode::Required, expected));
            continue;
        };
        if let Some(other) = first.insert(place.clone(), index) {
            let expected = format!("another place than at index {other}");
            faults.push(Fault::new(format!("/{side}/{index}"), FaultCode::Duplicate, expected));
        }
        places.push(place);
    }
    if count == 0 {
        faults.push(Fault::new(format!("/{side}"), FaultCode::Required, "at least one row"));
    }
    places
}

/// Seconds by source and destination, each with its pointer; `None` is no way.
type Cells = Vec<Vec<(String, Option<Number>)>>;

/// Reads a table, whichever server wrote it.
///
/// # Errors
/// Every fault, with JSON pointers.
pub fn read(bytes: &[u8], places: &Places, origin: &Origin) -> Result<Matrix, Vec<Fault>> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| vec![malformed("", &format!("JSON: {error}"))])?;
    let cells = cells(&value)?;
    let length = origin.source.chars().count();
    if !(1..=MAX_NAME).contains(&length) {
        let expected = format!("1 to {MAX_NAME} characters");
        return Err(vec![Fault::new("/source", FaultCode::OutOfRange, expected)]);
    }
    let (from, to) = (places.sources.len(), places.destinations.len());
    let mut faults = Vec::new();
    if from.saturating_mul(to) > MAX_PAIRS {
        let expected = format!("at most {MAX_PAIRS} pairs: fewer sources at a time");
        return Err(vec![Fault::new("", FaultCode::OutOfRange, expected)]);
    }
    if cells.len() != from {
        let expected = format!("{from} rows, one a source of the places");
        faults.push(malformed("/durations", &expected));
    }
    let mut matrix = Matrix::default();
    for (row, depot) in cells.iter().zip(&places.sources) {
        if row.len() != to {
            let pointer = row.first().map_or("/durations", |(pointer, _)| pointer.as_str());
            faults.push(malformed(pointer, &format!("{to} entries, one a destination")));
            continue;
        }
        for ((pointer, seconds), region) in row.iter().zip(&places.destinations) {
            let pair = format!("{depot}/{region}");
            match seconds.as_ref().map(minutes) {
                None => matrix.without_way.push(pair),
                Some(Ok(minutes)) => {
                    let route = route(depot, *region, minutes, origin).map(Record::Route);
                    matrix.routes.extend(route.map(|row| (pair, row)));
                }
                Some(Err(expected)) => faults.push(malformed(pointer, &expected)),
            }
        }
    }
    if faults.is_empty() { Ok(matrix) } else { Err(faults) }
}

fn malformed(pointer: &str, expected: &str) -> Fault {
    Fault::new(pointer, FaultCode::Malformed, expected)
}

/// Whole minutes of so many seconds, rounded up, at least one.
fn minutes(seconds: &Number) -> Result<u32, String> {
    let expected = || format!("seconds from 0 to {}, or null", MAX_ROUTE_MIN * 60);
    let scaled = flat::decimal(&seconds.to_string(), 3).ok_or_else(expected)?;
    let minutes = scaled.units.saturating_add(MS_PER_MIN - 1).div_euclid(MS_PER_MIN).max(1);
    let fits = scaled.units >= 0 && minutes <= MAX_ROUTE_MIN;
    u32::try_from(minutes).ok().filter(|_| fits).ok_or_else(expected)
}

/// The route of a pair; the same pair has the same code, so that a later matrix takes its place.
fn route(depot: &Code, region: RegionCode, minutes: u32, origin: &Origin) -> Option<Route> {
    Some(Route {
        code: code(depot, region)?,
        depot: depot.clone(),
        region,
        minutes,
        basis: Basis::Matrix,
        source: origin.source.clone(),
        valid_from: origin.valid_from,
        valid_to: None,
        status: ItemStatus::Active,
    })
}

/// `MX.<depot>.<region>`, or where that is too long the first digits of its SHA-256.
fn code(depot: &Code, region: RegionCode) -> Option<Code> {
    let pair = format!("{depot}.{region}");
    let readable = format!("MX.{pair}");
    if readable.len() <= MAX_CODE {
        return Code::parse(&readable);
    }
    let digest = Sha256::digest(pair.as_bytes());
    let digits: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Code::parse(&format!("MX.{digits}"))
}

fn cells(value: &Value) -> Result<Cells, Vec<Fault>> {
    if let Some(code) = value.get("code").filter(|code| *code != "Ok") {
        return Err(vec![malformed("/code", &format!("a table that is `Ok`, not {code}"))]);
    }
    let (base, rows) = match (value.get("durations"), value.get("sources_to_targets")) {
        (Some(rows), _) => ("/durations", rows),
        (None, Some(found)) => match found.get("durations") {
            Some(rows) => ("/sources_to_targets/durations", rows),
            None => ("/sources_to_targets", found),
        },
        (None, None) => {
            let expected = "`durations` (OSRM /table) or `sources_to_targets` (Valhalla)";
            return Err(vec![malformed("", expected)]);
        }
    };
    let Some(rows) = rows.as_array() else {
        return Err(vec![malformed(base, "an array of rows, one a source")]);
    };
    let mut faults = Vec::new();
    let mut table = Cells::new();
    for (at, row) in rows.iter().enumerate() {
        let mut cells = Vec::new();
        match row.as_array() {
            None => faults.push(malformed(&format!("{base}/{at}"), "an array of times")),
            Some(entries) => {
                for (to, entry) in entries.iter().enumerate() {
                    let pointer = format!("{base}/{at}/{to}");
                    match seconds(entry, (at, to)) {
                        Ok(found) => cells.push((pointer, found)),
                        Err(expected) => faults.push(malformed(&pointer, expected)),
                    }
                }
            }
        }
        table.push(cells);
    }
    if faults.is_empty() { Ok(table) } else { Err(faults) }
}

/// The seconds of an entry: a number, `null`, or Valhalla's object, which must stand in its place.
fn seconds(entry: &Value, (from, to): (usize, usize)) -> Result<Option<Number>, &'static str> {
    let stands = |name: &str, index: usize| {
        entry
            .get(name)
            .and_then(Value::as_u64)
            .is_none_or(|found| usize::try_from(found) == Ok(index))
    };
    match entry {
        Value::Null => Ok(None),
        Value::Number(found) => Ok(Some(found.clone())),
        Value::Object(_) if !stands("from_index", from) || !stands("to_index", to) => {
            Err("the pair of its row and column")
        }
        Value::Object(found) => match found.get("time") {
            Some(Value::Null) => Ok(None),
            Some(Value::Number(found)) => Ok(Some(found.clone())),
            _ => Err("a time in seconds, or null"),
        },
        _ => Err("seconds, or null"),
    }
}

#[cfg(test)]
mod tests;
