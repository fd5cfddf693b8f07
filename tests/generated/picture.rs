//! The README's picture: what caplint prints of the README's change, one line a finding, as SVG.

use std::fmt::Write as _;
use std::process::Command;

use super::{expect, top};

/// The width of a letter and the height of a line, in pixels.
const LETTER: f64 = 7.8;
const LINE: usize = 20;
/// Letters in a line.
const WIDTH: usize = 100;
/// What is printed, from its table on: the findings before it take three screens.
const FROM: &str = "changes";

#[test]
fn picture_of_the_readme() {
    let command = "caplint diff ./examples/tiktok-pipeline/before \
                   ./examples/tiktok-pipeline/after --as-of 2026-11-22";
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        .args(command.split_whitespace().skip(1))
        .args(["--color", "always"])
        .env_clear()
        .current_dir(top())
        .output()
        .expect("caplint runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| line.contains(FROM));
    let shown = &lines[start.expect("there is a table")..];
    expect("docs/picture.svg", &svg(shown));
}

fn svg(lines: &[&str]) -> String {
    let (width, height) = ((WIDTH as f64 + 4.0) * LETTER, (lines.len() + 2) * LINE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height}\" \
         font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"13\">\n\
         <title>caplint's verdict on a change</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#161b22\"/>\n"
    );
    let mut style = Style::default();
    for (index, line) in lines.iter().enumerate() {
        let y = (index + 2) * LINE - 5;
        let _ = write!(
            svg,
            "<text x=\"{:.0}\" y=\"{y}\" xml:space=\"preserve\" fill=\"#e6edf3\">",
            2.0 * LETTER
        );
        // What a terminal is told begins with an escape and ends with an `m`.
        for (part, piece) in line.split('\u{1b}').enumerate() {
            let text = match piece.split_once('m').filter(|_| part > 0) {
                Some((codes, text)) => {
                    style.apply(codes.trim_start_matches('['));
                    text
                }
                None => piece,
            };
            if !text.is_empty() {
                let _ = write!(
                    svg,
                    "<tspan{}>{}</tspan>",
                    style.attributes(),
                    escaped(text)
                );
            }
        }
        svg.push_str("</text>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

#[derive(Default)]
struct Style {
    color: Option<&'static str>,
    bold: bool,
}

impl Style {
    fn apply(&mut self, codes: &str) {
        for code in codes.split(';') {
            match code {
                "0" => *self = Self::default(),
                "1" => self.bold = true,
                "2" => self.color = Some("#8b949e"),
                "31" => self.color = Some("#ff7b72"),
                "32" => self.color = Some("#56d364"),
                "33" => self.color = Some("#e3b341"),
                "35" => self.color = Some("#d2a8ff"),
                "36" => self.color = Some("#79c0ff"),
                other => panic!("a picture has no colour for {other}"),
            }
        }
    }

    fn attributes(&self) -> String {
        let color = self.color.map(|color| format!(" fill=\"{color}\""));
        let bold = if self.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        color.unwrap_or_default() + bold
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
