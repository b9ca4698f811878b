//! Words, attributes and file names that no file may have, and some that only one place may have.
//!
//! What floors may import from each other is `arrows`. Invariant: strings are never judged, so a
//! message may speak of what is banned.

use crate::source::Source;
use crate::tokens::{Token, is_word, paths};

/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 4] = ["utils", "common", "helpers", "manager"];
const PROMISES: [&str; 2] = ["TODO", "FIXME"];
const ENVIRONMENT: [&str; 8] =
    ["var", "var_os", "vars", "vars_os", "args", "args_os", "set_var", "*"];

pub fn unfinished(source: &Source) -> Vec<String> {
    let mut offences = Vec::new();
    for (index, line) in source.comments.lines().enumerate() {
        let mut words = line.split(|c: char| !c.is_alphanumeric());
        if let Some(word) = words.find(|word| PROMISES.contains(word)) {
            offences.push(source.offence(index + 1, format!("`{word}` in a comment")));
        }
    }
    for pair in source.tokens.windows(2) {
        let [word, mark] = pair else { continue };
        let call = mark.text == "!" && matches!(word.text.as_str(), "todo" | "unimplemented");
        if call || word.text == "unsafe" || PROMISES.contains(&word.text.as_str()) {
            offences.push(source.offence(word.line, format!("`{}`", word.text)));
        }
    }
    offences
}

pub fn attributes(source: &Source) -> Vec<String> {
    let mut offences = Vec::new();
    for (index, token) in source.tokens.iter().enumerate() {
        let rest = source.tokens.get(index + 1..).unwrap_or_default();
        let inner = rest.first().is_some_and(|next| next.text == "!");
        let rest = rest.get(usize::from(inner)..).unwrap_or_default();
        if token.text != "#" || rest.first().is_none_or(|next| next.text != "[") {
            continue;
        }
        let words = inside_brackets(rest);
        let has = |pair: [&str; 2]| words.windows(2).any(|two| two == pair);
        if words.first() == Some(&"ignore") {
            offences.push(source.offence(token.line, "an ignored test"));
        }
        let silences = has(["allow", "("]) || has(["expect", "("]);
        if silences && !has(["reason", "="]) {
            offences.push(source.offence(token.line, "a lint silenced without `reason = `"));
        }
    }
    offences
}

/// What stands between the first bracket and the one that closes it.
fn inside_brackets(tokens: &[Token]) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut inside = Vec::new();
    for token in tokens {
        match token.text.as_str() {
            "[" => depth += 1,
            "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        inside.push(token.text.as_str());
    }
    inside.split_off(1.min(inside.len()))
}

pub fn names(source: &Source) -> Vec<String> {
    let parts = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
    let empty = parts.flat_map(|part| part.split('_')).find(|word| EMPTY_NAMES.contains(word));
    let offence = |word| source.offence(1, format!("`{word}` does not say what lives here"));
    empty.map(offence).into_iter().collect()
}

/// SQL lives in the cellar.
pub fn drivers(source: &Source) -> Vec<String> {
    if !source.path.starts_with("src/") || source.floor() == Some("store") {
        return Vec::new();
    }
    let foreign = |token: &&Token| {
        is_word(&token.text)
            && (token.text.split('_').next() == Some("diesel")
                || matches!(token.text.as_str(), "sql_query" | "libsqlite3_sys" | "pq_sys"))
    };
    let offence =
        |token: &Token| source.offence(token.line, format!("`{}` outside src/store", token.text));
    source.tokens.iter().filter(foreign).map(offence).collect()
}

/// Flags and environment have one reader.
pub fn environment(source: &Source) -> Vec<String> {
    if !source.path.starts_with("src/") || source.path == "src/config.rs" {
        return Vec::new();
    }
    let reads = |segments: &[String]| {
        segments.windows(2).any(|pair| match pair {
            [module, item] => module == "env" && ENVIRONMENT.contains(&item.as_str()),
            _ => false,
        })
    };
    let all = paths(source);
    let offence = |line, what| source.offence(line, format!("`{what}` outside src/config.rs"));
    let readers = all.iter().filter(|path| reads(&path.segments));
    readers.map(|path| offence(path.line, path.written())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serve(text: &str) -> Source {
        Source::new("src/cli/serve.rs", text)
    }

    #[test]
    fn what_is_unfinished_or_unsafe_is_caught() {
        let caught = |text: &str| unfinished(&serve(text)).len();
        assert_eq!(caught("fn f() { unsafe { g() } }"), 1);
        assert_eq!(caught("// TODO: later\n/* FIXME */ fn f() { todo!(); unimplemented!() }"), 4);
        let clean = "#![forbid(unsafe_code)] fn f() { \"TODO\"; todo(); } // TODOs, unsafe";
        assert_eq!(caught(clean), 0);
    }

    #[test]
    fn an_ignored_test_and_a_lint_silenced_without_reason_are_caught() {
        let caught = |text: &str| attributes(&serve(text)).len();
        assert_eq!(caught("#[ignore]\n#[ignore = \"slow\"]"), 2);
        assert_eq!(caught("#![allow(dead_code)]\n#[expect(\n clippy::panic\n)]"), 2);
        assert_eq!(caught("#[cfg_attr(test, allow(dead_code))]"), 1);
        let clean = "#[allow(dead_code, reason = \"x\")] #[test] fn f() { a.expect(\"\"); }";
        assert_eq!(caught(clean), 0);
    }

    #[test]
    fn a_name_that_says_nothing_is_caught() {
        for path in ["src/utils.rs", "src/http/common/mod.rs", "tests/pool_manager.rs"] {
            assert_eq!(names(&Source::new(path, "")).len(), 1);
        }
        assert_eq!(names(&Source::new("src/http/commons.rs", "")).len(), 0);
    }

    #[test]
    fn sql_outside_the_cellar_is_caught() {
        let text = "use diesel::prelude::*; fn f() { sql_query(1); diesel_migrations::x(); }";
        assert_eq!(drivers(&serve(text)).len(), 3);
        assert_eq!(drivers(&Source::new("src/store/lot.rs", text)).len(), 0);
        assert_eq!(drivers(&Source::new("tests/schema.rs", text)).len(), 0);
    }

    #[test]
    fn a_second_reader_of_flags_is_caught() {
        let text = "use std::env; fn f() { env::var(\"A\"); std::env::args(); env::temp_dir(); }";
        assert_eq!(environment(&serve(text)).len(), 2);
        assert_eq!(environment(&serve("use std::env::{var_os, temp_dir};")).len(), 1);
        assert_eq!(environment(&Source::new("src/config.rs", text)).len(), 0);
    }
}
