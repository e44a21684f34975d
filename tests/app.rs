//! The application behind its handle, on a real store and the shipped model.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where something is not as it says"
)]

#[expect(dead_code, reason = "other tests use the rest")]
mod failures;
#[path = "common/gated.rs"]
mod gated;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use failures::at;
use gated::Gated;
use sentinel::app::command::{Command, CommandError, JudgeRequest, Reply};
use sentinel::app::engine::{App, AppLimits, AppParts, Handle, Learning};
use sentinel::app::snapshot::Snapshot;
use sentinel::bundle::Bundle;
use sentinel::class::FailureClass;
use sentinel::correction::Correction;
use sentinel::drift::DriftSettings;
use sentinel::health::HealthState;
use sentinel::ingest::{Delivery, EventSource, FailedJob};
use sentinel::registry::{ModelSettings, Registry};
use sentinel::store::sqlite::{SqliteLimits, SqliteStore};
use sentinel::store::{Failure, NewFailure, Store, StoreError};
use sentinel::training::fit::TrainSettings;
use sentinel::verdict::DecidedFrom;
use tempfile::TempDir;

static BUNDLE: LazyLock<Arc<Bundle>> = LazyLock::new(|| Arc::new(Bundle::shipped().expect("the shipped model")));

/// An application on a data folder of its own, with a clock that counts seconds.
struct Tower {
    dir: TempDir,
    handle: Option<Handle>,
}

fn parts(store: Arc<dyn Store>) -> AppParts {
    let second = AtomicI64::new(0);
    AppParts {
        store,
        bundle: Arc::clone(&BUNDLE),
        learning: learning(),
        drift: DriftSettings {
            window: 20,
            min_samples: 10,
            ..DriftSettings::default()
        },
        retrain_threshold: 100,
        address: "127.0.0.1:8200".into(),
        limits: AppLimits::default(),
        store_logs: true,
        github: None,
        known_issues: Arc::default(),
        clock: Arc::new(move || at(second.fetch_add(1, Ordering::Relaxed))),
    }
}

/// A registry that no test here changes.
fn learning() -> Learning {
    static REGISTRY: LazyLock<(TempDir, Arc<Registry>)> = LazyLock::new(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let (registry, _loaded) = Registry::open(dir.path(), &ModelSettings::default(), at(0)).expect("a registry");
        (dir, Arc::new(registry))
    });
    Learning {
        registry: Arc::clone(&REGISTRY.1),
        notice: None,
        corpus: None,
        settings: TrainSettings::default(),
        auto: false,
    }
}

fn open(dir: &TempDir) -> Arc<SqliteStore> {
    SqliteStore::open(dir.path(), SqliteLimits::default()).expect("a store")
}

impl Tower {
    async fn new() -> Self {
        Self::with(|parts| parts).await
    }

    async fn with(change: impl FnOnce(AppParts) -> AppParts) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let handle = App::start(change(parts(open(&dir)))).await.expect("an application");
        Self {
            dir,
            handle: Some(handle),
        }
    }

    async fn restart(&mut self) {
        self.handle().shutdown().await;
        self.handle = None;
        self.handle = Some(App::start(parts(open(&self.dir))).await.expect("an application"));
    }

    fn handle(&self) -> &Handle {
        self.handle.as_ref().expect("a running application")
    }

    async fn submit(&self, command: Command) -> Reply {
        self.handle().submit(command).await.expect("carried out")
    }

    async fn judged(&self, command: Command) -> Failure {
        match self.submit(command).await {
            Reply::Judged(row) => Arc::unwrap_or_clone(row),
            other => panic!("{other:?}"),
        }
    }

    /// The first snapshot for which `test` holds.
    async fn seen(&self, test: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let mut watched = self.handle().watch();
        let seen = watched
            .wait_for(|snapshot| test(snapshot))
            .await
            .expect("a running application");
        Arc::clone(&seen)
    }
}

fn deliver(new: NewFailure) -> Command {
    let delivery = new.delivery.expect("a delivery");
    Command::Deliver(Box::new(Delivery {
        id: delivery.id,
        event: delivery.event,
        action: "completed".into(),
        conclusion: Some("failure".into()),
        failed: Some(new.job),
        passed: None,
        default_branch: None,
        run_event: None,
        raw_sha256: new.raw_sha256,
        masked_body: new.raw_payload,
    }))
}

fn request(log: Option<&str>) -> Command {
    Command::Judge(Box::new(JudgeRequest {
        job: FailedJob::unknown(EventSource::Api, at(0)),
        log: log.map(|log| log.as_bytes().to_vec()),
        input_id: Some(serde_json::json!("mine")),
        raw_sha256: "ab".repeat(32),
        raw_payload: b"{}".to_vec(),
    }))
}

const LOG: &str = "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree\n";

fn correct(id: i64, label: FailureClass) -> Command {
    Command::Correct {
        id,
        correction: Correction {
            label,
            note: None,
            author: None,
            actor: "ada".into(),
        },
    }
}

#[tokio::test]
async fn a_delivery_is_durable_when_it_is_answered_and_then_seen() {
    let tower = Tower::new().await;
    let row = tower.judged(deliver(failures::job_event("d1"))).await;
    assert_eq!(
        tower.handle().query().failure(row.id()).await.expect("a query"),
        Some(row.clone())
    );
    let snapshot = tower
        .seen(|snapshot| snapshot.totals.failures == 1 && snapshot.rows.len() == 1)
        .await;
    assert_eq!(
        (snapshot.rows.len(), snapshot.drift.n, &*snapshot.rows[0]),
        (1, 1, &row)
    );
    let again = tower.submit(deliver(failures::job_event("d1"))).await;
    assert!(matches!(again, Reply::Duplicate(id) if id == row.id()), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deliveries_of_a_job_that_arrive_at_once_are_one_row_judged_on_all_they_say() {
    let tower = Tower::new().await;
    let deliveries = [
        failures::run_event("r"),
        failures::job_event("j"),
        failures::check_event("c", 0),
    ];
    let submitted = deliveries.map(|new| tower.handle().submit(deliver(new)));
    for answer in futures_util::future::join_all(submitted).await {
        answer.expect("carried out");
    }
    let snapshot = tower.seen(|snapshot| {
        snapshot.totals.failures == 1 && snapshot.rows.len() == 1 && snapshot.rows[0].job.workflow.is_some()
    });
    let snapshot = snapshot.await;
    assert_eq!(snapshot.drift.n, 1);
    // The snapshot may lag behind what was answered.
    let latest = tower.handle().query().failure(snapshot.rows[0].id()).await;
    let latest = latest.expect("a query").expect("a row");
    let expected = sentinel::judge::judge(&latest.job, None, &BUNDLE).expect("a verdict");
    assert_eq!(
        latest.verdict.probabilities.map(f64::to_bits),
        expected.verdict.probabilities.map(f64::to_bits)
    );
    assert_eq!(latest.watched, expected.watched);
}

#[tokio::test]
async fn a_log_makes_the_verdict_of_its_row_better_and_is_kept() {
    let tower = Tower::new().await;
    let told = tower.judged(deliver(failures::job_event("d1"))).await;
    let mut with_log = failures::job_event("d2").job;
    with_log.source = EventSource::Exec;
    let row = tower
        .judged(Command::Judge(Box::new(JudgeRequest {
            job: with_log,
            log: Some(LOG.into()),
            input_id: None,
            raw_sha256: "cd".repeat(32),
            raw_payload: Vec::new(),
        })))
        .await;
    assert_eq!(
        (row.id(), row.revision, row.verdict.decided_from),
        (told.id(), 2, DecidedFrom::Log)
    );
    assert_eq!(
        tower.handle().query().log(row.id()).await.expect("a query").as_deref(),
        Some(LOG.as_bytes())
    );
    let mut more = failures::check_event("d3", 0);
    more.job.url = Some("https://github.com/o/r".into());
    let row = tower.judged(deliver(more)).await;
    assert_eq!(
        (row.revision, row.verdict.decided_from),
        (3, DecidedFrom::Log),
        "judged again on the kept log"
    );
}

#[tokio::test]
async fn a_log_is_stored_masked_and_only_where_it_may_be() {
    let secret = format!("token ghp_{}\n", "a1B2".repeat(9));
    let log = format!("{LOG}{secret}");
    let tower = Tower::new().await;
    let row = tower.judged(request(Some(&log))).await;
    let kept = tower
        .handle()
        .query()
        .log(row.id())
        .await
        .expect("a query")
        .expect("a log");
    assert_eq!(kept.len(), log.len());
    assert!(
        !String::from_utf8_lossy(&kept).contains(secret.trim()),
        "the secret is in the kept log"
    );
    let without = Tower::with(|parts| AppParts {
        store_logs: false,
        ..parts
    })
    .await;
    let row = without.judged(request(Some(&log))).await;
    assert_eq!(without.handle().query().log(row.id()).await.expect("a query"), None);
}

#[tokio::test]
async fn the_callers_own_id_is_echoed_and_stays_with_the_row() {
    let tower = Tower::new().await;
    let row = tower.judged(request(Some(LOG))).await;
    assert_eq!(row.verdict.input_id, Some(serde_json::json!("mine")));
    let stored = tower.handle().query().failure(row.id()).await.expect("a query");
    assert_eq!(stored, Some(row));
}

#[tokio::test]
async fn a_correction_is_seen_and_undone() {
    let tower = Tower::new().await;
    let row = tower.judged(deliver(failures::job_event("d1"))).await;
    let Reply::Corrected(stored, corrected) = tower.submit(correct(row.id(), FailureClass::Timeout)).await else {
        panic!("not corrected");
    };
    assert_eq!(
        (corrected.verdict.label, corrected.verdict.prediction),
        (FailureClass::Timeout, row.verdict.prediction)
    );
    tower
        .seen(|snapshot| snapshot.totals.corrections == 1 && snapshot.rows[0].verdict.corrected_by.is_some())
        .await;
    tower
        .submit(Command::Undo {
            id: row.id(),
            correction: stored.id,
        })
        .await;
    tower
        .seen(|snapshot| snapshot.totals.corrections == 0 && snapshot.rows[0].verdict.corrected_by.is_none())
        .await;
    let unknown = tower.handle().submit(correct(99, FailureClass::Timeout)).await;
    assert!(
        matches!(unknown, Err(CommandError::Store(StoreError::NoFailure(99)))),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn contributions_are_computed_when_asked_for_and_kept() {
    let tower = Tower::new().await;
    let row = tower.judged(request(Some(LOG))).await;
    assert!(row.verdict.top_contributing_features.is_empty());
    let explained = tower.handle().explain(row.id()).await.expect("explained");
    assert!(!explained.verdict.top_contributing_features.is_empty());
    assert!(!explained.verdict.reasons.is_empty());
    let again = tower.handle().explain(row.id()).await.expect("kept");
    assert_eq!(again.verdict.reasons, explained.verdict.reasons);
    let kept = tower
        .handle()
        .query()
        .failure(row.id())
        .await
        .expect("a query")
        .expect("a row");
    assert_eq!(
        kept.verdict.top_contributing_features.len(),
        explained.verdict.top_contributing_features.len()
    );
    assert!(matches!(
        tower.handle().explain(99).await,
        Err(CommandError::Store(StoreError::NoFailure(99)))
    ));
}

#[tokio::test]
async fn more_than_may_be_under_way_is_busy_at_once_and_stores_nothing() {
    let limits = AppLimits {
        commands: 1,
        judging: 1,
    };
    let tower = Tower::with(|parts| AppParts { limits, ..parts }).await;
    let handle = tower.handle();
    let (first, second) = tokio::join!(
        handle.submit(deliver(failures::job_event("d1"))),
        handle.submit(deliver(failures::run_event("d2"))),
    );
    assert!(first.is_ok() && matches!(second, Err(CommandError::Busy)), "{second:?}");
    assert_eq!(handle.query().totals().await.expect("totals").failures, 1);
}

#[tokio::test]
async fn a_sender_who_hangs_up_cannot_part_the_state_from_the_store() {
    let tower = Tower::new().await;
    let submitted = tower.handle().submit(deliver(failures::job_event("d1")));
    let mut submitted = Box::pin(submitted);
    assert!(futures_util::poll!(submitted.as_mut()).is_pending());
    drop(submitted);
    let snapshot = tower
        .seen(|snapshot| snapshot.totals.failures == 1 && snapshot.rows.len() == 1)
        .await;
    assert_eq!(snapshot.drift.n, 1);
}

#[tokio::test]
async fn a_restart_remembers_rows_window_heat_map_and_counts() {
    let mut tower = Tower::new().await;
    for _ in 0..6 {
        tower.judged(request(Some(LOG))).await;
    }
    let before = tower
        .seen(|snapshot| snapshot.totals.failures == 6 && snapshot.rows.len() == 6 && snapshot.heat_map.len() == 1)
        .await;
    tower.restart().await;
    let after = Arc::clone(&tower.handle().watch().borrow());
    assert_eq!((after.drift.n, after.rows.len()), (6, 6));
    assert_eq!((&after.heat_map, &after.totals), (&before.heat_map, &before.totals));
    assert_eq!(after.drift, before.drift);
}

#[tokio::test]
async fn what_is_under_way_at_shutdown_is_done_and_published_and_nothing_begins_after() {
    let tower = Tower::new().await;
    let handle = tower.handle();
    let submitted = (0..20).map(|count| {
        handle.submit(deliver(failures::event(
            "workflow_job",
            &count.to_string(),
            failures::job_key(1, 1, count + 1),
        )))
    });
    let mut submitted: Vec<_> = submitted.map(Box::pin).collect();
    for each in &mut submitted {
        assert!(futures_util::poll!(each.as_mut()).is_pending());
    }
    // Half of the senders hang up, the others wait.
    submitted.truncate(10);
    let (answers, ()) = tokio::join!(futures_util::future::join_all(submitted), handle.shutdown());
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(handle.watch().borrow().totals.failures, 20);
    assert_eq!(handle.watch().borrow().rows.len(), 20);
    let late = handle.submit(deliver(failures::run_event("late"))).await;
    assert!(matches!(late, Err(CommandError::ShuttingDown)), "{late:?}");
    assert!(handle.ready().await.is_err());
}

#[tokio::test]
async fn made_up_events_feed_the_window_only_while_nothing_live_has_arrived() {
    let tower = Tower::new().await;
    let simulated = || {
        let Command::Judge(mut request) = request(None) else {
            unreachable!("a request")
        };
        request.job.source = EventSource::Simulator;
        request.job.message = Some("error: no space left on device".into());
        Command::Judge(request)
    };
    tower.judged(simulated()).await;
    tower.seen(|snapshot| snapshot.drift.n == 1).await;
    tower.judged(deliver(failures::job_event("d1"))).await;
    tower.judged(simulated()).await;
    let snapshot = tower.seen(|snapshot| snapshot.rows.len() == 3).await;
    assert_eq!(snapshot.drift.n, 1);
}

#[tokio::test]
async fn a_full_disk_is_on_the_badge_and_no_state_is_made_of_what_was_not_stored() {
    let dir = tempfile::tempdir().expect("a folder");
    let failing = Gated::new(open(&dir));
    failing.full.store(true, Ordering::Relaxed);
    let handle = App::start(parts(Arc::<Gated>::clone(&failing)))
        .await
        .expect("an application");
    let refused = handle.submit(deliver(failures::job_event("d1"))).await;
    assert!(
        matches!(refused, Err(CommandError::Store(StoreError::Unwritable(_)))),
        "{refused:?}"
    );
    let mut watched = handle.watch();
    let trouble = watched
        .wait_for(|snapshot| snapshot.health.state == HealthState::StoreTrouble)
        .await;
    let trouble = Arc::clone(&trouble.expect("running"));
    assert_eq!((trouble.rows.len(), trouble.drift.n), (0, 0));
    assert!(
        handle
            .ready()
            .await
            .expect_err("not ready")
            .starts_with("store_unwritable: ")
    );
    failing.full.store(false, Ordering::Relaxed);
    handle
        .submit(deliver(failures::job_event("d1")))
        .await
        .expect("carried out");
    assert!(handle.ready().await.is_ok());
    let recovered = watched
        .wait_for(|snapshot| snapshot.health.state != HealthState::StoreTrouble)
        .await;
    assert_eq!(recovered.expect("running").rows.len(), 1);
}
