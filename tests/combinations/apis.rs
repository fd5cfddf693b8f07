//! Keys of APIs and models that do not go together.

use super::{INVALID, MISSING, REFERENCE, UNKNOWN, errors, refused};

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
