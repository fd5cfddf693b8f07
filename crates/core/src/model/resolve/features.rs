//! `[features.NAME]`: who has a feature, and its lines.

use std::sync::Arc;

use crate::document::reader::At;
use crate::document::{Entry, tables};
use crate::model::builder::span_of;
use crate::model::lines::Feature;
use crate::model::resolve::check::Check;
use crate::model::resolve::{chains, lines, population};

pub(crate) fn feature<'a>(
    check: &mut Check<'a>,
    at: &At<'_>,
    entry: &'a Entry<tables::Feature>,
) -> Option<Arc<Feature>> {
    let feature = &entry.body.value;
    tenants(check, at, feature);
    let drafts = lines::drafts(check, at, feature);
    Some(Arc::new(Feature {
        name: at.name().into(),
        lines: chains::in_order(check, at, drafts, feature.lacks_lines()),
    }))
}

fn tenants(check: &mut Check<'_>, at: &At<'_>, feature: &tables::Feature) {
    if check.without_tenants() {
        return without_tenants(check, at, feature);
    }
    if let Some(tenants) = &feature.tenants {
        population::tiers(check, &at.key("tenants"), tenants);
    }
    if let Some(adoption) = &feature.adoption {
        if let Some(active) = &feature.active {
            let message = "`active` is declared beside `adoption`";
            let help = "keep one: `active` counts who uses it today, `adoption` is their share";
            let note = (adoption.span, "`adoption` is declared here");
            check.clash(&at.key("active"), active.span, message, help, note);
        }
        check.tiers_of(&at.key("adoption"), Some(adoption));
    }
}

fn without_tenants(check: &mut Check<'_>, at: &At<'_>, feature: &tables::Feature) {
    let spans = [
        ("tenants", span_of(&feature.tenants)),
        ("adoption", span_of(&feature.adoption)),
        ("active", span_of(&feature.active)),
    ];
    for (key, span) in spans {
        if let Some(span) = span {
            let message = format!("`{key}` has no place in a project without tenants");
            let help = "remove it, or declare how many tenants there are in `[tenants]`";
            check.invalid(&at.key(key), span, message, help);
        }
    }
}
