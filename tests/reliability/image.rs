//! What a disk holds after the power fails: the records of `disk.c`, played up to a cut.
//!
//! Lives here: reading the records, and choosing what of the unsynced was kept. Invariant: what
//! was written before a sync that ended well is there; of the rest, each sector of 512 bytes is as
//! it was at the sync or after any later write, and names come and go in order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::turn::Dice;

const SECTOR: usize = 512;
/// Words of a record: clock, kind, file, offset, length.
const HEADER: usize = 40;

#[derive(Debug)]
enum What {
    Created(u64, String),
    Written {
        file: u64,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        file: u64,
        length: usize,
    },
    Removed(String),
    /// File (0 is the folder), when it began, whether it ended well.
    Synced {
        file: u64,
        began: u64,
        well: bool,
    },
}

#[derive(Debug)]
struct Operation {
    clock: u64,
    what: What,
}

/// A folder as it was, and what was then done to it.
pub struct Recording {
    names: BTreeMap<String, u64>,
    files: BTreeMap<u64, Vec<u8>>,
    operations: Vec<Operation>,
}

impl Recording {
    /// What is on the disk before anything is recorded; all of it is durable.
    pub fn of_folder(folder: &Path) -> Self {
        let (mut names, mut files) = (BTreeMap::new(), BTreeMap::new());
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if !name.ends_with("-shm") {
                let file = entry.metadata().unwrap().ino();
                files.insert(file, fs::read(entry.path()).unwrap());
                names.insert(name, file);
            }
        }
        Self { names, files, operations: Vec::new() }
    }

    pub fn read(&mut self, log: &[u8]) {
        let mut at = 0;
        while at + HEADER <= log.len() {
            let (operation, length) = operation(&log[at..]);
            self.operations.extend(operation);
            at += HEADER + length;
        }
        assert_eq!(at, log.len(), "the log breaks off");
        assert!(self.operations.is_sorted_by_key(|operation| operation.clock));
    }

    /// The clock at the last operation.
    pub fn end(&self) -> u64 {
        self.operations.last().map_or(0, |operation| operation.clock)
    }

    /// How often a file that was there from the start was synced.
    pub fn syncs_of(&self, name: &str) -> usize {
        let wanted = self.names[name];
        let is_one = |what: &&What| match what {
            What::Synced { file, well, .. } => *well && *file == wanted,
            _ => false,
        };
        self.operations.iter().map(|operation| &operation.what).filter(is_one).count()
    }

    /// Makes the folder as a power failure after operation `clock` may leave it.
    pub fn cut(&self, clock: u64, dice: &mut Dice, into: &Path) {
        let mut disk = Platter { names: self.names.clone(), ..Platter::default() };
        for (file, bytes) in &self.files {
            disk.files.insert(*file, Pages { durable: bytes.clone(), pending: Vec::new() });
        }
        for operation in self.operations.iter().take_while(|next| next.clock <= clock) {
            disk.take(operation, dice);
        }
        let keep = Keep::choose(dice);
        disk.settle_names(keep, dice);
        for (name, file) in &disk.names {
            let pages = disk.files.get_mut(file).expect("a name of a file");
            pages.settle(u64::MAX, keep, dice);
            fs::write(into.join(name), &pages.durable).unwrap();
        }
    }
}

fn operation(record: &[u8]) -> (Option<Operation>, usize) {
    let word = |ix: usize| u64::from_le_bytes(record[8 * ix..8 * ix + 8].try_into().unwrap());
    let (clock, kind, file, offset, length) = (word(0), word(1), word(2), word(3), word(4));
    let size = |number: u64| usize::try_from(number).unwrap();
    let with_bytes = matches!(kind, 1 | 2 | 6);
    let bytes = if with_bytes { &record[HEADER..HEADER + size(length)] } else { &[] };
    let text = || String::from_utf8(bytes.to_vec()).unwrap();
    let what = match kind {
        1 => What::Created(file, text()),
        2 => What::Written { file, at: size(offset), bytes: bytes.to_vec() },
        3 => What::Cut { file, length: size(offset) },
        4 => return (None, 0),
        5 => What::Synced { file, began: offset, well: length == 0 },
        6 => What::Removed(text()),
        other => panic!("a record of kind {other}"),
    };
    (Some(Operation { clock, what }), bytes.len())
}

/// What becomes of the unsynced.
#[derive(Clone, Copy)]
enum Keep {
    Nothing,
    Everything,
    Some,
}

impl Keep {
    fn choose(dice: &mut Dice) -> Self {
        match dice.below(4) {
            0 => Self::Nothing,
            1 => Self::Everything,
            _ => Self::Some,
        }
    }

    fn yes(self, dice: &mut Dice) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Some => dice.below(2) == 0,
        }
    }
}

enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
}

#[derive(Default)]
struct Pages {
    durable: Vec<u8>,
    /// Since the last sync, each with the clock.
    pending: Vec<(u64, Change)>,
}

impl Pages {
    /// The content once the changes before `clock` are kept as chosen.
    fn settle(&mut self, clock: u64, keep: Keep, dice: &mut Dice) {
        let mut stopped = BTreeSet::new();
        let bytes = &mut self.durable;
        for (_, change) in self.pending.iter().filter(|(at, _)| *at < clock) {
            match change {
                Change::Cut(length) => {
                    if keep.yes(dice) {
                        bytes.resize(*length, 0);
                    }
                }
                Change::Write(at, written) => {
                    for (from, to) in sectors(*at, written.len()) {
                        let sector = from / SECTOR;
                        if stopped.contains(&sector) || !keep.yes(dice) {
                            stopped.insert(sector);
                            continue;
                        }
                        bytes.resize(bytes.len().max(to), 0);
                        bytes[from..to].copy_from_slice(&written[from - at..to - at]);
                    }
                }
            }
        }
        self.pending.retain(|(at, _)| *at >= clock);
    }
}

/// The parts of a write that lie in one sector each.
fn sectors(at: usize, length: usize) -> impl Iterator<Item = (usize, usize)> {
    let end = at + length;
    let first = at / SECTOR;
    (first..end.div_ceil(SECTOR))
        .map(move |sector| (at.max(sector * SECTOR), end.min((sector + 1) * SECTOR)))
}

enum Naming {
    Created(String, u64),
    Removed(String),
}

#[derive(Default)]
struct Platter {
    names: BTreeMap<String, u64>,
    files: BTreeMap<u64, Pages>,
    /// Files by the number that the system gives them, which it may give again.
    numbers: BTreeMap<u64, u64>,
    naming: Vec<(u64, Naming)>,
}

impl Platter {
    fn file(&mut self, number: u64) -> &mut Pages {
        let file = self.numbers.get(&number).copied().unwrap_or(number);
        self.files.get_mut(&file).expect("a file that was there or was made")
    }

    fn take(&mut self, operation: &Operation, dice: &mut Dice) {
        let clock = operation.clock;
        match &operation.what {
            What::Created(number, name) => {
                // A name for the file that no inode has: inodes are far smaller than this.
                let file = u64::MAX - clock;
                self.numbers.insert(*number, file);
                self.files.insert(file, Pages::default());
                self.naming.push((clock, Naming::Created(name.clone(), file)));
            }
            What::Removed(name) => self.naming.push((clock, Naming::Removed(name.clone()))),
            What::Written { file, at, bytes } => {
                self.file(*file).pending.push((clock, Change::Write(*at, bytes.clone())));
            }
            What::Cut { file, length } => {
                self.file(*file).pending.push((clock, Change::Cut(*length)));
            }
            What::Synced { file: 0, began, well: true } => self.keep_names(*began),
            What::Synced { file: 0, .. } => {}
            // After a sync that failed, what was not kept is not tried again.
            What::Synced { file, began, well } => {
                let keep = if *well { Keep::Everything } else { Keep::choose(dice) };
                self.file(*file).settle(*began, keep, dice);
            }
        }
    }

    fn keep_names(&mut self, before: u64) {
        let later = self.naming.iter().position(|(at, _)| *at >= before);
        let kept = later.unwrap_or(self.naming.len());
        for (_, naming) in self.naming.drain(..kept) {
            match naming {
                Naming::Created(name, file) => self.names.insert(name, file),
                Naming::Removed(name) => self.names.remove(&name),
            };
        }
    }

    /// Of the names given and taken since the folder's last sync, the first few are kept.
    fn settle_names(&mut self, keep: Keep, dice: &mut Dice) {
        let first_lost = self.naming.iter().find(|_| !keep.yes(dice)).map(|(at, _)| *at);
        self.keep_names(first_lost.unwrap_or(u64::MAX));
    }
}

#[test]
fn a_cut_keeps_what_was_synced_and_any_of_the_rest() {
    let write = |clock, at, byte| {
        let bytes = vec![byte; 2 * SECTOR];
        Operation { clock, what: What::Written { file: 7, at, bytes } }
    };
    let synced =
        |clock, file, began, well| Operation { clock, what: What::Synced { file, began, well } };
    let recording = Recording {
        names: BTreeMap::new(),
        files: BTreeMap::new(),
        operations: vec![
            Operation { clock: 1, what: What::Created(7, "f".to_string()) },
            write(2, 0, 1),
            synced(4, 7, 3, true),
            synced(6, 0, 5, true),
            write(7, SECTOR, 2),
            write(8, 0, 3),
        ],
    };
    let seen = |clock: u64| {
        let mut seen = BTreeSet::new();
        for seed in 0..200 {
            let folder = tempfile::tempdir().unwrap();
            recording.cut(clock, &mut Dice(seed), folder.path());
            let bytes = fs::read(folder.path().join("f")).ok();
            seen.insert(bytes.map(|all| all.chunks(SECTOR).map(|one| one[0]).collect::<Vec<_>>()));
        }
        seen
    };
    let of = |all: &[&[u8]]| -> BTreeSet<_> { all.iter().map(|one| Some(one.to_vec())).collect() };
    assert!(seen(3).contains(&None), "a name before the folder's sync may be gone");
    assert_eq!(seen(6), of(&[&[1, 1]]));
    assert_eq!(seen(7), of(&[&[1, 1], &[1, 2], &[1, 1, 2], &[1, 2, 2]]));
    assert_eq!(seen(8).len(), 2 * 3 * 2, "the first sector, the second, the third");
}
