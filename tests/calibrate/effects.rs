//! From forecast to measured: effects add up, and each moves with its own factor alone.

use serde_json::Value;

use super::scene::{Rows, Scene, number};

const CAPACITY: &str = r#"[tenants]
free = 100
pro = 10
[apis.a]
rate_limit = "1000/min"
retry_ratio = 0.1
[apis.a.endpoints]
"/e/" = { credits = 2 }
[features.x]
calls = [
  { id = "e", endpoint = "/e/", rate = "10/day", tenants = ["free"], cache = { hit_ratio = 0.5 } },
  { id = "f", endpoint = "/e/", rate = "5/day", tenants = ["pro"] },
]
"#;

/// The numbers of the first line.
#[derive(Clone, Copy)]
struct Numbers {
    rate: f64,
    miss: f64,
    retry: f64,
    cost: f64,
}

const AS_DECLARED: Numbers = Numbers {
    rate: 10.0,
    miss: 0.5,
    retry: 1.1,
    cost: 2.0,
};

fn rows(numbers: Numbers) -> Rows {
    let Numbers {
        rate,
        miss,
        retry,
        cost,
    } = numbers;
    let occurrences = 100.0 * rate;
    let reached = occurrences * miss;
    Rows::default()
        .each("x.e", "occurrences", 28, occurrences)
        .each("x.e", "reached", 28, reached)
        .each("x.e", "calls", 28, reached * retry)
        .each("x.e", "credits", 28, reached * retry * cost)
        .each("x.f", "calls", 28, 10.0 * 5.0 * 1.1)
        .each("x.f", "credits", 28, 10.0 * 5.0 * 1.1 * 2.0)
}

fn meter(rows: &Rows) -> Value {
    let scene = Scene::measured(CAPACITY, &rows.csv());
    let report = scene.calibrate(&[]).json();
    let meters = report["meters"].as_array().unwrap();
    assert_eq!(meters.len(), 1);
    assert_eq!(meters[0]["meter"], "apis.a.credits");
    meters[0].clone()
}

fn adds_up(meter: &Value) {
    let effects = meter["effects"].as_array().unwrap();
    let sum: f64 = effects.iter().map(|effect| number(&effect["effect"])).sum();
    let [actual, forecast] = ["actual", "forecast"].map(|key| number(&meter[key]));
    let off = (sum - (actual - forecast)).abs();
    assert!(off <= 1e-12 * actual.abs().max(forecast.abs()), "{meter:#}");
}

#[test]
fn nothing_moves_where_usage_follows_the_model() {
    let meter = meter(&rows(AS_DECLARED));
    adds_up(&meter);
    let forecast = 28.0 * (100.0 * 10.0 * 0.5 * 1.1 * 2.0 + 10.0 * 5.0 * 1.1 * 2.0);
    assert!((number(&meter["forecast"]) / forecast - 1.0).abs() < 1e-12);
    for effect in meter["effects"].as_array().unwrap() {
        assert!(number(&effect["effect"]).abs() < 1e-9, "{effect}");
    }
}

#[test]
fn one_factor_moves_its_own_effect_alone() {
    let day = 100.0 * 10.0 * 0.5 * 1.1 * 2.0;
    for (factor, numbers, times) in [
        (
            "rate",
            Numbers {
                rate: 15.0,
                ..AS_DECLARED
            },
            0.5,
        ),
        (
            "cache",
            Numbers {
                miss: 0.75,
                ..AS_DECLARED
            },
            0.5,
        ),
        (
            "retry",
            Numbers {
                retry: 1.65,
                ..AS_DECLARED
            },
            0.5,
        ),
        (
            "cost",
            Numbers {
                cost: 3.0,
                ..AS_DECLARED
            },
            0.5,
        ),
        (
            "cost",
            Numbers {
                cost: 1.0,
                ..AS_DECLARED
            },
            -0.5,
        ),
    ] {
        let meter = meter(&rows(numbers));
        adds_up(&meter);
        for effect in meter["effects"].as_array().unwrap() {
            let own = effect["factor"] == factor && effect["path"] == "features.x.calls.e";
            let expected = if own { 28.0 * day * times } else { 0.0 };
            let moved = number(&effect["effect"]);
            assert!((moved - expected).abs() < 1e-6, "{factor}: {effect}");
        }
    }
}

/// All at once: the factors are replaced in their order, forecast by measured.
#[test]
fn factors_are_replaced_in_their_order() {
    let numbers = Numbers {
        rate: 12.0,
        miss: 0.6,
        retry: 1.2,
        cost: 2.5,
    };
    let meter = meter(&rows(numbers));
    adds_up(&meter);
    let of = |factor: &str| {
        let mut effects = meter["effects"].as_array().unwrap().iter();
        let found = effects.find(|it| it["factor"] == factor && it["path"] == "features.x.calls.e");
        number(&found.unwrap()["effect"]) / 28.0
    };
    let expected = [
        ("tenants", 0.0),
        ("rate", 100.0 * 2.0 * 0.5 * 1.1 * 2.0),
        ("cache", 100.0 * 12.0 * 0.1 * 1.1 * 2.0),
        ("retry", 100.0 * 12.0 * 0.6 * 0.1 * 2.0),
        ("cost", 100.0 * 12.0 * 0.6 * 1.2 * 0.5),
    ];
    for (factor, effect) in expected {
        assert!((of(factor) - effect).abs() < 1e-9, "{factor}: {meter:#}");
    }
}

/// With calls alone, all that is left is the rate's, and it says that tenants were not counted.
#[test]
fn what_was_not_measured_stays_as_forecast() {
    let meter = meter(&Rows::default().each("x.e", "calls", 28, 100.0 * 15.0 * 0.5 * 1.1));
    adds_up(&meter);
    let moved: Vec<&Value> = (meter["effects"].as_array().unwrap().iter())
        .filter(|effect| number(&effect["effect"]) != 0.0)
        .collect();
    assert_eq!(moved.len(), 1, "{meter:#}");
    assert_eq!(
        (&moved[0]["factor"], &moved[0]["tenants_counted"]),
        (&"rate".into(), &false.into())
    );
}

/// Calls over occurrences are what a cache lets pass with its retries: those are none of the API's.
#[test]
fn behind_a_cache_calls_say_nothing_of_retries() {
    let rows = Rows::default().each("x.e", "occurrences", 28, 1000.0).each(
        "x.e",
        "calls",
        28,
        1000.0 * 0.4 * 1.1,
    );
    let meter = meter(&rows);
    adds_up(&meter);
    for effect in meter["effects"].as_array().unwrap() {
        let expected = match effect["factor"].as_str().unwrap() {
            "cache" => 28.0 * 1000.0 * -0.1 * 1.1 * 2.0,
            _ => 0.0,
        };
        assert!(
            (number(&effect["effect"]) - expected).abs() < 1e-9,
            "{effect}"
        );
    }
}

/// Runs of 3,000 and 50 units where 1,000 and 100 are declared: 9.75 a day and not 4.50.
#[test]
fn units_that_were_measured_are_what_a_run_costs() {
    let scene = Scene::new(
        "[tenants]\npro = 100\n[models.m]\nprice = { per = 1_000_000, input = 3, output = 15 }\n\
         [features.f]\ninference = [{ id = \"i\", model = \"m\", rate = \"10/day\", units = { input = 1000, output = 100 } }]\n",
    );
    let rows = Rows::default()
        .each("f.i", "requests", 28, 1000.0)
        .each("f.i", "input", 28, 3e6)
        .each("f.i", "output", 28, 50_000.0);
    scene.write("usage.csv", &rows.csv());
    let report = scene.calibrate(&[]).json();
    let meter = &report["meters"][0];
    assert_eq!(meter["meter"], "models.m.spend");
    let near = |value: &Value, each: f64| {
        let value = number(value);
        assert!((value - 28.0 * each).abs() < 1e-9, "{value}");
    };
    near(&meter["forecast"], 4.5);
    near(&meter["actual"], 9.75);
    for effect in meter["effects"].as_array().unwrap() {
        let each = if effect["factor"] == "cost" {
            5.25
        } else {
            0.0
        };
        near(&effect["effect"], each);
    }
}

const TWO: &str = r#"[tenants]
pro = 100
[apis.a]
rate_limit = "1000/min"
[apis.a.endpoints]
"/x/" = { credits = 2, cacheable = false }
"/y/" = { credits = 1, cacheable = false }
[features.f]
calls = [
  { id = "x", endpoint = "/x/", rate = "10/day" },
  { id = "y", endpoint = "/y/", rate = "5/day" },
]
"#;

/// Rows of the last days, of which those of the API may stop sooner or begin later.
fn two(api: &[i64], x: &[i64], calls: f64) -> Value {
    let mut rows = Rows::default();
    for back in api {
        rows = rows.on("apis.a", "credits", *back, 2500.0);
    }
    for back in x {
        rows = rows.on("f.x", "calls", *back, calls);
    }
    let scene = Scene::new(TWO);
    let rows = rows.each("f.y", "calls", 28, 500.0).csv();
    scene.write("usage.csv", &rows);
    scene.calibrate(&["--days", "28"]).json()["meters"][0].clone()
}

#[test]
fn a_day_without_rows_is_no_day_of_nothing() {
    let all: Vec<i64> = (1..=28).collect();
    let gap: Vec<i64> = all.iter().copied().filter(|day| *day % 7 != 0).collect();
    // Each row as forecast: no factor moves, whichever days lack one.
    for (api, x) in [
        (&all[..], &all[..]),
        (&all, &all[..8]),
        (&all[..8], &all),
        (&all, &gap),
        (&all[..8], &[]),
        (&[], &all[..8]),
    ] {
        let meter = two(api, x, 1000.0);
        adds_up(&meter);
        let moved = meter["effects"].as_array().unwrap().iter();
        let moved: Vec<&Value> = moved.filter(|it| number(&it["effect"]) != 0.0).collect();
        assert!(moved.is_empty(), "{moved:?}");
        let days = if api.is_empty() { 0 } else { api.len() };
        if days > 0 {
            assert!((number(&meter["actual"]) - 2500.0 * days as f64).abs() < 1e-9);
        }
    }
    // What was measured on 8 days moves those alone.
    let meter = two(&all, &all[..8], 1500.0);
    adds_up(&meter);
    let rate = effect(&meter, "rate", "features.f.calls.x");
    assert!((rate - 8.0 * 1000.0).abs() < 1e-9, "{meter:#}");
    assert!((effect(&meter, "undeclared", "apis.a") + 8.0 * 1000.0).abs() < 1e-9);
}

#[test]
fn units_measured_on_different_days_are_not_divided_by_each_other() {
    let mut rows = Rows::default().each("f.y", "calls", 28, 500.0);
    for back in 1..=28 {
        rows = rows.on("f.x", "occurrences", back, 1000.0);
    }
    for back in 1..=8 {
        rows = rows.on("f.x", "calls", back, 1000.0);
    }
    let scene = Scene::measured(TWO, &rows.csv());
    let meter = scene.calibrate(&["--days", "28"]).json()["meters"][0].clone();
    adds_up(&meter);
    for effect in meter["effects"].as_array().unwrap() {
        assert_eq!(number(&effect["effect"]), 0.0, "{effect}");
    }
}

fn effect(meter: &Value, factor: &str, path: &str) -> f64 {
    let mut effects = meter["effects"].as_array().unwrap().iter();
    let found = effects.find(|it| it["factor"] == factor && it["path"] == path);
    number(&found.unwrap()["effect"])
}
