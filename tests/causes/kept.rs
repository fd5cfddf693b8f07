//! What does not fail where another finding does silences nothing.

use caplint::finding::Severity;
use caplint::report::{self, State};

use super::{CREDITS, DISK, WORKERS, features, left_of};

/// What is left where the findings of one rule are lowered to warnings.
fn left_where_lowered(
    toml: &str,
    base: Option<&str>,
    lowered: &str,
    all: &[(&'static str, &str)],
) -> usize {
    let lower = |finding: &mut report::Finding| {
        if finding.rule == lowered {
            finding.severity = Severity::Warning;
        }
    };
    left_of(toml, base, all, lower).len()
}

#[test]
fn nothing_is_silenced_by_what_does_not_fail_where_it_does() {
    let (meter, api) = ("over-limit", "apis.a");
    let disk = DISK.replace("REST", "100B");
    let workers = WORKERS.replace("DIRECT", "10");
    let (grown, before) = (features(15, 10), features(10, 10));
    type Case<'a> = (&'a str, Option<&'a str>, &'a [(&'static str, &'a str)]);
    let cases: [Case<'_>; 11] = [
        ("", None, &[(meter, CREDITS), ("near-limit", CREDITS)]),
        (
            "",
            None,
            &[("limit-ahead", CREDITS), ("near-limit", CREDITS)],
        ),
        ("", None, &[("burn-hard", CREDITS), ("burn-soft", CREDITS)]),
        (
            "",
            None,
            &[
                ("cache-too-long", "features.f.calls.x.cache"),
                ("cache-saves-nothing", "features.f.calls.x.cache"),
            ],
        ),
        (
            "",
            None,
            &[
                ("quota-over-budget", "models.m.tenant_quota"),
                ("quota-oversubscribed", "models.m"),
            ],
        ),
        (
            "",
            None,
            &[
                ("queue-unbounded", "queues.q"),
                ("limit-missing", "queues.q"),
            ],
        ),
        (
            "",
            None,
            &[("queue-unstable", "queues.q"), (meter, "queues.q.drain")],
        ),
        (
            &workers,
            None,
            &[
                ("worker-ceiling-over-rate-limit", api),
                (meter, "apis.a.rate.min"),
            ],
        ),
        (
            &disk,
            None,
            &[
                ("table-without-retention", "tables.log"),
                ("limit-ahead", "databases.d.storage"),
                ("scenario-over-limit", "scenarios.10x"),
            ],
        ),
        (
            &grown,
            Some(&before),
            &[
                ("feature-change-over-threshold", "features.f"),
                ("change-over-threshold", CREDITS),
            ],
        ),
        (
            &disk,
            None,
            &[
                ("scenario-over-limit", "scenarios.10x"),
                ("irreversible-undecided", "databases.d.decision"),
            ],
        ),
    ];
    for (toml, base, all) in cases {
        let speaker = all[0].0;
        let old_speaker = |finding: &mut report::Finding| {
            let is_old = finding.rule == speaker;
            finding.state = Some(if is_old { State::Existing } else { State::New });
        };
        let all_old = |finding: &mut report::Finding| finding.state = Some(State::Existing);
        assert_eq!(
            left_of(toml, base, all, old_speaker).len(),
            all.len(),
            "{speaker}"
        );
        assert_eq!(left_of(toml, base, all, all_old).len(), 1, "{speaker}");
        assert_eq!(left_of(toml, base, all, |_| {}).len(), 1, "{speaker}");
        assert_eq!(
            left_where_lowered(toml, base, speaker, all),
            all.len(),
            "{speaker}"
        );
    }
}
