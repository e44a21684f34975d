//! When to believe a statistic: p-values by resampling where samples are small, and correction for many features.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::table::Table;

/// More tables are drawn for no p-value.
const MOST_DRAWS: u32 = 20_000;

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
pub fn monte_carlo<const K: usize>(
    table: &Table,
    draws: u32,
    seed: u64,
    statistic: impl Fn(&Table) -> [f64; K],
) -> [f64; K] {
    let whole = table.rounded();
    let observed = statistic(&whole).map(|value| value - 1e-9 * value.abs());
    let mut urn = Urn::new(&whole, seed);
    let mut tallies = [Tally::default(); K];
    for draw in 1..=draws {
        let drawn = statistic(urn.draw());
        for ((tally, drawn), observed) in tallies.iter_mut().zip(drawn).zip(observed) {
            tally.count(drawn >= observed, draw);
        }
        if tallies.iter().all(|tally| tally.ended.is_some()) {
            break;
        }
    }
    tallies.map(|tally| tally.p_value(draws))
}

/// How many draws can tell that a p-value is under the smallest level that matters, with half to spare.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within bounds")]
pub fn draws_for(level: f64) -> u32 {
    (2.0 / level)
        .ceil()
        .clamp(f64::from(ENOUGH_EXTREMES), f64::from(MOST_DRAWS)) as u32
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

    fn p_value(self, draws: u32) -> f64 {
        match self.ended {
            Some(draw) => f64::from(ENOUGH_EXTREMES) / f64::from(draw),
            None => f64::from(self.extremes + 1) / f64::from(draws + 1),
        }
    }
}

/// What training knows of the bins, and a table to draw live rows into.
struct Urn {
    /// The bin of each ball: those of training first, then the drawn ones.
    balls: Vec<u16>,
    known: usize,
    counts: Vec<u32>,
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
                reference as usize + 1
            } else {
                0
            }
        };
        let balls: Vec<u16> = (0..)
            .zip(whole.bins())
            .flat_map(|(bin, counts)| std::iter::repeat_n(bin, weight(counts)))
            .collect();
        let chance = Pcg64Mcg::seed_from_u64(seed);
        Self {
            known: balls.len(),
            balls,
            counts: vec![0; whole.live().len()],
            table: whole.clone(),
            chance,
        }
    }

    /// Each ball that is drawn goes back with another of its bin.
    fn draw(&mut self) -> &Table {
        self.balls.truncate(self.known);
        self.counts.fill(0);
        let mut left = self.table.sizes().1;
        while left > 0.0 {
            let bin = self.balls[self.chance.random_range(0..self.balls.len())];
            self.balls.push(bin);
            self.counts[usize::from(bin)] += 1;
            left -= 1.0;
        }
        self.table.set_live(self.counts.iter().map(|count| f64::from(*count)));
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
        monte_carlo(&table, 4_999, seed, |drawn| [chi_square::statistic(drawn)])[0]
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
