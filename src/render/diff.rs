//! The text of what changed, as a unified diff of the lines that matter.

use similar::TextDiff;

use crate::report::{Edit, Excerpt};

use super::text;

/// The longest text of one declaration that is compared line by line.
const LINES: usize = 2000;

/// `changed features.x.calls.y, features/x/capacity.toml:12`.
pub(super) fn title(edit: &Edit) -> String {
    let mut title = format!("{} {}", edit.kind.as_str(), text::name(&edit.path, 120));
    if let Some(excerpt) = edit.after.as_ref().or(edit.before.as_ref()) {
        let file = text::name(&excerpt.file, 200);
        title.push_str(&format!(", {file}:{}", excerpt.line));
    }
    title
}

/// The hunks, each line with its mark; every line is harmless and ends in a newline.
pub(super) fn unified(edit: &Edit) -> String {
    let (before, after) = (body(edit.before.as_ref()), body(edit.after.as_ref()));
    let mut out = String::new();
    let comparison = TextDiff::from_lines(&before, &after);
    let range = |excerpt: &Option<Excerpt>, start: usize, end: usize| {
        let first = |excerpt: &Excerpt| excerpt.line as usize + start;
        format!("{},{}", excerpt.as_ref().map_or(0, first), end - start)
    };
    for group in comparison.grouped_ops(1) {
        let (Some(start), Some(end)) = (group.first(), group.last()) else {
            continue;
        };
        let old = range(&edit.before, start.old_range().start, end.old_range().end);
        let new = range(&edit.after, start.new_range().start, end.new_range().end);
        out.push_str(&format!("@@ -{old} +{new} @@\n"));
        for op in &group {
            for change in comparison.iter_changes(op) {
                out.push_str(&format!("{}{}", change.tag(), change.value()));
                if !change.value().ends_with('\n') {
                    out.push('\n');
                }
            }
        }
    }
    out
}

/// The lines, cleaned one by one and bounded in number and width.
fn body(excerpt: Option<&Excerpt>) -> String {
    let mut lines = excerpt.map_or("", |excerpt| &excerpt.text).lines();
    let written = |line: &str| format!("{}\n", text::name(&line.replace('\t', "    "), 400));
    let mut out: String = lines.by_ref().take(LINES).map(written).collect();
    if lines.next().is_some() {
        out.push_str("…\n");
    }
    out
}
