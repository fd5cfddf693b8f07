//! From a forecast to what was measured, factor by factor, as finance does variances.

/// A factor of what a line asks of a meter.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Factor {
    /// How many ask.
    Tenants,
    /// How often each of them does.
    Rate,
    /// What the cache lets pass.
    Cache,
    /// What is asked again.
    Retry,
    /// What one costs.
    Cost,
    /// What no line declares.
    Undeclared,
}

impl Factor {
    /// Those of what a line asks for, in the order in which they are replaced.
    pub(crate) const OF_LINES: [Self; 5] = [
        Self::Tenants,
        Self::Rate,
        Self::Cache,
        Self::Retry,
        Self::Cost,
    ];
}

/// What a line asks for on a day, as factors: their product is its share of the meter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Forecast {
    /// `P`
    pub(crate) population: f64,
    /// Occurrences for each of the population.
    pub(crate) rate: f64,
    /// `1 − h`
    pub(crate) miss: f64,
    /// `1 + retry`
    pub(crate) retry: f64,
    /// Of one that is billed.
    pub(crate) cost: f64,
    /// Whether there is a cache.
    pub(crate) cached: bool,
}

/// What was measured of a line, on a mean day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Measured {
    pub(crate) population: Option<f64>,
    pub(crate) occurrences: Option<f64>,
    pub(crate) reached: Option<f64>,
    /// With retries.
    pub(crate) billed: Option<f64>,
    /// `1 + retry` of all calls to what it uses.
    pub(crate) retry: Option<f64>,
    /// What the meter counts.
    pub(crate) amount: Option<f64>,
    /// Of one that is billed, by the units that it was measured to take.
    pub(crate) cost: Option<f64>,
}

/// The way from a forecast to what was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bridge {
    pub(crate) forecast: f64,
    pub(crate) actual: f64,
    /// What each factor moves at its turn. They add up to `actual − forecast`.
    pub(crate) effects: [(Factor, f64); 5],
    /// What took place, as it was measured or follows from it.
    pub(crate) occurrences: f64,
}

impl Bridge {
    /// A factor that was not measured stays as it is forecast; what is left is the rate's.
    pub(crate) fn new(forecast: Forecast, measured: Measured) -> Self {
        let Forecast {
            population,
            rate,
            miss,
            retry,
            cost,
            cached,
        } = forecast;
        let Measured {
            occurrences,
            reached,
            billed,
            amount,
            ..
        } = measured;
        let direct = match (reached, occurrences) {
            (Some(_), _) => ratio(billed, reached),
            (None, Some(_)) if !cached => ratio(billed, occurrences),
            _ => None,
        };
        let new_retry = direct.or(measured.retry).unwrap_or(retry);
        let passed = ratio(reached, occurrences);
        let passed = passed.or_else(|| ratio(billed, occurrences).map(|all| all / new_retry));
        let new_miss = passed.unwrap_or(miss);
        let new_population = measured.population.unwrap_or(population);
        let as_forecast = new_population * rate;
        let occurrences = occurrences
            .or_else(|| reached.map(|reached| over(reached, new_miss)))
            .or_else(|| billed.map(|billed| over(billed, new_retry * new_miss)))
            .or_else(|| amount.map(|amount| over(amount, cost * new_retry * new_miss)))
            .unwrap_or(as_forecast);
        let billed =
            billed.unwrap_or_else(|| reached.unwrap_or(occurrences * new_miss) * new_retry);
        let steps = [
            population * rate * miss * retry * cost,
            as_forecast * miss * retry * cost,
            occurrences * miss * retry * cost,
            occurrences * new_miss * retry * cost,
            billed * cost,
            amount.unwrap_or(billed * measured.cost.unwrap_or(cost)),
        ];
        let mut effects = Factor::OF_LINES.map(|factor| (factor, 0.0));
        for (effect, pair) in effects.iter_mut().zip(steps.windows(2)) {
            effect.1 = without_rounding(pair[0], pair[1]);
        }
        Self {
            forecast: steps[0],
            actual: steps[5],
            effects,
            occurrences,
        }
    }
}

/// The quotient of two that were measured, where there is one.
fn ratio(part: Option<f64>, whole: Option<f64>) -> Option<f64> {
    let share = part? / whole?;
    share.is_finite().then_some(share)
}

/// What there was before a share of it passed; itself where nothing passes.
fn over(passed: f64, share: f64) -> f64 {
    if share > 0.0 { passed / share } else { passed }
}

/// How much of a product the order of its factors may round off.
const ROUNDING: f64 = 1e-15;

fn without_rounding(before: f64, after: f64) -> f64 {
    let moved = after - before;
    let largest = before.abs().max(after.abs());
    if moved.abs() > largest * ROUNDING {
        moved
    } else {
        0.0
    }
}
