//! Keys that need or exclude others in their table.

use super::support::{as_json, validator};

/// What is wrong, a file with it, and the same without.
const CASES: &[(&str, &str, &str)] = &[
    (
        "a line without rate",
        "[[features.f.calls]]\nendpoint = '/a'",
        "[[features.f.calls]]\nendpoint = '/a'\nrate = '1/day'",
    ),
    (
        "a line with rate and after",
        "[[features.f.calls]]\nendpoint = '/a'\nrate = '1/day'\nafter = 'b'",
        "[[features.f.calls]]\nendpoint = '/a'\nafter = 'b'",
    ),
    (
        "after with a peak",
        "[[features.f.calls]]\nendpoint = '/a'\nafter = 'b'\npeak = 2",
        "[[features.f.calls]]\nendpoint = '/a'\nafter = 'b'\nfanout = 2",
    ),
    (
        "fanout without after",
        "[[features.f.writes]]\ntable = 'a'\nrate = '1/day'\nfanout = 2",
        "[[features.f.writes]]\ntable = 'a'\nrate = '1/day'",
    ),
    (
        "a batch with a peak",
        "[[features.f.writes]]\ntable = 'a'\nrate = 'every 1d'\npeak = 2",
        "[[features.f.writes]]\ntable = 'a'\nrate = 'every 1d'\nspread = '1h'",
    ),
    (
        "a batch with a busiest day",
        "[[features.f.writes]]\ntable = 'a'\nrate = 'every 1d'\npeak_day = 2",
        "[[features.f.writes]]\ntable = 'a'\nrate = '1/day'\npeak_day = 2\nspread = '1h'",
    ),
    (
        "a line that follows with a busiest day",
        "[[features.f.writes]]\ntable = 'a'\nafter = 'b'\npeak_day = 2",
        "[[features.f.writes]]\ntable = 'a'\nafter = 'b'",
    ),
    (
        "growth beside days to come",
        "[tenants]\npro = { now = 1, 30d = 2, growth = '5%/month' }",
        "[tenants]\npro = { now = 1, growth = '5%/month' }",
    ),
    (
        "growth without today",
        "[tenants]\npro = { growth = '5%/month' }",
        "[tenants]\npro = { now = 1, growth = '-5%/year' }",
    ),
    (
        "growth by less than all that there is",
        "[tenants]\npro = { now = 1, growth = '-101%/month' }",
        "[tenants]\npro = { now = 1, growth = '-100%/month' }",
    ),
    (
        "a plan that is none",
        "[apis.a.plan]\ncredits = 'none'",
        "[apis.a]\nrate_limit = 'none'\nbudget = { now = 5, max = 'none' }",
    ),
    (
        "a limit that is none now and raised later",
        "[databases.d]\nstorage = { now = 'none', max = 5 }",
        "[databases.d]\nstorage = 'none'",
    ),
    (
        "a metric of two forms",
        "[metrics.'apis.a.credits']\ncounter = 'a'\ngauge = 'b'",
        "[metrics.'apis.a.credits']\ncounter = 'a'",
    ),
    (
        "a metric of no form",
        "[metrics.'apis.a.credits']\ntenant = 'a'",
        "[metrics.'apis.a.balance']\ngauge = 'b'\ntenant = 'a'",
    ),
    (
        "rows that are about nothing",
        "[[usage.map]]\nwhere = { a = 'b' }",
        "[[usage.map]]\nwhere = { a = 'b' }\nto = { subject = 'apis.a', unit = 'calls' }",
    ),
    (
        "a shared cache without keys",
        "[[features.f.calls]]\nendpoint = '/a'\nrate = '1/day'\ncache = { ttl = '1h', scope = 'shared' }",
        "[[features.f.calls]]\nendpoint = '/a'\nrate = '1/day'\ncache = { ttl = '1h', scope = 'shared', keys = 5 }",
    ),
    (
        "credits per step without a step",
        "[apis.a.endpoints.'/a']\ncredits_per_step = 1",
        "[apis.a.endpoints.'/a']\ncredits_per_step = 1\nstep = 10",
    ),
    (
        "a step without its credits",
        "[apis.a.endpoints.'/a']\ncredits = 1\nstep = 10",
        "[apis.a.endpoints.'/a']\ncredits_per_item = 1\nstep = 10",
    ),
    (
        "credits per step and per item",
        "[apis.a.endpoints.'/a']\ncredits_per_item = 1\nstep = 10\ncredits_per_step = 1",
        "[apis.a.endpoints.'/a']\ncredits = 1\nstep = 10\ncredits_per_step = 1",
    ),
    (
        "what differs beside a quantile",
        "[[features.f.writes]]\ntable = 'a'\nrate = '1/day'\nrows = { each = { p50 = 1, p90 = 2 }, p90 = 3 }",
        "[[features.f.writes]]\ntable = 'a'\nrate = '1/day'\nrows = { each = { p50 = 1, p90 = 2 } }",
    ),
    (
        "a rate of each event",
        "[[features.f.writes]]\ntable = 'a'\nrate = { each = { p50 = '1/day', p90 = '2/day' } }",
        "[[features.f.writes]]\ntable = 'a'\nrate = { p50 = '1/day', p90 = '2/day' }",
    ),
    (
        "a price without steps",
        "[apis.a]\noverage = []",
        "[apis.a]\noverage = [{ price = 1, per = 1 }]",
    ),
    (
        "an empty cache",
        "[[features.f.calls]]\nendpoint = '/a'\nrate = '1/day'\ncache = {}",
        "[[features.f.calls]]\nendpoint = '/a'\nrate = '1/day'\ncache = false",
    ),
    (
        "adoption and active",
        "[features.f]\nadoption = 0.5\nactive = 5",
        "[features.f]\nadoption = 0.5",
    ),
    (
        "a compacted topic with a retention",
        "[queues.q]\nbroker = 'kafka'\nmessage_size = 1\ncompact = { keys = 5 }\nretention = '1d'",
        "[queues.q]\nbroker = 'kafka'\nmessage_size = 1\ncompact = { keys = 5, per = 'project' }",
    ),
    (
        "a retention by bytes without partitions",
        "[queues.q]\nbroker = 'kafka'\nmessage_size = 1\nretention_bytes = '1GB'",
        "[queues.q]\nbroker = 'kafka'\nmessage_size = 1\nretention_bytes = '1GB'\npartitions = 3",
    ),
    (
        "a compacted queue that is no topic",
        "[queues.q]\nbroker = 'sqs'\nmessage_size = 1\ncompact = { keys = 5 }",
        "[queues.q]\nbroker = 'kafka'\nmessage_size = 1\ncompact = { keys = 'unknown' }",
    ),
    (
        "a budget for what has no price",
        "[databases.d]\nbudget = 5",
        "[databases.d]\nbudget = 5\nprice = { per = '1GB', month = 1 }",
    ),
    (
        "a budget for a queue that has no price",
        "[queues.q]\nbroker = 'sqs'\nmessage_size = 1\nbudget = 5",
        "[queues.q]\nbroker = 'sqs'\nmessage_size = 1\nbudget = 5\nprice = { per = 1, month = 1 }",
    ),
    (
        "the price of nothing",
        "[databases.d]\nprice = { per = 0, month = 1 }",
        "[databases.d]\nprice = { per = '1GB', month = 0 }",
    ),
    (
        "a snapshot that is refreshed",
        "[tables.a]\nkind = 'snapshot'\nrow_size = 1\nrefresh = '1d'",
        "[tables.a]\nkind = 'rollup'\nrow_size = 1\nfrom = 'b'\nratio = 0.1\nrefresh = '1d'",
    ),
    (
        "an entity counted twice",
        "[entities]\na = { per_tenant = 1, count = 5 }",
        "[entities]\na = { count = 5, fixed = true }",
    ),
    (
        "an entity counted never",
        "[entities]\na = {}",
        "[entities]\na = { per_tenant = 1 }",
    ),
    (
        "fixed per tenant",
        "[entities]\na = { per_tenant = 1, fixed = true }",
        "[entities]\na = { per_tenant = 'unknown' }",
    ),
    (
        "a rollup of nothing",
        "[tables.a]\nkind = 'rollup'\nrow_size = 1",
        "[tables.a]\nkind = 'rollup'\nrow_size = 1\nfrom = 'b'\nratio = 0.1",
    ),
    (
        "a snapshot with a source",
        "[tables.a]\nkind = 'snapshot'\nrow_size = 1\nfrom = 'b'",
        "[tables.a]\nkind = 'snapshot'\nrow_size = 1",
    ),
    (
        "a state table that expires",
        "[tables.a]\nkind = 'state'\nrow_size = 1\nrows = 1\nretention = '1d'",
        "[tables.a]\nkind = 'state'\nrow_size = 1\nrows = 1",
    ),
    (
        "partitions of rabbitmq",
        "[queues.a]\nbroker = 'rabbitmq'\nmessage_size = 1\npartitions = 1",
        "[queues.a]\nbroker = 'kafka'\nmessage_size = 1\npartitions = 1",
    ),
    (
        "eviction of kafka",
        "[queues.a]\nbroker = 'kafka'\nmessage_size = 1\neviction = 'x'",
        "[queues.a]\nbroker = 'redis'\nmessage_size = 1\neviction = 'x'",
    ),
    (
        "a unit beside units",
        "[models.a]\nunit = 'x'\nprice = { input = 1 }",
        "[models.a]\nunit = 'x'\nprice = 1",
    ),
    (
        "a buffer of no event",
        "[scenarios.a]\nbuffer = 0.1",
        "[scenarios.a]\nbuffer = 0.1\non = 2026-11-27",
    ),
    (
        "a currency that is none",
        "[project]\ncurrency = '$'",
        "[project]\ncurrency = 'USD'",
    ),
    (
        "a limit of two kinds",
        "[apis.a]\nlimits = [{ id = 'x', rate = '1/s', concurrent = 1 }]",
        "[apis.a]\nlimits = [{ id = 'x', rate = '1/s' }]",
    ),
    (
        "a limit of no kind",
        "[models.a]\nlimits = [{ id = 'x' }]",
        "[models.a]\nlimits = [{ id = 'x', concurrent = 1 }]",
    ),
    (
        "credits at the same time",
        "[apis.a]\nlimits = [{ id = 'x', concurrent = 1, counts = 'credits' }]",
        "[apis.a]\nlimits = [{ id = 'x', rate = '1/s', counts = 'credits' }]",
    ),
    (
        "the largest of nobody",
        "[apis.a]\nlimits = [{ id = 'x', rate = '1/s', largest = 2 }]",
        "[apis.a]\nlimits = [{ id = 'x', rate = '1/s', largest = 2, per = 'tenant' }]",
    ),
    (
        "exclusive of everything",
        "[apis.a]\nlimits = [{ id = 'x', rate = '1/s', exclusive = true }]",
        "[apis.a]\nlimits = [{ id = 'x', rate = '1/s', exclusive = false }]",
    ),
    (
        "half a pack",
        "[apis.a]\npacks = [{ name = 'b', credits = 1, price = 1, max = 1.5 }]",
        "[apis.a]\npacks = [{ name = 'b', credits = 1, price = 1, max = 2 }]",
    ),
    (
        "a rule that is none",
        "[rules]\nnear-limits = 'off'",
        "[rules]\nnear-limit = 'off'",
    ),
    (
        "a file's error turned off",
        "[rules]\nsyntax = 'off'",
        "[rules]\nover-limit = 'off'",
    ),
    (
        "a waiver of no rule",
        "[[waivers]]\nrule = 'x'\nsubject = 'y'\nreason = 'z'",
        "[[waivers]]\nrule = 'over-limit'\nsubject = 'y'\nreason = 'z'",
    ),
];

#[test]
fn keys_that_need_or_exclude_others_are_known() {
    let schema = validator(&caplint::pages::capacity_schema());
    let is_valid = |text: &str| {
        let table: toml::Table = text.parse().expect("TOML");
        schema.is_valid(&as_json(&toml::Value::Table(table)))
    };
    for (what, wrong, right) in CASES {
        assert!(!is_valid(wrong), "{what} is accepted");
        assert!(is_valid(right), "without {what} it is refused");
    }
}
