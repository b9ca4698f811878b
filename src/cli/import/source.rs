//! A file that is read twice: on the disk, or spooled from standard input.
//!
//! Lives here: opening, rewinding, and how much has been read. Does not live here: what it holds.
//! Invariant: standard input is never held in memory, and its copy is gone with the process.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::http::movements::file::Form;

use super::super::Failed;

/// Bytes read at once.
const BUFFER: usize = 1 << 18;
/// Bytes looked at to tell the form.
const START: u64 = 4_096;

/// The file, open as long as the import takes.
pub(super) struct Source {
    file: File,
    form: Form,
    size: u64,
    read: Arc<AtomicU64>,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, Failed> {
        let named = |error: io::Error| Failed(format!("{}: {error}", path.display()));
        let mut file =
            if path == Path::new("-") { spooled() } else { File::open(path) }.map_err(named)?;
        let size = file.metadata().map_err(named)?.len();
        let mut start = Vec::new();
        file.rewind().map_err(named)?;
        Read::by_ref(&mut file).take(START).read_to_end(&mut start).map_err(named)?;
        Ok(Self { file, form: Form::of_start(&start), size, read: Arc::default() })
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// The whole file, from its beginning.
    pub(super) fn rewound(&mut self) -> io::Result<BufReader<Counted<'_>>> {
        self.file.rewind()?;
        self.read.store(0, Ordering::Relaxed);
        let counted = Counted { file: &self.file, read: Arc::clone(&self.read) };
        Ok(BufReader::with_capacity(BUFFER, counted))
    }

    /// How far it has been read.
    pub(super) fn progress(&self) -> Passed {
        Passed { size: self.size, read: Arc::clone(&self.read) }
    }
}

/// Standard input, copied into a file without a name.
fn spooled() -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut io::stdin().lock(), &mut file)?;
    Ok(file)
}

/// A file whose reader tells how far it is.
pub(super) struct Counted<'a> {
    file: &'a File,
    read: Arc<AtomicU64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let more = u64::try_from(count).unwrap_or_default();
        self.read.fetch_add(more, Ordering::Relaxed);
        Ok(count)
    }
}

/// How far a file has been read.
pub(super) struct Passed {
    size: u64,
    read: Arc<AtomicU64>,
}

impl Passed {
    pub(super) fn percent(&self) -> u64 {
        let read = self.read.load(Ordering::Relaxed).min(self.size);
        read.saturating_mul(100).checked_div(self.size).unwrap_or(100)
    }
}
