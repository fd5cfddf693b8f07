//! `model-without-budget`

use crate::forecast::Kind;
use crate::render::number;
use crate::rules::model_facts::models;
use crate::rules::support::judged_demand;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A model that costs money has no budget.
    ///
    /// ## Why
    ///
    /// The source article: "the GPU or model-API budget is often the most expensive resource in the stack.
    /// A single hour of Whisper-large on a busy account can cost more than a month of TikLiveAPI credits.
    /// Plan it separately." And: "Run it on a separate budget from steady-state pipeline cost".
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
    /// `model-without-budget = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// Money per month today; more is worse.
    "model-without-budget", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for model in models(context) {
        if !model.is_priced(context) || !model.lacks("budget", &model.declared().budget) {
            continue;
        }
        let path = model.path();
        let spend = model
            .meter(context, Kind::Spend)
            .and_then(|spend| judged_demand(context, spend));
        let spends = match spend {
            Some(spend) if spend > 0.0 => format!(
                ": it comes to {} a month",
                number::money(spend, context.project.currency())
            ),
            _ => String::new(),
        };
        let mut finding = findings
            .finding(
                &path,
                format!("`{path}` costs money and has no `budget`{spends}"),
            )
            .at(model.entry.name)
            .help("add `budget`: what it may cost in a month");
        finding.figure = spend;
        findings.push(finding);
    }
}
