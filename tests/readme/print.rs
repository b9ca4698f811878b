//! What is printed against what was answered.
//!
//! Lives here: what may differ. Does not live here: commands. Invariant: all that is printed and
//! not left out is found in the answer, in the order printed.

/// Without white space: README breaks lines where it likes.
fn squashed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether a value of JSON begins an id or a hash, of which eight digits are printed at least.
fn is_id(value: &str) -> bool {
    let digits = value.bytes().take_while(u8::is_ascii_hexdigit).count();
    digits == 8 && matches!(value.as_bytes().get(8), None | Some(b'-'))
}

/// Whether it is an instant as a clock tells it, in parts of a second.
fn is_instant(value: &str) -> bool {
    let text = value.split('"').next().unwrap_or_default();
    text.ends_with('Z') && text.contains('.') && text.starts_with("20")
}

/// What must be found: cut at `…`, and where an id or an instant stands.
fn pieces(printed: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for part in squashed(printed).split('…') {
        let mut rest = part;
        let mut seen = 0;
        while let Some(quote) = rest[seen..].find('"') {
            let value = seen + quote + 1;
            if is_id(&rest[value..]) || is_instant(&rest[value..]) {
                pieces.push(rest[..value].to_string());
                let end = rest[value..].find('"').map_or(rest.len(), |end| value + end);
                (rest, seen) = (&rest[end..], 1.min(rest.len() - end));
            } else {
                seen = value;
            }
        }
        pieces.push(rest.to_string());
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// What of `printed` is not in the answer in its order: the piece, and what comes instead.
fn missing(printed: &str, answer: &str) -> Option<(String, String)> {
    let answer = squashed(answer);
    let mut rest = &*answer;
    for piece in pieces(printed) {
        match rest.split_once(&*piece) {
            Some((_, after)) => rest = after,
            None => return Some((piece, rest.chars().take(2_000).collect())),
        }
    }
    None
}

/// What is printed and not so.
pub fn complaint(printed: &str, answer: &str) -> Option<String> {
    let (piece, instead) = missing(printed, answer)?;
    Some(format!("  {piece}\nis not in what comes then:\n  {instead}\n"))
}

#[test]
fn all_but_what_differs_is_compared() {
    let answer = r#"{"id":"01a2011f-1de5-7000","at":"2026-11-22T02:39:06.2Z","n":14793000,"m":2}"#;
    let same = "{\"id\":\"bb9f6a62-…\",…\"at\":\n \"2026-01-01T00:00:00.1Z\",\"n\":14793000,…}";
    assert_eq!(missing(same, answer), None);
    for other in ["\"n\":14793001", "\"m\":2,…\"n\":14793000", "{\"id\":\"bb9f6a62-…\",\"at\":1"]
    {
        assert!(missing(other, answer).is_some(), "{other}");
    }
}
