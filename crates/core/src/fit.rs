//! Demand against limits: percentiles, utilization, verdicts, breaking points.

use crate::forecast::meters::{Basis, Gathered, Metered};
use crate::forecast::situation::Situation;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::policy::{Bar, Policy, Side};
use crate::model::{Calendar, Model};
pub(crate) use crate::quantity::ROUNDING;
use crate::quantity::{Graph, Limited, Quantity};
use crate::report::{Detail, Meter, Percentiles, Verdict};

/// The probabilities of the percentiles that reports show.
const SHOWN: [f64; 4] = [0.5, 0.8, 0.9, 0.95];

/// A meter, judged.
#[derive(Clone, Debug)]
pub struct Fitted {
    pub(crate) id: MeterId,
    pub(crate) meter: Meter,
    /// Of storage today: what is on disk, against the limit.
    pub(crate) on_disk: Option<OnDisk>,
}

impl Fitted {
    /// The meter's id.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OnDisk {
    /// With the database's overhead.
    pub(crate) bytes: f64,
    pub(crate) utilization: Option<f64>,
    pub(crate) verdict: Verdict,
}

/// The judged meters of one situation.
#[derive(Clone, Debug, Default)]
pub struct Meters {
    /// Sorted by id. Of tables without a limit there may be none.
    pub(crate) judged: Vec<Fitted>,
    /// Bytes of every table at the situation's horizon, by the table's number; nothing where only
    /// some were asked for.
    pub(crate) bytes: Vec<Quantity>,
    /// How many meters of tables without a limit there are besides.
    pub(crate) left_out: usize,
}

impl std::ops::Deref for Meters {
    type Target = [Fitted];

    fn deref(&self) -> &[Fitted] {
        &self.judged
    }
}

impl<'a> IntoIterator for &'a Meters {
    type Item = &'a Fitted;
    type IntoIter = std::slice::Iter<'a, Fitted>;

    fn into_iter(self) -> Self::IntoIter {
        self.judged.iter()
    }
}

#[derive(Debug)]
pub(crate) struct Unjudged<'a> {
    pub(crate) situation: Situation<'a>,
    pub(crate) model: &'a Model,
    pub(crate) policy: &'a Policy,
    pub(crate) gathered: Gathered,
    /// Today's demand with all tenants multiplied, of meters that have a limit and maybe others,
    /// sorted by id; none where no breaking points are asked for.
    pub(crate) multiplied: Vec<Metered>,
}

/// Judges the meters of many situations, evaluating what is uncertain once for all of them.
pub(crate) fn judge(all: &[Unjudged<'_>], graph: &mut Graph, threads: usize) -> Vec<Meters> {
    // What is certain has its point for percentiles: of most meters nothing is asked.
    let mut quantities = Vec::new();
    let mut asked: Vec<[Option<usize>; 2]> = Vec::new();
    for metered in all.iter().flat_map(|situation| &situation.gathered.meters) {
        let of = [Some(metered.demand), quotient(metered, graph)];
        asked.push(of.map(|quantity| {
            quantities.push(quantity.filter(|quantity| graph.is_uncertain(*quantity))?);
            Some(quantities.len() - 1)
        }));
    }
    // The confidence may differ between situations: base and head have policies of their own.
    let mut probabilities = SHOWN.to_vec();
    let mut place_of = |confidence: f64| {
        let known = probabilities.iter().position(|other| *other == confidence);
        known.unwrap_or_else(|| {
            probabilities.push(confidence);
            probabilities.len() - 1
        })
    };
    let places = all.iter().map(|one| place_of(one.policy.confidence()));
    let places: Vec<usize> = places.collect();
    let evaluated = graph.outlook(&quantities, &probabilities, &limited(all), threads);
    let mut asked = asked.into_iter();
    let mut breaking = evaluated.breaking_points.into_iter();
    all.iter()
        .zip(places)
        .map(|(situation, at)| {
            let mut multiplied = situation.multiplied.iter().peekable();
            let meters = situation.gathered.meters.iter().zip(&mut asked);
            let judged = meters.map(|(metered, asked)| {
                let row = |index: Option<usize>| Some(&*evaluated.percentiles[index?]);
                let [demand, quotient] = asked.map(row);
                let judging = Judging {
                    situation,
                    at,
                    demand,
                    quotient,
                };
                let limited = multiplied.next_if(|other| other.id == metered.id);
                let breaking_point = limited.and_then(|_| match breaking.next() {
                    Some(found) => breaking_point(metered, found),
                    None => unreachable!("a breaking point was searched for all with a limit"),
                });
                judging.fitted(metered, breaking_point, graph)
            });
            Meters {
                judged: judged.collect(),
                bytes: match situation.gathered.is_part {
                    true => Vec::new(),
                    false => situation.gathered.stored.bytes().collect(),
                },
                left_out: situation.gathered.left_out,
            }
        })
        .collect()
}

/// Demand over limit, where the limit is uncertain: a certain one only scales the demand.
fn quotient(metered: &Metered, graph: &mut Graph) -> Option<Quantity> {
    let limit = metered.limit.filter(|limit| !limit.is_certain())?;
    Some(graph.div(metered.demand, limit))
}

/// What breaking points are asked for: today's demand with all tenants multiplied, against
/// today's limits.
fn limited(all: &[Unjudged<'_>]) -> Vec<Limited> {
    let mut limited = Vec::new();
    for situation in all {
        let confidence = situation.policy.confidence();
        let mut multiplied = situation.multiplied.iter().peekable();
        for today in &situation.gathered.meters {
            limited.extend(
                multiplied
                    .next_if(|multiplied| multiplied.id == today.id)
                    .map(|multiplied| Limited {
                        demand: multiplied.demand,
                        limit: breaking_limit(today),
                        confidence,
                    }),
            );
        }
    }
    limited
}

/// A meter's breaking point, where it has a limit that is known. A budget that does not even pay
/// for the plan is broken by no tenants at all.
fn breaking_point(metered: &Metered, found: Option<f64>) -> Option<f64> {
    metered.limit.filter(|limit| !limit.is_unknown())?;
    match (&metered.tariff, credits_within(metered)) {
        (Some(_), None) => Some(0.0),
        _ => found,
    }
}

fn credits_within(metered: &Metered) -> Option<f64> {
    metered
        .tariff
        .as_ref()?
        .credits_within(metered.limit?.as_certain()? * (1.0 + ROUNDING))
}

/// The limit that breaking points are searched against: for spend the credits that the budget
/// pays for.
fn breaking_limit(metered: &Metered) -> Quantity {
    match &metered.tariff {
        None => metered.limit.unwrap_or(Quantity::INFINITE),
        Some(_) => Quantity::certain(credits_within(metered).unwrap_or(f64::INFINITY)),
    }
}

struct Judging<'a> {
    situation: &'a Unjudged<'a>,
    at: usize,
    /// Percentiles of the demand; nothing where it is certain.
    demand: Option<&'a [f64]>,
    /// Percentiles of the demand over the limit, where those are not of the demand alone.
    quotient: Option<&'a [f64]>,
}

impl Judging<'_> {
    fn fitted(&self, metered: &Metered, breaking_point: Option<f64>, graph: &Graph) -> Fitted {
        let side = match self.situation.situation {
            Situation::Scenario(_) => Side::Scenario,
            _ => Side::Today,
        };
        let bar = self.situation.policy.bar(metered.id.kind, side);
        let price = |demand: f64| metered.in_unit(demand);
        let point = graph.point(metered.demand);
        let percentile = |index: usize| price(self.demand.map_or(point, |row| row[index]));
        let unsolved = price(point).is_none();
        let lower_bound = metered.demand.is_unknown() || unsolved;
        // One that is too large to count is no promise.
        let is_known = |limit: &Quantity| !limit.is_unknown() && graph.point(*limit).is_finite();
        let limit = metered.limit.filter(is_known);
        let limit_point = limit.map(|limit| graph.point(limit));
        let judged = percentile(self.at).unwrap_or(0.0);
        let utilization = match (limit, limit_point) {
            (Some(limit), Some(of_limit)) if !limit.is_certain() => match self.quotient {
                Some(percentiles) => finite(percentiles[self.at]),
                None => over(judged, of_limit),
            },
            (Some(_), Some(point)) => over(judged, point),
            _ => None,
        };
        // What one member asks for does not grow with how many there are.
        let breaking_point = match &metered.basis {
            Basis::Member(_) => self.always_breaks(limit_point, utilization),
            _ => breaking_point,
        };
        let verdict = match (metered.limit, limit) {
            _ if judged.is_infinite() => Verdict::Breaks,
            (None, _) => Verdict::Unlimited,
            (Some(_), None) => Verdict::Unknown,
            (Some(_), Some(_)) => verdict(utilization, lower_bound, bar),
        };
        let is_today = matches!(self.situation.situation, Situation::Today);
        let on_disk = self.on_disk(metered, limit_point).filter(|_| is_today);
        Fitted {
            id: metered.id.clone(),
            meter: Meter {
                id: metered.id.text(),
                kind: metered.id.kind.as_str().into(),
                unit: metered.unit.clone(),
                demand: Percentiles {
                    point: price(point).and_then(finite),
                    p50: percentile(0).and_then(finite),
                    p80: percentile(1).and_then(finite),
                    p90: percentile(2).and_then(finite),
                    p95: percentile(3).and_then(finite),
                },
                lower_bound,
                limit: limit_point,
                utilization,
                verdict,
                breaking_point,
                detail: self.detail(metered, limit_point, graph),
                day: self.looks_ahead(metered),
                on_disk: on_disk.map(|it| it.verdict),
            },
            on_disk,
        }
    }

    /// The breaking point of what does not grow: 0 where today's limit is passed.
    fn always_breaks(&self, limit: Option<f64>, utilization: Option<f64>) -> Option<f64> {
        let is_passed = limit.is_some() && utilization.is_none_or(|it| it > 1.0 + ROUNDING);
        let is_today = matches!(self.situation.situation, Situation::Today);
        (is_today && is_passed).then_some(0.0)
    }

    /// The day that a demand is of, where storage is part of it.
    fn looks_ahead(&self, metered: &Metered) -> Option<u32> {
        let Unjudged {
            situation, model, ..
        } = self.situation;
        let is_stored = matches!(metered.basis, Basis::Disk { .. });
        let is_paid = (metered.id.owner, metered.id.kind) == (Family::Database, MeterKind::Spend);
        (is_stored || is_paid).then(|| situation.horizon(model.calendar.horizon))
    }

    fn detail(&self, metered: &Metered, limit: Option<f64>, graph: &Graph) -> Detail {
        let mut detail = Detail::default();
        match &metered.basis {
            Basis::None => {}
            Basis::Credits(per_day) => {
                let per_day = graph.point(*per_day);
                let policy = self.situation.policy;
                let calendar = self.situation.model.calendar;
                let on_day = |share: f64| Some(day_used(share, limit, per_day, calendar));
                detail.soft_on_day = on_day(policy.soft_alert().0);
                detail.hard_on_day = on_day(policy.hard_alert());
                detail.empties_on_day = on_day(1.0);
            }
            Basis::Disk { full_on, day, .. } => {
                let on_disk = self.on_disk(metered, limit);
                detail.full_on_day = Some(*full_on);
                detail.now = on_disk.map(|it| finite(it.bytes));
                detail.now_utilization = on_disk.map(|it| it.utilization);
                detail.day = Some(*day);
            }
            Basis::Kept(seconds) => detail.kept_for = seconds.map(Some),
            Basis::Partition(throughput) => {
                let demand = graph.point(metered.demand);
                detail.partitions_needed = Some(finite((demand / throughput).ceil()));
            }
            Basis::Member(tier) => detail.tier = tier.clone(),
            Basis::ScaleUpAt(depth) => detail.scale_up_at = depth.map(Some),
        }
        detail
    }

    /// Of storage, what is on disk today against the limit.
    fn on_disk(&self, metered: &Metered, limit: Option<f64>) -> Option<OnDisk> {
        let Basis::Disk { on_disk: bytes, .. } = &metered.basis else {
            return None;
        };
        let bytes = *bytes;
        let utilization = limit.and_then(|limit| over(bytes, limit));
        let bar = self.situation.policy.bar(MeterKind::Storage, Side::Today);
        Some(OnDisk {
            bytes,
            utilization,
            verdict: match (metered.limit, limit) {
                (None, _) => Verdict::Unlimited,
                (Some(_), None) => Verdict::Unknown,
                (Some(_), Some(_)) => verdict(utilization, metered.is_unread, bar),
            },
        })
    }
}

fn verdict(utilization: Option<f64>, lower_bound: bool, bar: Bar) -> Verdict {
    let above = |utilization: f64, bar: f64| utilization > bar * (1.0 + ROUNDING);
    match utilization {
        None => Verdict::Breaks,
        Some(utilization) if above(utilization, bar.breaks) => Verdict::Breaks,
        Some(_) if lower_bound => Verdict::Unknown,
        Some(utilization) if above(utilization, bar.tight) => Verdict::Tight,
        Some(_) => Verdict::Fits,
    }
}

/// Demand over limit: 0 over 0 is 0, anything else over 0 nothing.
fn over(demand: f64, limit: f64) -> Option<f64> {
    if limit == 0.0 {
        return (demand == 0.0).then_some(0.0);
    }
    finite(demand / limit)
}

fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

/// The day, fractional, on which a share of a month's credits is used; nothing past the month.
fn day_used(share: f64, limit: Option<f64>, per_day: f64, calendar: Calendar) -> Option<f64> {
    let day = share * limit? / per_day;
    (day <= calendar.days_per_month).then_some(day)
}

/// The worst verdict of a project's meters today; storage by what is on disk.
pub(crate) fn worst(today: &[Fitted]) -> Verdict {
    let verdict = |fitted: &Fitted| {
        let on_disk = fitted.on_disk.map(|on_disk| on_disk.verdict);
        on_disk.unwrap_or(fitted.meter.verdict)
    };
    let verdicts = today.iter().map(verdict);
    verdicts.max().unwrap_or(Verdict::Unlimited)
}
