//! A folder on disk, whose files and folders are reached from it.
//!
//! A run on a working tree lists all its folders and reads a file in many of them. On Linux they
//! are opened from the top's descriptor, so that the kernel need not follow the way to the top
//! each time, and listings are read where the kernel writes them; `std` allocates every name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::entries::Kind;
use super::paths::{path_from_bytes, path_to_bytes};

#[derive(Debug)]
pub(super) struct Top {
    path: PathBuf,
    #[cfg(target_os = "linux")]
    descriptor: Option<std::os::fd::OwnedFd>,
}

impl Top {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            #[cfg(target_os = "linux")]
            descriptor: linux::folder(rustix::fs::CWD, path).ok(),
        }
    }

    pub(super) fn join(&self, below: &[u8]) -> PathBuf {
        self.path.join(path_from_bytes(below))
    }

    pub(super) fn open(&self, below: &[u8]) -> io::Result<File> {
        #[cfg(target_os = "linux")]
        if let Some(top) = &self.descriptor {
            return linux::file(top, below);
        }
        File::open(self.join(below))
    }

    /// Tells the name and kind of every file, folder and link directly in a folder, in no order.
    /// What is none of these, such as a socket, is left out. The buffer is only room to work in.
    pub(super) fn list(
        &self,
        below: &[u8],
        buffer: &mut Vec<u8>,
        each: impl FnMut(&[u8], Kind),
    ) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if let Some(top) = &self.descriptor {
            return linux::list(top, below, buffer, each);
        }
        let _ = buffer;
        list(&self.join(below), each)
    }
}

fn list(folder: &Path, mut each: impl FnMut(&[u8], Kind)) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // It may have gone away meanwhile.
        let Ok(file_type) = entry.file_type() else {
            continue;
        };
        let kind = if file_type.is_dir() {
            Kind::Folder
        } else if file_type.is_symlink() {
            Kind::Link
        } else if file_type.is_file() {
            Kind::File
        } else {
            continue;
        };
        each(&path_to_bytes(Path::new(&entry.file_name())), kind);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};

    use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawDir, openat, statat};
    use rustix::io::retry_on_intr;
    use rustix::path::Arg;

    use super::Kind;

    /// Room for what the kernel says at a time: as much as the C library takes.
    const BUFFER: usize = 32 << 10;

    pub(super) fn folder(from: impl AsFd, path: impl Arg + Copy) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(retry_on_intr(|| openat(&from, path, flags, Mode::empty()))?)
    }

    pub(super) fn file(top: &OwnedFd, below: &[u8]) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let opened = retry_on_intr(|| openat(top, below, flags, Mode::empty()));
        Ok(File::from(opened?))
    }

    pub(super) fn list(
        top: &OwnedFd,
        below: &[u8],
        buffer: &mut Vec<u8>,
        mut each: impl FnMut(&[u8], Kind),
    ) -> io::Result<()> {
        let descriptor = folder(top, if below.is_empty() { b"." } else { below })?;
        buffer.reserve(BUFFER);
        let mut entries = RawDir::new(&descriptor, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            let file_type = match entry.file_type() {
                // Some file systems don't say.
                FileType::Unknown => match statat(&descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                    // It went away meanwhile.
                    Err(_) => continue,
                },
                known => known,
            };
            let kind = match file_type {
                FileType::Directory => Kind::Folder,
                FileType::Symlink => Kind::Link,
                FileType::RegularFile => Kind::File,
                _ => continue,
            };
            let name = name.to_bytes();
            if name != b"." && name != b".." {
                each(name, kind);
            }
        }
        Ok(())
    }
}
