//! What leaves a project is judged by other limits, or by none.

use caplint::finding::Severity;
use caplint::report::{Report, State};

use super::{Files, ROOT, diff, diff_since, diff_with, fails, feature, new_of};

const RULE: &str = "project-removed";

fn messages(report: &Report) -> Vec<&str> {
    let found = new_of(report, RULE).into_iter();
    found.map(|finding| finding.message.as_str()).collect()
}

#[test]
fn a_nested_project_takes_no_demand_along() {
    let (x, y) = (feature("x", "10/day"), feature("y", "10/day"));
    let base: Files<'_> = &[("capacity.toml", ROOT), ("f/x/capacity.toml", &x)];
    let lax = ROOT
        .replace("\"t\"", "\"sub\"")
        .replace("600_000", "60_000_000");
    let nested = format!("{lax}{}", feature("x", "150/day"));
    let report = diff(
        base,
        &[("capacity.toml", ROOT), ("f/x/capacity.toml", &nested)],
    );
    assert!(fails(&report));
    let said = messages(&report);
    assert_eq!(said.len(), 1, "{said:?}");
    for word in [
        "`features.x`",
        "`t`",
        "`sub`",
        "`apis.a.credits`",
        "300,000 credits/month",
    ] {
        assert!(said[0].contains(word), "{said:?}");
    }
    // Under another name, by its lines; with other lines, by its file.
    let renamed = nested.replace("features.x", "features.z");
    let elsewhere = diff(
        base,
        &[("capacity.toml", ROOT), ("g/capacity.toml", &renamed)],
    );
    assert_eq!(messages(&elsewhere).len(), 1);
    let other = renamed.replace("endpoint =", "id = \"other\", endpoint =");
    let in_place = diff(
        base,
        &[("capacity.toml", ROOT), ("f/x/capacity.toml", &other)],
    );
    assert_eq!(messages(&in_place).len(), 1);
    // A project that takes nothing along is only new, and a feature may go.
    let own = format!("{lax}{y}");
    let beside = [
        ("capacity.toml", ROOT),
        ("f/x/capacity.toml", &x),
        ("f/y/capacity.toml", &own),
    ];
    assert!(!fails(&diff(base, &beside)));
    assert!(!fails(&diff(base, &[("capacity.toml", ROOT)])));
}

#[test]
fn nothing_judges_where_the_files_are_gone() {
    let x = feature("x", "10/day");
    let base: Files<'_> = &[("capacity.toml", ROOT), ("f/x/capacity.toml", &x)];
    let report = diff(base, &[("f/x/x.toml", &x)]);
    assert!(fails(&report));
    let said = messages(&report);
    assert_eq!(said.len(), 1);
    for word in [
        "project `t` is gone",
        "`apis.a.credits`",
        "`[policy]`",
        "300,000",
    ] {
        assert!(said[0].contains(word), "{said:?}");
    }
    // A project that nobody called one is gone too.
    let (implicit, policy) = ROOT.split_once("[tenants]").unwrap();
    assert!(implicit.contains("[project]"));
    let implicit = format!("[tenants]{policy}{x}");
    let report = diff(&[("capacity.toml", &implicit)], &[]);
    assert_eq!(messages(&report).len(), 1);
    // So is one that only a saved report tells of.
    assert_eq!(messages(&diff_since(base, &[])).len(), 1);
    assert!(messages(&diff_since(base, base)).is_empty());
    // Where nothing was, nothing can go.
    assert!(messages(&diff(&[], &[])).is_empty());
}

#[test]
fn a_root_stays_one() {
    let x = feature("x", "10/day");
    let base: Files<'_> = &[("capacity.toml", ROOT), ("f/x/capacity.toml", &x)];
    let plain = ROOT.replace("[project]\nname = \"t\"\n", "");
    let without_table = diff(
        base,
        &[("capacity.toml", &plain), ("f/x/capacity.toml", &x)],
    );
    assert!(fails(&without_table));
    assert!(messages(&without_table)[0].contains("no longer has a `[project]`"));
    let implicit: Files<'_> = &[("capacity.toml", &plain), ("f/x/capacity.toml", &x)];
    let without_file = diff(implicit, &[("f/x/capacity.toml", &x)]);
    assert!(messages(&without_file)[0].contains("no longer has a root file"));
    assert!(messages(&diff(implicit, base)).is_empty());
}

#[test]
fn projects_change_places() {
    let root = |name: &str, plan: &str| {
        let root = ROOT.replace("\"t\"", &format!("\"{name}\""));
        root.replace("600_000", plan)
    };
    let (a, b) = (root("A", "600_000"), root("B", "60_000_000"));
    let (x, y) = (feature("x", "10/day"), feature("y", "100/day"));
    let base: Files<'_> = &[
        ("a/capacity.toml", &a),
        ("a/f/x/capacity.toml", &x),
        ("b/capacity.toml", &b),
        ("b/f/y/capacity.toml", &y),
    ];
    let swapped = |first: &str, second: &str, line: &str| {
        let report = diff(
            base,
            &[
                ("b/capacity.toml", first),
                ("b/f/x/capacity.toml", line),
                ("a/capacity.toml", second),
                ("a/f/y/capacity.toml", &y),
            ],
        );
        report.summary.exit_code
    };
    assert_eq!(swapped(&a, &b, &x), 0);
    assert_eq!(swapped(&a, &b, &feature("x", "1000/day")), 1);
    // Where only what they are called is exchanged, each stays where it is.
    let (first, second) = (root("B", "600_000"), root("A", "60_000_000"));
    let named = [
        ("a/capacity.toml", &*first),
        ("a/f/x/capacity.toml", &x),
        ("b/capacity.toml", &second),
        ("b/f/y/capacity.toml", &y),
    ];
    assert_eq!(diff(base, &named).summary.exit_code, 0);
}

#[test]
fn a_project_moves_as_a_whole() {
    let x = feature("x", "10/day");
    let base: Files<'_> = &[("capacity.toml", ROOT), ("f/x/capacity.toml", &x)];
    let moved: Files<'_> = &[("s/capacity.toml", ROOT), ("s/f/x/capacity.toml", &x)];
    assert_eq!(diff(base, moved).summary.exit_code, 0);
    // What is called by its folder is known by what it declares.
    let unnamed = ROOT.replace("name = \"t\"\n", "");
    let from: Files<'_> = &[("a/capacity.toml", &unnamed), ("a/f/x/capacity.toml", &x)];
    let to: Files<'_> = &[("b/capacity.toml", &unnamed), ("b/f/x/capacity.toml", &x)];
    assert_eq!(diff(from, to).summary.exit_code, 0);
    // What had no `[project]` gets one.
    let plain = ROOT
        .split_once("[tenants]")
        .unwrap()
        .1
        .split_once("[scenarios")
        .unwrap()
        .0;
    let plain = format!("[tenants]{plain}{x}");
    let named = format!("[project]\nname = \"n\"\n{plain}");
    let report = diff(
        &[("c/capacity.toml", &plain)],
        &[("c/capacity.toml", &named)],
    );
    assert!(messages(&report).is_empty());
    // A part of it stays where no project is.
    let alone = diff(
        base,
        &[("s/capacity.toml", ROOT), ("f/x/capacity.toml", &x)],
    );
    assert_eq!(messages(&alone).len(), 1);
    // Another takes its place.
    let decoy = ROOT.replace("\"t\"", "\"decoy\"");
    let mut with_decoy = moved.to_vec();
    with_decoy.push(("capacity.toml", &decoy));
    let report = diff(base, &with_decoy);
    assert!(fails(&report));
    assert!(messages(&report)[0].contains("project `t` in `s`"));
}

#[test]
fn only_the_owners_of_the_policy_let_it_through() {
    let x = feature("x", "10/day");
    let base: Files<'_> = &[("capacity.toml", ROOT), ("f/x/capacity.toml", &x)];
    let report = diff_with(base, &[], |settings| settings.accept_policy = true);
    assert!(!fails(&report));
    assert_eq!(new_of(&report, RULE)[0].severity, Severity::Info);
    for named in [
        format!("[rules]\n{RULE} = \"off\"\n"),
        format!("[[waivers]]\nrule = \"{RULE}\"\nsubject = \"*\"\nreason = \"r\"\n"),
    ] {
        // In the base as in the head: there is no choice about it.
        let root = format!("{ROOT}{named}");
        let report = diff(&[("capacity.toml", &root)], &[]);
        assert_eq!(messages(&report).len(), 1);
        let head = diff(&[("capacity.toml", ROOT)], &[("capacity.toml", &root)]);
        assert_eq!(new_of(&head, "invalid-value").len(), 1);
    }
    // And the report of one owner still has it.
    let nested = format!("{}{}", ROOT.replace("\"t\"", "\"u\""), x);
    let files: Files<'_> = &[("capacity.toml", ROOT), ("f/x/capacity.toml", &nested)];
    let owned = diff_with(base, files, |settings| settings.owners.push("o".to_owned()));
    assert_eq!(new_of(&owned, RULE)[0].state, Some(State::New));
}
