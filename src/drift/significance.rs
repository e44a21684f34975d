//! When to believe a statistic: p-values by resampling where samples are small, and correction for many features.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::table::Table;

/// Most tables drawn for one p-value. The smallest p-value is 1 / (this + 1), well under what one of 40 features needs.
const MOST_DRAWS: u32 = 4_999;

/// Drawing ends after this many tables as extreme as the one observed: a p-value that will not be small needs no digits.
const ENOUGH_EXTREMES: u32 = 20;

/// p-values of `statistic`: how often a live window that comes from where training came from is as extreme as this one.
///
/// Live rows are drawn from what the reference row knows (a Pólya urn: each bin weighs its training count and one, by
/// Laplace's rule of succession, and grows by what is drawn). That is the exact distribution over bins that were cut at
/// quantiles of the training values themselves, where permuting both samples gives p-values near 0.001 half too often; and
/// for a rare bin its tail is that of Fisher's exact test. Bins that neither sample ever hit take no part.
///
/// A generator of a fixed seed draws: same table, same seed, same p-value. Sequential as in Besag and Clifford, *Sequential
/// Monte Carlo p-values*, 1991: L draws with h extreme ones give h / L, all draws with g extreme ones (g + 1) / (draws + 1).
pub fn monte_carlo<const K: usize>(table: &Table, seed: u64, statistic: impl Fn(&Table) -> [f64; K]) -> [f64; K] {
    let whole = table.rounded();
    let observed = statistic(&whole).map(|value| value - 1e-9 * value.abs());
    let mut urn = Urn::new(&whole, seed);
    let mut tallies = [Tally::default(); K];
    for draws in 1..=MOST_DRAWS {
        let drawn = statistic(urn.draw());
        for ((tally, drawn), observed) in tallies.iter_mut().zip(drawn).zip(observed) {
            tally.count(drawn >= observed, draws);
        }
        if tallies.iter().all(|tally| tally.ended.is_some()) {
            break;
        }
    }
    tallies.map(Tally::p_value)
}

/// How often a statistic was as extreme as the observed one.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    extremes: u32,
    ended: Option<u32>,
}

impl Tally {
    fn count(&mut self, extreme: bool, draws: u32) {
        if extreme && self.ended.is_none() {
            self.extremes += 1;
            self.ended = (self.extremes == ENOUGH_EXTREMES).then_some(draws);
        }
    }

    fn p_value(self) -> f64 {
        match self.ended {
            Some(draws) => f64::from(ENOUGH_EXTREMES) / f64::from(draws),
            None => f64::from(self.extremes + 1) / f64::from(MOST_DRAWS + 1),
        }
    }
}

/// What training knows of the bins, and a table to draw live rows into.
struct Urn {
    weights: Vec<u64>,
    live_n: u64,
    grown: Vec<u64>,
    table: Table,
    chance: Pcg64Mcg,
}

impl Urn {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole counts of a sample"
    )]
    fn new(whole: &Table, seed: u64) -> Self {
        let weight = |(reference, live): (f64, f64)| {
            if reference + live > 0.0 {
                reference as u64 + 1
            } else {
                0
            }
        };
        let weights: Vec<u64> = whole.bins().map(weight).collect();
        let live_n = whole.sizes().1 as u64;
        Self {
            grown: weights.clone(),
            weights,
            live_n,
            table: whole.clone(),
            chance: Pcg64Mcg::seed_from_u64(seed),
        }
    }

    fn draw(&mut self) -> &Table {
        self.grown.copy_from_slice(&self.weights);
        let total: u64 = self.weights.iter().sum();
        for drawn in 0..self.live_n {
            let mut place = self.chance.random_range(0..total + drawn);
            for weight in &mut self.grown {
                if place < *weight {
                    *weight += 1;
                    break;
                }
                place -= *weight;
            }
        }
        self.table.set_live(
            self.grown
                .iter()
                .zip(&self.weights)
                .map(|(grown, weight)| (grown - weight) as f64),
        );
        &self.table
    }
}

/// p-values corrected for their number, so that at most a share α of those under α are false alarms.
///
/// Benjamini and Hochberg, *Controlling the False Discovery Rate*, 1995; with weights (of mean 1) as in Genovese, Roeder
/// and Wasserman, *False Discovery Control with P-value Weighting*, 2006: a weight of 2 doubles a feature's part of the
/// budget. Where nothing drifts, α is also the chance of any alarm at all.
#[must_use]
pub fn benjamini_hochberg(p_values: &[f64], weights: &[f64]) -> Vec<f64> {
    let weighted: Vec<f64> = p_values.iter().zip(weights).map(|(p, weight)| p / weight).collect();
    let mut ranked: Vec<usize> = (0..weighted.len()).collect();
    ranked.sort_by(|one, other| weighted[*one].total_cmp(&weighted[*other]));
    let mut corrected = vec![1.0; weighted.len()];
    let mut smallest: f64 = 1.0;
    for (rank, feature) in ranked.iter().enumerate().rev() {
        smallest = smallest.min(weighted[*feature] * weighted.len() as f64 / (rank + 1) as f64);
        corrected[*feature] = smallest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::chi_square;
    use proptest::prelude::*;

    fn resampled(reference: &[f64], live: &[f64], seed: u64) -> f64 {
        let table = Table::new(reference.to_vec(), live.to_vec());
        monte_carlo(&table, seed, |drawn| [chi_square::statistic(drawn)])[0]
    }

    #[test]
    fn resampling_agrees_with_the_asymptotic_p_value_where_samples_are_large() {
        let (reference, live) = ([500.0, 300.0, 200.0], [130.0, 110.0, 60.0]);
        let exact = chi_square::test(&Table::new(reference.to_vec(), live.to_vec())).p_value;
        let found = resampled(&reference, &live, 1);
        assert!((found - exact).abs() < 0.01 + exact * 0.5, "{found} against {exact}");
    }

    #[test]
    fn resampling_agrees_with_the_exact_p_value_where_samples_are_tiny() {
        // Two of two values in a bin that ten training values never hit: 1/12 · 2/13. (Fisher's C(2,2)/C(12,2) is 1/66.)
        let found = resampled(&[10.0, 0.0], &[0.0, 2.0], 1);
        assert!((found - 1.0 / 78.0).abs() < 0.005, "{found}");
    }

    #[test]
    fn the_same_seed_gives_the_same_p_value() {
        assert!(
            (resampled(&[90.0, 9.0, 1.0], &[7.0, 2.0, 1.0], 7) - resampled(&[90.0, 9.0, 1.0], &[7.0, 2.0, 1.0], 7))
                .abs()
                < 1e-15
        );
    }

    #[test]
    fn correction_is_the_one_worked_out_by_hand() {
        let corrected = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5], &[1.0; 4]);
        let expected = [0.04, 0.16 / 3.0, 0.16 / 3.0, 0.5];
        assert!(
            corrected
                .iter()
                .zip(expected)
                .all(|(one, other)| (one - other).abs() < 1e-12),
            "{corrected:?}"
        );
    }

    #[test]
    fn a_weight_of_two_halves_a_p_value_before_correction() {
        let corrected = benjamini_hochberg(&[0.02, 0.5], &[1.8, 0.2]);
        assert!((corrected[0] - 0.02 / 1.8 * 2.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn correction_keeps_the_order_and_never_makes_a_p_value_smaller(p in proptest::collection::vec(0.0f64..=1.0, 1..40)) {
            let corrected = benjamini_hochberg(&p, &vec![1.0; p.len()]);
            for (at, value) in p.iter().enumerate() {
                prop_assert!(corrected[at] >= *value - 1e-12 && corrected[at] <= 1.0);
                prop_assert!(p.iter().zip(&corrected).all(|(other, after)| other < value || *after >= corrected[at] - 1e-12));
            }
        }
    }
}
