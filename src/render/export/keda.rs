//! Objects of KEDA, which scales workers in Kubernetes.

use std::collections::BTreeSet;

use super::yaml::Yaml;
use crate::export::scaling::Scaled;

/// The longest name of an object.
const LONGEST: usize = 63;

/// A `ScaledObject` for each queue of projects.
pub(crate) fn keda(header: &str, projects: &[(String, Vec<Scaled>)]) -> String {
    let mut out = header.to_owned();
    let mut taken = BTreeSet::new();
    for (project, scaled) in projects {
        for queue in scaled {
            out.push_str("---\n");
            let name = name(&queue.queue, &mut taken);
            object(&name, project, queue).write(0, &mut out);
        }
    }
    out
}

fn object(name: &str, project: &str, queue: &Scaled) -> Yaml {
    let text = |text: &str| Some(Yaml::text(text));
    let number = |number: f64| Yaml::Plain(number.floor().to_string());
    Yaml::map([
        ("apiVersion", text("keda.sh/v1alpha1")),
        ("kind", text("ScaledObject")),
        (
            "metadata",
            Some(Yaml::map([
                ("name", text(name)),
                (
                    "annotations",
                    Some(Yaml::map([
                        ("caplint/project", text(project)),
                        ("caplint/queue", text(&queue.queue)),
                        ("caplint/source", text(&queue.place)),
                    ])),
                ),
            ])),
        ),
        (
            "spec",
            Some(Yaml::map([
                ("scaleTargetRef", Some(Yaml::map([("name", text(name))]))),
                ("minReplicaCount", queue.least.map(number)),
                ("maxReplicaCount", Some(number(queue.most))),
                ("triggers", Some(Yaml::List(vec![trigger(queue)]))),
            ])),
        ),
    ])
}

fn trigger(queue: &Scaled) -> Yaml {
    let (kind, parameters) = &queue.scaler;
    let parameters = parameters.iter();
    let parameters = parameters.map(|(key, value)| (*key, Yaml::text(value)));
    Yaml::map([
        ("type", Some(Yaml::text(*kind))),
        ("metadata", Some(Yaml::Map(parameters.collect()))),
    ])
}

/// A queue's name as one that Kubernetes takes, and that no other queue has.
fn name(queue: &str, taken: &mut BTreeSet<String>) -> String {
    let lower = queue.to_ascii_lowercase();
    let plain = lower.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let plain: String = plain.chars().take(LONGEST - 6).collect();
    let plain = plain.trim_matches('-');
    let mut name = plain.to_owned();
    let mut count = 1_u32;
    while !taken.insert(name.clone()) {
        count += 1;
        name = format!("{plain}-{count}");
    }
    name
}
