//! `verify`: fold the book again and prove it.
//!
//! Lives here: what it prints. Does not live here: the walk (`service::verify`). Invariant: a flaw
//! exits with non-zero and names the first bad entry.

use crate::config::{Common, Verify};
use crate::service::verify::{Flaw, verify};

use super::{Done, Failed, database, say};

pub(super) fn run(common: &Common, options: &Verify) -> Done {
    let noted = options.noted_head.as_deref().map(noted_head).transpose()?;
    match verify(&database(common)?, noted)? {
        Ok(report) => {
            say(&format!(
                "sound: {} entries, {} lines, {} balances",
                report.entries, report.lines, report.balances
            ));
            say(&format!("head {}:{}", report.seq, report.hash));
            Ok(())
        }
        Err(Flaw { seq: Some(seq), what }) => Err(Failed(format!("entry {seq}: {what}"))),
        Err(Flaw { seq: None, what }) => Err(Failed(what)),
    }
}

fn noted_head(text: &str) -> Result<(i64, [u8; 32]), Failed> {
    let wrong = || Failed("a noted head is SEQ:HASH, the hash in 64 hexadecimal digits".into());
    let (seq, digits) = text.split_once(':').ok_or_else(wrong)?;
    let seq = seq.parse::<i64>().map_err(|_| wrong())?;
    let bytes: Option<Vec<u8>> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect();
    let hash = bytes.filter(|_| digits.len() == 64).and_then(|bytes| bytes.try_into().ok());
    Ok((seq, hash.ok_or_else(wrong)?))
}
