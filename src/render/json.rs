//! The report itself, for programs.

use crate::report::Report;

use super::text;

/// The report as JSON. Characters that could act on a terminal are written as `\u` escapes, which
/// does not change the data.
pub fn json(report: &Report) -> String {
    pretty(report)
}

/// Any value as indented JSON with a newline at its end, safe to print.
pub(super) fn pretty(value: &impl serde::Serialize) -> String {
    // Serialization fails only for maps whose keys are not strings; a report has none.
    let plain = serde_json::to_string_pretty(value).unwrap_or_else(|error| {
        serde_json::json!({ "error": format!("the report cannot be written: {error}") }).to_string()
    });
    let mut out = String::with_capacity(plain.len() + 1);
    for character in plain.chars() {
        // Outside strings JSON is ASCII, and newlines there are layout.
        if character != '\n' && text::is_hazard(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(character);
        }
    }
    out.push('\n');
    out
}
