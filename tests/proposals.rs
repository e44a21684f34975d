//! What agents propose: it waits, a person accepts or rejects it, and only then it counts.

#![expect(clippy::expect_used, reason = "a test ends where something is not as it says")]

#[expect(dead_code, reason = "other tests use the rest")]
mod failures;

use std::sync::Arc;

use failures::{at, job_event, record, run_event};
use sentinel::class::FailureClass;
use sentinel::correction::{Correction, Feedback, MAX_WAITING_PROPOSALS, Proposal};
use sentinel::store::sqlite::{SqliteLimits, SqliteStore};
use sentinel::store::{NewFailure, Recorded, Store, StoreError};
use tempfile::TempDir;

fn open(dir: &TempDir) -> Arc<SqliteStore> {
    SqliteStore::open(dir.path(), SqliteLimits::default()).expect("a store")
}

async fn add(store: &SqliteStore, new: NewFailure) -> i64 {
    match store.record(new).await.expect("recorded") {
        Recorded::New { row, .. } | Recorded::Added { row, .. } => row.id(),
        Recorded::Duplicate(id) => id,
    }
}

fn proposal(label: FailureClass) -> Proposal {
    Proposal {
        label,
        note: Some("the lock file is stale".into()),
        actor: "bot".into(),
    }
}

#[tokio::test]
async fn a_proposal_changes_nothing_until_it_is_accepted() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(&dir);
    let id = add(&store, record(0, FailureClass::Test)).await;
    let proposed = store
        .propose(id, proposal(FailureClass::Dependency), at(1))
        .await
        .expect("proposed");
    assert_eq!((proposed.failure_id, &proposed.decision), (id, &None));
    let row = store.failure(id).await.expect("a query").expect("a row");
    assert_eq!(
        (row.verdict.label, row.verdict.corrected_by),
        (FailureClass::Test, None)
    );
    assert_eq!(store.totals().await.expect("totals").proposals, 1);

    let accepted = store.accept(proposed.id, "ada".into(), at(2)).await.expect("accepted");
    let expected = Correction {
        label: FailureClass::Dependency,
        note: Some("the lock file is stale".into()),
        author: Some("bot".into()),
        actor: "ada".into(),
    };
    assert_eq!((accepted.failure_id, &accepted.correction), (id, &expected));
    let row = store.failure(id).await.expect("a query").expect("a row");
    assert_eq!(
        (row.verdict.label, row.verdict.corrected_by.as_deref()),
        (FailureClass::Dependency, Some("ada"))
    );
    let totals = store.totals().await.expect("totals");
    assert_eq!((totals.proposals, totals.corrections), (0, 1));
}

#[tokio::test]
async fn a_rejected_proposal_is_gone_and_can_be_made_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(&dir);
    let id = add(&store, record(0, FailureClass::Test)).await;
    let first = store
        .propose(id, proposal(FailureClass::Timeout), at(1))
        .await
        .expect("proposed");
    let rejected = store.reject(first.id, "ada".into(), at(2)).await.expect("rejected");
    let decision = rejected.decision.expect("a decision");
    assert_eq!(
        (decision.actor.as_str(), decision.correction, decision.at),
        ("ada", None, at(2))
    );
    assert_eq!(store.proposals(None, 10).await.expect("a query"), []);
    for decided in [
        store.reject(first.id, "bob".into(), at(3)).await.map(drop),
        store.accept(first.id, "bob".into(), at(3)).await.map(drop),
    ] {
        assert!(matches!(decided, Err(StoreError::NoProposal(id)) if id == first.id));
    }
    let again = store
        .propose(id, proposal(FailureClass::Timeout), at(4))
        .await
        .expect("proposed");
    assert_ne!(again.id, first.id);
}

#[tokio::test]
async fn the_same_proposal_twice_waits_once_and_survives_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = open(&dir);
    let id = add(&store, record(0, FailureClass::Test)).await;
    let first = store
        .propose(id, proposal(FailureClass::Timeout), at(1))
        .await
        .expect("proposed");
    drop(store);
    store = open(&dir);
    let again = store
        .propose(id, proposal(FailureClass::Timeout), at(5))
        .await
        .expect("proposed");
    assert_eq!(again, first);
    let other = store
        .propose(id, proposal(FailureClass::Build), at(6))
        .await
        .expect("proposed");
    assert_eq!(store.proposals(Some(id), 10).await.expect("a query"), [first, other]);
    assert_eq!(store.proposals(Some(id + 1), 10).await.expect("a query"), []);
}

#[tokio::test]
async fn a_proposal_on_a_run_is_about_the_job_that_has_taken_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(&dir);
    let run = add(&store, run_event("d1")).await;
    let waiting = store
        .propose(run, proposal(FailureClass::Timeout), at(1))
        .await
        .expect("proposed");
    let job = add(&store, job_event("d2")).await;
    assert_ne!(run, job);
    let accepted = store.accept(waiting.id, "ada".into(), at(2)).await.expect("accepted");
    assert_eq!(accepted.failure_id, job);
    let proposed = store
        .propose(run, proposal(FailureClass::Build), at(3))
        .await
        .expect("proposed");
    assert_eq!(proposed.failure_id, job);
}

#[tokio::test]
async fn proposals_on_nothing_and_without_end_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(&dir);
    let nothing = store.propose(7, proposal(FailureClass::Build), at(0)).await;
    assert!(matches!(nothing, Err(StoreError::NoFailure(7))));
    let id = add(&store, record(0, FailureClass::Test)).await;
    let flood = (0..=MAX_WAITING_PROPOSALS).map(|number| {
        let proposal = Proposal {
            actor: format!("bot {number}"),
            ..proposal(FailureClass::Build)
        };
        store.propose(id, proposal, at(1))
    });
    let answers = futures_util::future::join_all(flood.take(500)).await;
    assert!(answers.iter().all(Result::is_ok));
    for number in 500..MAX_WAITING_PROPOSALS {
        let proposal = Proposal {
            actor: format!("bot {number}"),
            ..proposal(FailureClass::Build)
        };
        store.propose(id, proposal, at(1)).await.expect("room for one more");
    }
    let refused = store.propose(id, proposal(FailureClass::Build), at(2)).await;
    assert!(matches!(
        refused,
        Err(StoreError::TooManyProposals(MAX_WAITING_PROPOSALS))
    ));
}

#[tokio::test]
async fn feedback_counts_each_failure_by_its_latest_word() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(&dir);
    let word = |label| Correction {
        label,
        note: None,
        author: None,
        actor: "ada".into(),
    };
    let (test, build) = (FailureClass::Test, FailureClass::Build);
    for (second, words) in [(0, vec![build, test]), (1, vec![build]), (2, vec![build]), (3, vec![])] {
        let id = add(&store, record(second, test)).await;
        for label in words {
            store.correct(id, word(label), at(9)).await.expect("corrected");
        }
    }
    let feedback = store.feedback().await.expect("a query");
    let said = |label, count| Feedback {
        prediction: test,
        label,
        count,
    };
    assert_eq!(feedback, [said(build, 2), said(test, 1)]);
    let voices = store.voices().await.expect("a query");
    let said: Vec<(&str, FailureClass, u64)> = voices
        .iter()
        .map(|voice| (voice.person.as_str(), voice.label, voice.count))
        .collect();
    assert_eq!(said, [("ada", build, 3), ("ada", test, 1)], "each word that stands");
}
