//! `rate`: calls or credits of an API, or units of a model, in the window of a limit.

use super::{Basis, Metered, Of, Thing, members};
use crate::forecast::situation::Situation;
use crate::meter::{Family, MeterKind};
use crate::model::lines::events::Amount;
use crate::model::{ComputeModel, Counts, Over, UsageLimit};
use crate::quantity::{Graph, Quantity};

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    limited(of, MeterKind::Rate, graph, out);
    match of.thing {
        Thing::Api(api) => {
            let [sinks, _] = of.metering.asked_of(Family::Api, api.id);
            if let Some(place) = api.unlimited_rate().filter(|_| sinks.lines > 0) {
                let id = of.id(MeterKind::Rate, &["s"]);
                let demand = sinks.sum(Amount::window(place), graph);
                out.push(Metered::new(id, "calls/s", demand, None));
            }
        }
        Thing::Model(model) => unread_capacity(of, model, out),
        Thing::Database(..) | Thing::Queue(_) => {}
    }
}

/// The meters of capacities that could not be read: how much is used in a window is not known
/// where the window is not.
fn unread_capacity(of: &Of<'_>, model: &ComputeModel, out: &mut Vec<Metered>) {
    let (family, kind) = (Family::Model, MeterKind::Rate);
    if !of.metering.may_limit(family, of.name, kind) {
        return;
    }
    for unit in &model.units {
        let mut limits = model.limits.iter();
        if limits.all(|limit| limit.name.first() != Some(unit)) {
            let id = of.id(kind, &[unit, "s"]);
            let demand = Quantity::unknown();
            out.push(Metered::new(id, format!("{unit}/s"), demand, None));
        }
    }
}

/// The meters of the limits of a kind.
pub(super) fn limited(of: &Of<'_>, kind: MeterKind, graph: &mut Graph, out: &mut Vec<Metered>) {
    let (family, id, limits) = match of.thing {
        Thing::Api(api) => (Family::Api, api.id, &api.limits),
        Thing::Model(model) => (Family::Model, model.id, &model.limits),
        Thing::Database(..) | Thing::Queue(_) => return,
    };
    let [sinks, _] = of.metering.asked_of(family, id);
    for (place, limit) in limits.iter().enumerate() {
        if limit.kind() != kind || !limit.is_limit() {
            continue;
        }
        let name: Vec<&str> = limit.name.iter().map(String::as_str).collect();
        let (id, unit) = (of.id(kind, &name), unit(limit, family));
        if limit.is_unread() {
            let nothing = Quantity::unknown();
            out.push(Metered::new(id, unit, nothing, Some(nothing)));
        } else if let Some(members) = limit.members() {
            // However many tenants there are, a member asks for the same.
            if matches!(of.situation(), Situation::Multiplied) {
                continue;
            }
            let closest = members::closest(of, sinks, (place, limit, members), graph);
            out.push(Metered {
                basis: Basis::Member(closest.tier),
                ..Metered::new(id, unit, closest.demand, closest.limit)
            });
        } else {
            let demand = sinks.sum(Amount::window(place), graph);
            let most = of.situation().bound(limit.bound);
            out.push(Metered::new(id, unit, demand, most));
        }
    }
}

fn unit(limit: &UsageLimit, family: Family) -> String {
    let counted = match &limit.counts {
        Counts::Events if family == Family::Model => "runs".to_owned(),
        Counts::Events => "calls".to_owned(),
        Counts::Credits => "credits".to_owned(),
        Counts::Units(units) => units.join("+"),
    };
    match &limit.over {
        Over::Window { name, .. } => format!("{counted}/{name}"),
        Over::AtOnce | Over::Nothing(_) => counted,
    }
}
