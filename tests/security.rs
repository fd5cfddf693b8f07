//! What SECURITY.md promises has a test, and the tests that no other subject has.

use std::path::Path;

use crate::support::repo::Repo;

const PROMISES: &str = include_str!("../SECURITY.md");

/// Whether a file has a test of this name.
fn is_test(file: &str, name: &str) -> bool {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(top.join(file)) else {
        return false;
    };
    match file.ends_with(".py") {
        true => text.contains(&format!("    def {name}(self)")),
        false => text.contains(&format!("#[test]\nfn {name}()")),
    }
}

#[test]
fn every_promise_has_its_tests() {
    let (_, promises) = PROMISES
        .split_once("## What caplint promises")
        .expect("promises");
    let rows = promises
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(2);
    let mut seen = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 2, "{row}");
        let tests: Vec<&str> = cells[1].split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            let (file, name) = test.split_once("::").expect(test);
            assert!(is_test(file, name), "there is no test {test}");
        }
        seen += 1;
    }
    assert!(seen > 25, "{seen} promises");
    assert!(!is_test("tests/security.rs", "no_such_test"));
}

fn caplint(repo: &Repo, arguments: &[&str]) -> (Option<i32>, String) {
    let output = repo
        .caplint()
        .args(arguments)
        .output()
        .expect("caplint runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

#[test]
fn a_report_is_not_written_through_a_link() {
    let repo = Repo::new();
    repo.write("capacity.toml", "[tenants]\na = 1\n");
    let victim = repo.beside("victim");
    std::fs::write(&victim, "KEEP").expect("a file");
    std::os::unix::fs::symlink(&victim, repo.path.join("out.json")).expect("a link");
    std::fs::create_dir(repo.beside("folder")).expect("a folder");
    std::os::unix::fs::symlink(repo.beside("folder"), repo.path.join("out")).expect("a link");
    for file in ["out.json", "out/report.json"] {
        let (code, told) = caplint(&repo, &["check", "--output", &format!("json={file}")]);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains("is a link"), "{told}");
    }
    assert_eq!(std::fs::read_to_string(&victim).expect("the file"), "KEEP");
    assert_eq!(
        std::fs::read_dir(repo.beside("folder"))
            .expect("the folder")
            .count(),
        0
    );
    let (code, told) = caplint(&repo, &["check", "--output", "json=own.json"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(repo.path.join("own.json").is_file());
}

#[test]
fn standard_error_shows_names_as_text() {
    let repo = Repo::new();
    let name = "n\u{1b}[31mRED\n::error::x\u{202e}";
    repo.write("capacity.toml", "[tenants]\na = 1\n");
    repo.write(&format!("{name}/capacity.toml"), "[tenants");
    for arguments in [
        &["check", "--project", name][..],
        &["check", "--owner", name],
        &["check", "--rule", name],
        &["check", "--rev", name],
        &["check", "--output", name],
        &["check", "--usage", name],
        &["check", "--as-of", name],
        &["check", "./no", name],
        &["diff", name],
        &["fmt", "--check"],
        &["fmt", name],
        &["explain", name],
        &["forecast", "--scenario", name],
        &["forecast", "--set", name],
        &["init", "--from", name],
        &["-C", name, "diff", name],
    ] {
        let (_, told) = caplint(&repo, arguments);
        assert!(
            !told.contains(['\u{1b}', '\u{202e}']),
            "{arguments:?}: {told:?}"
        );
        assert!(
            !told.lines().any(|line| line.starts_with("::")),
            "{arguments:?}: {told}"
        );
    }
}

/// A name that tries to act: on terminals, in markup, as a formula, a command or a query.
const EVIL: &str = "=1+1\u{1b}[31mR\n::error::x\r\u{202e}<script>`]($(x))\" ' \\ {{x}} | \u{feff}";

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            it if it.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(it))),
            it => out.push(it),
        }
    }
    out + "\""
}

fn hostile_project() -> (String, String) {
    let evil = quoted(EVIL);
    let project = format!(
        "[project]\nname = {evil}\nowner = {evil}\n[tenants]\nfree = 1000\n\
         [apis.a]\nowner = {evil}\nrate_limit = \"10/min\"\nplan = {{ credits = 600_000, price = 10 }}\n\
         packs = [{{ name = {evil}, credits = 1000, price = 5.5 }}]\n\
         [apis.a.endpoints]\n{evil} = {{ credits = 1, cacheable = false }}\n\
         [databases.d]\nengine = {evil}\nstorage = \"1GB\"\nwrites = \"10/s\"\ndecision = {evil}\n\
         [tables.s]\nkind = \"event\"\nrow_size = \"1KB\"\nrelation = {evil}\n\
         [models.m]\nprice = {{ per = 1000, {evil} = 1.0 }}\nbudget = 100\n\
         tenant_quota = {{ all = \"1k/day\" }}\n\
         [features.f]\nspec = {evil}\nowner = {evil}\n\
         calls = [{{ id = {evil}, endpoint = {evil}, rate = \"45/day\" }}]\n\
         writes = [{{ id = {evil}, table = \"s\", rate = \"100/day\" }}]\n\
         inference = [{{ id = {evil}, model = \"m\", rate = \"10/day\", units = 3 }}]\n"
    );
    let cell = format!("\"{}\"", EVIL.replace('"', "\"\""));
    let mut rows = "date,feature,line,quantity,unit,tenant\n".to_owned();
    for day in 1..22 {
        rows += &format!("2026-11-{day:02},f,calls.{cell},60000,calls,{cell}\n");
        rows += &format!("2026-11-{day:02},{cell},{cell},1,{cell},\n");
    }
    (project, rows.replace("calls.\"", "\"calls."))
}

#[test]
fn every_command_shows_names_as_text() {
    let repo = Repo::new();
    let (project, rows) = hostile_project();
    repo.write("capacity.toml", project).write("u.csv", rows);
    repo.commit("a\u{1b}[31m\n\n::error::x");
    let usage = ["--as-of", "2026-11-22", "--usage", "u.csv"];
    let mut commands: Vec<Vec<&str>> = Vec::new();
    for format in [
        "human", "json", "sarif", "gitlab", "junit", "markdown", "html",
    ] {
        commands.push([&["check", "--format", format], &usage[..]].concat());
        commands.push([&["diff", "HEAD", "--all", "--format", format], &usage[..]].concat());
    }
    for format in ["human", "markdown", "csv", "json"] {
        commands.push([&["calibrate", "--format", format], &usage[..]].concat());
        commands.push(vec![
            "purchases",
            "--format",
            format,
            "--as-of",
            "2026-11-22",
        ]);
        commands.push(vec!["forecast", "--format", format]);
    }
    for format in ["human", "csv", "json"] {
        commands.push(vec!["history", "--format", format]);
    }
    for format in ["markdown", "html", "json"] {
        let window = [
            "review",
            "--from",
            "2026-11-01",
            "--to",
            "2026-11-22",
            "--format",
            format,
        ];
        commands.push([&window[..], &usage[..]].concat());
    }
    for what in ["prometheus-rules", "keda", "quotas", "badge"] {
        commands.push(vec!["export", what]);
    }
    for rest in ["--format=json", "--by=day", "--by=month", "--format=human"] {
        commands.push(vec!["usage", "u.csv", rest]);
    }
    commands.push(vec!["export", "rows", "--format", "csv"]);
    commands.push(vec!["export", "rows", "--format", "jsonl"]);
    commands.push(vec!["usage", "request", "postgres"]);
    commands.push(vec!["explain", "apis.a.credits"]);
    commands.push(vec!["explain", "apis.a.credits", "--json"]);
    commands.push(vec!["check", "--fix"]);
    for arguments in commands {
        let output = repo
            .caplint()
            .args(&arguments)
            .output()
            .expect("caplint runs");
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{arguments:?}: {output:?}"
        );
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(!printed.is_empty(), "{arguments:?}");
        let acts = |it: char| it.is_control() && it != '\n' || "\u{202e}\u{feff}".contains(it);
        let found = printed
            .find(acts)
            .map(|at| &printed[at.saturating_sub(0)..]);
        let found = found.map(|rest| rest.chars().take(40).collect::<String>());
        assert_eq!(found, None, "{arguments:?}");
        assert!(
            !printed.lines().any(|line| line.starts_with("::")),
            "{arguments:?}: {printed}"
        );
        if arguments.contains(&"html") {
            assert!(!printed.contains("<script>"), "{arguments:?}");
        }
    }
}
