//! The training baseline: frozen bins of every watched feature, and how often each was hit.
//!
//! Bins are shared by all kinds of verdict; counts are kept for each kind apart. What is expected of a live window is the
//! mixture of these counts by the window's own mix of kinds: so a change of the mix alone never looks like drift. A kind
//! that training did not have is measured against all of training together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bins::Bins;
use super::table::Table;
use super::{Method, Watched, WatchedValue};
use crate::verdict::DecidedFrom;

/// How a watched feature is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers, in quantile bins.
    Number,
    /// Words of a small set.
    Category,
}

/// The watched features, in the order of every [`super::Watched`]: first those that training knows.
pub const WATCHED: [(&str, Kind); 24] = [
    ("predicted_class", Kind::Category),
    ("uncertain", Kind::Category),
    ("failure_stage", Kind::Category),
    ("confidence", Kind::Number),
    ("unseen_words", Kind::Number),
    ("missing_share", Kind::Number),
    ("evidence_lines", Kind::Number),
    ("log_lines", Kind::Number),
    ("build_duration_sec", Kind::Number),
    ("test_duration_sec", Kind::Number),
    ("deploy_duration_sec", Kind::Number),
    ("job_duration_sec", Kind::Number),
    ("queue_duration_sec", Kind::Number),
    ("cpu_usage_pct", Kind::Number),
    ("memory_usage_mb", Kind::Number),
    ("retry_count", Kind::Number),
    ("ci_tool", Kind::Category),
    ("language", Kind::Category),
    ("os", Kind::Category),
    ("cloud_provider", Kind::Category),
    ("severity", Kind::Category),
    ("is_flaky_test", Kind::Category),
    ("rollback_triggered", Kind::Category),
    ("incident_created", Kind::Category),
];

/// How many of them training knows.
const TRAINED: usize = 16;

/// How many of [`HABITS`] are among those.
const TRAINED_HABITS: usize = 3;

/// What the model itself says. Half of the budget for false alarms is theirs: when they move, it hurts.
pub const MODEL_OUTPUTS: [&str; 3] = ["predicted_class", "uncertain", "confidence"];

/// What training cannot know: which measurements a source brings along, what a house is made of, at which stage its jobs
/// fail, and how often it tries them again, are its own habits.
/// Of these a window is compared with what came before it (see [`super::habit`]), so that a source without measurements is
/// no drift, and a sensor that falls silent is one.
pub const HABITS: [&str; 11] = [
    "missing_share",
    "failure_stage",
    "retry_count",
    "ci_tool",
    "language",
    "os",
    "cloud_provider",
    "severity",
    "is_flaky_test",
    "rollback_triggered",
    "incident_created",
];

/// The training baseline of all watched features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferenceProfile {
    features: Vec<Baseline>,
}

impl Default for ReferenceProfile {
    /// A baseline of nothing: every feature is named, and none can be judged.
    fn default() -> Self {
        Self::fit(&[], 1)
    }
}

impl ReferenceProfile {
    /// Freezes the bins of those of [`WATCHED`] that training knows, and counts what it hit of them. Same rows, same
    /// profile.
    #[must_use]
    pub fn fit(rows: &[(DecidedFrom, Watched)], bins: usize) -> Self {
        Self::fit_features(&WATCHED[..TRAINED], rows, bins)
    }

    /// The same for other features than [`WATCHED`], each `Watched` in their order.
    #[must_use]
    pub fn fit_features(features: &[(&str, Kind)], rows: &[(DecidedFrom, Watched)], bins: usize) -> Self {
        let fit = |(at, (name, kind)): (usize, &(&str, Kind))| Baseline::fit(name, *kind, at, rows, bins);
        Self {
            features: features.iter().enumerate().map(fit).collect(),
        }
    }

    /// The baselines, in the order of every `Watched`.
    #[must_use]
    pub fn features(&self) -> &[Baseline] {
        &self.features
    }

    /// Names of the categories that are watched beyond them. A profile of other features than [`WATCHED`] has none.
    pub(super) fn untrained(&self) -> &'static [&'static str] {
        let own = self.features.iter().map(Baseline::name);
        if own.eq(WATCHED[..TRAINED].iter().map(|(name, _)| *name)) {
            &HABITS[TRAINED_HABITS..]
        } else {
            &[]
        }
    }
}

/// The baseline of one watched feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    name: String,
    bins: Bins,
    /// By kind of verdict: hits of each bin, `missing` last.
    counts: BTreeMap<DecidedFrom, Vec<u64>>,
}

/// Hits of one feature's bins in a live window, by kind of verdict (in the order of [`DecidedFrom::ALL`]), `missing` last.
pub(super) type LiveCounts = [Vec<u32>; DecidedFrom::ALL.len()];

impl Baseline {
    fn fit(name: &str, kind: Kind, at: usize, rows: &[(DecidedFrom, Watched)], bins: usize) -> Self {
        let value = |row: &Watched| row.0.get(at).cloned().unwrap_or(WatchedValue::Missing);
        let bins = match kind {
            Kind::Number => Bins::of_numbers(rows.iter().filter_map(|(_, row)| number(row.0.get(at)?)), bins),
            Kind::Category => Bins::of_categories(rows.iter().filter_map(|(_, row)| category(row.0.get(at)?))),
        };
        let mut counts: BTreeMap<DecidedFrom, Vec<u64>> = BTreeMap::new();
        for (from, row) in rows {
            counts.entry(*from).or_insert_with(|| vec![0; bins.count() + 1])[bins.place(&value(row))] += 1;
        }
        Self {
            name: name.to_owned(),
            bins,
            counts,
        }
    }

    /// The feature's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its frozen bins.
    #[must_use]
    pub fn bins(&self) -> &Bins {
        &self.bins
    }

    /// Which statistic tests it.
    #[must_use]
    pub fn method(&self) -> Method {
        match self.bins {
            Bins::Numbers(_) => Method::Psi,
            Bins::Categories(_) => Method::ChiSquare,
        }
    }

    /// Whether it is judged against what came before the window (see [`HABITS`]).
    pub(super) fn is_habit(&self) -> bool {
        HABITS.contains(&self.name.as_str())
    }

    /// Bins hit by nothing yet.
    pub(super) fn unhit(name: &str, bins: Bins) -> Self {
        Self {
            name: name.to_owned(),
            bins,
            counts: BTreeMap::new(),
        }
    }

    /// The same bins, hit by nothing yet.
    pub(super) fn forgotten(&self) -> Self {
        Self::unhit(&self.name, self.bins.clone())
    }

    /// The same bins, hit by these alone.
    pub(super) fn hit(&self, fallen: &[(DecidedFrom, usize)]) -> Self {
        let mut baseline = self.forgotten();
        let cells = self.bins.count() + 1;
        for (from, place) in fallen {
            baseline.counts.entry(*from).or_insert_with(|| vec![0; cells])[*place] += 1;
        }
        baseline
    }

    /// Whether it holds present values of a kind of verdict.
    pub(super) fn knows(&self, from: DecidedFrom) -> bool {
        let present = self.bins.count();
        self.counts
            .get(&from)
            .is_some_and(|counts| counts[..present].iter().any(|count| *count > 0))
    }

    /// What training leads to expect of present values, beside what the window holds of them. Missing values take no
    /// part on either side: that measurements are missing is judged by `missing_share` alone.
    pub(super) fn table(&self, live: &LiveCounts) -> Table {
        let present = self.bins.count();
        let expected = self.expected(live, present);
        let counts = expected.shares.iter().map(|share| share * expected.size).collect();
        Table::new(
            counts,
            (0..present)
                .map(|bin| live.iter().map(|kind| f64::from(kind[bin])).sum())
                .collect(),
        )
    }

    /// The share of missing values that training leads to expect of this mix of kinds.
    pub(super) fn missing_share(&self, live: &LiveCounts) -> f64 {
        self.expected(live, self.bins.count() + 1)
            .shares
            .last()
            .copied()
            .unwrap_or_default()
    }

    /// The mixture of the kinds of the window, over the first `cells` bins.
    fn expected(&self, live: &LiveCounts, cells: usize) -> Mixture {
        let all = self.pooled();
        let mut mixture = Mixture {
            shares: vec![0.0; cells],
            size: 0.0,
        };
        let mut spread = 0.0;
        for (weight, counts) in self.strata(live, cells, &all) {
            let n: f64 = counts[..cells].iter().map(|count| *count as f64).sum();
            if n > 0.0 {
                let add = |(share, count): (&mut f64, &u64)| *share += weight * *count as f64 / n;
                mixture.shares.iter_mut().zip(counts).for_each(add);
                spread += weight * weight / n;
            }
        }
        mixture.size = if spread > 0.0 { 1.0 / spread } else { 0.0 };
        mixture
    }

    /// Each kind's weight in the window and its training counts; what training did not have is one stratum of everything.
    fn strata<'a>(&'a self, live: &LiveCounts, cells: usize, all: &'a [u64]) -> Vec<(f64, &'a [u64])> {
        let sizes = live.each_ref().map(|kind| f64::from(kind[..cells].iter().sum::<u32>()));
        let total: f64 = sizes.iter().sum();
        if total <= 0.0 {
            return vec![(1.0, all)];
        }
        let mut unknown = 0.0;
        let mut strata = Vec::with_capacity(sizes.len() + 1);
        for (from, size) in DecidedFrom::ALL.into_iter().zip(sizes).filter(|(_, size)| *size > 0.0) {
            match self
                .counts
                .get(&from)
                .filter(|counts| counts[..cells].iter().any(|count| *count > 0))
            {
                Some(counts) => strata.push((size / total, counts.as_slice())),
                None => unknown += size / total,
            }
        }
        if unknown > 0.0 {
            strata.push((unknown, all));
        }
        strata
    }

    fn pooled(&self) -> Vec<u64> {
        let bin = |bin: usize| self.counts.values().map(|counts| counts[bin]).sum();
        (0..=self.bins.count()).map(bin).collect()
    }
}

/// Expected shares, and the size of a single sample that would know them as well as the samples they were mixed from:
/// 1 / Σ (weight² / size).
struct Mixture {
    shares: Vec<f64>,
    size: f64,
}

fn number(value: &WatchedValue) -> Option<f64> {
    match value {
        WatchedValue::Number(number) if number.is_finite() => Some(*number),
        WatchedValue::Number(_) | WatchedValue::Category(_) | WatchedValue::Missing => None,
    }
}

fn category(value: &WatchedValue) -> Option<&str> {
    match value {
        WatchedValue::Category(category) => Some(category),
        WatchedValue::Number(_) | WatchedValue::Missing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEATURES: [(&str, Kind); 1] = [("retry_count", Kind::Number)];

    fn row(from: DecidedFrom, value: f64) -> (DecidedFrom, Watched) {
        (from, Watched(vec![WatchedValue::Number(value)]))
    }

    fn profile() -> ReferenceProfile {
        let log = (0..100).map(|at| row(DecidedFrom::Log, f64::from(u8::from(at < 20))));
        let record = (0..100).map(|at| row(DecidedFrom::Record, f64::from(u8::from(at < 80))));
        let missing = (0..10).map(|_| (DecidedFrom::Log, Watched(vec![WatchedValue::Missing])));
        ReferenceProfile::fit_features(&FEATURES, &log.chain(record).chain(missing).collect::<Vec<_>>(), 10)
    }

    /// Bins are `<= 0`, `(0, 1]`, `> 1`, `missing`.
    fn live(record: [u32; 4], log: [u32; 4]) -> LiveCounts {
        [vec![0; 4], record.to_vec(), log.to_vec(), vec![0; 4]]
    }

    fn expected(live: &LiveCounts) -> Vec<f64> {
        let table = profile().features()[0].table(live);
        let (size, _) = table.sizes();
        table.bins().map(|(reference, _)| reference / size).collect()
    }

    #[test]
    fn expectation_follows_the_mix_of_the_window() {
        assert_eq!(expected(&live([0; 4], [5, 5, 0, 0])), [0.8, 0.2, 0.0]);
        assert_eq!(expected(&live([5, 5, 0, 0], [0; 4])), [0.2, 0.8, 0.0]);
        assert_eq!(expected(&live([5, 0, 0, 0], [5, 0, 0, 0])), [0.5, 0.5, 0.0]);
    }

    #[test]
    fn a_kind_without_training_is_measured_against_everything() {
        let payload_only = [vec![9, 1, 0, 0], vec![0; 4], vec![0; 4], vec![0; 4]];
        assert_eq!(expected(&payload_only), [0.5, 0.5, 0.0]);
        assert_eq!(expected(&live([0; 4], [0; 4])), [0.5, 0.5, 0.0]);
    }

    #[test]
    fn a_mixture_knows_as_much_as_its_samples_together() {
        let (both, _) = profile().features()[0].table(&live([5, 0, 0, 0], [5, 0, 0, 0])).sizes();
        let (one, _) = profile().features()[0].table(&live([0; 4], [5, 0, 0, 0])).sizes();
        assert!(
            (both - 200.0).abs() < 1e-9 && (one - 100.0).abs() < 1e-9,
            "{both} {one}"
        );
    }

    #[test]
    fn missing_values_are_expected_by_kind_and_change_no_other_share() {
        let profile = profile();
        let baseline = &profile.features()[0];
        assert!((baseline.missing_share(&live([0; 4], [1, 0, 0, 0])) - 10.0 / 110.0).abs() < 1e-12);
        assert!(baseline.missing_share(&live([1, 0, 0, 0], [0; 4])).abs() < 1e-12);
        assert_eq!(expected(&live([0; 4], [5, 5, 0, 90])), [0.8, 0.2, 0.0]);
    }

    #[test]
    fn the_profile_is_the_same_after_a_trip_through_json() {
        let json = serde_json::to_string(&profile()).expect("plain data");
        assert_eq!(
            serde_json::from_str::<ReferenceProfile>(&json).expect("what was written"),
            profile()
        );
    }
}
