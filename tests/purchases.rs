//! What to buy, in which packs, and when.

mod by_month;
mod expected;
mod formats;

use std::process::Output;

use caplint::report::purchases::{Covered, Purchase};
use serde_json::Value;

use crate::support::lint::{check_with, findings};
use crate::support::repo::Repo;

/// A project whose API `a` has these keys, and is asked for so many credits a month.
fn asking(credits: &str, api: &str) -> String {
    format!(
        "[apis.a]\n{api}\n[apis.a.endpoints.\"/x\"]\ncredits = 1\n\
         [features.f]\n[[features.f.calls]]\nid = \"x\"\nendpoint = \"/x\"\nper = \"project\"\nrate = \"{credits}/month\"\n"
    )
}

/// The same where what is asked for changes: so many credits in each of three months.
fn growing([first, second, third]: [u64; 3], api: &str) -> String {
    format!(
        "[tenants]\nt = {{ now = {first}, 30d = {second}, 60d = {third} }}\n[apis.a]\n{api}\n\
         [apis.a.endpoints.\"/x\"]\ncredits = 1\n\
         [features.f]\n[[features.f.calls]]\nid = \"x\"\nendpoint = \"/x\"\nrate = \"1/month\"\n"
    )
}

/// What the report of a project says is to be bought, as of 2026-11-22.
fn purchases(toml: &str) -> Vec<Purchase> {
    let mut report = check_with(&[("capacity.toml", toml)], |_| {});
    report.projects.remove(0).purchases
}

fn run(repo: &Repo, arguments: &[&str]) -> Output {
    repo.caplint()
        .args(["purchases", "--as-of", "2026-11-22"])
        .args(arguments)
        .output()
        .expect("caplint runs")
}

/// What the command prints of a project.
fn printed(toml: &str, arguments: &[&str]) -> String {
    let repo = Repo::folder();
    repo.write("capacity.toml", toml);
    let output = run(&repo, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn json(toml: &str, arguments: &[&str]) -> Value {
    let arguments = [&["--json"], arguments].concat();
    serde_json::from_str(&printed(toml, &arguments)).expect("JSON")
}

/// The names and counts of packs.
fn bought(purchase: &Purchase) -> Vec<(&str, u64)> {
    let bought = purchase.buy.iter();
    bought.map(|it| (it.pack.as_str(), it.count)).collect()
}

const ARTICLE: &str = r#"packs = [
  { name = "100k", credits = 100_000, price = 90 },
  { name = "500k", credits = 500_000, price = 400 },
  { name = "2.5M", credits = 2_500_000, price = 1750 },
]"#;

#[test]
fn four_packs_of_the_article_cost_less_than_topping_up() {
    let first = &purchases(&asking("2_000_000", ARTICLE))[0];
    assert_eq!(bought(first), [("500k", 4)]);
    assert_eq!(first.price.to_string(), "1600.00");
    assert_eq!(first.top_up.unwrap().price.to_string(), "1800.00");
    assert_eq!(first.per_credit.unwrap().to_string(), "0.0008");
    assert_eq!(first.need.p80, Some(2_000_000.0));
    assert_eq!(first.verdict, Covered::Covered);
}

#[test]
fn from_some_point_on_the_large_pack_costs_less() {
    let first = &purchases(&asking("2_400_000", ARTICLE))[0];
    assert_eq!(bought(first), [("2.5M", 1)]);
    assert_eq!(first.price.to_string(), "1750.00");
    assert_eq!(first.top_up.unwrap().price.to_string(), "2160.00");
    assert_eq!(first.left_over, 100_000.0);
    // Its credits carry over.
    let second = &purchases(&asking("2_400_000", ARTICLE))[1];
    assert_eq!(second.carried, 100_000.0);
    assert_eq!(second.need.p80, Some(2_300_000.0));
}

#[test]
fn what_rounding_adds_buys_no_pack() {
    // 2,000,000 tenants at one a month come to a little more than that.
    for (credits, count) in [("2_000_000", 4), ("2_000_000.1", 5)] {
        let first = &purchases(&asking(
            credits,
            "packs = [{ name = \"p\", credits = 500_000, price = 400 }]",
        ))[0];
        assert_eq!(bought(first), [("p", count)], "{credits}");
        // Nor is one topped up.
        let top_ups = first
            .options
            .iter()
            .map(|it| it.expected_top_up.unwrap().to_string());
        assert_eq!(top_ups.collect::<Vec<_>>(), ["0.00"; 4], "{credits}");
    }
}

#[test]
fn a_pack_holds_something() {
    let found = |credits: &str| {
        let packs = format!("packs = [{{ name = \"p\", credits = {credits}, price = 1 }}]");
        let toml = asking("10", &packs);
        findings("invalid-value", &toml)
    };
    let refused = found("0");
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].subject, "apis.a.packs.0.credits");
    assert_eq!(found("1").len(), 0);
}

#[test]
fn a_project_with_nothing_to_buy_says_so() {
    for toml in [
        "[tenants]\nfree = 10\n",
        &asking("10", "rate_limit = \"5/s\""),
    ] {
        let all = json(toml, &[]);
        assert_eq!(all["projects"][0]["purchases"], Value::Array(Vec::new()));
        let told = printed(toml, &[]);
        assert!(told.contains("Nothing to buy"), "{told}");
    }
    let told = printed(&asking("10", ARTICLE), &[]);
    assert!(!told.contains("Nothing to buy"), "{told}");
}

#[test]
fn a_month_without_a_need_stands_in_the_list() {
    let plan = "plan = { credits = 3000 }";
    let all = purchases(&asking("2000", plan));
    assert_eq!(all.len(), 3);
    for month in &all {
        assert_eq!(month.verdict, Covered::NotNeeded);
        assert!(month.buy.is_empty());
        assert_eq!(month.price.to_string(), "0.00");
        assert_eq!(month.per_credit, None);
    }
    let all = purchases(&asking("4000", plan));
    assert_eq!(all[0].verdict, Covered::Short);
    assert_eq!(all[0].top_up, None);
}

/// A line of which nobody knows how often it occurs.
const UNKNOWN: &str =
    "[[features.f.calls]]\nid = \"y\"\nendpoint = \"/x\"\nper = \"project\"\nrate = \"unknown\"\n";

#[test]
fn an_unknown_demand_is_a_lower_bound() {
    let toml = asking(
        "2000",
        "packs = [{ name = \"p\", credits = 1000, price = 1 }]",
    );
    let unknown = toml.clone() + UNKNOWN;
    assert!(!purchases(&toml)[0].lower_bound);
    let first = &purchases(&unknown)[0];
    assert!(first.lower_bound);
    assert_eq!(bought(first), [("p", 2)]);
    assert!(printed(&unknown, &[]).contains("≥2,000"));
    assert!(!printed(&toml, &[]).contains('≥'));
}

#[test]
fn packs_that_cannot_cover_are_short() {
    let packs = r#"plan = { credits = 0, balance = 50 }
packs = [{ name = "p", credits = 100, price = 9, max = 3 }, { name = "q", credits = 10, price = 1, max = 2 }]"#;
    let all = purchases(&asking("1000", packs));
    let first = &all[0];
    assert_eq!(first.verdict, Covered::Short);
    assert_eq!(bought(first), [("p", 3), ("q", 2)]);
    assert_eq!(first.price.to_string(), "29.00");
    assert_eq!(first.top_up, None);
    assert_eq!(first.left_over, 0.0);
    assert_eq!(all[1].carried, 0.0);
    // The same can be bought again next month.
    assert_eq!(bought(&all[1]), [("p", 3), ("q", 2)]);
    assert_eq!(first.short_by, Some(630.0));
    let text = printed(&asking("1000", packs), &[]);
    for said in [
        "2026-12 runs short by 630 credits, even with all packs that can be bought.",
        "2027-01 to 2027-02 each run short by 680 credits, even with all packs that can be bought.",
        "All 3 months at once: the declared packs can't cover them: 2,630 credits are missing.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let unknown = asking("1000", packs) + UNKNOWN;
    let said = "2026-12 runs short by at least 630 credits";
    assert!(printed(&unknown, &[]).contains(said));
    let without = printed(&asking("1000", "plan = { credits = 400 }"), &[]);
    let said = "2026-12 to 2027-02 each run short by 600 credits: there are no packs to buy.";
    assert!(without.contains(said), "{without}");
    assert_eq!(
        purchases(&asking("370", packs))[0].verdict,
        Covered::Covered
    );
    assert_eq!(purchases(&asking("370", packs))[0].short_by, None);
}

#[test]
fn without_packs_there_is_overage_only() {
    let overage = "plan = { credits = 1000 }\noverage = { price = 0.25, per = 100 }";
    let first = &purchases(&asking("5000", overage))[0];
    assert!(first.buy.is_empty());
    assert_eq!(first.overage, 4000.0);
    assert_eq!(first.price.to_string(), "10.00");
    assert_eq!(first.top_up.unwrap().price, first.price);
    assert_eq!(first.verdict, Covered::Covered);
    assert_eq!(first.left_over, 0.0);
    // It is billed as it is used, and not bought at once.
    let text = printed(&asking("5000", overage), &[]);
    assert!(!text.contains("at once"), "{text}");
    let graduated = "overage = [{ up_to = 1000, price = 0, per = 1 }, { up_to = 3000, price = 0.01, per = 1 }, { price = 0.5, per = 100 }]";
    let first = &purchases(&asking("5000", graduated))[0];
    assert_eq!(first.price.to_string(), "30.00");
}

#[test]
fn packs_are_bought_where_they_cost_less_than_overage() {
    let with = |packs: &str, credits: &str| {
        let api = format!("overage = {{ price = 1, per = 100 }}\npacks = [{packs}]");
        purchases(&asking(credits, &api)).remove(0)
    };
    // 1,000 credits cost 10 as overage.
    let dear = with("{ name = \"p\", credits = 1000, price = 10 }", "1000");
    assert!(dear.buy.is_empty(), "no dearer is not cheaper");
    let cheap = with("{ name = \"p\", credits = 1000, price = 9.99 }", "1000");
    assert_eq!(bought(&cheap), [("p", 1)]);
    assert_eq!(cheap.price.to_string(), "9.99");
    assert_eq!(cheap.top_up.unwrap().price.to_string(), "10.00");
    // A pack that is mostly not needed is dearer than the little that is used.
    assert!(
        with("{ name = \"p\", credits = 1000, price = 9.99 }", "500")
            .buy
            .is_empty()
    );
    // What can't cover the need is bought where its credits are cheaper, and that is not short.
    let mixed = with(
        "{ name = \"p\", credits = 100, price = 0.5, max = 3 }, { name = \"q\", credits = 100, price = 1.5, max = 1 }",
        "1000",
    );
    assert_eq!(bought(&mixed), [("p", 3)]);
    assert_eq!(mixed.overage, 700.0);
    assert_eq!(mixed.price.to_string(), "8.50");
    assert_eq!(mixed.verdict, Covered::Covered);
    assert_eq!(mixed.top_up.unwrap().price.to_string(), "10.00");
    // As dear as overage is not cheaper.
    let as_dear = with(
        "{ name = \"p\", credits = 100, price = 0.5, max = 3 }, { name = \"q\", credits = 100, price = 1, max = 1 }",
        "1000",
    );
    assert_eq!((bought(&as_dear), as_dear.overage), (vec![("p", 3)], 700.0));
}

#[test]
fn ties_go_to_the_fewest_packs_then_the_least_left_over_then_the_first() {
    let all = |packs: &str| purchases(&asking("1000", &format!("packs = [{packs}]"))).remove(0);
    let fewest = all(
        "{ name = \"a\", credits = 500, price = 5 }, { name = \"b\", credits = 1200, price = 10 }",
    );
    assert_eq!(bought(&fewest), [("b", 1)]);
    let least = all(
        "{ name = \"a\", credits = 1500, price = 5 }, { name = \"b\", credits = 1200, price = 5 }",
    );
    assert_eq!(bought(&least), [("b", 1)]);
    let first = all(
        "{ name = \"a\", credits = 1000, price = 5 }, { name = \"b\", credits = 1000, price = 5 }",
    );
    assert_eq!(bought(&first), [("a", 1)]);
}
