//! Which findings a comparison calls new, worsened, existing and fixed, and which severity holds.

use caplint::finding::{Severity, Worse};
use caplint::report::{Finding, State, Waived};
use caplint::verdicts::compare;

use crate::arithmetic::project;
use crate::support::{lint, reports};

/// A finding with this figure.
fn figure(figure: Option<f64>, worse: Worse) -> Finding {
    Finding {
        figure,
        worse,
        ..reports::finding("over-limit", Severity::Warning, "apis.a.credits", "said")
    }
}

fn waived(finding: Finding) -> Finding {
    let waived = Waived {
        reason: None,
        owner: None,
        until: None,
    };
    Finding {
        waived: Some(waived),
        ..finding
    }
}

/// What a comparison says of the findings that it leaves.
fn states(before: Option<Finding>, now: Option<Finding>) -> Vec<State> {
    let mut head: Vec<Finding> = now.into_iter().collect();
    compare(&mut head, before.into_iter().collect(), |_, _| false);
    head.iter().filter_map(|finding| finding.state).collect()
}

#[test]
fn a_finding_worsens_where_its_figure_does_by_more_than_a_thousandth() {
    use Worse::{Higher, Lower};
    for (before, now, worse, expected) in [
        (Some(10.0), Some(10.011), Higher, State::Worsened),
        (Some(10.0), Some(10.009), Higher, State::Existing),
        (Some(10.0), Some(9.0), Higher, State::Existing),
        (Some(10.0), Some(9.989), Lower, State::Worsened),
        (Some(10.0), Some(9.991), Lower, State::Existing),
        (Some(10.0), Some(11.0), Lower, State::Existing),
        // Without a figure it is infinite.
        (Some(10.0), None, Higher, State::Worsened),
        (Some(10.0), None, Lower, State::Existing),
        (None, Some(10.0), Higher, State::Existing),
        (None, None, Higher, State::Existing),
    ] {
        let [before_, now_] = [before, now].map(|it| Some(figure(it, worse)));
        let found = states(before_, now_);
        assert_eq!(found, [expected], "{before:?} {now:?} {worse:?}");
    }
}

#[test]
fn a_finding_worsens_where_it_is_severer_or_no_longer_waived() {
    let plain = || figure(Some(1.0), Worse::Higher);
    let severer = Finding {
        severity: Severity::Error,
        ..plain()
    };
    for (before, now, expected) in [
        (plain(), severer.clone(), State::Worsened),
        (severer, plain(), State::Existing),
        (waived(plain()), plain(), State::Worsened),
        (plain(), waived(plain()), State::Existing),
        (waived(plain()), waived(plain()), State::Existing),
    ] {
        assert_eq!(states(Some(before), Some(now)), [expected]);
    }
}

#[test]
fn only_what_counted_before_is_fixed() {
    let plain = || figure(Some(1.0), Worse::Higher);
    let fixed = || Finding {
        state: Some(State::Fixed),
        ..plain()
    };
    assert_eq!(states(None, Some(plain())), [State::New]);
    assert_eq!(states(Some(plain()), None), [State::Fixed]);
    assert_eq!(states(Some(waived(plain())), None), []);
    // A saved comparison has what it saw fixed: that was not there.
    assert_eq!(states(Some(fixed()), Some(plain())), [State::New]);
    assert_eq!(states(Some(fixed()), None), []);
}

#[test]
fn of_a_rules_levels_the_last_holds() {
    let text = "[tenants]\npro = 10\n[apis.a]\nplan = { credits = 100 }\nendpoints.\"/x\" = { credits = 1 }\n\
                [features.f]\ncalls = [{ endpoint = \"/x\", rate = \"1/day\" }]\n";
    let severities = |levels: [&str; 2]| -> Vec<String> {
        let levels = levels.map(|level| format!("--rule=over-limit={level}"));
        let arguments = ["check", &levels[0], &levels[1]];
        let project = project(&[("capacity.toml", text)], &arguments);
        let findings = project["findings"].as_array().unwrap().iter();
        findings
            .filter(|finding| finding["rule"] == "over-limit")
            .map(|finding| finding["severity"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(severities(["off", "warning"]), ["warning"]);
    assert_eq!(severities(["warning", "off"]), [""; 0]);
}

#[test]
fn an_error_of_a_file_stays_the_same_where_its_project_moves() {
    let text = "[project]\nname = \"p\"\n[databases.d]\n[tables.t]\nkind = \"event\"\nretention = \"30d\"\n";
    let files = [
        ("base/a/capacity.toml", text),
        ("head/b/capacity.toml", text),
    ];
    let project = project(&files, &["diff", "./base", "./head"]);
    let findings = project["findings"].as_array().unwrap().iter();
    let errors = findings.filter(|finding| finding["rule"] == "missing-key");
    let states: Vec<_> = errors.map(|error| &error["state"]).collect();
    assert_eq!(states, ["existing"]);
}

#[test]
fn of_several_that_one_thing_may_be_now_it_is_always_the_same() {
    let text = |tables: [&str; 2]| {
        let mut text = "[project]\nname = \"t\"\n[tenants]\npro = 1000\n[databases.main]\n\
             storage = \"1TB\"\nwrites = \"5000/s\"\n[features.f]\n"
            .to_owned();
        for (at, table) in tables.iter().filter(|it| !it.is_empty()).enumerate() {
            text += &format!(
                "[[features.f.writes]]\nid = \"w{at}\"\ntable = \"{table}\"\nrate = \"2/day\"\n"
            );
        }
        for table in tables.iter().filter(|it| !it.is_empty()) {
            text += &format!(
                "[tables.{table}]\nkind = \"event\"\nrow_size = \"90B\"\nretention = \"9d\"\n"
            );
        }
        text
    };
    let [base, head] = [["a", ""], ["b", "c"]].map(text);
    for _ in 0..20 {
        let report = lint::compare(&[("capacity.toml", &base)], &[("capacity.toml", &head)], "");
        let findings = report.projects[0].findings.iter();
        let own = findings.filter(|finding| finding.rule == "indexes-undeclared");
        let states: Vec<_> = own.map(|it| (&*it.subject, it.state)).collect();
        let expected = [("tables.b", State::Existing), ("tables.c", State::New)];
        assert_eq!(
            states,
            expected.map(|(subject, state)| (subject, Some(state)))
        );
    }
}
