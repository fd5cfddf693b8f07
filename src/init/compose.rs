//! Answers as text, before its layout.

use std::fmt::Write as _;

use indexmap::IndexMap;
use toml_writer::{ToTomlKey, ToTomlValue};

use super::{Answers, Api};
use crate::document::projection::Projection;

/// How often each endpoint is called until somebody knows, and whether by each tenant or in all:
/// the first that fits is taken.
pub(super) const DEMANDS: [Demand; 3] = [("1/day", true), ("1/month", true), ("1/day", false)];

type Demand = (&'static str, bool);

const GROWTH: f64 = 0.05;

pub(super) fn compose(answers: &Answers, demand: Demand) -> String {
    let mut draft = Draft::default();
    tenants(answers, &mut draft);
    for one in &answers.apis {
        api(one, &mut draft);
    }
    databases(answers, &mut draft);
    features(answers, demand, &mut draft);
    let mut text = format!("#:schema {}\n\n", crate::schema::ID);
    project(answers, &draft.assumed, &mut text);
    text + &draft.text
}

/// What was written so far, and the paths of what was assumed in it.
#[derive(Default)]
struct Draft {
    text: String,
    assumed: Vec<String>,
}

impl Draft {
    fn assume(&mut self, path: &[&str]) {
        let keys = path.iter().map(|key| key.to_toml_key());
        self.assumed.push(keys.collect::<Vec<_>>().join("."));
    }
}

fn project(answers: &Answers, assumed: &[String], text: &mut String) {
    let _ = writeln!(
        text,
        "[project]\nname = {}\ncurrency = {}",
        answers.name.to_toml_value(),
        answers.currency.to_toml_value()
    );
    if answers.calls() {
        text.push_str("peak = 3 # assumed: the busiest second, over the average\n");
    }
    let peak = answers.calls().then(|| "project.peak".to_owned());
    let paths = peak.iter().chain(assumed);
    let paths: Vec<String> = paths.map(|path| path.to_toml_value()).collect();
    if !paths.is_empty() {
        let paths = paths.join(",\n");
        let _ = writeln!(
            text,
            "# Guesses: replace each with your own value, and remove its path from this list.\n\
             assumed = [\n{paths},\n]"
        );
    }
}

fn tenants(answers: &Answers, draft: &mut Draft) {
    if answers.tenants.is_empty() {
        return;
    }
    if answers.growth.is_none() {
        for (tier, _) in &answers.tenants {
            draft.assume(&["tenants", tier]);
        }
    }
    let text = &mut draft.text;
    let growth = answers.growth.unwrap_or(GROWTH);
    let percent = (growth * 1e6).round() / 1e4;
    text.push_str(&match answers.growth {
        Some(_) => format!("\n# Projected at {percent}% a month.\n"),
        None => format!("\n# The projection is assumed, {percent}% a month: put your own here.\n"),
    });
    text.push_str("[tenants]\n");
    for (tier, now) in &answers.tenants {
        let mut points = vec![format!("now = {now}")];
        let mut count = *now;
        for day in [30, 60, 90] {
            count *= 1.0 + growth;
            points.push(format!("{} = {}", Projection::key(day), count.round()));
        }
        let _ = writeln!(text, "{} = {{ {} }}", tier.to_toml_key(), points.join(", "));
    }
}

fn api(api: &Api, draft: &mut Draft) {
    if api.rate_limit.is_none() {
        draft.assume(&["apis", &api.name, "rate_limit"]);
    }
    if api.plan.is_some() {
        for endpoint in &api.endpoints {
            draft.assume(&["apis", &api.name, "endpoints", endpoint, "credits"]);
        }
    }
    let text = &mut draft.text;
    let name = api.name.to_toml_key();
    let _ = writeln!(text, "\n[apis.{name}]");
    text.push_str(&match &api.rate_limit {
        Some(limit) => format!("rate_limit = {}\n", limit.to_toml_value()),
        None => "rate_limit = \"10/s\" # assumed: the provider's documentation says\n".to_owned(),
    });
    match &api.plan {
        Some((credits, Some(price))) => {
            let _ = writeln!(text, "plan = {{ credits = {credits}, price = {price} }}");
        }
        Some((credits, None)) => {
            let _ = writeln!(text, "plan = {{ credits = {credits} }}");
        }
        None => text.push_str("# Once you know: plan = { credits = 2_500_000, price = 1499.00 }\n"),
    }
    if let Some(budget) = &api.budget {
        let _ = writeln!(text, "budget = {budget}");
    }
    let _ = writeln!(
        text,
        "# What a call costs and how stale its answer may be, once you know:\n\
         # \"/path/\" = {{ credits = 1, cacheable = \"15m\" }}\n\
         [apis.{name}.endpoints]"
    );
    let cost = match &api.plan {
        Some(_) => "{ credits = 1 } # assumed",
        None => "{}",
    };
    for endpoint in &api.endpoints {
        let _ = writeln!(text, "{} = {cost}", endpoint.to_toml_key());
    }
}

/// Each database with a table: of the tenants, or of the project.
fn databases(answers: &Answers, draft: &mut Draft) {
    for (index, (database, disk)) in answers.databases.iter().enumerate() {
        if disk.is_none() {
            draft.assume(&["databases", database, "storage"]);
        }
        let key = database.to_toml_key();
        let storage = match disk {
            Some(disk) => disk.to_toml_value(),
            None => "\"100GB\" # assumed".to_owned(),
        };
        let _ = writeln!(draft.text, "\n[databases.{key}]\nstorage = {storage}");
        let table = match index {
            0 => "accounts".to_owned(),
            _ => format!("{database}-accounts"),
        };
        draft.assume(&["tables", &table, "row_size"]);
        let text = &mut draft.text;
        let alone = answers.tenants.is_empty();
        let per = if alone { "project" } else { "tenant" };
        let _ = writeln!(
            text,
            "\n# A first table: a row for each {per}, updated in place. Tables that grow with time are\n\
             # `kind = \"event\"` or `\"snapshot\"`, with a `retention`.\n\
             [tables.{}]\ndatabase = {}\nkind = \"state\"\n\
             row_size = \"1KB\" # assumed\nrows = 1\nper = {}",
            table.to_toml_key(),
            database.to_toml_value(),
            per.to_toml_value()
        );
    }
}

/// How many endpoints one feature calls before they are told apart by their tags or paths.
const MANY: usize = 20;

/// The calls of each feature: of the one that was named, or where there are many, of one for each
/// tag, else for each first part of the paths.
fn grouped(answers: &Answers) -> IndexMap<String, Vec<(&str, &str)>> {
    let endpoints = |api: &Api| api.endpoints.len();
    let many = answers.apis.iter().map(endpoints).sum::<usize>() > MANY;
    let mut groups: IndexMap<String, Vec<(&str, &str)>> = IndexMap::new();
    for api in &answers.apis {
        for endpoint in &api.endpoints {
            let tag = || api.tags.get(endpoint).and_then(|tag| super::slug(tag));
            let own = many.then(|| tag().or_else(|| prefix(endpoint))).flatten();
            let name = own.unwrap_or_else(|| answers.feature.name.clone());
            let group = groups.entry(name).or_default();
            group.push((&api.name, endpoint));
        }
    }
    groups
}

/// `orders` of `/api/v2/orders/{id}`: the first part of a path that is no version or parameter.
fn prefix(path: &str) -> Option<String> {
    let is_version = |part: &str| {
        let number = part.strip_prefix(['v', 'V']);
        number.is_some_and(|number| {
            number
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
        })
    };
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let part = parts.find(|part| !is_version(part) && *part != "api" && !part.starts_with('{'))?;
    super::slug(part)
}

fn features(answers: &Answers, (rate, per_tenant): Demand, draft: &mut Draft) {
    let of_each = per_tenant && !answers.tenants.is_empty();
    let (per, of) = if of_each {
        ("", "by each tenant")
    } else {
        (", per = \"project\"", "in all")
    };
    for (feature, calls) in grouped(answers) {
        let text = &mut draft.text;
        let _ = write!(
            text,
            "\n[features.{}]\nspec = {}\nowner = {}\n",
            feature.to_toml_key(),
            answers.feature.spec.to_toml_value(),
            answers.feature.owner.to_toml_value()
        );
        if let Some(launch) = answers.feature.launch {
            let _ = writeln!(
                text,
                "launch = {launch} # planned; by then the rates are measured"
            );
        }
        let _ = writeln!(
            text,
            "# Assumed: how often each is called, {of}.\ncalls = ["
        );
        for (api, endpoint) in &calls {
            let name = format!("{api}:{endpoint}").to_toml_value();
            let id = format!("{api}{endpoint}");
            let (id, key) = if answers.apis.len() > 1 {
                (format!("id = {}, ", id.to_toml_value()), id.as_str())
            } else {
                (String::new(), *endpoint)
            };
            let _ = writeln!(
                draft.text,
                "{{ {id}endpoint = {name}, rate = \"{rate}\"{per} }},"
            );
            draft.assume(&["features", &feature, "calls", key, "rate"]);
        }
        draft.text.push_str("]\n");
    }
}
