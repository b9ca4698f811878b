//! What a routing server is asked for: which depots and regions, and their table put together.
//!
//! Lives here: from codes to points, and block by block to one matrix. Does not live here: the wire
//! (`server`). Invariant: a place whose point is another's is not asked for, as the answer would
//! pass for a measured time; it is named.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::Matrix as Options;
use crate::domain::catalogue::Code;
use crate::domain::depot::DepotStatus;
use crate::domain::reference::Reference;
use crate::domain::region::{LocationSource, Point, RegionCode, Tier};
use crate::http::reference::matrix::{self, MAX_PAIRS, Matrix, Origin, Places};
use crate::http::words::Language;

use super::super::super::Failed;
use super::blocks::blocks;
use super::refused;
use super::server::Server;

/// Places by code; `None` is one without a point of its own.
type Found<C> = BTreeMap<C, Option<Point>>;

/// The whole table, and how it came about.
pub struct Asked {
    pub matrix: Matrix,
    pub requests: usize,
    pub depots: usize,
    pub regions: usize,
    /// Codes of places that were not asked for.
    pub left_out: Vec<String>,
}

/// Asks a server for the times between the depots and regions that the options name.
///
/// # Errors
/// `Failed` for codes that are not known, too many pairs, a server that does not answer, and what
/// an answer has wrong.
pub fn ask(
    reference: &Reference,
    (address, options): (&str, &Options),
    origin: &Origin,
    language: Language,
) -> Result<Asked, Failed> {
    let kind = options.server_kind.ok_or_else(|| Failed("--kind is osrm or valhalla".into()))?;
    let timeout = Duration::from_secs(options.timeout_s);
    let server = Server::at(address, kind, (options.retries, timeout), language)?;
    let (depots, regions) = (depots(reference, options)?, regions(reference, options)?);
    let mut left_out = Vec::new();
    let sources = placed(depots, &mut left_out);
    let destinations = placed(regions, &mut left_out);
    for (places, flag) in [(sources.len(), "--from"), (destinations.len(), "--to")] {
        if places == 0 {
            return Err(Failed(language.pick(
                format!("{flag} 中没有自身坐标已知的地点"),
                format!("{flag} names no place with a position of its own"),
            )));
        }
    }
    bounded(sources.len().saturating_mul(destinations.len()), language)?;
    let blocks = blocks(sources.len(), destinations.len(), options.block);
    let mut whole = Matrix::default();
    for [from, to] in &blocks {
        let from = sources.get(from.clone()).unwrap_or_default();
        let to = destinations.get(to.clone()).unwrap_or_default();
        let bytes = server.table(&points(from), &points(to))?;
        let places = Places::of(codes(from), codes(to));
        let part = matrix::read(&bytes, &places, origin);
        whole.add(part.map_err(|faults| refused(&faults, language))?);
    }
    Ok(Asked {
        matrix: whole,
        requests: blocks.len(),
        depots: sources.len(),
        regions: destinations.len(),
        left_out,
    })
}

/// Refuses more pairs than one matrix has.
fn bounded(pairs: usize, language: Language) -> Result<(), Failed> {
    let most = MAX_PAIRS;
    let told = || {
        Failed(language.pick(
            format!("{pairs} 对,最多 {most} 对:请分批请求"),
            format!("{pairs} pairs, where {most} are the most: ask for fewer at a time"),
        ))
    };
    (pairs <= most).then_some(()).ok_or_else(told)
}

/// Those with a point of their own; the others are named.
fn placed<C: ToString>(found: Found<C>, left_out: &mut Vec<String>) -> Vec<(C, Point)> {
    let mut placed = Vec::new();
    for (code, point) in found {
        match point {
            Some(point) => placed.push((code, point)),
            None => left_out.push(code.to_string()),
        }
    }
    placed
}

fn points<C>(places: &[(C, Point)]) -> Vec<Point> {
    places.iter().map(|(_, point)| *point).collect()
}

fn codes<C: Clone>(places: &[(C, Point)]) -> Vec<C> {
    places.iter().map(|(code, _)| code.clone()).collect()
}

/// The depots that are named, and all that are not closed in the divisions that are.
fn depots(reference: &Reference, options: &Options) -> Result<Found<Code>, Failed> {
    let mut found = Found::new();
    for word in &options.from {
        let region = RegionCode::parse(word).and_then(|code| reference.regions.find(code));
        let named = reference.depots.find(word);
        if named.is_none() && region.is_none() {
            return Err(Failed(format!("--from: `{word}` is neither a depot nor a division")));
        }
        for (ix, depot) in reference.depots.iter() {
            let inside = region.zip(reference.depot_region(ix)).is_some_and(|(root, region)| {
                depot.status != DepotStatus::Closed && reference.regions.within(region, root)
            });
            if named == Some(ix) || (named.is_none() && inside) {
                let own = depot.location_source != LocationSource::Inherited;
                found.insert(depot.code.clone(), own.then_some(depot.location));
            }
        }
    }
    Ok(found)
}

/// The regions that are named, or all of a tier in them.
fn regions(reference: &Reference, options: &Options) -> Result<Found<RegionCode>, Failed> {
    let regions = &reference.regions;
    let tier = |word: &String| {
        let words = Tier::ALL.map(Tier::as_str).join(", ");
        Tier::parse(word).ok_or_else(|| Failed(format!("--tier is one of {words}")))
    };
    let tier = options.tier.as_ref().map(tier).transpose()?;
    let mut found = Found::new();
    for word in &options.to {
        let root = RegionCode::parse(word)
            .and_then(|code| regions.find(code))
            .ok_or_else(|| Failed(format!("--to: `{word}` is no known division")))?;
        let wanted = match &tier {
            None => vec![root],
            Some(tier) => regions.of_tier(root, *tier).to_vec(),
        };
        for region in wanted.into_iter().filter_map(|ix| regions.get(ix)) {
            let own = region.location_source != LocationSource::Inherited;
            found.insert(region.code, region.location.filter(|_| own));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RoutingServer;
    use crate::domain::fixture::*;
    use crate::domain::position::Position;
    use crate::domain::reference::Record;

    #[test]
    fn more_pairs_than_one_matrix_has_are_not_asked_for() {
        assert!(bounded(MAX_PAIRS, Language::En).is_ok());
        let told = bounded(MAX_PAIRS + 1, Language::En).unwrap_err();
        assert!(told.0.contains("200001 pairs"), "{}", told.0);
    }

    #[test]
    fn a_server_is_not_asked_for_more_pairs_than_one_matrix_has() {
        let mut records = vec![
            Record::Region(region("37", 117_000_000, 36_000_000)),
            Record::Region(region("3713", 118_000_000, 35_000_000)),
            Record::Region(region("371301", 118_100_000, 35_100_000)),
            Record::Organization(organization("O", "3713")),
        ];
        let point = |number: i32| (118_000_000 + number, 35_000_000 + number);
        for number in 0..500_i32 {
            let (lon, lat) = point(number);
            records.push(Record::Region(region(&format!("371301{}", 101 + number), lon, lat)));
        }
        for number in 0..401_i32 {
            let (lon, lat) = point(number);
            records.push(Record::Depot(depot(&format!("D-{number}"), "3713", "O", lon, lat)));
        }
        let reference = with_records(&Position::empty(), records).reference;
        let told = |from: Vec<String>| {
            let options = Options {
                places: None,
                source: None,
                valid_from: None,
                server: None,
                server_kind: Some(RoutingServer::Osrm),
                from,
                to: vec!["371301".to_string()],
                tier: Some("township".to_string()),
                block: 100,
                retries: 0,
                timeout_s: 60,
            };
            let origin = Origin { source: "x".to_string(), valid_from: day("2026-11-22") };
            // Nobody listens there.
            let server = ("http://127.0.0.1:1", &options);
            let Err(failed) = ask(&reference, server, &origin, Language::En) else {
                panic!("somebody has answered");
            };
            failed.0
        };
        let most = (0..400).map(|number| format!("D-{number}")).collect();
        assert!(told(most).contains("asked 1 times"));
        let more = told(vec!["3713".to_string()]);
        assert!(more.starts_with("200500 pairs, where 200000 are the most"), "{more}");
    }
}
