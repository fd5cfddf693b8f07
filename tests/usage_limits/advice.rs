//! The values that advice about limits names.

use crate::support::lint::{findings, only};

/// The help of the only finding of a rule, which writing the last value that it names ends.
fn advised(rule: &str, toml: &str, from: &str, to: &str) -> String {
    let help = only(rule, toml).help.unwrap_or_default();
    assert!(toml.contains(from), "{from}");
    let fixed = findings(rule, &toml.replace(from, to));
    assert_eq!(fixed.len(), 0, "{rule}: {fixed:?}");
    // What it is enough for is held in `fix::advice`.
    let words = help.split(" (enough ");
    let mut words = words.map(|it| it.split_once(')').map_or(it, |(_, rest)| rest));
    let first = help.split(" (enough ").next().unwrap_or_default();
    words.next();
    format!("{first}{}", words.collect::<String>())
}

#[test]
fn advice_about_limits_names_a_value_that_ends_the_finding() {
    let file = |limits: &str, rate: &str, scenario: &str| {
        format!(
            "[project]\npeak = 2\n[tenants]\npro = 100\n[apis.a]\nlimits = [{limits}, {{ id = \"all\", rate = \"none\" }}]\n\
             endpoints.\"/x\" = {{ duration = \"2s\", cacheable = false }}\n[features.f]\nspec = \"spec.md\"\n\
             owner = \"o\"\ncalls = [{{ endpoint = \"/x\", rate = \"{rate}\" }}]\n[scenarios.s]\ntenants = 1\n{scenario}"
        )
    };
    let over = |limits: &str, from: &str, to: &str| {
        advised("over-limit", &file(limits, "2/min", ""), from, to)
    };
    assert_eq!(
        over(
            "{ id = \"l\", rate = { pro = \"3/min\" }, per = \"tenant\" }",
            "3/min",
            "6/min"
        ),
        "raise `apis.a.limits.l.rate.pro` to `\"6/min\"`"
    );
    assert_eq!(
        over(
            "{ id = \"l\", concurrent = 10 }",
            "concurrent = 10",
            "concurrent = 18"
        ),
        "raise `apis.a.limits.l.concurrent` to `18`, or lower `features.f.calls.\"/x\".rate` to `1.12/min`"
    );
    assert_eq!(
        over(
            "{ id = \"l\", concurrent = { pro = 0.1 }, per = \"tenant\" }",
            "0.1",
            "2"
        ),
        "raise `apis.a.limits.l.concurrent.pro` to `2`"
    );
    // A waiver that has reached its ceiling says so, beside the value.
    let waived = "[[waivers]]\nrule = \"near-limit\"\nsubject = \"apis.a.rate.l\"\nreason = \"r\"\n\
                  owner = \"o\"\nuntil = 2027-01-01\nceiling = 0.8\n";
    let near = file("{ id = \"l\", rate = \"450/min\" }", "2/min", waived);
    let help = advised("near-limit", &near, "450/min", "534/min");
    assert!(
        help.starts_with("raise `apis.a.limits.l.rate` to `\"534/min\"`")
            && help.ends_with("its waiver ends at its ceiling of 0.8"),
        "{help}"
    );
    let batch = file("{ id = \"l\", rate = \"50/min\" }", "every 1h", "");
    assert_eq!(
        advised(
            "burst-undeclared",
            &batch,
            "\"every 1h\"",
            "\"every 1h\", spread = \"3min\""
        ),
        "add `spread = \"3min\"`, or longer"
    );
    let units = "[project]\npeak = 2\n[tenants]\npro = 10\n[models.m]\ncapacity = { requests = \"15/min\", tokens = \"1M/min\" }\n\
                 [features.f]\ninference = [{ model = \"m\", units = { tokens = 3 }, rate = \"1/min\" }]\n\
                 [scenarios.s]\ntenants = 1\n";
    assert_eq!(
        advised("over-limit", units, "15/min", "27/min"),
        "raise `models.m.capacity.requests` to `\"27/min\"`, or lower `features.f.inference.m.rate` to `0.562/min`"
    );
}

#[test]
fn advice_about_topics_and_queues_names_a_value_that_ends_the_finding() {
    let topic = |keys: &str, tenants: f64| {
        format!(
            "[tenants]\npro = 100\n[queues.q]\nbroker = \"kafka\"\nmessage_size = \"1KB\"\nretention = \"1d\"\n\
             replay = 5\nreplication = 3\n{keys}\n[features.f]\nspec = \"spec.md\"\nowner = \"o\"\n\
             messages = [{{ queue = \"q\", rate = \"100/s\" }}]\n\
             [scenarios.s]\ntenants = {tenants}\nrequire = \"fit\"\n"
        )
    };
    // Both what the cluster takes and what the partitions do.
    let both = topic("partitions = 10\nthroughput = \"50MB/s\"", 1.0);
    let fixed = "partitions = 27\nthroughput = \"80MB/s\"";
    assert_eq!(
        advised(
            "over-limit",
            &both,
            "partitions = 10\nthroughput = \"50MB/s\"",
            fixed
        ),
        "raise `queues.q.throughput` to `\"80MB/s\"`, and raise `queues.q.partitions` to `27`"
    );
    let cluster = topic("partitions = 100\nthroughput = \"50MB/s\"", 1.0);
    assert_eq!(
        advised("over-limit", &cluster, "50MB/s", "80MB/s"),
        "raise `queues.q.throughput` to `\"80MB/s\"`"
    );
    // What is enough today stays as it is.
    let later = topic("throughput = { now = \"100MB/s\", max = \"120MB/s\" }", 5.0);
    assert_eq!(
        advised(
            "scenario-over-limit",
            &later,
            "max = \"120MB/s\"",
            "max = \"300MB/s\""
        ),
        "raise the `max` of `queues.q.throughput` to `\"300MB/s\"`"
    );
    // As much as the scenarios need that have to fit.
    let cut = topic("partitions = 100\nretention_bytes = \"1GB\"", 2.0);
    assert_eq!(
        advised("retention-cut-short", &cut, "\"1GB\"", "\"17.3GB\""),
        "set `retention_bytes = \"17.3GB\"`"
    );
    let sqs = |rate: &str| {
        format!(
            "[queues.q]\nbroker = \"sqs\"\nmessage_size = \"1KB\"\ndrain = \"1h\"\n\
             workers = {{ max = 900_000, rate = \"{rate}\" }}\n[features.f]\nspec = \"spec.md\"\nowner = \"o\"\n\
             messages = [{{ queue = \"q\", rate = \"160k/h\", per = \"project\" }}]\n"
        )
    };
    assert_eq!(
        advised("broker-inflight-limit", &sqs("1/h"), "\"1/h\"", "\"2/h\""),
        "shorten the jobs, so that a worker does `rate = \"2/h\"`"
    );
}
