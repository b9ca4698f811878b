//! `import`: read a file of reference data, all or nothing; or one of movements (`movements`).
//!
//! Lives here: naming every fault with its line. Does not live here: the shapes
//! (`http::reference`). Invariant: a file with one fault is not written at all.

mod matrix;
mod movements;
mod report;
mod source;

use std::io::Read;
use std::path::Path;

use crate::config::{Common, Import};
use crate::domain::reference::Record;
use crate::http::problem::Problem;
use crate::http::reference::csv::{self, Kind, RowFault};
use crate::http::words::{self, Language};
use crate::service::book::{Book, plain_amendment};
use crate::service::reference::misfits;

use super::{Done, Failed, block_on, database, language, say, say_error};

/// The one kind of file that is no reference data.
const MOVEMENTS: &str = "movements";
/// Travel times of a routing server, which become routes.
const MATRIX: &str = "matrix";
/// Faults shown at most.
const SHOWN: usize = 50;

pub(super) fn kind(word: &str) -> Result<Kind, Failed> {
    Kind::parse(word).ok_or_else(|| {
        let words = Kind::ALL.map(Kind::as_str).join(", ");
        Failed(format!("`{word}` is no kind of reference data; it is one of {words}"))
    })
}

pub(super) fn run(common: &Common, options: &Import) -> Done {
    if options.kind == MOVEMENTS {
        return movements::run(common, options);
    }
    if options.kind == MATRIX {
        return matrix::run(common, options);
    }
    let given = &options.matrix;
    let of_matrix = given.places.is_some() || given.source.is_some() || given.valid_from.is_some();
    let Some(file) = options.file.as_ref().filter(|_| !of_matrix) else {
        let words = "--places, --source, --valid-from and --server go with `matrix`";
        return Err(Failed(words.to_string()));
    };
    let kind = kind(&options.kind)?;
    let language = language(common);
    let bytes = read(file)?;
    let rows = csv::read(kind, &bytes).map_err(|faults| refused(&faults, language))?;
    let (lines, records): (Vec<u64>, Vec<Record>) = rows.into_iter().unzip();
    let places: Vec<String> = lines.into_iter().map(|line| format!("line {line}")).collect();
    let book = Book::open(&database(common)?)?;
    let outcome = write(&book, &places, records, options.dry_run, language);
    book.close();
    let count = outcome?;
    let done = if options.dry_run { "checked, nothing written" } else { "written" };
    say(&format!("{} {}: {done}", count, kind.as_str()));
    Ok(())
}

/// Writes records that all fit, or names those that do not by their places in the file.
fn write(
    book: &Book,
    places: &[String],
    records: Vec<Record>,
    dry_run: bool,
    language: Language,
) -> Result<usize, Failed> {
    let found = misfits(&book.snapshot().reference, &records);
    if !found.is_empty() {
        return Err(name_faults(found.iter().map(|(at, refusal)| {
            let place = places.get(*at).map_or("", String::as_str);
            format!("{place}: {}", Problem::from(refusal).line(language))
        })));
    }
    let count = records.len();
    if !dry_run && count > 0 {
        block_on(async { Ok(book.amend(plain_amendment(records)).await?) })?;
    }
    Ok(count)
}

fn read(file: &Path) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    let outcome = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(file).map(|content| bytes = content)
    };
    outcome.map_err(|error| Failed(format!("{}: {error}", file.display())))?;
    Ok(bytes)
}

fn refused(faults: &[RowFault], language: Language) -> Failed {
    name_faults(faults.iter().map(|row| {
        let text = words::fault(&row.fault, language);
        format!("line {}: {} {text}", row.line, row.fault.pointer)
    }))
}

/// Says the first of some faults, and that nothing was written.
fn name_faults(faults: impl ExactSizeIterator<Item = String>) -> Failed {
    let count = faults.len();
    faults.take(SHOWN).for_each(|line| say_error(&line));
    Failed(format!("{count} faults; nothing was written"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::region;
    use crate::store::connection::DatabaseUrl;
    use crate::store::migrate::migrate;

    #[test]
    fn a_file_without_rows_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::file(folder.path().join("book.db"));
        migrate(&url).unwrap();
        let book = Book::open(&url).unwrap();
        let written = |records: Vec<Record>, dry_run: bool| {
            let places = vec!["line 2".to_string(); records.len()];
            let count = write(&book, &places, records, dry_run, Language::En).unwrap();
            (count, book.snapshot().head.reference_rev)
        };
        let (_, first) = written(Vec::new(), true);
        // A revision says that something has changed.
        assert_eq!(written(Vec::new(), false), (0, first));
        let province = || vec![Record::Region(region("37", 117_000_000, 36_000_000))];
        assert_eq!(written(province(), true), (1, first));
        assert_eq!(written(province(), false), (1, first + 1));
        book.close();
    }
}
