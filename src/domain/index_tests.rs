//! Tests of the index: after any entries, amendments and days, answers from it are those of a pass
//! over the balances, field by field.

use proptest::prelude::*;

use crate::domain::catalogue::LifeKind;
use crate::domain::fixture::*;
use crate::domain::gap::{self, gaps};
use crate::domain::movement::{Condition, Draft, DraftLine, Movement, MovementType};
use crate::domain::position::Position;
use crate::domain::quota::{Mode, Subject};
use crate::domain::reference::Record;
use crate::domain::region::{RegionIx, Tier};
use crate::domain::stock::{self, GroupBy, stock};
use crate::domain::summary::{self, By, summarise};

const PLACES: [&str; 7] =
    ["3713", "371301", "371302", "371301101", "371301102", "371301101201", "370201"];
const OWNERS: [&str; 9] = [
    "O-37",
    "O-3713",
    "O-371301",
    "O-371302",
    "O-371301101",
    "O-371301101201",
    "P-371301",
    "O-370201",
    "O-371301102",
];
const ITEMS: [&str; 3] = ["QUILT", "WATER", "TENT"];
const DAYS: [&str; 5] = ["2021-11-09", "2021-11-10", "2021-11-11", "2021-12-09", "2022-11-11"];
const EXPIRIES: [Option<&str>; 6] = [
    None,
    Some("2021-11-09"),
    Some("2021-11-10"),
    Some("2021-12-09"),
    Some("2021-12-10"),
    Some("2022-11-10"),
];

/// The fixture's world, a second city without a depot of its own, and two bodies of one county.
fn ground() -> Position {
    let mut records = vec![
        Record::Region(region("3702", 120_380_000, 36_060_000)),
        Record::Region(region("370201", 120_390_000, 36_070_000)),
        Record::Organization(organization("O-370201", "370201")),
        Record::Organization(organization("P-371301", "371301")),
        Record::Depot(depot("D-370201", "370201", "O-370201", 120_390_000, 36_070_000)),
    ];
    let quotas = [("3713", "QUILT", 50), ("371301", "WATER", 90), ("371301101", "WATER", 40)];
    records.extend(quotas.map(|(place, item, target)| {
        Record::Quota(quota(place, Subject::Item(code(item)), target, target / 2))
    }));
    let water = Subject::Need(code("water"));
    records.push(Record::Quota(quota("371302", water, 20_000, 0)));
    with_records(&world(), records)
}

#[derive(Debug, Clone)]
enum Step {
    Receive {
        depot: usize,
        owner: usize,
        item: usize,
        quantity: i64,
        expiry: usize,
        bad: u8,
    },
    /// Of the goods that lie at some place: so many, or all where there are fewer.
    Issue {
        nth: usize,
        quantity: i64,
    },
    Relocate {
        nth: usize,
        to: usize,
        quantity: i64,
    },
    /// Takes back an earlier entry, if its goods are still there.
    Reverse(usize),
    Day(usize),
    Amend(Amendment),
}

#[derive(Debug, Clone)]
enum Amendment {
    Quota { place: usize, item: usize, target: i64, from: usize },
    NeedQuota { place: usize, target: i64 },
    NewDepot(usize),
    MovedDepot { depot: usize, to: usize },
    NewTownship,
    Life { item: usize, hard: bool, perishing_days: Option<u32> },
    Provision { item: usize, amount: i64 },
    NewItem,
    MovedOwner { owner: usize, to: usize },
}

fn any_step() -> impl Strategy<Value = Step> {
    let (d, o, i) = (0..PLACES.len(), 0..OWNERS.len(), 0..ITEMS.len());
    let receive = (d.clone(), o, i, 1..60_i64, 0..EXPIRIES.len(), 0..8_u8);
    let receive = receive.prop_map(|(depot, owner, item, quantity, expiry, bad)| Step::Receive {
        depot,
        owner,
        item,
        quantity,
        expiry,
        bad,
    });
    let issue = (any::<usize>(), 1..90_i64);
    let issue = issue.prop_map(|(nth, quantity)| Step::Issue { nth, quantity });
    let relocate = (any::<usize>(), d, 1..90_i64);
    let relocate = relocate.prop_map(|(nth, to, quantity)| Step::Relocate { nth, to, quantity });
    prop_oneof![
        8 => receive,
        5 => issue,
        3 => relocate,
        3 => any::<usize>().prop_map(Step::Reverse),
        2 => (0..DAYS.len()).prop_map(Step::Day),
        4 => any_amendment().prop_map(Step::Amend),
    ]
}

fn any_amendment() -> impl Strategy<Value = Amendment> {
    let (d, o, i) = (0..PLACES.len(), 0..OWNERS.len(), 0..ITEMS.len());
    prop_oneof![
        6 => (d.clone(), i.clone(), 0..200_i64, 0..DAYS.len()).prop_map(
            |(place, item, target, from)| Amendment::Quota { place, item, target, from }
        ),
        2 => (d.clone(), 0..40_000_i64)
            .prop_map(|(place, target)| Amendment::NeedQuota { place, target }),
        1 => d.clone().prop_map(Amendment::NewDepot),
        1 => (d.clone(), d.clone()).prop_map(|(depot, to)| Amendment::MovedDepot { depot, to }),
        1 => Just(Amendment::NewTownship),
        3 => (i.clone(), any::<bool>(), prop::option::of(0..60_u32)).prop_map(
            |(item, hard, days)| {
                Amendment::Life { item, hard, perishing_days: days }
            }
        ),
        1 => (i.clone(), 1..600_i64)
            .prop_map(|(item, amount)| Amendment::Provision { item, amount }),
        1 => Just(Amendment::NewItem),
        1 => (o.clone(), d.clone()).prop_map(|(owner, to)| Amendment::MovedOwner { owner, to }),
    ]
}

fn record(amendment: &Amendment) -> Record {
    let depot_at = |name: &str, place: usize| {
        Record::Depot(depot(name, PLACES[place], "O-3713", 118_000_000, 35_000_000))
    };
    match amendment {
        Amendment::Quota { place, item, target, from } => {
            let subject = Subject::Item(code(ITEMS[*item]));
            let mut quota = quota(PLACES[*place], subject, *target, target / 3);
            quota.effective_from = day(DAYS[*from]);
            Record::Quota(quota)
        }
        Amendment::NeedQuota { place, target } => {
            Record::Quota(quota(PLACES[*place], Subject::Need(code("water")), *target, 0))
        }
        Amendment::NewDepot(place) => depot_at("D-NEW", *place),
        Amendment::MovedDepot { depot, to } => depot_at(&format!("D-{}", PLACES[*depot]), *to),
        Amendment::NewTownship => Record::Region(region("370201101", 120_400_000, 36_080_000)),
        Amendment::Life { item: at, hard, perishing_days } => {
            let kind = if *hard { LifeKind::Hard } else { LifeKind::Advisory };
            let mut item = item(ITEMS[*at], None, kind, 12);
            item.life.perishing_days = *perishing_days;
            Record::Item(item)
        }
        Amendment::Provision { item: at, amount } => {
            Record::Item(item(ITEMS[*at], Some(("water", *amount)), LifeKind::Hard, 12))
        }
        Amendment::NewItem => Record::Item(item("AAA", None, LifeKind::None, 0)),
        Amendment::MovedOwner { owner, to } => {
            Record::Organization(organization(OWNERS[*owner], PLACES[*to]))
        }
    }
}

/// A line that takes from the nth good balance there is.
fn taken(position: &Position, nth: usize, quantity: i64) -> Option<DraftLine> {
    let shards = position.shards();
    let all = shards.flat_map(|(depot, shard)| shard.rows().iter().map(move |row| (depot, row)));
    let good: Vec<_> =
        all.filter(|(_, row)| row.quantity > 0 && row.key.condition == Condition::Good).collect();
    let (depot, row) = good.get(nth.checked_rem(good.len())?)?;
    let reference = &position.reference;
    let owner = reference.organizations.get(row.key.owner)?.code.clone();
    let (depot, item) = (reference.depots.get(*depot)?, reference.items.get(row.key.item)?);
    let mut line = out(depot.code.as_str(), item.code.as_str(), quantity.min(row.quantity));
    line.owner = Some(owner);
    Some(line)
}

fn drawn(position: &Position, step: &Step) -> Option<Draft> {
    let at = noon("2021-11-01");
    let place = |depot: usize| format!("D-{}", PLACES[depot]);
    match step {
        Step::Receive { depot, owner, item, quantity, expiry, bad } => {
            let mut line = into(&place(*depot), ITEMS[*item], *quantity);
            line.owner = Some(code(OWNERS[*owner]));
            line.condition = match bad {
                0 => Condition::Quarantine,
                1 => Condition::Damaged,
                _ => Condition::Good,
            };
            // WATER must have a date.
            let expiry = EXPIRIES[*expiry].unwrap_or("2023-01-01");
            line.lot = Some(lot(&format!("L{expiry}"), expiry));
            Some(draft(MovementType::Opening, at, vec![line]))
        }
        Step::Issue { nth, quantity } => {
            Some(draft(MovementType::Issue, at, vec![taken(position, *nth, *quantity)?]))
        }
        Step::Relocate { nth, to, quantity } => {
            let mut line = taken(position, *nth, *quantity)?;
            line.to = Some(code(&place(*to)));
            Some(draft(MovementType::Relocate, at, vec![line]))
        }
        Step::Reverse(_) | Step::Day(_) | Step::Amend(_) => None,
    }
}

/// Takes a step, or leaves things as they are where the rules refuse it.
fn take(position: &mut Position, booked: &mut Vec<Movement>, step: &Step) {
    match step {
        Step::Reverse(nth) if !booked.is_empty() => {
            let mut back = booked.remove(nth % booked.len());
            back.seq = position.head.seq + 1;
            for line in &mut back.lines {
                std::mem::swap(&mut line.from, &mut line.to);
            }
            let mut next = position.clone();
            if next.apply(&back).is_ok() {
                *position = next;
            }
        }
        Step::Day(nth) => position.keep_index(day(DAYS[*nth])),
        Step::Amend(amendment) => *position = with_records(position, vec![record(amendment)]),
        _ => {
            if let Some(draft) = drawn(position, step)
                && let Ok(movement) = book(position, &draft, noon("2021-11-02"))
            {
                booked.push(movement);
            }
        }
    }
}

fn regions(position: &Position) -> Vec<RegionIx> {
    position.reference.regions.iter().map(|(ix, _)| ix).collect()
}

fn all_tiers() -> Vec<Option<Tier>> {
    std::iter::once(None).chain(Tier::ALL.map(Some)).collect()
}

/// Asks both for everything that an index may answer.
fn compare(kept: &Position, plain: &Position) -> Result<(), TestCaseError> {
    for on in DAYS.map(day) {
        for region in regions(plain) {
            for tier in all_tiers() {
                compare_at(kept, plain, region, tier, on)?;
            }
        }
    }
    Ok(())
}

fn compare_at(
    kept: &Position,
    plain: &Position,
    region: RegionIx,
    tier: Option<Tier>,
    on: chrono::NaiveDate,
) -> Result<(), TestCaseError> {
    let item = plain.reference.items.find("WATER");
    let (need, mode, function_class) = (None, Mode::GovPhysical, None);
    let query = gap::Query { region, tier, item: None, need, function_class, mode, on };
    prop_assert_eq!(gaps(kept, &query), gaps(plain, &query), "{:?}", query);
    let query = gap::Query { need: plain.reference.needs.find("water"), ..query };
    prop_assert_eq!(gaps(kept, &query), gaps(plain, &query), "{:?}", query);
    let query = gap::Query { item, need: None, ..query };
    prop_assert_eq!(gaps(kept, &query), gaps(plain, &query), "{:?}", query);
    for by in By::ALL {
        let owner_tiers = match by {
            By::Item => &[None, Some(Tier::City), Some(Tier::County), Some(Tier::Township)][..],
            By::Need | By::FunctionClass => &[None][..],
        };
        for owner_tier in owner_tiers.iter().copied() {
            let query = summary::Query { region, tier, owner_tier, by, on };
            prop_assert_eq!(summarise(kept, &query), summarise(plain, &query), "{:?}", query);
        }
    }
    for group_by in GroupBy::ALL {
        let (region, depot, owner) = (Some(region), None, None);
        let query = stock::Query { region, depot, item, owner, function_class, on, group_by, tier };
        prop_assert_eq!(stock(kept, &query), stock(plain, &query), "{:?}", query);
        let query = stock::Query { item: None, region: None, ..query };
        prop_assert_eq!(stock(kept, &query), stock(plain, &query), "{:?}", query);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_index_is_what_a_pass_would_give(steps in prop::collection::vec(any_step(), 1..40)) {
        let mut kept = ground();
        kept.keep_index(day(DAYS[1]));
        let mut plain = ground();
        let (mut booked, mut booked_plain) = (Vec::new(), Vec::new());
        for step in &steps {
            take(&mut kept, &mut booked, step);
            if !matches!(step, Step::Day(_)) {
                take(&mut plain, &mut booked_plain, step);
            }
            prop_assert!(kept.index().is_some() && plain.index().is_none());
            prop_assert!(kept.index_agrees(), "after {:?}", step);
        }
        prop_assert_eq!(kept.head.seq, plain.head.seq);
        compare(&kept, &plain)?;
    }
}

#[test]
fn a_snapshot_keeps_its_figures_while_the_next_one_moves_on() {
    let mut position = ground();
    position.keep_index(day(DAYS[1]));
    receive(&mut position, "D-371301", "WATER", 30, lot("A", "2022-01-01"));
    let before = position.clone();
    receive(&mut position, "D-371301", "WATER", 12, lot("A", "2022-01-01"));
    let on_hand = |position: &Position| {
        let (item, part) = (position.reference.items.find("WATER").unwrap(), 0..9);
        let rows = part.filter_map(|part| position.index().unwrap().stock(part)?.get(item));
        rows.map(|figures| figures.on_hand).sum::<i64>()
    };
    assert_eq!((on_hand(&before), on_hand(&position)), (30, 42));
}

#[test]
fn the_past_is_rewound_in_the_index_too() {
    let mut position = ground();
    position.keep_index(day(DAYS[1]));
    receive(&mut position, "D-371301", "WATER", 30, lot("A", "2022-01-01"));
    let then = position.clone();
    receive(&mut position, "D-371301", "WATER", 12, lot("A", "2022-01-01"));
    let account = crate::domain::movement::Inside {
        depot: code("D-371301"),
        place: crate::domain::movement::Place::Depot,
        owner: code("O-371301"),
        condition: Condition::Good,
    };
    let past = position.rewound(&[(account, 1, 12)]).unwrap();
    assert!(past.index().is_some() && past.index_agrees());
    assert_ne!(then.head.seq, past.head.seq, "it stands where it stood, with other balances");
}
