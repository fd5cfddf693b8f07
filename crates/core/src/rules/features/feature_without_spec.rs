use crate::advice::Advice;
use crate::document::tables::Feature;
use crate::document::{Entry, with_slashes};
use crate::edit::string;
use crate::model::projects::folder;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::suggest::did_you_mean_or;

pub(super) static RULE: Rule = Rule::project("feature-without-spec", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = &context.project.declarations.root.features;
    for (name, entry) in features.entries() {
        if has_spec(context, entry) {
            continue;
        }
        let file = &context.sources.file(entry.name.file).path;
        let (message, span, help) = match &entry.body.value.spec {
            None => (
                format!("`{name}` has no `spec`"),
                entry.name,
                format!("add `spec`, the path of its specification relative to {file}").into(),
            ),
            Some(spec) => {
                let written = &spec.value.0;
                let beside = siblings(context, folder_of(context, entry));
                let help = match with_slashes(written) {
                    Some(path) => Advice::value(
                        format!("use `/` as the path separator: `{path}`"),
                        string(&path),
                    ),
                    None => did_you_mean_or(written, beside, || {
                        format!("write its path relative to {file}, and commit the file")
                    }),
                };
                let message = format!("`{name}`: spec file `{written}` does not exist");
                (message, spec.span, help)
            }
        };
        let finding = findings.about(&["features", name, "spec"], message);
        findings.push(finding.at(span).help(help));
    }
}

pub(super) fn has_spec(context: &Context<'_>, entry: &Entry<Feature>) -> bool {
    spec_path(context, entry).is_some_and(|path| context.listing.contains(&path))
}

pub(super) fn folder_of<'a>(context: &Context<'a>, entry: &Entry<Feature>) -> &'a str {
    folder(&context.sources.file(entry.name.file).path)
}

/// The path of a feature's spec in the repository; nothing where it leads out of it.
pub(super) fn spec_path(context: &Context<'_>, entry: &Entry<Feature>) -> Option<String> {
    let spec = &entry.body.value.spec.as_ref()?.value.0;
    if spec.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder_of(context, entry).split('/').chain(spec.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Documents beside a capacity file: what a spec may have been meant to be.
fn siblings<'a>(context: &Context<'a>, folder: &str) -> impl Iterator<Item = &'a str> {
    const MOST: usize = 50;
    let below = context.listing.below(folder);
    below
        .filter(|name| !name.contains('/') && *name != "capacity.toml")
        .take(MOST)
}
