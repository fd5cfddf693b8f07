//! `[apis.NAME]`.

use crate::collections::HashSet;
use crate::document::Lines;
use crate::document::declared::{Declared, Difference, Slot};
use crate::document::edit::{Edit, Items, Way};
use crate::document::estimate::{Estimate, PerEvent};
use crate::document::graduated::{PriceStep, Steps, are_steps};
use crate::document::limit::{Limit, RateLimits};
use crate::document::map::{Map, Named};
use crate::document::reader::{At, Reader, Written};
use crate::document::tables::ApiLimit;
use crate::document::values::{Cacheable, Count, Days, Positive, SmallRatio, Text, Url};
use crate::source::{Span, Spanned};
use crate::units::{Date, Duration, Money};

crate::table! {
    /// A metered API: what its calls cost, and what it allows.
    Api {
        /// Calls that the provider allows in each window: one limit, or a list with one a window.
        rate_limit: RateLimits,
        /// Every other limit: on credits, on some endpoints, for each tenant, or on calls at the same time.
        limits: Lines<ApiLimit>,
        /// The provider's status page.
        status_url: Url,
        /// The responsible team.
        owner: Text,
        /// Billed retries per call. Default: 0.
        retry_ratio: Estimate<SmallRatio<1>>,
        /// What is held now, per month.
        plan: Plan,
        /// What credits past the plan cost, billed as they are used.
        overage: Overage,
        /// What can be bought ahead.
        packs: Packs,
        /// Money per month.
        budget: Limit<Money>,
        /// From deciding to buy credits to having them.
        lead_time: Days,
        /// Its endpoints, by path.
        endpoints: Map<Endpoint>,
    }
}

impl Named for Api {}

crate::table! {
    /// The credits that are held, per month.
    Plan {
        /// Credits per month.
        credits: Limit<Count, false>,
        /// What they cost per month.
        price: Money,
        /// Unused credits on hand.
        balance: Count,
    }
}

/// The price of credits past the plan: one for all, or one a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Overage {
    Flat(FlatOverage),
    Graduated(Steps<OverageStep>),
}

crate::table! {
    /// The price of credits past the plan.
    FlatOverage {
        /// What `per` credits cost.
        @required price: Money,
        /// How many credits the price is for.
        @required per: Positive,
    }
}

crate::table! {
    /// The price of some of the credits past the plan.
    OverageStep {
        /// Where the step ends, in credits past the plan; absent in the last.
        up_to: Positive,
        /// What `per` credits cost.
        @required price: Money,
        /// How many credits the price is for.
        @required per: Positive,
    }
}

impl Declared for Overage {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        if are_steps(value) {
            return Steps::read(reader, at, value).map(Self::Graduated);
        }
        FlatOverage::read(reader, at, value).map(Self::Flat)
    }

    crate::by_form!(Flat, Graduated);
}

impl PriceStep for OverageStep {
    fn up_to(&self) -> Option<&Spanned<Positive>> {
        self.up_to.as_deref()
    }

    fn is_read(&self) -> bool {
        self.price.is_some() && self.per.is_some() && self.broken.is_empty()
    }
}

crate::table! {
    /// Credits that can be bought ahead.
    Pack {
        /// Its name.
        @required name: Text,
        /// How many credits it holds.
        @required credits: Positive,
        /// What it costs.
        @required price: Money,
        /// How many can be stacked; absent: any number.
        max: Count,
        /// How long its credits last; absent: they don't expire.
        expires: Days,
    }
}

/// The packs of an API, each known by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Packs(pub(crate) Vec<Spanned<Pack>>);

impl Packs {
    fn position(&self, name: &str) -> Option<usize> {
        let named = |pack: &Spanned<Pack>| {
            let own = pack.value.name.as_ref();
            own.is_some_and(|own| own.value.0 == name)
        };
        self.0.iter().position(named)
    }

    /// Whether each pack has a name of its own.
    fn are_named(&self) -> bool {
        let mut names = HashSet::default();
        let mut own = self.0.iter().map(|pack| pack.value.name.as_ref());
        own.all(|name| name.is_some_and(|name| names.insert(name.value.0.as_str())))
    }
}

impl Declared for Packs {
    const EMPTY_IF_ABSENT: bool = true;

    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let packs = Lines::<Pack>::read(reader, at, value)?;
        // What is cheapest cannot be told of some of them.
        (!packs.is_broken()).then(|| Self(packs.into_vec()))
    }

    fn empty() -> Option<Self> {
        Some(Self::default())
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        self.edit_items(other, way, edit)
    }

    fn differs(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> bool {
        if self == after {
            return false;
        }
        let first = out.len();
        if self.are_named() && after.are_named() {
            self.compare_items(after, at, out);
        }
        // In another order, or without names to tell them apart.
        out.len() == first
    }
}

impl Items for Packs {
    type Item = Pack;

    fn item(&self, key: &str) -> Option<(&Spanned<Pack>, Span)> {
        let pack = self.0.get(self.position(key)?)?;
        Some((pack, pack.span))
    }

    fn items(&self) -> impl Iterator<Item = (&str, &Spanned<Pack>, Span)> {
        self.0.iter().filter_map(|pack| {
            let name = pack.value.name.as_ref()?;
            Some((name.value.0.as_str(), pack, pack.span))
        })
    }

    fn item_mut(&mut self, key: &str) -> Option<&mut Spanned<Pack>> {
        let position = self.position(key)?;
        self.0.get_mut(position)
    }

    fn copy(&mut self, key: &str, other: Option<&Self>) {
        let source = other.and_then(|other| Some(other.item(key)?.0.clone()));
        match (self.position(key), source) {
            (Some(position), Some(source)) => self.0[position] = source,
            (Some(position), None) => drop(self.0.remove(position)),
            (None, Some(source)) => self.0.push(source),
            (None, None) => {}
        }
    }
}

crate::table! {
    /// One endpoint of an API, and what a call to it costs.
    Endpoint {
        /// Credits per call.
        credits: Estimate<Count>,
        /// Credits per item of a call.
        credits_per_item: Estimate<Count>,
        /// How many items are billed together: a started step in full.
        step: Positive,
        /// Credits per step, instead of `credits_per_item`.
        credits_per_step: Estimate<Count>,
        /// The least that a call costs, in credits.
        min_credits: Count,
        /// How long a call takes.
        duration: PerEvent<Duration>,
        /// `false` if answers must be fresh, or the longest that one may be stale.
        cacheable: Cacheable,
        /// The date on which the cost was last measured.
        measured: Date,
    }
    together [credits_per_item, step, credits_per_step]
}

impl Named for Endpoint {
    const ANY_NAME: bool = true;
}

impl Endpoint {
    /// Whether it says what a call costs.
    pub(crate) fn has_cost(&self) -> bool {
        self.credits.is_some()
            || self.credits_per_item.is_some()
            || self.credits_per_step.is_some()
            || self.min_credits.is_some()
    }
}
