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
        if self.is_empty() {
            return None;
        }
        let days = Days::judged(as_of);
        let (rows, help) = self.rows_of(projects, Some(days));
        let given = self.is_given().then(|| match self.committed {
            0 => rows.clone(),
            _ => self.rows_where(projects, Some(days), Key::is_given).0,
        });
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
        // What other projects' files say is theirs.
        let is_known =
            |key: &Key| key.is_given() || projects.iter().any(|project| key.is_about(project));
        self.rows_where(projects, window, is_known)
    }

    fn rows_where(
        &self,
        projects: &[Project],
        window: Option<Days>,
        is_counted: impl Fn(&Key) -> bool,
    ) -> (UsageRows, Option<String>) {
        let known: Vec<Subjects<'_>> = projects.iter().map(Subjects::new).collect();
        let mut rows = UsageRows::default();
        let mut unmatched: IndexMap<(String, &str), (super::Place, Unmatched)> =
            IndexMap::default();
        let mut first: Option<(super::Place, String)> = None;
        let all = self.series.iter();
        for (key, series) in all.filter(|(key, _)| !key.is_beside && is_counted(key)) {
            let window = window.map(|days| match key.is_sampled {
                true => (days.from, days.last_sampled),
                false => (days.from, days.last),
            });
            let all = series.rows();
            let inside = window.map_or(all, |(from, to)| series.rows_in(from, to));
            rows.rows += all;
            rows.outside += all - inside;
            if inside == 0 {
                continue;
            }
            let Some((by, miss)) = missed(&known, key) else {
                rows.matched += inside;
                continue;
            };
            // Where nothing is declared, nothing can be meant.
            let subject = by.map_or_else(|| key.name.written(), |by| by.shown(&key.name, &miss));
            let meant = by.map(|by| by.meant(&key.name, &key.unit, &miss));
            if first
                .as_ref()
                .is_none_or(|(place, _)| series.first < *place)
            {
                first = meant.map(|meant| (series.first, meant)).or(first);
            }
            let entry = unmatched.entry((subject.clone(), &key.unit));
            let (place, entry) = entry.or_insert_with(|| {
                let unmatched = Unmatched {
                    subject,
                    unit: key.unit.clone(),
                    rows: 0,
                    quantity: 0.0,
                    file: String::new(),
                    line: 0,
                };
                (series.first, unmatched)
            });
            *place = series.first.min(*place);
            entry.rows += inside;
            entry.quantity += series.quantity(window);
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

/// Why no project has what a row names: by the one that comes closest to it.
fn missed<'k, 'p>(
    known: &'k [Subjects<'p>],
    key: &Key,
) -> Option<(Option<&'k Subjects<'p>>, Miss)> {
    let mut closest: Option<(&Subjects<'_>, Miss)> = None;
    for by in known.iter().filter(|by| key.is_about(by.project)) {
        let found = by.find(&key.name, &key.unit);
        let miss = found.map_or_else(Some, |path| {
            // What is declared and not there is measured as missing.
            (key.unit == "missing").then_some(Miss::Missing(path))
        })?;
        let is_closer = closest
            .as_ref()
            .is_none_or(|(_, before)| matches!(before, Miss::Name) && !matches!(miss, Miss::Name));
        if is_closer {
            closest = Some((by, miss));
        }
    }
    Some(closest.map_or((None, Miss::Name), |(by, miss)| (Some(by), miss)))
}
