//! The metrics of the contract, in one registry. Only the occurrences of [`super`] change them.

use std::sync::LazyLock;

use prometheus::{
    Encoder, Error, Gauge, GaugeVec, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder, core::Collector,
};

use super::DeliveryOutcome;
use crate::class::FailureClass;
use crate::drift::DriftReport;
use crate::health::HealthState;
use crate::verdict::{LogState, Verdict};

/// A verdict surer than this counts as an anomaly detected.
const ANOMALY: f64 = 0.5;

/// From 10 µs to 10 s, three steps a decade.
const LATENCY_BUCKETS: [f64; 19] = [
    0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0,
    2.0, 5.0, 10.0,
];

/// From half a millisecond, a fast disk, to ten seconds, a dying one.
const COMMIT_BUCKETS: [f64; 14] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];

struct Metrics {
    registry: Registry,
    latency: Histogram,
    inferences: IntCounter,
    anomalies: IntCounter,
    // The older names are gauges that mirror the counters: as counters `promtool check metrics` would object to them.
    total_inferences: IntGauge,
    total_anomalies: IntGauge,
    errors: IntCounter,
    verdicts: IntCounterVec,
    corrections: IntCounter,
    deliveries: IntCounterVec,
    commits: Histogram,
    drift: Gauge,
    features: GaugeVec,
    health: IntGaugeVec,
    queue: IntGauge,
    rate: Gauge,
    logs: IntCounterVec,
}

/// The names are fixed, so that building them either works always or never: a test sees to "always".
static METRICS: LazyLock<Result<Metrics, Error>> = LazyLock::new(Metrics::new);

fn with(change: impl FnOnce(&Metrics)) {
    if let Ok(metrics) = METRICS.as_ref() {
        change(metrics);
    }
}

impl Metrics {
    fn new() -> Result<Self, Error> {
        let registry = Registry::new();
        let metrics = Self {
            latency: histogram(
                &registry,
                "inference_latency_seconds",
                "Time of one verdict",
                &LATENCY_BUCKETS,
            )?,
            inferences: counter(
                &registry,
                "sentinel_inferences_total",
                "Verdicts recorded, revisions among them",
            )?,
            anomalies: counter(
                &registry,
                "sentinel_anomalies_total",
                "Verdicts with a confidence above 0.5",
            )?,
            total_inferences: gauge(&registry, "total_inferences", "Older name of sentinel_inferences_total")?,
            total_anomalies: gauge(
                &registry,
                "total_anomalies_detected",
                "Older name of sentinel_anomalies_total",
            )?,
            errors: counter(&registry, "inference_errors_total", "Failures that could not be judged")?,
            verdicts: counters(
                &registry,
                "sentinel_verdicts_total",
                "Verdicts recorded by predicted class",
                "class",
            )?,
            corrections: counter(&registry, "sentinel_corrections_total", "Corrections recorded")?,
            deliveries: counters(
                &registry,
                "sentinel_webhook_deliveries_total",
                "Webhook deliveries answered",
                "outcome",
            )?,
            commits: histogram(
                &registry,
                "sentinel_store_commit_seconds",
                "Time of one commit",
                &COMMIT_BUCKETS,
            )?,
            drift: kept(
                &registry,
                Gauge::new("model_drift_score", "Largest PSI with enough data; NaN without any")?,
            )?,
            features: kept(&registry, GaugeVec::new(feature_psi(), &["feature"])?)?,
            health: kept(&registry, IntGaugeVec::new(health_state(), &["state"])?)?,
            queue: gauge(
                &registry,
                "sentinel_queue_depth",
                "Commands being carried out or waiting",
            )?,
            rate: kept(
                &registry,
                Gauge::new(
                    "sentinel_github_rate_remaining",
                    "Requests that GitHub leaves us this hour; NaN before the first answer",
                )?,
            )?,
            logs: counters(
                &registry,
                "sentinel_log_fetches_total",
                "Logs asked for at GitHub, by what became of them",
                "state",
            )?,
            registry,
        };
        metrics.begin()?;
        Ok(metrics)
    }

    /// Series that are known beforehand start at zero, so that a rate sees their first step.
    fn begin(&self) -> Result<(), Error> {
        for class in FailureClass::ALL {
            self.verdicts.with_label_values(&[class.name()]).reset();
        }
        for state in LogState::ALL {
            self.logs.with_label_values(&[state.name()]).reset();
        }
        self.rate.set(f64::NAN);
        for outcome in DeliveryOutcome::ALL {
            self.deliveries.with_label_values(&[outcome.name()]).reset();
        }
        for (_, name) in STATES {
            self.health.with_label_values(&[name]).set(0);
        }
        self.drift.set(f64::NAN);
        let build =
            Opts::new("sentinel_build_info", "The running build").const_label("version", env!("CARGO_PKG_VERSION"));
        kept(&self.registry, IntGauge::with_opts(build)?)?.set(1);
        Ok(())
    }

    fn set_drift(&self, report: &DriftReport) {
        self.drift.set(report.largest_psi().unwrap_or(f64::NAN));
        for feature in &report.features {
            let labels = [feature.feature.as_str()];
            match feature.score {
                Some(score) => self.features.with_label_values(&labels).set(score),
                // An error says that there was no such series: as it should be.
                None => drop(self.features.remove_label_values(&labels)),
            }
        }
    }

    fn text(&self, queue_depth: usize) -> String {
        self.queue.set(i64::try_from(queue_depth).unwrap_or(i64::MAX));
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics could not be written");
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

fn feature_psi() -> Opts {
    Opts::new("sentinel_feature_psi", "PSI of a watched feature with enough data")
}

fn health_state() -> Opts {
    Opts::new("sentinel_health", "1 for the state on the badge, 0 for the others")
}

fn kept<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C, Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

fn counter(registry: &Registry, name: &str, help: &str) -> Result<IntCounter, Error> {
    kept(registry, IntCounter::new(name, help)?)
}

fn counters(registry: &Registry, name: &str, help: &str, label: &str) -> Result<IntCounterVec, Error> {
    kept(registry, IntCounterVec::new(Opts::new(name, help), &[label])?)
}

fn gauge(registry: &Registry, name: &str, help: &str) -> Result<IntGauge, Error> {
    kept(registry, IntGauge::new(name, help)?)
}

fn histogram(registry: &Registry, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram, Error> {
    kept(
        registry,
        Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?,
    )
}

pub(super) fn verdict(verdict: &Verdict) {
    with(|metrics| {
        metrics.latency.observe(seconds(verdict.latency_us));
        metrics.inferences.inc();
        metrics.verdicts.with_label_values(&[verdict.prediction.name()]).inc();
        if verdict.confidence > ANOMALY {
            metrics.anomalies.inc();
        }
        metrics.total_inferences.set(mirror(&metrics.inferences));
        metrics.total_anomalies.set(mirror(&metrics.anomalies));
    });
}

fn mirror(counter: &IntCounter) -> i64 {
    i64::try_from(counter.get()).unwrap_or(i64::MAX)
}

fn seconds(microseconds: u64) -> f64 {
    std::time::Duration::from_micros(microseconds).as_secs_f64()
}

pub(super) fn delivery(outcome: DeliveryOutcome) {
    with(|metrics| metrics.deliveries.with_label_values(&[outcome.name()]).inc());
}

pub(super) fn commit(seconds: f64) {
    with(|metrics| metrics.commits.observe(seconds));
}

pub(super) fn correction() {
    with(|metrics| metrics.corrections.inc());
}

pub(super) fn inference_error() {
    with(|metrics| metrics.errors.inc());
}

pub(super) fn rate_remaining(remaining: u64) {
    with(|metrics| metrics.rate.set(remaining as f64));
}

pub(super) fn log_fetched(state: LogState) {
    with(|metrics| metrics.logs.with_label_values(&[state.name()]).inc());
}

pub(super) fn drift(report: &DriftReport) {
    with(|metrics| metrics.set_drift(report));
}

/// The states of the badge, and their labels.
const STATES: [(HealthState, &str); 5] = [
    (HealthState::StoreTrouble, "store_trouble"),
    (HealthState::TrainingRequired, "training_required"),
    (HealthState::DriftDetected, "drift_detected"),
    (HealthState::NotEnoughData, "not_enough_data"),
    (HealthState::Healthy, "healthy"),
];

pub(super) fn health(now: HealthState) {
    with(|metrics| {
        for (state, name) in STATES {
            metrics.health.with_label_values(&[name]).set(i64::from(state == now));
        }
    });
}

/// Everything measured, in Prometheus' text format 0.0.4; with so many commands under way now.
#[must_use]
pub fn metrics_text(queue_depth: usize) -> String {
    METRICS
        .as_ref()
        .map_or_else(|_| String::new(), |metrics| metrics.text(queue_depth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_the_contract_is_there_from_the_start() {
        let text = metrics().text(3);
        for name in [
            "inference_latency_seconds_bucket{le=\"0.00001\"}",
            "model_drift_score",
            "inference_errors_total",
            "total_inferences",
            "total_anomalies_detected",
            "sentinel_inferences_total",
            "sentinel_anomalies_total",
            "sentinel_webhook_deliveries_total{outcome=\"too_large\"}",
            "sentinel_health{state=\"store_trouble\"}",
            "sentinel_verdicts_total{class=\"Build Failure\"}",
            "sentinel_corrections_total",
            "sentinel_queue_depth 3",
            "sentinel_store_commit_seconds_bucket",
            "sentinel_build_info{version=",
        ] {
            assert!(text.contains(&format!("\n{name}")), "{name} is missing in\n{text}");
        }
    }

    #[test]
    fn a_feature_without_enough_data_has_no_series() {
        let metrics = metrics();
        let mut report = report(Some(0.3));
        metrics.set_drift(&report);
        assert!(
            metrics
                .text(0)
                .contains("sentinel_feature_psi{feature=\"confidence\"} 0.3")
        );
        report.features[0].score = None;
        metrics.set_drift(&report);
        assert!(!metrics.text(0).contains("sentinel_feature_psi{"));
    }

    /// Of their own: the ones of the process are changed by every other test.
    fn metrics() -> Metrics {
        Metrics::new().expect("fixed names")
    }

    fn report(score: Option<f64>) -> DriftReport {
        let feature = crate::drift::FeatureDrift {
            feature: "confidence".into(),
            method: crate::drift::Method::Psi,
            score,
            p_value: None,
            severity: crate::drift::Severity::None,
            is_drifted: false,
            n: 1,
            bins: Vec::new(),
            reference: Vec::new(),
            live: Vec::new(),
        };
        DriftReport {
            at: None,
            n: 1,
            window: 1,
            min_samples: 1,
            mean_confidence: None,
            performance: None,
            features: vec![feature],
        }
    }
}
