//! Which stored row, if any, a failed job meets.
//!
//! A job is known by host, repository, run, attempt and job id. A `check_run` may lack the run and always lacks the attempt:
//! then host, repository and job id decide, since GitHub gives every attempt of a job a new id, and the row's run and
//! attempt stay a guess (`attempt_known = 0`) until a telling that knows them arrives. Job id 0 is the run itself.

use rusqlite::{Connection, OptionalExtension, Params};

use crate::ingest::RowKey;
use crate::store::{NewFailure, StoreError};

/// A key whose parts are at hand, and whether run and attempt are known or a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JobKey {
    pub(super) host: String,
    pub(super) repository_id: i64,
    pub(super) run_id: i64,
    pub(super) attempt: i64,
    pub(super) job_id: i64,
    pub(super) attempt_known: bool,
}

impl JobKey {
    /// The key of what arrives; `None` for a record that is unique by its own id, or whose key names nothing.
    pub(super) fn of_new(new: &NewFailure) -> Option<Self> {
        let checked = new
            .delivery
            .as_ref()
            .is_some_and(|delivery| delivery.event == "check_run");
        Self::of(&new.job.key, !checked)
    }

    /// The key of a stored row.
    pub(super) fn of_row(db: &Connection, id: i64, key: &RowKey) -> Result<Option<Self>, StoreError> {
        let mut known = db.prepare_cached("SELECT attempt_known FROM log_entries WHERE id = ?")?;
        Ok(Self::of(key, known.query_row([id], |row| row.get(0))?))
    }

    fn of(key: &RowKey, attempt_known: bool) -> Option<Self> {
        match key {
            RowKey::Own
            | RowKey::Job {
                run_id: 0, job_id: 0, ..
            } => None,
            RowKey::Job {
                host,
                repository_id,
                run_id,
                attempt,
                job_id,
            } => Some(Self {
                host: host.clone(),
                repository_id: *repository_id,
                run_id: *run_id,
                attempt: *attempt,
                job_id: *job_id,
                attempt_known: attempt_known && *run_id != 0,
            }),
        }
    }

    /// As a row's key.
    pub(super) fn row_key(&self) -> RowKey {
        RowKey::Job {
            host: self.host.clone(),
            repository_id: self.repository_id,
            run_id: self.run_id,
            attempt: self.attempt,
            job_id: self.job_id,
        }
    }

    /// Whether this is the run itself.
    pub(super) fn is_run(&self) -> bool {
        self.job_id == 0
    }

    /// Learns run and attempt from another telling of the same job, or from its run.
    pub(super) fn learn(&mut self, other: &Self) {
        if self.attempt_known {
            return;
        }
        if other.attempt_known {
            (self.run_id, self.attempt, self.attempt_known) = (other.run_id, other.attempt, true);
        } else if self.run_id == 0 {
            self.run_id = other.run_id;
        }
    }

    /// The row of the same job.
    pub(super) fn same_job(&self, db: &Connection) -> Result<Option<i64>, StoreError> {
        // Sorted here: SQLite would make a table for that, though there is hardly ever a row.
        let sql = "SELECT run_id = ?4 AND attempt = ?5, id FROM log_entries
             WHERE host = ?1 AND repository_id = ?2 AND job_id = ?3
             AND (run_id = ?4 AND attempt = ?5
                  OR (run_id = ?4 OR run_id = 0 OR ?4 = 0) AND NOT (attempt_known AND ?6))";
        let key = (
            &self.host,
            self.repository_id,
            self.job_id,
            self.run_id,
            self.attempt,
            self.attempt_known,
        );
        let mut statement = db.prepare_cached(sql)?;
        let rows = statement.query_map(key, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows = rows.collect::<Result<Vec<(bool, i64)>, _>>()?;
        Ok(rows.into_iter().max().map(|(_, id)| id))
    }

    /// The newest failed job of this run.
    pub(super) fn newest_job_of_run(&self, db: &Connection) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM log_entries
             WHERE host = ?1 AND repository_id = ?2 AND run_id = ?3 AND job_id <> 0 AND (attempt = ?4 OR NOT attempt_known)
             ORDER BY attempt_known DESC, id DESC LIMIT 1";
        first(db, sql, (&self.host, self.repository_id, self.run_id, self.attempt))
    }

    /// The row of this very run.
    pub(super) fn same_run(&self, db: &Connection) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM log_entries
             WHERE host = ?1 AND repository_id = ?2 AND run_id = ?3 AND attempt = ?4 AND job_id = 0";
        first(db, sql, (&self.host, self.repository_id, self.run_id, self.attempt))
    }

    /// The row of the run that this job belongs to. Without an attempt, the newest one whose jobs are still unknown.
    pub(super) fn run_of_job(&self, db: &Connection) -> Result<Option<i64>, StoreError> {
        if self.run_id == 0 {
            return Ok(None);
        }
        if self.attempt_known {
            return self.same_run(db);
        }
        let sql = "SELECT id FROM log_entries
             WHERE host = ?1 AND repository_id = ?2 AND run_id = ?3 AND job_id = 0 AND is_parent = 0
             ORDER BY attempt DESC LIMIT 1";
        first(db, sql, (&self.host, self.repository_id, self.run_id))
    }
}

fn first(db: &Connection, sql: &str, key: impl Params) -> Result<Option<i64>, StoreError> {
    Ok(db.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?)
}
