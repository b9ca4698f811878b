//! City profiles on the wire.
//!
//! Lives here: their shape and bounds. Does not live here: what the figures do. Invariant: tiers
//! stand highest first, each once.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::profile::{ClockStart, HazardDomain, Profile, Stale, TierProfile};
use crate::domain::quota::Mode;
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};

use super::super::forms;
use super::check::Check;
use super::hazards::{HazardDomainDto, hazard_domains};
use super::tiers::{DeliveryDto, TierDto};
use super::trucks::TruckDto;
use super::turnover::TurnoverDto;
use super::words;

/// A week.
pub(super) const MAX_MINUTES: i64 = 10_080;
const MAX_SOURCE: usize = 2_000;

/// The planning parameters of one city.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileDto {
    /// The city.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371300000000")
    )]
    pub region: String,
    /// Name of the city's reserve system.
    #[schema(min_length = 1, max_length = 200, examples("临沂市应急物资储备体系"))]
    pub name: String,
    /// The same in English.
    #[schema(min_length = 1, max_length = 200, examples("Linyi emergency supply reserve"))]
    pub name_en: String,
    /// The tiers the city plans for, highest first.
    #[schema(min_items = 1, max_items = 5)]
    pub tiers: Vec<TierDto>,
    /// Depots owned above the city.
    pub provincial: DeliveryDto,
    /// Minutes to hand goods out to people.
    #[schema(minimum = 0, maximum = 10080, examples(60))]
    pub distribute_min: i64,
    /// Road length per 1000 of straight distance.
    #[schema(minimum = 1000, maximum = 5000, examples(1300))]
    pub detour_permille: i64,
    /// The same in mountain counties.
    #[schema(minimum = 1000, maximum = 5000, examples(1500))]
    pub detour_mountain_permille: i64,
    /// The hazard domains of the city's plan.
    #[schema(max_items = 50)]
    pub hazard_domains: Vec<HazardDomainDto>,
    /// Reserve modes that count towards the city's own target.
    #[schema(schema_with = forms::modes)]
    pub modes_counted: Vec<String>,
    /// Hours within which everyone shall be reached.
    #[schema(minimum = 1, maximum = 168, examples(12))]
    pub target_hours: i64,
    #[schema(schema_with = words::clock_schema)]
    pub clock: String,
    /// Share per 1000 of quota lines without a gap from which an area counts as compliant.
    #[schema(minimum = 0, maximum = 1000, examples(950))]
    pub attainment_permille: i64,
    /// Days after which a declaration of an agreement or capacity is stale; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 3650, examples(90))]
    pub declaration_days: Option<i64>,
    /// What stale declarations count; absent is `flag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = stale_or_null)]
    pub stale_declarations: Option<String>,
    /// Thousandths of pledges without a figure of their own that are expected to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1000, examples(500))]
    pub pledge_fulfilment_permille: Option<i64>,
    /// Minutes more until the decision reaches whoever has promised goods; absent is at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10080, examples(60))]
    pub promise_decide_min: Option<i64>,
    /// How the city turns its goods over, where it has said so.
    pub rotation: Option<TurnoverDto>,
    /// The truck to reckon with where a depot does not name its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truck: Option<TruckDto>,
    /// What comes from the plan, and what is a proposal.
    #[schema(max_length = 2000)]
    pub source: String,
}

fn stale_or_null() -> utoipa::openapi::Object {
    forms::or_null(words::stale_schema())
}

impl ProfileDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let region = check.region("/region", &self.region);
        let name = check.name("/name", self.name);
        let name_en = check.name("/name_en", self.name_en);
        let tiers = tiers(&mut check, self.tiers);
        let provincial = self.provincial.check(&mut check, "/provincial");
        let distribute = check.whole("/distribute_min", self.distribute_min, 0..=MAX_MINUTES);
        let (plain, mountain) = (self.detour_permille, self.detour_mountain_permille);
        let detour = check.whole("/detour_permille", plain, 1_000..=5_000);
        let detour_mountain = check.whole("/detour_mountain_permille", mountain, 1_000..=5_000);
        let hazard_domains = hazard_domains(&mut check, self.hazard_domains);
        let modes_counted = modes(&mut check, &self.modes_counted);
        let target_hours = check.whole("/target_hours", self.target_hours, 1..=168);
        let clock = check.word("/clock", &self.clock, ClockStart::parse, &words::clocks());
        let attainment = check.whole("/attainment_permille", self.attainment_permille, 0..=1_000);
        let days = self.declaration_days;
        let days = days.and_then(|days| check.whole("/declaration_days", days, 0..=3_650));
        let stale = self.stale_declarations.and_then(|word| {
            check.word("/stale_declarations", &word, Stale::parse, &words::stales())
        });
        let fulfilment = self
            .pledge_fulfilment_permille
            .and_then(|permille| check.whole("/pledge_fulfilment_permille", permille, 0..=1_000));
        let promise = self.promise_decide_min;
        let promise = promise
            .and_then(|minutes| check.whole("/promise_decide_min", minutes, 0..=MAX_MINUTES));
        let rotation = self.rotation.and_then(|row| row.check(&mut check, "/rotation"));
        let truck = self.truck.and_then(|row| row.check(&mut check, "/truck"));
        let source = check.text("/source", self.source, 0..=MAX_SOURCE);
        let built = || {
            Some(Record::Profile(Profile {
                region: region?,
                name: name?,
                name_en: name_en?,
                tiers,
                provincial: provincial?,
                distribute_min: distribute?,
                detour_permille: detour?,
                detour_mountain_permille: detour_mountain?,
                hazard_domains,
                modes_counted,
                target_hours: target_hours?,
                clock: clock?,
                attainment_permille: attainment?,
                declaration_days: days,
                stale_declarations: stale,
                pledge_fulfilment_permille: fulfilment,
                promise_decide_min: promise,
                rotation,
                truck,
                source: source?,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

fn tiers(check: &mut Check, rows: Vec<TierDto>) -> Vec<TierProfile> {
    if rows.is_empty() {
        check.fault("/tiers", FaultCode::Required, "at least one tier");
    }
    let mut found: Vec<TierProfile> = Vec::new();
    for (ix, row) in rows.into_iter().enumerate() {
        let prefix = format!("/tiers/{ix}");
        let Some(row) = row.check(check, &prefix) else {
            continue;
        };
        if let Some(above) = found.last().filter(|above| above.tier >= row.tier) {
            let expected = format!("a tier below {}: highest first", above.tier.as_str());
            check.fault(&format!("{prefix}/tier"), FaultCode::Hierarchy, expected);
        }
        found.push(row);
    }
    found
}

fn modes(check: &mut Check, rows: &[String]) -> Vec<Mode> {
    if rows.is_empty() {
        check.fault("/modes_counted", FaultCode::Required, "at least one mode");
    }
    check.distinct(rows, |ix| format!("/modes_counted/{ix}"));
    let known = words::modes();
    let mode = |(ix, row): (usize, &String)| {
        check.word(&format!("/modes_counted/{ix}"), row, Mode::parse, &known)
    };
    rows.iter().enumerate().filter_map(mode).collect()
}

impl From<&Profile> for ProfileDto {
    fn from(profile: &Profile) -> Self {
        let domain = |row: &HazardDomain| HazardDomainDto {
            code: row.code.clone(),
            label: row.label.clone(),
            label_en: row.label_en.clone(),
        };
        let mode = |mode: &Mode| mode.as_str().to_string();
        Self {
            region: profile.region.to_string(),
            name: profile.name.clone(),
            name_en: profile.name_en.clone(),
            tiers: profile.tiers.iter().map(TierDto::from).collect(),
            provincial: profile.provincial.into(),
            distribute_min: i64::from(profile.distribute_min),
            detour_permille: i64::from(profile.detour_permille),
            detour_mountain_permille: i64::from(profile.detour_mountain_permille),
            hazard_domains: profile.hazard_domains.iter().map(domain).collect(),
            modes_counted: profile.modes_counted.iter().map(mode).collect(),
            target_hours: i64::from(profile.target_hours),
            clock: profile.clock.as_str().to_string(),
            attainment_permille: i64::from(profile.attainment_permille),
            declaration_days: profile.declaration_days.map(i64::from),
            stale_declarations: profile.stale_declarations.map(|stale| stale.as_str().to_string()),
            pledge_fulfilment_permille: profile.pledge_fulfilment_permille.map(i64::from),
            promise_decide_min: profile.promise_decide_min.map(i64::from),
            rotation: profile.rotation.as_ref().map(TurnoverDto::from),
            truck: profile.truck.map(TruckDto::from),
            source: profile.source.clone(),
        }
    }
}
