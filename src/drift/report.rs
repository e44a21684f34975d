//! From counts to a judgement of every watched feature.
//!
//! * Effect: PSI of present values, smoothed (see [`super::psi`]).
//! * Evidence, for a category: Pearson's chi-square, with Yates' correction where it has two bins. For a number: PSI's own
//!   distribution and the order-aware part (see [`super::order`]), the smaller p-value doubled, since two were asked.
//!   Where expected counts are small (5 for chi-square, 15 for PSI) p-values are resampled instead.
//! * All p-values are corrected together, half of the budget for what the model says and half for what it is told.
//!
//! A feature has moved when effect and evidence both say so. PSI without evidence is chance; evidence without effect is a
//! difference too small to matter.

use std::borrow::Cow;

use super::chi_square;
use super::order::Components;
use super::psi::{self, psi_of_counts};
use super::reference::{Baseline, LiveCounts, MODEL_OUTPUTS};
use super::significance::{benjamini_hochberg, draws_for, monte_carlo};
use super::table::Table;
use super::{DriftSettings, FeatureDrift, Method, Severity};

/// Seed of resampled p-values: the same window gives the same report.
const SEED: u64 = 0x5e17_13e1;

/// Where a table of fewer, well filled bins already has a smaller p-value than this, nothing is resampled: it is beyond what
/// one of 40 features needs, and strong drifts cost no more than quiet windows.
const BEYOND_DOUBT: f64 = 1e-4;

/// Above so many live values the rare bins of a table are taken together instead of being resampled, which would cost too
/// long.
const MOST_RESAMPLED: f64 = 2_000.0;

/// A feature: what is expected of it, and what is counted.
pub(super) struct Case<'a> {
    pub(super) baseline: Cow<'a, Baseline>,
    pub(super) live: Cow<'a, LiveCounts>,
}

/// Judges every feature of a window.
pub(super) fn judge(cases: &[Case<'_>], settings: &DriftSettings) -> Vec<FeatureDrift> {
    let tables: Vec<Table> = cases.iter().map(|case| case.baseline.table(&case.live)).collect();
    let draws = draws_for(level(cases.len(), settings));
    let tested = cases.iter().zip(&tables);
    let p_values: Vec<Option<f64>> = tested
        .map(|(case, table)| is_enough(table, settings).then(|| p_value(table, case.baseline.method(), draws)))
        .collect();
    let corrected = correct(cases, &p_values);
    cases
        .iter()
        .zip(&tables)
        .zip(corrected)
        .map(|((case, table), p_value)| describe(&case.baseline, table, &case.live, p_value, settings))
        .collect()
}

/// Both samples must be large enough: few training values are as little ground as few live ones.
pub(super) fn is_enough(table: &Table, settings: &DriftSettings) -> bool {
    let (reference_n, live_n) = table.sizes();
    // Sizes of mixtures carry rounding errors.
    live_n.min(reference_n) + 1e-6 >= settings.min_samples.max(1) as f64
}

/// The p-value under which one of two tests makes a single feature an alarm, at the least.
fn level(features: usize, settings: &DriftSettings) -> f64 {
    settings.alpha / (4 * features).max(1) as f64
}

/// The probability of such a difference or a larger one without drift, for this feature alone.
fn p_value(table: &Table, method: Method, draws: u32) -> f64 {
    if table.occupied() < 2 {
        return 1.0;
    }
    let enough = match method {
        Method::ChiSquare => chi_square::ENOUGH_EXPECTED,
        Method::Psi => psi::ENOUGH_EXPECTED,
    };
    if table.smallest_expected() >= enough {
        return asymptotic(table, method);
    }
    let coarse = chi_square::test(&table.merged(chi_square::ENOUGH_EXPECTED)).p_value;
    if table.sizes().1 > MOST_RESAMPLED || coarse < BEYOND_DOUBT {
        coarse
    } else {
        resampled(table, method, draws)
    }
}

fn asymptotic(table: &Table, method: Method) -> f64 {
    match method {
        Method::ChiSquare => chi_square::test(table).p_value,
        Method::Psi => {
            let order = Components::of(table);
            either([
                psi::p_value(psi_of_counts(table), table),
                order.p_value(order.statistic(table)),
            ])
        }
    }
}

fn resampled(table: &Table, method: Method, draws: u32) -> f64 {
    match method {
        Method::ChiSquare => monte_carlo(table, draws, SEED, |drawn| [chi_square::statistic(drawn)])[0],
        Method::Psi => {
            let order = Components::of(table);
            either(monte_carlo(table, draws, SEED, |drawn| {
                [psi_of_counts(drawn), order.statistic(drawn)]
            }))
        }
    }
}

/// One p-value of two tests (Bonferroni).
fn either([one, other]: [f64; 2]) -> f64 {
    (2.0 * one.min(other)).min(1.0)
}

/// Corrects the p-values there are: half of the budget is for [`MODEL_OUTPUTS`].
fn correct(cases: &[Case<'_>], p_values: &[Option<f64>]) -> Vec<Option<f64>> {
    let is_output = |case: &Case<'_>| MODEL_OUTPUTS.contains(&case.baseline.name());
    let tested: Vec<(bool, f64)> = cases
        .iter()
        .zip(p_values)
        .filter_map(|(case, p_value)| Some((is_output(case), (*p_value)?)))
        .collect();
    let outputs = tested.iter().filter(|(output, _)| *output).count();
    let inputs = tested.len() - outputs;
    let weight = |group: usize| {
        if outputs.min(inputs) == 0 {
            1.0
        } else {
            tested.len() as f64 / (2 * group) as f64
        }
    };
    let weights: Vec<f64> = tested
        .iter()
        .map(|(output, _)| weight(if *output { outputs } else { inputs }))
        .collect();
    let p: Vec<f64> = tested.iter().map(|(_, p_value)| *p_value).collect();
    let mut corrected = benjamini_hochberg(&p, &weights).into_iter();
    p_values
        .iter()
        .map(|p_value| p_value.and_then(|_| corrected.next()))
        .collect()
}

fn describe(
    baseline: &Baseline,
    table: &Table,
    live: &LiveCounts,
    p_value: Option<f64>,
    settings: &DriftSettings,
) -> FeatureDrift {
    let score = p_value.map(|_| psi_of_counts(table));
    let severity = severity(score, p_value, settings);
    let (reference, live) = shares(baseline, table, live);
    FeatureDrift {
        feature: baseline.name().to_owned(),
        method: baseline.method(),
        score,
        p_value,
        severity,
        is_drifted: severity >= Severity::Moderate,
        n: whole(table.sizes().1),
        bins: baseline.bins().names(),
        reference,
        live,
    }
}

/// Effect and evidence together.
fn severity(score: Option<f64>, p_value: Option<f64>, settings: &DriftSettings) -> Severity {
    match (score, p_value) {
        (Some(_), Some(p_value)) if p_value >= settings.alpha => Severity::None,
        (Some(score), Some(_)) if score >= settings.psi_severe => Severity::Severe,
        (Some(score), Some(_)) if score >= settings.psi_moderate => Severity::Moderate,
        (Some(_), Some(_)) => Severity::None,
        (None, _) | (_, None) => Severity::NotEnoughData,
    }
}

/// Expected and observed share of each bin, `missing` last; the present bins stand to each other as they were judged.
fn shares(baseline: &Baseline, table: &Table, live: &LiveCounts) -> (Vec<f64>, Vec<f64>) {
    let (reference_n, live_n) = table.sizes();
    let missing_n: f64 = live
        .iter()
        .filter_map(|kind| kind.last())
        .map(|count| f64::from(*count))
        .sum();
    let missing = (baseline.missing_share(live), ratio(missing_n, live_n + missing_n));
    let row = |counts: &mut dyn Iterator<Item = f64>, n: f64, missing: f64| -> Vec<f64> {
        counts
            .map(|count| ratio(count, n) * (1.0 - missing))
            .chain([missing])
            .collect()
    };
    let reference = row(
        &mut table.bins().map(|(reference, _)| reference),
        reference_n,
        missing.0,
    );
    (
        reference,
        row(&mut table.bins().map(|(_, live)| live), live_n, missing.1),
    )
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of events"
)]
fn whole(count: f64) -> usize {
    count.round() as usize
}
