//! `completions` and `man`: what a package puts beside the program.

use std::path::Path;

use clap::CommandFactory;

use crate::cli::World;
use crate::cli::args::{Arguments, Completions, Man};
use crate::cli::output::print;
use crate::error::Error;

pub(super) fn completions(arguments: &Completions, world: &mut World<'_>) -> Result<u8, Error> {
    let mut text = Vec::new();
    let mut program = Arguments::command();
    clap_complete::generate(arguments.shell, &mut program, "caplint", &mut text);
    print(&String::from_utf8_lossy(&text), world)?;
    Ok(0)
}

pub(super) fn man(arguments: &Man, world: &mut World<'_>) -> Result<u8, Error> {
    let program = Arguments::command().disable_help_subcommand(true);
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(program)
            .render(&mut page)
            .map_err(|error| Error::usage(format!("the page can't be made: {error}"), None))?;
        print(&String::from_utf8_lossy(&page), world)?;
        return Ok(0);
    };
    let folder = world.dir.join(folder);
    write_all(program, &folder).map_err(|error| {
        let folder = folder.display();
        Error::usage(format!("`{folder}` can't be written: {error}"), None)
    })?;
    Ok(0)
}

/// Writes `caplint.1`, and `caplint-COMMAND.1` for each command.
fn write_all(program: clap::Command, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(program, folder)
}
