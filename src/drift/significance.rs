//! When to believe a statistic: p-values by resampling where samples are small, and correction for many features.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::table::Table;

/// Most tables drawn for one p-value. The smallest p-value is 1 / (this + 1), well under what one of 40 features needs.
const MOST_DRAWS: u32 = 4_999;

/// Drawing ends after this many tables as extreme as the one observed: a p-value that will not be small needs no digits.
const ENOUGH_EXTREMES: u32 = 20;

/// p-values of `statistic` over tables with the margins of `table`, as if its two rows came from one source.
///
/// Live rows are drawn without replacement from both samples together (a permutation test), by a generator of this seed:
/// same table, same seed, same p-value. Sequential as in Besag and Clifford, *Sequential Monte Carlo p-values*, 1991:
/// L draws with h extreme ones give h / L, and all draws with g extreme ones (g + 1) / (draws + 1).
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

/// Both samples in one urn.
struct Urn {
    pooled: Vec<u64>,
    live_n: u64,
    left: Vec<u64>,
    table: Table,
    chance: Pcg64Mcg,
}

impl Urn {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole counts of a sample")]
    fn new(whole: &Table, seed: u64) -> Self {
        let pooled: Vec<u64> = whole.bins().map(|(reference, live)| (reference + live) as u64).collect();
        let live_n = whole.sizes().1 as u64;
        Self { left: pooled.clone(), pooled, live_n, table: whole.clone(), chance: Pcg64Mcg::seed_from_u64(seed) }
    }

    fn draw(&mut self) -> &Table {
        self.left.copy_from_slice(&self.pooled);
        let total: u64 = self.pooled.iter().sum();
        for taken in 0..self.live_n {
            let mut place = self.chance.random_range(0..total - taken);
            for count in &mut self.left {
                if place < *count {
                    *count -= 1;
                    break;
                }
                place -= *count;
            }
        }
        for (bin, (pooled, left)) in self.pooled.iter().zip(&self.left).enumerate() {
            self.table.set(bin, *left as f64, (pooled - left) as f64);
        }
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
        // Fisher: both live values in the rare bin, 1/C(12,2) · C(2,2).
        let found = resampled(&[10.0, 0.0], &[0.0, 2.0], 1);
        assert!((found - 1.0 / 66.0).abs() < 0.006, "{found}");
    }

    #[test]
    fn the_same_seed_gives_the_same_p_value() {
        assert!((resampled(&[90.0, 9.0, 1.0], &[7.0, 2.0, 1.0], 7) - resampled(&[90.0, 9.0, 1.0], &[7.0, 2.0, 1.0], 7)).abs() < 1e-15);
    }

    #[test]
    fn correction_is_the_one_worked_out_by_hand() {
        let corrected = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5], &[1.0; 4]);
        let expected = [0.04, 0.16 / 3.0, 0.16 / 3.0, 0.5];
        assert!(corrected.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-12), "{corrected:?}");
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
                prop_assert!(corrected[at] >= *value && corrected[at] <= 1.0);
                prop_assert!(p.iter().zip(&corrected).all(|(other, after)| other < value || *after >= corrected[at]));
            }
        }
    }
}
