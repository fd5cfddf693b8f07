//! `--write`: what it changes, and what it leaves as it is.

use super::scene::{Rows, Scene, of};

const CAPACITY: &str = "\u{feff}# The plan.\r\n[project]\r\nname = \"t\"\r\n[tenants]\r\nfree = 1000\r\n[apis.a]\r\nrate_limit = \"1000/min\"\r\n[apis.a.endpoints.\"/e/\"]   # the one\r\ncredits = 1_000\r\n\r\n[features.x]\r\n  [[features.x.calls]]\r\n  id = \"certain\" # as of the spec\r\n  endpoint = \"/e/\"\r\n  rate =   '1_400/month'   # per tenant\r\n  measured = 2026-10-01\r\n  [[features.x.calls]]\r\n  id = \"estimate\"\r\n  endpoint = \"/e/\"\r\n  rate = { p10 = \"2M/day\", p50 = \"4M/day\",p90 = \"8M/day\" }\r\n\r\n  [[features.x.calls]]\r\n  id = \"unknown\"\r\n  endpoint = \"/e/\"\r\n  rate = \"unknown\"\r\n\r\n  [[features.x.calls]]\r\n  id = \"batch\"\r\n  endpoint = \"/e/\"\r\n  rate = \"every 2h\"\r\n\r\n  [[features.x.calls]]\r\n  id = \"close\"\r\n  endpoint = \"/e/\"\r\n  rate = \"100/day\"\r\n  measured = 2026-11-21\r\n";

fn rows() -> Rows {
    Rows::default()
        .each("x.certain", "calls", 30, 67.254 * 1000.0)
        .each("x.estimate", "calls", 30, 5e9)
        .each("x.unknown", "calls", 30, 12_345.678)
        .each("x.batch", "calls", 30, 24_000.0)
        .each("x.close", "calls", 30, 104_900.0)
}

/// The bytes outside of what the report says, before and after.
fn kept(before: &str, after: &str, report: &serde_json::Value) {
    let lines: Vec<&str> = before.split_inclusive('\n').collect();
    let offset = |line: &serde_json::Value, column: &serde_json::Value| {
        let (line, column) = (
            line.as_u64().unwrap() as usize,
            column.as_u64().unwrap() as usize,
        );
        let first: usize = lines[..line - 1].iter().map(|line| line.len()).sum();
        let rest = lines.get(line - 1).copied().unwrap_or("");
        first
            + rest
                .chars()
                .take(column - 1)
                .map(char::len_utf8)
                .sum::<usize>()
    };
    let mut edits: Vec<(usize, usize, &str)> = Vec::new();
    for value in report["values"].as_array().unwrap() {
        let Some(written) = value["written"].as_str() else {
            continue;
        };
        let start = offset(&value["line"], &value["column"]);
        edits.push((
            start,
            offset(&value["end_line"], &value["end_column"]),
            written,
        ));
    }
    edits.sort_by_key(|(start, ..)| *start);
    let (mut expected, mut done) = (String::new(), 0);
    for (start, end, written) in edits {
        expected.push_str(&before[done..start]);
        expected.push_str(written);
        done = end;
    }
    expected.push_str(&before[done..]);
    assert_eq!(after, expected);
}

#[test]
fn every_other_byte_stays() {
    let scene = Scene::measured(CAPACITY, &rows().csv());
    let ran = scene.calibrate(&["--write"]);
    assert_eq!(ran.code, 0, "{}", ran.said);
    let after = scene.read("capacity.toml");
    kept(CAPACITY, &after, &ran.json());
    for line in [
        "  rate =   '2_020/month'   # per tenant\r\n  measured = 2026-11-21\r\n",
        "  rate = { p10 = \"2.5M/day\", p50 = \"5M/day\",p90 = \"10M/day\" }\r\n  measured = 2026-11-21\r\n",
        "  rate = \"12.3/day\"\r\n  measured = 2026-11-21\r\n",
        // Reported and not written.
        "  rate = \"every 2h\"\r\n  measured = 2026-11-21\r\n",
        // Within the tolerance.
        "  rate = \"100/day\"\r\n  measured = 2026-11-21\r\n",
    ] {
        assert!(after.contains(line), "{line}\n{after}");
    }
    let again = scene.calibrate(&["--write", "--format", "human"]);
    assert!(again.out.contains("Nothing to write"), "{}", again.out);
    assert_eq!(scene.read("capacity.toml"), after);
}

#[test]
fn a_batch_is_told_and_not_written() {
    let scene = Scene::measured(CAPACITY, &rows().csv());
    let report = scene.calibrate(&[]).json();
    let batch = of(&report, "values", "features.x.calls.batch.rate");
    assert_eq!(
        (batch["declared"].as_f64(), batch["written"].as_str()),
        (Some(12.0), None)
    );
    assert!((batch["measured"].as_f64().unwrap() - 24.0).abs() < 1e-9);
}

#[test]
fn nothing_is_written_without_being_asked() {
    let scene = Scene::measured(CAPACITY, &rows().csv());
    for arguments in [&[][..], &["--diff"], &["--diff", "--format", "human"]] {
        assert_eq!(scene.calibrate(arguments).code, 0);
        assert_eq!(scene.read("capacity.toml"), CAPACITY);
    }
    let diff = scene.calibrate(&["--diff", "--format", "human"]).out;
    assert!(
        diff.contains("-  rate =   '1_400/month'   # per tenant"),
        "{diff}"
    );
    assert!(
        diff.contains("+  rate =   '2_020/month'   # per tenant"),
        "{diff}"
    );
    assert_eq!(scene.calibrate(&["--diff", "--write"]).code, 2);
}

#[test]
fn the_tolerance_is_the_policys() {
    let scene = Scene::measured(
        &format!("{CAPACITY}[policy.calibration]\r\ntolerance = \"4%\"\r\n"),
        &rows().csv(),
    );
    let report = scene.calibrate(&[]).json();
    let close = of(&report, "values", "features.x.calls.close.rate");
    assert_eq!(close["written"], "\"105/day\"");
}

#[test]
fn drift_fails_only_where_asked() {
    let scene = Scene::measured(CAPACITY, &rows().csv());
    assert_eq!(scene.calibrate(&["--fail-on-drift"]).code, 1);
    assert_eq!(scene.calibrate(&[]).code, 0);
    // 11% is drift to nobody.
    let rows = Rows::default().each("x.close", "calls", 30, 111_000.0);
    scene.write("usage.csv", &rows.csv());
    assert_eq!(scene.calibrate(&["--fail-on-drift"]).code, 0);
}

/// Files that are refused are named, and the others are written.
#[test]
fn a_file_with_errors_is_refused() {
    let scene = Scene::new(
        "[project]\nname = \"t\"\n[tenants]\nfree = 1000\n[apis.a]\nrate_limit = \"1000/min\"\n[apis.a.endpoints.\"/e/\"]\ncredits = 1\n",
    );
    let feature = |name: &str, more: &str| {
        format!(
            "[features.{name}]\n{more}\n[[features.{name}.calls]]\nid = \"e\"\nendpoint = \"/e/\"\nrate = \"10/day\"\n"
        )
    };
    scene.write("x/capacity.toml", &feature("x", "ownr = \"o\""));
    scene.write("y/capacity.toml", &feature("y", "owner = \"o\""));
    let rows = Rows::default()
        .each("x.e", "calls", 30, 20_000.0)
        .each("y.e", "calls", 30, 20_000.0);
    scene.write("usage.csv", &rows.csv());
    let ran = scene.calibrate(&["--write"]);
    assert_eq!(ran.code, 1, "{}", ran.said);
    assert!(
        ran.said.contains("x/capacity.toml is not written"),
        "{}",
        ran.said
    );
    assert!(scene.read("x/capacity.toml").contains("10/day"));
    assert!(scene.read("y/capacity.toml").contains("20/day"));
    let value = of(&ran.json(), "values", "features.x.calls.e.rate").clone();
    assert!(value["written"].is_null(), "{value}");
}

#[cfg(unix)]
#[test]
fn a_link_is_refused_and_a_mode_stays() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new(
        "[project]\nname = \"t\"\n[tenants]\nfree = 1000\n[apis.a]\nrate_limit = \"1000/min\"\n[apis.a.endpoints.\"/e/\"]\ncredits = 1\n",
    );
    let text =
        "[features.x]\n[[features.x.calls]]\nid = \"e\"\nendpoint = \"/e/\"\nrate = \"10/day\"\n";
    scene.write("real.toml", text).write("x/README", "");
    std::os::unix::fs::symlink("../real.toml", scene.path("x/capacity.toml")).unwrap();
    let rows = Rows::default().each("x.e", "calls", 30, 20_000.0);
    scene.write("usage.csv", &rows.csv());
    let ran = scene.calibrate(&["--write"]);
    assert_eq!(
        (ran.code, scene.read("real.toml").as_str()),
        (1, text),
        "{}",
        ran.said
    );
    assert!(ran.said.contains("link"), "{}", ran.said);
    std::fs::remove_file(scene.path("x/capacity.toml")).unwrap();
    scene.write("x/capacity.toml", text);
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(scene.path("x/capacity.toml"), mode).unwrap();
    assert_eq!(scene.calibrate(&["--write"]).code, 0);
    let mode = std::fs::metadata(scene.path("x/capacity.toml"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o640);
    assert!(scene.read("x/capacity.toml").contains("20/day"));
}

#[test]
fn bad_usage_is_refused() {
    let scene = Scene::new(CAPACITY);
    for (text, word) in [
        ("", "is empty"),
        ("date,feature,line,quantity,unit\n", "no rows"),
        (
            "date,feature,line,quantity,unit\n2026-11-02,x,certain,NaN,calls\n",
            "usage.csv:2",
        ),
        (
            "date,feature,line,quantity,unit\n2026-11-02,x,certain,1,calls\n2026-11-02,x\n",
            "usage.csv:3",
        ),
    ] {
        scene.write("usage.csv", text);
        let ran = scene.calibrate(&["--write"]);
        assert_eq!(
            (ran.code, ran.said.contains(word)),
            (2, true),
            "{text} {}",
            ran.said
        );
    }
    assert_eq!(scene.run(&["calibrate"]).code, 2);
    assert_eq!(scene.read("capacity.toml"), CAPACITY);
}

/// What was left out of a table is its default, and is put into it; however that is written.
#[test]
fn keys_that_were_left_out_are_put_in() {
    const INLINE: &str = "[tenants]\r\nfree = 1000\r\n[queues]\r\nq = { broker = \"sqs\", message_size = \"1KB\" }\r\n[databases.d]\r\nengine = \"postgres\"\r\n[tables.t] # the only one\r\nkind = \"event\"\r\nrow_size = \"100B\"\r\nretention = \"1y\"\r\n\r\n[apis.a.endpoints.\"/e/\"]\r\ncredits = 1\r\n\r\n[features.x]\r\nmessages = [{ id = \"m\", queue = \"q\", rate = \"1/day\" }] # inline\r\n[[features.x.writes]]\r\nid = \"w\"\r\ntable = \"t\"\r\nrate = \"2/day\"\r\n\r\n[features.y]\r\ncalls = [{ id = \"c\", endpoint = \"/e/\", rate = { p50 = \"1/day\", p90 = \"2/day\" } }]\r\n";
    // Dotted keys, and no line end at the last.
    const DOTTED: &str = "tenants.free = 1000\nqueues.q.broker = \"sqs\"\nqueues.q.message_size = \"1KB\"\ndatabases.d.engine = \"postgres\"\ntables.t.kind = \"event\"\ntables.t.row_size = \"100B\"\ntables.t.retention = \"1y\"\napis.a.endpoints.\"/e/\".credits = 1\nfeatures.x.messages = [{ id = \"m\", queue = \"q\", rate = \"1/day\" }]\nfeatures.x.writes = [{ id = \"w\", table = \"t\", rate = \"2/day\" }]\nfeatures.y.calls = [{ id = \"c\", endpoint = \"/e/\", rate = { p50 = \"1/day\", p90 = \"2/day\" } }]";
    let rows = Rows::default()
        .each("x.m", "occurrences", 30, 1000.0)
        .each("x.m", "messages", 30, 3000.0)
        .each("x.m", "bytes", 30, 15e6)
        .each("x.w", "occurrences", 30, 2000.0)
        .each("x.w", "rows", 30, 8000.0)
        .each("y.c", "calls", 30, 0.0)
        .each("apis.a", "calls", 30, 1100.0)
        .each("apis.a", "retries", 30, 100.0)
        .each("tables.t", "bytes", 1, 2e9)
        .each("tables.t", "indexes", 1, 0.0);
    for capacity in [INLINE, DOTTED] {
        let scene = Scene::measured(capacity, &rows.csv());
        let ran = scene.calibrate(&["--write"]);
        assert_eq!(ran.code, 0, "{}", ran.said);
        let (report, after) = (ran.json(), scene.read("capacity.toml"));
        kept(capacity, &after, &report);
        for (path, text) in [
            ("features.x.messages.m.count", "count = 3"),
            ("features.x.messages.m.size", "size = \"5KB\""),
            ("features.x.writes.w.rows", "rows = 4"),
            // Nothing has no spread.
            ("features.y.calls.c.rate", "\"0/day\""),
            ("apis.a.retry_ratio", "retry_ratio = 0.1"),
            ("tables.t.existing", "existing = \"2GB\""),
        ] {
            let written = of(&report, "values", path)["written"].as_str().unwrap();
            assert!(written.contains(text), "{path}: {written}");
            assert!(after.contains(text), "{path}: {after}");
        }
        // As many as by default: nothing to tell.
        let values = report["values"].as_array().unwrap();
        assert!(
            !values.iter().any(|it| it["path"] == "tables.t.indexes"),
            "{report}"
        );
        assert_eq!(after.contains('\r'), capacity.contains('\r'));
        let check = scene.run(&["check", "--as-of", super::scene::AS_OF, "-q"]);
        assert!(!check.out.contains("invalid"), "{}", check.out);
        let again = scene.calibrate(&["--write", "--format", "human"]);
        assert!(again.out.contains("Nothing to write"), "{}", again.out);
        assert_eq!(scene.read("capacity.toml"), after);
    }
}

/// A patch is what `--write` would do, line ends and all.
#[test]
fn the_diff_is_a_patch() {
    let scene = Scene::measured(CAPACITY, &rows().csv());
    let diff = scene.calibrate(&["--diff", "--format", "human"]).out;
    let (_, patch) = diff.split_once("\n--- ").unwrap();
    scene.write("change.patch", &format!("--- {patch}"));
    let applied = std::process::Command::new("git")
        .args(["apply", "-p0", "change.patch"])
        .current_dir(scene.path(""))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&applied.stderr);
    assert!(applied.status.success(), "{said}\n{patch}");
    let patched = scene.read("capacity.toml");
    scene.write("capacity.toml", CAPACITY);
    assert_eq!(scene.calibrate(&["--write"]).code, 0);
    assert_eq!(patched, scene.read("capacity.toml"));
}

/// Corrections may take away more than there was.
#[test]
fn a_sum_below_nothing_is_nothing_and_said() {
    let scene = Scene::new(CAPACITY);
    let rows = Rows::default().each("x.certain", "calls", 14, -5.0);
    scene.write("usage.csv", &rows.csv());
    let report = scene.calibrate(&[]).json();
    assert_eq!(
        of(&report, "lines", "features.x.calls.certain")["actual"],
        0.0
    );
    assert!(
        report["notes"].to_string().contains("less than 0"),
        "{report}"
    );
}
