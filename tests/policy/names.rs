//! What the base's policy and scenarios name does not drop out under another name.

use super::{ROOT, change, fails, feature, new_of, subjects};

const THRESHOLD: &str = "change-over-threshold";
const FEATURE: &str = "feature-change-over-threshold";
const MISFIT: &str = "scenario-over-limit";
const LOOSER: &str = "policy-loosened";

/// A project whose scenario has these keys, and has to fit.
fn with(scenario: &str, feature: &str) -> String {
    let root = ROOT
        .replace("\"report\"", "\"fit\"")
        .replace("credits = \"20%\"", "");
    format!("{}{feature}", root.replace("tenants = 2", scenario))
}

#[test]
fn a_scenario_sets_what_is_renamed() {
    let set = |path: &str| format!("tenants = 1\nset = {{ \"{path}\" = \"90%\" }}");
    let base = with(&set("apis.a.retry_ratio"), &feature("x", "10/day"));
    let renamed = |rate, scenario: &str| {
        with(scenario, &feature("x", rate))
            .replace("apis.a]", "apis.b]")
            .replace("apis.a.end", "apis.b.end")
    };
    for scenario in [&set("apis.b.retry_ratio"), "tenants = 1"] {
        assert_eq!(
            subjects(&change(&base, &renamed("15/day", scenario)), MISFIT).len(),
            1
        );
        assert_eq!(
            subjects(&change(&base, &renamed("10/day", scenario)), MISFIT),
            []
        );
    }
    let loosened =
        |scenario: &str| subjects(&change(&base, &renamed("10/day", scenario)), LOOSER).len();
    assert_eq!(loosened(&set("apis.b.retry_ratio")), 0);
    assert_eq!(loosened("tenants = 1"), 1);
    // The control: without the rename.
    let grown = with(&set("apis.a.retry_ratio"), &feature("x", "15/day"));
    assert_eq!(subjects(&change(&base, &grown), MISFIT).len(), 1);
}

#[test]
fn a_scenario_sets_lines_endpoints_and_tiers_that_are_renamed() {
    let set = |path: &str, value: &str| {
        format!(
            "tenants = 1\nset = {{ {} = {value} }}",
            toml::Value::from(path)
        )
    };
    let line = feature("x", "10/day").replace("endpoint", "id = \"l\", endpoint");
    let cases = [
        ("features.x.calls.l.rate", "\"21/day\"", "\"l\"", "\"m\""),
        (
            "features.x.calls.l.rate",
            "\"21/day\"",
            "features.x",
            "features.z",
        ),
        ("apis.a.endpoints.\"/e/\".credits", "3", "/e/", "/f/"),
        ("tenants.free", "3000", "free =", "paid ="),
    ];
    for (path, value, old, new) in cases {
        let base = with(&set(path, value), &line);
        let fits = with(&set(path, value), &line).replace("600_000", "900_000");
        let renamed = |text: &str| {
            with("tenants = 1", &line)
                .replace(old, new)
                .replace("600_000", text)
        };
        let report = change(&fits, &renamed("600_000"));
        assert_eq!(subjects(&report, MISFIT).len(), 1, "{path} {new}");
        assert_eq!(subjects(&report, LOOSER).len(), 1, "{path} {new}");
        // The control: what the base's scenario says of what has kept its name.
        let control = with("tenants = 1", &line);
        assert_eq!(
            subjects(&change(&fits, &control), MISFIT).len(),
            1,
            "{path}"
        );
        // What is gone sets nothing.
        assert!(!fails(&change(&base, &base)), "{path}");
    }
}

#[test]
fn what_a_scenario_sets_may_go_and_is_said_to_where_something_comes() {
    let other = "[apis.z]\nrate_limit = \"9/s\"\nplan = { credits = 900_000, price = 1 }\n\
                 [apis.z.endpoints]\n\"/z/\" = { credits = 1 }\n";
    let set = "tenants = 1\nset = { \"apis.z.retry_ratio\" = \"9%\" }";
    let x = feature("x", "10/day");
    let base = format!("{}{other}", with(set, &x));
    let gone = with("tenants = 1", &x);
    assert_eq!(subjects(&change(&base, &gone), LOOSER), []);
    // Of one that comes it would be known that it is that.
    let come = format!(
        "{gone}{}{}",
        other.replace('z', "y"),
        other.replace('z', "w")
    );
    let report = change(&base, &come);
    let found = new_of(&report, LOOSER);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .message
            .contains("has no effect on `apis.z.retry_ratio`")
    );
}

#[test]
fn rates_follow_features_by_what_their_lines_use() {
    let line = |name: &str, id: &str, rate: &str| {
        feature(name, rate).replace("endpoint", &format!("id = \"{id}\", endpoint"))
    };
    let base = with("rates = { x = 2 }", &line("x", "l", "9/day"));
    let head = |scenario, rate| with(scenario, &line("n", "m", rate));
    for (scenario, looser) in [("tenants = 1", 1), ("rates = { n = 2 }", 0)] {
        let report = change(&base, &head(scenario, "11/day"));
        assert_eq!(subjects(&report, MISFIT).len(), 1, "{scenario}");
        assert_eq!(subjects(&report, LOOSER).len(), looser, "{scenario}");
        assert_eq!(
            subjects(&change(&base, &head(scenario, "9/day")), MISFIT),
            []
        );
    }
    // One that is gone is not multiplied, and where it may be another one that is said.
    let two = format!("{}{}", line("x", "l", "9/day"), feature("y", "1/day"));
    let two = with("rates = { x = 2 }", &two);
    assert_eq!(
        subjects(
            &change(&two, &with("tenants = 1", &feature("y", "1/day"))),
            LOOSER
        ),
        []
    );
    let moved = feature("y", "1/day").replace(
        " }]",
        " }, { id = \"l\", endpoint = \"/e/\", rate = \"9/day\" }]",
    );
    assert_eq!(
        subjects(&change(&two, &with("tenants = 1", &moved)), LOOSER).len(),
        1
    );
}

#[test]
fn what_comes_is_held_against_what_goes() {
    let policy = |text: &str| {
        text.replace(
            "credits = \"20%\"",
            "credits = \"20%\"\nrate = \"20%\"\nfeature = \"40%\"",
        )
    };
    let project = |api: &str, path: &str, name: &str, rate: &str| {
        let root = policy(ROOT)
            .replace("apis.a", &format!("apis.{api}"))
            .replace("/e/", path);
        format!("{root}{}", feature(name, rate).replace("/e/", path))
    };
    let base = project("a", "/e/", "x", "5/day");
    let all = |rate: &str| change(&base, &project("b", "/f/", "n", rate));
    let grown = all("12/day");
    assert_eq!(
        subjects(&grown, THRESHOLD)
            .iter()
            .map(|it| &*it.0)
            .collect::<Vec<_>>(),
        ["apis.b.credits", "apis.b.rate.min"]
    );
    assert_eq!(subjects(&grown, FEATURE).len(), 1);
    assert!(
        new_of(&grown, THRESHOLD)[0]
            .message
            .contains("in place of `apis.a.credits`")
    );
    for rate in ["5/day", "5.9/day"] {
        let report = all(rate);
        assert_eq!(subjects(&report, THRESHOLD), [], "{rate}");
        assert_eq!(subjects(&report, FEATURE), [], "{rate}");
    }
    // In another window too.
    let window =
        |rate: &str| project("b", "/f/", "n", rate).replace("\"100000/min\"", "\"2000/s\"");
    assert_eq!(subjects(&change(&base, &window("5/day")), THRESHOLD), []);
    assert_eq!(
        subjects(&change(&base, &window("12/day")), THRESHOLD).len(),
        2
    );
    // What comes while nothing goes is new, and so is what goes while nothing comes.
    let beside = project("b", "/f/", "n", "20/day");
    let beside = beside.split_once("[apis.b]").unwrap().1;
    let (beside, _) = beside.split_once("[scenarios").unwrap();
    let both = format!(
        "{base}[apis.b]{beside}{}",
        feature("n", "9/day").replace("/e/", "/f/")
    );
    assert_eq!(subjects(&change(&base, &both), THRESHOLD), []);
    assert_eq!(subjects(&change(&both, &base), THRESHOLD), []);
    // In pieces it is no less.
    let pieces = |rate: &str| {
        let more = feature("o", rate).replace("/e/", "/f/");
        format!("{}{more}", project("b", "/f/", "n", rate))
    };
    assert_eq!(subjects(&change(&base, &pieces("4/day")), FEATURE).len(), 1);
    assert_eq!(subjects(&change(&base, &pieces("2.5/day")), FEATURE), []);
}

#[test]
fn a_pure_rename_of_a_tier_or_a_scenario_takes_nothing_away() {
    let project = |tier: &str, scenario: &str, quota: &str| {
        let quota = if quota.is_empty() {
            String::new()
        } else {
            format!("tenant_quota = {{ {tier} = {{ input = \"{quota}\" }} }}\n")
        };
        format!(
            "[tenants]\n{tier} = {{ now = 1000, 90d = 1000 }}\n[models.m]\n\
             price = {{ per = 1_000_000, input = 3.00 }}\nprice_as_of = 2026-11-01\nbudget = 1000000\n\
             capacity = {{ input = \"200M/min\" }}\n{quota}[scenarios.{scenario}]\nrequire = \"fit\"\n\
             tenants = {{ {tier} = 2 }}\n[features.x]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
             inference = [{{ model = \"m\", rate = \"5/day\", units = 2000 }}]\n"
        )
    };
    let base = project("free", "s", "3M/month");
    for (tier, scenario) in [("basic", "s"), ("free", "same"), ("basic", "same")] {
        let report = change(&base, &project(tier, scenario, "3M/month"));
        for rule in ["limit-removed", "limit-raised", LOOSER] {
            assert_eq!(subjects(&report, rule), [], "{tier} {scenario}");
        }
        // What is looser under the new name is.
        let raised = change(&base, &project(tier, scenario, "9M/month"));
        assert_eq!(
            subjects(&raised, "limit-raised").len(),
            1,
            "{tier} {scenario}"
        );
        let removed = change(&base, &project(tier, scenario, ""));
        assert_eq!(
            subjects(&removed, "limit-removed").len(),
            1,
            "{tier} {scenario}"
        );
        let milder = project(tier, scenario, "3M/month").replace("= 2 }", "= 1 }");
        assert_eq!(
            subjects(&change(&base, &milder), LOOSER).len(),
            1,
            "{tier} {scenario}"
        );
    }
    // A tier that goes takes its quota along.
    let two = base.replace("[models.m]", "pro = 10\n[models.m]");
    let two = two.replace(
        "{ free = { input",
        "{ pro = { input = \"9M/month\" }, free = { input",
    );
    assert_eq!(subjects(&change(&two, &base), "limit-removed"), []);
}

#[test]
fn what_was_unknown_is_no_growth_of_its_feature() {
    let policy = ROOT.replace(
        "credits = \"20%\"",
        "feature = { percent = \"20%\", above = 100_000 }",
    );
    let project = |one: &str, other: &str| {
        let line = format!(" }}, {{ id = \"o\", endpoint = \"/e/\", rate = \"{other}\" }}]");
        format!("{policy}{}", feature("x", one).replace(" }]", &line))
    };
    let grows = |base: &str, head: &str| subjects(&change(base, head), FEATURE).len();
    let unknown = project("5/day", "unknown");
    assert_eq!(grows(&unknown, &project("5/day", "9/day")), 0);
    // The rest of it may grow all the same, and what is new is.
    assert_eq!(grows(&unknown, &project("19/day", "9/day")), 1);
    let alone = format!("{policy}{}", feature("x", "5/day"));
    assert_eq!(grows(&alone, &project("5/day", "9/day")), 1);
}
