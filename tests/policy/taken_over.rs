//! What newly takes over what lines ask of something that stays is judged by its limits too.

use caplint::finding::Severity;

use super::{change, diff, fails, new_of, subjects};

const RULE: &str = "limit-removed";

const BASE: &str = r#"
[project]
name = "t"
[tenants]
free = { now = 1000, 90d = 1000 }
pro = { now = 100, 90d = 100 }
[scenarios.s]
tenants = { pro = 10 }
require = "fit"
[scenarios.r]
rates = { f = 5 }
require = "fit"
[policy.change]
credits = "200%"
[apis.a]
rate_limit = "1000000/s"
plan = { credits = 1_000_000 }
[[apis.a.limits]]
id = "each"
rate = { free = "100/day", pro = "100/day" }
per = "tenant"
[apis.a.endpoints]
"/x/" = { credits = 1 }
"/y/" = { credits = 1 }
[databases.d]
engine = "postgres"
storage = "100GB"
writes = "10000/s"
[tables.t]
database = "d"
kind = "event"
row_size = "100B"
indexes = 1
retention = "90d"
partition = "day"
[queues.q]
broker = "sqs"
message_size = "1KB"
retention = "4d"
drain = "1h"
workers = { count = 1, max = 2, rate = "100/s", scale_on = "queue-depth" }
[models.m]
unit = "min"
price = 1.0
price_as_of = 2026-11-01
budget = 100000
capacity = "1G/s"
tenant_quota = { all = "1G/month" }
[features.f]
spec = "capacity.toml"
owner = "o"
calls = [{ id = "c", endpoint = "/x/", rate = "1/day", tenants = ["pro"] }]
writes = [{ id = "w", table = "t", rate = "1/day" }]
messages = [{ id = "n", queue = "q", rate = "10/day" }]
inference = [{ id = "i", model = "m", rate = "1/day", units = 1 }]
"#;

const API: &str =
    "[apis.b]\nrate_limit = \"1000000/s\"\n[apis.b.endpoints]\n\"/x/\" = { credits = 1 }\n";
const QUEUE: &str = "[queues.r]\nbroker = \"sqs\"\nmessage_size = \"1KB\"\nretention = \"4d\"\n";
const MODEL: &str =
    "[models.n]\nunit = \"min\"\ncapacity = \"1G/s\"\ntenant_quota = { all = \"1G/month\" }\n";
const DATABASE: &str = "[databases.e]\nengine = \"s3\"\nstorage = \"none\"\nwrites = \"none\"\n";

fn with(edits: &[(&str, &str)], more: &str) -> String {
    let mut text = format!("{BASE}{more}");
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

#[test]
fn a_twin_without_limits_is_judged_by_those_of_what_stays() {
    let calls = "endpoint = \"/x/\", rate = \"1/day\"";
    let inference = "model = \"m\", rate = \"1/day\"";
    for (what, line, larger, moved, twin) in [
        (
            "apis.b",
            calls,
            "endpoint = \"/x/\", rate = \"500/day\"",
            "endpoint = \"b:/x/\", rate = \"500/day\"",
            API,
        ),
        (
            "queues.r",
            "queue = \"q\", rate = \"10/day\"",
            "queue = \"q\", rate = \"100000/day\"",
            "queue = \"r\", rate = \"100000/day\"",
            QUEUE,
        ),
        (
            "models.n",
            inference,
            "model = \"m\", rate = \"9999/day\"",
            "model = \"n\", rate = \"9999/day\"",
            MODEL,
        ),
    ] {
        let control = change(BASE, &with(&[(line, larger)], ""));
        assert!(fails(&control), "{what}");
        let moved = change(BASE, &with(&[(line, moved)], twin));
        let found = subjects(&moved, RULE);
        let is_error = |(subject, severity): &(String, Severity)| {
            subject.starts_with(what) && *severity == Severity::Error
        };
        assert!(found.iter().any(is_error), "{what}: {found:?}");
    }
    let written = "table = \"t\", rate = \"1/day\"";
    let more = "table = \"t\", rate = \"50000/day\"";
    assert!(fails(&change(BASE, &with(&[(written, more)], ""))));
    let moved = with(
        &[(written, more), ("database = \"d\"", "database = \"e\"")],
        DATABASE,
    );
    let found = subjects(&change(BASE, &moved), RULE);
    assert!(
        found.contains(&("databases.e.storage".into(), Severity::Error)),
        "{found:?}"
    );
}

#[test]
fn what_takes_over_is_said_with_what_it_takes_the_place_of() {
    let moved = (
        "endpoint = \"/x/\", rate = \"1/day\"",
        "endpoint = \"b:/x/\", rate = \"500/day\"",
    );
    let report = change(BASE, &with(&[moved], API));
    let message = |subject: &str| {
        let found = new_of(&report, RULE).into_iter();
        let mut found = found.filter(|it| it.subject == subject);
        found.next().map(|it| it.message.clone())
    };
    let message = message("apis.b.plan.credits").unwrap();
    let words = "`apis.b.plan.credits`, in place of `apis.a.plan.credits`, is no longer limited";
    assert!(message.starts_with(words), "{message}");
    // What keeps its name is in no other's place.
    let dropped = with(&[("plan = { credits = 1_000_000 }\n", "")], "");
    let report = change(BASE, &dropped);
    let found = new_of(&report, RULE);
    assert!(
        found[0]
            .message
            .starts_with("`apis.a.plan.credits` is no longer")
    );
}

#[test]
fn a_part_that_stays_hides_nothing() {
    let line = "{ id = \"n\", queue = \"q\", rate = \"10/day\" }";
    let split = "{ id = \"n\", queue = \"q\", rate = \"1/day\" }, { id = \"k\", queue = \"r\", rate = \"100000/day\" }";
    let found = subjects(&change(BASE, &with(&[(line, split)], QUEUE)), RULE);
    assert!(
        found.contains(&("queues.r.drain".into(), Severity::Error)),
        "{found:?}"
    );
    // The same in another feature.
    let kept = "{ id = \"n\", queue = \"q\", rate = \"1/day\" }";
    let other = format!(
        "{QUEUE}[features.g]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
         messages = [{{ id = \"n\", queue = \"r\", rate = \"100000/day\" }}]\n"
    );
    let found = subjects(&change(BASE, &with(&[(line, kept)], &other)), RULE);
    assert!(
        found.contains(&("queues.r.drain".into(), Severity::Error)),
        "{found:?}"
    );
    // With limits of its own that hold.
    let limited = format!(
        "{QUEUE}drain = \"1h\"\nworkers = {{ count = 1, max = 99, rate = \"100/s\", scale_on = \"queue-depth\" }}\n"
    );
    let sound = change(BASE, &with(&[(line, split)], &limited));
    assert!(!fails(&sound), "{:?}", sound.projects[0].findings);
    // What nothing is taken from has no heirs.
    let beside = "{ id = \"n\", queue = \"q\", rate = \"10/day\" }, { id = \"k\", queue = \"r\", rate = \"100000/day\" }";
    let sound = change(BASE, &with(&[(line, beside)], QUEUE));
    assert!(new_of(&sound, RULE).is_empty() && !fails(&sound));
}

#[test]
fn tiers_and_features_that_are_left_behind_leave_their_scenarios() {
    let line = "{ id = \"c\", endpoint = \"/x/\", rate = \"1/day\", tenants = [\"pro\"] }";
    let control = with(
        &[("\"/x/\", rate = \"1/day\"", "\"/x/\", rate = \"80/day\"")],
        "",
    );
    assert_eq!(
        subjects(&change(BASE, &control), "scenario-over-limit").len(),
        2
    );
    let kept = "{ id = \"c\", endpoint = \"/x/\", rate = \"0.5/day\", tenants = [\"pro\"] }";
    let feature = "[features.g]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
                   calls = [{ id = \"c\", endpoint = \"/x/\", rate = \"80/day\", tenants = [\"pro2\"] }]\n";
    let moved = with(
        &[
            (line, kept),
            (
                "pro = { now = 100, 90d = 100 }",
                "pro = { now = 1, 90d = 1 }\npro2 = { now = 100, 90d = 100 }",
            ),
        ],
        feature,
    );
    let report = change(BASE, &moved);
    assert_eq!(subjects(&report, "scenario-over-limit").len(), 2);
    // Each member of the new tier has the limit of the old one.
    let broken = moved.replace("80/day", "150/day");
    let found = subjects(&change(BASE, &broken), RULE);
    let pro2 = "apis.a.limits.each.rate.pro2".to_owned();
    assert!(found.contains(&(pro2, Severity::Error)), "{found:?}");
    // A tier that keeps most of its tenants is no husk.
    let beside = with(
        &[(
            "free = { now = 1000, 90d = 1000 }",
            "free = { now = 900, 90d = 900 }\nteam = { now = 100, 90d = 100 }",
        )],
        "",
    );
    assert!(!fails(&change(BASE, &beside)));
}

#[test]
fn an_endpoint_that_is_left_behind_leaves_its_limit() {
    let limit = "[[apis.a.limits]]\nid = \"l\"\nrate = \"1000/day\"\nendpoints = [\"/x/\"]\n[apis.a.endpoints]\n";
    let limited = |text: &str| text.replace("[apis.a.endpoints]\n", limit);
    let base = limited(BASE);
    let edit = |endpoint: &str| {
        let line = format!("endpoint = \"{endpoint}\", rate = \"80/day\"");
        limited(&with(
            &[("endpoint = \"/x/\", rate = \"1/day\"", &line)],
            "",
        ))
    };
    assert!(fails(&change(&base, &edit("/x/"))));
    let new = "\"/y/\" = { credits = 1 }\n";
    let error = ("apis.a.limits.l.rate".into(), Severity::Error);
    let found = subjects(&change(&base.replace(new, ""), &edit("/y/")), RULE);
    assert!(found.contains(&error), "{found:?}");
    // One that is there has the limits on all calls, where there are any.
    assert_eq!(subjects(&change(&base, &edit("/y/")), RULE), []);
    let bare = |text: &str| {
        let text = text.replace("[apis.a]\nrate_limit = \"1000000/s\"\n", "[apis.a]\n");
        let each = "[[apis.a.limits]]\nid = \"each\"\nrate = { free = \"100/day\", pro = \"100/day\" }\nper = \"tenant\"\n";
        assert!(text.contains(each));
        text.replace(each, "")
    };
    let found = subjects(&change(&bare(&base), &bare(&edit("/y/"))), RULE);
    assert_eq!(found, [error]);
    let same = limited(&with(&[("endpoint = \"/x/\"", "endpoint = \"/y/\"")], ""));
    assert_eq!(subjects(&change(&bare(&base), &bare(&same)), RULE), []);
}

#[test]
fn where_no_name_is_kept_the_only_one_is_it() {
    let all = with(
        &[
            ("[apis.a", "[apis.b"),
            ("plan = { credits = 1_000_000 }\n", ""),
            ("\"/x/\"", "\"/z/\""),
            ("[features.f]", "[features.g]"),
            ("rates = { f = 5 }", "rates = { g = 5 }"),
            ("id = \"c\"", "id = \"k\""),
            ("rate = \"1/day\", tenants", "rate = \"500/day\", tenants"),
        ],
        "",
    );
    let found = subjects(&change(BASE, &all), RULE);
    assert!(
        found.contains(&("apis.b.plan.credits".into(), Severity::Error)),
        "{found:?}"
    );
}

#[test]
fn growth_counts_with_what_is_left() {
    let line = "endpoint = \"/x/\", rate = \"1/day\"";
    let grown = |endpoint: &str, rate: &str, more: &str| {
        let to = format!("endpoint = \"{endpoint}\", rate = \"{rate}\"");
        subjects(
            &change(BASE, &with(&[(line, &to)], more)),
            "change-over-threshold",
        )
    };
    assert_eq!(grown("/x/", "4/day", "").len(), 1);
    let planned = API.replace(
        "[apis.b.endpoints]",
        "plan = { credits = 2_000_000 }\n[apis.b.endpoints]",
    );
    assert_eq!(grown("b:/x/", "4/day", &planned).len(), 1);
    assert_eq!(grown("b:/x/", "2/day", &planned).len(), 0);
}

#[test]
fn demand_that_a_new_project_takes_over_has_left_its_own() {
    let base: &[(&str, &str)] = &[("capacity.toml", BASE)];
    let less = with(
        &[(
            "endpoint = \"/x/\", rate = \"1/day\"",
            "endpoint = \"/x/\", rate = \"0.1/day\"",
        )],
        "",
    );
    let other = "[project]\nname = \"u\"\n[tenants]\npro = 100\n[apis.a]\nrate_limit = \"1000000/s\"\n\
                 plan = { credits = 9_000_000 }\n[apis.a.endpoints]\n\"/x/\" = { credits = 1 }\n\
                 [features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
                 calls = [{ id = \"c\", endpoint = \"/x/\", rate = \"100/day\" }]\n";
    let removed = |head: &str, other: &str| {
        let head: &[(&str, &str)] = &[("capacity.toml", head), ("u/capacity.toml", other)];
        subjects(&diff(base, head), "project-removed").len()
    };
    assert_eq!(removed(&less, other), 1);
    // All names but the API's are others.
    let gone = with(
        &[(
            "calls = [{ id = \"c\", endpoint = \"/x/\", rate = \"1/day\", tenants = [\"pro\"] }]\n",
            "",
        )],
        "",
    );
    let renamed = other
        .replace("features.f", "features.h")
        .replace("id = \"c\"", "id = \"k\"");
    assert_eq!(removed(&gone, &renamed), 1);
    // A project that has nothing of it.
    let apart = other
        .replace("apis.a", "apis.z")
        .replace("features.f", "features.h");
    assert_eq!(removed(&less, &apart), 0);
    assert_eq!(removed(BASE, other), 0);
}
