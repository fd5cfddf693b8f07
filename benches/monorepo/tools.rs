//! The other programs: linters from PyPI in an environment of their own, and git.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;

const PACKAGES: [&str; 2] = ["taplo==0.9.3", "check-jsonschema==0.39.0"];

/// Where the linters are, and the schema that they check against.
pub(crate) struct Tools {
    bin: PathBuf,
    schema: PathBuf,
}

impl Tools {
    /// Installs what is not there yet. Nothing where there is no Python or no PyPI.
    pub(crate) fn install(place: &Path) -> Option<Self> {
        let environment = place.join("tools");
        let bin = environment.join("bin");
        let run = |program: &Path, arguments: &[&str]| {
            let status = Command::new(program).args(arguments).status();
            status.ok().filter(|status| status.success())
        };
        if !bin.join("check-jsonschema").exists() {
            let at = environment.to_str()?;
            run(Path::new("python3"), &["-m", "venv", at])?;
            let arguments = [&["install", "--quiet"][..], &PACKAGES].concat();
            run(&bin.join("pip"), &arguments)?;
        }
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/capacity.schema.json");
        Some(Self { bin, schema })
    }

    /// `taplo lint` of all capacity files against the schema.
    pub(crate) fn taplo(&self, repository: &Path) -> Command {
        let mut command = Command::new(self.bin.join("taplo"));
        command
            .args(["lint", "--no-auto-config", "--schema"])
            .arg(format!("file://{}", self.schema.display()))
            .arg("**/capacity.toml")
            .current_dir(repository);
        command
    }

    /// `check-jsonschema` of the same.
    pub(crate) fn check_jsonschema(&self, repository: &Path) -> Result<Command> {
        let mut command = Command::new(self.bin.join("check-jsonschema"));
        command.args(["--force-filetype", "toml", "--schemafile"]);
        command.arg(&self.schema).current_dir(repository);
        for file in capacity_files(repository)? {
            command.arg(file);
        }
        Ok(command)
    }
}

pub(crate) fn git_status(repository: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("status").current_dir(repository);
    command
}

/// All files of a tree that are called `capacity.toml`.
fn capacity_files(top: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == "capacity.toml" {
                found.push(entry.path());
            }
        }
    }
    Ok(found)
}
