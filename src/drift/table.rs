//! Two samples counted in the same bins: what every statistic here reads.

/// Counts of the reference and of the live window, a bin at a time.
///
/// Counts of a reference may be fractions: a mixture of several samples counts as a smaller one.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    reference: Vec<f64>,
    live: Vec<f64>,
    sizes: (f64, f64),
    occupied: usize,
}

impl Table {
    /// A table of two rows. Bins that only one row has are left out.
    #[must_use]
    pub fn new(mut reference: Vec<f64>, mut live: Vec<f64>) -> Self {
        let bins = reference.len().min(live.len());
        reference.truncate(bins);
        live.truncate(bins);
        let sizes = (reference.iter().sum(), live.iter().sum());
        let occupied = reference
            .iter()
            .zip(&live)
            .filter(|(reference, live)| **reference + **live > 0.0)
            .count();
        Self {
            reference,
            live,
            sizes,
            occupied,
        }
    }

    /// `(reference, live)` of each bin.
    pub fn bins(&self) -> impl Iterator<Item = (f64, f64)> {
        self.reference.iter().copied().zip(self.live.iter().copied())
    }

    /// Size of the reference and of the live sample.
    #[must_use]
    pub fn sizes(&self) -> (f64, f64) {
        self.sizes
    }

    /// How many bins hold anything.
    #[must_use]
    pub fn occupied(&self) -> usize {
        self.occupied
    }

    /// The smallest count that any occupied cell would have if both samples came from one source.
    #[must_use]
    pub fn smallest_expected(&self) -> f64 {
        let pooled = self
            .bins()
            .map(|(reference, live)| reference + live)
            .filter(|pooled| *pooled > 0.0);
        pooled.fold(f64::INFINITY, f64::min) * self.smaller_part()
    }

    /// The same samples in fewer bins: neighbours are taken together until every cell would expect this count. Which are,
    /// depends on both samples together alone, so that a test of the result is an honest one.
    #[must_use]
    pub fn merged(&self, least: f64) -> Self {
        let mut groups: Vec<(f64, f64)> = Vec::new();
        let enough = |bin: &(f64, f64)| (bin.0 + bin.1) * self.smaller_part() >= least;
        for (reference, live) in self.bins() {
            match groups.last_mut() {
                Some(last) if !enough(last) => *last = (last.0 + reference, last.1 + live),
                _ => groups.push((reference, live)),
            }
        }
        if let Some(rest) = groups.pop_if(|last| !enough(last)) {
            match groups.last_mut() {
                Some(last) => *last = (last.0 + rest.0, last.1 + rest.1),
                None => groups.push(rest),
            }
        }
        let (reference, live) = groups.into_iter().unzip();
        Self::new(reference, live)
    }

    /// The smaller sample's part of both.
    fn smaller_part(&self) -> f64 {
        let (reference_n, live_n) = self.sizes;
        reference_n.min(live_n) / (reference_n + live_n)
    }

    /// The same table in whole counts.
    #[must_use]
    pub fn rounded(&self) -> Self {
        let whole = |row: &[f64]| row.iter().map(|count| count.round()).collect();
        Self::new(whole(&self.reference), whole(&self.live))
    }

    /// The live row.
    #[must_use]
    pub fn live(&self) -> &[f64] {
        &self.live
    }

    /// Puts another live row of the same size in place.
    pub(super) fn set_live(&mut self, live: impl Iterator<Item = f64>) {
        self.live.iter_mut().zip(live).for_each(|(old, new)| *old = new);
        self.occupied = self.bins().filter(|(reference, live)| reference + live > 0.0).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_bins_are_taken_together_until_they_are_not_rare() {
        let table = Table::new(vec![90.0, 1.0, 1.0, 98.0, 10.0], vec![10.0, 0.0, 1.0, 9.0, 0.0]);
        let merged = table.merged(5.0);
        assert_eq!(merged.bins().collect::<Vec<_>>(), [(90.0, 10.0), (110.0, 10.0)]);
        assert_eq!(merged.sizes(), table.sizes());
        assert!(merged.smallest_expected() >= 5.0);
    }

    #[test]
    fn bins_that_both_lack_are_not_occupied() {
        let table = Table::new(vec![5.0, 0.0, 3.0], vec![0.0, 0.0, 1.0]);
        assert_eq!(table.occupied(), 2);
        assert!((table.smallest_expected() - 4.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn a_table_too_small_to_split_is_one_bin() {
        assert_eq!(Table::new(vec![2.0, 1.0], vec![1.0, 1.0]).merged(5.0).occupied(), 1);
    }
}
