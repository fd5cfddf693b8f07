//! A folder with capacity files, usage that a model of known numbers makes, and the program run
//! in it.

use std::collections::BTreeMap;
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

    /// One with `usage.csv`.
    pub fn measured(capacity: &str, usage: &str) -> Self {
        let scene = Self::new(capacity);
        scene.write("usage.csv", usage);
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

    /// An amount on the day so many days before the date of judging.
    pub fn on(mut self, subject: &str, unit: &str, back: i64, amount: f64) -> Self {
        let date = Date::parse(AS_OF).unwrap().plus_days(-back).unwrap();
        self.0.push((
            date.to_string(),
            subject.to_owned(),
            unit.to_owned(),
            amount,
        ));
        self
    }

    /// Only the rows for which this holds, by date, subject and unit.
    pub fn only(mut self, keep: impl Fn(&str, &str, &str) -> bool) -> Self {
        self.0
            .retain(|(date, subject, unit, _)| keep(date, subject, unit));
        self
    }

    /// As CSV: a subject is a path, or a feature and its line.
    pub fn csv(&self) -> String {
        let has_paths = self.0.iter().any(|(_, subject, ..)| is_path(subject));
        let (header, last) = if has_paths {
            (",subject", ",")
        } else {
            ("", "")
        };
        let rows = self.0.iter().map(|(date, subject, unit, amount)| {
            let (feature, line) = subject.split_once('.').unwrap();
            match is_path(subject) {
                true => format!("{date},,,{amount},{unit},{subject}\n"),
                false => format!("{date},{feature},{line},{amount},{unit}{last}\n"),
            }
        });
        let rows: String = rows.collect();
        format!("date,feature,line,quantity,unit{header}\n{rows}")
    }

    /// As the answers of Prometheus to queries with a step of a day: usage of the day before.
    pub fn prometheus(&self, path: impl Fn(&str) -> String) -> String {
        let mut series: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (date, subject, unit, amount) in &self.0 {
            let next = Date::parse(date).unwrap().plus_days(1).unwrap();
            let at = next.days_since(Date::EPOCH) * 86_400;
            let name = format!("{} {unit}", path(subject));
            let sample = format!("[{at}, \"{amount}\"]");
            series.entry(name).or_default().push(sample);
        }
        let answers = series.into_iter().map(|(name, mut samples)| {
            samples.sort();
            format!(
                r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{"caplint":{name:?},"caplint_step":"1d"}},"values":[{}]}}]}}}}"#,
                samples.join(",")
            )
        });
        answers.collect()
    }
}

fn is_path(subject: &str) -> bool {
    let tables = [
        "apis", "tenants", "entities", "features", "tables", "queues",
    ];
    let (first, _) = subject.split_once('.').unwrap();
    tables.contains(&first)
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
