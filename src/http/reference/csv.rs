//! Reference data as tables: one header row, one record a line; or as a JSON array.
//!
//! Lives here: reading whole files with every faulty line named, and writing them. Does not live
//! here: bounds (each kind's own file). Invariant: what `write` gives, `read` reads back as it was.

mod columns;
mod rows;

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};

use super::check::escaped;
use super::{
    AgreementDto, CapacityDto, ClosureDto, DepotDto, HelibaseDto, ItemDto, NeedDto,
    OrganizationDto, PledgeDto, ProfileDto, QuotaDto, QuotaRuleDto, RegionDto, RoadDto, RouteDto,
    WaterLegDto,
};

/// A kind of reference data, by the word in paths and file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Regions,
    Organizations,
    Depots,
    Items,
    Needs,
    Agreements,
    Capacities,
    Pledges,
    Routes,
    Roads,
    Helibases,
    WaterLegs,
    Closures,
    QuotaRules,
    Quotas,
    Profiles,
}

impl Kind {
    /// All kinds, each after those it names.
    pub const ALL: [Self; 16] = [
        Self::Regions,
        Self::Organizations,
        Self::Needs,
        Self::Items,
        Self::Depots,
        Self::Agreements,
        Self::Capacities,
        Self::Pledges,
        Self::Routes,
        Self::Roads,
        Self::Helibases,
        Self::WaterLegs,
        Self::Closures,
        Self::QuotaRules,
        Self::Quotas,
        Self::Profiles,
    ];

    /// The word in paths and file names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regions => "regions",
            Self::Organizations => "organizations",
            Self::Depots => "depots",
            Self::Items => "items",
            Self::Needs => "needs",
            Self::Agreements => "agreements",
            Self::Capacities => "capacities",
            Self::Pledges => "pledges",
            Self::Routes => "routes",
            Self::Roads => "roads",
            Self::Helibases => "helibases",
            Self::WaterLegs => "water-legs",
            Self::Closures => "closures",
            Self::QuotaRules => "quota-rules",
            Self::Quotas => "quotas",
            Self::Profiles => "profiles",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it has a flat form; without one it is written as JSON.
    pub fn is_flat(self) -> bool {
        self != Self::Profiles
    }

    /// The kind of a record; keys are no file's business.
    pub fn of(record: &Record) -> Option<Self> {
        Some(match record {
            Record::Region(_) => Self::Regions,
            Record::Organization(_) => Self::Organizations,
            Record::Depot(_) => Self::Depots,
            Record::Item(_) => Self::Items,
            Record::Need(_) => Self::Needs,
            Record::Agreement(_) => Self::Agreements,
            Record::Capacity(_) => Self::Capacities,
            Record::Pledge(_) => Self::Pledges,
            Record::Route(_) => Self::Routes,
            Record::Road(_) => Self::Roads,
            Record::Helibase(_) => Self::Helibases,
            Record::WaterLeg(_) => Self::WaterLegs,
            Record::Closure(_) => Self::Closures,
            Record::QuotaRule(_) => Self::QuotaRules,
            Record::Quota(_) => Self::Quotas,
            Record::Profile(_) => Self::Profiles,
            Record::Plan(_) | Record::Event(_) | Record::Key(_) => return None,
        })
    }
}

/// A fault with the line it stands on: of a table the line of the file, of a JSON array the number
/// of the entry, both from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    pub line: u64,
    /// Its pointer is the column's name in a table, a JSON pointer into the entry otherwise.
    pub fault: Fault,
}

impl RowFault {
    fn at(line: u64, pointer: &str, code: FaultCode, expected: impl Into<String>) -> Self {
        let fault = Fault::new(pointer, code, expected);
        Self { line, fault }
    }
}

/// Reads a file: a table with a header row, or a JSON array of the same shapes as in the API.
///
/// # Errors
/// Every faulty line with every faulty field.
pub fn read(kind: Kind, bytes: &[u8]) -> Result<Vec<(u64, Record)>, Vec<RowFault>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_json = bytes.trim_ascii_start().first() == Some(&b'[');
    let (records, mut faults) =
        if is_json { read_json(kind, bytes) } else { rows::read(kind, bytes) };
    let key_field = match kind {
        Kind::Profiles => "region",
        Kind::Quotas => "id",
        _ => "code",
    };
    let pointer = if is_json { format!("/{key_field}") } else { key_field.to_string() };
    let mut seen: HashMap<String, u64> = HashMap::new();
    for (line, record) in &records {
        if let Some(first) = seen.insert(key(record), *line) {
            let expected = format!("another than on line {first}");
            let fault = RowFault::at(*line, &pointer, FaultCode::Duplicate, expected);
            faults.push(fault);
        }
    }
    if faults.is_empty() {
        return Ok(records);
    }
    faults.sort_by_key(|fault| fault.line);
    Err(faults)
}

fn key(record: &Record) -> String {
    match record {
        Record::Region(row) => row.code.to_string(),
        Record::Organization(row) => row.code.to_string(),
        Record::Depot(row) => row.code.to_string(),
        Record::Item(row) => row.code.to_string(),
        Record::Need(row) => row.code.to_string(),
        Record::Agreement(row) => row.terms.code.to_string(),
        Record::Capacity(row) => row.terms.code.to_string(),
        Record::Pledge(row) => row.terms.code.to_string(),
        Record::Route(row) => row.code.to_string(),
        Record::Road(row) => row.code.to_string(),
        Record::Helibase(row) => row.code.to_string(),
        Record::WaterLeg(row) => row.code.to_string(),
        Record::Closure(row) => row.code.to_string(),
        Record::QuotaRule(row) => row.code.to_string(),
        Record::Quota(row) => row.id.to_string(),
        Record::Profile(row) => row.region.to_string(),
        Record::Plan(row) => row.code.to_string(),
        Record::Event(row) => row.code.to_string(),
        Record::Key(row) => row.id.to_string(),
    }
}

/// What could be read, and every fault.
type Found = (Vec<(u64, Record)>, Vec<RowFault>);

fn read_json(kind: Kind, bytes: &[u8]) -> Found {
    let entries: Vec<Value> = match serde_json::from_slice(bytes) {
        Ok(entries) => entries,
        Err(error) => {
            let line = u64::try_from(error.line()).unwrap_or_default().max(1);
            let fault = RowFault::at(line, "", FaultCode::Malformed, format!("JSON: {error}"));
            return (Vec::new(), vec![fault]);
        }
    };
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    for (line, entry) in (1..).zip(entries) {
        match from_value(kind, entry) {
            Ok(record) => records.push((line, record)),
            Err(found) => faults.extend(found.into_iter().map(|fault| RowFault { line, fault })),
        }
    }
    (records, faults)
}

fn from_value(kind: Kind, value: Value) -> Result<Record, Vec<Fault>> {
    match kind {
        Kind::Regions => shape::<RegionDto>(value)?.to_record(),
        Kind::Organizations => shape::<OrganizationDto>(value)?.to_record(),
        Kind::Depots => shape::<DepotDto>(value)?.to_record(),
        Kind::Items => shape::<ItemDto>(value)?.to_record(),
        Kind::Needs => shape::<NeedDto>(value)?.to_record(),
        Kind::Agreements => shape::<AgreementDto>(value)?.to_record(),
        Kind::Capacities => shape::<CapacityDto>(value)?.to_record(),
        Kind::Pledges => shape::<PledgeDto>(value)?.to_record(),
        Kind::Routes => shape::<RouteDto>(value)?.to_record(),
        Kind::Roads => shape::<RoadDto>(value)?.to_record(),
        Kind::Helibases => shape::<HelibaseDto>(value)?.to_record(),
        Kind::WaterLegs => shape::<WaterLegDto>(value)?.to_record(),
        Kind::Closures => shape::<ClosureDto>(value)?.to_record(),
        Kind::QuotaRules => shape::<QuotaRuleDto>(value)?.to_record(),
        Kind::Quotas => shape::<QuotaDto>(value)?.to_record(),
        Kind::Profiles => shape::<ProfileDto>(value)?.to_record(),
    }
}

fn shape<D: DeserializeOwned>(value: Value) -> Result<D, Vec<Fault>> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let text = error.inner().to_string();
        let mut pointer = String::new();
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        let named = text.split('`').nth(1).unwrap_or_default();
        let code = if text.starts_with("unknown field") {
            FaultCode::UnknownField
        } else if text.starts_with("missing field") {
            FaultCode::Required
        } else {
            return vec![Fault::new(pointer, FaultCode::WrongType, text)];
        };
        let named = format!("/{}", escaped(named));
        if !pointer.ends_with(&named) {
            pointer.push_str(&named);
        }
        vec![Fault::new(pointer, code, text)]
    })
}

/// Writes the records of one kind; those of other kinds are left out.
pub fn write(kind: Kind, records: &[Record]) -> Vec<u8> {
    let of_kind = records.iter().filter(|record| Kind::of(record) == Some(kind));
    let values: Vec<Value> = of_kind.map(to_value).collect();
    if kind.is_flat() {
        rows::write(kind, &values)
    } else {
        let mut bytes = serde_json::to_vec_pretty(&values).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

fn to_value(record: &Record) -> Value {
    fn value(shape: impl Serialize) -> Value {
        serde_json::to_value(shape).unwrap_or_default()
    }
    match record {
        Record::Region(row) => value(RegionDto::from(row)),
        Record::Organization(row) => value(OrganizationDto::from(row)),
        Record::Depot(row) => value(DepotDto::from(row)),
        Record::Item(row) => value(ItemDto::from(row)),
        Record::Need(row) => value(NeedDto::from(row)),
        Record::Agreement(row) => value(AgreementDto::from(row)),
        Record::Capacity(row) => value(CapacityDto::from(row)),
        Record::Pledge(row) => value(PledgeDto::from(row)),
        Record::Route(row) => value(RouteDto::from(row)),
        Record::Road(row) => value(RoadDto::from(row)),
        Record::Helibase(row) => value(HelibaseDto::from(row)),
        Record::WaterLeg(row) => value(WaterLegDto::from(row)),
        Record::Closure(row) => value(ClosureDto::from(row)),
        Record::QuotaRule(row) => value(QuotaRuleDto::from(row)),
        Record::Quota(row) => value(QuotaDto::from(row)),
        Record::Profile(row) => value(ProfileDto::from(row)),
        Record::Plan(_) | Record::Event(_) | Record::Key(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests;
