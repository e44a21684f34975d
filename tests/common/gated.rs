//! A real store whose disk can be full and whose writer can be held up.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use sentinel::correction::{Correction, Feedback, Proposal, StoredCorrection, StoredProposal, Voice};
use sentinel::drift::{DriftSnapshot, Watched};
use sentinel::features::FeatureVector;
use sentinel::ingest::DeliveryId;
use sentinel::store::sqlite::SqliteStore;
use sentinel::store::{
    Collecting, Cursor, Failure, HistoryFilter, NewFailure, Page, Recorded, Store, StoreError, Totals,
};
use sentinel::verdict::{Contribution, Verdict};
use tokio::sync::Semaphore;

/// The store behind its switches.
pub(crate) struct Gated {
    store: Arc<SqliteStore>,
    /// Nothing can be written.
    pub full: AtomicBool,
    /// Records wait at the gate, each for a permit of `passing`.
    pub held: AtomicBool,
    pub passing: Semaphore,
    /// A permit a record that has come to the gate.
    pub arrived: Semaphore,
}

impl Gated {
    pub(crate) fn new(store: Arc<SqliteStore>) -> Arc<Self> {
        let (full, held) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Self {
            store,
            full,
            held,
            passing: Semaphore::new(0),
            arrived: Semaphore::new(0),
        })
    }

    fn disk(&self) -> Result<(), StoreError> {
        if self.full.load(Ordering::SeqCst) {
            Err(StoreError::Unwritable("the disk is full".into()))
        } else {
            Ok(())
        }
    }

    async fn gate(&self) {
        self.arrived.add_permits(1);
        if self.held.load(Ordering::SeqCst) {
            self.passing.acquire().await.expect("an open gate").forget();
        }
    }
}

#[async_trait]
impl Store for Gated {
    async fn record(&self, new: NewFailure) -> Result<Recorded, StoreError> {
        self.gate().await;
        self.disk()?;
        self.store.record(new).await
    }
    async fn revise(&self, id: i64, v: Verdict, w: Watched, f: FeatureVector) -> Result<Failure, StoreError> {
        self.disk()?;
        self.store.revise(id, v, w, f).await
    }
    async fn features(&self, id: i64) -> Result<Option<FeatureVector>, StoreError> {
        self.store.features(id).await
    }
    async fn known_delivery(&self, id: &DeliveryId, event: &str) -> Result<Option<i64>, StoreError> {
        self.store.known_delivery(id, event).await
    }
    async fn failure(&self, id: i64) -> Result<Option<Failure>, StoreError> {
        self.store.failure(id).await
    }
    async fn log(&self, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.log(id).await
    }
    async fn history(&self, filter: &HistoryFilter, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.history(filter, after, limit).await
    }
    async fn newest(&self, live_only: bool, limit: usize) -> Result<Vec<Failure>, StoreError> {
        self.store.newest(live_only, limit).await
    }
    async fn correct(&self, id: i64, correction: Correction, at: Timestamp) -> Result<StoredCorrection, StoreError> {
        self.disk()?;
        self.store.correct(id, correction, at).await
    }
    async fn correct_group(&self, id: i64, word: Correction, at: Timestamp) -> Result<StoredCorrection, StoreError> {
        self.disk()?;
        self.store.correct_group(id, word, at).await
    }
    async fn undo(&self, id: i64, correction: i64, at: Timestamp) -> Result<StoredCorrection, StoreError> {
        self.disk()?;
        self.store.undo(id, correction, at).await
    }
    async fn redo(&self) -> Result<StoredCorrection, StoreError> {
        self.disk()?;
        self.store.redo().await
    }
    async fn corrections(&self, id: i64) -> Result<Vec<StoredCorrection>, StoreError> {
        self.store.corrections(id).await
    }
    async fn latest_correction(&self) -> Result<Option<StoredCorrection>, StoreError> {
        self.store.latest_correction().await
    }
    async fn corrected(&self, live_only: bool, limit: usize) -> Result<Vec<(Failure, StoredCorrection)>, StoreError> {
        self.store.corrected(live_only, limit).await
    }
    async fn feedback(&self) -> Result<Vec<Feedback>, StoreError> {
        self.store.feedback().await
    }
    async fn voices(&self) -> Result<Vec<Voice>, StoreError> {
        self.store.voices().await
    }
    async fn propose(&self, id: i64, proposal: Proposal, at: Timestamp) -> Result<StoredProposal, StoreError> {
        self.store.propose(id, proposal, at).await
    }
    async fn proposals(&self, id: Option<i64>, limit: usize) -> Result<Vec<StoredProposal>, StoreError> {
        self.store.proposals(id, limit).await
    }
    async fn accept(&self, proposal: i64, actor: String, at: Timestamp) -> Result<StoredCorrection, StoreError> {
        self.store.accept(proposal, actor, at).await
    }
    async fn reject(&self, proposal: i64, actor: String, at: Timestamp) -> Result<StoredProposal, StoreError> {
        self.store.reject(proposal, actor, at).await
    }
    async fn group_size(&self, fingerprint: &str) -> Result<u64, StoreError> {
        self.store.group_size(fingerprint).await
    }
    async fn keep_contributions(&self, id: i64, revision: i64, why: Vec<Contribution>) -> Result<(), StoreError> {
        self.disk()?;
        self.store.keep_contributions(id, revision, why).await
    }
    async fn totals(&self) -> Result<Totals, StoreError> {
        self.store.totals().await
    }
    async fn keep_drift(&self, snapshot: DriftSnapshot) -> Result<(), StoreError> {
        self.disk()?;
        self.store.keep_drift(snapshot).await
    }
    async fn drift_snapshots(&self, limit: usize) -> Result<Vec<DriftSnapshot>, StoreError> {
        self.store.drift_snapshots(limit).await
    }
    fn collecting(&self) -> &dyn Collecting {
        self.store.collecting()
    }
    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.store.forget(before, limit).await
    }
    async fn index_words(&self) -> Result<bool, StoreError> {
        self.store.index_words().await
    }
    async fn used_bytes(&self) -> Result<u64, StoreError> {
        self.store.used_bytes().await
    }
    async fn copy(&self) -> Result<File, StoreError> {
        self.store.copy().await
    }
    async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        self.store.backup(to).await
    }
    async fn check(&self) -> Result<(), StoreError> {
        self.disk()?;
        self.store.check().await
    }
}
