//! How fast the demo of both cities loads and answers, asked over HTTP: `cargo bench`.
//!
//! Prints, never judges: one cold request, then the least, middle and most of warm ones, and what
//! one synchronous write of a small file costs on the same disk.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot run says so by panicking, and prints its figures"
)]

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const WARM: usize = 50;

/// What is asked, with what the project wants of it.
const QUESTIONS: [(&str, &str); 6] = [
    ("gaps of Linyi by county (want < 50 ms)", "/v1/gaps?region=3713&tier=county"),
    (
        "coverage of Linyi's townships (want < 500 ms cold, < 100 ms warm)",
        "/v1/coverage?region=3713&tier=township",
    ),
    ("coverage of Linyi's villages", "/v1/coverage?region=3713&tier=village"),
    ("coverage of Linyi's villages, scope=city", "/v1/coverage?region=3713&scope=city"),
    ("summaries of Linyi by item", "/v1/summaries?region=3713&by=item"),
    ("stock of Linyi by lot", "/v1/stock?region=3713&group_by=lot"),
];

struct Demo {
    child: Child,
    base: String,
    ready: Duration,
}

fn serve() -> Demo {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_changping"))
        .args(["serve", "--demo", "--bind", "127.0.0.1:0", "--log", "off", "--language", "en"])
        .env("CHANGPING_RATE_LIMIT", "1000000")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let base = loop {
        let line = lines.next().expect("it serves").expect("it speaks");
        if line.starts_with("http://") {
            break line.split(' ').next().unwrap_or_default().to_string();
        }
    };
    Demo { child, base, ready: began.elapsed() }
}

fn ask(url: &str) -> (Duration, usize) {
    let began = Instant::now();
    let mut response = ureq::get(url).call().expect("an answer");
    let body = response.body_mut().with_config().limit(1 << 30).read_to_vec().expect("a body");
    (began.elapsed(), body.len())
}

fn fsync() -> Duration {
    let folder = TempDir::new().expect("a folder");
    let mut file = File::create(folder.path().join("probe")).expect("a file");
    let mut times: Vec<Duration> = (0..100)
        .map(|_| {
            file.write_all(&[7; 4_096]).expect("a write");
            let began = Instant::now();
            file.sync_data().expect("a sync");
            began.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    println!("fdatasync of 4 KiB: {:.3} ms (middle of 100)", ms(fsync()));
    let mut demo = serve();
    println!("demo of both cities loaded and ready: {:.0} ms", ms(demo.ready));
    for (name, path) in QUESTIONS {
        let url = format!("{}{path}", demo.base);
        let (cold, bytes) = ask(&url);
        let mut warm: Vec<Duration> = (0..WARM).map(|_| ask(&url).0).collect();
        warm.sort();
        println!(
            "{name}: cold {:.1} ms; warm {:.1} / {:.1} / {:.1} ms (min/median/max); {} KiB",
            ms(cold),
            ms(warm[0]),
            ms(warm[WARM / 2]),
            ms(warm[WARM - 1]),
            bytes / 1_024
        );
    }
    demo.child.kill().expect("it ends");
    demo.child.wait().expect("it ended");
}
