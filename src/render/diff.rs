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
    let first = |excerpt: Option<&Excerpt>| excerpt.map_or(0, |excerpt| excerpt.line);
    for group in comparison.grouped_ops(1) {
        let (Some(start), Some(end)) = (group.first(), group.last()) else {
            continue;
        };
        let range = |base: u32, start: usize, end: usize| {
            let line = if base == 0 { 0 } else { base as usize + start };
            format!("{line},{}", end - start)
        };
        out.push_str(&format!(
            "@@ -{} +{} @@\n",
            range(
                first(edit.before.as_ref()),
                start.old_range().start,
                end.old_range().end
            ),
            range(
                first(edit.after.as_ref()),
                start.new_range().start,
                end.new_range().end
            )
        ));
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
    let mut out = String::new();
    let Some(excerpt) = excerpt else { return out };
    for (index, line) in excerpt.text.lines().enumerate() {
        if index == LINES {
            out.push_str("…\n");
            break;
        }
        let line = line.replace('\t', "    ");
        out.push_str(&text::name(&line, 400));
        out.push('\n');
    }
    out
}
