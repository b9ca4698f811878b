//! Sentences of a scenario's answer, in both languages.
//!
//! Lives here: the headline, the proof of a shortage, what is proposed. Does not live here: the
//! figures. Invariant: every number in a sentence stands in a field, too.

use crate::domain::quantity::Ratio;
use crate::domain::scenario::{Advice, Cause, Grounded, Outcome, Remedy, ShortageRow};

use super::super::words::local;

/// A share in percent with two places.
fn percent(ratio: Ratio) -> String {
    let parts = ratio.0;
    format!("{}.{:02} %", parts.div_euclid(100), parts.rem_euclid(100))
}

/// Why an area is short, in words.
fn cause(cause: Cause) -> String {
    let (zh, en) = match cause {
        Cause::Stock => ("库存不足", "too little stock"),
        Cause::Time => ("时限不足", "too little time"),
        Cause::Road => ("道路中断", "closed roads"),
        Cause::Fleet => ("运力不足", "too few trucks"),
    };
    local(zh, en)
}

/// Everything that would have to be otherwise, in words.
pub fn causes(causes: &[Cause]) -> String {
    let told: Vec<String> = causes.iter().copied().map(cause).collect();
    told.join(&local("且", " and "))
}

/// So many areas, in English.
fn areas(count: usize) -> String {
    if count == 1 { "1 area".to_string() } else { format!("{count} areas") }
}

/// How many are covered, who is covered least and why, and who is unknown.
pub fn headline(outcome: &Outcome) -> String {
    let displaced: i64 = outcome.areas.iter().map(|row| row.struck.displaced).sum();
    let persons: i64 = outcome.areas.iter().filter_map(|row| row.persons_covered).sum();
    let count = outcome.areas.len();
    let mut told = local(
        &format!("{count}个地区共{displaced}人受灾,时限内可保障{persons}人。"),
        &format!("{} with {displaced} people: {persons} are covered in time.", areas(count)),
    );
    let known = outcome.areas.iter().filter_map(|row| Some((row.coverage?, row)));
    let lowest = known.min_by_key(|(coverage, _)| *coverage);
    if let Some((coverage, row)) = lowest.filter(|(coverage, _)| *coverage < Ratio::ONE) {
        let worst = row.worst();
        let goods = worst.map(|one| local(&one.need.name, &one.need.name_en)).unwrap_or_default();
        let why = worst.map(|one| causes(one.causes()));
        let (name, share, why) = (&row.region.name, percent(coverage), why.unwrap_or_default());
        told.push_str(&local(
            &format!("最薄弱的是{name}({share}),短板为{goods},原因是{why}。"),
            &format!(" {name} is covered least ({share}): {goods}, because of {why}."),
        ));
    }
    let unknown = outcome.areas.iter().filter(|row| row.missing.is_some()).count();
    if unknown > 0 {
        told.push_str(&local(
            &format!("另有{unknown}个地区无法判断。"),
            &format!(" {} cannot be judged.", areas(unknown)),
        ));
    }
    told
}

/// What a plan is that its trucks carry, how many people it covers fewer than one that knows none,
/// and how many depots are not bounded.
pub fn bound(outcome: &Outcome, persons_without_bound: i64, unknown: usize) -> String {
    let persons: i64 = outcome.areas.iter().filter_map(|row| row.persons_covered).sum();
    let fewer = persons_without_bound.saturating_sub(persons);
    let mut told = local(
        &format!(
            "本方案每车一趟,先装必需品、先保最缺的地区,现有车辆可以运完,但未证明是现有车辆所能做到的最优;\
             不计车辆限制时可保障{persons_without_bound}人,相差{fewer}人。"
        ),
        &format!(
            "Loaded one trip a truck, mandatory needs and whoever lacks most first: the trucks \
             carry it, and it is not proven to be the best that they could. If trucks were no \
             bound, {persons_without_bound} people would be covered, {fewer} more."
        ),
    );
    if unknown > 0 {
        told.push_str(&local(
            &format!("{unknown}个库点的车辆数量或载重不明,未加限制。"),
            &format!(" Depots whose trucks nobody knows, {unknown}, are not bounded."),
        ));
    }
    told
}

/// Why nothing is flown to an area, in words.
fn grounded(why: Grounded) -> String {
    let (zh, en) = match why {
        Grounded::Distance => ("超出起降点半径", "beyond every radius"),
        Grounded::Daylight => ("天黑前无法抵达", "not by daylight"),
        Grounded::Time => ("时限内无法抵达", "not in time"),
        Grounded::Goods => ("无物资可运至起降点", "no goods for them come to a base"),
        Grounded::Others => ("先保其他地区", "others come first"),
        Grounded::Booked => ("直升机已有任务", "machines are booked"),
    };
    local(zh, en)
}

/// What is flown on top of the plan, how many people have all that is mandatory with it, and
/// whether trucks bring it to the bases.
pub fn air(outcome: &Outcome) -> String {
    let sorties: i64 = outcome.flights.iter().map(|row| row.sorties).sum();
    let grounded = Grounded::ALL.into_iter().filter_map(|why| {
        let count = outcome.flights.iter().filter(|row| row.grounded == Some(why)).count();
        (count > 0).then(|| format!("{} {count}", self::grounded(why)))
    });
    let grounded = grounded.collect::<Vec<String>>().join(&local("、", ", "));
    let grounded = local(
        &format!("未飞往的地区数:{grounded}。"),
        &format!("Areas to which nothing is flown: {grounded}."),
    );
    if sorties == 0 {
        return grounded;
    }
    let persons: i64 = outcome.areas.iter().filter_map(|row| row.persons_covered).sum();
    let with_air: i64 = outcome.areas.iter().filter_map(|row| row.with_air.1).sum();
    let more = with_air - persons;
    let flights = if sorties == 1 { "one flight covers" } else { "flights cover" };
    let count = if sorties == 1 { String::new() } else { format!("{sorties} ") };
    let mut told = local(
        &format!("在地面方案之外,直升机{sorties}架次可再保障{more}人。"),
        &format!("On top of the plan by road, {count}{flights} {more} people more."),
    );
    if more == 0 {
        told.push_str(&local(
            "所运物资有用,但其他必需品仍有短缺。",
            " What they bring is needed, but something else that is mandatory lacks more.",
        ));
    }
    told.push_str(&local(
        "地面方案为精确解;飞行方案可行,但未证明最优。",
        " The plan by road is exact; the flights are feasible, not proven to be the best.",
    ));
    let of = |wanted| outcome.feeders.iter().filter(|row| row.suffices() == wanted).count();
    let (short, unknown) = (of(Some(false)), of(None));
    if short > 0 {
        told.push_str(&local(
            &format!("{short}个库点的车辆不足以在地面方案之外再运往起降点。"),
            &format!(" Depots whose trucks do not bring it to the bases as well: {short}."),
        ));
    }
    if unknown > 0 {
        told.push_str(&local(
            &format!("{unknown}个库点的车辆数量或载重不明,未核对运往起降点的运力。"),
            &format!(
                " Depots that bring it to the bases and whose trucks nobody knows: {unknown}."
            ),
        ));
    }
    if outcome.flights.iter().any(|row| row.grounded.is_some()) {
        told.push_str(&local("", " "));
        told.push_str(&grounded);
    }
    told
}

/// The proof of a shortage.
pub fn shortage(row: &ShortageRow) -> String {
    let places: Vec<&str> = row.regions.iter().map(|region| region.name.as_str()).collect();
    let ShortageRow { required, reachable, short, .. } = row;
    let (unit, depots) = (local(&row.need.unit, row.need.unit_en()), row.depots.len());
    let [need, any] = if places.len() == 1 { ["needs", "it"] } else { ["need", "any of them"] };
    let held = match depots {
        0 => format!("no depot with any can reach {any} in time"),
        1 => format!("the one depot with any that can reach {any} in time holds {reachable}"),
        _ => format!("the {depots} depots that can reach {any} in time hold {reachable}"),
    };
    let lies = match depots {
        0 => "没有能按时到达且有货的库点".to_string(),
        _ => format!("能按时到达的{depots}个库点共有{reachable}{unit}"),
    };
    local(
        &format!(
            "{}共需{}{required}{unit},{lies},无论如何调配都缺{short}{unit}。",
            places.join("、"),
            row.need.name,
        ),
        &format!(
            "{} {need} {required} {unit} of {}; {held}; whatever is sent where, {short} are \
             lacking.",
            places.join(", "),
            row.need.name_en,
        ),
    )
}

/// What is proposed, where, and whom it serves; `place` and `from` are names that may be told.
pub fn advice(row: &Advice, place: &str, from: &str) -> String {
    let (pieces, people, all) = (row.whole.pieces, row.whole.persons_of_need, row.whole.persons);
    let (pack, each) = (row.pack.pieces, row.pack.persons_of_need);
    let (item, need) =
        (local(&row.item.name, &row.item.name_en), local(&row.need.name, &row.need.name_en));
    let unit = local(&row.item.unit, row.item.unit_en());
    let (zh, en) = match row.remedy {
        Remedy::Buy => (
            format!("在{place}增储{pieces}{unit}{item}"),
            format!("{pieces} {unit} of {item} more at {place}"),
        ),
        Remedy::Preposition => (
            format!("把{from}的{pieces}{unit}{item}前置到{place}"),
            format!("{pieces} {unit} of {item} brought from {from} to {place} beforehand"),
        ),
    };
    local(
        &format!(
            "{zh},可使{people}人多得到{need}(每增{pack}{unit}多{each}人),其中{all}人的必需品全部满足。"
        ),
        &format!(
            "{en} would meet {need} for {people} people more ({each} for {pack} {unit}), and all \
             mandatory needs for {all}."
        ),
    )
}
