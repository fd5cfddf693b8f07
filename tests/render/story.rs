//! What is said first: what breaks soonest, how far tenants may grow, and what is not known.

use caplint::render::{Format, Options, render};
use caplint::report::Report;

use crate::support::{lint, reports};

const BASE: &str = r#"
[project]
name = "shop"
days_per_month = 30
[tenants]
pro = 100
[apis.maps]
plan = { credits = 120_000, price = 100.00 }
endpoints."/at" = { credits = 1, cacheable = false }
[apis.mail]
plan = { credits = 100_000, price = 100.00 }
endpoints."/send" = { credits = 1 }
[[features.find.calls]]
id = "at"
endpoint = "maps:/at"
rate = "30/day"
[[features.tell.calls]]
id = "send"
endpoint = "mail:/send"
rate = "20/day"
"#;

fn compared(base: &str, head: &str) -> Report {
    lint::compare(&[("capacity.toml", base)], &[("capacity.toml", head)], "")
}

fn human(report: &Report) -> String {
    let options = Options {
        width: 200,
        ..Options::default()
    };
    render(Format::Human, report, &options)
}

fn said(base: &str, head: &str) -> String {
    human(&compared(base, head))
}

fn says(out: &str, words: &str) {
    assert!(out.contains(words), "{words:?} is not said:\n{out}");
}

fn is_silent(out: &str, words: &str) {
    assert!(!out.contains(words), "{words:?} is said:\n{out}");
}

#[test]
fn nothing_is_ok_over_a_limit() {
    let over = BASE.replace("120_000", "80_000");
    let waiver = "[[waivers]]\nrule = \"over-limit\"\nsubject = \"apis.maps.credits\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2027-03-31\n";
    let out = said(&over, &format!("{over}{waiver}"));
    says(&out, "Over a limit, with a warning");
    is_silent(&out, "Capacity OK");
    // The control: the same warning where limits hold.
    let near = BASE.replace("rate = \"30/day\"", "rate = \"39/day\"");
    says(&said(BASE, &near), "Capacity OK, with a warning");
}

#[test]
fn the_verdict_is_about_the_fullest_limit() {
    let fuller = |find: &str, tell: &str| {
        let head = BASE.replace("30/day", find).replace("20/day", tell);
        said(BASE, &head)
    };
    says(
        &fuller("42/day", "70/day"),
        "Capacity check failed: `mail` credits",
    );
    says(
        &fuller("80/day", "35/day"),
        "Capacity check failed: `maps` credits",
    );
}

#[test]
fn an_unknown_value_is_no_headroom() {
    let out = said(BASE, &BASE.replace("\"30/day\"", "\"unknown\""));
    says(&out, "Headroom: 1.33× → not known.");
    says(&out, "tenants can grow to 1.66× at most (`mail` credits)");
    is_silent(&out, "You can add");
    // A value that cannot be read is none either, and has not become less.
    let out = said(BASE, &BASE.replace("30/day", "30/dya"));
    says(&out, "Headroom: 1.33× → not known.");
    says(&out, "an unknown part");
    is_silent(&out, "-90,000");
    // The control: what is known.
    let out = said(BASE, &BASE.replace("30/day", "10/day"));
    says(&out, "Headroom 1.33× → 1.66×.");
    // A limit that is over by what is known is over.
    let over = BASE
        .replace("\"30/day\"", "\"unknown\"")
        .replace("20/day", "50/day");
    says(&said(BASE, &over), "you are over one (`mail` credits)");
}

#[test]
fn less_than_a_percent_is_not_none() {
    let out = said(BASE, &BASE.replace("120_000", "90_500"));
    says(&out, "You can add less than 1% more tenants");
}

#[test]
fn a_disk_that_fills_later_is_not_full() {
    let with_disk = |retention: &str, storage: &str| {
        format!(
            "{BASE}[databases.db]\nengine = \"postgres\"\nstorage = \"{storage}\"\n\
             [tables.rows]\nkind = \"event\"\ndatabase = \"db\"\nrow_size = \"1KB\"\nexisting = \"1GB\"\n\
             retention = \"{retention}\"\npartition = \"month\"\nexpire = \"drop\"\n\
             [[features.find.writes]]\ntable = \"rows\"\nrate = \"1000/day\"\n"
        )
    };
    let out = said(&with_disk("10d", "20GB"), &with_disk("2y", "20GB"));
    says(&out, "Now `db` disk is full in ");
    is_silent(&out, "over one");
    // The control: a disk that is full now.
    let out = said(&with_disk("10d", "20GB"), &with_disk("2y", "500MB"));
    says(&out, "you are over one (`db` disk)");
}

#[test]
fn unread_declarations_are_counted_once_and_named() {
    let broken = BASE.replace("20/day", "20/dya");
    let head = broken.replace("30/day", "31/day");
    let out = said(&broken, &head);
    says(
        &out,
        "Not fully checked: 1 declaration could not be read (`features.tell.calls.0.rate`)",
    );
    let out = said(&broken, BASE);
    says(&out, "1 declaration of the base could not be read");
}

#[test]
fn growth_says_which_budgets_it_leaves_out() {
    let with = |budget: &str| {
        format!("{BASE}[budgets.total]\nbudget = {budget}\n[scenarios.\"1x\"]\ntenants = 1.1\n")
    };
    let said = |budget: &str| {
        let head = with(budget).replace("30/day", "31/day");
        let options = Options {
            verbose: true,
            ..Options::default()
        };
        render(Format::Human, &compared(&with(budget), &head), &options)
    };
    let out = said("150.00");
    says(&out, "1x fits");
    says(&out, "budgets without a `max` are not counted");
    // The control: a budget that holds.
    let out = said("400.00");
    says(&out, "1x fits");
    is_silent(&out, "are not counted");
}

#[test]
fn no_line_ends_in_spaces() {
    for width in [60, 80, 100] {
        let options = Options {
            width,
            ..Options::default()
        };
        for report in [reports::check(), reports::diff(), reports::touching(40)] {
            let out = render(Format::Human, &report, &options);
            let line = out.lines().find(|line| line.ends_with(' '));
            assert_eq!(line, None, "at {width}");
        }
    }
}
