//! Keys that exclude or require each other: every wrong combination gets one error, whose words name
//! the right key.

use caplint::report::Finding;

use crate::support::findings::findings;

const FILE_ERRORS: [&str; 5] = [
    "invalid-value",
    "missing-key",
    "unknown-key",
    "unknown-reference",
    "duplicate-name",
];

fn errors(text: &str) -> Vec<Finding> {
    let mut found = findings(text);
    found.retain(|it| FILE_ERRORS.contains(&&*it.rule));
    found
}

/// What is wrong: the text, the rule, the subject, and the words that the message and the help have.
type Wrong<'a> = (&'a str, &'a str, &'a str, &'a [&'a str]);

/// Each text in place of `HERE` in a project is one error.
fn refused(project: &str, all: &[Wrong<'_>]) {
    for (text, rule, subject, words) in all {
        let project = project.replace("HERE", text);
        let found = errors(&project);
        let [finding] = &found[..] else {
            panic!("{text}: {found:#?}");
        };
        assert_eq!(
            (&*finding.rule, &*finding.subject),
            (*rule, *subject),
            "{text}"
        );
        let help = finding.help.as_deref().unwrap_or_default();
        let said = format!("{} | {help}", finding.message);
        for word in *words {
            assert!(said.contains(word), "{text}: no {word} in {said}");
        }
        assert!(finding.span.is_some(), "{text}");
    }
}

const INVALID: &str = "invalid-value";
const MISSING: &str = "missing-key";
const REFERENCE: &str = "unknown-reference";
const UNKNOWN: &str = "unknown-key";

#[test]
fn of_apis() {
    refused(
        "[apis.a]\nHERE\nendpoints.\"/x\" = {}\n",
        &[
            (
                "overage = []",
                INVALID,
                "apis.a.overage",
                &["`[{ up_to = 1000, price = 0 }"],
            ),
            (
                "overage = [{ up_to = 5, price = 1, per = 1 }]",
                INVALID,
                "apis.a.overage.up_to",
                &["add a step without `up_to`"],
            ),
            (
                "overage = [{ price = 1, per = 1 }, { price = 2, per = 1 }]",
                MISSING,
                "apis.a.overage.up_to",
                &["add `up_to`"],
            ),
            (
                "overage = [{ up_to = 5, price = 1, per = 1 }, { up_to = 4, price = 1, per = 1 }, { price = 2, per = 1 }]",
                INVALID,
                "apis.a.overage.up_to",
                &["each `up_to` counts from 0"],
            ),
            (
                "overage = { up_to = 5, price = 1, per = 1 }",
                UNKNOWN,
                "apis.a.overage.up_to",
                &["`price` and `per`"],
            ),
            (
                "plan = { credits = \"none\" }",
                INVALID,
                "apis.a.plan.credits",
                &["cannot be `none`", "write how much there is"],
            ),
            (
                "budget = { now = \"none\", max = 5 }",
                INVALID,
                "apis.a.budget.now",
                &["write `\"none\"` alone"],
            ),
            (
                "budget = { now = 5, max = 4.99 }",
                INVALID,
                "apis.a.budget",
                &[
                    "the `max` of `budget` is below its `now`",
                    "the most that it can be raised to",
                ],
            ),
            (
                "rate_limit = { now = \"1/s\", max = \"90/min\" }",
                INVALID,
                "apis.a.rate_limit",
                &["`now` and `max`", "the same period"],
            ),
            (
                "rate_limit = [\"1/s\", \"none\"]",
                INVALID,
                "apis.a.rate_limit",
                &["write `rate_limit = \"none\"`"],
            ),
            (
                "rate_limit = \"every 1s\"",
                INVALID,
                "apis.a.rate_limit",
                &["cannot be a batch", "\"200/min\""],
            ),
            (
                "limits = [{ id = \"l\", rate = \"1/s\", endpoints = [\"a:/x\"] }]",
                REFERENCE,
                "apis.a.limits.l.endpoints",
                &["did you mean `/x`?"],
            ),
            (
                "limits = [{ id = \"l\", rate = \"1/s\", endpoints = [\"a:/*\"] }]",
                REFERENCE,
                "apis.a.limits.l.endpoints",
                &["did you mean `/*`?"],
            ),
            (
                "limits = [{ id = \"l\", rate = \"1/s\", endpoints = [\"a:/z\"] }]",
                REFERENCE,
                "apis.a.limits.l.endpoints",
                &["declare the endpoint"],
            ),
        ],
    );
    refused(
        "[apis.a]\nendpoints.\"/x\" = { HERE }\n",
        &[
            (
                "step = 5",
                MISSING,
                "apis.a.endpoints.\"/x\".credits_per_step",
                &["add `credits_per_step`, or `credits_per_item`"],
            ),
            (
                "credits_per_step = 1",
                MISSING,
                "apis.a.endpoints.\"/x\".step",
                &["add `step`", "`credits_per_item`"],
            ),
            (
                "step = 5, credits_per_item = 1, credits_per_step = 1",
                INVALID,
                "apis.a.endpoints.\"/x\".credits_per_step",
                &["either `credits_per_step` or `credits_per_item`"],
            ),
            (
                "credits = { each = { p50 = 1, p90 = 2 } }",
                INVALID,
                "apis.a.endpoints.\"/x\".credits",
                &["does not differ from event to event", "without `each`"],
            ),
            (
                "step = 0, credits_per_item = 1",
                INVALID,
                "apis.a.endpoints.\"/x\".step",
                &["above 0"],
            ),
        ],
    );
    let concurrent = "limits = [{ id = \"l\", concurrent = 5 }]\nendpoints.\"/x\" = {}\n[features.f]\n\
                      calls = [{ endpoint = \"/x\", rate = \"1/day\", per = \"project\" }]\n";
    refused(
        "[apis.a]\nHERE",
        &[(
            concurrent,
            MISSING,
            "apis.a.endpoints.\"/x\".duration",
            &["add `duration`"],
        )],
    );
}

#[test]
fn of_lines() {
    refused(
        "[tenants]\npro = 5\n[apis.a]\nendpoints.\"/x\" = {}\n[features.f]\n\
         calls = [{ id = \"g\", endpoint = \"/x\", rate = \"1/day\" }, { endpoint = \"/x\", HERE }]\n",
        &[
            (
                "items = 2",
                MISSING,
                "features.f.calls.\"/x\".rate",
                &["add `rate =", "`after`"],
            ),
            (
                "rate = \"1/day\", after = \"g\"",
                INVALID,
                "features.f.calls.\"/x\".after",
                &["keep `after`", "`rate`"],
            ),
            (
                "after = \"g\", per = \"tenant\"",
                INVALID,
                "features.f.calls.\"/x\".per",
                &["`after`"],
            ),
            (
                "after = \"g\", tenants = [\"pro\"]",
                INVALID,
                "features.f.calls.\"/x\".tenants",
                &["`after`"],
            ),
            (
                "after = \"g\", peak = 2",
                INVALID,
                "features.f.calls.\"/x\".peak",
                &["`after`"],
            ),
            (
                "after = \"g\", peak_day = 2",
                INVALID,
                "features.f.calls.\"/x\".peak_day",
                &["`after`"],
            ),
            (
                "after = \"g\", spread = \"5s\"",
                INVALID,
                "features.f.calls.\"/x\".spread",
                &["`after`"],
            ),
            (
                "rate = \"1/day\", fanout = 2",
                INVALID,
                "features.f.calls.\"/x\".fanout",
                &["`after`"],
            ),
            (
                "rate = \"every 1h\", peak = 2",
                INVALID,
                "features.f.calls.\"/x\".peak",
                &["`spread`"],
            ),
            (
                "rate = \"every 1h\", peak_day = 2",
                INVALID,
                "features.f.calls.\"/x\".peak_day",
                &["`spread`"],
            ),
            (
                "rate = \"1/day\", peak_day = 8",
                INVALID,
                "features.f.calls.1.peak_day",
                &["above 7"],
            ),
            (
                "rate = \"1/day\", cache = { ttl = \"1h\", scope = \"shared\" }",
                MISSING,
                "features.f.calls.\"/x\".cache.keys",
                &["add `keys`"],
            ),
            (
                "rate = \"1/day\", items = { each = 5 }",
                INVALID,
                "features.f.calls.1.items.each",
                &["`{ p50 = …, p90 = … }`"],
            ),
            (
                "rate = \"1/day\", items = { each = { p50 = 1, p90 = 2000 } }",
                INVALID,
                "features.f.calls.1.items.each",
                &["1,000 times apart"],
            ),
            (
                "rate = \"1/day\", items = { each = { each = { p50 = 1, p90 = 2 } } }",
                UNKNOWN,
                "features.f.calls.1.items.each.each",
                &["`p10`, `p50` and `p90`"],
            ),
            (
                "rate = { each = { p50 = \"1/day\", p90 = \"2/day\" } }",
                INVALID,
                "features.f.calls.1.rate",
                &["without `each`"],
            ),
        ],
    );
}

#[test]
fn of_tenants_and_entities() {
    refused(
        "[tenants]\nHERE\n",
        &[
            (
                "x = { now = 1, growth = \"1%/month\", 30d = 5 }",
                INVALID,
                "tenants.x.growth",
                &["keep `growth`", "the days"],
            ),
            (
                "x = { growth = \"1%/month\" }",
                MISSING,
                "tenants.x.now",
                &["add `now`"],
            ),
            (
                "x = { now = 1, growth = \"-200%/month\" }",
                INVALID,
                "tenants.x.growth",
                &["`-100%/month`"],
            ),
            (
                "x = { now = 1, growth = 5 }",
                INVALID,
                "tenants.x.growth",
                &["\"10%/month\""],
            ),
            (
                "each = 5",
                INVALID,
                "tenants.each",
                &["choose another name"],
            ),
            ("all = 5", INVALID, "tenants.all", &["choose another name"]),
        ],
    );
    refused(
        "[tenants]\np = 5\n[entities]\nx = { HERE }\n",
        &[
            (
                "per_tenant = 2, count = 5",
                INVALID,
                "entities.x.count",
                &["keep `per_tenant`", "`count`"],
            ),
            (
                "per_tenant = 2, fixed = true",
                INVALID,
                "entities.x.fixed",
                &["`count` only"],
            ),
            (
                "fixed = true",
                MISSING,
                "entities.x.per_tenant",
                &["`per_tenant = 10`", "`count ="],
            ),
        ],
    );
}

#[test]
fn of_queues_and_databases() {
    let queue =
        |broker: &str| format!("[queues.q]\nbroker = \"{broker}\"\nmessage_size = \"1KB\"\nHERE\n");
    refused(
        &queue("kafka"),
        &[
            (
                "compact = { keys = 1, per = \"project\" }\nretention = \"1d\"",
                INVALID,
                "queues.q.retention",
                &["remove `compact`"],
            ),
            (
                "compact = { keys = 1, per = \"project\" }\nretention_bytes = \"1GB\"\npartitions = 1",
                INVALID,
                "queues.q.retention_bytes",
                &["remove `compact`"],
            ),
            (
                "compact = { per = \"project\" }",
                MISSING,
                "queues.q.compact.keys",
                &["add `keys`"],
            ),
            (
                "compact = { keys = 1, per = \"projet\" }",
                REFERENCE,
                "queues.q.compact.per",
                &["did you mean `project`?"],
            ),
            (
                "retention_bytes = \"1GB\"",
                MISSING,
                "queues.q.partitions",
                &["add `partitions`"],
            ),
            (
                "retention_bytes = 0\npartitions = 1",
                INVALID,
                "queues.q.retention_bytes",
                &["is 0", "above 0"],
            ),
            (
                "max_message = 0",
                INVALID,
                "queues.q.max_message",
                &["above 0"],
            ),
            (
                "partitions = 1\npartition_throughput = \"0MB/s\"",
                INVALID,
                "queues.q.partition_throughput",
                &["`\"3MB/s\"`"],
            ),
            (
                "partitions = \"none\"",
                INVALID,
                "queues.q.partitions",
                &["write how much there is"],
            ),
            (
                "budget = 5",
                MISSING,
                "queues.q.price",
                &["`price = { per ="],
            ),
            (
                "price = { month = 1 }",
                MISSING,
                "queues.q.price.per",
                &["add `per`"],
            ),
            (
                "price = { per = 0, month = 1 }",
                INVALID,
                "queues.q.price.per",
                &["above 0"],
            ),
        ],
    );
    let kafka = &["only kafka queues have it"][..];
    refused(
        &queue("sqs"),
        &[
            (
                "retention_bytes = \"1GB\"",
                INVALID,
                "queues.q.retention_bytes",
                kafka,
            ),
            (
                "compact = { keys = 1, per = \"project\" }",
                INVALID,
                "queues.q.compact",
                kafka,
            ),
            ("partitions = 1", INVALID, "queues.q.partitions", kafka),
            ("replication = 3", INVALID, "queues.q.replication", kafka),
        ],
    );
    refused(
        &queue("rabbitmq"),
        &[(
            "max_depth = \"none\"",
            INVALID,
            "queues.q.max_depth",
            &["such as `1_000_000`"],
        )],
    );
    refused(
        "[databases.d]\nHERE\n",
        &[
            (
                "budget = 5",
                MISSING,
                "databases.d.price",
                &["`price = { per ="],
            ),
            (
                "price = { per = \"1GB\" }",
                MISSING,
                "databases.d.price.month",
                &["add `month`"],
            ),
            (
                "storage = { now = \"1TB\", max = \"1GB\" }",
                INVALID,
                "databases.d.storage",
                &["below its `now`"],
            ),
        ],
    );
    refused(
        "[databases.d]\n[tables.t]\nkind = \"event\"\nrow_size = \"1KB\"\nHERE\n",
        &[
            (
                "rows = 5",
                INVALID,
                "tables.t.rows",
                &["an event table", "`kind = \"state\"`"],
            ),
            (
                "per = \"project\"",
                INVALID,
                "tables.t.per",
                &["`kind = \"state\"`"],
            ),
            (
                "refresh = \"1d\"",
                INVALID,
                "tables.t.refresh",
                &["`kind = \"rollup\"`"],
            ),
        ],
    );
}

#[test]
fn of_models() {
    let project = "[models.m]\nHERE\n[features.f]\n\
                   inference = [{ model = \"m\", UNITS, rate = \"1/day\", per = \"project\" }]\n";
    let with = |units: &str| project.replace("UNITS, ", units);
    refused(
        &with("units = { a = 1 }, "),
        &[
            (
                "unit = \"a\"\nprice = { a = 1 }",
                INVALID,
                "models.m.unit",
                &["the price names its units"],
            ),
            (
                "price = { a = 1 }\nstep = { b = 5 }",
                REFERENCE,
                "models.m.step.b",
                &["are `a`"],
            ),
            (
                "price = { a = 1 }\nstep = { requests = 5 }",
                INVALID,
                "models.m.step.requests",
                &["not rounded"],
            ),
            (
                "price = { a = 1 }\nmin_units = { requests = 5 }",
                INVALID,
                "models.m.min_units.requests",
                &["not rounded"],
            ),
            (
                "price = { a = [{ up_to = 5, price = 1 }] }",
                INVALID,
                "models.m.price.a.up_to",
                &["add a step without `up_to`"],
            ),
            (
                "price = { a = 1 }\nbudget = \"none\"",
                INVALID,
                "models.m.budget",
                &["write how much there is"],
            ),
            (
                "price = { a = 1 }\nlimits = [{ id = \"l\", concurrent = 5 }]",
                MISSING,
                "models.m.duration",
                &["add `duration`"],
            ),
            (
                "price = { a = 1 }\nlimits = [{ id = \"l\", rate = \"1/s\", counts = [\"a\", \"a\"] }]",
                INVALID,
                "models.m.limits.l.counts",
                &["name each unit once"],
            ),
            (
                "price = { a = 1 }\nlimits = [{ id = \"l\", rate = \"1/s\", counts = \"b\" }]",
                REFERENCE,
                "models.m.limits.l.counts",
                &["`a` and `requests`"],
            ),
            (
                "price = { a = 1 }\nlimits = [{ id = \"l\", rate = \"1/s\", endpoints = [\"x\"] }]",
                UNKNOWN,
                "models.m.limits.0.endpoints",
                &["`counts`"],
            ),
        ],
    );
    let by_run = "unit = \"requests\"\nprice = 1";
    refused(
        &with("units = 3, "),
        &[(
            by_run,
            INVALID,
            "features.f.inference.m.units",
            &["each run is one"],
        )],
    );
    refused(
        &with(""),
        &[(
            "unit = \"requests\"\nprice = 1\nstep = 3",
            INVALID,
            "models.m.step",
            &["not rounded"],
        )],
    );
    assert_eq!(errors(&with("").replace("HERE", by_run)).len(), 0);
}

#[test]
fn of_money_and_policy() {
    refused(
        "[apis.maps]\nHERE\n",
        &[
            (
                "[budgets.total]\nof = [\"apis.*\"]\nbudget = 5",
                INVALID,
                "budgets.total.of",
                &["remove `of`"],
            ),
            (
                "[budgets.x]\nbudget = 5",
                MISSING,
                "budgets.x.of",
                &["add `of`", "`total`"],
            ),
            (
                "[budgets.x]\nof = []\nbudget = 5",
                INVALID,
                "budgets.x.of",
                &["is empty", "[\"databases.*\"]"],
            ),
            (
                "[budgets.x]\nof = [\"api.maps\"]\nbudget = 5",
                REFERENCE,
                "budgets.x.of",
                &["did you mean `apis.maps`?"],
            ),
            (
                "[budgets.x]\nof = [\"budgets.total\"]\nbudget = 5",
                REFERENCE,
                "budgets.x.of",
                &["APIs, models, databases, queues and costs"],
            ),
            (
                "[budgets.x]\nof = [\"apis.maps\"]",
                MISSING,
                "budgets.x.budget",
                &["add `budget`"],
            ),
            ("[costs.c]", MISSING, "costs.c.price", &["add `price`"]),
            (
                "[policy.limits]\ntoday = { tight = \"90%\", breaks = \"80%\" }",
                INVALID,
                "policy.limits.today.tight",
                &["`tight` is 90%, above `breaks`, which is 80%"],
            ),
            (
                "[policy.limits]\ntoday = { breaks = \"80%\" }\n[policy.limits.rate]\ntoday = { tight = \"90%\" }",
                INVALID,
                "policy.limits.rate.today.tight",
                &["above `breaks`, which is 80%"],
            ),
            (
                "[policy.limits.rate]\nscenario = { tight = 1.5, breaks = 1 }",
                INVALID,
                "policy.limits.rate.scenario.tight",
                &["of at most 100%"],
            ),
            (
                "[policy.burn]\nsoft = { share = \"95%\" }\nhard = \"90%\"",
                INVALID,
                "policy.burn.soft.share",
                &["above `hard`, which is 90%"],
            ),
        ],
    );
    let sound = "[policy.burn]\nsoft = { share = \"90%\" }\nhard = \"90%\"\n[policy.limits]\n\
                 today = { tight = 1, breaks = 1 }\n[policy.limits.storage]\ntoday = { breaks = 1 }\n\
                 [policy.limits.rate]\nscenario = { tight = \"95%\" }\n";
    assert_eq!(errors(sound).len(), 0);
}
