//! `import matrix`: travel times that a routing server has answered with, as routes.
//!
//! Lives here: whether they are read or asked for, and what is said about them. Does not live here:
//! their form (`http::reference::matrix`). Invariant: a table with one fault is not written at all.

mod asked;
mod blocks;
mod server;

use std::path::PathBuf;

use crate::config::{Common, Import};
use crate::domain::reference::Record;
use crate::domain::refusal::Fault;
use crate::http::reference::matrix::{self, Matrix, Origin, Places};
use crate::http::words::{self, Language};
use crate::service::answers::today;
use crate::service::book::Book;

use super::super::{Done, Failed, database, language, say};
use super::{SHOWN, name_faults, read, write};

pub(super) fn run(common: &Common, options: &Import) -> Done {
    let (language, given) = (language(common), &options.matrix);
    let files = match (&options.file, &given.places) {
        (Some(file), Some(places)) => Some([file, places]),
        (Some(_), None) => {
            let told = "a matrix needs --places: a file of side,index,code";
            return Err(Failed(told.to_string()));
        }
        (None, _) => None,
    };
    let source = given.source.clone().ok_or_else(|| {
        Failed("a matrix needs --source: which server answered, and over which roads".to_string())
    })?;
    let origin = Origin { source, valid_from: given.valid_from.unwrap_or_else(today) };
    let saved = files.map(|files| saved(files, &origin, language)).transpose()?;
    let book = Book::open(&database(common)?)?;
    let outcome = import(&book, options, (saved, &origin), language);
    book.close();
    outcome
}

/// A table that is in a file, by what another says its indices stand for.
fn saved(
    [file, places]: [&PathBuf; 2],
    origin: &Origin,
    language: Language,
) -> Result<Matrix, Failed> {
    let told = |faults: Vec<Fault>| refused(&faults, language);
    let places = Places::read(&read(places)?).map_err(told)?;
    matrix::read(&read(file)?, &places, origin).map_err(told)
}

fn import(
    book: &Book,
    options: &Import,
    (saved, origin): (Option<Matrix>, &Origin),
    language: Language,
) -> Done {
    let matrix = match (saved, &options.matrix.server) {
        (Some(matrix), _) => matrix,
        (None, Some(server)) => {
            let reference = &book.snapshot().reference;
            let found = asked::ask(reference, (server, &options.matrix), origin, language)?;
            announce(server, &found, language);
            found.matrix
        }
        (None, None) => return Err(Failed("a matrix needs a file, or --server".to_string())),
    };
    let (pairs, records): (Vec<String>, Vec<Record>) = matrix.routes.into_iter().unzip();
    let count = write(book, &pairs, records, options.dry_run, language)?;
    let (none, done) = (
        matrix.without_way.len(),
        match options.dry_run {
            true => language.pick("已核对,未写入", "checked, nothing written"),
            false => language.pick("已写入", "written"),
        },
    );
    say(&language.pick(
        format!("{count} 条路线{done};{none} 对无路可通"),
        format!("{count} routes: {done}; {none} pairs without a way"),
    ));
    list(language.pick("无路可通", "no way"), &matrix.without_way, language);
    Ok(())
}

/// What a server was asked for, and what not.
fn announce(server: &str, found: &asked::Asked, language: Language) {
    let (depots, regions, requests) = (found.depots, found.regions, found.requests);
    say(&language.pick(
        format!("已向 {server} 请求 {requests} 次:{depots} 个库点 × {regions} 个区划"),
        format!("asked {server} in {requests} requests: {depots} depots x {regions} regions"),
    ));
    let why = language.pick("无自身坐标,未请求", "no position of its own, not asked for");
    list(why, &found.left_out, language);
}

/// The first of some rows, each with what is so about it.
fn list(what: &str, rows: &[String], language: Language) {
    for row in rows.iter().take(SHOWN) {
        say(&format!("  {row}: {what}"));
    }
    let more = rows.len().saturating_sub(SHOWN);
    if more > 0 {
        say(&language.pick(format!("  另有 {more} 条: {what}"), format!("  {more} more: {what}")));
    }
}

fn refused(faults: &[Fault], language: Language) -> Failed {
    let told = |fault: &Fault| format!("{}: {}", fault.pointer, words::fault(fault, language));
    name_faults(faults.iter().map(told))
}
