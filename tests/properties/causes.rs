//! What is said to cause a change sums to it.

use super::model::Random;
use super::{close, diff, only, project, projects};

#[test]
fn contributions_sum_to_the_delta() {
    let mut contributions = 0;
    for seed in projects(40) {
        let base = project(seed, false);
        // Every other change keeps most of the project.
        let mut random = Random::new(seed ^ 0x5eed);
        let head = match seed % 2 {
            0 => base.changed(&mut random),
            _ => project(seed + 1000, false),
        };
        let report = diff(&base.files(), &head.files());
        for change in &only(&report).changes {
            let (Some(before), Some(after), Some(delta)) =
                (change.before, change.after, change.delta)
            else {
                assert!(
                    change.attribution.is_empty(),
                    "seed {seed}: {}",
                    change.meter
                );
                continue;
            };
            // In the order of size, so that what large ones cancel is not lost in them.
            let mut deltas: Vec<f64> = change.attribution.iter().map(|cause| cause.delta).collect();
            deltas.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
            let sum: f64 = deltas.iter().sum();
            let larger = before.abs().max(after.abs());
            // Two contributions that cancel can't be told more exactly than this.
            let rounding = deltas
                .first()
                .map_or(0.0, |first| first.abs() * f64::EPSILON);
            assert!(
                (sum - delta).abs() <= (1e-12 * larger).max(rounding),
                "seed {seed}: {} moves by {delta}, its causes by {sum}: {:?}",
                change.meter,
                change.attribution
            );
            contributions += change.attribution.len();
        }
    }
    assert!(contributions > 300, "{contributions} contributions");
}

/// Which database a table is in that names none depends on how many there are.
#[test]
fn a_database_that_comes_or_goes_moves_the_tables_that_name_none() {
    let files = |databases: &[&str], named: &str| {
        let databases: String = databases
            .iter()
            .map(|name| format!("[databases.{name}]\n"))
            .collect();
        let text = format!(
            "[tenants]\nall = 10\n{databases}[tables.t]\nkind = \"state\"\nrow_size = 1000\nrows = 100\n{named}\
             [features.f]\n[[features.f.writes]]\ntable = \"t\"\nrate = \"5/s\"\n"
        );
        vec![("capacity.toml".to_owned(), text)]
    };
    let in_two = "database = \"two\"\n";
    let cases = [
        (
            (files(&["one", "two"], in_two), files(&["one"], "")),
            ["databases.two", "tables.t.database"],
            [1e6, -1e6],
        ),
        (
            (files(&["one"], ""), files(&["one", "two"], in_two)),
            ["databases.two", "tables.t.database"],
            [-1e6, 1e6],
        ),
        (
            (files(&["one"], ""), files(&["two"], "")),
            ["databases.two", "databases.one"],
            [-1e6, 1e6],
        ),
    ];
    for ((base, head), causes, deltas) in cases {
        let report = diff(&base, &head);
        let storage = |database: &str| {
            let id = format!("databases.{database}.storage");
            let mut changes = only(&report).changes.iter();
            let change = changes.find(|change| change.meter == id).unwrap();
            let causes = change.attribution.iter();
            causes
                .map(|cause| (cause.path.clone(), cause.delta))
                .collect::<Vec<_>>()
        };
        assert_eq!(storage("one"), [(causes[0].to_owned(), deltas[0])]);
        assert_eq!(storage("two"), [(causes[1].to_owned(), deltas[1])]);
    }
}

#[test]
fn an_infinite_demand_has_no_contributions_and_passing_through_one_keeps_the_sum() {
    let queue = |count: u32, rate: &str| {
        format!(
            "[tenants]\nall = 10\n[queues.q]\nbroker = \"sqs\"\nmessage_size = \"1KB\"\ndepth = 100\n\
             [queues.q.workers]\nmax = {count}\nrate = \"1/s\"\n\
             [features.f]\n[[features.f.messages]]\nqueue = \"q\"\nrate = \"{rate}\"\n"
        )
    };
    let files = |text: String| vec![("capacity.toml".to_owned(), text)];
    // The queue changes before the feature: on the way it can't drain.
    let report = diff(&files(queue(100, "8/s")), &files(queue(50, "1/s")));
    let change = only(&report)
        .changes
        .iter()
        .find(|change| change.meter == "queues.q.drain")
        .expect("it drains at another speed");
    let sum: f64 = change.attribution.iter().map(|cause| cause.delta).sum();
    assert!(close(sum, change.delta.unwrap(), 1e-12), "{change:?}");
    let report = diff(&files(queue(100, "8/s")), &files(queue(50, "8/s")));
    let change = only(&report)
        .changes
        .iter()
        .find(|change| change.meter == "queues.q.drain")
        .expect("it no longer drains");
    assert_eq!((change.after, change.delta), (None, None));
    assert!(change.attribution.is_empty());
}
