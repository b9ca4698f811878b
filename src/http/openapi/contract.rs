//! What all operations of the OpenAPI document share: refusals by status, formats, forms of text.
//!
//! Lives here: what follows from an operation's method and parameters. Does not live here: what a
//! single operation says of itself. Invariant: an operation lists every status it can answer with,
//! so that another one is a fault.

use utoipa::Modify;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{KnownFormat, Object, Schema, SchemaFormat};
use utoipa::openapi::{Content, ObjectBuilder, OpenApi, Ref, RefOr, Type};

use super::super::forms;
use super::super::table::XLSX;

/// Spells out what the handlers leave to all.
pub struct Contract;

/// The refusals of every operation that needs a caller.
const ALWAYS: [&str; 6] = ["400", "401", "403", "429", "500", "503"];
/// Those of every write.
const WRITING: [&str; 6] = ["408", "409", "413", "415", "422", "507"];
/// Parameters that name what may be unknown or out of scope.
const NAMING: [&str; 9] =
    ["code", "id", "region", "parent", "closed", "depot", "item", "need", "owner"];
/// Kinds that speak of closures.
const CLOSING: [&str; 2] = ["closures", "reopenings"];
/// Parameters whose value may be fine and yet not answered for.
const VALUED: [&str; 6] = ["as_of", "from", "known_at", "days", "tier", "at"];

impl Modify for Contract {
    fn modify(&self, document: &mut OpenApi) {
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations(item) {
                give_forms(method, path, operation);
                offer_csv(operation);
                if path.ends_with("/lines") {
                    offer_sheet(operation);
                }
                spell_out(method, operation);
            }
        }
        let schemas = document.components.iter_mut().flat_map(|parts| parts.schemas.values_mut());
        for schema in schemas {
            if let RefOr::T(schema) = schema {
                tighten(schema);
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [("get", &mut item.get), ("put", &mut item.put), ("post", &mut item.post)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn parameters(operation: &mut Operation) -> impl Iterator<Item = &mut Parameter> {
    operation.parameters.iter_mut().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

/// Gives parameters the forms that their names stand for.
fn give_forms(method: &str, path: &str, operation: &mut Operation) {
    let kind = path.split('/').nth(2).unwrap_or_default();
    let paged = parameters(operation).any(|parameter| parameter.name == "cursor");
    for parameter in parameters(operation) {
        let form = match parameter.parameter_in {
            ParameterIn::Path if parameter.name == "line_no" => None,
            ParameterIn::Path => Some(code_of(kind)),
            ParameterIn::Query if parameter.name == "format" && path.ends_with("/lines") => {
                Some(forms::sheet_format())
            }
            ParameterIn::Query if parameter.name == "limit" => {
                Some(if paged { forms::page_limit() } else { forms::row_limit() })
            }
            ParameterIn::Query if parameter.name == "kind" && kind == "depots" => {
                Some(forms::depot_kind())
            }
            ParameterIn::Query if CLOSING.contains(&kind) && parameter.name == "kind" => {
                Some(forms::closure_kind())
            }
            ParameterIn::Query if CLOSING.contains(&kind) && parameter.name == "group_by" => {
                Some(forms::reopenings_by())
            }
            ParameterIn::Query if parameter.name == "view" && kind == "reserves" => {
                Some(forms::outlook())
            }
            ParameterIn::Header if method == "get" => Some(forms::tags()),
            _ => form_of(&parameter.name),
        };
        if let Some(form) = form {
            parameter.schema = Some(form.into());
        }
    }
}

/// The code by which a path names one of a kind.
fn code_of(kind: &str) -> Object {
    match kind {
        "regions" | "profiles" => forms::region(),
        "depots" => forms::depot_code(),
        "items" => forms::item_code(),
        "needs" => forms::need_code(),
        "organizations" => forms::organization_code(),
        "quota-rules" => forms::rule_code(),
        "agreements" | "capacities" | "pledges" => forms::source_code(),
        "routes" => forms::route_code(),
        "roads" => forms::road_code(),
        "helibases" => forms::helibase_code(),
        "water-legs" => forms::water_leg_code(),
        "closures" => forms::closure_code(),
        "plans" => forms::plan_code(),
        "events" => forms::event_code(),
        _ => forms::uuid(),
    }
}

fn form_of(name: &str) -> Option<Object> {
    Some(match name {
        "region" | "parent" | "closed" => forms::region(),
        "depot" => forms::depot_code(),
        "item" => forms::item_code(),
        "need" => forms::need_code(),
        "owner" => forms::organization_code(),
        "tier" | "owner_tier" | "shock" => forms::tier(),
        "kind" => forms::organization_kind(),
        "type" => forms::movement_type(),
        "function_class" => forms::function_class(),
        "mode" => forms::mode(),
        "group_by" => forms::group_by(),
        "by" => forms::by(),
        "scope" => forms::scope(),
        "fleet" => forms::fleets(),
        "view" => forms::view(),
        "clock" => forms::clock(),
        "closures" => forms::register_use(),
        "cause" => forms::cause(),
        "pack" => forms::unit(),
        "state" => forms::plan_state(),
        "rotation_mode" => forms::rotation_mode(),
        "as_of" | "from" | "to" => forms::day(),
        "at" => forms::instant(),
        "status" => forms::event_status(),
        "occurred_from" | "occurred_to" => forms::day_or_instant(),
        "from_seq" => forms::seq(),
        "known_at" => forms::known_at(),
        "document_no" => forms::document_no(),
        "q" => forms::search(),
        "cursor" => forms::cursor(),
        "as" => forms::donor_shape(),
        "format" => forms::format(),
        "dry_run" | "committed" | "explain" | "detail" | "exercise" | "orders" | "off_hours" => {
            forms::flag()
        }
        "order" => forms::row_order(),
        "If-None-Match" => forms::nothing_there(),
        "If-Match" => forms::tags(),
        "Idempotency-Key" => forms::idempotency_key(),
        _ => return None,
    })
}

/// What can be asked for as CSV is told as CSV.
fn offer_csv(operation: &mut Operation) {
    if !parameters(operation).any(|parameter| parameter.name == "format") {
        return;
    }
    if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") {
        let rows = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The items, one a line, under headings in the caller's language"));
        let content = Content::new(Some(rows));
        answer.content.insert("text/csv".to_string(), RefOr::T(content));
    }
}

/// What can be asked for as a spreadsheet is told as one.
fn offer_sheet(operation: &mut Operation) {
    if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") {
        let bytes = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        answer.content.insert(XLSX.to_string(), RefOr::T(Content::new(Some(bytes))));
    }
}

/// Replaces `default` by each status that there can be.
fn spell_out(method: &str, operation: &mut Operation) {
    if operation.responses.responses.remove("default").is_none() {
        return;
    }
    let mut statuses = ALWAYS.to_vec();
    for parameter in parameters(operation) {
        let name = parameter.name.as_str();
        statuses.extend(NAMING.contains(&name).then_some("404"));
        statuses.extend((name == "format").then_some("406"));
        statuses.extend(VALUED.contains(&name).then_some("422"));
    }
    match method {
        "get" => {}
        "put" => statuses.extend(WRITING.iter().chain(&["412", "428"])),
        _ => statuses.extend(WRITING),
    }
    for status in statuses {
        let problem: RefOr<Response> = RefOr::Ref(Ref::from_response_name("ProblemResponse"));
        operation.responses.responses.insert(status.to_string(), problem);
    }
}

/// Bounded texts hold no control characters.
fn tighten(schema: &mut Schema) {
    let Schema::Object(object) = schema else {
        return;
    };
    for property in object.properties.values_mut() {
        if let RefOr::T(Schema::Object(property)) = property {
            plain(property);
        }
    }
}

fn plain(text: &mut Object) {
    match text.pattern.as_deref() {
        None if text.max_length.is_some() => text.pattern = Some(forms::PLAIN.to_string()),
        Some(forms::REGION_SHORT) => text.pattern = Some(forms::REGION.to_string()),
        Some(forms::PART) => text.pattern = Some(forms::PLAIN_PART.to_string()),
        _ => {}
    }
}
