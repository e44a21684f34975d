//! Two samples counted in the same bins: what every statistic here reads.

/// Counts of the reference and of the live window, a bin at a time.
///
/// Counts of a reference may be fractions: a mixture of several samples counts as a smaller one.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    reference: Vec<f64>,
    live: Vec<f64>,
}

impl Table {
    /// A table of two rows. Bins that only one row has are left out.
    #[must_use]
    pub fn new(mut reference: Vec<f64>, mut live: Vec<f64>) -> Self {
        let bins = reference.len().min(live.len());
        reference.truncate(bins);
        live.truncate(bins);
        Self { reference, live }
    }

    /// `(reference, live)` of each bin.
    pub fn bins(&self) -> impl Iterator<Item = (f64, f64)> {
        self.reference.iter().copied().zip(self.live.iter().copied())
    }

    /// Size of the reference and of the live sample.
    #[must_use]
    pub fn sizes(&self) -> (f64, f64) {
        (self.reference.iter().sum(), self.live.iter().sum())
    }

    /// How many bins hold anything.
    #[must_use]
    pub fn occupied(&self) -> usize {
        self.bins().filter(|(reference, live)| reference + live > 0.0).count()
    }

    /// The smallest count that any occupied cell would have if both samples came from one source.
    #[must_use]
    pub fn smallest_expected(&self) -> f64 {
        let (reference_n, live_n) = self.sizes();
        let smaller = reference_n.min(live_n) / (reference_n + live_n);
        let pooled = self.bins().map(|(reference, live)| reference + live).filter(|pooled| *pooled > 0.0);
        pooled.fold(f64::INFINITY, f64::min) * smaller
    }

    /// The same table in whole counts.
    #[must_use]
    pub fn rounded(&self) -> Self {
        let whole = |row: &[f64]| row.iter().map(|count| count.round()).collect();
        Self { reference: whole(&self.reference), live: whole(&self.live) }
    }

    /// The live row.
    #[must_use]
    pub fn live(&self) -> &[f64] {
        &self.live
    }

    /// Puts other counts in place of one bin's.
    pub(super) fn set(&mut self, bin: usize, reference: f64, live: f64) {
        self.reference[bin] = reference;
        self.live[bin] = live;
    }
}
