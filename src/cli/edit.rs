//! Files of the working tree that are edited: which may be, and how they are replaced.

use std::fmt::Display;
use std::fs::{Metadata, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::error::Error;
use crate::limits::FILE_BYTES;
use crate::states::read_bounded;

/// A capacity file as it is on disk. That may not be what was read before: git may hold a text
/// with other ends of lines.
pub(super) struct OnDisk {
    /// Its path from the top of the repository or folder, as reports have it.
    pub(super) name: String,
    path: PathBuf,
    /// Its text.
    pub(super) text: String,
}

impl OnDisk {
    /// A file that may be edited: itself and no link, in a folder of the working tree. Nothing
    /// where a sparse checkout left it out. Fails with what is wrong with it.
    pub(super) fn open(top: &Path, name: &str) -> Result<Option<Self>, String> {
        let path = top.join(name);
        let meta = match path.symlink_metadata() {
            Ok(meta) => meta,
            Err(error) if error.kind() == ErrorKind::NotFound && !name.contains("\\x") => {
                return Ok(None);
            }
            Err(error) => return Err(error.to_string()),
        };
        if meta.is_symlink() {
            return Err("it is a link: edit the file that it leads to".to_owned());
        }
        if !meta.is_file() {
            return Err("it is not a file".to_owned());
        }
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        let inside = match (folder, top.canonicalize()) {
            (Some(folder), Ok(top)) => folder.starts_with(top),
            _ => false,
        };
        if !inside {
            return Err("links lead out of the repository".to_owned());
        }
        let text = read_text(&path, FILE_BYTES)?;
        let name = name.to_owned();
        Ok(Some(Self { name, path, text }))
    }
}

/// Replaces files by these texts. All are written beside theirs before the first is renamed:
/// where one can't be, none is.
/// Fails where a file can't be written, or is no longer what it was.
pub(super) fn replace(files: &[(OnDisk, String)]) -> Result<(), Error> {
    let mut beside = Vec::with_capacity(files.len());
    for (file, text) in files {
        let write = |out: &mut dyn Write| out.write_all(text.as_bytes());
        beside.push(Beside::write(&file.path, write).map_err(unwritable(&file.name))?);
        if read_text(&file.path, FILE_BYTES).as_ref() != Ok(&file.text) {
            let message = format!("`{}` was changed while caplint ran", file.name);
            return Err(Error::usage(message).with_help("run it again; no file was written"));
        }
    }
    for (fresh, (file, _)) in beside.into_iter().zip(files) {
        fresh.rename().map_err(unwritable(&file.name))?;
    }
    Ok(())
}

/// How a file would change, as `patch` reads it.
pub(super) fn unified(name: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    format!(
        "{}\n",
        diff.unified_diff().context_radius(3).header(name, name)
    )
}

/// The text of a file of at most this many bytes, or why it cannot be had.
pub(super) fn read_text(path: &Path, most: u64) -> Result<String, String> {
    let bytes = read_bounded(path, most)?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

/// What a file is to hold, written beside it: whoever reads the file sees the old or the new,
/// never a part. It is removed again where it is not renamed.
pub(super) struct Beside<'p> {
    path: &'p Path,
    fresh: PathBuf,
    renamed: bool,
}

impl<'p> Beside<'p> {
    pub(super) fn write(
        path: &'p Path,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Self> {
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.tmp", std::process::id()));
        let fresh = path.with_file_name(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&fresh)?;
        let beside = Self {
            path,
            fresh,
            renamed: false,
        };
        let mut file = BufWriter::new(file);
        content(&mut file)?;
        let file = file.into_inner()?;
        if let Ok(before) = std::fs::metadata(path).as_ref().map(Metadata::permissions) {
            file.set_permissions(before)?;
        }
        file.sync_all()?;
        Ok(beside)
    }

    pub(super) fn rename(mut self) -> io::Result<()> {
        std::fs::rename(&self.fresh, self.path)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        if !self.renamed {
            // Nothing more can be done where it can't be removed.
            let _ = std::fs::remove_file(&self.fresh);
        }
    }
}

pub(super) fn unwritable(path: impl Display) -> impl FnOnce(std::io::Error) -> Error {
    move |error| Error::usage(format!("`{path}` can't be written: {error}"))
}
