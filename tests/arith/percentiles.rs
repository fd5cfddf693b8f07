//! Percentiles of draws.

use caplint::quantity::{Graph, Quantity};

use super::{breaking_point, close, model, spread, sum};

#[test]
fn percentiles_are_in_order_and_the_same_for_any_number_of_threads() {
    let mut graph = Graph::new();
    let meters = model(&mut graph, 0..5);
    let probabilities = [0.95, 0.5, 0.0, 0.8, 1.0, 0.9, 0.5];
    let rows = graph.percentiles(&meters, &probabilities, 1);
    for row in &rows {
        let ordered = [row[2], row[1], row[3], row[5], row[0], row[4]];
        assert!(
            ordered.windows(2).all(|pair| pair[0] <= pair[1]),
            "{ordered:?}"
        );
        assert_eq!(row[1], row[6]);
        assert!(ordered[0] < ordered[5]);
    }
    for threads in [0, 2, 7] {
        assert_eq!(graph.percentiles(&meters, &probabilities, threads), rows);
    }
}

#[test]
fn an_added_feature_leaves_the_others_bit_for_bit() {
    let mut alone = Graph::new();
    let before = model(&mut alone, [0, 1, 2]);
    let mut graph = Graph::new();
    let with = model(&mut graph, [7, 2, 9, 0, 1]);
    let p = [0.5, 0.8, 0.9, 0.95];
    let before = alone.percentiles(&before, &p, 2);
    let with = graph.percentiles(&with, &p, 2);
    for (was, is) in [(0, 3), (1, 4), (2, 1)] {
        assert_eq!(before[3 * was..3 * was + 3], with[3 * is..3 * is + 3]);
    }
}

#[test]
fn the_order_of_declarations_does_not_matter_to_the_bit() {
    let (mut graph, mut other) = (Graph::new(), Graph::new());
    let meters = model(&mut graph, [0, 1, 2, 3]);
    let turned = model(&mut other, [3, 1, 2, 0]);
    let p = [0.5, 0.8, 0.95];
    let totals = graph.percentiles(&meters[12..], &p, 1);
    assert_eq!(totals, other.percentiles(&turned[12..], &p, 1));
    let limit = Quantity::certain(2e4);
    for (&meter, &turned) in meters[12..].iter().zip(&turned[12..]) {
        let point = breaking_point(&graph, meter, limit, 0.8);
        assert!(point.is_some());
        assert_eq!(point, breaking_point(&other, turned, limit, 0.8));
    }
}

#[test]
fn without_uncertainty_all_percentiles_are_the_point() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let hit = graph.steady_hit_ratio(k.times(3.0));
    let rows = graph.percentiles(&[Quantity::certain(5.0), k.times(2.0), hit], &[0.1, 0.9], 2);
    assert_eq!(rows, [[5.0; 2], [2.0; 2], [0.75; 2]]);
    assert_eq!(
        [k.times(2.0), hit].map(|q| graph.point_at(q, 3.0)),
        [6.0, 0.9]
    );
}

#[test]
fn negative_multiples_have_their_percentiles_mirrored() {
    let mut graph = Graph::new();
    let x = graph.variable("x", spread(10.0, 3.0), false);
    let rows = graph.percentiles(&[x, x.times(-2.0)], &[0.1, 0.3, 0.7, 0.9], 1);
    for (value, mirrored) in rows[0].iter().zip(rows[1].iter().rev()) {
        assert!(close(-2.0 * value, *mirrored, 1e-12));
    }
}

/// More rows than are held at a time, and values that brackets can't hold.
#[test]
fn many_rows_are_as_good_as_one() {
    let mut graph = Graph::new();
    let x = graph.variable("x", spread(10.0, 3.0), false);
    let many: Vec<Quantity> = (0..400)
        .map(|i| graph.min(x, Quantity::certain(5.0 + 0.05 * f64::from(i))))
        .collect();
    let rows = graph.percentiles(&many, &[0.0, 0.5, 0.8, 0.9, 0.95, 1.0], 2);
    let all = &graph.percentiles(&[x], &[0.0, 0.5, 0.8, 0.9, 0.95, 1.0], 2)[0];
    for (i, row) in rows.iter().enumerate() {
        let cap = 5.0 + 0.05 * i as f64;
        for (value, uncapped) in row.iter().zip(all) {
            assert!(
                close(*value, uncapped.min(cap), 1e-4),
                "{value} {uncapped} {cap}"
            );
        }
    }
}

/// Independent draws: splitmix64 and the Box–Muller transform.
struct Independent(u64);

impl Independent {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 + 1e-17
    }

    fn normals(&mut self) -> [f64; 2] {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        let (sin, cos) = libm::sincos(2.0 * std::f64::consts::PI * self.uniform());
        [radius * cos, radius * sin]
    }
}

/// Sixty variables; meters whose p90 is up to three times their p50: a total, a product, the
/// largest of several, what is left of a capacity, and one of a few variables.
#[test]
fn percentiles_are_near_those_of_independent_draws() {
    const VARIABLES: usize = 60;
    let ratio = |i: usize| 1.15 + 0.2 * (i % 6) as f64;
    let scale = |i: usize| 1.0 + (i * 7 % 11) as f64;
    let mut graph = Graph::new();
    let v: Vec<Quantity> = (0..VARIABLES)
        .map(|i| graph.variable(&format!("features.f{i}.rate"), spread(1.0, ratio(i)), false))
        .collect();
    let pairs: Vec<Quantity> = (4..VARIABLES)
        .map(|i| graph.mul(v[i], v[i % 4]).times(scale(i)))
        .collect();
    let total = sum(&mut graph, &pairs);
    let product = v[6..9]
        .iter()
        .fold(Quantity::ONE, |all, &factor| graph.mul(all, factor));
    let largest = v[12..24]
        .iter()
        .fold(Quantity::ZERO, |all, &one| graph.max(all, one));
    let ratio_of = graph.div(total, v[59]);
    let some = sum(&mut graph, &[v[0], v[5], v[11]]);
    let left = graph.sub(some.times(2.0), v[17]);
    let left = graph.positive(left);
    let meters = [total, product, largest, ratio_of, some, left];
    let p = [0.5, 0.8, 0.9];
    let found = graph.percentiles(&meters, &p, 2);

    let mut random = Independent(42);
    let count = 400_000;
    let mut columns = vec![Vec::with_capacity(count); meters.len()];
    let mut x = [0.0; VARIABLES];
    let s: Vec<f64> = (0..VARIABLES)
        .map(|i| libm::log(ratio(i)) / 1.281_551_565_544_600_4)
        .collect();
    for _ in 0..count {
        for i in (0..VARIABLES).step_by(2) {
            let [a, b] = random.normals();
            x[i] = libm::exp(s[i] * a);
            x[i + 1] = libm::exp(s[i + 1] * b);
        }
        let total: f64 = (4..VARIABLES).map(|i| x[i] * x[i % 4] * scale(i)).sum();
        let some = x[0] + x[5] + x[11];
        let row = [
            total,
            x[6..9].iter().product(),
            x[12..24].iter().fold(0.0, |all: f64, one| all.max(*one)),
            total / x[59],
            some,
            (2.0 * some - x[17]).max(0.0),
        ];
        columns
            .iter_mut()
            .zip(row)
            .for_each(|(column, value)| column.push(value));
    }
    for (i, (column, row)) in columns.iter_mut().zip(&found).enumerate() {
        column.sort_unstable_by(f64::total_cmp);
        assert!(
            row[2] <= 3.0 * row[0],
            "meter {i} is wider than is asked for"
        );
        for (value, p) in row.iter().zip(p) {
            let independent = column[(p * count as f64) as usize];
            let error = value / independent - 1.0;
            assert!(
                error.abs() < 0.015,
                "meter {i}, p{}: {error:+.4}",
                p * 100.0
            );
        }
    }
}

/// The same model with and without a multiplier is evaluated once, and gives the same bits.
#[test]
fn the_multiplier_changes_nothing_at_one() {
    let mut graph = Graph::new();
    let multiplied = model(&mut graph, 0..3);
    let today: Vec<Quantity> = (0..3)
        .map(|i| {
            let tenants = graph.variable(&format!("tiers.{i}"), spread(500.0, 1.4), false);
            let adoption = graph.variable(&format!("{i}.adoption"), spread(0.5, 1.6), true);
            let rate = graph.variable(&format!("{i}.rate"), spread(3.0 + i as f64, 2.0), false);
            let population = graph.mul(tenants, adoption);
            graph.mul(population, rate)
        })
        .collect();
    let p = [0.5, 0.8, 0.95];
    let apart = graph.percentiles(&today, &p, 1);
    let multiplied: Vec<Quantity> = multiplied.into_iter().step_by(3).take(3).collect();
    assert_eq!(graph.percentiles(&multiplied, &p, 1), apart);
}
