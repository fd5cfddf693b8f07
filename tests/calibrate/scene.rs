//! A folder with capacity files, usage that a model of known numbers makes, and the program run
//! in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use caplint::units::Date;
use serde_json::Value;
use tempfile::TempDir;

/// The date of judging. Days of usage end the day before.
pub const AS_OF: &str = "2026-11-22";

pub struct Scene {
    folder: TempDir,
}

/// What a run of the program came to.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub said: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{} {}", self.out, self.said))
    }
}

impl Scene {
    pub fn new(capacity: &str) -> Self {
        let scene = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        scene.write("capacity.toml", capacity);
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
            .env_remove("CI")
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Calibrates by `usage.csv`, as JSON where no format is asked for.
    pub fn calibrate(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["calibrate", "--usage", "usage.csv", "--as-of", AS_OF];
        if !arguments.contains(&"--format") {
            all.extend(["--format", "json"]);
        }
        all.extend(arguments);
        self.run(&all)
    }
}

/// Rows of the days before the date of judging.
#[derive(Clone, Default)]
pub struct Rows(Vec<(String, String, String, f64)>);

impl Rows {
    /// The same amount on each of so many days.
    pub fn each(self, subject: &str, unit: &str, days: i64, amount: f64) -> Self {
        self.by_day(subject, unit, days, |_| amount)
    }

    /// An amount for each of so many days, of which 0 is the last.
    pub fn by_day(
        mut self,
        subject: &str,
        unit: &str,
        days: i64,
        amount: impl Fn(i64) -> f64,
    ) -> Self {
        let as_of = Date::parse(AS_OF).unwrap();
        for before in 0..days {
            let date = as_of.plus_days(-1 - before).unwrap();
            let row = (date.to_string(), subject.to_owned(), unit.to_owned());
            self.0.push((row.0, row.1, row.2, amount(before)));
        }
        self
    }

    /// As CSV.
    pub fn csv(&self) -> String {
        let rows = self.0.iter().map(|(date, subject, unit, amount)| {
            let (feature, line) = subject.split_once('.').unwrap();
            format!("{date},{feature},{line},{amount},{unit}\n")
        });
        let rows: String = rows.collect();
        format!("date,feature,line,quantity,unit\n{rows}")
    }
}

/// What stands in a list under a path.
pub fn of<'j>(report: &'j Value, list: &str, path: &str) -> &'j Value {
    let all = report[list].as_array().unwrap();
    let found = all.iter().find(|it| it["path"] == path);
    found.unwrap_or_else(|| panic!("no {path} in {all:#?}"))
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}
