//! Paths: how they are shown, where links lead, and which of them the command line names.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::error::Error;
use crate::limits;
use crate::source::Snapshot;

/// The name of capacity files.
pub const CAPACITY_FILE: &str = "capacity.toml";

/// The name of the working tree as a [`Snapshot`].
pub const WORK_TREE: &str = "worktree";

/// The name of the index as a [`Snapshot`].
pub const INDEX: &str = "index";

pub(super) fn names_capacity_file(path: &[u8]) -> bool {
    path.strip_suffix(CAPACITY_FILE.as_bytes())
        .is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/"))
}

/// Whether a path is that of a capacity file, or nearly: in other case, or with another ending.
pub(super) fn is_like_capacity_file(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    // Of all names in a repository hardly any begins so.
    let Some((stem, ending)) = name.split_at_checked(CAPACITY_STEM.len()) else {
        return false;
    };
    stem.eq_ignore_ascii_case(CAPACITY_STEM)
        && (ending.eq_ignore_ascii_case(b"toml")
            || (stem == CAPACITY_STEM && matches!(ending, b"yaml" | b"yml" | b"json" | b"tml")))
}

/// How the names of capacity files begin.
const CAPACITY_STEM: &[u8] = b"capacity.";

/// A path as text: bytes that are not UTF-8 stand as `\xNN`.
pub(super) fn display(path: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(path) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(path.len() + 8);
    for chunk in path.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    Cow::Owned(text)
}

/// The path that a link stands for: the link at `link` holds `target`, and `rest` (empty, or
/// with a `/` first) follows it. Nothing where that leads out of the repository.
pub(super) fn follow(link: &[u8], target: &[u8], rest: &[u8]) -> Option<Vec<u8>> {
    if target.starts_with(b"/") || target.len() + rest.len() > limits::PATH_BYTES {
        return None;
    }
    let folder = link.rsplitn(2, |byte| *byte == b'/').nth(1);
    let mut names: Vec<&[u8]> = Vec::new();
    let parts = [folder.unwrap_or_default(), target, rest];
    for name in parts
        .iter()
        .flat_map(|part| part.split(|byte| *byte == b'/'))
    {
        match name {
            b"" | b"." => {}
            b".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    Some(names.join(&b'/'))
}

pub(super) fn select(
    snapshot: &Snapshot,
    top: Option<&Path>,
    prefix: &str,
    arguments: &[OsString],
) -> Result<Vec<String>, Error> {
    arguments
        .iter()
        .map(|argument| {
            let shown = argument.to_string_lossy();
            let path = normalize(Path::new(argument), top, prefix).ok_or_else(|| {
                Error::usage(format!("{shown} is outside of the repository"))
                    .with_help("run caplint there, or with -C")
            })?;
            let listing = &snapshot.listing;
            if path.is_empty() || listing.contains(&path) || listing.contains_folder(&path) {
                Ok(path)
            } else {
                Err(absent(&shown, &path, snapshot, top))
            }
        })
        .collect()
}

fn absent(shown: &str, path: &str, snapshot: &Snapshot, top: Option<&Path>) -> Error {
    let on_disk = top.is_some_and(|top| top.join(path).exists());
    if on_disk && snapshot.name == WORK_TREE {
        Error::usage(format!("{shown} holds nothing that git sees"))
            .with_help("it is empty or ignored: `git check-ignore -v` says by which rule")
    } else {
        Error::usage(format!("no such path in {}: {shown}", snapshot.name))
    }
}

/// The path from the top, or nothing where it leads out.
fn normalize(argument: &Path, top: Option<&Path>, prefix: &str) -> Option<String> {
    let from_top;
    let mut names: Vec<String> = Vec::new();
    let relative = if argument.is_absolute() {
        let top = top?;
        from_top = match argument.strip_prefix(top) {
            Ok(rest) => rest.to_owned(),
            // The same folder by another name, as where /tmp is a link.
            Err(_) => {
                let full = argument.canonicalize().ok()?;
                full.strip_prefix(top).ok()?.to_owned()
            }
        };
        from_top.as_path()
    } else {
        let outer = prefix.split('/').filter(|name| !name.is_empty());
        names.extend(outer.map(str::to_owned));
        argument
    };
    for component in relative.components() {
        match component {
            Component::Normal(name) => names.push(display_os(name)),
            Component::CurDir => {}
            Component::ParentDir => {
                names.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(names.join("/"))
}

#[cfg(unix)]
pub(super) fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(unix)]
pub(super) fn path_to_bytes(path: &std::path::Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
pub(super) fn path_to_bytes(path: &std::path::Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

/// A name or relative path of the file system as text, with `/` between names.
pub(super) fn display_os(name: &std::ffi::OsStr) -> String {
    let text = display(&path_to_bytes(Path::new(name))).into_owned();
    if cfg!(unix) {
        text
    } else {
        text.replace('\\', "/")
    }
}
