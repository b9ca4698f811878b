//! Clients that post movements over HTTP as fast as they are answered, each on a connection of its
//! own.
//!
//! Lives here: sockets, requests as bytes, times. Does not live here: what is compared with.
//! Invariant: one thread, so that the load takes no more of the machine than it must.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came of a run.
pub struct Figures {
    pub answered: usize,
    /// By status, in order of appearance.
    pub refused: Vec<(u16, usize)>,
    pub took: Duration,
    sorted: Vec<Duration>,
}

impl Figures {
    pub fn per_second(&self) -> f64 {
        self.answered as f64 / self.took.as_secs_f64()
    }

    /// The time that so many in a hundred stayed below, in milliseconds.
    pub fn percentile_ms(&self, hundredth: f64) -> f64 {
        let at = (self.sorted.len() as f64 * hundredth / 100.0) as usize;
        let time = self.sorted.get(at.min(self.sorted.len().saturating_sub(1)));
        time.map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    }

    pub fn mean_ms(&self) -> f64 {
        let all: Duration = self.sorted.iter().sum();
        all.as_secs_f64() * 1_000.0 / self.sorted.len().max(1) as f64
    }
}

/// Posts for so long on so many connections; `body` gives the n-th body.
pub fn post(
    base: &str,
    key: &str,
    connections: usize,
    time: Duration,
    body: impl Fn(usize) -> String + Copy + 'static,
) -> Figures {
    let ends = Instant::now() + time;
    post_until(base, key, (connections, Duration::ZERO), body, move || Instant::now() >= ends)
}

/// Posts until `over` on so many connections, on each one movement every `pace` at most.
pub fn post_until(
    base: &str,
    key: &str,
    (connections, pace): (usize, Duration),
    body: impl Fn(usize) -> String + Copy + 'static,
    over: impl Fn() -> bool + Clone + 'static,
) -> Figures {
    let address = base.trim_start_matches("http://").to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let set = tokio::task::LocalSet::new();
    set.block_on(&runtime, async {
        let began = Instant::now();
        let mut next = 0;
        let mut clients = Vec::new();
        for client in 0..connections {
            let (address, key, over) = (address.clone(), key.to_string(), over.clone());
            next += 1;
            let first = next * 10_000_000;
            clients.push(tokio::task::spawn_local(async move {
                run(&address, &key, (client, first), pace, body, over).await
            }));
        }
        let mut sorted = Vec::new();
        let mut refused: Vec<(u16, usize)> = Vec::new();
        for client in clients {
            let (times, others) = client.await.expect("a client");
            sorted.extend(times);
            for status in others {
                match refused.iter_mut().find(|(known, _)| *known == status) {
                    Some((_, count)) => *count += 1,
                    None => refused.push((status, 1)),
                }
            }
        }
        let took = began.elapsed();
        sorted.sort_unstable();
        Figures { answered: sorted.len(), refused, took, sorted }
    })
}

async fn run(
    address: &str,
    key: &str,
    (client, first): (usize, usize),
    pace: Duration,
    body: impl Fn(usize) -> String,
    over: impl Fn() -> bool,
) -> (Vec<Duration>, Vec<u16>) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    let (mut times, mut refused) = (Vec::new(), Vec::new());
    let run = std::process::id();
    let mut n = first;
    let mut reply = vec![0; 8_192];
    let mut due = tokio::time::Instant::now();
    while !over() {
        // Even a wait until now may take a millisecond.
        if !pace.is_zero() {
            tokio::time::sleep_until(due).await;
        }
        due = (due + pace).max(tokio::time::Instant::now() - pace);
        n += 1;
        let text = body(n);
        let request = format!(
            "POST /v1/movements HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
             Idempotency-Key: b{run}-{client}-{n}-{}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{text}",
            hash(&text),
            text.len()
        );
        let began = Instant::now();
        stream.write_all(request.as_bytes()).await.expect("it hears");
        let status = answer(&mut stream, &mut reply).await;
        match status {
            201 => times.push(began.elapsed()),
            other => refused.push(other),
        }
    }
    (times, refused)
}

/// Another body has another key.
fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Reads one whole answer; its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    let mut held = 0;
    loop {
        let read = stream.read(&mut buffer[held..]).await.expect("an answer");
        assert!(read > 0, "the service hung up");
        held += read;
        let Some(head) = buffer[..held].windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head]).expect("a head in ASCII");
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let whole = head + 4 + length.unwrap_or(0_usize);
        let status = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        if held >= whole {
            return status;
        }
        if buffer.len() < whole {
            buffer.resize(whole, 0);
        }
    }
}
