//! Which project of the base each project of the head is compared with.

use caplint::run::{Before, Inputs, Settings, run};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::units::Date;

/// A folder, a project's name, and how many calls it makes a day.
type Project<'a> = (&'a str, &'a str, u32);

fn snapshot(projects: &[Project<'_>], sources: &mut SourceMap) -> Snapshot {
    let files = projects.iter().map(|(folder, name, rate)| {
        let text = format!(
            "[project]\nname = \"{name}\"\n[tenants]\nfree = 1\n\
             [apis.a.endpoints]\n\"/e\" = {{ credits = 1 }}\n\
             [[features.f.calls]]\nendpoint = \"a:/e\"\nrate = \"{rate}/day\"\n"
        );
        sources.add(SourceFile {
            path: format!("{folder}/capacity.toml").into(),
            text: text.into(),
            flaw: None,
        })
    });
    let files = files.collect();
    let paths = projects.iter().map(|it| format!("{}/capacity.toml", it.0));
    Snapshot {
        files,
        listing: Listing::new(paths.collect()),
        ..Snapshot::default()
    }
}

/// Each project of the comparison with how many calls a day it was compared with.
fn paired(base: &[Project<'_>], head: &[Project<'_>]) -> Vec<(String, Option<f64>)> {
    let mut sources = SourceMap::default();
    let [base, head] = [base, head].map(|it| snapshot(it, &mut sources));
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::State(&base),
    };
    let settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    let report = run(&inputs, &settings);
    let before = |project: &caplint::report::Project| {
        let change = project
            .changes
            .iter()
            .find(|it| it.meter == "apis.a.credits");
        let was = change.filter(|it| it.verdict.before.is_some())?;
        Some((was.before? / 30.4).round())
    };
    let projects = report.projects.iter();
    projects.map(|it| (it.root.clone(), before(it))).collect()
}

fn named(pairs: &[(&str, Option<f64>)]) -> Vec<(String, Option<f64>)> {
    pairs
        .iter()
        .map(|(root, it)| ((*root).to_owned(), *it))
        .collect()
}

#[test]
fn the_path_comes_before_the_name() {
    let base = [("a", "x", 1), ("b", "y", 2), ("c", "z", 3)];
    let head = [("b", "x", 10), ("d", "z", 20), ("e", "new", 30)];
    let expected = [
        ("a", Some(1.0)),
        ("b", Some(2.0)),
        ("d", Some(3.0)),
        ("e", None),
    ];
    assert_eq!(paired(&base, &head), named(&expected));
}

#[test]
fn a_project_of_the_base_is_only_one_of_the_head() {
    let head = [("b", "x", 10), ("c", "x", 20)];
    let expected = [("b", Some(1.0)), ("c", None)];
    assert_eq!(paired(&[("a", "x", 1)], &head), named(&expected));
}
