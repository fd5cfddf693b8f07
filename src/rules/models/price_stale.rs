//! `price-stale`

use crate::render::number;
use crate::rules::model_facts::models;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A model's price was looked up more than 90 days ago.
    ///
    /// ## Why
    ///
    /// Prices of models change several times a year, mostly downwards, and the spend that is forecast from
    /// an old one is wrong by as much. The 90 days are caplint's own.
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
    /// price_as_of = 2026-05-01
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
    /// `price-stale = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// The days since `price_as_of`; more is worse.
    "price-stale", Info, Check::Project(check)
}

/// The most days since a price was looked up.
const MOST: i64 = 90;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for model in models(context) {
        let Some(looked_up) = &model.declared().price_as_of else {
            continue;
        };
        let days = context.as_of.days_since(looked_up.value);
        if days <= MOST {
            continue;
        }
        let path = model.path();
        let message = format!(
            "the price of `{path}` was looked up {} days ago; it counts for {MOST}",
            number::count(days as f64),
        );
        let finding = findings
            .finding(&path, message)
            .at(looked_up.span)
            .help("look it up again, and set `price_as_of` to that day")
            .figure(days as f64);
        findings.push(finding);
    }
}
