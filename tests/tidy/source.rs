//! A Rust file as the checks see it: its text, its code without strings, its comments.
//!
//! No rule lives here. Invariant: `code` and `comments` have exactly the lines of `text`, so a line
//! number found in one is true in all.

use crate::tokens::{Token, tokenize};

pub struct Source {
    pub path: String,
    pub text: String,
    /// The text with comments and the insides of literals blanked.
    pub code: String,
    /// The text with everything but comments blanked.
    pub comments: String,
    pub tokens: Vec<Token>,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let split = Splitter::new(text).run();
        let tokens = tokenize(&split.code);
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: split.code,
            comments: split.comments,
            tokens,
        }
    }

    /// The path's folders and file name below `src/`, or nothing for a file outside it.
    pub fn below_src(&self) -> Vec<&str> {
        match self.path.strip_prefix("src/") {
            Some(rest) => rest.split('/').collect(),
            None => Vec::new(),
        }
    }

    /// Whether a file of `src/` is compiled for tests only.
    pub fn for_tests(&self) -> bool {
        self.path == "src/domain/fixture.rs"
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
    }

    /// The floor a file stands on: the folder under `src/`, or the name of the file directly there.
    pub fn floor(&self) -> Option<&str> {
        self.below_src().first().map(|first| first.trim_end_matches(".rs"))
    }

    /// The room a file belongs to: the file or folder directly under its floor.
    pub fn room(&self) -> Option<&str> {
        self.below_src().get(1).map(|second| second.trim_end_matches(".rs"))
    }

    /// The module this file is, as path segments from the crate's root.
    pub fn module(&self) -> Vec<String> {
        let mut parts = self.below_src();
        let file = parts.pop().unwrap_or_default();
        let mut module: Vec<String> = parts.into_iter().map(str::to_owned).collect();
        if !matches!(file, "mod.rs" | "lib.rs" | "main.rs") {
            module.push(file.trim_end_matches(".rs").to_owned());
        }
        module
    }

    pub fn offence(&self, line: usize, what: impl std::fmt::Display) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

/// Walks the characters once and sorts each into code, comment or neither.
struct Splitter {
    chars: Vec<char>,
    at: usize,
    code: String,
    comments: String,
}

#[derive(Clone, Copy)]
enum Kind {
    Code,
    Comment,
    Literal,
}

impl Splitter {
    fn new(text: &str) -> Self {
        let chars = text.chars().collect();
        Self { chars, at: 0, code: String::new(), comments: String::new() }
    }

    fn run(mut self) -> Self {
        while self.at < self.chars.len() {
            if self.sees("//") {
                while self.at < self.chars.len() && !self.sees("\n") {
                    self.take(Kind::Comment);
                }
            } else if self.sees("/*") {
                self.block_comment();
            } else if self.sees("\"") {
                self.string();
            } else if let Some(hashes) = self.raw_string_ahead() {
                self.raw_string(hashes);
            } else if self.sees("'") && self.char_literal_ahead() {
                self.char_literal();
            } else {
                self.take(Kind::Code);
            }
        }
        self
    }

    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn sees(&self, what: &str) -> bool {
        what.chars().enumerate().all(|(n, expected)| self.peek(n) == expected)
    }

    fn take(&mut self, kind: Kind) {
        let Some(&taken) = self.chars.get(self.at) else {
            return;
        };
        let blank = if taken == '\n' { '\n' } else { ' ' };
        let (code, comment) = match kind {
            Kind::Code => (taken, blank),
            Kind::Comment => (blank, taken),
            Kind::Literal => (blank, blank),
        };
        self.code.push(code);
        self.comments.push(comment);
        self.at += 1;
    }

    fn take_many(&mut self, count: usize, kind: Kind) {
        for _ in 0..count {
            self.take(kind);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.chars.len() {
            if self.sees("/*") {
                depth += 1;
                self.take_many(2, Kind::Comment);
            } else if self.sees("*/") {
                depth -= 1;
                self.take_many(2, Kind::Comment);
                if depth == 0 {
                    return;
                }
            } else {
                self.take(Kind::Comment);
            }
        }
    }

    fn string(&mut self) {
        self.take(Kind::Code);
        while self.at < self.chars.len() && !self.sees("\"") {
            let width = if self.sees("\\") { 2 } else { 1 };
            self.take_many(width, Kind::Literal);
        }
        self.take(Kind::Code);
    }

    /// The number of `#` of a raw string that opens here, if one does.
    fn raw_string_ahead(&self) -> Option<usize> {
        let before = self.at.checked_sub(1).and_then(|n| self.chars.get(n)).copied();
        let inside_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if self.peek(0) != 'r' || (inside_word && !matches!(before, Some('b' | 'c'))) {
            return None;
        }
        let rest = self.chars.get(self.at + 1..).unwrap_or_default();
        let hashes = rest.iter().take_while(|c| **c == '#').count();
        (self.peek(1 + hashes) == '"').then_some(hashes)
    }

    fn raw_string(&mut self, hashes: usize) {
        let close = format!("\"{}", "#".repeat(hashes));
        self.take_many(1 + hashes, Kind::Literal);
        self.take(Kind::Code);
        while self.at < self.chars.len() && !self.sees(&close) {
            self.take(Kind::Literal);
        }
        self.take(Kind::Code);
        self.take_many(hashes, Kind::Literal);
    }

    /// A quote opens a literal when it closes after one character; otherwise it is a lifetime.
    fn char_literal_ahead(&self) -> bool {
        self.peek(1) == '\\' || self.peek(2) == '\''
    }

    fn char_literal(&mut self) {
        self.take(Kind::Code);
        while self.at < self.chars.len() && !self.sees("'") {
            let width = if self.sees("\\") { 2 } else { 1 };
            self.take_many(width, Kind::Literal);
        }
        self.take(Kind::Code);
    }
}

#[test]
fn comments_and_literals_are_kept_apart() {
    let text =
        "let a = \"//\\\" fn\"; // say 'x'\nlet b = r#\"un\"safe\"#; let c = '\"'; fn f<'a>() {}";
    let source = Source::new("src/x.rs", text);
    assert!(source.code.contains("let b = "));
    assert!(source.code.contains("fn f<'a>() {}"));
    assert!(!source.code.contains("safe") && !source.code.contains("say"));
    assert_eq!(source.comments.trim(), "// say 'x'");
    assert_eq!(source.code.lines().count(), 2);
    let nested = Source::new("src/x.rs", "/* a /* b */ c */ d\n'\\'' e");
    assert_eq!(nested.code.split_whitespace().collect::<String>(), "d''e");
}

#[test]
fn a_file_knows_its_floor_room_and_module() {
    let stock = Source::new("src/http/stock/rows.rs", "");
    assert_eq!((stock.floor(), stock.room()), (Some("http"), Some("stock")));
    assert_eq!(stock.module(), ["http", "stock", "rows"]);
    assert_eq!(Source::new("src/http/mod.rs", "").module(), ["http"]);
    assert_eq!(Source::new("src/config.rs", "").floor(), Some("config"));
    assert_eq!(Source::new("tests/model.rs", "").floor(), None);
}
