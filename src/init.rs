//! A project's first capacity.toml, from a few answers.
//!
//! What it says holds together: everything that is declared is used, the first feature has a
//! spec, an owner and demand, and `check` finds nothing in it. What nobody has said is an
//! assumption, and is marked as one.

mod compose;
pub mod openapi;

use indexmap::IndexMap;

use crate::document::reader::is_name;
use crate::run::{Before, Inputs, Settings, run};
use crate::source::{Listing, Snapshot, SourceFile, SourceMap};
use crate::states::{CAPACITY_FILE, WORK_TREE};
use crate::units::{Date, Money, Rate, Ratio, Size, parse_count};

#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) name: String,
    /// The ISO 4217 code of all money.
    pub(crate) currency: String,
    pub(crate) tenants: Vec<(String, f64)>,
    /// Growth a month, a ratio; nothing where nobody has said.
    pub(crate) growth: Option<f64>,
    pub(crate) apis: Vec<Api>,
    /// Databases and their disks; nothing where nobody has said how large.
    pub(crate) databases: Vec<(String, Option<String>)>,
    pub(crate) feature: Feature,
}

impl Answers {
    pub(crate) fn calls(&self) -> bool {
        self.apis.iter().any(|api| !api.endpoints.is_empty())
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Api {
    pub(crate) name: String,
    /// What it allows, such as `100/s`; nothing where nobody has said.
    pub(crate) rate_limit: Option<String>,
    /// Credits a month and their price; nothing where nobody has said.
    pub(crate) plan: Option<(f64, Option<Money>)>,
    /// The most that it may cost a month.
    pub(crate) budget: Option<Money>,
    pub(crate) endpoints: Vec<String>,
    /// What each endpoint is about, where all operations of a document say so.
    pub(crate) tags: IndexMap<String, String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) owner: String,
    /// Its spec, from the project's folder.
    pub(crate) spec: String,
    pub(crate) launch: Option<Date>,
}

/// The text of the project's capacity.toml, in the canonical layout, and what `check` says of it
/// today, once the feature's spec exists: nothing, unless what was answered does not fit together.
pub(crate) fn first_project(answers: &Answers, today: Date) -> (String, Option<String>) {
    let mut first = None;
    for demand in compose::DEMANDS {
        let text = compose::compose(answers, demand);
        // What is not laid out says the same.
        let text = crate::format::format(&text).unwrap_or(text);
        let problem = first_problem(&text, &answers.feature.spec, today);
        if problem.is_none() {
            return (text, None);
        }
        first.get_or_insert((text, problem));
    }
    first.unwrap_or_default()
}

/// The first that `check` would say, infos included; that values are assumed is known.
fn first_problem(text: &str, spec: &str, today: Date) -> Option<String> {
    let mut sources = SourceMap::default();
    let id = sources.add(SourceFile::new(CAPACITY_FILE, text));
    let head = Snapshot {
        name: WORK_TREE.to_owned(),
        commit: None,
        files: vec![id],
        listing: Listing::new(vec![CAPACITY_FILE, spec]),
    };
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::NotCompared,
    };
    let projects = run(&inputs, &Settings::new(today)).projects;
    let mut findings = projects.into_iter().flat_map(|it| it.findings);
    let finding = findings.find(|finding| finding.subject != "project.assumed")?;
    Some(finding.message)
}

/// Reads `free=3600,pro=1200`.
pub(crate) fn tenants(text: &str) -> Result<Vec<(String, f64)>, String> {
    let mut tiers: Vec<(String, f64)> = Vec::new();
    let parts = text.split(',').map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let (name, count) = pair(part, "free=3600")?;
        let count = self::count(count)?;
        if tiers.iter().any(|(other, _)| other == name) {
            return Err(format!("the tier `{name}` is given twice"));
        }
        tiers.push((name.to_owned(), count));
    }
    Ok(tiers)
}

/// Reads `twilio=100/s`.
pub(crate) fn api(text: &str) -> Result<Api, String> {
    let (name, rate) = pair(text, "twilio=100/s")?;
    let parsed = Rate::parse(rate)?;
    if parsed.batch || parsed.count <= 0.0 {
        return Err(format!(
            "`{rate}` is not a limit: write a rate such as `100/s`"
        ));
    }
    Ok(Api {
        name: name.to_owned(),
        rate_limit: Some(parsed.to_string()),
        ..Api::default()
    })
}

/// Reads a plan: `2500000@1499`, or credits alone.
pub(crate) fn plan(text: &str) -> Result<(f64, Option<Money>), String> {
    let (credits, price) = match text.split_once('@') {
        Some((credits, price)) => (credits, Some(money(price)?)),
        None => (text, None),
    };
    let credits = count(credits)?;
    if credits <= 0.0 {
        return Err("a plan without credits covers nothing".to_owned());
    }
    Ok((credits, price))
}

/// Reads a count, which may have a rate's suffix: `3600`, `2.5M`.
fn count(text: &str) -> Result<f64, String> {
    let text = text.trim();
    match text.ends_with(['k', 'M', 'G']) {
        true => Ok(Rate::parse(&format!("{text}/day"))?.count),
        false => parse_count(text),
    }
}

/// Reads an amount of money: `2400`.
pub(crate) fn money(text: &str) -> Result<Money, String> {
    Money::parse(text.trim())
}

/// Reads what is said of an API: `twilio=…`.
pub(crate) fn of_api<T>(
    text: &str,
    example: &str,
    read: fn(&str) -> Result<T, String>,
) -> Result<(String, T), String> {
    let (name, value) = pair(text, example)?;
    Ok((name.to_owned(), read(value)?))
}

/// Reads `main=100GB`.
pub(crate) fn database(text: &str) -> Result<(String, Option<String>), String> {
    let (name, size) = pair(text, "main=100GB")?;
    let parsed = Size::parse(size)?;
    if parsed.bytes <= 0.0 {
        return Err("a disk without space holds nothing".to_owned());
    }
    Ok((name.to_owned(), Some(parsed.to_string())))
}

/// Reads growth a month: `5%`.
pub(crate) fn growth(text: &str) -> Result<f64, String> {
    let ratio = match text.trim().parse::<f64>() {
        Ok(number) if number > 1.0 => {
            return Err(format!("`{number}` is {number}00%: write `{number}%`"));
        }
        Ok(number) => Ratio::from_number(number)?,
        Err(_) => Ratio::parse(text)?,
    };
    Ok(ratio.0)
}

/// Reads `helpdesk:/tickets/`, an API and one of its endpoints.
pub(crate) fn endpoint(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((api, path)) if !path.trim().is_empty() => Ok((name(api)?, path.trim().to_owned())),
        _ => Err("write it as `helpdesk:/tickets/`".to_owned()),
    }
}

pub(crate) fn currency(text: &str) -> Result<String, String> {
    let code = text.trim().to_ascii_uppercase();
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(code);
    }
    Err("a currency is three letters, such as `USD`".to_owned())
}

pub(crate) fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if is_name(text) {
        return Ok(text.to_owned());
    }
    Err(
        "a name is letters, digits, `_`, `.` and `-`, and begins with a letter or a digit"
            .to_owned(),
    )
}

fn pair<'t>(text: &'t str, example: &str) -> Result<(&'t str, &'t str), String> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(format!("write it as `{example}`"));
    };
    name(key)?;
    Ok((key.trim(), value.trim()))
}

/// A name made of any text: `Payments API v2` becomes `payments-api-v2`.
pub(crate) fn slug(text: &str) -> Option<String> {
    let mut slug = String::new();
    for character in text.chars().take(200) {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(40);
    let slug = slug.trim_end_matches('-');
    is_name(slug).then(|| slug.to_owned())
}
