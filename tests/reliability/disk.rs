//! A disk that records what a process does to it and fails when told: `disk.c`, preloaded.
//!
//! What the records mean is in `image`. Invariant: the disk of one test is nobody else's, and a
//! process that is not started under it does not know of it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;

use tempfile::TempDir;

use crate::support::{Server, preload};

/// Every write finds the disk full.
pub const FULL: u64 = 1;
/// Writes that make a file longer find the disk full.
pub const GROWING: u64 = 2;
/// With either: half of some writes is still done.
pub const TORN: u64 = 4;
/// Nothing may be changed, as after a remount.
pub const READ_ONLY: u64 = 8;
/// A sync is done, but says that it failed.
pub const SYNC_FAILS: u64 = 16;

/// Places of the control file's words, as in `disk.c`.
const CLOCK: u64 = 0;
const SYNCS: u64 = 1;
const REFUSED: u64 = 2;
const FAULTS: u64 = 3;
const FROM: u64 = 4;
const DIE_BEFORE: u64 = 5;
const DIE_AFTER: u64 = 6;
const ENOUGH: u64 = 7;
const WORDS: u64 = 8;

pub struct Disk {
    folder: TempDir,
    own: TempDir,
    control: File,
}

impl Disk {
    /// A disk with nothing on it; nothing, said loudly, where a library cannot be preloaded.
    pub fn new() -> Option<Self> {
        let folder = TempDir::with_prefix("changping-disk-").unwrap();
        let own = TempDir::with_prefix("changping-shim-").unwrap();
        preload::compile("tests/reliability/disk.c", &own.path().join("disk.so"))?;
        let mut options = File::options();
        let control = own.path().join("control");
        let control = options.read(true).write(true).create_new(true).open(control).unwrap();
        control.set_len(8 * WORDS).unwrap();
        Some(Self { folder, own, control })
    }

    /// Also watches what another account's processes do, in a folder of their own.
    pub fn open_to_all(&self) {
        self.control.set_permissions(Permissions::from_mode(0o666)).unwrap();
        fs::set_permissions(self.own.path(), Permissions::from_mode(0o755)).unwrap();
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of a SQLite database on this disk.
    pub fn url(&self) -> String {
        format!("sqlite://{}", self.folder().join("changping.db").display())
    }

    /// What a process is told so that it runs on this disk, of which `folder` is watched.
    pub fn environment(&self, folder: &Path) -> Vec<(String, String)> {
        let own = |name: &str| self.own.path().join(name).display().to_string();
        vec![
            ("LD_PRELOAD".to_string(), own("disk.so")),
            ("CHANGPING_DISK_FOLDER".to_string(), folder.display().to_string()),
            ("CHANGPING_DISK_CONTROL".to_string(), own("control")),
        ]
    }

    /// Serves the SQLite database on this disk.
    pub fn serve(&self) -> Server {
        Server::start_under(&self.url(), &self.environment(self.folder()))
    }

    /// The same, with every operation recorded, and a log so small that it is often written back.
    pub fn serve_recorded(&self) -> Server {
        let mut environment = self.environment(self.folder());
        let log = self.own.path().join("log").display().to_string();
        environment.push(("CHANGPING_DISK_LOG".to_string(), log));
        environment.push(("CHANGPING_SQLITE_LOG_MIB".to_string(), "1".to_string()));
        Server::start_under(&self.url(), &environment)
    }

    /// What has been recorded.
    pub fn log(&self) -> Vec<u8> {
        fs::read(self.own.path().join("log")).unwrap()
    }

    fn word(&self, place: u64) -> u64 {
        let mut bytes = [0; 8];
        self.control.read_exact_at(&mut bytes, 8 * place).unwrap();
        u64::from_le_bytes(bytes)
    }

    fn set(&self, place: u64, value: u64) {
        self.control.write_all_at(&value.to_le_bytes(), 8 * place).unwrap();
    }

    /// Operations so far: whoever reads it after an answer knows that all of them came before.
    pub fn clock(&self) -> u64 {
        self.word(CLOCK)
    }

    /// Syncs that have ended well so far.
    pub fn syncs(&self) -> u64 {
        self.word(SYNCS)
    }

    /// Calls that a fault has refused so far.
    pub fn refused(&self) -> u64 {
        self.word(REFUSED)
    }

    /// Fails from now on.
    pub fn fail(&self, faults: u64) {
        self.fail_from(faults, 0);
    }

    /// Fails from an operation on.
    pub fn fail_from(&self, faults: u64, operation: u64) {
        self.set(ENOUGH, 0);
        self.set(FROM, operation);
        self.set(FAULTS, faults);
    }

    /// Fails once, whenever that is.
    pub fn fail_once(&self, faults: u64) {
        self.fail(0);
        self.set(ENOUGH, self.refused() + 1);
        self.set(FAULTS, faults);
    }

    /// Everything works again.
    pub fn mend(&self) {
        self.set(FAULTS, 0);
    }

    /// Ends the process, as `kill -9` does, before or after an operation; 0 is never.
    pub fn kill_at(&self, before: u64, after: u64) {
        self.set(DIE_BEFORE, before);
        self.set(DIE_AFTER, after);
    }
}
