//! The demo: both cities on a temporary database, for `serve --demo` and `drill`.
//!
//! Lives here: making the demo's database and the first commands to try. Does not live here: the
//! seeds. Invariant: a temporary database is gone when the demo ends.

use std::net::SocketAddr;
use std::time::Instant;

use chrono::NaiveDate;
use tempfile::TempDir;

use crate::config::{Common, Serve};
use crate::http::words::Language;
use crate::service::book::Book;
use crate::store::connection::DatabaseUrl;
use crate::store::migrate::migrate;

use super::{Failed, block_on, database, say, seed};

/// A demo's book; its folder lives as long as this.
pub(super) struct Demo {
    pub book: Book,
    _folder: Option<TempDir>,
}

/// Makes the demo's book, or opens the one that was made.
pub(super) fn open(common: &Common, options: &Serve) -> Result<Demo, Failed> {
    if !options.bind.ip().is_loopback() {
        return Err(Failed(format!(
            "a demo listens on this machine only, not on {}",
            options.bind
        )));
    }
    std::net::TcpListener::bind(options.bind)
        .map_err(|error| Failed(format!("{}: {error}", options.bind)))?;
    let began = Instant::now();
    let (url, folder) = if common.database_url.is_some() {
        (database(common)?, None)
    } else {
        let folder = TempDir::with_prefix("changping-demo-")?;
        (DatabaseUrl::file(folder.path().join("changping.db")), Some(folder))
    };
    migrate(&url)?;
    let book = Book::open(&url)?;
    block_on(seed::demo(&book, options.demo_date))?;
    say(&format!("ready after {} ms", began.elapsed().as_millis()));
    Ok(Demo { book, _folder: folder })
}

/// The book that is named, or else a demo on a temporary database.
pub(super) fn at_hand(common: &Common, date: Option<NaiveDate>) -> Result<Demo, Failed> {
    if common.database_url.is_some() {
        return Ok(Demo { book: Book::open(&database(common)?)?, _folder: None });
    }
    let folder = TempDir::with_prefix("changping-demo-")?;
    let url = DatabaseUrl::file(folder.path().join("changping.db"));
    migrate(&url)?;
    let book = Book::open(&url)?;
    block_on(seed::demo(&book, date))?;
    Ok(Demo { book, _folder: Some(folder) })
}

/// Where to look and what to try.
pub(super) fn greet(address: SocketAddr, language: Language) {
    let base = format!("http://{address}");
    say(&language.pick(
        format!("常平演示: {base}/docs/ 为接口文档;可在另一终端试用:"),
        format!("Changping's demo: {base}/docs/ shows the interface; try in another terminal:"),
    ));
    say(&format!("  curl '{base}/v1/gaps?region=3713&tier=county&item=QUILT'"));
    say(&format!("  curl '{base}/v1/coverage?region=3713&tier=township&hours=12&limit=3'"));
    say(&format!("  curl '{base}/v1/summaries?region=3713&by=function_class&limit=3'"));
}
