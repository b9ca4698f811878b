//! Tests of codes and the tree.

use super::*;

fn region(code: &str, parent: Option<&str>) -> Arc<Region> {
    let code = RegionCode::parse(code).unwrap();
    Arc::new(Region {
        code,
        name: code.to_string(),
        name_en: None,
        tier: code.tier(),
        functional_zone: false,
        parent: parent.and_then(RegionCode::parse),
        population: None,
        population_source: None,
        planned_displaced: None,
        location: None,
        location_source: LocationSource::Inherited,
        area_ha: None,
        mountain: None,
        valid_from: None,
        valid_to: None,
        replaced_by: None,
    })
}

#[test]
fn codes_are_read_by_group() {
    for (text, tier) in [
        ("37", Tier::Province),
        ("3713", Tier::City),
        ("371326", Tier::County),
        ("371326101", Tier::Township),
        ("371326101201", Tier::Village),
    ] {
        let code = RegionCode::parse(text).unwrap();
        assert_eq!(code.tier(), tier);
        assert_eq!(code.to_string().len(), 12);
        assert!(code.to_string().starts_with(text));
    }
    for bad in ["", "3", "371", "37130", "370026000000", "371326000201", "000000000000", "37a3"] {
        assert_eq!(RegionCode::parse(bad), None, "{bad}");
    }
}

#[test]
fn parents_follow_from_codes() {
    let village = RegionCode::parse("371326101201").unwrap();
    let chain: Vec<String> =
        std::iter::successors(Some(village), |c| c.parent()).map(|c| c.to_string()).collect();
    assert_eq!(
        chain,
        ["371326101201", "371326101000", "371326000000", "371300000000", "370000000000"]
    );
}

#[test]
fn subtrees_are_runs_of_the_order() {
    let tree = Regions::build([
        region("37", None),
        region("3713", Some("37")),
        region("371326", Some("3713")),
        region("371371", Some("3713")),
        region("371326101", Some("371326")),
        region("3710", Some("37")),
    ]);
    let at = |code: &str| tree.find(RegionCode::parse(code).unwrap()).unwrap();
    assert!(tree.within(at("371326101"), at("3713")));
    assert!(tree.within(at("371371"), at("3713")));
    assert!(!tree.within(at("3710"), at("3713")));
    assert!(!tree.within(at("3713"), at("371326")));
    assert_eq!(tree.subtree(at("3713")).count(), 4);
    assert_eq!(tree.subtree(at("37")).count(), 6);
    let counties = |root: &str| tree.of_tier(at(root), Tier::County).to_vec();
    assert_eq!(counties("3713"), [at("371326"), at("371371")]);
    assert_eq!((counties("371326"), counties("3710")), (vec![at("371326")], vec![]));
    assert_eq!(tree.of_tier(at("371326"), Tier::City), []);
    assert_eq!(tree.ancestor_of_tier(at("371326101"), Tier::City), Some(at("3713")));
}
