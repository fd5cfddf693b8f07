//! `[apis.NAME]`: what calls cost, and packs.

use crate::collections::HashMap;
use crate::document::reader::{At, quotable};
use crate::document::values::Count;
use crate::document::{Entry, Table as _, tables};
use crate::meter::Family;
use crate::model::builder::{Builder, TOP, bound, value_of};
use crate::model::prices::Graduated;
use crate::model::resolve::check::{Check, duplicate};
use crate::model::resolve::limits;
use crate::model::things::{Api, Endpoint, Plan, Step, Value};
use crate::packs::{Catalogue, Pack};
use crate::units::Money;

pub(crate) fn api(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<tables::Api>) -> Option<Api> {
    let api = &entry.body.value;
    let builder = check.builder;
    let endpoints = api.endpoints.entries().map(|(path, entry)| {
        if path.trim().is_empty() {
            let message = "an endpoint's name is empty";
            let help = "write the endpoint's path, such as `\"/posts/\"`";
            check.invalid(&at.key("endpoints").key(""), entry.name, message, help);
        }
        steps(check, &at.key("endpoints").key(path), entry);
        (
            path.to_owned(),
            endpoint(builder, at.name(), path, &entry.body.value),
        )
    });
    let mut endpoints: crate::collections::IndexMap<_, _> = endpoints.collect();
    endpoints.sort_keys();
    let packs = packs(check, at, api);
    // Where something of it could not be read, at least nothing is paid past the plan.
    let is_told = packs.is_some() && !is_unread(api);
    let packs = packs.filter(|_| is_told).unwrap_or_default();
    let overage = api.overage.as_ref().filter(|_| is_told);
    let overage = overage.and_then(|overage| graduated(&overage.value));
    let mut api = Api {
        id: builder.numbers[Family::Api].id(at.name())?,
        retry_ratio: builder.optional(at, "retry_ratio", &api.retry_ratio, 0.0, |ratio| ratio.0),
        limits: limits::of_api(check, at, api),
        plan: api.plan.as_ref().map(|plan| Plan {
            credits: bound(&plan.value.credits, |count| count.0),
            price: value_of(&plan.value.price).map_or(0.0, Money::to_f64),
        }),
        overage,
        packs,
        budget: bound(&api.budget, |money| money.to_f64()),
        endpoints,
    };
    api.count_endpoints();
    Some(api)
}

pub(crate) fn endpoint(
    builder: &Builder<'_>,
    api: &str,
    path: &str,
    endpoint: &tables::Endpoint,
) -> Endpoint {
    let list = TOP.key("apis");
    let api = list.key(api);
    let list = api.key("endpoints");
    let at = list.key(path);
    let count = |count: &Count| count.0;
    let step = value_of(&endpoint.step).map(|step| step.0);
    let (key, per_item) = match &endpoint.credits_per_step {
        Some(_) => ("credits_per_step", &endpoint.credits_per_step),
        None => ("credits_per_item", &endpoint.credits_per_item),
    };
    let is_of_no_step = endpoint.credits_per_step.is_some() && step.is_none();
    Endpoint {
        credits: builder.optional(&at, "credits", &endpoint.credits, 0.0, count),
        // Of steps that nobody knows it is at least nothing.
        credits_per_item: match is_of_no_step {
            true => Value::Unknown,
            false => builder.optional(&at, key, per_item, 0.0, count),
        },
        step: step.map(|items| Step {
            items,
            times: if key == "credits_per_step" {
                1.0
            } else {
                items
            },
        }),
        min_credits: value_of(&endpoint.min_credits).map_or(0.0, |count| count.0),
        duration: builder.declared(&at, "duration", &endpoint.duration, |it| it.seconds),
        counted: Box::default(),
    }
}

/// Checks the keys by which items are billed in steps.
fn steps(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<tables::Endpoint>) {
    let endpoint = &entry.body.value;
    let has = |key: &str, slot: bool| slot || endpoint.is_broken(key);
    let per_item = has("credits_per_item", endpoint.credits_per_item.is_some());
    match (&endpoint.step, &endpoint.credits_per_step) {
        (_, Some(per_step)) if per_item => {
            let message = "an endpoint has either `credits_per_step` or `credits_per_item`";
            let help = "keep `credits_per_step` where each started step has a price, `credits_per_item` where a step costs as much as its items";
            let note = endpoint.credits_per_item.as_ref();
            let note = note.map_or(entry.name, |per_item| per_item.span);
            let note = (note, "`credits_per_item` is declared here");
            check.clash(
                &at.key("credits_per_step"),
                per_step.span,
                message,
                help,
                note,
            );
        }
        (None, Some(per_step)) if !endpoint.is_broken("step") => {
            let message = "`credits_per_step` does not say how many items a step has";
            let help = "add `step`, such as `step = 100`, or write `credits_per_item`";
            check.missing(
                at,
                "step",
                per_step.span,
                message.to_owned(),
                help.to_owned(),
            );
        }
        (Some(step), None) if !has("credits_per_step", per_item) => {
            let message = "`step` does not say what a step costs";
            let help = "add `credits_per_step`, or `credits_per_item` where a step costs as much as its items";
            check.missing(
                at,
                "credits_per_step",
                step.span,
                message.to_owned(),
                help.to_owned(),
            );
        }
        _ => {}
    }
}

/// What a credit past the plan costs.
fn graduated(overage: &tables::Overage) -> Option<Graduated> {
    match overage {
        tables::Overage::Flat(flat) => {
            let price = value_of(&flat.price)?.to_f64();
            Some(Graduated::flat(price / value_of(&flat.per)?.0))
        }
        tables::Overage::Graduated(steps) => {
            let steps = steps.0.iter().map(|step| {
                let step = &step.value;
                let price = value_of(&step.price)?.to_f64() / value_of(&step.per)?.0;
                Some((value_of(&step.up_to).map(|end| end.0), price))
            });
            Some(Graduated::new(steps.collect::<Option<Vec<_>>>()?))
        }
    }
}

/// Whether it cannot be told what credits cost.
fn is_unread(api: &tables::Api) -> bool {
    let plan = api.plan.as_ref().map(|plan| &plan.value);
    api.is_broken("overage")
        || api.is_broken("plan")
        || plan.is_some_and(|plan| plan.is_broken("credits"))
}

/// The packs that can be bought; nothing where one of them could not be read.
fn packs(check: &mut Check<'_>, at: &At<'_>, api: &tables::Api) -> Option<Vec<Pack>> {
    let Some(packs) = &api.packs else {
        return (!api.is_broken("packs")).then(Vec::new);
    };
    let at = at.key("packs");
    let mut names = HashMap::default();
    let mut sound = true;
    let mut catalogue = Vec::new();
    for pack in &packs.value.0 {
        let pack = &pack.value;
        let (Some(name), Some(credits), Some(price)) = (&pack.name, &pack.credits, &pack.price)
        else {
            sound = false;
            continue;
        };
        sound &= pack.broken.is_empty();
        let at = at.key(&name.value.0);
        if let Some(first) = names.insert(name.value.0.as_str(), name.span) {
            sound = false;
            check.report(
                duplicate(
                    &at,
                    name.span,
                    first,
                    format!("two packs are called `{}`", quotable(&name.value.0)),
                )
                .help("rename one of them: a purchase names its packs"),
            );
        }
        if let Some(max) = pack.max.as_ref().filter(|max| max.value.0.fract() != 0.0) {
            sound = false;
            let message = "`max` is not a whole number of packs";
            let help =
                "write how many can be stacked, such as `4`, or remove it where any number can";
            check.invalid(&at.key("max"), max.span, message, help);
        }
        catalogue.push(Pack {
            name: name.value.0.clone(),
            credits: credits.value.0,
            price: price.value.0,
            max: pack.max.as_ref().map(|max| max.value.0 as u64),
        });
    }
    if sound && let Err(problem) = Catalogue::new(&catalogue) {
        let message = problem.to_string();
        let help = "list the packs that are sold, with their credits and prices as they are sold";
        check.invalid(&at, packs.span, message, help);
    }
    sound.then_some(catalogue)
}
