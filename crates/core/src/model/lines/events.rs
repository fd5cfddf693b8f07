//! The events of one line, and what they ask for.

use crate::model::lines::limits::OfMember;
use crate::model::lines::{Cache, Shared};
use crate::model::things::{Model, Value};
use crate::quantity::{Graph, Quantity};
use crate::units::DAY;

pub(crate) struct Events<'a> {
    pub(crate) model: &'a Model,
    /// How many times as large messages, rows and units are.
    pub(crate) payload: f64,
    /// Whom it is counted per.
    pub(crate) whom: Option<&'a Shared>,
    /// `P`
    pub(crate) population: Quantity,
    /// Events a day for each of the population.
    pub(crate) per_member: Quantity,
    /// Events a day, `O = P · per_member`.
    pub(crate) occurrences: Quantity,
    pub(crate) arrival: Arrival,
    /// `L`: the most events per second, where workers limit them.
    pub(crate) ceiling: Option<Quantity>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Arrival {
    /// Evenly, but for a peak.
    Steady {
        /// Peak over average.
        peak: f64,
        /// The busiest day over the average day.
        peak_day: f64,
    },
    /// All at once, again and again.
    Batch {
        /// Seconds from one to the next.
        period: Quantity,
        /// Seconds that one takes to arrive, where declared.
        spread: Option<f64>,
    },
}

impl Arrival {
    /// `f`: what comes in the busiest window of `seconds` over the mean. A week holds no more than
    /// its mean. Of batches 1.
    pub(crate) fn busiest(self, seconds: f64) -> f64 {
        match self {
            Self::Steady { peak, peak_day } if seconds < DAY => peak.max(peak_day),
            Self::Steady { peak_day, .. } => peak_day.min(7.0 * DAY / seconds).max(1.0),
            Self::Batch { .. } => 1.0,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// What reports show of a day, and then what meters add up.
    amounts: Vec<(Amount, Quantity)>,
    /// How many amounts reports show.
    shown: usize,
    /// Events per second at the peak, as far as they take place.
    pub(crate) peak: Quantity,
    /// What takes place of an event: what a line that follows multiplies.
    pub(crate) passes: Quantity,
    /// Of messages that come in batches: those of one, and the seconds in which they arrive.
    pub(crate) batch: Option<(Quantity, f64)>,
    /// Rows a day for each of the population, which their table keeps.
    pub(crate) rows_per_member: Option<Quantity>,
    /// What counts against limits that each member has to itself.
    pub(crate) members: Vec<OfMember>,
}

/// One amount of what is asked for. Things add them up by name: each is a sink of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// Per day, asked for.
    Requested,
    /// Per day, not served by the cache.
    Reached,
    /// Per day, with retries.
    Billed,
    /// Credits per day.
    Credits,
    /// Money per day.
    Spend,
    /// Rows per day.
    Rows,
    /// Messages per day.
    Messages,
    /// Bytes per day.
    Bytes,
    /// Units per day, by the unit's index among the model's.
    Unit(u16),
    /// Units per day as they are billed, by the unit's index, where that is not as they are used.
    BilledUnit(u16),
    /// Billed units per day of a price that depends on their number, by the price's index.
    Priced(u16),
    /// What counts against a limit, in its window, by the limit's place; past the limits of an API
    /// the calls of a second.
    Window(u16),
    /// What counts against a limit that each member has to itself, for each of a population.
    Member {
        /// The limit's place.
        limit: u16,
        /// The population's number.
        population: u32,
    },
    /// Rows per day that are read.
    RowsRead,
    /// Those per second at the peak.
    PeakReads,
    /// Rows per second at the peak.
    PeakRows,
    /// Messages per second, on average.
    MeanMessages,
    /// Those of them that do not come in batches.
    SteadyMessages,
    /// Bytes per second, on average.
    MeanBytes,
    /// Bytes per second at the peak.
    PeakBytes,
    /// Messages per second that workers must keep up with: the mean of a batch, the peak of what
    /// is steady.
    Work,
}

impl Amount {
    pub(crate) fn window(place: usize) -> Self {
        Self::Window(Self::place(place))
    }

    pub(crate) fn place(place: usize) -> u16 {
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    /// Whether it is asked for whatever limits and prices there are.
    pub(crate) fn is_total(self) -> bool {
        !matches!(
            self,
            Self::Spend
                | Self::Unit(_)
                | Self::BilledUnit(_)
                | Self::Priced(_)
                | Self::Window(_)
                | Self::Member { .. }
        )
    }

    /// Whether it is what one member asks for, however many there are.
    pub(crate) fn is_of_member(self) -> bool {
        matches!(self, Self::Member { .. })
    }

    pub(crate) fn unit(index: usize) -> Self {
        Self::Unit(u16::try_from(index).unwrap_or(u16::MAX))
    }

    pub(crate) fn billed_unit(index: usize) -> Self {
        Self::BilledUnit(u16::try_from(index).unwrap_or(u16::MAX))
    }

    pub(crate) fn priced(index: usize) -> Self {
        Self::Priced(u16::try_from(index).unwrap_or(u16::MAX))
    }
}

impl Asked {
    /// With what reports show, and room for `sums` amounts that meters add up.
    pub(super) fn new(
        passes: Quantity,
        peak: Quantity,
        shown: &[(Amount, Quantity)],
        sums: usize,
    ) -> Self {
        let mut amounts = Vec::with_capacity(shown.len() + sums);
        amounts.extend_from_slice(shown);
        Self {
            shown: amounts.len(),
            amounts,
            peak,
            passes,
            batch: None,
            rows_per_member: None,
            members: Vec::new(),
        }
    }

    /// What a line asks for whose target is gone.
    pub(super) fn nothing() -> Self {
        Self::new(Quantity::ZERO, Quantity::ZERO, &[], 0)
    }

    pub(crate) fn amounts(&self) -> &[(Amount, Quantity)] {
        &self.amounts
    }

    pub(super) fn add(&mut self, amount: Amount, quantity: Quantity) {
        self.amounts.push((amount, quantity));
    }

    pub(crate) fn shown(&self) -> &[(Amount, Quantity)] {
        self.amounts.get(..self.shown).unwrap_or_default()
    }

    pub(crate) fn sums(&self) -> &[(Amount, Quantity)] {
        self.amounts.get(self.shown..).unwrap_or_default()
    }

    pub(crate) fn amount(&self, amount: Amount) -> Option<Quantity> {
        let found = self.amounts.iter().find(|(known, _)| *known == amount);
        found.map(|(_, quantity)| *quantity)
    }

    /// What counts against each limit in its window, by the limit's place.
    pub(crate) fn windows(&self) -> impl Iterator<Item = (usize, Quantity)> {
        self.sums()
            .iter()
            .filter_map(|(amount, quantity)| match amount {
                Amount::Window(place) => Some((usize::from(*place), *quantity)),
                _ => None,
            })
    }
}

impl Events<'_> {
    /// `1 − h`, what the cache lets pass.
    pub(super) fn miss_ratio(&self, cache: Option<&Cache>, graph: &mut Graph) -> Quantity {
        let Some(cache) = cache else {
            return Quantity::ONE;
        };
        let hit = if let Some(declared) = &cache.hit_ratio {
            declared.quantity(graph)
        } else if let Some(ttl) = cache.ttl {
            self.derived_hit_ratio(ttl, cache, graph)
        } else {
            Quantity::ZERO
        };
        graph.sub(Quantity::ONE, hit)
    }

    /// A batch of one's own objects: `h = 1 − 1/⌈T/p⌉`, with `p · max(1, keys · P / S)` in place of
    /// `p` where each has `keys` of them and `S` come in a batch; else `h = λT/(1 + λT)`, with `λ` the
    /// requests per second for one key. Sources: polling at a fixed period, and Poisson arrivals
    /// (Jung, Berger and Balakrishnan, Infocom 2003).
    fn derived_hit_ratio(&self, ttl: f64, cache: &Cache, graph: &mut Graph) -> Quantity {
        let keys = cache.keys.as_ref().map(|keys| keys.quantity(graph));
        if let (false, Arrival::Batch { period, .. }) = (cache.shared, self.arrival) {
            let quotient = graph.div(Quantity::certain(ttl), period);
            let Some(keys) = keys else {
                return graph.batch_hit_ratio(quotient);
            };
            let in_batch = graph.mul(self.per_member, period).times(1.0 / DAY);
            if in_batch.as_certain() == Some(0.0) {
                return Quantity::ZERO.mark_unknown(in_batch.is_unknown() || keys.is_unknown());
            }
            let batches = graph.div(keys, in_batch);
            let batches = graph.max(Quantity::ONE, batches);
            let quotient = graph.div(quotient, batches);
            return graph.batch_hit_ratio(quotient);
        }
        let asked = match cache.shared {
            true => self.occurrences,
            false => self.per_member,
        };
        let per_key = match keys {
            None => asked,
            Some(keys) if keys.as_certain() == Some(0.0) => {
                return Quantity::ZERO.mark_unknown(keys.is_unknown());
            }
            Some(keys) => graph.div(asked, keys),
        };
        graph.steady_hit_ratio(per_key.times(ttl / DAY))
    }

    /// The most in a window of `seconds`, where each event asks for `each`.
    pub(super) fn in_window(&self, each: Quantity, seconds: f64, graph: &mut Graph) -> Quantity {
        self.in_span(each, Quantity::certain(seconds), graph)
    }

    /// The most in a window whose seconds may be uncertain.
    pub(super) fn in_span(&self, each: Quantity, window: Quantity, graph: &mut Graph) -> Quantity {
        let per_day = graph.mul(self.occurrences, each);
        let most = self.arriving(per_day, window, graph);
        match self.ceiling {
            None => most,
            Some(ceiling) => {
                let ceiling = graph.mul(ceiling, window);
                let ceiling = graph.mul(ceiling, each);
                graph.min(most, ceiling)
            }
        }
    }

    /// The most in a window of what comes to so much a day.
    pub(super) fn arriving(
        &self,
        per_day: Quantity,
        window: Quantity,
        graph: &mut Graph,
    ) -> Quantity {
        match self.arrival {
            Arrival::Steady { peak, peak_day } => {
                if let Some(seconds) = window.as_certain() {
                    let days = seconds / DAY * self.arrival.busiest(seconds);
                    return per_day.times(days).mark_unknown(window.is_unknown());
                }
                let days = graph.div(window, Quantity::certain(DAY));
                // The same, of the windows that are shorter than a day and of the others.
                let long = graph.at_least(days, Quantity::ONE);
                let short = graph.sub(days, long).times(peak.max(peak_day));
                let week = Quantity::certain(7.0);
                let most = graph.min(long.times(peak_day), week);
                let long = graph.max(long, most);
                let days = graph.add(short, long);
                graph.mul(per_day, days)
            }
            Arrival::Batch { period, spread } => {
                let share = batches_in(window, period, spread, graph);
                self.of_batch(per_day, period, share, graph)
            }
        }
    }

    /// A share of a batch of what comes to so much a day.
    pub(super) fn of_batch(
        &self,
        per_day: Quantity,
        period: Quantity,
        share: Quantity,
        graph: &mut Graph,
    ) -> Quantity {
        let size = graph.mul(per_day, period).times(1.0 / DAY);
        graph.mul(size, share)
    }
}

/// The most batches in a window, each as far as it comes in it.
pub(crate) fn batches_in(
    window: Quantity,
    period: Quantity,
    spread: Option<f64>,
    graph: &mut Graph,
) -> Quantity {
    let of_many = graph.div(window, period);
    let Some(spread) = spread else {
        return of_many;
    };
    let of_one = graph.div(window, Quantity::certain(spread));
    let of_one = graph.min(of_one, Quantity::ONE);
    graph.max(of_one, of_many)
}

/// With the billed retries: `each · (1 + retry_ratio)`.
pub(crate) fn retried(each: Quantity, retry_ratio: &Value, graph: &mut Graph) -> Quantity {
    let ratio = retry_ratio.quantity(graph);
    let factor = graph.add(Quantity::ONE, ratio);
    graph.mul(each, factor)
}
