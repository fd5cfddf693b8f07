//! Endpoints and the ids of demand lines: what a name in one place stands for in another.

use std::collections::HashMap;

use crate::document::Map;
use crate::document::tables::Api;

/// Splits what a call says of its endpoint into an API, where it names one, and a path. What
/// stands before the first `:` is an API only if one has that name.
#[must_use]
pub fn split_endpoint<'a>(
    apis: Option<&Map<Api>>,
    endpoint: &'a str,
) -> (Option<&'a str>, &'a str) {
    match endpoint.split_once(':') {
        Some((api, path)) if apis.is_some_and(|apis| apis.get(api).is_some()) => (Some(api), path),
        _ => (None, endpoint),
    }
}

/// Which APIs declare a path, so that a call may leave the API out.
#[derive(Clone, Debug, Default)]
pub struct Endpoints(HashMap<String, Vec<String>>);

impl Endpoints {
    /// The endpoints of all APIs.
    #[must_use]
    pub fn new(apis: Option<&Map<Api>>) -> Self {
        let mut owners: HashMap<String, Vec<String>> = HashMap::new();
        for (name, api) in apis.iter().flat_map(|apis| apis.iter()) {
            let Some(endpoints) = &api.endpoints else {
                continue;
            };
            for path in endpoints.value.names() {
                owners
                    .entry(path.to_owned())
                    .or_default()
                    .push(name.to_owned());
            }
        }
        Self(owners)
    }

    /// Says that an API declares a path, or no longer does.
    pub fn declare(&mut self, api: &str, path: &str, declared: bool) {
        let owners = self.0.entry(path.to_owned()).or_default();
        match (owners.iter().position(|owner| owner == api), declared) {
            (None, true) => owners.push(api.to_owned()),
            (Some(index), false) => drop(owners.swap_remove(index)),
            _ => {}
        }
    }

    /// The APIs that declare a path.
    #[must_use]
    pub fn owners(&self, path: &str) -> &[String] {
        self.0.get(path).map_or(&[], Vec::as_slice)
    }

    /// The API and the path that a call means: the API that it names, or the only one that
    /// declares the path.
    #[must_use]
    pub fn find<'a>(
        &'a self,
        apis: Option<&Map<Api>>,
        endpoint: &'a str,
    ) -> Option<(&'a str, &'a str)> {
        let (api, path) = split_endpoint(apis, endpoint);
        let owners = self.owners(path);
        match api {
            Some(api) => owners
                .iter()
                .any(|owner| owner == api)
                .then_some((api, path)),
            None => match owners {
                [only] => Some((only, path)),
                _ => None,
            },
        }
    }
}
