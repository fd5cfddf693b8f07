//! Files that may be what a capacity file was before it got a name that nothing reads.

use std::collections::BTreeSet;

use super::inventory::{Capacity, Inventory};
use super::paths::names_capacity_file;
use super::reader::Reader;
use super::sides::Side;

/// How many new files are looked at in each folder.
const LOOKED_AT: usize = 20;

/// Adds to the head the files that are new in folders from which a capacity file has gone.
pub(super) fn add(reader: &Reader<'_>, side: &Side, head: &mut Inventory, bases: &[Inventory]) {
    let is_in = |inventory: &Inventory, path: &[u8]| {
        let at = |it: &Capacity| it.path.as_slice().cmp(path);
        inventory.capacity.binary_search_by(at).is_ok()
    };
    let files = bases.iter().flat_map(|base| &base.capacity);
    let gone = files.filter(|it| names_capacity_file(&it.path) && !is_in(head, &it.path));
    let folder = |it: &Capacity| {
        let path = std::str::from_utf8(&it.path).ok()?;
        Some(
            path.rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned(),
        )
    };
    let folders: BTreeSet<String> = gone.filter_map(folder).collect();
    let mut found = Vec::new();
    for folder in folders {
        let below = head
            .listing
            .below(&folder)
            .filter(|path| !path.contains('/'));
        let paths = below.map(|name| match &*folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        });
        let is_new = |path: &String| {
            !is_in(head, path.as_bytes()) && bases.iter().all(|base| !base.listing.contains(path))
        };
        for path in paths.filter(is_new).take(LOOKED_AT) {
            let path = path.into_bytes();
            let content = reader.content(side, &path);
            found.extend(content.map(|content| Capacity { path, content }));
        }
    }
    head.capacity.extend(found);
    head.capacity.sort_by(|one, two| one.path.cmp(&two.path));
}
