//! Reads the texts of one state, or of two at once: what both have alike is held once.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::entries::Id;
use super::folder::Top;
use super::index_file::Stat;
use super::inventory::{Capacity, Content, Inventory, Place};
use super::objects::Blob;
use super::paths;
use super::repository::Repository;
use super::work::in_parallel;
use crate::collections::{HashMap, IndexSet};
use crate::error::Error;
use crate::limits;
use crate::source::{FileId, Flaw, SourceFile, SourceMap};

const BUFFER: usize = 64 << 10;

#[derive(Clone, Debug)]
struct Text {
    text: Arc<str>,
    flaw: Option<Flaw>,
    /// The blob that it is, where that is known.
    id: Option<Id>,
}

/// The ids of a state's files, sorted by path.
pub(super) fn load(
    repository: Option<&Repository>,
    inventory: &Inventory,
    sources: &mut SourceMap,
) -> Result<Vec<FileId>, Error> {
    load_all(repository, &[], inventory, sources).map(|(_, files)| files)
}

/// The ids of the files of bases, and of the head's. Files with the same path and the same content
/// as the head's have its id.
pub(super) fn load_all(
    repository: Option<&Repository>,
    bases: &[Inventory],
    head: &Inventory,
    sources: &mut SourceMap,
) -> Result<(Vec<Vec<FileId>>, Vec<FileId>), Error> {
    let files: Vec<&Capacity> = head.capacity.iter().collect();
    let is_compared = bases.iter().any(|base| !base.capacity.is_empty());
    let texts = read_all(repository, &files, head.top.as_ref(), is_compared)?;
    let both = files.iter().zip(&texts);
    let ids = both.map(|(file, text)| add(sources, file, text.clone()));
    let ids: Vec<Option<FileId>> = ids.collect();
    let head = Loaded { files, texts, ids };
    let mut load = |base| load_beside(repository, base, &head, sources);
    let of_bases = bases.iter().map(&mut load).collect::<Result<_, Error>>()?;
    Ok((of_bases, head.ids.into_iter().flatten().collect()))
}

/// The ids of files that are stored, in their order.
pub(super) fn load_stored(
    repository: &Repository,
    files: &[Capacity],
    sources: &mut SourceMap,
) -> Result<Vec<Option<FileId>>, Error> {
    let files: Vec<&Capacity> = files.iter().collect();
    let texts = read_all(Some(repository), &files, None, false)?;
    let both = files.iter().zip(texts);
    Ok(both.map(|(file, text)| add(sources, file, text)).collect())
}

struct Loaded<'a> {
    files: Vec<&'a Capacity>,
    texts: Vec<Option<Text>>,
    ids: Vec<Option<FileId>>,
}

/// The ids of a base's files: what the head does not hold is read.
fn load_beside(
    repository: Option<&Repository>,
    base: &Inventory,
    head: &Loaded<'_>,
    sources: &mut SourceMap,
) -> Result<Vec<FileId>, Error> {
    // The head's text at the same path, with its id.
    let twin = |file: &Capacity| {
        let at = head.files.binary_search_by(|it| it.path.cmp(&file.path));
        let at = at.ok()?;
        Some((head.texts[at].as_ref()?, head.ids[at]?))
    };
    let same_blob = |file: &Capacity| {
        let (text, id) = twin(file)?;
        matches!(file.content, Content::Blob(blob) if text.id == Some(blob)).then_some(id)
    };
    let files = base.capacity.iter();
    let unread: Vec<&Capacity> = files.filter(|file| same_blob(file).is_none()).collect();
    let mut texts = read_all(repository, &unread, base.top.as_ref(), false)?.into_iter();
    let mut ids = Vec::with_capacity(base.capacity.len());
    for file in &base.capacity {
        ids.extend(same_blob(file).or_else(|| {
            let text = texts.next().flatten()?;
            match twin(file) {
                Some((twin, id)) if text.text == twin.text && text.flaw == twin.flaw => Some(id),
                _ => add(sources, file, Some(text)),
            }
        }));
    }
    Ok(ids)
}

fn add(sources: &mut SourceMap, capacity: &Capacity, text: Option<Text>) -> Option<FileId> {
    let text = text?;
    Some(sources.add(SourceFile {
        path: Arc::from(&*paths::display(&capacity.path)),
        text: text.text,
        flaw: text.flaw,
    }))
}

/// The texts of files, in their order; nothing for one that went away meanwhile.
fn read_all(
    repository: Option<&Repository>,
    files: &[&Capacity],
    top: Option<&Top>,
    with_ids: bool,
) -> Result<Vec<Option<Text>>, Error> {
    let blobs = read_blobs(repository, files)?;
    let index_time = repository.and_then(|repository| {
        let since = repository.index_time()?.duration_since(UNIX_EPOCH).ok()?;
        Some((u32::try_from(since.as_secs()).ok()?, since.subsec_nanos()))
    });
    let hasher = repository.filter(|_| with_ids);
    let can_hash = hasher.is_some_and(|repository| repository.hash_blob(b"").is_some());
    let parts = in_parallel(files.to_vec(), 64, |part, buffer| {
        let mut read = |below: &[u8], known: Option<(Stat, Id)>| {
            let known = known.filter(|_| with_ids);
            match top {
                Some(top) => read_file(top, below, buffer, known, index_time, can_hash),
                None => Ok(None),
            }
        };
        part.into_iter()
            .map(|file| match &file.content {
                Content::Disk(Place::Own, known) => read(&file.path, *known),
                Content::Disk(Place::Linked(below), known) => read(below, *known),
                Content::Flawed(flaw) => Ok(Some(Text {
                    text: Arc::from(""),
                    flaw: Some(flaw.clone()),
                    id: None,
                })),
                Content::Blob(_) => Ok(None),
            })
            .collect::<Result<Vec<_>, Error>>()
    })?;
    let mut texts: Vec<Option<Text>> = parts.into_iter().flatten().collect();
    for (text, file) in texts.iter_mut().zip(files) {
        if let Content::Blob(id) = file.content {
            *text = blobs.get(&id).cloned();
        }
    }
    let total: usize = texts.iter().flatten().map(|text| text.text.len()).sum();
    if total as u64 > limits::TOTAL_BYTES {
        let message = format!(
            "the capacity files hold {total} bytes; caplint reads at most {}",
            limits::TOTAL_BYTES
        );
        return Err(Error::no_comparison(message));
    }
    Ok(texts)
}

fn read_blobs(
    repository: Option<&Repository>,
    files: &[&Capacity],
) -> Result<HashMap<Id, Text>, Error> {
    let blob = |file: &&Capacity| match file.content {
        Content::Blob(id) => Some(id),
        _ => None,
    };
    let ids: IndexSet<Id> = files.iter().filter_map(blob).collect();
    let mut texts = HashMap::default();
    let Some(repository) = repository.filter(|_| !ids.is_empty()) else {
        return Ok(texts);
    };
    let ids: Vec<Id> = ids.into_iter().collect();
    let blobs = repository.blobs(&ids)?;
    for (id, blob) in ids.into_iter().zip(blobs) {
        let text = match blob {
            Blob::Content(bytes) => decode(&bytes),
            Blob::TooLarge(size) => too_large(size),
            Blob::Missing if is_needed(files, id) => return Err(repository.missing(id)),
            Blob::Missing => continue,
        };
        texts.insert(
            id,
            Text {
                id: Some(id),
                ..text
            },
        );
    }
    Ok(texts)
}

/// Whether a blob is that of a capacity file: one under another name need not be there.
fn is_needed(files: &[&Capacity], id: Id) -> bool {
    files.iter().any(|file| {
        matches!(file.content, Content::Blob(blob) if blob == id)
            && paths::names_capacity_file(&file.path)
    })
}

/// Reads a file by way of a buffer, and finds out which blob it is: the one that is known of it,
/// where it surely is that, or else by its hash, where that is asked for.
fn read_file(
    top: &Top,
    below: &[u8],
    buffer: &mut Vec<u8>,
    known: Option<(Stat, Id)>,
    index_time: Option<(u32, u32)>,
    hash: bool,
) -> Result<Option<Text>, Error> {
    let unreadable = |error: &std::io::Error| {
        let path = top.join(below);
        Error::usage(format!("cannot read {}: {error}", path.display()))
    };
    let file = match top.open(below) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    let metadata = |file: &File| file.metadata().map_err(|error| unreadable(&error));
    let mut id = None;
    if let Some((stat, blob)) = known
        && is_unchanged(&stat, &metadata(&file)?, index_time)
    {
        id = Some(blob);
    }
    buffer.clear();
    buffer.reserve(BUFFER);
    (&file)
        .take(limits::FILE_BYTES + 1)
        .read_to_end(buffer)
        .map_err(|error| unreadable(&error))?;
    if buffer.len() as u64 > limits::FILE_BYTES {
        let size = metadata(&file)?.len().max(buffer.len() as u64);
        return Ok(Some(too_large(size)));
    }
    if id.is_none() && hash {
        id = super::library::hash_blob(buffer);
    }
    Ok(Some(Text {
        id,
        ..decode(buffer)
    }))
}

/// Whether a file is surely the one that git saw: all that git notes of it is the same, and it
/// was not written as late as the index itself, when a change could have gone unnoticed.
#[cfg(unix)]
fn is_unchanged(stat: &Stat, metadata: &std::fs::Metadata, index_time: Option<(u32, u32)>) -> bool {
    use std::os::unix::fs::MetadataExt;
    // The index keeps the low 32 bits.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let now = Stat {
        changed: (metadata.ctime() as u32, metadata.ctime_nsec() as u32),
        modified: (metadata.mtime() as u32, metadata.mtime_nsec() as u32),
        inode: metadata.ino() as u32,
        size: metadata.len() as u32,
    };
    now == *stat && index_time.is_some_and(|written| stat.modified < written)
}

#[cfg(not(unix))]
fn is_unchanged(_: &Stat, _: &std::fs::Metadata, _: Option<(u32, u32)>) -> bool {
    false
}

fn decode(bytes: &[u8]) -> Text {
    let (text, flaw) = match std::str::from_utf8(bytes) {
        // A text begins with a character of ASCII, which takes two bytes there; UTF-8 has no zeros.
        _ if matches!(
            bytes,
            [0, _, ..] | [_, 0, ..] | [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..]
        ) =>
        {
            (Arc::from(""), Some(Flaw::Utf16))
        }
        Ok(text) => (Arc::from(text), None),
        Err(error) => {
            let at = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
            let text = Arc::from(String::from_utf8_lossy(bytes));
            (text, Some(Flaw::NotUtf8 { at }))
        }
    };
    Text {
        text,
        flaw,
        id: None,
    }
}

fn too_large(size: u64) -> Text {
    Text {
        text: Arc::from(""),
        flaw: Some(Flaw::TooLarge {
            size,
            limit: limits::FILE_BYTES,
        }),
        id: None,
    }
}
