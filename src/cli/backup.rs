//! `backup`: copy a SQLite database while it is served.
//!
//! Lives here: what it prints. Does not live here: the copying (`store::backup`), the walk
//! (`service::verify`). Invariant: a copy that is announced has been folded and found sound.

use crate::config::{Backup, Common};
use crate::service::verify::verify;
use crate::store::backup;

use super::{Done, Failed, database, say};

pub(super) fn run(common: &Common, options: &Backup) -> Done {
    let copy = backup::copy(&database(common)?, &options.file)?;
    match verify(&copy, None)? {
        Ok(report) => {
            say(&format!("copied to {}: {} entries", options.file.display(), report.entries));
            say(&format!("head {}:{}", report.seq, report.hash));
            Ok(())
        }
        Err(flaw) => Err(Failed(format!("the copy is not sound: {}", flaw.what))),
    }
}
