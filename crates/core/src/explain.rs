//! The whole calculation of one figure: every factor with its name, every input with its place.
//!
//! Factors come from what the forecast is made of: lines as they flow, the populations, spans and
//! prices that meters are computed with. A test multiplies and adds them up again, for every meter
//! of every example, and compares with the meter.

mod factors;
mod lines;
mod members;
mod meters;
mod money;
mod populations;
mod queues;
mod tables;
mod view;

use schemars::JsonSchema;
use serde::Serialize;

use crate::analysis::{Outlook, Project};
use crate::fit::{Fitted, Meters};
use crate::forecast::Situation;
use crate::meter::Family;
use crate::model::declared_limits::declared_limit;
use crate::report::Meter;
use crate::source::SourceMap;
use crate::suggest::{Meant, closest, did_you_mean, did_you_mean_or};

use view::View;

/// The value of [`Explanation::format`].
pub const FORMAT: &str = "caplint.explain/1";

/// Where the schema of explanations is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/explain.schema.json";

/// How one figure of a project is calculated. Numbers are in full precision; an infinite one is
/// null.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "caplint explanation", extend("$id" = SCHEMA))]
pub struct Explanation {
    /// The format and its version.
    #[schemars(extend("enum" = [FORMAT]))]
    pub format: String,
    /// The project's name.
    pub project: String,
    /// What was asked for: the id of a meter, or the path of a demand line.
    pub path: String,
    /// The ISO 4217 code of all money.
    pub currency: String,
    /// `today`, `day 30`, or the name of a scenario.
    pub situation: String,
    /// What the situation declares: the keys of a scenario.
    pub declares: Vec<Input>,
    /// The meter; of a demand line every meter that it is counted in.
    pub figures: Vec<Figure>,
}

/// One meter, as it is calculated.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Figure {
    /// The meter in the situation.
    pub meter: Meter,
    /// The same today, in another situation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<Meter>,
    /// The probability of the percentile that is compared with the limit.
    pub confidence: f64,
    /// How many draws percentiles are taken of; 0 where nothing is uncertain.
    pub draws: usize,
    /// What parts of the calculation come to by themselves, which it refers to by name.
    pub parts: Vec<Sum>,
    /// What the demand is the sum of, at point values; of a demand line its own terms alone.
    pub demand: Sum,
    /// What the limit is the sum of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Sum>,
}

/// Terms, added up.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Sum {
    /// What it is.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What is added up.
    pub terms: Vec<Term>,
    /// What they come to; null where that is infinite.
    pub total: Option<f64>,
}

/// Factors, multiplied.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Term {
    /// The path of what it is about: a demand line, a table, another meter.
    pub path: String,
    /// Where that is declared.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// Whether it is taken away from the others.
    pub less: bool,
    /// What is multiplied, in order.
    pub factors: Vec<Factor>,
    /// What they come to; null where that is infinite.
    pub product: Option<f64>,
    /// What else is to be known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One factor.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Factor {
    /// `×` or `÷`.
    pub by: By,
    /// The number.
    pub value: Option<f64>,
    /// The number with what it is: `45/day`, `0.878 after the 10-minute cache`.
    pub text: String,
    /// What it was declared by.
    pub inputs: Vec<Input>,
}

/// How a factor is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub enum By {
    /// It multiplies.
    #[serde(rename = "×")]
    Times,
    /// It divides.
    #[serde(rename = "÷")]
    Over,
}

/// A declared value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Input {
    /// Its path in the model.
    pub path: String,
    /// As it is written.
    pub written: String,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// The file, from the top of the repository.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// A situation of a project, by what users call it.
#[derive(Clone, Copy, Debug)]
pub enum When<'a> {
    /// Today.
    Today,
    /// So many days from now.
    Day(u32),
    /// A scenario, by its name.
    Scenario(&'a str),
}

/// What a path of a project means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The id of a meter.
    Meter(String),
    /// The path of a demand line.
    Line(String),
}

/// The ids of a project's meters, and the paths of its demand lines.
pub fn paths(project: &Project, outlook: &Outlook) -> Vec<Subject> {
    let meters = outlook.today.iter();
    let meters = meters.map(|fitted| Subject::Meter(fitted.meter.id.to_string()));
    let features = project.model.features.iter();
    let lines = features.flat_map(|(name, feature)| {
        let lines = feature.lines.iter();
        lines.map(move |line| Subject::Line(line.path(name)))
    });
    meters.chain(lines).collect()
}

impl Subject {
    /// The path.
    pub fn path(&self) -> &str {
        match self {
            Self::Meter(path) | Self::Line(path) => path,
        }
    }
}

/// What could have been meant by a path that is none of those that are known.
pub fn meant(path: &str, known: &[&str]) -> String {
    let below = format!("{path}.");
    let within = known.iter().copied().filter(|id| id.starts_with(&below));
    let within: Vec<&str> = within.collect();
    match within[..] {
        [] => nearest(path, known),
        _ => format!("it has {}", listed(&within)),
    }
}

/// What a path may be a misspelling of: where its thing is right, of what that has.
fn nearest(path: &str, known: &[&str]) -> String {
    let thing = path.rsplit_once('.').map_or(path, |(thing, _)| thing);
    let below = format!("{thing}.");
    let own = known.iter().filter_map(|id| id.strip_prefix(&below));
    let own: Vec<&str> = own.collect();
    let Some(last) = path.strip_prefix(&below).filter(|_| !own.is_empty()) else {
        // The names of a table's row are the end of an id.
        let spelt = path.split('/').next().unwrap_or_default().replace(' ', ".");
        let end = format!(".{spelt}");
        let mut ends = known.iter().filter(|id| id.ends_with(&end));
        if let (Some(word), None) = (ends.next(), ends.next()) {
            return did_you_mean(Meant { word, alone: true }).into();
        }
        let all = known.iter().copied();
        let help = || "`caplint forecast` lists what there is".to_owned();
        return did_you_mean_or(path, all, help).into();
    };
    let own_of_it = || known.iter().copied().filter(|id| id.starts_with(&below));
    let Some(end) = closest(last, own.iter().copied()) else {
        return format!("`{thing}` has {}", listed(&own_of_it().collect::<Vec<_>>()));
    };
    let whole = format!("{below}{}", end.word);
    let word = whole.as_str();
    did_you_mean(Meant { word, ..end }).into()
}

fn listed(ids: &[&str]) -> String {
    const SHOWN: usize = 8;
    let shown = ids.iter().take(SHOWN).map(|id| format!("`{id}`"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match ids.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// How a figure is calculated; nothing where the project has no such situation.
pub fn explain(
    project: &Project,
    outlook: &Outlook,
    files: &SourceMap,
    when: When<'_>,
    subject: &Subject,
) -> Option<Explanation> {
    let mut today = View::new(project, Situation::Today, None, &outlook.today, files);
    let mut view = match when {
        When::Today => View::new(project, Situation::Today, None, &outlook.today, files),
        When::Day(day) => {
            let (_, meters) = outlook.horizons.iter().find(|(on, _)| *on == day)?;
            View::new(project, Situation::Day(day), None, meters, files)
        }
        When::Scenario(name) => {
            let mut all = project.scenarios.iter().zip(&outlook.scenarios);
            let ((scenario, model), meters) = all.find(|((it, _), _)| it.name == name)?;
            let situation = Situation::Scenario(scenario);
            View::new(project, situation, model.as_ref(), meters, files)
        }
    };
    let mut calculation = meters::Calculation {
        project,
        view: &mut view,
        today: &mut today,
    };
    let mut figures = Vec::new();
    for fitted in &calculation.view.meters.judged {
        let is_wanted = match subject {
            Subject::Meter(id) => *fitted.meter.id == **id,
            Subject::Line(_) => !matches!(fitted.id.owner, Family::Budget | Family::Cost),
        };
        if is_wanted {
            figures.extend(figure(&mut calculation, &outlook.today, fitted, subject));
        }
    }
    let (path, situation) = (
        subject.path().to_owned(),
        match when {
            When::Today => "today".to_owned(),
            When::Day(day) => format!("day {day}"),
            When::Scenario(name) => name.to_owned(),
        },
    );
    let declares = match when {
        When::Scenario(name) => calculation.view.declares(&["scenarios", name]),
        _ => Vec::new(),
    };
    Some(Explanation {
        format: FORMAT.to_owned(),
        project: project.declarations.name.clone(),
        path,
        currency: project.currency().to_owned(),
        situation,
        declares,
        figures,
    })
}

/// One meter; nothing where a line that is asked for is no part of it.
fn figure(
    calculation: &mut meters::Calculation<'_, '_>,
    today: &Meters,
    fitted: &Fitted,
    subject: &Subject,
) -> Option<Figure> {
    let (mut demand, mut parts) = calculation.demand(fitted);
    if let Subject::Line(path) = subject {
        let own = |sum: &mut Sum| {
            sum.terms.retain(|term| term.path == *path);
            sum.add_up();
        };
        own(&mut demand);
        parts.iter_mut().for_each(own);
        parts.retain(|part| !part.terms.is_empty());
        if demand.terms.is_empty() {
            return None;
        }
    }
    let meter = &fitted.meter;
    let is_today = matches!(calculation.view.situation, Situation::Today);
    let mut other = today
        .iter()
        .filter(|other| other.id == fitted.id && !is_today);
    let certain = meter.demand.p50 == meter.demand.p95 && meter.demand.point == meter.demand.p95;
    Some(Figure {
        meter: meter.clone(),
        today: other.next().map(|other| other.meter.clone()),
        confidence: calculation.project.policy.confidence(),
        draws: if certain { 0 } else { crate::quantity::DRAWS },
        parts,
        demand,
        limit: calculation.limit(fitted),
    })
}

/// What single lines ask of today's meters, factor by factor.
pub(crate) struct Lines<'a> {
    project: &'a Project,
    view: View<'a>,
    today: View<'a>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(project: &'a Project, outlook: &'a Outlook, files: &'a SourceMap) -> Self {
        let view = || View::new(project, Situation::Today, None, &outlook.today, files);
        Self {
            project,
            view: view(),
            today: view(),
        }
    }

    /// What a line asks of a meter, `45/day × 1,200 tenants × 30 days a month`, and how much that
    /// is; nothing where that is no one product.
    pub(crate) fn chain(&mut self, at: (&str, usize), fitted: &Fitted) -> Option<(String, f64)> {
        self.view.only = Some((at.0.to_owned(), at.1));
        let path = self.view.line(at).path(at.0);
        let mut calculation = meters::Calculation {
            project: self.project,
            view: &mut self.view,
            today: &mut self.today,
        };
        let (mut demand, _) = calculation.demand(fitted);
        demand.terms.retain(|term| term.path == path);
        let [term] = &demand.terms[..] else {
            return None;
        };
        let telling = |factor: &&Factor| factor.value != Some(1.0);
        let factors: Vec<&Factor> = term.factors.iter().filter(telling).collect();
        Some((words(&factors), term.product?))
    }
}

/// Factors as people write them: `45/day × 1,200 tenants ÷ 1,440 minutes a day`.
pub fn words<F: std::borrow::Borrow<Factor>>(factors: &[F]) -> String {
    let mut words = String::new();
    for (index, factor) in factors.iter().enumerate() {
        let factor = factor.borrow();
        words.push_str(match (index, factor.by) {
            (0, By::Times) => "",
            (0, By::Over) => "1 ÷ ",
            (_, By::Times) => " × ",
            (_, By::Over) => " ÷ ",
        });
        words.push_str(&factor.text);
    }
    words
}

impl Sum {
    fn new(name: &str, unit: &str, terms: Vec<Term>) -> Self {
        let mut sum = Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
            terms,
            total: None,
        };
        sum.add_up();
        sum
    }

    fn add_up(&mut self) {
        let sign = |term: &Term| if term.less { -1.0 } else { 1.0 };
        let terms = self.terms.iter();
        let products = terms.map(|term| sign(term) * term.product.unwrap_or(f64::INFINITY));
        let total: f64 = products.sum();
        self.total = total.is_finite().then_some(total);
    }

    fn point(&self) -> f64 {
        self.total.unwrap_or(f64::INFINITY)
    }
}

impl View<'_> {
    /// Where the limit of a meter is declared, with the path of its thing.
    fn limit_place(&self, fitted: &Fitted) -> Option<Place> {
        Some(self.place(declared_limit(&self.root, &fitted.id)?))
    }
}
