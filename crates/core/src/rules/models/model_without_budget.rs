use crate::rules::model_facts::DeclaredModel;
use crate::rules::prelude::*;
use crate::rules::support::has_budget;

pub(crate) static RULE: Rule = Rule::models("model-without-budget", Severity::Error, check);

fn check(model: &DeclaredModel<'_, '_>) -> Option<Finding> {
    if !model.is_priced()
        || !model.lacks("budget", &model.declared.budget)
        || has_budget(model.context, Family::Model, model.name)
    {
        return None;
    }
    let spend = model.demand(MeterKind::Spend);
    let spends = match spend {
        Some(spend) if spend > 0.0 => format!(
            ": it costs {} a month",
            number::money(spend, model.context.project.currency())
        ),
        _ => String::new(),
    };
    let message = format!("`{model}` costs money and has no `budget`{spends}");
    let finding = model.finding(&RULE, message).figure(spend);
    Some(finding.help("add `budget`, the most that it may cost in a month"))
}
