//! What has one meaning is written as it is meant, and nothing else is touched.

use std::path::Path;

use caplint::report::Applicability;

use super::fixed;

const FEATURE: &str = "features/comment-ingest/capacity.toml";

/// The files of an example that is sound.
fn sound() -> Vec<(String, String)> {
    fn add(dir: &Path, top: &Path, into: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, top, into);
            } else {
                let name = path.strip_prefix(top).unwrap().to_str().unwrap();
                let text = std::fs::read_to_string(&path).unwrap();
                into.push((name.replace('\\', "/"), text));
            }
        }
    }
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tiktok-pipeline/before");
    let mut files = Vec::new();
    add(&top, &top, &mut files);
    files.sort();
    files
}

/// What a file of an example becomes by `--fix` when it has another text: with how many findings
/// were fixed, and how many errors are left. The other files stay as they are.
fn after(sound: &[(String, String)], path: &str, text: &str) -> (String, usize, usize) {
    let with = |it: &(String, String)| it.0 == path;
    let files = sound
        .iter()
        .map(|it| (&*it.0, if with(it) { text } else { &*it.1 }));
    let files: Vec<(&str, &str)> = files.collect();
    let (texts, done) = fixed(&files, Applicability::Safe);
    let capacity = files.iter().filter(|it| it.0.ends_with("capacity.toml"));
    let mut fixed = None;
    for ((name, before), after) in capacity.zip(texts) {
        match *name == path {
            true => fixed = Some(after),
            false => assert_eq!(*before, after, "{name} was touched"),
        }
    }
    (fixed.unwrap(), done.fixed, done.report.summary.errors)
}

/// What is right, and how it may be misspelt.
const SPELLINGS: &[(&str, &str, &str)] = &[
    // Keys, bare and quoted, of headers, dotted, in braces and in lists.
    ("capacity.toml", "lead_time = ", "leadtime = "),
    ("capacity.toml", "[databases.main]", "[database.main]"),
    ("capacity.toml", "retry_ratio = 0 ", "retry_rate = 0 "),
    ("capacity.toml", "price = 90.00, max", "prize = 90.00, max"),
    ("capacity.toml", "max = 4_000.00 }", "maxx = 4_000.00 }"),
    ("capacity.toml", "tenants = 10\n", "tenant = 10\n"),
    (
        "capacity.toml",
        "[queues.media-jobs]",
        "[queuse.media-jobs]",
    ),
    (
        FEATURE,
        "[[features.comment-ingest.inference]]",
        "[[features.comment-ingest.inferences]]",
    ),
    (FEATURE, "row_size = ", "rowsize = "),
    // Names of endpoints, APIs, tables, tiers, queues, models, units and lines.
    (
        FEATURE,
        "\"tiklive:/post-comments/\"",
        "\"tiklive:/posts-comments/\"",
    ),
    (
        FEATURE,
        "\"tiklive:/post-comments/\"",
        "'tiklve:/post-comments/'",
    ),
    (FEATURE, "\"comments\"\nafter", "\"coments\"\nafter"),
    (FEATURE, "tenants = [\"pro\"]", "tenants = [\"pr0\"]"),
    (FEATURE, "queue = \"fetch-jobs\"", "queue = \"fetch-job\""),
    (FEATURE, "model = \"summarizer\"", "model = \"sumarizer\""),
    (FEATURE, "output = 400", "outputs = 400"),
    (FEATURE, "after = \"job\"", "after = \"jobb\""),
    ("capacity.toml", "api = \"tiklive\"", "api = \"TikLive\""),
    (
        "capacity.toml",
        "tenant_quota = { pro = ",
        "tenant_quota = { prro = ",
    ),
    // Words.
    ("capacity.toml", "broker = \"kafka\"", "broker = \"Kafka\""),
    ("capacity.toml", "\"timescaledb\"", "\"timescaldb\""),
    ("capacity.toml", "require = \"fit\"", "require = \"fits\""),
    (FEATURE, "kind = \"event\"", "kind = \"events\""),
    (FEATURE, "expire = \"drop\"", "expire = \"Drop\""),
    // Units and numbers.
    (FEATURE, "\"12/day\"", "\"12/dayy\""),
    (FEATURE, "\"180d\"", "\"180 d\""),
    ("capacity.toml", "lead_time = \"3d\"", "lead_time = \"3D\""),
    ("capacity.toml", "overhead = 0.3 ", "overhead = 0,3 "),
    ("capacity.toml", "overhead = 0.3 ", "overhead = \"0,3\" "),
    (FEATURE, "rows = 20\n", "rows = \"20\"\n"),
    (
        FEATURE,
        "measured = 2026-11-17",
        "measured = \"2026-11-17\"",
    ),
    (FEATURE, "measured = 2026-11-17", "measured = 17.11.2026"),
    (FEATURE, "rate = \"1/day\"", "rate = 1/day"),
    (
        "capacity.toml",
        "partition_throughput = \"3MB/s\"",
        "partition_throughput = 3MB/s",
    ),
    (FEATURE, "spec = \"spec.md\"", "spec = \"spec.mdd\""),
];

#[test]
fn each_spelling_is_made_what_is_meant_and_every_other_byte_stays() {
    let sound = sound();
    let mut said = String::new();
    for (index, (path, right, wrong)) in SPELLINGS.iter().enumerate() {
        let file = &sound.iter().find(|file| file.0 == *path).unwrap().1;
        assert_eq!(file.matches(right).count(), 1, "{right} stands once");
        let as_written = |text: &str| match index % 2 {
            0 => text.to_owned(),
            _ => format!("\u{feff}{}", text.replace('\n', "\r\n")),
        };
        let broken = as_written(&file.replace(right, wrong));
        let (text, count, errors) = after(&sound, path, &broken);
        // Quotes stay, and what needs none gets the usual ones.
        let is_right = text == as_written(file)
            || text == as_written(&file.replace(right, &right.replace('"', "'")));
        if !is_right || count == 0 || errors > 0 {
            let lines = text.lines().zip(broken.lines());
            let changed: Vec<_> = lines.filter(|(after, before)| after != before).collect();
            said += &format!("{wrong} for {right}: {count} fixed, {errors} left: {changed:?}\n");
        }
    }
    assert!(said.is_empty(), "{said}");
}

/// What has no single meaning.
const UNCLEAR: &[(&str, &str, &str)] = &[
    (FEATURE, "rows = 20\n", "rows = \"2,000\"\n"),
    (FEATURE, "\"180d\"", "\"6m\""),
    (FEATURE, "measured = 2026-11-17", "measured = 11.10.2026"),
    (FEATURE, "row_size = \"600B\"", "row_size = \"600b\""),
    ("capacity.toml", "price = 1499.00 }", "price = \"$1499\" }"),
    ("capacity.toml", "overhead = 0.3 ", "overhead = -0.3 "),
    (
        "capacity.toml",
        "broker = \"kafka\"",
        "broker = \"carrier pigeon\"",
    ),
    (FEATURE, "queue = \"fetch-jobs\"", "queue = \"unheard-of\""),
    // Both would be as near.
    (FEATURE, "queue = \"fetch-jobs\"", "queue = \"metih-jobs\""),
    // The key that is meant is there.
    (FEATURE, "indexes = 2\n", "indexes = 2\nindexs = 3\n"),
];

#[test]
fn what_may_mean_several_things_is_left_alone() {
    let sound = sound();
    for (path, right, wrong) in UNCLEAR {
        let file = &sound.iter().find(|file| file.0 == *path).unwrap().1;
        assert_eq!(file.matches(right).count(), 1, "{right} stands once");
        let broken = file.replace(right, wrong);
        let (text, count, errors) = after(&sound, path, &broken);
        assert_eq!(text, broken, "{wrong}");
        assert_eq!(count, 0, "{wrong}");
        assert!(errors > 0, "{wrong} is an error");
    }
}

#[test]
fn many_go_together_and_what_comes_to_light_is_fixed_too() {
    let sound = sound();
    let file = &sound.iter().find(|file| file.0 == FEATURE).unwrap().1;
    let broken = file
        // Everything below is unknown until the header is right.
        .replace("[tables.comments]", "[tabels.comments]")
        .replace("row_size", "rowsize")
        .replace("\"12/day\"", "12/day")
        .replace("summarizer", "sumarizer")
        .replace("= 2026-11-17", "= \"2026-11-17\"")
        // Nobody knows what this is to be.
        .replace("indexes = 2", "indexes = -2");
    let (text, count, errors) = after(&sound, FEATURE, &broken);
    assert_eq!(text, file.replace("indexes = 2", "indexes = -2"));
    assert_eq!((count, errors), (5, 1));
    let again = after(&sound, FEATURE, &text);
    assert_eq!(again, (text, 0, 1));
}

#[test]
fn what_is_clear_is_fixed_beside_what_breaks_the_file() {
    let sound = sound();
    let file = &sound.iter().find(|file| file.0 == FEATURE).unwrap().1;
    let left = file.replace("rows = 20\n", "rows = 2,000\n");
    assert_ne!(left, *file);
    let broken = left
        .replace("summarizer", "sumarizer")
        .replace("\"12/day\"", "12/day");
    let (text, count, errors) = after(&sound, FEATURE, &broken);
    assert_eq!(text, left);
    assert_eq!((count, errors), (2, 1));
}

#[test]
fn a_sound_project_is_left_alone() {
    let sound = sound();
    for (path, text) in sound
        .iter()
        .filter(|file| file.0.ends_with("capacity.toml"))
    {
        assert_eq!(after(&sound, path, text), (text.clone(), 0, 0));
    }
}
