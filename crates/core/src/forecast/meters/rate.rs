//! `rate`: calls of an API, or units of a model, in the window of a limit.

use super::{Basis, Demand, Kind, Metered, OfApi, OfModel};
use crate::forecast::situation::Situation;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::RateLimit;
use crate::model::lines::events::Amount;
use crate::quantity::{Graph, Quantity};

pub(super) struct Rate;

impl Kind for Rate {
    fn of_api(&self, of: &OfApi<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
        let limits = &of.api.rate_limits;
        for (index, limit) in limits.iter().enumerate() {
            let demand = of.sinks.sum(Amount::window(index), graph);
            let id = MeterId::new(
                Family::Api,
                of.name,
                MeterKind::Rate,
                vec![limit.window.clone()],
            );
            out.push(in_window(
                of.metering.situation(),
                id,
                "calls",
                limit,
                demand,
            ));
        }
        if limits.is_empty() && of.sinks.lines > 0 {
            let demand = of.sinks.sum(Amount::Window(0), graph);
            out.push(Metered {
                id: MeterId::new(Family::Api, of.name, MeterKind::Rate, vec!["s".to_owned()]),
                unit: "calls/s".into(),
                demand: Demand::Amount(demand),
                limit: None,
                basis: Basis::None,
            });
        }
    }

    fn of_model(&self, of: &OfModel<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
        for (index, (unit, limit)) in of.model.capacity.iter().enumerate() {
            let demand = of.sinks.sum(Amount::window(index), graph);
            let rest = vec![unit.clone(), limit.window.clone()];
            let id = MeterId::new(Family::Model, of.name, MeterKind::Rate, rest);
            out.push(in_window(of.metering.situation(), id, unit, limit, demand));
        }
    }
}

fn in_window(
    situation: Situation<'_>,
    id: MeterId,
    counted: &str,
    limit: &RateLimit,
    demand: Quantity,
) -> Metered {
    Metered {
        id,
        unit: format!("{counted}/{}", limit.window).into(),
        demand: Demand::Amount(demand),
        limit: situation.bound(Some(limit.bound)),
        basis: Basis::None,
    }
}
