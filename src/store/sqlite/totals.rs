//! What a batch of requests adds up to, written once at its end: counts, the moments whose rows are to be indexed anew, and
//! what was told of repositories.

use std::sync::LazyLock;

use jiff::Timestamp;
use rusqlite::{Connection, params_from_iter};

use super::moments;
use super::repositories::Seen;
use crate::class::{CLASS_COUNT, FailureClass};
use crate::store::{Failure, StoreError, Totals};

/// What the requests of one batch add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Delta {
    failures: i64,
    inferences: i64,
    corrections: i64,
    uncertain: i64,
    live: i64,
    proposals: i64,
    by_class: [i64; CLASS_COUNT],
    /// Moments of rows that have come, changed or gone; one that many share stands here about once.
    moments: Vec<i64>,
    /// What is known of repositories; the same of one stands here once.
    seen: Vec<Seen>,
}

impl Delta {
    /// A row enters history.
    pub(super) fn row_in(&mut self, row: &Failure) {
        self.row(row, 1);
    }

    /// A row leaves history.
    pub(super) fn row_out(&mut self, row: &Failure) {
        self.row(row, -1);
    }

    fn row(&mut self, row: &Failure, sign: i64) {
        self.failures += sign;
        self.live += sign * i64::from(row.job.source.is_live());
        self.uncertain += sign * i64::from(row.verdict.uncertain);
        self.by_class[row.verdict.label.index()] += sign;
    }

    /// A row of this time has come, changed or gone.
    pub(super) fn touch(&mut self, at: Timestamp) {
        let moment = moments::moment_of(at);
        if self.moments.last() != Some(&moment) {
            self.moments.push(moment);
        }
    }

    /// A failure has told something of its repository.
    pub(super) fn see(&mut self, seen: &Seen) {
        if self.seen.iter().rev().find(|known| known.is_of_same(seen)) != Some(seen) {
            self.seen.push(seen.clone());
        }
    }

    /// A verdict was given.
    pub(super) fn inference(&mut self) {
        self.inferences += 1;
    }

    /// So many corrections more, or fewer, stand.
    pub(super) fn corrections(&mut self, more: i64) {
        self.corrections += more;
    }

    /// So many proposals more, or fewer, wait.
    pub(super) fn proposals(&mut self, more: i64) {
        self.proposals += more;
    }

    /// So many proposals wait, those of this batch among them.
    pub(super) fn waiting_proposals(&self, db: &Connection) -> Result<u64, StoreError> {
        Ok(totals(db)?.proposals.saturating_add_signed(self.proposals))
    }

    /// Writes the changes.
    ///
    /// With the first live row the heat map begins anew: what made-up or past events drew before is not its history.
    pub(super) fn apply(&self, db: &Connection) -> Result<(), StoreError> {
        if *self == Self::default() {
            return Ok(());
        }
        for moment in &self.moments {
            moments::touch(db, *moment)?;
        }
        for seen in &self.seen {
            seen.keep(db)?;
        }
        if self.live > 0 && totals(db)?.live == 0 {
            db.execute("DELETE FROM drift_snapshots", [])?;
        }
        let counts = [
            self.failures,
            self.inferences,
            self.corrections,
            self.uncertain,
            self.live,
            self.proposals,
        ];
        db.prepare_cached(&ADD)?
            .execute(params_from_iter(counts.iter().chain(&self.by_class)))?;
        Ok(())
    }
}

const COUNTS: [&str; 6] = [
    "failures",
    "inferences",
    "corrections",
    "uncertain",
    "live",
    "proposals",
];

fn columns() -> Vec<String> {
    let classes = FailureClass::ALL.map(|class| class.slug().replace('-', "_"));
    COUNTS.map(str::to_owned).into_iter().chain(classes).collect()
}

static ADD: LazyLock<String> = LazyLock::new(|| {
    let sums: Vec<_> = columns().iter().map(|name| format!("{name} = {name} + ?")).collect();
    format!("UPDATE totals SET {}", sums.join(", "))
});

static READ: LazyLock<String> = LazyLock::new(|| format!("SELECT {} FROM totals", columns().join(", ")));

/// The counts as they stand.
pub(super) fn totals(db: &Connection) -> Result<Totals, StoreError> {
    let read = |row: &rusqlite::Row<'_>| {
        let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let mut by_class = [0; CLASS_COUNT];
        for (position, class) in by_class.iter_mut().enumerate() {
            *class = count(COUNTS.len() + position)?;
        }
        Ok(Totals {
            failures: count(0)?,
            inferences: count(1)?,
            corrections: count(2)?,
            uncertain: count(3)?,
            live: count(4)?,
            proposals: count(5)?,
            by_class,
        })
    };
    Ok(db.prepare_cached(&READ)?.query_row([], read)?)
}
