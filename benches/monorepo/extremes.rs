//! Repositories that have very many of one thing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::generate::{of_files, small_project};

/// What there are many of.
#[derive(Clone, Copy)]
pub(crate) enum Many {
    Projects,
    Lines,
    Findings,
    Scenarios,
}

impl Many {
    pub(crate) const ALL: [Self; 4] =
        [Self::Projects, Self::Lines, Self::Findings, Self::Scenarios];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Projects => "projects",
            Self::Lines => "lines of one feature",
            Self::Findings => "findings",
            Self::Scenarios => "scenarios",
        }
    }

    /// How many there are in the larger of both repositories.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Projects | Self::Scenarios => 1_000,
            Self::Lines => 10_000,
            Self::Findings => 100_000,
        }
    }

    /// A repository that has so many.
    pub(crate) fn repository(self, place: &Path, count: usize) -> Result<PathBuf> {
        let name = self.name().replace(' ', "-");
        let file = |path: &str, text| (path.to_owned(), text);
        let mut files = vec![file("README.md", "# Many\n".to_owned())];
        match self {
            Self::Projects => files.extend((0..count).flat_map(|at| {
                let name = format!("\"project-{at}\"");
                let text = small_project().replace("\"monorepo\"", &name);
                let folder = format!("projects/{at:04}");
                let readme = "# A project\n".to_owned();
                [("capacity.toml", text), ("README.md", readme)]
                    .map(|(name, text)| (format!("{folder}/{name}"), text))
            })),
            Self::Lines => {
                files.push(file("capacity.toml", root(count)));
                let mut text =
                    "[features.f]\nspec = \"../README.md\"\nowner = \"team\"\n".to_owned();
                text.extend((0..count).map(|at| line("f", at)));
                files.push(file("f/capacity.toml", text));
            }
            Self::Findings => {
                files.push(file("capacity.toml", root(count)));
                // A feature without a specification is a finding.
                files.extend((0..count / FEATURES_PER_FILE).map(|at| {
                    let all = at * FEATURES_PER_FILE..(at + 1) * FEATURES_PER_FILE;
                    let text = all.map(|at| line(&format!("f{at}"), 0)).collect();
                    file(&format!("f{at:02}/capacity.toml"), text)
                }));
            }
            Self::Scenarios => {
                let mut text = small_project();
                for at in 0..count {
                    let times = 2.0 + at as f64 / 100.0;
                    // Writing to a string can't fail.
                    let _ = write!(
                        text,
                        "\n[scenarios.s{at:04}]\ntenants = {times}\nrequire = \"report\"\n"
                    );
                }
                files.push(file("capacity.toml", text));
            }
        }
        of_files(&place.join(format!("{name}-{count}")), files)
    }
}

/// A file takes no more than a megabyte.
const FEATURES_PER_FILE: usize = 5_000;

/// What so many lines use.
fn root(lines: usize) -> String {
    let credits = lines * 400_000;
    format!(
        "[project]\nname = \"many\"\n[tenants]\nfree = {{ now = 1000, 30d = 1000 }}\n\
         [apis.hub]\nplan = {{ credits = {credits}, price = 1 }}\n[apis.hub.endpoints]\n\
         \"/e/\" = {{ credits = 1, cacheable = false, measured = 2026-11-16 }}\n"
    )
}

/// A line of a feature.
fn line(feature: &str, at: usize) -> String {
    format!(
        "[[features.{feature}.calls]]\nid=\"c{at}\"\nendpoint=\"hub:/e/\"\n\
         rate=\"1/day\"\nmeasured=2026-11-16\n"
    )
}
