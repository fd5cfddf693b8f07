//! `[policy]`: that its thresholds follow one another.

use crate::document::Optional;
use crate::document::reader::At;
use crate::document::tables::{Policy, Shares};
use crate::meter::MeterKind;
use crate::model::builder::TOP;
use crate::model::resolve::check::Check;
use crate::source::Spanned;
use crate::units::Ratio;

pub(super) fn check(check: &mut Check<'_>) {
    let Some(policy) = &check.root.policy else {
        return;
    };
    let policy = &policy.value;
    alerts(check, policy);
    let Some(limits) = policy.limits.as_ref().map(|limits| &limits.value) else {
        return;
    };
    let at = TOP.key("policy");
    let at = at.key("limits");
    let general = [("today", &limits.today), ("scenario", &limits.scenario)];
    for (side, general) in general {
        shares(check, &at.key(side), general, &None);
        for kind in MeterKind::ALL {
            let Some(own) = limits.of(kind).map(|own| &own.value) else {
                continue;
            };
            let at = at.key(kind.as_str());
            let own = match side {
                "today" => &own.today,
                _ => &own.scenario,
            };
            shares(check, &at.key(side), own, general);
        }
    }
}

/// Checks that nothing breaks before it is tight. What a kind of meter does not declare, all do.
fn shares(check: &mut Check<'_>, at: &At<'_>, own: &Optional<Shares>, general: &Optional<Shares>) {
    let Some(own) = own.as_ref().map(|own| &own.value) else {
        return;
    };
    let general = general.as_ref().map(|general| &general.value);
    let declared = |share: fn(&Shares) -> &Optional<Ratio>| {
        let own = share(own).as_ref();
        own.or_else(|| share(general?).as_ref())
    };
    let is_own = own.tight.is_some() || own.breaks.is_some();
    let shares = (declared(|it| &it.tight), declared(|it| &it.breaks));
    if let (Some(tight), Some(breaks), true) = (shares.0, shares.1, is_own) {
        ordered(check, at, ("tight", tight), ("breaks", breaks));
    }
}

/// Checks that the alert that asks for a review fires before the one that asks for a decision.
fn alerts(check: &mut Check<'_>, policy: &Policy) {
    let Some(burn) = policy.burn.as_ref().map(|burn| &burn.value) else {
        return;
    };
    let soft = burn
        .soft
        .as_ref()
        .and_then(|soft| soft.value.share.as_ref());
    if let (Some(soft), Some(hard)) = (soft, &burn.hard) {
        let at = TOP.key("policy");
        ordered(check, &at.key("burn"), ("soft.share", soft), ("hard", hard));
    }
}

/// Checks that one share is at most another one.
fn ordered(
    check: &mut Check<'_>,
    at: &At<'_>,
    (first, low): (&str, &Spanned<Ratio>),
    (then, high): (&str, &Spanned<Ratio>),
) {
    if low.value <= high.value {
        return;
    }
    let message = format!(
        "`{first}` is {}, above `{then}`, which is {}",
        low.value, high.value
    );
    let help = format!(
        "write a `{first}` of at most {}, or raise `{then}`",
        high.value
    );
    let note = (high.span, "declared here");
    let keys: Vec<&str> = first.split('.').collect();
    match keys[..] {
        [table, key] => {
            let at = at.key(table);
            check.clash(&at.key(key), low.span, message, help, note);
        }
        _ => check.clash(&at.key(first), low.span, message, help, note),
    }
}
