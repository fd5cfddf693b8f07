//! Work that files share: bounded reading, and reading on all cores.

use std::path::Path;
use std::sync::Mutex;

use crate::error::Error;
use crate::parallel;

/// The bytes of a file of at most `limit` bytes, or why they cannot be had.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("it is larger than {limit} bytes"));
    }
    Ok(bytes)
}

/// Works through items on all cores, in parts of at least `share`, every core with a buffer of
/// its own; the results stand in the order of the parts, whoever was first.
pub(super) fn in_parallel<T: Send, R: Send>(
    items: Vec<T>,
    share: usize,
    work: impl Fn(Vec<T>, &mut Vec<u8>) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let size = parallel::share(items.len(), threads).max(share);
    if items.len() <= size {
        return Ok(vec![work(items, &mut Vec::new())?]);
    }
    let count = items.len().div_ceil(size);
    let mut items = items.into_iter();
    let parts: Vec<Mutex<Vec<T>>> = (0..count)
        .map(|_| Mutex::new(items.by_ref().take(size).collect()))
        .collect();
    let done = parallel::map(count, threads, Vec::new, |buffer, part| {
        let part = parts[part].lock();
        let part = part.map(|mut part| std::mem::take(&mut *part));
        work(part.unwrap_or_default(), buffer)
    });
    done.into_iter().collect()
}
