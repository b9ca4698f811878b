//! Bounds of water legs, from both sides.
//!
//! Lives here: figures at their bounds and beyond. Does not live here: a good leg (`tests`).
//! Invariant: a figure at its bound is taken, and the next one is refused by its field.

use super::*;

#[test]
fn all_faults_of_a_water_leg_are_named() {
    use FaultCode as F;
    let changes = json!({
        "code": "W L", "name": "", "region": "37130", "lon": 181, "lat": -91,
        "crossing_min": 0, "turnaround_min": -1, "sails_from": "06:60", "sails_until": "25:00",
        "boats": 0, "boat_kg": 0, "source": "", "status": "wet"
    });
    let expected = at(&[
        ("/code", F::Malformed),
        ("/name", F::OutOfRange),
        ("/region", F::Malformed),
        ("/lon", F::OutOfRange),
        ("/lat", F::OutOfRange),
        ("/crossing_min", F::OutOfRange),
        ("/turnaround_min", F::OutOfRange),
        ("/sails_from", F::Malformed),
        ("/sails_until", F::Malformed),
        ("/boats", F::OutOfRange),
        ("/boat_kg", F::OutOfRange),
        ("/source", F::OutOfRange),
        ("/status", F::UnknownValue),
    ]);
    assert_eq!(spoilt(water_leg(), changes, WaterLegDto::to_record), expected);
}

#[test]
fn the_figures_of_a_water_leg_are_taken_up_to_their_bounds() {
    use FaultCode as F;
    let long = |length: usize| json!("路".repeat(length));
    for (field, least, most, below, beyond, code) in [
        ("crossing_min", json!(1), json!(1_440), json!(0), json!(1_441), F::OutOfRange),
        ("turnaround_min", json!(0), json!(1_440), json!(-1), json!(1_441), F::OutOfRange),
        ("boats", json!(1), json!(1_000), json!(0), json!(1_001), F::OutOfRange),
        ("boat_kg", json!(1), json!(10_000_000), json!(0), json!(10_000_001), F::OutOfRange),
        ("lon", json!(-180), json!(180), json!(-180.000_001), json!(180.000_001), F::OutOfRange),
        ("lat", json!(-90), json!(90), json!(-90.000_001), json!(90.000_001), F::OutOfRange),
        ("name", long(1), long(200), long(0), long(201), F::OutOfRange),
        ("source", long(1), long(200), long(0), long(201), F::OutOfRange),
        (
            "sails_from",
            json!("00:00"),
            json!("23:59"),
            json!("-1:00"),
            json!("24:00"),
            F::Malformed,
        ),
        (
            "sails_until",
            json!("06:06"),
            json!("24:00"),
            json!("6:06"),
            json!("24:01"),
            F::Malformed,
        ),
    ] {
        for good in [least, most] {
            let mut leg = water_leg();
            leg[field] = good.clone();
            let taken = of::<WaterLegDto>(leg).to_record();
            assert!(taken.is_ok(), "{field} {good}: {taken:?}");
        }
        for bad in [below, beyond] {
            let told = spoilt(water_leg(), json!({field: bad.clone()}), WaterLegDto::to_record);
            assert_eq!(told, at(&[(format!("/{field}").as_str(), code)]), "{field} {bad}");
        }
    }
    let still = json!({"sails_until": "06:05"});
    let told = spoilt(water_leg(), still, WaterLegDto::to_record);
    assert_eq!(told, at(&[("/sails_until", F::OutOfRange)]), "boats sail for some time");
}
