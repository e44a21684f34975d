//! The part of a drift that knows that numbers have an order.
//!
//! Pearson's statistic falls into (bins − 1) independent parts, one for each orthonormal polynomial over the bins (Lancaster
//! 1953; Rayner and Best, *A Contingency Table Approach to Nonparametric Testing*, 2001). The first asks whether values
//! became larger or smaller, the second whether they spread out or drew together. Most real drifts of a number are one of
//! these, and two degrees of freedom see them in windows where (bins − 1) do not: half a standard deviation at 100 events
//! in nearly four windows of five instead of three.

use super::chi_square::upper_tail;
use super::table::Table;

/// The first two polynomials over the bins of a table, orthonormal under the shares of training.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    polynomials: [Vec<f64>; 2],
    degrees: usize,
}

impl Components {
    /// Of a table's reference row: tables that share it share them.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        let (total, _) = table.sizes();
        let shares: Vec<f64> = table
            .bins()
            .map(|(count, _)| count / total.max(f64::MIN_POSITIVE))
            .collect();
        let first = orthonormal(&middle_ranks(&shares), &shares, &[]);
        let squares: Vec<f64> = first.iter().map(|value| value * value).collect();
        let second = orthonormal(&squares, &shares, &[&first]);
        let known = shares.iter().filter(|share| **share > 0.0).count();
        Self {
            polynomials: [first, second],
            degrees: known.saturating_sub(1).min(2),
        }
    }

    /// Location and spread together: without drift chi-square, with two degrees of freedom (less where training knows two
    /// bins or one).
    #[must_use]
    pub fn statistic(&self, table: &Table) -> f64 {
        let (reference_n, live_n) = table.sizes();
        let variance = 1.0 / reference_n + 1.0 / live_n;
        let part = |polynomial: &Vec<f64>| (dot(table.live(), polynomial) / live_n).powi(2) / variance;
        self.polynomials.iter().map(part).sum()
    }

    /// The probability of such a statistic or a larger one without drift.
    #[must_use]
    pub fn p_value(&self, statistic: f64) -> f64 {
        upper_tail(statistic, self.degrees)
    }
}

/// Where the middle of each bin stands among the training values, from 0 to 1.
fn middle_ranks(shares: &[f64]) -> Vec<f64> {
    let mut below = 0.0;
    let middle = |share: &f64| {
        below += share;
        below - share / 2.0
    };
    shares.iter().map(middle).collect()
}

/// What is left of `values` beside a constant and the `earlier` ones, at length 1; zeros where nothing is left.
fn orthonormal(values: &[f64], shares: &[f64], earlier: &[&Vec<f64>]) -> Vec<f64> {
    let inner = |one: &[f64], other: &[f64]| -> f64 {
        one.iter()
            .zip(other)
            .zip(shares)
            .map(|((one, other), share)| one * other * share)
            .sum()
    };
    let mean = dot(values, shares);
    let mut left: Vec<f64> = values.iter().map(|value| value - mean).collect();
    for polynomial in earlier {
        let along = inner(&left, polynomial);
        left.iter_mut()
            .zip(polynomial.iter())
            .for_each(|(value, other)| *value -= along * other);
    }
    let length = inner(&left, &left).sqrt();
    // Under this only rounding errors are left: two occupied bins know no spread.
    let scale = if length > 1e-9 { 1.0 / length } else { 0.0 };
    left.iter().map(|value| value * scale).collect()
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn p_of(reference: &[f64], live: &[f64]) -> f64 {
        let table = Table::new(reference.to_vec(), live.to_vec());
        let components = Components::of(&table);
        components.p_value(components.statistic(&table))
    }

    /// Pearson's statistic with the shares of training as they are, instead of those of both samples together.
    fn whole_statistic(table: &Table) -> f64 {
        let (reference_n, live_n) = table.sizes();
        let part = |(reference, live): (f64, f64)| {
            (live / live_n - reference / reference_n).powi(2) / (reference / reference_n)
        };
        table.bins().map(part).sum::<f64>() / (1.0 / reference_n + 1.0 / live_n)
    }

    #[test]
    fn two_or_three_bins_have_no_other_parts_than_location_and_spread() {
        for (reference, live) in [
            (vec![60.0, 40.0], vec![20.0, 30.0]),
            (vec![60.0, 40.0, 99.0], vec![20.0, 30.0, 10.0]),
        ] {
            let table = Table::new(reference, live);
            assert!((Components::of(&table).statistic(&table) - whole_statistic(&table)).abs() < 1e-9);
        }
    }

    #[test]
    fn a_constant_in_training_has_neither_location_nor_spread() {
        assert!((p_of(&[0.0, 500.0, 0.0], &[0.0, 10.0, 40.0]) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_shift_and_a_spread_are_seen_and_a_zigzag_is_left_to_the_whole_statistic() {
        let flat = [100.0; 10];
        let shift: Vec<f64> = (0..10).map(|bin| 4.0 + 1.4 * f64::from(bin)).collect();
        let spread = [18.0, 12.0, 8.0, 6.0, 5.0, 5.0, 6.0, 8.0, 12.0, 18.0];
        let zigzag = [14.0, 6.0, 14.0, 6.0, 10.0, 10.0, 6.0, 14.0, 6.0, 14.0];
        assert!(p_of(&flat, &shift) < 0.01, "{}", p_of(&flat, &shift));
        assert!(p_of(&flat, &spread) < 0.001, "{}", p_of(&flat, &spread));
        assert!(p_of(&flat, &zigzag) > 0.1, "{}", p_of(&flat, &zigzag));
    }

    proptest! {
        #[test]
        fn the_parts_never_exceed_the_whole(counts in proptest::collection::vec((0u32..200, 0u32..200), 2..12)) {
            let (reference, live): (Vec<f64>, Vec<f64>) =
                counts.iter().map(|&(r, l)| (f64::from(r) + 1.0, f64::from(l) + 1.0)).unzip();
            let table = Table::new(reference, live);
            let part = Components::of(&table).statistic(&table);
            prop_assert!(part >= 0.0 && part <= whole_statistic(&table) + 1e-6);
        }
    }
}
