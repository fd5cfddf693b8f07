//! Which rows of measured usage say something about what is declared.

use crate::analysis::Project;
use crate::collections::{HashMap, IndexMap};
use crate::document::dotted;
use crate::document::tables::{AnyLine, Feature};
use crate::model::LineKind;
use crate::model::resolve::units_of;
use crate::report::{Unmatched, UsageRows};
use crate::suggest::{closest, did_you_mean};
use crate::units::Date;

use super::{Record, Usage};

/// How long before the date of judging rows count.
const WINDOW_DAYS: i64 = 30;

/// What became of all rows.
pub struct Matching {
    pub(crate) rows: UsageRows,
    /// The folder of the project that says for all what matches nothing.
    pub(crate) speaker: Option<String>,
    /// The first day whose rows count. The last is the date of judging.
    pub(crate) from: Date,
    /// What the first row that matches nothing was probably meant to say, or what it may.
    pub(crate) help: Option<String>,
}

/// A feature, with the project that declares it.
struct Declared<'a> {
    project: &'a Project,
    name: &'a str,
    feature: &'a Feature,
}

impl Usage {
    /// Holds rows against what projects declare. Each counts once: as outside of the window, else
    /// as matched where any of the projects declares what it names, with its unit.
    pub(crate) fn matching(
        &self,
        projects: &[Project],
        speaker: Option<&str>,
        as_of: Date,
    ) -> Option<Matching> {
        if self.records.is_empty() {
            return None;
        }
        let month = Date::new(as_of.year(), as_of.month(), 1).unwrap_or(as_of);
        let from = as_of.plus_days(-WINDOW_DAYS).unwrap_or(month).min(month);
        let mut features: HashMap<&str, Vec<Declared<'_>>> = HashMap::default();
        for project in projects {
            for (name, feature) in project.declarations.root.features.iter() {
                let declared = Declared {
                    project,
                    name,
                    feature,
                };
                features.entry(name).or_default().push(declared);
            }
        }
        let mut rows = UsageRows {
            rows: self.records.len(),
            ..UsageRows::default()
        };
        let mut help = None;
        let mut unmatched: IndexMap<(String, &str), Unmatched> = IndexMap::default();
        for record in &self.records {
            if record.date < from || record.date > as_of {
                rows.outside += 1;
                continue;
            }
            let declared = features.get(record.feature.as_str());
            let declared = declared.map_or(&[][..], Vec::as_slice);
            if declared.iter().any(|declared| declared.has(record)) {
                rows.matched += 1;
                continue;
            }
            if unmatched.is_empty() {
                let names = features.keys().copied();
                help = Some(meant(record, declared, names));
            }
            let subject = subject(record, declared);
            let first = || Unmatched {
                subject: subject.clone(),
                unit: record.unit.clone(),
                rows: 0,
                quantity: 0.0,
                file: self.files.get(record.file).cloned().unwrap_or_default(),
                line: record.row,
            };
            let key = (subject.clone(), record.unit.as_str());
            let entry = unmatched.entry(key).or_insert_with(first);
            entry.rows += 1;
            entry.quantity += record.quantity;
        }
        rows.unmatched = unmatched.into_values().collect();
        rows.unmatched
            .sort_by(|a, b| (&a.subject, &a.unit).cmp(&(&b.subject, &b.unit)));
        Some(Matching {
            rows,
            speaker: speaker.map(str::to_owned),
            from,
            help,
        })
    }
}

impl Declared<'_> {
    fn has(&self, record: &Record) -> bool {
        if record.line.is_empty() {
            return self.units_of_all().contains(&record.unit.as_str());
        }
        let line = self.line(record);
        line.is_some_and(|line| self.units(line).contains(&record.unit))
    }

    fn line(&self, record: &Record) -> Option<AnyLine<'_>> {
        let kinds = LineKind::ALL.into_iter();
        let mut lines = kinds.filter_map(|kind| self.feature.line(kind, &record.line));
        lines.next()
    }

    /// The units of a feature as a whole: its credits where all its calls go to one API.
    fn units_of_all(&self) -> &'static [&'static str] {
        match self.only_api().is_some() {
            true => &["count", "credits"],
            false => &["count"],
        }
    }

    fn only_api(&self) -> Option<&str> {
        let lines = &self.project.model.features.get(self.name)?.lines;
        let mut apis = lines.iter().filter_map(|line| line.called());
        let (first, _) = apis.next()?;
        apis.all(|(api, _)| api == first).then_some(first)
    }

    fn units(&self, line: AnyLine<'_>) -> Vec<String> {
        let words: &[&str] = match line.kind() {
            LineKind::Call => &["occurrences", "reached", "calls", "credits", "cost"],
            LineKind::Read => &["occurrences", "reached", "rows"],
            LineKind::Write => &["occurrences", "rows"],
            LineKind::Message => &["occurrences", "messages", "bytes"],
            LineKind::Inference => &["occurrences", "reached", "requests", "cost"],
        };
        let mut units: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        if let AnyLine::Inference(line) = line {
            let model = line.value.model.as_ref();
            let models = &self.project.declarations.root.models;
            let model = model.and_then(|model| models.get(&model.value.0));
            units.extend(model.into_iter().flat_map(units_of));
        }
        units
    }
}

/// What a row is about, as a path.
fn subject(record: &Record, declared: &[Declared<'_>]) -> String {
    let mut lines = declared.iter().filter_map(|it| it.line(record));
    let list = lines.next().map(|line| line.kind().list());
    let line = Some(record.line.as_str()).filter(|line| !line.is_empty());
    let keys = ["features", record.feature.as_str()].into_iter();
    dotted(keys.chain(list).chain(line))
}

/// What a row that matches nothing was probably meant to say.
fn meant<'n>(
    record: &Record,
    declared: &[Declared<'_>],
    features: impl Iterator<Item = &'n str>,
) -> String {
    let Some(first) = declared.first() else {
        return closest(&record.feature, features).map_or_else(
            || "name a feature that is declared".to_owned(),
            |meant| did_you_mean(meant).into(),
        );
    };
    let (word, known): (_, Vec<String>) = match first.line(record) {
        Some(line) => (&record.unit, first.units(line)),
        None if record.line.is_empty() => {
            let units = first.units_of_all().iter();
            (&record.unit, units.map(|unit| (*unit).to_owned()).collect())
        }
        None => {
            let lines = first.feature.lines();
            (
                &record.line,
                lines.map(|(id, _)| (**id).to_owned()).collect(),
            )
        }
    };
    let words: Vec<&str> = known.iter().map(String::as_str).collect();
    let what = match first.line(record).is_some() || record.line.is_empty() {
        true => "its units are",
        false => "its lines are",
    };
    closest(word, words.iter().copied()).map_or_else(
        || format!("{what} {}", crate::document::reader::list(&words)),
        |meant| did_you_mean(meant).into(),
    )
}
