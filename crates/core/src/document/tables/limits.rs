//! `[[apis.NAME.limits]]` and `[[models.NAME.limits]]`.

use crate::document::tree::TomlValue;

use crate::document::declared::Declared;
use crate::document::forms::PerName;
use crate::document::limit::Limit;
use crate::document::reader::{At, Reader, Written};
use crate::document::values::{Count, Counts, Flag, Flow, Largest, Name, Text, Texts};
use crate::source::{Span, Spanned};

crate::table! {
    /// A limit of an API: on what is used in each window, or on what runs at the same time.
    ApiLimit {
        /// Names its meter, `rate.ID` or `concurrency.ID`. Unique among the API's limits, the windows of `rate_limit` included.
        @required id: Name,
        /// How much in each window; with `per`, also one limit a tier.
        rate: PerName<Limit<Flow>>,
        /// How many calls may run at the same time; with `per`, also one limit a tier.
        concurrent: PerName<Limit<Count>>,
        /// What a call counts as. Default: `calls`.
        counts: Counts,
        /// Only calls to these endpoints count; `*` stands for any text. Default: all.
        endpoints: Texts,
        /// Whether what counts here counts against no other rate limit, or concurrency limit, that does not name the endpoint itself. Default: false.
        exclusive: Flag,
        /// Each tenant (`tenant`) or entity has a limit of its own. Default: the whole API has one.
        per: Text,
        /// With `per`: how much more than the average member the largest one uses. Default: 1.
        largest: Largest,
    }
    together [rate, concurrent, counts, per, largest], [endpoints, exclusive]
}

crate::table! {
    /// A limit of a model: on what is used in each window, or on what runs at the same time.
    ModelLimit {
        /// Names its meter, `rate.ID` or `concurrency.ID`. Unique among the model's limits.
        @required id: Name,
        /// How much in each window; with `per`, also one limit a tier.
        rate: PerName<Limit<Flow>>,
        /// How many runs may take place at the same time; with `per`, also one limit a tier.
        concurrent: PerName<Limit<Count>>,
        /// The unit that counts, or a list of units that are added up. Default: `requests`.
        counts: CountedUnits,
        /// Each tenant (`tenant`) or entity has a limit of its own. Default: the whole model has one.
        per: Text,
        /// With `per`: how much more than the average member the largest one uses. Default: 1.
        largest: Largest,
    }
    together [rate, concurrent, counts, per, largest]
}

/// What limits of APIs and of models have in common.
#[derive(Clone, Copy)]
pub(crate) struct LimitKeys<'a> {
    pub(crate) id: Option<&'a Spanned<Name>>,
    pub(crate) rate: Option<&'a Spanned<PerName<Limit<Flow>>>>,
    pub(crate) concurrent: Option<&'a Spanned<PerName<Limit<Count>>>>,
    /// Where `counts` is declared.
    pub(crate) counts: Option<Span>,
    pub(crate) per: Option<&'a Spanned<Text>>,
    pub(crate) largest: Option<&'a Spanned<Largest>>,
    pub(crate) broken: &'a [&'static str],
}

impl LimitKeys<'_> {
    /// The key that says how much.
    pub(crate) fn key(&self) -> &'static str {
        match self.concurrent {
            Some(_) => "concurrent",
            None => "rate",
        }
    }

    /// Where it says how much, else its id.
    pub(crate) fn span(&self) -> Option<Span> {
        let rate = self.rate.map(|rate| rate.span);
        let concurrent = self.concurrent.map(|concurrent| concurrent.span);
        rate.or(concurrent).or(self.id.map(|id| id.span))
    }

    /// Where it says how much a tier may use, where each has its own.
    pub(crate) fn of_tier(&self, tier: &str) -> Option<Span> {
        let rate = self.rate.and_then(|rate| rate.value.span_of(tier));
        let concurrent = || self.concurrent?.value.span_of(tier);
        rate.or_else(concurrent)
    }

    /// Whether each tier has its own.
    pub(crate) fn is_by_tier(&self) -> bool {
        let rate = self.rate.map(|rate| &rate.value);
        let concurrent = self.concurrent.map(|concurrent| &concurrent.value);
        matches!(rate, Some(PerName::By(_))) || matches!(concurrent, Some(PerName::By(_)))
    }
}

/// What of a limit names tiers and entities, to give those other names.
pub(crate) trait LimitSlots {
    fn members(&mut self) -> Members<'_>;
}

type Members<'a> = (
    Option<&'a mut Spanned<PerName<Limit<Flow>>>>,
    Option<&'a mut Spanned<PerName<Limit<Count>>>>,
    Option<&'a mut Spanned<Text>>,
);

macro_rules! limit_keys {
    ($($limit:ty),*) => {$(
        impl $limit {
            pub(crate) fn keys(&self) -> LimitKeys<'_> {
                LimitKeys {
                    id: self.id.as_deref(),
                    rate: self.rate.as_deref(),
                    concurrent: self.concurrent.as_deref(),
                    counts: self.counts.as_ref().map(|counts| counts.span),
                    per: self.per.as_deref(),
                    largest: self.largest.as_deref(),
                    broken: &self.broken,
                }
            }
        }

        impl LimitSlots for $limit {
            fn members(&mut self) -> Members<'_> {
                (
                    self.rate.as_deref_mut(),
                    self.concurrent.as_deref_mut(),
                    self.per.as_deref_mut(),
                )
            }
        }
    )*};
}
limit_keys!(ApiLimit, ModelLimit);

/// The units of a model that a limit adds up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CountedUnits(pub(crate) Vec<Spanned<String>>);

impl Declared for CountedUnits {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let span = reader.span(value.span());
        match value.get_ref() {
            TomlValue::String(unit) => {
                let value = unit.to_string();
                Some(Self(vec![Spanned { value, span }]))
            }
            TomlValue::Array(units) if units.is_empty() => {
                let message = format!("{} names no unit", at.words());
                let help = "write the unit that the provider counts, or a list of units to add up";
                reader.refuse(at, value, message, help)
            }
            TomlValue::Array(_) => Texts::read(reader, at, value).map(|units| Self(units.0)),
            _ => reader.wrong_type(at, value, "a unit in quotes, or a list of units to add up"),
        }
    }
}
