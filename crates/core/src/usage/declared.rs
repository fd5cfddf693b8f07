//! What the files of a state say of their usage, before anything is resolved: usage has to be read
//! before the state is judged.

use globset::GlobBuilder;

use crate::analysis::Project;
use crate::document;
use crate::error::Error;
use crate::finding::{Finding, Severity, file_errors};
use crate::model::projects::folder;
use crate::source::{FileId, Listing, SourceFile, SourceMap, Span};

use super::{Maps, Reading, Usage};

/// What the projects of a state say of their usage.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// What rows of other formats are about.
    pub maps: Maps,
    /// Which files hold usage.
    pub files: Vec<UsageFiles>,
}

/// A glob of files with usage.
#[derive(Clone, Debug)]
pub struct UsageFiles {
    /// The folder of the project that names them, from where the glob is.
    pub folder: String,
    /// The glob.
    pub glob: String,
    /// Where it stands.
    pub span: Span,
}

/// Reads what files of a state say of their usage. Those that don't have the word are not read.
pub fn declared(sources: &SourceMap, files: &[FileId]) -> Declared {
    let mut declared = Declared::default();
    for id in files {
        let source = sources.file(*id);
        if !source.text.contains("usage") {
            continue;
        }
        let Some(usage) = document::read(*id, source).root.usage else {
            continue;
        };
        let globs = usage.value.files.iter().flat_map(|it| &it.value.0);
        declared.files.extend(globs.map(|glob| UsageFiles {
            folder: folder(&source.path).to_owned(),
            glob: glob.value.clone(),
            span: glob.span,
        }));
        let maps = usage.value.map.iter().flat_map(|maps| &maps.value.0);
        declared.maps.extend(maps.map(|map| &map.value));
    }
    declared
}

/// A file with usage that a project names, as a state has it.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The folder of the project.
    pub folder: String,
    /// Its path from the top; the glob where no file matches it.
    pub path: String,
    /// Where it is named.
    pub span: Span,
    /// Its bytes, or why they can't be read.
    pub content: Result<Vec<u8>, String>,
}

impl UsageFiles {
    /// The paths of a state that it matches.
    pub fn paths(&self, listing: &Listing) -> Vec<String> {
        let glob = GlobBuilder::new(&self.glob).literal_separator(true).build();
        // One that is no glob is a finding where it stands.
        let Ok(glob) = glob.map(|glob| glob.compile_matcher()) else {
            return Vec::new();
        };
        let below = listing.below(&self.folder);
        let found = below.filter(|path| glob.is_match(path));
        let from_top = |path: &str| match self.folder.as_str() {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        };
        found.map(from_top).collect()
    }
}

impl Usage {
    /// Refuses committed files of projects that can't be read, where nothing else tells of them.
    /// Fails with [`Error::Usage`].
    pub fn refuse_flawed(&self, projects: &[Project]) -> Result<(), Error> {
        let is_named = |folder: &str| projects.iter().any(|project| project.is_in(folder));
        match self.flaws.iter().find(|(folder, _)| is_named(folder)) {
            None => Ok(()),
            Some((_, flaw)) => {
                let error = Error::usage(flaw.message.clone());
                Err(error.with_help(flaw.help.clone().unwrap_or_default()))
            }
        }
    }

    /// Adds what a committed file says; what can't be read of it is a finding of its project.
    pub fn add_committed(
        &mut self,
        committed: &Committed,
        sources: &mut SourceMap,
        reading: &Reading<'_>,
    ) {
        let read = match &committed.content {
            // A file counts as a whole, or not at all; and for the project that names it.
            Ok(bytes) => Usage::default()
                .read(&committed.path, &**bytes, reading)
                .and_then(|()| {
                    self.folder = Some(committed.folder.as_str().into());
                    self.read(&committed.path, &**bytes, reading)
                })
                .map_err(|error| (error.to_string(), error.help().map(str::to_owned))),
            Err(why) => Err((format!("`{}` {why}", committed.path), None)),
        };
        self.folder = None;
        self.committed = self.files.len();
        let Err((message, help)) = read else {
            return;
        };
        let span = match &committed.content {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                let file = sources.add(SourceFile::new(&*committed.path, &*text));
                let (start, end) = (0, 0);
                Span { file, start, end }
            }
            Err(_) => committed.span,
        };
        let rule = file_errors::INVALID_VALUE;
        let finding = Finding::new(rule, Severity::Error, "usage.files", message).at(span);
        let finding = finding.also(committed.span, "it is named here");
        let finding = match help {
            Some(help) => finding.help(help),
            None => finding.help("commit a file that can be read, or remove it from `usage.files`"),
        };
        self.flaws.push((committed.folder.clone(), finding));
    }
}
