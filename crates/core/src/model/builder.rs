//! What making one thing of its declarations needs to know of the others, and how values get
//! their units and defaults.

mod populations;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::document::projection::Projection;
use crate::document::reader::At;
use crate::document::values::{Count, Flow};
use crate::document::{self, forms::PerName};
use crate::document::{Estimated, Knowledge, Limit, Optional, Scalar, tables};
use crate::model::names::Endpoints;
use crate::model::resolve::Unread;
use crate::model::things::*;
use crate::model::usage_limits::{Counts, Over};
use crate::quantity::Quantiles;
use crate::source::{Span, Spanned};
use crate::units::Period;
use crate::varying::Varying;

pub(super) static TOP: At<'static> = At::top();

pub(crate) struct Builder<'a> {
    pub(super) root: &'a tables::Root,
    pub(super) endpoints: &'a Endpoints,
    pub(super) numbers: &'a Numbers,
    pub(super) calendar: Calendar,
    pub(super) peak: f64,
    pub(super) peak_day: f64,
    /// Sorted.
    pub(super) tiers: Vec<&'a str>,
    pub(super) unread: Unread<'a>,
    /// Whether anything that it built has quantiles.
    uncertain: AtomicBool,
}

pub(super) fn value_of<T: Copy>(slot: &Optional<T>) -> Option<T> {
    slot.as_ref().map(|spanned| spanned.value)
}

/// A number, or the end of a range that it is past: what is outside is an error of the file.
fn within(range: RangeInclusive<f64>, number: f64) -> f64 {
    number.clamp(*range.start(), *range.end())
}

pub(super) fn span_of<T>(slot: &Optional<T>) -> Option<Span> {
    slot.as_ref().map(|declared| declared.span)
}

pub(super) fn bound<T, const N: bool>(
    limit: &Optional<Limit<T, N>>,
    number: impl Fn(&T) -> f64,
) -> Option<Bound> {
    bound_of(&limit.as_ref()?.value, number)
}

/// Nothing where there is no limit.
pub(super) fn bound_of<T, const N: bool>(
    limit: &Limit<T, N>,
    number: impl Fn(&T) -> f64,
) -> Option<Bound> {
    let now = number(limit.now()?);
    let most = || limit.most().map_or(f64::INFINITY, &number);
    Some(Bound {
        now,
        max: limit.has_max().then(most),
    })
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        root: &'a tables::Root,
        endpoints: &'a Endpoints,
        numbers: &'a Numbers,
    ) -> Self {
        let project = root.project.as_ref().map(|project| &project.value);
        let days_per_month = project.and_then(|project| value_of(&project.days_per_month));
        let days_per_month = days_per_month.map_or(30.0, |days| within(Calendar::MONTH, days.0));
        let horizon = project.and_then(|project| value_of(&project.horizon));
        let horizon = horizon.map_or(365.0, |it| within(Calendar::HORIZON, it.days()));
        let mut tiers: Vec<&str> = root.tenants.names().collect();
        tiers.sort_unstable();
        Self {
            root,
            endpoints,
            numbers,
            calendar: Calendar {
                days_per_month,
                horizon: horizon.ceil() as u32,
            },
            peak: project
                .and_then(|project| value_of(&project.peak))
                .map_or(1.0, |peak| peak.0),
            peak_day: project
                .and_then(|project| value_of(&project.peak_day))
                .map_or(1.0, |peak_day| peak_day.0),
            tiers,
            unread: Unread::default(),
            uncertain: AtomicBool::new(false),
        }
    }

    pub(super) fn is_uncertain(&self) -> bool {
        self.uncertain.load(Ordering::Relaxed)
    }

    pub(super) fn estimate<E: Estimated>(
        &self,
        path: &At<'_>,
        estimate: &E,
        number: impl Fn(&E::Of) -> f64,
    ) -> Value {
        let numbers = |quantiles: &document::Quantiles<E::Of>| {
            let (p50, p90) = (number(&quantiles.p50), number(&quantiles.p90));
            let p10 = quantiles.p10.as_ref();
            let p10 = p10.map_or(p50 * (p50 / p90), &number);
            Quantiles { p10, p50, p90 }
        };
        match estimate.known() {
            Knowledge::Certain(value) => Value::Certain(number(value)),
            Knowledge::Unknown => Value::Unknown,
            Knowledge::Each(quantiles) => {
                let varying = Varying::new(numbers(quantiles));
                match varying.mean().is_finite() {
                    true => Value::Each(Arc::new(varying)),
                    // More than can be written.
                    false => Value::Unknown,
                }
            }
            Knowledge::Uncertain(quantiles) => {
                self.uncertain.store(true, Ordering::Relaxed);
                Value::Uncertain(Arc::new(Uncertain {
                    path: path.dotted(),
                    quantiles: numbers(quantiles),
                    at_most_one: E::Of::MAXIMUM <= 1.0,
                }))
            }
        }
    }

    pub(super) fn declared<E: Estimated>(
        &self,
        path: &At<'_>,
        key: &str,
        slot: &Optional<E>,
        number: impl Fn(&E::Of) -> f64,
    ) -> Option<Value> {
        let estimate = slot.as_ref()?;
        Some(self.estimate(&path.key(key), &estimate.value, number))
    }

    pub(super) fn optional<E: Estimated>(
        &self,
        path: &At<'_>,
        key: &str,
        slot: &Optional<E>,
        default: f64,
        number: impl Fn(&E::Of) -> f64,
    ) -> Value {
        self.declared(path, key, slot, number)
            .unwrap_or(Value::Certain(default))
    }

    pub(super) fn projected(&self, path: &At<'_>, projection: &Projection) -> Projected {
        let point = |day: &u32, estimate: &Spanned<document::Estimate<Count>>| {
            let key = Projection::key(*day);
            let value = self.estimate(&path.key(&key), &estimate.value, |count| count.0);
            (*day, value)
        };
        let points = projection.points.iter();
        Projected {
            points: points.map(|(day, count)| point(day, count)).collect(),
            log_growth: (projection.growth.as_ref())
                .map(|growth| growth.value.log_per_day(self.calendar.days_per_month)),
        }
    }

    pub(super) fn per_name<E: Estimated>(
        &self,
        path: &At<'_>,
        per_name: &PerName<E>,
        name: &str,
        left_out: f64,
    ) -> Value {
        match (per_name, per_name.get(name)) {
            (PerName::Same(estimate), _) => self.estimate(path, estimate, E::Of::size),
            (PerName::By(_), Some(estimate)) => {
                self.estimate(&path.key(name), estimate, E::Of::size)
            }
            (PerName::By(_), None) => Value::Certain(left_out),
        }
    }

    /// A limit in each window of all that is counted; `of` names what that is. Nothing where there
    /// is no limit.
    pub(super) fn rate_limit(
        &self,
        of: &[&str],
        limit: &Limit<Flow>,
        counts: Counts,
    ) -> Option<UsageLimit> {
        let period = &limit.now()?.period;
        let name = of.iter().copied().chain([period.name()]);
        Some(UsageLimit {
            name: name.map(str::to_owned).collect(),
            over: self.window(period),
            counts,
            bound: bound_of(limit, |flow| flow.count),
            narrow: None,
        })
    }

    pub(super) fn window(&self, period: &Period) -> Over {
        Over::Window {
            name: period.name().to_owned(),
            seconds: period.seconds(self.calendar.days_per_month),
        }
    }
}
