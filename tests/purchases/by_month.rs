//! Month by month, all at once, and events.

use std::collections::BTreeMap;

use caplint::report::purchases::{Covered, Urgency};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{ARTICLE, asking, bought, growing, json, printed, purchases};

/// A pack of the brute force: credits, cents, the most of it, and how many months it lasts.
type Small = (u64, u64, Option<u64>, Option<u64>);

fn packs(packs: &[Small]) -> String {
    let packs = packs
        .iter()
        .enumerate()
        .map(|(i, (credits, cents, max, months))| {
            let max = max.map_or(String::new(), |max| format!(", max = {max}"));
            // A day less than whole months rounds up to them.
            let expires = months.map_or(String::new(), |months| {
                format!(", expires = \"{}d\"", months * 30 - months % 2)
            });
            let price = Decimal::new(*cents as i64, 2);
            format!("{{ name = \"p{i}\", credits = {credits}, price = {price}{max}{expires} }}")
        });
    packs.collect::<Vec<_>>().join(", ")
}

/// The cheapest counts that hold a need, by trying all.
fn cheapest(packs: &[Small], need: u64) -> Option<Vec<u64>> {
    let mut best: Option<(u64, u64, u64, Vec<std::cmp::Reverse<u64>>)> = None;
    let mut counts = vec![0; packs.len()];
    loop {
        let sum = |of: fn(&Small) -> u64| {
            let each = packs.iter().zip(&counts);
            each.map(|(pack, count)| of(pack) * count).sum::<u64>()
        };
        let (credits, cents) = (sum(|it| it.0), sum(|it| it.1));
        if credits >= need {
            let reversed = counts
                .iter()
                .map(|count| std::cmp::Reverse(*count))
                .collect();
            let key = (cents, counts.iter().sum(), credits, reversed);
            if best.as_ref().is_none_or(|best| key < *best) {
                best = Some(key);
            }
        }
        let next = packs.iter().zip(&mut counts).any(|(pack, count)| {
            let room = *count < need.div_ceil(pack.0).min(pack.2.unwrap_or(u64::MAX));
            *count = if room { *count + 1 } else { 0 };
            room
        });
        if !next {
            return best.map(|best| best.3.into_iter().map(|it| it.0).collect());
        }
    }
}

/// Month by month, one credit at a time: the oldest first, of one month what expires sooner.
fn by_hand(
    packs: &[Small],
    plan: u64,
    balance: u64,
    demands: [u64; 3],
) -> Vec<(u64, Vec<u64>, u64, bool)> {
    const NEVER: u64 = u64::MAX;
    // When it was bought, and the last month in which it can be used.
    let mut stock: BTreeMap<(u64, u64), u64> = BTreeMap::from([((0, NEVER), balance)]);
    let mut months = Vec::new();
    for (month, demand) in (1..).zip(demands) {
        let carried: u64 = stock.values().sum();
        let need = demand.saturating_sub(plan).saturating_sub(carried);
        let (counts, is_short) = match cheapest(packs, need) {
            Some(counts) => (counts, false),
            None => (packs.iter().map(|it| it.2.unwrap()).collect(), true),
        };
        for (pack, count) in packs.iter().zip(&counts) {
            let last = pack.3.map_or(NEVER, |months| month + months - 1);
            *stock.entry((month, last)).or_default() += pack.0 * count;
        }
        for _ in 0..demand.saturating_sub(plan) {
            if let Some(left) = stock.values_mut().find(|left| **left > 0) {
                *left -= 1;
            }
        }
        if is_short {
            stock.clear();
        }
        months.push((carried, counts, stock.values().sum(), is_short));
        stock.retain(|(_, last), _| *last > month);
    }
    months
}

fn small() -> impl Strategy<Value = Vec<Small>> {
    let max = prop_oneof![3 => Just(None), 1 => (1_u64..4).prop_map(Some)];
    let months = prop_oneof![2 => Just(None), 1 => (1_u64..4).prop_map(Some)];
    prop::collection::vec((1_u64..14, 0_u64..400, max, months), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn months_agree_with_all_purchases(
        small in small(),
        plan in 0_u64..20,
        balance in 0_u64..20,
        demands in [0_u64..50, 0_u64..50, 0_u64..50],
    ) {
        let api = format!("plan = {{ credits = {plan}, balance = {balance} }}\npacks = [{}]", packs(&small));
        let found = purchases(&growing(demands, &api));
        let expected = by_hand(&small, plan, balance, demands);
        prop_assert_eq!(found.len(), 3);
        for (found, (carried, counts, left_over, is_short)) in found.iter().zip(expected) {
            let names: Vec<String> = (0..counts.len()).map(|i| format!("p{i}")).collect();
            let buy = names.iter().map(String::as_str).zip(counts.iter().copied());
            let buy: Vec<(&str, u64)> = buy.filter(|(_, count)| *count > 0).collect();
            prop_assert_eq!(bought(found), buy);
            let cents: u64 = small.iter().zip(&counts).map(|(pack, count)| pack.1 * count).sum();
            prop_assert_eq!(found.price.0, Decimal::new(cents as i64, 2));
            prop_assert_eq!(found.carried, carried as f64);
            prop_assert_eq!(found.left_over, left_over as f64);
            prop_assert_eq!(found.verdict == Covered::Short, is_short);
        }
    }

    #[test]
    fn with_one_pack_size_months_add_up_to_all_at_once(
        credits in 1_u64..40,
        balance in 0_u64..60,
        demands in [0_u64..90, 0_u64..90, 0_u64..90],
    ) {
        let api = format!("plan = {{ credits = 20, balance = {balance} }}\npacks = [{{ name = \"p\", credits = {credits}, price = 3.10 }}]");
        let months = purchases(&growing(demands, &api));
        let counts = months.iter().flat_map(|month| &month.buy).map(|it| it.count);
        let past: u64 = demands.iter().map(|demand| demand.saturating_sub(20)).sum();
        let at_once = past.saturating_sub(balance).div_ceil(credits);
        // What is carried over covers what would be bought twice.
        prop_assert_eq!(counts.sum::<u64>(), at_once);
    }
}

#[test]
fn all_at_once_says_what_it_saves_and_what_is_paid_earlier() {
    let all = json(&asking("1_000_000", ARTICLE), &[]);
    let at_once = &all["projects"][0]["all_at_once"][0];
    assert_eq!(at_once["api"], "a");
    assert_eq!(at_once["need"], 3_000_000.0);
    // 2 × 500k each month, 2,400.00 in all.
    assert_eq!(at_once["price"], "2150.00");
    assert_eq!(at_once["saving"], "250.00");
    assert_eq!(at_once["earlier"], "1350.00");
    assert_eq!(at_once["lasts"], true);
    let expires = ARTICLE.replace("price = 1750", "price = 1750, expires = \"1mo\"");
    let all = json(&asking("1_000_000", &expires), &[]);
    assert_eq!(all["projects"][0]["all_at_once"][0]["lasts"], false);
}

#[test]
fn what_expires_is_left_over_and_not_carried() {
    let packs =
        |expires: &str| format!("packs = [{{ name = \"p\", credits = 100, price = 9{expires} }}]");
    let kept = purchases(&asking("130", &packs("")));
    let lost = purchases(&asking("130", &packs(", expires = \"30d\"")));
    assert_eq!((kept[0].left_over, kept[1].carried), (70.0, 70.0));
    assert_eq!((lost[0].left_over, lost[1].carried), (70.0, 0.0));
    let counts = |months: &[caplint::report::Purchase]| {
        let counts = months.iter().map(|month| month.buy[0].count);
        counts.collect::<Vec<_>>()
    };
    assert_eq!(
        (counts(&kept), counts(&lost)),
        (vec![2, 1, 1], vec![2, 2, 2])
    );
    // Of what is bought together, what expires sooner is used first.
    let both = "packs = [{ name = \"keeps\", credits = 100, price = 10, max = 1 }, \
                { name = \"expires\", credits = 100, price = 10, max = 1, expires = \"30d\" }]";
    assert_eq!(purchases(&asking("150", both))[1].carried, 50.0);
    // A day more than a month serves the next one too.
    let longer = purchases(&asking("130", &packs(", expires = \"31d\"")));
    assert_eq!(longer[1].carried, 70.0);
}

#[test]
fn what_was_used_costs_what_was_paid_for_it() {
    let packs = "packs = [{ name = \"p\", credits = 300, price = 10 }]";
    let months = purchases(&asking("100", packs));
    let costs: Vec<String> = months
        .iter()
        .map(|month| month.consumed_cost.to_string())
        .collect();
    // Cents are not lost: the three add up to what was paid.
    assert_eq!(costs, ["3.333333", "3.333334", "3.333333"]);
}

#[test]
fn months_are_ordered_before_they_begin() {
    let api = format!("lead_time = \"14d\"\n{ARTICLE}");
    let months = purchases(&asking("1000", &api));
    let told = months
        .iter()
        .map(|month| (month.month.as_str(), month.order_by.as_str(), month.urgency));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            // 2026-11-17 has passed.
            ("2026-12", "2026-11-22", Some(Urgency::OrderNow)),
            ("2027-01", "2026-12-18", None),
            ("2027-02", "2027-01-18", None),
        ]
    );
    // On the last day there is time.
    let on_the_day = format!("lead_time = \"9d\"\n{ARTICLE}");
    let first = &purchases(&asking("1000", &on_the_day))[0];
    assert_eq!(
        (first.order_by.as_str(), first.urgency),
        ("2026-11-22", None)
    );
    assert_eq!(
        json(&asking("1000", &api), &["--months", "14"])["projects"][0]["purchases"][13]["month"],
        "2028-01"
    );
}

const EVENT: &str = "[scenarios.sale]\nrates = { f = 3 }\nlasts = \"6d\"\nbuffer = \"50%\"\n";

#[test]
fn an_event_is_bought_by_itself() {
    let api = format!("plan = {{ credits = 900, balance = 500 }}\nlead_time = \"14d\"\n{ARTICLE}");
    let toml = asking("1000", &api);
    let before = purchases(&toml);
    let with = |on: &str| purchases(&format!("{toml}{EVENT}on = {on}\n"));
    let all = with("2027-01-20");
    assert_eq!(all.len(), 4);
    // Months' own purchases don't change.
    assert_eq!(all[..3], before[..]);
    let event = &all[3];
    assert_eq!(event.event.as_deref(), Some("sale"));
    // Twice as much more, on 6 of 30 days, and half of that on top.
    assert_eq!(event.need.p80, Some(600.0));
    assert_eq!(
        (event.month.as_str(), event.order_by.as_str()),
        ("2027-01", "2027-01-06")
    );
    assert_eq!(event.urgency, None);
    assert_eq!(bought(event), [("100k", 1)]);
    let late = &with("2026-12-01")[3];
    assert_eq!(
        (late.order_by.as_str(), late.urgency),
        ("2026-11-17", Some(Urgency::Overdue))
    );
    let today = &with("2026-12-06")[3];
    assert_eq!(
        (today.order_by.as_str(), today.urgency),
        ("2026-11-22", None)
    );
    // One that is over needs nothing; one that runs does.
    assert_eq!(with("2026-11-16").len(), 3);
    assert_eq!(with("2026-11-17").len(), 4);
}

/// What its month has to spare is said beside it, of the plan and of what is carried.
#[test]
fn what_an_events_month_has_to_spare_is_said() {
    let event = |plan: &str| {
        let api =
            format!("plan = {{ {plan} }}\npacks = [{{ name = \"p\", credits = 400, price = 5 }}]");
        let toml = format!("{}{EVENT}on = 2026-12-20\n", asking("1000", &api));
        let own = purchases(&toml).remove(3);
        assert_eq!((own.need.p80, bought(&own)), (Some(600.0), vec![("p", 2)]));
        let with = own.with_spare.map(|with| {
            let buy = with.buy.iter().map(|it| it.count);
            (with.spare, buy.collect::<Vec<_>>(), with.price.to_string())
        });
        (with, printed(&toml, &[]))
    };
    // 250 of the plan and 50 on hand; two packs for 600 credits, one for the rest of them.
    let (with, text) = event("credits = 1250, balance = 50");
    assert_eq!(with, Some((300.0, vec![1], "5.00".to_owned())));
    let sentence = "sale is bought by itself. 2026-12 has 300 credits to spare: with those, 1 × p \
                    for 5.00 USD are enough.";
    assert!(text.contains(sentence), "{text}");
    // Of a month that buys a pack for 150 credits.
    let (with, _) = event("credits = 850");
    assert_eq!(with, Some((250.0, vec![1], "5.00".to_owned())));
    let (with, text) = event("credits = 1600");
    assert_eq!(with, Some((600.0, vec![], "0.00".to_owned())));
    assert!(
        text.contains("with those, nothing has to be bought for it."),
        "{text}"
    );
    // Nothing to spare, and too little to save a pack.
    for plan in ["credits = 1000", "credits = 1150"] {
        let (with, text) = event(plan);
        assert_eq!(with, None, "{plan}");
        assert!(!text.contains("to spare"), "{text}");
    }
}

#[test]
fn months_after_the_last_projection_are_said() {
    let text = |tenants: &str, months: &str| {
        let toml = growing([100, 200, 300], ARTICLE);
        let (_, rest) = toml.split_once("}\n").unwrap();
        let toml = format!("[tenants]\nt = {tenants}\nother = {{ now = 5, 90d = 6 }}\n{rest}");
        printed(&toml, &["--months", months])
    };
    let flat = "from 2027-02 on, months are planned with the count of that day";
    let said = text("{ now = 100, 30d = 200, 45d = 300 }", "3");
    assert!(
        said.contains(&format!("`tenants.t` is projected up to day 45: {flat}.")),
        "{said}"
    );
    assert!(!said.contains("tenants.other"), "{said}");
    let said = text("{ now = 100, 90d = 200 }", "5");
    assert!(
        said.contains("`tenants.other`, `tenants.t` are projected up to day 90: from 2027-04 on"),
        "{said}"
    );
    let said = text("100", "2");
    assert!(
        said.contains("`tenants.t` is not projected: every month is planned with today's count."),
        "{said}"
    );
    // As many months as are projected, and growth without an end.
    for (tenants, months) in [
        ("{ now = 100, 90d = 200 }", "4"),
        ("{ now = 100, growth = \"5%/month\" }", "4"),
        ("100", "1"),
    ] {
        let said = text(tenants, months);
        assert!(!said.contains("projected"), "{said}");
    }
}

#[test]
fn several_apis_are_each_by_themselves() {
    let toml = asking("1000", ARTICLE)
        + "[apis.b]\nplan = { credits = 5 }\n[apis.c]\nrate_limit = \"5/s\"\n";
    let all = purchases(&toml);
    let apis: Vec<&str> = all.iter().map(|it| it.api.as_str()).collect();
    assert_eq!(apis, ["a", "a", "a", "b", "b", "b"]);
}

/// Credits to spare are there once: the first event of a month may use them.
#[test]
fn events_of_a_month_share_what_it_has_to_spare() {
    let api = "plan = { credits = 1350 }\npacks = [{ name = \"p\", credits = 400, price = 5 }]";
    let event = |name: &str, on: &str| {
        format!(
            "[scenarios.{name}]\nrates = {{ f = 3 }}\nlasts = \"6d\"\nbuffer = \"50%\"\non = {on}\n"
        )
    };
    let both = |first: &str, second: &str| {
        let toml = asking("1000", api) + &event("b", first) + &event("a", second);
        let all = purchases(&toml);
        let all = all.iter().filter_map(|it| {
            let spare = it.with_spare.as_ref().map(|with| with.spare);
            Some((it.event.clone()?, spare))
        });
        all.collect::<Vec<_>>()
    };
    let named = |name: &str, spare| (name.to_owned(), spare);
    let first = [named("b", Some(350.0)), named("a", None)];
    assert_eq!(both("2026-12-10", "2026-12-20"), first);
    // In the order of their days; of two months each has its own.
    let each = [named("a", Some(350.0)), named("b", Some(350.0))];
    assert_eq!(both("2027-01-10", "2026-12-20"), each);
}

#[test]
fn an_event_of_no_planned_month_is_said_and_not_paid_in_one() {
    let api = "plan = { credits = 900 }\npacks = [{ name = \"p\", credits = 400, price = 5_000 }]";
    let of = |on: &str| {
        let toml = format!("{}{EVENT}on = {on}\n", asking("1000", api));
        let found = super::json(&toml, &[]);
        let plan = &found["projects"][0];
        let cash = plan["cash"].as_array().unwrap().iter();
        let is_paid = cash.clone().any(|it| it["part"] == "sale");
        (
            is_paid,
            plan["notes"]
                .to_string()
                .contains("Payments leave out `sale`")
                && plan["notes"].to_string().contains(", 10,000.00 USD: "),
        )
    };
    assert_eq!(of("2026-11-28"), (false, true));
    assert_eq!(of("2028-12-01"), (false, true));
    assert_eq!(of("2026-12-20"), (true, false));
}

#[test]
fn rows_of_events_say_so_and_what_is_billed_as_used() {
    let toml = format!(
        "{}{EVENT}on = 2026-12-20\n",
        asking("1000", "overage = { price = 1, per = 100 }")
    );
    let csv = printed(&toml, &["--format", "csv"]);
    let used = csv.lines().filter(|row| row.contains(" as used"));
    assert_eq!(used.count(), 4, "{csv}");
    assert_eq!(csv.matches("as used (event sale)").count(), 1, "{csv}");
}
