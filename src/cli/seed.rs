//! `seed`: put the seeds into an empty database.
//!
//! Lives here: what is said about it. Does not live here: the seeds. Invariant: a database that
//! people have filled is left alone.

use chrono::NaiveDate;

use crate::config::{Common, Seed};
use crate::service::answers::today;
use crate::service::book::Book;
use crate::service::planting::{NotPlanted, demo_is_ready, plant_base, plant_demo, planted_demo};
use crate::service::seed;

use super::{Done, Failed, block_on, database, say};

impl From<NotPlanted> for Failed {
    fn from(cause: NotPlanted) -> Self {
        match cause {
            NotPlanted::Foreign => {
                Self("the database already holds reference data; it is left alone".to_string())
            }
            NotPlanted::OtherDate(date) => Self(format!(
                "the database is a demo of {date}; name that date or another database"
            )),
            NotPlanted::Refused(why) => Self(format!("the demo's stock was refused: {why}")),
            NotPlanted::Failure(failure) => failure.into(),
        }
    }
}

pub(super) fn run(common: &Common, options: &Seed) -> Done {
    let book = Book::open(&database(common)?)?;
    let outcome =
        if options.demo { block_on(demo(&book, options.demo_date)) } else { block_on(base(&book)) };
    book.close();
    outcome
}

async fn base(book: &Book) -> Done {
    let records = seed::base().map_err(|error| Failed(error.to_string()))?;
    let count = records.len();
    plant_base(book, records).await?;
    say(&format!("{count} records of reference data; see seeds/README.md for their sources"));
    Ok(())
}

/// Makes the demo, or finds it made.
pub(super) async fn demo(book: &Book, date: Option<NaiveDate>) -> Done {
    let there = planted_demo(book).await?.map(|(date, _)| date);
    let on = date.or(there).unwrap_or_else(today);
    if demo_is_ready(book, on).await? {
        say(&format!("the demo of {on} is in the database already"));
        return Ok(());
    }
    let wrong = |error: seed::SeedError| Failed(error.to_string());
    let mut records = seed::base().map_err(wrong)?;
    let demo = seed::demo(on).map_err(wrong)?;
    records.extend(demo.records);
    let count = records.len();
    let movements = plant_demo(book, on, records, demo.drafts).await?;
    say(&format!(
        "demo of {on}: {count} records, {movements} opening movements (illustrative, not real)"
    ));
    Ok(())
}
