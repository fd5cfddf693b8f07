//! The calculation of a figure, for a terminal.

use crate::explain::{Explanation, Figure, Input, Place, Sum, Term};
use crate::report::Verdict;

use super::human::{Ink, Pen, verdict_ink};
use super::{Options, number, text};

/// The calculation of a figure, for a terminal.
pub fn explained(explanation: &Explanation, options: &Options) -> String {
    let pen = Pen::new(options);
    let mut out = String::new();
    let named = text::message(&explanation.path);
    let situation = situation(explanation);
    let project = text::name(&explanation.project, 40);
    let title = format!("{named}, {situation} (project {project})");
    out.push_str(&pen.wrapped(Ink::Bold, &title, 2));
    for input in &explanation.declares {
        let declared = format!("{} = {}  {}", input.path, input.written, at(&input.place));
        out.push_str(&pen.wrapped(Ink::Faint, &format!("  {}", text::message(&declared)), 4));
    }
    if explanation.figures.is_empty() {
        out.push_str(&pen.line(Ink::Plain, "  no meter counts it"));
    }
    let is_line = explanation.path.starts_with("features.");
    for figure in &explanation.figures {
        let writer = Writer {
            pen: &pen,
            currency: &explanation.currency,
        };
        out.push('\n');
        if is_line {
            out.push_str(&pen.line(Ink::Bold, &text::message(&figure.meter.id)));
        }
        writer.figure(&mut out, figure, is_line);
    }
    out.push_str(&inputs(explanation, &pen));
    out
}

/// The situation, by the day that the figure is of: storage looks ahead.
fn situation(explanation: &Explanation) -> String {
    match (&explanation.figures[..], &*explanation.situation) {
        ([figure], "today") if figure.meter.day.is_some_and(|day| day > 0) => {
            let day = figure.meter.day.unwrap_or_default();
            format!("day {day}")
        }
        (_, situation) => text::name(situation, 40),
    }
}

struct Writer<'a> {
    pen: &'a Pen,
    currency: &'a str,
}

impl Writer<'_> {
    fn figure(&self, out: &mut String, figure: &Figure, is_line: bool) {
        for part in &figure.parts {
            self.sum(out, part);
            out.push('\n');
        }
        self.sum(out, &figure.demand);
        let meter = &figure.meter;
        if is_line {
            let whole = self.amount(meter.demand.point, &meter.unit);
            let share = figure.demand.total.zip(meter.demand.point);
            let share = share.filter(|(_, whole)| *whole > 0.0);
            let share = share.map(|(own, whole)| number::share(Some(own / whole)));
            if let Some(share) = share {
                self.row(
                    out,
                    Ink::Plain,
                    "of",
                    &format!("{whole} in all ({share})"),
                    None,
                );
            }
            return;
        }
        if meter.lower_bound {
            self.row(
                out,
                Ink::Yellow,
                "≥",
                "part of it is unknown and counts as 0",
                None,
            );
        }
        if figure.draws > 0 {
            let percent = number::count(figure.confidence * 100.0);
            let judged = meter.judged(figure.confidence);
            let judged = self.amount(judged, &meter.unit);
            let draws = number::count(figure.draws as f64);
            let words = format!("{judged} at p{percent} of {draws} draws; the sum is of medians");
            self.row(out, Ink::Plain, "checked", &words, None);
        }
        self.limit(out, figure);
        if let Some(today) = &figure.today {
            let limit = match today.limit {
                Some(limit) => format!(" of {}", self.amount(Some(limit), &today.unit)),
                None => String::new(),
            };
            let demand = self.amount(today.demand.point, &today.unit);
            self.row(out, Ink::Faint, "today", &format!("{demand}{limit}"), None);
        }
    }

    fn limit(&self, out: &mut String, figure: &Figure) {
        let meter = &figure.meter;
        let Some(limit) = &figure.limit else {
            let words = match meter.verdict {
                Verdict::Unlimited => "none",
                _ => "unknown",
            };
            return self.row(out, Ink::Plain, "limit", words, None);
        };
        match &limit.terms[..] {
            [one] if one.factors.len() == 1 => {
                let whole = self.amount(limit.total, &limit.unit);
                self.row(out, Ink::Plain, "limit", &whole, one.place.as_ref());
            }
            _ => self.sum(out, limit),
        }
        let ink = verdict_ink(meter.verdict);
        let share = number::share(meter.utilization);
        let words = format!("{share}, {}", meter.verdict.as_str());
        self.row(out, ink, "used", &words, None);
        let breaking = meter.breaking_point;
        let breaking = breaking.or_else(|| figure.today.as_ref()?.breaking_point);
        if breaking.is_some() {
            let words = format!("{} today's tenants", number::times(breaking));
            self.row(out, Ink::Plain, "headroom", &words, None);
        }
    }

    fn sum(&self, out: &mut String, sum: &Sum) {
        let several = sum.terms.len() > 1;
        for term in &sum.terms {
            self.term(out, term, sum);
        }
        let total = self.amount(sum.total, &sum.unit);
        let name = if several { "sum" } else { "" };
        if several || sum.terms.is_empty() {
            let words = match sum.name.as_str() {
                "limit" => format!("{total}, the limit"),
                name => format!("{total}  {name}"),
            };
            self.row(out, Ink::Bold, name, &words, None);
        }
    }

    fn term(&self, out: &mut String, term: &Term, sum: &Sum) {
        if !term.path.is_empty() {
            let place = term
                .place
                .as_ref()
                .map_or(String::new(), |place| format!("  {}", at(place)));
            let head = text::message(&format!("{}{place}", term.path));
            out.push_str(&self.pen.wrapped(Ink::Blue, &format!("  {head}"), 4));
        }
        let mut words = String::from(if term.less { "− " } else { "" });
        words.push_str(&crate::explain::words(&term.factors));
        let product = self.amount(term.product, &sum.unit);
        if term.factors.len() > 1 {
            words.push_str(&format!(" = {product}"));
        }
        let share = term
            .product
            .zip(sum.total)
            .filter(|(_, total)| *total > 0.0);
        if let Some((own, total)) = share.filter(|_| sum.terms.len() > 1) {
            words.push_str(&format!(" ({})", number::share(Some(own / total))));
        }
        if let Some(note) = &term.note {
            words.push_str(&format!(": {note}"));
        }
        let words = format!("    {}", text::message(&words));
        out.push_str(&self.pen.wrapped(Ink::Plain, &words, 6));
    }

    fn amount(&self, value: Option<f64>, unit: &str) -> String {
        let amount = number::quantity(value, unit, self.currency);
        match number::unit_beside(unit) {
            "" => amount,
            unit if unit.starts_with('/') => format!("{amount}{unit}"),
            unit => format!("{amount} {unit}"),
        }
    }

    fn row(&self, out: &mut String, ink: Ink, name: &str, words: &str, place: Option<&Place>) {
        let place = place.map_or(String::new(), |place| format!("  {}", at(place)));
        let line = format!("  {name:<9} {}", text::message(&format!("{words}{place}")));
        out.push_str(&self.pen.wrapped(ink, &line, 12));
    }
}

fn at(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// Each declared value once, by the file that it stands in.
fn inputs(explanation: &Explanation, pen: &Pen) -> String {
    let sums = explanation.figures.iter().flat_map(|figure| {
        let own = figure.parts.iter().chain([&figure.demand]);
        own.chain(&figure.limit)
    });
    let factors = sums
        .flat_map(|sum| &sum.terms)
        .flat_map(|term| &term.factors);
    let mut all: Vec<&Input> = factors.flat_map(|factor| &factor.inputs).collect();
    all.sort_by_key(|input| (&input.place.file, input.place.line, &input.path));
    all.dedup();
    let mut out = String::new();
    for of_file in all.chunk_by(|one, other| one.place.file == other.place.file) {
        let file = text::message(&of_file[0].place.file);
        out.push('\n');
        out.push_str(&pen.wrapped(Ink::Blue, &format!("  {file}"), 4));
        for input in of_file {
            let declared = text::message(&format!("{} = {}", input.path, input.written));
            let line = format!("  {:>5}  {declared}", input.place.line);
            out.push_str(&pen.wrapped(Ink::Faint, &line, 11));
        }
    }
    out
}
