//! Answers as text, before its layout.

use std::fmt::Write as _;

use toml_writer::{ToTomlKey, ToTomlValue};

use super::{Answers, Api};
use crate::document::projection::Projection;

/// How much is asked of each endpoint until somebody knows: the first that fits is taken.
pub(super) const DEMANDS: &[Demand] = &[
    Demand {
        rate: "1/day",
        per_tenant: true,
    },
    Demand {
        rate: "1/month",
        per_tenant: true,
    },
    Demand {
        rate: "1/day",
        per_tenant: false,
    },
];

/// A rate, of each tenant or of the project.
pub(super) struct Demand {
    rate: &'static str,
    per_tenant: bool,
}

const GROWTH: f64 = 0.05;

pub(super) fn compose(answers: &Answers, demand: &Demand) -> String {
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
    if calls(answers) {
        text.push_str("peak = 3 # assumed: the busiest second, over the average\n");
    }
}

fn calls(answers: &Answers) -> bool {
    answers.apis.iter().any(|api| !api.endpoints.is_empty())
}

fn tenants(answers: &Answers, text: &mut String) {
    if answers.tenants.is_empty() {
        return;
    }
    match answers.growth {
        Some(growth) => {
            let _ = writeln!(text, "\n# Projected at {} % a month.", percent(growth));
        }
        None => {
            let _ = writeln!(
                text,
                "\n# The projection is assumed, {} % a month: put your own here.",
                percent(GROWTH)
            );
        }
    }
    text.push_str("[tenants]\n");
    let growth = answers.growth.unwrap_or(GROWTH);
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

fn percent(ratio: f64) -> f64 {
    (ratio * 1e6).round() / 1e4
}

fn api(api: &Api, text: &mut String) {
    let name = api.name.to_toml_key();
    let _ = writeln!(text, "\n[apis.{name}]");
    match &api.rate_limit {
        Some(limit) => {
            let _ = writeln!(text, "rate_limit = {}", limit.to_toml_value());
        }
        None => {
            text.push_str("rate_limit = \"10/s\" # assumed: the provider's documentation says\n")
        }
    }
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
        let _ = match disk {
            Some(disk) => writeln!(
                text,
                "\n[databases.{key}]\nstorage = {}",
                disk.to_toml_value()
            ),
            None => writeln!(text, "\n[databases.{key}]\nstorage = \"100GB\" # assumed"),
        };
        let table = match index {
            0 => "accounts".to_owned(),
            _ => format!("{database}-accounts"),
        };
        let per = if answers.tenants.is_empty() {
            "project"
        } else {
            "tenant"
        };
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

fn feature(answers: &Answers, demand: &Demand, text: &mut String) {
    if !calls(answers) {
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
    let of_each = demand.per_tenant && !answers.tenants.is_empty();
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
            let _ = writeln!(
                text,
                "{{ {id}endpoint = {name}, rate = \"{}\"{per} }},",
                demand.rate
            );
        }
    }
    text.push_str("]\n");
}
