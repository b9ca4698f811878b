//! Words and marks of a file's code, and the paths they spell.
//!
//! Not a parser: it knows `a::b::{c, d as e}` and inline modules, enough to say who names whom.
//! Invariant: a path is reported with the module it resolves to, `super` and `self` worked out.

use crate::source::Source;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub line: usize,
    pub text: String,
}

/// One path somewhere in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    /// As written; inside braces, with the prefix repeated.
    pub segments: Vec<String>,
    /// The name a `use` gives it: the last segment, or what follows `as`.
    pub alias: String,
    pub imported: bool,
    /// The inline modules (`mod tests {`) around it.
    inline: Vec<String>,
}

impl Named {
    pub fn root(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    /// The segments after `crate::`, when the path stays in this crate and says so.
    pub fn inside_crate(&self, source: &Source) -> Option<Vec<String>> {
        let mut rest = self.segments.iter().peekable();
        let mut module = source.module();
        module.extend(self.inline.iter().cloned());
        match self.root() {
            "crate" => {
                rest.next();
                module.clear();
            }
            "self" => {
                rest.next();
            }
            "super" => {}
            _ => return None,
        }
        while rest.next_if(|segment| *segment == "super").is_some() {
            module.pop();
        }
        module.extend(rest.cloned());
        Some(module)
    }

    pub fn written(&self) -> String {
        self.segments.join("::")
    }
}

pub fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

pub fn tokenize(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut chars = line.chars().peekable();
        while let Some(first) = chars.next() {
            let mut text = first.to_string();
            if first.is_alphanumeric() || first == '_' {
                while let Some(next) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    text.push(next);
                }
            } else if first == ':' && chars.next_if_eq(&':').is_some() {
                text.push(':');
            }
            if !first.is_whitespace() {
                tokens.push(Token { line: index + 1, text });
            }
        }
    }
    tokens
}

/// Every path of at least two segments, and every path a `use` names.
pub fn paths(source: &Source) -> Vec<Named> {
    let mut walker =
        Walker { tokens: &source.tokens, at: 0, found: Vec::new(), inline: Vec::new() };
    walker.run();
    walker.found
}

struct Walker<'a> {
    tokens: &'a [Token],
    at: usize,
    found: Vec<Named>,
    /// Name and brace depth of each inline module that is open.
    inline: Vec<(String, usize)>,
}

impl Walker<'_> {
    fn run(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.tokens.len() {
            match self.peek(0) {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    self.inline.retain(|(_, opened)| *opened < depth + 1);
                }
                "mod" if self.peek(2) == "{" => {
                    depth += 1;
                    self.inline.push((self.peek(1).to_owned(), depth));
                    self.at += 2;
                }
                "use" if self.peek(1) != "<" => {
                    self.at += 1;
                    self.tree(&[], true);
                    continue;
                }
                word if is_word(word) => {
                    self.tree(&[], false);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn peek(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text.as_str())
    }

    /// One path or one `use` tree; leaves `at` behind it.
    fn tree(&mut self, prefix: &[String], imported: bool) {
        let mut segments = prefix.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            match self.peek(0) {
                "::" if matches!(self.peek(1), "{" | "*") || is_word(self.peek(1)) => self.at += 1,
                "{" if imported => return self.group(&segments),
                text if is_word(text) || (text == "*" && imported) => {
                    segments.push(text.to_owned());
                    self.at += 1;
                    if self.peek(0) != "::" {
                        break;
                    }
                }
                _ => break,
            }
        }
        let mut alias = segments.last().cloned().unwrap_or_default();
        if imported && self.peek(0) == "as" {
            self.peek(1).clone_into(&mut alias);
            self.at += 2;
        }
        // `use a::{self}` names a itself.
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
            if alias == "self" {
                alias = segments.last().cloned().unwrap_or_default();
            }
        }
        if segments.len() > 1 || (imported && !segments.is_empty()) {
            let inline = self.inline.iter().map(|(name, _)| name.clone()).collect();
            self.found.push(Named { line, segments, alias, imported, inline });
        } else if self.at < self.tokens.len() && segments.is_empty() {
            self.at += 1;
        }
    }

    fn group(&mut self, prefix: &[String]) {
        self.at += 1;
        while self.at < self.tokens.len() && self.peek(0) != "}" {
            if self.peek(0) == "," {
                self.at += 1;
            } else {
                self.tree(prefix, true);
            }
        }
        self.at += 1;
    }
}

#[test]
fn use_trees_and_inline_paths_are_spelt_out() {
    let text =
        "use crate::{store::{self, rows}, domain as d};\nfn f() { ::serde::to(a::b::<C>()); }";
    let source = Source::new("src/http/stock.rs", text);
    let written: Vec<String> = paths(&source).iter().map(Named::written).collect();
    let expected = ["crate::store", "crate::store::rows", "crate::domain", "serde::to", "a::b"];
    assert_eq!(written, expected);
    assert_eq!(paths(&source).iter().filter(|path| path.alias == "d").count(), 1);
}

#[test]
fn super_is_worked_out_from_the_file_and_its_inline_modules() {
    let text = "use super::page;\nmod tests {\n use super::*;\n}\nfn f() { self::a(); }";
    let source = Source::new("src/http/stock.rs", text);
    let inside: Vec<String> = paths(&source)
        .iter()
        .filter_map(|p| p.inside_crate(&source))
        .map(|p| p.join("::"))
        .collect();
    assert_eq!(inside, ["http::page", "http::stock::*", "http::stock::a"]);
}
