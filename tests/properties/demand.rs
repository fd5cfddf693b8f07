//! How demand grows with tenants and scenarios.

use std::collections::BTreeMap;
use std::sync::Arc;

use caplint::report::{Meter, Percentiles};

use super::{check, close, only, project, projects};

#[test]
fn more_tenants_never_ask_for_less() {
    for seed in projects(12) {
        let mut model = project(seed, false);
        for times in [1, 2, 3, 7] {
            model.add_scenario(&format!("s{times}"), f64::from(times));
        }
        let report = check(&model.files());
        let project = only(&report);
        let demand = |name: &str| -> BTreeMap<Arc<str>, f64> {
            let scenario = project.scenarios.iter().find(|s| s.name == name).unwrap();
            let infinite = |meter: &Meter| meter.demand.point.unwrap_or(f64::INFINITY);
            let meters = scenario.meters.iter();
            meters
                .map(|meter| (meter.id.clone(), infinite(meter)))
                .collect()
        };
        for pair in ["s1", "s2", "s3", "s7"].windows(2) {
            let (less, more) = (demand(pair[0]), demand(pair[1]));
            for (meter, less) in less {
                let more = more[&meter];
                assert!(
                    more >= less * (1.0 - 1e-12),
                    "seed {seed}: {meter} asks for {less} in {}, for {more} in {}",
                    pair[0],
                    pair[1]
                );
            }
        }
    }
}

#[test]
fn a_scenario_of_once_as_many_is_today_without_growth() {
    for seed in projects(12) {
        let mut model = project(seed, seed % 16 == 3);
        model.flatten();
        model.add_scenario("same", 1.0);
        let report = check(&model.files());
        let project = only(&report);
        let same = project.scenarios.iter().find(|s| s.name == "same").unwrap();
        for (today, same) in project.meters.iter().zip(&same.meters) {
            assert_eq!(today.id, same.id);
            let points = [today.demand, same.demand].map(|demand: Percentiles| demand.point);
            match points {
                [Some(today_point), Some(same_point)] => assert!(
                    close(today_point, same_point, 1e-12),
                    "seed {seed}: {} is {today_point} today, {same_point} in the scenario",
                    today.id
                ),
                other => assert_eq!(other, [None, None], "seed {seed}: {}", today.id),
            }
        }
    }
}

#[test]
fn at_the_breaking_point_the_demand_is_the_limit() {
    let mut checked = 0;
    for seed in projects(12) {
        let mut model = project(seed, false);
        model.flatten();
        let report = check(&model.files());
        let breaking: Vec<(Arc<str>, f64, f64)> = only(&report)
            .meters
            .iter()
            .filter(|meter| {
                ["credits", "rate", "storage", "writes", "throughput"].contains(&&*meter.kind)
            })
            .filter_map(|meter| Some((meter.id.clone(), meter.breaking_point?, meter.limit?)))
            .filter(|(_, point, _)| *point > 0.0)
            .collect();
        for (index, (_, point, _)) in breaking.iter().enumerate() {
            model.add_scenario(&format!("b{index}"), *point);
        }
        let report = check(&model.files());
        for (index, (id, point, limit)) in breaking.iter().enumerate() {
            let name = format!("b{index}");
            let scenarios = &only(&report).scenarios;
            let scenario = scenarios
                .iter()
                .find(|scenario| scenario.name == name)
                .unwrap();
            let meter = scenario
                .meters
                .iter()
                .find(|meter| meter.id == *id)
                .unwrap();
            let demand = meter.demand.point.unwrap();
            assert!(
                close(demand, *limit, 1e-5),
                "seed {seed}: {id} breaks at {point}, where it asks for {demand} of {limit}"
            );
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked} breaking points");
}
