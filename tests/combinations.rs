//! Keys that exclude or require each other: every wrong combination gets one error, whose words name
//! the right key.

mod apis;
mod stores;

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
