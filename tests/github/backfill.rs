//! The past, in steps: stopped half-way it goes on, and judges nothing twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use sentinel::store::HistoryFilter;
use serde_json::{Value, json};

use crate::common::{START, deliveries};
use crate::fake::{Answer, Fake, Tower};

const RUNS: i64 = 230;

/// Runs of one day on three pages; every tenth was tried again, and passed.
fn runs(page: i64) -> Value {
    let numbers = (1..=RUNS)
        .rev()
        .skip(usize::try_from((page - 1) * 100).expect("a page"))
        .take(100);
    let listed = numbers.map(|run| {
        let mut listed = deliveries::run(run)["workflow_run"].take();
        listed["head_sha"] = json!(format!("{run:040}"));
        if run % 10 == 0 {
            listed["run_attempt"] = json!(2);
            listed["conclusion"] = json!("success");
        }
        listed
    });
    json!({ "total_count": RUNS, "workflow_runs": listed.collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_backfill_that_was_stopped_goes_on_and_judges_each_failure_once() {
    let broken = Arc::new(AtomicBool::new(true));
    let breaks = Arc::clone(&broken);
    let api = Fake::start(move |asked, _| {
        let parts: Vec<&str> = asked.path.split('/').collect();
        match asked.path.as_str() {
            "/repos/octo/hello" => {
                Answer::json(&json!({ "id": 42, "full_name": "octo/hello", "default_branch": "main" }))
            }
            "/repositories/42/actions/runs" => Answer::json(&runs(asked.query["page"].parse().expect("a page"))),
            path if path.ends_with("/jobs") => {
                let run: i64 = parts[5].parse().expect("a run");
                if run == 100 && breaks.load(Ordering::SeqCst) {
                    return Answer::status(500);
                }
                assert_eq!(parts[7], "1", "only the attempt that failed is listed");
                let job = deliveries::job(run, 10 * run)["workflow_job"].take();
                Answer::json(&json!({ "total_count": 1, "jobs": [job] }))
            }
            _ => Answer::bytes("error[E0308]: mismatched types\n"),
        }
    })
    .await;
    let tower = Tower::start(&api).await;
    let since = Timestamp::from_second(START).expect("a second") - SignedDuration::from_hours(12);
    let collector = tower.collector();
    collector
        .backfill("octo/hello", since)
        .await
        .expect_err("GitHub is in trouble");
    let half = tower.app.ids().await.len();
    assert!(half > 100, "{half} rows are on disk");
    broken.store(false, Ordering::SeqCst);
    // Another collector, as after a restart.
    let collector = tower.collector();
    let mut steps = 0;
    loop {
        steps += 1;
        assert!(steps < 50, "it comes to an end");
        if collector.backfill("octo/hello", since).await.expect("a step").done {
            break;
        }
    }
    let rows = usize::try_from(RUNS).expect("a count");
    assert_eq!(tower.app.ids().await.len(), rows);
    let totals = tower.app.handle.query().totals().await.expect("read");
    assert_eq!(
        totals.inferences,
        2 * rows as u64,
        "one verdict at once, one from the log"
    );
    assert_eq!(api.count("/logs"), rows);
    assert_eq!(
        api.count("/jobs"),
        rows + 3,
        "the one that was in trouble was asked for three times more"
    );
    let store = tower.app.handle.query();
    let flaky = store
        .history(&HistoryFilter::default(), None, 1_000)
        .await
        .expect("read")
        .items;
    let mut marked = 0;
    for row in &flaky {
        marked += usize::from(store.collecting().passed_later(row.id()).await.expect("read").is_some());
    }
    assert_eq!(marked, 23);
}

#[tokio::test]
async fn the_route_takes_a_step_and_says_so_where_there_is_no_credential() {
    let app = crate::common::TestApp::start().await;
    let body = json!({ "repository": "octo/hello", "since": "30d" });
    assert!(
        app.post("/api/backfill", &body)
            .await
            .error(409)
            .contains("GITHUB_TOKEN")
    );
    let wrong = json!({ "repository": "octo/hello", "since": "soon" });
    assert!(app.post("/api/backfill", &wrong).await.error(400).contains("since"));
}
