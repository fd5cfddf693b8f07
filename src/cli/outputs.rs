//! Where a report goes, in which formats.

use std::path::Path;

use clap::ValueEnum;

use crate::analysis::Figures;
use crate::cli::args::ReportOptions;
use crate::error::Error;
use crate::render::Format;

pub(super) struct Outputs<'a> {
    pub(super) printed: Format,
    pub(super) files: Vec<(Format, &'a str)>,
}

impl<'a> Outputs<'a> {
    pub(super) fn of(options: &'a ReportOptions) -> Result<Self, Error> {
        let asked = options.format.or(options.json.then_some(Format::Json));
        let mut printed = asked.unwrap_or(Format::Human);
        let mut files = Vec::new();
        for output in &options.output {
            let (format, file) = match output.split_once('=') {
                Some((name, file)) => (named(name)?, file),
                None => {
                    let by_ending = by_ending(output);
                    if by_ending.is_none() && asked.is_some() {
                        printed = Format::Human;
                    }
                    let format = by_ending.or(asked);
                    (format.ok_or_else(|| unclear(output))?, output.as_str())
                }
            };
            if file.is_empty() {
                return Err(unclear(output));
            }
            files.push((format, file));
        }
        Ok(Self { printed, files })
    }

    fn formats(&self) -> impl Iterator<Item = Format> {
        let files = self.files.iter().map(|(format, _)| *format);
        std::iter::once(self.printed).chain(files)
    }

    /// Whether a format is asked for.
    pub(super) fn has(&self, format: Format) -> bool {
        self.formats().any(|asked| asked == format)
    }

    /// What of a report the formats show.
    pub(super) fn figures(&self) -> Figures {
        let needed = self.formats().map(|format| match format {
            Format::Json | Format::Html => Figures::Lines,
            Format::Markdown => Figures::Today,
            _ => Figures::Judged,
        });
        needed.min().unwrap_or(Figures::Judged)
    }
}

fn named(name: &str) -> Result<Format, Error> {
    Format::from_str(name, false).map_err(|_| {
        let values = Format::value_variants().iter();
        let values = values.filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = values.map(|it| it.get_name().to_owned()).collect();
        let error = Error::usage(format!("there is no format `{name}`"));
        error.with_help(format!("it is one of {}", names.join(", ")))
    })
}

fn by_ending(file: &str) -> Option<Format> {
    Some(match Path::new(file).extension()?.to_str()? {
        "json" => Format::Json,
        "sarif" => Format::Sarif,
        "md" => Format::Markdown,
        "html" => Format::Html,
        "xml" => Format::Junit,
        "txt" => Format::Human,
        _ => return None,
    })
}

fn unclear(output: &str) -> Error {
    let error = Error::usage(format!(
        "`--output {output}` does not say which format and file"
    ));
    error.with_help(
        "write `-o FORMAT=FILE`, such as `-o json=FILE`, or end the file in `.html`, `.json`, `.md`, \
         `.sarif`, `.txt` or `.xml`",
    )
}
