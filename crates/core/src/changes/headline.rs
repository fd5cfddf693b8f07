//! What a declaration says, in a few words.

use crate::analysis::{Outlook, Project};
use crate::document::tables::{Feature, Root};
use crate::document::{Difference, DifferenceKind};
use crate::model::LineKind;
use crate::source::{SourceMap, Span};
use crate::words::number;

/// The longest headline, in characters.
const MOST: usize = 200;

/// Says in a few words what declarations said and say: a value as it is written, of an added
/// line its rate, of a removed one what it asked for.
pub(super) struct Headlines<'a> {
    base: (&'a Project, &'a Outlook),
    head: &'a Project,
    sources: &'a SourceMap,
}

impl<'a> Headlines<'a> {
    pub(super) fn new(
        base: (&'a Project, &'a Outlook),
        head: &'a Project,
        sources: &'a SourceMap,
    ) -> Self {
        Self {
            base,
            head,
            sources,
        }
    }

    /// What it said.
    pub(super) fn before(&self, difference: &Difference) -> Option<String> {
        let span = difference.before?;
        Some(match difference.kind {
            DifferenceKind::Removed => self.whole(self.base.0, difference),
            DifferenceKind::Added | DifferenceKind::Changed => self.written(span),
        })
    }

    /// What it says.
    pub(super) fn after(&self, difference: &Difference) -> Option<String> {
        let span = difference.after?;
        Some(match difference.kind {
            DifferenceKind::Added => self.whole(self.head, difference),
            DifferenceKind::Removed | DifferenceKind::Changed => self.written(span),
        })
    }

    /// A value as it is written, a string without its quotes.
    fn written(&self, span: Span) -> String {
        let text = self.sources.text(span);
        let unquoted = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .filter(|text| !text.contains(['"', '\\']))
            .unwrap_or(text);
        let line = unquoted.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= MOST {
            return line;
        }
        let mut short: String = line.chars().take(MOST).collect();
        short.push('…');
        short
    }

    /// A whole thing: what it is, by its most telling key.
    fn whole(&self, project: &Project, difference: &Difference) -> String {
        let root = &project.declarations.root;
        let keys: Vec<&str> = difference.path.0.iter().map(String::as_str).collect();
        let said = match keys[..] {
            ["features", feature] => root.features.get(feature).map(lines_of),
            ["features", feature, list, id] => {
                let asked = match difference.kind {
                    DifferenceKind::Removed => asked_for(self.base, feature, id),
                    DifferenceKind::Added | DifferenceKind::Changed => None,
                };
                asked.or_else(|| self.timing(root, feature, list, id))
            }
            _ => self.telling(root, &keys),
        };
        said.unwrap_or_else(|| keys.last().copied().unwrap_or_default().to_owned())
    }

    fn timing(&self, root: &Root, feature: &str, list: &str, id: &str) -> Option<String> {
        let feature = root.features.get(feature)?;
        let keys = feature.line(LineKind::of_list(list)?, id)?.keys();
        match (keys.rate, keys.after) {
            (Some(rate), _) => Some(self.written(rate.span)),
            (None, Some(after)) => Some(format!("after {}", after.value.0)),
            (None, None) => None,
        }
    }

    /// The key of a thing that tells most about it.
    fn telling(&self, root: &Root, keys: &[&str]) -> Option<String> {
        let span = match keys {
            ["tables", name] => {
                let table = root.tables.get(name)?;
                return Some(format!(
                    "{} of {}",
                    self.written(table.kind.as_ref()?.span),
                    self.written(table.row_size.as_ref()?.span)
                ));
            }
            ["queues", name] => root.queues.get(name)?.broker.as_ref()?.span,
            ["databases", name] => root.databases.get(name)?.storage.as_ref()?.span,
            ["apis", api, "endpoints", path] => {
                let endpoint = root.apis.get(api)?.endpoints.get(path)?;
                let credits = endpoint
                    .credits
                    .as_ref()
                    .or(endpoint.credits_per_item.as_ref())
                    .or(endpoint.credits_per_step.as_ref());
                return Some(format!("{} credits", self.written(credits?.span)));
            }
            ["apis", name] => {
                let count = root.apis.get(name)?.endpoints.len();
                return Some(number::plural(count, "endpoint"));
            }
            ["apis", api, "limits", id] => {
                root.apis.get(api)?.limits.get(id)?.value.keys().span()?
            }
            ["models", model, "limits", id] => root
                .models
                .get(model)?
                .limits
                .get(id)?
                .value
                .keys()
                .span()?,
            ["models", name] => root.models.get(name)?.price.as_ref()?.span,
            ["tenants", name] => {
                let tier = root.tenants.get(name)?;
                tier.points.values().next()?.span
            }
            ["entities", name] => {
                let entity = root.entities.get(name)?;
                let per_tenant = entity.per_tenant.as_ref().map(|slot| slot.span);
                per_tenant.or(entity.count.as_ref().map(|slot| slot.span))?
            }
            _ => return None,
        };
        Some(self.written(span))
    }
}

fn lines_of(feature: &Feature) -> String {
    number::plural(feature.lines().count(), "line")
}

/// What a line that is gone asked for in a day.
fn asked_for((project, outlook): (&Project, &Outlook), feature: &str, id: &str) -> Option<String> {
    let lines = &project.model.features.get(feature)?.lines;
    let index = lines.iter().position(|line| *line.id == *id)?;
    let flow = outlook.forecast.flows.get(feature)?.get(index)?;
    let told = flow.kind.told_by().iter().filter_map(|(amount, what)| {
        let point = outlook.graph.point(flow.amount(*amount)?);
        Some((point, *what))
    });
    let (point, what) = told.reduce(|one, other| if one.0 == 0.0 { other } else { one })?;
    let count = number::count(point);
    Some(format!("{count} {what}/day"))
}
