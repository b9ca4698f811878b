//! The reference data as one value: registers of everything that movements and plans name.
//!
//! Lives here: look-up by code, stable indexes for the `Position`, and the check that a record fits
//! the others. Does not live here: stock. Invariant: an index, once given, stays with its record.

mod closures;
mod doubts;
mod events;
mod register;
mod rules;
mod ways;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use uuid::Uuid;

use super::access::ApiKey;
use super::catalogue::{Code, Item, Need};
use super::closure::RoadClosure;
use super::depot::{Depot, Organization};
use super::event::Event;
use super::helibase::Helibase;
use super::procurement::ProcurementPlan;
use super::profile::Profile;
use super::quota::{Mode, Quota, Subject};
use super::quota_rule::QuotaRule;
use super::refusal::{Fault, FaultCode, Refusal};
use super::region::{Region, RegionCode, RegionIx, Regions, Tier};
use super::reserve::{Agreement, Capacity, Pledge, Terms};
use super::road::Road;
use super::route::{Measured, Route};
use super::travel::Network;
use super::water::WaterLeg;

pub use closures::InForce;
pub use doubts::Doubts;
pub use register::{Coded, Register};

macro_rules! coded {
    ($($kind:ty),*) => { $(impl Coded for $kind { fn code(&self) -> &Code { &self.code } })* };
}
coded!(
    Organization,
    Depot,
    Item,
    Need,
    QuotaRule,
    ProcurementPlan,
    Road,
    Route,
    Helibase,
    WaterLeg,
    RoadClosure,
    Event
);

macro_rules! promised {
    ($($kind:ty),*) => { $(impl Coded for $kind {
        fn code(&self) -> &Code {
            &self.terms.code
        }
    })* };
}
promised!(Agreement, Capacity, Pledge);

/// What a quota is about, as an account's line.
type QuotaLine = (RegionCode, Subject, Mode);

/// Quotas by id, and by the line they are about.
#[derive(Debug, Clone, Default)]
pub struct Quotas {
    by_id: HashMap<Uuid, Arc<Quota>>,
    lines: HashMap<QuotaLine, Vec<Uuid>>,
}

impl Quotas {
    fn put(&mut self, quota: Quota) {
        let line = |quota: &Quota| (quota.region, quota.subject.clone(), quota.mode);
        if let Some(before) = self.by_id.get(&quota.id)
            && let Some(ids) = self.lines.get_mut(&line(before))
        {
            ids.retain(|id| *id != quota.id);
        }
        self.lines.entry(line(&quota)).or_default().push(quota.id);
        self.by_id.insert(quota.id, Arc::new(quota));
    }

    /// The quota of an id.
    pub fn get(&self, id: &Uuid) -> Option<&Arc<Quota>> {
        self.by_id.get(id)
    }

    /// All quotas, in no order.
    pub fn values(&self) -> impl Iterator<Item = &Arc<Quota>> {
        self.by_id.values()
    }

    /// The quota of a line that is in force on a day; there is at most one.
    pub fn in_force(
        &self,
        region: RegionCode,
        subject: &Subject,
        mode: Mode,
        day: NaiveDate,
    ) -> Option<&Arc<Quota>> {
        let ids = self.lines.get(&(region, subject.clone(), mode)).into_iter().flatten();
        ids.filter_map(|id| self.by_id.get(id)).find(|quota| quota.in_force(day))
    }

    /// All quotas of one account's line, whenever they are in force, by their first day.
    pub fn of_line(&self, region: RegionCode, subject: &Subject, mode: Mode) -> Vec<&Arc<Quota>> {
        let ids = self.lines.get(&(region, subject.clone(), mode)).into_iter().flatten();
        let mut found: Vec<&Arc<Quota>> = ids.filter_map(|id| self.by_id.get(id)).collect();
        found.sort_unstable_by_key(|quota| (quota.effective_from, quota.id));
        found
    }

    /// Another quota of the same line that is in force on one of the same days.
    fn rival(&self, quota: &Quota) -> Option<&Arc<Quota>> {
        let mut line = self.of_line(quota.region, &quota.subject, quota.mode).into_iter();
        line.find(|other| other.id != quota.id && other.overlaps(quota))
    }
}

/// One record of the reference data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    Region(Region),
    Organization(Organization),
    Depot(Depot),
    Item(Item),
    Need(Need),
    Agreement(Agreement),
    Capacity(Capacity),
    Pledge(Pledge),
    Route(Route),
    Road(Road),
    Helibase(Helibase),
    WaterLeg(WaterLeg),
    Closure(RoadClosure),
    QuotaRule(QuotaRule),
    Quota(Quota),
    Profile(Profile),
    Plan(ProcurementPlan),
    Event(Event),
    Key(ApiKey),
}

/// All reference data at one `reference_rev`.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub regions: Arc<Regions>,
    pub organizations: Arc<Register<Organization>>,
    pub depots: Arc<Register<Depot>>,
    pub items: Arc<Register<Item>>,
    pub needs: Arc<Register<Need>>,
    pub agreements: Arc<Register<Agreement>>,
    pub capacities: Arc<Register<Capacity>>,
    pub pledges: Arc<Register<Pledge>>,
    pub routes: Arc<Register<Route>>,
    pub roads: Arc<Register<Road>>,
    pub helibases: Arc<Register<Helibase>>,
    pub water_legs: Arc<Register<WaterLeg>>,
    pub closures: Arc<Register<RoadClosure>>,
    pub quota_rules: Arc<Register<QuotaRule>>,
    pub quotas: Arc<Quotas>,
    pub plans: Arc<Register<ProcurementPlan>>,
    pub events: Arc<Register<Event>>,
    /// By the city's code.
    pub profiles: Arc<HashMap<RegionCode, Arc<Profile>>>,
    /// By digest.
    pub keys: Arc<HashMap<[u8; 32], Arc<ApiKey>>>,
    /// Of this state only.
    doubts: OnceLock<Doubts>,
    /// Of these roads.
    network: OnceLock<Arc<Network>>,
    /// Of these routes and regions; a depot keeps its number.
    measured: OnceLock<Arc<Measured>>,
}

impl Reference {
    /// This reference data with `records` put in; the region tree is rebuilt at most once.
    pub fn with(&self, records: impl IntoIterator<Item = Record>) -> Self {
        let mut next = Self { doubts: OnceLock::new(), ..self.clone() };
        let mut regions: Vec<Arc<Region>> = Vec::new();
        for record in records {
            match record {
                Record::Region(region) => regions.push(Arc::new(region)),
                Record::Organization(row) => Arc::make_mut(&mut next.organizations).put(row),
                Record::Depot(row) => Arc::make_mut(&mut next.depots).put(row),
                Record::Item(row) => Arc::make_mut(&mut next.items).put(row),
                Record::Need(row) => Arc::make_mut(&mut next.needs).put(row),
                Record::Agreement(row) => Arc::make_mut(&mut next.agreements).put(row),
                Record::Capacity(row) => Arc::make_mut(&mut next.capacities).put(row),
                Record::Pledge(row) => Arc::make_mut(&mut next.pledges).put(row),
                Record::Route(row) => {
                    next.measured = OnceLock::new();
                    Arc::make_mut(&mut next.routes).put(row);
                }
                Record::Road(row) => {
                    next.network = OnceLock::new();
                    Arc::make_mut(&mut next.roads).put(row);
                }
                Record::Helibase(row) => Arc::make_mut(&mut next.helibases).put(row),
                Record::WaterLeg(row) => Arc::make_mut(&mut next.water_legs).put(row),
                Record::Closure(row) => Arc::make_mut(&mut next.closures).put(row),
                Record::QuotaRule(row) => Arc::make_mut(&mut next.quota_rules).put(row),
                Record::Quota(row) => {
                    Arc::make_mut(&mut next.quotas).put(row);
                }
                Record::Profile(row) => {
                    Arc::make_mut(&mut next.profiles).insert(row.region, Arc::new(row));
                }
                Record::Plan(row) => Arc::make_mut(&mut next.plans).put(row),
                Record::Event(row) => Arc::make_mut(&mut next.events).put(row),
                Record::Key(row) => {
                    Arc::make_mut(&mut next.keys).insert(row.digest, Arc::new(row));
                }
            }
        }
        if !regions.is_empty() {
            next.measured = OnceLock::new();
            let before = self.regions.iter().map(|(_, region)| Arc::clone(region));
            next.regions = Arc::new(Regions::build(before.chain(regions)));
        }
        next
    }

    /// The tier of an organization's region: whose account its goods are.
    pub fn owner_region(&self, organization: u32) -> Option<RegionIx> {
        let row = self.organizations.get(organization)?;
        self.regions.find(row.region)
    }

    /// The region in which a depot stands.
    pub fn depot_region(&self, depot: u32) -> Option<RegionIx> {
        self.regions.find(self.depots.get(depot)?.region)
    }

    /// The profile of the city at or above a region.
    pub fn profile_of(&self, region: RegionIx) -> Option<&Arc<Profile>> {
        self.regions
            .chain(region)
            .filter_map(|ix| self.regions.get(ix))
            .find_map(|found| self.profiles.get(&found.code))
    }

    /// Whether `record` fits the rest.
    ///
    /// # Errors
    /// `UnknownReference` for a code that nothing has, `Invalid` for a hierarchy that cannot be,
    /// `Conflict` for two quotas of one line in force on the same day.
    pub fn check(&self, record: &Record) -> Result<(), Refusal> {
        match record {
            Record::Region(region) => self.check_region(region),
            Record::Organization(row) => self.known_region(row.region, "/region"),
            Record::Depot(row) => {
                self.known_region(row.region, "/region")?;
                known(&self.organizations, &row.organization, "organization", "/organization")
            }
            Record::Item(item) => match &item.provision {
                Some(provision) => known(&self.needs, &provision.need, "need", "/need"),
                None => Ok(()),
            },
            Record::Need(_) => Ok(()),
            Record::Agreement(row) => self.check_terms(&row.terms),
            Record::Capacity(row) => self.check_terms(&row.terms),
            Record::Pledge(row) => self.check_terms(&row.terms),
            Record::Route(row) => self.check_route(row),
            Record::Road(_) => Ok(()),
            Record::Helibase(row) => self.known_region(row.region, "/region"),
            Record::WaterLeg(row) => self.known_region(row.region, "/region"),
            Record::Closure(row) => self.check_closure(row),
            Record::QuotaRule(rule) => self.check_quota_rule(rule),
            Record::Quota(quota) => self.check_quota(quota),
            Record::Profile(profile) => self.known_region(profile.region, "/region"),
            Record::Plan(plan) => self.check_plan(plan),
            Record::Event(event) => self.check_event(event),
            Record::Key(key) => self.known_region(key.region, "/region"),
        }
    }

    fn check_plan(&self, plan: &ProcurementPlan) -> Result<(), Refusal> {
        self.known_region(plan.region, "/region")?;
        let lines = plan.lines.iter().enumerate();
        for (ix, line) in lines {
            known(&self.items, &line.item, "item", &format!("/lines/{ix}/item"))?;
        }
        Ok(())
    }

    fn check_region(&self, region: &Region) -> Result<(), Refusal> {
        let fault = |expected: String| {
            let fault = Fault::new("/parent", FaultCode::Hierarchy, expected);
            Err(Refusal::Invalid(vec![fault]))
        };
        let Some(parent) = region.parent else {
            if region.tier == Tier::Province {
                return Ok(());
            }
            return fault("a region above this one; only a province has none".to_string());
        };
        let Some(above) = self.regions.by_code(parent) else {
            return Err(unknown("region", &parent.to_string(), "/parent"));
        };
        if above.tier >= region.tier {
            return fault(format!(
                "a region of a tier above {}, but {} is a {}",
                region.tier.as_str(),
                above.code,
                above.tier.as_str()
            ));
        }
        match region.replaced_by {
            Some(code) => self.known_region(code, "/replaced_by"),
            None => Ok(()),
        }
    }

    fn check_quota(&self, quota: &Quota) -> Result<(), Refusal> {
        self.known_region(quota.region, "/region")?;
        self.known_subject(&quota.subject)?;
        self.check_rule_of(quota)?;
        let rival = self.quotas.rival(quota);
        match rival {
            None => Ok(()),
            Some(rival) => Err(Refusal::Conflict {
                kind: "quota",
                code: quota.id.to_string(),
                with: rival.id.to_string(),
            }),
        }
    }

    fn check_terms(&self, terms: &Terms) -> Result<(), Refusal> {
        self.known_region(terms.region, "/region")?;
        if let Some(code) = &terms.organization {
            known(&self.organizations, code, "organization", "/organization")?;
        }
        known(&self.items, &terms.item, "item", "/item")
    }

    fn known_subject(&self, subject: &Subject) -> Result<(), Refusal> {
        match subject {
            Subject::Item(code) => known(&self.items, code, "item", "/item"),
            Subject::Need(code) => known(&self.needs, code, "need", "/need"),
        }
    }

    fn known_region(&self, code: RegionCode, pointer: &str) -> Result<(), Refusal> {
        match self.regions.find(code) {
            Some(_) => Ok(()),
            None => Err(unknown("region", &code.to_string(), pointer)),
        }
    }
}

fn known<T: Coded>(
    register: &Register<T>,
    code: &Code,
    kind: &'static str,
    pointer: &str,
) -> Result<(), Refusal> {
    match register.find(code.as_str()) {
        Some(_) => Ok(()),
        None => Err(unknown(kind, code.as_str(), pointer)),
    }
}

/// The refusal of a code that nothing has.
pub fn unknown(kind: &'static str, code: &str, pointer: &str) -> Refusal {
    Refusal::UnknownReference { kind, code: code.to_string(), pointer: pointer.to_string() }
}
