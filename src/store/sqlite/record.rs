//! A judged failure becomes a row, adds to one, or repeats one. The unique keys in here decide, nobody else.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::collecting;
use super::columns::{
    Columns, blob, insert, json, owned, pack, pack_features, text, text_or_null, time, to_microseconds, update,
};
use super::identity::JobKey;
use super::label::{answer, relabel};
use super::repositories::Seen;
use super::row::{feature_columns, job_columns, load_known, verdict_columns};
use super::totals::Delta;
use super::{passes, search};
use crate::ingest::{FailedJob, RowKey};
use crate::store::{Failure, NewDelivery, NewFailure, Recorded, StoreError, merge};

/// A new failure on its way to the writer: the row it makes where it meets none, its wide parts compressed.
#[derive(Clone)]
pub(super) struct Packed {
    row: Failure,
    /// What it is known by; `None` where it is unique by its own id.
    key: Option<JobKey>,
    seen: Option<Seen>,
    delivery: Option<NewDelivery>,
    run_event: Option<String>,
    awaits_log: bool,
    schema: String,
    features: Vec<u8>,
    raw_payload: Vec<u8>,
    log: Option<Vec<u8>>,
}

impl Packed {
    /// Compresses, and brings times to the precision of the columns.
    pub(super) fn new(new: NewFailure) -> Result<Self, StoreError> {
        let (key, seen) = (JobKey::of_new(&new), Seen::in_new(&new));
        let NewFailure {
            timestamp,
            mut job,
            mut verdict,
            watched,
            features,
            psi_drift_stat,
            delivery,
            raw_sha256,
            raw_payload,
            log,
            awaits_log,
            default_branch: _,
            run_event,
        } = new;
        job.failed_at = to_microseconds(job.failed_at);
        job.key = key.as_ref().map_or(RowKey::Own, JobKey::row_key);
        (verdict.label, verdict.corrected_by) = (verdict.prediction, None);
        Ok(Self {
            row: Failure {
                timestamp: to_microseconds(timestamp),
                revision: 1,
                psi_drift_stat,
                delivery_id: delivery.as_ref().map(|delivery| delivery.id.0.clone()),
                raw_sha256,
                job,
                read_from: verdict.decided_from,
                verdict,
                watched,
            },
            key,
            seen,
            delivery,
            run_event,
            awaits_log,
            features: pack_features(&features.values),
            schema: features.schema,
            raw_payload: pack(&raw_payload)?,
            log: log.map(|log| pack(&log)).transpose()?,
        })
    }

    /// What became of it, with its own row where it was stored as it is.
    pub(super) fn told(self: Arc<Self>, outcome: Outcome) -> Recorded {
        match outcome {
            Outcome::AsItIs(id) => {
                let mut row = Arc::unwrap_or_clone(self).row;
                row.verdict.id = Some(id);
                alone(row)
            }
            Outcome::Met(recorded) => recorded,
        }
    }
}

/// What the writer makes of a failure. Most become a row as they are, which then need not be made again.
pub(super) enum Outcome {
    /// Its row has this id.
    AsItIs(i64),
    /// It met what is stored, or a person's word.
    Met(Recorded),
}

/// Stores it.
pub(super) fn record(db: &Connection, delta: &mut Delta, arrival: &Packed) -> Result<Outcome, StoreError> {
    if let Some(delivery) = &arrival.delivery
        && let Some(known) = known_delivery(db, &delivery.id.0, &delivery.event)?
    {
        return Ok(Outcome::Met(Recorded::Duplicate(known)));
    }
    if let Some(seen) = &arrival.seen {
        delta.see(seen);
    }
    let outcome = match &arrival.key {
        None => insert_as_it_is(db, delta, arrival, true)?,
        Some(run) if run.is_run() => record_run(db, delta, arrival, run)?,
        Some(job) => record_job(db, delta, arrival, job)?,
    };
    keep_delivery(db, arrival, &outcome)?;
    passes::see_failed_run(db, &arrival.row.job.key, arrival.run_event.as_deref())?;
    Ok(outcome)
}

/// The row that a delivery made or added to.
pub(super) fn known_delivery(db: &Connection, id: &str, event: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT failure_id FROM deliveries WHERE delivery_id = ? AND event = ?";
    Ok(db
        .prepare_cached(sql)?
        .query_row([id, event], |row| row.get(0))
        .optional()?)
}

fn keep_delivery(db: &Connection, arrival: &Packed, outcome: &Outcome) -> Result<(), StoreError> {
    let Some(delivery) = &arrival.delivery else {
        return Ok(());
    };
    let failure = match outcome {
        Outcome::Met(Recorded::New { row, .. } | Recorded::Added { row, .. }) => row.id(),
        Outcome::Met(Recorded::Duplicate(id)) | Outcome::AsItIs(id) => *id,
    };
    let sql = "INSERT INTO deliveries (delivery_id, event, failure_id) VALUES (?, ?, ?)";
    db.prepare_cached(sql)?
        .execute((&delivery.id.0, &delivery.event, failure))?;
    Ok(())
}

/// A run whose failed jobs are rows tells the newest of them what it knows; else it is a row itself.
fn record_run(db: &Connection, delta: &mut Delta, arrival: &Packed, run: &JobKey) -> Result<Outcome, StoreError> {
    if let Some(job) = run.newest_job_of_run(db)? {
        return add(db, delta, arrival, run, job, merge::add_of_run);
    }
    match run.same_run(db)? {
        Some(row) => add(db, delta, arrival, run, row, merge::add),
        None => insert_as_it_is(db, delta, arrival, run.attempt_known),
    }
}

fn record_job(db: &Connection, delta: &mut Delta, arrival: &Packed, job: &JobKey) -> Result<Outcome, StoreError> {
    if let Some(row) = job.same_job(db)? {
        return add(db, delta, arrival, job, row, merge::add);
    }
    match Parent::of(db, job)? {
        Some(parent) => insert_told(db, delta, arrival, job.clone(), parent),
        None => insert_as_it_is(db, delta, arrival, job.attempt_known),
    }
}

/// The run that a job belongs to, as stored.
struct Parent {
    row: Failure,
    in_history: bool,
}

impl Parent {
    /// The run of a job, if it is a row.
    fn of(db: &Connection, job: &JobKey) -> Result<Option<Self>, StoreError> {
        if job.is_run() {
            return Ok(None);
        }
        let Some(id) = job.run_of_job(db)? else { return Ok(None) };
        let row = load_known(db, id)?;
        let in_history = super::row::in_history(db, id)?;
        Ok(Some(Self { row, in_history }))
    }

    /// Tells the job's key and facts what it knows.
    fn tell(&self, db: &Connection, key: &mut JobKey, job: &mut FailedJob) -> Result<(), StoreError> {
        if let Some(run) = JobKey::of_row(db, self.row.id(), &self.row.job.key)? {
            key.learn(&run);
        }
        merge::add_of_run(job, &self.row.job);
        Ok(())
    }

    /// Takes it out of history and counts; its deliveries and corrections are the job's from now on.
    fn give_way(self, db: &Connection, delta: &mut Delta, job: i64) -> Result<Option<i64>, StoreError> {
        let id = self.row.id();
        update(db, job, vec![("parent_id", owned(id))])?;
        if !self.in_history {
            return Ok(None);
        }
        update(db, id, vec![("is_parent", owned(true))])?;
        delta.row_out(&self.row);
        search::forget(db, delta, &self.row)?;
        db.prepare_cached("UPDATE deliveries SET failure_id = ? WHERE failure_id = ?")?
            .execute([job, id])?;
        db.prepare_cached("UPDATE corrections SET failure_id = ? WHERE failure_id = ?")?
            .execute([job, id])?;
        relabel(db, delta, job)?;
        Ok(Some(id))
    }
}

fn insert_as_it_is(
    db: &Connection,
    delta: &mut Delta,
    arrival: &Packed,
    attempt_known: bool,
) -> Result<Outcome, StoreError> {
    let (id, answered) = insert_row(db, delta, arrival, &arrival.row, attempt_known)?;
    Ok(answered.map_or(Outcome::AsItIs(id), |row| Outcome::Met(alone(row))))
}

/// A new row that met no other.
fn alone(row: Failure) -> Recorded {
    Recorded::New {
        row: Box::new(row),
        replaces: None,
        learned: false,
    }
}

/// Makes the row of a job whose run is one, and knows more of it.
fn insert_told(
    db: &Connection,
    delta: &mut Delta,
    arrival: &Packed,
    mut key: JobKey,
    parent: Parent,
) -> Result<Outcome, StoreError> {
    let mut row = arrival.row.clone();
    parent.tell(db, &mut key, &mut row.job)?;
    row.job.key = key.row_key();
    let (id, _answered) = insert_row(db, delta, arrival, &row, key.attempt_known)?;
    let replaces = parent.give_way(db, delta, id)?;
    Ok(Outcome::Met(Recorded::New {
        learned: knows_more(&row.job, &arrival.row.job),
        row: Box::new(load_known(db, id)?),
        replaces,
    }))
}

/// Whether more is known of a job than it was judged on. Its key may have been completed, and its time is kept to the
/// microsecond; neither is an input of the model.
fn knows_more(stored: &FailedJob, judged: &FailedJob) -> bool {
    let same = FailedJob {
        key: stored.key.clone(),
        failed_at: stored.failed_at,
        ..judged.clone()
    };
    *stored != same
}

/// Its id; and how it stands, where a person's word on its fingerprint answers.
fn insert_row(
    db: &Connection,
    delta: &mut Delta,
    arrival: &Packed,
    row: &Failure,
    attempt_known: bool,
) -> Result<(i64, Option<Failure>), StoreError> {
    let mut columns = arrival_columns(row, attempt_known)?;
    columns.extend(job_columns(&row.job)?);
    columns.extend(verdict_columns(&row.verdict, &row.watched)?);
    columns.extend(feature_columns(&arrival.schema, &arrival.features));
    columns.push(("raw_payload", blob(&arrival.raw_payload)));
    let id = insert(db, "log_entries", columns)?;
    keep_log(db, id, arrival)?;
    if arrival.awaits_log {
        collecting::wait(db, id, row)?;
    }
    let fingerprint = row.verdict.fingerprint.as_ref();
    let answered = match fingerprint {
        Some(fingerprint) if answer(db, id, &fingerprint.0)? => Some(load_known(db, id)?),
        _ => None,
    };
    let stored = answered.as_ref().unwrap_or(row);
    search::remember(db, delta, id, stored)?;
    delta.row_in(stored);
    delta.inference();
    Ok((id, answered))
}

fn arrival_columns(row: &Failure, attempt_known: bool) -> Result<Columns<'_>, StoreError> {
    let mut columns = vec![
        ("timestamp", time(row.timestamp)),
        ("attempt_known", owned(attempt_known)),
        ("label", text(row.verdict.label.name())),
        ("revision", owned(row.revision)),
        ("psi_drift_stat", owned(row.psi_drift_stat)),
        ("delivery_id", text_or_null(row.delivery_id.as_deref())),
        ("raw_sha256", text(&row.raw_sha256)),
    ];
    if let Some(input_id) = &row.verdict.input_id {
        columns.push(("input_id", json(input_id)?));
    }
    Ok(columns)
}

fn keep_log(db: &Connection, id: i64, arrival: &Packed) -> Result<(), StoreError> {
    if let Some(log) = &arrival.log {
        db.prepare_cached("INSERT OR REPLACE INTO logs (failure_id, log) VALUES (?, ?)")?
            .execute((id, log))?;
    }
    Ok(())
}

/// Tells the row `id` what arrived, by `merge`.
fn add(
    db: &Connection,
    delta: &mut Delta,
    arrival: &Packed,
    key: &JobKey,
    id: i64,
    merge: fn(&mut FailedJob, &FailedJob),
) -> Result<Outcome, StoreError> {
    let before = load_known(db, id)?;
    let mut job = before.job.clone();
    merge(&mut job, &arrival.row.job);
    let mut row_key = JobKey::of_row(db, id, &job.key)?.unwrap_or_else(|| key.clone());
    row_key.learn(key);
    let parent = Parent::of(db, &row_key)?;
    if let Some(parent) = &parent {
        parent.tell(db, &mut row_key, &mut job)?;
    }
    job.key = row_key.row_key();
    let mut columns = job_columns(&job)?;
    columns.push(("attempt_known", owned(row_key.attempt_known)));
    update(db, id, columns)?;
    let replaces = parent
        .map(|parent| parent.give_way(db, delta, id))
        .transpose()?
        .flatten();
    let says_more = arrival.row.read_from > before.read_from;
    if says_more {
        keep_log(db, id, arrival)?;
    }
    if job == before.job && replaces.is_none() && !says_more {
        return Ok(Outcome::Met(Recorded::Duplicate(id)));
    }
    let row = load_known(db, id)?;
    search::remember(db, delta, id, &row)?;
    Ok(Outcome::Met(Recorded::Added {
        row: Box::new(row),
        replaces,
    }))
}
