//! What was acknowledged survives `kill -9`: the real program, real sockets, a real database.

#![expect(clippy::expect_used, reason = "a test that cannot go on ends there")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Mutex;

const ROUNDS: u64 = 5;
const CONNECTIONS: usize = 32;

/// A running `sentinel serve`, killed when dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_sentinel"))
            .args([
                "serve",
                "--set",
                "server.listen=127.0.0.1:0",
                "--set",
                "api.rate_per_minute=0",
                "--data",
            ])
            .arg(data)
            .env_remove("SENTINEL_CONFIG")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut log = BufReader::new(process.stderr.take().expect("piped"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(
                log.read_line(&mut line).expect("a log"),
                0,
                "the server ended before it listened"
            );
            let entry: Value = serde_json::from_str(&line).expect("JSON");
            if entry["message"] == "listening" {
                break entry["address"].as_str().expect("an address").to_owned();
            }
        };
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { process, address }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("SIGKILL");
        self.process.wait().expect("ended");
    }
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
        let server = Server::start(data.path());
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
    let server = Server::start(data.path());
    let lost: Vec<u64> = acknowledged.difference(&stored(&server).await).copied().collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged deliveries are lost: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
}

/// The jobs in the history, page by page.
async fn stored(server: &Server) -> BTreeSet<u64> {
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
