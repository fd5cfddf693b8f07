//! What is expected at each percentile, headroom, and what missing and spare credits cost.

use caplint::report::purchases::{Advice, Ahead, Choice, Purchase};

use super::{asking, printed, purchases};

const PACKS: &str = r#"plan = { credits = 300, balance = 50 }
packs = [{ name = "small", credits = 50, price = 6.5 }, { name = "large", credits = 400, price = 36 }]"#;

/// Lognormal demand around 1,000 credits a month.
fn uncertain(api: &str) -> String {
    asking("1", api).replace("credits = 1\n", "credits = { p50 = 1000, p90 = 1600 }\n")
}

/// Independent draws of that: uniform numbers by a linear congruential generator (Knuth's MMIX),
/// made normal by Box and Muller.
fn draws(count: usize) -> Vec<f64> {
    let mut state = 42_u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let s = 1.6_f64.ln() / 1.281_551_565_544_600_4;
    let draw = |_| {
        let (a, b) = (uniform(), uniform());
        let z = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
        1000.0 * (s * z).exp()
    };
    (0..count).map(draw).collect()
}

fn within(found: f64, expected: f64, of: f64) {
    assert!(
        (found - expected).abs() <= 0.02 * of,
        "{found} is not {expected}"
    );
}

fn money(choice: &Choice) -> [f64; 3] {
    let number = |amount: Option<caplint::report::purchases::Amount>| {
        amount
            .expect("an amount")
            .to_string()
            .parse()
            .expect("a number")
    };
    [
        number(Some(choice.price)),
        number(choice.expected_top_up),
        number(choice.expected_total),
    ]
}

/// Compares the options of a first month with draws, by what topping up costs.
fn agrees(first: &Purchase, draws: &[f64], top_up: impl Fn(f64) -> f64) {
    assert_eq!(first.options.len(), 4);
    for (choice, (percentile, chance)) in
        first
            .options
            .iter()
            .zip([("p50", 0.5), ("p80", 0.2), ("p90", 0.1), ("p95", 0.05)])
    {
        assert_eq!(
            (choice.percentile.as_str(), choice.chance_short),
            (percentile, chance)
        );
        let credits = choice
            .buy
            .iter()
            .map(|it| it.count as f64 * if it.pack == "small" { 50.0 } else { 400.0 });
        let bought: f64 = credits.sum();
        let held = 350.0 + bought;
        let mean = |of: &dyn Fn(f64) -> f64| {
            draws.iter().map(|it| of(*it)).sum::<f64>() / draws.len() as f64
        };
        let expected = mean(&|demand| top_up((demand - held).max(0.0)));
        let left_over = mean(&|demand| (50.0 + bought - (demand - 300.0).max(0.0)).max(0.0));
        let [price, topped_up, total] = money(choice);
        within(topped_up, expected, expected);
        within(choice.expected_left_over, left_over, left_over);
        within(total, price + expected, total);
        assert!((total - price - topped_up).abs() < 1e-9);
        assert_eq!(choice.policy, percentile == "p80");
    }
}

#[test]
fn options_agree_with_independent_draws() {
    let draws = draws(400_000);
    let first = &purchases(&uncertain(PACKS))[0];
    agrees(first, &draws, |short| (short / 50.0).ceil() * 6.5);
    // At each percentile the cheapest packs.
    let counts = first
        .options
        .iter()
        .map(|choice| choice.buy.iter().map(|it| it.count).collect::<Vec<_>>());
    assert_eq!(
        counts.collect::<Vec<_>>()[0],
        [5, 1],
        "650 as 1 × 400 and 5 × 50"
    );
    let overage = format!("overage = {{ price = 0.15, per = 1 }}\n{PACKS}");
    agrees(&purchases(&uncertain(&overage))[0], &draws, |short| {
        short * 0.15
    });
}

#[test]
fn a_cheaper_total_elsewhere_is_said() {
    let first = &purchases(&uncertain(PACKS))[0];
    let total = |choice: &Choice| money(choice)[2];
    let best = first
        .options
        .iter()
        .min_by(|a, b| total(a).total_cmp(&total(b)))
        .unwrap();
    assert!(!best.policy);
    assert_eq!(first.cheaper.as_ref(), Some(&best.percentile));
    let told = printed(&uncertain(PACKS), &[]);
    let said = format!("{} has a lower expected total than p80", best.percentile);
    assert!(told.contains(&said), "{told}");
    // The policy's own row is not elsewhere.
    let judged = format!(
        "{}[policy]\nconfidence = \"{}\"\n",
        uncertain(PACKS),
        best.percentile
    );
    assert_eq!(purchases(&judged)[0].cheaper, None);
}

#[test]
fn a_certain_demand_needs_no_options() {
    let told = printed(&asking("1000", PACKS), &[]);
    assert!(!told.contains("How much to buy"), "{told}");
    assert!(printed(&uncertain(PACKS), &[]).contains("How much to buy"));
}

#[test]
fn the_ratio_of_missing_and_spare_is_said_in_words() {
    let api = r#"packs = [{ name = "100k", credits = 100_000, price = 90 }, { name = "2.5M", credits = 2_500_000, price = 1750EXPIRES }]"#;
    let toml = |expires: &str| {
        let api = api.replace("EXPIRES", expires);
        asking("1", &api).replace(
            "credits = 1\n",
            "credits = { p50 = 2_000_000, p90 = 2_500_000 }\n",
        )
    };
    let first = &purchases(&toml(""))[0];
    let it = first.newsvendor.expect("packs are for sale");
    assert_eq!(it.ratio, 4.0);
    assert_eq!(
        (it.missing.to_string(), it.spare.to_string()),
        ("0.0002".to_owned(), "0.00".to_owned())
    );
    assert_eq!(it.advice, Ahead::Buy);
    let told = printed(&toml(""), &[]);
    assert!(
        told.contains("p80 acts as if a missing credit cost 4 times what a spare one does. These packs say: missing 0.0002, spare 0 (credits don't expire): buy ahead."),
        "{told}"
    );
    let expires = purchases(&toml(", expires = \"30d\""))[0]
        .newsvendor
        .unwrap();
    assert_eq!(expires.spare.to_string(), "0.0007");
    assert_eq!(expires.advice, Ahead::Less);
    // A missing credit at exactly four times a spare one: 0.05 less 0.01, and 0.01.
    let even = "packs = [{ name = \"s\", credits = 100, price = 5, max = 1 }, \
                { name = \"l\", credits = 1000, price = 10, expires = \"30d\" }]";
    let even = purchases(&asking("1000", even))[0].newsvendor.unwrap();
    assert_eq!(
        (even.missing.to_string(), even.spare.to_string()),
        ("0.04".to_owned(), "0.01".to_owned())
    );
    assert_eq!(even.advice, Ahead::Buy);
    let median = toml("") + "[policy]\nconfidence = \"p95\"\n";
    assert_eq!(purchases(&median)[0].newsvendor.unwrap().ratio, 19.0);
}

#[test]
fn a_month_of_headroom_is_held_against_an_hour_of_downtime() {
    // 1,600 are held, and 1,000 used: 600 to spare at 0.09.
    let api = "plan = { credits = 400 }\npacks = [{ name = \"p\", credits = 400, price = 36 }]";
    let toml = uncertain(api);
    let of = |cost: &str| {
        let toml = format!("{toml}[risk]\ndowntime_cost_per_hour = {cost}\n");
        let headroom = purchases(&toml)[0].headroom;
        (headroom.price.unwrap().to_string(), headroom.verdict)
    };
    assert_eq!(of("54.00"), ("54.00".to_owned(), Some(Advice::Buy)));
    assert_eq!(of("53.99"), ("54.00".to_owned(), Some(Advice::RunHot)));
    let without = purchases(&toml)[0].headroom;
    assert_eq!((without.downtime, without.verdict), (None, None));
}
