//! Helicopters in scenarios and events: what they carry on top of the plan, end to end.
//!
//! The order of flights is tested in the domain. Invariant: flights take nothing from what goes by
//! road.

use serde_json::{Value, json};

use crate::stage::{Stage, on_each};
use crate::support::forms::{receipt, receipt_of_lot};
use crate::support::records::profile;
use crate::support::world::{CITY_DEPOT, COUNTY_A, COUNTY_B, DEPOT_A, DEPOT_B};

const HEADERS: [(&str, &str); 1] = [("content-type", "application/json")];

/// Quilts: county A 500, county B 1,800, the city 2,500; water for everybody.
pub fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("a", &receipt(DEPOT_A, "QUILT", 500));
    stage.book("b", &receipt(DEPOT_B, "QUILT", 1_800));
    stage.book("c", &receipt(CITY_DEPOT, "QUILT", 2_500));
    for (key, depot) in [("wa", DEPOT_A), ("wc", CITY_DEPOT)] {
        stage.book(key, &receipt_of_lot(depot, "WATER", 60_000, "L", "2190-01-01"));
    }
}

/// A base some 22 km from the city's depot and the county's seat, of so many machines.
pub fn base(stage: &Stage, aircraft: u32, radius_km: u32) -> Value {
    let depot = stage.client("admin").get(&format!("/v1/depots/{CITY_DEPOT}")).expect(200);
    let lat = depot["lat"].as_f64().unwrap() + 0.2;
    json!({"code": "HB-1", "name": "示例", "region": "3713", "lon": depot["lon"],
        "lat": lat, "radius_km": radius_km, "cruise_kmh": 200, "payload_kg": 700,
        "aircraft": aircraft, "ready_min": 45, "load_min": 30, "turnaround_min": 30,
        "flying_min": 360, "source": "示例", "status": "active"})
}

/// County A's roads are closed for a day.
fn cut_off() -> Value {
    json!({
        "name": "洪水(示例)", "exercise": true, "closures": [{"region": COUNTY_A}],
        "areas": [
            {"region": COUNTY_A, "displaced": 3_000}, {"region": COUNTY_B, "displaced": 2_000},
        ],
    })
}

fn ask(stage: &Stage, body: &Value) -> Value {
    let bytes = body.to_string();
    let planner = stage.client("planner");
    planner.send("POST", "/v1/coverage/scenarios", &HEADERS, Some(bytes.as_bytes())).expect(200)
}

/// What an area gets of bedding: by road, by air.
fn quilts(answer: &Value, area: usize) -> (i64, i64) {
    let rows = answer["areas"].as_array().unwrap().iter();
    let row = rows.filter(|row| row["need"] == "bedding").nth(area).unwrap();
    (row["delivered"].as_i64().unwrap(), row["delivered_by_air"].as_i64().unwrap())
}

#[test]
fn a_county_that_is_cut_off_is_flown_to() {
    on_each(|stage| {
        settle(stage);
        let body = cut_off();
        let without = ask(stage, &body);
        assert_eq!((quilts(&without, 0), quilts(&without, 1)), ((500, 0), (2_000, 0)));
        assert_eq!((&without["flights"], &without["air"]), (&json!([]), &Value::Null));
        stage.client("admin").create("/v1/helibases/HB-1", &base(stage, 1, 80));
        let answer = ask(stage, &body);
        for part in ["allocations", "shortages", "persons_covered", "plans", "headline"] {
            assert_eq!(answer[part], without[part], "{part}");
        }
        let flights = answer["flights"].as_array().unwrap();
        assert_eq!(flights.len(), 1, "{flights:?}");
        let flight = &flights[0];
        assert_eq!((&flight["base"], &flight["grounded"]), (&json!("HB-1"), &Value::Null));
        let distance = flight["distance_m"].as_i64().unwrap();
        assert!((22_000..22_400).contains(&distance), "{distance}");
        let sorties = flight["sorties"].as_i64().unwrap();
        let capacity = flight["capacity_kg"].as_i64().unwrap();
        assert!(sorties > 0 && sorties * 700 <= capacity, "{flight}");
        let goods = flight["goods"].as_array().unwrap();
        let sum = |field: &str| goods.iter().map(|one| one[field].as_i64().unwrap()).sum::<i64>();
        assert!(sum("weight_kg") <= sorties * 700, "{flight}");
        // Of the 2,300 quilts that the other county leaves; water lies in the county.
        let (by_road, by_air) = quilts(&answer, 0);
        assert_eq!((by_road, by_air), (500, sum("delivered")));
        assert!(by_air > 0 && by_air <= 2_300, "{by_air}");
        assert!(goods.iter().all(|one| one["depot"] == CITY_DEPOT && one["item"] == "QUILT"));
        let summary = &answer["summary"][0];
        assert_eq!(summary["persons_covered"], 500);
        assert_eq!(summary["persons_with_air"], 500 + by_air);
        assert_eq!(answer["air"]["persons_covered"], 2_500 + by_air);
        assert_eq!(answer["air"]["sorties"], sorties);
        assert!(goods.iter().all(|one| one["brought_by_road"] == true));
        // Nobody has said how many trucks the city has.
        let trucks = &answer["air"]["trucks"][0];
        assert_eq!((&trucks["depot"], &trucks["suffices"]), (&json!(CITY_DEPOT), &Value::Null));
        assert_eq!(trucks["tonnes"], answer["air"]["tonnes"]);
        // More machines bring more, until nothing is left.
        let admin = stage.client("admin");
        let put = |record: &Value| {
            admin.put("/v1/helibases/HB-1", Some(("if-match", "*")), record).expect(200);
            ask(stage, &body)
        };
        let two = put(&base(stage, 2, 80));
        assert!(quilts(&two, 0).1 > by_air && quilts(&two, 0).1 <= 2_300, "{two}");
        assert_eq!(quilts(&put(&base(stage, 20, 80)), 0), (500, 2_300));
        // Too far, the distance is told all the same.
        let far = put(&base(stage, 1, 22));
        let flight = &far["flights"][0];
        assert_eq!((&flight["grounded"], &flight["sorties"]), (&json!("distance"), &json!(0)));
        assert_eq!(flight["distance_m"], distance);
        assert_eq!(quilts(&far, 0), (500, 0));
        // A planner of the county may not see where the city's machines stand.
        let mine = json!({"name": "x", "closures": [{"region": COUNTY_A}],
            "areas": [{"region": COUNTY_A, "displaced": 3_000}]})
        .to_string();
        let county = stage.hire("planner", COUNTY_A);
        let path = "/v1/coverage/scenarios";
        let hidden = county.send("POST", path, &HEADERS, Some(mine.as_bytes())).expect(200);
        assert_eq!(hidden["flights"][0]["base"], Value::Null);
        assert!(hidden["flights"][0]["distance_m"].as_i64().is_some(), "{hidden}");
        assert_eq!(hidden["air"]["trucks"], json!([]), "nor its depots");
    });
}

#[test]
fn an_area_that_lacks_an_open_road_and_time_says_both_and_is_flown_to() {
    on_each(|stage| {
        settle(stage);
        let mut record = base(stage, 1, 80);
        let depot = stage.client("admin").get(&format!("/v1/depots/{CITY_DEPOT}")).expect(200);
        record["lat"] = depot["lat"].clone();
        stage.client("admin").create("/v1/helibases/HB-1", &record);
        let told = |body: &Value, language: &str| {
            let headers = [("content-type", "application/json"), ("accept-language", language)];
            let planner = stage.client("planner");
            let path = "/v1/coverage/scenarios";
            planner.send("POST", path, &headers, Some(body.to_string().as_bytes())).expect(200)
        };
        let stays = json!([{"region": COUNTY_A, "stays": true}]);
        let body = json!({"name": "x", "hours": 5, "closures": stays,
            "areas": [{"region": COUNTY_A, "displaced": 3_000}]});
        let answer = told(&body, "en");
        let areas = answer["areas"].as_array().unwrap();
        let row = areas.iter().find(|row| row["need"] == "bedding").unwrap();
        assert_eq!((&row["cause"], &row["causes"]), (&json!("road"), &json!(["road", "time"])));
        // By hand: neither brings more alone, both bring the city's 2,500.
        let units = ["delivered", "delivered_on_open_roads", "delivered_whenever"];
        assert_eq!(units.map(|field| row[field].as_i64()), [Some(500); 3]);
        assert_eq!(row["delivered_on_open_roads_whenever"], 3_000);
        assert_eq!(row["held_back"], json!([]), "nothing would be in time on open roads");
        assert!(row["delivered_by_air"].as_i64() > Some(0), "{row}");
        assert_eq!(answer["summary"][0]["causes"], json!(["road", "time"]));
        let headline = answer["headline"].as_str().unwrap();
        assert!(headline.ends_with("because of closed roads and too little time."), "{headline}");
        let headline = told(&body, "zh")["headline"].as_str().unwrap().to_string();
        assert!(headline.ends_with("原因是道路中断且时限不足。"), "{headline}");
        // The same answers, asked for one by one.
        let with = |field: &str, value: Value| {
            let mut other = body.clone();
            other[field] = value;
            other
        };
        let open = with("closures", json!([]));
        let long = with("hours", json!(720));
        let mut both = open.clone();
        both["hours"] = json!(720);
        for (other, units) in [(open, 500), (long, 500), (both, 3_000)] {
            assert_eq!(quilts(&told(&other, "en"), 0).0, units, "{other}");
        }
    });
}
