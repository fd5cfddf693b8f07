//! What a call's `endpoint` stands for.

use crate::advice::Advice;
use crate::document::Table;
use crate::document::reader::{At, quotable};
use crate::document::tables::Api;
use crate::model::names::split_endpoint;
use crate::model::resolve::check::{Check, one_of, unknown_reference};
use crate::source::Span;

/// The API and the path that a call means. Says so where it means none, or several.
pub(crate) fn find<'a>(
    check: &mut Check<'a>,
    at: &At<'_>,
    span: Span,
    written: &'a str,
) -> Option<(&'a str, &'a str)> {
    let endpoints = check.builder.endpoints;
    let found = endpoints.find(&check.root.apis, written);
    if found.is_some() {
        return found;
    }
    let (api, path) = split_endpoint(&check.root.apis, written);
    match (api, endpoints.owners(path)) {
        (Some(api), _) => of_api(check, at, span, api, path),
        (None, []) => nowhere(check, at, span, written),
        (None, owners) => {
            let choice = |owner: &String| format!("{owner}:{path}");
            let choices: Vec<String> = owners.iter().map(choice).collect();
            let mut help = one_of(choices.iter().map(String::as_str), "write ");
            if help.is_empty() {
                help = format!("write the API before it, such as `{}`", choices[0]);
            }
            let (path, count) = (quotable(path), owners.len());
            let message = format!("`{path}` is an endpoint of {count} APIs");
            check.report(unknown_reference(at, span, message).help(help));
        }
    }
    None
}

fn of_api(check: &mut Check<'_>, at: &At<'_>, span: Span, api: &str, path: &str) {
    let Some(entry) = check.root.apis.entry(api) else {
        return;
    };
    let body = &entry.body.value;
    if body.is_broken("endpoints") || body.endpoints.is_broken(path) || check.may_be_lost(path) {
        return;
    }
    let path_text = quotable(path);
    let message = format!("the API `{api}` has no endpoint `{path_text}`");
    let help = match check.meant(path, body.endpoints.names()) {
        Some(meant) => of_owner(api, meant.word, meant.alone),
        None => format!("declare `[apis.{api}.endpoints.\"{path_text}\"]`, with what a call costs")
            .into(),
    };
    check.report(
        unknown_reference(at, span, message)
            .help(help)
            .also(entry.name, "the API is declared here"),
    );
}

fn nowhere(check: &mut Check<'_>, at: &At<'_>, span: Span, endpoint: &str) {
    let unread = &check.builder.unread;
    let (before, path) = endpoint.split_once(':').unwrap_or(("", endpoint));
    if unread.any_endpoints
        || unread.endpoints.contains(path)
        || !check.is_certain::<Api>(endpoint)
        || !check.is_certain::<Api>(before)
        || check.may_be_lost(path)
    {
        return;
    }
    let text = quotable(endpoint);
    let message = format!("no API declares the endpoint `{text}`");
    let owners = check.builder.endpoints.owners(path);
    if let Some(first) = owners.first() {
        let names = check.root.apis.names();
        let is_owner = |api: &&str| owners.iter().any(|owner| owner == api);
        let owner = check.meant(before, names).map(|meant| meant.word);
        let owner = owner.filter(is_owner).unwrap_or(first);
        let message = format!("there is no API `{}`", quotable(before));
        let help = of_owner(owner, path, owners.len() == 1);
        check.report(unknown_reference(at, span, message).help(help));
        return;
    }
    let otherwise = "declare it as `[apis.NAME.endpoints.\"/path/\"]`, with what a call costs";
    // In the order of declaration: a map's own would differ from run to run.
    let apis = check.root.apis.iter();
    let paths = apis.flat_map(|(_, api)| api.endpoints.names());
    check.unknown(at, span, message, path, paths, otherwise.to_owned());
}

/// The question whether an endpoint was meant; that is what to write where nothing else can be.
fn of_owner(api: &str, path: &str, alone: bool) -> Advice {
    let words = format!("did you mean `{api}:{}`?", quotable(path));
    match alone {
        true => Advice::name(words, &format!("{api}:{path}")),
        false => words.into(),
    }
}
