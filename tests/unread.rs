//! What could not be read counts as unknown: no limit holds that was not judged, nothing is fixed by
//! it, and no change hides behind an error that was there before.

mod compared;

use caplint::report::{Meter, Report, Verdict};

use crate::support::lint::check;

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
