//! CSV headings in Chinese.
//!
//! Lives here: how a field's heading is found. Does not live here: the order of columns. Invariant:
//! the English heading is the field's own name.

mod fields;
mod nested;

use std::borrow::Cow;

use super::Language;
use fields::FIELDS;
use nested::NESTED;

/// The heading of a column; that of a field within another names both.
pub fn heading(field: &str, language: Language) -> Cow<'_, str> {
    if language == Language::En {
        return Cow::Borrowed(field);
    }
    if let Some(chinese) = chinese(field) {
        return Cow::Borrowed(chinese);
    }
    let parts: Vec<&str> = field.split('.').map(|part| chinese(part).unwrap_or(part)).collect();
    Cow::Owned(parts.join("·"))
}

fn chinese(field: &str) -> Option<&'static str> {
    let table = if field.contains('.') { NESTED } else { FIELDS };
    let at = table.binary_search_by(|(name, _)| (*name).cmp(field)).ok()?;
    table.get(at).map(|(_, chinese)| *chinese)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        for table in [FIELDS, NESTED] {
            assert!(table.is_sorted_by_key(|(name, _)| *name));
        }
        assert!(FIELDS.iter().all(|(name, _)| !name.contains('.')));
        assert!(NESTED.iter().all(|(name, _)| name.contains('.')));
        assert_eq!(heading("life.months", Language::Zh), "期限(月)");
        assert_eq!(heading("gap", Language::Zh), "缺口");
        assert_eq!(heading("gap", Language::En), "gap");
        assert_eq!(heading("own.gap.all_modes", Language::Zh), "本级·缺口·全部方式");
    }
}
