//! `migrate`: bring a database to this program's schema.
//!
//! Lives here: what it prints. Does not live here: the migrations. Invariant: the only command that
//! makes a database.

use crate::config::Common;
use crate::store::migrate::migrate;

use super::{Done, database, say};

pub(super) fn run(common: &Common) -> Done {
    let url = database(common)?;
    let versions = migrate(&url)?;
    if versions.is_empty() {
        say(&format!("{}: the schema is up to date", url.display()));
    }
    for version in versions {
        say(&format!("{}: migration {version} done", url.display()));
    }
    Ok(())
}
