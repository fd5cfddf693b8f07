use crate::rules::model_facts::DeclaredModel;
use crate::rules::prelude::*;

pub(crate) static RULE: Rule = Rule::models("price-stale", Severity::Info, check);

/// The most days since a price was looked up.
const MOST: i64 = 90;

fn check(model: &DeclaredModel<'_, '_>) -> Option<Finding> {
    let looked_up = model.declared.price_as_of.as_ref()?;
    let days = model.context.as_of.days_since(looked_up.value);
    if days <= MOST {
        return None;
    }
    let ago = number::count(days as f64);
    let message = format!("the price of `{model}` is {ago} days old (at most {MOST})");
    let finding = model
        .finding(&RULE, message)
        .at(looked_up.span)
        .help("look it up again and update `price_as_of`")
        .figure(days as f64);
    Some(finding)
}
