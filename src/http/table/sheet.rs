//! Rows as a spreadsheet (XLSX).
//!
//! Lives here: one sheet, headings, numbers as numbers. Does not live here: which rows. Invariant:
//! the cells are those of the CSV; amounts in yuan are numbers with two decimals.

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::Value;

use super::super::words::{Language, heading};
use super::Cells;

/// Fields with this ending are amounts of money.
const MONEY: &str = "_yuan";

/// The rows as a workbook with one sheet.
///
/// # Errors
/// Where there are more rows or longer texts than a sheet holds.
pub fn xlsx(rows: &[Value], language: Language) -> Result<Vec<u8>, XlsxError> {
    let Cells { columns, rows } = Cells::of(rows);
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let (bold, money) = (Format::new().set_bold(), Format::new().set_num_format("0.00"));
    for (column, name) in (0_u16..).zip(&columns) {
        sheet.write_string_with_format(0, column, heading(name, language), &bold)?;
    }
    for (line, row) in (1_u32..).zip(&rows) {
        for (column, name) in (0_u16..).zip(&columns) {
            match row.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) if name.ends_with(MONEY) => {
                    let amount: f64 = text.parse().unwrap_or_default();
                    sheet.write_number_with_format(line, column, amount, &money)?;
                }
                Some(Value::Number(number)) => {
                    sheet.write_number(line, column, number.as_f64().unwrap_or_default())?;
                }
                Some(Value::String(text)) => {
                    sheet.write_string(line, column, text)?;
                }
                Some(other) => {
                    sheet.write_string(line, column, other.to_string())?;
                }
            }
        }
    }
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_are_numbers_and_absent_ones_are_empty() {
        let rows = [
            json!({"item": "QUILT", "quantity": 3, "amount_yuan": "267.00"}),
            json!({"item": "TENT", "quantity": 1, "amount_yuan": null}),
        ];
        let book = xlsx(&rows, Language::Zh).unwrap();
        assert!(book.starts_with(b"PK"));
        let without = xlsx(&rows[..1], Language::Zh).unwrap();
        assert_ne!(book, without);
    }
}
