//! `forecast`: the spreadsheet.

use crate::cli::World;
use crate::cli::args::Forecast;
use crate::cli::output::settings;
use crate::error::Error;

pub(super) fn forecast(arguments: &Forecast, world: &mut World<'_>) -> Result<u8, Error> {
    let _ = settings(&arguments.report, world)?;
    Ok(0)
}
