//! Advice is tried: what it names ends its finding, and brings no error.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use caplint::edit::apply;
use caplint::finding::Severity;
use caplint::parallel;
use caplint::report::{Applicability, Finding, Report};

use crate::support::lint::check_with;

/// Small numbers that a seed decides.
struct Choices(u64);

impl Choices {
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's generator; its high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn of<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.below(words.len() as u64) as usize]
    }

    fn maybe(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// A small project in which much may be wrong.
fn project(seed: u64) -> String {
    let mut pick = Choices(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1));
    let mut text = String::from("[project]\nname = \"p\"\n\n[tenants]\n");
    let now = 50 + pick.below(2000);
    match pick.maybe() {
        true => writeln!(text, "pro = {now}"),
        false => writeln!(
            text,
            "pro = {{ now = {now}, 30d = {}, 90d = {} }}",
            now + now / 10,
            now + now / 4
        ),
    }
    .unwrap();
    if pick.maybe() {
        let require = pick.of(&["fit", "warn", "report"]);
        let times = 2 + pick.below(9);
        writeln!(
            text,
            "\n[scenarios.more]\ntenants = {times}\nrequire = \"{require}\""
        )
        .unwrap();
    }
    api(&mut pick, &mut text);
    match pick.below(6) {
        0 => {}
        1 => database(&mut pick, &mut text),
        2 => queue(&mut pick, &mut text),
        3 => model(&mut pick, &mut text),
        4 => members(&mut pick, &mut text),
        _ => uncertain_model(&mut pick, &mut text),
    }
    if pick.below(3) == 0 {
        budgets(&mut pick, &mut text);
    }
    text
}

/// What costs money whatever is used, and a budget of everything, or of that and the API.
fn budgets(pick: &mut Choices, text: &mut String) {
    let price = 20 + pick.below(400);
    let (name, of) = match pick.maybe() {
        true => ("total", ""),
        false => ("some", "of = [\"costs.hosting\", \"apis.vendor\"]\n"),
    };
    let budget = 50 + pick.below(1500);
    writeln!(
        text,
        "[costs.hosting]\nprice = {price}.00\n\n[budgets.{name}]\n{of}budget = {}\n",
        limit(pick, budget, "")
    )
    .unwrap();
}

/// An API whose limits are for each member of something, or for what runs at once.
fn members(pick: &mut Choices, text: &mut String) {
    let per = pick.of(&["", ", per = \"tenant\"", ", per = \"tenant\", largest = 4"]);
    let (limited, window) = (1 + pick.below(60), pick.of(&["/min", "/h", "/day"]));
    let calls = limit(pick, limited, window);
    let at_once = 1 + pick.below(40);
    let at_once = limit(pick, at_once, "");
    writeln!(
        text,
        "[apis.shop]\nlimits = [\n  {{ id = \"each\", rate = {calls}{per} }},\n  \
         {{ id = \"running\", concurrent = {at_once} }},\n]\n[apis.shop.endpoints]\n\
         \"/o/\" = {{ duration = \"{}s\", cacheable = false }}\n",
        1 + pick.below(40)
    )
    .unwrap();
    let rate = pick.of(&["20/day", "every 1h", "every 15min", "3/h", "1/min"]);
    // A batch has no peak but itself.
    let peak = match rate.starts_with("every") {
        true => String::new(),
        false => format!("peak = {}\n", 1 + pick.below(4)),
    };
    writeln!(
        text,
        "[[features.f.calls]]\nid = \"o\"\nendpoint = \"shop:/o/\"\nrate = \"{rate}\"\n{peak}"
    )
    .unwrap();
}

/// A model whose use is estimated, so that more is judged than the median.
fn uncertain_model(pick: &mut Choices, text: &mut String) {
    let budget = 1 + pick.below(3000);
    writeln!(
        text,
        "[models.llm]\n\
         price = {{ per = 1_000_000, input = 3.00, output = 15.00 }}\nprice_as_of = 2026-11-02\n\
         budget = {}\ntenant_quota = {{ all = {{ input = \"900M/month\", output = \"900M/month\" }} }}\n",
        limit(pick, budget, ""),
    )
    .unwrap();
    let (rate, units) = (1 + pick.below(30), 100 + pick.below(4000));
    let rate = match pick.maybe() {
        true => format!("\"{rate}/day\""),
        false => format!("{{ p50 = \"{rate}/day\", p90 = \"{}/day\" }}", rate * 2),
    };
    writeln!(
        text,
        "[[features.f.inference]]\nid = \"ask\"\nmodel = \"llm\"\nrate = {rate}\n\
         units = {{ input = {{ p50 = {units}, p90 = {} }}, output = 300 }}\n",
        units * 3
    )
    .unwrap();
}

/// A limit, bare or with how far it can be raised.
fn limit(pick: &mut Choices, now: u64, unit: &str) -> String {
    let written = |value: u64| match unit {
        "" => value.to_string(),
        unit => format!("\"{value}{unit}\""),
    };
    match pick.below(3) {
        0 => format!(
            "{{ now = {}, max = {} }}",
            written(now),
            written(now * (1 + pick.below(12)))
        ),
        _ => written(now),
    }
}

fn api(pick: &mut Choices, text: &mut String) {
    let rate = pick.of(&[
        "4/day", "30/day", "45/day", "every 2h", "every 1d", "1/min", "2.5/day",
    ]);
    let limited = 1 + pick.below(400);
    let window = pick.of(&["/min", "/s", "/h", "/day"]);
    writeln!(
        text,
        "\n[apis.vendor]\nrate_limit = {}",
        limit(pick, limited, window)
    )
    .unwrap();
    if pick.maybe() {
        let credits = (1 + pick.below(400)) * 10_000;
        writeln!(
            text,
            "plan = {{ credits = {}, price = 99.00 }}",
            limit(pick, credits, "")
        )
        .unwrap();
    }
    if pick.maybe() {
        writeln!(
            text,
            "overage = {{ per = 1000, price = 0.50 }}\nbudget = {}",
            50 + pick.below(5000)
        )
        .unwrap();
    }
    let cacheable = pick.of(&["", ", cacheable = \"15m\"", ", cacheable = false"]);
    writeln!(
        text,
        "\n[apis.vendor.endpoints]\n\"/a/\" = {{ credits = 2{cacheable} }}"
    )
    .unwrap();
    let cache = pick.of(&[
        "",
        "cache = { ttl = \"1h\" }\n",
        "cache = false\n",
        "cache.ttl = \"5m\"\n",
    ]);
    writeln!(
        text,
        "\n[features.f]\nowner = \"us\"\nspec = \"spec.md\"\n\n[[features.f.calls]]\nid = \"a\"\n\
         endpoint = \"vendor:/a/\"\nrate = \"{rate}\"\n{cache}"
    )
    .unwrap();
    if pick.maybe() {
        let peak = 1 + pick.below(6);
        writeln!(
            text,
            "[[features.f.calls]]\nid = \"b\"\nendpoint = \"vendor:/a/\"\nrate = \"2/day\"\npeak = {peak}\n"
        )
        .unwrap();
    }
}

fn database(pick: &mut Choices, text: &mut String) {
    let engine = pick.of(&["postgres", "mysql", "timescaledb", "dynamodb"]);
    let storage = 1 + pick.below(900);
    writeln!(
        text,
        "[databases.main]\nengine = \"{engine}\"\nstorage = {}\nwrites = {}\n",
        limit(pick, storage, "GB"),
        limit(pick, 1 + storage, "/s")
    )
    .unwrap();
    let kind = pick.of(&["snapshot", "event"]);
    let retention = pick.of(&[
        "",
        "retention = \"30d\"\n",
        "retention = \"2y\"\n",
        "retention = \"1d\"\n",
    ]);
    let partition = match retention {
        "" => "",
        _ => pick.of(&[
            "",
            "partition = \"day\"\n",
            "partition = \"month\"\n",
            "partition = \"1h\"\n",
        ]),
    };
    let expire = match partition {
        "" => "",
        _ => pick.of(&["", "expire = \"delete\"\n", "expire = \"detach\"\n"]),
    };
    let existing = pick.of(&["", "existing = \"40GB\"\n"]);
    writeln!(
        text,
        "[tables.rows]\nkind = \"{kind}\"\nrow_size = \"{}B\"\nindexes = 2\n{retention}{partition}{expire}{existing}",
        20 + pick.below(4000)
    )
    .unwrap();
    let rate = pick.of(&["2/day", "every 1d", "1/min"]);
    writeln!(
        text,
        "[[features.f.writes]]\nid = \"w\"\ntable = \"rows\"\nrate = \"{rate}\"\nrows = {}\n",
        1 + pick.below(40)
    )
    .unwrap();
    if pick.maybe() {
        let retention = pick.of(&["", "retention = \"10d\"\n", "retention = \"3y\"\n"]);
        let refresh = pick.of(&["", "refresh = \"40d\"\n"]);
        writeln!(
            text,
            "[tables.summed]\nkind = \"rollup\"\nfrom = \"rows\"\nratio = 0.05\nrow_size = \"90B\"\n\
             indexes = 1\n{retention}{refresh}"
        )
        .unwrap();
    }
}

fn queue(pick: &mut Choices, text: &mut String) {
    let broker = pick.of(&["sqs", "kafka", "rabbitmq"]);
    let mut keys = String::new();
    if broker == "kafka" {
        writeln!(
            keys,
            "partitions = {}\npartition_throughput = \"{}KB/s\"",
            1 + pick.below(12),
            1 + pick.below(900)
        )
        .unwrap();
        keys += pick.of(&["", "replication = 3\n"]);
        keys += pick.of(&["", "replay = 2\n", "replay = 5\n"]);
        let storage = 1 + pick.below(50);
        writeln!(keys, "storage = {}", limit(pick, storage, "GB")).unwrap();
    }
    let retention = match broker {
        "rabbitmq" => "",
        _ => pick.of(&[
            "retention = \"1h\"\n",
            "retention = \"4d\"\n",
            "retention = \"20d\"\n",
        ]),
    };
    let drain = pick.of(&["", "drain = \"5m\"\n", "drain = \"2h\"\n"]);
    let max = match pick.below(4) {
        0 => String::new(),
        _ => format!(", max = {}", 1 + pick.below(20)),
    };
    let api = pick.of(&["", ", api = \"vendor\""]);
    let scale = pick.of(&["cpu", "queue-depth"]);
    writeln!(
        text,
        "[queues.jobs]\nbroker = \"{broker}\"\nmessage_size = \"{}KB\"\n{retention}{keys}{drain}\
         depth = {}\nworkers = {{ count = 1{max}, rate = \"{}/min\", scale_on = \"{scale}\"{api} }}\n",
        1 + pick.below(60),
        pick.below(900),
        1 + pick.below(90)
    )
    .unwrap();
    writeln!(
        text,
        "[[features.f.messages]]\nid = \"job\"\nqueue = \"jobs\"\nrate = \"{}/day\"\n",
        1 + pick.below(90)
    )
    .unwrap();
}

fn model(pick: &mut Choices, text: &mut String) {
    let budget = 1 + pick.below(3000);
    let capacity = 1 + pick.below(90_000);
    writeln!(
        text,
        "[models.llm]\nunit = \"token\"\nprice = 0.0001\nprice_as_of = 2026-11-02\nbudget = {}\n\
         capacity = {}\ntenant_quota = \"{}/month\"\n",
        limit(pick, budget, ""),
        limit(pick, capacity, "/min"),
        (1 + pick.below(900)) * 100
    )
    .unwrap();
    writeln!(
        text,
        "[[features.f.inference]]\nid = \"ask\"\nmodel = \"llm\"\nrate = \"{}/day\"\nunits = {}\n",
        1 + pick.below(30),
        1 + pick.below(900)
    )
    .unwrap();
}

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
