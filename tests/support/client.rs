//! A small JSON client: any status is an answer, none an error.
//!
//! Knows nothing of the service but its headers. Invariant: nothing is repeated or followed behind
//! a test's back.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Request};

/// An answer with all that a test may look at.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error} in {} {:?}", self.status, self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.and_then(Result::ok).unwrap_or_default()
    }

    /// Requires a status and gives the body.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// Requires a problem with this status and code, in full form, and gives it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["code"], code, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("urn:changping:problem:{code}"));
        for field in ["title", "detail", "request_id"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field}");
        }
        problem
    }

    pub fn replayed(&self) -> bool {
        self.header("idempotency-replayed") == "true"
    }
}

#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    base: String,
    key: Option<String>,
}

impl Client {
    pub fn new(base: &str, key: &str) -> Self {
        Self { key: Some(key.to_string()), ..Self::anonymous(base) }
    }

    pub fn anonymous(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Self { agent: config.new_agent(), base: base.to_string(), key: None }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    /// A writing POST under an idempotency key.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Reply {
        self.try_post(path, key, body).expect("an answer")
    }

    /// The same where the service may be gone.
    pub fn try_post(&self, path: &str, key: &str, body: &Value) -> Result<Reply, ureq::Error> {
        let headers = [("idempotency-key", key), ("content-type", "application/json")];
        self.try_send("POST", path, &headers, Some(body.to_string().as_bytes()))
    }

    /// A conditional write of reference data; `condition` is a header, such as `If-Match`.
    pub fn put(&self, path: &str, condition: Option<(&str, &str)>, body: &Value) -> Reply {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(condition);
        self.send("PUT", path, &headers, Some(body.to_string().as_bytes()))
    }

    /// Creates a record that must not be there yet.
    #[track_caller]
    pub fn create(&self, path: &str, body: &Value) -> Value {
        self.put(path, Some(("if-none-match", "*")), body).expect(201)
    }

    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Reply {
        let sent = self.try_send(method, path, headers, body);
        sent.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Reply, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let response = match body {
            Some(body) => {
                let request = request.body(body.to_vec()).expect("a request");
                self.agent.run(request)?
            }
            None => {
                let request = request.body(()).expect("a request");
                self.agent.run(request)?
            }
        };
        let (parts, mut body) = response.into_parts();
        let bytes = body.with_config().limit(64 << 20).read_to_vec()?;
        // Of an archive only the first letters are looked at.
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, text })
    }
}
