//! `[tenants]` and `[entities]`: who causes demand.

use crate::collections::HashSet;
use crate::document::projection::Projection;
use crate::document::reader::{At, quotable};
use crate::document::values::{Text, Texts};
use crate::document::{Entry, Table, tables};
use crate::limits::PROJECTION_DAYS;
use crate::model::builder::{TOP, value_of};
use crate::model::lines::Per;
use crate::model::resolve::check::{Check, one_of, unknown_reference};
use crate::model::things::{Entity, Projected, Value};
use crate::source::{Span, Spanned};

/// Keys of values that are written by tier too.
const RESERVED: [&str; 7] = ["now", "max", "p10", "p50", "p90", "each", "all"];

pub(super) fn tier(
    check: &mut Check<'_>,
    at: &At<'_>,
    entry: &Entry<Projection>,
) -> Option<Projected> {
    let name = at.name();
    if RESERVED.contains(&name) {
        let message = format!("a tier cannot be called `{name}`");
        let help = format!("`{name}` is reserved for values by tier; choose another name");
        check.invalid(at, entry.name, message, help);
    }
    Some(check.builder.projected(at, &entry.body.value))
}

pub(crate) fn entity(
    check: &mut Check<'_>,
    at: &At<'_>,
    entry: &Entry<tables::Entity>,
) -> Option<Entity> {
    let entity = &entry.body.value;
    let name = at.name();
    if matches!(name, "tenant" | "project") {
        let message = format!("an entity cannot be called `{name}`");
        let help = format!("`per = \"{name}\"` is reserved; choose another name");
        check.invalid(at, entry.name, message, help);
    }
    per_tenant_or_count(check, at, entity, entry.name);
    let path = at.key("per_tenant");
    check.tiers_of(&path, entity.per_tenant.as_deref());
    let builder = check.builder;
    if let Some(count) = &entity.count {
        return Some(Entity::Count {
            count: builder.projected(&at.key("count"), &count.value),
            fixed: value_of(&entity.fixed).is_some_and(|fixed| fixed.0),
        });
    }
    let Some(per_tenant) = &entity.per_tenant else {
        return Some(Entity::Count {
            count: Projected {
                points: vec![(0, Value::Unknown)],
                log_growth: None,
            },
            fixed: true,
        });
    };
    let per_tenant = &per_tenant.value;
    let tiers = builder.tiers.iter();
    let counts = tiers.map(|tier| builder.per_name(&path, per_tenant, tier, 0.0));
    Some(Entity::PerTenant(counts.collect()))
}

/// Checks that an entity is counted one way, and that its keys go with it.
fn per_tenant_or_count(check: &mut Check<'_>, at: &At<'_>, entity: &tables::Entity, name: Span) {
    let broken = entity.is_broken("per_tenant") || entity.is_broken("count");
    match (&entity.per_tenant, &entity.count) {
        (Some(per_tenant), Some(count)) => check.clash(
            &at.key("count"),
            count.span,
            format!("{} has both `per_tenant` and `count`", at.words()),
            "keep `per_tenant` where each tenant has some, `count` where they are counted in all",
            (per_tenant.span, "`per_tenant` is declared here"),
        ),
        (None, None) if !broken => check.missing(
            at,
            "per_tenant",
            name,
            format!("{} has neither `per_tenant` nor `count`", at.words()),
            "say how many each tenant has, `per_tenant = 10`, or how many there are, `count = 2_000_000`",
        ),
        (Some(per_tenant), None) if !entity.is_broken("count") => {
            if let Some(fixed) = &entity.fixed {
                let message = "`fixed` goes with `count` only";
                let help = "remove it: what each tenant has grows with the tenants";
                let note = (per_tenant.span, "this entity is counted per tenant");
                check.clash(&at.key("fixed"), fixed.span, message, help, note);
            }
        }
        _ => {}
    }
}

#[derive(Default)]
struct Days {
    days: HashSet<u32>,
    too_many: bool,
}

/// Checks how many different days all projections name together.
pub(super) fn days(check: &mut Check<'_>) {
    let mut days = Days::default();
    let tenants = TOP.key("tenants");
    for (name, entry) in check.root.tenants.entries() {
        days.add(check, &tenants.key(name), &entry.body.value);
    }
    let entities = TOP.key("entities");
    for (name, entry) in check.root.entities.entries() {
        if let Some(count) = &entry.body.value.count {
            days.add(check, &entities.key(name).key("count"), &count.value);
        }
    }
}

impl Days {
    fn add(&mut self, check: &mut Check<'_>, at: &At<'_>, projection: &Projection) {
        for (day, point) in projection.points.iter().filter(|(day, _)| **day > 0) {
            self.days.insert(*day);
            if self.days.len() > PROJECTION_DAYS && !self.too_many {
                self.too_many = true;
                let message = format!(
                    "the project's projections name more than {PROJECTION_DAYS} different days"
                );
                let help = "project to the same few days everywhere, such as `30d`, `60d` and `90d`: it is linear in between";
                check.invalid(&at.key(&Projection::key(*day)), point.span, message, help);
            }
        }
    }
}

/// Says that a list of tiers names none.
pub(super) fn no_tier(check: &mut Check<'_>, at: &At<'_>, tiers: &Spanned<Texts>) {
    if tiers.value.0.is_empty() {
        check.invalid(
            at,
            tiers.span,
            "`tenants` names no tier",
            "name the tiers, or remove it where all have it",
        );
    }
}

pub(super) fn tiers(check: &mut Check<'_>, at: &At<'_>, tiers: &Spanned<Texts>) {
    no_tier(check, at, tiers);
    for tier in &tiers.value.0 {
        check.find::<Projection>(at, tier.span, &tier.value);
    }
}

/// What something is counted per; nothing where that does not exist. `place` is where it is
/// missing, where it is; `broken` says that it was written and could not be read.
pub(super) fn per(
    check: &mut Check<'_>,
    at: &At<'_>,
    per: Option<&Spanned<Text>>,
    place: Span,
    broken: bool,
) -> Option<Per> {
    const HELP: &str = "write `per = \"project\"`, or the name of an entity";
    let Some(per) = per else {
        if !broken && check.without_tenants() {
            let thing = at.words();
            let message = format!("{thing} has no `per`, and the project has no tenants");
            check.missing(at, "per", place, message, HELP);
        }
        return Some(Per::Tenant);
    };
    let at = at.key("per");
    match per.value.0.as_str() {
        "project" => Some(Per::Project),
        "tenant" => {
            if check.without_tenants() {
                let message = "the project has no tenants to count per";
                check.invalid(&at, per.span, message, HELP);
            }
            Some(Per::Tenant)
        }
        entity if check.root.entities.get(entity).is_some() => Some(Per::Entity(entity.to_owned())),
        unknown => {
            if check.is_certain::<tables::Entity>(unknown) {
                unknown_per(check, &at, per.span, unknown);
            }
            None
        }
    }
}

fn unknown_per(check: &mut Check<'_>, at: &At<'_>, span: Span, unknown: &str) {
    let word = quotable(unknown);
    let message = format!("there is no entity `{word}` to count per");
    if check.root.tenants.get(unknown).is_some() {
        let help = format!("`{word}` is a tier: write `tenants = [\"{word}\"]` instead");
        check.report(unknown_reference(at, span, message).help(help));
        return;
    }
    let root = check.root;
    let own = ["tenant", "project"];
    let known = || own.into_iter().chain(root.entities.names());
    let few = match one_of(known(), "") {
        few if few.is_empty() => "`tenant`, `project` or another entity".to_owned(),
        few => few,
    };
    let otherwise = format!("declare `[entities.{word}]`, or use {few}");
    check.unknown(at, span, message, unknown, known(), otherwise);
}
