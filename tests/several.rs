//! One head compared with several bases.

use caplint::report::{Compared, Finding, Outcome, Report, State};
use caplint::run::Settings;
use caplint::run::several::{NewTo, combined};
use caplint::units::Date;

use crate::support::reports;

/// The sample comparison, with its errors in this state, and so many declarations unread.
fn compared(state: State, unread: usize) -> Report {
    let mut report = reports::diff();
    for finding in report.projects.iter_mut().flat_map(|it| &mut it.findings) {
        finding.state = Some(state);
    }
    reports::summarize(&mut report);
    let mut comparison = Compared::default();
    comparison.unread.base = unread;
    report.comparison = Some(comparison);
    report
}

fn outcome(states: [State; 2], unread: usize, new_to: NewTo) -> (Outcome, u8) {
    let [first, second] = states;
    let settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    let others = vec![compared(second, unread)];
    let report = combined(compared(first, 0), others, new_to, &settings);
    let is_new = |it: &&Finding| it.state == Some(State::New);
    let findings = report.projects.iter().flat_map(|it| &it.findings);
    let fails = findings.filter(is_new).count() > 0;
    assert_eq!(fails, report.summary.exit_code == 1);
    (report.summary.verdict, report.summary.exit_code)
}

#[test]
fn of_merge_bases_what_is_new_to_any_is_new() {
    for states in [[State::New, State::Existing], [State::Existing, State::New]] {
        assert_eq!(outcome(states, 0, NewTo::Any), (Outcome::Fails, 1));
        assert_eq!(outcome(states, 0, NewTo::All), (Outcome::Passes, 0));
    }
    let new = [State::New, State::New];
    assert_eq!(outcome(new, 0, NewTo::All), (Outcome::Fails, 1));
}

#[test]
fn what_could_not_be_read_of_one_base_keeps_a_run_from_passing() {
    let existing = [State::Existing, State::Existing];
    for new_to in [NewTo::Any, NewTo::All] {
        assert_eq!(outcome(existing, 0, new_to), (Outcome::Passes, 0));
        assert_eq!(outcome(existing, 1, new_to), (Outcome::NotFullyChecked, 0));
    }
}
