//! What an import says while it runs and when it is refused.
//!
//! Lives here: the faults with their lines, and the progress line. Does not live here: what is a
//! fault. Invariant: nothing is kept but the first faults and their number.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, Table};

use crate::http::words::Language;

use super::super::{Done, Failed, say_error};
use super::source::Passed;

/// Faults shown at most.
const SHOWN: usize = 100;
/// How often the progress line is drawn.
const REDRAWN: Duration = Duration::from_millis(100);

/// The faults of a file.
pub(super) struct Report {
    pub language: Language,
    shown: Vec<(u64, String, String)>,
    count: usize,
}

impl Report {
    pub(super) fn new(language: Language) -> Self {
        Self { language, shown: Vec::new(), count: 0 }
    }

    pub(super) fn is_clean(&self) -> bool {
        self.count == 0
    }

    pub(super) fn add(&mut self, line: u64, pointer: &str, text: String) {
        self.count += 1;
        if self.shown.len() < SHOWN {
            self.shown.push((line, pointer.to_string(), text));
        }
    }

    /// Shows the faults, if there are any, and fails with their number and the `outcome`.
    pub(super) fn end(&mut self, outcome: &str) -> Done {
        if self.is_clean() {
            return Ok(());
        }
        self.shown.sort_by_key(|(line, _, _)| *line);
        if std::io::stderr().is_terminal() {
            say_error(&self.table().to_string());
        } else {
            for (line, pointer, text) in &self.shown {
                let at = if pointer.is_empty() { String::new() } else { format!(" {pointer}") };
                let line = match self.language {
                    Language::Zh => format!("第 {line} 行"),
                    Language::En => format!("line {line}"),
                };
                say_error(&format!("{line}:{at} {text}"));
            }
        }
        let more = self.count.saturating_sub(self.shown.len());
        if more > 0 {
            let text = match self.language {
                Language::Zh => format!("另有 {more} 处"),
                Language::En => format!("and {more} more"),
            };
            say_error(&text);
        }
        Err(Failed(match self.language {
            Language::Zh => format!("{} 处错误;{outcome}", self.count),
            Language::En => format!("{} faults; {outcome}", self.count),
        }))
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
        let pick = |zh, en| self.language.pick(zh, en);
        table.set_header([pick("行", "line"), pick("字段", "field"), pick("问题", "what")]);
        if let Some(lines) = table.column_mut(0) {
            lines.set_cell_alignment(CellAlignment::Right);
        }
        for (line, pointer, text) in &self.shown {
            table.add_row([&line.to_string(), pointer, text]);
        }
        table
    }
}

/// How far a pass has come, on a terminal; nothing elsewhere.
pub(super) struct Progress {
    passed: Passed,
    what: &'static str,
    began: Instant,
    drawn: Option<Instant>,
    on_terminal: bool,
}

impl Progress {
    pub(super) fn new(passed: Passed, what: &'static str) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        Self { passed, what, began: Instant::now(), drawn: None, on_terminal }
    }

    pub(super) fn show(&mut self) {
        let due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAWN);
        if self.on_terminal && due {
            self.drawn = Some(Instant::now());
            self.draw(self.passed.percent());
        }
    }

    fn draw(&self, percent: u64) {
        let bar: String = (0..25).map(|ix| if ix * 4 < percent { '█' } else { '░' }).collect();
        let (what, seconds) = (self.what, self.began.elapsed().as_secs());
        let mut err = std::io::stderr().lock();
        let _gone = write!(err, "\r{what} {bar} {percent:>3} % {seconds} s ");
        let _gone = err.flush();
    }

    /// Wipes the line.
    pub(super) fn end(&self) {
        if self.drawn.is_some() {
            let _gone = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}
