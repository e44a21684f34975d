//! The store, through its public doors: what is a row, what adds to one, what survives.

#![expect(clippy::expect_used, reason = "a test ends where something is not as it says")]

#[expect(dead_code, reason = "other tests use the rest")]
mod failures;

use std::collections::BTreeSet;
use std::sync::Arc;

use failures::{at, check_event, event, job_event, job_key, record, run_event, verdict};
use jiff::ToSpan;
use proptest::prelude::*;
use sentinel::class::FailureClass;
use sentinel::correction::Correction;
use sentinel::drift::reference::WATCHED;
use sentinel::drift::{DriftSnapshot, Severity, Watched};
use sentinel::evidence::{Excerpt, Fingerprint};
use sentinel::features::FeatureVector;
use sentinel::ingest::{Conclusion, DeliveryId, EventSource, FailedJob};
use sentinel::store::sqlite::{SqliteLimits, SqliteStore};
use sentinel::store::{Cursor, Failure, HistoryFilter, NewFailure, Recorded, Store, StoreError, Totals};
use sentinel::verdict::{Contribution, DecidedFrom, UncertainReason, Verdict};
use tempfile::TempDir;

struct Folder {
    dir: TempDir,
    store: Option<Arc<SqliteStore>>,
}

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(dir.path(), SqliteLimits::default()).expect("a new store");
        Self {
            dir,
            store: Some(store),
        }
    }

    fn store(&self) -> &SqliteStore {
        self.store.as_ref().expect("an open store")
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(SqliteStore::open(self.dir.path(), SqliteLimits::default()).expect("the same store"));
    }

    async fn add(&self, new: NewFailure) -> Failure {
        match self.store().record(new).await.expect("recorded") {
            Recorded::New { row, .. } | Recorded::Added { row, .. } => *row,
            Recorded::Duplicate(id) => self.row(id).await,
        }
    }

    async fn row(&self, id: i64) -> Failure {
        self.store().failure(id).await.expect("a query").expect("a row")
    }

    async fn all(&self) -> Vec<Failure> {
        self.store()
            .history(&HistoryFilter::default(), None, 1_000)
            .await
            .expect("a page")
            .items
    }

    async fn totals(&self) -> Totals {
        self.store().totals().await.expect("totals")
    }
}

fn word(label: FailureClass) -> Correction {
    Correction {
        label,
        note: Some("it was".into()),
        author: None,
        actor: "ada".into(),
    }
}

#[tokio::test]
async fn a_row_is_read_back_as_it_was_recorded() {
    let folder = Folder::new();
    let mut new = job_event("d1");
    new.job.categories.is_flaky_test = Some(false);
    new.job.categories.severity = Some("HIGH".into());
    new.job.runner_labels = vec!["ubuntu-latest".into()];
    new.verdict.uncertain = true;
    new.verdict.uncertain_reason = Some(UncertainReason::SeveralClasses);
    new.verdict.input_id = Some(serde_json::json!({"a": [1, null]}));
    new.verdict.fingerprint = Some(Fingerprint("f1:ab".into()));
    new.verdict.evidence = vec![Excerpt {
        line: 3,
        start: 10,
        end: 22,
        text: "nul \0 and é".into(),
        member: Some("1_test.txt".into()),
    }];
    new.verdict.confidence = 0.1 + 0.2;
    new.log = Some(b"a log\n".to_vec());
    let row = folder.add(new.clone()).await;
    assert_eq!(row, folder.row(row.id()).await);
    assert_eq!((&row.job, row.timestamp, row.revision), (&new.job, new.timestamp, 1));
    assert_eq!(
        row.verdict,
        Verdict {
            id: Some(row.id()),
            ..new.verdict
        }
    );
    assert_eq!((&row.watched, row.delivery_id.as_deref()), (&new.watched, Some("d1")));
    let features = folder
        .store()
        .features(row.id())
        .await
        .expect("a query")
        .expect("features");
    assert!(
        features.schema == "s1" && features.values[1].is_nan() && features.values[2].to_bits() == 1.5_f32.to_bits()
    );
    assert_eq!(
        folder.store().log(row.id()).await.expect("a query").as_deref(),
        Some(&b"a log\n"[..])
    );
}

#[tokio::test]
async fn an_acknowledged_row_is_in_a_copy_of_the_files_made_at_that_moment() {
    let folder = Folder::new();
    let crash = tempfile::tempdir().expect("a folder");
    let mut ids = Vec::new();
    for second in 0..20 {
        ids.push(folder.add(record(second, FailureClass::Build)).await.id());
    }
    for file in ["sentinel.db", "sentinel.db-wal"] {
        std::fs::copy(folder.dir.path().join(file), crash.path().join(file)).expect("a copy");
    }
    let after = SqliteStore::open(crash.path(), SqliteLimits::default()).expect("the copy");
    for id in ids {
        assert!(after.failure(id).await.expect("a query").is_some(), "row {id} is lost");
    }
    assert_eq!(after.totals().await.expect("totals").failures, 20);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let mut folder = Folder::new();
    let row = folder.add(job_event("d1")).await;
    let column = DriftSnapshot {
        at: at(5),
        n: 50,
        cells: vec![(Some(0.3), Severity::Severe), (None, Severity::None)],
    };
    folder.store().keep_drift(column.clone()).await.expect("kept");
    let before = folder.totals().await;
    folder.reopen();
    assert_eq!(folder.row(row.id()).await, row);
    assert_eq!(folder.totals().await, before);
    assert_eq!(folder.store().drift_snapshots(10).await.expect("columns"), [column]);
    assert_eq!(
        folder.store().record(job_event("d1")).await.expect("an answer"),
        Recorded::Duplicate(row.id())
    );
}

#[tokio::test]
async fn a_second_owner_of_the_folder_is_refused() {
    let folder = Folder::new();
    let refused = SqliteStore::open(folder.dir.path(), SqliteLimits::default())
        .err()
        .expect("refused");
    assert!(matches!(&refused, StoreError::Locked { .. }) && refused.to_string().contains("sentinel console"));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error_and_not_a_new_database() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("sentinel.db");
    std::fs::write(&file, "precious ".repeat(1_000)).expect("a file");
    assert!(SqliteStore::open(dir.path(), SqliteLimits::default()).is_err());
    assert!(
        std::fs::read_to_string(&file)
            .expect("still there")
            .starts_with("precious")
    );
}

#[tokio::test]
async fn a_second_delivery_of_the_same_id_and_event_changes_nothing() {
    let folder = Folder::new();
    let row = folder.add(job_event("d1")).await;
    let before = folder.totals().await;
    let again = NewFailure {
        job: FailedJob {
            branch: Some("other".into()),
            ..job_event("d1").job
        },
        ..job_event("d1")
    };
    assert_eq!(
        folder.store().record(again).await.expect("an answer"),
        Recorded::Duplicate(row.id())
    );
    assert_eq!((folder.all().await, folder.totals().await), (vec![row.clone()], before));
    let known = folder
        .store()
        .known_delivery(&DeliveryId("d1".into()), "workflow_job")
        .await;
    assert_eq!(known.expect("a query"), Some(row.id()));
}

#[tokio::test]
async fn the_same_job_under_another_delivery_is_a_duplicate_unless_it_says_more() {
    let folder = Folder::new();
    let row = folder.add(job_event("d1")).await;
    assert_eq!(
        folder.store().record(job_event("d2")).await.expect("an answer"),
        Recorded::Duplicate(row.id())
    );
    let mut more = job_event("d3");
    more.job.url = Some("https://github.com/o/r/actions/runs/7/job/70".into());
    let added = folder.store().record(more).await.expect("an answer");
    let Recorded::Added {
        row: added,
        replaces: None,
    } = added
    else {
        panic!("{added:?}")
    };
    assert_eq!(
        added.job.url.as_deref(),
        Some("https://github.com/o/r/actions/runs/7/job/70")
    );
    assert_eq!(folder.totals().await.failures, 1);
}

#[tokio::test]
async fn a_log_for_a_job_that_had_none_adds_to_its_row() {
    let folder = Folder::new();
    let row = folder.add(job_event("d1")).await;
    let mut with_log = NewFailure {
        delivery: None,
        log: Some(b"error\n".to_vec()),
        ..job_event("")
    };
    with_log.verdict.decided_from = DecidedFrom::Log;
    let added = folder.store().record(with_log.clone()).await.expect("an answer");
    assert!(
        matches!(&added, Recorded::Added { row: same, .. } if same.id() == row.id()),
        "{added:?}"
    );
    assert!(folder.store().log(row.id()).await.expect("a query").is_some());
    let Verdict { prediction, .. } = with_log.verdict;
    let features = with_log.features.clone();
    folder
        .store()
        .revise(row.id(), with_log.verdict.clone(), with_log.watched.clone(), features)
        .await
        .expect("revised");
    assert_eq!(
        folder.store().record(with_log).await.expect("an answer"),
        Recorded::Duplicate(row.id())
    );
    assert_eq!(folder.row(row.id()).await.verdict.prediction, prediction);
}

#[tokio::test]
async fn attempts_and_jobs_of_one_run_are_rows_of_their_own() {
    let folder = Folder::new();
    for (delivery, key) in [
        ("a", job_key(7, 1, 70)),
        ("b", job_key(7, 2, 70)),
        ("c", job_key(7, 2, 71)),
    ] {
        folder.add(event("workflow_job", delivery, key)).await;
    }
    assert_eq!(folder.all().await.len(), 3);
}

#[tokio::test]
async fn a_run_gives_way_to_its_first_failed_job_and_tells_the_others_too() {
    let folder = Folder::new();
    let run = folder.add(run_event("r")).await;
    let first = folder.store().record(job_event("j")).await.expect("an answer");
    let Recorded::New {
        row: first,
        replaces,
        learned: true,
    } = first
    else {
        panic!("{first:?}")
    };
    assert_eq!(replaces, Some(run.id()));
    assert_eq!(first.job.workflow.as_deref(), Some("ci"));
    assert_eq!(first.job.measurements.job_duration_sec, Some(61.5));
    let second = folder
        .store()
        .record(event("workflow_job", "k", job_key(7, 2, 71)))
        .await
        .expect("an answer");
    let Recorded::New {
        row: second,
        replaces: None,
        learned: true,
    } = second
    else {
        panic!("{second:?}")
    };
    assert_eq!(
        (second.job.author.as_deref(), second.job.measurements.job_duration_sec),
        (Some("ada"), None)
    );
    let shown: Vec<_> = folder.all().await.iter().map(Failure::id).collect();
    assert_eq!(shown, [second.id(), first.id()]);
    assert_eq!(folder.totals().await.failures, 2);
    assert!(
        folder.store().failure(run.id()).await.expect("a query").is_some(),
        "its sender knows it by this id"
    );
}

#[tokio::test]
async fn a_redelivered_run_is_answered_with_the_job_it_gave_way_to() {
    let folder = Folder::new();
    folder.add(run_event("r")).await;
    let job = folder.add(job_event("j")).await;
    for delivery in ["r", "r2"] {
        let again = folder.store().record(run_event(delivery)).await.expect("an answer");
        assert_eq!(again, Recorded::Duplicate(job.id()));
    }
}

#[tokio::test]
async fn a_correction_of_a_run_goes_with_it_to_its_job() {
    let folder = Folder::new();
    let run = folder.add(run_event("r")).await;
    folder
        .store()
        .correct(run.id(), word(FailureClass::Network), at(1))
        .await
        .expect("corrected");
    let job = folder.add(job_event("j")).await;
    assert_eq!(
        (job.verdict.label, job.verdict.corrected_by.as_deref()),
        (FailureClass::Network, Some("ada"))
    );
    let late = folder
        .store()
        .correct(run.id(), word(FailureClass::Timeout), at(2))
        .await
        .expect("corrected");
    assert_eq!(late.failure_id, job.id());
    let totals = folder.totals().await;
    assert_eq!(
        (totals.corrections, totals.by_class[FailureClass::Timeout.index()]),
        (2, 1)
    );
}

#[tokio::test]
async fn a_check_run_without_run_or_attempt_meets_its_job() {
    for run_id in [0, 7] {
        let folder = Folder::new();
        folder.add(run_event("r")).await;
        folder.add(check_event("c", run_id)).await;
        let job = folder.add(job_event("j")).await;
        assert_eq!(job.job.key, job_key(7, 2, 70));
        assert_eq!(
            (job.job.workflow.as_deref(), job.job.conclusion),
            (Some("ci"), Conclusion::TimedOut)
        );
        assert_eq!(folder.all().await, [job]);
        assert_eq!(folder.totals().await.failures, 1);
    }
}

/// What of a row must not depend on the order of its deliveries.
fn told(row: &Failure) -> FailedJob {
    row.job.clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_repetition_of_the_three_deliveries_of_a_job_ends_in_the_same_one_row(
        order in Just(vec![0_u8, 1, 2]).prop_shuffle(),
        more in prop::collection::vec(0_u8..3, 0..6),
        run_id_of_check in prop_oneof![Just(0_i64), Just(7)],
        fresh_ids in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let tell = async |folder: &Folder, which: u8, delivery: &str| match which {
                0 => folder.add(run_event(delivery)).await,
                1 => folder.add(job_event(delivery)).await,
                _ => folder.add(check_event(delivery, run_id_of_check)).await,
            };
            let (plain, shuffled) = (Folder::new(), Folder::new());
            for which in 0..3 {
                tell(&plain, which, &which.to_string()).await;
            }
            for (count, which) in order.iter().chain(&more).enumerate() {
                let delivery = if fresh_ids { count.to_string() } else { which.to_string() };
                tell(&shuffled, *which, &delivery).await;
            }
            let (expected, rows) = (plain.all().await, shuffled.all().await);
            assert_eq!(rows.iter().map(told).collect::<Vec<_>>(), expected.iter().map(told).collect::<Vec<_>>());
            assert_eq!((rows.len(), shuffled.totals().await.failures), (1, 1));
        });
    }

    #[test]
    fn totals_are_what_a_count_of_history_gives(steps in prop::collection::vec((0_u8..6, 0_usize..10, 0_i64..4), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let folder = Folder::new();
            for (count, (step, class, which)) in steps.into_iter().enumerate() {
                act(&folder, count, step, FailureClass::ALL[class], which).await;
            }
            let rows = folder.all().await;
            let totals = folder.totals().await;
            let count = |test: &dyn Fn(&Failure) -> bool| rows.iter().filter(|row| test(row)).count() as u64;
            assert_eq!(totals.failures, rows.len() as u64);
            assert_eq!(totals.live, count(&|row| row.job.source.is_live()));
            assert_eq!(totals.uncertain, count(&|row| row.verdict.uncertain));
            let by_class = FailureClass::ALL.map(|class| count(&|row| row.verdict.label == class));
            assert_eq!(totals.by_class, by_class);
        });
    }
}

/// One thing that may happen to a store.
async fn act(folder: &Folder, count: usize, step: u8, class: FailureClass, which: i64) {
    let delivery = count.to_string();
    let store = folder.store();
    let some_row = folder
        .all()
        .await
        .get(usize::try_from(which).expect("small"))
        .map(Failure::id);
    match (step, some_row) {
        (0, _) => drop(folder.add(event("workflow_run", &delivery, job_key(which, 1, 0))).await),
        (1, _) => drop(
            folder
                .add(event("workflow_job", &delivery, job_key(which / 2, 1, which + 1)))
                .await,
        ),
        (2, _) => {
            let mut new = record(0, class);
            new.job.source = EventSource::Simulator;
            new.verdict.uncertain = which % 2 == 0;
            folder.add(new).await;
        }
        (3, Some(id)) => drop(store.correct(id, word(class), at(0)).await.expect("corrected")),
        (4, Some(id)) => {
            let features = FeatureVector::default();
            store
                .revise(id, verdict(class), Watched::default(), features)
                .await
                .expect("revised");
        }
        (5, _) => {
            if let Some(last) = store.latest_correction().await.expect("a query") {
                store.undo(last.failure_id, last.id, at(1)).await.expect("undone");
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn the_latest_standing_correction_is_the_label_and_undoing_falls_back() {
    let folder = Folder::new();
    let id = folder.add(record(0, FailureClass::Build)).await.id();
    let store = folder.store();
    let first = store
        .correct(id, word(FailureClass::Network), at(1))
        .await
        .expect("corrected");
    let second = store
        .correct(id, word(FailureClass::Timeout), at(2))
        .await
        .expect("corrected");
    assert_eq!((first.from, second.from), (FailureClass::Build, FailureClass::Network));
    assert_eq!(folder.row(id).await.verdict.label, FailureClass::Timeout);
    assert_eq!(store.latest_correction().await.expect("a query"), Some(second.clone()));
    let undone = store.undo(id, second.id, at(3)).await.expect("undone");
    assert_eq!(undone.undone_at, Some(at(3)));
    assert_eq!(folder.row(id).await.verdict.label, FailureClass::Network);
    store.undo(id, first.id, at(4)).await.expect("undone");
    let row = folder.row(id).await;
    assert_eq!(
        (row.verdict.label, row.verdict.corrected_by),
        (FailureClass::Build, None)
    );
    assert_eq!(row.verdict.prediction, FailureClass::Build);
    let all = store.corrections(id).await.expect("a query");
    assert_eq!(
        all.iter().map(|each| each.id).collect::<Vec<_>>(),
        [first.id, second.id]
    );
    assert_eq!(folder.totals().await.corrections, 0);
}

#[tokio::test]
async fn what_cannot_be_corrected_or_undone_is_named() {
    let folder = Folder::new();
    let store = folder.store();
    let id = folder.add(record(0, FailureClass::Build)).await.id();
    let unknown = store.correct(99, word(FailureClass::Test), at(0)).await;
    assert!(matches!(unknown, Err(StoreError::NoFailure(99))), "{unknown:?}");
    let given = store
        .correct(id, word(FailureClass::Test), at(0))
        .await
        .expect("corrected");
    store.undo(id, given.id, at(1)).await.expect("undone");
    let twice = store.undo(id, given.id, at(2)).await;
    assert!(
        matches!(twice, Err(StoreError::NoCorrection { correction, .. }) if correction == given.id),
        "{twice:?}"
    );
}

#[tokio::test]
async fn a_revision_keeps_the_correction_and_forgets_contributions() {
    let folder = Folder::new();
    let store = folder.store();
    let id = folder.add(record(0, FailureClass::Build)).await.id();
    let why = vec![Contribution {
        feature: "f".into(),
        value: None,
        contribution: 0.5,
    }];
    store.keep_contributions(id, 1, why.clone()).await.expect("kept");
    assert_eq!(folder.row(id).await.verdict.top_contributing_features, why);
    store
        .correct(id, word(FailureClass::Network), at(1))
        .await
        .expect("corrected");
    let row = store
        .revise(
            id,
            verdict(FailureClass::Test),
            Watched::default(),
            FeatureVector::default(),
        )
        .await;
    let row = row.expect("revised");
    assert_eq!(
        (row.revision, row.verdict.prediction, row.verdict.label),
        (2, FailureClass::Test, FailureClass::Network)
    );
    assert!(row.verdict.top_contributing_features.is_empty());
    store.keep_contributions(id, 1, why).await.expect("ignored");
    assert!(
        folder.row(id).await.verdict.top_contributing_features.is_empty(),
        "they explain an older verdict"
    );
    assert_eq!(folder.totals().await.inferences, 2);
}

async fn walk(folder: &Folder, filter: &HistoryFilter, limit: usize) -> Vec<i64> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = folder.store().history(filter, after, limit).await.expect("a page");
        ids.extend(page.items.iter().map(Failure::id));
        after = page.next;
        if after.is_none() {
            return ids;
        }
    }
}

#[tokio::test]
async fn pages_hold_each_row_once_newest_first_even_among_equal_times() {
    let folder = Folder::new();
    for count in 0..25 {
        folder.add(record(count / 10, FailureClass::Build)).await;
    }
    let ids = walk(&folder, &HistoryFilter::default(), 4).await;
    assert_eq!(ids, (1..=25).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cursor_stays_right_while_newer_and_older_rows_arrive() {
    let folder = Folder::new();
    for second in 0..10 {
        folder.add(record(second * 10, FailureClass::Build)).await;
    }
    let first = folder
        .store()
        .history(&HistoryFilter::default(), None, 5)
        .await
        .expect("a page");
    let newer = folder.add(record(1_000, FailureClass::Build)).await.id();
    let older = folder.add(record(5, FailureClass::Build)).await.id();
    let rest = folder
        .store()
        .history(&HistoryFilter::default(), first.next, 100)
        .await
        .expect("a page");
    let ids: Vec<_> = first.items.iter().chain(&rest.items).map(Failure::id).collect();
    assert_eq!(ids, [10, 9, 8, 7, 6, 5, 4, 3, 2, older, 1]);
    assert!(!ids.contains(&newer) && rest.next.is_none());
}

type Test = fn(&Failure) -> bool;

#[tokio::test]
async fn each_filter_gives_exactly_the_rows_that_are_asked_for() {
    let folder = Folder::new();
    for count in 0..40_i64 {
        let mut new = record(count, FailureClass::ALL[usize::try_from(count % 10).expect("small")]);
        new.job.repository = Some(["Octo/One", "octo/two"][usize::from(count % 2 == 0)].into());
        new.job.source = [EventSource::Api, EventSource::Mcp][usize::from(count % 3 == 0)];
        new.verdict.uncertain = count % 4 == 0;
        folder.add(new).await;
    }
    let empty = HistoryFilter::default;
    let cases: [(HistoryFilter, Test); 7] = [
        (
            HistoryFilter {
                class: Some(FailureClass::Test),
                ..empty()
            },
            |row| row.verdict.label == FailureClass::Test,
        ),
        (
            HistoryFilter {
                repo: Some("octo/one".into()),
                ..empty()
            },
            |row| row.job.repository.as_deref() == Some("Octo/One"),
        ),
        (
            HistoryFilter {
                source: Some(EventSource::Mcp),
                ..empty()
            },
            |row| row.job.source == EventSource::Mcp,
        ),
        (
            HistoryFilter {
                uncertain: Some(true),
                ..empty()
            },
            |row| row.verdict.uncertain,
        ),
        (
            HistoryFilter {
                since: Some(at(30)),
                ..empty()
            },
            |row| row.timestamp >= at(30),
        ),
        (
            HistoryFilter {
                q: Some("TWO octo".into()),
                since: Some(at(7)),
                ..empty()
            },
            |row| row.job.repository.as_deref() == Some("octo/two") && row.timestamp >= at(7),
        ),
        (
            HistoryFilter {
                q: Some("one".into()),
                uncertain: Some(false),
                class: Some(FailureClass::Dependency),
                ..empty()
            },
            |_| false,
        ),
    ];
    let all = folder.all().await;
    for is_indexed in [false, true] {
        for (filter, test) in &cases {
            let expected: Vec<_> = all.iter().filter(|row| test(row)).map(Failure::id).collect();
            assert_eq!(walk(&folder, filter, 3).await, expected, "{filter:?}, {is_indexed}");
        }
        index(&folder).await;
    }
}

/// Until nothing waits. The first call only sees how busy it was.
async fn index(folder: &Folder) {
    for _ in 0..2 {
        while folder.store().index_words().await.expect("indexed") {}
    }
}

#[tokio::test]
async fn a_search_sees_what_changed_after_it_was_indexed() {
    let folder = Folder::new();
    let mut new = record(0, FailureClass::Dependency);
    new.job.repository = Some("octo/changing".into());
    let id = folder.add(new).await.id();
    index(&folder).await;
    let found = async |class| {
        let filter = HistoryFilter {
            q: Some("chang".into()),
            class: Some(class),
            ..HistoryFilter::default()
        };
        walk(&folder, &filter, 10).await
    };
    folder
        .store()
        .correct(id, word(FailureClass::Network), at(1))
        .await
        .expect("corrected");
    for when in ["before", "after"] {
        assert_eq!(found(FailureClass::Network).await, [id], "{when} it was indexed again");
        assert!(
            found(FailureClass::Dependency).await.is_empty(),
            "{when} it was indexed again"
        );
        index(&folder).await;
    }
}

#[tokio::test]
async fn a_search_finds_words_of_evidence_and_takes_wildcards_as_letters() {
    let folder = Folder::new();
    let mut new = record(0, FailureClass::Dependency);
    new.verdict.evidence = vec![Excerpt {
        line: 1,
        start: 0,
        end: 9,
        text: "npm ERR! 100% ERESOLVE".into(),
        member: None,
    }];
    let id = folder.add(new).await.id();
    for (question, found) in [
        ("eresolve", true),
        ("100% npm", true),
        ("1_0", false),
        ("%", true),
        ("yarn", false),
    ] {
        let filter = HistoryFilter {
            q: Some(question.into()),
            ..HistoryFilter::default()
        };
        assert_eq!(walk(&folder, &filter, 10).await == [id], found, "{question}");
    }
}

#[tokio::test]
async fn made_up_rows_do_not_feed_drift_where_live_ones_are_asked_for() {
    let folder = Folder::new();
    let column = |second| DriftSnapshot {
        at: at(second),
        n: 1,
        cells: Vec::new(),
    };
    let mut made_up = record(9, FailureClass::Build);
    made_up.job.source = EventSource::Simulator;
    folder.add(made_up).await;
    folder.store().keep_drift(column(1)).await.expect("kept");
    let live = folder.add(record(1, FailureClass::Build)).await;
    assert_eq!(folder.store().newest(true, 10).await.expect("rows"), [live]);
    assert_eq!(folder.store().newest(false, 10).await.expect("rows").len(), 2);
    // Live rows of several sources come in the order of history.
    let mut newest = Vec::new();
    for (second, source) in (2..).zip([EventSource::Exec, EventSource::Api, EventSource::Exec, EventSource::Mcp]) {
        let mut record = record(second, FailureClass::Test);
        record.job.source = source;
        newest.insert(0, folder.add(record).await);
    }
    assert_eq!(folder.store().newest(true, 3).await.expect("rows"), newest[..3]);
    let columns = folder.store().drift_snapshots(10).await.expect("columns");
    assert!(columns.is_empty(), "the heat map begins anew with the first live row");
    folder.store().keep_drift(column(2)).await.expect("kept");
    folder.store().keep_drift(column(3)).await.expect("kept");
    assert_eq!(folder.store().drift_snapshots(1).await.expect("columns"), [column(3)]);
}

#[tokio::test]
async fn rows_of_one_fingerprint_are_counted() {
    let folder = Folder::new();
    for second in 0..3 {
        let mut new = record(second, FailureClass::Build);
        new.verdict.fingerprint = Some(Fingerprint(if second == 2 { "f1:b" } else { "f1:a" }.into()));
        folder.add(new).await;
    }
    assert_eq!(folder.store().group_size("f1:a").await.expect("a query"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_and_readers_at_once_lose_nothing() {
    let folder = Arc::new(Folder::new());
    let tasks: Vec<_> = (0..200)
        .map(|count| {
            let folder = Arc::clone(&folder);
            tokio::spawn(async move {
                let id = folder.add(record(count, FailureClass::Build)).await.id();
                assert!(
                    folder.store().failure(id).await.expect("a query").is_some(),
                    "not visible after its answer"
                );
                id
            })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for task in tasks {
        assert!(ids.insert(task.await.expect("a task")));
    }
    assert_eq!(
        (ids.len() as u64, folder.all().await.len()),
        (folder.totals().await.failures, 200)
    );
    folder.store().check().await.expect("writable");
}

#[tokio::test]
async fn a_time_is_kept_to_the_microsecond_and_a_cursor_of_it_fits() {
    let folder = Folder::new();
    let precise = at(0).checked_add(1_234_567.nanoseconds()).expect("a time");
    let row = folder
        .add(NewFailure {
            timestamp: precise,
            ..record(0, FailureClass::Build)
        })
        .await;
    assert_eq!(row.timestamp.as_microsecond(), precise.as_microsecond());
    let cursor = Cursor {
        timestamp: row.timestamp,
        id: row.id(),
    };
    let rest = folder
        .store()
        .history(&HistoryFilter::default(), Some(cursor), 10)
        .await
        .expect("a page");
    assert!(rest.items.is_empty());
}

#[tokio::test]
async fn the_oldest_are_forgotten_but_for_those_that_people_had_a_word_on() {
    let folder = Folder::new();
    for second in 0..6 {
        folder.add(record(second, FailureClass::Build)).await;
    }
    let ids: Vec<i64> = folder.all().await.iter().rev().map(Failure::id).collect();
    let store = folder.store();
    store
        .correct(ids[1], word(FailureClass::Test), at(50))
        .await
        .expect("a correction");
    let timestamp = folder.row(ids[4]).await.timestamp;
    assert_eq!(store.forget(timestamp, 2).await.expect("forgotten"), 2);
    assert_eq!(store.forget(timestamp, 9).await.expect("forgotten"), 1);
    assert_eq!(store.forget(timestamp, 9).await.expect("forgotten"), 0);
    let left: Vec<i64> = folder.all().await.iter().rev().map(Failure::id).collect();
    assert_eq!(left, [ids[1], ids[4], ids[5]]);
    let totals = folder.totals().await;
    assert_eq!((totals.failures, totals.corrections, totals.inferences), (3, 1, 6));
    assert_eq!(totals.by_class.iter().sum::<u64>(), 3);
    assert!(store.failure(ids[0]).await.expect("a query").is_none());
    assert!(store.used_bytes().await.expect("a number") > 4_096);
}

#[tokio::test]
async fn what_hangs_on_a_forgotten_row_goes_with_it() {
    let folder = Folder::new();
    let mut new = job_event("d1");
    new.log = Some(b"a log\n".to_vec());
    let id = folder.add(new.clone()).await.id();
    let store = folder.store();
    assert_eq!(store.forget(at(1_000_000), 10).await.expect("forgotten"), 1);
    assert!(store.log(id).await.expect("a query").is_none());
    let again = folder.add(new).await;
    assert_ne!(again.id(), id, "a delivery of a forgotten row is new");
}

#[tokio::test]
async fn ninety_days_of_drift_cost_kilobytes_and_keep_every_alarm() {
    let folder = Folder::new();
    // A column each half hour, an alarm in one of them long ago.
    let columns: Vec<DriftSnapshot> = (0..90 * 48)
        .map(|half_hour| DriftSnapshot {
            at: at(half_hour * 1_800),
            n: 100,
            cells: vec![
                match half_hour {
                    1_001 => (Some(0.4321), Severity::Severe),
                    _ => (Some(0.0123), Severity::None),
                };
                WATCHED.len()
            ],
        })
        .collect();
    let newest = columns.last().cloned();
    for some in columns.chunks(500) {
        let kept = some.iter().map(|column| folder.store().keep_drift(column.clone()));
        for kept in futures_util::future::join_all(kept).await {
            kept.expect("kept");
        }
    }
    let columns = folder.store().drift_snapshots(100_000).await.expect("columns");
    assert!((500..900).contains(&columns.len()), "{}", columns.len());
    assert!(columns.is_sorted_by_key(|column| column.at) && columns.last().cloned() == newest);
    let severe = columns
        .iter()
        .filter(|column| column.cells[3] == (Some(0.4321), Severity::Severe));
    assert_eq!(severe.count(), 1);
    let span = columns[columns.len() - 1].at.duration_since(columns[0].at).as_hours();
    assert!((89 * 24..=90 * 24).contains(&span), "{span}");
    let db = rusqlite::Connection::open(folder.dir.path().join("sentinel.db")).expect("the database");
    let bytes: i64 = db
        .query_row(
            "SELECT sum(length(at) + length(cells) + 16) FROM drift_snapshots",
            [],
            |row| row.get(0),
        )
        .expect("a sum");
    assert!(bytes < 400_000, "{bytes}");
}
