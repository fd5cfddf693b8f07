//! A limit that is taken away.

use caplint::finding::Severity;

use super::{ROOT, change, change_since, diff_with, fails, feature, new_of, subjects};

const RULE: &str = "limit-removed";

/// A project with a plan, or what stands in its place, and what is asked for a day.
fn with(plan: &str, require: &str, rate: &str) -> String {
    let root = ROOT
        .replace("plan = { credits = 600_000, price = 10 }", plan)
        .replace("\"report\"", require)
        .replace("credits = \"20%\"", "");
    format!("{root}{}", feature("x", rate))
}

const PLAN: &str = "plan = { credits = 600_000, price = 10 }";

#[test]
fn whatever_takes_it_away_is_an_error_where_the_demand_breaks_it() {
    let base = with(PLAN, "\"report\"", "10/day");
    for without in [
        String::new(),
        "plan = { price = 10 }".to_owned(),
        format!("{PLAN}\noverage = {{ price = 0, per = 1 }}"),
        format!("{PLAN}\noverage = {{ price = 9, per = 1 }}"),
    ] {
        let broken = change(&base, &with(&without, "\"report\"", "25/day"));
        let found = new_of(&broken, RULE);
        assert_eq!(found.len(), 1, "{without}");
        assert_eq!(found[0].severity, Severity::Error, "{without}");
        assert!(
            found[0].message.contains("750,000 of 600,000"),
            "{}",
            found[0].message
        );
        let held = change(&base, &with(&without, "\"report\"", "15/day"));
        assert_eq!(subjects(&held, RULE)[0].1, Severity::Warning, "{without}");
        assert!(!fails(&held));
    }
    // The same with the limit, and with a raised one.
    let control = change(&base, &with(PLAN, "\"report\"", "25/day"));
    assert_eq!(subjects(&control, "over-limit").len(), 1);
    let raised = change(
        &base,
        &with(&PLAN.replace("600", "900"), "\"report\"", "25/day"),
    );
    assert!(!fails(&raised));
    assert_eq!(subjects(&raised, "limit-raised").len(), 1);
}

#[test]
fn a_scenario_that_has_to_fit_needs_it() {
    let base = with(PLAN, "\"fit\"", "10/day");
    let packs = format!("{PLAN}\npacks = [{{ name = \"p\", credits = 1, price = 0 }}]");
    for without in ["", &packs] {
        let broken = change(&base, &with(without, "\"fit\"", "15/day"));
        let found = new_of(&broken, RULE);
        assert_eq!(found[0].severity, Severity::Error, "{without}");
        assert!(found[0].message.contains("in `2x`"), "{}", found[0].message);
    }
    let report = with(PLAN, "\"report\"", "10/day");
    let unasked = change(&report, &with("", "\"report\"", "15/day"));
    assert_eq!(subjects(&unasked, RULE)[0].1, Severity::Warning);
    // The scenario that judges is the base's.
    let milder = change(&base, &with("", "\"report\"", "15/day"));
    assert_eq!(subjects(&milder, RULE)[0].1, Severity::Error);
}

#[test]
fn another_name_and_an_unknown_are_no_way_past_it() {
    let base = with(PLAN, "\"report\"", "10/day");
    let renamed =
        |plan: &str, rate: &str| with(plan, "\"report\"", rate).replace("apis.a", "apis.b");
    let gone = change(&base, &renamed("", "25/day"));
    assert_eq!(
        subjects(&gone, RULE),
        [("apis.b.plan.credits".to_owned(), Severity::Error)]
    );
    assert_eq!(
        subjects(&change(&base, &renamed("", "15/day")), RULE)[0].1,
        Severity::Warning
    );
    assert!(subjects(&change(&base, &renamed(PLAN, "25/day")), RULE).is_empty());
    let raised = change(&base, &renamed(&PLAN.replace("600", "900"), "25/day"));
    assert_eq!(
        subjects(&raised, "limit-raised")[0].0,
        "apis.b.plan.credits"
    );
    // A demand that nobody knows any more may break it.
    let forgotten = change(&base, &with("", "\"report\"", "unknown"));
    assert_eq!(subjects(&forgotten, RULE)[0].1, Severity::Error);
    let unknown = with(PLAN, "\"report\"", "unknown");
    let never_known = change(&unknown, &with("", "\"report\"", "unknown"));
    assert_eq!(subjects(&never_known, RULE)[0].1, Severity::Warning);
}

#[test]
fn a_saved_report_knows_limits_too() {
    let base = with(PLAN, "\"report\"", "10/day");
    let found = |rate| subjects(&change_since(&base, &with("", "\"report\"", rate)), RULE);
    assert_eq!(
        found("25/day"),
        [("apis.a.credits".to_owned(), Severity::Error)]
    );
    assert_eq!(
        found("15/day"),
        [("apis.a.credits".to_owned(), Severity::Warning)]
    );
    assert_eq!(found("unknown")[0].1, Severity::Error);
    assert!(
        subjects(
            &change_since(&base, &with(PLAN, "\"report\"", "25/day")),
            RULE
        )
        .is_empty()
    );
}

#[test]
fn a_window_is_a_limit_of_its_own() {
    let with = |limit: &str, rate: &str| {
        let root = ROOT.replace("\"100000/min\"", limit);
        format!("{root}{}", feature("x", rate))
    };
    let base = with("[\"10/min\", \"20/s\"]", "10/day");
    let gone = change(&base, &with("\"20/s\"", "15/day"));
    assert_eq!(
        subjects(&gone, RULE),
        [("apis.a.rate_limit".to_owned(), Severity::Error)]
    );
    // A shorter window that allows no more says the same.
    let covered = change(&with("\"60/min\"", "10/day"), &with("\"1/s\"", "10/day"));
    assert!(subjects(&covered, RULE).is_empty());
    let spelt = change(&with("\"60/min\"", "10/day"), &with("\"60/60s\"", "10/day"));
    assert!(subjects(&spelt, RULE).is_empty());
    let longer = change(&with("\"60/min\"", "10/day"), &with("\"3600/h\"", "10/day"));
    assert_eq!(subjects(&longer, RULE)[0].1, Severity::Warning);
}

#[test]
fn a_disk_that_would_fill_needs_its_limit() {
    let disk = |storage: &str, rate: &str| {
        format!(
            "[tenants]\nfree = 1000\n[databases.d]\nengine = \"postgres\"\n{storage}\n\
             [tables.s]\nkind = \"event\"\nrow_size = \"4KB\"\nretention = \"90d\"\n\
             [features.w]\nwrites = [{{ table = \"s\", rate = \"{rate}\" }}]\n\
             [scenarios.a]\ntenants = 1\nrequire = \"report\"\n"
        )
    };
    let base = disk("storage = \"1GB\"", "1/day");
    let fills = change(&base, &disk("", "24/day"));
    assert_eq!(
        subjects(&fills, RULE),
        [("databases.d.storage".to_owned(), Severity::Error)]
    );
    // One cause, one finding.
    assert!(subjects(&fills, "limit-missing").is_empty());
    let holds = change(&base, &disk("", "2/day"));
    assert_eq!(subjects(&holds, RULE)[0].1, Severity::Warning);
}

#[test]
fn a_limit_that_cannot_be_read_is_not_taken_away() {
    let base = with(PLAN, "\"report\"", "10/day");
    let broken = change(
        &base,
        &with("plan = { credits = \"many\" }", "\"report\"", "25/day"),
    );
    assert!(fails(&broken) && subjects(&broken, RULE).is_empty());
}

#[test]
fn the_owners_of_the_policy_may_accept_it() {
    let (base, head) = (
        with(PLAN, "\"report\"", "10/day"),
        with("", "\"report\"", "25/day"),
    );
    let files = |text| [("capacity.toml", text)];
    let report = diff_with(&files(base.as_str()), &files(head.as_str()), |settings| {
        settings.accept_policy = true;
    });
    assert!(!fails(&report));
    assert_eq!(subjects(&report, RULE)[0].1, Severity::Warning);
}

/// A model with a price, and whatever budgets are given.
fn priced(own: &str, groups: &str, rate: u32) -> String {
    format!(
        "[project]\nname = \"t\"\n[tenants]\nfree = {{ now = 1000, 90d = 1000 }}\n\
         [scenarios.s]\ntenants = 1\nrequire = \"report\"\n\
         [models.m]\nunit = \"min\"\nprice = 1.0\nprice_as_of = 2026-11-01\n{own}\
         capacity = \"1G/s\"\ntenant_quota = {{ free = \"100/month\" }}\n\
         [models.n]\nunit = \"min\"\nprice = 1.0\nprice_as_of = 2026-11-01\nbudget = 200_000\n\
         capacity = \"1G/s\"\ntenant_quota = {{ free = \"100/month\" }}\n{groups}\
         [features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
         inference = [{{ id = \"m\", model = \"m\", rate = \"{rate}/day\", units = 1 }}, \
         {{ id = \"n\", model = \"n\", rate = \"1/day\", units = 1 }}]\n"
    )
}

#[test]
fn a_budget_is_the_same_alone_and_in_a_group() {
    let own = "budget = 100_000\n";
    let group = |of: &str, most: &str| format!("[budgets.g]\nof = [{of}]\nbudget = {most}\n");
    let same = group("\"models.m\"", "100_000");
    // Exceeded as before, where 100 are used each day.
    for rate in [1, 100] {
        let [alone, grouped] =
            [(own, ""), ("", &*same)].map(|(own, groups)| priced(own, groups, rate));
        for (base, head) in [(&alone, &grouped), (&grouped, &alone)] {
            let report = change(base, head);
            assert!(!fails(&report), "{rate}: {:?}", report.projects[0].findings);
            assert_eq!(subjects(&report, RULE), [], "{rate}");
        }
    }
    let severity = |groups: &str, rate| {
        let report = change(&priced(own, "", 1), &priced("", groups, rate));
        let found = subjects(&report, RULE).into_iter();
        found.map(|(_, severity)| severity).collect::<Vec<_>>()
    };
    // A group without it, or without a budget.
    let other = group("\"models.n\"", "100_000");
    assert_eq!(severity(&other, 1), [Severity::Warning]);
    assert_eq!(severity(&other, 100), [Severity::Error]);
    // One that was there and allows more stands for nothing.
    let total = "[budgets.total]\nbudget = 9_000_000\n";
    let [base, head] = [own, ""].map(|own| priced(own, total, 1));
    assert_eq!(subjects(&change(&base, &head), RULE).len(), 1);
}
