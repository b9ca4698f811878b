//! Answers as JSON or CSV.
//!
//! Lives here: choosing the format, and flattening rows into cells. Does not live here: what a row
//! holds. Invariant: the columns of a CSV are the fields of the JSON rows, in their order.

mod json;
mod line;
mod pieces;
mod sheet;

use std::collections::HashSet;

use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::refusal::FaultCode;

use super::context;
use super::extract::parameter;
use super::problem::{Code, Problem};
use super::words::{Language, heading, permille};

pub use line::{Line, Name, fields};
use pieces::Sheet;
pub use pieces::{Pieces, SLICE};

/// The media type of a spreadsheet.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Csv,
}

impl Format {
    /// What `?format=` or `Accept` asks for.
    ///
    /// # Errors
    /// 400 for an unknown format, 406 for types that we do not have.
    pub fn of(request: &HttpRequest, parameter_value: Option<&str>) -> Result<Self, Problem> {
        match parameter_value {
            Some("json") => return Ok(Self::Json),
            Some("csv") => return Ok(Self::Csv),
            Some(_) => return Err(parameter("format", FaultCode::UnknownValue, "json or csv")),
            None => {}
        }
        let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
        let Some(accept) = accept else {
            return Ok(Self::Json);
        };
        let mut best: Option<(u16, Self)> = None;
        for part in accept.split(',') {
            let mut parts = part.split(';').map(str::trim);
            let format = match parts.next().unwrap_or_default() {
                "text/csv" => Self::Csv,
                "*/*" | "application/*" | "application/json" | "" => Self::Json,
                _ => continue,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, permille);
            if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, format));
            }
        }
        best.map(|(_, format)| format).ok_or_else(|| Problem::new(Code::NotAcceptable))
    }
}

/// An answer that is written, wherever that was done.
#[derive(Debug)]
pub struct Written {
    format: Format,
    pieces: Vec<Bytes>,
}

impl From<Written> for HttpResponse {
    fn from(Written { format, pieces }: Written) -> Self {
        let mut response = Self::Ok();
        match format {
            Format::Json => response.insert_header((CONTENT_TYPE, "application/json")),
            Format::Csv => response
                .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
                .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"changping.csv\"")),
        };
        response.body(Pieces::of(pieces))
    }
}

fn failed(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "an answer could not be written");
    Problem::new(Code::Internal)
}

/// Rows that are written at a time.
const PORTION: usize = 512;

/// Writes rows under `items` with the fields of `rest` behind them, as `write` would, on as many
/// threads as there are.
///
/// # Errors
/// 500 where the answer cannot be written.
pub fn write_rows<'a, R: Sync, T: Serialize>(
    format: Format,
    rows: &'a [R],
    tell: impl Fn(&'a R) -> T + Sync,
    rest: &impl Serialize,
    language: Language,
) -> Result<Written, Problem> {
    if format == Format::Csv {
        let rows: Result<Vec<Value>, _> =
            rows.iter().map(|row| serde_json::to_value(tell(row))).collect();
        let bytes = csv(&rows.map_err(|error| failed(&error))?, language);
        let pieces = vec![bytes.map_err(|error| failed(&error))?.into()];
        return Ok(Written { format, pieces });
    }
    write_lines(rows, |rows, bytes| json::append_all(bytes, rows.iter().map(&tell)), rest)
}

/// The same as JSON, where the rows of a portion are written by `append`, with commas between.
///
/// # Errors
/// 500 where the answer cannot be written.
pub fn write_lines<'a, R: Sync>(
    rows: &'a [R],
    append: impl Fn(&'a [R], &mut Vec<u8>) -> Result<(), serde_json::Error> + Sync,
    rest: &impl Serialize,
) -> Result<Written, Problem> {
    let portions = rows.par_chunks(PORTION).enumerate().map(|(nth, rows)| {
        let mut sheet = Sheet::take();
        sheet.extend_from_slice(if nth == 0 { b"" } else { b"," });
        append(rows, &mut sheet)?;
        Ok(sheet.into_bytes())
    });
    let portions: Result<Vec<Bytes>, serde_json::Error> = portions.collect();
    let mut pieces = vec![Bytes::from_static(b"{\"items\":[")];
    pieces.extend(portions.map_err(|error| failed(&error))?);
    let rest = json::to_vec(rest).map_err(|error| failed(&error))?;
    let behind = [b"],", rest.strip_prefix(b"{").unwrap_or(&rest)].concat();
    pieces.push(behind.into());
    Ok(Written { format: Format::Json, pieces })
}

/// Writes JSON, or the rows under `items` as CSV with headings in a language.
///
/// # Errors
/// 500 where the answer cannot be written.
pub fn write<T: Serialize>(
    format: Format,
    body: &T,
    language: Language,
) -> Result<Written, Problem> {
    let bytes = match format {
        Format::Json => json::to_vec(body).map_err(|error| failed(&error))?,
        Format::Csv => {
            let value = serde_json::to_value(body).map_err(|error| failed(&error))?;
            let rows = value.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
            csv(&rows, language).map_err(|error| failed(&error))?
        }
    };
    Ok(Written { format, pieces: vec![bytes.into()] })
}

/// Answers JSON, or the rows under `items` as CSV.
///
/// # Errors
/// 500 where the answer cannot be written.
pub fn respond<T: Serialize>(format: Format, body: &T) -> Result<HttpResponse, Problem> {
    Ok(write(format, body, context::current().language)?.into())
}

/// Answers the rows as a spreadsheet.
///
/// # Errors
/// 500 where it cannot be written.
pub fn respond_sheet<T: Serialize>(rows: &[T]) -> Result<HttpResponse, Problem> {
    let values: Result<Vec<Value>, _> = rows.iter().map(serde_json::to_value).collect();
    let values = values.map_err(|error| failed(&error))?;
    let bytes = sheet::xlsx(&values, context::current().language).map_err(|e| failed(&e))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, XLSX))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"changping.xlsx\""))
        .body(bytes))
}

/// Rows laid flat under the columns of all of them.
struct Cells {
    columns: Vec<String>,
    rows: Vec<Map<String, Value>>,
}

impl Cells {
    fn of(rows: &[Value]) -> Self {
        let mut columns: Vec<String> = Vec::new();
        let mut flat_rows = Vec::with_capacity(rows.len());
        for row in rows {
            let mut flat = Map::new();
            flatten("", row, &mut flat);
            for name in flat.keys() {
                if !columns.contains(name) {
                    columns.push(name.clone());
                }
            }
            flat_rows.push(flat);
        }
        // An object that is absent in one row has its fields' columns from another.
        let parents: HashSet<String> = columns
            .iter()
            .flat_map(|name| name.match_indices('.').map(|(at, _)| name.split_at(at).0.to_string()))
            .collect();
        columns.retain(|name| !parents.contains(name));
        Self { columns, rows: flat_rows }
    }
}

/// The rows as CSV with headings in a language.
///
/// # Errors
/// Where a row cannot be written.
pub fn csv(rows: &[Value], language: Language) -> Result<Vec<u8>, csv::Error> {
    let start = if language == Language::Zh { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    let Cells { columns, rows } = Cells::of(rows);
    if columns.is_empty() {
        return Ok(start);
    }
    let mut writer = csv::Writer::from_writer(start);
    writer.write_record(columns.iter().map(|name| heading(name, language).into_owned()))?;
    for flat in rows {
        writer.write_record(columns.iter().map(|name| cell(flat.get(name))))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn flatten(prefix: &str, value: &Value, out: &mut Map<String, Value>) {
    let Value::Object(fields) = value else {
        out.insert(prefix.to_string(), value.clone());
        return;
    };
    for (name, inner) in fields {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        flatten(&path, inner, out);
    }
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_become_cells_in_field_order() {
        let rows = [json!({"item": "QUILT", "gap": 3, "layers": {"own": 0.5, "city": null}})];
        let text = String::from_utf8(csv(&rows, Language::En).unwrap()).unwrap();
        assert_eq!(text, "item,gap,layers.own,layers.city\nQUILT,3,0.5,\n");
        let text = String::from_utf8(csv(&rows, Language::Zh).unwrap()).unwrap();
        assert!(text.starts_with("\u{feff}物资,缺口,本级覆盖,市级累计覆盖\n"), "{text}");
    }

    #[derive(Serialize)]
    struct Whole<'a> {
        items: Vec<&'a str>,
        next: Option<u8>,
        count: usize,
    }

    #[derive(Serialize)]
    struct Rest {
        next: Option<u8>,
        count: usize,
    }

    #[test]
    fn rows_written_in_portions_are_those_written_at_once() {
        for count in [0, 1, PORTION, PORTION + 1, 3 * PORTION + 7] {
            let rows: Vec<String> = (0..count).map(|nth| format!("row \"{nth}\"")).collect();
            let rest = Rest { next: None, count };
            let tell = String::as_str;
            let items = rows.iter().map(tell).collect();
            let whole = Whole { items, next: None, count };
            let told = |tell| write_rows(Format::Json, &rows, tell, &rest, Language::En).unwrap();
            let pieces = told(tell).pieces.concat();
            assert_eq!(pieces, serde_json::to_vec(&whole).unwrap(), "{count}");
            let pieces = told(tell).pieces.concat();
            assert_eq!(pieces, serde_json::to_vec(&whole).unwrap(), "{count}, on used sheets");
        }
    }

    #[test]
    fn an_absent_object_has_no_column_of_its_own() {
        let rows = [json!({"item": "A", "rule": null}), json!({"item": "B", "rule": {"id": 7}})];
        let text = String::from_utf8(csv(&rows, Language::En).unwrap()).unwrap();
        assert_eq!(text, "item,rule.id\nA,\nB,7\n");
        assert_eq!(csv(&[], Language::En).unwrap(), b"");
    }
}
