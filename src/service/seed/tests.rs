//! The seeds: counts, sums, fit and sameness; and the whole demo booked.
//!
//! Lives here: what the files must give. Does not live here: the database. Invariant: every record
//! fits the others, and every draft can be booked.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::*;
use crate::domain::access::Principal;
use crate::domain::calendar::Instant;
use crate::domain::catalogue::Code;
use crate::domain::fixture::{day, region_code};
use crate::domain::lot::Usability;
use crate::domain::movement::Condition;
use crate::domain::position::Position;
use crate::domain::posting::{Desk, History, faults, plan};
use crate::domain::quota::{Quota, Subject};
use crate::domain::reference::Reference;
use crate::domain::region::{LocationSource, Region, Tier};

const ON: &str = "2026-03-15";

fn reference(records: &[Record]) -> Reference {
    Reference::default().with(records.iter().cloned())
}

fn regions(records: &[Record]) -> Vec<&Region> {
    records
        .iter()
        .filter_map(|record| match record {
            Record::Region(row) => Some(row),
            _ => None,
        })
        .collect()
}

fn quotas(records: &[Record]) -> Vec<&Quota> {
    records
        .iter()
        .filter_map(|record| match record {
            Record::Quota(row) => Some(row),
            _ => None,
        })
        .collect()
}

#[test]
fn the_base_has_every_record_once_and_each_fits() {
    let records = base().unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &records {
        let kind = match record {
            Record::Region(row) => row.tier.as_str(),
            Record::Organization(_) => "organization",
            Record::Need(_) => "need",
            Record::Item(_) => "item",
            Record::Profile(_) => "profile",
            Record::Agreement(_) => "agreement",
            Record::Capacity(_) => "capacity",
            Record::Pledge(_) => "pledge",
            Record::Route(_) => "route",
            Record::Road(_) => "road",
            Record::Helibase(_) => "helibase",
            Record::WaterLeg(_) => "water_leg",
            Record::Closure(_) => "closure",
            Record::QuotaRule(_) => "quota_rule",
            Record::Quota(_) => "quota",
            Record::Event(_) => "event",
            Record::Depot(_) | Record::Plan(_) | Record::Key(_) => "other",
        };
        *counts.entry(kind).or_default() += 1;
    }
    assert_eq!(regions(&records).len(), 7_206);
    let expected = [
        ("city", 2),
        ("county", 20),
        ("event", 4),
        ("item", 117),
        ("need", 9),
        ("organization", 22 + 20 + 229 + 6_954),
        ("profile", 2),
        ("province", 1),
        ("quota", counts["quota"]),
        ("road", 3_792),
        ("township", 229),
        ("village", 6_954),
    ];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);

    // In order: a record may only name what stands before it. Quotas are checked against all.
    let mut seen: HashSet<String> = HashSet::new();
    for region in regions(&records) {
        assert!(region.parent.is_none_or(|code| seen.contains(&code.to_string())));
        seen.insert(region.code.to_string());
    }
    let all = reference(&records);
    for record in &records {
        assert_eq!(all.check(record), Ok(()), "{record:?}");
    }
    assert_eq!(all.regions.len(), 7_206);
    assert_eq!(all.quotas.values().count(), quotas(&records).len());
}

#[test]
fn people_sum_up() {
    let records = base().unwrap();
    let regions = regions(&records);
    let mut sums: HashMap<_, i64> = HashMap::new();
    for region in &regions {
        if let Some(parent) = region.parent {
            *sums.entry(parent).or_default() += region.population.unwrap();
        }
        let source = region.population_source.as_deref().unwrap();
        let counted = region.tier <= Tier::County;
        assert_eq!(source.starts_with("census 2020"), counted, "{}", region.code);
        assert_eq!(source.starts_with("estimated: "), !counted);
        assert!(region.population.unwrap() > 0, "{}", region.code);
    }
    for region in regions.iter().filter(|region| region.tier > Tier::Province) {
        if let Some(sum) = sums.get(&region.code) {
            assert_eq!(region.population, Some(*sum), "{}", region.code);
        }
    }
    let displaced = |code| {
        let region = regions.iter().find(|r| r.code == region_code(code));
        region.unwrap().planned_displaced
    };
    assert_eq!(displaced("3713"), Some(55_092));
    assert_eq!(displaced("3710"), Some(14_533));
    assert_eq!(displaced("371302"), Some(14_703));
    assert_eq!(displaced("37"), None);
    assert_eq!(people::shares(10, &[1, 1, 1]), [4, 3, 3]);
    assert_eq!(people::shares(7, &[0, 2, 1]), [0, 5, 2]);
}

#[test]
fn places_say_what_is_known_of_them() {
    let records = base().unwrap();
    let regions = regions(&records);
    let of = |code: &str| *regions.iter().find(|r| r.code == region_code(code)).unwrap();
    let count = |source| {
        let with = |region: &&&Region| region.location_source == source;
        regions.iter().filter(with).count()
    };
    assert_eq!(count(LocationSource::Seat), 87);
    assert_eq!(count(LocationSource::Inherited), 7_206 - 87);
    assert!(regions.iter().all(|region| region.location.is_some()));
    let zones = regions.iter().filter(|region| region.functional_zone);
    assert_eq!(zones.count(), 4);
    assert_eq!(of("371302").area_ha, Some(89_220));
    assert_eq!(of("371321").mountain, Some(true));
    assert_eq!(of("371321001").mountain, Some(true));
    assert_eq!(of("3713").mountain, None);
    let township = of("371302001");
    assert_eq!(township.location, of("371302").location);
    assert_eq!(of("371002001").location_source, LocationSource::Seat);
}

#[test]
fn quotas_follow_the_rules() {
    let records = base().unwrap();
    let quotas = quotas(&records);
    let of_region = |code: &str| {
        let code = region_code(code);
        quotas.iter().filter(|quota| quota.region == code).count()
    };
    assert_eq!((of_region("3713"), of_region("3710")), (49, 53));
    assert_eq!((of_region("371302"), of_region("371002")), (35, 36));
    assert_eq!(of_region("371302001"), 11);
    let target = |region: &str, item: &str| {
        let subject = Subject::Item(Code::parse(item).unwrap());
        let region = region_code(region);
        let found = quotas.iter().find(|q| q.region == region && q.subject == subject);
        found.map(|quota| (quota.target, quota.floor))
    };
    assert_eq!(target("3713", "QUILT"), Some((44_074, 44_074)));
    assert_eq!(target("3713", "WATER-500"), None);
    assert_eq!(target("371302", "WATER-500"), Some((17_644, 14_116)));
    assert_eq!(target("3713", "OIL-BOOM"), None);
    assert_eq!(target("3710", "OIL-BOOM"), Some((3_000, 3_000)));
    let villages = quotas.iter().filter(|quota| quota.region.tier() == Tier::Village);
    assert!(villages.clone().count() > 0);
    assert!(villages.clone().all(|quota| quota.region.to_string().starts_with("3713")));
}

#[test]
fn the_same_day_gives_the_same_bytes() {
    assert_eq!(base(), base());
    let (one, two) = (demo(day(ON)).unwrap(), demo(day(ON)).unwrap());
    assert_eq!(format!("{one:?}"), format!("{two:?}"));
    let other = demo(day("2026-03-16")).unwrap();
    let depots = |demo: &Demo| {
        let depot = |record: &&Record| matches!(record, Record::Depot(_));
        demo.records.iter().filter(depot).cloned().collect::<Vec<_>>()
    };
    assert!(depots(&one) == depots(&other));
    assert!(one.records != other.records, "declarations are dated from the day");
    assert_ne!(one.drafts, other.drafts);
}

/// The demo booked draft by draft.
fn booked(demo: &Demo) -> Position {
    let mut records = base().unwrap();
    records.extend(demo.records.iter().cloned());
    let reference = reference(&records);
    for record in &demo.records {
        assert_eq!(reference.check(record), Ok(()));
    }
    let mut position = Position::empty();
    position.set_reference(std::sync::Arc::new(reference), 1);
    let principal = Principal::operator("seed");
    let history = History::default();
    let now = Instant::start_of(demo.on);
    let mut papers = HashSet::new();
    for draft in &demo.drafts {
        assert_eq!(faults(draft, now), Vec::new());
        assert!(papers.insert(draft.paper.document_no.clone().unwrap()));
        let desk = Desk {
            position: &position,
            history: &history,
            principal: &principal,
            id: Uuid::from_u128(u128::try_from(position.head.seq).unwrap()),
            now,
        };
        let movement = plan(desk, draft, None).unwrap();
        position.apply(&movement).unwrap();
    }
    position
}

#[test]
fn the_whole_demo_can_be_booked() {
    let demo = demo(day(ON)).unwrap();
    let position = booked(&demo);
    let lines: usize = demo.drafts.iter().map(|draft| draft.lines.len()).sum();
    assert_eq!(position.lot_count(), lines);
    assert!(demo.drafts.iter().all(|draft| draft.lines.len() <= 500));

    let (mut good, mut expired, mut overdue, mut due, mut damaged) = (0, 0, 0, 0, 0);
    let mut held: HashMap<(Option<u32>, u32), i64> = HashMap::new();
    let reference = &position.reference;
    for (depot, shard) in position.shards() {
        for row in shard.rows() {
            let lot = position.lot(row.key.lot).unwrap();
            let item = reference.items.get(row.key.item).unwrap();
            match (row.key.condition, lot.usability(item, demo.on)) {
                (Condition::Good, Usability::Expired) => expired += 1,
                (Condition::Good, Usability::Overdue) => overdue += 1,
                (Condition::Good, Usability::Usable) => {
                    good += 1;
                    due += usize::from(lot.due_on(item).is_some_and(|day| day <= demo.on));
                    let owner = reference.owner_region(row.key.owner).unwrap();
                    *held.entry((Some(owner.0), row.key.item)).or_default() += row.quantity;
                }
                _ => damaged += 1,
            }
            assert!(reference.depot_region(depot).is_some());
        }
    }
    assert_eq!(good + expired + overdue + damaged, lines);
    assert!(expired > 20 && overdue > 20 && due > 200 && damaged > 50);
    let records = base().unwrap();
    let quotas = quotas(&records);
    let short = quotas.iter().filter(|quota| {
        let Subject::Item(item) = &quota.subject else {
            return false;
        };
        let region = reference.regions.find(quota.region).map(|ix| ix.0);
        let item = reference.items.find(item.as_str()).unwrap();
        held.get(&(region, item)).copied().unwrap_or(0) < quota.target
    });
    let (short, all) = (short.count(), quotas.len());
    assert!(short * 4 > all && short < all, "{short} of {all}");
    println!(
        "depots {}, drafts {}, lines {lines}, quotas {all}, short {short}, good {good}, due {due}, \
         expired {expired}, overdue {overdue}, damaged or in quarantine {damaged}",
        demo.records.len(),
        demo.drafts.len()
    );
}

#[test]
fn some_places_have_no_depot_and_proxies_are_not_the_citys() {
    let demo = demo(day(ON)).unwrap();
    let records = base().unwrap();
    let mut with_depot = HashSet::new();
    for record in &demo.records {
        let Record::Depot(depot) = record else { continue };
        assert!(depot.name.ends_with("(演示)"));
        with_depot.insert(depot.region);
    }
    let townships: Vec<_> =
        regions(&records).into_iter().filter(|region| region.tier == Tier::Township).collect();
    let covered = |region: &&&Region| with_depot.contains(&region.code);
    let count = townships.iter().filter(covered).count();
    assert!(count > 190 && count < townships.len(), "{count}");
    let proxies = demo.drafts.iter().flat_map(|draft| &draft.lines);
    let proxies = proxies.filter(|line| line.owner.is_some());
    assert_eq!(proxies.count(), 12);
    assert!(demo.drafts.iter().all(|draft| {
        let note = draft.paper.note.as_deref().unwrap();
        note.contains("演示数据,非真实库存") && note.contains("not real stock")
    }));
}

#[test]
fn some_places_are_not_reached_and_the_need_is_named() {
    use crate::domain::coverage::{Query, Scope, Shock, coverage};
    let demo = demo(day(ON)).unwrap();
    let position = booked(&demo);
    let regions = &position.reference.regions;
    for city in ["3713", "3710"] {
        let query = Query {
            region: regions.find(region_code(city)).unwrap(),
            tier: Some(Tier::Township),
            hours: None,
            days: 1,
            scope: Scope::OwnChain,
            clock: None,
            on: demo.on,
            speed_percent: 100,
            off_hours: false,
            shock: Shock::default(),
            closures: Vec::new(),
            blocked: crate::domain::travel::Blocked::default(),
            detail: false,
        };
        let rows = coverage(&position, &query).unwrap().rows;
        let short: Vec<_> = rows.iter().filter(|row| row.compliant == Some(false)).collect();
        assert!((5..rows.len() / 2).contains(&short.len()), "{city}: {}", short.len());
        let named = |row: &&&_| {
            let row: &crate::domain::coverage::Row = row;
            row.binding.as_ref().is_some_and(|binding| binding.short > Some(0))
        };
        assert_eq!(short.iter().filter(named).count(), short.len());
    }
}

#[test]
fn what_the_demo_promises_fits_and_says_that_it_is_made_up() {
    let mut records = base().unwrap();
    let demo = demo(day(ON)).unwrap();
    records.extend(demo.records.clone());
    let all = reference(&records);
    let mut kinds = BTreeMap::<&str, usize>::new();
    for record in &demo.records {
        assert_eq!(all.check(record), Ok(()), "{record:?}");
        let (kind, said) = match record {
            Record::Organization(row) => ("organization", row.name.clone()),
            Record::Agreement(row) => ("agreement", row.terms.name.clone()),
            Record::Capacity(row) => ("capacity", row.terms.name.clone()),
            Record::Pledge(row) => ("pledge", row.terms.name.clone()),
            Record::QuotaRule(row) => ("quota_rule", row.name.clone()),
            Record::Route(row) => ("route", row.source.clone()),
            Record::Helibase(row) => ("helibase", row.source.clone()),
            Record::WaterLeg(row) => ("water_leg", row.source.clone()),
            Record::Closure(row) => ("closure", row.document.clone().unwrap_or_default()),
            _ => continue,
        };
        assert!(said.contains("示例"), "{said}");
        *kinds.entry(kind).or_default() += 1;
    }
    let expected = [
        ("agreement", 5),
        ("capacity", 2),
        ("closure", 7),
        ("helibase", 2),
        ("organization", 5),
        ("pledge", 2),
        ("quota_rule", 5),
        ("route", 2),
        ("water_leg", 2),
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn the_demos_modes_differ_and_some_are_in_doubt() {
    use crate::domain::mode_mix::{Query, mode_mix};
    use crate::domain::source::View;
    let demo = demo(day(ON)).unwrap();
    let position = booked(&demo);
    let view = View { on: day(ON), hours: Some(72), prudent: false };
    let region = position.reference.regions.find(region_code("3713")).unwrap();
    let rows = mode_mix(&position, &Query { region, tier: None, item: None, need: None, view });
    let row = |code: &str| rows.iter().find(|row| row.goods.code().as_str() == code).unwrap();
    let quilts = row("QUILT");
    assert!(quilts.own.totals.gov_only < quilts.own.totals.gov_agreement);
    assert_eq!(quilts.own.cells.map(|cell| cell.available)[1..3], [5_200, 10_800]);
    assert_eq!(row("WATER-500").total.cells[1].stale, 1);
    assert_eq!(row("BISCUIT-200").own.cells[1].unknown, 1);
}
