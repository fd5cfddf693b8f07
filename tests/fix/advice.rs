//! Advice is tried: what it names ends its finding, and brings no error.

mod projects;

use std::collections::{BTreeMap, BTreeSet};

use caplint::edit::apply;
use caplint::finding::Severity;
use caplint::parallel;
use caplint::report::{Applicability, Finding, Report};

use self::projects::project;
use crate::support::lint::check_with;

fn report(text: &str, advise: bool) -> Report {
    let files = [("capacity.toml", text), ("spec.md", "")];
    check_with(&files, |settings| settings.advise = advise)
}

fn findings(report: &Report) -> impl Iterator<Item = &Finding> {
    report.projects.iter().flat_map(|project| &project.findings)
}

fn errors(report: &Report) -> BTreeSet<&str> {
    let errors = findings(report).filter(|it| it.severity == Severity::Error);
    errors.map(|it| it.fingerprint.as_str()).collect()
}

/// How many findings of each rule there are, and for how many advice names a value.
type Counts = BTreeMap<String, (usize, usize)>;

/// Holds every advice on a project; says nothing of one that is sound.
fn hold(seed: u64) -> Option<Counts> {
    let text = project(seed);
    let before = report(&text, true);
    assert!(
        findings(&before).all(|it| it.rule != "syntax" && it.rule != "invalid-value"),
        "{seed}: {text}"
    );
    let failing = findings(&before).filter(|it| it.severity >= Severity::Warning);
    let mut counts = Counts::new();
    for finding in failing {
        let count = counts.entry(finding.rule.clone()).or_default();
        count.0 += 1;
        let Some(fix) = &finding.fix else { continue };
        count.1 += 1;
        assert_eq!(fix.applicability, Applicability::Unsafe);
        let fixed = apply(&text, &fix.edits).unwrap();
        let after = report(&fixed, false);
        let said = || format!("{seed}: {} {:?}\n{fixed}", finding.message, finding.help);
        let is_left = findings(&after).any(|it| it.fingerprint == finding.fingerprint);
        assert!(!is_left, "it is still there: {}", said());
        let (old, new) = (errors(&before), errors(&after));
        assert!(new.is_subset(&old), "it brings an error: {}", said());
    }
    (!counts.is_empty()).then_some(counts)
}

#[test]
fn what_advice_names_ends_its_finding_and_brings_no_error() {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let held = parallel::map(560, threads, || (), |(), seed| hold(seed as u64));
    let failing: Vec<Counts> = held.into_iter().flatten().collect();
    assert!(failing.len() >= 500, "{} fail", failing.len());
    let mut all = Counts::new();
    for (rule, (found, advised)) in failing.into_iter().flatten() {
        let count = all.entry(rule).or_default();
        count.0 += found;
        count.1 += advised;
    }
    // Most findings whose end can be told in a value have one.
    for rule in [
        "burst-undeclared",
        "limit-ahead",
        "near-limit",
        "over-limit",
        "partition-coarser-than-retention",
        "quota-below-use",
        "scenario-over-limit",
        "table-without-partition",
        "table-without-retention",
        "table-without-rollup",
        "worker-ceiling-over-rate-limit",
        "workers-without-ceiling",
    ] {
        let (found, advised) = all.get(rule).copied().unwrap_or_default();
        assert!(found > 0, "no project fails by {rule}");
        assert!(advised * 3 >= found * 2, "{rule}: {advised} of {found}");
    }
}

#[test]
fn a_limit_is_raised_only_where_less_demand_is_not_enough() {
    let project = |rate: &str| {
        format!(
            "[project]\nname = \"t\"\n[tenants]\nfree = {{ now = 1000, 90d = 1000 }}\n\
             [scenarios.s]\ntenants = 2\nrequire = \"fit\"\n\
             [apis.a]\nrate_limit = \"100000/min\"\n\
             plan = {{ credits = 1_000_000, price = 10.0 }}\n\
             [apis.a.endpoints]\n\"/x/\" = {{ credits = 1, cacheable = \"1d\" }}\n\
             [features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
             calls = [{{ id = \"d\", endpoint = \"/x/\", rate = \"{rate}\" }}]\n"
        )
    };
    let text = project("600/day");
    let (texts, done) = super::fixed(&[("capacity.toml", &text)], Applicability::Unsafe);
    assert_eq!(done.report.summary.errors, 0, "{}", texts[0]);
    assert!(texts[0].contains("cache = "), "{}", texts[0]);
    assert!(texts[0].contains("credits = 1_000_000"), "{}", texts[0]);
    // Where nothing can be cached, it is.
    let text = project("600/day").replace(", cacheable = \"1d\"", "");
    let (texts, done) = super::fixed(&[("capacity.toml", &text)], Applicability::Unsafe);
    assert_eq!(done.report.summary.errors, 0, "{}", texts[0]);
    assert!(!texts[0].contains("credits = 1_000_000"), "{}", texts[0]);
}

/// The plan carries 2.5M credits; 1,200 tenants use 3.24M today.
fn growing(tenants: &str, rest: &str) -> String {
    format!(
        "[project]\nname = \"w\"\n[tenants]\nfree = {tenants}\n{rest}[apis.w]\n\
         rate_limit = \"60000/min\"\nplan = {{ credits = 2_500_000, price = 1499.00 }}\n\
         packs = [{{ name = \"100k\", credits = 100_000, price = 90.00 }}]\nbudget = 100000\n\
         [apis.w.endpoints]\n\"/x/\" = {{ credits = 2, cacheable = false }}\n[features.f]\n\
         owner = \"o\"\nspec = \"spec.md\"\n\
         calls = [{{ id = \"d\", endpoint = \"/x/\", rate = \"45/day\", peak = 2 }}]\n"
    )
}

fn over_limit(report: &Report) -> &Finding {
    let mut over = findings(report).filter(|it| it.rule == "over-limit");
    over.next().expect("the plan is passed")
}

#[test]
fn advice_says_what_it_is_enough_for_and_what_today_needs() {
    let grows = "{ now = 1200, 90d = 1400 }";
    let flat = "{ now = 1200, 90d = 1200 }";
    let set = "[policy.limits.credits.today]\ntight = 1.0\n";
    let warn = "[scenarios.10x]\ntenants = 10\nrequire = \"warn\"\n";
    for (tenants, rest, said) in [
        (
            grows,
            warn,
            "raise `apis.w.plan.credits` to `3_780_000`, or lower `features.f.calls.d.rate` to \
             `29.7/day` (enough for 90 days; today: `3_240_000` or `34.7/day`)",
        ),
        (
            flat,
            warn,
            "raise `apis.w.plan.credits` to `3_600_000`, or lower `features.f.calls.d.rate` to \
             `31.2/day` (enough to stay at 90% of the limit; today: `3_240_000` or `34.7/day`)",
        ),
        // Where one value is enough for all, nothing has to be said.
        (
            flat,
            &format!("{set}{warn}"),
            "lower `features.f.calls.d.rate` to `34.7/day`",
        ),
    ] {
        let text = growing(tenants, rest);
        let before = report(&text, true);
        let help = over_limit(&before).help.as_deref().unwrap();
        let (first, cost) = help.split_once('\n').unwrap();
        assert_eq!(first, said);
        assert_eq!(
            cost,
            "credits past the plan cost 720.00 USD a month (8 × 100k)"
        );
        // Both values are so.
        for (value, rules) in [
            ("3_240_000", &["over-limit"][..]),
            ("3_780_000", &["over-limit", "limit-ahead", "near-limit"]),
        ] {
            let after = report(&text.replace("2_500_000", value), false);
            let is_left = |it: &Finding| rules.contains(&&*it.rule);
            assert!(!findings(&after).any(is_left), "{value}: {said}");
        }
    }
}

#[test]
fn a_required_scenario_is_named_with_what_it_alone_needs() {
    let text = growing(
        "1000",
        "[scenarios.10x]\ntenants = 10\nrequire = \"fit\"\n[scenarios.sale]\ntenants = 1.2\n\
         require = \"fit\"\n",
    );
    let text = text
        .replace(
            "packs = [{ name = \"100k\", credits = 100_000, price = 90.00 }]\n",
            "",
        )
        .replace("2_500_000", "3_000_000")
        .replace("60000/min", "600000/min");
    let before = report(&text, true);
    let help = |scenario: &str| {
        let mut of = findings(&before).filter(|it| it.subject == format!("scenarios.{scenario}"));
        of.next().and_then(|it| it.help.clone()).unwrap()
    };
    assert_eq!(
        help("sale"),
        "raise `apis.w.plan.credits` to `27_000_000`, or lower `features.f.calls.d.rate` to \
         `5/day` (enough for `10x` and `sale`; `sale` alone: `3_240_000` or `41.6/day`)"
    );
    assert!(!help("10x").contains("(enough"), "{}", help("10x"));
}
