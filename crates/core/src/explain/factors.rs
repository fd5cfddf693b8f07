//! Lists of factors, as they are put together.

use crate::words::number;

use super::{By, Factor, Input, Place, Term};

/// Factors, in the order in which they are multiplied.
#[derive(Clone, Debug, Default)]
pub(super) struct Factors(Vec<Factor>);

impl Factors {
    pub(super) fn of(value: f64, text: impl Into<String>, inputs: Vec<Input>) -> Self {
        Self::default().times(value, text, inputs)
    }

    pub(super) fn times(self, value: f64, text: impl Into<String>, inputs: Vec<Input>) -> Self {
        self.with(By::Times, value, text.into(), inputs)
    }

    pub(super) fn over(self, value: f64, text: impl Into<String>, inputs: Vec<Input>) -> Self {
        self.with(By::Over, value, text.into(), inputs)
    }

    fn with(mut self, by: By, value: f64, text: String, inputs: Vec<Input>) -> Self {
        self.0.push(Factor {
            by,
            value: value.is_finite().then_some(value),
            text,
            inputs,
        });
        self
    }

    /// A number of something, `20 rows each`; left out where it is 1 and nothing declares it.
    pub(super) fn count(self, value: f64, one: &str, rest: &str, inputs: Vec<Input>) -> Self {
        if value == 1.0 && inputs.is_empty() {
            return self;
        }
        let plural = if value == 1.0 { "" } else { "s" };
        let text = format!("{} {one}{plural} {rest}", number::count(value));
        self.times(value, text.trim_end(), inputs)
    }

    pub(super) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// What they come to: a factor of 0 is stronger than an infinite one.
    pub(super) fn product(&self) -> f64 {
        if self
            .0
            .iter()
            .any(|it| it.by == By::Times && it.value == Some(0.0))
        {
            return 0.0;
        }
        self.0.iter().fold(1.0, |product, factor| {
            let value = factor.value.unwrap_or(f64::INFINITY);
            match factor.by {
                By::Times => product * value,
                By::Over => product / value,
            }
        })
    }

    pub(super) fn term(self, path: impl Into<String>, place: Option<Place>) -> Term {
        let product = self.product();
        Term {
            path: path.into(),
            place,
            less: false,
            factors: self.0,
            product: product.is_finite().then_some(product),
            note: None,
        }
    }
}

impl Term {
    /// Multiplied by more.
    pub(super) fn with(mut self, more: &Factors) -> Self {
        let factors = Factors(std::mem::take(&mut self.factors)).and(more.clone());
        let product = factors.product();
        Self {
            factors: factors.0,
            product: product.is_finite().then_some(product),
            ..self
        }
    }

    pub(super) fn less(self) -> Self {
        Self { less: true, ..self }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Self {
        let note = Some(note.into());
        Self { note, ..self }
    }
}

/// A duration as an adjective: `10-minute`.
pub(super) fn long(seconds: f64) -> String {
    let units = [(86_400.0, "day"), (3600.0, "hour"), (60.0, "minute")];
    let whole = |(size, _): &&(f64, &str)| seconds >= *size && seconds % size == 0.0;
    match units.iter().find(whole) {
        Some((size, name)) => format!("{}-{name}", number::count(seconds / size)),
        None => format!("{}-second", number::count(seconds)),
    }
}
