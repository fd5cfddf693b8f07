//! What was measured, held against what is declared.
//!
//! A model with the measured populations, caches, retries and costs says at which rates its lines
//! give what was measured. Errors are told by line, and credits and spend are led from forecast to
//! what was measured factor by factor.

mod bridge;
pub(crate) mod errors;
pub(crate) mod graduated;
pub(crate) mod lines;
mod meters;
mod rates;
pub mod report;
mod rewrite;
pub(crate) mod series;
mod tables;
mod told;
mod trial;
mod values;
mod writing;

use crate::analysis::{Outlook, Project};
use crate::document::TomlPath;
use crate::edit::Edit;
use crate::model::scenarios::set_value;
use crate::model::{Declarations, Model, Timing, Value, build};
use crate::source::{FileId, SourceMap, Span};
use crate::units::Date;
use crate::usage::Usage;

use errors::Errors;
use lines::{Observed, OfUnit, observed};
use meters::Meters;
use rates::{Occurring, Rates};
use rewrite::{Digits, Unit, fresh};
pub(crate) use series::{Measured, sum};
pub(crate) use told::below_nothing;
use values::{Found, Of, Place, Values};
use writing::Writing;

pub(crate) use trial::Trial;

/// How many days have to count for something to be judged and written.
const ENOUGH_DAYS: usize = 7;

/// Whole days, of which the second no longer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
}

/// How long before the date of judging rows count for rules.
const RULES_DAYS: i64 = 30;

impl Window {
    /// The days that rules look at: up to the date of judging, with all of its month.
    pub(crate) fn of_rules(as_of: Date) -> Self {
        let month = Date::new(as_of.year(), as_of.month(), 1).unwrap_or(as_of);
        Self {
            from: as_of.plus_days(-RULES_DAYS).unwrap_or(month).min(month),
            to: as_of.plus_days(1).unwrap_or(as_of),
        }
    }

    pub(crate) fn has(self, date: Date) -> bool {
        self.from <= date && date < self.to
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.to.plus_days(-1).unwrap_or(self.to)
    }
}

/// What was measured of a project.
pub(crate) struct Calibrated<'a> {
    pub(crate) lines: Vec<Observed<'a>>,
    /// Every declared value that was measured, by path.
    pub(crate) found: Vec<Found>,
    pub(crate) notes: Vec<String>,
    /// The model with what was measured, but for how often lines occur.
    model: Model,
}

/// Nobody's text: what is put into declarations while they are tried.
const NOWHERE: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};

/// What was measured of a project, in the window.
pub(crate) fn calibrated<'a>(
    project: &'a Project,
    outlook: &'a Outlook,
    measured: &'a Measured,
    window: Window,
    threads: usize,
) -> Calibrated<'a> {
    let lines = observed(project, outlook, measured);
    let mut values = Values {
        project,
        measured,
        found: Vec::new(),
        notes: Vec::new(),
    };
    values.populations();
    let mut declarations = Declarations {
        root: project.judged().clone(),
        ..project.declarations.clone()
    };
    let mean = |found: &Found| mean_population(found, measured, window);
    let counts: Vec<f64> = values.found.iter().map(mean).collect();
    put(&mut declarations, values.found.iter().zip(counts));
    let counted = build(&declarations, threads);
    values.users(|feature| tenants_of(project, &counted, feature));
    values.apis(&lines);
    lines.iter().for_each(|line| values.line(line));
    let others = values.found.iter().filter(|it| !is_count_of_all(it));
    put(
        &mut declarations,
        others.map(|found| (found, found.measured)),
    );
    let model = build(&declarations, threads);
    let mut rates = Rates::new(&model);
    let all = rates.all(&lines);
    let enough = |(line, _): &(&Observed<'_>, _)| line.days() >= ENOUGH_DAYS;
    for (line, occurring) in lines.iter().zip(all).filter(enough) {
        if let Some(of) = occurring {
            rate(line, of, &mut values);
        }
        let drift = project.policy.drift();
        let why = told::unfound(line, occurring, (&mut rates, drift));
        values.notes.extend(why);
    }
    values.things();
    let Values {
        mut found, notes, ..
    } = values;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Calibrated {
        lines,
        found,
        notes,
        model,
    }
}

/// Puts what was measured in place of what is declared.
fn put<'f>(declarations: &mut Declarations, found: impl Iterator<Item = (&'f Found, f64)>) {
    for (found, measured) in found {
        let text = fresh(measured, found.unit, Digits::All);
        set_value(
            declarations,
            &found.path.to_string(),
            &text,
            NOWHERE,
            NOWHERE,
        );
    }
}

/// Whether it says how many tenants or entities there are.
fn is_count_of_all(found: &Found) -> bool {
    found
        .path
        .0
        .first()
        .is_some_and(|table| table != "features")
        && found.of == Of::Population
}

/// How many there were on a mean day of the window: of a day without a sample as many as at the
/// last before it.
fn mean_population(found: &Found, measured: &Measured, window: Window) -> f64 {
    let keys: Vec<&str> = found.path.0.iter().take(2).map(String::as_str).collect();
    let series = measured.get(&values::path_of(&keys), "count");
    let samples = series.map_or(&[][..], |series| &series.samples);
    let Some((_, first)) = samples.first() else {
        return found.measured;
    };
    let (mut days, mut sum, mut now) = (0.0, 0.0, *first);
    let mut samples = samples.iter().peekable();
    let mut day = Some(window.from);
    while let Some(today) = day.filter(|day| *day < window.to) {
        while let Some((_, sample)) = samples.next_if(|(date, _)| *date <= today) {
            now = *sample;
        }
        (days, sum) = (days + 1.0, sum + now);
        day = today.plus_days(1);
    }
    if days > 0.0 {
        sum / days
    } else {
        found.measured
    }
}

/// How many tenants a feature has, whether they use it or not.
fn tenants_of(project: &Project, model: &Model, feature: &str) -> f64 {
    let body = project.declarations.root.features.get(feature);
    let only = body.and_then(|body| body.tenants.as_ref());
    let has = |tier: &str| only.is_none_or(|only| only.value.0.iter().any(|it| it.value == tier));
    let tiers = model.tiers.iter().filter(|(tier, _)| has(tier));
    let now = tiers.filter_map(|(_, tier)| tier.points.first()?.1.point());
    now.sum()
}

/// Adds how often a line occurs.
fn rate(line: &Observed<'_>, of: Occurring, values: &mut Values<'_>) {
    let keys = TomlPath::parse(&line.path).unwrap_or_default().0;
    let written = line.written.keys();
    match &line.line.timing {
        Timing::Rate { per_day, .. } => {
            let place = written.rate.map(|rate| Place::At(rate.span));
            let numbers = (per_day.point(), Some(of.per_member));
            values.of_line(&keys, &["rate"], place, numbers, Unit::PerDay);
        }
        Timing::After { fanout, .. } => {
            let place = match written.fanout {
                Some(fanout) => Place::At(fanout.span),
                None => Place::In(line.written.span()),
            };
            let numbers = (Value::point(fanout), of.fanout);
            values.of_line(&keys, &["fanout"], Some(place), numbers, Unit::Count);
        }
    }
}

/// The way of each meter from what a project declares to what was measured in a window.
pub(crate) fn meters(
    project: &Project,
    outlook: &Outlook,
    measured: &Measured,
    window: Window,
    threads: usize,
) -> Vec<report::Meter> {
    let calibrated = calibrated(project, outlook, measured, window, threads);
    calibrated.meters(project, outlook, measured)
}

impl Calibrated<'_> {
    fn meters(
        &self,
        project: &Project,
        outlook: &Outlook,
        measured: &Measured,
    ) -> Vec<report::Meter> {
        let mut rates = Rates::new(&self.model);
        let mut meters = Meters {
            project,
            outlook,
            measured,
            lines: &self.lines,
            rates: &mut rates,
        };
        meters.all()
    }

    /// How often a line occurs in words, as measured and as declared, where those differ.
    pub(crate) fn rates(
        &self,
        line: &Observed<'_>,
        sources: &SourceMap,
        tolerance: f64,
    ) -> Option<(String, String)> {
        let path = TomlPath::parse(&line.path).ok()?;
        let keys = ["rate", "fanout"].map(|key| path.join(key));
        let found = self.found.iter().find(|found| keys.contains(&found.path))?;
        if !writing::is_off(found, tolerance) {
            return None;
        }
        let old = found.text(sources);
        let new = writing::text(old, found, Digits::Three)?;
        let [new, old] = [&*new, old].map(|text| text.trim_matches(['"', '\'']).to_owned());
        (new != old).then_some((new, old))
    }

    /// How far each unit of each line was off, in their order.
    pub(crate) fn errors(
        &self,
        outlook: &Outlook,
        window: Window,
        threads: usize,
    ) -> Vec<Vec<Errors>> {
        let graph = &outlook.graph;
        let units = self.lines.iter().flat_map(|line| &line.units);
        let forecasts: Vec<_> = units.filter_map(|of| of.forecast).collect();
        let many = window.to.days_since(window.from) >= errors::DAYS_FOR_COVERAGE;
        let mut p80 = match many {
            true => graph.percentiles(&forecasts, &[0.8], threads),
            false => Vec::new(),
        }
        .into_iter();
        let of = |line: &Observed<'_>| {
            let units = line.units.iter();
            let errors = units.map(|of| {
                let Some(forecast) = of.forecast else {
                    return Errors::default();
                };
                let p80 = p80.next().and_then(|row| row.first().copied());
                Errors::of(
                    of.days,
                    (window.from, window.to),
                    graph.point(forecast),
                    p80,
                )
            });
            errors.collect()
        };
        self.lines.iter().map(of).collect()
    }
}

/// What was measured of projects against what they declare.
pub struct Outcome {
    /// As it is shown.
    pub report: report::Calibration,
    /// What writes it, in the order of the report's values.
    pub edits: Vec<Edit>,
    /// Whether a line is off by more than its project's policy allows.
    pub has_drifted: bool,
}

/// How to calibrate.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The days that count.
    pub window: Window,
    /// Whether days without a row count as days of nothing.
    pub gaps_are_zero: bool,
    /// How many threads may be used.
    pub threads: usize,
}

/// Holds what was measured against what projects declare.
pub fn calibrate(
    projects: &[(&Project, &Outlook)],
    sources: &SourceMap,
    usage: &Usage,
    settings: Settings,
) -> Outcome {
    let mut outcome = Outcome {
        report: report::Calibration::new(settings.window),
        edits: Vec::new(),
        has_drifted: false,
    };
    for (project, outlook) in projects {
        let name = (projects.len() > 1).then(|| project.declarations.name.clone());
        outcome.add(
            (project, outlook),
            name.as_deref(),
            sources,
            usage,
            settings,
        );
    }
    let lines = &mut outcome.report.lines;
    lines.sort_by(|a, b| (&a.project, &a.path).cmp(&(&b.project, &b.path)));
    outcome
}

impl Outcome {
    fn add(
        &mut self,
        (project, outlook): (&Project, &Outlook),
        name: Option<&str>,
        sources: &SourceMap,
        usage: &Usage,
        settings: Settings,
    ) {
        let Settings {
            window, threads, ..
        } = settings;
        let measured = Measured::new(usage, project, window, settings.gaps_are_zero);
        let calibrated = calibrated(project, outlook, &measured, window, threads);
        let errors = calibrated.errors(outlook, window, threads);
        let drift = project.policy.drift();
        for (line, errors) in calibrated.lines.iter().zip(&errors) {
            let units = line.units.iter().zip(errors);
            let lines = units.map(|(of, errors)| reported(line, of, errors, outlook, name));
            self.report.lines.extend(lines);
            let ratio = errors.first().and_then(|errors| errors.ratio);
            self.has_drifted |= ratio.is_some_and(|ratio| has_drifted(ratio, drift));
        }
        let tables = tables::written(project, outlook, &measured, window);
        self.report
            .lines
            .extend(tables.into_iter().map(|line| report::Line {
                project: name.map(str::to_owned),
                ..line
            }));
        let meters = calibrated.meters(project, outlook, &measured);
        let meters = meters.into_iter().map(|meter| report::Meter {
            project: name.map(str::to_owned),
            ..meter
        });
        self.report.meters.extend(meters);
        let writing = Writing {
            project,
            sources,
            window,
        };
        for written in writing.all(&calibrated) {
            self.report.values.push(report::Value {
                project: name.map(str::to_owned),
                ..written.value
            });
            self.edits.extend(written.edit);
        }
        let notes = told::notes(project, &calibrated, &errors, &measured);
        self.report
            .notes
            .extend(notes.into_iter().map(|note| match name {
                None => note,
                Some(name) => format!("{name}: {note}"),
            }));
    }
}

/// Whether what was measured is off what is forecast by more than is allowed.
pub(crate) fn has_drifted(ratio: f64, most: f64) -> bool {
    (ratio - 1.0).abs() > most * (1.0 + crate::quantity::ROUNDING)
}

fn reported(
    line: &Observed<'_>,
    of: &OfUnit<'_>,
    errors: &Errors,
    outlook: &Outlook,
    project: Option<&str>,
) -> report::Line {
    let days = of.days.len();
    let is_judged = days >= ENOUGH_DAYS;
    let forecast = of.forecast.map(|of| outlook.graph.point(of) * days as f64);
    report::Line {
        project: project.map(str::to_owned),
        path: line.path.clone(),
        unit: of.unit.clone(),
        days,
        actual: sum(of.days),
        forecast,
        ratio: errors.ratio.filter(|_| is_judged),
        bias: errors.bias.filter(|_| is_judged),
        wape: errors.wape.filter(|_| is_judged),
        coverage: errors.coverage,
    }
}
