//! Every demand line as reports show it.

use std::sync::Arc;

use crate::analysis::{Outlook, Project};
use crate::forecast::{Flow, Flows};
use crate::model::lines::events::Amount;
use crate::model::{Feature, Line};
use crate::parallel;
use crate::quantity::Graph;
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
    let features: Vec<(&String, &Flows)> = outlook.forecast.flows.iter().collect();
    let of_features = parallel::each(&features, threads, |(name, flows)| {
        let feature = &project.model.features[*name];
        let body = declared.get(name);
        let of_line = |(line, flow): (&Line, &Flow)| {
            let place = body.and_then(|body| body.line(line.kind, &line.id));
            let place = place.map(|line| {
                let span = line.span();
                let number = sources.position(span.file, span.start).line;
                (sources.file(span.file).path.clone(), number)
            });
            report_line(feature, line, flow, project, graph, place)
        };
        let lines = feature.lines.iter().zip(*flows).map(of_line);
        let mut lines: Vec<report::Line> = lines.collect();
        lines.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        lines
    });
    let mut lines = of_features.into_iter().flatten().collect::<Vec<_>>();
    // Features come by name: they are in order already, but for names that have to be quoted.
    lines.sort_by(|a, b| a.path.cmp(&b.path));
    lines
}

fn report_line(
    feature: &Feature,
    line: &Line,
    flow: &Flow,
    project: &Project,
    graph: &Graph,
    place: Option<(Arc<str>, u32)>,
) -> report::Line {
    let mut per_day = report::PerDay::default();
    for (amount, quantity) in flow.asked.shown() {
        let point = graph.point(*quantity);
        match amount {
            Amount::Requested => per_day.requested = Some(point),
            Amount::Reached => per_day.reached = Some(point),
            Amount::Billed => per_day.billed = Some(point),
            Amount::Credits => per_day.credits = Some(point),
            Amount::Spend => per_day.spend = Some(point),
            Amount::Rows | Amount::RowsRead => per_day.rows = Some(point),
            Amount::Messages => per_day.messages = Some(point),
            Amount::Bytes => per_day.bytes = Some(point),
            Amount::Unit(index) | Amount::BilledUnit(index) => {
                let model = project.model.compute_model(&line.uses.thing);
                let unit = model.and_then(|model| model.units.get(usize::from(*index)));
                let unit = unit.map(|unit| (unit.clone(), point));
                // Where nothing else is said, they are billed as they are used.
                let billed = per_day.billed_units.get_or_insert_default();
                billed.extend(unit.clone());
                if let Amount::Unit(_) = amount {
                    per_day.units.get_or_insert_default().extend(unit);
                }
            }
            _ => {}
        }
    }
    let (file, number) = place.unwrap_or_else(|| ("".into(), 0));
    report::Line {
        path: line.path(&feature.name).into(),
        feature: feature.name.clone(),
        list: line.kind.list().into(),
        target: line.target_name(),
        file,
        line: number,
        population: graph.point(flow.population),
        per_day,
        peak_per_second: graph.point(flow.asked.peak),
    }
}
