//! README's samples: commands, and what is printed below them.
//!
//! Lives here: fences, lines and quotes of a shell. Does not live here: running them. Invariant:
//! every command of a part is in one sample, in the order of the page.

/// Commands of one fence, and the fence below it, where that shows what they print.
pub struct Sample {
    pub commands: Vec<String>,
    pub printed: Option<String>,
}

/// The samples from one heading up to another.
pub fn samples(page: &str, from: &str, to: &str) -> Vec<Sample> {
    let (_, rest) = page.split_once(&format!("\n{from}")).expect("the heading");
    let (part, _) = rest.split_once(&format!("\n{to}")).expect("the next heading");
    let mut samples: Vec<Sample> = Vec::new();
    for (nth, block) in part.split("\n```").enumerate() {
        if nth % 2 == 0 {
            continue;
        }
        let (language, text) = block.split_once('\n').expect("a fence of some lines");
        match (language, samples.last_mut()) {
            ("sh", _) => samples.push(Sample { commands: commands(text), printed: None }),
            ("", Some(above)) if above.printed.is_none() => {
                above.printed = Some(text.to_string());
            }
            _ => panic!("nothing is above what is printed: {text}"),
        }
    }
    samples
}

/// One character of a shell's text, and whether it stands outside quotes.
fn unquoted(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut within = false;
    text.chars().map(move |c| {
        within ^= c == '\'';
        (c, !within)
    })
}

/// Commands end with their line, unless that ends with a backslash or within quotes.
fn commands(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ");
    let mut commands = vec![String::new()];
    for (c, outside) in unquoted(&text) {
        match commands.last_mut() {
            Some(command) if c != '\n' || !outside => command.push(c),
            _ => commands.push(String::new()),
        }
    }
    commands.retain(|command| !words(command).is_empty());
    commands
}

/// The words of a command up to a `#`, without their quotes.
pub fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None;
    for (c, outside) in unquoted(command) {
        match c {
            '#' if outside && word.is_none() => break,
            ' ' if outside => words.extend(word.take()),
            '\'' => drop(word.get_or_insert_with(String::new)),
            c => word.get_or_insert_with(String::new).push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn a_page_is_read_as_a_shell_would() {
    let page = "\n## A\ntext\n\n```sh\none 'two three' \\\n  -d '\n{}'   # why\n\nfour\n```\n\n\
                ```\nprinted\n```\n\n## B\n";
    let [sample] = &samples(page, "## A", "## B")[..] else { panic!("one sample") };
    assert_eq!(sample.printed.as_deref(), Some("printed"));
    let read: Vec<_> = sample.commands.iter().map(|command| words(command)).collect();
    assert_eq!(read, [vec!["one", "two three", "-d", "\n{}"], vec!["four"]]);
}
