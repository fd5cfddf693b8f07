//! `schema`: the JSON Schemas that the program was built with.

use crate::cli::World;
use crate::cli::args::Schema;
use crate::cli::output::print;
use crate::error::Error;
use crate::{pages, schema};

pub(super) fn schema(arguments: &Schema, world: &mut World<'_>) -> Result<u8, Error> {
    let schema = match (arguments.report, arguments.explain, arguments.forecast) {
        (true, ..) => schema::report(),
        (_, true, _) => schema::explanation(),
        (.., true) => schema::forecast(),
        _ => pages::capacity_schema(),
    };
    print(&schema::print(&schema), world)?;
    Ok(0)
}
