//! What was measured of one project, by what it declares.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::reader::list;
use crate::error::Error;
use crate::measurable::Kind;
use crate::metrics::{Subject, subjects};
use crate::model::LineKind;
use crate::suggest::{closest, did_you_mean};

use super::name::Name;
use super::{Key, Series, Usage};

/// What was measured of a project: series by subject and unit.
#[derive(Clone, Debug, Default)]
pub struct Measured<'u> {
    series: BTreeMap<(TomlPath, String), Cow<'u, Series>>,
}

impl Measured<'_> {
    /// What was measured of a thing in a unit.
    pub fn get(&self, subject: &TomlPath, unit: &str) -> Option<&Series> {
        let series = self.series.get(&(subject.clone(), unit.to_owned()))?;
        Some(series)
    }

    /// All of it.
    pub fn iter(&self) -> impl Iterator<Item = (&TomlPath, &str, &Series)> {
        let series = self.series.iter();
        series.map(|((subject, unit), series)| (subject, unit.as_str(), &**series))
    }
}

impl Usage {
    /// What was measured of a project.
    pub fn measured(&self, project: &Project) -> Measured<'_> {
        let mut measured = Measured::default();
        // What two files say twice was refused before, or is to be added up.
        let _ = self.each_measured(project, |subject, unit, series| {
            let of_subject = measured.series.entry((subject, unit.to_owned()));
            of_subject
                .and_modify(|own| own.to_mut().merge(series))
                .or_insert(Cow::Borrowed(series));
            Ok(())
        });
        measured
    }

    /// Refuses what two files say of the same day and thing of a project, and amounts in another
    /// currency than its own. Fails with [`Error::Usage`].
    pub fn refuse(&self, project: &Project, sum_files: bool) -> Result<(), Error> {
        self.refuse_currencies(project)?;
        match sum_files {
            true => Ok(()),
            false => self.refuse_names(project),
        }
    }

    fn refuse_currencies(&self, project: &Project) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        let own = project.currency();
        let known = Subjects::new(project);
        for (key, series) in self.of(project) {
            let is_other = !key.currency.is_empty() && key.currency != own;
            if is_other && known.find(&key.name, &key.unit).is_ok() {
                let (place, currency) = (self.place(series.first), &key.currency);
                let message =
                    format!("{place}: the cost is in {currency}, and the project's {own}");
                let help = "give costs in the project's currency: nothing is converted";
                return Err(Error::usage(message).with_help(help));
            }
        }
        Ok(())
    }

    /// Refuses what two files say of the same day and thing of a project under several names. Fails
    /// with [`Error::Usage`].
    pub fn refuse_names(&self, project: &Project) -> Result<(), Error> {
        let mut before: HashMap<(TomlPath, &str), Vec<&Series>> = HashMap::default();
        self.each_measured(project, |subject, unit, series| {
            let others = before.entry((subject, unit)).or_default();
            let mut twice = others.iter().filter_map(|other| other.twice(series));
            match twice.next() {
                Some(places) => return Err(self.says_again(places)),
                None => others.push(series),
            }
            Ok(())
        })
    }

    /// What may be about a project: all but what other projects' files say.
    fn of(&self, project: &Project) -> impl Iterator<Item = &(Key, Series)> {
        let all = self.series.iter();
        all.filter(|(key, _)| key.is_about(project))
    }

    fn each_measured<'u>(
        &'u self,
        project: &Project,
        mut each: impl FnMut(TomlPath, &'u str, &'u Series) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        let known = Subjects::new(project);
        for (key, series) in self.of(project) {
            if let Ok(subject) = known.find(&key.name, &key.unit) {
                each(subject, &key.unit, series)?;
            }
        }
        Ok(())
    }
}

impl Key {
    /// Whether it is of a file that is given, and not of one that a project names.
    pub(super) fn is_given(&self) -> bool {
        self.folder.is_none()
    }

    /// Whether it may be about a project.
    pub(super) fn is_about(&self, project: &Project) -> bool {
        let folder = self.folder.as_deref();
        folder.is_none_or(|folder| project.is_in(folder))
    }
}

/// What a project declares that can be measured.
pub(super) struct Subjects<'p> {
    pub(super) project: &'p Project,
    known: HashMap<TomlPath, Subject<'p>>,
}

/// Why a name and unit match nothing.
pub(super) enum Miss {
    /// No feature, API, queue or so on has this name.
    Name,
    /// The feature has no such line.
    Line,
    /// Several lists have a line with this id.
    Several(Vec<String>),
    Unit(TomlPath),
    /// It is declared, and was found missing.
    Missing(TomlPath),
}

impl<'p> Subjects<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        let known = subjects(&project.model).into_iter();
        Self {
            project,
            known: known.map(|it| (it.path.clone(), it)).collect(),
        }
    }

    pub(super) fn find(&self, name: &Name, unit: &str) -> Result<TomlPath, Miss> {
        let path = match name {
            Name::Foreign(_) => return Err(Miss::Name),
            Name::Path(path) => path.clone(),
            Name::Line(feature, line) => self.line(feature, line)?,
        };
        let Some(subject) = self.known.get(&path) else {
            return Err(Miss::Name);
        };
        match self.units(subject).contains(&unit) {
            true => Ok(path),
            false => Err(Miss::Unit(path)),
        }
    }

    /// The path of a feature, or of its line.
    fn line(&self, feature: &str, written: &str) -> Result<TomlPath, Miss> {
        let Some(declared) = self.project.model.features.get(feature) else {
            return Err(Miss::Name);
        };
        if written.is_empty() {
            return Ok(TomlPath::new(&["features", feature]));
        }
        let path =
            |kind: LineKind, id: &str| TomlPath::new(&["features", feature, kind.list(), id]);
        let lines = || declared.lines.iter();
        let mut named = lines().filter(|line| *line.id == *written);
        match (named.next(), named.next()) {
            (Some(line), None) => return Ok(path(line.kind, written)),
            (Some(_), Some(_)) => {
                let named = lines().filter(|line| *line.id == *written);
                let with_list = named.map(|line| format!("{}.{written}", line.kind.list()));
                return Err(Miss::Several(with_list.collect()));
            }
            _ => {}
        }
        let with_list = written.split_once('.').and_then(|(list, id)| {
            lines().find(|line| line.kind.list() == list && *line.id == *id)
        });
        let line = with_list.ok_or(Miss::Line)?;
        Ok(path(line.kind, &line.id))
    }

    /// The units that a thing is measured in.
    fn units<'s>(&'s self, subject: &'s Subject<'_>) -> Vec<&'s str> {
        let Some(kind) = Kind::of(&subject.path.0) else {
            return Vec::new();
        };
        let words = kind.counted.iter().chain(kind.sampled).copied();
        let own = subject.units.iter().map(String::as_str);
        let whole = self.is_of_one_api(subject).then_some("credits");
        words.chain(own).chain(whole).collect()
    }

    /// Whether it is a feature whose calls all go to one API, so that its credits are known by it.
    fn is_of_one_api(&self, subject: &Subject<'_>) -> bool {
        let [table, name] = &subject.path.0[..] else {
            return false;
        };
        table == "features" && self.only_api(name).is_some()
    }

    /// The API that all calls of a feature go to.
    pub(super) fn only_api(&self, feature: &str) -> Option<&'p str> {
        let lines = &self.project.model.features.get(feature)?.lines;
        let mut apis = lines.iter().filter_map(|line| line.called());
        let (first, _) = apis.next()?;
        apis.all(|(api, _)| api == first).then_some(first)
    }

    /// What a name that matches nothing was probably meant to be.
    pub(super) fn meant(&self, name: &Name, unit: &str, miss: &Miss) -> String {
        let guess = |word: &str, known: Vec<&str>, what: &str| {
            let guess = closest(word, known.iter().copied());
            guess.map_or_else(
                || format!("{what} {}", list(&known)),
                |meant| did_you_mean(meant).into(),
            )
        };
        match (miss, name) {
            (Miss::Several(written), _) => {
                let written: Vec<&str> = written.iter().map(String::as_str).collect();
                format!("name its list: {}", list(&written))
            }
            (Miss::Unit(path), _) => {
                let units = self.known.get(path).map(|it| self.units(it));
                guess(unit, units.unwrap_or_default(), "its units are")
            }
            (Miss::Missing(_), _) => {
                "the database has no such table: correct its `relation`, or remove it".to_owned()
            }
            (Miss::Line, Name::Line(feature, line)) => {
                let feature = self.project.model.features.get(feature);
                let lines = feature.map_or(&[][..], |it| &it.lines).iter();
                guess(line, lines.map(|it| &*it.id).collect(), "its lines are")
            }
            (_, Name::Line(feature, _)) => {
                let features = self.project.model.features.keys().map(String::as_str);
                let meant = closest(feature, features).map(did_you_mean);
                meant.map_or_else(|| "name a feature that is declared".to_owned(), Into::into)
            }
            (_, Name::Path(path)) => {
                let written = path.to_string();
                let known: Vec<String> = self.known.keys().map(TomlPath::to_string).collect();
                let meant = closest(&written, known.iter().map(String::as_str)).map(did_you_mean);
                meant.map_or_else(|| "name something that is declared".to_owned(), Into::into)
            }
            (_, Name::Foreign(_)) => {
                "say what it is about in `[[usage.map]]` of the root file".to_owned()
            }
        }
    }

    /// The path as which a name is shown that matches nothing.
    pub(super) fn shown(&self, name: &Name, miss: &Miss) -> String {
        match miss {
            Miss::Unit(path) | Miss::Missing(path) => path.to_string(),
            _ => name.written(),
        }
    }
}
