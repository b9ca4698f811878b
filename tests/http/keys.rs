//! Keys: made on the command line, effective and revoked at once in every process.
//!
//! What roles may do is in `access`. Invariant: a key is shown once and kept nowhere.

use crate::stage::{Stage, on_each};
use crate::support::forms::receipt;
use crate::support::world::CITY_DEPOT;
use crate::support::{Client, Server, changping, sql};

/// Makes a key on the command line: its text and its id.
fn make(stage: &Stage, more: &[&str]) -> (String, String) {
    let args = ["keys", "create", "--role", "clerk", "--region", "3713", "--name", "某库管员"];
    let output = changping(&stage.url, &[&args[..], more].concat());
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{err}");
    let id = err.split(' ').nth(1).unwrap_or_default().to_string();
    (out.trim().to_string(), id)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_key_made_beside_the_service_opens_it_and_a_revoked_one_does_not() {
    on_each(|stage| {
        let second = Server::start(&stage.url);
        let (key, id) = make(stage, &[]);
        let clients = [&stage.server, &second].map(|server| Client::new(&server.base, &key));
        for client in &clients {
            let me = client.get("/v1/me").expect(200);
            assert_eq!((&me["name"], &me["role"]), (&"某库管员".into(), &"clerk".into()));
            assert_eq!(
                (&me["region"], &me["region_name"]),
                (&"371300000000".into(), &"区划3713".into())
            );
        }
        let listed = text(&changping(&stage.url, &["keys", "list"]).stdout);
        assert!(listed.contains(&id) && !listed.contains(&key), "{listed}");
        assert!(changping(&stage.url, &["keys", "revoke", &id]).status.success());
        for client in &clients {
            client.get("/v1/me").problem(401, "unauthenticated");
        }
    });
}

/// A POST does not read the register first: what the last snapshot knew of the key must not count.
#[test]
fn the_first_write_under_a_revoked_key_books_nothing_in_any_process() {
    on_each(|stage| {
        let second = Server::start(&stage.url);
        let (key, id) = make(stage, &[]);
        let clients = [&stage.server, &second].map(|server| Client::new(&server.base, &key));
        let body = receipt(CITY_DEPOT, "TENT", 1);
        for (n, client) in clients.iter().enumerate() {
            client.post("/v1/movements", &format!("made-{n}"), &body).expect(201);
        }
        assert!(changping(&stage.url, &["keys", "revoke", &id]).status.success());
        // One is asked for something new first, the other to repeat itself.
        for (n, client) in clients.iter().enumerate() {
            for key in [["new-0", "made-1"][n], "made-0"] {
                let refused = client.post("/v1/movements", key, &body);
                refused.problem(401, "unauthenticated");
            }
        }
        assert_eq!(sql::number(&stage.url, "SELECT COUNT(*) FROM entry"), 2);
    });
}

#[test]
fn a_key_ends_after_its_last_day() {
    on_each(|stage| {
        let today = changping::service::book::now().shanghai_date();
        let yesterday = today.pred_opt().unwrap().to_string();
        for (last, status) in [(yesterday, 401), (today.to_string(), 200)] {
            let (key, _) = make(stage, &["--expires-on", &last]);
            assert_eq!(Client::new(&stage.server.base, &key).get("/v1/me").status, status);
        }
    });
}

#[test]
fn no_key_is_stored() {
    on_each(|stage| {
        let (key, id) = make(stage, &[]);
        let query = format!("SELECT name AS value FROM api_key WHERE id = '{id}'");
        assert_eq!(sql::texts(&stage.url, &query), ["某库管员"]);
        let found = sql::number(
            &stage.url,
            &format!("SELECT COUNT(*) FROM api_key WHERE id = '{key}' OR name = '{key}'"),
        );
        assert_eq!(found, 0);
    });
}

#[test]
fn a_key_that_cannot_be_made_says_why_in_one_line() {
    on_each(|stage| {
        for wrong in [
            ["keys", "create", "--role", "king", "--region", "3713", "--name", "x"],
            ["keys", "create", "--role", "clerk", "--region", "37133", "--name", "x"],
            ["keys", "create", "--role", "clerk", "--region", "4401", "--name", "x"],
            ["keys", "create", "--role", "clerk", "--region", "3713", "--name", " "],
        ] {
            let output = changping(&stage.url, &wrong);
            let err = text(&output.stderr);
            assert!(!output.status.success() && output.stdout.is_empty(), "{wrong:?}");
            assert_eq!(err.lines().count(), 1, "{err}");
        }
    });
}
