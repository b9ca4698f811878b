//! The stage of a test: the world on an engine, the program serving it, clients for its users.
//!
//! No assertion on any answer lives here. Invariant: the book is verified when a test is over.

use serde_json::{Value, json};

use changping::service::verify::verify;

use crate::support::world::{self, Keys, address, settle};
use crate::support::{Client, Reply, Server, changping, forms, on_both};

pub const MOVEMENTS: &str = "/v1/movements";

pub struct Stage {
    pub url: String,
    pub keys: Keys,
    pub server: Server,
}

impl Stage {
    pub fn on(url: &str) -> Self {
        let keys = settle(url);
        let server = Server::start(url);
        Self { url: url.to_string(), keys, server }
    }

    pub fn client(&self, holder: &str) -> Client {
        Client::new(&self.server.base, self.keys.of(holder))
    }

    /// A new key of a role for a region, made on the command line.
    pub fn hire(&self, role: &str, region: &str) -> Client {
        let args = ["keys", "create", "--role", role, "--region", region, "--name", "某人"];
        let output = changping(&self.url, &args);
        assert!(output.status.success(), "{output:?}");
        Client::new(&self.server.base, String::from_utf8_lossy(&output.stdout).trim())
    }

    pub fn anonymous(&self) -> Client {
        Client::anonymous(&self.server.base)
    }

    /// The last entry, as the service sees it.
    pub fn seq(&self) -> i64 {
        let ready = self.anonymous().get("/readyz").expect(200);
        ready["ledger_seq"].as_i64().unwrap()
    }

    /// Books as the city's clerk and gives the reply's body.
    #[track_caller]
    pub fn book(&self, key: &str, body: &Value) -> Value {
        self.client("clerk").post(MOVEMENTS, key, body).expect(201)
    }

    /// Sends a body that must be refused, and requires that it left no trace.
    #[track_caller]
    pub fn refused(&self, key: &str, body: &Value) -> Reply {
        let before = self.seq();
        let reply = self.client("clerk").post(MOVEMENTS, key, body);
        assert_eq!(self.seq(), before, "a refusal wrote: {}", reply.text);
        reply
    }

    /// Quilts in the city's depot, tents in county A's and B's.
    pub fn stock(&self) {
        let quilts = forms::receipt(world::CITY_DEPOT, "QUILT", 100);
        self.book("stock-1", &quilts);
        for (ix, depot) in [world::DEPOT_A, world::DEPOT_B].iter().enumerate() {
            let tents = forms::receipt(depot, "TENT", 10);
            self.book(&format!("stock-{}", ix + 2), &tents);
        }
    }
}

/// Runs a test on a fresh stage of each engine, then verifies the book.
pub fn on_each(test: impl Fn(&Stage)) {
    on_both(|database| {
        let stage = Stage::on(&database.url);
        test(&stage);
        let verdict = verify(&address(&stage.url), None).expect("the book can be read");
        assert!(verdict.is_ok(), "{verdict:?}");
    });
}

/// The rows of an answer or a page.
pub fn rows(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().expect("rows under items")
}

/// One field of every row.
pub fn each<'a>(answer: &'a Value, field: &str) -> Vec<&'a Value> {
    rows(answer).iter().map(|row| &row[field]).collect()
}

/// What of a reply's line a test of quantities looks at.
pub fn flow(line: &Value) -> Value {
    json!([line["from"], line["to"], line["item"], line["quantity"]])
}
