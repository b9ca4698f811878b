//! Every kind of write with the wire cut before and after each of its messages, COMMIT included.
//!
//! Random faults under load are in `proxy`. Invariant: whatever was cut, the caller is told 503 or
//! the truth, and the same request again has one effect in all.

use changping::domain::access::Role;
use changping::service::access::{NewKey, create_key, keys, revoke_key};
use changping::service::book::Book;
use changping::service::failure::Failure;
use serde_json::{Value, json};

use crate::crowd::MOVEMENTS;
use crate::support::desk::assert_sound;
use crate::support::forms::{issue, movement, receipt, receipt_of_lot};
use crate::support::records::item;
use crate::support::sql::number;
use crate::support::wire::{At, Deed};
use crate::support::world::{CITY, CITY_DEPOT, DEPOT_A, address, block_on, region_code, settle};
use crate::support::{Client, Database, Reply, Server, Wire, cluster};
use crate::turn::Turn;

struct Stage {
    /// The database past the wire.
    url: String,
    wire: Wire,
    clerk: Client,
    admin: Client,
    /// A Book of this process at the wire, for what has no path.
    book: Book,
    _server: Server,
}

impl Stage {
    fn set(database: &Database) -> Self {
        let keys = settle(&database.url);
        let wire = Wire::to(cluster().unwrap().port());
        let through = wire.through(&database.url);
        let server = Server::start(&through);
        Self {
            url: database.url.clone(),
            clerk: Client::new(&server.base, keys.of("clerk")),
            admin: Client::new(&server.base, keys.of("admin")),
            book: Book::open(&address(&through)).unwrap(),
            wire,
            _server: server,
        }
    }

    fn head(&self) -> (i64, i64) {
        let of = |column: &str| number(&self.url, &format!("SELECT {column} FROM head"));
        (of("seq"), of("reference_rev"))
    }

    fn booked(&self, key: &str, body: &Value) -> Value {
        self.clerk.post(MOVEMENTS, key, body).expect(201)
    }

    /// Does `work` with the wire cut at its n-th message: what came of it, and whether it was cut.
    fn cut_at<T>(&self, n: u64, deed: Deed, work: impl FnOnce() -> T) -> (T, bool) {
        self.wire.arm(At::Message(n), deed);
        let came = work();
        (came, !self.wire.disarm())
    }
}

/// Whether it was done; else requires a 503 that says when to ask again.
fn done(reply: &Reply, wanted: u16) -> bool {
    if reply.status == wanted {
        return true;
    }
    assert_eq!(reply.status, 503, "{}", reply.text);
    let code = reply.json()["code"].clone();
    assert!(code == "outcome_unknown" || code == "unavailable", "{}", reply.text);
    assert!(!reply.header("retry-after").is_empty());
    false
}

/// What is posted: path and body, prepared under a tag of its own.
type Form = fn(&Stage, &str) -> (String, Value);

/// One post cut at its n-th message, and the same again; whether it was cut.
fn post(stage: &Stage, form: Form, wanted: u16, tag: &str, n: u64, deed: Deed) -> bool {
    let (path, body) = form(stage, tag);
    let (seq, rev) = stage.head();
    let (first, cut) = stage.cut_at(n, deed, || stage.clerk.post(&path, tag, &body));
    let again = stage.clerk.post(&path, tag, &body);
    assert_eq!(again.status, wanted, "{tag}: {}", again.text);
    if done(&first, wanted) {
        assert!(again.replayed(), "{tag}: told, and done once more");
        assert_eq!(again.text, first.text);
    } else if first.json()["code"] == "unavailable" {
        assert!(!again.replayed(), "{tag}: told that nothing was written, and it was");
    }
    let effects = i64::from(wanted == 201);
    assert_eq!(stage.head(), (seq + effects, rev), "{tag}");
    cut
}

fn a_receipt(_: &Stage, _: &str) -> (String, Value) {
    (MOVEMENTS.to_string(), receipt(CITY_DEPOT, "TENT", 3))
}

fn an_issue_over_two_lots(stage: &Stage, tag: &str) -> (String, Value) {
    for (lot, until) in [("a", "2030-01-01"), ("b", "2031-01-01")] {
        let body = receipt_of_lot(CITY_DEPOT, "QUILT", 2, &format!("{tag}{lot}"), until);
        stage.booked(&format!("{tag}{lot}"), &body);
    }
    (MOVEMENTS.to_string(), issue(CITY_DEPOT, "QUILT", 4))
}

fn a_relocation(stage: &Stage, tag: &str) -> (String, Value) {
    stage.booked(&format!("{tag}s"), &receipt(CITY_DEPOT, "TENT", 1));
    let line = json!({ "from": CITY_DEPOT, "to": DEPOT_A, "item": "TENT", "quantity": 1 });
    (MOVEMENTS.to_string(), movement("relocate", &[line]))
}

fn a_reversal(stage: &Stage, tag: &str) -> (String, Value) {
    let target = stage.booked(&format!("{tag}t"), &receipt(CITY_DEPOT, "TENT", 2));
    let id = target["id"].as_str().unwrap();
    (format!("{MOVEMENTS}/{id}/reversals"), json!({ "reason": "typed twice" }))
}

fn a_refusal(_: &Stage, _: &str) -> (String, Value) {
    (MOVEMENTS.to_string(), issue(DEPOT_A, "WATER", 1_000_000))
}

/// One PUT cut at its n-th message, and the same again; whether it was cut.
fn put(stage: &Stage, tag: &str, n: u64, deed: Deed) -> bool {
    let (path, body) = (format!("/v1/items/{tag}"), item(tag));
    let condition = Some(("if-none-match", "*"));
    let (seq, rev) = stage.head();
    let (first, cut) = stage.cut_at(n, deed, || stage.admin.put(&path, condition, &body));
    let again = stage.admin.put(&path, condition, &body);
    if done(&first, 201) {
        again.problem(412, "precondition_failed");
    } else if first.json()["code"] == "unavailable" {
        again.expect(201);
    } else {
        assert!(matches!(again.status, 201 | 412), "{}", again.text);
    }
    stage.admin.get(&path).expect(200);
    assert_eq!(stage.head(), (seq, rev + 1), "{tag}");
    cut
}

/// Whether it was done; else requires that the database was at fault.
fn written<T>(outcome: Result<T, Failure>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(Failure::OutcomeUnknown | Failure::Unavailable) => None,
        Err(other) => panic!("{other:?}"),
    }
}

/// A key made with the wire cut at the n-th message: there is one if it was told, else at most one.
fn make_key(stage: &Stage, tag: &str, n: u64, deed: Deed) -> bool {
    let region = region_code(CITY);
    let new = NewKey { role: Role::Clerk, region, name: tag.to_string(), expires_on: None };
    let (first, cut) = stage.cut_at(n, deed, || block_on(create_key(&stage.book, new)));
    let query = format!("SELECT COUNT(*) FROM api_key WHERE name = '{tag}'");
    let (told, stands) = (written(first).is_some(), number(&stage.url, &query));
    assert!(if told { stands == 1 } else { stands <= 1 }, "{tag}: told {told}, {stands} there");
    cut
}

/// A key revoked with the wire cut at the n-th message, then once more: it is revoked.
fn revoke(stage: &Stage, tag: &str, n: u64, deed: Deed) -> bool {
    let region = region_code(CITY);
    let new = NewKey { role: Role::Clerk, region, name: tag.to_string(), expires_on: None };
    let (_, key) = block_on(create_key(&stage.book, new)).unwrap();
    let (first, cut) = stage.cut_at(n, deed, || block_on(revoke_key(&stage.book, key.id)));
    if written(first).is_none() {
        block_on(revoke_key(&stage.book, key.id)).unwrap();
    }
    let today = changping::service::book::now().shanghai_date();
    let position = block_on(stage.book.read()).unwrap().position;
    let held = keys(&position.reference).into_iter().find(|held| held.id == key.id);
    assert!(!held.unwrap().valid_on(today), "{tag}: still good");
    cut
}

/// One kind of write, cut before and after each `stride`-th message; how many cuts there were.
fn sweep(stride: u64, write: impl Fn(u64, Deed) -> bool) -> u64 {
    let mut cuts = 0;
    for deed in [Deed::CutBefore, Deed::CutAfter] {
        let mut n = 1;
        while write(n, deed) {
            cuts += 1;
            n += stride;
            assert!(n < 1_000, "there is no end to it");
        }
    }
    cuts
}

#[test]
fn a_wire_cut_at_any_message_of_any_write_has_one_effect() {
    let Some(database) = Database::postgres() else {
        return;
    };
    let turn = Turn::take("crash points on PostgreSQL", 1, 10);
    let stage = Stage::set(&database);
    for round in 0..turn.rounds {
        let tag = |kind: &str, n: u64, deed: Deed| format!("{kind}{round}-{n}-{deed:?}");
        let posts: [(&str, Form, u16); 5] = [
            ("receipt", a_receipt, 201),
            ("issue", an_issue_over_two_lots, 201),
            ("relocation", a_relocation, 201),
            ("reversal", a_reversal, 201),
            ("refusal", a_refusal, 409),
        ];
        for (kind, form, wanted) in posts {
            let write = |n, deed| post(&stage, form, wanted, &tag(kind, n, deed), n, deed);
            conclude(&turn, &stage, kind, sweep(1, write));
        }
        let write = |n, deed| put(&stage, &tag("ITEM", n, deed).to_uppercase(), n, deed);
        conclude(&turn, &stage, "reference PUT", sweep(1, write));
        let write = |n, deed| make_key(&stage, &tag("make", n, deed), n, deed);
        conclude(&turn, &stage, "key made", sweep(1, write));
        let write = |n, deed| revoke(&stage, &tag("revoke", n, deed), n, deed);
        conclude(&turn, &stage, "key revoked", sweep(1, write));
    }
    stage.book.close();
}

fn conclude(turn: &Turn, stage: &Stage, kind: &str, cuts: u64) {
    // A batch that needs no look-up goes as one message: before and after each of a handful.
    let at_once = ["receipt", "issue", "relocation", "refusal"].contains(&kind);
    assert!(cuts > if at_once { 5 } else { 10 }, "{kind}: only {cuts} cuts");
    assert_sound(&stage.url);
    turn.say(&format!("{kind}: {cuts} cuts, one effect each"));
}
