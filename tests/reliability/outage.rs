//! The database goes away under a running service.
//!
//! Single lost connections are in `tests/store`. Invariant: a write says that nothing was written,
//! a read says since when it may be old.

use crate::crowd::MOVEMENTS;
use crate::support::forms::receipt;
use crate::support::world::{CITY_DEPOT, settle};
use crate::support::{Client, Cluster, Durability, Server};

#[test]
fn without_its_database_the_service_says_so() {
    let Some(cluster) = Cluster::start(Durability::Fast) else {
        return;
    };
    let url = cluster.fresh_database();
    let keys = settle(&url);
    let server = Server::start(&url);
    let client = Client::new(&server.base, keys.of("clerk"));
    let body = receipt(CITY_DEPOT, "TENT", 1);
    client.post(MOVEMENTS, "k1", &body).expect(201);
    client.get("/readyz").expect(200);
    drop(cluster);
    let refused = client.post(MOVEMENTS, "k2", &body);
    refused.problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    assert!(!refused.text.contains("127.0.0.1"), "the driver's words leave: {}", refused.text);
    client.get("/readyz").problem(503, "unavailable");
    client.get(MOVEMENTS).problem(503, "unavailable");
    // Who holds a key is known from the snapshot; the process is alive.
    client.get("/v1/me").expect(200);
    client.get("/healthz").expect(200);
    assert!(server.stop().success());
}
