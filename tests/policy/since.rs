//! What takes over from what only a saved report knows is judged by the limits that are in there.

use caplint::finding::Severity;
use caplint::report::{Outcome, Report};

use super::{change_since, fails, new_of, subjects};

const RULE: &str = "limit-removed";

/// A project with APIs, each with its plan and endpoint, and features, each with a line.
fn project(apis: &[(&str, &str, &str)], lines: &[(&str, &str, u32)]) -> String {
    let mut text = "[project]\nname = \"t\"\n[tenants]\nfree = { now = 1000, 90d = 1000 }\n\
                    [scenarios.s]\ntenants = 1\nrequire = \"report\"\n"
        .to_owned();
    for (name, credits, path) in apis {
        let plan = match *credits {
            "" => String::new(),
            credits => format!("plan = {{ credits = {credits} }}\n"),
        };
        text.push_str(&format!(
            "[apis.{name}]\nrate_limit = \"1000000/s\"\n{plan}[apis.{name}.endpoints]\n\
             \"{path}\" = {{ credits = 1 }}\n"
        ));
    }
    for (name, path, rate) in lines {
        text.push_str(&format!(
            "[features.{name}]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
             calls = [{{ id = \"{name}\", endpoint = \"{path}\", rate = \"{rate}/day\" }}]\n"
        ));
    }
    text
}

fn message(report: &Report) -> &str {
    new_of(report, RULE)
        .first()
        .map_or("", |it| it.message.as_str())
}

#[test]
fn a_rename_takes_no_limit_out_of_a_saved_report() {
    let base = project(&[("a", "1_000_000", "/x/")], &[("f", "/x/", 10)]);
    let plan = "1_000_000";
    for (name, path, line) in [
        ("a", "/x/", "f"),
        ("b", "/x/", "f"),
        ("b", "/z/", "f"),
        ("b", "/z/", "g"),
    ] {
        let with = |credits, rate| {
            let head = project(&[(name, credits, path)], &[(line, path, rate)]);
            change_since(&base, &head)
        };
        assert_eq!(subjects(&with(plan, 11), RULE), [], "{name}");
        let subject = format!("apis.{name}.credits");
        let severity = |severity| vec![(subject.clone(), severity)];
        assert_eq!(subjects(&with("", 11), RULE), severity(Severity::Warning));
        let breaks = with("", 100);
        assert_eq!(subjects(&breaks, RULE), severity(Severity::Error));
        let is_said = message(&breaks).contains("in place of `apis.a.credits`");
        assert_eq!(is_said, name != "a", "{}", message(&breaks));
    }
    // What is new beside it takes nothing over.
    let apis = [("a", plan, "/x/"), ("b", "", "/y/")];
    let beside = project(&apis, &[("f", "/x/", 10), ("g", "/y/", 100)]);
    assert_eq!(subjects(&change_since(&base, &beside), RULE), []);
}

#[test]
fn a_part_that_has_moved_counts_with_the_rest_of_a_saved_report() {
    let lines = |rate| [("f", "/x/", rate), ("g", "/y/", rate)];
    let one = |name: &str| {
        let both = project(&[(name, "1_000_000", "/x/")], &lines(10));
        both.replace("\"/x/\" = ", "\"/y/\" = { credits = 1 }\n\"/x/\" = ")
    };
    let moved = |rate| project(&[("a", "1_000_000", "/x/"), ("b", "", "/y/")], &lines(rate));
    assert!(!fails(&change_since(&one("a"), &moved(11))));
    let report = change_since(&one("a"), &moved(20));
    assert_eq!(
        subjects(&report, RULE),
        [("apis.b.credits".to_owned(), Severity::Error)]
    );
}

#[test]
fn what_a_saved_report_does_not_tell_is_said() {
    let plan = "1_000_000";
    let base = project(
        &[("a", plan, "/x/"), ("b", plan, "/y/")],
        &[("f", "/x/", 1), ("g", "/y/", 1)],
    );
    let other = project(
        &[("c", "", "/v/"), ("d", "", "/w/")],
        &[("k", "/v/", 1), ("l", "/w/", 1)],
    );
    let report = change_since(&base, &other);
    let reason = report.comparison.and_then(|it| it.reason).unwrap();
    assert!(reason.contains("`apis.a`"), "{reason}");
    assert_eq!(report.summary.verdict, Outcome::NotFullyChecked);
    // Where nothing comes, they are only gone.
    let gone = project(&[("b", plan, "/y/")], &[("g", "/y/", 1)]);
    let report = change_since(&base, &gone);
    assert_eq!(report.summary.verdict, Outcome::Passes);
    assert_eq!(report.comparison.and_then(|it| it.reason), None);
}

/// Whether a change passes as one that is not checked wholly, and what of cannot be told.
fn untold(report: &Report) -> Option<String> {
    let reason = report.comparison.as_ref()?.reason.clone()?;
    assert_eq!(report.summary.verdict, Outcome::NotFullyChecked);
    reason.split('`').nth(1).map(str::to_owned)
}

const MODEL: &str = "[models.a]\nprice = 0.01\nbudget = 1e6\ntenant_quota = \"10k/month\"\n";

fn with(parts: &[&str]) -> String {
    project(&[("a", "1_000_000", "/x/")], &[("f", "/x/", 10)]) + &parts.concat()
}

fn runs(model: &str, rate: u32) -> String {
    format!(
        "[features.m]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
         inference = [{{ model = \"{model}\", rate = \"{rate}/day\", units = 1 }}]\n"
    )
}

#[test]
fn a_limit_that_goes_with_its_meter_cannot_be_told() {
    let told = |base: &str, head: &str| untold(&change_since(base, head));
    let limit = "[[apis.a.limits]]\nid = \"cr\"\ncounts = \"credits\"\nrate = \"20_000/day\"\n";
    let (bare, base) = (with(&[]), with(&[limit]));
    assert_eq!(told(&base, &bare).as_deref(), Some("apis.a"));
    // In another window it is still one.
    let hourly = limit.replace("20_000/day", "1_000/h");
    assert_eq!(told(&base, &with(&[&hourly])), None);
    assert_eq!(told(&bare, &base), None);
    let capacity = "capacity = \"100/min\"\n";
    let (few, many) = (runs("a", 10), runs("a", 300));
    let base = with(&[MODEL, capacity, &few]);
    assert_eq!(
        told(&base, &with(&[MODEL, &many])).as_deref(),
        Some("models.a")
    );
    let renamed = MODEL.replace("[models.a]", "[models.a]\nunit = \"tok\"");
    assert_eq!(
        told(&base, &with(&[&renamed, &many])).as_deref(),
        Some("models.a")
    );
    assert_eq!(told(&base, &with(&[MODEL, capacity, &runs("a", 11)])), None);
    // The demand of a renamed one cannot be told either, and is not infinite.
    let other = MODEL.replace("models.a", "models.z");
    let report = change_since(&base, &with(&[&other, &runs("z", 10)]));
    assert_eq!(untold(&report).as_deref(), Some("models.a"));
    assert_eq!(subjects(&report, RULE), []);
    // What is no longer spent.
    let cheap = MODEL.replace("0.01", "0.00001");
    let head = with(&[&cheap, capacity, &few]);
    assert_eq!(told(&base, &head).as_deref(), Some("models.a"));
    let cheaper = MODEL.replace("0.01", "0.005");
    assert_eq!(told(&base, &with(&[&cheaper, capacity, &few])), None);
    let costs = |price: u32| format!("[costs.c]\nprice = {price}\n");
    let budget = "[budgets.b]\nof = [\"costs.*\"]\nbudget = 200\n";
    let base = with(&[&costs(100), budget]);
    assert_eq!(
        told(&base, &with(&[&costs(100_000)])).as_deref(),
        Some("budgets.b")
    );
    assert_eq!(told(&base, &with(&[&costs(110), budget])), None);
    let other = budget.replace("costs.*", "apis.*");
    let head = with(&[&costs(100_000), &other]);
    assert_eq!(told(&base, &head).as_deref(), Some("budgets.b"));
    assert_eq!(told(&base, &with(&[&other])), None);
}

#[test]
fn a_saved_report_tells_what_is_left_behind_and_what_is_merged() {
    let plan = "1_000_000";
    let base = with(&[]);
    let apis = [("a", plan, "/x/"), ("b", "", "/v/")];
    let both = |left: u32, rate: u32| {
        let lines = format!(
            "calls = [{{ id = \"f\", endpoint = \"/x/\", rate = \"{left}/day\" }}, \
             {{ id = \"g\", endpoint = \"/v/\", rate = \"{rate}/day\" }}]\n"
        );
        project(&apis, &[]) + "[features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\n" + &lines
    };
    let report = change_since(&base, &both(1, 99));
    let error = [("apis.b.credits".to_owned(), Severity::Error)];
    assert_eq!(subjects(&report, RULE), error);
    assert!(!fails(&change_since(&base, &both(1, 9))));
    assert!(!fails(&change_since(&base, &both(10, 99))));
    // Two are one, with the larger limit.
    let two = [("a", plan, "/x/"), ("c", "100_000_000", "/c/")];
    let base = project(&two, &[("f", "/x/", 10), ("g", "/c/", 10)]);
    let one = |credits: &str, rate| {
        let merged = project(
            &[("m", credits, "/x/")],
            &[("f", "/x/", rate), ("g", "/c/", 10)],
        );
        let merged = merged.replace("\"/x/\" = ", "\"/c/\" = { credits = 1 }\n\"/x/\" = ");
        untold(&change_since(&base, &merged))
    };
    assert_eq!(one("100_000_000", 100).as_deref(), Some("apis.a"));
    assert_eq!(one("101_000_000", 100), None);
    assert_eq!(one(plan, 1), None);
}

#[test]
fn what_goes_to_something_that_was_there_cannot_be_told() {
    let told = |base: &str, head: &str| untold(&change_since(base, head));
    // A line uses another thing that has no such limit.
    let queue = |name: &str, more: &str| {
        format!(
            "[queues.{name}]\nbroker = \"sqs\"\nmessage_size = \"1KB\"\nretention = \"4d\"\n{more}"
        )
    };
    let depth = "max_depth = 1000\ndepth = 10\n";
    let sends = |name: &str| {
        format!(
            "[features.s]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
             messages = [{{ id = \"m\", queue = \"{name}\", rate = \"1/day\" }}]\n"
        )
    };
    let queues = |more: &str| [queue("q", depth), queue("p", more)].concat();
    let [open, limited] = ["", depth].map(queues);
    assert_eq!(
        told(&with(&[&open, &sends("q")]), &with(&[&open, &sends("p")])).as_deref(),
        Some("queues.q")
    );
    let moved = with(&[&limited, &sends("p")]);
    assert_eq!(told(&with(&[&limited, &sends("q")]), &moved), None);
    // Tables are in databases that a report does not name.
    let data = |of_t: &str, rows: u32, of_e: &str| {
        let table = |name: &str, database: &str, rows: u32| {
            format!(
                "[tables.{name}]\ndatabase = \"{database}\"\nkind = \"state\"\n\
                 row_size = \"1KB\"\nrows = {rows}\nindexes = 1\n"
            )
        };
        let databases = format!(
            "[databases.d]\nstorage = \"1GB\"\nwrites = \"none\"\n\
             [databases.e]\nstorage = {of_e}\nwrites = \"none\"\n"
        );
        with(&[
            &databases,
            &table("t", of_t, rows),
            &table("u", "d", 10),
            &table("v", "e", 10),
        ])
    };
    let none = "\"none\"";
    let base = data("d", 100, none);
    let told = |head: &str| told(&base, head);
    assert_eq!(told(&data("e", 2000, none)).as_deref(), Some("databases.d"));
    assert_eq!(told(&data("e", 100, none)), None);
    assert_eq!(told(&data("e", 2000, "\"1TB\"")), None);
    assert_eq!(told(&data("d", 50, none)), None);
}
