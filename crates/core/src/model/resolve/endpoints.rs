//! What a call's `endpoint` stands for.

use crate::collections::{HashMap, HashSet};
use crate::document::reader::{At, values_quote};
use crate::document::table::Table;
use crate::document::tables::Root;
use crate::model::names::split_endpoint;
use crate::model::resolve::check::{Check, one_of, unknown_reference};
use crate::source::Span;

/// The endpoints of all APIs.
pub(super) struct Endpoints<'a> {
    /// By path: the APIs that declare it, in the order in which they are declared.
    owners: HashMap<&'a str, Vec<&'a str>>,
    /// Those that could not be read.
    broken: HashSet<&'a str>,
    /// Whether all endpoints of an API could not be read.
    any_broken: bool,
}

impl<'a> Endpoints<'a> {
    /// Those that are declared.
    pub(super) fn new(root: &'a Root) -> Self {
        let mut owners: HashMap<&str, Vec<&str>> = HashMap::default();
        let mut broken = HashSet::default();
        let mut any_broken = false;
        for (name, api) in root.apis.iter() {
            any_broken |= api.is_broken("endpoints");
            broken.extend(api.endpoints.broken());
            for path in api.endpoints.names() {
                owners.entry(path).or_default().push(name);
            }
        }
        Self {
            owners,
            broken,
            any_broken,
        }
    }

    /// Checks that a call's endpoint is one, and only one.
    pub(super) fn check(&self, check: &mut Check<'a>, at: &At<'_>, span: Span, endpoint: &str) {
        let apis = &check.root.apis;
        let (api, path) = split_endpoint(apis, endpoint);
        if let Some(api) = api {
            return self.of_api(check, at, span, api, path);
        }
        match self.owners.get(path).map(Vec::as_slice) {
            Some([_]) => {}
            Some(owners) => {
                let choices: Vec<String> = owners
                    .iter()
                    .map(|owner| format!("{owner}:{path}"))
                    .collect();
                let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
                let few = one_of(&choices, "write ");
                let help = if few.is_empty() {
                    format!("write the API before it, such as `{}`", choices[0])
                } else {
                    few
                };
                let message = format!(
                    "`{}` is an endpoint of {} APIs",
                    values_quote(path),
                    owners.len()
                );
                check.report(unknown_reference(at, span, message).help(help));
            }
            None => self.nowhere(check, at, span, endpoint),
        }
    }

    fn of_api(&self, check: &mut Check<'a>, at: &At<'_>, span: Span, api: &str, path: &str) {
        let Some(entry) = check.root.apis.entry(api) else {
            return;
        };
        let body = &entry.body.value;
        let endpoints = &body.endpoints;
        let known = endpoints.get(path).is_some();
        if known
            || body.is_broken("endpoints")
            || endpoints.is_broken(path)
            || check.may_be_lost(path)
        {
            return;
        }
        let path_text = values_quote(path);
        let message = format!("the API `{api}` has no endpoint `{path_text}`");
        let names = endpoints.names();
        let help = match check.meant(path, names) {
            Some(meant) => format!("did you mean `{api}:{}`?", values_quote(meant)),
            None => {
                format!("declare `[apis.{api}.endpoints.\"{path_text}\"]`, with what a call costs")
            }
        };
        check.report(
            unknown_reference(at, span, message)
                .help(help)
                .also(entry.name, "the API is declared here"),
        );
    }

    fn nowhere(&self, check: &mut Check<'a>, at: &At<'_>, span: Span, endpoint: &str) {
        let apis = &check.root.apis;
        let (before, path) = endpoint.split_once(':').unwrap_or(("", endpoint));
        if self.any_broken
            || self.broken.contains(path)
            || !check.is_certain("apis", apis, endpoint)
            || !check.is_certain("apis", apis, before)
            || check.may_be_lost(path)
        {
            return;
        }
        let text = values_quote(endpoint);
        let message = format!("no API declares the endpoint `{text}`");
        if let Some(owners) = self.owners.get(path) {
            let names = apis.names();
            let meant = check
                .meant(before, names)
                .filter(|api| owners.contains(api));
            let owner = meant.unwrap_or(owners[0]);
            let message = format!("there is no API `{}`", values_quote(before));
            let help = format!("did you mean `{owner}:{}`?", values_quote(path));
            check.report(unknown_reference(at, span, message).help(help));
            return;
        }
        let otherwise = "declare it as `[apis.NAME.endpoints.\"/path/\"]`, with what a call costs";
        // In the order of declaration: a map's own would differ from run to run.
        let paths = apis.iter().flat_map(|(_, api)| api.endpoints.names());
        check.unknown(at, span, message, path, paths, otherwise.to_owned());
    }
}
