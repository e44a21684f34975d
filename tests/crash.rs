//! What was acknowledged survives `kill -9`: the real program, real sockets, a real database.

#![expect(clippy::expect_used, reason = "a test that cannot go on ends there")]

#[expect(dead_code, reason = "other tests use the rest")]
mod common;
#[path = "common/served.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod served;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use sentinel::bundle::Bundle;
use sentinel::registry::{Approval, ModelSettings, Registry};
use sentinel::training::gate::{Case, decide};
use serde_json::{Value, json};
use served::Served;
use tokio::sync::Mutex;

const ROUNDS: u64 = 5;
const CONNECTIONS: usize = 32;

/// A running `sentinel serve`.
fn serve(data: &Path) -> Served {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel"));
    let settings = ["server.listen=127.0.0.1:0", "api.rate_per_minute=0"];
    command
        .arg("serve")
        .args(settings.iter().flat_map(|setting| ["--set", setting]))
        .arg("--data")
        .arg(data)
        .env_remove("SENTINEL_CONFIG");
    Served::start(&mut command)
}

/// A server that trains in a second: this test program again, as [`the_server_that_trains_fast`].
fn serve_and_train_fast(data: &Path) -> Served {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "the_server_that_trains_fast", "--ignored", "--nocapture"])
        .stdout(Stdio::null())
        .env(DATA, data);
    Served::start(&mut command)
}

fn delivery(job: u64) -> Value {
    json!({
        "action": "completed",
        "repository": { "id": 7, "full_name": "acme/app" },
        "workflow_job": {
            "id": job, "run_id": 1_000 + job, "run_attempt": 1, "name": "build", "conclusion": "failure",
            "started_at": "2026-09-01T10:00:00Z", "completed_at": "2026-09-01T10:05:00Z",
            "steps": [{ "name": "Compile", "conclusion": "failure" }]
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_delivery_is_there_after_kill_9() {
    let data = tempfile::tempdir().expect("a folder");
    let next = Arc::new(AtomicU64::new(1));
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    for round in 0..ROUNDS {
        let server = serve(data.path());
        let senders: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let (url, next, acknowledged) = (
                    server.url("/webhook/github"),
                    Arc::clone(&next),
                    Arc::clone(&acknowledged),
                );
                tokio::spawn(async move {
                    let client = reqwest::Client::new();
                    loop {
                        let job = next.fetch_add(1, Ordering::Relaxed);
                        let sent = client.post(&url).header("X-GitHub-Event", "workflow_job");
                        let sent = sent
                            .header("X-GitHub-Delivery", format!("d{job}"))
                            .json(&delivery(job))
                            .send()
                            .await;
                        match sent {
                            Ok(answer) if answer.status() == 200 => drop(acknowledged.lock().await.insert(job)),
                            Ok(_busy) => {}
                            Err(_killed) => break,
                        }
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(300 + 70 * round)).await;
        drop(server);
        for sender in senders {
            sender.await.expect("no panic");
        }
    }
    let acknowledged = acknowledged.lock().await.clone();
    assert!(
        acknowledged.len() > 100,
        "{} deliveries are too few to tell",
        acknowledged.len()
    );
    let server = serve(data.path());
    let lost: Vec<u64> = acknowledged.difference(&stored(&server).await).copied().collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged deliveries are lost: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
}

/// The jobs in the history, page by page.
async fn stored(server: &Served) -> BTreeSet<u64> {
    let mut jobs = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let url = server.url(&format!("/api/history?limit=1000{cursor}"));
        let page: Value = reqwest::get(url).await.expect("an answer").json().await.expect("JSON");
        jobs.extend(
            page["items"]
                .as_array()
                .expect("rows")
                .iter()
                .filter_map(|row| row["job_id"].as_u64()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return jobs,
        }
    }
}

/// Rounds of the test below; each ends in `kill -9`.
const MODEL_ROUNDS: u64 = 12;

/// A second version, so that there is something to change to.
fn add_a_version(data: &Path) {
    let at = jiff::Timestamp::from_second(1_790_000_000).expect("a second");
    let (registry, loaded) = Registry::open(data, &ModelSettings::default(), at).expect("a registry");
    let case = Case {
        at,
        champion: "v1".into(),
        challenger: "v2".into(),
        seed: 1,
        ..Case::default()
    };
    let approval = Approval {
        actor: "the test".into(),
        reason: "a second version".into(),
        at,
        corrections: 0,
    };
    let second = Bundle {
        version: "v2".into(),
        ..loaded.bundle
    };
    registry
        .add(&second, &decide(&case), &approval)
        .expect("a folder that can be written");
}

/// Promotes the one version and the other, and corrects a failure in between, until the server is gone.
async fn change_models(url: String, corrected: Arc<AtomicU64>, live: Arc<Mutex<(String, String)>>) {
    let client = reqwest::Client::new();
    let post = |path: String, body: Value| client.post(format!("{url}{path}")).json(&body).send();
    let record = json!({ "log": "error: the castle is shut\n" });
    let Ok(judged) = post("/api/analyze".into(), record).await else {
        return;
    };
    let Ok(judged) = judged.json::<Value>().await else {
        return;
    };
    let mut other = 0;
    loop {
        let word = json!({ "corrected_label": (if other == 0 { "timeout" } else { "test-failure" }) });
        match post(format!("/api/failures/{}/corrections", judged["id"]), word).await {
            Ok(answer) if answer.status() == 200 => drop(corrected.fetch_add(1, Ordering::SeqCst)),
            Ok(_busy) => {}
            Err(_killed) => return,
        }
        if post("/api/retrain".into(), json!({})).await.is_err() {
            return;
        }
        other = 1 - other;
        let version = ["v1", "v2"][other];
        live.lock().await.1 = version.to_owned();
        match post(format!("/api/models/{version}/promote"), json!({})).await {
            Ok(answer) if answer.status() == 200 => live.lock().await.0 = version.to_owned(),
            Ok(_live_already) => {}
            Err(_killed) => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_models_change_the_registry_is_valid_and_no_word_is_lost() {
    let data = tempfile::tempdir().expect("a folder");
    add_a_version(data.path());
    let corrected = Arc::new(AtomicU64::new(0));
    let live = Arc::new(Mutex::new(("v1".to_owned(), "v1".to_owned())));
    for round in 0..MODEL_ROUNDS {
        let server = serve(data.path());
        let registry = ask(&server, "/api/registry").await;
        let (known, asked) = live.lock().await.clone();
        let champion = registry["champion"].as_str().expect("a version").to_owned();
        assert!(
            champion == known || champion == asked,
            "round {round}: {champion}, not {known} or {asked}"
        );
        assert_eq!(registry["notice"], Value::Null, "round {round}");
        let verified = ask(&server, "/api/registry/verify").await;
        assert_eq!(verified["sound"], true, "round {round}: {verified:#}");
        let board = ask(&server, "/api/dashboard").await;
        let stands = board["feedback_count"].as_u64().expect("a count");
        assert!(
            stands >= corrected.load(Ordering::SeqCst),
            "round {round}: a word is lost"
        );
        *live.lock().await = (champion.clone(), champion);
        let changing = tokio::spawn(change_models(server.url(""), Arc::clone(&corrected), Arc::clone(&live)));
        // The moments are spread over what a change takes.
        tokio::time::sleep(Duration::from_millis(150 + round * 37 % 200)).await;
        drop(server);
        changing.await.expect("no panic");
    }
    assert!(
        corrected.load(Ordering::SeqCst) > 0,
        "no round came so far as to correct something"
    );
}

async fn ask(server: &Served, path: &str) -> Value {
    let answer = reqwest::get(server.url(path)).await.expect("an answer");
    answer.json().await.expect("JSON")
}

/// The environment variable that names the data folder of [`the_server_that_trains_fast`].
const DATA: &str = "SENTINEL_TEST_DATA";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is the process that the test below kills"]
async fn the_server_that_trains_fast() {
    let data = std::env::var_os(DATA).expect("only the test below starts it");
    let app = common::TestApp::with(|setup| {
        setup.data = Some(data.into());
        setup.doors.clock = Arc::new(jiff::Timestamp::now);
    })
    .await;
    eprintln!(
        "{}",
        json!({ "message": "listening", "address": app.address.to_string() })
    );
    app.serving.await.expect("no panic").expect("a server");
}

/// What the server has acknowledged.
#[derive(Default)]
struct Acknowledged {
    events: BTreeSet<u64>,
    corrections: u64,
    promotions: usize,
    trainings: usize,
}

/// Sends failures, corrects them, retrains and promotes, until the server is gone.
async fn teach(url: String, next: Arc<AtomicU64>, told: Arc<Mutex<Acknowledged>>) {
    let client = reqwest::Client::new();
    let post = async |path: String, body: Value| {
        let answer = client.post(format!("{url}{path}")).json(&body).send().await.ok()?;
        answer.error_for_status().ok()?.json::<Value>().await.ok()
    };
    loop {
        let job = next.fetch_add(1, Ordering::Relaxed);
        let request = client
            .post(format!("{url}/webhook/github"))
            .header("X-GitHub-Event", "workflow_job");
        let request = request.header("X-GitHub-Delivery", format!("d{job}"));
        let Ok(answer) = request.json(&delivery(job)).send().await else {
            return;
        };
        let Ok(row) = answer.json::<Value>().await else { return };
        told.lock().await.events.insert(job);
        let word = json!({ "corrected_label": (["timeout", "test-failure", "network-error"][job as usize % 3]) });
        if post(format!("/api/failures/{}/corrections", row["id"]), word)
            .await
            .is_some()
        {
            told.lock().await.corrections += 1;
        }
        // Refused while one is under way.
        if post("/api/retrain".into(), json!({})).await.is_some() {
            told.lock().await.trainings += 1;
        }
        let version = ["v1", "v2"][job as usize % 2];
        if post(format!("/api/models/{version}/promote"), json!({}))
            .await
            .is_some()
        {
            told.lock().await.promotions += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn killed_at_fifty_random_moments_of_retraining_and_promotion_nothing_is_lost() {
    const KILLS: usize = 50;
    let data = tempfile::tempdir().expect("a folder");
    let (next, told) = (
        Arc::new(AtomicU64::new(1)),
        Arc::new(Mutex::new(Acknowledged::default())),
    );
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let mut trained = 0;
    for kill in 0..=KILLS {
        let server = serve_and_train_fast(data.path());
        let verified = ask(&server, "/api/registry/verify").await;
        assert_eq!(verified["sound"], true, "kill {kill}: {verified:#}");
        let registry = ask(&server, "/api/registry").await;
        assert_eq!(registry["notice"], Value::Null, "kill {kill}");
        // The file: what is shown of it is bounded.
        let ledger = std::fs::read_to_string(data.path().join("models/ledger.jsonl")).expect("a ledger");
        let ledger: Vec<Value> = ledger
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let lines = |action: &str| ledger.iter().filter(|line| line["action"] == action).count();
        let mut newest_first = ledger.iter().rev();
        let live = newest_first.find(|line| line["action"] != "kept" && line["action"] != "added");
        let champion = ask(&server, "/api/dashboard").await["model_version"].clone();
        assert_eq!(Some(&champion), live.map(|line| &line["version"]), "kill {kill}");
        trained = lines("kept");
        {
            let told = told.lock().await;
            assert!(lines("promoted") >= told.promotions, "kill {kill}: a promotion is lost");
            let board = ask(&server, "/api/dashboard").await;
            let corrections = board["feedback_count"].as_u64().expect("a count");
            assert!(corrections >= told.corrections, "kill {kill}: a word is lost");
            let lost: Vec<u64> = told.events.difference(&stored(&server).await).copied().collect();
            assert!(lost.is_empty(), "kill {kill}: events are lost: {lost:?}");
        }
        if kill == KILLS {
            break;
        }
        let teaching = tokio::spawn(teach(server.url(""), Arc::clone(&next), Arc::clone(&told)));
        tokio::time::sleep(Duration::from_millis(rng.random_range(20..1_500))).await;
        drop(server);
        teaching.await.expect("no panic");
    }
    let told = told.lock().await;
    eprintln!(
        "{KILLS} kills: {} events, {} corrections, {} promotions, {} retrainings begun and {trained} ended: nothing is lost",
        told.events.len(),
        told.corrections,
        told.promotions,
        told.trainings
    );
    assert!(
        trained > 0 && told.promotions > 0,
        "no round came so far as to retrain or promote"
    );
}
