//! The reference data's rows: regions, organizations, depots, needs, items, quotas and their rules,
//! profiles, keys.
//!
//! Lives here: saving records under a revision and reading what changed since one. Does not live
//! here: whether a record fits the others. Invariant: nothing is deleted, and a row's `rev` is the
//! revision that last wrote it.

mod closures;
mod events;
mod goods;
mod helibases;
mod keys;
mod places;
mod plans;
mod procurement;
mod reserves;
mod rules;
mod turnover;
mod water;
mod ways;
mod words;

use std::collections::BTreeMap;

use crate::domain::reference::Record;

use super::dialect::Db;
use super::fault::Stored;

/// Inserts rows or puts them in the place of those with the same key; many rows per statement on
/// PostgreSQL, one cached statement per row on SQLite.
macro_rules! upsert_all {
    ($db:expr, $table:ident, $key:ident, $rows:expr, [$($column:ident),* $(,)?]) => {{
        use diesel::prelude::*;
        use diesel::upsert::excluded;
        let rows = $rows;
        let values = || ($($table::$column.eq(excluded($table::$column)),)*);
        match $db {
            $crate::store::dialect::Db::Sqlite(conn) => {
                for row in rows {
                    diesel::insert_into($table::table)
                        .values(row)
                        .on_conflict($table::$key)
                        .do_update()
                        .set(values())
                        .execute(&mut **conn)?;
                }
            }
            $crate::store::dialect::Db::Postgres(conn) => {
                for chunk in rows.chunks($crate::store::dialect::ROWS_PER_STATEMENT) {
                    diesel::insert_into($table::table)
                        .values(chunk)
                        .on_conflict($table::$key)
                        .do_update()
                        .set(values())
                        .execute(&mut **conn)?;
                }
            }
        }
    }};
}
use upsert_all;

/// Rows by key: of two records with one key the later one stands.
type Rows<T> = BTreeMap<String, T>;

fn in_order<T>(rows: Rows<T>) -> Vec<T> {
    rows.into_values().collect()
}

/// Saves records under `rev`, in whatever order they come; those of ways, closures and events in
/// their own files. Within the transaction that locked the
/// head.
///
/// # Errors
/// Any fault; the transaction must then be rolled back.
pub fn save(db: &mut Db, records: &[Record], rev: i64) -> Stored<()> {
    let (mut regions, mut organizations, mut depots) = (Rows::new(), Rows::new(), Rows::new());
    let (mut needs, mut items) = (Rows::new(), Rows::new());
    let (mut agreements, mut capacities, mut pledges) = (Rows::new(), Rows::new(), Rows::new());
    let (mut rules, mut procurement) = (Rows::new(), Rows::new());
    let (mut quotas, mut profiles, mut keys) = (Rows::new(), Rows::new(), Rows::new());
    for record in records {
        match record {
            Record::Region(row) => {
                regions.insert(row.code.to_string(), places::RegionRow::new(row, rev));
            }
            Record::Organization(row) => {
                let key = row.code.to_string();
                organizations.insert(key, places::OrganizationRow::new(row, rev));
            }
            Record::Depot(row) => {
                depots.insert(row.code.to_string(), places::DepotRow::new(row, rev));
            }
            Record::Need(row) => {
                needs.insert(row.code.to_string(), goods::NeedRow::new(row, rev));
            }
            Record::Item(row) => {
                items.insert(row.code.to_string(), goods::ItemRow::new(row, rev)?);
            }
            Record::Agreement(row) => {
                let key = row.terms.code.to_string();
                agreements.insert(key, reserves::AgreementRow::new(row, rev));
            }
            Record::Capacity(row) => {
                capacities.insert(row.terms.code.to_string(), reserves::CapacityRow::new(row, rev));
            }
            Record::Pledge(row) => {
                pledges.insert(row.terms.code.to_string(), reserves::PledgeRow::new(row, rev));
            }
            Record::Route(_) | Record::Road(_) | Record::Helibase(_) | Record::WaterLeg(_) => {}
            Record::Closure(_) | Record::Event(_) => {}
            Record::QuotaRule(row) => {
                rules.insert(row.code.to_string(), rules::QuotaRuleRow::new(row, rev)?);
            }
            Record::Quota(row) => {
                quotas.insert(row.id.to_string(), plans::QuotaRow::new(row, rev));
            }
            Record::Profile(row) => {
                profiles.insert(row.region.to_string(), plans::ProfileRow::new(row, rev)?);
            }
            Record::Plan(row) => {
                procurement.insert(row.code.to_string(), procurement::PlanRow::new(row, rev)?);
            }
            Record::Key(row) => {
                keys.insert(row.id.to_string(), keys::KeyRow::new(row, rev));
            }
        }
    }
    places::save_regions(db, &in_order(regions))?;
    places::save_organizations(db, &in_order(organizations))?;
    goods::save_needs(db, &in_order(needs))?;
    goods::save_items(db, &in_order(items))?;
    places::save_depots(db, &in_order(depots))?;
    reserves::save_agreements(db, &in_order(agreements))?;
    reserves::save_capacities(db, &in_order(capacities))?;
    reserves::save_pledges(db, &in_order(pledges))?;
    ways::save(db, records, rev)?;
    closures::save(db, records, rev)?;
    events::save(db, records, rev)?;
    rules::save_rules(db, &in_order(rules))?;
    plans::save_quotas(db, &in_order(quotas))?;
    plans::save_profiles(db, &in_order(profiles))?;
    procurement::save_plans(db, &in_order(procurement))?;
    keys::save_keys(db, &in_order(keys))
}

/// Every record that was written under a later revision than `rev`, each after those it names.
///
/// # Errors
/// `Lost`, or `Corrupt` for rows that cannot be.
pub fn changed_since(db: &mut Db, rev: i64) -> Stored<Vec<Record>> {
    let mut records = Vec::new();
    for row in places::regions_since(db, rev)? {
        records.push(Record::Region(row.into_domain()?));
    }
    for row in places::organizations_since(db, rev)? {
        records.push(Record::Organization(row.into_domain()?));
    }
    for row in goods::needs_since(db, rev)? {
        records.push(Record::Need(row.into_domain()?));
    }
    for row in goods::items_since(db, rev)? {
        records.push(Record::Item(row.into_domain()?));
    }
    for row in places::depots_since(db, rev)? {
        records.push(Record::Depot(row.into_domain()?));
    }
    for row in reserves::agreements_since(db, rev)? {
        records.push(Record::Agreement(row.into_domain()?));
    }
    for row in reserves::capacities_since(db, rev)? {
        records.push(Record::Capacity(row.into_domain()?));
    }
    for row in reserves::pledges_since(db, rev)? {
        records.push(Record::Pledge(row.into_domain()?));
    }
    for row in ways::routes_since(db, rev)? {
        records.push(Record::Route(row.into_domain()?));
    }
    for row in ways::roads_since(db, rev)? {
        records.push(Record::Road(row.into_domain()?));
    }
    for row in helibases::helibases_since(db, rev)? {
        records.push(Record::Helibase(row.into_domain()?));
    }
    for row in water::water_legs_since(db, rev)? {
        records.push(Record::WaterLeg(row.into_domain()?));
    }
    for row in closures::closures_since(db, rev)? {
        records.push(Record::Closure(row.into_domain()?));
    }
    for row in rules::rules_since(db, rev)? {
        records.push(Record::QuotaRule(row.into_domain()?));
    }
    for row in plans::quotas_since(db, rev)? {
        records.push(Record::Quota(row.into_domain()?));
    }
    for row in plans::profiles_since(db, rev)? {
        records.push(Record::Profile(row.into_domain()?));
    }
    for row in procurement::plans_since(db, rev)? {
        records.push(Record::Plan(row.into_domain()?));
    }
    for row in events::events_since(db, rev)? {
        records.push(Record::Event(row.into_domain()?));
    }
    for row in keys::keys_since(db, rev)? {
        records.push(Record::Key(row.into_domain()?));
    }
    Ok(records)
}

#[cfg(test)]
mod tests;
