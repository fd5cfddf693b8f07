//! KEDA objects, quotas, rows and the badge.

use serde_json::{Value, json};

use super::{PROJECT, caplint, export, repo, yaml};
use crate::support::csv::fields;

fn commit(text: &str) -> (String, crate::support::repo::Repo) {
    let repo = repo(&[("capacity.toml", text)]);
    (repo.id("HEAD"), repo)
}

fn json_of(repo: &crate::support::repo::Repo, arguments: &[&str]) -> Value {
    let (text, _) = export(repo, arguments);
    assert!(text.ends_with('\n'));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn workers_scale_to_their_ceiling_by_what_one_does_in_time() {
    let (_, repo) = commit(PROJECT);
    let url = "http://prometheus.example:9090";
    let (text, missing) = export(&repo, &["keda", "--prometheus", url]);
    assert_eq!(missing, "");
    let object = yaml::read(&text);
    // 30 a minute for ten minutes.
    let expected = json!({
        "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
        "metadata": {
            "name": "media-jobs",
            "annotations": {
                "caplint/project": "creator-analytics", "caplint/queue": "media-jobs",
                "caplint/source": "capacity.toml:28",
            },
        },
        "spec": {
            "scaleTargetRef": { "name": "media-jobs" },
            "minReplicaCount": "10", "maxReplicaCount": "20",
            "triggers": [{ "type": "prometheus", "metadata": {
                "serverAddress": url, "threshold": "300",
                "query": "sum(sum(queue_depth{queue=\"media-jobs\"}))",
            } }],
        },
    });
    assert_eq!(object, expected);
    // As many as there may be are not more.
    for (count, least) in [(20, true), (21, false)] {
        let (_, repo) = commit(&PROJECT.replace("count = 10,", &format!("count = {count},")));
        let (text, _) = export(&repo, &["keda", "--prometheus", url]);
        assert_eq!(text.contains("minReplicaCount: 20"), least, "{text}");
    }
}

#[test]
fn a_queue_that_is_not_measured_scales_by_its_broker() {
    let (unmeasured, _) = PROJECT.split_once("[metrics]").unwrap();
    for (broker, kind, key) in [
        ("sqs", "aws-sqs-queue", "queueLength"),
        ("sqs-fifo", "aws-sqs-queue", "queueLength"),
        ("kafka", "kafka", "lagThreshold"),
        ("rabbitmq", "rabbitmq", "value"),
        ("redis", "redis", "listLength"),
    ] {
        let broker = format!("broker = \"{broker}\"");
        let (_, repo) = commit(&unmeasured.replace("broker = \"sqs\"", &broker));
        let object = yaml::read(&export(&repo, &["keda"]).0);
        let trigger = &object["spec"]["triggers"][0];
        assert_eq!(
            (&trigger["type"], &trigger["metadata"][key]),
            (&json!(kind), &json!("300"))
        );
    }
}

#[test]
fn objects_get_names_of_their_own_and_none_where_no_ceiling_is_known() {
    let queue = |name: &str, keys: &str| {
        format!("[queues.{name}]\nbroker = \"redis\"\nmessage_size = 1\nmax_depth = 9\n{keys}\n")
    };
    let workers = "drain = \"1s\"\nworkers = { max = 2.5, rate = \"1/min\" }";
    let text = [
        queue("Jobs_a", workers),
        queue("jobs-a", workers),
        queue("endless", "drain = \"1s\"\nworkers = { rate = \"1/s\" }"),
        queue("without", ""),
    ];
    let (_, repo) = commit(&text.concat());
    let (text, missing) = export(&repo, &["keda"]);
    let objects = yaml::all(&text);
    let names: Vec<&Value> = objects.iter().map(|it| &it["metadata"]["name"]).collect();
    assert_eq!(names, [&json!("jobs-a"), &json!("jobs-a-2")]);
    assert_eq!(objects[0]["spec"]["maxReplicaCount"], "2");
    // A sixtieth of a message is one.
    assert_eq!(
        objects[0]["spec"]["triggers"][0]["metadata"]["listLength"],
        "1"
    );
    let expected = "left out: root: `queues.endless`: needs `workers.max`, `workers.rate` and `drain`, none of them unknown\n";
    assert!(missing.starts_with(expected), "{missing}");
}

#[test]
fn quotas_are_those_that_are_declared() {
    let (id, repo) = commit(PROJECT);
    let schema = jsonschema::validator_for(&caplint::schema::quotas()).unwrap();
    let quotas = json_of(&repo, &["quotas", "--rev", "HEAD"]);
    assert!(schema.is_valid(&quotas), "{quotas}");
    assert_eq!(
        (&quotas["commit"], &quotas["format"]),
        (&json!(id), &json!("caplint.quotas/1"))
    );
    let quota = |quantity: f64| {
        json!({ "audio-minute": {
            "quantity": quantity, "period": "month", "seconds": 2_592_000.0,
            "source": "capacity.toml:34",
        } })
    };
    let models = json!({ "asr": { "free": quota(30.0), "pro": quota(600.0) } });
    assert_eq!(quotas["projects"][0]["models"], models);
    let by_unit = r#"
[models.llm]
price = { per = 1_000_000, input = 3, output = 15 }
tenant_quota = { all = { input = "2M/week", requests = "10/h" } }
"#;
    let (_, repo) = commit(by_unit);
    let quotas = json_of(&repo, &["quotas"]);
    let all = &quotas["projects"][0]["models"]["llm"]["all"];
    assert_eq!(all["input"]["quantity"], 2_000_000.0);
    assert_eq!(all["requests"]["seconds"], 3600.0);
    assert_eq!(quotas["commit"], Value::Null);
}

#[test]
fn the_badge_says_how_far_it_holds() {
    let badge = |text: &str| {
        let (_, repo) = commit(text);
        let badge = json_of(&repo, &["badge"]);
        assert_eq!(
            (&badge["schemaVersion"], &badge["label"]),
            (&json!(1), &json!("capacity"))
        );
        let text = |key: &str| badge[key].as_str().unwrap().to_owned();
        (text("message"), text("color"))
    };
    let at = |rate: &str| PROJECT.replace("rate = \"50/day\"", &format!("rate = \"{rate}\""));
    let pair = |message: &str, color: &str| (message.to_owned(), color.to_owned());
    // 2,500,000 over 1,836,000.
    assert_eq!(badge(PROJECT), pair("holds to 1.36×", "brightgreen"));
    assert_eq!(badge(&at("65/day")), pair("holds to 1.04×", "yellow"));
    assert_eq!(badge(&at("80/day")), pair("over a limit", "red"));
    assert_eq!(badge(&at("unknown")), pair("unknown", "lightgrey"));
    assert_eq!(
        badge("[tenants]\nfree = 1\n"),
        pair("no limits", "lightgrey")
    );
}

/// Rows as objects.
fn rows(repo: &crate::support::repo::Repo) -> Vec<Value> {
    let (text, _) = export(repo, &["rows", "--rev", "HEAD"]);
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

const PACKS: &str = "packs = [{ name = \"500k\", credits = 500_000, price = 400.00 }]\nlead_time";

#[test]
fn rows_say_what_the_report_says() {
    let text = PROJECT
        .replace("rate = \"50/day\"", "rate = \"80/day\"")
        .replace("lead_time", PACKS);
    let (id, repo) = commit(&text);
    let rows = rows(&repo);
    let schema = jsonschema::validator_for(&caplint::schema::rows()).unwrap();
    for row in &rows {
        assert!(schema.is_valid(row), "{row}");
        assert_eq!(row["commit"], json!(id));
        assert_eq!(row["date"], "2026-11-22");
    }
    let report = caplint(
        &repo,
        &["check", "--json", "--as-of", "2026-11-22", "--rev", "HEAD"],
    );
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let project = &report["projects"][0];
    let of = |kind: &'static str| rows.iter().filter(move |row| row["record"] == kind);
    let list = |key: &str| project[key].as_array().unwrap();
    for (kind, key) in [
        ("line", "lines"),
        ("meter", "meters"),
        ("finding", "findings"),
        ("purchase", "purchases"),
    ] {
        assert!(!list(key).is_empty(), "{key}");
        assert_eq!(of(kind).count(), list(key).len(), "{key}");
    }
    for (row, line) in of("line").zip(list("lines")) {
        assert_eq!(row["path"], line["path"]);
        for (figure, value) in line["per_day"].as_object().unwrap() {
            if !value.is_object() {
                let column = if figure == "rows" {
                    "table_rows"
                } else {
                    figure
                };
                assert_eq!(&row[column], value, "{figure}");
            }
        }
    }
    let units: Vec<_> = of("unit")
        .map(|row| (&row["unit"], &row["units"]))
        .collect();
    let declared = &list("lines")[1]["per_day"]["units"]["audio-minute"];
    assert_eq!(units, [(&json!("audio-minute"), declared)]);
    for (row, meter) in of("meter").zip(list("meters")) {
        assert_eq!(
            (&row["path"], &row["limit_value"]),
            (&meter["id"], &meter["limit"])
        );
        assert_eq!(row["point"], meter["demand"]["point"]);
        assert_eq!(row["verdict"], meter["verdict"]);
    }
    for (row, finding) in of("finding").zip(list("findings")) {
        assert_eq!(row["fingerprint"], finding["fingerprint"]);
        assert_eq!(row["waived"], json!(!finding["waived"].is_null()));
    }
    for (row, purchase) in of("purchase").zip(list("purchases")) {
        assert_eq!(
            (&row["month"], &row["price"]),
            (&purchase["month"], &purchase["price"])
        );
        assert_eq!(row["need_p80"], purchase["need"]["p80"]);
    }
    let first = of("purchase").next().unwrap();
    // 2,937,600 a month, of which the plan has 2,500,000.
    assert_eq!(
        (&first["buy"], &first["owner"]),
        (&json!("1 × 500k"), &json!("integrations"))
    );
}

#[test]
fn csv_has_the_columns_of_the_schema_in_their_order_and_the_same_values() {
    let hostile = PROJECT
        .replace("id = \"posts\"", "id = \"=1+1,\\\"x\\\"\"")
        .replace("after = \"posts\"", "after = \"=1+1,\\\"x\\\"\"");
    let (_, repo) = commit(&hostile);
    let rows = rows(&repo);
    for arguments in [
        &["rows", "--rev", "HEAD", "--format", "csv"][..],
        &["rows", "--rev", "HEAD", "-o", "rows.csv"],
    ] {
        let (mut text, _) = export(&repo, arguments);
        if text.is_empty() {
            text = std::fs::read_to_string(repo.path.join("rows.csv")).unwrap();
        }
        let mut records: Vec<Vec<String>> = text.lines().map(fields).collect();
        let columns = records.remove(0);
        let properties = caplint::schema::rows();
        let properties = properties["properties"].as_object().unwrap();
        assert_eq!(columns.len(), properties.len());
        assert!(columns.iter().all(|column| properties.contains_key(column)));
        assert_eq!(records.len(), rows.len());
        for (record, row) in records.iter().zip(&rows) {
            assert_eq!(row.as_object().unwrap().len(), columns.len());
            for (value, column) in record.iter().zip(&columns) {
                let expected = match &row[column] {
                    Value::Null => String::new(),
                    // A spreadsheet would take it for a formula.
                    Value::String(text) if text.starts_with('=') => format!("'{text}"),
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.as_f64().unwrap().to_string(),
                    other => other.to_string(),
                };
                assert_eq!(*value, expected, "{column}");
            }
        }
    }
}

#[test]
fn columns_that_were_published_stay_where_they_are() {
    const FIRST: &str = "record,project,root,currency,commit,date,path,feature,owner,list,target,kind,unit,file,line,population,requested,reached,billed,credits,table_rows,messages,bytes,spend,peak_per_second,units,billed_units,point,p50,p80,p90,p95,lower_bound,limit_value,utilization,verdict,breaking_point,empties_on_day,full_on_day,rule,severity,message,fingerprint,figure,waived,month,event,need_p50,need_p80,need_p90,need_p95,carried,buy,bought,overage,price,left_over,order_by,top_up";
    let (_, repo) = commit(PROJECT);
    let (text, _) = export(&repo, &["rows", "--format", "csv"]);
    assert!(text.lines().next().unwrap().starts_with(FIRST));
}

#[test]
fn projects_are_selected_as_everywhere() {
    let repo = repo(&[
        ("a/capacity.toml", PROJECT),
        (
            "b/capacity.toml",
            &PROJECT.replace("creator-analytics", "other"),
        ),
    ]);
    let names = |arguments: &[&str]| {
        let quotas = json_of(&repo, &[&["quotas"], arguments].concat());
        let projects = quotas["projects"].as_array().unwrap().iter();
        projects
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["creator-analytics", "other"]);
    assert_eq!(names(&["a"]), ["creator-analytics"]);
    assert_eq!(names(&["--project", "other"]), ["other"]);
    assert_eq!(names(&["-C", "b"]), ["creator-analytics", "other"]);
    for (arguments, said) in [
        (
            &["export", "quotas", "--format", "csv"][..],
            "`--format` applies to `caplint export rows` only",
        ),
        (
            &["export", "quotas", "--project", "othr"],
            "there is no project `othr`",
        ),
        (&["export", "quotas", "nowhere"], "nowhere"),
        (&["export", "quotas", "--as-of", "today"], "today"),
        (&["export", "nothing"], "invalid value 'nothing'"),
    ] {
        let output = caplint(&repo, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said_was = String::from_utf8(output.stderr).unwrap();
        assert!(said_was.contains(said), "{said_was}");
    }
}

#[test]
fn errors_are_told_of_the_projects_that_are_exported() {
    let repo = repo(&[
        ("a/capacity.toml", "[project]\nname = 5\n"),
        ("b/capacity.toml", "[project]\nname = \"b\"\n"),
    ]);
    let warned = |path: &str| {
        export(&repo, &["badge", path])
            .1
            .contains("errors are left out (1 error)")
    };
    assert!(warned("a"));
    assert!(!warned("b"));
}

#[test]
fn workers_that_drain_less_than_a_message_share_them() {
    let slow = |text: &str| {
        let (_, repo) = commit(&text.replace("rate = \"30/min\"", "rate = \"1/h\""));
        export(&repo, &["keda"])
    };
    // A sixth: 0.1666 and not 1, which would scale to a sixth of what is needed.
    let object = yaml::read(&slow(PROJECT).0);
    let threshold = object["spec"]["triggers"][0]["metadata"]["threshold"].as_str();
    let threshold: f64 = threshold.unwrap().parse().unwrap();
    assert!((0.166..=1.0 / 6.0).contains(&threshold), "{threshold}");
    assert_eq!(slow(PROJECT).1, "");
    // SQS takes whole numbers alone, which is said.
    let (unmeasured, _) = PROJECT.split_once("[metrics]").unwrap();
    let (text, said) = slow(unmeasured);
    let object = yaml::read(&text);
    assert_eq!(
        object["spec"]["triggers"][0]["metadata"]["queueLength"],
        "1"
    );
    let expected = "rounded: creator-analytics: `queues.media-jobs`: a worker processes 0.167 messages within `drain`, and aws-sqs-queue scales by no fewer than 1";
    assert!(said.starts_with(expected), "{said}");
    // KEDA keeps thousandths: less would be a target of 0.
    let slower = PROJECT.replace("rate = \"30/min\"", "rate = \"1/month\"");
    let (_, repo) = commit(&slower);
    let (text, said) = export(&repo, &["keda"]);
    let object = yaml::read(&text);
    assert_eq!(
        object["spec"]["triggers"][0]["metadata"]["threshold"],
        "0.001"
    );
    assert!(said.contains("no fewer than 0.001"), "{said}");
    let rabbit = unmeasured.replace("broker = \"sqs\"", "broker = \"rabbitmq\"");
    let object = yaml::read(&slow(&rabbit).0);
    let value = object["spec"]["triggers"][0]["metadata"]["value"].as_str();
    assert!(value.unwrap().starts_with("0.166"));
}
