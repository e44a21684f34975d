//! Long demonstrations with the built program, each printing what it measured:
//! `cargo test --release --test github -- --ignored --nocapture --test-threads 1`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use sentinel::evidence::extract;
use sentinel::store::HistoryFilter;
use sentinel::store::Store as _;
use sentinel::store::sqlite::{SqliteLimits, SqliteStore};
use serde_json::{Value, json};

use crate::common::deliveries;
use crate::fake::{Answer, Asked, Fake};
use crate::process::{Server, peak_mib, rest, sentinel};

/// Runs of a month.
const RUNS: i64 = 2_000;

/// Requests of one window of the limit, and its length in seconds.
const LIMIT: i64 = 300;
const WINDOW: i64 = 8;

/// A limit of requests as GitHub keeps one.
struct Limit(Mutex<(i64, i64)>, AtomicI64);

impl Limit {
    fn new() -> Self {
        Self(Mutex::new((0, 0)), AtomicI64::new(LIMIT))
    }

    /// What goes with the answer to one more request.
    fn headers(&self) -> Vec<(&'static str, String)> {
        let now = Timestamp::now().as_second();
        let mut window = self.0.lock().expect("no panic before");
        if now >= window.0 {
            *window = (now + WINDOW, LIMIT);
        }
        window.1 -= 1;
        self.1.fetch_min(window.1, Ordering::SeqCst);
        vec![
            ("x-ratelimit-limit", LIMIT.to_string()),
            ("x-ratelimit-remaining", window.1.max(0).to_string()),
            ("x-ratelimit-reset", window.0.to_string()),
        ]
    }

    fn least(&self) -> i64 {
        self.1.load(Ordering::SeqCst)
    }
}

/// Run 1 is the newest; they are spread evenly over 29 days. Every tenth passed on its second attempt.
fn listed_run(run: i64, now: Timestamp) -> Value {
    let ago = SignedDuration::from_secs(29 * 24 * 3_600 * run / RUNS);
    let at = (now - ago).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut listed = deliveries::run(run)["workflow_run"].take();
    listed["head_sha"] = json!(format!("{run:040}"));
    for field in ["created_at", "run_started_at", "updated_at"] {
        listed[field] = json!(at);
    }
    if run % 10 == 0 {
        listed["run_attempt"] = json!(2);
        listed["conclusion"] = json!("success");
    }
    listed
}

fn listed(asked: &Asked, now: Timestamp) -> Value {
    let (from, to) = asked.query["created"].split_once("..").expect("a range");
    let (from, to): (Timestamp, Timestamp) = (from.parse().expect("a time"), to.parse().expect("a time"));
    let page: usize = asked.query["page"].parse().expect("a page");
    let within = |run: &Value| {
        let at: Timestamp = run["created_at"].as_str().expect("a text").parse().expect("a time");
        from <= at && at <= to
    };
    let found: Vec<Value> = (1..=RUNS).map(|run| listed_run(run, now)).filter(within).collect();
    let runs: Vec<Value> = found.iter().skip(100 * (page - 1)).take(100).cloned().collect();
    json!({ "total_count": found.len(), "workflow_runs": runs })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes two minutes"]
async fn a_backfill_of_2000_runs_killed_half_way_judges_each_once_within_the_budget() {
    let (now, limit) = (Timestamp::now(), Arc::new(Limit::new()));
    let counted = Arc::clone(&limit);
    let api = Fake::start(move |asked, _| {
        let headers = counted.headers();
        let parts: Vec<&str> = asked.path.split('/').collect();
        let body = match asked.path.as_str() {
            "/repos/octo/hello" => json!({ "id": 42, "full_name": "octo/hello", "default_branch": "main" }).to_string(),
            "/repositories/42/actions/runs" => listed(asked, now).to_string(),
            path if path.ends_with("/jobs") => {
                let run: i64 = parts[5].parse().expect("a run");
                let job = deliveries::job(run, 10 * run)["workflow_job"].take();
                json!({ "total_count": 1, "jobs": [job] }).to_string()
            }
            path => {
                let job: i64 = parts.get(5).and_then(|job| job.parse().ok()).unwrap_or_default();
                format!("{path}\nnpm ERR! code ERESOLVE\nnpm ERR! could not resolve dependency {job}\n")
            }
        };
        Answer::Whole(200, headers, body.into_bytes())
    })
    .await;
    let data = tempfile::tempdir().expect("a folder");
    let started = Instant::now();
    let mut first = sentinel(data.path(), &api)
        .args(["backfill", "octo/hello", "--since", "30d"])
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    while api.count("/jobs") < 1_000 {
        assert!(first.try_wait().expect("asked").is_none(), "it ended early");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    first.kill().expect("killed");
    first.wait().expect("gone");
    let lines = rest(first.stderr.take().expect("piped"));
    eprintln!(
        "killed after {:.1} s; it said:\n{}",
        started.elapsed().as_secs_f64(),
        lines.trim_end()
    );
    let second = sentinel(data.path(), &api)
        .args(["backfill", "octo/hello", "--since", "30d"])
        .output()
        .expect("run");
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    eprintln!(
        "done after {:.1} s; the second said:\n{}{}",
        started.elapsed().as_secs_f64(),
        String::from_utf8_lossy(&second.stderr),
        String::from_utf8_lossy(&second.stdout)
    );
    let store = SqliteStore::open(data.path(), SqliteLimits::default()).expect("the data folder");
    let totals = store.totals().await.expect("read");
    let rows = RUNS.unsigned_abs();
    assert_eq!(
        (totals.failures, totals.inferences),
        (rows, 2 * rows),
        "once on the list, once on its log"
    );
    let mut asked: HashMap<String, usize> = HashMap::new();
    for request in api.asked() {
        *asked.entry(request.path).or_default() += 1;
    }
    let twice = |end: &str| {
        asked
            .iter()
            .filter(|(path, times)| path.ends_with(end) && **times > 1)
            .count()
    };
    eprintln!(
        "{} requests for {RUNS} runs; jobs of {} runs listed twice, {} logs fetched twice (cut off by the kill); \
         at least {} of {LIMIT} requests were left",
        api.asked().len(),
        twice("/jobs"),
        twice("/logs"),
        limit.least()
    );
    assert!(
        twice("/jobs") <= 1 && twice("/logs") <= 8,
        "what was under way, no more"
    );
    assert!(limit.least() >= LIMIT / 10 - 1, "the last tenth is for live failures");
    let newest = store
        .history(&HistoryFilter::default(), None, 1)
        .await
        .expect("read")
        .items;
    assert_eq!(newest[0].revision, 2);
}

/// Deliveries a second: ten times what a busy organisation sends, and not all that the machine can take.
const RATE: u32 = 100;

/// Sends deliveries of nobody's repository at a steady rate, however long the answers take; milliseconds from when each was
/// due to its answer, sorted.
async fn load(server: &Server, first: i64, count: u32) -> Vec<f64> {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}/webhook/github", server.address);
    let mut tasks = tokio::task::JoinSet::new();
    let began = tokio::time::Instant::now();
    for sent in 0..count {
        let number = first + i64::from(sent);
        let mut body = deliveries::job(number, number);
        // Without an id nobody can ask for its log: what is measured is the webhook alone.
        body["repository"]["id"] = Value::Null;
        let due = began + Duration::from_secs(1) * sent / RATE;
        tokio::time::sleep_until(due).await;
        let (client, url) = (client.clone(), url.clone());
        tasks.spawn(async move {
            send(&client, &url, number, &body).await;
            due.elapsed().as_secs_f64() * 1e3
        });
    }
    let mut all: Vec<f64> = tasks.join_all().await;
    all.sort_by(f64::total_cmp);
    all
}

async fn send(client: &reqwest::Client, url: &str, number: i64, body: &Value) {
    let request = client.post(url).header("x-github-event", "workflow_job");
    let request = request.header("x-github-delivery", format!("d-{number}")).json(body);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
}

fn quantile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}

/// A megabyte of output, a line in twenty of which looks like trouble.
fn megabyte() -> Bytes {
    let mut text = String::with_capacity(1 << 20);
    for line in 0.. {
        if text.len() >= 1 << 20 {
            break;
        }
        let said = if line % 20 == 0 {
            "warning: connection error, retrying"
        } else {
            "Compiling some-crate v1.2.3"
        };
        writeln!(text, "2026-09-01T10:00:05.{line:07}Z {said} ({line})").expect("written");
    }
    Bytes::from(text)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a quiet machine"]
async fn fetching_32_logs_at_once_moves_the_webhook_by_less_than_twice() {
    const AT_ONCE: usize = 32;
    const SAMPLES: u32 = 4_000;
    let chunk = megabyte();
    let closed = Arc::new(AtomicBool::new(false));
    let ends = Arc::clone(&closed);
    let api = Fake::start(move |asked, _| {
        if asked.path.ends_with("/logs") && !ends.load(Ordering::SeqCst) {
            Answer::Long(chunk.clone(), 20)
        } else {
            Answer::status(404)
        }
    })
    .await;
    let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let server = Server::start_with(data.path(), &api, &["github.logs_at_once=32"]);
    load(&server, 1_000, 500).await;
    let alone = load(&server, 10_000, SAMPLES).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}/webhook/github", server.address);
    // As many more than are fetched at once as it takes: logs are fetched as long as this measures.
    let api = Arc::new(api);
    let (more, sender) = (Arc::new(AtomicBool::new(true)), client.clone());
    let (going, to, asked) = (Arc::clone(&more), url.clone(), Arc::clone(&api));
    let feeding = tokio::spawn(async move {
        let mut moving = Vec::new();
        for job in 1.. {
            if !going.load(Ordering::SeqCst) {
                return moving;
            }
            while job > asked.count("/logs") + 2 * AT_ONCE && going.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(50)).await;
                moving.push(asked.moving());
            }
            let job = i64::try_from(job).expect("small");
            send(&sender, &to, job, &deliveries::job(job, job)).await;
        }
        moving
    });
    while api.moving() < AT_ONCE {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let fetched_before = api.count("/logs");
    let busy = load(&server, 20_000, SAMPLES).await;
    let fetched = api.count("/logs") - fetched_before;
    more.store(false, Ordering::SeqCst);
    let mut moving = feeding.await.expect("ended");
    closed.store(true, Ordering::SeqCst);
    moving.sort_unstable();
    for (name, took) in [("alone", &alone), ("while logs are fetched", &busy)] {
        let [half, most] = [50, 99].map(|percent| quantile(took, percent));
        eprintln!(
            "webhook {name}: median {half:.2} ms, p99 {most:.2} ms, slowest {:.2} ms, of {} at {RATE}/s",
            took.last().expect("some"),
            took.len()
        );
    }
    let usual = moving.get(moving.len() / 2).copied().unwrap_or_default();
    eprintln!("{usual} logs of 20 MiB moved at one time (median), {fetched} were begun meanwhile");
    assert_eq!(api.most_moving(), AT_ONCE);
    assert!(
        quantile(&busy, 99) <= 2.0 * quantile(&alone, 99),
        "by no more than twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute"]
async fn a_log_takes_less_than_64_mib_whatever_it_is() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..1_024 {
        bomb.write_all(&vec![b'a'; 1 << 20]).expect("packed");
    }
    let (bomb, chunk) = (bomb.finish().expect("packed"), megabyte());
    let api = Fake::start(move |asked, _| match asked.path.as_str() {
        "/repositories/42/actions/jobs/1/logs" => Answer::bytes(bomb.clone()),
        "/repositories/42/actions/jobs/2/logs" => Answer::Long(chunk.clone(), 22),
        "/repositories/42/actions/jobs/3/logs" => Answer::Long(chunk.clone(), 200),
        "/repositories/42/actions/jobs/4/logs" => Answer::Long(chunk.clone(), 300),
        _ => Answer::status(404),
    })
    .await;
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &api);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}", server.address);
    let state = async |job: i64| {
        let asked = client
            .get(format!("{url}/api/failures/{job}"))
            .send()
            .await
            .expect("an answer");
        let row: Value = asked.json().await.expect("JSON");
        row["log_state"].as_str().expect("a state").to_owned()
    };
    for (job, what, wanted) in [
        (1, "a gzip bomb of 1 GB", "too_big"),
        (2, "a log of 22 MiB, kept", "ok"),
        (3, "a log of 200 MiB", "ok"),
        (4, "a log of 300 MiB", "too_big"),
    ] {
        server.forget_peak();
        let (before, started) = (server.peak_mib(), Instant::now());
        send(
            &client,
            &format!("{url}/webhook/github"),
            job,
            &deliveries::job(job, job),
        )
        .await;
        while state(job).await != wanted {
            assert!(
                started.elapsed() < Duration::from_mins(2),
                "{what}: {}",
                state(job).await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (peak, took) = (server.peak_mib(), started.elapsed().as_secs_f64());
        eprintln!("{what}: {wanted} in {took:.1} s; resident {before:.0} MiB before, {peak:.0} MiB at its peak");
        assert!(peak - before < 64.0, "{what}");
    }
}

#[test]
#[ignore = "takes a minute"]
fn failures_by_the_hundred_thousand_are_grouped_in_a_minute_and_a_gigabyte() {
    const FAILURES: u32 = 270_000;
    const KINDS: u32 = 900;
    let started = Instant::now();
    let mut groups: HashMap<Option<String>, u32> = HashMap::new();
    for number in 0..FAILURES {
        // Numbers, hashes, times and places change from run to run; what failed does not.
        let kind = number % KINDS;
        let name: String = kind
            .to_string()
            .bytes()
            .map(|digit| char::from(digit - b'0' + b'a'))
            .collect();
        let log = format!(
            "2026-09-01T10:00:{:02}.{number:07}Z ##[group]Run make test\n##[endgroup]\nworker {number} at 10.0.{}.{}\n\
             Building commit {number:040x}\nerror[E0425]: cannot find function `load_{name}` in this scope\n\
             \x20 --> /home/runner/work/{number}/src/lib.rs:{}:{}\n\
             ##[error]Process completed with exit code 101.\n",
            number % 60,
            number % 256,
            number % 251,
            number % 400,
            number % 80,
        );
        let fingerprint = extract(log.as_bytes()).fingerprint.map(|fingerprint| fingerprint.0);
        *groups.entry(fingerprint).or_default() += 1;
    }
    let (took, peak) = (started.elapsed(), peak_mib(std::process::id()));
    eprintln!(
        "{FAILURES} failures, {} groups, {:.1} s, {peak:.0} MiB",
        groups.len(),
        took.as_secs_f64()
    );
    assert_eq!(groups.len(), usize::try_from(KINDS).expect("small"));
    assert!(!groups.contains_key(&None));
    assert!(
        groups.values().all(|size| *size == FAILURES / KINDS),
        "each as large as it was made"
    );
    assert!(took < Duration::from_mins(1) && peak < 1_024.0);
}
