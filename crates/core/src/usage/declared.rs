//! What the files of a state say of their usage, before anything is resolved: usage has to be read
//! before the state is judged.

use crate::document;
use crate::model::projects::folder;
use crate::source::{FileId, SourceMap, Span};

use super::Maps;

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
