//! Logs of failed jobs: fetched, judged, and what becomes of those that cannot be had.

use std::io::Write;

use sentinel::verdict::{DecidedFrom, LogState};
use serde_json::{Value, json};

use crate::common::deliveries;
use crate::fake::{Answer, Fake, TOKEN, Tower};

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
    let api = Fake::start(move |_, _| Answer::redirect(link.clone())).await;
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
    assert_eq!(asked[0].path, "/repositories/42/actions/jobs/70/logs");
    assert_eq!(asked[0].headers["authorization"], format!("Bearer {TOKEN}"));
    let stored = storage.asked();
    assert_eq!((asked.len(), stored.len()), (1, 1));
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
