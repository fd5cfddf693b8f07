use crate::collections::HashMap;
use crate::document::values::Broker;
use crate::document::{Estimated, Knowledge, PerEvent};
use crate::rules::TomlPath;
use crate::rules::prelude::*;
use crate::rules::queue_facts::{DeclaredQueue, queues};
use crate::rules::support::{at_confidence, passes};
use crate::source::Spanned;
use crate::units::Size;

pub(crate) static RULE: Rule = Rule::project("broker-message-limit", Severity::Error, check);

/// What SQS accepts in bytes: 1 MiB.
const SQS: f64 = 1_048_576.0;

/// What Kafka accepts in bytes where nothing is configured: 1 MB.
const KAFKA: f64 = 1_000_000.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut limits = HashMap::default();
    for queue in queues(context) {
        let Some((most, declared)) = accepted(&queue) else {
            continue;
        };
        limits.insert(queue.name, (most, declared.unwrap_or(queue.entry.name)));
        let size = queue.declared.message_size.as_deref();
        let finding = size.and_then(|size| too_large(context, queue.path(), size, most));
        findings.extend(finding.map(|finding| finding.also(declared, "what the broker accepts")));
    }
    for (name, feature) in context.project.declarations.root.features.iter() {
        for (id, line) in feature.messages.iter() {
            let (Some(size), Some(queue)) = (&line.value.size, &line.value.queue) else {
                continue;
            };
            let Some((most, span)) = limits.get(queue.value.0.as_str()) else {
                continue;
            };
            let path = TomlPath::new(&["features", name, "messages", id]).to_string();
            let finding = too_large(context, path, size, *most);
            findings.extend(finding.map(|it| it.also(*span, "the queue")));
        }
    }
}

/// A size that is unknown where a broker accepts only so much.
pub(in crate::rules) struct Unknown {
    pub(in crate::rules) queue: String,
    /// The queue, or the line that says how large its messages are.
    pub(in crate::rules) path: TomlPath,
    pub(in crate::rules) most: f64,
    pub(in crate::rules) span: Span,
}

/// The sizes of messages that say `"unknown"`.
pub(in crate::rules) fn unknown_sizes(context: &Context<'_>) -> Vec<Unknown> {
    let mut all = Vec::new();
    let mut limits = HashMap::default();
    let is_unknown =
        |size: &&Spanned<PerEvent<Size>>| matches!(size.value.known(), Knowledge::Unknown);
    let add = |queue: &str, path, most, size: &Spanned<PerEvent<Size>>| Unknown {
        queue: queue.to_owned(),
        path,
        most,
        span: size.span,
    };
    for queue in queues(context) {
        let Some((most, _)) = accepted(&queue) else {
            continue;
        };
        limits.insert(queue.name, most);
        let size = queue.declared.message_size.as_deref().filter(is_unknown);
        let path = TomlPath::new(&["queues", queue.name]);
        all.extend(size.map(|size| add(queue.name, path, most, size)));
    }
    for (name, feature) in context.project.declarations.root.features.iter() {
        for (id, line) in feature.messages.iter() {
            let size = line.value.size.as_deref().filter(is_unknown);
            let queue = line.value.queue.as_ref().map(|queue| &*queue.value.0);
            let most = queue.and_then(|queue| Some((queue, *limits.get(queue)?)));
            if let (Some(size), Some((queue, most))) = (size, most) {
                let path = TomlPath::new(&["features", name, "messages", id]);
                all.push(add(queue, path, most, size));
            }
        }
    }
    all
}

/// What a queue's broker accepts in bytes, and where that is declared.
fn accepted(queue: &DeclaredQueue<'_, '_>) -> Option<(f64, Option<Span>)> {
    if let Some(declared) = &queue.declared.max_message {
        return Some((declared.value.0, Some(declared.span)));
    }
    match queue.broker()? {
        _ if !queue.lacks("max_message", &queue.declared.max_message) => None,
        Broker::Sqs | Broker::SqsFifo => Some((SQS, None)),
        Broker::Kafka => Some((KAFKA, None)),
        Broker::Rabbitmq | Broker::Redis => None,
    }
}

fn too_large(
    context: &Context<'_>,
    path: String,
    size: &Spanned<PerEvent<Size>>,
    most: f64,
) -> Option<Finding> {
    let bytes = at_confidence(context, &size.value)?;
    if !passes(bytes, most) {
        return None;
    }
    let (has, accepted) = (number::bytes(bytes), number::bytes(most));
    let which = match size.value.known() {
        Knowledge::Each(_) => "one message in ten",
        _ => "a message",
    };
    let message = format!("{which} of `{path}` has {has}, its broker accepts {accepted}");
    let finding = RULE.finding(path, message).at(size.span).figure(bytes);
    Some(finding.help("store the content elsewhere and send a reference to it"))
}
