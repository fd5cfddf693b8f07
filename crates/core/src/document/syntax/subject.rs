//! What a broken line is part of.

use crate::document::path::TomlPath;
use crate::document::repair::line_around;
use crate::document::tree::parse_sound;

/// The headers of a file in order, once they are looked for: where each begins, and its path.
#[derive(Default)]
pub(super) struct Subjects(Option<Vec<(usize, TomlPath)>>);

impl Subjects {
    /// The key of a line, as far as it can be told, or the table around it.
    pub(super) fn at(&mut self, text: &str, at: usize) -> String {
        let headers = self.0.get_or_insert_with(|| headers(text));
        let after = headers.partition_point(|(start, _)| *start <= at);
        let header = headers[..after].last();
        let mut path = header.map(|(_, path)| path.clone()).unwrap_or_default();
        let line = &text[line_around(text, at)];
        if let Some((key, _)) = line.split_once('=')
            && let Ok(key) = TomlPath::parse(key.trim())
        {
            path.0.extend(key.0);
        }
        if path.0.is_empty() {
            return "file".to_owned();
        }
        path.to_string()
    }
}

fn headers(text: &str) -> Vec<(usize, TomlPath)> {
    let mut headers = Vec::new();
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let start = end;
        end += line.len();
        if !line.trim_start().starts_with('[') {
            continue;
        }
        let Some(table) = parse_sound(line.trim_end()) else {
            continue;
        };
        let mut path = TomlPath::default();
        let mut inner = Some(&table);
        while let Some((key, value)) = inner.and_then(|table| table.iter().next()) {
            path.0.push(key.get_ref().to_owned());
            inner = value.get_ref().as_table();
        }
        headers.push((start, path));
    }
    headers
}
