//! `completions` and `man`: what a package puts beside the program.

use clap::CommandFactory;
use clap::builder::PossibleValuesParser;

use crate::cli::World;
use crate::cli::args::{Arguments, Completions, Man};
use crate::cli::edit::unwritable;
use crate::cli::output::print;
use crate::error::Error;
use crate::rules::RULES;

pub(super) fn completions(arguments: &Completions, world: &mut World<'_>) -> Result<u8, Error> {
    let mut text = Vec::new();
    let of_rules = |argument: &'static str| {
        let names = PossibleValuesParser::new(RULES.iter().map(|rule| rule.name));
        move |command: clap::Command| command.mut_arg(argument, |it| it.value_parser(names))
    };
    let mut program = Arguments::command()
        .mut_subcommand("explain", of_rules("topic"))
        .mut_subcommand("check", of_rules("rule"))
        .mut_subcommand("diff", of_rules("rule"));
    clap_complete::generate(arguments.shell, &mut program, "caplint", &mut text);
    print(&String::from_utf8_lossy(&text), world)?;
    Ok(0)
}

pub(super) fn version(world: &mut World<'_>) -> Result<u8, Error> {
    print(&Arguments::command().render_version(), world)?;
    Ok(0)
}

pub(super) fn man(arguments: &Man, world: &mut World<'_>) -> Result<u8, Error> {
    let program = Arguments::command().disable_help_subcommand(true);
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        let refuse = |error| Error::usage(format!("the page can't be made: {error}"));
        let page_of = clap_mangen::Man::new(program);
        page_of.render(&mut page).map_err(refuse)?;
        print(&String::from_utf8_lossy(&page), world)?;
        return Ok(0);
    };
    let folder = world.dir.join(folder);
    // `caplint.1`, and `caplint-COMMAND.1` for each command.
    std::fs::create_dir_all(&folder)
        .and_then(|()| clap_mangen::generate_to(program, &folder))
        .map_err(unwritable(folder.display()))?;
    Ok(0)
}
