//! The population stability index: how far live shares lie from expected ones, and how far chance alone would carry it.
//!
//! Counts of the same bins in the reference and in the live window enter; PSI and its p-value leave.
//!
//! * PSI = Σ (live − reference) · ln(live / reference) over the shares of the bins: the symmetric Kullback-Leibler
//!   divergence (Lewis, *An Introduction to Credit Scoring*, 1994).
//! * Without drift, PSI / (1/N + 1/M) is about chi-square with (bins − 1) degrees of freedom, N and M being the sizes of
//!   the two samples (Yurdakul, *Statistical Properties of Population Stability Index*, 2018). So at 100 events and ten
//!   bins PSI is 0.1 by chance alone: PSI is an effect size, and only with its p-value an alarm.

use super::chi_square::upper_tail;
use super::table::Table;

/// Pseudo-counts added to each sample for every occupied bin, spread over the bins as both samples together are.
///
/// So an empty bin gives no infinity, a bin that is rare in both gives next to nothing (a fixed floor of the shares does
/// not do that), and equal samples stay at exactly zero.
pub const SMOOTHING: f64 = 0.5;

/// The expected count from which Yurdakul's distribution is good enough. PSI converges more slowly than Pearson's
/// statistic: with ten counts expected a bin, p-values near 0.001 come twice as often as they should.
pub const ENOUGH_EXPECTED: f64 = 15.0;

/// PSI of two lists of shares, each positive.
#[must_use]
pub fn psi(reference: &[f64], live: &[f64]) -> f64 {
    reference
        .iter()
        .zip(live)
        .map(|(expected, actual)| (actual - expected) * (actual / expected).ln())
        .sum()
}

/// PSI of two rows of counts, smoothed (see [`SMOOTHING`]). 0 where a sample is empty.
#[must_use]
pub fn psi_of_counts(table: &Table) -> f64 {
    let (reference_n, live_n) = table.sizes();
    if reference_n <= 0.0 || live_n <= 0.0 {
        return 0.0;
    }
    let added = SMOOTHING * table.occupied() as f64;
    let share = |count: f64, pooled: f64, n: f64| (count + added * pooled / (reference_n + live_n)) / (n + added);
    let bin = |(reference, live): (f64, f64)| {
        let pooled = reference + live;
        if pooled <= 0.0 {
            return 0.0;
        }
        let (expected, actual) = (share(reference, pooled, reference_n), share(live, pooled, live_n));
        (actual - expected) * (actual / expected).ln()
    };
    table.bins().map(bin).sum()
}

/// The probability of such a PSI or a larger one without drift, after Yurdakul.
#[must_use]
pub fn p_value(psi: f64, table: &Table) -> f64 {
    let (reference_n, live_n) = table.sizes();
    upper_tail(
        psi / (1.0 / live_n + 1.0 / reference_n),
        table.occupied().saturating_sub(1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn psi_is_the_sum_worked_out_by_hand() {
        // (0.25-0.5)·ln(0.5) + (0.75-0.5)·ln(1.5) = 0.173287 + 0.101366
        assert!((psi(&[0.5, 0.5], &[0.25, 0.75]) - 0.274_653_072_167_027_2).abs() < 1e-15);
    }

    #[test]
    fn a_value_never_seen_in_training_gives_a_large_but_finite_psi() {
        let score = psi_of_counts(&Table::new(vec![1000.0, 0.0], vec![0.0, 100.0]));
        assert!(score > 5.0 && score < 20.0, "{score}");
    }

    #[test]
    fn an_empty_sample_says_nothing() {
        assert!(psi_of_counts(&Table::new(vec![10.0, 10.0], vec![0.0, 0.0])).abs() < 1e-15);
    }

    #[test]
    fn the_same_psi_is_less_surprising_in_a_smaller_window() {
        let p = |n: f64| p_value(0.15, &Table::new(vec![100.0; 10], vec![n / 10.0; 10]));
        assert!(p(50.0) > 0.5 && p(500.0) < 1e-5, "{} {}", p(50.0), p(500.0));
    }

    proptest! {
        #[test]
        fn psi_is_not_negative_and_zero_for_equal_shares(counts in proptest::collection::vec((0u32..500, 0u32..500), 2..15)) {
            let (reference, live): (Vec<f64>, Vec<f64>) =
                counts.iter().map(|&(reference, live)| (f64::from(reference), f64::from(live))).unzip();
            let score = psi_of_counts(&Table::new(reference.clone(), live));
            prop_assert!(score >= 0.0 && score.is_finite());
            let twice = reference.iter().map(|count| count * 2.0).collect();
            prop_assert!(psi_of_counts(&Table::new(reference, twice)) < 1e-12);
        }

        #[test]
        fn the_order_of_the_bins_does_not_matter(counts in proptest::collection::vec((0u32..500, 0u32..500), 2..15)) {
            let table = |counts: &[(u32, u32)]| {
                let (reference, live) = counts.iter().map(|&(r, l)| (f64::from(r), f64::from(l))).unzip();
                Table::new(reference, live)
            };
            let reversed: Vec<_> = counts.iter().rev().copied().collect();
            prop_assert!((psi_of_counts(&table(&counts)) - psi_of_counts(&table(&reversed))).abs() < 1e-12);
        }
    }
}
