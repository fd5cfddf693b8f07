//! What measured usage is read from, and what is said of what cannot be read.

use caplint::units::Date;
use caplint::usage::{Record, Usage};

fn read(text: &str) -> Result<Vec<Record>, String> {
    let mut usage = Usage::default();
    usage
        .read("usage.csv", text)
        .map_err(|error| error.to_string())?;
    Ok(usage.records)
}

#[test]
fn csv_and_json_lines_say_the_same() {
    let csv = "\u{feff}unit,date, feature,line,quantity,extra\r\ncredits,2026-11-01,sync,\"a,b\",12.5,x\n";
    let json = "{\"date\":\"2026-11-01T10:00:00Z\",\"feature\":\"sync\",\"line\":\"a,b\",\"quantity\":12.5,\"unit\":\"credits\"}\n\n";
    let records = read(csv).unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].line, "a,b");
    assert_eq!(records[0].quantity, 12.5);
    assert_eq!(records[0].date, Date::new(2026, 11, 1).unwrap());
    assert_eq!(records, read(json).unwrap());
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let header = "date,feature,line,quantity,unit\n2026-11-01,a,b,1,credits\n";
    for (text, start) in [
        (
            "date,feature\n",
            "usage.csv:1: there is no column `quantity`",
        ),
        (
            &*format!("{header}2026-13-01,a,b,1,calls\n"),
            "usage.csv:3: ",
        ),
        (
            &*format!("{header}2026-11-02,a,b,many,calls\n"),
            "usage.csv:3: `quantity`: ",
        ),
        (
            &*format!("{header}2026-11-02,a,b,inf,calls\n"),
            "usage.csv:3: ",
        ),
        (&*format!("{header}2026-11-02,a\n"), "usage.csv:3: "),
        ("{\"date\":\"2026-11-01\"}\n", "usage.csv:1: missing field"),
        ("{\n", "usage.csv:1: "),
    ] {
        let problem = read(text).unwrap_err();
        assert!(problem.starts_with(start), "{problem}");
    }
}

#[test]
fn nothing_measured_is_no_error() {
    assert_eq!(read("date,feature,line,quantity,unit\n").unwrap(), []);
}
