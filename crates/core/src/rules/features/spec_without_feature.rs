use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::collections::HashSet;
use crate::document::values::Texts;
use crate::limits::{MAX_NAME_BYTES, SPEC_GLOBS};
use crate::model::projects::folder;
use crate::rules::features::feature_without_spec::{folder_of, has_spec, spec_path};
use crate::rules::prelude::*;
use crate::source::Spanned;

pub(in crate::rules) static RULE: Rule =
    Rule::project("spec-without-feature", Severity::Warning, check).needs_every_file();

fn check(context: &Context<'_>, findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let project = context.project.judged().project.as_ref();
    let specs = project.and_then(|project| project.value.specs.as_ref());
    let Some((globs, spans)) = specs.and_then(|specs| globs(&specs.value)) else {
        return;
    };
    let mut specs: HashSet<String> = HashSet::default();
    let mut unclear: HashSet<&str> = HashSet::default();
    let features = &declarations.root.features;
    for (_, entry) in features.entries() {
        specs.extend(spec_path(context, entry));
        if !has_spec(context, entry) {
            unclear.insert(folder_of(context, entry));
        }
    }
    let below = context.listing.below(&declarations.folder);
    findings.each(below, |findings, inside| {
        let glob = *globs.matches(inside).first()?;
        let path = match declarations.folder.as_str() {
            "" => inside.to_owned(),
            root => format!("{root}/{inside}"),
        };
        let folder = folder(&path);
        if specs.contains(&path) || unclear.contains(folder) {
            return None;
        }
        let slash = if folder.is_empty() { "" } else { "/" };
        let finding = findings
            .about(&["project", "specs", inside], format!("no feature declares `{path}` as its `spec`"))
            .at(spans.get(glob).copied());
        Some(finding.help(format!(
            "declare the feature in {folder}{slash}capacity.toml with its demand and this `spec`, or narrow the glob"
        )))
    });
}

/// A glob of paths, of which `*` stops at a `/`.
pub(super) fn glob(pattern: &str) -> Option<Glob> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.ok()
}

/// The globs that can be read, with where each stands.
fn globs(specs: &Texts) -> Option<(GlobSet, Vec<Span>)> {
    let mut set = GlobSetBuilder::new();
    let mut spans = Vec::new();
    // Others are errors of the file.
    let short = |spec: &&Spanned<String>| spec.value.len() <= MAX_NAME_BYTES;
    for spec in specs.0.iter().filter(short).take(SPEC_GLOBS) {
        if let Some(glob) = glob(&spec.value) {
            set.add(glob);
            spans.push(spec.span);
        }
    }
    Some((set.build().ok()?, spans))
}
