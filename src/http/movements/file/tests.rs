//! Files in both forms, and what is wrong with some.
//!
//! Rules of stock are tested over HTTP. Invariant: a table and its JSON lines give the same drafts.

use super::*;

const NOW: Instant = Instant(1_780_000_000_000_000);

fn read(form: Form, bytes: &[u8]) -> (Vec<Document>, Vec<(u64, String, FaultCode)>) {
    let mut documents = Documents::new(form, bytes, NOW);
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    while let Some(next) = documents.read_next().unwrap() {
        match next {
            Next::Document(document) => found.push(*document),
            Next::Faults(more, _) => faults
                .extend(more.into_iter().map(|row| (row.line, row.fault.pointer, row.fault.code))),
        }
    }
    (found, faults)
}

const TABLE: &str = "\
type,document_no,occurred_at,to,item,quantity,unit,lot_no,expires_on,unit_price_fen,note
opening,P-1,2024-05-01T09:30:00+08:00,D1,QUILT,5,,B1,2030-01-01,8900,\"two
lines\"
opening,P-1,2024-05-01T09:30:00+08:00,D1,WATER,2,箱,,,,\"two
lines\"
,,,,,,,,,,

opening,,2024-05-01T09:30:00+08:00,D1,QUILT,1,,,,,
opening,,2024-05-01T09:30:00+08:00,D1,QUILT,1,,,,,
";

const LINES: &str = concat!(
    r#"{"type":"opening","document_no":"P-1","occurred_at":"2024-05-01T09:30:00+08:00","#,
    r#""note":"two lines","lines":[{"to":"D1","item":"QUILT","quantity":5,"#,
    r#""lot":{"lot_no":"B1","expires_on":"2030-01-01","unit_price_fen":8900}},"#,
    r#"{"to":"D1","item":"WATER","quantity":2,"unit":"箱"}]}"#,
    "\n\n",
    r#"{"type":"opening","occurred_at":"2024-05-01T09:30:00+08:00","#,
    r#""lines":[{"to":"D1","item":"QUILT","quantity":1}]}"#,
    "\n",
    r#"{"type":"opening","occurred_at":"2024-05-01T09:30:00+08:00","#,
    r#""lines":[{"to":"D1","item":"QUILT","quantity":1}]}"#,
);

#[test]
fn both_forms_give_the_same_drafts() {
    // A line break within a cell is no text of a paper; here it only moves the lines of the file.
    let (none, faults) = read(Form::Csv, TABLE.as_bytes());
    assert_eq!((none.len(), faults.len()), (2, 1), "{faults:?}");
    assert_eq!(faults[0], (2, "note".to_string(), FaultCode::Malformed));
    let table = TABLE.replace("\"two\nlines\"", "two lines");
    for start in ["", "\u{feff}"] {
        let (rows, faults) = read(Form::Csv, format!("{start}{table}").as_bytes());
        assert_eq!(faults, []);
        let (entries, faults) = read(Form::Ndjson, format!("{start}{LINES}").as_bytes());
        assert_eq!(faults, []);
        let drafts = |documents: &[Document]| -> Vec<Draft> {
            documents.iter().map(|document| document.draft.clone()).collect()
        };
        assert_eq!(drafts(&rows), drafts(&entries));
        let firsts = |documents: &[Document]| -> Vec<u64> {
            documents.iter().map(|document| document.place.first()).collect()
        };
        assert_eq!((firsts(&rows), firsts(&entries)), (vec![2, 6, 7], vec![1, 3, 4]));
        assert_eq!(rows[0].place.of("/lines/1/lot/lot_no"), (3, "lot_no".to_string()));
        assert_eq!(rows[0].lines + entries[0].lines, 4);
    }
    assert_eq!(Form::of_start("\u{feff} \n{".as_bytes()), Form::Ndjson);
    assert_eq!(Form::of_start(TABLE.as_bytes()), Form::Csv);
}

#[test]
fn every_fault_of_a_table_is_named_with_its_line() {
    let bytes = b"type,document_no,to,item,quantity,lot_no,note,repeat_of_document
opening,P-1,D1,QUILT,x,,a,
opening,P-1,D 1,QUILT,0,,b,maybe
opening,P-2,D1,QUILT,1
opening,P-3,D1,\xb2\xe2,1,,,
isue,P-4,D1,QUILT,,,,
opening,P-5,,,5,,,yes
";
    let (found, faults) = read(Form::Csv, bytes);
    assert_eq!(found, []);
    let told: Vec<(u64, &str)> =
        faults.iter().map(|(line, column, _)| (*line, column.as_str())).collect();
    let expected = [
        (2, "quantity"),
        (3, "note"),
        (3, "repeat_of_document"),
        (3, "quantity"),
        (3, "to"),
        (4, ""),
        (5, ""),
        (6, "quantity"),
        (6, "type"),
        (7, "repeat_of_document"),
        (7, "item"),
    ];
    let mut expected = expected.to_vec();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    assert!(told.is_sorted_by_key(|(line, _)| *line), "{told:?}");
}

#[test]
fn a_header_says_what_is_missing_or_unknown() {
    let (_, faults) = read(Form::Csv, b"type,item,items,item\nopening,A,A,A\n");
    let expected = [
        (1, "items".to_string(), FaultCode::UnknownField),
        (1, "item".to_string(), FaultCode::Duplicate),
        (1, "quantity".to_string(), FaultCode::Required),
    ];
    assert_eq!(faults, expected);
    let (_, faults) = read(Form::Csv, b"");
    assert_eq!(faults, [(1, String::new(), FaultCode::Required)]);
    assert_eq!(read(Form::Ndjson, b"\n\n"), (Vec::new(), Vec::new()));
}

#[test]
fn every_fault_of_json_lines_is_named_with_its_line() {
    let text = r#"{"type":"opening"
{"type":"opening","lines":[{"to":"D1","item":"A","quantity":"5"}]}
{"type":"opening","lines":[{"to":"D1","item":"A","quantity":5,"qty":5}]}
{"type":"opening","lines":[{"to":"D1","item":"A","quantity":5,"quantity":5}]}
{"type":"opening","lines":[{"to":"D1","quantity":5}]}
{"type":"opening","lines":[{"to":"D","item":"A","quantity":0},{"from":"D","item":"-","quantity":1}]}
{"type":"opening","lines":[{"to":"D1","item":"A","quantity":5}]} x
{"type":"opening","lines":[]}"#;
    let (found, faults) = read(Form::Ndjson, text.as_bytes());
    assert_eq!(found, []);
    let told: Vec<(u64, &str)> = faults.iter().map(|(line, at, _)| (*line, at.as_str())).collect();
    let expected = [
        (1, ""),
        (2, "/lines/0/quantity"),
        (3, "/lines/0/qty"),
        (4, "/lines/0/quantity"),
        (5, "/lines/0/item"),
        (6, "/lines/0/quantity"),
        (6, "/lines/1/item"),
        (7, ""),
        (8, "/lines"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_too_long_for_a_record_is_not_held() {
    let long = "x".repeat(MAX_RECORD + 1);
    let fine = r#"{"type":"opening","lines":[{"to":"D1","item":"A","quantity":5}]}"#;
    let (found, faults) = read(Form::Ndjson, format!("{long}\n{fine}").as_bytes());
    assert_eq!((found.len(), found[0].place.first()), (1, 2));
    assert_eq!(faults, [(1, String::new(), FaultCode::OutOfRange)]);
    // A quote that is never closed takes all that follows; it is given up, not read to the end.
    let open = format!("type,item,to,quantity\nopening,A,D1,5\nopening,\"A,D1,5\n{long}{long}");
    let (found, faults) = read(Form::Csv, open.as_bytes());
    assert_eq!(found.len(), 1);
    assert_eq!(faults, [(3, String::new(), FaultCode::OutOfRange)]);
    let (found, faults) = read(Form::Csv, "type,item,to,quantity\nopening,A,D1,5".as_bytes());
    assert_eq!((found.len(), faults.len()), (1, 0));
}

#[test]
fn quotes_and_line_ends_are_those_of_spreadsheets() {
    let table = "type,item,to,quantity,note\r\n\r\nopening,A,\"D1\",5,\"a, \"\"b\"\"\"\r\n\
        \r\nopening,A,D1,5,5\"\r\nopening,A,D1,x,\"c\r\nd\"\r\nopening,A,D1,y,\r\n";
    let (found, faults) = read(Form::Csv, table.as_bytes());
    let notes: Vec<_> = found.iter().map(|one| one.draft.paper.note.as_deref()).collect();
    assert_eq!(notes, [Some("a, \"b\""), Some("5\"")]);
    let lines: Vec<u64> = found.iter().map(|one| one.place.first()).collect();
    assert_eq!(lines, [3, 5]);
    let told: Vec<(u64, &str)> =
        faults.iter().map(|(line, column, _)| (*line, column.as_str())).collect();
    assert_eq!(told, [(6, "quantity"), (6, "note"), (8, "quantity")]);
}

#[test]
fn a_table_s_document_has_no_more_lines_than_any_other() {
    let mut table = "type,document_no,item,to,quantity\n".to_string();
    for _ in 0..501 {
        table.push_str("opening,P,A,D1,5\n");
    }
    let (_, faults) = read(Form::Csv, table.as_bytes());
    assert_eq!(faults, [(2, String::new(), FaultCode::OutOfRange)]);
}
