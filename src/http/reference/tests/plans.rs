//! Faults of quota rules and of what others promise, field by field.
//!
//! Lives here: bad values of these kinds. Does not live here: their good ones (`tests`). Invariant:
//! all faults of a record are named at once.

use super::*;

#[test]
fn all_faults_of_quota_rules_are_named() {
    use FaultCode as F;
    let share = |mode: &str, permille: i64| json!({"mode": mode, "share_permille": permille});
    let changes = json!({
        "code": "A B", "tier": "x", "need": "water", "displaced_permille": 1_001, "days": 0,
        "redundancy_permille": 10_001, "season_factor_permille": 0, "per_person_milli": 0,
        "modes": [share("social", 500), share("social", 0), share("x", 499)],
        "floor_permille": 1_001, "pack": "a=b", "effective_to": "2021-12-31"
    });
    let expected = at(&[
        ("/code", F::Malformed),
        ("/tier", F::UnknownValue),
        ("/need", F::NotAllowed),
        ("/displaced_permille", F::OutOfRange),
        ("/days", F::OutOfRange),
        ("/redundancy_permille", F::OutOfRange),
        ("/season_factor_permille", F::OutOfRange),
        ("/per_person_milli", F::OutOfRange),
        ("/modes/1/mode", F::Duplicate),
        ("/modes/1/share_permille", F::OutOfRange),
        ("/modes/2/mode", F::UnknownValue),
        ("/modes", F::OutOfRange),
        ("/floor_permille", F::OutOfRange),
        ("/pack", F::Malformed),
        ("/effective_to", F::DateOrder),
    ]);
    assert_eq!(spoilt(quota_rule(), changes, QuotaRuleDto::to_record), expected);
    for (changes, pointer, code) in [
        (json!({"item": null}), "/item", F::Required),
        (json!({"target": 5}), "/target", F::NotAllowed),
        (json!({"displaced_permille": null}), "/displaced_permille", F::Required),
        (json!({"planned_displaced_from": "given"}), "/displaced_permille", F::NotAllowed),
        (json!({"planned_displaced_from": "x"}), "/planned_displaced_from", F::UnknownValue),
        (json!({"modes": []}), "/modes", F::OutOfRange),
        (json!({"modes": [share("social", 999)]}), "/modes", F::OutOfRange),
    ] {
        let found = spoilt(quota_rule(), changes, QuotaRuleDto::to_record);
        assert_eq!(found, at(&[(pointer, code)]));
    }
    let absolute = json!({"basis": "absolute", "target": 1_000_000_000_001_i64});
    let found = spoilt(quota_rule(), absolute, QuotaRuleDto::to_record);
    let idle = ["planned_displaced_from", "displaced_permille", "days", "redundancy_permille"];
    let idle = idle.into_iter().chain(["season_factor_permille", "per_person_milli"]);
    let mut expected: Vec<_> = idle.map(|name| (format!("/{name}"), F::NotAllowed)).collect();
    expected.push(("/target".to_string(), F::OutOfRange));
    assert_eq!(found, expected);
}

#[test]
fn all_faults_of_promises_are_named() {
    use FaultCode as F;
    let changes = json!({
        "code": "-", "organization": "a b", "valid_to": "2021-12-31", "reliability_permille": 1_001,
        "lat": null, "status": "x", "contract_quantity": -1, "declared_stock": -1,
        "declared_on": "2022-02-30", "response_hours": 8_761
    });
    let expected = at(&[
        ("/code", F::Malformed),
        ("/organization", F::Malformed),
        ("/valid_to", F::DateOrder),
        ("/reliability_permille", F::OutOfRange),
        ("/lat", F::Required),
        ("/status", F::UnknownValue),
        ("/contract_quantity", F::OutOfRange),
        ("/declared_stock", F::OutOfRange),
        ("/declared_on", F::Malformed),
        ("/response_hours", F::OutOfRange),
    ]);
    let convert = AgreementDto::to_record;
    assert_eq!(spoilt(promise(agreement()), changes, convert), expected);
    let changes = json!({"daily_rate": -1, "startup_hours": -1, "finished_goods": -1, "limit": -1});
    let found = spoilt(promise(capacity()), changes, CapacityDto::to_record);
    let names = ["/daily_rate", "/startup_hours", "/finished_goods", "/limit"];
    assert_eq!(found, at(&names.map(|name| (name, F::OutOfRange))));
    let changes = json!({"fulfilment_permille": 1_001, "pledged_quantity": -1});
    let found = spoilt(promise(pledge()), changes, PledgeDto::to_record);
    let names = ["/pledged_quantity", "/fulfilment_permille"];
    assert_eq!(found, at(&names.map(|name| (name, F::OutOfRange))));
    let changes = json!({"declaration_days": -1, "stale_declarations": "x",
        "pledge_fulfilment_permille": 1_001, "promise_decide_min": -1});
    let expected = at(&[
        ("/declaration_days", F::OutOfRange),
        ("/stale_declarations", F::UnknownValue),
        ("/pledge_fulfilment_permille", F::OutOfRange),
        ("/promise_decide_min", F::OutOfRange),
    ]);
    assert_eq!(spoilt(profile(), changes, ProfileDto::to_record), expected);
}
