//! What the program shows in a terminal.

use std::io::Cursor;
use std::path::PathBuf;

use caplint::cli::{World, main};
use caplint::states::Environment;
use caplint::units::Date;

/// What a command prints as of 2026-11-22 in a terminal of this width, and nothing else.
pub fn printed(dir: PathBuf, width: usize, arguments: &[&str]) -> String {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut world = World {
        dir,
        environment: Environment::default(),
        today: Date::new(2026, 11, 22).unwrap(),
        terminal: Some(width),
        threads: 1,
        stdin: &mut Cursor::new(""),
        asks: false,
        stdout: &mut stdout,
        stderr: &mut stderr,
    };
    let arguments = ["caplint"].iter().chain(arguments);
    main(arguments.map(|it| (*it).into()), &mut world);
    assert_eq!(String::from_utf8_lossy(&stderr), "");
    String::from_utf8(stdout).unwrap()
}
