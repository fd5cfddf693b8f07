//! Files that are made from the code are what the code makes; `SNAPSHOTS=overwrite` writes them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

/// Compares with a file of this repository.
fn expect(path: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    // Not normalized: the bytes are what is published.
    let expected = snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw();
    snapbox::Assert::new()
        .action_env("SNAPSHOTS")
        .eq(actual.to_owned(), expected);
}

#[test]
fn schemas() {
    use caplint::schema;
    expect(
        "schema/capacity.schema.json",
        &schema::print(&schema::capacity()),
    );
    expect(
        "schema/report.schema.json",
        &schema::print(&schema::report()),
    );
}
