//! What people guess at works, or is answered by what to write instead.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(dir: &Path, arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_caplint"))
        .args(arguments)
        .env_clear()
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("caplint runs");
    let mut input = child.stdin.take().expect("a pipe");
    // Who reads no input closes it.
    let _ = input.write_all(stdin.as_bytes());
    drop(input);
    child.wait_with_output().expect("an end")
}

fn folder(text: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("capacity.toml"), text).expect("a file");
    folder
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const PROJECT: &str = "\
[project]
name = \"shop\"
[tenants]
pro = 10
[apis.maps]
rate_limit = \"10/s\"
plan = { credits = 1000, price = 10 }
[apis.maps.endpoints.\"/route\"]
credits = 1
[features.routes]
owner = \"maps\"
spec = \"capacity.toml\"
calls = [{ endpoint = \"/route\", rate = \"1/day\" }]
";

#[test]
fn the_version_is_a_command_too() {
    let folder = folder(PROJECT.as_bytes());
    let version = out(&run(folder.path(), &["version"], ""));
    assert_eq!(version, out(&run(folder.path(), &["--version"], "")));
    assert!(version.starts_with("caplint "), "{version}");
}

#[test]
fn warn_is_a_level() {
    let folder = folder(PROJECT.as_bytes());
    for arguments in [
        ["check", "--fail-on", "warn"],
        ["check", "--rule", "near-limit=warn"],
        ["rules", "--severity", "warn"],
    ] {
        let output = run(folder.path(), &arguments, "");
        assert_ne!(output.status.code(), Some(2), "{}", err(&output));
    }
    let output = run(folder.path(), &["check", "--fail-on", "wary"], "");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn options_of_other_tools_are_answered() {
    let folder = folder(PROJECT.as_bytes());
    for (arguments, tip) in [
        (["check", "--html", "."], "write '--format html'"),
        (["check", "--sarif", "."], "write '--format sarif'"),
        (["diff", "--base", "main"], "caplint diff BASE"),
        (["diff", "--base=main", "x"], "caplint diff BASE"),
        (["diff", "--head", "x"], "caplint diff BASE HEAD"),
    ] {
        let output = run(folder.path(), &arguments, "");
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(tip), "{}", err(&output));
    }
    let output = run(folder.path(), &["check", "--nothing-like-it"], "");
    assert!(!err(&output).contains("--format"), "{}", err(&output));
}

#[test]
fn standard_input_is_formatted() {
    let folder = folder(PROJECT.as_bytes());
    let fmt = |arguments: &[&str], text: &str| {
        let output = run(folder.path(), &[&["fmt", "-"], arguments].concat(), text);
        (output.status.code(), out(&output), err(&output))
    };
    let (loose, tidy) = ("[project]\nname='a'\n", "[project]\nname = \"a\"\n");
    assert_eq!(fmt(&[], loose), (Some(0), tidy.to_owned(), String::new()));
    assert_eq!(fmt(&[], tidy), (Some(0), tidy.to_owned(), String::new()));
    assert_eq!(fmt(&["--check"], loose).0, Some(1));
    assert_eq!(
        fmt(&["--check"], tidy),
        (Some(0), String::new(), String::new())
    );
    let (code, diff, _) = fmt(&["--diff"], loose);
    assert_eq!(code, Some(1));
    assert!(diff.contains("-name='a'\n+name = \"a\"\n"), "{diff}");
    let (code, text, problem) = fmt(&[], "[project\n");
    assert_eq!((code, text.as_str()), (Some(1), ""));
    assert!(problem.starts_with("error: <stdin>:1:"), "{problem}");
}

#[test]
fn a_diff_of_the_layout_writes_nothing() {
    let loose = "[project]\nname='a'\n";
    let folder = folder(loose.as_bytes());
    let output = run(folder.path(), &["fmt", "--diff"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out(&output).starts_with("--- capacity.toml\n"),
        "{}",
        out(&output)
    );
    let text = std::fs::read_to_string(folder.path().join("capacity.toml")).expect("a file");
    assert_eq!(text, loose);
}

#[test]
fn tenants_are_multiplied_by_a_number_or_by_10x() {
    let folder = folder(PROJECT.as_bytes());
    let forecast = |times| run(folder.path(), &["forecast", "--tenants", times], "");
    assert_eq!(out(&forecast("10x")), out(&forecast("10")));
    assert_ne!(out(&forecast("10x")), out(&forecast("9")));
    for wrong in ["x", "-1", "ten", "inf"] {
        let output = run(
            folder.path(),
            &["forecast", &format!("--tenants={wrong}")],
            "",
        );
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_forecast_goes_to_a_file_in_the_format_of_its_name() {
    let folder = folder(PROJECT.as_bytes());
    let printed = |format| out(&run(folder.path(), &["forecast", "-f", format], ""));
    for (name, format) in [("f.csv", "csv"), ("f.md", "markdown"), ("f.json", "json")] {
        let output = run(folder.path(), &["forecast", "-o", name], "");
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), ""));
        let text = std::fs::read_to_string(folder.path().join(name)).expect("a file");
        assert_eq!(text, printed(format));
    }
    let json = out(&run(folder.path(), &["forecast", "--json"], ""));
    assert_eq!(json, printed("json"));
    let output = run(folder.path(), &["forecast", "-o", "f.pdf"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(!folder.path().join("f.pdf").exists());
}

#[test]
fn a_forecasts_json_is_valid_by_its_schema_for_every_example() {
    let validator = crate::schema::support::validator(&caplint::schema::forecast());
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for arguments in [
        &["forecast", "--json", "."][..],
        &["forecast", "--json", ".", "--tenants", "1e300"],
        &[
            "forecast",
            "--json",
            "tiktok-pipeline/after",
            "--scenario",
            "10x",
        ],
    ] {
        let json = out(&run(&top, arguments, ""));
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        if let Err(error) = validator.validate(&json) {
            panic!("{error} at {}", error.instance_path());
        }
        assert_eq!(json["format"], "caplint.forecast/1");
        assert!(!json["projects"].as_array().unwrap().is_empty());
    }
    let wrong = serde_json::json!({ "format": "caplint.forecast/1", "projects": [] });
    assert!(!validator.is_valid(&wrong));
}

/// 3 pro tenants make three times the calls that 1 free one does, 10 credits in all for 100.
#[test]
fn what_one_tenant_costs_is_its_share_of_what_is_spent() {
    let project = "[project]\nname = \"x\"\n[tenants]\nfree = 1\npro = 3\n[apis.geo]\nplan = { credits = 1000, price = 100.00 }\n[apis.geo.endpoints]\n\"/p/\" = { credits = 1 }\n[costs.rent]\nprice = 500.00\n[features.f]\nspec = \"s.md\"\nowner = \"o\"\ncalls = [{ id = \"a\", endpoint = \"/p/\", rate = \"1/day\", tenants = [\"free\"] }, { id = \"b\", endpoint = \"/p/\", rate = \"3/day\", tenants = [\"pro\"] }]\n";
    let folder = folder(project.as_bytes());
    let text = out(&run(folder.path(), &["forecast"], ""));
    let one = text.split("One tenant costs").nth(1).expect("its table");
    let words: Vec<&str> = one.split_whitespace().collect();
    assert!(
        words.windows(2).any(|pair| pair == ["free", "10.00"]),
        "{text}"
    );
    assert!(
        words.windows(2).any(|pair| pair == ["pro", "30.00"]),
        "{text}"
    );
}

#[test]
fn a_forecast_shows_money_and_marks_lower_bounds() {
    let known = folder(PROJECT.as_bytes());
    let text = out(&run(known.path(), &["forecast"], ""));
    assert!(
        text.contains("\nMoney\n") && text.contains("10.00"),
        "{text}"
    );
    assert!(!text.contains('≥'), "{text}");
    let unknown = PROJECT.replace("\"1/day\"", "\"unknown\"");
    let text = out(&run(folder(unknown.as_bytes()).path(), &["forecast"], ""));
    for bound in ["≥0", "≥10.00"] {
        assert!(text.contains(bound), "{bound} is not in\n{text}");
    }
}

#[test]
fn completions_know_the_rules() {
    let folder = folder(PROJECT.as_bytes());
    for shell in ["bash", "zsh", "fish"] {
        let script = out(&run(folder.path(), &["completions", shell], ""));
        assert!(script.contains("table-without-rollup"), "{shell}");
    }
}

#[test]
fn pages_are_shown_without_the_marks_of_the_tests() {
    let folder = folder(PROJECT.as_bytes());
    let page = out(&run(folder.path(), &["explain", "near-limit"], ""));
    assert!(
        page.contains("\n```toml\n") && !page.contains("```toml "),
        "{page}"
    );
}

/// What `check` says of a key's value as it is written, among other values that are sound.
fn said_of(line: &str) -> String {
    let text = PROJECT.replace("[tenants]\n", &format!("{line}\n[tenants]\n"));
    let folder = folder(text.as_bytes());
    let output = run(folder.path(), &["check", "-f", "json"], "");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
    let findings = report["projects"][0]["findings"].as_array().cloned();
    let of_files = ["syntax", "unknown-key", "invalid-value"];
    let said = findings
        .into_iter()
        .flatten()
        .filter(|it| of_files.contains(&it["rule"].as_str().unwrap_or_default()));
    let said: Vec<String> = said
        .map(|it| format!("{} | {}", it["message"], it["help"]))
        .collect();
    said.join("\n").replace("\\\"", "\"").replace("\\\\", "\\")
}

#[test]
fn values_as_they_are_written_elsewhere_are_answered_by_what_to_write() {
    for (line, written) in [
        ("peak = 1,5", "write `1.5`, with a point"),
        ("peak = \"1,5\"", "write `1.5`, with a point"),
        ("peak = 1,200", "write `1_200` or `1.200`"),
        ("peak = 1,200,000", "write `1_200_000`"),
        ("peak = \"1.500,00\"", "write `1_500.00`"),
        ("days_per_month = 0,25", "write `0.25`, with a point"),
        ("peak = $1500", "write `1500` without the currency"),
        (
            "peak = \"€1,500.50\"",
            "write `1_500.50` without the currency",
        ),
        ("peak = \"1500 USD\"", "write `1500` without the currency"),
        ("peak = 11/10/2026", "`2026-11-10` or `2026-10-11`"),
        ("peak = \"25.12.2026\"", "without quotes: `2026-12-25`"),
        ("horizon = \"1,5y\"", "write `\"1.5y\"`"),
        ("horizon = 90 days", "put it in quotes: `\"90days\"`"),
        (
            "specs = [\"x\"]\nname2 = \"features\\x\\spec.md\"",
            "write `\"features/x/spec.md\"`",
        ),
    ] {
        let said = said_of(line);
        assert!(said.contains(written), "{line}: {said}");
    }
    // Sizes are no money, and what is sound is no date.
    for (line, not) in [
        ("horizon = \"1MIB\"", "currency"),
        ("horizon = \"20M\"", "currency"),
        ("peak = 2026-11-22", "year first"),
        ("horizon = \"long\"", "point"),
    ] {
        let said = said_of(line);
        assert!(!said.is_empty() && !said.contains(not), "{line}: {said}");
    }
    assert_eq!(said_of("peak = 1.5"), "");
}

#[test]
fn a_spec_with_backslashes_is_answered_by_its_path() {
    for (spec, path) in [
        ("\"docs\\table.md\"", "docs/table.md"),
        ("'docs\\spec.md'", "docs/spec.md"),
    ] {
        let text = PROJECT.replace("\"capacity.toml\"", spec);
        let output = run(folder(text.as_bytes()).path(), &["check", "-f", "json"], "");
        let said = out(&output);
        assert!(
            said.contains(&format!("path separator: `{path}`")),
            "{said}"
        );
    }
}

#[test]
fn utf_16_is_one_finding_that_says_so() {
    let little = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    let marked = [&[0xFF, 0xFE][..], &little(PROJECT)].concat();
    let big: Vec<u8> = PROJECT.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [marked, little(PROJECT), big] {
        let output = run(folder(&bytes).path(), &["check", "-f", "json"], "");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
        let findings = report["projects"][0]["findings"]
            .as_array()
            .expect("findings");
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(
            findings[0]["message"],
            "the file is UTF-16 text, and TOML is UTF-8"
        );
        assert_eq!(output.status.code(), Some(1));
    }
}

/// The help of the errors in a project in which one text is replaced.
fn help(old: &str, new: &str) -> String {
    let text = PROJECT.replace(old, new);
    assert_ne!(text, PROJECT);
    let folder = folder(text.as_bytes());
    let json = out(&run(folder.path(), &["check", "--json"], ""));
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let findings = report["projects"][0]["findings"]
        .as_array()
        .expect("a list");
    let errors = findings.iter().filter(|it| it["severity"] == "error");
    let helps: Vec<&str> = errors.map(|it| it["help"].as_str().unwrap_or("")).collect();
    helps.join("\n")
}

#[test]
fn words_without_quotes_are_told_to_have_them() {
    for word in [
        "finance", "team", "infra", "nan-team", "3team", "1team", "platform",
    ] {
        let help = help("\"maps\"\nspec", &format!("{word}\nspec"));
        assert!(
            help.contains(&format!("quotes: `\"{word}\"`")),
            "{word}: {help}"
        );
    }
    // What is meant as a boolean is none of a person's or a team's name.
    let help = |new| help("\"capacity.toml\"", new);
    assert!(help("True").contains("write `true` or `false`"));
    assert!(help(r"features\x\spec.md").contains("`\"features/x/spec.md\"`"));
}

#[test]
fn rates_in_other_words_are_told_whole() {
    for (written, meant) in [
        ("every 15 m", "every 15m"),
        ("every15m", "every 15m"),
        ("15m", "every 15m"),
        ("hourly", "1/h"),
        ("4 per day", "4/day"),
        ("1/15 m", "1/15m"),
    ] {
        let help = help("1/day", written);
        assert_eq!(help, format!("write `{meant}`"), "{written}");
        // What is advised is read.
        let text = PROJECT.replace("1/day", meant);
        let folder = folder(text.as_bytes());
        let json = out(&run(folder.path(), &["check", "--json"], ""));
        assert!(!json.contains("invalid-value"), "{meant}: {json}");
    }
}

/// A path of `--set` that nothing has is answered with the nearest that something has, key by key.
#[test]
fn a_misspelt_path_of_a_value_is_answered() {
    let folder = folder(PROJECT.as_bytes());
    let said = |set: &str| {
        let output = run(folder.path(), &["forecast", "--set", set], "");
        assert_eq!(output.status.code(), Some(2), "{set}");
        err(&output)
    };
    for (set, meant) in [
        ("feature.routes.adoption=0.5", "features.routes.adoption"),
        ("features.route.adoption=0.5", "features.routes.adoption"),
        ("features.routes.adopton=0.5", "features.routes.adoption"),
        ("apis.map.retry_ratio=0.1", "apis.maps.retry_ratio"),
        (
            "features.routes.calls.\"/rout\".rate=2/day",
            "features.routes.calls.\"/route\".rate",
        ),
    ] {
        let said = said(set);
        assert!(said.contains(&format!("did you mean `{meant}`?")), "{said}");
    }
    for set in ["features.nothing-like-it.adoption=0.5", "apis.maps.zzz=1"] {
        assert!(!said(set).contains("did you mean"), "{set}");
    }
}
