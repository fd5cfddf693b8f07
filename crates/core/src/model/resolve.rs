//! Checks what declarations say of each other: references, cycles, keys that need or exclude
//! others, and what only a whole project can tell.
//!
//! One cause gives one finding: what hangs on a value that could not be read, or that may stand
//! in the broken part of a file, is not judged. The work is linear in the declarations.

mod apis;
mod check;
mod cycles;
mod endpoints;
mod features;
mod lines;
mod models;
mod population;
mod project;
mod queues;
mod scenarios;
mod tables;

use crate::finding::Finding;
use crate::model::merge::Declarations;
use check::Check;

/// What is wrong with a project's declarations as a whole, in order of files and positions.
#[must_use]
pub fn resolve(declarations: &Declarations) -> Vec<Finding> {
    let mut check = Check::new(declarations);
    project::check(&mut check);
    population::check(&mut check);
    apis::check(&mut check);
    features::check(&mut check);
    tables::check(&mut check);
    queues::check(&mut check);
    models::check(&mut check);
    scenarios::check(&mut check);
    check.finish()
}
