//! Logs of failed jobs: fetched, judged, and what becomes of those that cannot be had.

use std::io::Write;
use std::time::Duration;

use sentinel::github::{GitHubSettings, Pace};
use sentinel::verdict::{DecidedFrom, LogState};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::common::deliveries;
use crate::fake::{Answer, Fake, PACE, TOKEN, Tower};

const LOG: &str = "\u{feff}2026-09-01T10:00:05.1234567Z npm ERR! code ERESOLVE\n2026-09-01T10:00:05.1234567Z npm ERR! ERESOLVE unable to resolve dependency tree\n";

async fn delivered(tower: &Tower, run: i64, job: i64) -> i64 {
    let answer = tower
        .app
        .deliver("workflow_job", &format!("d-{run}-{job}"), &deliveries::job(run, job))
        .await;
    answer.json()["id"].as_i64().expect("an id")
}

#[tokio::test]
async fn the_log_of_a_failed_job_revises_its_row_and_the_token_stays_at_home() {
    let storage = Fake::start(|_, _| Answer::bytes(LOG)).await;
    let link = storage.url("/logs/1?sig=secret");
    let api = Fake::start(move |asked, _| match asked.path.as_str() {
        "/repositories/42/check-runs/70/annotations" => Answer::json(&json!([])),
        _ => Answer::redirect(link.clone()),
    })
    .await;
    let mut tower = Tower::start(&api).await;
    let id = delivered(&tower, 7, 70).await;
    let before = tower.until(id, |_| true).await;
    assert_eq!(
        (before.revision, before.verdict.decided_from, before.verdict.log_state),
        (1, DecidedFrom::Payload, LogState::NotTried)
    );
    // As after a restart: what was waited for is found in the database.
    tower.collect();
    let row = tower.until(id, |row| row.verdict.log_state == LogState::Ok).await;
    assert_eq!((row.revision, row.verdict.decided_from), (2, DecidedFrom::Log));
    assert!(
        row.verdict
            .evidence
            .iter()
            .any(|excerpt| excerpt.text.contains("ERESOLVE"))
    );
    let log = tower.app.handle.query().log(id).await.expect("read").expect("kept");
    assert_eq!(log, LOG.as_bytes());
    let asked = api.asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    let allowed = [
        "/repositories/42/check-runs/70/annotations",
        "/repositories/42/actions/jobs/70/logs",
    ];
    assert_eq!(paths, allowed, "two requests, no more");
    assert_eq!(asked[1].headers["authorization"], format!("Bearer {TOKEN}"));
    let stored = storage.asked();
    assert_eq!(stored.len(), 1);
    assert!(!format!("{stored:?}").contains(TOKEN) && !stored[0].headers.contains_key("authorization"));
    assert_eq!(tower.app.ids().await, [id]);
}

fn gzip(bytes: &[u8], times: usize) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..times {
        packed.write_all(bytes).expect("packed");
    }
    packed.finish().expect("packed")
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("a member");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

#[tokio::test]
async fn every_way_to_have_no_log_has_its_state_and_loses_nothing() {
    let cases: Vec<(i64, Answer, LogState)> = vec![
        (1, Answer::status(404), LogState::NotYet),
        (2, Answer::status(410), LogState::Expired),
        (3, Answer::status(403), LogState::Forbidden),
        (4, Answer::bytes(gzip(&vec![b'a'; 1 << 20], 1_024)), LogState::TooBig),
        (
            5,
            Answer::bytes(zip(&[("../../etc/cron.d/x", "boo")])),
            LogState::Truncated,
        ),
        (6, Answer::Broken(LOG.repeat(2_000).into_bytes()), LogState::Truncated),
        (7, Answer::Silent(LOG.repeat(2_000).into_bytes()), LogState::Truncated),
        (8, Answer::bytes(vec![b'x'; 30 << 20]), LogState::TooBig),
        (
            9,
            Answer::bytes(b"\xff\xfe\x00 error: bad bytes \xc3\x28\n".to_vec()),
            LogState::Ok,
        ),
    ];
    let answers: Vec<(i64, Answer)> = cases.iter().map(|(job, answer, _)| (*job, answer.clone())).collect();
    let api = Fake::start(move |asked, _| {
        let of = |job: i64| asked.path.ends_with(&format!("/jobs/{job}/logs"));
        answers
            .iter()
            .find(|(job, _)| of(*job))
            .map_or(Answer::status(404), |(_, answer)| answer.clone())
    })
    .await;
    let mut tower = Tower::start(&api).await;
    let mut ids = Vec::new();
    for (job, _, state) in &cases {
        ids.push((delivered(&tower, 100 + job, *job).await, *state));
    }
    tower.collect();
    for (id, state) in ids {
        let row = tower.until(id, |row| row.verdict.log_state == state).await;
        assert!(row.revision >= 1, "{id}");
    }
    let cut = tower
        .until(tower.app.ids().await[3], |row| {
            row.verdict.decided_from == DecidedFrom::Log
        })
        .await;
    assert_eq!(
        cut.verdict.log_state,
        LogState::Truncated,
        "what came before the cut is judged"
    );
}

#[tokio::test]
async fn limits_and_trouble_pass_and_the_log_comes_in_the_end() {
    let html = || Answer::Whole(502, vec![("content-type", "text/html".into())], b"<html>oops".to_vec());
    let secondary = || {
        let text = json!({ "message": "You have exceeded a secondary rate limit." }).to_string();
        Answer::Whole(403, Vec::new(), text.into_bytes())
    };
    let api = Fake::start(move |asked, before| match (asked.path.as_str(), before) {
        ("/repositories/42/actions/jobs/1/logs", 0) => {
            Answer::Whole(429, vec![("retry-after", "90".into())], Vec::new())
        }
        ("/repositories/42/actions/jobs/2/logs", 0) => secondary(),
        ("/repositories/42/actions/jobs/3/logs", 0..=1) => html(),
        ("/repositories/42/actions/jobs/4/logs", 0) => {
            Answer::Whole(200, vec![("content-type", "text/html".into())], b"<html>".to_vec())
        }
        _ => Answer::bytes(LOG),
    })
    .await;
    let mut tower = Tower::start(&api).await;
    let mut ids = Vec::new();
    for job in 1..=4 {
        ids.push(delivered(&tower, 50 + job, job).await);
    }
    tower.collect();
    for id in ids {
        let row = tower.until(id, |row| row.verdict.log_state == LogState::Ok).await;
        assert_eq!(row.verdict.decided_from, DecidedFrom::Log);
    }
    assert_eq!(api.count("/jobs/1/logs"), 2, "nobody asks while a limit holds");
    assert_eq!(api.count("/jobs/2/logs"), 2);
}

fn listed_job(run: i64, job: i64, conclusion: &str) -> Value {
    let mut listed = deliveries::job_that(run, job, "completed", conclusion)["workflow_job"].take();
    listed["run_attempt"] = json!(2);
    listed["name"] = json!(format!("job {job}"));
    listed
}

#[tokio::test]
async fn a_run_gives_way_to_its_failed_jobs_out_of_137_on_two_pages() {
    let api = Fake::start(|asked, _| {
        if asked.path != "/repositories/42/actions/runs/9/attempts/2/jobs" {
            return Answer::bytes(LOG);
        }
        let page: i64 = asked.query["page"].parse().expect("a page");
        let jobs = (1..=137).filter(|job| (job - 1) / 100 + 1 == page);
        let jobs: Vec<Value> = jobs
            .map(|job| listed_job(9, job, if job % 20 == 0 { "failure" } else { "success" }))
            .collect();
        Answer::json(&json!({ "total_count": 137, "jobs": jobs }))
    })
    .await;
    let mut tower = Tower::start(&api).await;
    let mut run = deliveries::run(9);
    run["workflow_run"]["run_attempt"] = json!(2);
    let id = tower.app.deliver("workflow_run", "d-9", &run).await.json()["id"]
        .as_i64()
        .expect("an id");
    tower.collect();
    let six = |snapshot: &sentinel::app::snapshot::Snapshot| {
        let done = snapshot
            .rows
            .iter()
            .filter(|row| row.verdict.log_state == LogState::Ok)
            .count();
        done == 6 && snapshot.rows.len() == 6
    };
    let mut watched = tower.app.handle.watch();
    let waited = tokio::time::timeout(std::time::Duration::from_secs(30), watched.wait_for(|now| six(now)));
    drop(waited.await.expect("in time").expect("running"));
    let ids = tower.app.ids().await;
    assert_eq!(ids.len(), 6);
    assert!(!ids.contains(&id), "the run is the parent of its jobs now");
    assert_eq!(api.count("/attempts/2/jobs"), 2);
    assert_eq!(api.count("/logs"), 6);
    let waiting = tower.app.handle.query();
    assert_eq!(waiting.collecting().logs_waiting().await.expect("read"), 0);
}

#[tokio::test]
async fn a_job_whose_own_log_is_missing_finds_it_in_the_archive_of_its_run() {
    let archive = zip(&[
        ("0_other.txt", "error: not this one\n"),
        ("1_build (ubuntu).txt", LOG),
        ("build (ubuntu)/1_Set up job.txt", "pieces\n"),
    ]);
    let api = Fake::start(move |asked, _| {
        if asked.path.ends_with("/attempts/1/logs") {
            Answer::bytes(archive.clone())
        } else {
            Answer::status(404)
        }
    })
    .await;
    let mut tower = Tower::start(&api).await;
    let id = delivered(&tower, 7, 70).await;
    tower.collect();
    tower.until(id, |row| row.verdict.log_state == LogState::Ok).await;
    let log = tower.app.handle.query().log(id).await.expect("read").expect("kept");
    assert_eq!(log, LOG.as_bytes());
}

#[tokio::test]
async fn an_answer_that_has_not_changed_is_not_sent_again() {
    let api = Fake::start(|asked, _| match asked.headers.get("if-none-match") {
        Some(etag) if etag == "\"one\"" => Answer::Whole(304, vec![("etag", "\"one\"".into())], Vec::new()),
        _ => {
            let body = json!({ "id": 42, "full_name": "octo/hello", "default_branch": "main" }).to_string();
            Answer::Whole(200, vec![("etag", "\"one\"".into())], body.into_bytes())
        }
    })
    .await;
    let tower = Tower::start(&api).await;
    let look = || tower.github.repository("octo/hello", sentinel::github::Purpose::Past);
    let (first, again) = (look().await.expect("a repository"), look().await.expect("a repository"));
    assert_eq!((first.id, &first), (42, &again));
    assert!(api.asked()[1].headers.contains_key("if-none-match"));
}

#[tokio::test]
async fn a_check_learns_the_steps_of_its_job_and_annotations_prove_what_a_log_that_is_gone_cannot() {
    let api = Fake::start(|asked, _| match asked.path.as_str() {
        "/repositories/42/actions/jobs/70" => Answer::json(&deliveries::job(7, 70)["workflow_job"]),
        "/repositories/42/check-runs/70/annotations" => {
            let generic = json!({ "annotation_level": "failure", "path": ".github", "start_line": 1,
                "message": "Process completed with exit code 101." });
            let says = json!({ "annotation_level": "failure", "path": "src/main.rs", "start_line": 3, "title": "",
                "message": "error[E0308]: mismatched types; token ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9" });
            if asked.query["page"] == "1" {
                Answer::json(&Value::from(vec![generic; 100]))
            } else {
                Answer::json(&json!([says]))
            }
        }
        _ => Answer::status(410),
    })
    .await;
    let mut tower = Tower::start(&api).await;
    let mut check = deliveries::check(7, 70);
    check["check_run"]["output"] = json!({ "title": null, "summary": null, "text": null });
    let id = tower.app.deliver("check_run", "d-1", &check).await.json()["id"]
        .as_i64()
        .expect("an id");
    tower.collect();
    let row = tower.until(id, |row| row.verdict.log_state == LogState::Expired).await;
    assert_eq!(row.job.failed_steps, ["Run cargo test"]);
    assert_eq!(row.job.runner_labels, ["ubuntu-24.04"]);
    assert_eq!(row.job.measurements.test_duration_sec, Some(295.0));
    let proof = row.verdict.evidence.first().expect("an annotation");
    assert!(
        proof.text.contains("src/main.rs:3: error[E0308]: mismatched types"),
        "{proof:?}"
    );
    assert!(
        !row.job.message.expect("kept").contains("ghp_aB3d"),
        "secrets are masked"
    );
    assert_eq!(row.verdict.decided_from, DecidedFrom::Payload);
    assert_eq!(tower.app.ids().await, [id]);
}

#[tokio::test]
async fn checks_that_are_not_ours_to_read_are_asked_for_once_and_hold_no_log_up() {
    let api = Fake::start(|asked, _| {
        if asked.path.contains("/check-runs/") {
            Answer::status(403)
        } else {
            Answer::bytes(LOG)
        }
    })
    .await;
    let mut tower = Tower::start(&api).await;
    tower.collect();
    for job in 1..=3 {
        let id = delivered(&tower, 7, job).await;
        tower.until(id, |row| row.verdict.log_state == LogState::Ok).await;
    }
    assert_eq!(api.count("/annotations"), 1);
}

#[tokio::test]
async fn at_a_tenth_of_the_requests_only_live_failures_are_fetched() {
    let api = Fake::start(|asked, _| {
        let reset = (crate::common::START + 100_000).to_string();
        let left = vec![
            ("x-ratelimit-limit", "5000".to_owned()),
            ("x-ratelimit-remaining", "500".to_owned()),
            ("x-ratelimit-reset", reset),
        ];
        let body = if asked.path.ends_with("/logs") {
            LOG.into()
        } else {
            b"[]".to_vec()
        };
        Answer::Whole(200, left, body)
    })
    .await;
    let mut tower = Tower::start(&api).await;
    tower.collect();
    for job in 1..=2 {
        let id = delivered(&tower, 7, job).await;
        tower.until(id, |row| row.verdict.log_state == LogState::Ok).await;
    }
    let so_far = api.asked().len();
    assert_eq!(
        (so_far, api.count("/annotations")),
        (3, 1),
        "what is beside a log waits too"
    );
    let swept = tower.collector().sweep().await;
    assert!(
        swept.is_err_and(|error| error.to_string().contains("limit")),
        "past ones wait"
    );
    assert_eq!(api.asked().len(), so_far);
    let metrics = tower.app.get("/metrics").await.text();
    assert!(metrics.contains("sentinel_github_rate_remaining 500"), "{metrics}");
}

#[tokio::test]
async fn as_many_logs_are_fetched_at_one_time_as_the_setting_says() {
    const AT_ONCE: usize = 32;
    const JOBS: i64 = 40;
    let gate = CancellationToken::new();
    let held = gate.clone();
    let api = Fake::start(move |asked, _| {
        if asked.path.ends_with("/logs") {
            Answer::Gated(LOG.into(), held.clone())
        } else {
            Answer::json(&json!([]))
        }
    })
    .await;
    let patient = Pace {
        silence: Duration::from_mins(1),
        log: Duration::from_mins(1),
        ..PACE
    };
    let mut tower = Tower::of(|clock| api.client_with(clock, patient)).await;
    let mut ids = Vec::new();
    for job in 1..=JOBS {
        ids.push(delivered(&tower, job, 10 * job).await);
    }
    tower.collect_with(GitHubSettings {
        logs_at_once: AT_ONCE,
        ..GitHubSettings::default()
    });
    while api.moving() < AT_ONCE {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gate.cancel();
    for id in ids {
        tower.until(id, |row| row.verdict.log_state == LogState::Ok).await;
    }
    assert_eq!((api.most_moving(), api.count("/logs")), (AT_ONCE, 40));
}
