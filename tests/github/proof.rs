//! A success in a later attempt is proof against the failure before it.

use sentinel::app::known_issues::KnownIssues;
use sentinel::verdict::LogState;
use serde_json::{Value, json};

use crate::common::{TestApp, deliveries};
use crate::fake::{Answer, Fake, Tower};

#[tokio::test]
async fn a_green_later_attempt_marks_the_failure_and_makes_no_row() {
    let app = TestApp::start().await;
    let id = app.deliver("workflow_job", "d-1", &deliveries::job(7, 70)).await.json()["id"].clone();
    let id = id.as_i64().expect("an id");
    let other = app.deliver("workflow_job", "d-2", &deliveries::job(8, 80)).await.json()["id"].clone();
    let mut green = deliveries::job_that(7, 71, "completed", "success");
    green["workflow_job"]["run_attempt"] = json!(4);
    let answer = app.deliver("workflow_job", "d-3", &green).await.json();
    assert_eq!(answer["status"], "ignored");
    let store = app.handle.query();
    let proof = store
        .collecting()
        .passed_later(id)
        .await
        .expect("read")
        .expect("marked");
    assert_eq!((proof.rerun, proof.of), (3, 3));
    let unmarked = store.collecting().passed_later(other.as_i64().expect("an id")).await;
    assert_eq!(unmarked.expect("read"), None);
    assert_eq!(app.ids().await.len(), 2);
}

#[tokio::test]
async fn a_first_attempt_and_another_job_prove_nothing() {
    let app = TestApp::start().await;
    let id = app.deliver("workflow_job", "d-1", &deliveries::job(7, 70)).await.json()["id"].clone();
    let mut other = deliveries::job_that(7, 72, "completed", "success");
    other["workflow_job"]["run_attempt"] = json!(2);
    other["workflow_job"]["name"] = json!("lint");
    app.deliver("workflow_job", "d-2", &other).await.json();
    app.deliver(
        "workflow_job",
        "d-3",
        &deliveries::job_that(7, 73, "completed", "success"),
    )
    .await
    .json();
    let proof = app
        .handle
        .query()
        .collecting()
        .passed_later(id.as_i64().expect("an id"))
        .await;
    assert_eq!(proof.expect("read"), None);
}

#[tokio::test]
async fn the_detail_of_a_failure_says_where_else_it_was_seen_and_that_it_is_known() {
    let issues = "[[issue]]\npattern = \"E0308\"\nlink = \"https://issues.example/1\"\n";
    let app = TestApp::with(|setup| {
        setup.known_issues = std::sync::Arc::new(KnownIssues::parse(issues).expect("a file"));
    })
    .await;
    let id = app.deliver("check_run", "d-1", &deliveries::check(7, 70)).await.json()["id"].clone();
    let again = app.deliver("check_run", "d-2", &deliveries::check(8, 80)).await.json()["id"].clone();
    let first = app.get(&format!("/api/failures/{id}")).await.json();
    assert_eq!(
        (&first["seen"]["count"], &first["seen"]["novelty"]),
        (&json!(2), &json!("new"))
    );
    assert_eq!(first["known_issue"]["link"], "https://issues.example/1");
    assert_eq!((&first["flaky"], &first["passed_later"]), (&json!(false), &json!(null)));
    let second = app.get(&format!("/api/failures/{again}")).await.json();
    assert_eq!(second["seen"]["novelty"], "seen");
}

/// A run of this event that ended so, and its job; both later than the failures of [`deliveries`].
async fn green_job(app: &TestApp, run: i64, name: &str) {
    let mut job = deliveries::job_that(run, 10 * run, "completed", "success");
    job["workflow_job"]["name"] = json!(name);
    job["workflow_job"]["completed_at"] = json!("2026-09-01T22:00:00Z");
    app.deliver("workflow_job", &format!("g-{run}-{name}"), &job)
        .await
        .json();
}

async fn run_of(app: &TestApp, run: i64, event: &str, conclusion: &str) {
    let mut ended = deliveries::run(run);
    ended["workflow_run"]["event"] = json!(event);
    ended["workflow_run"]["conclusion"] = json!(conclusion);
    app.deliver("workflow_run", &format!("r-{run}"), &ended).await.json();
}

async fn failed_job(app: &TestApp, run: i64) -> i64 {
    let failed = app
        .deliver("workflow_job", &format!("f-{run}"), &deliveries::job(run, 10 * run))
        .await;
    failed.json()["id"].as_i64().expect("an id")
}

async fn proof(app: &TestApp, id: i64) -> (Value, Value) {
    let row = app.get(&format!("/api/failures/{id}")).await.json();
    (row["flaky"].clone(), row["passed_later"]["run_id"].clone())
}

#[tokio::test]
async fn another_run_of_the_same_tree_that_passed_is_proof_whatever_arrives_first() {
    let app = TestApp::start().await;
    let known_before = failed_job(&app, 7).await;
    run_of(&app, 7, "push", "failure").await;
    green_job(&app, 8, "build (ubuntu)").await;
    assert_eq!(
        proof(&app, known_before).await,
        (json!(false), json!(null)),
        "what started run 8?"
    );
    // The run failed by another job: this one passed all the same.
    run_of(&app, 8, "push", "failure").await;
    assert_eq!(proof(&app, known_before).await, (json!(true), json!(8)));
    let known_after = failed_job(&app, 17).await;
    green_job(&app, 18, "build (ubuntu)").await;
    run_of(&app, 18, "schedule", "success").await;
    assert_eq!(
        proof(&app, known_after).await,
        (json!(false), json!(null)),
        "what started run 17?"
    );
    run_of(&app, 17, "schedule", "failure").await;
    assert_eq!(proof(&app, known_after).await, (json!(true), json!(18)));
}

#[tokio::test]
async fn a_run_of_another_tree_of_another_job_or_by_hand_proves_nothing() {
    let app = TestApp::start().await;
    for (run, events, job) in [
        (20, ["pull_request", "pull_request"], "build (ubuntu)"),
        (30, ["push", "schedule"], "build (ubuntu)"),
        (40, ["workflow_dispatch", "workflow_dispatch"], "build (ubuntu)"),
        (50, ["push", "push"], "lint"),
    ] {
        // Each pair on a commit of its own.
        let mut failed = deliveries::job(run, 10 * run);
        failed["workflow_job"]["head_sha"] = json!(format!("{run:040}"));
        let id = app.deliver("workflow_job", &format!("f-{run}"), &failed).await.json()["id"].clone();
        run_of(&app, run, events[0], "failure").await;
        let mut green = deliveries::job_that(run + 1, 10 * run + 1, "completed", "success");
        green["workflow_job"]["head_sha"] = json!(format!("{run:040}"));
        green["workflow_job"]["name"] = json!(job);
        green["workflow_job"]["completed_at"] = json!("2026-09-01T22:00:00Z");
        app.deliver("workflow_job", &format!("g-{run}"), &green).await.json();
        run_of(&app, run + 1, events[1], "success").await;
        assert_eq!(
            proof(&app, id.as_i64().expect("an id")).await,
            (json!(false), json!(null)),
            "{events:?}"
        );
    }
}

#[tokio::test]
async fn an_outage_of_several_repositories_is_no_flaky_job_though_it_passed_later() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for repository in 1..=3 {
        let mut check = deliveries::check(100 + repository, 1_000 + repository);
        check["repository"]["id"] = json!(repository);
        check["repository"]["full_name"] = json!(format!("octo/repository-{repository}"));
        let answer = app
            .deliver("check_run", &format!("d-{repository}"), &check)
            .await
            .json();
        ids.push(answer["id"].as_i64().expect("an id"));
    }
    let mut job = deliveries::job(101, 1_001);
    let mut green = deliveries::job_that(101, 2_001, "completed", "success");
    green["workflow_job"]["run_attempt"] = json!(2);
    for body in [&mut job, &mut green] {
        body["repository"]["id"] = json!(1);
    }
    app.deliver("workflow_job", "d-job", &job).await.json();
    app.deliver("workflow_job", "d-green", &green).await.json();
    let row = app.get(&format!("/api/failures/{}", ids[0])).await.json();
    assert_eq!(
        (&row["seen"]["outage"], &row["seen"]["repositories"]),
        (&json!(true), &json!(3))
    );
    assert_eq!(
        (&row["passed_later"]["rerun"], &row["flaky"]),
        (&json!(1), &json!(false))
    );
}

#[tokio::test]
async fn a_re_run_that_passes_leaves_the_first_attempt_its_log_and_marks_it_flaky() {
    const LOG: &str = "--- FAIL: TestBalance (0.02s)\n";
    let api = Fake::start(|asked, _| {
        let of_first = asked.path == "/repositories/42/actions/jobs/70/logs";
        if of_first {
            Answer::bytes(LOG)
        } else {
            Answer::status(404)
        }
    })
    .await;
    let mut tower = Tower::start(&api).await;
    let failed = tower.app.deliver("workflow_job", "d-1", &deliveries::job(7, 70)).await;
    let id = failed.json()["id"].as_i64().expect("an id");
    let mut green = deliveries::job_that(7, 71, "completed", "success");
    green["workflow_job"]["run_attempt"] = json!(2);
    tower.app.deliver("workflow_job", "d-2", &green).await.json();
    // The log is asked for by the job, whose ids differ between attempts, though a newer one is there by now.
    tower.collect();
    tower.until(id, |row| row.verdict.log_state == LogState::Ok).await;
    let log = tower.app.handle.query().log(id).await.expect("read").expect("kept");
    assert_eq!(log, LOG.as_bytes());
    let row = tower.app.get(&format!("/api/failures/{id}")).await.json();
    assert_eq!((&row["flaky"], &row["attempt"]), (&json!(true), &json!(1)));
    assert_eq!(row["passed_later"]["rerun"], 1);
    assert_eq!(tower.app.ids().await, [id]);
}

#[tokio::test]
async fn a_sweep_finds_the_proof_in_a_run_whose_deliveries_never_came() {
    let api = Fake::start(|asked, _| match asked.path.as_str() {
        "/repositories/42/actions/runs" => {
            let mut run = deliveries::run(8)["workflow_run"].take();
            run["event"] = json!("schedule");
            run["conclusion"] = json!("success");
            run["updated_at"] = json!("2026-09-01T22:10:00Z");
            Answer::json(&json!({ "total_count": 1, "workflow_runs": [run] }))
        }
        "/repositories/42/actions/runs/8/attempts/1/jobs" => {
            let mut job = deliveries::job_that(8, 80, "completed", "success")["workflow_job"].take();
            job["completed_at"] = json!("2026-09-01T22:00:00Z");
            Answer::json(&json!({ "total_count": 1, "jobs": [job] }))
        }
        _ => Answer::status(404),
    })
    .await;
    let tower = Tower::start(&api).await;
    let id = failed_job(&tower.app, 7).await;
    run_of(&tower.app, 7, "schedule", "failure").await;
    let collector = tower.collector();
    assert_eq!(collector.sweep().await.expect("swept"), 0, "nothing new failed");
    assert_eq!(proof(&tower.app, id).await, (json!(true), json!(8)));
    collector.sweep().await.expect("swept again");
    assert_eq!(api.count("/runs/8/attempts/1/jobs"), 1, "its jobs are listed once");
}
