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

/// The most days that rules look at.
const LONGEST: i64 = 62;

/// What tenants used of a model on each day, by unit and the tenant's number.
type Used = BTreeMap<String, BTreeMap<u32, BTreeMap<Date, f64>>>;

/// A tenant that passed a quota, in the period in which it used the most.
pub(crate) struct Passed<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) tier: &'a str,
    pub(crate) unit: String,
    /// The quota.
    pub(crate) flow: &'a Flow,
    pub(crate) used: f64,
    pub(crate) when: String,
}

impl Passed<'_> {
    pub(crate) fn share(&self) -> f64 {
        self.used / self.flow.count
    }
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
            for (number, days) in tenants {
                let (tenant, tier) = self.usage.tenant(number).unwrap_or_default();
                let Some((index, flow)) = self.quota_of(quotas, tier, &unit) else {
                    continue;
                };
                let (used, when) = self.most(flow, &days);
                if passes(used, flow.count) {
                    all.entry(index).or_default().push(Passed {
                        tenant,
                        tier,
                        unit: unit.clone(),
                        flow,
                        used,
                        when,
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
            let days = series.by_tenant();
            for (tenant, day, amount) in days.filter(|(_, day, _)| self.window.has(*day)) {
                let of_unit = into.entry(unit.to_owned()).or_default();
                *of_unit.entry(tenant).or_default().entry(day).or_default() += amount;
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

    /// The most that was used in one period, and when.
    fn most(&self, flow: &Flow, days: &BTreeMap<Date, f64>) -> (f64, String) {
        let period = Calendar::of(flow, self.project.model.calendar.days_per_month);
        let mut sums: BTreeMap<Date, f64> = BTreeMap::new();
        for (day, used) in days {
            for first in period.firsts(*day) {
                *sums.entry(first).or_default() += used;
            }
        }
        let most = sums
            .into_iter()
            .max_by(|(_, one), (_, other)| one.total_cmp(other));
        let (first, used) = most.unwrap_or((self.window.last(), 0.0));
        (used * period.share_of_day(), period.words(first))
    }
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
    let [used, count] = [worst.used, worst.flow.count].map(number::count);
    let mut message = format!(
        "tenant `{}` used {used} `{}` of `{}` {}, and a {}'s quota is {count}/{}",
        quotable(worst.tenant),
        worst.unit,
        model.name,
        worst.when,
        quota.whose(),
        worst.flow.period.name()
    );
    match others.len() {
        0 => {}
        1 => message.push_str("; another one passed it too"),
        many => message.push_str(&format!("; {many} others passed it too")),
    }
    let mut finding = findings
        .finding(&quota.path, message)
        .at(quota.span)
        .help("enforce the quota in the application, or raise it to what tenants may use")
        .share(worst.used, worst.flow.count);
    for each in passed.iter().take(TOLD) {
        let name = format!("{} {}", each.tenant, each.unit);
        finding = finding.part(name, Some(each.share()));
    }
    Some(finding)
}
