//! The rules about tables: figures, boundaries, and when they are silent.

use crate::support::findings::{findings, of_rule, only, silent, words};

/// A thousand tenants that write a row of 100 bytes a day.
fn events(engine: &str, table: &str) -> String {
    format!(
        "[tenants]\npro = {{ now = 1_000, 30d = 1_000 }}\n\
         [databases.main]\nstorage = \"1TB\"\n{engine}\n\
         [tables.events]\nkind = \"event\"\nrow_size = \"100B\"\n{table}\n\
         [features.sync]\nspec = \"spec.md\"\nowner = \"ingest\"\n\
         [[features.sync.writes]]\ntable = \"events\"\nrate = \"1/day\"\n"
    )
}

/// The same with rollups on the table.
fn rolled_up(rollups: &[(&str, &str, &str, &str)]) -> String {
    let mut text = events("", "retention = \"90d\"");
    for (name, from, ratio, retention) in rollups {
        text.push_str(&format!(
            "[tables.{name}]\nkind = \"rollup\"\nfrom = \"{from}\"\nratio = {ratio}\n\
             row_size = \"100B\"\n{retention}\n"
        ));
    }
    text
}

#[test]
fn a_table_without_retention_says_what_it_grows_to() {
    let text = events("", "");
    let finding = only(&text, "table-without-retention");
    assert_eq!(
        finding.message,
        "`tables.events` has no `retention`: 36.5 MB in 365 days, and growing"
    );
    assert_eq!(finding.figure, Some(36.5e6));
    assert_eq!(words(&text, &finding), "events");
}

#[test]
fn what_is_broken_is_not_missing() {
    silent(
        &events("", "retention = \"ninety days\""),
        "table-without-retention",
    );
    silent(
        &events("", "retentoin = \"90d\""),
        "table-without-retention",
    );
    silent(
        &events("", "retention = \"forever\"\nreason = 5"),
        "retention-forever-unexplained",
    );
    let partition = "retention = \"90d\"\npartition = \"daily\"";
    let small = "[policy]\npartition_above = 0\n";
    silent(&(events("", partition) + small), "table-without-partition");
}

#[test]
fn a_blank_reason_explains_nothing() {
    let text = events("", "retention = \"forever\"\nreason = \" \"");
    let finding = only(&text, "retention-forever-unexplained");
    assert_eq!(words(&text, &finding), "\"forever\"");
}

#[test]
fn a_table_is_large_above_the_policy_not_at_it() {
    // 1,000 rows of 100 B on each of 10 days: 1 MB.
    let scenario = "[scenarios.as-today]\ntenants = 1\n";
    let with = |above: &str| {
        events("", "retention = \"10d\"")
            + &format!("[policy]\npartition_above = \"{above}\"\n")
            + scenario
    };
    silent(&with("1MB"), "table-without-partition");
    let finding = only(&with("999KB"), "table-without-partition");
    assert_eq!(finding.figure, Some(1e6));
    assert_eq!(
        finding.message,
        "`tables.events` reaches 1 MB at the horizon, expires rows and is not partitioned (needed above 999 KB)"
    );
    assert_eq!(
        finding.help.as_deref(),
        Some("add `partition = \"day\"`: 11 of them hold 10d")
    );
}

#[test]
fn a_scenario_makes_a_table_large_unless_it_only_reports() {
    let with = |require: &str| {
        events("", "retention = \"10d\"")
            + "[policy]\npartition_above = \"5MB\"\n"
            + &format!("[scenarios.more]\ntenants = 10\nrequire = \"{require}\"\n")
    };
    for require in ["fit", "warn"] {
        let finding = only(&with(require), "table-without-partition");
        assert_eq!(
            finding.message,
            "`tables.events` reaches 10 MB in `more`, 1 MB today, expires rows and is not partitioned (needed above 5 MB)"
        );
        assert_eq!(finding.figure, Some(1e7));
    }
    silent(&with("report"), "table-without-partition");
}

#[test]
fn rows_that_stay_need_no_partitions() {
    let policy = "[policy]\npartition_above = 0\n";
    let forever = events("", "retention = \"forever\"\nreason = \"the law\"");
    silent(&(forever + policy), "table-without-partition");
}

#[test]
fn rules_about_rows_speak_for_engines_that_keep_rows() {
    let table = "retention = \"10d\"\npartition = \"month\"\nexpire = \"detach\"";
    let rules = |engine: &str| -> Vec<String> {
        let engine = format!("engine = \"{engine}\"");
        let small = events(&engine, table).replace("100B", "20B");
        let found = findings(&small).into_iter().map(|finding| finding.rule);
        found
            .filter(|rule| !rule.starts_with("calibration") && rule != "limit-missing")
            .collect()
    };
    let of_rows = ["partition-coarser-than-retention", "expire-detaches-only"];
    for engine in ["postgres", "PostgreSQL", "aurora-postgresql", "timescaledb"] {
        let found = rules(engine);
        for rule in of_rows.iter().chain(&["row-size-implausible"]) {
            assert!(
                found.iter().any(|found| found == rule),
                "{engine}: {found:?}"
            );
        }
    }
    // InnoDB's rows are smaller than PostgreSQL's.
    assert_eq!(rules("mysql").len(), 2, "{:?}", rules("mysql"));
    for engine in ["clickhouse", "s3", "bigquery", "qdrant"] {
        assert_eq!(rules(engine), Vec::<String>::new(), "{engine}");
    }
}

#[test]
fn partitions_that_live_at_once_are_those_of_the_retention_and_one() {
    let with = |table: &str| events("", table);
    silent(
        &with("retention = \"999d\"\npartition = \"day\""),
        "too-many-partitions",
    );
    let finding = only(
        &with("retention = \"1000d\"\npartition = \"day\""),
        "too-many-partitions",
    );
    assert_eq!(finding.figure, Some(1001.0));
    assert!(
        finding
            .message
            .starts_with("1,001 partitions of `tables.events` live at once, of at most 1,000"),
        "{}",
        finding.message
    );
    assert_eq!(
        finding.help.as_deref(),
        Some("set `partition = \"week\"`: 144 at once")
    );
    // For ever: one an hour up to the horizon.
    let forever = with("retention = \"forever\"\nreason = \"law\"\npartition = \"1h\"");
    assert_eq!(only(&forever, "too-many-partitions").figure, Some(8761.0));
}

#[test]
fn a_partition_as_long_as_the_retention_is_not_coarser() {
    let with = |partition: &str| {
        events(
            "",
            &format!("retention = \"30d\"\npartition = \"{partition}\""),
        )
    };
    silent(&with("month"), "partition-coarser-than-retention");
    let finding = only(&with("60d"), "partition-coarser-than-retention");
    assert_eq!(finding.figure, Some(2.0));
    assert!(
        finding.message.ends_with("30d + 60d = 90d"),
        "{}",
        finding.message
    );
}

#[test]
fn rows_are_deleted_one_by_one_only_where_that_is_said_of_partitions() {
    silent(&events("", "retention = \"30d\""), "expire-by-delete");
    silent(
        &events("", "retention = \"30d\"\nexpire = \"delete\""),
        "expire-by-delete",
    );
    let both = "retention = \"30d\"\npartition = \"day\"\nexpire = \"delete\"";
    let text = events("", both);
    assert_eq!(words(&text, &only(&text, "expire-by-delete")), "\"delete\"");
}

#[test]
fn the_coarsest_rollup_is_judged_by_the_product_of_its_chain() {
    let year = "retention = \"1y\"";
    let tenth = rolled_up(&[("hours", "events", "0.1", year)]);
    silent(&tenth, "rollup-too-fine");
    let chain = rolled_up(&[
        ("hours", "events", "0.5", year),
        ("days", "hours", "0.2", year),
    ]);
    silent(&chain, "rollup-too-fine");
    let beside = rolled_up(&[
        ("hours", "events", "0.5", year),
        ("days", "events", "0.02", year),
    ]);
    silent(&beside, "rollup-too-fine");
    let fine = rolled_up(&[
        ("hours", "events", "0.9", year),
        ("days", "hours", "0.5", year),
    ]);
    let finding = only(&fine, "rollup-too-fine");
    assert_eq!(finding.subject, "tables.days");
    assert_eq!(finding.figure, Some(0.45));
    assert!(
        finding
            .message
            .contains("keeps 45% of the rows of `events`"),
        "{}",
        finding.message
    );
    let unknown = rolled_up(&[("hours", "events", "\"unknown\"", year)]);
    silent(&unknown, "rollup-too-fine");
}

#[test]
fn a_rollup_is_kept_at_least_as_long_as_its_source() {
    let with = |retention: &str| rolled_up(&[("days", "events", "0.01", retention)]);
    silent(&with("retention = \"90d\""), "rollup-shorter-than-raw");
    silent(
        &with("retention = \"forever\"\nreason = \"small\""),
        "rollup-shorter-than-raw",
    );
    let text = with("retention = \"89d\"");
    let finding = only(&text, "rollup-shorter-than-raw");
    assert_eq!(words(&text, &finding), "\"89d\"");
    assert_eq!(finding.help.as_deref(), Some("set `retention = \"90d\"`"));
    // What the source lacks is said of the source alone.
    let unsaid = text.replace("retention = \"90d\"", "");
    silent(&unsaid, "rollup-shorter-than-raw");
    assert_eq!(of_rule(&unsaid, "table-without-retention").len(), 1);
}

#[test]
fn indexes_are_asked_for_where_writes_are_limited() {
    silent(&events("", "retention = \"90d\""), "indexes-undeclared");
    let limited = events("writes = \"400/s\"", "retention = \"90d\"");
    let finding = only(&limited, "indexes-undeclared");
    assert!(finding.message.contains("400/s"), "{}", finding.message);
    let none = events("writes = \"400/s\"", "retention = \"90d\"\nindexes = 0");
    silent(&none, "indexes-undeclared");
}

#[test]
fn an_allow_on_the_table_silences() {
    let allow = "allow = [\"table-without-retention\"]\nreason = \"moves to S3 in May\"";
    silent(&events("", allow), "table-without-retention");
}
