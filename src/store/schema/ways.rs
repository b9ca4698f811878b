//! The tables of travel: measured routes, roads, closures, helicopter bases.
//!
//! Lives here: names and types. Does not live here: any statement. Invariant: the schema test holds
//! them and both engines' tables together.

diesel::table! {
    route (code) {
        code -> Text,
        depot -> Text,
        region -> Text,
        minutes -> BigInt,
        source -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        status -> Text,
        rev -> BigInt,
        basis -> Text,
    }
}

diesel::table! {
    road (code) {
        code -> Text,
        from_lon_e6 -> BigInt,
        from_lat_e6 -> BigInt,
        to_lon_e6 -> BigInt,
        to_lat_e6 -> BigInt,
        length_m -> BigInt,
        class -> Nullable<Text>,
        speed_kmh -> Nullable<BigInt>,
        one_way -> Bool,
        status -> Text,
        rev -> BigInt,
    }
}

diesel::table! {
    helibase (code) {
        code -> Text,
        name -> Text,
        region -> Text,
        lon_e6 -> BigInt,
        lat_e6 -> BigInt,
        radius_km -> BigInt,
        cruise_kmh -> BigInt,
        payload_kg -> BigInt,
        aircraft -> BigInt,
        ready_min -> BigInt,
        load_min -> BigInt,
        turnaround_min -> BigInt,
        flying_min -> BigInt,
        source -> Text,
        status -> Text,
        rev -> BigInt,
    }
}

diesel::table! {
    water_leg (code) {
        code -> Text,
        name -> Text,
        region -> Text,
        lon_e6 -> BigInt,
        lat_e6 -> BigInt,
        crossing_min -> BigInt,
        turnaround_min -> BigInt,
        sails_from_min -> BigInt,
        sails_until_min -> BigInt,
        boats -> BigInt,
        boat_kg -> BigInt,
        source -> Text,
        status -> Text,
        rev -> BigInt,
    }
}

diesel::table! {
    closure (code) {
        code -> Text,
        kind -> Text,
        region -> Text,
        depot -> Nullable<Text>,
        roads -> Text,
        closed_at -> BigInt,
        expected_reopen_at -> Nullable<BigInt>,
        reopened_at -> Nullable<BigInt>,
        cause -> Text,
        document -> Nullable<Text>,
        status -> Text,
        rev -> BigInt,
    }
}
