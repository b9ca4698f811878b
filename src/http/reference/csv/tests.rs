//! Files of reference data: round trips, and every fault of a bad one.

use super::*;
use crate::http::reference::tests::full;

#[test]
fn what_is_written_is_read_back() {
    let records = full();
    for kind in Kind::ALL {
        let bytes = write(kind, &records);
        let found = read(kind, &bytes).unwrap();
        let of_kind: Vec<&Record> =
            records.iter().filter(|record| Kind::of(record) == Some(kind)).collect();
        assert!(!of_kind.is_empty(), "{kind:?}");
        let back: Vec<&Record> = found.iter().map(|(_, record)| record).collect();
        assert_eq!(back, of_kind, "{kind:?}");
        assert_eq!(write(kind, &records), bytes);
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
}

#[test]
fn a_file_of_the_seeds_is_read() {
    let items = include_bytes!("../../../../seeds/items.csv");
    let found = read(Kind::Items, items).unwrap();
    assert_eq!(found.len(), 117);
    let records: Vec<Record> = found.into_iter().map(|(_, record)| record).collect();
    assert_eq!(write(Kind::Items, &records), items);
    let needs = include_bytes!("../../../../seeds/needs.csv");
    assert_eq!(read(Kind::Needs, needs).unwrap().len(), 9);
    let organizations = include_bytes!("../../../../seeds/organizations.csv");
    assert_eq!(read(Kind::Organizations, organizations).unwrap().len(), 22);
    let profiles = include_bytes!("../../../../seeds/profiles.json");
    assert_eq!(read(Kind::Profiles, profiles).unwrap().len(), 2);
}

fn places(faults: &[RowFault]) -> Vec<(u64, &str, FaultCode)> {
    faults.iter().map(|row| (row.line, row.fault.pointer.as_str(), row.fault.code)).collect()
}

#[test]
fn every_faulty_cell_is_named() {
    use FaultCode as F;
    let file = "code,name,name_en,unit,per_person,per,mandatory,colour\n\
        water,水,Water,毫升,3.0005,week,yes,blue\n\
        food,\"餐\n\",Food,餐,abc,day,true,red\n\
        short,x\n\
        bed,床,Bed,床,1,once,true,\n\
        bed,床,Bed,床,1,once,true,\n\
        -x,,Bed,a=b,,once,,\n";
    let faults = read(Kind::Needs, file.as_bytes()).unwrap_err();
    assert_eq!(
        places(&faults),
        [
            (1, "colour", F::UnknownField),
            (2, "mandatory", F::Malformed),
            (2, "per_person", F::Malformed),
            (2, "per", F::UnknownValue),
            (3, "per_person", F::Malformed),
            (3, "name", F::Malformed),
            (5, "", F::Malformed),
            (7, "code", F::Duplicate),
            (8, "per_person", F::Required),
            (8, "mandatory", F::Required),
            (8, "code", F::Malformed),
            (8, "name", F::OutOfRange),
            (8, "unit", F::Malformed),
        ]
    );
}

#[test]
fn a_header_that_lacks_a_column_does_not_hide_the_rest() {
    let faults = read(Kind::Organizations, b"code,name,name,kind\nA B,x,x,government\n");
    use FaultCode as F;
    let expected =
        [(1, "name", F::Duplicate), (1, "region", F::Required), (2, "code", F::Malformed)];
    assert_eq!(places(&faults.unwrap_err()), expected);
    for empty in [&b""[..], b"\xef\xbb\xbf", b"\n\n"] {
        let faults = read(Kind::Organizations, empty).unwrap_err();
        assert_eq!(places(&faults), [(1, "", F::Required)]);
    }
    let none = read(Kind::Organizations, b"code,name,region,kind\n");
    assert_eq!(none, Ok(Vec::new()));
}

#[test]
fn json_faults_name_entry_and_field() {
    use FaultCode as F;
    let file = br#"[
        {"code":"A","name":"a","region":"3713","kind":"government"},
        {"code":"B","name":7,"region":"3713","kind":"government"},
        {"code":"C","name":"c","region":"37130","kind":"army"},
        {"code":"D","name":"d","region":"3713"},
        {"code":"E","name":"e","region":"3713","kind":"social","age":1},
        {"code":"A","name":"a","region":"3713","kind":"government"}]"#;
    let faults = read(Kind::Organizations, file).unwrap_err();
    assert_eq!(
        places(&faults),
        [
            (2, "/name", F::WrongType),
            (3, "/region", F::Malformed),
            (3, "/kind", F::UnknownValue),
            (4, "/kind", F::Required),
            (5, "/age", F::UnknownField),
            (6, "/code", F::Duplicate),
        ]
    );
    let broken = read(Kind::Organizations, b"[\n{\n").unwrap_err();
    assert_eq!(broken[0].fault.code, F::Malformed);
    let table = read(Kind::Profiles, b"region,name\n").unwrap_err();
    assert_eq!(places(&table), [(1, "", F::Malformed)]);
}
