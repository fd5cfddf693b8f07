//! `rate`: calls of an API, or units of a model, in the window of a limit.

use super::{Metered, Of, Thing};
use crate::meter::{Family, MeterKind};
use crate::model::RateLimit;
use crate::model::lines::events::Amount;
use crate::quantity::{Graph, Quantity};

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let in_window = |unit: Option<&str>, limit: &RateLimit, demand: Quantity| {
        let rest: Vec<&str> = unit.into_iter().chain([limit.window.as_str()]).collect();
        let id = of.id(MeterKind::Rate, &rest);
        let most = of.situation().bound(Some(limit.bound));
        let counted = format!("{}/{}", unit.unwrap_or("calls"), limit.window);
        Metered::new(id, counted, demand, most)
    };
    match of.thing {
        Thing::Api(api) => {
            let [sinks, _] = of.metering.asked_of(Family::Api, api.id);
            for (index, limit) in api.rate_limits.iter().enumerate() {
                let demand = sinks.sum(Amount::window(index), graph);
                out.push(in_window(None, limit, demand));
            }
            if api.rate_limits.is_empty() && sinks.lines > 0 {
                let id = of.id(MeterKind::Rate, &["s"]);
                let demand = sinks.sum(Amount::Window(0), graph);
                out.push(Metered::new(id, "calls/s", demand, None));
            }
        }
        Thing::Model(model) => {
            let [sinks, _] = of.metering.asked_of(Family::Model, model.id);
            for (index, (unit, limit)) in model.capacity.iter().enumerate() {
                let demand = sinks.sum(Amount::window(index), graph);
                out.push(in_window(Some(unit), limit, demand));
            }
            if !of
                .metering
                .may_limit(Family::Model, of.name, MeterKind::Rate)
            {
                return;
            }
            // How much is used in a window is not known where the window is not.
            for unit in &model.units {
                if model.capacity.iter().all(|(limited, _)| limited != unit) {
                    let id = of.id(MeterKind::Rate, &[unit, "s"]);
                    let demand = Quantity::unknown();
                    out.push(Metered::new(id, format!("{unit}/s"), demand, None));
                }
            }
        }
        Thing::Database(..) | Thing::Queue(_) => {}
    }
}
