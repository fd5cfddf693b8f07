//! The report for a pull request's comment and a job's summary, as GitHub's Markdown.

mod budget;
mod findings;
mod folds;
mod tables;

use crate::report::{Project, Report, Side, Verdict};

use super::escape::{self, Context, code, prose};
use super::story::Story;
use super::view::{self, Counts};
use super::{Options, text};
use budget::Group;

const NAME: usize = 80;
/// What a comment takes where nothing asks for more: longer ones are not read. Findings may take
/// more, up to [`Options::max_bytes`].
const READ: usize = 12_000;

/// The report as Markdown: the verdict, what to fix, what changes; the rest folded. Never longer
/// than [`Options::max_bytes`], which drops first what did not change and last findings, each
/// time saying how much. It begins with a comment, `<!-- caplint:ID COMMIT -->`, by which it is
/// found again.
pub fn markdown(report: &Report, options: &Options) -> String {
    let story = Story::of(report, options);
    let (head, foot) = (head(report, &story, options), foot(report, options));
    if options.max_bytes < head.len() + foot.len() {
        return cut(&head, options.max_bytes);
    }
    let to_fix = (
        0,
        12,
        findings::to_fix(report, options, story.because.is_some()),
    );
    // In the order of reading: the fold that each is in, and its place in the order of dropping.
    let mut sections = vec![
        (0, 11, tables::projects(report, options)),
        (1, 10, tables::causes(report, true)),
        (2, 9, tables::meters(report, options)),
        (2, 6, tables::smaller(report)),
        (2, 0, tables::unchanged(report)),
        (2, 6, tables::tenants(report)),
        (2, 3, tables::purchases(report)),
        (3, 8, folds::growth(report)),
        (4, 8, findings::suggested(report, options)),
        (5, 5, findings::fixed(report, options)),
        (6, 10, tables::causes(report, false)),
        (6, 7, findings::places(report, options)),
        (6, 4, findings::infos(report, options)),
        (6, 1, folds::edits(report)),
        (6, 2, folds::assumptions(report)),
    ];
    if !options.verbose {
        let taken = to_fix.2.size() + head.len() + foot.len();
        budget::fit(&mut sections, READ.saturating_sub(taken));
    }
    sections.insert(1, to_fix);
    if story.is_all && !options.verbose {
        sections.clear();
    }
    budget::fit(&mut sections, options.max_bytes - head.len() - foot.len());
    let mut out = head;
    let sections: Vec<_> = sections.iter().map(|(fold, _, it)| (*fold, it)).collect();
    budget::write(&mut out, &sections);
    out.push_str(&foot);
    out
}

/// The beginning of a head that is over the budget: whole lines, so that nothing stays open.
fn cut(head: &str, most: usize) -> String {
    let ends = head.match_indices('\n').map(|(at, _)| at + 1);
    let end = ends.take_while(|end| *end <= most).last().unwrap_or(0);
    head[..end].to_owned()
}

fn head(report: &Report, story: &Story, options: &Options) -> String {
    let said = |sentence: &str| prose(sentence, Context::Text);
    let mut out = format!(
        "<!-- caplint:{} {} -->\n",
        plain(&options.comment_id),
        plain(report.head.commit.as_deref().unwrap_or("none")),
    );
    let (mark, title) = (mark(story.outcome), said(&story.title));
    if story.is_all {
        out.push_str(&format!("{mark} {title}.\n\n"));
        return out;
    }
    out.push_str(&format!("### {mark} {title}\n\n"));
    let headroom = story.headroom.as_ref();
    let headroom = headroom.map(|headroom| match headroom.split_once(". ") {
        Some((figures, room)) => format!("**{}.** {}", said(figures), said(room)),
        None => format!("**{}**", said(headroom)),
    });
    let because = story.because.as_ref().map(|because| said(because));
    let said: Vec<String> = because.into_iter().chain(headroom).collect();
    if !said.is_empty() {
        out.push_str(&format!("{}\n\n", said.join(" ")));
    }
    out
}

/// A name in a comment, which it cannot end.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for character in name.chars().take(100) {
        let safe = character.is_ascii_alphanumeric() || "._/".contains(character);
        let dash = character == '-' && !out.ends_with('-') && !out.is_empty();
        out.push(if safe || dash { character } else { '_' });
    }
    out
}

/// What was compared with what, and what was counted only.
fn foot(report: &Report, options: &Options) -> String {
    let side = |side: &Side| {
        let name = name(&side.name);
        match &side.commit {
            Some(commit) if *commit == side.name => name,
            Some(commit) => format!("{name} {}", code(&view::short(commit), Context::Text)),
            None => name,
        }
    };
    let compared = match &report.base {
        Some(base) => format!("{} → {}", side(base), side(&report.head)),
        None => format!("Checked {}", side(&report.head)),
    };
    let counts = Counts {
        infos: 0,
        fixed: 0,
        ..Counts::of(report, options)
    };
    let notes = report.notes.iter().take(5);
    let notes = notes.map(|note| prose(note.trim_end_matches('.'), Context::Text));
    let mut parts: Vec<String> = notes.collect();
    // The first note of a comparison says what was compared.
    if report.base.is_none() || parts.is_empty() {
        parts.push(compared);
    }
    parts.push(format!("as of {}", prose(&report.as_of, Context::Text)));
    parts.push(format!("caplint {}", prose(&report.caplint, Context::Text)));
    let aside = counts.aside();
    if !aside.is_empty() {
        parts.push(format!("not shown: {}", aside.join(", ")));
    }
    parts.push(format!("[how to read this]({})", view::GLOSSARY));
    format!("<sub>{}</sub>\n", parts.join(" · "))
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breaks => "❌",
        Verdict::Unknown => "❔",
        Verdict::Tight => "⚠️",
        Verdict::Fits => "✅",
        Verdict::Unlimited => "➖",
    }
}

/// The items of each project, under a head; the project's name is before it where there are
/// several.
fn groups(report: &Report, of: impl Fn(&Project) -> (String, Vec<String>)) -> Vec<Group> {
    let group = |project: &Project| {
        let (head, items) = of(project);
        let head = if report.projects.len() < 2 {
            head
        } else {
            format!("Project {}\n\n{head}", name(&project.name))
        };
        Group { head, items }
    };
    report.projects.iter().map(group).collect()
}

fn name(name: &str) -> String {
    code(&text::name(name, NAME), Context::Text)
}

fn cell(name: &str) -> String {
    code(&text::name(name, NAME), Context::Cell)
}

/// A quantity or anything else that caplint wrote, or a name in it.
fn value(text: &str) -> String {
    prose(text, Context::Cell)
}

/// A quantity in a cell, in which it never breaks.
fn figure(text: &str) -> String {
    value(&text.replace(' ', "\u{a0}").replace("\u{a0}→\u{a0}", " → "))
}

/// A file and line, with a link if the address of files is known.
fn place(
    file: &str,
    line: Option<u32>,
    end: Option<u32>,
    context: Context,
    options: &Options,
) -> String {
    let label = code(&at(&text::name(file, NAME), line), context);
    linked(view::link(file, line, end, options), label)
}

/// The same in a narrow column: the name of the folder of a capacity.toml is enough, or a file's.
fn short_place(file: &str, line: Option<u32>, end: Option<u32>, options: &Options) -> String {
    /// Its most characters.
    const SHORT: usize = 32;
    let folder = file.strip_suffix("/capacity.toml").unwrap_or(file);
    let short = folder.rsplit('/').next().unwrap_or(folder);
    let label = code(&at(&text::name(short, SHORT), line), Context::Cell);
    linked(view::link(file, line, end, options), label)
}

fn at(file: &str, line: Option<u32>) -> String {
    match line {
        Some(line) => format!("{file}:{line}"),
        None => file.to_owned(),
    }
}

fn linked(address: Option<String>, label: String) -> String {
    match address {
        Some(address) => format!("[{label}]({address})"),
        None => label,
    }
}

/// The address of a rule's page, with its name.
fn rule(finding: &crate::report::Finding, context: Context) -> String {
    let label = code(&text::name(&finding.rule, NAME), context);
    linked(escape::address(&finding.url), label)
}
