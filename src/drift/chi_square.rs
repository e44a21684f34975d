//! Pearson's chi-square on two samples of one category.
//!
//! A table of counts enters; statistic, degrees of freedom and asymptotic p-value leave. χ² = Σ (observed − expected)² /
//! expected over both rows (Pearson 1900), expected from the margins; categories that only one sample has are bins like
//! others. A 2x2 table takes Yates' correction (Yates 1934). Where an expected count is under [`ENOUGH_EXPECTED`] the
//! asymptotic p-value is not to be believed: see [`super::significance::monte_carlo`].

use statrs::function::gamma::checked_gamma_ur;

use super::table::Table;

/// The expected count from which the asymptotic distribution is good enough (Cochran 1954).
pub const ENOUGH_EXPECTED: f64 = 5.0;

/// A test's outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    /// The statistic.
    pub statistic: f64,
    /// Occupied bins less one.
    pub degrees: usize,
    /// Probability of such a statistic or a larger one without drift.
    pub p_value: f64,
}

/// Tests whether both samples come from one source, with Yates' correction where the table is 2x2.
#[must_use]
pub fn test(table: &Table) -> ChiSquare {
    let degrees = table.occupied().saturating_sub(1);
    let statistic = if degrees == 1 {
        corrected(table)
    } else {
        statistic(table)
    };
    ChiSquare {
        statistic,
        degrees,
        p_value: upper_tail(statistic, degrees),
    }
}

/// Pearson's statistic as it is. 0 where a sample is empty.
#[must_use]
pub fn statistic(table: &Table) -> f64 {
    deviations(table, |deviation| deviation)
}

/// Yates: half a count is taken off each deviation, but never more than there is.
fn corrected(table: &Table) -> f64 {
    deviations(table, |deviation| deviation - deviation.min(0.5))
}

fn deviations(table: &Table, correct: impl Fn(f64) -> f64) -> f64 {
    let (reference_n, live_n) = table.sizes();
    if reference_n <= 0.0 || live_n <= 0.0 {
        return 0.0;
    }
    let cell = |count: f64, pooled: f64, n: f64| {
        let expected = pooled * n / (reference_n + live_n);
        correct((count - expected).abs()).powi(2) / expected
    };
    let occupied = table.bins().filter(|(reference, live)| reference + live > 0.0);
    occupied
        .map(|(reference, live)| {
            let pooled = reference + live;
            cell(reference, pooled, reference_n) + cell(live, pooled, live_n)
        })
        .sum()
}

/// The probability that a chi-square variable of these degrees of freedom is at least this large; 1 without any degree.
#[must_use]
pub fn upper_tail(statistic: f64, degrees: usize) -> f64 {
    if degrees == 0 || statistic.is_nan() || statistic <= 0.0 {
        return 1.0;
    }
    checked_gamma_ur(degrees as f64 / 2.0, statistic / 2.0)
        .unwrap_or(0.0)
        .clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_two_by_two_table_takes_the_correction_of_yates() {
        // |20·35 − 30·15| − 100/2 = 200; 200²·100 / (50·50·35·65)
        let found = test(&Table::new(vec![20.0, 30.0], vec![15.0, 35.0]));
        assert_eq!(found.degrees, 1);
        assert!(
            (found.statistic - 0.703_296_703_296_703_3).abs() < 1e-12,
            "{}",
            found.statistic
        );
    }

    #[test]
    fn a_category_that_both_lack_changes_nothing() {
        let with = test(&Table::new(vec![20.0, 0.0, 30.0, 9.0], vec![15.0, 0.0, 35.0, 8.0]));
        assert_eq!(with, test(&Table::new(vec![20.0, 30.0, 9.0], vec![15.0, 35.0, 8.0])));
    }

    #[test]
    fn one_category_alone_cannot_move() {
        assert!((test(&Table::new(vec![500.0], vec![50.0])).p_value - 1.0).abs() < 1e-15);
    }

    #[test]
    fn the_tail_agrees_with_printed_tables() {
        for (degrees, critical) in [
            (1, 3.841_458_820_694_124),
            (5, 11.070_497_693_516_351),
            (9, 16.918_977_604_620_448),
        ] {
            assert!((upper_tail(critical, degrees) - 0.05).abs() < 1e-12);
        }
    }

    proptest! {
        #[test]
        fn p_values_are_probabilities(counts in proptest::collection::vec((0u32..2000, 0u32..2000), 1..20)) {
            let (reference, live) = counts.iter().map(|&(r, l)| (f64::from(r), f64::from(l))).unzip();
            let found = test(&Table::new(reference, live));
            prop_assert!(found.statistic >= 0.0 && (0.0..=1.0).contains(&found.p_value));
        }
    }
}
