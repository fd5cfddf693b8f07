//! The README's output is what caplint prints.
//!
//! A block that opens with ```` ```console ```` holds lines `$ caplint …`, each followed by what
//! it prints, standard error included, or of that the lines that `| grep TEXT` leaves. They are run at the top of this repository, with nothing
//! of the machine's environment.

use std::process::Command;

use super::{expect, top};

#[test]
fn output_in_the_readme() {
    let readme = std::fs::read_to_string(top().join("README.md")).expect("the README");
    expect("README.md", &rerun(&readme));
}

/// The text with the output of each command put in place of what is there.
fn rerun(text: &str) -> String {
    let mut out = String::new();
    let mut in_console = false;
    for line in text.lines() {
        if in_console && line == "```" {
            in_console = false;
        }
        let command = line.strip_prefix("$ caplint ").filter(|_| in_console);
        if command.is_some() || !in_console {
            out.push_str(line);
            out.push('\n');
        }
        if let Some(command) = command {
            let (command, wanted) = command.split_once(" | grep ").unwrap_or((command, ""));
            let wanted = words(wanted).concat();
            for line in run(command).lines().filter(|it| it.contains(&wanted)) {
                out.push_str(&format!("{line}\n"));
            }
        }
        in_console |= line == "```console";
    }
    out
}

fn run(command: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        // As a developer runs it, wherever the test does.
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .args(words(command))
        .env_clear()
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(top())
        .output()
        .expect("caplint runs");
    let mut text = String::from_utf8(output.stdout).expect("text");
    let judged = matches!(output.status.code(), Some(0 | 1));
    assert!(judged, "`{command}` is asked wrongly: {text}");
    text.push_str(&String::from_utf8(output.stderr).expect("text"));
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n");
    assert!(!text.contains("```"), "`{command}` would end its block");
    if text.is_empty() { text } else { text + "\n" }
}

/// The words of a command: quotes hold spaces, and there is nothing else that a shell does.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut begun) = (None, false);
    for character in command.chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                begun = true;
            }
            (None, ' ') => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (None, '|' | '>' | '<' | '&' | ';' | '$' | '*') => {
                panic!("no shell runs `{command}`");
            }
            (_, character) => {
                word.push(character);
                begun = true;
            }
        }
    }
    assert!(quote.is_none(), "a quote is open in `{command}`");
    if begun {
        words.push(word);
    }
    words
}

#[test]
fn words_are_split_as_a_shell_does() {
    assert_eq!(
        words("diff a  'b c' --set x=\"4 5\" ''"),
        ["diff", "a", "b c", "--set", "x=4 5", ""]
    );
}

#[test]
fn blocks_are_rerun_and_the_rest_stays() {
    let text = "a\n```console\n$ caplint --version\nold\n```\n```sh\n$ caplint x\n```\n";
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        rerun(text),
        format!(
            "a\n```console\n$ caplint --version\ncaplint {version}\n```\n```sh\n$ caplint x\n```\n"
        )
    );
}
