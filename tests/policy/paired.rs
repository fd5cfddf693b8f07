//! Where several things are renamed at once, each is what it was and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use caplint::report::State;

use super::{change, diff, fails, new_of, subjects};

const ROOT: &str = r#"
[project]
name = "t"
[tenants]
free = 1000
[scenarios.2x]
tenants = 2
require = "report"
"#;

/// Two APIs that a feature calls, each with an endpoint and a rate, and the second with its plan.
fn apis([first, second]: [(&str, &str, &str); 2], plans: [&str; 2]) -> String {
    let api = |(name, path, _): (&str, &str, &str), plan: &str| {
        format!(
            "[apis.{name}]\nrate_limit = \"1000000/s\"\nplan = {{ credits = {plan} }}\n\
             endpoints.\"{path}\" = {{ credits = 1, cacheable = false }}\n"
        )
    };
    let call = |(_, path, rate)| format!("{{ endpoint = \"{path}\", rate = \"{rate}/day\" }}");
    format!(
        "{ROOT}[policy.change]\ncredits = \"25%\"\n{}{}[features.f]\nspec = \"capacity.toml\"\n\
         owner = \"o\"\ncalls = [{}, {}]\n",
        api(first, plans[0]),
        api(second, plans[1]),
        call(first),
        call(second),
    )
}

const WAIVER: &str = "[[waivers]]\nrule = \"over-limit\"\nsubject = \"apis.b.credits\"\n\
                      reason = \"r\"\nowner = \"o\"\nuntil = 2027-06-30\n";

fn new_findings(report: &caplint::report::Report) -> Vec<String> {
    let findings = report.projects.iter().flat_map(|it| &it.findings);
    let new = findings.filter(|it| matches!(it.state, Some(State::New | State::Worsened)));
    new.map(|it| format!("{}: {}", it.rule, it.message))
        .collect()
}

#[test]
fn two_apis_are_told_apart_by_what_they_declare() {
    let plans = ["1_000_000", "100_000_000"];
    let base = apis([("a", "/x/", "10"), ("b", "/y/", "1000")], plans);
    let moved = |rate| {
        let heirs = [("n2", "/v2/x/", rate), ("n1", "/v2/y/", "1000")];
        change(&base, &apis(heirs, plans))
    };
    assert_eq!(new_findings(&moved("10")), Vec::<String>::new());
    // One that grows is held against what it was.
    assert_eq!(
        subjects(&moved("20"), "change-over-threshold")[0].0,
        "apis.n2.credits"
    );
}

#[test]
fn a_waiver_is_for_one_of_them() {
    let plans = ["1_000_000"; 2];
    let base = apis([("z", "/x/", "10"), ("b", "/y/", "100")], plans) + WAIVER;
    let place = apis([("z", "/x/", "100"), ("b", "/y/", "100")], plans) + WAIVER;
    let over = |head: &str| subjects(&change(&base, head), "over-limit").len();
    assert_eq!(over(&place), 1);
    let heirs = |rate| apis([("m", "/v2/x/", rate), ("n", "/v2/y/", "100")], plans);
    let waived = WAIVER.replace("apis.b", "apis.n");
    assert!(over(&(heirs("100") + &waived)) > 0);
    assert!(over(&heirs("100")) > 0);
    // The same, and as much asked: `n` is what `b` was.
    assert_eq!(
        new_findings(&change(&base, &(heirs("10") + &waived))),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_removed_leaves_its_findings_to_nobody() {
    let plans = ["1_000_000"; 2];
    let base = apis([("z", "/x/", "10"), ("b", "/y/", "100")], plans);
    let without = |name: &str, path: &str, rate: &str| {
        let all = apis([(name, path, rate), ("b", "/y/", "100")], plans);
        let (before, rest) = all.split_once("[apis.b]").unwrap();
        let (_, feature) = rest.split_once("[features").unwrap();
        let call = ", { endpoint = \"/y/\", rate = \"100/day\" }";
        format!("{before}[features{feature}").replace(call, "")
    };
    let over = |head: &str| new_of(&change(&base, head), "over-limit").len();
    assert_eq!(over(&without("z", "/x/", "100")), 1);
    assert_eq!(over(&without("n", "/v2/x/", "100")), 1);
    assert_eq!(over(&without("n", "/v2/x/", "10")), 0);
    // What has an endpoint in common is told.
    assert_eq!(over(&without("n", "/y/", "100")), 0);
}

#[test]
fn features_are_told_apart_by_what_they_ask_for() {
    let project = |limit: &str, names: [&str; 3], rates: [&str; 2]| {
        let [api, first, second] = names;
        let feature = |name: &str, path: &str, rate: &str| {
            format!(
                "[features.{name}]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
                 calls = [{{ id = \"of-{name}\", endpoint = \"{path}\", rate = \"{rate}/day\" }}]\n"
            )
        };
        format!(
            "{ROOT}[policy.change]\nfeature = {limit}\n[apis.{api}]\nrate_limit = \"1000000/s\"\n\
             plan = {{ credits = 100_000_000 }}\n\
             endpoints.\"/x/\" = {{ credits = 1, cacheable = false }}\n\
             endpoints.\"/y/\" = {{ credits = 1, cacheable = false }}\n{}{}",
            feature(first, "/x/", rates[0]),
            feature(second, "/y/", rates[1])
        )
    };
    let rule = "feature-change-over-threshold";
    for limit in ["\"40%\"", "{ percent = \"40%\", above = 1_000 }"] {
        let base = project(limit, ["a", "f", "g"], ["10", "100"]);
        for names in [["a", "ff", "gg"], ["b", "ff", "gg"], ["b", "ff", "g"]] {
            let same = change(&base, &project(limit, names, ["10", "100"]));
            assert_eq!(new_findings(&same), Vec::<String>::new(), "{names:?}");
        }
        for names in [["a", "f", "g"], ["a", "ff", "gg"]] {
            let grown = change(&base, &project(limit, names, ["40", "100"]));
            let grows = format!("features.{}", names[1]);
            assert_eq!(subjects(&grown, rule)[0].0, grows);
            assert!(fails(&grown));
        }
    }
}

/// The names of what a text declares in the tables of things.
fn names(text: &str) -> BTreeSet<String> {
    const TABLES: [&str; 6] = [
        "apis",
        "features",
        "databases",
        "tables",
        "queues",
        "models",
    ];
    let headers = text.lines().filter_map(|line| {
        let keys = line.trim_start_matches('[').split(']').next()?;
        let (table, rest) = keys.split_once('.').filter(|_| line.starts_with('['))?;
        let name = rest.split('.').next()?;
        TABLES.contains(&table).then(|| name.to_owned())
    });
    headers.filter(|name| !name.contains('"')).collect()
}

/// A text with other names, in another order.
fn renamed(text: &str, names: &BTreeSet<String>) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "_-".contains(c);
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (before, word) = rest.split_at(start);
        let (word, after) = word.split_at(word.find(|c| !is_part(c)).unwrap_or(word.len()));
        out.push_str(before);
        let is_name = match out.chars().next_back() {
            Some('.') => true,
            Some('"') => after.starts_with(['"', ':']),
            _ => after.starts_with(" = ") && !out.rsplit('\n').next().unwrap().trim().is_empty(),
        };
        match names
            .iter()
            .position(|name| name == word)
            .filter(|_| is_name)
        {
            Some(at) => out.push_str(&format!("n{:03}-{}", 999 - at, word.len())),
            None => out.push_str(word),
        }
        rest = after;
    }
    out + rest
}

fn capacity_files(folder: &Path, all: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            capacity_files(&path, all);
        } else if path.ends_with("capacity.toml") {
            all.push(path);
        }
    }
}

#[test]
fn all_names_of_an_example_are_no_change() {
    let mut files = Vec::new();
    capacity_files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"),
        &mut files,
    );
    let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    let roots = files.iter().filter(|path| read(path).contains("[project]"));
    let mut wrong = Vec::new();
    let mut count = 0;
    for root in roots {
        let folder = root.parent().unwrap();
        let own = files.iter().filter(|path| path.starts_with(folder));
        let own: Vec<(String, String)> = own
            .map(|path| {
                let below = path.strip_prefix(folder).unwrap();
                (below.to_str().unwrap().to_owned(), read(path))
            })
            .collect();
        let all: String = own.iter().map(|(_, text)| text.as_str()).collect();
        let names = names(&all);
        let after = own.iter().map(|(_, text)| renamed(text, &names));
        let after: Vec<String> = after.collect();
        let before: Vec<(&str, &str)> = own.iter().map(|(path, text)| (&**path, &**text)).collect();
        let paths = own.iter().map(|(path, _)| &**path);
        let after: Vec<(&str, &str)> = paths.zip(after.iter().map(|it| &**it)).collect();
        let found = new_findings(&diff(&before, &after));
        wrong.extend((!found.is_empty()).then(|| format!("{}: {found:#?}", folder.display())));
        count += 1;
    }
    assert!(count > 10, "{count} examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
