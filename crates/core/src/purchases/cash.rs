//! What is paid in each month: packs and overage, plans, databases, queues, models, fixed costs,
//! and what budgets say to it.

use rust_decimal::Decimal;

use super::{Plan, decimal, path};
use crate::meter::{Family, MeterKind, TOTAL};
use crate::model::Bound;
use crate::report::purchases::{Amount, Cash, CashLine, Covered, Purchase};

/// The part of an API's line that sums up all others.
const ALL: &str = "in all";

/// An amount; nothing where infinite. And whether it may be more.
type Paid = (Option<Decimal>, bool);

impl Plan<'_> {
    pub(super) fn cash(&self, purchases: &[Purchase]) -> Vec<CashLine> {
        let mut lines = self.of_apis(purchases);
        lines.extend(self.of_meters());
        let parts = || {
            lines
                .iter()
                .filter(|line| line.part.as_deref() != Some(ALL))
        };
        let budgets: Vec<CashLine> = self
            .project
            .model
            .budgets
            .iter()
            .filter(|(name, _)| *name != TOTAL)
            .map(|(name, budget)| {
                let sums = self.sums(parts().filter(|line| budget.is_for(&line.path)));
                self.line(path(Family::Budget, name), None, (None, budget.bound), sums)
            })
            .collect();
        let total = self.project.model.budgets.get(TOTAL);
        let bound = total.and_then(|total| total.bound);
        let sums = self.sums(parts());
        lines.extend(budgets);
        lines.push(self.line(path(Family::Budget, TOTAL), None, (None, bound), sums));
        lines
    }

    fn of_apis(&self, purchases: &[Purchase]) -> Vec<CashLine> {
        let mut all = Vec::new();
        for sold in self.sold() {
            let mut lines = Vec::new();
            let owner = sold
                .declared
                .owner
                .as_ref()
                .map(|owner| owner.value.0.as_str());
            let mut own = purchases.iter().filter(|it| it.api == sold.name).peekable();
            let mut packs = Vec::new();
            while let Some(month) = own.next_if(|it| it.event.is_none()) {
                packs.push(paid(month));
            }
            let path = path(Family::Api, sold.name);
            if !sold.offer.packs.is_empty() || sold.offer.has_overage() {
                lines.push(self.line(path.clone(), Some("packs"), (owner, None), packs));
            }
            for event in own.filter(|it| self.is_paid_in_plan(it)) {
                let months = self
                    .months
                    .iter()
                    .map(|month| match month.name() == event.month {
                        true => paid(event),
                        false => (Some(Decimal::ZERO), false),
                    });
                let name = event.event.as_deref();
                lines.push(self.line(path.clone(), name, (owner, None), months.collect()));
            }
            let plan = sold.declared.plan.as_ref();
            if let Some(price) = plan.and_then(|plan| plan.value.price.as_ref()) {
                let months = vec![(Some(price.value.0), false); self.months.len()];
                lines.push(self.line(path.clone(), Some("plan"), (owner, None), months));
            }
            let terms = (owner, sold.api.budget);
            match &mut lines[..] {
                [only] => *only = self.line(path, only.part.as_deref(), terms, paid_in(only)),
                lines_of => {
                    let sums = self.sums(lines_of.iter());
                    lines.push(self.line(path, Some(ALL), terms, sums));
                }
            }
            all.extend(lines.into_iter().map(|line| CashLine {
                api: Some(sold.name.to_owned()),
                ..line
            }));
        }
        all
    }

    /// Whether it is of a month that is planned.
    pub(super) fn is_paid_in_plan(&self, purchase: &Purchase) -> bool {
        self.months
            .iter()
            .any(|month| month.name() == purchase.month)
    }

    /// What is spent on all but APIs, at each month's bytes.
    fn of_meters(&self) -> Vec<CashLine> {
        let mut lines = Vec::new();
        let today = self.demands.meters.first().into_iter().flatten();
        for fitted in today {
            let id = &fitted.id;
            let elsewhere = matches!(id.owner, Family::Api | Family::Budget);
            if id.kind != MeterKind::Spend || elsewhere {
                continue;
            }
            let months = self.demands.meters.iter().take(self.months.len());
            let paid = months.map(|meters| {
                let found = meters.iter().find(|other| other.id == *id);
                let Some(found) = found else {
                    return (Some(Decimal::ZERO), false);
                };
                let demand = &found.meter.demand;
                let each = [demand.p50, demand.p80, demand.p90, demand.p95];
                let spent = each[self.confidence].and_then(decimal);
                (
                    spent.map(|spent| spent.round_dp(6)),
                    found.meter.lower_bound,
                )
            });
            let terms = self.terms(id.owner, &id.name);
            lines.push(self.line(path(id.owner, &id.name), None, terms, paid.collect()));
        }
        lines
    }

    /// The owner and the budget of a thing.
    fn terms(&self, family: Family, name: &str) -> (Option<&str>, Option<Bound>) {
        let (root, model) = (self.project.judged(), &self.project.model);
        let (owner, budget) = match family {
            Family::Database => (
                root.databases.get(name).and_then(|it| it.owner.as_ref()),
                model.databases.get(name).and_then(|it| it.budget),
            ),
            Family::Queue => (
                root.queues.get(name).and_then(|it| it.owner.as_ref()),
                model.queues.get(name).and_then(|it| it.budget),
            ),
            Family::Model => (
                root.models.get(name).and_then(|it| it.owner.as_ref()),
                model.models.get(name).and_then(|it| it.budget),
            ),
            _ => (None, None),
        };
        (owner.map(|owner| owner.value.0.as_str()), budget)
    }

    fn sums<'l>(&self, lines: impl Iterator<Item = &'l CashLine>) -> Vec<Paid> {
        let mut sums = vec![(Some(Decimal::ZERO), false); self.months.len()];
        for line in lines {
            for ((sum, at_least), cash) in sums.iter_mut().zip(&line.months) {
                *sum = sum
                    .zip(cash.cash)
                    .and_then(|(sum, cash)| sum.checked_add(cash.0));
                *at_least |= cash.lower_bound;
            }
        }
        sums
    }

    fn line(
        &self,
        path: String,
        part: Option<&str>,
        (owner, budget): (Option<&str>, Option<Bound>),
        months: Vec<Paid>,
    ) -> CashLine {
        let budget = budget.and_then(|budget| decimal(budget.now));
        let months = self
            .months
            .iter()
            .zip(months)
            .map(|(month, (cash, lower_bound))| Cash {
                month: month.name(),
                cash: cash.map(Amount),
                lower_bound,
                over_budget: budget.is_some_and(|budget| cash.is_none_or(|cash| cash > budget)),
            });
        CashLine {
            path,
            api: None,
            part: part.map(str::to_owned),
            owner: self.owner(owner),
            budget: budget.map(Amount),
            months: months.collect(),
        }
    }
}

/// What a purchase costs, where it is all that is needed.
fn paid(purchase: &Purchase) -> Paid {
    let is_short = purchase.verdict == Covered::Short;
    (Some(purchase.price.0), purchase.lower_bound || is_short)
}

fn paid_in(line: &CashLine) -> Vec<Paid> {
    let months = line.months.iter();
    let paid = months.map(|month| (month.cash.map(|cash| cash.0), month.lower_bound));
    paid.collect()
}
