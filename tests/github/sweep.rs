//! Half of the deliveries never arrive: one sweep finds them, and none twice.

use serde_json::{Value, json};

use crate::common::deliveries;
use crate::fake::{Answer, Asked, Fake, Tower};

/// Number of the run in a path, as `/repositories/42/actions/runs/9/attempts/1/jobs`.
fn run_of(asked: &Asked) -> i64 {
    let run = asked.path.split('/').nth(5).and_then(|run| run.parse().ok());
    run.unwrap_or_default()
}

fn sent(number: i64) -> Value {
    let arrived = number % 2 == 0;
    json!({
        "id": 1_000 + number, "guid": format!("d-{number}"), "delivered_at": "2026-09-21T14:00:00Z", "redelivery": false,
        "status": if arrived { "OK" } else { "timed out" }, "status_code": if arrived { 200 } else { 0 },
        "event": "workflow_job", "action": "completed",
    })
}

#[tokio::test]
async fn deliveries_that_did_not_arrive_are_recovered_within_one_sweep() {
    let api = Fake::start(|asked, _| match asked.path.as_str() {
        "/repositories/42/hooks" => Answer::json(&json!([
            { "id": 4, "config": { "url": "https://elsewhere.example/hook" } },
            { "id": 5, "config": { "url": "https://sentinel.example/webhook/github" } },
        ])),
        "/repositories/42/hooks/5/deliveries" => {
            let older = asked.query.contains_key("cursor");
            let numbers: Vec<i64> = if older {
                (1..=10).rev().collect()
            } else {
                (11..=20).rev().collect()
            };
            let next = r#"<https://evil.example/x?cursor=v1_older>; rel="next""#.to_owned();
            let list = Value::from(numbers.into_iter().map(sent).collect::<Vec<_>>())
                .to_string()
                .into_bytes();
            let links = if older { Vec::new() } else { vec![("link", next)] };
            Answer::Whole(200, links, list)
        }
        path => {
            let number: i64 = path
                .rsplit('/')
                .next()
                .and_then(|id| id.parse().ok())
                .unwrap_or_default();
            let job = number - 1_000;
            Answer::json(&json!({ "request": { "payload": deliveries::job(job, job) } }))
        }
    })
    .await;
    let tower = Tower::start(&api).await;
    for number in (1..=20).filter(|number| number % 2 == 0) {
        let payload = deliveries::job(number, number);
        let answer = tower
            .app
            .deliver("workflow_job", &format!("d-{number}"), &payload)
            .await;
        assert_eq!(answer.json()["status"], "success");
    }
    let collector = tower.collector();
    assert_eq!(collector.sweep().await.expect("swept"), 10);
    assert_eq!(tower.app.ids().await.len(), 20);
    assert_eq!(collector.sweep().await.expect("swept again"), 0);
    assert_eq!(tower.app.ids().await.len(), 20);
    let opened = api
        .asked()
        .iter()
        .filter(|asked| asked.path.contains("/deliveries/"))
        .count();
    assert_eq!(opened, 10, "each once");
}

#[tokio::test]
async fn without_the_right_to_see_hooks_the_list_of_runs_tells() {
    let api = Fake::start(|asked, _| match asked.path.as_str() {
        "/repositories/42/hooks" => Answer::status(404),
        "/repositories/42/actions/runs" => {
            let runs = (1..=6).map(|run| {
                let mut listed = deliveries::run(run)["workflow_run"].take();
                if run == 6 {
                    listed["conclusion"] = json!("success");
                }
                listed
            });
            Answer::json(&json!({ "total_count": 6, "workflow_runs": runs.collect::<Vec<_>>() }))
        }
        path if path.ends_with("/jobs") => {
            let run = run_of(asked);
            let jobs = [10 * run, 10 * run + 1].map(|job| deliveries::job(run, job)["workflow_job"].take());
            Answer::json(&json!({ "total_count": 2, "jobs": jobs }))
        }
        _ => Answer::status(404),
    })
    .await;
    let tower = Tower::start(&api).await;
    for run in [1, 3, 5] {
        tower
            .app
            .deliver("workflow_job", &format!("d-{run}"), &deliveries::job(run, 10 * run))
            .await
            .json();
    }
    let collector = tower.collector();
    assert_eq!(
        collector.sweep().await.expect("swept"),
        7,
        "the other job of three runs, and two runs"
    );
    assert_eq!(tower.app.ids().await.len(), 10);
    assert_eq!(collector.sweep().await.expect("swept again"), 0);
    assert_eq!(tower.app.ids().await.len(), 10);
    assert_eq!(api.count("/jobs"), 5, "no run is listed twice");
}
