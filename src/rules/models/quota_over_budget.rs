//! `quota-over-budget`

use crate::render::number;
use crate::rules::model_facts::models;
use crate::rules::support::{listed, percent};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// One tenant's quota alone could spend a model's budget for the whole month.
    ///
    /// ## Why
    ///
    /// The source article: a quota is there "to prevent one tenant from consuming the entire monthly LLM
    /// budget in one weekend." This one allows just that.
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
    /// tenant_quota = { pro = "100_000/month" }
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
    /// `quota-over-budget = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// What one tenant can spend over the month's budget, a ratio; more is worse.
    "quota-over-budget", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let currency = context.project.currency();
    for model in models(context) {
        let (Some(budget), Some(declared), Some(computed)) = (
            model.budget(),
            &model.declared().budget,
            model.computed(context),
        ) else {
            continue;
        };
        for quota in model.quotas(context).list {
            let costs = quota.costs(context, computed);
            let cost: f64 = costs.iter().map(|(.., cost)| cost).sum();
            if cost <= 0.0 || cost < budget * (1.0 - 1e-9) {
                continue;
            }
            let terms: Vec<String> = costs
                .iter()
                .map(|(unit, units, cost)| {
                    let units = number::count(*units);
                    format!("{units} {unit} for {}", number::money(*cost, currency))
                })
                .collect();
            let message = format!(
                "one {} alone could spend the month's {} on `{}`: {}",
                quota.whose(),
                number::money(budget, currency),
                model.name,
                listed(&terms, " + "),
            );
            let mut finding = findings
                .finding(&quota.path, message)
                .at(quota.span)
                .also(declared.span, "the month's budget")
                .help(format!(
                    "a quota below {} of this one, or a budget above {}",
                    percent(budget / cost),
                    number::money(cost, currency),
                ));
            finding.figure = (budget > 0.0).then(|| cost / budget);
            findings.push(finding);
        }
    }
}
