//! A routing server, asked for travel times over HTTP.
//!
//! Lives here: its address, the requests of OSRM and Valhalla, repeating them. Does not live here:
//! what is asked for (`asked`), what the answers say (`http::reference::matrix`). Invariant: a
//! request is repeated a bounded number of times, and only where that may help.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

use crate::config::RoutingServer;
use crate::domain::region::Point;
use crate::http::words::Language;
use crate::service::flat;

use super::super::super::Failed;

/// The longest answer, in bytes: some hundred for each of a million pairs.
const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Before a request is repeated; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest piece of a server's own words that is repeated.
const MAX_WORDS: usize = 200;

/// How a server is asked.
pub struct Server {
    base: String,
    kind: RoutingServer,
    agent: Agent,
    retries: u32,
    language: Language,
}

/// Why there is no answer.
struct Trouble {
    told: String,
    /// Whether asking again may help.
    passing: bool,
}

impl Server {
    /// # Errors
    /// `Failed` for another address than `http://HOST:PORT`.
    pub fn at(
        address: &str,
        kind: RoutingServer,
        (retries, timeout): (u32, Duration),
        language: Language,
    ) -> Result<Self, Failed> {
        let base = address.trim_end_matches('/');
        if base.strip_prefix("http://").is_none_or(str::is_empty) {
            return Err(Failed(language.pick(
                format!("--server 应为 http://HOST:PORT(明文 HTTP),不是 {address}"),
                format!("--server is http://HOST:PORT, in plain HTTP; {address} is not"),
            )));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(timeout))
            .build();
        let (base, agent) = (base.to_string(), config.new_agent());
        Ok(Self { base, kind, agent, retries, language })
    }

    /// What it answers for some sources and destinations.
    ///
    /// # Errors
    /// `Failed` where it cannot be reached or refuses, after so many retries as were allowed.
    pub fn table(&self, sources: &[Point], destinations: &[Point]) -> Result<Vec<u8>, Failed> {
        let (mut again, mut pause) = (0, FIRST_PAUSE);
        loop {
            let trouble = match self.ask(sources, destinations) {
                Ok(bytes) => return Ok(bytes),
                Err(trouble) => trouble,
            };
            if !trouble.passing || again >= self.retries {
                let (base, told, times) = (&self.base, &trouble.told, again + 1);
                return Err(Failed(self.language.pick(
                    format!("{base}: {told}(已请求 {times} 次);未写入任何内容"),
                    format!("{base}: {told}; asked {times} times, nothing was written"),
                )));
            }
            std::thread::sleep(pause);
            (again, pause) = (again + 1, pause.saturating_mul(2));
        }
    }

    fn ask(&self, sources: &[Point], destinations: &[Point]) -> Result<Vec<u8>, Trouble> {
        let sent = match self.kind {
            RoutingServer::Osrm => self.agent.get(osrm(&self.base, sources, destinations)).call(),
            RoutingServer::Valhalla => self
                .agent
                .post(format!("{}/sources_to_targets", self.base))
                .header("content-type", "application/json")
                .send(valhalla(sources, destinations).to_string()),
        };
        let unreached = |error: ureq::Error| Trouble { told: error.to_string(), passing: true };
        let mut answer = sent.map_err(unreached)?;
        let status = answer.status();
        let body = answer.body_mut().with_config().limit(MAX_BYTES).read_to_vec();
        if status.is_success() {
            return body.map_err(|error| match error {
                // It would be as long the next time.
                ureq::Error::BodyExceedsLimit(_) => self.too_long(),
                error => unreached(error),
            });
        }
        let own_words = own_words(&body.unwrap_or_default());
        let too_many = self.language.pick("请求过于频繁", "too many requests");
        let smaller = self.language.pick("可减小 --block", "a smaller --block may help");
        let hint = match status.as_u16() {
            429 => too_many,
            400 | 413 | 414 => smaller,
            _ => "",
        };
        let parts = [format!("HTTP {}", status.as_u16()), own_words, hint.to_string()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let passing = status.is_server_error() || status.as_u16() == 429;
        Err(Trouble { told: parts.join(": "), passing })
    }
}

impl Server {
    fn too_long(&self) -> Trouble {
        let mib = MAX_BYTES >> 20;
        let told = self.language.pick(
            format!("应答超过 {mib} MiB:可减小 --block"),
            format!("an answer over {mib} MiB: a smaller --block may help"),
        );
        Trouble { told, passing: false }
    }
}

/// What a server says of its refusal: OSRM's `code` and `message`, Valhalla's `error`.
fn own_words(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let words = ["code", "message", "error"].map(|name| value.get(name).and_then(Value::as_str));
    let words: Vec<&str> = words.into_iter().flatten().collect();
    words.join(": ").chars().filter(|one| !one.is_control()).take(MAX_WORDS).collect()
}

/// The address of a table: all places, then which of them are which, by number.
fn osrm(base: &str, sources: &[Point], destinations: &[Point]) -> String {
    let place = |point: &Point| format!("{},{}", degrees(point.lon_e6), degrees(point.lat_e6));
    let places: Vec<String> = sources.iter().chain(destinations).map(place).collect();
    let numbers = |from: usize, count: usize| {
        let numbers = (from..from.saturating_add(count)).map(|number| number.to_string());
        numbers.collect::<Vec<String>>().join(";")
    };
    let (from, to) = (numbers(0, sources.len()), numbers(sources.len(), destinations.len()));
    let places = places.join(";");
    format!(
        "{base}/table/v1/driving/{places}?sources={from}&destinations={to}&annotations=duration"
    )
}

/// The body of the same question to Valhalla, for trucks.
fn valhalla(sources: &[Point], destinations: &[Point]) -> Value {
    let number = |e6: i32| {
        let text = degrees(e6);
        serde_json::from_str::<Value>(&text).unwrap_or_default()
    };
    let place = |point: &Point| json!({"lat": number(point.lat_e6), "lon": number(point.lon_e6)});
    let places = |points: &[Point]| points.iter().map(place).collect::<Vec<Value>>();
    json!({"sources": places(sources), "targets": places(destinations), "costing": "truck"})
}

fn degrees(e6: i32) -> String {
    flat::write_decimal(i64::from(e6), 6)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A server that answers with so many blanks; how often it has been asked.
    fn blanks(bytes: u64) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let _read = stream.read(&mut [0; 4_096]);
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n");
                let _sent = stream.write_all(head.as_bytes());
                let _gone = std::io::copy(&mut std::io::repeat(b' ').take(bytes), &mut stream);
            }
        });
        (address, asked)
    }

    #[test]
    fn an_answer_that_is_too_long_is_not_read_to_its_end_and_not_asked_for_again() {
        let place = Point { lon_e6: 118_350_000, lat_e6: 35_100_000 };
        let table = |bytes: u64| {
            let (address, asked) = blanks(bytes);
            let patience = (2, Duration::from_secs(60));
            let server = Server::at(&address, RoutingServer::Osrm, patience, Language::En);
            let found = server.unwrap().table(&[place], &[place]);
            assert_eq!(asked.load(Ordering::SeqCst), 1);
            found.map(|bytes| bytes.len()).map_err(|failed| failed.0)
        };
        assert_eq!(table(1_000), Ok(1_000));
        let told = table(MAX_BYTES + 1).unwrap_err();
        assert!(told.contains("an answer over 128 MiB: a smaller --block may help"), "{told}");
        assert!(told.ends_with("asked 1 times, nothing was written"), "{told}");
    }

    #[test]
    fn of_a_servers_own_words_so_many_are_repeated_and_none_that_steer_a_terminal() {
        let told = |message: &str| own_words(json!({ "message": message }).to_string().as_bytes());
        assert_eq!(told("no\u{1b}[2J\u{7} table\r\n\u{9b}here\u{7f}"), "no[2J tablehere");
        assert_eq!(told(&"路".repeat(MAX_WORDS)), "路".repeat(MAX_WORDS));
        assert_eq!(told(&"路".repeat(MAX_WORDS + 1)), "路".repeat(MAX_WORDS));
        let all = json!({"error": "c", "message": "b", "code": "a", "other": "d"});
        assert_eq!(own_words(all.to_string().as_bytes()), "a: b: c");
    }
}
