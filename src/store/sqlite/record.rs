//! A judged failure becomes a row, adds to one, or repeats one. The unique keys in here decide, nobody else.

use rusqlite::{Connection, OptionalExtension};

use super::collecting;
use super::columns::{
    Columns, blob, insert, json, owned, pack, pack_features, text, text_or_null, time, to_microseconds, update,
};
use super::identity::JobKey;
use super::label::{answer, relabel};
use super::row::{feature_columns, job_columns, load_known, verdict_columns};
use super::totals::Delta;
use super::{passes, search};
use crate::ingest::FailedJob;
use crate::store::{Failure, NewFailure, Recorded, StoreError, merge};
use crate::verdict::Verdict;

/// A new failure whose wide parts are compressed, outside of the writer's thread.
pub(super) struct Packed {
    new: Box<NewFailure>,
    features: Vec<u8>,
    raw_payload: Vec<u8>,
    log: Option<Vec<u8>>,
}

impl Packed {
    /// Compresses, and brings times to the precision of the columns.
    pub(super) fn new(mut new: Box<NewFailure>) -> Result<Self, StoreError> {
        new.timestamp = to_microseconds(new.timestamp);
        new.job.failed_at = to_microseconds(new.job.failed_at);
        Ok(Self {
            features: pack_features(&new.features.values)?,
            raw_payload: pack(&std::mem::take(&mut new.raw_payload))?,
            log: new.log.take().map(|log| pack(&log)).transpose()?,
            new,
        })
    }
}

/// Stores it.
pub(super) fn record(db: &Connection, delta: &mut Delta, arrival: &Packed) -> Result<Recorded, StoreError> {
    if let Some(delivery) = &arrival.new.delivery
        && let Some(known) = known_delivery(db, &delivery.id.0, &delivery.event)?
    {
        return Ok(Recorded::Duplicate(known));
    }
    collecting::see_repository(db, &arrival.new)?;
    let recorded = match JobKey::of_new(&arrival.new) {
        None => insert_new(db, delta, arrival, None)?,
        Some(run) if run.is_run() => record_run(db, delta, arrival, run)?,
        Some(job) => record_job(db, delta, arrival, job)?,
    };
    keep_delivery(db, arrival, &recorded)?;
    passes::see_failed_run(db, &arrival.new)?;
    Ok(recorded)
}

/// The row that a delivery made or added to.
pub(super) fn known_delivery(db: &Connection, id: &str, event: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT failure_id FROM deliveries WHERE delivery_id = ? AND event = ?";
    Ok(db
        .prepare_cached(sql)?
        .query_row([id, event], |row| row.get(0))
        .optional()?)
}

fn keep_delivery(db: &Connection, arrival: &Packed, recorded: &Recorded) -> Result<(), StoreError> {
    let Some(delivery) = &arrival.new.delivery else {
        return Ok(());
    };
    let failure = match recorded {
        Recorded::New { row, .. } | Recorded::Added { row, .. } => row.id(),
        Recorded::Duplicate(id) => *id,
    };
    let sql = "INSERT INTO deliveries (delivery_id, event, failure_id) VALUES (?, ?, ?)";
    db.prepare_cached(sql)?
        .execute((&delivery.id.0, &delivery.event, failure))?;
    Ok(())
}

/// A run whose failed jobs are rows tells the newest of them what it knows; else it is a row itself.
fn record_run(db: &Connection, delta: &mut Delta, arrival: &Packed, run: JobKey) -> Result<Recorded, StoreError> {
    if let Some(job) = run.newest_job_of_run(db)? {
        return add(db, delta, arrival, &run, job, merge::add_of_run);
    }
    match run.same_run(db)? {
        Some(row) => add(db, delta, arrival, &run, row, merge::add),
        None => insert_new(db, delta, arrival, Some(run)),
    }
}

fn record_job(db: &Connection, delta: &mut Delta, arrival: &Packed, job: JobKey) -> Result<Recorded, StoreError> {
    match job.same_job(db)? {
        Some(row) => add(db, delta, arrival, &job, row, merge::add),
        None => insert_new(db, delta, arrival, Some(job)),
    }
}

/// The run that a job belongs to, as stored.
struct Parent {
    row: Failure,
    in_history: bool,
}

impl Parent {
    /// Finds it, and tells the job's key and facts what it knows.
    fn tell(db: &Connection, key: &mut JobKey, job: &mut FailedJob) -> Result<Option<Self>, StoreError> {
        if key.is_run() {
            return Ok(None);
        }
        let Some(id) = key.run_of_job(db)? else { return Ok(None) };
        let row = load_known(db, id)?;
        if let Some(run) = JobKey::of_row(db, id, &row.job.key)? {
            key.learn(&run);
        }
        merge::add_of_run(job, &row.job);
        let in_history = super::row::in_history(db, id)?;
        Ok(Some(Self { row, in_history }))
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

fn insert_new(
    db: &Connection,
    delta: &mut Delta,
    arrival: &Packed,
    key: Option<JobKey>,
) -> Result<Recorded, StoreError> {
    let mut job = arrival.new.job.clone();
    let Some(mut key) = key else {
        job.key = crate::ingest::RowKey::Own;
        return Ok(Recorded::New {
            row: Box::new(insert_row(db, delta, arrival, job, true)?),
            replaces: None,
            learned: false,
        });
    };
    let parent = Parent::tell(db, &mut key, &mut job)?;
    job.key = key.row_key();
    let row = insert_row(db, delta, arrival, job, key.attempt_known)?;
    let Some(parent) = parent else {
        return Ok(Recorded::New {
            row: Box::new(row),
            replaces: None,
            learned: false,
        });
    };
    let replaces = parent.give_way(db, delta, row.id())?;
    Ok(Recorded::New {
        learned: knows_more(&row.job, &arrival.new.job),
        row: Box::new(load_known(db, row.id())?),
        replaces,
    })
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

fn insert_row(
    db: &Connection,
    delta: &mut Delta,
    arrival: &Packed,
    job: FailedJob,
    attempt_known: bool,
) -> Result<Failure, StoreError> {
    let mut row = first_revision(&arrival.new, job);
    let mut columns = arrival_columns(&row, attempt_known)?;
    columns.extend(job_columns(&row.job)?);
    columns.extend(verdict_columns(&row.verdict, &row.watched)?);
    columns.extend(feature_columns(&arrival.new.features.schema, &arrival.features));
    columns.push(("raw_payload", blob(&arrival.raw_payload)));
    let id = insert(db, "log_entries", columns)?;
    row.verdict.id = Some(id);
    keep_log(db, id, arrival)?;
    if arrival.new.awaits_log {
        collecting::wait(db, &arrival.new, id)?;
    }
    if let Some(fingerprint) = &row.verdict.fingerprint
        && answer(db, id, &fingerprint.0)?
    {
        row = load_known(db, id)?;
    }
    search::remember(db, delta, &row)?;
    delta.row_in(&row);
    delta.inference();
    Ok(row)
}

fn first_revision(new: &NewFailure, job: FailedJob) -> Failure {
    Failure {
        timestamp: new.timestamp,
        revision: 1,
        psi_drift_stat: new.psi_drift_stat,
        delivery_id: new.delivery.as_ref().map(|delivery| delivery.id.0.clone()),
        raw_sha256: new.raw_sha256.clone(),
        job,
        verdict: Verdict {
            label: new.verdict.prediction,
            corrected_by: None,
            ..new.verdict.clone()
        },
        watched: new.watched.clone(),
        read_from: new.verdict.decided_from,
    }
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
) -> Result<Recorded, StoreError> {
    let before = load_known(db, id)?;
    let mut job = before.job.clone();
    merge(&mut job, &arrival.new.job);
    let mut row_key = JobKey::of_row(db, id, &job.key)?.unwrap_or_else(|| key.clone());
    row_key.learn(key);
    let parent = Parent::tell(db, &mut row_key, &mut job)?;
    job.key = row_key.row_key();
    let mut columns = job_columns(&job)?;
    columns.push(("attempt_known", owned(row_key.attempt_known)));
    update(db, id, columns)?;
    let replaces = parent
        .map(|parent| parent.give_way(db, delta, id))
        .transpose()?
        .flatten();
    let says_more = arrival.new.verdict.decided_from > before.read_from;
    if says_more {
        keep_log(db, id, arrival)?;
    }
    if job == before.job && replaces.is_none() && !says_more {
        return Ok(Recorded::Duplicate(id));
    }
    let row = load_known(db, id)?;
    search::remember(db, delta, &row)?;
    Ok(Recorded::Added {
        row: Box::new(row),
        replaces,
    })
}
