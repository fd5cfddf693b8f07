use crate::rules::support::{FileErrors, things};
use crate::rules::{Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::project("projection-missing", Severity::Info, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let root = &context.project.declarations.root;
    let errors = FileErrors::new(context);
    for tier in things(context, "tenants", &root.tenants) {
        let projection = &tier.entry.body.value;
        let points = &projection.points;
        // Days that could not be read are among the file's errors.
        let read = tier.is_complete() && !errors.within(tier.entry.body.span);
        if projection.growth.is_some() || points.len() != 1 || !points.contains_key(&0) || !read {
            continue;
        }
        let path = tier.path();
        let message =
            format!("`{path}` has no growth projection; forecasts of later days use today's count");
        let finding = findings.finding(path, message).at(tier.entry.name);
        findings.push(finding.help("write `{ now = …, 30d = …, 60d = …, 90d = … }` or `{ now = …, growth = \"5%/month\" }`"));
    }
}
