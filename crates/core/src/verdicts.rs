//! What becomes of findings after the rules: severities, `allow`, waivers, fingerprints, and
//! whether each is new.

mod states;

use crate::advice::Written;
use crate::changes::origins::Origins;
use crate::collections::HashMap;
use crate::document::{TomlPath, dotted};
use crate::edit::{Edit, string};
use crate::exceptions::{Waivers, allowed, declared_severity};
use crate::finding::{Finding, Severity};
use crate::model::Declarations;
use crate::report::{self, Applicability, Fix, Waived};
use crate::rules::{Rule, rule};
use crate::source::{SourceMap, Span};
use crate::units::Date;

pub use states::{compare, sort};

/// What judges findings.
pub struct Judge<'a> {
    /// The project whose `[rules]`, waivers and `allow` hold.
    declarations: &'a Declarations,
    /// The project's folder, by which fingerprints name it on both sides.
    folder: &'a str,
    overrides: &'a [(String, Severity)],
    as_of: Date,
    sources: &'a SourceMap,
    waivers: Waivers<'a>,
    /// What the side that judges called what findings are about.
    origins: Option<&'a Origins>,
}

impl<'a> Judge<'a> {
    /// A judge by what a project declares, with severities from the command line, as of a date.
    pub fn new(
        declarations: &'a Declarations,
        overrides: &'a [(String, Severity)],
        as_of: Date,
        sources: &'a SourceMap,
    ) -> Self {
        Self {
            declarations,
            folder: &declarations.folder,
            overrides,
            as_of,
            sources,
            waivers: Waivers::new(declarations, sources),
            origins: None,
        }
    }

    /// The same of findings about what the side that judges may call otherwise.
    pub(crate) fn renamed(mut self, origins: Option<&'a Origins>) -> Self {
        self.origins = origins;
        self
    }

    /// The judge of a comparison: for what only the other side declares, the other side's
    /// `allow` holds; and fingerprints are those of the head's folder.
    pub fn comparing(mut self, other: Option<&'a Declarations>, folder: &'a str) -> Self {
        self.folder = folder;
        self.waivers.other = other;
        self
    }

    /// Makes reports of findings, sorted by file, line and rule.
    pub fn judge(&self, mut findings: Vec<Finding>) -> Vec<report::Finding> {
        for finding in &mut findings {
            finding.severity = self.severity(finding);
        }
        findings.retain(|finding| finding.severity != Severity::Off);
        findings.sort_by_cached_key(|finding| {
            let path = |span: Span| self.sources.file(span.file).path.clone();
            let place = finding.span.map(|span| (path(span), span.start, span.end));
            let subject = finding.subject.clone();
            (place.is_none(), place, finding.rule, subject)
        });
        let mut seen: HashMap<(&'static str, String), usize> = HashMap::default();
        let mut judged = Vec::with_capacity(findings.len());
        for finding in findings {
            let identity = (finding.rule, self.identity(&finding));
            let equals = seen.entry(identity).or_default();
            judged.push(self.report(finding, *equals));
            *equals += 1;
        }
        sort(&mut judged);
        judged
    }

    /// The finding about what the side that judges has in its place, or may have.
    fn originals(&self, finding: &Finding) -> Vec<Finding> {
        let path = TomlPath::parse(&finding.subject).ok();
        let was = path.zip(self.origins);
        let was = was.map_or(Vec::new(), |(path, origins)| origins.all(&path));
        if was.is_empty() {
            return vec![finding.clone()];
        }
        let of = |subject: TomlPath| Finding {
            subject: subject.to_string(),
            ..finding.clone()
        };
        was.into_iter().map(of).collect()
    }

    fn exempted(&self, finding: &Finding) -> Option<Waived> {
        let rule = rule(finding.rule)?;
        if rule.is_binding() {
            return None;
        }
        let on = rule.allowed_on;
        let allowed = on.and_then(|on| allowed(finding, on, self.declarations, self.waivers.other));
        allowed.or_else(|| self.waivers.waived(finding, self.as_of))
    }

    fn severity(&self, finding: &Finding) -> Severity {
        if rule(finding.rule).is_some_and(Rule::is_binding) {
            return finding.severity;
        }
        let mut overrides = self.overrides.iter().rev();
        match overrides.find(|(rule, _)| rule == finding.rule) {
            Some((_, severity)) => *severity,
            None => declared_severity(self.declarations, finding.rule).unwrap_or(finding.severity),
        }
    }

    /// What a finding is about; of a file's errors with the file's path in the project, so that
    /// a project that moves keeps its fingerprints.
    fn identity(&self, finding: &Finding) -> String {
        match finding.span {
            Some(span) if is_file_error(finding) => {
                let path = &*self.sources.file(span.file).path;
                let folders = [self.folder, &self.declarations.folder];
                let other = self.waivers.other.map(|other| other.folder.as_str());
                let mut folders = folders.into_iter().chain(other).filter(|it| !it.is_empty());
                let below = folders.find_map(|folder| path.strip_prefix(folder)?.strip_prefix('/'));
                let path = below.unwrap_or(path);
                format!("{path}\0{}", finding.subject)
            }
            _ => finding.subject.clone(),
        }
    }

    fn report(&self, finding: Finding, ordinal: usize) -> report::Finding {
        let path = |span: Span| self.sources.file(span.file).path.to_string();
        let start_of = |span: Span| self.sources.position(span.file, span.start);
        let end_of = |span: Span| self.sources.position(span.file, span.end);
        let (start, end) = (finding.span.map(start_of), finding.span.map(end_of));
        let identity = self.identity(&finding);
        let fingerprint = fingerprint(&[self.folder, finding.rule, &identity], ordinal);
        let originals = self.originals(&finding);
        // What may have been any of several is waived where all of them were.
        let waived = originals.iter().map(|it| self.exempted(it));
        let waived: Option<Vec<Waived>> = waived.collect();
        let waived = waived.and_then(|all| all.into_iter().next());
        let fix = self.fix(&finding);
        let binding = rule(finding.rule).is_some_and(Rule::is_binding);
        let lapsed = match (&waived, binding) {
            (None, false) => {
                let mut judged = originals.iter();
                judged.find_map(|it| self.waivers.lapsed(it, self.as_of))
            }
            _ => None,
        };
        let tail = tail(lapsed.as_deref(), finding.cost.as_deref());
        report::Finding {
            rule: finding.rule.to_owned(),
            severity: finding.severity,
            state: None,
            message: finding.message,
            help: match finding.help {
                Some(help) => Some(format!("{help}{tail}")),
                None => lapsed,
            },
            tail,
            cost: finding.cost,
            blame: None,
            url: rule(finding.rule).map(Rule::url).unwrap_or_default(),
            fingerprint,
            figure: finding.figure.filter(|figure| figure.is_finite()),
            file: finding.span.map(path),
            line: start.map(|start| start.line),
            column: start.map(|start| start.column),
            end_line: end.map(|end| end.line),
            end_column: end.map(|end| end.column),
            related: finding
                .related
                .into_iter()
                .map(|related| {
                    let at = start_of(related.span);
                    report::Related {
                        file: path(related.span),
                        line: at.line,
                        column: at.column,
                        message: related.message,
                        span: Some(related.span),
                    }
                })
                .collect(),
            waived,
            subject: finding.subject,
            span: finding.span,
            worse: finding.worse,
            parts: finding.parts,
            when: finding.when,
            cause: None,
            silenced: false,
            fix,
            ways: finding.ways,
        }
    }
}

impl Judge<'_> {
    /// What a finding says to write in its place, where that has one meaning.
    fn fix(&self, finding: &Finding) -> Option<Fix> {
        let write = finding.write.as_ref()?;
        let span = write.span.or(finding.span)?;
        let text = match &write.what {
            Written::Value(value) => value.clone(),
            Written::Name(name) if self.sources.text(span).starts_with(['"', '\'']) => string(name),
            Written::Name(name) => dotted(std::iter::once(&**name)),
        };
        Some(Fix {
            applicability: Applicability::Safe,
            raises: false,
            reminder: None,
            edits: vec![Edit { span, text }],
            snippet: None,
        })
    }
}

fn is_file_error(finding: &Finding) -> bool {
    rule(finding.rule).is_some_and(Rule::is_file_error)
}

/// A name for a finding that stays the same wherever it stands in its file: FNV-1a over its
/// parts and its ordinal among equals, 64 bits in hexadecimal.
fn fingerprint(parts: &[&str], ordinal: usize) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = OFFSET;
    let mut feed = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    };
    for part in parts {
        feed(part.as_bytes());
        feed(&[0]);
    }
    feed(ordinal.to_string().as_bytes());
    format!("{hash:016x}")
}

/// What help ends in.
fn tail(lapsed: Option<&str>, cost: Option<&str>) -> String {
    let lapsed = lapsed.map(|it| format!("; {it}"));
    let cost = cost.map(|it| format!("\n{it}"));
    lapsed.into_iter().chain(cost).collect()
}
