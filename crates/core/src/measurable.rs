//! What can be measured, and in which units.

/// What is measured of one kind of thing.
pub(crate) struct Kind {
    /// The path of one, with `*` for names.
    pub(crate) path: &'static [&'static str],
    /// Units that add up.
    pub(crate) counted: &'static [&'static str],
    /// Units that are sampled.
    pub(crate) sampled: &'static [&'static str],
    /// Whether a model's own units are counted, too.
    pub(crate) of_model: bool,
    /// What stands for names in metrics.
    pub(crate) variables: &'static [&'static str],
}

const fn kind(
    path: &'static [&'static str],
    [counted, sampled, variables]: [&'static [&'static str]; 3],
) -> Kind {
    Kind {
        path,
        counted,
        sampled,
        of_model: false,
        variables,
    }
}

static KINDS: [Kind; 13] = [
    kind(
        &["features", "*", "calls", "*"],
        [
            &["occurrences", "reached", "calls", "credits", "cost"],
            &[],
            &["name", "feature", "line", "api"],
        ],
    ),
    Kind {
        of_model: true,
        ..kind(
            &["features", "*", "inference", "*"],
            [
                &["occurrences", "reached", "requests", "cost"],
                &[],
                &["name", "feature", "line", "model"],
            ],
        )
    },
    kind(
        &["features", "*", "writes", "*"],
        [
            &["occurrences", "rows"],
            &[],
            &["name", "feature", "line", "table"],
        ],
    ),
    kind(
        &["features", "*", "reads", "*"],
        [
            &["occurrences", "reached", "rows"],
            &[],
            &["name", "feature", "line", "table"],
        ],
    ),
    kind(
        &["features", "*", "messages", "*"],
        [
            &["occurrences", "messages", "bytes"],
            &[],
            &["name", "feature", "line", "queue"],
        ],
    ),
    kind(&["features", "*"], [&[], &["count"], &["name", "feature"]]),
    kind(
        &["apis", "*"],
        [
            &["calls", "retries", "credits", "cost"],
            &["balance"],
            &["name", "api"],
        ],
    ),
    Kind {
        of_model: true,
        ..kind(
            &["models", "*"],
            [
                &["occurrences", "reached", "requests", "cost"],
                &[],
                &["name", "model"],
            ],
        )
    },
    kind(&["tenants", "*"], [&[], &["count"], &["name", "tier"]]),
    kind(&["entities", "*"], [&[], &["count"], &["name"]]),
    kind(
        &["tables", "*"],
        [
            &["rows-total"],
            &[
                "bytes",
                "rows-live",
                "indexes",
                "partitions",
                "never-analyzed",
                "missing",
            ],
            &["name", "table"],
        ],
    ),
    kind(
        &["databases", "*"],
        [&["reads", "writes"], &["bytes"], &["name"]],
    ),
    kind(
        &["queues", "*"],
        [
            &["arrived", "done"],
            &["depth", "workers"],
            &["name", "queue"],
        ],
    ),
];

impl Kind {
    pub(crate) fn of(subject: &[String]) -> Option<&'static Self> {
        let fits = |kind: &&Self| {
            let mut pairs = kind.path.iter().zip(subject);
            kind.path.len() == subject.len() && pairs.all(|(key, own)| *key == "*" || key == own)
        };
        KINDS.iter().find(fits)
    }
}

/// What a key of `[metrics]` is about, and in which unit.
pub(crate) fn subject_and_unit(key: &str) -> Option<(Vec<String>, String)> {
    let (mut path, mut rest) = (Vec::new(), key);
    loop {
        let end = match rest.strip_prefix('"') {
            Some(quoted) => quoted.find('"')? + 2,
            None => rest.find('.').unwrap_or(rest.len()),
        };
        let (part, after) = rest.split_at(end);
        path.push(match part.strip_prefix('"') {
            Some(quoted) => quoted.strip_suffix('"')?.to_owned(),
            None if part == "*" || (!part.is_empty() && !part.contains('*')) => part.to_owned(),
            None => return None,
        });
        match after.strip_prefix('.') {
            Some(after) => rest = after,
            None if after.is_empty() => break,
            None => return None,
        }
    }
    let unit = path.pop()?;
    (!path.is_empty()).then_some((path, unit))
}
