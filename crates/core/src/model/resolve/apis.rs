//! `[apis.NAME]`: endpoints' names, and packs.

use crate::collections::HashMap;
use crate::document::reader::{At, values_quote};
use crate::document::tables::Api;
use crate::model::resolve::check::{Check, duplicate, invalid};
use crate::packs::{Catalogue, Pack};

/// Checks the APIs.
pub(super) fn check(check: &mut Check<'_>) {
    let root = check.root;
    let top = At::top();
    let apis = top.key("apis");
    for (name, entry) in root.apis.entries() {
        let at = apis.key(name);
        let api = &entry.body.value;
        endpoints(check, &at, api);
        packs(check, &at, api);
    }
}

fn endpoints(check: &mut Check<'_>, at: &At<'_>, api: &Api) {
    let endpoints = api.endpoints.entries();
    for (_, entry) in endpoints.filter(|(name, _)| name.trim().is_empty()) {
        check.report(invalid(
            &at.key("endpoints").key(""),
            entry.name,
            "an endpoint's name is empty",
            "write the endpoint's path, such as `\"/posts/\"`",
        ));
    }
}

fn packs(check: &mut Check<'_>, at: &At<'_>, api: &Api) {
    let Some(packs) = &api.packs else { return };
    let at = at.key("packs");
    let mut names = HashMap::default();
    let mut sound = true;
    let mut catalogue = Vec::new();
    for pack in &packs.value.0 {
        let pack = &pack.value;
        let (Some(name), Some(credits), Some(price)) = (&pack.name, &pack.credits, &pack.price)
        else {
            continue;
        };
        let at = at.key(&name.value.0);
        if let Some(first) = names.insert(name.value.0.as_str(), name.span) {
            sound = false;
            check.report(
                duplicate(
                    &at,
                    name.span,
                    first,
                    format!("two packs are called `{}`", values_quote(&name.value.0)),
                )
                .help("rename one of them: a purchase names its packs"),
            );
        }
        if let Some(max) = pack.max.as_ref().filter(|max| max.value.0.fract() != 0.0) {
            sound = false;
            check.report(invalid(
                &at.key("max"),
                max.span,
                "`max` is not a whole number of packs",
                "write how many can be stacked, such as `4`, or remove it where any number can",
            ));
        }
        catalogue.push(Pack {
            name: name.value.0.clone(),
            credits: credits.value.0,
            price: price.value.0,
            max: pack.max.as_ref().map(|max| max.value.0 as u64),
        });
    }
    if sound && let Err(problem) = Catalogue::new(&catalogue) {
        check.report(invalid(
            &at,
            packs.span,
            problem.to_string(),
            "list the packs that are sold, with their credits and prices as they are sold",
        ));
    }
}
