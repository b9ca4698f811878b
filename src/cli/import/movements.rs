//! `import movements`: a file of any length, checked as a whole, then booked document by document.
//!
//! Lives here: the two passes over the file, and what is said. Does not live here: forms of files
//! (`http::movements::file`), what a document is found to be (`service::imports`). Invariant: a
//! file with one fault is not booked at all; one that was interrupted goes on where it was.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use crate::config::{Common, Import};
use crate::domain::refusal::{Fault, FaultCode};
use crate::http::context::Context;
use crate::http::movements::file::{Document, Documents, Form, LineFault, Next};
use crate::http::problem::{Code, Problem};
use crate::http::words::{self, Language};
use crate::service::book::{Book, Rehearsal, now};
use crate::service::failure::Failure;
use crate::service::imports::{Check, Delivered, Delivery, Finding};
use crate::store::fault::Stored;

use super::super::{Done, Failed, block_on, database, language, say};
use super::report::{Progress, Report};
use super::source::Source;

/// Lines of movements that are looked at together.
const CHUNK: usize = 1_000;
/// Chunks read ahead of the check or the booking.
const AHEAD: usize = 4;
/// How often a database that does not serve is asked again, once a second.
const PATIENCE: u32 = 60;

/// What is to be done with each document, in the order of the file: the attempt, or 0 for nothing.
type Marks = Vec<u16>;

#[derive(Default)]
struct Tally {
    fresh: usize,
    lines: usize,
    done: usize,
    elsewhere: usize,
}

pub(super) fn run(common: &Common, options: &Import) -> Done {
    let language = language(common);
    let file = options.file.as_ref();
    let file = file.ok_or_else(|| Failed("movements come from a file".to_string()))?;
    let mut source = Source::open(file)?;
    let book = Book::open(&database(common)?)?;
    let outcome = import(&book, &mut source, options.dry_run, language);
    book.close();
    outcome
}

fn import(book: &Book, source: &mut Source, dry_run: bool, language: Language) -> Done {
    let mut report = Report::new(language);
    let (mut marks, tally) = check(book, source, &mut report)?;
    report.end(language.pick("未写入任何内容", "nothing was written"))?;
    say(&tally.told(language.pick("待入账", "to book"), language));
    if dry_run {
        say(language.pick("已检查,未写入任何内容", "checked, nothing written"));
        return Ok(());
    }
    if tally.fresh == 0 {
        return Ok(());
    }
    let mut booked = Tally::default();
    book_all(book, source, &mut marks, &mut booked, &mut report)?;
    say(&booked.told(language.pick("已入账", "booked"), language));
    report.end(language.pick("其余已入账", "the others are booked"))
}

impl Tally {
    fn told(&self, what: &str, language: Language) -> String {
        let Self { fresh, lines, done, elsewhere } = self;
        let before = done + elsewhere;
        match language {
            Language::Zh => format!(
                "{what} {fresh} 笔 {lines} 行;先前已入账 {before} 笔,其中以其他方式 {elsewhere} 笔"
            ),
            Language::En => format!(
                "{what}: {fresh} movements, {lines} lines; already booked: {before}, of which by \
                 other means: {elsewhere}"
            ),
        }
    }
}

/// Reads a file on a thread of its own and hands it on in pieces.
fn in_pieces<T>(
    source: &mut Source,
    work: impl FnOnce(&Receiver<std::io::Result<Vec<Next>>>) -> T,
) -> std::io::Result<T> {
    let form = source.form();
    let reader = source.rewound()?;
    Ok(std::thread::scope(|scope| {
        let (pieces, received) = sync_channel(AHEAD);
        scope.spawn(move || read(form, reader, &pieces));
        // The reader ends when nobody takes its pieces any more.
        let done = work(&received);
        drop(received);
        done
    }))
}

fn read(form: Form, reader: impl BufRead, pieces: &SyncSender<std::io::Result<Vec<Next>>>) {
    let mut documents = Documents::new(form, reader, now());
    let (mut piece, mut lines) = (Vec::new(), 0);
    loop {
        match documents.read_next() {
            Ok(Some(next)) => {
                lines += match &next {
                    Next::Document(document) => document.lines,
                    Next::Faults(_, lines) => *lines,
                };
                piece.push(next);
                if lines < CHUNK {
                    continue;
                }
                lines = 0;
            }
            Ok(None) => {
                let _ended = pieces.send(Ok(piece));
                return;
            }
            Err(error) => {
                let _ended = pieces.send(Err(error));
                return;
            }
        }
        if pieces.send(Ok(std::mem::take(&mut piece))).is_err() {
            return;
        }
    }
}

/// The first pass: every document is looked at, nothing is written.
fn check(book: &Book, source: &mut Source, report: &mut Report) -> Result<(Marks, Tally), Failed> {
    let mut progress = Progress::new(source.progress(), report.language.pick("检查", "checking"));
    let mut db = book.connect()?;
    let checked = in_pieces(source, |pieces| {
        db.reading(|db| -> Stored<Result<(Marks, Tally), Failed>> {
            let mut check = Check::new(Rehearsal::start(book, db, now())?);
            let (mut marks, mut tally) = (Marks::new(), Tally::default());
            for piece in pieces {
                let piece = match piece {
                    Ok(piece) => piece,
                    Err(error) => return Ok(Err(error.into())),
                };
                look(&mut check, piece, &mut marks, &mut tally, report)?;
                progress.show();
            }
            Ok(Ok((marks, tally)))
        })
    });
    progress.end();
    let (marks, tally) = checked???;
    if marks.is_empty() && report.is_clean() {
        return Err(Failed(
            report.language.pick("文件中没有业务", "no movement in it").to_string(),
        ));
    }
    Ok((marks, tally))
}

fn look(
    check: &mut Check<'_>,
    piece: Vec<Next>,
    marks: &mut Marks,
    tally: &mut Tally,
    report: &mut Report,
) -> Stored<()> {
    let mut documents = Vec::with_capacity(piece.len());
    for next in piece {
        match next {
            Next::Document(document) => documents.push(document),
            Next::Faults(faults, _) => faults.into_iter().for_each(|fault| report.fault(fault)),
        }
    }
    let drafts: Vec<_> =
        documents.iter().map(|document| (document.place.first(), &document.draft)).collect();
    for (finding, document) in check.next(&drafts)?.into_iter().zip(&documents) {
        let attempt = match finding {
            Finding::Fresh(attempt) => {
                tally.fresh += 1;
                tally.lines += document.lines;
                attempt
            }
            Finding::Done => {
                tally.done += 1;
                0
            }
            Finding::Elsewhere => {
                tally.elsewhere += 1;
                0
            }
            wrong => {
                tell(wrong, document, report);
                0
            }
        };
        marks.push(attempt);
    }
    Ok(())
}

/// Says what is wrong with a document.
fn tell(finding: Finding, document: &Document, report: &mut Report) {
    let number =
        |code, expected: String| document.place.fault(Fault::new("/document_no", code, expected));
    let line = document.place.first();
    match finding {
        Finding::Fresh(_) | Finding::Done | Finding::Elsewhere => {}
        Finding::Conflict { seq } => {
            report.add(line, "", conflict(Some(seq), report.language));
        }
        Finding::Twice { line } => {
            let expected = format!("a number of its own; line {line} has the same");
            report.fault(number(FaultCode::Duplicate, expected));
        }
        Finding::Unnumbered => {
            let expected = "a document number, by which the import is resumed".to_string();
            report.fault(number(FaultCode::Required, expected));
        }
        Finding::Refused(crate::domain::refusal::Refusal::Invalid(faults)) => {
            faults.into_iter().for_each(|fault| report.fault(document.place.fault(fault)));
        }
        Finding::Refused(refusal) => {
            let (line, pointer) = document.place.refused(&refusal);
            report.add(line, &pointer, Problem::from(&refusal).line(report.language));
        }
    }
}

/// What is said where a number was imported with another content.
fn conflict(seq: Option<i64>, language: Language) -> String {
    let entry = seq.map_or(String::new(), |seq| format!(" ({seq})"));
    match language {
        Language::Zh => format!("conflict: 此单据号已导入过其他内容{entry};更正须冲正后重新入账"),
        Language::En => format!(
            "conflict: another content was imported under this number{entry}; reverse it first"
        ),
    }
}

/// Books all that is marked; a database that does not serve for a while is asked again.
fn book_all(
    book: &Book,
    source: &mut Source,
    marks: &mut Marks,
    tally: &mut Tally,
    report: &mut Report,
) -> Done {
    let mut tries = 0;
    loop {
        let before = tally.fresh + tally.done;
        let mut progress =
            Progress::new(source.progress(), report.language.pick("入账", "booking"));
        let mut pass = Pass { book, marks, tally, report, failed: None };
        let outcome = in_pieces(source, |pieces| block_on(pass.run(pieces, &mut progress)));
        let failed = pass.failed;
        progress.end();
        outcome??;
        let Some(failure) = failed else {
            return Ok(());
        };
        tries = if tally.fresh + tally.done > before { 0 } else { tries + 1 };
        if tries > PATIENCE {
            let line = Problem::from(failure).line(report.language);
            return Err(Failed(format!("{line}; run it again and it goes on")));
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// One pass over the file, up to its end or to where the database did not serve.
struct Pass<'a> {
    book: &'a Book,
    marks: &'a mut Marks,
    tally: &'a mut Tally,
    report: &'a mut Report,
    failed: Option<Failure>,
}

/// A document under way.
struct Tag {
    place: usize,
    line: u64,
    lines: usize,
}

impl Pass<'_> {
    async fn run(
        &mut self,
        pieces: &Receiver<std::io::Result<Vec<Next>>>,
        progress: &mut Progress,
    ) -> Done {
        let language = self.report.language;
        let context = Arc::new(Context { language, request_id: "import".to_string() });
        let mut delivery = Delivery::new(self.book);
        let mut place = 0;
        'file: for piece in pieces {
            for next in piece? {
                let Next::Document(document) = next else {
                    return Err(changed());
                };
                let attempt = *self.marks.get(place).ok_or_else(changed)?;
                let tag = Tag { place, line: document.place.first(), lines: document.lines };
                place += 1;
                if attempt == 0 {
                    continue;
                }
                while delivery.is_full(tag.lines) {
                    self.settle(delivery.next().await)?;
                }
                if self.failed.is_some() {
                    break 'file;
                }
                let context = Arc::clone(&context);
                let render = Box::new(move |refusal: &_| Problem::from(refusal).render(&context));
                if let Err(failure) = delivery.send(tag, attempt, document.draft, render).await {
                    self.failed = Some(failure);
                    break 'file;
                }
            }
            progress.show();
        }
        while self.settle(delivery.next().await)? {}
        Ok(())
    }

    /// Takes one answer in; whether there was one.
    fn settle(&mut self, answered: Option<(Tag, Delivered)>) -> Result<bool, Failed> {
        let Some((tag, delivered)) = answered else {
            return Ok(false);
        };
        let mark = self.marks.get_mut(tag.place).ok_or_else(changed)?;
        match delivered {
            Delivered::Booked => {
                self.tally.fresh += 1;
                self.tally.lines += tag.lines;
            }
            Delivered::Done => self.tally.done += 1,
            Delivered::Conflict => {
                self.report.add(tag.line, "", conflict(None, self.report.language));
            }
            // What it needs may be in a document before it that failed: once more after that one.
            Delivered::Refused(_) if self.failed.is_some() => {
                *mark = mark.saturating_add(1);
                return Ok(true);
            }
            Delivered::Refused(body) => {
                let body: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
                let word = |name: &str| body.get(name).and_then(|text| text.as_str());
                let (code, detail) = (word("code").unwrap_or("?"), word("detail").unwrap_or("?"));
                if code == Code::DocumentExists.as_str() {
                    self.tally.elsewhere += 1;
                } else {
                    self.report.add(tag.line, "", format!("{code}: {detail}"));
                }
            }
            Delivered::Failed(Failure::Invalid(faults)) => {
                for fault in faults {
                    self.report.fault(LineFault { line: tag.line, fault });
                }
            }
            Delivered::Failed(failure) if may_pass(&failure) => {
                self.failed.get_or_insert(failure);
                return Ok(true);
            }
            Delivered::Failed(failure) => return Err(failure.into()),
        }
        *mark = 0;
        Ok(true)
    }
}

/// Whether the same document may be taken another time.
fn may_pass(failure: &Failure) -> bool {
    matches!(failure, Failure::Overloaded | Failure::Unavailable | Failure::OutcomeUnknown)
}

fn changed() -> Failed {
    Failed("the file has changed since it was checked; run it again".to_string())
}

impl Report {
    fn fault(&mut self, found: LineFault) {
        let text = words::fault(&found.fault, self.language);
        self.add(found.line, &found.fault.pointer, text);
    }
}
