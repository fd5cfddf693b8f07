//! `quota-oversubscribed`

use crate::render::number;
use crate::rules::model_facts::{Quota, models, uses};
use crate::rules::support::{listed, passes, percent};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// All tenants at their quotas would spend more than ten times a model's budget.
    ///
    /// ## Why
    ///
    /// Not everybody uses a quota up, so selling more than there is is sound; how much more is a bet. At
    /// ten times the budget one tenant in ten at its quota spends the month's money, and the quotas no
    /// longer bound it. The factor is caplint's own. A quota that could spend the budget alone is
    /// `quota-over-budget`.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = { now = 100, 30d = 110 }
    ///
    /// [models.whisper]
    /// unit = "audio-minute"
    /// price = 0.006
    /// price_as_of = 2026-11-02
    /// budget = 400.00
    /// tenant_quota = { pro = "10_000/month" }
    ///
    /// [features.transcription]
    /// spec = "spec.md"
    /// owner = "media"
    ///
    /// [[features.transcription.inference]]
    /// id = "transcript"
    /// model = "whisper"
    /// rate = "2/day"
    /// units = 1.5
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = { now = 100, 30d = 110 }
    ///
    /// [models.whisper]
    /// unit = "audio-minute"
    /// price = 0.006
    /// price_as_of = 2026-11-02
    /// budget = 400.00
    /// tenant_quota = { pro = "300/month" }
    ///
    /// [features.transcription]
    /// spec = "spec.md"
    /// owner = "media"
    ///
    /// [[features.transcription.inference]]
    /// id = "transcript"
    /// model = "whisper"
    /// rate = "2/day"
    /// units = 1.5
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Configuration
    ///
    /// `quota-oversubscribed = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// What all could spend over the month's budget, a ratio; more is worse.
    "quota-oversubscribed", Warning, Check::Project(check)
}

/// How many times the budget all quotas together may be.
const MOST: f64 = 10.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let uses = uses(context);
    let currency = context.project.currency();
    for model in models(context) {
        let (Some(budget), Some(quota), Some(computed), Some(tiers)) = (
            model.budget(),
            &model.declared().tenant_quota,
            model.computed(context),
            uses.get(model.name),
        ) else {
            continue;
        };
        let quotas = model.quotas(context);
        let cost = |quota: &Quota<'_>| -> f64 {
            let costs = quota.costs(context, computed);
            costs.iter().map(|(.., cost)| cost).sum()
        };
        if quotas
            .list
            .iter()
            .any(|quota| cost(quota) >= budget * (1.0 - 1e-9))
        {
            continue;
        }
        let (mut all, mut terms) = (0.0, Vec::new());
        for tier in tiers.keys() {
            let Some((name, projected)) = context.project.model.tiers.get_index(*tier) else {
                continue;
            };
            let now = projected.points.first().and_then(|(_, now)| now.point());
            let (Some(quota), Some(now)) = (quotas.of(name), now) else {
                continue;
            };
            let each = cost(quota);
            all += now * each;
            let money = number::money(each, currency);
            terms.push(format!("{} `{name}` × {money}", number::count(now)));
        }
        if !passes(all, MOST * budget) {
            continue;
        }
        let path = model.path();
        let message = format!(
            "all tenants at quota could spend {} times the month's {} on `{path}`: {} = {}",
            number::count(all / budget),
            number::money(budget, currency),
            listed(&terms, " + "),
            number::money(all, currency),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(quota.span)
            .help(format!(
                "quotas of {} of these, or a budget of {}",
                percent(MOST * budget / all),
                number::money(all / MOST, currency),
            ));
        if let Some(budget) = &model.declared().budget {
            finding = finding.also(budget.span, "the month's budget");
        }
        finding.figure = Some(all / budget);
        findings.push(finding);
    }
}
