//! The guide's example is what the program prints.

use super::scene::Scene;

const GUIDE: &str = include_str!("../../docs/calibrate.md");

fn block(of: &str) -> &str {
    let start = format!("\n```{of}\n");
    let (_, rest) = GUIDE.split_once(&start).unwrap();
    rest.split_once("\n```").unwrap().0
}

#[test]
fn the_example_is_what_calibrate_prints() {
    let scene = Scene::measured(block("toml"), block("csv"));
    let ran = scene.calibrate(&["--days", "7", "--format", "human"]);
    assert_eq!((ran.code, &*ran.said), (0, ""));
    let printed: Vec<&str> = ran.out.trim_end().lines().collect();
    let written: Vec<&str> = block("text").lines().collect();
    assert_eq!(printed, written, "{}", ran.out);
}
