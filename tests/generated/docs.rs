//! What the guides say with figures and with TOML is so.

use caplint::report::Report;

use super::top;
use crate::support::lint::check;

fn guide(name: &str) -> String {
    std::fs::read_to_string(top().join("docs").join(name)).expect("a guide")
}

/// The blocks of TOML in a text.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let blocks = text.split("\n```toml\n").skip(1);
    blocks.filter_map(|rest| Some(rest.split_once("\n```")?.0))
}

fn checked(text: &str) -> Report {
    check(&[("capacity.toml", text), ("README.md", "")], "")
}

#[test]
fn the_worked_example_is_what_caplint_computes() {
    let guide = guide("numbers.md");
    let project = blocks(&guide).next().expect("a project");
    let report = checked(project);
    let meters = &report.projects[0].meters;
    let figures = guide
        .split("## What caplint reports")
        .nth(1)
        .expect("figures");
    let figures = figures.split("\n## ").next().unwrap_or_default();
    let mut compared = 0;
    for row in figures.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let id = cells[1].trim_matches('`');
        let written = cells[2].replace(',', "");
        let meter = meters.iter().find(|meter| &*meter.id == id).expect(id);
        let value = meter.demand.point.expect("a number");
        let places = written
            .split_once('.')
            .map_or(0, |(_, places)| places.len());
        assert_eq!(format!("{value:.places$}"), written, "{id}: {value}");
        compared += 1;
    }
    assert_eq!(compared, meters.len(), "the other meters: {meters:?}");
    // The working above the table, its figures by hand.
    let credits = meters
        .iter()
        .find(|meter| &*meter.id == "apis.tiklive.credits");
    let credits = credits.expect("credits");
    let used = format!("{:.1}%", credits.utilization.expect("a share") * 100.0);
    assert!(
        guide.contains(&format!("so {used} of them are used")),
        "{used}"
    );
    let headroom = format!("{:.3}×", credits.breaking_point.expect("a multiple"));
    assert!(guide.contains(&headroom), "{headroom}");
}

#[test]
fn the_calculation_in_the_guide_is_what_explain_prints() {
    let guide = guide("numbers.md");
    let command = "$ caplint explain apis.tiklive.credits\n";
    let shown = guide.split(command).nth(1).expect("the command");
    let shown = shown.split("```").next().expect("its output");
    let folder = crate::support::repo::Repo::folder();
    std::fs::write(
        folder.path.join("capacity.toml"),
        blocks(&guide).next().unwrap(),
    )
    .unwrap();
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_caplint"))
            .env_remove("CI")
            .env_remove("GITHUB_ACTIONS")
            .current_dir(&folder.path)
            .args(arguments)
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    assert_eq!(run(&["explain", "apis.tiklive.credits"]), shown);
    let forecast = run(&["forecast"]);
    for (tier, cost) in [("free", "0.08"), ("pro", "1.01")] {
        let mut lines = forecast
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        assert!(lines.any(|line| line == [tier, cost]), "{forecast}");
        assert!(guide.contains(&format!("= {cost}`")), "{cost}");
    }
}

#[test]
fn toml_in_guides_is_read() {
    for name in ["numbers.md", "policy.md", "adopting.md"] {
        let guide = guide(name);
        let mut count = 0;
        for block in blocks(&guide.replace("\n   ", "\n")) {
            count += 1;
            let report = checked(block);
            let wrong = ["syntax", "unknown-key", "invalid-value", "duplicate-name"];
            for finding in report.projects.iter().flat_map(|project| &project.findings) {
                assert!(
                    !wrong.contains(&&*finding.rule),
                    "{name}: {}\n{block}",
                    finding.message
                );
            }
        }
        assert!(count > 0, "{name} has no TOML");
    }
}

/// What a guide lists of variables is what the program asks for.
#[test]
fn the_variables_that_are_read_are_listed() {
    let listed = guide("comparing.md");
    let sources = ["crates/states/src", "src/cli"].map(|folder| top().join(folder));
    let mut found = 0;
    for folder in sources {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let text = std::fs::read_to_string(entry.expect("an entry").path());
            let text = text.unwrap_or_default();
            for word in text.split('"').skip(1).step_by(2) {
                let prefixes = ["CI_", "GITHUB_", "PRE_COMMIT_"];
                let is_name = word
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
                if is_name && prefixes.iter().any(|prefix| word.starts_with(prefix)) {
                    found += 1;
                    assert!(
                        listed.contains(&format!("`{word}`")),
                        "{word} is not listed"
                    );
                }
            }
        }
    }
    assert!(found > 8, "{found}");
}
