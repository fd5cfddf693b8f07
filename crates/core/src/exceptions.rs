//! What a project accepts of what is found: the `allow` of its lines and tables, and waivers.

use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::tables::{LineKind, Root, Waiver};
use crate::document::values::{Level, Text, Texts};
use crate::finding::{Finding, Severity, Worse};
use crate::model::Declarations;
use crate::model::projects::folder;
use crate::report::Waived;
use crate::source::{FileId, SourceMap, Span, Spanned};
use crate::units::Date;
use crate::wildcard::Pattern;

pub use crate::wildcard::wildcard;

/// The `allow` and the `reason` beside it.
pub(crate) type Allow<'a> = (Option<&'a Spanned<Texts>>, Option<&'a Spanned<Text>>);

/// Whether the thing exists, and its `allow`.
pub(crate) fn allow_at<'a>(root: &'a Root, keys: &[&str]) -> Option<Allow<'a>> {
    match keys {
        ["tables", name, ..] => {
            let table = root.tables.get(name)?;
            Some((table.allow.as_deref(), table.reason.as_deref()))
        }
        ["features", feature, list, id, ..] => {
            let feature = root.features.get(feature)?;
            let keys = feature.line(LineKind::of_list(list)?, id)?.keys();
            Some((keys.allow, keys.reason))
        }
        _ => None,
    }
}

/// What has an `allow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowedOn {
    /// A demand line.
    Lines,
    /// A table.
    Tables,
}

impl AllowedOn {
    /// What the path of a line or table, or of something in it, leads to.
    fn at(keys: &[&str]) -> Option<Self> {
        match keys {
            ["tables", _, ..] => Some(Self::Tables),
            ["features", _, _, _, ..] => Some(Self::Lines),
            _ => None,
        }
    }
}

/// What `allow` makes of a finding of a rule that may be named in some. Of two sides of a
/// comparison the one that judges speaks for all that it has; of what only the other has, the
/// other.
pub(crate) fn allowed(
    finding: &Finding,
    on: AllowedOn,
    judging: &Declarations,
    other: Option<&Declarations>,
) -> Option<Waived> {
    let path = TomlPath::parse(&finding.subject).ok()?;
    let keys: Vec<&str> = path.0.iter().map(String::as_str).collect();
    if AllowedOn::at(&keys) != Some(on) {
        return None;
    }
    let (allow, reason) =
        allow_at(&judging.root, &keys).or_else(|| allow_at(&other?.root, &keys))?;
    let named = allow?.value.0.iter().any(|rule| rule.value == finding.rule);
    named.then(|| Waived {
        reason: reason.map(|reason| reason.value.0.clone()),
        owner: None,
        until: None,
    })
}

/// The waivers of a project, ready for many findings.
pub(crate) struct Waivers<'a> {
    all: Vec<(&'a Spanned<Waiver>, Pattern<'a>)>,
    /// By rule, and by what a subject begins with up to the first `*`; whole where there is
    /// none.
    by_beginning: HashMap<(&'a str, &'a str), Vec<usize>>,
    declarations: &'a Declarations,
    /// The other side of a comparison: its `allow` holds for what only it declares.
    pub(crate) other: Option<&'a Declarations>,
    sources: &'a SourceMap,
}

impl<'a> Waivers<'a> {
    pub(crate) fn new(declarations: &'a Declarations, sources: &'a SourceMap) -> Self {
        let waivers = declarations.root.waivers.as_ref();
        let waivers = waivers.into_iter().flat_map(|waivers| &waivers.value.0);
        let pattern = |waiver: &'a Spanned<Waiver>| Pattern::new(waiver.value.names().1);
        let all: Vec<_> = waivers.map(|waiver| (waiver, pattern(waiver))).collect();
        let mut by_beginning: HashMap<(&str, &str), Vec<usize>> = HashMap::default();
        for (index, (waiver, pattern)) in all.iter().enumerate() {
            let (rule, _) = waiver.value.names();
            let named = by_beginning.entry((rule, pattern.first)).or_default();
            named.push(index);
        }
        Self {
            all,
            by_beginning,
            declarations,
            other: None,
            sources,
        }
    }

    /// The waivers that name a finding, ended or not, in the order of their declaration.
    fn naming(&self, rule: &str, subject: &str) -> Vec<usize> {
        let mut naming = self.matching(rule, subject);
        naming.retain(|index| self.may_cover(self.all[*index].0, subject));
        naming
    }

    /// The same, with those that stand in a file that may not speak of it.
    fn matching(&self, rule: &str, subject: &str) -> Vec<usize> {
        let mut found = Vec::new();
        if self.all.is_empty() {
            return found;
        }
        let ends = subject.char_indices().map(|(at, _)| at);
        for end in ends.chain([subject.len()]) {
            let waivers = self.by_beginning.get(&(rule, &subject[..end]));
            let waivers = waivers.into_iter().flatten().copied();
            found.extend(waivers.filter(|index| self.all[*index].1.matches(subject)));
        }
        found.sort_unstable();
        found
    }

    pub(crate) fn waived(&self, finding: &Finding, as_of: Date) -> Option<Waived> {
        let waiver = self
            .naming(finding.rule, &finding.subject)
            .into_iter()
            .map(|index| &self.all[index].0.value)
            .find(|waiver| counts(waiver, finding, as_of))?;
        Some(Waived {
            reason: waiver.reason.as_ref().map(|reason| reason.value.0.clone()),
            owner: waiver.owner.as_ref().map(|owner| owner.value.0.clone()),
            until: waiver.until.as_ref().map(|until| until.value.to_string()),
        })
    }

    /// Why the waivers that name a finding do not cover it.
    pub(crate) fn lapsed(&self, finding: &Finding, as_of: Date) -> Option<String> {
        let waiver = self.naming(finding.rule, &finding.subject).pop()?;
        let waiver = &self.all[waiver].0.value;
        match (&waiver.until, &waiver.ceiling) {
            (Some(until), _) if as_of > until.value => {
                Some(format!("its waiver ended on {}", until.value))
            }
            (_, Some(ceiling)) => {
                let text = self.sources.text(ceiling.span);
                let text = text.trim_matches('"');
                Some(format!("its waiver ends at its ceiling of {text}"))
            }
            _ => None,
        }
    }

    /// Whether a waiver may speak of a subject: in the project's root file of everything,
    /// elsewhere of what its file declares.
    fn may_cover(&self, waiver: &Spanned<Waiver>, subject: &str) -> bool {
        let path = |file: FileId| &*self.sources.file(file).path;
        let of_waiver = path(waiver.span.file);
        if folder(of_waiver) == self.declarations.folder {
            return true;
        }
        let Ok(subject) = TomlPath::parse(subject) else {
            return false;
        };
        let [table, name, ..] = &subject.0[..] else {
            return false;
        };
        let declared = |declarations: &Declarations| name_span(&declarations.root, table, name);
        match declared(self.declarations) {
            Some(span) => span.file == waiver.span.file,
            // What the change adds to the file that waives.
            None => self
                .other
                .and_then(declared)
                .is_some_and(|span| path(span.file) == of_waiver),
        }
    }
}

/// What a waiver is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// No finding.
    Nothing,
    /// One that it may not speak of, from the file that it stands in.
    Elsewhere,
    /// One, whether it has ended or not.
    Used,
}

/// What each waiver of a project is for, in order.
pub(crate) fn uses(
    declarations: &Declarations,
    sources: &SourceMap,
    findings: &[Finding],
) -> Vec<Use> {
    let waivers = Waivers::new(declarations, sources);
    let mut uses = vec![Use::Nothing; waivers.all.len()];
    for finding in findings {
        for index in waivers.matching(finding.rule, &finding.subject) {
            if uses[index] < Use::Used {
                uses[index] = match waivers.may_cover(waivers.all[index].0, &finding.subject) {
                    true => Use::Used,
                    false => Use::Elsewhere,
                };
            }
        }
    }
    uses
}

/// Whether a waiver that names a finding still counts: it has not ended, and the figure is not
/// past its ceiling.
fn counts(waiver: &Waiver, finding: &Finding, as_of: Date) -> bool {
    let until = waiver.until.as_ref();
    let within_ceiling = match (&waiver.ceiling, finding.figure) {
        (Some(ceiling), Some(figure)) => match finding.worse {
            Worse::Higher => figure <= ceiling.value.0,
            Worse::Lower => figure >= ceiling.value.0,
        },
        _ => true,
    };
    within_ceiling && until.is_none_or(|until| as_of <= until.value)
}

/// Where the name of a thing stands.
pub(crate) fn name_span(root: &Root, table: &str, name: &str) -> Option<Span> {
    macro_rules! name {
        ($field:ident) => {
            root.$field.entry(name).map(|entry| entry.name)
        };
    }
    match table {
        "tenants" => name!(tenants),
        "entities" => name!(entities),
        "apis" => name!(apis),
        "features" => name!(features),
        "databases" => name!(databases),
        "tables" => name!(tables),
        "queues" => name!(queues),
        "models" => name!(models),
        "budgets" => name!(budgets),
        "costs" => name!(costs),
        _ => None,
    }
}

/// The severity that `[rules]` gives a rule, where it does.
pub(crate) fn declared_severity(declarations: &Declarations, rule: &str) -> Option<Severity> {
    let rules = &declarations.root.rules;
    Some(match rules.get(rule)? {
        Level::Off => Severity::Off,
        Level::Info => Severity::Info,
        Level::Warning => Severity::Warning,
        Level::Error => Severity::Error,
    })
}

/// The `allow` lists of a project: what has one, its path, and the list.
pub(crate) fn allows(root: &Root) -> Vec<(AllowedOn, TomlPath, Allow<'_>)> {
    let mut out = Vec::new();
    for (name, table) in root.tables.iter() {
        if table.allow.is_some() {
            let path = TomlPath::new(&["tables", name]);
            let allow = (table.allow.as_deref(), table.reason.as_deref());
            out.push((AllowedOn::Tables, path, allow));
        }
    }
    for (name, feature) in root.features.iter() {
        for (id, line) in feature.lines() {
            let keys = line.keys();
            if keys.allow.is_some() {
                let path = TomlPath::new(&["features", name, line.kind().list(), id]);
                out.push((AllowedOn::Lines, path, (keys.allow, keys.reason)));
            }
        }
    }
    out.sort_by(|a, b| a.1.cmp(&b.1));
    out
}
