//! The whole of a run, from states to a report. Pure: no clock, no I/O.

use std::collections::HashMap;

use crate::analysis::{Outlook, Project, outlooks};
use crate::changes::{self, Comparison};
use crate::document::{self, Document};
use crate::finding::{Finding, Severity};
use crate::forecast::{Effect, Flow};
use crate::model::projects::projects;
use crate::model::{Line, Policy};
use crate::quantity::{Graph, Quantity};
use crate::report::{self, Report, State, Summary};
use crate::rules::{self, Context, causes};
use crate::source::{FileId, Snapshot, SourceMap};
use crate::units::Date;
use crate::usage::Usage;
use crate::verdicts::{self, Judge};

/// How to judge and what to show.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The date as of which is judged.
    pub as_of: Date,
    /// The severity from which findings fail; [`Severity::Off`] where none does.
    pub fail_on: Severity,
    /// Whether findings that the base has too fail.
    pub all: bool,
    /// Whether the head's policy judges a change.
    pub accept_policy: bool,
    /// Severities of rules that override `[rules]`.
    pub overrides: Vec<(String, Severity)>,
    /// Only the projects that own these paths; all where there are none.
    pub paths: Vec<String>,
    /// Only projects of these names or paths.
    pub projects: Vec<String>,
    /// Only what these owners' features are about.
    pub owners: Vec<String>,
    /// How many threads may be used. The report does not depend on it.
    pub threads: usize,
    /// What was measured.
    pub usage: Usage,
}

/// What a run is about.
pub struct Inputs<'a> {
    /// The texts.
    pub sources: &'a SourceMap,
    /// What is judged.
    pub head: &'a Snapshot,
    /// What it is compared with.
    pub base: Before<'a>,
}

/// What a run compares with.
pub enum Before<'a> {
    /// Nothing: `check`.
    NotCompared,
    /// Another state.
    State(&'a Snapshot),
    /// There was nothing: everything is new.
    Empty,
    /// What caplint reported of another state.
    Report(&'a Report),
}

/// Runs.
#[must_use]
pub fn run(inputs: &Inputs<'_>, settings: &Settings) -> Report {
    let base_files: &[FileId] = match &inputs.base {
        Before::State(base) => &base.files,
        _ => &[],
    };
    let documents = read_all(
        inputs.sources,
        &inputs.head.files,
        base_files,
        settings.threads,
    );
    let head = resolve_all(inputs.sources, &documents, &inputs.head.files);
    let base = match &inputs.base {
        Before::State(_) => Some(resolve_all(inputs.sources, &documents, base_files)),
        _ => None,
    };
    let mut reported: Vec<report::Project> = Vec::new();
    for project in head
        .projects
        .iter()
        .filter(|project| selected(project, settings))
    {
        let before = base.as_ref().and_then(|base| counterpart(base, project));
        reported.push(report_project(
            inputs,
            settings,
            project,
            before,
            matches!(inputs.base, Before::State(_) | Before::Empty),
        ));
    }
    report_outside(inputs, settings, &head, base.as_ref(), &mut reported);
    reported.sort_by(|a, b| a.root.cmp(&b.root));
    let summary = summary(
        &reported,
        settings,
        !matches!(inputs.base, Before::NotCompared),
    );
    Report {
        format: report::FORMAT.to_owned(),
        caplint: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: settings.as_of.to_string(),
        base: match &inputs.base {
            Before::State(base) => Some(side(base)),
            Before::Empty => Some(report::Side {
                name: "nothing".to_owned(),
                commit: None,
            }),
            Before::Report(report) => Some(report.head.clone()),
            Before::NotCompared => None,
        },
        head: side(inputs.head),
        projects: reported,
        summary,
        notes: Vec::new(),
        sources: inputs.sources.clone(),
    }
}

fn side(snapshot: &Snapshot) -> report::Side {
    report::Side {
        name: snapshot.name.clone(),
        commit: snapshot.commit.clone(),
    }
}

/// Every file that either side has, read once, on as many threads as are allowed.
fn read_all(
    sources: &SourceMap,
    head: &[FileId],
    base: &[FileId],
    threads: usize,
) -> HashMap<FileId, Document> {
    let mut ids: Vec<FileId> = head.iter().chain(base).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let size = ids.len().div_ceil(threads.max(1)).max(1);
    let read = |ids: &[FileId]| -> Vec<Document> {
        ids.iter()
            .map(|id| document::read(*id, sources.file(*id)))
            .collect()
    };
    let chunks: Vec<Vec<Document>> = std::thread::scope(|scope| {
        let handles: Vec<_> = ids
            .chunks(size)
            .map(|chunk| scope.spawn(move || read(chunk)))
            .collect();
        handles
            .into_iter()
            .map(|handle| match handle.join() {
                Ok(documents) => documents,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    chunks
        .into_iter()
        .flatten()
        .map(|document| (document.file, document))
        .collect()
}

/// The projects of a state, and the findings of files outside all of them.
struct Resolved {
    projects: Vec<Project>,
    outside: Vec<Finding>,
}

fn resolve_all(
    sources: &SourceMap,
    documents: &HashMap<FileId, Document>,
    files: &[FileId],
) -> Resolved {
    let documents: Vec<&Document> = files.iter().filter_map(|id| documents.get(id)).collect();
    let (files, outside) = projects(sources, &documents);
    Resolved {
        projects: files
            .iter()
            .map(|files| Project::new(sources, files))
            .collect(),
        outside,
    }
}

/// Reads and resolves the projects of a state that settings select.
#[must_use]
pub fn resolve(sources: &SourceMap, state: &Snapshot, settings: &Settings) -> Vec<Project> {
    let documents = read_all(sources, &state.files, &[], settings.threads);
    let mut resolved = resolve_all(sources, &documents, &state.files).projects;
    resolved.retain(|project| selected(project, settings));
    resolved
}

/// The base's project that a head's project was: the one with the same path, else the one with
/// the same name.
fn counterpart<'a>(base: &'a Resolved, project: &Project) -> Option<&'a Project> {
    let (folder, name) = (&project.declarations.folder, &project.declarations.name);
    let by_path = base
        .projects
        .iter()
        .find(|other| other.declarations.folder == *folder);
    by_path.or_else(|| {
        base.projects
            .iter()
            .find(|other| other.declarations.name == *name)
    })
}

fn selected(project: &Project, settings: &Settings) -> bool {
    let folder = &project.declarations.folder;
    let named = settings.projects.is_empty()
        || settings
            .projects
            .iter()
            .any(|name| *name == project.declarations.name || name == folder);
    named
        && (settings.paths.is_empty()
            || settings
                .paths
                .iter()
                .any(|path| owns(folder, path) || owns(path, folder)))
}

/// Whether a folder holds a path, or is it.
fn owns(folder: &str, path: &str) -> bool {
    folder.is_empty()
        || path == folder
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

fn report_project(
    inputs: &Inputs<'_>,
    settings: &Settings,
    head: &Project,
    base: Option<&Project>,
    compared: bool,
) -> report::Project {
    let judging = match base {
        Some(base) if !settings.accept_policy => base,
        _ => head,
    };
    let policy = &judging.policy;
    let mut sides: Vec<(&Project, &Policy)> = vec![(head, policy)];
    if let Some(base) = base {
        sides.push((base, policy));
    }
    let mut computed = outlooks(&sides, settings.threads).into_iter();
    let Some(outlook) = computed.next() else {
        return empty_project(head);
    };
    let before = base.zip(computed.next());
    let comparison = compared.then(|| {
        let before = before.as_ref().map(|(base, outlook)| (*base, outlook));
        changes::compare(before, (head, &outlook), inputs.sources)
    });
    let findings_of =
        |project: &Project, outlook: &Outlook, comparison: Option<&Comparison<'_>>| {
            let listing = match (&inputs.base, comparison) {
                (Before::State(base), None) if compared => &base.listing,
                _ => &inputs.head.listing,
            };
            let context = Context {
                project,
                outlook,
                policy,
                comparison,
                as_of: settings.as_of,
                listing,
                sources: inputs.sources,
                usage: &settings.usage,
            };
            let mut findings = project.findings.clone();
            let judge = Judge {
                declarations: &judging.declarations,
                overrides: &settings.overrides,
                as_of: settings.as_of,
                sources: inputs.sources,
            };
            let found = rules::run(&context);
            findings.extend(causes::silence(&context, found, |finding| {
                judge.standing(finding)
            }));
            judge.judge(findings)
        };
    let mut findings = findings_of(head, &outlook, comparison.as_ref());
    match (&before, compared) {
        (Some((base, outlook)), _) => {
            verdicts::compare(&mut findings, findings_of(base, outlook, None));
        }
        (None, true) => verdicts::compare(&mut findings, Vec::new()),
        (None, false) => {
            if let Before::Report(saved) = &inputs.base {
                verdicts::compare(&mut findings, saved_findings(saved, head));
            }
        }
    }
    assemble(inputs, head, outlook, comparison, findings)
}

/// What a saved report found in a project: the one with the same path, else with the same name.
fn saved_findings(saved: &Report, head: &Project) -> Vec<report::Finding> {
    let declarations = &head.declarations;
    let by_path = saved
        .projects
        .iter()
        .find(|project| project.root == declarations.folder);
    let project = by_path.or_else(|| {
        saved
            .projects
            .iter()
            .find(|project| project.name == declarations.name)
    });
    let findings = project.map_or(&[][..], |project| &project.findings);
    findings
        .iter()
        .filter(|finding| finding.state != Some(State::Fixed))
        .cloned()
        .collect()
}

fn assemble(
    inputs: &Inputs<'_>,
    head: &Project,
    outlook: Outlook,
    comparison: Option<Comparison<'_>>,
    findings: Vec<report::Finding>,
) -> report::Project {
    let mut project = empty_project(head);
    project.verdict = crate::fit::worst(&outlook.today);
    project.lines = lines(inputs.sources, head, &outlook);
    let meters = |fitted: Vec<crate::fit::Fitted>| -> Vec<report::Meter> {
        fitted.into_iter().map(|fitted| fitted.meter).collect()
    };
    if let Some(comparison) = comparison {
        project.edits = edits(inputs.sources, &comparison);
        project.changes = comparison.changes;
        project.unchanged = comparison.unchanged;
    }
    project.meters = meters(outlook.today);
    project.horizons = outlook
        .horizons
        .into_iter()
        .map(|(day, fitted)| report::Horizon {
            day,
            meters: meters(fitted),
        })
        .collect();
    project.scenarios = head
        .scenarios
        .iter()
        .zip(outlook.scenarios)
        .map(|((scenario, _), fitted)| report::Scenario {
            name: scenario.name.clone(),
            require: scenario.require.as_str().to_owned(),
            meters: meters(fitted),
            assumed: scenario.assumed,
        })
        .collect();
    project.findings = findings;
    project
}

fn empty_project(project: &Project) -> report::Project {
    report::Project {
        name: project.declarations.name.clone(),
        root: project.declarations.folder.clone(),
        currency: project.currency().to_owned(),
        verdict: report::Verdict::Unlimited,
        lines: Vec::new(),
        meters: Vec::new(),
        horizons: Vec::new(),
        scenarios: Vec::new(),
        changes: Vec::new(),
        purchases: Vec::new(),
        findings: Vec::new(),
        assumptions: Vec::new(),
        edits: Vec::new(),
        unchanged: 0,
    }
}

/// Every declaration that differs, with its text.
fn edits(sources: &SourceMap, comparison: &Comparison<'_>) -> Vec<report::Edit> {
    let excerpt = |span: crate::source::Span| {
        let file = sources.file(span.file);
        let text = &*file.text;
        let start = text[..span.start as usize]
            .rfind('\n')
            .map_or(0, |at| at + 1);
        let end = text[span.end as usize..]
            .find('\n')
            .map_or(text.len(), |at| span.end as usize + at + 1);
        report::Excerpt {
            file: file.path.to_string(),
            line: sources.position(span.file, span.start).line,
            text: text[start..end].to_owned(),
        }
    };
    comparison
        .differences
        .iter()
        .map(|difference| report::Edit {
            path: difference.path.to_string(),
            kind: changes::edit_kind(difference.kind),
            before: difference.before.map(excerpt),
            after: difference.after.map(excerpt),
        })
        .collect()
}

/// Every demand line at today's point values, sorted by path.
fn lines(sources: &SourceMap, project: &Project, outlook: &Outlook) -> Vec<report::Line> {
    let graph = &outlook.graph;
    let declared = project.declarations.root.value.features.as_ref();
    let mut lines = Vec::new();
    for (name, flows) in &outlook.forecast.flows {
        let Some(feature) = project.model.features.get(name) else {
            continue;
        };
        let body = declared.and_then(|features| features.value.get(name));
        for (line, flow) in feature.lines.iter().zip(flows) {
            let span = body.and_then(|body| line_span(body, line));
            let (file, number) = span.map_or((String::new(), 0), |span| {
                let number = sources.position(span.file, span.start).line;
                (sources.file(span.file).path.to_string(), number)
            });
            lines.push(report_line(name, line, flow, project, graph, file, number));
        }
    }
    lines.sort_by(|a, b| a.path.cmp(&b.path));
    lines
}

fn line_span(feature: &document::tables::Feature, line: &Line) -> Option<crate::source::Span> {
    use crate::model::List;
    match line.list() {
        List::Calls => feature
            .calls
            .as_ref()?
            .value
            .get(&line.id)
            .map(|line| line.span),
        List::Writes => feature
            .writes
            .as_ref()?
            .value
            .get(&line.id)
            .map(|line| line.span),
        List::Messages => feature
            .messages
            .as_ref()?
            .value
            .get(&line.id)
            .map(|line| line.span),
        List::Inference => feature
            .inference
            .as_ref()?
            .value
            .get(&line.id)
            .map(|line| line.span),
    }
}

fn report_line(
    feature: &str,
    line: &Line,
    flow: &Flow,
    project: &Project,
    graph: &Graph,
    file: String,
    number: u32,
) -> report::Line {
    let point = |quantity: &Quantity| Some(graph.point(*quantity));
    let mut per_day = report::PerDay::default();
    let peak = match &flow.effect {
        Effect::Call {
            requested,
            reached,
            billed,
            credits,
            peak,
            ..
        } => {
            per_day.requested = point(requested);
            per_day.reached = point(reached);
            per_day.billed = point(billed);
            per_day.credits = point(credits);
            peak
        }
        Effect::Write { rows, peak, .. } => {
            per_day.rows = point(rows);
            peak
        }
        Effect::Message {
            messages,
            bytes,
            peak,
            ..
        } => {
            per_day.messages = point(messages);
            per_day.bytes = point(bytes);
            peak
        }
        Effect::Inference {
            model,
            requested,
            reached,
            billed,
            units,
            spend,
            peak,
            ..
        } => {
            per_day.requested = point(requested);
            per_day.reached = point(reached);
            per_day.billed = point(billed);
            per_day.spend = point(spend);
            let names = project.model.models.get(&**model).map(|model| &model.units);
            per_day.units = names.map(|names| {
                names
                    .iter()
                    .zip(units)
                    .map(|(name, units)| (name.clone(), graph.point(*units)))
                    .collect()
            });
            peak
        }
    };
    report::Line {
        path: line.path.clone(),
        feature: feature.to_owned(),
        list: line.list().as_str().to_owned(),
        target: line.target_name(),
        file,
        line: number,
        population: graph.point(flow.population),
        per_day,
        peak_per_second: graph.point(*peak),
    }
}

/// Files outside every project: their findings stand in a report of their own, for the top.
fn report_outside(
    inputs: &Inputs<'_>,
    settings: &Settings,
    head: &Resolved,
    base: Option<&Resolved>,
    reported: &mut Vec<report::Project>,
) {
    let fixed = base.is_some_and(|base| !base.outside.is_empty());
    if head.outside.is_empty() && !fixed {
        return;
    }
    let declarations = crate::model::Declarations {
        folder: String::new(),
        name: "outside every project".to_owned(),
        root: crate::source::Spanned {
            value: document::tables::Root::default(),
            span: document::declared::NOWHERE,
        },
        incomplete: Default::default(),
        lost: Default::default(),
        files: Vec::new(),
    };
    let judge = Judge {
        declarations: &declarations,
        overrides: &settings.overrides,
        as_of: settings.as_of,
        sources: inputs.sources,
    };
    let mut findings = judge.judge(head.outside.clone());
    if let Some(base) = base {
        verdicts::compare(&mut findings, judge.judge(base.outside.clone()));
    }
    let mut project = empty_project(&Project::of(declarations, Vec::new()));
    project.findings = findings;
    reported.push(project);
}

/// Counts findings. Fixed and waived ones are apart; of a comparison only new and worsened ones
/// fail, unless all do.
#[must_use]
pub fn summary(projects: &[report::Project], settings: &Settings, compared: bool) -> Summary {
    let mut summary = Summary::default();
    let mut fails = false;
    for finding in projects.iter().flat_map(|project| &project.findings) {
        if finding.state == Some(State::Fixed) {
            continue;
        }
        if finding.waived.is_some() {
            summary.waived += 1;
            continue;
        }
        match finding.severity {
            Severity::Error => summary.errors += 1,
            Severity::Warning => summary.warnings += 1,
            Severity::Info | Severity::Off => summary.infos += 1,
        }
        let counts = !compared
            || settings.all
            || matches!(finding.state, Some(State::New | State::Worsened));
        fails |=
            counts && settings.fail_on != Severity::Off && finding.severity >= settings.fail_on;
    }
    summary.exit_code = u8::from(fails);
    summary
}
