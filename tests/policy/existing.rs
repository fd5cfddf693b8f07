//! What the base has too hides nothing that is new or worse.

use super::{ROOT, change, change_since, fails, feature, new_of, subjects};

fn planned(plan: &str, rate: &str) -> String {
    let root = ROOT.replace("600_000", plan);
    format!("{root}{}", feature("x", rate))
}

#[test]
fn a_limit_that_was_passed_before_does_not_hide_growth() {
    let rule = "change-over-threshold";
    // The share stays the same, above the limit or below it.
    for (before, after) in [("290_000", "2_900_000"), ("310_000", "3_100_000")] {
        let report = change(&planned(before, "10/day"), &planned(after, "100/day"));
        assert_eq!(subjects(&report, rule).len(), 1, "{before}");
        assert!(fails(&report));
    }
    // What gets worse speaks for its growth, as what is new does.
    for plan in ["290_000", "600_000"] {
        let report = change(&planned(plan, "10/day"), &planned(plan, "100/day"));
        assert_eq!(subjects(&report, rule), []);
        assert_eq!(subjects(&report, "over-limit").len(), 1, "{plan}");
    }
    // Against a saved report nothing tells what over-limit spoke for; growth is never in it.
    let saved = change_since(
        &planned("290_000", "10/day"),
        &planned("2_900_000", "100/day"),
    );
    assert_eq!(subjects(&saved, rule).len(), 1);
    let same = planned("200_000", "10/day");
    assert!(!fails(&change_since(&same, &same)));
}

#[test]
fn workers_that_could_call_too_often_before_do_not_hide_other_calls() {
    let project = |calls: &str, api: &str| {
        let root = ROOT
            .replace("100000/min", "1000/min")
            .replace("\"report\"", "\"fit\"");
        let root = root
            .replace("600_000", "900_000_000")
            .replace("credits = \"20%\"", "");
        format!(
            "{root}[queues.q]\nbroker = \"kafka\"\nmessage_size = \"1KB\"\nretention = \"1d\"\n\
             partitions = 60\nreplay = 5\nreplication = 3\nstorage = \"900GB\"\ndrain = \"5m\"\n\
             workers = {{ count = 2, max = 60, rate = \"5/s\", scale_on = \"queue-depth\"{api} }}\n{}\
             messages = [{{ queue = \"q\", rate = \"1/day\" }}]\n",
            feature("x", calls)
        )
    };
    for api in ["", ", api = \"a\""] {
        let report = change(&project("100/day", api), &project("900/day", api));
        assert_eq!(subjects(&report, "scenario-over-limit").len(), 1, "{api}");
        assert!(fails(&report));
    }
    // The same workers and the same calls are no news.
    let same = project("900/day", ", api = \"a\"");
    assert!(!fails(&change(&same, &same)));
}

#[test]
fn more_against_a_limit_of_nothing_is_worse() {
    let writes = |limit: &str, rate: &str| {
        format!(
            "[tenants]\nfree = 1000\n[databases.d]\nengine = \"postgres\"\nstorage = \"900TB\"\n\
             writes = \"{limit}\"\ndecision = \"d.md\"\n[tables.ev]\nkind = \"event\"\n\
             row_size = \"400B\"\nindexes = 1\nretention = \"30d\"\npartition = \"day\"\n\
             [features.x]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
             writes = [{{ table = \"ev\", rate = \"{rate}\" }}]\n\
             [scenarios.2x]\ntenants = 2\nrequire = \"fit\"\n"
        )
    };
    let worse = ["over-limit", "scenario-over-limit"];
    for limit in ["0/s", "1/s"] {
        let base = writes(limit, "100/day");
        for (rate, count) in [("5000/day", 1), ("100/day", 0), ("90/day", 0)] {
            let report = change(&base, &writes(limit, rate));
            for rule in worse {
                assert_eq!(new_of(&report, rule).len(), count, "{limit} {rate} {rule}");
            }
        }
    }
    // From a limit of nothing to one that is passed is an improvement.
    let better = change(&writes("0/s", "100/day"), &writes("1/s", "100/day"));
    assert!(worse.iter().all(|rule| subjects(&better, rule).is_empty()));
}

#[test]
fn more_than_all_packs_cover_is_worse() {
    let project = |rate: &str| {
        let packs =
            "packs = [{ name = \"p\", credits = 100_000, price = 1, max = 2 }]\nbudget = 100";
        let root = ROOT.replace("plan = { credits = 600_000, price = 10 }", packs);
        let root = root.replace("credits = \"20%\"", "");
        format!("{root}{}", feature("x", rate))
    };
    let found = |rate: &str| {
        let report = change(&project("10/day"), &project(rate));
        subjects(&report, "over-limit")
    };
    assert_eq!(found("500/day").len(), 1);
    assert_eq!(found("10/day"), []);
    assert_eq!(found("9/day"), []);
}

#[test]
fn quotas_and_workers_of_nothing_get_worse_too() {
    let model = |quota: &str, units: u32| {
        format!(
            "[tenants]\nfree = 1000\n[models.m]\nprice = {{ per = 1_000_000, input = 3.00 }}\n\
             price_as_of = 2026-11-01\nbudget = 1000000\ncapacity = {{ input = \"200M/min\" }}\n\
             tenant_quota = {{ free = {{ input = \"{quota}\" }} }}\n\
             [features.x]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
             inference = [{{ model = \"m\", rate = \"5/day\", units = {units} }}]\n"
        )
    };
    for quota in ["0/month", "3k/month"] {
        let found = |units| {
            let report = change(&model(quota, 2000), &model(quota, units));
            subjects(&report, "quota-below-use").len()
        };
        assert_eq!(
            [found(20_000), found(2000), found(1000)],
            [1, 0, 0],
            "{quota}"
        );
    }
}

#[test]
fn a_repair_is_not_blamed_for_what_it_has_nothing_to_do_with() {
    let root = format!("{ROOT}[entities]\nacct = {{ per_tenant = 1 }}\n");
    let broken = feature("x", "10 a day");
    let fixed = feature("x", "10/day");
    let unused = |base: &str, head: &str| {
        let files = |feature| [("capacity.toml", &*root), ("f/x/capacity.toml", feature)];
        subjects(
            &super::diff(&files(base), &files(head)),
            "unused-declaration",
        )
        .len()
    };
    assert_eq!(unused(&broken, &fixed), 0);
    assert_eq!(unused(&fixed, &fixed), 0);
    // What could not be read may have used it.
    let uses = broken.replace("rate", "per = \"acct\", rat");
    assert_eq!(unused(&uses, &fixed), 1);
    let used = fixed.replace("rate", "per = \"acct\", rate");
    assert_eq!(unused(&used, &fixed), 1);
}

#[test]
fn a_broken_file_hides_no_table_that_it_does_not_name() {
    let snapshot = |name: &str| {
        format!(
            "[tables.{name}]\nkind = \"snapshot\"\nrow_size = \"1KB\"\nindexes = 1\n\
             retention = \"30d\"\npartition = \"day\"\n"
        )
    };
    let root = "[tenants]\nfree = 1000\n[databases.d]\nstorage = \"900GB\"\nwrites = \"9/s\"\n";
    let writes = "[features.x]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
                  writes = [{ table = \"snap\", rate = \"1/day\" }]\n";
    let added = format!("{root}{}{writes}", snapshot("snap"));
    let found = |broken: &str| {
        let base = [("capacity.toml", root), ("b/capacity.toml", broken)];
        let head = [("capacity.toml", &*added), ("b/capacity.toml", broken)];
        let report = super::diff(&base, &head);
        subjects(&report, "table-without-rollup").len()
    };
    assert_eq!(found(""), 1);
    assert_eq!(
        found("[queues.q]\nbroker = \"sqs\"\nmessage_size = \"1XB\"\n"),
        1
    );
    assert_eq!(found("[queues.q\nbroker = \"sqs\"\n"), 1);
    // This one may be its rollup.
    assert_eq!(
        found("[tables.daily\nkind = \"rollup\"\nfrom = \"snap\"\n"),
        0
    );
    let daily = "[tables.daily]\nkind = \"rollup\"\nratio = 0.01\nrow_size = \"1KB\"\n";
    assert_eq!(found(&format!("{daily}from = 5\n")), 0);
}
