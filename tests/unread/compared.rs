//! What a comparison says of what cannot be read on one side.

use caplint::report::{Outcome, Report, State, Verdict};

use super::{SOUND, one, replaced, today};
use crate::support::lint::{check_with, compare};

fn compared(base: &str, head: &str) -> Report {
    compare(&[("capacity.toml", base)], &[("capacity.toml", head)], "")
}

/// Who changes what an error hides, changes what is not judged.
#[test]
fn an_error_is_new_where_the_change_touches_what_it_hides() {
    let elsewhere = |text: &str| text.replace("budget = 1000", "budget = 1001");
    for (from, to, hidden, changed) in [
        ("\"10/day\" }", "\"10 a day\" }", "10 a day", "99 a day"),
        ("[tenants]", "[tenats]", "free = 1000", "free = 9000"),
        (
            "[features.w]",
            "[featuers.v]\n[[featuers.v.calls]]\nendpoint = \"/e/\"\nrate = \"1/day\"\n[features.w]",
            "\"1/day\"\n[features.w]",
            "\"999/day\"\n[features.w]",
        ),
        (
            "[features.w]",
            "[features.v]\ncals = [\n  { endpoint = \"/e/\" },\n]\n[features.w]",
            "{ endpoint = \"/e/\" },\n]\n[features.w]",
            "{ endpoint = \"/f/\" },\n]\n[features.w]",
        ),
    ] {
        let base = replaced(from, to);
        let head = base.replace(hidden, changed);
        assert_ne!(base, head, "{hidden}");
        let report = compared(&base, &head);
        assert_eq!(report.summary.exit_code, 1, "{to}: {changed}");
        // The same error, and a change elsewhere.
        let control = compared(&base, &elsewhere(&base));
        assert_eq!(control.summary.exit_code, 0, "{to}");
        assert_eq!(control.summary.verdict, Outcome::NotFullyChecked, "{to}");
        // A comment is no change.
        let comment = compared(&base, &format!("# a comment\n{base}"));
        assert_eq!(comment.summary.exit_code, 0, "{to}");
    }
    assert_eq!(
        compared(SOUND, &elsewhere(SOUND)).summary.verdict,
        Outcome::Passes
    );
}

#[test]
fn what_is_declared_twice_in_two_files_is_compared_with_its_second_place() {
    let twice = |rate: &str| {
        format!(
            "[features.w]\nspec = \"x\"\n[[features.w.calls]]\nendpoint = \"/e/\"\nrate = \"{rate}\"\n"
        )
    };
    let files = |text: &str| {
        compare(
            &[
                ("capacity.toml", SOUND),
                ("f/capacity.toml", &twice("1/day")),
            ],
            &[("capacity.toml", SOUND), ("f/capacity.toml", text)],
            "",
        )
    };
    assert_eq!(files(&twice("1/day")).summary.exit_code, 0);
    assert_eq!(files(&twice("999/day")).summary.exit_code, 1);
}

/// A file of which nothing can be read fails, also where it was so before, and its repair passes.
#[test]
fn a_file_that_cannot_be_read_at_all_fails_until_it_is_repaired() {
    const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n";
    let feature = "[features.v]\nspec = \"../capacity.toml\"\nowner = \"o\"\ncalls = [{ endpoint = \"/e/\", rate = \"1/day\" }]\n";
    let with = |base: &str, head: &str| {
        let files = |text| [("capacity.toml", SOUND), ("v/capacity.toml", text)];
        compare(&files(base), &files(head), "")
    };
    for unreadable in [POINTER, "<<<<<<< ours\n", "= = =\n"] {
        let report = with(unreadable, unreadable);
        assert_eq!(report.summary.exit_code, 1, "{unreadable}");
        let report = with(feature, unreadable);
        assert_eq!(report.summary.exit_code, 1, "{unreadable}");
        let fixed = report.projects[0].findings.iter();
        assert_eq!(fixed.filter(|it| it.state == Some(State::Fixed)).count(), 0);
        let meters = today(&report).iter();
        assert_eq!(meters.filter(|it| it.verdict == Verdict::Fits).count(), 0);
        let repair = with(unreadable, feature);
        assert_eq!(repair.summary.exit_code, 0, "{unreadable}");
        assert_eq!(repair.summary.verdict, Outcome::NotFullyChecked);
    }
    assert_eq!(with(feature, feature).summary.verdict, Outcome::Passes);
}

/// What the base has and nobody can tell of the head is not fixed.
#[test]
fn nothing_is_fixed_by_what_cannot_be_read() {
    let over = replaced("max_depth = 1000", "max_depth = 0")
        .replace("rate = \"10/day\", id", "rate = \"every 1h\", id");
    let base = one(&over);
    let is_over = |report: &Report, state: Option<State>| {
        let mut findings = report.projects[0].findings.iter();
        findings.any(|it| it.subject == "queues.jobs.depth" && it.state == state)
    };
    assert!(is_over(&base, None));
    let broken = over.replace("max_depth = 0", "max_depth = \"x\"");
    assert!(!is_over(&compared(&over, &broken), Some(State::Fixed)));
    let fixed = over.replace("max_depth = 0", "max_depth = 100_000");
    assert!(is_over(&compared(&over, &fixed), Some(State::Fixed)));
}

/// Nothing grows that could not be read before: its repair is judged by limits alone. What both
/// sides cannot read hides no growth of the rest.
#[test]
fn a_repair_is_no_growth_and_an_old_error_hides_none() {
    let policy =
        "\n[policy.change]\ncredits = \"20%\"\nfeature = { percent = \"20%\", above = 10 }\n";
    let with = |text: &str| format!("{text}{policy}");
    let rules = |report: &Report| -> Vec<String> {
        let findings = report.projects[0].findings.iter();
        let new = findings.filter(|it| it.state == Some(State::New));
        let errors = new.filter(|it| it.severity.as_str() == "error");
        errors.map(|it| it.rule.clone()).collect()
    };
    let broken = |text: &str| text.replace("rate = \"1/day\", per", "rate = \"1 a day\", per");
    let sound = with(SOUND);
    let repair = compared(&broken(&sound), &sound);
    assert_eq!(rules(&repair), Vec::<String>::new());
    assert_eq!(repair.summary.verdict, Outcome::NotFullyChecked);
    let grown = sound.replace("rate = \"1/day\", per", "rate = \"4/day\", per");
    assert_eq!(
        rules(&compared(&sound, &grown)),
        ["feature-change-over-threshold"]
    );
    let second = "[features.v]\nspec = \"capacity.toml\"\nowner = \"o\"\ncalls = [{ endpoint = \"/f/\", rate = \"1/day\" }]\n";
    let both = |text: &str| text.replace("[scenarios.2x]", &format!("{second}[scenarios.2x]"));
    let repair = compared(&both(&broken(&sound)), &both(&sound));
    assert_eq!(rules(&repair), Vec::<String>::new());
    let base = both(&broken(&sound));
    let head = base.replace("rate = \"1/day\" }]", "rate = \"2/day\" }]");
    assert_eq!(
        rules(&compared(&base, &head)),
        ["feature-change-over-threshold"]
    );
}

/// What cannot be parsed may belong to anything in its file, so all of that is judged anew.
#[test]
fn broken_syntax_is_new_where_the_change_touches_its_file() {
    let feature = "[features.v]\nspec = \"../capacity.toml\"\nowner = \"o\"\ncalls = [{ endpoint = \"/e/\", rate = \"1/day\" }]\n";
    fn files([root, feature]: [&str; 2]) -> [(&'static str, &str); 2] {
        [("capacity.toml", root), ("v/capacity.toml", feature)]
    }
    let with = |base: [&str; 2], head: [&str; 2]| {
        let report = compare(&files(base), &files(head), "");
        (report.summary.exit_code, report.summary.verdict)
    };
    let broken = replaced("[tenants]", "[tenants");
    let more = broken.replace("free = 1000", "free = 9000");
    assert_eq!(with([&broken, feature], [&more, feature]).0, 1);
    let elsewhere = broken.replace("budget = 1000", "budget = 1001");
    assert_eq!(with([&broken, feature], [&elsewhere, feature]).0, 1);
    let other = feature.replace("1/day", "2/day");
    let unjudged = (0, Outcome::NotFullyChecked);
    assert_eq!(with([&broken, feature], [&broken, &other]), unjudged);
    assert_eq!(
        with([SOUND, feature], [SOUND, &other]),
        (0, Outcome::Passes)
    );
}

/// Causes sum to what they cause, or none are told.
#[test]
fn causes_of_what_cannot_be_read_sum_to_it_or_are_not_told() {
    for (from, to) in [
        ("\"10/day\" },", "\"10/day\", cache = { hit_ratio = 5 } },"),
        ("\"10/day\" },", "\"10/day\", cache = 5 },"),
        ("retention = \"90d\"", "retention = \"90\""),
        ("retention = \"90d\"", "retention = \"90d\"\ncompress = 5"),
        ("per = \"device\"", "per = \"devise\""),
        ("overage = { price = 1,", "overage = { price = \"x\","),
        ("owner = \"o\"", "owner = \"o\"\ntenants = 5"),
    ] {
        let report = compared(SOUND, &replaced(from, to));
        for change in &report.projects[0].changes {
            let told: f64 = change.attribution.iter().map(|it| it.delta).sum();
            let delta = change.delta.unwrap_or_default();
            let is_told = !change.attribution.is_empty();
            let sums = (told - delta).abs() <= 1e-9 * change.before.unwrap_or_default();
            assert!(!is_told || sums, "{to}: {} {told} of {delta}", change.meter);
        }
    }
}

/// A file that cannot be read at all does not pass, also outside of every project; what is wrong
/// with files that are not asked for is not counted.
#[test]
fn files_outside_of_every_project_are_files_too() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 12\n";
    let project = "[project]\nname = \"p\"\n";
    let files = |text: &'static str| [("p/capacity.toml", project), ("o/capacity.toml", text)];
    for (text, fails) in [(pointer, 1), ("[tenants]\nfree = 2\n", 0)] {
        let report = compare(&files(text), &files(text), "");
        assert_eq!(report.summary.exit_code, fails, "{text}");
        assert_ne!(report.summary.verdict, Outcome::Passes);
    }
    let verdict = |text: &'static str, paths: &[&str]| {
        let paths = paths.iter().map(|it| (*it).to_owned()).collect();
        let report = check_with(&files(text), |settings| settings.paths = paths);
        report.summary.verdict
    };
    assert_eq!(verdict(pointer, &["p"]), Outcome::Passes);
    assert_eq!(verdict(pointer, &[]), Outcome::Fails);
}
