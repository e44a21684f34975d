//! What drifts and chaos do to the measurements of a failure.

use rand::Rng;
use rand_pcg::Pcg64Mcg;

use super::Drift;
use super::project::Project;
use crate::ingest::Measurements;

/// How far beyond the largest value of training.
const BEYOND: f64 = 5.0;

/// The longest duration that training draws, in seconds.
const LONGEST: f64 = 21_600.0;

/// More memory than training draws, in megabytes.
const LARGEST: f64 = 25_000.0;

/// More retries than training draws.
const MOST_RETRIES: f64 = 3.0;

/// Middle of the durations and of memory in training, around which a variance grows.
const MIDDLE: [f64; 2] = [90.0, 900.0];

/// Every measurement there is, five times beyond the largest of training. CPU is full: there is no more than 100 %.
pub(super) fn out_of_distribution(measured: &mut Measurements, rng: &mut Pcg64Mcg) {
    let mut beyond = |largest: f64| Some(largest * BEYOND * rng.random_range(1.0..1.2));
    for duration in durations(measured).into_iter().filter(|duration| duration.is_some()) {
        *duration = beyond(LONGEST);
    }
    if durations(measured).iter().all(|duration| duration.is_none()) {
        measured.build_duration_sec = beyond(LONGEST);
    }
    measured.memory_usage_mb = beyond(LARGEST);
    measured.retry_count = beyond(MOST_RETRIES).map(f64::round);
    measured.cpu_usage_pct = Some(100.0);
}

/// What a drift does beside the choice of records and words.
pub(super) fn apply(drift: Drift, measured: &mut Measurements, project: &mut Project, rng: &mut Pcg64Mcg) {
    match drift {
        Drift::Mean => each(measured, |value, _| value * 3.0),
        Drift::Variance => each(measured, |value, middle| value * value / middle),
        Drift::NewCategory if rng.random_bool(0.5) => project.ci_tool = Some("orbit-ci"),
        Drift::MissingSensor => {
            measured.cpu_usage_pct = None;
            measured.memory_usage_mb = None;
            measured.retry_count = None;
        }
        Drift::NewCategory | Drift::ClassShift | Drift::Vocabulary => {}
    }
}

/// Changes durations and memory, given the middle around which they lie.
fn each(measured: &mut Measurements, change: impl Fn(f64, f64) -> f64) {
    for duration in durations(measured) {
        *duration = duration.map(|seconds| change(seconds, MIDDLE[0]));
    }
    measured.memory_usage_mb = measured.memory_usage_mb.map(|size| change(size, MIDDLE[1]));
}

const fn durations(measured: &mut Measurements) -> [&mut Option<f64>; 4] {
    [
        &mut measured.build_duration_sec,
        &mut measured.test_duration_sec,
        &mut measured.deploy_duration_sec,
        &mut measured.job_duration_sec,
    ]
}
