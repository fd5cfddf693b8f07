//! Every rule's page, run: its failing example fails by that rule alone, its fixed one is sound.

use std::collections::BTreeSet;
use std::path::Path;

use caplint::edit::apply;
use caplint::finding::Severity;
use caplint::report::{Finding, Fix, Report, State};
use caplint::rules::{AllowedOn, RULES, Rule, SECTIONS as RULE_SECTIONS, names};
use caplint::run::{Before, Inputs, Settings, run};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::units::Date;
use caplint::usage::Reading;

/// Rules whose pages are still to be written.
const PENDING: &[&str] = &[];

/// How many rules there are in all. It only grows.
const AT_LEAST: usize = 42;

/// Infos that fixed examples may leave: what they ask for would make short pages long.
pub(crate) const BESIDE_THE_POINT: &[&str] =
    &["calibration-missing", "projection-missing", "tenants-stale"];

const SECTIONS: &[&str] = &["Why", "Example", "Use instead", "Configuration"];

/// A fenced block of a page.
struct Block<'a> {
    section: &'a str,
    /// The words after the opening fence.
    words: Vec<&'a str>,
    text: String,
}

/// What a page's examples are.
struct Page<'a> {
    sections: Vec<&'a str>,
    blocks: Vec<Block<'a>>,
}

impl<'a> Page<'a> {
    fn new(docs: &'a str) -> Self {
        let mut page = Page {
            sections: Vec::new(),
            blocks: Vec::new(),
        };
        let mut open: Option<Block<'a>> = None;
        for line in docs.lines() {
            match (&mut open, line.strip_prefix("```")) {
                (Some(block), None) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (Some(_), Some(_)) => page.blocks.extend(open.take()),
                (None, Some(words)) => {
                    open = Some(Block {
                        section: page.sections.last().copied().unwrap_or_default(),
                        words: words.split_whitespace().collect(),
                        text: String::new(),
                    });
                }
                (None, None) => page.sections.extend(line.strip_prefix("## ")),
            }
        }
        assert!(open.is_none(), "a block is not closed");
        page
    }

    /// The one block with these words at its beginning.
    fn block(&self, words: &[&str]) -> Option<&Block<'a>> {
        let mut found = self
            .blocks
            .iter()
            .filter(|block| block.words.starts_with(words));
        let first = found.next();
        assert!(found.next().is_none(), "more than one block {words:?}");
        first
    }
}

/// One side of a run: a capacity.toml, or the files that `# file: PATH` lines begin, those with
/// another name that `# misnamed: PATH` lines begin, and files that only exist.
fn snapshot(name: &str, block: &Block<'_>, sources: &mut SourceMap) -> Snapshot {
    let mut texts: Vec<(String, String)> = vec![("capacity.toml".to_owned(), String::new())];
    for line in block.text.lines() {
        let path = line.strip_prefix("# file: ");
        match path.or_else(|| line.strip_prefix("# misnamed: ")) {
            Some(path) => texts.push((path.to_owned(), String::new())),
            None => {
                let (_, text) = texts.last_mut().unwrap();
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    if texts.len() > 1 {
        texts.remove(0);
    }
    let mut paths: Vec<&str> = texts.iter().map(|(path, _)| path.as_str()).collect();
    paths.extend(block.words.iter().skip(2).copied());
    let (mut files, mut misnamed) = (Vec::new(), Vec::new());
    for (path, text) in &texts {
        let id = sources.add(SourceFile::new(path.as_str(), text.as_str()));
        match path.ends_with("capacity.toml") {
            true => files.push(id),
            false => misnamed.push(id),
        }
    }
    Snapshot {
        name: name.to_owned(),
        commit: None,
        listing: Listing::new(paths).with_misnamed(misnamed, Vec::new()),
        files,
    }
}

/// One block of a page: compared with the page's `before`, and with the usage of its `csv usage`,
/// where it has them.
struct Example {
    sources: SourceMap,
    head: Snapshot,
    before: Option<Snapshot>,
    settings: Settings,
}

impl Example {
    fn new(page: &Page<'_>, block: &Block<'_>) -> Self {
        let mut sources = SourceMap::default();
        let head = snapshot("head", block, &mut sources);
        let before = page
            .block(&["toml", "before"])
            .map(|block| snapshot("base", block, &mut sources));
        let mut settings = Settings::new(Date::new(2026, 11, 22).unwrap());
        if let Some(block) = page.block(&["csv", "usage"]) {
            let text = block.text.as_bytes();
            settings
                .usage
                .read("usage.csv", text, &Reading::default())
                .unwrap();
        }
        Self {
            sources,
            head,
            before,
            settings,
        }
    }

    fn report(&self) -> Report {
        let inputs = Inputs {
            sources: &self.sources,
            head: &self.head,
            base: match &self.before {
                None => Before::NotCompared,
                Some(before) => Before::State(before),
            },
        };
        run(&inputs, &self.settings)
    }

    /// The same with a fix written into its files.
    fn with(&self, fix: &Fix) -> Report {
        let mut sources = self.sources.clone();
        for file in &self.head.files {
            let of_file = fix.edits.iter().filter(|edit| edit.span.file == *file);
            let text = apply(&sources.file(*file).text, of_file).unwrap();
            sources.replace(*file, text);
        }
        let example = Self {
            sources,
            head: self.head.clone(),
            before: self.before.clone(),
            settings: Settings {
                advise: false,
                ..self.settings.clone()
            },
        };
        example.report()
    }
}

fn report(page: &Page<'_>, block: &Block<'_>) -> Report {
    Example::new(page, block).report()
}

/// The findings that count: neither waived nor fixed.
fn findings(report: &Report) -> Vec<&Finding> {
    report
        .projects
        .iter()
        .flat_map(|project| &project.findings)
        .filter(|finding| finding.waived.is_none() && finding.state != Some(State::Fixed))
        .collect()
}

fn shown(findings: &[&Finding]) -> String {
    findings
        .iter()
        .map(|finding| {
            format!(
                "  {} {}: {}: {}\n",
                finding.severity.as_str(),
                finding.rule,
                finding.subject,
                finding.message
            )
        })
        .collect()
}

fn check_page(rule: &Rule) -> Result<(), String> {
    let page = Page::new(caplint::pages::rule(rule));
    let first = caplint::pages::summary(rule)
        .lines()
        .next()
        .unwrap_or_default();
    if first.is_empty() || first.starts_with('#') || !first.ends_with('.') {
        return Err(format!("the first line is no sentence: `{first}`"));
    }
    if page.sections != SECTIONS {
        return Err(format!("its sections are {:?}", page.sections));
    }
    let (Some(fails), Some(passes)) = (
        page.block(&["toml", "fails"]),
        page.block(&["toml", "passes"]),
    ) else {
        return Err("it has no `toml fails` and `toml passes`".to_owned());
    };
    if fails.section != "Example" || passes.section != "Use instead" {
        return Err("its examples stand in the wrong sections".to_owned());
    }
    if rule.is_about_changes() && page.block(&["toml", "before"]).is_none() {
        return Err("it is about changes and has no `toml before`".to_owned());
    }
    let report_of_failing = report(&page, fails);
    let failing = findings(&report_of_failing);
    let others =
        |finding: &&Finding| finding.rule != rule.name && finding.severity >= Severity::Warning;
    if !failing.iter().any(|finding| finding.rule == rule.name) || failing.iter().any(others) {
        return Err(format!(
            "its failing example should fail by it alone:\n{}",
            shown(&failing)
        ));
    }
    let report_of_fixed = report(&page, passes);
    let fixed: Vec<&Finding> = findings(&report_of_fixed)
        .into_iter()
        .filter(|finding| {
            finding.severity >= Severity::Warning
                || !BESIDE_THE_POINT.contains(&finding.rule.as_str())
        })
        .collect();
    if !fixed.is_empty() {
        return Err(format!(
            "its fixed example should be sound:\n{}",
            shown(&fixed)
        ));
    }
    Ok(())
}

#[test]
fn every_page_shows_what_its_rule_does() {
    let mut wrong = Vec::new();
    let mut run = 0;
    for rule in RULES.iter().filter(|rule| !PENDING.contains(&rule.name)) {
        run += 1;
        match std::panic::catch_unwind(|| check_page(rule)) {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => wrong.push(format!("{}: {problem}", rule.name)),
            Err(_) => wrong.push(format!("{}: its page panicked", rule.name)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(run + PENDING.len() >= AT_LEAST, "only {run} pages were run");
}

/// Whether help names a number to write.
fn names_a_number(help: &str) -> bool {
    let quoted = help.split('`').skip(1).step_by(2);
    let mut numbers = quoted.filter(|code| {
        let value = code.rsplit('=').next().unwrap_or_default();
        let value = value.trim().trim_start_matches('"');
        value.starts_with(|first: char| first.is_ascii_digit())
    });
    numbers.next().is_some()
}

#[test]
fn advice_of_every_rule_that_names_a_value_is_tried() {
    /// What is shown as an example of the kind, and no advice for this case.
    const EXAMPLES: &[&str] = &[
        "endpoint-without-cost",
        "limit-missing",
        "projection-missing",
        "retention-forever-unexplained",
        "retry-ratio-missing",
        "version-too-old",
    ];
    let (mut tried, mut untried) = (BTreeSet::new(), BTreeSet::new());
    for rule in RULES.iter().filter(|rule| !PENDING.contains(&rule.name)) {
        let page = Page::new(caplint::pages::rule(rule));
        let mut example = Example::new(&page, page.block(&["toml", "fails"]).unwrap());
        example.settings.advise = true;
        let before = example.report();
        let errors = |report: &Report| -> BTreeSet<String> {
            let found = findings(report).into_iter();
            let errors = found.filter(|it| it.severity == Severity::Error);
            errors.map(|it| it.fingerprint.clone()).collect()
        };
        for finding in findings(&before) {
            let help = finding.help.as_deref().unwrap_or_default();
            let Some(fix) = &finding.fix else {
                if names_a_number(help) && !EXAMPLES.contains(&finding.rule.as_str()) {
                    untried.insert(format!("{}: {help}", finding.rule));
                }
                continue;
            };
            tried.insert(finding.rule.clone());
            let after = example.with(fix);
            let said = format!("{} {help}", finding.rule);
            let mut left = findings(&after).into_iter();
            assert!(
                left.all(|it| it.fingerprint != finding.fingerprint),
                "it is still there: {said}"
            );
            let (old, new) = (errors(&before), errors(&after));
            // Raising a limit or loosening a rule is for its owners to accept.
            let new: Vec<_> = new.difference(&old).collect();
            assert!(new.is_empty(), "it brings {new:?}: {said}");
        }
    }
    assert!(untried.is_empty(), "not tried: {untried:#?}");
    assert!(tried.len() >= 30, "{}: {tried:?}", tried.len());
}

#[test]
fn pending_rules_exist() {
    for name in PENDING {
        assert!(
            caplint::rules::rule(name).is_some(),
            "`{name}` is no rule, so it cannot be pending"
        );
    }
}

#[test]
fn every_file_is_a_rule_of_its_name() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/core/src/rules");
    for section in RULE_SECTIONS {
        let known: BTreeSet<String> = section.rules.iter().map(|rule| rule.name.into()).collect();
        assert_eq!(known.len(), section.rules.len(), "no rule stands twice");
        // Errors of files are found by what reads them.
        if section.rules.iter().all(|rule| rule.is_file_error()) {
            continue;
        }
        let mut names = BTreeSet::new();
        for file in std::fs::read_dir(top.join(section.name)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let name = name.replace('_', "-");
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(
                text.contains(&format!("\"{name}\"")),
                "{} is not the rule of its name",
                path.display()
            );
            names.insert(name);
        }
        assert_eq!(names, known, "the files of a section, and its list");
    }
}

/// A document with an `allow` in one table, or in every line of one list of a feature.
fn with_allow(text: &str, subject: &str, rule: &str) -> String {
    let mut document: toml::Table = text.parse().unwrap();
    let keys: Vec<&str> = subject.split('.').collect();
    let mut tables: Vec<&mut toml::Value> = match keys[..] {
        ["tables", name] => vec![&mut document["tables"][name]],
        // What is said of a feature counts its lines.
        ["features", feature, ..] => document["features"][feature]
            .as_table_mut()
            .unwrap()
            .iter_mut()
            .filter_map(|(_, value)| value.as_array_mut())
            .flatten()
            .filter(|line| line.is_table())
            .collect(),
        _ => panic!("`{subject}` is no line and no table"),
    };
    for table in &mut tables {
        let table = table.as_table_mut().unwrap();
        table.insert("allow".to_owned(), vec![rule].into());
        table.insert("reason".to_owned(), "known".into());
    }
    document.to_string()
}

#[test]
fn what_allow_accepts_silences() {
    let mut tried = 0;
    for rule in RULES.iter().filter(|rule| rule.allowed_on.is_some()) {
        let page = Page::new(caplint::pages::rule(rule));
        let mut block = Block {
            section: "Example",
            words: vec!["toml", "fails", "spec.md"],
            text: page.block(&["toml", "fails"]).unwrap().text.clone(),
        };
        let counting = |block: &Block<'_>| -> Vec<Finding> {
            let report = report(&page, block);
            let errors = report.projects[0].findings.iter();
            let errors = errors.filter(|finding| finding.rule == "invalid-value");
            assert_eq!(errors.count(), 0, "{}: {}", rule.name, block.text);
            let counting = findings(&report).into_iter();
            let of_rule = counting.filter(|finding| finding.rule == rule.name);
            of_rule.cloned().collect()
        };
        let before = counting(&block);
        for finding in &before {
            block.text = with_allow(&block.text, &finding.subject, rule.name);
        }
        assert!(!before.is_empty(), "{}", rule.name);
        let after = counting(&block);
        assert!(after.is_empty(), "{}: {}", rule.name, block.text);
        tried += 1;
    }
    assert!(tried >= 18, "{tried}");
}

#[test]
fn what_allow_cannot_silence_is_refused() {
    const FILE: &str = "[tenants]\nfree = 1\n[databases.main]\n[tables.log]\nkind = \"event\"\n\
        row_size = 60\nLINES\n[features.f]\n[[features.f.writes]]\ntable = \"log\"\n\
        rate = \"1/day\"\n";
    let mut refused = 0;
    for rule in RULES.iter() {
        let allow = format!("allow = [\"{}\"]\nreason = \"known\"\n", rule.name);
        let on_table = FILE.replace("LINES", &allow);
        let on_line = FILE.replace("LINES", "") + &allow;
        for (on, text) in [(AllowedOn::Tables, on_table), (AllowedOn::Lines, on_line)] {
            let block = Block {
                section: "Example",
                words: vec!["toml", "fails"],
                text,
            };
            let report = report(&Page::new(""), &block);
            let found = findings(&report).into_iter();
            let errors: Vec<&Finding> = found
                .filter(|finding| finding.rule == "invalid-value")
                .collect();
            if rule.allowed_on == Some(on) {
                assert!(errors.is_empty(), "{}: {errors:?}", rule.name);
                continue;
            }
            assert_eq!(errors.len(), 1, "{} on {on:?}", rule.name);
            assert!(errors[0].subject.ends_with(".allow"));
            let help = errors[0].help.as_deref().unwrap();
            if !rule.is_binding() {
                for name in names::allowable(on) {
                    assert!(help.contains(&format!("`{name}`")), "{help}");
                }
            }
            refused += 1;
        }
    }
    assert_eq!(refused + 20, 2 * RULES.len());
}
