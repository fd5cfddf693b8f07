//! Figures that are not worked out change nothing of what is said.

use std::collections::BTreeSet;

use caplint::analysis::Figures;
use caplint::render::{Format, Options, render};
use caplint::report::{Meter, Project, Report, Verdict};
use caplint::run::Settings;
use clap::ValueEnum;

use super::model::Random;
use super::{check_by, diff_with, only, project, projects, settings};

#[test]
fn what_is_not_worked_out_is_not_missed() {
    let mut left_out = 0;
    for seed in projects(24) {
        let base = project(seed, seed % 3 == 0);
        let head = base.changed(&mut Random::new(seed + 5));
        let [all, today, judged] = [Figures::All, Figures::Today, Figures::Judged]
            .map(|figures| diff_with(&base.files(), &head.files(), figures));
        alike_but_in(&[Format::Json, Format::Html], &all, &today, seed);
        let lists_all = [Format::Json, Format::Html, Format::Markdown];
        alike_but_in(&lists_all, &all, &judged, seed);
        left_out += same_but_left_out(only(&all), only(&today), seed);
        left_out += same_but_left_out(only(&all), only(&judged), seed);
        assert_eq!(only(&today).left_out, 0, "seed {seed}");
    }
    assert!(left_out > 100, "{left_out} meters left out");
}

/// Checks that less of a project was worked out, and the same is said of it; returns how many
/// meters were left out. All of those are of tables without a limit.
#[track_caller]
fn same_but_left_out(all: &Project, some: &Project, seed: u64) -> usize {
    let text = |project: &Project| {
        let Project {
            verdict,
            changes,
            findings,
            assumptions,
            unchanged,
            ..
        } = project;
        let said = (verdict, changes, findings, assumptions, unchanged);
        serde_json::to_string_pretty(&said).unwrap()
    };
    assert_eq!(text(some), text(all), "seed {seed}");
    let situations = |project: &Project| -> Vec<Vec<Meter>> {
        let horizons = project.horizons.iter().map(|horizon| &horizon.meters);
        let scenarios = project.scenarios.iter().map(|scenario| &scenario.meters);
        std::iter::once(&project.meters)
            .chain(horizons)
            .chain(scenarios)
            .cloned()
            .collect()
    };
    let mut left_out = Vec::new();
    for (all, some) in situations(all).iter().zip(situations(some)) {
        let mut some = some.iter().peekable();
        let mut missing = 0;
        for meter in all {
            if let Some(other) = some.next_if(|other| other.id == meter.id) {
                let [other, meter] = [other, meter].map(|meter| format!("{meter:?}"));
                assert_eq!(other, meter, "seed {seed}");
                continue;
            }
            missing += 1;
            let is_of_table = meter.id.starts_with("tables.");
            assert!(
                is_of_table && meter.verdict == Verdict::Unlimited,
                "seed {seed}: {} is left out",
                meter.id
            );
        }
        assert_eq!(some.next().map(|meter| &meter.id), None, "seed {seed}");
        left_out.push(missing);
    }
    assert_eq!(left_out[0], some.left_out, "seed {seed}");
    left_out.iter().sum()
}

/// Whether two reports say the same in all formats but some.
#[track_caller]
fn alike_but_in(but: &[Format], one: &Report, other: &Report, seed: u64) {
    let formats = Format::value_variants().iter().copied();
    for format in formats.filter(|it| !but.contains(it)) {
        for verbose in [false, true] {
            let options = Options {
                verbose,
                ..Options::default()
            };
            let [one, other] = [one, other].map(|report| render(format, report, &options));
            assert!(one == other, "seed {seed}: {format:?}\n{one}\n{other}");
        }
    }
}

#[test]
fn a_check_misses_nothing_either() {
    let (mut left_out, mut asked) = (0, 0);
    for seed in projects(48) {
        let files = project(seed, seed % 2 == 0).files();
        let [all, today, judged] = [Figures::All, Figures::Today, Figures::Judged].map(|figures| {
            let settings = Settings {
                figures,
                ..settings(1)
            };
            check_by(&files, &settings)
        });
        alike_but_in(&[Format::Json, Format::Html], &all, &today, seed);
        let shows_today = [Format::Json, Format::Html, Format::Markdown];
        alike_but_in(&shows_today, &all, &judged, seed);
        let (all, today, judged) = (only(&all), only(&today), only(&judged));
        left_out += same_but_left_out(all, today, seed);
        left_out += same_but_left_out(all, judged, seed);
        // Findings with the bytes of what has no meter.
        let ids = |project: &Project| -> BTreeSet<String> {
            let meters = project.meters.iter();
            meters.map(|meter| meter.id.to_string()).collect()
        };
        let without: BTreeSet<String> = ids(all).difference(&ids(judged)).cloned().collect();
        for meter in all
            .meters
            .iter()
            .filter(|meter| without.contains(&*meter.id))
        {
            let table = meter.id.trim_end_matches(".storage");
            let about = all.findings.iter().filter(|it| it.subject == table);
            asked += usize::from(meter.demand.p50 != meter.demand.p90) * about.count();
        }
    }
    assert!(left_out > 50, "{left_out} meters left out");
    assert!(asked > 5, "{asked} findings about what is uncertain");
}
