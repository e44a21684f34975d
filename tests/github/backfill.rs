//! The past, in steps: stopped half-way it goes on, and judges nothing twice.

use std::fs::File;
use std::io::Read;
use std::num::NonZero;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use nix::pty::{OpenptyResult, Winsize, openpty};
use sentinel::store::HistoryFilter;
use serde_json::{Value, json};

use crate::common::{START, deliveries};
use crate::fake::{Answer, Fake, Tower};
use crate::process::sentinel;

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

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_above_the_bar() {
    let now = Timestamp::now();
    let api = Fake::start(move |asked, _| match asked.path.as_str() {
        "/repos/octo/hello" => Answer::json(&json!({ "id": 42, "full_name": "octo/hello", "default_branch": "main" })),
        "/repositories/42/actions/runs" => {
            let listed = (1..=5).map(|run| {
                let mut listed = deliveries::run(run)["workflow_run"].take();
                listed["created_at"] = json!(now.to_string());
                listed
            });
            let listed: Vec<Value> = listed.filter(|_| asked.query["page"] == "1").collect();
            Answer::json(&json!({ "total_count": 5, "workflow_runs": listed }))
        }
        path if path.ends_with("/jobs") => {
            let run: i64 = path.split('/').nth(5).and_then(|run| run.parse().ok()).expect("a run");
            let job = deliveries::job(run, 10 * run)["workflow_job"].take();
            Answer::json(&json!({ "total_count": 1, "jobs": [job] }))
        }
        _ => Answer::status(422),
    })
    .await;
    let data = tempfile::tempdir().expect("a folder");
    let size = Winsize {
        ws_row: 24,
        ws_col: 132,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let OpenptyResult { master, slave } = openpty(&size, None).expect("a terminal");
    let mut command = sentinel(data.path(), &api);
    let command = command.args(["backfill", "octo/hello", "--since", "2d"]);
    let command = command.env("TERM", "xterm").stdout(Stdio::null());
    let mut running = command.stderr(slave).spawn().expect("started");
    command.stderr(Stdio::null());
    let (rows, columns) = (
        NonZero::new(24).expect("not zero"),
        NonZero::new(132).expect("not zero"),
    );
    let mut screen = vt100::Parser::new(rows, columns, 200);
    let mut bytes = [0; 4_096];
    let mut terminal = File::from(master);
    let mut bars = 0;
    // It ends with the last descriptor of the terminal.
    while let Ok(length @ 1..) = terminal.read(&mut bytes) {
        screen.process(&bytes[..length]);
        bars += usize::from(screen.screen().contents().contains(" %  "));
    }
    assert!(running.wait().expect("ended").success());
    let said = screen.screen().contents();
    let said: Vec<&str> = said.lines().collect();
    assert!(bars > 0, "a bar was drawn");
    assert_eq!(
        said.iter().filter(|line| line.contains("log not fetched")).count(),
        5,
        "{said:#?}"
    );
    for line in &said {
        let whole = line.is_empty() || line.starts_with("20") && line.matches(" WARN ").count() == 1;
        assert!(whole, "a torn line: {said:#?}");
    }
}
