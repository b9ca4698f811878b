//! The tables as the query builder sees them; one description serves both engines.
//!
//! Lives here: names and types, as the migrations made them; `ways` has those of travel. Does not
//! live here: any statement. Invariant: the schema test holds these files, the SQLite and the
//! PostgreSQL tables together.

mod events;
mod ways;

pub use events::event;
pub use ways::{closure, helibase, road, route, water_leg};

diesel::table! {
    head (id) {
        id -> BigInt,
        seq -> BigInt,
        hash -> Binary,
        reference_rev -> BigInt,
        kept -> BigInt,
    }
}

diesel::table! {
    setting (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    entry (seq) {
        seq -> BigInt,
        id -> Text,
        kind -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        occurred_at -> BigInt,
        recorded_at -> BigInt,
        principal -> Text,
        recorded_by -> Text,
        organization -> Text,
        document_no -> Nullable<Text>,
        document_key -> Nullable<Text>,
        order_no -> Nullable<Text>,
        counterparty -> Nullable<Text>,
        handled_by -> Nullable<Text>,
        checked_by -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        reason -> Nullable<Text>,
        note -> Nullable<Text>,
        reversal_of -> Nullable<Text>,
        hash -> Binary,
        key -> Text,
        request_hash -> Binary,
    }
}

diesel::table! {
    lot (id) {
        id -> BigInt,
        item -> Text,
        lot_no -> Nullable<Text>,
        manufacturer -> Nullable<Text>,
        produced_on -> Nullable<Date>,
        expires_on -> Nullable<Date>,
        unit_price_fen -> Nullable<BigInt>,
        source -> Nullable<Text>,
    }
}

diesel::table! {
    line (seq, line_no) {
        seq -> BigInt,
        line_no -> BigInt,
        request_line -> BigInt,
        lot_id -> BigInt,
        quantity -> BigInt,
        from_place -> Text,
        from_depot -> Nullable<Text>,
        from_owner -> Nullable<Text>,
        from_condition -> Nullable<Text>,
        to_place -> Text,
        to_depot -> Nullable<Text>,
        to_owner -> Nullable<Text>,
        to_condition -> Nullable<Text>,
        occurred_at -> BigInt,
    }
}

diesel::table! {
    balance (depot, owner, place, condition, lot_id) {
        depot -> Text,
        owner -> Text,
        place -> Text,
        condition -> Text,
        lot_id -> BigInt,
        quantity -> BigInt,
        last_occurred_at -> BigInt,
    }
}

diesel::table! {
    receipt (principal, key) {
        principal -> Text,
        key -> Text,
        request_hash -> Binary,
        status -> BigInt,
        body -> Text,
        created_at -> BigInt,
        no -> BigInt,
    }
}

diesel::table! {
    region (code) {
        code -> Text,
        name -> Text,
        name_en -> Nullable<Text>,
        tier -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        parent -> Nullable<Text>,
        population -> Nullable<BigInt>,
        population_source -> Nullable<Text>,
        planned_displaced -> Nullable<BigInt>,
        lon_e6 -> Nullable<BigInt>,
        lat_e6 -> Nullable<BigInt>,
        location_source -> Text,
        area_ha -> Nullable<BigInt>,
        terrain -> Nullable<Text>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        replaced_by -> Nullable<Text>,
        rev -> BigInt,
    }
}

diesel::table! {
    organization (code) {
        code -> Text,
        name -> Text,
        region -> Text,
        kind -> Text,
        credit_code -> Nullable<Text>,
        rev -> BigInt,
    }
}

diesel::table! {
    depot (code) {
        code -> Text,
        name -> Text,
        kind -> Text,
        region -> Text,
        organization -> Text,
        custodian -> Nullable<Text>,
        lon_e6 -> BigInt,
        lat_e6 -> BigInt,
        location_source -> Text,
        readiness_min -> Nullable<BigInt>,
        area_m2 -> Nullable<BigInt>,
        volume_m3 -> Nullable<BigInt>,
        status -> Text,
        rev -> BigInt,
        trucks -> Nullable<BigInt>,
        truck_payload_kg -> Nullable<BigInt>,
    }
}

diesel::table! {
    need (code) {
        code -> Text,
        name -> Text,
        name_en -> Text,
        unit -> Text,
        per_person_milli -> BigInt,
        per -> Text,
        mandatory -> Bool,
        season -> Nullable<Text>,
        rev -> BigInt,
        unit_en -> Nullable<Text>,
    }
}

diesel::table! {
    item (code) {
        code -> Text,
        name -> Text,
        name_en -> Text,
        spec -> Text,
        unit -> Text,
        packs -> Text,
        function_class -> Text,
        hazard_domains -> Text,
        priority -> Nullable<BigInt>,
        need -> Nullable<Text>,
        provides -> Nullable<BigInt>,
        life_kind -> Text,
        life_months -> Nullable<BigInt>,
        life_lead_days -> Nullable<BigInt>,
        weight_g -> BigInt,
        volume_ml -> BigInt,
        external_codes -> Text,
        status -> Text,
        rev -> BigInt,
        unit_en -> Nullable<Text>,
        life_notice_days -> Nullable<BigInt>,
        life_perishing_days -> Nullable<BigInt>,
    }
}

diesel::table! {
    quota_rule (code) {
        code -> Text,
        name -> Text,
        region -> Text,
        tier -> Text,
        item -> Nullable<Text>,
        need -> Nullable<Text>,
        basis -> Text,
        target -> Nullable<BigInt>,
        days -> Nullable<BigInt>,
        redundancy_permille -> Nullable<BigInt>,
        season_factor_permille -> Nullable<BigInt>,
        per_person_milli -> Nullable<BigInt>,
        displaced_permille -> Nullable<BigInt>,
        modes -> Text,
        floor_permille -> BigInt,
        pack -> Nullable<Text>,
        effective_from -> Date,
        effective_to -> Nullable<Date>,
        document -> Nullable<Text>,
        rev -> BigInt,
    }
}

diesel::table! {
    agreement (code) {
        code -> Text,
        name -> Text,
        region -> Text,
        organization -> Text,
        item -> Text,
        contract_quantity -> BigInt,
        declared_stock -> Nullable<BigInt>,
        declared_on -> Nullable<Date>,
        response_hours -> BigInt,
        valid_from -> Date,
        valid_to -> Date,
        reliability_permille -> Nullable<BigInt>,
        lon_e6 -> Nullable<BigInt>,
        lat_e6 -> Nullable<BigInt>,
        document -> Nullable<Text>,
        status -> Text,
        rev -> BigInt,
    }
}

diesel::table! {
    capacity (code) {
        code -> Text,
        name -> Text,
        region -> Text,
        organization -> Text,
        item -> Text,
        daily_rate -> BigInt,
        startup_hours -> BigInt,
        finished_goods -> BigInt,
        most -> BigInt,
        declared_on -> Nullable<Date>,
        valid_from -> Date,
        valid_to -> Date,
        reliability_permille -> Nullable<BigInt>,
        lon_e6 -> Nullable<BigInt>,
        lat_e6 -> Nullable<BigInt>,
        document -> Nullable<Text>,
        status -> Text,
        rev -> BigInt,
    }
}

diesel::table! {
    pledge (code) {
        code -> Text,
        name -> Text,
        region -> Text,
        organization -> Nullable<Text>,
        item -> Text,
        pledged_quantity -> BigInt,
        fulfilment_permille -> Nullable<BigInt>,
        response_hours -> BigInt,
        valid_from -> Date,
        valid_to -> Date,
        reliability_permille -> Nullable<BigInt>,
        lon_e6 -> Nullable<BigInt>,
        lat_e6 -> Nullable<BigInt>,
        document -> Nullable<Text>,
        status -> Text,
        rev -> BigInt,
    }
}

diesel::table! {
    quota (id) {
        id -> Text,
        region -> Text,
        item -> Nullable<Text>,
        need -> Nullable<Text>,
        mode -> Text,
        basis -> Text,
        target -> BigInt,
        floor -> BigInt,
        effective_from -> Date,
        effective_to -> Nullable<Date>,
        document -> Nullable<Text>,
        rule -> Nullable<Text>,
        rev -> BigInt,
    }
}

diesel::table! {
    profile (region) {
        region -> Text,
        name -> Text,
        name_en -> Text,
        tiers -> Text,
        provincial -> Text,
        distribute_min -> BigInt,
        detour_permille -> BigInt,
        detour_mountain_permille -> BigInt,
        hazard_domains -> Text,
        modes_counted -> Text,
        target_hours -> BigInt,
        clock -> Text,
        attainment_permille -> BigInt,
        source -> Text,
        declaration_days -> Nullable<BigInt>,
        stale_declarations -> Nullable<Text>,
        pledge_fulfilment_permille -> Nullable<BigInt>,
        rev -> BigInt,
        rotation -> Nullable<Text>,
        truck_payload_kg -> Nullable<BigInt>,
        truck_volume_l -> Nullable<BigInt>,
        promise_decide_min -> Nullable<BigInt>,
    }
}

diesel::table! {
    procurement_plan (code) {
        code -> Text,
        name -> Text,
        region -> Text,
        year -> BigInt,
        scope -> Text,
        state -> Text,
        budget_fen -> Nullable<BigInt>,
        planned_on -> Date,
        ledger_seq -> BigInt,
        reference_rev -> BigInt,
        lines -> Text,
        open_needs -> Text,
        rev -> BigInt,
    }
}

diesel::table! {
    api_key (id) {
        id -> Text,
        digest -> Binary,
        role -> Text,
        region -> Text,
        name -> Text,
        created_at -> BigInt,
        expires_on -> Nullable<Date>,
        revoked -> Bool,
        rev -> BigInt,
    }
}

diesel::joinable!(line -> lot (lot_id));
diesel::allow_tables_to_appear_in_same_query!(entry, line, lot, receipt);
