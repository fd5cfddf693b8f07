//! Endpoints and the ids of demand lines: what a name in one place stands for in another.

use crate::document::Map;
use crate::document::tables::Api;

/// Splits what a call says of its endpoint into an API, where it names one, and a path. What
/// stands before the first `:` is an API only if one has that name.
#[must_use]
pub fn split_endpoint<'a>(apis: Option<&Map<Api>>, endpoint: &'a str) -> (Option<&'a str>, &'a str) {
    match endpoint.split_once(':') {
        Some((api, path)) if apis.is_some_and(|apis| apis.get(api).is_some()) => (Some(api), path),
        _ => (None, endpoint),
    }
}

/// The API that an endpoint belongs to: the one that is named, or the only one that declares it.
///
/// # Errors
/// How many APIs declare it, where that is not one.
pub fn find_endpoint<'a>(
    apis: Option<&'a Map<Api>>,
    endpoint: &'a str,
) -> Result<(&'a str, &'a str), usize> {
    let (api, path) = split_endpoint(apis, endpoint);
    let declares = |api: &Api| {
        api.endpoints
            .as_ref()
            .is_some_and(|endpoints| endpoints.value.get(path).is_some())
    };
    if let Some(name) = api {
        let declared = apis.and_then(|apis| apis.get(name)).is_some_and(declares);
        return if declared { Ok((name, path)) } else { Err(0) };
    }
    let Some(apis) = apis else { return Err(0) };
    let mut owners = apis.iter().filter(|(_, api)| declares(api)).map(|(name, _)| name);
    match (owners.next(), owners.count()) {
        (Some(owner), 0) => Ok((owner, path)),
        (None, _) => Err(0),
        (Some(_), more) => Err(more + 1),
    }
}
