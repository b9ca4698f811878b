//! The table of events.
//!
//! Lives here: names and types. Does not live here: any statement. Invariant: the schema test holds
//! it and both engines' tables together.

diesel::table! {
    event (code) {
        code -> Text,
        name -> Text,
        name_en -> Nullable<Text>,
        exercise -> Bool,
        illustrative -> Bool,
        state -> Text,
        started_at -> Nullable<BigInt>,
        hours -> Nullable<BigInt>,
        clock -> Nullable<Text>,
        days -> BigInt,
        speed_percent -> BigInt,
        off_hours -> Bool,
        surviving_percent -> BigInt,
        month -> Nullable<BigInt>,
        areas -> Text,
        closures -> Text,
        disabled_depots -> Text,
        source -> Nullable<Text>,
        rev -> BigInt,
    }
}
