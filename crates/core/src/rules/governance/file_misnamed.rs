use crate::document::Table as _;
use crate::document::tables::Root;
use crate::finding::Finding;
use crate::model::projects::folder;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::source::{FileId, SourceMap, Span};
use crate::words::text::quotable;

pub(crate) static RULE: Rule = Rule::project("file-misnamed", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let misnamed = context.project.declarations.misnamed.iter();
    findings.extend(misnamed.filter_map(|id| finding(context.sources, *id)));
}

/// What is said of a file with nearly the name of a capacity file, where it declares what one does.
pub(crate) fn finding(sources: &SourceMap, id: FileId) -> Option<Finding> {
    let file = sources.file(id);
    if !declares_something(&file.text) {
        return None;
    }
    let path = &*file.path;
    let meant = match folder(path) {
        "" => "capacity.toml".to_owned(),
        folder => format!("{}/capacity.toml", quotable(folder)),
    };
    let start = Span {
        file: id,
        start: 0,
        end: 0,
    };
    let is_other = ["yaml", "yml", "json"].iter().any(|it| path.ends_with(it));
    let help = match is_other {
        true => format!("write it as TOML, in {meant}"),
        false => format!("rename it to {meant}"),
    };
    let message = format!(
        "`{}` is not read: capacity files are called `capacity.toml`",
        quotable(path)
    );
    Some(RULE.finding(path, message).at(start).help(help))
}

/// Whether a text has a key of capacity files at its top: in JSON, or else in TOML or YAML.
fn declares_something(text: &str) -> bool {
    if let Ok(serde_json::Value::Object(keys)) = serde_json::from_str(text) {
        return keys.keys().any(|key| Root::NAMES.contains(&key.as_str()));
    }
    text.lines().any(|line| {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        let start = line.trim_start_matches('[');
        let end = start.find(|letter| !is_part(letter)).unwrap_or(start.len());
        let (word, rest) = start.split_at(end);
        Root::NAMES.contains(&word) && rest.trim_start().starts_with(['.', ']', '=', ':'])
    })
}
