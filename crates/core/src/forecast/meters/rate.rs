//! `rate`: calls of an API, or units of a model, in the window of a limit.

use super::{KindOfMeter, Metered, OfApi, OfModel};
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::lines::events::Amount;
use crate::quantity::Graph;

pub(super) struct Rate;

impl KindOfMeter for Rate {
    fn of_api(&self, of: &OfApi<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
        let limits = &of.api.rate_limits;
        let id = |window: &str| {
            MeterId::new(
                Family::Api,
                of.name,
                MeterKind::Rate,
                vec![window.to_owned()],
            )
        };
        for (index, limit) in limits.iter().enumerate() {
            let demand = of.sinks.sum(Amount::window(index), graph);
            let most = of.metering.situation().bound(Some(limit.bound));
            let unit = format!("calls/{}", limit.window);
            out.push(Metered::new(id(&limit.window), unit, demand, most));
        }
        if limits.is_empty() && of.sinks.lines > 0 {
            let demand = of.sinks.sum(Amount::Window(0), graph);
            out.push(Metered::new(id("s"), "calls/s", demand, None));
        }
    }

    fn of_model(&self, of: &OfModel<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
        for (index, (unit, limit)) in of.model.capacity.iter().enumerate() {
            let demand = of.sinks.sum(Amount::window(index), graph);
            let most = of.metering.situation().bound(Some(limit.bound));
            let rest = vec![unit.clone(), limit.window.clone()];
            let id = MeterId::new(Family::Model, of.name, MeterKind::Rate, rest);
            let unit = format!("{unit}/{}", limit.window);
            out.push(Metered::new(id, unit, demand, most));
        }
    }
}
