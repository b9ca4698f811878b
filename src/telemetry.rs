//! Telemetry: structured logs and metrics.
//!
//! Lives here: the subscriber, the metrics registry and its counters. Does not live here: what is
//! worth logging. Invariant: nothing logged or counted holds a key or a password.

use std::io::IsTerminal;
use std::sync::LazyLock;
use std::time::Duration;

use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};
use tracing_subscriber::EnvFilter;

struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    ledger_seq: IntGauge,
    batches: prometheus::IntCounter,
    batch_requests: prometheus::IntCounter,
    committers_abandoned: prometheus::IntCounter,
    readers_abandoned: prometheus::IntCounter,
}

/// Upper bounds of the latency buckets in seconds.
const BUCKETS: [f64; 20] = [
    0.000_25, 0.000_5, 0.001, 0.001_5, 0.002, 0.003, 0.005, 0.007_5, 0.01, 0.015, 0.02, 0.03, 0.05,
    0.075, 0.1, 0.2, 0.3, 0.5, 1.0, 5.0,
];

static METRICS: LazyLock<Option<Metrics>> = LazyLock::new(|| metrics().ok());

fn metrics() -> prometheus::Result<Metrics> {
    let requests = IntCounterVec::new(
        Opts::new("changping_http_requests_total", "Requests by method, route and status."),
        &["method", "route", "status"],
    )?;
    let seconds = HistogramVec::new(
        HistogramOpts::new("changping_http_request_seconds", "Time to answer, by route.")
            .buckets(BUCKETS.to_vec()),
        &["method", "route"],
    )?;
    let ledger_seq = IntGauge::new("changping_ledger_seq", "Last entry of this process's view.")?;
    let batches =
        prometheus::IntCounter::new("changping_batches_total", "Write transactions committed.")?;
    let batch_requests = prometheus::IntCounter::new(
        "changping_batch_requests_total",
        "Requests served by write transactions.",
    )?;
    let committers_abandoned = prometheus::IntCounter::new(
        "changping_committers_abandoned_total",
        "Committers given up because a call of theirs to the database was silent.",
    )?;
    let readers_abandoned = prometheus::IntCounter::new(
        "changping_readers_abandoned_total",
        "Reading connections given up because a call was silent.",
    )?;
    let registry = Registry::new();
    registry.register(Box::new(requests.clone()))?;
    registry.register(Box::new(seconds.clone()))?;
    registry.register(Box::new(ledger_seq.clone()))?;
    registry.register(Box::new(batches.clone()))?;
    registry.register(Box::new(batch_requests.clone()))?;
    registry.register(Box::new(committers_abandoned.clone()))?;
    registry.register(Box::new(readers_abandoned.clone()))?;
    Ok(Metrics {
        registry,
        requests,
        seconds,
        ledger_seq,
        batches,
        batch_requests,
        committers_abandoned,
        readers_abandoned,
    })
}

/// Counts one answered request.
pub fn count_request(method: &str, route: &str, status: u16, elapsed: Duration) {
    if let Some(metrics) = METRICS.as_ref() {
        let status = status.to_string();
        metrics.requests.with_label_values(&[method, route, &status]).inc();
        metrics.seconds.with_label_values(&[method, route]).observe(elapsed.as_secs_f64());
    }
}

/// Counts one committed write transaction.
pub fn count_batch(requests: usize) {
    if let Some(metrics) = METRICS.as_ref() {
        metrics.batches.inc();
        metrics.batch_requests.inc_by(u64::try_from(requests).unwrap_or(u64::MAX));
    }
}

/// Counts one committer that was given up.
pub fn count_abandoned_committer() {
    if let Some(metrics) = METRICS.as_ref() {
        metrics.committers_abandoned.inc();
    }
}

/// Counts one reading connection that was given up.
pub fn count_abandoned_reader() {
    if let Some(metrics) = METRICS.as_ref() {
        metrics.readers_abandoned.inc();
    }
}

/// Notes how far this process's view of the book reaches.
pub fn note_seq(seq: i64) {
    if let Some(metrics) = METRICS.as_ref() {
        metrics.ledger_seq.set(seq);
    }
}

/// All metrics in the Prometheus text format.
pub fn render() -> String {
    let mut out = Vec::new();
    if let Some(metrics) = METRICS.as_ref()
        && let Err(error) = TextEncoder::new().encode(&metrics.registry.gather(), &mut out)
    {
        tracing::error!(%error, "metrics could not be encoded");
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Starts logging to standard error: lines for a terminal, JSON otherwise.
pub fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let base = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        base.compact().try_init()
    } else {
        base.json().flatten_event(true).with_current_span(false).try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
