use globset::GlobMatcher;

use crate::rules::features::spec_without_feature::glob;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::source::Spanned;
use crate::words::text::quotable;

pub(super) static RULE: Rule = Rule::project("spec-pattern-unmatched", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let project = declarations.root.project.as_ref();
    let specs = project.and_then(|project| project.value.specs.as_ref());
    let specs = specs.iter().flat_map(|specs| &specs.value.0);
    let mut unmatched: Vec<(&Spanned<String>, GlobMatcher)> = specs
        .filter_map(|spec| Some((spec, glob(&spec.value)?.compile_matcher())))
        .collect();
    for path in context.listing.below(&declarations.folder) {
        if unmatched.is_empty() {
            return;
        }
        unmatched.retain(|(_, glob)| !glob.is_match(path));
    }
    for (spec, _) in unmatched {
        let pattern = quotable(&spec.value);
        let finding = findings
            .about(
                &["project", "specs", &spec.value],
                format!("`{pattern}` matches no file"),
            )
            .at(spec.span);
        findings.push(finding.help(
            "write the glob relative to the project's folder, such as `\"features/**/spec.md\"`; `*` does not match `/`",
        ));
    }
}
