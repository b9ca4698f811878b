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
            return body.map_err(unreached);
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
