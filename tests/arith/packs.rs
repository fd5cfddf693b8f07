//! The exact search against all purchases of small instances, and by hand against large ones.

use std::cmp::Reverse;

use caplint::packs::{Catalogue, Pack, Purchase, Unsolved, cheapest};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn pack(credits: f64, price: &str, max: Option<u64>) -> Pack {
    Pack {
        name: format!("{credits}"),
        credits,
        price: price.parse().unwrap(),
        max,
    }
}

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn buy(packs: &[Pack], need: f64) -> Purchase {
    cheapest(packs, need).unwrap().unwrap()
}

/// All purchases in which no pack is more than enough by itself, the best one of them.
fn brute_force(packs: &[Pack], need: u64) -> Option<(Vec<u64>, Decimal, u64)> {
    let mut best = None;
    let mut counts = vec![0; packs.len()];
    loop {
        let credits: u64 = packs
            .iter()
            .zip(&counts)
            .map(|(pack, count)| pack.credits as u64 * count)
            .sum();
        if credits >= need {
            let price: Decimal = packs
                .iter()
                .zip(&counts)
                .map(|(pack, count)| pack.price * Decimal::from(*count))
                .sum();
            let total: u64 = counts.iter().sum();
            let key = (price, total, credits, Reverse(counts.clone()));
            if best.as_ref().is_none_or(|best| key < *best) {
                best = Some(key);
            }
        }
        let next = packs.iter().zip(&mut counts).any(|(pack, count)| {
            let most = if pack.credits > 0.0 {
                need.div_ceil(pack.credits as u64)
            } else {
                1
            };
            let room = *count < most.min(pack.max.unwrap_or(u64::MAX));
            *count = if room { *count + 1 } else { 0 };
            room
        });
        if !next {
            return best.map(|(price, _, credits, Reverse(counts))| (counts, price, credits));
        }
    }
}

fn small_packs() -> impl Strategy<Value = Vec<Pack>> {
    let max = prop_oneof![3 => Just(None), 2 => (0_u64..5).prop_map(Some)];
    let pack = (0_u64..14, 0_i64..16, max).prop_map(|(credits, cents, max)| Pack {
        name: String::new(),
        credits: credits as f64,
        price: Decimal::new(cents * 25, 2),
        max,
    });
    prop::collection::vec(pack, 0..5)
}

/// Packs of one price per credit, where only the breaking of ties decides.
fn level_packs() -> impl Strategy<Value = Vec<Pack>> {
    prop::collection::vec((1_u64..9, prop::option::of(1_u64..4)), 1..5).prop_map(|packs| {
        let pack = |(credits, max): (u64, Option<u64>)| Pack {
            name: String::new(),
            credits: credits as f64,
            price: Decimal::from(credits * 3),
            max,
        };
        packs.into_iter().map(pack).collect()
    })
}

fn agrees(packs: &[Pack], need: u64) -> Result<(), TestCaseError> {
    let found = cheapest(packs, need as f64).unwrap();
    let expected = brute_force(packs, need);
    prop_assert_eq!(
        found
            .as_ref()
            .map(|found| (found.counts.clone(), found.price, found.credits as u64)),
        expected.clone()
    );
    if let (Some(found), Some((_, _, credits))) = (found, expected) {
        prop_assert_eq!(found.left_over, (credits - need) as f64);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    #[test]
    fn small_instances_agree_with_all_purchases(packs in small_packs(), need in 0_u64..40) {
        agrees(&packs, need)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn ties_agree_with_all_purchases(packs in level_packs(), need in 0_u64..30) {
        agrees(&packs, need)?;
    }

    #[test]
    fn scaling_all_numbers_changes_no_count(packs in small_packs(), need in 0_u64..200, power in -3_i32..13) {
        let factor = 10_f64.powi(power);
        let scaled: Vec<Pack> = packs.iter().map(|pack| Pack {
            credits: format!("{}e{power}", pack.credits).parse().unwrap(),
            price: pack.price / Decimal::from(1_000),
            ..pack.clone()
        }).collect();
        let scaled_need: f64 = format!("{need}e{power}").parse().unwrap();
        let counts = |found: Option<Purchase>| found.map(|found| found.counts);
        prop_assert_eq!(
            counts(cheapest(&scaled, scaled_need).unwrap()),
            counts(cheapest(&packs, need as f64).unwrap()),
            "{}", factor
        );
    }

    #[test]
    fn most_credits_is_the_inverse(packs in small_packs(), budget in 0_i64..200) {
        let catalogue = Catalogue::new(&packs).unwrap();
        let budget = Decimal::new(budget * 20, 2);
        let most = catalogue.most_credits_within(budget).unwrap();
        if most.is_finite() {
            prop_assert!(catalogue.cheapest_price(most).unwrap().unwrap() <= budget);
            let dearer = catalogue.cheapest_price(most + 0.5).unwrap();
            prop_assert!(dearer.is_none_or(|price| price > budget), "{:?}", dearer);
        } else {
            prop_assert_eq!(catalogue.cheapest_price(1e9).unwrap(), Some(Decimal::ZERO));
        }
    }

    #[test]
    fn any_numbers_are_answered_or_refused(
        numbers in prop::collection::vec((any::<f64>(), any::<i64>(), 0_u32..29, any::<Option<u64>>()), 0..6),
        need in any::<f64>(),
        budget in any::<i64>(),
    ) {
        let packs: Vec<Pack> = numbers.into_iter().map(|(credits, price, scale, max)| Pack {
            name: String::new(), credits: credits.abs(), price: Decimal::new(price, scale).abs(), max,
        }).collect();
        if let Ok(catalogue) = Catalogue::new(&packs) {
            if let Ok(Some(purchase)) = catalogue.cheapest(need) {
                prop_assert!(purchase.left_over >= 0.0);
                prop_assert!(purchase.credits >= need || need < 0.0);
            }
            let _ = catalogue.most_credits_within(Decimal::from(budget));
        }
    }
}

#[test]
fn nothing_is_bought_for_nothing() {
    let packs = [pack(100.0, "1", None)];
    for need in [0.0, -0.0, -5.0, f64::NEG_INFINITY] {
        assert_eq!(
            buy(&packs, need),
            Purchase {
                counts: vec![0],
                price: Decimal::ZERO,
                credits: 0.0,
                left_over: 0.0
            }
        );
    }
    assert_eq!(
        cheapest(&[], 0.0).unwrap().unwrap().counts,
        Vec::<u64>::new()
    );
    assert_eq!(cheapest(&[], 1.0), Ok(None));
    assert_eq!(cheapest(&packs, f64::NAN), Err(Unsolved::OutOfRange));
    assert_eq!(cheapest(&packs, f64::INFINITY), Ok(None));
}

#[test]
fn the_maxima_can_stand_in_the_way() {
    let packs = [
        pack(100.0, "1", Some(3)),
        pack(50.0, "1", Some(1)),
        pack(7.0, "0", Some(0)),
    ];
    assert_eq!(buy(&packs, 350.0).counts, [3, 1, 0]);
    assert_eq!(cheapest(&packs, 350.5), Ok(None));
    assert_eq!(cheapest(&packs, 1e300), Ok(None));
}

#[test]
fn the_cheapest_is_not_the_greedy_purchase() {
    // 6 at 2.00 a credit is the best price per credit, yet two of 5 cover 10 for less than 6 + 5.
    let packs = [pack(6.0, "11.90", None), pack(5.0, "10", None)];
    let bought = buy(&packs, 10.0);
    assert_eq!(
        (bought.counts, bought.price, bought.left_over),
        (vec![0, 2], money("20"), 0.0)
    );
}

#[test]
fn ties_take_fewer_packs_then_less_left_over_then_the_earlier() {
    let fewer = [pack(1.0, "1", None), pack(2.0, "2", None)];
    assert_eq!(buy(&fewer, 4.0).counts, [0, 2]);
    let less = [pack(8.0, "5", None), pack(7.0, "5", None)];
    assert_eq!(buy(&less, 6.0).counts, [0, 1]);
    let same = [pack(7.0, "5", Some(1)), pack(7.0, "5", None)];
    assert_eq!(buy(&same, 14.0).counts, [1, 1]);
    let mixed = [
        pack(1.0, "1", None),
        pack(2.0, "2", None),
        pack(3.0, "3", None),
    ];
    assert_eq!(buy(&mixed, 4.0).counts, [1, 0, 1]);
    // Two of the first or one of each of the next: what is left is the same for both.
    let alike = [
        pack(2.0, "2", Some(2)),
        pack(3.0, "3", Some(1)),
        pack(1.0, "1", Some(1)),
        pack(10.0, "100", None),
        pack(7.0, "99", None),
    ];
    assert_eq!(buy(&alike, 14.0).counts, [2, 0, 0, 1, 0]);
}

#[test]
fn credits_are_the_decimals_they_are_written_as() {
    let packs = [pack(0.1, "0.10", None)];
    let bought = buy(&packs, 0.3);
    assert_eq!(
        (bought.counts, bought.price, bought.left_over),
        (vec![3], money("0.3"), 0.0)
    );
    let bought = buy(&packs, 0.25);
    assert_eq!((bought.credits, bought.left_over), (0.3, 0.05));
}

#[test]
fn large_numbers_cost_no_more_than_small_ones() {
    let packs = [
        pack(1.0, "0.01", None),
        pack(1e3, "9.99", None),
        pack(1e6, "7999.95", None),
        pack(1e9, "5999999.99", None),
    ];
    let bought = buy(&packs, 1e15);
    assert_eq!(
        (bought.counts, bought.price),
        (vec![0, 0, 0, 1_000_000], money("5999999990000"))
    );
    // 999,999 of the largest leave 750,003,000, which cost 5,999,992.47 by the million and the
    // thousand; at 750,004,000 they cost 6,000,002.46, more than another thousand million.
    let bought = buy(&packs, 999_999_750_003_000.0);
    assert_eq!(
        (bought.counts, bought.left_over),
        (vec![0, 3, 750, 999_999], 0.0)
    );
    let bought = buy(&packs, 999_999_750_004_000.0);
    assert_eq!(
        (bought.counts, bought.left_over),
        (vec![0, 0, 0, 1_000_000], 249_996_000.0)
    );
    assert_eq!(buy(&packs, 1e21).counts, [0, 0, 0, 1_000_000_000_000]);
    assert_eq!(cheapest(&packs, 1e300), Err(Unsolved::OutOfRange));
    let catalogue = Catalogue::new(&packs).unwrap();
    assert_eq!(
        catalogue.most_credits_within(money("5999999990000")),
        Ok(1e15)
    );
    assert_eq!(
        catalogue.most_credits_within(money("5999999990000.01")),
        Ok(1e15 + 1.0)
    );
}

#[test]
fn one_price_per_credit_is_settled_at_any_size() {
    let level = [pack(1e3, "10", None), pack(100.0, "1", None)];
    assert_eq!(buy(&level, 1e15 + 50.0).counts, [1_000_000_000_000, 1]);
    // A third pack, never bought, keeps the relaxation from being exact.
    let odd = [
        pack(1e3, "10", None),
        pack(100.0, "1", None),
        pack(1.0, "0.99", None),
    ];
    assert_eq!(buy(&odd, 1e15 + 50.0).counts, [1_000_000_000_000, 1, 0]);
    let coprime = [
        pack(1e9, "10000000", None),
        pack(999_999.0, "9999.99", None),
    ];
    assert_eq!(buy(&coprime, 1e15).counts, [1_000_000, 0]);
    let wide = [pack(1e9, "10000000", None), pack(1.0, "0.01", None)];
    assert_eq!(buy(&wide, 1e15 + 5e8).counts, [1_000_000, 500_000_000]);
}

#[test]
fn linear_prices_and_odd_needs_are_settled() {
    let packs = [
        pack(1e3, "1", None),
        pack(1e4, "10", None),
        pack(1e5, "100", None),
        pack(1e6, "1000", Some(2)),
    ];
    let bought = buy(&packs, 2_123_456.789);
    assert_eq!(
        (bought.counts, bought.price),
        (vec![4, 2, 1, 2], money("2124"))
    );
    assert_eq!(bought.left_over, 543.211);
}

#[test]
fn free_packs_are_taken_first() {
    let packs = [
        pack(10.0, "0", Some(2)),
        pack(10.0, "3", None),
        pack(0.0, "0", None),
    ];
    let bought = buy(&packs, 45.0);
    assert_eq!((bought.counts, bought.price), (vec![2, 3, 0], money("9")));
    let free = [pack(10.0, "0", None), pack(30.0, "0", None)];
    assert_eq!(buy(&free, 65.0).counts, [1, 2]);
    assert_eq!(buy(&free, 75.0).counts, [0, 3]);
    assert_eq!(
        Catalogue::new(&free)
            .unwrap()
            .most_credits_within(Decimal::ZERO),
        Ok(f64::INFINITY)
    );
}

/// 10^16 + 3 is no binary number: the nearest is 10^16 + 4, which is more than can be had.
#[test]
fn the_most_credits_are_rounded_down() {
    let packs = [pack(1e16, "1", Some(1)), pack(3.0, "1", Some(1))];
    let catalogue = Catalogue::new(&packs).unwrap();
    let most = catalogue.most_credits_within(money("2"));
    assert_eq!(most, Ok(10_000_000_000_000_002.0));
}

#[test]
fn numbers_without_exact_arithmetic_are_refused() {
    let refused = |packs: &[Pack]| matches!(Catalogue::new(packs), Err(Unsolved::OutOfRange));
    assert!(refused(&[pack(-1.0, "1", None)]));
    assert!(refused(&[pack(f64::NAN, "1", None)]));
    assert!(refused(&[pack(1.0, "-1", None)]));
    assert!(refused(&[pack(1e-300, "1", None), pack(1e300, "1", None)]));
    // What nobody can buy stands in no one's way.
    assert!(!refused(&[
        pack(1e-300, "1", Some(0)),
        pack(1e300, "1", None)
    ]));
    assert!(Catalogue::new(&vec![pack(1.0, "1", None); 256]).is_ok());
    assert!(matches!(
        Catalogue::new(&vec![pack(1.0, "1", None); 257]),
        Err(Unsolved::TooMany)
    ));
    let dear = [pack(1.0, "79228162514264337593543950335", None)];
    assert_eq!(cheapest(&dear, 2.0), Err(Unsolved::OutOfRange));
}

/// Packs whose credits have no common divisor, all of nearly one price per credit.
fn intricate(count: u64) -> Vec<Pack> {
    let mut state = 7_u64;
    let mut packs = Vec::new();
    for _ in 0..count {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let credits = 500_000_000 + (state >> 33) % 500_000_000;
        packs.push(pack(
            credits as f64,
            &format!("{}", Decimal::from(credits)),
            None,
        ));
    }
    packs
}

#[test]
fn what_is_too_intricate_still_covers_and_is_bounded() {
    let packs = intricate(12);
    match cheapest(&packs, 1e15 + 0.5) {
        Err(Unsolved::TooIntricate { best, at_least }) => {
            let best = best.unwrap();
            assert!(best.credits >= 1e15 && best.left_over >= 0.0);
            assert!(at_least <= best.price && at_least >= money("1000000000000000"));
        }
        other => panic!("{other:?}"),
    }
}

/// Random packs: how many, credits below, thousandths by which their prices per credit differ,
/// and whether they have maxima.
fn random(seed: u64, count: u64, below: u64, spread: u64, bounded: bool) -> (Vec<Pack>, f64) {
    let mut state = seed;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut packs = Vec::new();
    for _ in 0..count {
        let credits = 1 + next(below);
        let cents = credits * (1_000 + next(spread + 1)) / 100;
        let max = bounded.then(|| 1 + next(6));
        packs.push(pack(
            credits as f64,
            &Decimal::new(cents as i64, 2).to_string(),
            max,
        ));
    }
    let all: f64 = packs
        .iter()
        .map(|pack| pack.credits * pack.max.unwrap_or(0) as f64)
        .sum();
    let need = if bounded {
        (all * 0.6).floor()
    } else {
        next(1 << 31) as f64 * 1_000.0
    };
    (packs, need)
}

#[test]
fn usual_catalogues_are_settled_within_the_work() {
    for seed in 1..=20 {
        for (count, below, spread, bounded) in [
            (8, 1_000_000, 300, false),
            (20, 1_000_000, 30, true),
            (10, 1_000, 0, false),
            (10, 2_000, 20, false),
            (2, 1_000_000_000, 0, false),
            (6, 100_000, 200, true),
            (12, 10_000, 5, true),
        ] {
            let (packs, need) = random(seed, count, below, spread, bounded);
            let catalogue = Catalogue::new(&packs).unwrap();
            let case = format!("{count} below {below}, spread {spread}, seed {seed}");
            assert!(
                catalogue.cheapest(need).unwrap().unwrap().credits >= need,
                "{case}"
            );
            assert!(
                catalogue
                    .most_credits_within(Decimal::from(need as u64))
                    .is_ok(),
                "{case}"
            );
        }
    }
}
