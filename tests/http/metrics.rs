//! `GET /metrics`: what Prometheus finds.

use std::collections::BTreeSet;

use serde_json::json;

use crate::common::TestApp;
use crate::common::deliveries::job;

/// The bound on series, whatever comes in.
const MOST: usize = 400;

#[tokio::test]
async fn the_number_of_series_does_not_grow_with_repositories() {
    let app = TestApp::start().await;
    for number in 1..=60 {
        let mut payload = job(number, number);
        payload["repository"]["id"] = json!(number);
        payload["repository"]["full_name"] = json!(format!("octo/repository-{number}"));
        app.deliver("workflow_job", &format!("d-{number}"), &payload)
            .await
            .json();
    }
    app.deliver("ping", "d-ping", &json!({ "zen": "keep it simple" }))
        .await
        .json();
    let text = app.get("/metrics").await.text();
    let series: BTreeSet<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(series, _)| series)
        .collect();
    assert!(
        series.contains("sentinel_webhook_deliveries_total{outcome=\"ping\"}"),
        "{text}"
    );
    assert!((50..MOST).contains(&series.len()), "{} series", series.len());
    assert!(!text.contains("repository-"), "{text}");
}

#[tokio::test]
async fn every_metric_has_a_help_and_a_type() {
    let app = TestApp::start().await;
    let text = app.get("/metrics").await.text();
    let named = |kind: &str| -> BTreeSet<&str> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(kind));
        lines.filter_map(|line| line.split_whitespace().next()).collect()
    };
    let (helped, typed) = (named("# HELP "), named("# TYPE "));
    assert_eq!(helped, typed);
    for name in ["model_drift_score", "sentinel_queue_depth", "total_anomalies_detected"] {
        assert!(typed.contains(name), "{name} in {typed:?}");
    }
}

#[tokio::test]
async fn boards_and_alerts_name_no_metric_that_is_not_there() {
    /// Only where GitHub is connected.
    const SOMETIMES: &str = "sentinel_github_rate_remaining";
    /// With enough data in the window only.
    const LATER: &str = "sentinel_feature_psi";
    let app = TestApp::start().await;
    let text = app.get("/metrics").await.text();
    let known: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let mut named = BTreeSet::new();
    for file in [
        "assets/ops/prometheus/alerts.yml",
        "assets/ops/grafana/dashboards/sentinel.json",
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(path).expect("the file");
        let expressions = text.lines().filter(|line| line.contains("expr"));
        let words = expressions.flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')));
        let ours = words.filter(|word| {
            ["sentinel_", "inference_", "model_"]
                .iter()
                .any(|start| word.starts_with(start))
        });
        named.extend(ours.map(|word| word.trim_end_matches("_bucket").to_owned()));
    }
    assert!(named.len() > 8, "{named:?}");
    for name in named {
        assert!(known.contains(&*name) || [SOMETIMES, LATER].contains(&&*name), "{name}");
    }
}
