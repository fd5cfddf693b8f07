//! What `docs/export.md` shows is what is exported.

use super::{PROJECT, export, repo};

#[test]
fn every_example_is_part_of_what_its_command_prints() {
    let page = include_str!("../../docs/export.md");
    let repo = repo(&[("capacity.toml", PROJECT)]);
    let mut shown = 0;
    let mut commands: Vec<String> = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "toml" => {}
            "sh" => {
                let line = text
                    .lines()
                    .find(|line| line.starts_with("caplint export"))
                    .unwrap();
                let line = line.split(" | ").next().unwrap();
                commands = line.split(' ').skip(2).map(str::to_owned).collect();
                // What is written to a file is shown, too.
                if let Some(at) = commands.iter().position(|it| it == "--output") {
                    commands.truncate(at);
                }
            }
            _ => {
                let arguments: Vec<&str> = commands.iter().map(String::as_str).collect();
                let (printed, _) = export(&repo, &arguments);
                let printed = match language {
                    "csv" => columns(&printed, &[0, 1, 6, 8]),
                    _ => printed,
                };
                let parts = if language == "csv" {
                    text.lines().collect()
                } else {
                    vec![text]
                };
                for part in parts {
                    assert!(printed.contains(part.trim_end()), "{part}\n\n{printed}");
                }
                shown += 1;
            }
        }
    }
    assert_eq!(shown, 5, "one for each export");
}

fn columns(csv: &str, of: &[usize]) -> String {
    let lines = csv.lines().map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let fields: Vec<&str> = of.iter().map(|index| fields[*index]).collect();
        fields.join(",") + "\n"
    });
    lines.collect()
}

#[test]
fn the_metrics_of_the_page_are_read() {
    let page = include_str!("../../docs/export.md");
    let (_, rest) = page.split_once("```toml\n[metrics]\n").unwrap();
    let (metrics, _) = rest.split_once("```").unwrap();
    let (declared, _) = PROJECT.split_once("[metrics]").unwrap();
    let repo = repo(&[("capacity.toml", &format!("{declared}[metrics]\n{metrics}"))]);
    let (rules, said) = export(&repo, &["prometheus-rules"]);
    assert!(!said.contains("errors"), "{said}");
    assert!(rules.contains("CapacityScaleUp"));
}
