use crate::document::Table;
use crate::document::tables::Root;
use crate::rules::prelude::*;
use crate::units::DAY;

pub(in crate::rules) static RULE: Rule =
    Rule::project("tenants-stale", Severity::Info, check).reads(&[PolicyKey::Calibration]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let root = &declarations.root;
    let Some((tier, tenants)) = root.tenants.entries().next() else {
        return;
    };
    let project = root.project.as_ref();
    let counted = project.and_then(|project| project.value.tenants_counted.as_ref());
    let about = |message: String| findings.about(&["project", "tenants_counted"], message);
    let Some(counted) = counted else {
        // What may be there and could not be read is not missing.
        let unread = match project {
            Some(project) => {
                project.value.is_broken("tenants_counted")
                    || declarations.incomplete.contains(&project.span.file)
            }
            None => root.is_broken("project") || !declarations.incomplete.is_empty(),
        };
        if !unread && is_measured(root) {
            let message = format!(
                "`project.tenants_counted` is missing; tenants such as `{tier}` may be out of date"
            );
            findings.push(about(message).at(tenants.name).help(
                "set `project.tenants_counted` to the date of the counts; all per-tenant figures depend on it",
            ));
        }
        return;
    };
    let days = context.as_of.days_since(counted.value) as f64;
    let (allowed, _) = context.policy.calibration_days();
    let finding = if days < 0.0 {
        let day = counted.value;
        about(format!(
            "`tenants_counted` is {day}, which is in the future"
        ))
        .help("set `tenants_counted` to the day of the count")
    } else if days > allowed {
        let (days_ago, most) = (number::count(days), number::duration(allowed * DAY));
        about(format!(
            "tenants were counted {days_ago} days ago; the policy allows {most}"
        ))
        .help("count them again and update `tenants_counted`")
        .figure(days)
    } else {
        return;
    };
    findings.push(finding.at(counted.span));
}

/// Whether anything else was measured: a line, or what an endpoint costs.
fn is_measured(root: &Root) -> bool {
    let mut features = root.features.iter();
    let mut apis = root.apis.iter();
    features.any(|(_, feature)| {
        feature
            .lines()
            .any(|(_, line)| line.keys().measured.is_some())
    }) || apis.any(|(_, api)| api.endpoints.iter().any(|(_, it)| it.measured.is_some()))
}
