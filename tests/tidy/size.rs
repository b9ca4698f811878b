//! How long a file, a function and a line may be, and how a file begins.
//!
//! Widths are counted in characters, so a Chinese line has the room of a Latin one. Invariant:
//! there are no exemptions.

use crate::source::Source;
use crate::tokens::{Token, is_word};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;
const LINE_CHARS: usize = 100;

pub fn lengths(source: &Source) -> Vec<String> {
    let mut offences = Vec::new();
    let lines = source.text.lines().count();
    if lines > FILE_LINES {
        offences.push(source.offence(lines, format!("{lines} lines, {FILE_LINES} may be")));
    }
    for (index, line) in source.text.lines().enumerate() {
        let chars = line.chars().count();
        if chars > LINE_CHARS {
            let what = format!("{chars} characters, {LINE_CHARS} may be");
            offences.push(source.offence(index + 1, what));
        }
    }
    for (name, first, last) in functions(&source.tokens) {
        let lines = last + 1 - first;
        if lines > FUNCTION_LINES {
            let what = format!("fn {name} has {lines} lines, {FUNCTION_LINES} may be");
            offences.push(source.offence(first, what));
        }
    }
    offences
}

/// Name, first and last line of every function that has a body.
fn functions(tokens: &[Token]) -> Vec<(&str, usize, usize)> {
    let mut found = Vec::new();
    for (index, pair) in tokens.windows(2).enumerate() {
        let [keyword, name] = pair else { continue };
        if keyword.text == "fn" && is_word(&name.text) {
            let rest = tokens.get(index..).unwrap_or_default();
            if let Some(last) = body_end(rest) {
                found.push((name.text.as_str(), keyword.line, last));
            }
        }
    }
    found
}

/// The line of the brace that closes the first body, unless a `;` says there is none.
fn body_end(tokens: &[Token]) -> Option<usize> {
    let mut braces = 0_usize;
    let mut brackets = 0_usize;
    for token in tokens {
        match token.text.as_str() {
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets = brackets.saturating_sub(1),
            ";" if braces == 0 && brackets == 0 => return None,
            "{" => braces += 1,
            "}" if braces <= 1 => return Some(token.line),
            "}" => braces -= 1,
            _ => {}
        }
    }
    None
}

pub fn opening(source: &Source) -> Vec<String> {
    if source.text.starts_with("//!") {
        return Vec::new();
    }
    vec![
        source.offence(1, "does not open with `//!`: what lives here, what does not, an invariant"),
    ]
}

#[test]
fn what_is_too_long_is_caught() {
    let caught = |text: &str| lengths(&Source::new("src/cli/serve.rs", text));
    assert_eq!(caught(&"\n".repeat(400)).len(), 0);
    assert_eq!(caught(&"\n".repeat(401)).len(), 1);
    assert_eq!(caught(&"常".repeat(100)).len(), 0);
    assert_eq!(caught(&"常".repeat(101)).len(), 1);
    let function = |lines: usize| format!("fn f(a: [u8; 2]) {{\n{}}}\n", "{}\n".repeat(lines - 2));
    assert_eq!(caught(&function(70)).len(), 0);
    let expected = ["src/cli/serve.rs:1: fn f has 71 lines, 70 may be"];
    assert_eq!(caught(&function(71)), expected);
    let declared = format!("trait A {{ fn f(&self);\n{}}}", "const B: u8;\n".repeat(80));
    assert_eq!(caught(&declared).len(), 0);
}

#[test]
fn a_file_that_does_not_say_what_it_is_is_caught() {
    assert_eq!(opening(&Source::new("src/lib.rs", "use std::fmt;")).len(), 1);
    assert_eq!(opening(&Source::new("src/lib.rs", "//! The map.")).len(), 0);
}
