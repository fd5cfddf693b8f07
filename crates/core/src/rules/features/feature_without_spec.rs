//! `feature-without-spec`

use crate::document::tables::Feature;
use crate::document::{Entry, TomlPath};
use crate::rules::{Context, Findings, Rule, Severity};
use crate::suggest::closest;

pub(in crate::rules) static RULE: Rule =
    Rule::project("feature-without-spec", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = &context.project.declarations.root.features;
    for (name, entry) in features.entries() {
        if has_spec(context, entry) {
            continue;
        }
        let subject = TomlPath::new(&["features", name, "spec"]).to_string();
        let file = &context.sources.file(entry.name.file).path;
        findings.push(match &entry.body.value.spec {
            None => findings
                .finding(subject, format!("`{name}` has no `spec`"))
                .at(entry.name)
                .help(format!(
                    "add `spec`, the path of its specification from {file}'s folder"
                )),
            Some(spec) => {
                let written = &spec.value.0;
                let beside = siblings(context, folder_of(context, entry));
                let help = match closest(written, beside.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("write its path from {file}'s folder, and commit the file"),
                };
                findings
                    .finding(
                        subject,
                        format!("the spec of `{name}`, `{written}`, is no file here"),
                    )
                    .at(spec.span)
                    .help(help)
            }
        });
    }
}

/// Whether a feature's spec is there.
pub(super) fn has_spec(context: &Context<'_>, entry: &Entry<Feature>) -> bool {
    spec_path(context, entry).is_some_and(|path| context.listing.contains(&path))
}

/// The folder of the file that declares a feature.
pub(super) fn folder_of<'a>(context: &Context<'a>, entry: &Entry<Feature>) -> &'a str {
    let path = &context.sources.file(entry.name.file).path;
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The path of a feature's spec in the repository; nothing where it leads out of it.
pub(super) fn spec_path(context: &Context<'_>, entry: &Entry<Feature>) -> Option<String> {
    let spec = &entry.body.value.spec.as_ref()?.value.0;
    if spec.starts_with('/') {
        return None;
    }
    let folder = folder_of(context, entry);
    // Most lie beside the file.
    if !spec.contains('/') && !matches!(spec.as_str(), "" | "." | "..") {
        return Some(match folder {
            "" => spec.clone(),
            folder => format!("{folder}/{spec}"),
        });
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in spec.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Documents beside a capacity file: what a spec may have been meant to be.
fn siblings<'a>(context: &Context<'a>, folder: &str) -> Vec<&'a str> {
    const MOST: usize = 50;
    context
        .listing
        .below(folder)
        .filter(|name| !name.contains('/') && *name != "capacity.toml")
        .take(MOST)
        .collect()
}
