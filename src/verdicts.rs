//! What becomes of findings after the rules: severities, `allow`, waivers, fingerprints, and
//! whether each is new.

use std::collections::HashMap;

use crate::document::declared::TomlPath;
use crate::document::tables::Waiver;
use crate::document::values::Level;
use crate::finding::{Finding, Severity, Worse};
use crate::model::Declarations;
use crate::report::{self, State, Waived};
use crate::source::{SourceMap, Spanned};
use crate::units::Date;

/// What judges findings.
pub struct Judge<'a> {
    /// The project whose `[rules]`, waivers and `allow` hold.
    pub declarations: &'a Declarations,
    /// Severities from the command line.
    pub overrides: &'a [(String, Severity)],
    /// The date as of which is judged.
    pub as_of: Date,
    /// The text behind spans.
    pub sources: &'a SourceMap,
}

/// How much a figure has to get worse for its finding to be `worsened`.
const WORSENED: f64 = 0.001;

impl Judge<'_> {
    /// Makes reports of findings, sorted by file, line and rule.
    #[must_use]
    pub fn judge(&self, findings: Vec<Finding>) -> Vec<report::Finding> {
        let mut kept: Vec<Finding> = findings
            .into_iter()
            .filter_map(|mut finding| {
                finding.severity = self.severity(&finding);
                (finding.severity != Severity::Off).then_some(finding)
            })
            .collect();
        kept.sort_by_cached_key(|finding| self.order(finding));
        let mut seen: HashMap<(&'static str, String), usize> = HashMap::new();
        kept.into_iter()
            .map(|finding| {
                let ordinal = seen
                    .entry((finding.rule, self.identity(&finding)))
                    .and_modify(|count| *count += 1)
                    .or_insert(0);
                let ordinal = *ordinal;
                self.report(finding, ordinal)
            })
            .collect()
    }

    fn order(&self, finding: &Finding) -> (bool, String, u32, u32, &'static str, String) {
        let place = finding.span.map(|span| {
            let file = self.sources.file(span.file);
            (file.path.to_string(), span.start, span.end)
        });
        let (path, start, end) = place.clone().unwrap_or_default();
        (
            place.is_none(),
            path,
            start,
            end,
            finding.rule,
            finding.subject.clone(),
        )
    }

    fn severity(&self, finding: &Finding) -> Severity {
        if is_file_error(finding.rule) {
            return Severity::Error;
        }
        let by_hand = self
            .overrides
            .iter()
            .rev()
            .find(|(rule, _)| rule == finding.rule);
        if let Some((_, severity)) = by_hand {
            return *severity;
        }
        let rules = self.declarations.root.value.rules.as_ref();
        match rules.and_then(|rules| rules.value.get(finding.rule)) {
            None => finding.severity,
            Some(Level::Off) => Severity::Off,
            Some(Level::Info) => Severity::Info,
            Some(Level::Warning) => Severity::Warning,
            Some(Level::Error) => Severity::Error,
        }
    }

    /// What a finding is about, with its file for the errors of files.
    fn identity(&self, finding: &Finding) -> String {
        match finding.span {
            Some(span) if is_file_error(finding.rule) => {
                format!("{}\0{}", self.sources.file(span.file).path, finding.subject)
            }
            _ => finding.subject.clone(),
        }
    }

    fn report(&self, finding: Finding, ordinal: usize) -> report::Finding {
        let place = finding.span.map(|span| {
            let start = self.sources.position(span.file, span.start);
            let end = self.sources.position(span.file, span.end);
            (self.sources.file(span.file).path.to_string(), start, end)
        });
        let identity = self.identity(&finding);
        let fingerprint = fingerprint(
            &[&self.declarations.folder, finding.rule, &identity],
            ordinal,
        );
        let waived = self.allowed(&finding).or_else(|| self.waived(&finding));
        report::Finding {
            rule: finding.rule.to_owned(),
            severity: finding.severity,
            state: None,
            message: finding.message,
            help: finding.help,
            url: crate::rules::rule(finding.rule)
                .map(crate::rules::Rule::url)
                .unwrap_or_default(),
            fingerprint,
            figure: finding.figure.filter(|figure| figure.is_finite()),
            file: place.as_ref().map(|(path, ..)| path.clone()),
            line: place.as_ref().map(|(_, start, _)| start.line),
            column: place.as_ref().map(|(_, start, _)| start.column),
            end_line: place.as_ref().map(|(.., end)| end.line),
            end_column: place.as_ref().map(|(.., end)| end.column),
            related: finding
                .related
                .into_iter()
                .map(|related| {
                    let at = self.sources.position(related.span.file, related.span.start);
                    report::Related {
                        file: self.sources.file(related.span.file).path.to_string(),
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
        }
    }

    /// The `allow` of the line or table that a finding is about.
    fn allowed(&self, finding: &Finding) -> Option<Waived> {
        if !may_be_allowed(finding.rule) {
            return None;
        }
        let path = TomlPath::parse(&finding.subject).ok()?;
        let root = &self.declarations.root.value;
        let keys: Vec<&str> = path.0.iter().map(String::as_str).collect();
        let (allow, reason) = match keys[..] {
            ["tables", name, ..] => {
                let table = root.tables.as_ref()?.value.get(name)?;
                (&table.allow, &table.reason)
            }
            ["features", feature, list, id, ..] => {
                let feature = root.features.as_ref()?.value.get(feature)?;
                match list {
                    "calls" => {
                        let line = &feature.calls.as_ref()?.value.get(id)?.value;
                        (&line.allow, &line.reason)
                    }
                    "writes" => {
                        let line = &feature.writes.as_ref()?.value.get(id)?.value;
                        (&line.allow, &line.reason)
                    }
                    "messages" => {
                        let line = &feature.messages.as_ref()?.value.get(id)?.value;
                        (&line.allow, &line.reason)
                    }
                    _ => {
                        let line = &feature.inference.as_ref()?.value.get(id)?.value;
                        (&line.allow, &line.reason)
                    }
                }
            }
            _ => return None,
        };
        let named = allow
            .as_ref()?
            .value
            .0
            .iter()
            .any(|rule| rule.value == finding.rule);
        named.then(|| Waived {
            reason: reason.as_ref().map(|reason| reason.value.0.clone()),
            owner: None,
            until: None,
        })
    }

    fn waived(&self, finding: &Finding) -> Option<Waived> {
        if is_file_error(finding.rule) {
            return None;
        }
        let waivers = self.declarations.root.value.waivers.as_ref()?;
        let waiver = waivers
            .value
            .0
            .iter()
            .find(|waiver| self.covers(waiver, finding))?;
        let waiver = &waiver.value;
        Some(Waived {
            reason: waiver.reason.as_ref().map(|reason| reason.value.0.clone()),
            owner: waiver.owner.as_ref().map(|owner| owner.value.0.clone()),
            until: waiver.until.as_ref().map(|until| until.value.to_string()),
        })
    }

    /// Whether a waiver counts for a finding: rule and subject match, it has not ended, and the
    /// figure is not past its ceiling.
    #[must_use]
    pub fn covers(&self, waiver: &Spanned<Waiver>, finding: &Finding) -> bool {
        matches(waiver, finding)
            && waiver
                .value
                .until
                .as_ref()
                .is_none_or(|until| self.as_of <= until.value)
            && match (&waiver.value.ceiling, finding.figure) {
                (Some(ceiling), Some(figure)) => match finding.worse {
                    Worse::Higher => figure <= ceiling.value.0,
                    Worse::Lower => figure >= ceiling.value.0,
                },
                _ => true,
            }
    }
}

/// Whether a waiver names a finding, ended or not.
#[must_use]
pub fn matches(waiver: &Spanned<Waiver>, finding: &Finding) -> bool {
    let waiver = &waiver.value;
    let rule = waiver
        .rule
        .as_ref()
        .is_some_and(|rule| rule.value.0 == finding.rule);
    rule && waiver
        .subject
        .as_ref()
        .is_some_and(|subject| wildcard(&subject.value.0, &finding.subject))
}

/// Whether a text matches a pattern in which `*` stands for any text.
#[must_use]
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            match str::find(rest, part) {
                Some(at) => rest = &rest[at + str::len(part)..],
                None => return false,
            }
        }
    }
    match last {
        None => rest.is_empty(),
        Some(last) => rest.ends_with(last),
    }
}

/// Whether a rule is an error of a file itself, which nothing turns off or waives.
#[must_use]
pub fn is_file_error(rule: &str) -> bool {
    use crate::rules::{Check, rule as find};
    find(rule).is_some_and(|rule| matches!(rule.check, Check::Reading))
}

/// Whether a rule is about how things are declared, so that a line or table may `allow` it.
#[must_use]
pub fn may_be_allowed(rule: &str) -> bool {
    const BEGINNINGS: [&str; 5] = [
        "cache-",
        "table-without-",
        "rollup-",
        "expire-",
        "calibration-",
    ];
    BEGINNINGS
        .iter()
        .any(|beginning| rule.starts_with(beginning))
        || rule.contains("partition") && !rule.starts_with("consumers")
        || matches!(rule, "burst-undeclared" | "row-size-implausible")
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

/// Says which findings of the head are new or worsened, and adds those of the base that are
/// fixed.
pub fn compare(head: &mut Vec<report::Finding>, base: Vec<report::Finding>) {
    let mut before: HashMap<String, report::Finding> = base
        .into_iter()
        .map(|finding| (finding.fingerprint.clone(), finding))
        .collect();
    for finding in head.iter_mut() {
        finding.state = Some(match before.remove(&finding.fingerprint) {
            None => State::New,
            Some(old) if is_worse(finding, &old) => State::Worsened,
            Some(_) => State::Existing,
        });
    }
    let mut fixed: Vec<report::Finding> = before
        .into_values()
        .filter(|finding| finding.waived.is_none())
        .map(|mut finding| {
            finding.state = Some(State::Fixed);
            finding
        })
        .collect();
    fixed.sort_by(|a, b| {
        (&a.file, a.line, &a.rule, &a.fingerprint).cmp(&(&b.file, b.line, &b.rule, &b.fingerprint))
    });
    head.extend(fixed);
    head.sort_by(|a, b| {
        let key = |finding: &report::Finding| {
            (
                finding.file.is_none(),
                finding.file.clone(),
                finding.line,
                finding.rule.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
}

fn is_worse(now: &report::Finding, before: &report::Finding) -> bool {
    if now.severity > before.severity || (before.waived.is_some() && now.waived.is_none()) {
        return true;
    }
    match (now.figure, before.figure) {
        (Some(now_figure), Some(before_figure)) => {
            let step = WORSENED * before_figure.abs();
            match now.worse {
                Worse::Higher => now_figure > before_figure + step,
                Worse::Lower => now_figure < before_figure - step,
            }
        }
        // Without a figure it is without bound.
        (None, Some(_)) => now.worse == Worse::Higher,
        _ => false,
    }
}
