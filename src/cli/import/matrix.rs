//! `import matrix`: travel times that a routing server has answered with, as routes.
//!
//! Lives here: the files, and what is said about them. Does not live here: their form
//! (`http::reference::matrix`). Invariant: a table with one fault is not written at all.

use crate::config::{Common, Import};
use crate::domain::reference::Record;
use crate::domain::refusal::Fault;
use crate::http::problem::Problem;
use crate::http::reference::matrix::{self, Origin, Places};
use crate::http::words::{self, Language};
use crate::service::answers::today;
use crate::service::book::{Book, plain_amendment};
use crate::service::reference::misfits;

use super::super::{Done, Failed, block_on, database, language, say, say_error};
use super::{SHOWN, read};

pub(super) fn run(common: &Common, options: &Import) -> Done {
    let language = language(common);
    let places = options
        .places
        .as_ref()
        .ok_or_else(|| Failed("a matrix needs --places: a file of side,index,code".to_string()))?;
    let source = options.source.clone().ok_or_else(|| {
        Failed("a matrix needs --source: which server answered, and over which roads".to_string())
    })?;
    let origin = Origin { source, valid_from: options.valid_from.unwrap_or_else(today) };
    let told = |faults: Vec<Fault>| refused(&faults, language);
    let places = Places::read(&read(places)?).map_err(told)?;
    let found = matrix::read(&read(&options.file)?, &places, &origin).map_err(told)?;
    let (pairs, records): (Vec<String>, Vec<Record>) = found.routes.into_iter().unzip();
    let book = Book::open(&database(common)?)?;
    let outcome = write(&book, &pairs, records, options.dry_run, language);
    book.close();
    let (count, none) = (outcome?, found.without_way);
    let done = match options.dry_run {
        true => language.pick("已核对,未写入", "checked, nothing written"),
        false => language.pick("已写入", "written"),
    };
    say(&language.pick(
        format!("{count} 条路线{done};{none} 对无路可通"),
        format!("{count} routes: {done}; {none} pairs without a way"),
    ));
    Ok(())
}

fn write(
    book: &Book,
    pairs: &[String],
    records: Vec<Record>,
    dry_run: bool,
    language: Language,
) -> Result<usize, Failed> {
    let found = misfits(&book.snapshot().reference, &records);
    for (place, refusal) in found.iter().take(SHOWN) {
        let pair = pairs.get(*place).map_or("", String::as_str);
        say_error(&format!("{pair}: {}", Problem::from(refusal).line(language)));
    }
    if !found.is_empty() {
        return Err(Failed(format!("{} faults; nothing was written", found.len())));
    }
    let count = records.len();
    if !dry_run && count > 0 {
        block_on(async { Ok(book.amend(plain_amendment(records)).await?) })?;
    }
    Ok(count)
}

fn refused(faults: &[Fault], language: Language) -> Failed {
    for fault in faults.iter().take(SHOWN) {
        say_error(&format!("{}: {}", fault.pointer, words::fault(fault, language)));
    }
    Failed(format!("{} faults; nothing was written", faults.len()))
}
