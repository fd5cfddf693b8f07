//! What could not be read counts as unknown: no limit holds that was not judged, nothing is fixed by
//! it, and no change hides behind an error that was there before.

use caplint::report::{Meter, Outcome, Report, State, Verdict};

use crate::support::lint::{check, check_with, compare};

const SOUND: &str = r#"
[project]
name = "t"

[tenants]
free = 1000
pro = 100

[entities]
device = { per_tenant = 3 }

[apis.a]
rate_limit = "100000/min"
retry_ratio = 0.1
plan = { credits = 600_000, price = 10 }
overage = { price = 1, per = 1000 }
budget = 100

[apis.a.endpoints]
"/e/" = { credits = 1, cacheable = false }

[apis.b]
rate_limit = "1000/min"
plan = { credits = 600_000, price = 10 }
packs = [{ name = "s", credits = 1000, price = 5, max = 3 }]
budget = 100

[apis.b.endpoints]
"/f/" = { credits = 1, cacheable = false }

[databases.main]
engine = "postgres"
storage = "1TB"
writes = "1000/s"

[tables.rows]
kind = "event"
row_size = "4KB"
retention = "90d"
indexes = 1
max_size = "900GB"

[queues.jobs]
broker = "kafka"
message_size = "1KB"
retention = "7d"
partitions = 10
replay = 5
replication = 3
storage = "1TB"
max_depth = 1000
drain = "5m"
workers = { count = 5, max = 10, rate = "10/s" }

[models.m]
unit = "token"
price = 0.001
budget = 1000
capacity = "1000/min"
tenant_quota = { all = "100/month" }

[features.w]
spec = "capacity.toml"
owner = "o"
calls = [
  { endpoint = "/e/", rate = "10/day" },
  { endpoint = "/f/", rate = "1/day", per = "device" },
]
writes = [{ table = "rows", rate = "24/day" }]
messages = [{ queue = "jobs", rate = "10/day", id = "job" }]
inference = [{ model = "m", after = "job", units = 2 }]

[scenarios.2x]
tenants = 2
require = "report"
"#;

fn one(text: &str) -> Report {
    check(&[("capacity.toml", text)], "")
}

fn replaced(from: &str, to: &str) -> String {
    assert_eq!(SOUND.matches(from).count(), 1, "{from}");
    SOUND.replace(from, to)
}

fn today(report: &Report) -> &[Meter] {
    &report.projects[0].meters
}

/// The ids of the meters that a broken text leaves as lower bounds, without a limit that is known,
/// or out.
fn reached(text: &str) -> Vec<String> {
    let (sound, broken) = (one(SOUND), one(text));
    assert_eq!(broken.summary.exit_code, 1, "{text}");
    let now = today(&broken);
    let is_reached = |meter: &&Meter| {
        let other = now.iter().find(|other| other.id == meter.id);
        other.is_none_or(|other| other.lower_bound || other.limit != meter.limit)
    };
    let reached: Vec<&Meter> = today(&sound).iter().filter(is_reached).collect();
    for meter in &reached {
        let other = now.iter().find(|other| other.id == meter.id);
        if let Some(other) = other {
            assert_ne!(other.verdict, Verdict::Fits, "{}: {text}", meter.id);
        }
    }
    reached.iter().map(|meter| meter.id.to_string()).collect()
}

const CREDITS_OF_A: [&str; 3] = ["apis.a.credits", "apis.a.rate.min", "apis.a.spend"];
const OF_B: [&str; 3] = ["apis.b.credits", "apis.b.rate.min", "apis.b.spend"];

/// Each error reaches these meters, and no others.
#[test]
fn an_error_reaches_what_depends_on_it_and_nothing_else() {
    let storage = ["databases.main.storage", "tables.rows.storage"];
    let rows = [
        "databases.main.storage",
        "databases.main.writes",
        "tables.rows.storage",
    ];
    let cases: &[(&str, &str, &[&str])] = &[
        (r#""10/day" },"#, r#""10 a day" },"#, &CREDITS_OF_A),
        (
            r#"rate = "10/day" },"#,
            r#"rtae = "10/day" },"#,
            &CREDITS_OF_A,
        ),
        (r#""10/day" },"#, r#""10/day", cache = 5 },"#, &CREDITS_OF_A),
        (
            r#""10/day" },"#,
            r#""10/day", peak = "x" },"#,
            &CREDITS_OF_A,
        ),
        (
            r#""10/day" },"#,
            r#""10/day", tenants = ["fre"] },"#,
            &CREDITS_OF_A,
        ),
        (
            r#""10/day" },"#,
            r#""10/day", colour = 1 },"#,
            &CREDITS_OF_A,
        ),
        ("retry_ratio = 0.1", "retry_ratio = \"x\"", &CREDITS_OF_A),
        ("retry_ratio = 0.1", "colour = 1", &CREDITS_OF_A),
        (
            "\"/e/\" = { credits = 1,",
            "\"/e/\" = { credits = \"x\",",
            &["apis.a.credits", "apis.a.spend"],
        ),
        (
            "overage = { price = 1,",
            "overage = { price = \"x\",",
            &["apis.a.spend"],
        ),
        ("packs = [{ name", "packs = [5, { name", &["apis.b.spend"]),
        (
            "rate_limit = \"100000/min\"",
            "rate_limit = \"100000\"",
            &["apis.a.rate.min"],
        ),
        ("per = \"device\"", "per = \"devise\"", &OF_B),
        ("per_tenant = 3", "per_tenant = \"x\"", &OF_B),
        (
            "storage = \"1TB\"\nwrites",
            "storage = 1 TB\nwrites",
            &["databases.main.storage"],
        ),
        (
            "writes = \"1000/s\"",
            "writes = \"1000\"",
            &["databases.main.writes"],
        ),
        ("row_size = \"4KB\"", "row_size = \"4 k\"", &storage),
        ("retention = \"90d\"", "retention = \"90\"", &storage),
        ("indexes = 1", "indexes = \"x\"", &["databases.main.writes"]),
        ("kind = \"event\"", "kind = \"evnt\"", &rows),
        ("table = \"rows\"", "table = \"rose\"", &rows),
        (
            "max_size = \"900GB\"",
            "max_size = \"x\"",
            &["tables.rows.storage"],
        ),
        (
            "retention = \"7d\"",
            "retention = \"x\"",
            &["queues.jobs.retained"],
        ),
        (
            "partitions = 10",
            "partitions = \"x\"",
            &["queues.jobs.throughput"],
        ),
        ("drain = \"5m\"", "drain = \"5\"", &["queues.jobs.drain"]),
        (
            "max = 10, rate",
            "max = \"x\", rate",
            &[
                "queues.jobs.depth",
                "queues.jobs.drain",
                "queues.jobs.workers",
            ],
        ),
        ("budget = 1000", "budget = \"x\"", &["models.m.spend"]),
        ("price = 0.001", "price = \"x\"", &["models.m.spend"]),
        (
            "after = \"job\"",
            "after = \"jab\"",
            &["models.m.rate.token.min", "models.m.spend"],
        ),
        ("owner = \"o\"", "owner = 5", &[]),
        ("engine = \"postgres\"", "engine = \"postgress\"", &[]),
    ];
    for (from, to, expected) in cases {
        // What is spent on anything is part of what is spent in total; its budget is not.
        let is_spend = |meter: &&str| meter.ends_with(".spend") && !from.starts_with("budget");
        let total = expected.iter().any(is_spend);
        let mut expected = expected.to_vec();
        expected.extend(total.then_some("budgets.total.spend"));
        expected.sort_unstable();
        assert_eq!(reached(&replaced(from, to)), expected, "{from} -> {to}");
    }
}

/// What stands for everything reaches everything.
#[test]
fn an_error_that_may_be_about_anything_reaches_everything() {
    let all: Vec<String> = today(&one(SOUND))
        .iter()
        .map(|meter| meter.id.to_string())
        .collect();
    for (from, to) in [
        ("[tenants]", "[tenants"),
        ("[tenants]", "[tenats]"),
        ("name = \"t\"", "name = \"t\"\npeak = 0"),
        ("[features.w]", "[features.w]\n[features.w]"),
        ("[features.w]", "[features]\nv = 5\n[features.w]"),
        ("[features.w]", "[featurs.v]\ncalls = []\n[features.w]"),
    ] {
        assert_eq!(reached(&replaced(from, to)), all, "{from} -> {to}");
    }
}

#[test]
fn a_limit_that_cannot_be_read_is_null_and_unknown() {
    let broken = one(&replaced(
        "storage = \"1TB\"\nwrites",
        "storage = \"1 disk\"\nwrites",
    ));
    let meter = |id: &str| today(&broken).iter().find(|it| &*it.id == id).unwrap();
    let disk = meter("databases.main.storage");
    assert_eq!((disk.limit, disk.verdict), (None, Verdict::Unknown));
    assert!(!disk.lower_bound);
    assert_eq!(broken.projects[0].verdict, Verdict::Unknown);
    assert_eq!(meter("databases.main.writes").verdict, Verdict::Fits);
    // An overage would take the plan's limit away.
    let broken = one(&replaced(
        "overage = { price = 1",
        "overage = { price = \"x\"",
    ));
    let credits = today(&broken).iter().find(|it| &*it.id == "apis.a.credits");
    let credits = credits.unwrap();
    assert_eq!((credits.limit, credits.verdict), (None, Verdict::Unknown));
}

/// At least what can be read is asked for: what is over is over.
#[test]
fn what_is_over_without_the_unread_is_over() {
    let text = replaced(
        "budget = 100\n\n[apis.a.endpoints]",
        "budget = 1\n\n[apis.a.endpoints]",
    );
    let text = text.replace("retry_ratio = 0.1", "retry_ratio = \"x\"");
    let report = one(&text);
    let over = |rule: &str| {
        let mut findings = report.projects[0].findings.iter();
        findings.any(|it| it.rule == rule && it.subject == "apis.a.spend")
    };
    assert!(over("over-limit"));
    assert!(!over("lower-bound"), "the error says it");
}

/// What the parser makes of words that it cannot read is no value.
#[test]
fn nothing_is_over_by_what_the_parser_made_up() {
    let text = replaced(
        "plan = { credits = 600_000, price = 10 }\noverage",
        "plan = { credits = 600 000, price = 10 }\noverage",
    );
    let report = one(&text);
    let spend = today(&report).iter().find(|it| &*it.id == "apis.a.spend");
    assert_eq!(spend.unwrap().verdict, Verdict::Unknown);
}

#[test]
fn a_scenario_that_cannot_be_read_fits_nothing() {
    for (from, to) in [
        ("tenants = 2\n", "tenants = \"2\"\n"),
        ("tenants = 2\n", "set = { \"apis.a.x\" = 2 }\n"),
        ("tenants = 2\n", "rates = { v = 2 }\n"),
    ] {
        let report = one(&replaced(from, to));
        let scenario = &report.projects[0].scenarios[0];
        let fits = |meter: &&Meter| meter.verdict == Verdict::Fits;
        assert_eq!(scenario.meters.iter().filter(fits).count(), 0, "{to}");
        assert!(today(&report).iter().any(|meter| fits(&meter)), "{to}");
    }
    let sound = one(SOUND);
    let scenario = &sound.projects[0].scenarios[0];
    assert!(scenario.meters.iter().any(|it| it.verdict == Verdict::Fits));
}

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

/// More rows may come to the rollups of a table that a line that cannot be read writes to, and to
/// those that stand on each other.
#[test]
fn rollups_have_the_rows_of_what_they_stand_on() {
    let rollups = "[tables.daily]\nkind = \"rollup\"\nfrom = \"rows\"\nratio = 0.1\nrow_size = \"1KB\"\nretention = \"1y\"\nmax_size = \"1GB\"\n\
                   [tables.monthly]\nkind = \"rollup\"\nfrom = \"daily\"\nratio = 0.1\nrow_size = \"1KB\"\nretention = \"1y\"\nmax_size = \"1GB\"\n[queues.jobs]";
    let sound = replaced("[queues.jobs]", rollups);
    let unknown = |text: &str| -> Vec<String> {
        let report = one(text);
        let tables = today(&report)
            .iter()
            .filter(|it| it.id.starts_with("tables."));
        let unknown = tables.filter(|it| it.verdict == Verdict::Unknown);
        unknown.map(|it| it.id.to_string()).collect()
    };
    assert_eq!(unknown(&sound), Vec::<String>::new());
    for (from, to, expected) in [
        (
            "table = \"rows\"",
            "table = \"rose\"",
            &["daily", "monthly", "rows"][..],
        ),
        (
            "rate = \"24/day\"",
            "rate = \"24 a day\"",
            &["daily", "monthly", "rows"],
        ),
        (
            "from = \"rows\"",
            "from = \"monthly\"",
            &["daily", "monthly"],
        ),
        ("row_size = \"4KB\"", "row_size = \"4 k\"", &["rows"]),
    ] {
        let expected: Vec<String> = expected
            .iter()
            .map(|name| format!("tables.{name}.storage"))
            .collect();
        assert_eq!(unknown(&sound.replace(from, to)), expected, "{to}");
    }
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

/// The limit of a model that cannot be read is unknown, and so is the demand in its window.
#[test]
fn a_capacity_that_can_not_be_read_leaves_a_meter() {
    let sound = SOUND.replace(
        "[scenarios.2x]",
        "[features.v]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
         inference = [{ model = \"m\", rate = \"864/day\", units = 10 }]\n[scenarios.2x]",
    );
    let rates = |text: &str| -> Vec<Meter> {
        let report = one(text);
        let of_model = |meter: &&Meter| meter.id.starts_with("models.m.rate.");
        today(&report).iter().filter(of_model).cloned().collect()
    };
    let [known] = &rates(&sound)[..] else {
        panic!("there is one rate");
    };
    assert_eq!(
        (&*known.id, known.limit),
        ("models.m.rate.token.min", Some(1000.0))
    );
    for capacity in ["\"1000 a minute\"", "{ token = \"1000\" }", "5"] {
        let broken =
            rates(&sound.replace("capacity = \"1000/min\"", &format!("capacity = {capacity}")));
        let [unknown] = &broken[..] else {
            panic!("{capacity}: {broken:?}");
        };
        assert_eq!(unknown.verdict, Verdict::Unknown, "{capacity}");
        assert_eq!(unknown.limit, None);
        assert!(unknown.lower_bound);
    }
    // Without a capacity, and with one that is read, there is no such meter.
    let without = sound.replace("capacity = \"1000/min\"\n", "");
    assert_eq!(rates(&without).len(), 0);
    let broken = rates(&sound.replace("rate = \"864/day\"", "rate = \"x\""));
    assert_eq!(broken.len(), 1);
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
