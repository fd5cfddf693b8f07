//! `[tenants]` and `[entities]`: who causes demand.

use crate::collections::HashSet;
use crate::document::forms::PerName;
use crate::document::projection::Projection;
use crate::document::reader::{At, list, values_quote};
use crate::document::table::Table;
use crate::document::tables::Entity;
use crate::document::values::{Text, Texts};
use crate::limits::PROJECTION_DAYS;
use crate::model::resolve::check::{Check, TIER, invalid, unknown_reference};
use crate::source::{Span, Spanned};

/// Checks tiers and entities.
pub(super) fn check(check: &mut Check<'_>) {
    let root = check.root;
    let top = At::top();
    let mut days = Days::default();
    let tenants = top.key("tenants");
    for (name, entry) in root.tenants.entries() {
        days.add(check, &tenants.key(name), &entry.body.value);
    }
    let entities = top.key("entities");
    for (name, entry) in root.entities.entries() {
        let at = entities.key(name);
        if matches!(name, "tenant" | "project") {
            check.report(invalid(
                &at,
                entry.name,
                format!("an entity cannot be called `{name}`"),
                format!("`per = \"{name}\"` has a meaning of its own: choose another name"),
            ));
        }
        entity(check, &at, &entry.body.value, entry.name);
        if let Some(count) = &entry.body.value.count {
            days.add(check, &at.key("count"), &count.value);
        }
    }
}

fn entity(check: &mut Check<'_>, at: &At<'_>, entity: &Entity, name: Span) {
    let broken = entity.is_broken("per_tenant") || entity.is_broken("count");
    match (&entity.per_tenant, &entity.count) {
        (Some(per_tenant), Some(count)) => check.report(
            invalid(
                &at.key("count"),
                count.span,
                format!(
                    "`{}` has both `per_tenant` and `count`",
                    values_quote(at.name())
                ),
                "keep `per_tenant` where each tenant has some, `count` where they are counted in all",
            )
            .also(per_tenant.span, "`per_tenant` is declared here"),
        ),
        (None, None) if !broken => check.missing(
            at,
            "per_tenant",
            name,
            format!(
                "`{}` has neither `per_tenant` nor `count`",
                values_quote(at.name())
            ),
            "say how many each tenant has, `per_tenant = 10`, or how many there are, `count = 2_000_000`",
        ),
        (Some(per_tenant), None) if !entity.is_broken("count") => {
            if let Some(fixed) = &entity.fixed {
                check.report(
                    invalid(
                        &at.key("fixed"),
                        fixed.span,
                        "`fixed` goes with `count` only",
                        "remove it: what each tenant has grows with the tenants",
                    )
                    .also(per_tenant.span, "this entity is counted per tenant"),
                );
            }
        }
        _ => {}
    }
    if let Some(per_tenant) = &entity.per_tenant
        && let PerName::By(map) = &per_tenant.value
    {
        let at = at.key("per_tenant");
        for (tier, entry) in map.entries() {
            let tenants = &check.root.tenants;
            check.find(&at.key(tier), entry.name, TIER, tenants, tier);
        }
    }
}

/// The different days that projections name.
#[derive(Default)]
struct Days {
    days: HashSet<u32>,
    too_many: bool,
}

impl Days {
    fn add(&mut self, check: &mut Check<'_>, at: &At<'_>, projection: &Projection) {
        for (day, point) in projection.points.iter().filter(|(day, _)| **day > 0) {
            self.days.insert(*day);
            if self.days.len() > PROJECTION_DAYS && !self.too_many {
                self.too_many = true;
                check.report(invalid(
                    &at.key(&Projection::key(*day)),
                    point.span,
                    format!(
                        "the project's projections name more than {PROJECTION_DAYS} different days"
                    ),
                    "project to the same few days everywhere, such as `30d`, `60d` and `90d`: it is linear in between",
                ));
            }
        }
    }
}

/// Checks a list of tiers.
pub(super) fn tiers(check: &mut Check<'_>, at: &At<'_>, tiers: &Spanned<Texts>) {
    for tier in &tiers.value.0 {
        let tenants = &check.root.tenants;
        check.find(at, tier.span, TIER, tenants, &tier.value);
    }
}

/// Checks what something is counted per. `place` is where it is missing, where it is; `broken`
/// says that it was written and could not be read.
pub(super) fn per(
    check: &mut Check<'_>,
    at: &At<'_>,
    per: Option<&Spanned<Text>>,
    place: Span,
    broken: bool,
) {
    const HELP: &str = "write `per = \"project\"`, or the name of an entity";
    let Some(per) = per else {
        if !broken && check.without_tenants() {
            check.missing(
                at,
                "per",
                place,
                format!(
                    "`{}` has no `per`, and the project has no tenants",
                    values_quote(at.name())
                ),
                HELP,
            );
        }
        return;
    };
    let at = at.key("per");
    let entities = &check.root.entities;
    match per.value.0.as_str() {
        "project" => {}
        "tenant" if check.without_tenants() => check.report(invalid(
            &at,
            per.span,
            "the project has no tenants to count per",
            HELP,
        )),
        "tenant" => {}
        entity if entities.get(entity).is_some() => {}
        unknown if check.is_certain("entities", entities, unknown) => {
            let known: Vec<&str> = ["tenant", "project"]
                .into_iter()
                .chain(entities.names())
                .collect();
            let word = values_quote(unknown);
            let otherwise = if known.len() <= 6 {
                format!(
                    "declare `[entities.{word}]`, or use one of {}",
                    list(&known)
                )
            } else {
                format!("declare `[entities.{word}]`, or use `tenant`, `project` or another entity")
            };
            let message = format!("there is no entity `{word}` to count per");
            if check.root.tenants.get(unknown).is_some() {
                let help = format!("`{word}` is a tier: write `tenants = [\"{word}\"]` instead");
                check.report(unknown_reference(&at, per.span, message).help(help));
            } else {
                check.unknown(
                    &at,
                    per.span,
                    message,
                    unknown,
                    known.into_iter(),
                    otherwise,
                );
            }
        }
        _ => {}
    }
}
