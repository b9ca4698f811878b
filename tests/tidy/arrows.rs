//! Who may import whom: floors along the arrows, rooms only fittings, domain rooms in an order.
//!
//! What a floor may contain is `pure` and `bans`. Invariant: an item a floor's `mod.rs` re-exports
//! counts as its room's, so a re-export opens no back door.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;
use crate::tokens::{Named, paths};

/// Each floor and the floors it may name. `main.rs` and `lib.rs` stand outside the house.
const ARROWS: [(&str, &[&str]); 7] = [
    ("cli", &["http", "service", "store", "domain", "config", "telemetry"]),
    ("http", &["service", "domain", "telemetry"]),
    ("service", &["store", "domain", "telemetry"]),
    ("store", &["domain", "telemetry"]),
    ("domain", &[]),
    ("config", &[]),
    ("telemetry", &[]),
];

/// The rooms of a floor that all its rooms may import, and that import none of them.
const FITTINGS: [(&str, &[&str]); 3] = [
    (
        "http",
        &[
            "answer", "check", "problem", "extract", "page", "etag", "words", "access", "context",
            "state", "table", "forms", "strict", "limits",
        ],
    ),
    ("service", &["access", "book", "failure", "flat"]),
    (
        "store",
        &["connection", "dialect", "fault", "file", "head", "schema", "standby", "migrate", "rows"],
    ),
];

/// Files that gather a whole floor, and so may name every room of it.
const GATHERERS: [&str; 6] = [
    "src/http/mod.rs",
    "src/http/routes.rs",
    "src/http/openapi.rs",
    "src/http/server.rs",
    "src/service/mod.rs",
    "src/store/mod.rs",
];

fn look_up<'a>(table: &[(&str, &'a [&'a str])], key: &str) -> Option<&'a [&'a str]> {
    table.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
}

pub fn floors(source: &Source) -> Vec<String> {
    let Some(floor) = source.floor() else {
        return Vec::new();
    };
    if matches!(source.path.as_str(), "src/main.rs" | "src/lib.rs") {
        return Vec::new();
    }
    let Some(allowed) = look_up(&ARROWS, floor) else {
        return vec![source.offence(1, format!("`{floor}` is no floor of the house"))];
    };
    let mut offences = Vec::new();
    for path in paths(source) {
        let Some(inside) = path.inside_crate(source) else {
            continue;
        };
        let Some(target) = inside.first() else {
            continue;
        };
        if target != floor && !allowed.contains(&target.as_str()) {
            let what = format!("{floor} must not name {target} (`{}`)", path.written());
            offences.push(source.offence(path.line, what));
        }
    }
    offences
}

/// The rooms of one floor, and which room each re-exported name comes from.
pub struct Floor {
    name: String,
    rooms: BTreeSet<String>,
    exports: BTreeMap<String, String>,
}

impl Floor {
    pub fn survey(name: &str, sources: &[Source]) -> Self {
        let here = |source: &&Source| source.floor() == Some(name);
        let rooms: BTreeSet<String> = sources
            .iter()
            .filter(here)
            .filter_map(Source::room)
            .filter(|room| *room != "mod")
            .map(str::to_owned)
            .collect();
        let mut exports = BTreeMap::new();
        let gate = format!("src/{name}/mod.rs");
        for source in sources.iter().filter(|source| source.path == gate) {
            for path in paths(source).into_iter().filter(|path| path.imported) {
                let inside = path.inside_crate(source);
                let room = match &inside {
                    Some(inside) => inside.get(1).filter(|_| inside.len() > 2),
                    None => path.segments.first(),
                };
                if let Some(room) = room.filter(|room| rooms.contains(*room)) {
                    exports.insert(path.alias.clone(), room.clone());
                }
            }
        }
        Self { name: name.to_owned(), rooms, exports }
    }

    /// The room of this floor that a path names, if it names one.
    fn room_named(&self, path: &Named, source: &Source) -> Option<&str> {
        let inside = path.inside_crate(source)?;
        if inside.first() != Some(&self.name) {
            return None;
        }
        let second = inside.get(1)?;
        self.rooms.get(second).or_else(|| self.exports.get(second)).map(String::as_str)
    }
}

pub fn rooms(floor: &Floor, source: &Source) -> Vec<String> {
    let Some(fittings) = look_up(&FITTINGS, &floor.name) else {
        return Vec::new();
    };
    let gathers = GATHERERS.contains(&source.path.as_str());
    let Some(room) = source.room().filter(|_| !gathers) else {
        return Vec::new();
    };
    if source.floor() != Some(&floor.name) {
        return Vec::new();
    }
    let kind = if fittings.contains(&room) { "fitting" } else { "room" };
    let mut offences = Vec::new();
    for path in paths(source) {
        let Some(target) = floor.room_named(&path, source) else {
            continue;
        };
        if target != room && !fittings.contains(&target) {
            let what = format!("{kind} {room} must not name room {target} (`{}`)", path.written());
            offences.push(source.offence(path.line, what));
        }
    }
    offences
}

/// The domain's rooms must be able to stand in one order, each naming only those before it.
pub fn domain_order(sources: &[Source]) -> Vec<String> {
    let floor = Floor::survey("domain", sources);
    let mut arrows: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    for source in
        sources.iter().filter(|source| source.floor() == Some("domain") && !source.for_tests())
    {
        let Some(room) = source.room().filter(|room| *room != "mod") else {
            continue;
        };
        for path in paths(source) {
            let Some(target) = floor.room_named(&path, source) else {
                continue;
            };
            if target != room {
                let place = || source.offence(path.line, format!("{room} names {target}"));
                arrows.entry(room).or_default().entry(target).or_insert_with(place);
            }
        }
    }
    // Rooms that name nothing left are placed first, again and again; who remains is in a cycle,
    // or stands on one.
    let mut left: BTreeSet<&str> = floor.rooms.iter().map(String::as_str).collect();
    loop {
        let waits = |room: &&str| {
            arrows.get(*room).is_some_and(|to| to.keys().any(|target| left.contains(target)))
        };
        let waiting: BTreeSet<&str> = left.iter().copied().filter(|room| waits(room)).collect();
        if waiting.len() == left.len() {
            break;
        }
        left = waiting;
    }
    let between = |(from, to): (&str, &BTreeMap<&str, String>)| -> Vec<String> {
        let inside = |target: &&str| left.contains(from) && left.contains(*target);
        to.iter().filter(|(target, _)| inside(target)).map(|(_, place)| place.clone()).collect()
    };
    arrows.iter().flat_map(|(from, to)| between((from, to))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(files: &[(&str, &str)]) -> Vec<Source> {
        files.iter().map(|(path, text)| Source::new(path, text)).collect()
    }

    #[test]
    fn an_arrow_against_the_house_is_caught() {
        let caught = |path: &str, text: &str| floors(&Source::new(path, text)).len();
        assert_eq!(caught("src/http/stock.rs", "use crate::store::rows;"), 1);
        assert_eq!(caught("src/http/stock.rs", "use crate::{service::x, store::y};"), 1);
        assert_eq!(caught("src/domain/lot.rs", "fn f() { crate::telemetry::count(); }"), 1);
        assert_eq!(caught("src/domain/lot.rs", "use super::super::config;"), 1);
        assert_eq!(caught("src/config.rs", "use crate::domain::lot;"), 1);
        assert_eq!(caught("src/words.rs", ""), 1);
        assert_eq!(caught("src/service/stock.rs", "use crate::Opened;"), 1);
        assert_eq!(caught("src/http/stock.rs", "use crate::service::stock; use super::page;"), 0);
        assert_eq!(caught("src/lib.rs", "use crate::store::rows;"), 0);
        assert_eq!(caught("tests/model.rs", "use crate::store::rows;"), 0);
    }

    #[test]
    fn a_room_that_names_its_sibling_is_caught() {
        let all = house(&[
            ("src/http/mod.rs", "mod stock; pub use stock::Row; pub use self::page::Page;"),
            ("src/http/stock.rs", "use super::page::Page; use super::stock::Row;"),
            ("src/http/gaps.rs", "use super::stock::Row;"),
            ("src/http/depots/rows.rs", "use crate::http::Row; use super::names;"),
            ("src/http/depots/names.rs", "use crate::http::Page;"),
            ("src/http/page.rs", "mod tests { use super::super::gaps; }"),
            ("src/http/routes.rs", "use super::{stock, gaps};"),
        ]);
        let floor = Floor::survey("http", &all);
        let caught: Vec<String> = all.iter().flat_map(|source| rooms(&floor, source)).collect();
        let expected = [
            "src/http/gaps.rs:1: room gaps must not name room stock (`super::stock::Row`)",
            "src/http/depots/rows.rs:1: room depots must not name room stock (`crate::http::Row`)",
            "src/http/page.rs:1: fitting page must not name room gaps (`super::super::gaps`)",
        ];
        assert_eq!(caught, expected);
    }

    #[test]
    fn a_cycle_among_domain_rooms_is_caught() {
        let straight = house(&[
            ("src/domain/mod.rs", "pub mod lot; pub use lot::Lot;"),
            ("src/domain/lot.rs", "use super::quantity::Quantity;"),
            ("src/domain/quantity.rs", ""),
            ("src/domain/position.rs", "use crate::domain::Lot;"),
        ]);
        assert_eq!(domain_order(&straight), Vec::<String>::new());
        let round = house(&[
            ("src/domain/mod.rs", "pub mod lot; pub use lot::Lot;"),
            ("src/domain/lot.rs", "use super::quantity::Quantity;"),
            ("src/domain/quantity/mod.rs", "use crate::domain::Lot;"),
            ("src/domain/region.rs", ""),
        ]);
        let expected = [
            "src/domain/lot.rs:1: lot names quantity",
            "src/domain/quantity/mod.rs:1: quantity names lot",
        ];
        assert_eq!(domain_order(&round), expected);
    }
}
