//! Answers as text, before its layout.

use std::fmt::Write as _;

use toml_writer::{ToTomlKey, ToTomlValue};

use super::{Answers, Api};
use crate::document::projection::Projection;

/// How often each endpoint is called until somebody knows, and whether by each tenant or in all:
/// the first that fits is taken.
pub(super) const DEMANDS: [Demand; 3] = [("1/day", true), ("1/month", true), ("1/day", false)];

type Demand = (&'static str, bool);

const GROWTH: f64 = 0.05;

pub(super) fn compose(answers: &Answers, demand: Demand) -> String {
    let mut text = format!("#:schema {}\n\n", crate::schema::ID);
    project(answers, &mut text);
    tenants(answers, &mut text);
    for one in &answers.apis {
        api(one, &mut text);
    }
    databases(answers, &mut text);
    feature(answers, demand, &mut text);
    text
}

fn project(answers: &Answers, text: &mut String) {
    let _ = writeln!(
        text,
        "[project]\nname = {}\ncurrency = {}",
        answers.name.to_toml_value(),
        answers.currency.to_toml_value()
    );
    if answers.calls() {
        text.push_str("peak = 3 # assumed: the busiest second, over the average\n");
    }
}

fn tenants(answers: &Answers, text: &mut String) {
    if answers.tenants.is_empty() {
        return;
    }
    let growth = answers.growth.unwrap_or(GROWTH);
    let percent = (growth * 1e6).round() / 1e4;
    text.push_str(&match answers.growth {
        Some(_) => format!("\n# Projected at {percent} % a month.\n"),
        None => format!("\n# The projection is assumed, {percent} % a month: put your own here.\n"),
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

fn api(api: &Api, text: &mut String) {
    let name = api.name.to_toml_key();
    let _ = writeln!(text, "\n[apis.{name}]");
    text.push_str(&match &api.rate_limit {
        Some(limit) => format!("rate_limit = {}\n", limit.to_toml_value()),
        None => "rate_limit = \"10/s\" # assumed: the provider's documentation says\n".to_owned(),
    });
    let _ = writeln!(
        text,
        "# What a call costs and how stale its answer may be, once you know:\n\
         # \"/path/\" = {{ credits = 1, cacheable = \"15m\" }}, and `plan = {{ credits = …, price = … }}` above.\n\
         [apis.{name}.endpoints]"
    );
    for endpoint in &api.endpoints {
        let _ = writeln!(text, "{} = {{}}", endpoint.to_toml_key());
    }
}

/// Each database with a table: of the tenants, or of the project.
fn databases(answers: &Answers, text: &mut String) {
    for (index, (database, disk)) in answers.databases.iter().enumerate() {
        let key = database.to_toml_key();
        let storage = match disk {
            Some(disk) => disk.to_toml_value(),
            None => "\"100GB\" # assumed".to_owned(),
        };
        let _ = writeln!(text, "\n[databases.{key}]\nstorage = {storage}");
        let table = match index {
            0 => "accounts".to_owned(),
            _ => format!("{database}-accounts"),
        };
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

fn feature(answers: &Answers, (rate, per_tenant): Demand, text: &mut String) {
    if !answers.calls() {
        return;
    }
    let feature = &answers.feature;
    let _ = write!(
        text,
        "\n[features.{}]\nspec = {}\nowner = {}\n",
        feature.name.to_toml_key(),
        feature.spec.to_toml_value(),
        feature.owner.to_toml_value()
    );
    if let Some(launch) = feature.launch {
        let _ = writeln!(
            text,
            "launch = {launch} # planned; by then the rates are measured"
        );
    }
    let of_each = per_tenant && !answers.tenants.is_empty();
    let (per, of) = if of_each {
        ("", "by each tenant")
    } else {
        (", per = \"project\"", "in all")
    };
    let _ = writeln!(
        text,
        "# Assumed: how often each is called, {of}.\ncalls = ["
    );
    for api in &answers.apis {
        for endpoint in &api.endpoints {
            let name = format!("{}:{endpoint}", api.name).to_toml_value();
            let id = format!("{}{endpoint}", api.name).to_toml_value();
            let id = if answers.apis.len() > 1 {
                format!("id = {id}, ")
            } else {
                String::new()
            };
            let _ = writeln!(text, "{{ {id}endpoint = {name}, rate = \"{rate}\"{per} }},");
        }
    }
    text.push_str("]\n");
}
