//! Files with measured usage that projects name, as a state has them.

use std::path::Path;

use caplint_core::usage::{Committed, declared};

use super::inventory::{Content, Place};
use super::objects::Blob;
use super::paths::path_from_bytes;
use super::reader::Reader;
use super::repository::Repository;
use super::sides::Side;
use super::work::read_bounded;
use crate::error::Error;
use crate::limits;
use crate::source::{FileId, Listing, SourceMap};

/// The files that the projects of a state name, each once.
pub(super) fn read(
    reader: &Reader<'_>,
    repository: Option<&Repository>,
    side: &Side,
    (files, listing): (&[FileId], &Listing),
    sources: &SourceMap,
) -> Result<Vec<Committed>, Error> {
    let mut all: Vec<Committed> = Vec::new();
    let mut bytes = 0;
    for named in declared(sources, files).files {
        let paths = named.paths(listing);
        let add = |path: &str, content| Committed {
            folder: named.folder.clone(),
            path: path.to_owned(),
            span: named.span,
            content,
        };
        if paths.is_empty() {
            all.push(add(&named.glob, Err("matches no file".to_owned())));
        }
        for path in paths {
            if all.iter().any(|known| known.path == path) {
                continue;
            }
            let content = content(reader, repository, side, &path)?;
            bytes += content.as_ref().map_or(0, |it| it.len() as u64);
            let is_within = bytes <= limits::TOTAL_BYTES;
            let content = content.and_then(|it| match is_within {
                true => Ok(it),
                false => Err("is one file too many: together they are too large".to_owned()),
            });
            all.push(add(&path, content));
        }
    }
    Ok(all)
}

fn content(
    reader: &Reader<'_>,
    repository: Option<&Repository>,
    side: &Side,
    path: &str,
) -> Result<Result<Vec<u8>, String>, Error> {
    let unreadable = |error: String| format!("can't be read: {error}");
    match (reader.content(side, path.as_bytes()), repository) {
        (Some(Content::Blob(id)), Some(repository)) => {
            let blob = repository.blobs(&[id])?.pop();
            Ok(match blob {
                Some(Blob::Content(bytes)) => Ok(bytes),
                Some(Blob::TooLarge(size)) => Err(format!("has {size} bytes, which is too much")),
                Some(Blob::Missing) | None => Err("is not in this clone".to_owned()),
            })
        }
        (Some(Content::Disk(Place::Own, _)), _) => {
            let top = reader.top(side).unwrap_or(Path::new(""));
            let file = top.join(path_from_bytes(path.as_bytes()));
            Ok(read_bounded(&file, limits::FILE_BYTES).map_err(unreadable))
        }
        _ => Ok(Err("is not a file".to_owned())),
    }
}
