//! Demand lines: how often they occur, and what they ask of what they use.

use crate::forecast::population::Populations;
use crate::forecast::situation::Situation;
use crate::model::build::DAY;
use crate::model::{
    Api, Cache, ComputeModel, Feature, Id, Line, Model, RateLimit, Reference, Shared, Target,
    Timing, Value,
};
use crate::quantity::{Graph, Quantity};

/// What evaluating a line needs to know.
pub struct Context<'a> {
    /// The model.
    pub model: &'a Model,
    /// The circumstances.
    pub situation: Situation<'a>,
    /// The populations in them.
    pub populations: &'a Populations,
}

/// One line, evaluated.
#[derive(Clone, Debug)]
pub struct Flow {
    /// `P`
    pub population: Quantity,
    /// Occurrences a day, `O = P · per_member`.
    pub occurrences: Quantity,
    /// Occurrences a day for each of the population.
    pub per_member: Quantity,
    /// How they arrive.
    pub arrival: Arrival,
    /// `L`: the most occurrences per second, where workers limit them.
    pub ceiling: Option<Quantity>,
    /// What takes place of an occurrence: what a line that follows multiplies.
    pub passes: Quantity,
    /// Whether what happens per member depends on how many there are: a shared cache.
    pub curved: bool,
    /// What it asks for.
    pub effect: Effect,
}

/// How occurrences arrive.
#[derive(Clone, Copy, Debug)]
pub enum Arrival {
    /// Evenly, but for a peak.
    Steady {
        /// Peak over average.
        peak: f64,
    },
    /// All at once, again and again.
    Batch {
        /// Seconds from one to the next.
        period: Quantity,
        /// Seconds that one takes to arrive, where declared.
        spread: Option<f64>,
    },
}

/// What a line asks of what it uses.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Calls.
    Call {
        /// The API.
        api: Id,
        /// Asked for, per day.
        requested: Quantity,
        /// Not served by the cache, per day.
        reached: Quantity,
        /// With retries, per day.
        billed: Quantity,
        /// Credits per day.
        credits: Quantity,
        /// Billed calls in each of the API's windows, or in a second where it has none.
        windows: Vec<Quantity>,
        /// Billed calls per second at the peak.
        peak: Quantity,
    },
    /// Rows.
    Write {
        /// The table.
        table: Id,
        /// Rows per day.
        rows: Quantity,
        /// Rows per second at the peak.
        peak: Quantity,
        /// Rows over time.
        growth: Growth,
    },
    /// Messages.
    Message {
        /// The queue.
        queue: Id,
        /// Messages per day.
        messages: Quantity,
        /// Bytes per day.
        bytes: Quantity,
        /// Bytes per second at the peak.
        peak_bytes: Quantity,
        /// Messages per second at the peak.
        peak: Quantity,
        /// Messages per second that workers must keep up with: the mean of a batch, the peak of
        /// what is steady.
        work: Quantity,
        /// Of a batch: its messages, and the seconds in which they arrive.
        batch: Option<(Quantity, f64)>,
    },
    /// Runs.
    Inference {
        /// The model.
        model: Id,
        /// Asked for, per day.
        requested: Quantity,
        /// Not served by the cache, per day.
        reached: Quantity,
        /// With retries, per day.
        billed: Quantity,
        /// Units per day, in the order of the model's units.
        units: Vec<Quantity>,
        /// Money per day.
        spend: Quantity,
        /// Units in the window of each of the model's capacities.
        windows: Vec<Quantity>,
        /// Billed runs per second at the peak.
        peak: Quantity,
    },
}

/// How rows come over the days.
#[derive(Clone, Debug)]
pub enum Growth {
    /// So many a day for each of a population.
    Proportional {
        /// Whom they are counted per.
        population: Option<Shared>,
        /// Rows a day for each.
        per_member: Quantity,
    },
    /// So many on each day, flat after the last.
    Daily(Vec<Quantity>),
}

/// Evaluates the lines of a feature on the situation's day.
pub fn feature_flows(
    context: &Context<'_>,
    name: &str,
    feature: &Feature,
    graph: &mut Graph,
) -> Vec<Flow> {
    let day = context.situation.day();
    let mut flows = flows_on(context, name, feature, day, graph);
    for (index, flow) in flows.iter_mut().enumerate() {
        if let (true, Effect::Write { growth, .. }) = (flow.curved, &mut flow.effect) {
            let last = context.populations.last_day();
            let rows_on = |day| match flows_on(context, name, feature, day, graph)
                .get(index)
                .map(|flow| &flow.effect)
            {
                Some(Effect::Write { rows, .. }) => *rows,
                _ => Quantity::ZERO,
            };
            *growth = Growth::Daily((0..=last).map(rows_on).collect());
        }
    }
    flows
}

fn flows_on(
    context: &Context<'_>,
    name: &str,
    feature: &Feature,
    day: u32,
    graph: &mut Graph,
) -> Vec<Flow> {
    let rates = context.situation.rates(name);
    let mut flows: Vec<Flow> = Vec::with_capacity(feature.lines.len());
    let mut origins: Vec<Option<&Shared>> = Vec::with_capacity(feature.lines.len());
    for line in &feature.lines {
        let occurrence = match &line.timing {
            Timing::Rate {
                per_day,
                batch,
                population,
                peak,
                spread,
            } => {
                let members = context.populations.of(population, day, graph);
                origins.push(Some(population));
                let frequency = per_day.quantity(graph);
                let arrival = if *batch {
                    let period = graph.div(Quantity::certain(DAY), frequency);
                    Arrival::Batch {
                        period,
                        spread: *spread,
                    }
                } else {
                    Arrival::Steady { peak: *peak }
                };
                Occurrence {
                    population: members,
                    per_member: frequency.times(rates),
                    arrival,
                    ceiling: None,
                    curved: false,
                }
            }
            Timing::After { parent, fanout } => {
                origins.push(origins.get(*parent).copied().flatten());
                let Some(parent_flow) = flows.get(*parent) else {
                    continue;
                };
                let fanout = fanout.quantity(graph);
                let ceiling =
                    ceiling_after(context, &feature.lines[*parent], parent_flow, fanout, graph);
                let passed = graph.mul(parent_flow.per_member, parent_flow.passes);
                Occurrence {
                    population: parent_flow.population,
                    per_member: graph.mul(passed, fanout),
                    arrival: parent_flow.arrival,
                    ceiling,
                    curved: parent_flow.curved,
                }
            }
        };
        let origin = origins.last().copied().flatten();
        flows.push(flow(context, line, occurrence, origin, graph));
    }
    flows
}

/// When a line occurs, before what it does.
struct Occurrence {
    population: Quantity,
    per_member: Quantity,
    arrival: Arrival,
    ceiling: Option<Quantity>,
    curved: bool,
}

/// `L` of a line that follows another: the parent's workers where it is a message, and the
/// parent's own `L` times what passes; the smaller of both.
fn ceiling_after(
    context: &Context<'_>,
    parent: &Line,
    flow: &Flow,
    fanout: Quantity,
    graph: &mut Graph,
) -> Option<Quantity> {
    let workers = match &parent.target {
        Target::Message { queue, .. } => context
            .model
            .queue(queue)
            .and_then(|queue| queue.workers.as_ref()),
        _ => None,
    };
    let by_workers = workers.and_then(|workers| match (workers.max, &workers.rate) {
        (Some(_), Some(Value::Unknown)) | (None, _) | (_, None) => None,
        (Some(max), Some(rate)) => {
            let rate = rate.quantity(graph).times(max);
            Some(graph.mul(rate, fanout))
        }
    });
    let inherited = flow.ceiling.map(|ceiling| {
        let passed = graph.mul(ceiling, flow.passes);
        graph.mul(passed, fanout)
    });
    let ceiling = match (by_workers, inherited) {
        (Some(workers), Some(inherited)) => Some(graph.min(workers, inherited)),
        (ceiling, None) | (None, ceiling) => ceiling,
    };
    // What nobody knows limits nothing.
    ceiling.filter(|ceiling| !ceiling.is_unknown())
}

fn flow(
    context: &Context<'_>,
    line: &Line,
    occurrence: Occurrence,
    origin: Option<&Shared>,
    graph: &mut Graph,
) -> Flow {
    let occurrences = graph.mul(occurrence.population, occurrence.per_member);
    let mut curved = occurrence.curved;
    let evaluator = Evaluator {
        context,
        occurrence: &occurrence,
        occurrences,
    };
    let (passes, effect) = match &line.target {
        Target::Call {
            api,
            endpoint,
            items,
            cache,
        } => {
            curved |= depends_on_population(cache.as_deref());
            let miss = evaluator.miss_ratio(cache.as_deref(), graph);
            let effect = match context.model.api(api) {
                Some(declared) => evaluator.call(declared, (endpoint, items), miss, graph),
                None => evaluator.nothing(api.id),
            };
            (miss, effect)
        }
        Target::Write { table, rows } => {
            let rows = rows.quantity(graph);
            let effect = evaluator.write(table.id, rows, origin, graph);
            (Quantity::ZERO, effect)
        }
        Target::Message { queue, count, size } => {
            let count = count.quantity(graph);
            let effect = evaluator.message(queue, count, size.as_ref(), graph);
            (count, effect)
        }
        Target::Inference {
            model,
            units,
            cache,
        } => {
            curved |= depends_on_population(cache.as_deref());
            let miss = evaluator.miss_ratio(cache.as_deref(), graph);
            let effect = match context.model.compute_model(model) {
                Some(declared) => evaluator.inference(declared, units, miss, graph),
                None => evaluator.nothing(model.id),
            };
            (miss, effect)
        }
    };
    Flow {
        population: occurrence.population,
        occurrences,
        per_member: occurrence.per_member,
        arrival: occurrence.arrival,
        ceiling: occurrence.ceiling,
        passes,
        curved,
        effect,
    }
}

fn depends_on_population(cache: Option<&Cache>) -> bool {
    cache.is_some_and(|cache| {
        cache.hit_ratio.is_none() && cache.ttl.is_some() && cache.shared_keys.is_some()
    })
}

struct Evaluator<'a> {
    context: &'a Context<'a>,
    occurrence: &'a Occurrence,
    occurrences: Quantity,
}

impl Evaluator<'_> {
    /// `1 − h`, what the cache lets pass.
    fn miss_ratio(&self, cache: Option<&Cache>, graph: &mut Graph) -> Quantity {
        let Some(cache) = cache else {
            return Quantity::ONE;
        };
        let hit = if let Some(declared) = &cache.hit_ratio {
            declared.quantity(graph)
        } else if let Some(ttl) = cache.ttl {
            self.derived_hit_ratio(ttl, cache.shared_keys.as_ref(), graph)
        } else {
            Quantity::ZERO
        };
        graph.sub(Quantity::ONE, hit)
    }

    /// A batch of one's own objects: `h = 1 − 1/⌈T/p⌉`; else `h = λT/(1 + λT)`, with `λ` the
    /// requests per second for one key. Sources: polling at a fixed period, and Poisson arrivals
    /// (Jung, Berger and Balakrishnan, Infocom 2003).
    fn derived_hit_ratio(&self, ttl: f64, keys: Option<&Value>, graph: &mut Graph) -> Quantity {
        let per_key = match (keys, self.occurrence.arrival) {
            (None, Arrival::Batch { period, .. }) => {
                let quotient = graph.div(Quantity::certain(ttl), period);
                return graph.batch_hit_ratio(quotient);
            }
            (None, Arrival::Steady { .. }) => self.occurrence.per_member,
            (Some(keys), _) => {
                let keys = keys.quantity(graph);
                if keys.as_certain() == Some(0.0) {
                    return Quantity::ZERO.mark_unknown(keys.is_unknown());
                }
                graph.div(self.occurrences, keys)
            }
        };
        graph.steady_hit_ratio(per_key.times(ttl / DAY))
    }

    /// At most so many of a quantity, `each` per occurrence, in a window of so many seconds.
    fn in_window(&self, each: Quantity, seconds: f64, graph: &mut Graph) -> Quantity {
        let per_day = graph.mul(self.occurrences, each);
        let most = match self.occurrence.arrival {
            Arrival::Steady { peak } => {
                let peak = if seconds >= DAY { 1.0 } else { peak };
                per_day.times(seconds / DAY * peak)
            }
            Arrival::Batch { period, spread } => {
                let size = graph.mul(per_day, period).times(1.0 / DAY);
                let window = Quantity::certain(seconds);
                let share = match spread {
                    Some(spread) => {
                        let of_one = Quantity::certain((seconds / spread).min(1.0));
                        let of_many = graph.div(window, period);
                        graph.max(of_one, of_many)
                    }
                    None => {
                        let quotient = graph.div(window, period);
                        let of_one = graph.min(Quantity::ONE, quotient);
                        graph.max(of_one, quotient)
                    }
                };
                graph.mul(size, share)
            }
        };
        match self.occurrence.ceiling {
            None => most,
            Some(ceiling) => {
                let ceiling = graph.mul(ceiling.times(seconds), each);
                graph.min(most, ceiling)
            }
        }
    }

    fn call(
        &self,
        api: &Api,
        (endpoint, items): (&Reference, &Value),
        miss: Quantity,
        graph: &mut Graph,
    ) -> Effect {
        let billed_each = retried(miss, &api.retry_ratio, graph);
        let reached = graph.mul(self.occurrences, miss);
        let billed = graph.mul(self.occurrences, billed_each);
        let cost = match api.endpoint(endpoint) {
            None => Quantity::ZERO,
            Some(endpoint) => {
                let base = endpoint.credits.quantity(graph);
                let per_item = endpoint.credits_per_item.quantity(graph);
                let items = items.quantity(graph);
                let variable = if endpoint.credits_per_item == Value::Certain(0.0) {
                    Quantity::ZERO
                } else {
                    graph.mul(per_item, items)
                };
                let cost = graph.add(base, variable);
                graph.max(cost, Quantity::certain(endpoint.min_credits))
            }
        };
        let window = |limit: &RateLimit, graph: &mut Graph| {
            self.in_window(billed_each, limit.seconds, graph)
        };
        let peak = self.in_window(billed_each, 1.0, graph);
        let windows = if api.rate_limits.is_empty() {
            vec![peak]
        } else {
            api.rate_limits
                .iter()
                .map(|limit| window(limit, graph))
                .collect()
        };
        Effect::Call {
            api: api.id,
            requested: self.occurrences,
            reached,
            billed,
            credits: graph.mul(billed, cost),
            windows,
            peak,
        }
    }

    fn write(
        &self,
        table: Id,
        rows_each: Quantity,
        origin: Option<&Shared>,
        graph: &mut Graph,
    ) -> Effect {
        let per_member = graph.mul(self.occurrence.per_member, rows_each);
        Effect::Write {
            table,
            rows: graph.mul(self.occurrence.population, per_member),
            peak: self.in_window(rows_each, 1.0, graph),
            growth: Growth::Proportional {
                population: origin.cloned(),
                per_member,
            },
        }
    }

    fn message(
        &self,
        used: &Reference,
        count: Quantity,
        size: Option<&Value>,
        graph: &mut Graph,
    ) -> Effect {
        let queue = self.context.model.queue(used);
        let size = match (size, queue) {
            (Some(size), _) => size.quantity(graph),
            (None, Some(queue)) => queue.message_size.quantity(graph),
            (None, None) => Quantity::ZERO,
        };
        let size = size.times(self.context.situation.payload());
        let messages = graph.mul(self.occurrences, count);
        let bytes_each = graph.mul(count, size);
        let mean = messages.times(1.0 / DAY);
        let (work, batch) = match self.occurrence.arrival {
            Arrival::Steady { peak } => (mean.times(peak), None),
            Arrival::Batch { period, spread } => {
                let size = graph.mul(mean, period);
                (mean, Some((size, spread.unwrap_or(0.0))))
            }
        };
        Effect::Message {
            queue: used.id,
            messages,
            bytes: graph.mul(messages, size),
            peak_bytes: self.in_window(bytes_each, 1.0, graph),
            peak: self.in_window(count, 1.0, graph),
            work,
            batch,
        }
    }

    fn inference(
        &self,
        model: &ComputeModel,
        units: &[(String, Value)],
        miss: Quantity,
        graph: &mut Graph,
    ) -> Effect {
        let billed_each = retried(miss, &model.retry_ratio, graph);
        let payload = self.context.situation.payload();
        let each: Vec<(&str, Quantity)> = units
            .iter()
            .map(|(unit, value)| {
                let value = value.quantity(graph).times(payload);
                (unit.as_str(), graph.mul(billed_each, value))
            })
            .collect();
        let of_unit = |unit: &str| match unit {
            "requests" => billed_each,
            _ => each
                .iter()
                .find(|(name, _)| *name == unit)
                .map_or(Quantity::ZERO, |(_, each)| *each),
        };
        let billed = graph.mul(self.occurrences, billed_each);
        let mut spend_each = crate::quantity::Sum::default();
        for (unit, price) in &model.prices {
            spend_each.add(of_unit(unit).times(*price));
        }
        let spend = if model.prices.is_empty() {
            Quantity::ZERO
        } else {
            let each = graph.sum(&spend_each);
            graph.mul(self.occurrences, each)
        };
        Effect::Inference {
            model: model.id,
            requested: self.occurrences,
            reached: graph.mul(self.occurrences, miss),
            billed,
            units: model
                .units
                .iter()
                .map(|unit| graph.mul(self.occurrences, of_unit(unit)))
                .collect(),
            spend,
            windows: model
                .capacity
                .iter()
                .map(|(unit, limit)| self.in_window(of_unit(unit), limit.seconds, graph))
                .collect(),
            peak: self.in_window(billed_each, 1.0, graph),
        }
    }

    /// What a line asks for whose target is gone.
    fn nothing(&self, api: Id) -> Effect {
        Effect::Call {
            api,
            requested: self.occurrences,
            reached: Quantity::ZERO,
            billed: Quantity::ZERO,
            credits: Quantity::ZERO,
            windows: Vec::new(),
            peak: Quantity::ZERO,
        }
    }
}

/// With the billed retries: `· (1 + retry_ratio)`.
fn retried(each: Quantity, retry_ratio: &Value, graph: &mut Graph) -> Quantity {
    let ratio = retry_ratio.quantity(graph);
    let factor = graph.add(Quantity::ONE, ratio);
    graph.mul(each, factor)
}
