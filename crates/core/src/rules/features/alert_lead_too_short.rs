use crate::meter::MeterKind;
use crate::rules::support::{at_limit, percent};
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("alert-lead-too-short", Severity::Warning, check).reads(&[PolicyKey::Burn]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    findings.each(&context.outlook.today, |findings, fitted| {
        let detail = &fitted.meter.detail;
        let hard = detail.hard_on_day.flatten()?;
        let empty = detail.empties_on_day.flatten()?;
        let lead = apis.get(&fitted.id.name)?.lead_time.as_ref()?;
        let days = lead.value.days();
        if fitted.id.kind != MeterKind::Credits || empty - hard >= days {
            return None;
        }
        let message = format!(
            "the hard alert ({}) on `{}` fires on day {} and the plan is empty on day {}: {} days, and more credits take {}",
            percent(context.policy.hard_alert()),
            fitted.id.name,
            number::day(hard),
            number::day(empty),
            number::day(empty - hard),
            *lead.value
        );
        let mut help = "a larger plan, a shorter lead time".to_owned();
        let share = 1.0 - days / empty;
        if share > 0.0 {
            let earlier = percent((share * 100.0).floor() / 100.0);
            help += &format!(", or an earlier alert: `policy.burn.hard` at {earlier}");
        }
        let finding = findings
            .finding(&*fitted.meter.id, message)
            .also(lead.span, "from deciding to having them")
            .figure(empty - hard)
            .lower_is_worse()
            .help(help);
        Some(at_limit(context, &fitted.id, finding))
    });
}
