//! Every demand line as reports show it.

use std::sync::Arc;

use crate::analysis::{Outlook, Project};
use crate::document;
use crate::forecast::{Effect, Flow};
use crate::model::{Feature, Line, Target};
use crate::parallel;
use crate::quantity::{Graph, Quantity};
use crate::report;
use crate::source::SourceMap;

/// Every demand line at today's point values, sorted by path.
pub(super) fn lines(
    sources: &SourceMap,
    project: &Project,
    outlook: &Outlook,
    threads: usize,
) -> Vec<report::Line> {
    let graph = &outlook.graph;
    let declared = &project.declarations.root.features;
    let features: Vec<(&String, &Vec<Flow>)> = outlook.forecast.flows.iter().collect();
    let of_features = parallel::each(&features, threads, |(name, flows)| {
        let feature = project.model.features.get(*name);
        let body = declared.get(name);
        let of_line = |feature: &Feature, line: &Line, flow: &Flow| {
            let place = body.and_then(|body| line_span(body, line)).map(|span| {
                let number = sources.position(span.file, span.start).line;
                (sources.file(span.file).path.clone(), number)
            });
            report_line(feature, line, flow, project, graph, place)
        };
        let lines = feature.into_iter().flat_map(|feature| {
            let flows = feature.lines.iter().zip(*flows);
            flows.map(move |(line, flow)| of_line(feature, line, flow))
        });
        let mut lines: Vec<report::Line> = lines.collect();
        lines.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        lines
    });
    let mut lines = Vec::with_capacity(of_features.iter().map(Vec::len).sum());
    for mut of_feature in of_features {
        lines.append(&mut of_feature);
    }
    // Features come by name: they are in order already, but for names that have to be quoted.
    lines.sort_by(|a, b| a.path.cmp(&b.path));
    lines
}

fn line_span(feature: &document::tables::Feature, line: &Line) -> Option<crate::source::Span> {
    use crate::model::List;
    match line.list() {
        List::Calls => feature.calls.get(&line.id).map(|line| line.span),
        List::Writes => feature.writes.get(&line.id).map(|line| line.span),
        List::Messages => feature.messages.get(&line.id).map(|line| line.span),
        List::Inference => feature.inference.get(&line.id).map(|line| line.span),
    }
}

fn report_line(
    feature: &Feature,
    line: &Line,
    flow: &Flow,
    project: &Project,
    graph: &Graph,
    place: Option<(Arc<str>, u32)>,
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
            let model = match &line.target {
                Target::Inference { model, .. } => project.model.compute_model(model),
                _ => None,
            };
            per_day.units = model.map(|model| {
                model
                    .units
                    .iter()
                    .zip(units)
                    .map(|(name, units)| (name.clone(), graph.point(*units)))
                    .collect()
            });
            peak
        }
    };
    let (file, number) = place.unwrap_or_else(|| ("".into(), 0));
    report::Line {
        path: line.path(&feature.name).into(),
        feature: feature.name.clone(),
        list: line.list().as_str().into(),
        target: line.target_name(),
        file,
        line: number,
        population: graph.point(flow.population),
        per_day,
        peak_per_second: graph.point(*peak),
    }
}
