//! What is computed for many draws at a time is what the definition of each operation says.

use caplint::quantity::{DRAWS, Graph, Quantity, RunningSum};

use super::{close, spread};

/// Every kind of expression, some infinite for some draws, of some variables and the multiplier.
fn some_of_each(graph: &mut Graph, variables: &[Quantity], count: usize) -> Vec<Quantity> {
    let mut all = variables.to_vec();
    let mut state = 7u64;
    for _ in 0..count {
        let mut pick = |n: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as usize % n
        };
        let a = all[pick(all.len())].times([1.0, 2.5, 0.01][pick(3)]);
        let (b, c) = (all[pick(all.len())], all[pick(all.len())]);
        let mut sum = RunningSum::default();
        (0..pick(7)).for_each(|_| sum.add(all[pick(all.len())]));
        let number = Quantity::certain([0.0, 1.0, 30.0][pick(3)]);
        let next = match pick(14) {
            0 => graph.mul(a, b),
            1 => graph.div(a, b),
            2 => graph.min(a, b),
            3 => graph.max(a, number),
            4 => graph.steady_hit_ratio(a),
            5 => graph.steady_miss_ratio(a),
            6 => graph.batch_hit_ratio(a),
            7 => graph.drain(a, b, c, number),
            8 => graph.sub(a, b),
            9 => {
                let rest = graph.sub(a, number);
                graph.positive(rest)
            }
            10 => graph.div_or_one(a, b),
            11 => graph.min(a, number),
            _ => graph.sum(&sum),
        };
        all.push(next);
    }
    all
}

/// Variables of one path move together: the one of rank `j` of each is drawn with that of every
/// other. So each draw of an expression is the same expression of numbers.
#[test]
fn draws_of_expressions_are_expressions_of_draws() {
    const PROBABILITIES: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.9];
    let ranks = (0..DRAWS).step_by(64).chain([DRAWS - 1]);
    let ranks: Vec<f64> = ranks.map(|j| (j as f64 + 0.5) / DRAWS as f64).collect();
    let mut graph = Graph::new();
    let variables: Vec<Quantity> = (0..6)
        .map(|i| {
            graph.variable(
                "v",
                spread(0.3 * f64::from(i + 1), 1.7 + f64::from(i)),
                i == 1,
            )
        })
        .collect();
    let draws = graph.percentiles(&variables, &ranks, 2);
    let all = some_of_each(&mut graph, &variables, 250);
    assert!(graph.expressions() > 200, "{}", graph.expressions());
    let rows = graph.percentiles(&all, &PROBABILITIES, 2);
    let mut columns = vec![Vec::with_capacity(ranks.len()); all.len()];
    for j in 0..ranks.len() {
        let mut numbers = Graph::at_points();
        let drawn: Vec<Quantity> = draws
            .iter()
            .map(|draws| Quantity::certain(draws[j]))
            .collect();
        let values = some_of_each(&mut numbers, &drawn, 250);
        for (column, value) in columns.iter_mut().zip(values) {
            column.push(value.as_certain().unwrap());
        }
    }
    for (i, (column, row)) in columns.iter_mut().zip(&rows).enumerate() {
        column.sort_by(f64::total_cmp);
        let last = column.len() - 1;
        let step = |p: f64| (p * last as f64) as usize;
        for (value, p) in row.iter().zip(PROBABILITIES) {
            // Every 64th draw is looked at: a percentile lies between its neighbours.
            let low = column[step(p).saturating_sub(3)];
            let high = column[(step(p) + 3).min(last)];
            let slack = 1e-9 * value.abs().max(1.0);
            let inside = low - slack <= *value && *value <= high + slack;
            assert!(
                inside || close(*value, low, 1e-9),
                "{i} p{p}: {value} {low} {high}"
            );
        }
    }
}

/// A quantity alone has the bits that it has among others.
#[test]
fn other_quantities_change_nothing() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let mut variables = vec![k];
    for i in 0..6 {
        let quantiles = spread(0.3 * f64::from(i + 1), 1.7);
        variables.push(graph.variable(&format!("v{i}"), quantiles, i == 1));
    }
    let all = some_of_each(&mut graph, &variables, 200);
    let p = [0.1, 0.5, 0.95];
    let together = graph.percentiles(&all, &p, 2);
    for (quantity, row) in all.iter().zip(together).step_by(17) {
        assert_eq!(graph.percentiles(&[*quantity], &p, 1), [row]);
    }
}

/// A deep chain is compiled without recursion, and evaluated in few buffers.
#[test]
fn deep_chains_are_evaluated() {
    let mut graph = Graph::new();
    let mut chain = graph.variable("a", spread(1.0, 2.0), false);
    for _ in 0..30_000 {
        let more = graph.add(chain.times(0.5), Quantity::ONE);
        chain = graph.steady_hit_ratio(more);
    }
    let x = graph.percentiles(&[chain], &[0.9], 2)[0][0];
    assert!(close(x, (0.5 * x + 1.0) / (0.5 * x + 2.0), 1e-12), "{x}");
}
