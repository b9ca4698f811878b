//! Who may do what: every operation of the table for every role.
//!
//! Keys made, revoked and expired are in `keys`, scope in `refusals`. Invariant: the table is
//! walked as it is, so an operation added to it is tested without a word here.

use changping::domain::access::Role;
use changping::http::routes::OPERATIONS;

use crate::stage::on_each;
use crate::support::Client;

/// A path of the table with something in place of its parameters.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') { "0190a5d2-0000-7000-8000-000000000000" } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}

fn ask(client: &Client, method: &str, path: &str) -> u16 {
    let body = (method == "POST" || method == "PUT").then_some(&b"{}"[..]);
    let headers = [
        ("idempotency-key", "matrix"),
        ("if-none-match", "*"),
        ("content-type", "application/json"),
    ];
    let headers = if body.is_some() { &headers[..] } else { &[] };
    client.send(method, &filled(path), headers, body).status
}

#[test]
fn a_role_does_what_the_table_says_and_nothing_else() {
    on_each(|stage| {
        for role in Role::ALL {
            let client = stage.client(role.as_str());
            for (method, path, action) in OPERATIONS {
                let status = ask(&client, method, path);
                let may = action.is_none_or(|action| role.may(action));
                let told = format!("{} {method} {path}: {status}", role.as_str());
                assert_eq!(status == 403, !may, "{told}");
                assert!(status != 401 && status < 500, "{told}");
            }
        }
        assert_eq!(stage.seq(), 0);
    });
}

#[test]
fn without_a_key_only_open_operations_answer() {
    on_each(|stage| {
        let base = &stage.server.base;
        let strangers = [
            Client::anonymous(base),
            Client::new(base, "cp_0000000000000000000000000000000000"),
            Client::new(base, ""),
        ];
        for client in strangers {
            for (method, path, action) in OPERATIONS {
                let status = ask(&client, method, path);
                assert_eq!(status == 401, action.is_some(), "{method} {path}: {status}");
            }
        }
    });
}

#[test]
fn a_refused_caller_is_told_how_to_come_back() {
    on_each(|stage| {
        let nobody = stage.anonymous();
        let reply = nobody.get("/v1/me");
        reply.problem(401, "unauthenticated");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
        for value in ["Basic Y2xlcms6eA==", "Bearer", "bearer ", "Bearer x y", "Token x"] {
            let reply = nobody.send("GET", "/v1/me", &[("authorization", value)], None);
            reply.problem(401, "unauthenticated");
        }
        let lower = format!("bearer {}", stage.keys.of("clerk"));
        let reply = nobody.send("GET", "/v1/me", &[("authorization", &lower)], None);
        reply.expect(200);
        stage.client("province").get("/v1/movements").problem(403, "forbidden");
    });
}
