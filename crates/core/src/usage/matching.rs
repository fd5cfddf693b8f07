//! Which rows of measured usage say something about what is declared.

use std::collections::BTreeMap;

use crate::analysis::Project;
use crate::collections::IndexMap;
use crate::document::TomlPath;
use crate::report::{Unmatched, UsageRows};
use crate::units::Date;
use crate::words::text;

use super::measured::{Miss, Subjects};
use super::{Key, Usage};

/// How long before the date of judging rows count.
const WINDOW_DAYS: i64 = 30;

/// What became of all rows.
pub struct Matching {
    pub(crate) rows: UsageRows,
    /// What became of those of files that are given, and not only named by projects.
    pub(crate) given: Option<UsageRows>,
    /// The folder of the project that says for all what matches nothing.
    pub(crate) speaker: Option<String>,
    /// The first day whose rows count. The last is the date of judging.
    pub(crate) from: Date,
    /// What the first row that matches nothing was probably meant to say, or what it may.
    pub(crate) help: Option<String>,
    /// Whether what matches nothing is this change's: the rows are given for it, or what the base
    /// declares has more of them.
    pub(crate) is_new: bool,
    /// What adds up to less than 0, with its unit.
    pub(crate) negative: Vec<(String, String)>,
    /// That rows count for several projects.
    pub(crate) shared: Option<String>,
}

/// Days whose rows count. What is sampled may count a day longer: it says how much there is once
/// they are over.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// The first.
    pub from: Date,
    /// The last of what is counted.
    pub last: Date,
    /// The last of what is sampled.
    pub last_sampled: Date,
}

/// A project as it is on some days, or on all.
pub(crate) type Span<'p> = (Option<Days>, &'p Project);

impl Days {
    /// Those whose rows are held against what is declared, as of a date.
    pub(crate) fn judged(as_of: Date) -> Self {
        let month = Date::new(as_of.year(), as_of.month(), 1).unwrap_or(as_of);
        Self {
            from: as_of.plus_days(-WINDOW_DAYS).unwrap_or(month).min(month),
            last: as_of,
            last_sampled: as_of,
        }
    }

    /// The first and the last of what is about something.
    fn of(self, key: &Key) -> (Date, Date) {
        match key.is_sampled {
            true => (self.from, self.last_sampled),
            false => (self.from, self.last),
        }
    }
}

impl Usage {
    /// Holds rows against what projects declare. Each counts once: as outside of the window, else
    /// as matched where any of the projects declares what it names, with its unit.
    pub(crate) fn matching(
        &self,
        (projects, base): (&[Project], &[Project]),
        speaker: Option<&str>,
        as_of: Date,
    ) -> Option<Matching> {
        if self.is_empty() {
            return None;
        }
        let days = Days::judged(as_of);
        let (rows, help) = self.rows_of(projects, Some(days));
        let given = self.is_given().then(|| match self.committed {
            0 => rows.clone(),
            _ => {
                let spans = projects.iter().map(|project| (Some(days), project));
                let spans: Vec<Span<'_>> = spans.collect();
                self.rows_where(&spans, Some(days), Key::is_given).0
            }
        });
        let unmatched = |rows: &UsageRows| rows.unmatched.iter().map(|it| it.rows).sum::<usize>();
        let is_new =
            !base.is_empty() && unmatched(&rows) > unmatched(&self.rows_of(base, Some(days)).0);
        let all = self.series.iter();
        let negative = all.filter(|(_, series)| series.sum(days.from, as_of) < 0.0);
        let mut negative: Vec<(String, String)> = negative
            .map(|(key, _)| (key.name.written(), key.unit.clone()))
            .collect();
        negative.sort();
        Some(Matching {
            rows,
            given,
            speaker: speaker.map(str::to_owned),
            from: days.from,
            help,
            is_new: is_new || self.is_given(),
            negative,
            shared: self.shared(projects),
        })
    }

    /// That several projects declare what rows are about, so that these count for each of them.
    pub fn shared(&self, projects: &[Project]) -> Option<String> {
        /// The most projects that are named.
        const NAMED: usize = 3;
        if self.is_empty() || projects.len() < 2 {
            return None;
        }
        let known: Vec<Subjects<'_>> = projects.iter().map(Subjects::new).collect();
        let mut shared: BTreeMap<TomlPath, Vec<&str>> = BTreeMap::new();
        for (key, _) in &self.series {
            let about = known.iter().filter(|by| key.is_about(by.project));
            let found = about.filter_map(|by| {
                let path = by.find(&key.name, &key.unit).ok()?;
                Some((path, &*by.project.declarations.name))
            });
            let (paths, names): (Vec<TomlPath>, Vec<&str>) = found.unzip();
            if names.len() > 1 {
                shared.extend(paths.into_iter().next().map(|path| (path, names)));
            }
        }
        let (path, names) = shared.first_key_value()?;
        let others = match shared.len() - 1 {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        let mut named: Vec<String> = (names.iter().take(NAMED))
            .map(|name| format!("`{}`", text::name(name, 60).replace('`', "'")))
            .collect();
        if names.len() > NAMED {
            named.push(format!("{} more", names.len() - NAMED));
        }
        let names = named.join(", ");
        Some(format!(
            "Rows of `{path}`{others} count for each of several projects ({names}): choose one with `--project`, or name the file in its `[usage] files`."
        ))
    }

    /// What becomes of all rows, of all dates or of a window; and what the first that matches
    /// nothing was probably meant to say.
    pub fn rows_of(
        &self,
        projects: &[Project],
        window: Option<Days>,
    ) -> (UsageRows, Option<String>) {
        let spans: Vec<Span<'_>> = projects.iter().map(|project| (window, project)).collect();
        self.rows_by_span(&spans, window)
    }

    /// The same where projects change in the window: what rows count is held against what is
    /// declared on their day, what they sample against what is declared on any.
    pub(crate) fn rows_by_span(
        &self,
        spans: &[Span<'_>],
        window: Option<Days>,
    ) -> (UsageRows, Option<String>) {
        // What other projects' files say is theirs.
        let is_known = |key: &Key| {
            let mut projects = spans.iter().map(|(_, project)| project);
            key.is_given() || projects.any(|project| key.is_about(project))
        };
        self.rows_where(spans, window, is_known)
    }

    fn rows_where(
        &self,
        spans: &[Span<'_>],
        window: Option<Days>,
        is_counted: impl Fn(&Key) -> bool,
    ) -> (UsageRows, Option<String>) {
        let known = spans.iter();
        let known = known.map(|(days, project)| (*days, Subjects::new(project)));
        let known: Vec<(Option<Days>, Subjects<'_>)> = known.collect();
        let mut rows = UsageRows::default();
        let mut unmatched: IndexMap<(String, &str), (super::Place, Unmatched)> =
            IndexMap::default();
        let mut first: Option<(super::Place, String)> = None;
        let all = self.series.iter();
        for (key, series) in all.filter(|(key, _)| !key.is_beside && is_counted(key)) {
            let Some(ends) = series.ends() else {
                continue;
            };
            let whole = window.map_or(ends, |window| window.of(key));
            let (all, inside) = (series.rows(), series.rows_in(&[whole]));
            rows.rows += all;
            rows.outside += all - inside;
            if inside == 0 {
                continue;
            }
            let (found, by, miss) = held(&known, whole, key);
            let matched = series.rows_in(&found);
            rows.matched += matched;
            if matched == inside {
                continue;
            }
            // Where nothing is declared, nothing can be meant.
            let subject = by.map_or_else(|| key.name.written(), |by| by.shown(&key.name, &miss));
            let meant = by.map(|by| by.meant(&key.name, &key.unit, &miss));
            let place = series.place_outside(whole, &found).unwrap_or(series.first);
            if first.as_ref().is_none_or(|(before, _)| place < *before) {
                first = meant.map(|meant| (place, meant)).or(first);
            }
            let entry = unmatched.entry((subject.clone(), &key.unit));
            let (before, entry) = entry.or_insert_with(|| {
                let unmatched = Unmatched {
                    subject,
                    unit: key.unit.clone(),
                    rows: 0,
                    quantity: 0.0,
                    file: String::new(),
                    line: 0,
                };
                (place, unmatched)
            });
            *before = place.min(*before);
            entry.rows += inside - matched;
            let found = found.iter().map(|(from, to)| series.sum(*from, *to));
            entry.quantity += series.quantity(Some(whole)) - found.sum::<f64>();
        }
        let places = unmatched.into_values().map(|(place, entry)| Unmatched {
            file: self.file(place).to_owned(),
            line: place.line as usize,
            ..entry
        });
        rows.unmatched = places.collect();
        rows.unmatched
            .sort_by(|a, b| (&a.subject, &a.unit).cmp(&(&b.subject, &b.unit)));
        (rows, first.map(|(_, meant)| meant))
    }
}

/// In which windows something is declared that a series is about, one after the other; and why it
/// is about nothing in others, by the project that comes closest.
fn held<'k, 'p>(
    known: &'k [(Option<Days>, Subjects<'p>)],
    whole: (Date, Date),
    key: &Key,
) -> (Vec<(Date, Date)>, Option<&'k Subjects<'p>>, Miss) {
    let mut found: Vec<(Date, Date)> = Vec::new();
    let mut closest: Option<(&Subjects<'_>, Miss)> = None;
    for (days, by) in known.iter().filter(|(_, by)| key.is_about(by.project)) {
        let miss = match by.find(&key.name, &key.unit) {
            // What is declared and not there is measured as missing.
            Ok(path) if key.unit == "missing" => Miss::Missing(path),
            Ok(_) => {
                found.push(days.map_or(whole, |days| days.of(key)));
                continue;
            }
            Err(miss) => miss,
        };
        let is_closer = closest
            .as_ref()
            .is_none_or(|(_, before)| matches!(before, Miss::Name) && !matches!(miss, Miss::Name));
        if is_closer {
            closest = Some((by, miss));
        }
    }
    if key.is_sampled && !found.is_empty() {
        found = vec![whole];
    }
    found.sort_unstable();
    found.dedup_by(|next, before| {
        let is_joined = next.0 <= before.1;
        if is_joined {
            before.1 = before.1.max(next.1);
        }
        is_joined
    });
    match closest {
        Some((by, miss)) => (found, Some(by), miss),
        None => (found, None, Miss::Name),
    }
}
