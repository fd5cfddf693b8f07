//! Shares, thresholds and other numbers of `[policy]`.

use crate::analysis::Project;
use crate::document::tables::{Shares, Threshold};
use crate::meter::MeterKind;
use crate::model::policy::{PolicyKey, SETTINGS, Side};
use crate::source::{Span, Spanned};
use crate::words::number;

use super::{Concerns, Finder};

impl Finder<'_> {
    pub(super) fn policy(&mut self) {
        let (old, new) = (&self.base.policy, &self.head.policy);
        for setting in SETTINGS {
            if setting.is_loosened(old, new) {
                let span = |(_, span): (f64, Span)| span;
                let spans = [old, new].map(|policy| setting.declared(policy.declared()).map(span));
                let concerns = Concerns::Policy(setting.key);
                self.key(setting.path, spans, &setting.default_text(), concerns);
            }
        }
        for kind in MeterKind::ALL {
            for side in [Side::Today, Side::Scenario] {
                self.bars(kind, side);
            }
        }
        self.thresholds();
    }

    /// A key that says something looser.
    pub(super) fn key(
        &mut self,
        path: &str,
        spans: [Option<Span>; 2],
        default: &str,
        concerns: Concerns,
    ) {
        let [from, to] =
            spans.map(|span| span.map_or_else(|| default.to_owned(), |span| self.text(span)));
        let message = format!("`{path}` goes from {from} to {to}");
        self.push(path.to_owned(), message, spans, concerns);
    }

    /// The shares of limits, as they come out for a kind of meter.
    fn bars(&mut self, kind: MeterKind, side: Side) {
        let [old, new] = [self.base, self.head].map(|project| project.policy.bar(kind, side));
        let tight = |shares: &Shares| shares.tight.as_ref().map(|share| share.span);
        self.bar(kind, side, "tight", tight, [old.tight, new.tight]);
        let breaks = |shares: &Shares| shares.breaks.as_ref().map(|share| share.span);
        self.bar(kind, side, "breaks", breaks, [old.breaks, new.breaks]);
    }

    fn bar(
        &mut self,
        kind: MeterKind,
        side: Side,
        share: &str,
        span: fn(&Shares) -> Option<Span>,
        shares: [f64; 2],
    ) {
        let [old, new] = shares;
        if new <= old {
            return;
        }
        // Its own share, else the general one.
        let declared = |project: &Project| {
            let [own, general] = project.policy.shares(kind, side);
            let own = own.and_then(span).map(|span| (true, span));
            own.or_else(|| Some((false, span(general?)?)))
        };
        let declared = [declared(self.base), declared(self.head)];
        // What comes of another key has that key's own finding.
        if declared == [None, None] {
            return;
        }
        let own = declared.iter().flatten().any(|(own, _)| *own);
        let name = match side {
            Side::Today => "today",
            Side::Scenario => "scenario",
        };
        let path = if own {
            format!("policy.limits.{}.{name}.{share}", kind.as_str())
        } else {
            format!("policy.limits.{name}.{share}")
        };
        if self.out.iter().any(|known| known.path == path) {
            return;
        }
        let key = PolicyKey::Limits(side);
        let concerns = match side {
            Side::Today if own => Concerns::Meters(key, kind),
            _ => Concerns::Policy(key),
        };
        let [from, to] = shares.map(|share| number::share(Some(share)));
        let message = format!("`{path}` goes from {from} to {to}");
        let spans = declared.map(|declared| declared.map(|(_, span)| span));
        self.push(path, message, spans, concerns);
    }

    /// The most that a change may add.
    fn thresholds(&mut self) {
        let (base, head) = (self.base, self.head);
        let [old, new] =
            [base, head].map(|project| Some(&project.policy.declared().change.as_ref()?.value));
        let kinds = MeterKind::ALL.map(|kind| {
            let of_kind = [old, new].map(|change| change?.of(kind));
            let concerns = Concerns::Meters(PolicyKey::Change, kind);
            (kind.as_str(), of_kind, concerns)
        });
        let features = [old, new].map(|change| change?.feature.as_deref());
        let feature = (
            "feature",
            features,
            Concerns::Policy(PolicyKey::FeatureChange),
        );
        for (name, [before, after], concerns) in kinds.into_iter().chain([feature]) {
            if let Some(before) = before
                && is_looser(before, after)
            {
                let path = format!("policy.change.{name}");
                let spans = [Some(before.span), after.map(|after| after.span)];
                self.key(&path, spans, "no threshold", concerns);
            }
        }
    }
}

/// Whether some change passes the new threshold and did not pass the old one.
fn is_looser(before: &Spanned<Threshold>, after: Option<&Spanned<Threshold>>) -> bool {
    let Some(after) = after else { return true };
    let (old, new) = (&before.value, &after.value);
    let rises = |old: Option<f64>, new: Option<f64>| match (old, new) {
        (Some(old), Some(new)) => new > old,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    rises(old.percent(), new.percent())
        || rises(old.above(), new.above())
        // A percent alone never counts where nothing was before.
        || (old.above().is_some() && new.above().is_none())
}
