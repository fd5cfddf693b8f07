use caplint::render::json;
use caplint::report::Report;

use super::{expect, is_harmless};
use crate::support::reports;

#[test]
fn the_names_of_the_contract() {
    expect("check.json", &json(&reports::check()));
    expect("diff.json", &json(&reports::diff()));
}

#[test]
fn what_is_written_reads_back_the_same() {
    for report in [
        reports::check(),
        reports::diff(),
        reports::hostile(),
        reports::touching(3),
    ] {
        let written = json(&report);
        assert!(written.ends_with("}\n"));
        let read: Report = serde_json::from_str(&written).unwrap();
        assert_eq!(json(&read), written);
        let finding = |report: &Report| report.projects[0].findings.last().unwrap().subject.clone();
        assert_eq!(finding(&read), finding(&report));
    }
}

#[test]
fn hostile_names_cannot_act_on_a_terminal() {
    assert!(is_harmless(&json(&reports::hostile())));
}

#[test]
fn an_infinite_demand_is_null() {
    let mut report = reports::check();
    report.projects[0].meters[0].demand.point = Some(f64::INFINITY);
    let value: serde_json::Value = serde_json::from_str(&json(&report)).unwrap();
    assert!(value["projects"][0]["meters"][0]["demand"]["point"].is_null());
}
