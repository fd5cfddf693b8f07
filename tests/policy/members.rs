//! A limit that members have to themselves holds whatever they are called or counted per.

use caplint::finding::Severity;

use super::{change, fails, new_of, subjects};

const RULE: &str = "limit-removed";

/// The limit, which is dropped where nothing stands for it.
const LIMIT: &str = "[[apis.a.limits]]\nid = \"l\"\nrate = \"100/day\"\nper = \"acct\"\n";
const OF_TENANTS: &str = "acct = { per_tenant = 5 }\n";
const COUNTED: &str = "acct = { count = 5000 }\n";

/// A project with entities, limits of its API, and one line.
fn project(entities: &str, limits: &str, line: &str) -> String {
    format!(
        "[project]\nname = \"t\"\n[tenants]\nfree = {{ now = 1000, 90d = 1000 }}\n\
         [entities]\n{entities}[scenarios.s]\ntenants = 1\nrequire = \"report\"\n\
         [apis.a]\nrate_limit = \"1000000/s\"\nplan = {{ credits = 1_000_000_000 }}\n{limits}\
         [apis.a.endpoints]\n\"/x/\" = {{ credits = 1 }}\n\
         [features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
         calls = [{{ id = \"c\", endpoint = \"/x/\", {line} }}]\n"
    )
}

/// What of a change takes the limit away, in words.
fn lost(base: [&str; 3], head: [&str; 3]) -> Option<String> {
    let [before, after] =
        [base, head].map(|[entities, limits, line]| project(entities, limits, line));
    let report = change(&before, &after);
    let found = new_of(&report, RULE);
    let errors = found.iter().filter(|it| it.severity == Severity::Error);
    let messages: Vec<&str> = errors.map(|it| it.message.as_str()).collect();
    assert_eq!(fails(&report), !messages.is_empty(), "{:?}", report.summary);
    messages.first().map(|it| (*it).to_owned())
}

#[test]
fn a_limit_that_goes_with_its_entity_is_held_against_the_lines() {
    let base = [OF_TENANTS, LIMIT, "rate = \"10/day\", per = \"acct\""];
    let line = |rate: &str, per: &str| format!("rate = \"{rate}/day\", per = \"{per}\"");
    let decoys = "a1 = { per_tenant = 6 }\na2 = { per_tenant = 7 }\n";
    for (entities, per, [fits, breaks]) in [
        (OF_TENANTS, "acct", ["20", "200"]),
        // One stands for it, and one that nothing uses does not.
        (decoys, "a1", ["20", "200"]),
        ("", "tenant", ["100", "1000"]),
    ] {
        assert_eq!(lost(base, [entities, "", &line(fits, per)]), None, "{per}");
        let message = lost(base, [entities, "", &line(breaks, per)]).unwrap();
        assert!(message.contains("200 of 100 calls/day"), "{message}");
    }
    // Of entities that are counted apart, only their own lines count.
    let base = [COUNTED, LIMIT, "rate = \"10/day\", per = \"acct\""];
    let decoys = "a0 = { count = 5000 }\na1 = { count = 6000 }\n";
    assert_eq!(lost(base, [decoys, "", &line("20", "a1")]), None);
    let message = lost(base, [decoys, "", &line("200", "a1")]).unwrap();
    assert!(message.contains("200 of 100 calls/day"), "{message}");
}

#[test]
fn an_entity_that_is_left_behind_takes_no_limit_with_it() {
    let base = [OF_TENANTS, LIMIT, "rate = \"10/day\", per = \"acct\""];
    let husk = "acct = { per_tenant = 1000000 }\na1 = { per_tenant = 5 }\n";
    assert_eq!(
        lost(base, [husk, LIMIT, "rate = \"20/day\", per = \"a1\""]),
        None
    );
    let message = lost(base, [husk, LIMIT, "rate = \"200/day\", per = \"a1\""]).unwrap();
    assert!(
        message.contains("no longer counts what it did"),
        "{message}"
    );
}

#[test]
fn an_entity_that_is_counted_apart_now_still_has_what_tenants_use() {
    let base = [OF_TENANTS, LIMIT, "rate = \"400/day\""];
    assert_eq!(lost(base, [COUNTED, LIMIT, "rate = \"450/day\""]), None);
    let message = lost(base, [COUNTED, LIMIT, "rate = \"1000/day\""]).unwrap();
    assert!(message.contains("200 of 100 calls/day"), "{message}");
}

#[test]
fn a_line_that_no_longer_counts_against_a_limit_needs_another_one() {
    let counted = [COUNTED, LIMIT, "rate = \"10/day\", per = \"acct\""];
    let message = lost(counted, [COUNTED, LIMIT, "rate = \"1000/day\""]).unwrap();
    assert!(message.contains("counted per `tenant` now"), "{message}");
    assert_eq!(
        lost(
            counted,
            [COUNTED, LIMIT, "rate = \"11/day\", per = \"acct\""]
        ),
        None
    );

    let base = [OF_TENANTS, LIMIT, "rate = \"80/day\""];
    let once = "rate = \"90/day\", per = \"project\"";
    let message = lost(base, [OF_TENANTS, LIMIT, once]).unwrap();
    assert!(message.contains("counted per `project` now"), "{message}");
    let limited = format!("{LIMIT}[[apis.a.limits]]\nid = \"k\"\nrate = \"100/day\"\n");
    assert_eq!(lost(base, [OF_TENANTS, &limited, once]), None);
}

#[test]
fn a_renamed_entity_says_nothing() {
    let base = project(OF_TENANTS, LIMIT, "rate = \"90/day\", per = \"acct\"");
    for many in ["5", "6"] {
        let renamed = base
            .replace("acct", "a1")
            .replace("= 5 }", &format!("= {many} }}"));
        assert_eq!(subjects(&change(&base, &renamed), RULE), [], "{many}");
    }
}
