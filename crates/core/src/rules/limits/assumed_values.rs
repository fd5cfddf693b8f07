use crate::rules::{Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::project("assumed-values", Severity::Info, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    /// How many paths the message names.
    const NAMED: usize = 3;
    let project = context.project.declarations.root.project.as_ref();
    let assumed = project.and_then(|project| project.value.assumed.as_ref());
    let Some(assumed) = assumed.filter(|assumed| !assumed.value.0.is_empty()) else {
        return;
    };
    let paths = &assumed.value.0;
    let named = paths.iter().take(NAMED);
    let named: Vec<String> = named.map(|path| format!("`{}`", path.value)).collect();
    let count = match paths.len() {
        1 => "1 assumed value".to_owned(),
        count => format!("{count} assumed values"),
    };
    let more = match paths.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let message = format!("{count}: {}{more}", named.join(", "));
    let finding = findings.about(&["project", "assumed"], message);
    findings.push(
        finding
            .at(assumed.span)
            .help("replace each with your own value, then remove its path from `project.assumed`"),
    );
}
