//! Half of the deliveries never arrive: one sweep finds them, and none twice.

use std::collections::HashSet;

use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::common::deliveries;
use crate::fake::{Answer, Asked, Fake, Tower};

/// Number of the run in a path, as `/repositories/42/actions/runs/9/attempts/1/jobs`.
fn run_of(asked: &Asked) -> i64 {
    let run = asked.path.split('/').nth(5).and_then(|run| run.parse().ok());
    run.unwrap_or_default()
}

/// Jobs that failed; each is told of by its job and by its check.
const JOBS: i64 = 100;

/// Whether the delivery with this number arrived: about half of them, by chance, the same in every run.
fn arrived(number: i64) -> bool {
    rand_pcg::Pcg64Mcg::seed_from_u64(number.unsigned_abs()).random_bool(0.5)
}

/// Event and payload of a delivery.
fn letter(number: i64) -> (&'static str, Value) {
    let job = number / 2 + 1;
    if number % 2 == 0 {
        ("workflow_job", deliveries::job(job, job))
    } else {
        ("check_run", deliveries::check(job, job))
    }
}

fn sent(number: i64) -> Value {
    let arrived = arrived(number);
    json!({
        "id": 1_000 + number, "guid": format!("d-{number}"), "delivered_at": "2026-09-21T14:00:00Z", "redelivery": false,
        "status": if arrived { "OK" } else { "timed out" }, "status_code": if arrived { 200 } else { 0 },
        "event": letter(number).0, "action": "completed",
    })
}

#[tokio::test]
async fn of_deliveries_half_of_which_are_lost_all_failures_are_recovered_in_one_sweep_and_none_twice() {
    let api = Fake::start(|asked, _| match asked.path.as_str() {
        "/repositories/42/hooks" => Answer::json(&json!([
            { "id": 4, "config": { "url": "https://elsewhere.example/hook" } },
            { "id": 5, "config": { "url": "https://sentinel.example/webhook/github" } },
        ])),
        "/repositories/42/hooks/5/deliveries" => {
            let older = asked.query.contains_key("cursor");
            let numbers = if older { 0..JOBS } else { JOBS..2 * JOBS };
            let next = r#"<https://evil.example/x?cursor=v1_older>; rel="next""#.to_owned();
            let list = Value::from(numbers.rev().map(sent).collect::<Vec<_>>());
            let links = if older { Vec::new() } else { vec![("link", next)] };
            Answer::Whole(200, links, list.to_string().into_bytes())
        }
        path => {
            let number = path.rsplit('/').next().and_then(|id| id.parse::<i64>().ok());
            let (_, payload) = letter(number.expect("a number") - 1_000);
            Answer::json(&json!({ "request": { "payload": payload } }))
        }
    })
    .await;
    let tower = Tower::start(&api).await;
    let mut known = HashSet::new();
    // The repository is known by one more failure, whose delivery is older than all of these.
    let first = deliveries::job(9_000, 9_000);
    tower.app.deliver("workflow_job", "d-first", &first).await.json();
    for number in (0..2 * JOBS).filter(|number| arrived(*number)) {
        let (event, payload) = letter(number);
        let answer = tower.app.deliver(event, &format!("d-{number}"), &payload).await.json();
        known.insert(answer["id"].as_i64().expect("an id"));
    }
    let lost = (0..2 * JOBS).filter(|number| !arrived(*number)).count();
    let jobs = usize::try_from(JOBS).expect("small");
    assert!(
        lost > 80 && known.len() < jobs,
        "some jobs were never told of: {} of {jobs} were",
        known.len()
    );
    let collector = tower.collector();
    collector.sweep().await.expect("swept");
    assert_eq!(tower.app.ids().await.len(), jobs + 1);
    assert_eq!(collector.sweep().await.expect("swept again"), 0);
    assert_eq!(tower.app.ids().await.len(), jobs + 1);
    let opened = api
        .asked()
        .iter()
        .filter(|asked| asked.path.contains("/deliveries/"))
        .count();
    assert_eq!(opened, lost, "each once");
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
                    listed["head_sha"] = json!(format!("{run:040}"));
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

#[tokio::test]
async fn a_sweep_that_finds_nothing_changed_costs_nothing() {
    let api = Fake::start(|asked, _| match asked.path.as_str() {
        "/repositories/42/hooks" => Answer::status(403),
        _ => match asked.headers.get("if-none-match") {
            Some(etag) if etag == "\"one\"" => Answer::Whole(304, vec![("etag", "\"one\"".into())], Vec::new()),
            _ => {
                let body = json!({ "total_count": 0, "workflow_runs": [] });
                Answer::Whole(200, vec![("etag", "\"one\"".into())], body.to_string().into_bytes())
            }
        },
    })
    .await;
    let tower = Tower::start(&api).await;
    tower
        .app
        .deliver("workflow_job", "d-1", &deliveries::job(1, 10))
        .await
        .json();
    let collector = tower.collector();
    for _ in 0..3 {
        assert_eq!(collector.sweep().await.expect("swept"), 0);
    }
    assert_eq!(
        api.count("/hooks"),
        1,
        "what may not be seen is not asked for each time"
    );
    let runs: Vec<bool> = api
        .asked()
        .iter()
        .filter(|asked| asked.path.ends_with("/runs"))
        .map(|asked| asked.headers.contains_key("if-none-match"))
        .collect();
    assert_eq!(
        runs,
        [false, true, true],
        "a question that is put again has the same words"
    );
}
