use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Project;
use crate::calibrate::Window;
use crate::document::TomlPath;
use crate::document::values::Flow;
use crate::meter::Family;
use crate::rules::model_facts::{DeclaredModel, Quota, Quotas, models};
use crate::rules::prelude::*;
use crate::rules::support::passes;
use crate::units::{DAY, Date};
use crate::usage::{Measured, Usage};
use crate::words::text::quotable;

pub(crate) static RULE: Rule =
    Rule::project("quota-exceeded", Severity::Warning, check).needs_usage();

/// The most tenants that a finding tells apart.
const TOLD: usize = 100;

/// The seconds of an hour.
const HOUR: f64 = 3_600.0;

/// The most days that rules look at.
const LONGEST: i64 = 62;

/// What tenants used of a model, by unit and the tenant's number.
type Used = BTreeMap<String, BTreeMap<u32, OfTenant>>;

/// What one tenant used.
#[derive(Default)]
struct OfTenant {
    days: BTreeMap<Date, f64>,
    /// By hour of Unix time, where rows have times.
    hours: BTreeMap<i64, f64>,
}

/// A tenant that passed a quota, in the period in which it used the most.
pub(crate) struct Passed<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) tier: &'a str,
    pub(crate) unit: String,
    /// The quota.
    pub(crate) flow: &'a Flow,
    pub(crate) most: Most,
}

impl Passed<'_> {
    pub(crate) fn share(&self) -> f64 {
        self.most.used / self.flow.count
    }
}

/// The most that was used in one period.
pub(crate) struct Most {
    pub(crate) used: f64,
    /// Whether it is the mean of a longer time: in some of its parts it was more.
    is_least: bool,
    pub(crate) when: String,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.usage.is_empty() {
        return;
    }
    let counted = Counted {
        project: context.project,
        usage: context.usage,
        measured: &context.usage.measured(context.project),
        window: Window::of_rules(context.as_of),
    };
    for model in models(context) {
        let quotas = model.quotas();
        for (index, passed) in counted.passed(model.name, &quotas) {
            if let Some(quota) = quotas.list.get(index) {
                findings.extend(finding(findings, &model, quota, passed));
            }
        }
    }
}

/// The days of which what tenants used is held against quotas.
pub(crate) struct Counted<'a, 'm> {
    pub(crate) project: &'a Project,
    pub(crate) usage: &'a Usage,
    pub(crate) measured: &'m Measured<'a>,
    pub(crate) window: Window,
}

impl<'a> Counted<'a, '_> {
    /// Who passed a quota of which model.
    pub(crate) fn all(&self) -> Vec<(&'a str, Passed<'a>)> {
        let mut all = Vec::new();
        for (model, declared) in self.project.declarations.root.models.iter() {
            let quotas = Quotas::new(model, declared, self.project.model.models.get(model));
            let passed = self.passed(model, &quotas).into_values().flatten();
            all.extend(passed.map(|passed| (model, passed)));
        }
        all
    }

    /// Who passed which of a model's quotas, by their places.
    pub(crate) fn passed(
        &self,
        model: &str,
        quotas: &Quotas<'a>,
    ) -> BTreeMap<usize, Vec<Passed<'a>>> {
        let mut all: BTreeMap<usize, Vec<Passed<'a>>> = BTreeMap::new();
        if quotas.list.is_empty() {
            return all;
        }
        for (unit, tenants) in self.used(model) {
            for (number, used) in tenants {
                let (tenant, tier) = self.usage.tenant(number).unwrap_or_default();
                let Some((index, flow)) = self.quota_of(quotas, tier, &unit) else {
                    continue;
                };
                let month = self.project.model.calendar.days_per_month;
                let most = used.most(Calendar::of(flow, month), self.window);
                if passes(most.used, flow.count) {
                    all.entry(index).or_default().push(Passed {
                        tenant,
                        tier,
                        unit: unit.clone(),
                        flow,
                        most,
                    });
                }
            }
        }
        all
    }

    /// By the model's own rows where they name tenants, else by those of the lines that run it.
    fn used(&self, model: &str) -> Used {
        let (mut own, mut of_lines) = (Used::new(), Used::new());
        let mut lines = BTreeSet::new();
        for (feature, body) in &self.project.model.features {
            let runs = body.lines.iter();
            let runs = runs.filter(|line| line.uses_any(Family::Model) == Some(model));
            lines.extend(runs.filter_map(|line| TomlPath::parse(&line.path(feature)).ok()));
        }
        let whole = TomlPath::new(&["models", model]);
        for (path, unit, series) in self.measured.iter() {
            let into = match path {
                path if *path == whole => &mut own,
                path if lines.contains(path) => &mut of_lines,
                _ => continue,
            };
            let of_unit = into.entry(unit.to_owned()).or_default();
            let days = series.by_tenant();
            // A period that ends or runs in the window may have begun before.
            let from = self.window.from.plus_days(-LONGEST);
            let is_near = |day: Date| from.is_none_or(|from| from <= day) && day < self.window.to;
            for (tenant, day, amount) in days.filter(|(_, day, _)| is_near(*day)) {
                *of_unit
                    .entry(tenant)
                    .or_default()
                    .days
                    .entry(day)
                    .or_default() += amount;
            }
            let hours = series.hours_by_tenant();
            for (tenant, day, hour, amount) in hours.filter(|(_, day, ..)| self.window.has(*day)) {
                let own = of_unit.entry(tenant).or_default();
                let hour = day.days_since(Date::EPOCH) * 24 + i64::from(hour);
                *own.hours.entry(hour).or_default() += amount;
            }
        }
        of_lines.extend(own);
        of_lines
    }

    /// The quota of a tier; of a tenant whose tier is not known, the largest.
    fn quota_of(&self, quotas: &Quotas<'a>, tier: &str, unit: &str) -> Option<(usize, &'a Flow)> {
        let of = |index: usize| {
            let rates = &quotas.list.get(index)?.rates;
            let (_, flow) = rates.iter().find(|(known, _)| *known == unit)?;
            Some((index, *flow))
        };
        if self.project.model.tiers.contains_key(tier) {
            return of(quotas.index_of(tier)?);
        }
        let month = self.project.model.calendar.days_per_month;
        let rate = |flow: &Flow| flow.count / flow.period.seconds(month);
        let all = (0..quotas.list.len()).filter_map(of);
        all.max_by(|(_, one), (_, other)| rate(one).total_cmp(&rate(other)))
    }
}

impl OfTenant {
    /// The most in one period. What is shorter than an hour is told by hours, or by days where
    /// rows have no times.
    fn most(&self, period: Calendar, window: Window) -> Most {
        let mut sums: BTreeMap<Date, f64> = BTreeMap::new();
        for (day, used) in &self.days {
            let firsts = period.firsts(*day).into_iter();
            for first in firsts.filter(|first| !period.is_over(*first, window.from)) {
                *sums.entry(first).or_default() += used;
            }
        }
        let most = largest(sums.into_iter());
        let (first, used) = most.unwrap_or((window.last(), 0.0));
        let of_days = Most {
            used: used * period.share_of_day(),
            is_least: matches!(period, Calendar::PartOfDay(_)),
            when: period.words(first),
        };
        match period {
            Calendar::PartOfDay(seconds) => match self.busiest(seconds) {
                Some(busiest) if busiest.used >= of_days.used => busiest,
                _ => of_days,
            },
            _ => of_days,
        }
    }

    /// The most in so many seconds, by hours.
    fn busiest(&self, seconds: f64) -> Option<Most> {
        let many = (seconds / HOUR).floor().max(1.0);
        let (last, scale) = (many as i64 - 1, seconds / (many * HOUR));
        let sums = self.hours.keys().map(|hour| {
            let hours = self.hours.range(*hour..=hour + last);
            (*hour, hours.map(|(_, used)| used).sum::<f64>())
        });
        let (hour, used) = largest(sums)?;
        let day = Date::EPOCH.plus_days(hour.div_euclid(24))?;
        Some(Most {
            used: used * scale,
            is_least: scale != 1.0,
            when: format!("from {day}T{:02}:00Z on", hour.rem_euclid(24)),
        })
    }
}

fn largest<K>(sums: impl Iterator<Item = (K, f64)>) -> Option<(K, f64)> {
    // Of equal ones the first.
    sums.reduce(|largest, it| if it.1 > largest.1 { it } else { largest })
}

/// The periods of a quota, as a calendar has them.
enum Calendar {
    /// So many seconds, of which a day has several.
    PartOfDay(f64),
    Week,
    Month,
    /// So many days, whenever they begin.
    Days(i64),
}

impl Calendar {
    fn of(flow: &Flow, days_per_month: f64) -> Self {
        let seconds = flow.period.seconds(days_per_month);
        match flow.period.name() {
            "month" => Self::Month,
            "week" => Self::Week,
            _ if seconds < DAY => Self::PartOfDay(seconds),
            _ => Self::Days((seconds / DAY).round() as i64),
        }
    }

    /// The first days of the periods that a day is in.
    fn firsts(&self, day: Date) -> Vec<Date> {
        let before = |days: i64| day.plus_days(-days).unwrap_or(day);
        match self {
            Self::PartOfDay(_) => vec![day],
            // The first day of Unix time was a Thursday.
            Self::Week => vec![before((day.days_since(Date::EPOCH) + 3).rem_euclid(7))],
            Self::Month => vec![before(i64::from(day.day()) - 1)],
            Self::Days(days) => (0..(*days).min(LONGEST)).map(before).collect(),
        }
    }

    /// Whether the period that begins on a day has ended before another.
    fn is_over(&self, first: Date, day: Date) -> bool {
        let month = |date: Date| (date.year(), date.month());
        match self {
            Self::PartOfDay(_) => first < day,
            Self::Week => day.days_since(first) >= 7,
            Self::Month => month(first) < month(day),
            Self::Days(days) => day.days_since(first) >= *days,
        }
    }

    fn share_of_day(&self) -> f64 {
        match self {
            Self::PartOfDay(seconds) => seconds / DAY,
            _ => 1.0,
        }
    }

    fn words(&self, first: Date) -> String {
        match self {
            Self::PartOfDay(_) | Self::Days(1) => format!("on {first}"),
            Self::Week => format!("in the week of {first}"),
            Self::Month => format!("in {:04}-{:02}", first.year(), first.month()),
            Self::Days(days) => format!("in {days} days from {first}"),
        }
    }
}

fn finding(
    findings: &Findings,
    model: &DeclaredModel<'_, '_>,
    quota: &Quota<'_>,
    mut passed: Vec<Passed<'_>>,
) -> Option<Finding> {
    passed.sort_by(|a, b| b.share().total_cmp(&a.share()).then(a.tenant.cmp(b.tenant)));
    let (worst, others) = passed.split_first()?;
    let [used, count] = [worst.most.used, worst.flow.count].map(number::count);
    let (least, per) = match worst.most.is_least {
        true => ("at least ", format!("/{}", worst.flow.period.name())),
        false => ("", String::new()),
    };
    let mut message = format!(
        "tenant `{}` used {least}{used}{per} `{}` of `{}` {}, and a {}'s quota is {count}/{}",
        quotable(worst.tenant),
        worst.unit,
        model.name,
        worst.most.when,
        quota.whose(),
        worst.flow.period.name()
    );
    match others.len() {
        0 => {}
        1 => message.push_str("; one other tenant exceeded it too"),
        many => message.push_str(&format!("; {many} other tenants exceeded it too")),
    }
    let mut finding = findings
        .finding(&quota.path, message)
        .at(quota.span)
        .help("enforce the quota in the application, or raise it to what tenants may use")
        .share(worst.most.used, worst.flow.count);
    for each in passed.iter().take(TOLD) {
        let name = format!("{} {}", each.tenant, each.unit);
        finding = finding.part(name, Some(each.share()));
    }
    Some(finding)
}
