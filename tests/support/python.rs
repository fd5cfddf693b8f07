//! Tests that are written in Python: of scripts, and with servers of others.

use std::path::Path;
use std::process::Command;

fn missing(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok();
    if !found {
        assert!(
            std::env::var_os("CAPLINT_REQUIRE_TOOLS").is_none(),
            "{tool} is missing"
        );
        eprintln!("SKIPPED: {tool} is missing");
    }
    !found
}

/// Runs a file with tests. Where a tool is missing they are skipped with a warning;
/// `CAPLINT_REQUIRE_TOOLS` makes that a failure.
pub fn run(file: &str, tools: &[&str]) {
    if tools.iter().any(|tool| missing(tool)) {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let out = Command::new("python3")
        .args(["-W", "error::SyntaxWarning"])
        .arg(path.file_name().expect("a file"))
        .current_dir(path.parent().expect("a folder"))
        .env("CAPLINT_BINARY", env!("CARGO_BIN_EXE_caplint"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3 runs");
    let log = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{file}:\n{log}");
    for line in log.lines().filter(|line| line.contains("SKIPPED")) {
        eprintln!("{line}");
    }
    let ran = log
        .lines()
        .any(|line| line.starts_with("Ran ") && !line.starts_with("Ran 0"));
    assert!(ran, "{file} ran no test:\n{log}");
}
