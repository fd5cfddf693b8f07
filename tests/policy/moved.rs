//! Demand that only changes its line, its feature or its table is the demand that it was.

use caplint::finding::Severity;

use super::{change, fails, new_of, subjects};

/// Features, each with its calls: the id, the endpoint and how often a day.
type Features<'a> = &'a [(&'a str, &'a [(&'a str, &'a str, f64)])];

/// Features with calls of `a` and of `b`, and what else is declared.
fn project(more: &str, features: Features<'_>) -> String {
    let mut text = "[project]\nname = \"t\"\n[tenants]\nfree = { now = 1000, 90d = 1000 }\n\
                    [apis.a]\nrate_limit = \"1M/s\"\nplan = { credits = 1_000_000 }\n\
                    [apis.a.endpoints]\n\"/x/\" = { credits = 1 }\n\"/y/\" = { credits = 2 }\n\
                    [apis.b]\nrate_limit = \"1M/s\"\n[apis.b.endpoints]\n\
                    \"/p/\" = { credits = 1 }\n"
        .to_owned();
    text.push_str(more);
    for (name, lines) in features {
        let lines = lines.iter().map(|(id, path, rate)| {
            format!("{{ id = \"{id}\", endpoint = \"{path}\", rate = \"{rate}/day\" }}")
        });
        let lines: Vec<String> = lines.collect();
        text.push_str(&format!(
            "[features.{name}]\nspec = \"capacity.toml\"\nowner = \"o\"\ncalls = [{}]\n",
            lines.join(", ")
        ));
    }
    text
}

const TIMES: &str = "[scenarios.r]\nrates = { f = 3 }\nrequire = \"fit\"\n";

#[test]
fn what_moves_to_another_feature_is_multiplied_as_it_was() {
    let project = |features: Features<'_>| project(TIMES, features);
    let base = project(&[
        ("f", &[("c", "/x/", 5.0), ("k", "/y/", 0.1)]),
        ("g", &[("z", "/x/", 0.5)]),
    ]);
    let left = ("k", "/y/", 0.1);
    // 30,000 credits for each a day, three times as many of `f`.
    let moved = |rate: f64| {
        let (new, husk) = (("c", "/x/", rate), ("c", "/x/", 0.05));
        let (old, all) = (("z", "/x/", 0.5), ("z", "/x/", rate + 0.5));
        [
            project(&[("f", &[("c", "/x/", rate), left]), ("g", &[old])]),
            project(&[("f", &[left]), ("g", &[new, old])]),
            project(&[("f", &[husk, left]), ("g", &[new, old])]),
            project(&[("f", &[left]), ("g", &[all])]),
            project(&[("f", &[husk, left]), ("g", &[all])]),
            project(&[("f", &[left]), ("g", &[old]), ("h", &[new])]),
        ]
    };
    for (head, grown) in moved(5.0).iter().zip(moved(14.0)) {
        assert!(!fails(&change(&base, head)), "{head}");
        let found = subjects(&change(&base, &grown), "scenario-over-limit");
        assert_eq!(
            found,
            [("scenarios.r".to_owned(), Severity::Error)],
            "{grown}"
        );
    }
    // What was in `g` is not multiplied.
    let other = project(&[
        ("f", &[("c", "/x/", 5.0), left]),
        ("g", &[("z", "/x/", 14.0)]),
    ]);
    assert!(!fails(&change(&base, &other)));
    // From now on it is not: that is said.
    let said = |head: &str| {
        let report = change(&base, head);
        let found = new_of(&report, "policy-loosened").into_iter();
        found.map(|it| it.message.clone()).collect::<Vec<_>>()
    };
    let [kept, into, ..] = moved(5.0);
    let message = said(&into).concat();
    assert!(
        message.contains("goes from 3× to 1× for `features.g.calls.c`"),
        "{message}"
    );
    assert_eq!(said(&kept), Vec::<String>::new());
}

#[test]
fn what_a_scenario_sets_goes_to_another_feature_with_its_line() {
    let project = |set: &str, features: Features<'_>| {
        project(
            &format!("[scenarios.r]\n{set}\nrequire = \"fit\"\n"),
            features,
        )
    };
    let set = "set = { \"features.f.calls.c.rate\" = \"20/day\" }";
    let (c, k) = (("c", "/x/", 5.0), ("k", "/y/", 1.0));
    let z = |rate| ("z", "/x/", rate);
    let base = project(set, &[("f", &[c, k]), ("g", &[z(1.0)])]);
    let fails = |head: &str| fails(&change(&base, head));
    assert!(fails(&project(set, &[("f", &[c, k]), ("g", &[z(15.0)])])));
    let dropped = "tenants = 1";
    for line in ["c", "l"] {
        let moved = |rate| {
            let line = (line, "/x/", 5.0);
            project(dropped, &[("f", &[k]), ("g", &[line, z(rate)])])
        };
        assert!(fails(&moved(15.0)), "{line}");
        assert!(!fails(&moved(1.0)), "{line}");
    }
    // Where it only goes, nothing asks for it any more.
    assert!(!fails(&project(dropped, &[("f", &[k]), ("g", &[z(1.0)])])));
}

#[test]
fn a_line_that_moves_is_no_growth_of_its_feature() {
    for policy in ["\"50%\"", "{ percent = \"50%\", above = 1_000 }"] {
        let policy = format!("[policy.change]\nfeature = {policy}\n");
        let project = |features: Features<'_>| project(&policy, features);
        let f = |rate| ("c", "/x/", rate);
        let base = project(&[
            ("f", &[f(4.0), ("k", "/y/", 1.0)]),
            ("g", &[("z", "/x/", 1.0)]),
        ]);
        let (k, z) = (("k", "/y/", 1.0), ("z", "/x/", 1.0));
        let found = |features: Features<'_>| {
            let report = change(&base, &project(features));
            let found = new_of(&report, "feature-change-over-threshold").into_iter();
            found.map(|it| it.message.clone()).collect::<Vec<_>>()
        };
        let none = Vec::<String>::new();
        for rate in [4.0, 5.0] {
            assert_eq!(found(&[("f", &[k]), ("g", &[f(rate), z])]), none);
            assert_eq!(
                found(&[("f", &[f(2.0), k]), ("g", &[f(rate - 2.0), z])]),
                none
            );
            assert_eq!(
                found(&[("f", &[f(3.0), k]), ("g", &[z]), ("h", &[f(rate - 3.0)])]).len(),
                usize::from(rate > 4.0 && policy.contains("above"))
            );
        }
        assert_eq!(found(&[("f", &[k]), ("g", &[f(12.0), z])]).len(), 1);
        assert_eq!(found(&[("f", &[f(4.0), k]), ("g", &[f(4.0), z])]).len(), 1);
    }
}

#[test]
fn a_feature_that_had_no_credits_is_not_called_new() {
    let policy = "[policy.change]\nfeature = { percent = \"50%\", above = 1_000 }\n";
    let writes = "[databases.d]\n[tables.t]\nkind = \"state\"\nrow_size = 1\nrows = 1\n";
    let with = |calls: &str| {
        let feature = "[features.w]\nwrites = [{ table = \"t\", rate = \"1/day\" }]\n";
        project(&format!("{policy}{writes}"), &[]) + feature + calls
    };
    let report = change(
        &with(""),
        &with("calls = [{ endpoint = \"/x/\", rate = \"1/day\" }]\n"),
    );
    let found = new_of(&report, "feature-change-over-threshold");
    let start = "`features.w` had no credits and now has 30,000 credits/month";
    assert!(found[0].message.starts_with(start), "{}", found[0].message);
}

#[test]
fn a_line_of_another_feature_takes_nothing_over() {
    let limits = |base: &str, head: &str| subjects(&change(base, head), "limit-removed");
    let base = project(
        "",
        &[
            ("f", &[("c", "/x/", 10.0)]),
            ("g", &[("p", "/p/", 100.0)]),
            ("h", &[("y", "/x/", 10.0)]),
        ],
    );
    // `h` leaves its calls to `f`, and takes up those of `g`.
    let with = |rate| {
        project(
            "",
            &[("f", &[("c", "/x/", 20.0)]), ("h", &[("p", "/p/", rate)])],
        )
    };
    assert_eq!(limits(&base, &with(100.0)), []);
    let error = [("apis.a.plan.credits".to_owned(), Severity::Error)];
    assert_eq!(limits(&base, &with(1000.0)), error);
}

#[test]
fn rows_that_change_their_database_keep_its_limits() {
    let base = "[project]\nname = \"t\"\n[tenants]\nfree = { now = 1000, 90d = 1000 }\n\
        [scenarios.s]\nrequire = \"report\"\n\
        [databases.d]\nengine = \"postgres\"\nstorage = \"20GB\"\nwrites = \"100/s\"\n\
        [tables.t]\ndatabase = \"d\"\nkind = \"event\"\nrow_size = \"1KB\"\nindexes = 1\n\
        retention = \"90d\"\npartition = \"day\"\n\
        [databases.e]\nengine = \"postgres\"\nstorage = \"none\"\nwrites = \"none\"\n\
        [tables.v]\ndatabase = \"e\"\nkind = \"event\"\nrow_size = \"1KB\"\nindexes = 1\n\
        retention = \"90d\"\npartition = \"day\"\nexisting = \"1TB\"\n\
        [features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
        writes = [{ id = \"w\", table = \"t\", rate = \"100/day\" }]\n\
        [features.g]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
        writes = [{ id = \"v\", table = \"v\", rate = \"1/day\" }]\n";
    let line = "{ id = \"w\", table = \"t\", rate = \"100/day\" }";
    let head = |to: &str, more: &str| base.replace(line, to) + more;
    let there = |rate| format!("{{ id = \"w\", table = \"v\", rate = \"{rate}/day\" }}");
    let apart = |rate| {
        let feature = "[features.n]\nspec = \"capacity.toml\"\nowner = \"o\"\nwrites = [";
        format!("{feature}{}]\n", there(rate))
    };
    let husk = line.replace("100/", "1/");
    let here = line.replace("100/", "500/");
    assert!(fails(&change(base, &head(&here, ""))));
    for (rate, is_broken) in [(110, false), (500, true)] {
        let errors = [("databases.d.storage".to_owned(), Severity::Error)];
        let errors = if is_broken { &errors[..] } else { &[] };
        for head in [
            head(&there(rate), ""),
            head(&husk, &apart(rate)),
            head("", &apart(rate)),
        ] {
            let report = change(base, &head);
            assert_eq!(subjects(&report, "limit-removed"), errors, "{head}");
        }
        // A disk that has a limit of its own is judged by that.
        let limited = |text: &str| text.replace("storage = \"none\"", "storage = \"2TB\"");
        let report = change(&limited(base), &limited(&head(&there(rate), "")));
        assert_eq!(subjects(&report, "limit-removed"), []);
    }
    // What comes beside it takes nothing over.
    assert!(!fails(&change(base, &head(line, &apart(500)))));
}

#[test]
fn what_is_split_costs_what_it_did() {
    let model = |name: &str, more: &str| {
        format!("[models.{name}]\n{more}tenant_quota = {{ all = \"1000/month\" }}\n")
    };
    let runs = |of: [(&str, u32); 2]| {
        let features = ["f", "g"]
            .into_iter()
            .zip(of)
            .map(|(feature, (model, rate))| {
                format!(
                    "[features.{feature}]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
                 inference = [{{ model = \"{model}\", rate = \"{rate}/day\", units = 1 }}]\n"
                )
            });
        features.collect::<String>()
    };
    let project = |parts: &[String]| project("", &[]) + &parts.concat();
    let priced = model("m", "price = 0.1\nbudget = 10000\n");
    let base = project(&[priced, runs([("m", 1), ("m", 1)])]);
    for price in ["", "price = 0.1\n", "price = 0.0\n"] {
        let head = |rate| {
            let models = [model("n", price), model("o", price)].concat();
            change(&base, &project(&[models, runs([("n", rate), ("o", 1)])]))
        };
        let errors = |rate| {
            let found = subjects(&head(rate), "limit-removed").into_iter();
            let errors = found.filter(|(_, severity)| *severity == Severity::Error);
            errors.map(|(subject, _)| subject).collect::<Vec<_>>()
        };
        assert_eq!(errors(2), [""; 0], "{price}");
        assert_eq!(errors(5), ["models.n.budget", "models.o.budget"], "{price}");
    }
}
