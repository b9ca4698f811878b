//! What the province is asked: the questions, and how often each.
//!
//! Lives here: names, paths and counts. Does not live here: how answers are timed. Invariant: a
//! question that is asked fewer than 2,000 times says so in what is printed.

use super::{county_code, item_code, township_code};

/// As often as the figures that are wanted were set for.
const OFTEN: usize = 2_000;
/// Questions that take a tenth of a second or more.
const SELDOM: usize = 200;
/// Questions that walk over balances.
const RARELY: usize = 40;

const LATER: &str = "&as_of=2027-06-30";

/// A kind of question.
pub struct Question {
    pub name: &'static str,
    /// The room that answers.
    pub route: &'static str,
    pub times: usize,
    /// The path of the n-th.
    pub path: fn(usize) -> String,
}

fn ask(
    name: &'static str,
    route: &'static str,
    times: usize,
    path: fn(usize) -> String,
) -> Question {
    Question { name, route, times, path }
}

/// The questions of the groups that are named, or all, in the order of asking.
pub fn questions(named: impl Fn(&str) -> bool) -> Vec<Question> {
    type Group = (&'static str, fn() -> Vec<Question>);
    let groups: [Group; 4] = [
        ("today", today),
        ("later", another_date),
        ("owners", every_owner),
        ("balances", balances),
    ];
    let all = !groups.iter().any(|(name, _)| named(name));
    let asked = groups.into_iter().filter(|(name, _)| all || named(name));
    asked.flat_map(|(_, questions)| questions()).collect()
}

/// Today's figures.
fn today() -> Vec<Question> {
    vec![
        ask("one county: gaps", "/v1/gaps", OFTEN, |n| {
            format!("/v1/gaps?region={}", county_code(n))
        }),
        ask("one county: stock by item", "/v1/stock", OFTEN, |n| {
            format!("/v1/stock?group_by=item&region={}", county_code(n))
        }),
        ask("one county: summaries", "/v1/summaries", OFTEN, |n| {
            format!("/v1/summaries?region={}", county_code(n))
        }),
        ask("one item: gaps by county", "/v1/gaps", OFTEN, |n| {
            format!("/v1/gaps?region=37&tier=county&item={}", item_code(n))
        }),
        ask("one item: stock by county", "/v1/stock", OFTEN, |n| {
            format!("/v1/stock?region=37&group_by=region&tier=county&item={}", item_code(n))
        }),
        ask("city x item: gaps", "/v1/gaps", OFTEN, |_| "/v1/gaps?region=37&tier=city".into()),
        ask("city x item: stock", "/v1/stock", OFTEN, |_| {
            "/v1/stock?region=37&group_by=region&tier=city".into()
        }),
        ask("city x item: summaries, owners by city", "/v1/summaries", OFTEN, |_| {
            "/v1/summaries?region=37&tier=city&owner_tier=city".into()
        }),
        ask("county x item: gaps", "/v1/gaps", OFTEN, |_| "/v1/gaps?region=37&tier=county".into()),
        ask("county x item: stock", "/v1/stock", OFTEN, |_| {
            "/v1/stock?region=37&group_by=region&tier=county".into()
        }),
        ask("county x item: summaries, owners by county", "/v1/summaries", OFTEN, |_| {
            "/v1/summaries?region=37&tier=county&owner_tier=county".into()
        }),
    ]
}

/// Figures of another day.
fn another_date() -> Vec<Question> {
    vec![
        ask("another date, one county: gaps", "/v1/gaps", SELDOM, |n| {
            format!("/v1/gaps?region={}{LATER}", county_code(n))
        }),
        ask("another date, one item: gaps by county", "/v1/gaps", SELDOM, |n| {
            format!("/v1/gaps?region=37&tier=county&item={}{LATER}", item_code(n))
        }),
        ask("another date, city x item: gaps", "/v1/gaps", SELDOM, |_| {
            format!("/v1/gaps?region=37&tier=city{LATER}")
        }),
        ask("another date, city x item: stock", "/v1/stock", SELDOM, |_| {
            format!("/v1/stock?region=37&group_by=region&tier=city{LATER}")
        }),
        ask("another date, county x item: gaps", "/v1/gaps", SELDOM, |_| {
            format!("/v1/gaps?region=37&tier=county{LATER}")
        }),
        ask("another date, county x item: summaries, by county", "/v1/summaries", SELDOM, |_| {
            format!("/v1/summaries?region=37&tier=county&owner_tier=county{LATER}")
        }),
    ]
}

/// Rows of every township that owns anything; of a whole province they are 135 MB.
fn every_owner() -> Vec<Question> {
    vec![
        ask("one city: summaries, every owner", "/v1/summaries", SELDOM, |n| {
            format!("/v1/summaries?region={}&tier=city", &county_code(n)[..4])
        }),
        ask("one city by county: summaries, every owner", "/v1/summaries", SELDOM, |n| {
            format!("/v1/summaries?region={}&tier=county", &county_code(n)[..4])
        }),
    ]
}

/// What no aggregate answers.
fn balances() -> Vec<Question> {
    vec![
        ask("one township: gaps", "/v1/gaps", SELDOM, |n| {
            format!("/v1/gaps?region={}", township_code(n))
        }),
        ask("one county: stock by depot", "/v1/stock", RARELY, |n| {
            format!("/v1/stock?group_by=depot&region={}", county_code(n))
        }),
        ask("one county: gaps by custody", "/v1/gaps", RARELY, |n| {
            format!("/v1/gaps?view=custody&region={}", county_code(n))
        }),
        ask("one item: gaps by custody and county", "/v1/gaps", RARELY, |n| {
            format!("/v1/gaps?view=custody&region=37&tier=county&item={}", item_code(n))
        }),
        ask("one county: reserves of all modes", "/v1/reserves", RARELY, |n| {
            format!("/v1/reserves?region={}", county_code(n))
        }),
        ask("one item: reserves by county", "/v1/reserves", RARELY, |n| {
            format!("/v1/reserves?region=37&tier=county&item={}", item_code(n))
        }),
        ask("one gap: donors in the city", "/v1/gaps/donors", RARELY, |n| {
            format!("/v1/gaps/donors?region={}&item={}", county_code(n), item_code(n))
        }),
        ask("one gap: donors in the province", "/v1/gaps/donors", RARELY, |n| {
            let (county, item) = (county_code(n), item_code(n));
            format!("/v1/gaps/donors?scope=province&region={county}&item={item}")
        }),
        ask("one gap: explanation", "/v1/gaps/explanation", RARELY, |n| {
            format!("/v1/gaps/explanation?region={}&item={}", county_code(n), item_code(n))
        }),
        ask("one county: rotation within 180 days", "/v1/rotation", RARELY, |n| {
            format!("/v1/rotation?region={}", county_code(n))
        }),
        ask("one account and item: dynamic balance", "/v1/rotation/balance", RARELY, |n| {
            format!("/v1/rotation/balance?region={}&item={}", county_code(n), item_code(n))
        }),
    ]
}
