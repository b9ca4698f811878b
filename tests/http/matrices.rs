//! Matrices asked of a routing server: a small one in this process speaks as OSRM and Valhalla do.
//!
//! What their tables say is tested beside the reading of them. Invariant: whatever the server does,
//! it is asked a bounded number of times, and a fault leaves the book as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Database, changping};

const DEPOTS: [&str; 3] = ["LY-CITY-01", "LY-CITY-02", "WH-CITY-01"];
const REGIONS: [&str; 3] = ["371322000000", "371323000000", "371325000000"];

/// A request as the server read it: its target, and its body.
pub type Request = (String, String);

/// A routing server that answers each request by a function of how many came before and of it.
pub struct Router {
    pub address: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Router {
    pub fn start(answer: impl Fn(usize, &Request) -> (u16, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else { continue };
                let before = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(request.clone());
                    kept.len() - 1
                };
                let (status, body) = answer(before, &request);
                let head = format!(
                    "HTTP/1.1 {status} Told\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = (&stream).write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { address, asked }
    }

    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.split(' ').nth(1)?.to_string();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((target, String::from_utf8(body).ok()?))
}

/// Sources and destinations of a request to OSRM, as `lon,lat`.
pub fn osrm((target, _): &Request) -> [Vec<String>; 2] {
    let (path, query) = target.split_once('?').unwrap();
    let places: Vec<&str> = path.rsplit('/').next().unwrap().split(';').collect();
    let side = |name: &str| {
        let part = query.split('&').find_map(|part| part.strip_prefix(name)).unwrap();
        part.split(';').map(|at| places[at.parse::<usize>().unwrap()].to_string()).collect()
    };
    assert!(path.starts_with("/table/v1/driving/") && query.ends_with("annotations=duration"));
    [side("sources="), side("destinations=")]
}

/// The same of a request to Valhalla.
fn valhalla((target, body): &Request) -> [Vec<String>; 2] {
    assert_eq!(target, "/sources_to_targets");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["costing"], "truck");
    ["sources", "targets"].map(|side| {
        let places = body[side].as_array().unwrap().iter();
        places.map(|place| format!("{},{}", place["lon"], place["lat"])).collect()
    })
}

/// Seconds between two places that no other two have; none to the last of the regions.
fn seconds(from: &str, to: &str, places: &Places) -> Value {
    let [from, to] = [places.at(from), places.at(to)];
    if to == REGIONS[2] {
        return Value::Null;
    }
    let at = |all: &[&str], code: &str| all.iter().position(|one| *one == code).unwrap();
    json!(600 * (at(&DEPOTS, from) + 1) + 60 * at(&REGIONS, to))
}

/// The table of a request, as either server writes it.
fn table(kind: &str, request: &Request, places: &Places) -> Value {
    if kind == "osrm" {
        let [from, to] = osrm(request);
        let row = |from: &String| to.iter().map(|to| seconds(from, to, places)).collect();
        let rows: Vec<Vec<Value>> = from.iter().map(row).collect();
        return json!({"code": "Ok", "durations": rows});
    }
    let [from, to] = valhalla(request);
    let row = |(row, from): (usize, &String)| {
        let cell = |(column, to): (usize, &String)| {
            let time = seconds(from, to, places);
            json!({"from_index": row, "to_index": column, "time": time})
        };
        to.iter().enumerate().map(cell).collect()
    };
    let rows: Vec<Vec<Value>> = from.iter().enumerate().map(row).collect();
    json!({"sources_to_targets": rows})
}

/// Codes by `lon,lat`, as the book has them.
#[derive(Clone)]
struct Places(BTreeMap<String, String>);

impl Places {
    fn of(url: &str) -> Self {
        let mut found = BTreeMap::new();
        for kind in ["depots", "regions"] {
            let text = done(url, &["export", kind]);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let heads = reader.headers().unwrap().clone();
            let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
            let [code, lon, lat] = ["code", "lon", "lat"].map(column);
            for row in reader.records().map(Result::unwrap) {
                if DEPOTS.contains(&&row[code]) || REGIONS.contains(&&row[code]) {
                    let [lon, lat]: [f64; 2] = [&row[lon], &row[lat]].map(|at| at.parse().unwrap());
                    found.insert(format!("{lon},{lat}"), row[code].to_string());
                }
            }
        }
        assert_eq!(found.len(), DEPOTS.len() + REGIONS.len());
        Self(found)
    }

    fn at(&self, place: &str) -> &str {
        let (lon, lat) = place.split_once(',').unwrap();
        let [lon, lat]: [f64; 2] = [lon, lat].map(|at| at.parse().unwrap());
        &self.0[&format!("{lon},{lat}")]
    }
}

#[track_caller]
pub fn done(url: &str, args: &[&str]) -> String {
    let output = changping(url, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
pub fn refused(url: &str, args: &[&str]) -> String {
    let output = changping(url, args);
    assert!(!output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn demo() -> Database {
    let database = Database::sqlite();
    done(&database.url, &["migrate"]);
    done(&database.url, &["seed", "--demo", "--demo-date", "2026-11-22"]);
    database
}

/// The command that asks a server for all depots and regions.
fn args<'a>(server: &'a str, kind: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let plain = ["import", "matrix", "--server", server, "--kind", kind, "--source", "示例"];
    let places = ["--language", "en", "--from", "LY-CITY-01,LY-CITY-02,WH-CITY-01", "--to"];
    [&plain[..], &places[..], &["371322,371323,371325"], more].concat()
}

/// Routes that the command has written: minutes by pair.
fn written(url: &str) -> BTreeMap<String, String> {
    let text = done(url, &["export", "routes"]);
    let rows = text.lines().filter(|row| row.starts_with("MX."));
    let cells = rows.map(|row| row.split(',').collect::<Vec<_>>());
    cells.map(|row| (format!("{}/{}", row[1], row[2]), row[3].to_string())).collect()
}

#[test]
fn either_server_is_asked_for_each_pair_once_and_no_more_places_than_it_takes() {
    let database = demo();
    let url = &database.url;
    let places = Places::of(url);
    let expected: BTreeMap<String, String> = DEPOTS
        .iter()
        .enumerate()
        .flat_map(|(from, depot)| {
            let row = move |(to, region): (usize, &&str)| {
                (format!("{depot}/{region}"), (10 * (from + 1) + to).to_string())
            };
            REGIONS[..2].iter().enumerate().map(row)
        })
        .collect();
    for kind in ["osrm", "valhalla"] {
        let known = places.clone();
        let speaks = move |before: usize, request: &Request| match before {
            1 => (503, String::new()),
            _ => (200, table(kind, request, &known).to_string()),
        };
        let router = Router::start(speaks);
        let address = router.address.as_str();
        let said = done(url, &args(address, kind, &["--block", "4", "--dry-run"]));
        assert!(
            said.contains("6 routes: checked, nothing written; 3 pairs without a way"),
            "{said}"
        );
        assert!(said.contains("LY-CITY-01/371325000000: no way"), "{said}");
        assert!(said.contains("in 4 requests: 3 depots x 3 regions"), "{said}");
        // The second was repeated once.
        let asked = router.asked();
        assert_eq!((asked.len(), &asked[1]), (5, &asked[2]));
        let mut pairs = Vec::new();
        for request in asked.iter().skip(2).chain(asked.first()) {
            let [from, to] = if kind == "osrm" { osrm(request) } else { valhalla(request) };
            assert!(from.len() + to.len() <= 4, "{request:?}");
            let pair = |from: &String| {
                let pair = |to: &String| format!("{}/{}", places.at(from), places.at(to));
                to.iter().map(pair).collect::<Vec<_>>()
            };
            pairs.extend(from.iter().flat_map(pair));
        }
        pairs.sort();
        let distinct: BTreeSet<&String> = pairs.iter().collect();
        assert_eq!((pairs.len(), distinct.len()), (9, 9), "each pair once: {pairs:?}");
        // The first server's dry run left nothing, the second's what the first had written.
        let before = if kind == "osrm" { BTreeMap::new() } else { expected.clone() };
        assert_eq!(written(url), before, "a dry run wrote");
        done(url, &args(address, kind, &[]));
        assert_eq!(written(url), expected, "{kind}");
        assert_eq!(router.asked().len(), 6, "one request is enough for all");
    }
}

#[test]
fn what_a_server_does_wrong_is_told_and_nothing_is_written() {
    let database = demo();
    let url = &database.url;
    let before = done(url, &["export", "routes"]);
    let too_big = r#"{"code": "TooBig", "message": "Too many table coordinates"}"#;
    for (status, body, more, expected, times) in [
        (
            400,
            too_big,
            &[][..],
            "HTTP 400: TooBig: Too many table coordinates: a smaller --block",
            1,
        ),
        (500, "", &["--retries", "1"], "HTTP 500; asked 2 times", 2),
        (429, r#"{"error": "slow"}"#, &["--retries", "1"], "HTTP 429: slow: too many requests", 2),
        (404, "<html>", &[], "HTTP 404; asked 1 times, nothing was written", 1),
        (302, "", &["--retries", "0"], "HTTP 302", 1),
        (200, "<html>", &[], "1 faults; nothing was written", 1),
        (200, r#"{"code": "Ok", "durations": [[1, 2, 3]]}"#, &[], "/durations: ", 1),
        (200, r#"{"code": "NoTable"}"#, &[], "/code: ", 1),
    ] {
        let router = Router::start(move |_, _| (status, body.to_string()));
        let said = refused(url, &args(&router.address, "osrm", more));
        assert!(said.contains(expected), "{status}: {said}");
        assert_eq!(router.asked().len(), times, "{status} {body}");
    }
    // Faults of a later block leave off the first as well.
    let router = Router::start(|before, request| {
        let [from, to] = osrm(request);
        let rows = vec![vec![60; to.len()]; from.len() - before.min(1)];
        (200, json!({"code": "Ok", "durations": rows}).to_string())
    });
    refused(url, &args(&router.address, "osrm", &["--block", "4"]));
    assert_eq!(router.asked().len(), 2);
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = refused(url, &args(&format!("http://{gone}"), "osrm", &["--retries", "1"]));
    assert!(said.contains(&gone.to_string()) && said.contains("asked 2 times"), "{said}");
    assert_eq!(done(url, &["export", "routes"]), before);
}

#[test]
fn what_no_server_can_be_asked_for_is_refused_before() {
    let database = demo();
    let url = &database.url;
    let router = Router::start(|_, _| (200, r#"{"durations": [[60]]}"#.to_string()));
    let address = router.address.as_str();
    let ask = |more: &[&'static str]| {
        let plain = ["import", "matrix", "--server", address, "--source", "x", "--language", "en"];
        [&plain[..], more].concat().into_iter().map(str::to_string).collect::<Vec<String>>()
    };
    let told = |args: Vec<String>| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        refused(url, &args)
    };
    let one = ["--kind", "osrm", "--from", "LY-CITY-01", "--to"];
    for (more, expected) in [
        (vec!["--kind", "osrm", "--from", "NO-1", "--to", "371322"], "neither a depot nor"),
        ([&one[..], &["379999"]].concat(), "no known division"),
        ([&one[..], &["3713", "--tier", "parish"]].concat(), "--tier is one of province"),
        ([&one[..], &["371322", "--block", "1"]].concat(), "--block"),
        ([&one[..], &["371322", "--retries", "11"]].concat(), "--retries"),
        (vec!["--kind", "osrm", "--from", "LY-CITY-01"], "--to"),
        (vec!["--from", "LY-CITY-01", "--to", "371322"], "--kind"),
        (vec!["--kind", "here", "--from", "LY-CITY-01", "--to", "371322"], "osrm"),
        ([&one[..], &["371322", "--places", "p.csv"]].concat(), "--places"),
    ] {
        let said = told(ask(&more));
        assert!(said.contains(expected), "{more:?}: {said}");
    }
    let secure = told(
        ask(&[&one[..], &["371322"]].concat())
            .into_iter()
            .map(|word| word.replace("http://", "https://"))
            .collect(),
    );
    assert!(secure.contains("plain HTTP"), "{secure}");
    assert!(refused(url, &["import", "routes", "--source", "x", "r.csv"]).contains("matrix"));
    assert!(refused(url, &["import", "routes"]).contains("<FILE>"));
    assert!(router.asked().is_empty(), "nobody was asked");
}

#[test]
fn a_place_that_stands_at_anothers_point_is_named_and_not_asked_for() {
    let database = demo();
    let url = &database.url;
    let folder = tempfile::tempdir().unwrap();
    let text = done(url, &["export", "regions"]);
    let mut rows: Vec<String> = text.lines().map(str::to_string).collect();
    let at = rows.iter().position(|row| row.starts_with("371323000000,")).unwrap();
    rows[at] = rows[at].replace(",seat,", ",inherited,");
    let file = folder.path().join("regions.csv");
    std::fs::write(&file, format!("{}\n{}\n", rows[0], rows[at])).unwrap();
    done(url, &["import", "regions", file.to_str().unwrap()]);
    let router = Router::start(|_, request| {
        let [from, to] = osrm(request);
        (200, json!({"durations": vec![vec![60; to.len()]; from.len()]}).to_string())
    });
    let said = done(url, &args(&router.address, "osrm", &[]));
    assert!(said.contains("371323000000: no position of its own, not asked for"), "{said}");
    assert!(said.contains("3 depots x 2 regions") && said.contains("6 routes: written"), "{said}");
    assert!(written(url).keys().all(|pair| !pair.ends_with("371323000000")));
    let alone = [
        "import",
        "matrix",
        "--server",
        &router.address,
        "--kind",
        "osrm",
        "--source",
        "x",
        "--from",
        "LY-CITY-01",
        "--to",
        "371323",
        "--language",
        "en",
    ];
    assert!(refused(url, &alone).contains("--to names no place"));
    // Divisions stand for what lies in them.
    let whole = [
        "import",
        "matrix",
        "--server",
        &router.address,
        "--kind",
        "osrm",
        "--source",
        "x",
        "--from",
        "371322",
        "--to",
        "3713",
        "--tier",
        "county",
        "--language",
        "en",
    ];
    let said = done(url, &whole);
    assert!(said.contains("2 depots x 12 regions"), "{said}");
}
