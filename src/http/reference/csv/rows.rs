//! Rows of a table to JSON shapes and back.
//!
//! Lives here: headers, cells and their notations. Does not live here: bounds of values.
//! Invariant: a faulty cell is reported once, by its column's name, and does not hide the others.

use csv::{ByteRecord, ReaderBuilder, WriterBuilder};
use serde_json::{Map, Number, Value, json};

use crate::domain::refusal::{Fault, FaultCode};
use crate::service::flat;

use super::columns::{self, Cell, Column};
use super::{Found, Kind, RowFault, from_value};

/// Reads every row that can be read, and names every fault.
pub(super) fn read(kind: Kind, bytes: &[u8]) -> Found {
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    if !kind.is_flat() {
        let expected = format!("{} have no table form: a JSON array", kind.as_str());
        faults.push(RowFault::at(1, "", FaultCode::Malformed, expected));
        return (records, faults);
    }
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut header = None;
    for row in reader.byte_records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                let expected = format!("CSV: {error}");
                faults.push(RowFault::at(line, "", FaultCode::Malformed, expected));
                break;
            }
        };
        let line = row.position().map_or(1, csv::Position::line);
        let Some(header) = &header else {
            let (read, found) = Header::read(kind, &row);
            faults.extend(found.into_iter().map(|fault| RowFault { line, fault }));
            header = Some(read);
            continue;
        };
        match header.record(&row) {
            Ok(record) => records.push((line, record)),
            Err(found) => faults.extend(found.into_iter().map(|fault| RowFault { line, fault })),
        }
    }
    if header.is_none() {
        let expected = format!("a header row: {}", names(kind).join(","));
        faults.push(RowFault::at(1, "", FaultCode::Required, expected));
    }
    (records, faults)
}

fn names(kind: Kind) -> Vec<&'static str> {
    columns::of(kind).iter().map(|column| column.name).collect()
}

/// Which column stands in which place.
struct Header {
    kind: Kind,
    width: usize,
    /// Each column with its place in the row; `None` where the file lacks it.
    places: Vec<(&'static Column, Option<usize>)>,
}

impl Header {
    fn read(kind: Kind, row: &ByteRecord) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let given: Vec<String> =
            row.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_string()).collect();
        for (ix, name) in given.iter().enumerate() {
            if !names(kind).contains(&name.as_str()) {
                let expected = format!("one of the columns {}", names(kind).join(", "));
                faults.push(Fault::new(name, FaultCode::UnknownField, expected));
            } else if given.iter().take(ix).any(|before| before == name) {
                let expected = "each column once";
                faults.push(Fault::new(name, FaultCode::Duplicate, expected));
            }
        }
        let mut places = Vec::new();
        for column in columns::of(kind) {
            let place = given.iter().position(|name| name == column.name);
            if place.is_none() && column.required {
                let expected = "a column of this name";
                faults.push(Fault::new(column.name, FaultCode::Required, expected));
            }
            places.push((column, place));
        }
        let width = given.len();
        let header = Self { kind, width, places };
        (header, faults)
    }

    fn record(&self, row: &ByteRecord) -> Result<crate::domain::reference::Record, Vec<Fault>> {
        if row.len() != self.width {
            let expected = format!("{} cells, not {}", self.width, row.len());
            return Err(vec![Fault::new("", FaultCode::Malformed, expected)]);
        }
        let mut faults = Vec::new();
        let mut blamed = Vec::new();
        let mut shape = Value::Object(Map::new());
        for (column, place) in &self.places {
            let value = match place {
                Some(place) => read_cell(column, row.get(*place).unwrap_or_default()),
                None if column.required => Err(None),
                None => Ok(None),
            };
            let value = value.unwrap_or_else(|fault| {
                blamed.push(column.name);
                faults.extend(fault);
                column.required.then(|| neutral(column.cell))
            });
            if let Some(value) = value {
                put(&mut shape, column.path, value);
            }
        }
        match from_value(self.kind, shape) {
            Ok(record) if blamed.is_empty() => Ok(record),
            Ok(_) => Err(faults),
            Err(found) => {
                for mut fault in found {
                    fault.pointer = self.column_of(&fault.pointer).to_string();
                    if !blamed.contains(&fault.pointer.as_str()) {
                        faults.push(fault);
                    }
                }
                Err(faults)
            }
        }
    }

    fn column_of<'a>(&self, pointer: &'a str) -> &'a str {
        let covers = |path: &str| {
            let rest = pointer.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let found = self.places.iter().find(|(column, _)| covers(column.path));
        found.map_or(pointer, |(column, _)| column.name)
    }
}

/// What stands in the place of a value that cannot be read, so that the others can be checked.
fn neutral(cell: Cell) -> Value {
    match cell {
        Cell::Text => json!(""),
        Cell::Whole | Cell::Decimal => json!(0),
        Cell::Flag => json!(false),
        Cell::List | Cell::Packs | Cell::Shares => json!([]),
        Cell::Codes => json!({}),
    }
}

/// The value of a cell; an empty one is no value where the field may be absent.
fn read_cell(column: &Column, bytes: &[u8]) -> Result<Option<Value>, Option<Fault>> {
    let fault = |code, expected: &str| Some(Fault::new(column.name, code, expected));
    let malformed = |expected: &str| fault(FaultCode::Malformed, expected);
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("UTF-8 text"))?;
    let plain = matches!(column.cell, Cell::Text | Cell::Whole | Cell::Decimal | Cell::Flag);
    if text.is_empty() && plain {
        return match column.cell {
            _ if !column.required => Ok(None),
            Cell::Text => Ok(Some(json!(""))),
            _ => Err(fault(FaultCode::Required, "a value")),
        };
    }
    let value = match column.cell {
        Cell::Text => json!(text),
        Cell::Whole => {
            let number = text.parse::<i64>();
            json!(number.map_err(|_| malformed("a whole number"))?)
        }
        Cell::Decimal => {
            let number = flat::decimal(text, 0).and_then(|_| text.parse::<f64>().ok());
            let number = number.and_then(Number::from_f64);
            Value::Number(number.ok_or_else(|| malformed("a decimal number such as 12.5"))?)
        }
        Cell::Flag => {
            let flag = text.parse::<bool>();
            json!(flag.map_err(|_| malformed("true or false"))?)
        }
        Cell::List => json!(flat::list(text)),
        Cell::Shares => {
            let read = counted(text, "mode", "share_permille");
            read.ok_or_else(|| malformed("mode=thousandths;mode=thousandths;…"))?
        }
        Cell::Packs => {
            counted(text, "unit", "factor").ok_or_else(|| malformed("unit=factor;unit=factor;…"))?
        }
        Cell::Codes => {
            codes(text).ok_or_else(|| malformed("scheme=code;scheme=code;…, each once"))?
        }
    };
    Ok(Some(value))
}

/// Pairs of a word and a whole number, as objects with these two fields.
fn counted(text: &str, word: &str, number: &str) -> Option<Value> {
    let mut found = Vec::new();
    for (left, right) in flat::pairs(text)? {
        found.push(json!({word: left, number: right.parse::<i64>().ok()?}));
    }
    Some(Value::Array(found))
}

/// The cell of such pairs.
fn write_counted(parts: &[Value], word: &str, number: &str) -> String {
    flat::write_pairs(parts.iter().filter_map(|part| {
        Some((part.get(word)?.as_str()?, part.get(number)?.as_i64()?.to_string()))
    }))
}

fn codes(text: &str) -> Option<Value> {
    let mut found = Map::new();
    for (scheme, code) in flat::pairs(text)? {
        if found.insert(scheme, json!(code)).is_some() {
            return None;
        }
    }
    Some(Value::Object(found))
}

/// Puts a value at a path of at most two steps.
fn put(shape: &mut Value, path: &str, value: Value) {
    let mut at = shape;
    for step in path.split('/').skip(1) {
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        at = map.entry(step).or_insert(Value::Null);
    }
    *at = value;
}

/// Writes shapes as a table.
pub(super) fn write(kind: Kind, shapes: &[Value]) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let mut written = writer.write_record(names(kind));
    for shape in shapes {
        let cells =
            columns::of(kind).iter().map(|column| write_cell(column, shape.pointer(column.path)));
        written = written.and_then(|()| writer.write_record(cells));
    }
    debug_assert!(written.is_ok(), "a table in memory: {written:?}");
    writer.into_inner().unwrap_or_default()
}

fn write_cell(column: &Column, value: Option<&Value>) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let Some(value) = value else {
        return String::new();
    };
    match (column.cell, value) {
        (Cell::Decimal, value) => value.as_f64().map(|n| n.to_string()).unwrap_or_default(),
        (Cell::List, Value::Array(parts)) => {
            flat::write_list(parts.iter().filter_map(Value::as_str))
        }
        (Cell::Packs, Value::Array(parts)) => write_counted(parts, "unit", "factor"),
        (Cell::Shares, Value::Array(parts)) => write_counted(parts, "mode", "share_permille"),
        (Cell::Codes, Value::Object(map)) => {
            flat::write_pairs(map.iter().map(|(scheme, code)| (scheme.as_str(), text(code))))
        }
        (_, value) => text(value),
    }
}
