//! One row of `log_entries`, to columns and back.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use super::columns::{
    Columns, blob, from_class, from_json, from_numbers, from_time, from_watched, json, owned, text, text_or_null, time,
};
use super::error::damaged;
use crate::class::{CLASS_COUNT, FailureClass};
use crate::drift::Watched;
use crate::evidence::Fingerprint;
use crate::ingest::{Categories, Conclusion, EventSource, FailedJob, Measurements, RowKey};
use crate::store::{Failure, StoreError};
use crate::verdict::{DecidedFrom, LogState, UncertainReason, Verdict};

/// What [`decode`] reads, in its order.
pub(super) const READ: &str = "id, timestamp, event_source, host, repository_id, run_id, attempt, job_id, repository, \
    workflow, job, failed_steps, branch, head_sha, author, url, runner_labels, conclusion, message, failed_at, \
    metrics_payload, prediction, label, corrected_by, confidence_score, uncertain, uncertain_reason, prediction_set, \
    coverage, probabilities, evidence, contributions, fingerprint, decided_from, log_state, model_version, latency_us, \
    input_id, revision, psi_drift_stat, watched, delivery_id, raw_sha256, \
    EXISTS (SELECT 1 FROM taught WHERE failure_id = id)";

/// Reads one row.
pub(super) fn load(db: &Connection, id: i64) -> Result<Option<Failure>, StoreError> {
    let sql = format!("SELECT {READ} FROM log_entries WHERE id = ?");
    db.prepare_cached(&sql)?
        .query_row([id], |row| Ok(decode(row)))
        .optional()?
        .transpose()
}

/// Reads one row that must be there.
pub(super) fn load_known(db: &Connection, id: i64) -> Result<Failure, StoreError> {
    load(db, id)?.ok_or(StoreError::NoFailure(id))
}

/// `metrics_payload`.
#[derive(Serialize)]
struct MetricsOut<'a> {
    #[serde(flatten)]
    measurements: &'a Measurements,
    #[serde(flatten)]
    categories: &'a Categories,
}

#[derive(Deserialize)]
struct MetricsIn {
    #[serde(flatten)]
    measurements: Measurements,
    #[serde(flatten)]
    categories: Categories,
}

/// The columns of what failed.
pub(super) fn job_columns(job: &FailedJob) -> Result<Columns<'_>, StoreError> {
    let mut columns = key_columns(&job.key);
    let metrics = MetricsOut {
        measurements: &job.measurements,
        categories: &job.categories,
    };
    columns.extend([
        ("event_source", text(job.source.name())),
        ("live", owned(job.source.is_live())),
        ("repository", text_or_null(job.repository.as_deref())),
        ("workflow", text_or_null(job.workflow.as_deref())),
        ("job", text_or_null(job.job.as_deref())),
        ("failed_steps", json(&job.failed_steps)?),
        ("branch", text_or_null(job.branch.as_deref())),
        ("head_sha", text_or_null(job.head_sha.as_deref())),
        ("author", text_or_null(job.author.as_deref())),
        ("url", text_or_null(job.url.as_deref())),
        ("runner_labels", json(&job.runner_labels)?),
        ("conclusion", text(conclusion_name(job.conclusion))),
        ("message", text_or_null(job.message.as_deref())),
        ("failed_at", time(job.failed_at)),
        ("metrics_payload", json(&metrics)?),
    ]);
    Ok(columns)
}

fn key_columns<'a>(key: &RowKey) -> Columns<'a> {
    match key {
        RowKey::Own => Columns::new(),
        RowKey::Job {
            host,
            repository_id,
            run_id,
            attempt,
            job_id,
        } => vec![
            ("host", owned(host.clone())),
            ("repository_id", owned(*repository_id)),
            ("run_id", owned(*run_id)),
            ("attempt", owned(*attempt)),
            ("job_id", owned(*job_id)),
        ],
    }
}

/// The columns of what was said of it: the model's part, without the label that counts.
pub(super) fn verdict_columns<'a>(verdict: &'a Verdict, watched: &Watched) -> Result<Columns<'a>, StoreError> {
    let fingerprint = verdict.fingerprint.as_ref().map(|print| print.0.as_str());
    Ok(vec![
        ("prediction", text(verdict.prediction.name())),
        ("confidence_score", owned(verdict.confidence)),
        ("uncertain", owned(verdict.uncertain)),
        (
            "uncertain_reason",
            text_or_null(verdict.uncertain_reason.map(UncertainReason::name)),
        ),
        ("prediction_set", json(&verdict.prediction_set)?),
        ("coverage", owned(verdict.coverage)),
        ("probabilities", json(&verdict.probabilities)?),
        ("evidence", json(&verdict.evidence)?),
        ("contributions", json(&verdict.top_contributing_features)?),
        ("fingerprint", text_or_null(fingerprint)),
        ("decided_from", text(verdict.decided_from.name())),
        ("log_state", text(verdict.log_state.name())),
        ("model_version", text(&verdict.model_version)),
        (
            "latency_us",
            owned(i64::try_from(verdict.latency_us).unwrap_or(i64::MAX)),
        ),
        ("watched", json(watched)?),
    ])
}

/// The columns of what the model read.
pub(super) fn feature_columns<'a>(schema: &'a str, packed: &'a [u8]) -> Columns<'a> {
    vec![("feature_schema", text(schema)), ("features", blob(packed))]
}

const fn conclusion_name(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Failure => "failure",
        Conclusion::TimedOut => "timed_out",
    }
}

/// Takes the columns of a row one after the other.
struct Cells<'r, 'db> {
    row: &'r Row<'db>,
    next: usize,
}

impl Cells<'_, '_> {
    fn take<T: FromSql>(&mut self) -> Result<T, StoreError> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// Takes a text and reads it; what cannot be read is named with its column.
    fn read<T>(&mut self, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
        let found: String = self.take()?;
        read(&found).ok_or_else(|| damaged(column, &found))
    }

    fn class(&mut self, column: &str) -> Result<FailureClass, StoreError> {
        from_class(column, &self.take::<String>()?)
    }

    fn time(&mut self, column: &str) -> Result<jiff::Timestamp, StoreError> {
        from_time(column, &self.take::<String>()?)
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self, column: &str) -> Result<T, StoreError> {
        from_json(column, &self.take::<String>()?)
    }
}

/// Reads a row of [`READ`].
pub(super) fn decode(row: &Row<'_>) -> Result<Failure, StoreError> {
    let mut cells = Cells { row, next: 0 };
    let id = cells.take()?;
    let timestamp = cells.time("timestamp")?;
    let job = decode_job(&mut cells)?;
    let verdict = Verdict {
        id: Some(id),
        ..decode_verdict(&mut cells)?
    };
    let input_id: Option<String> = cells.take()?;
    let read_from = verdict.decided_from;
    let mut failure = Failure {
        timestamp,
        job,
        verdict: Verdict {
            input_id: input_id.map(|found| from_json("input_id", &found)).transpose()?,
            ..verdict
        },
        read_from,
        revision: cells.take()?,
        psi_drift_stat: cells.take()?,
        watched: Watched(from_watched(&cells.take::<String>()?)?),
        delivery_id: cells.take()?,
        raw_sha256: cells.take()?,
    };
    if cells.take()? {
        failure.verdict.decided_from = DecidedFrom::Correction;
    }
    Ok(failure)
}

fn decode_job(cells: &mut Cells<'_, '_>) -> Result<FailedJob, StoreError> {
    let source = cells.read("event_source", EventSource::from_name)?;
    let key = decode_key(cells)?;
    let job = FailedJob {
        key,
        source,
        repository: cells.take()?,
        workflow: cells.take()?,
        job: cells.take()?,
        failed_steps: cells.json("failed_steps")?,
        branch: cells.take()?,
        head_sha: cells.take()?,
        author: cells.take()?,
        url: cells.take()?,
        runner_labels: cells.json("runner_labels")?,
        conclusion: cells.read("conclusion", conclusion_of)?,
        message: cells.take()?,
        failed_at: cells.time("failed_at")?,
        measurements: Measurements::default(),
        categories: Categories::default(),
    };
    let MetricsIn {
        measurements,
        categories,
    } = cells.json("metrics_payload")?;
    Ok(FailedJob {
        measurements,
        categories,
        ..job
    })
}

fn conclusion_of(name: &str) -> Option<Conclusion> {
    [Conclusion::Failure, Conclusion::TimedOut]
        .into_iter()
        .find(|each| conclusion_name(*each) == name)
}

fn decode_key(cells: &mut Cells<'_, '_>) -> Result<RowKey, StoreError> {
    let host: Option<String> = cells.take()?;
    let numbers: [Option<i64>; 4] = [cells.take()?, cells.take()?, cells.take()?, cells.take()?];
    let [repository_id, run_id, attempt, job_id] = numbers.map(Option::unwrap_or_default);
    Ok(host.map_or(RowKey::Own, |host| RowKey::Job {
        host,
        repository_id,
        run_id,
        attempt,
        job_id,
    }))
}

fn decode_verdict(cells: &mut Cells<'_, '_>) -> Result<Verdict, StoreError> {
    Ok(Verdict {
        id: None,
        input_id: None,
        prediction: cells.class("prediction")?,
        label: cells.class("label")?,
        corrected_by: cells.take()?,
        confidence: cells.take()?,
        uncertain: cells.take()?,
        uncertain_reason: decode_reason(cells)?,
        prediction_set: cells.json("prediction_set")?,
        coverage: cells.take()?,
        probabilities: decode_probabilities(cells)?,
        evidence: cells.json("evidence")?,
        top_contributing_features: cells.json("contributions")?,
        reasons: Vec::new(),
        fingerprint: cells.take::<Option<String>>()?.map(Fingerprint),
        decided_from: cells.read("decided_from", DecidedFrom::from_name)?,
        log_state: cells.read("log_state", LogState::from_name)?,
        model_version: cells.take()?,
        latency_us: cells.take::<i64>()?.unsigned_abs(),
    })
}

fn decode_reason(cells: &mut Cells<'_, '_>) -> Result<Option<UncertainReason>, StoreError> {
    let found: Option<String> = cells.take()?;
    let read = |name: String| UncertainReason::from_name(&name).ok_or_else(|| damaged("uncertain_reason", &name));
    found.map(read).transpose()
}

fn decode_probabilities(cells: &mut Cells<'_, '_>) -> Result<[f64; CLASS_COUNT], StoreError> {
    let found: String = cells.take()?;
    let values = from_numbers("probabilities", &found)?;
    values
        .try_into()
        .map_err(|_other_count| damaged("probabilities", &found))
}

/// Whether a row is in history, and not the parent of rows that are.
pub(super) fn in_history(db: &Connection, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT NOT is_parent FROM log_entries WHERE id = ?";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}
