//! Pages of history: newest first by time and id, each filter along its own index.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::columns::time_text;
use super::row::{READ, decode, load};
use super::search;
use crate::ingest::EventSource;
use crate::store::{Cursor, Failure, HistoryFilter, Page, StoreError};

/// The most rows of one page.
const MAX_PAGE: usize = 1_000;

/// The index of all rows.
const ALL: &str = "history_all";

/// What a filter asks, as SQL.
pub(super) struct Conditions {
    /// The index that holds the asked rows in order; the most selective of the filters asked for.
    pub(super) index: &'static str,
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    pub(super) fn of(filter: &HistoryFilter) -> Self {
        let mut all = Self {
            index: ALL,
            sql: "is_parent = 0".into(),
            values: Vec::new(),
        };
        if let Some(uncertain) = filter.uncertain {
            all.along("history_uncertain", "uncertain = ?", uncertain);
        }
        if let Some(source) = filter.source {
            all.along("history_source", "event_source = ?", source.name().to_owned());
        }
        if let Some(class) = filter.class {
            all.along("history_class", "label = ?", class.name().to_owned());
        }
        if let Some(repo) = &filter.repo {
            all.along("history_repo", "repository = ? COLLATE NOCASE", repo.clone());
        }
        if let Some(since) = filter.since {
            all.and("timestamp >= ?", time_text(since));
        }
        all
    }

    /// What bounds a walk along the table of words, which holds no parents.
    pub(super) fn of_time(since: Option<Timestamp>) -> Self {
        let mut all = Self {
            index: "",
            sql: "1".into(),
            values: Vec::new(),
        };
        if let Some(since) = since {
            all.and("timestamp >= ?", time_text(since));
        }
        all
    }

    /// Whether an index holds fewer rows than all.
    pub(super) fn is_narrow(&self) -> bool {
        self.index != ALL
    }

    fn and(&mut self, sql: &str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.push(value.into());
    }

    fn along(&mut self, index: &'static str, sql: &str, value: impl Into<Value>) {
        self.index = index;
        self.and(sql, value);
    }

    /// Goes on behind a place.
    pub(super) fn after(&mut self, cursor: Option<Cursor>) {
        if let Some(Cursor { timestamp, id }) = cursor {
            self.sql.push_str(" AND (timestamp, id) < (?, ?)");
            self.values.extend([Value::from(time_text(timestamp)), Value::from(id)]);
        }
    }

    fn page_sql(&self) -> String {
        format!(
            "SELECT {READ} FROM log_entries INDEXED BY {} WHERE {} ORDER BY timestamp DESC, id DESC LIMIT ?",
            self.index, self.sql
        )
    }
}

/// One page.
pub(super) fn page(
    db: &Connection,
    filter: &HistoryFilter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page, StoreError> {
    let limit = limit.clamp(1, MAX_PAGE);
    let words = filter.q.as_deref().map(search::words).unwrap_or_default();
    if !words.is_empty() {
        return search::found(db, filter, &words, after, limit);
    }
    let mut conditions = Conditions::of(filter);
    conditions.after(after);
    let sql = conditions.page_sql();
    conditions
        .values
        .push(Value::from(i64::try_from(limit + 1).unwrap_or(i64::MAX)));
    let mut items = rows(db, &sql, conditions.values)?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(place);
    Ok(Page { items, next })
}

fn place(row: &Failure) -> Cursor {
    Cursor {
        timestamp: row.timestamp,
        id: row.id(),
    }
}

fn rows(db: &Connection, sql: &str, values: Vec<Value>) -> Result<Vec<Failure>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| Ok(decode(row)))?;
    rows.map(|row| row?).collect()
}

/// The row, if the rest of the filter asks for it.
pub(super) fn if_asked(db: &Connection, filter: &HistoryFilter, id: i64) -> Result<Option<Failure>, StoreError> {
    let mut conditions = Conditions::of(filter);
    conditions.and("id = ?", id);
    let sql = format!("SELECT {READ} FROM log_entries WHERE {}", conditions.sql);
    let mut statement = db.prepare_cached(&sql)?;
    statement
        .query_row(params_from_iter(conditions.values), |row| Ok(decode(row)))
        .optional()?
        .transpose()
}

/// The newest rows, newest first: all, or those of live sources.
pub(super) fn newest(db: &Connection, live_only: bool, limit: usize) -> Result<Vec<Failure>, StoreError> {
    let rows_asked = i64::try_from(limit).unwrap_or(i64::MAX);
    if !live_only {
        let all = Conditions::of(&HistoryFilter::default());
        return rows(db, &all.page_sql(), vec![Value::from(rows_asked)]);
    }
    let sql = "SELECT timestamp, id FROM log_entries INDEXED BY history_source \
               WHERE is_parent = 0 AND event_source = ? ORDER BY timestamp DESC, id DESC LIMIT ?";
    let mut newest: Vec<(String, i64)> = Vec::new();
    for source in EventSource::ALL.into_iter().filter(|source| source.is_live()) {
        let mut statement = db.prepare_cached(sql)?;
        let places = statement.query_map((source.name(), rows_asked), |row| Ok((row.get(0)?, row.get(1)?)))?;
        for place in places {
            newest.push(place?);
        }
    }
    newest.sort_unstable_by(|a, b| b.cmp(a));
    newest.truncate(limit);
    let found = newest.into_iter().filter_map(|(_, id)| load(db, id).transpose());
    found.collect()
}

/// How many rows of history share a fingerprint.
pub(super) fn group_size(db: &Connection, fingerprint: &str) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM log_entries WHERE fingerprint = ? AND is_parent = 0";
    let count: i64 = db.prepare_cached(sql)?.query_row([fingerprint], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::FailureClass;

    fn plan(db: &Connection, sql: &str, values: Vec<Value>) -> String {
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
        let steps = statement
            .query_map(params_from_iter(values), |row| row.get::<_, String>(3))
            .expect("steps");
        steps.collect::<Result<Vec<_>, _>>().expect("texts").join("; ")
    }

    #[test]
    fn every_filter_walks_an_index_in_the_order_of_history() {
        let mut db = Connection::open_in_memory().expect("a database in memory");
        super::super::schema::migrate(&mut db, "").expect("the schema");
        let after = Some(Cursor {
            timestamp: jiff::Timestamp::UNIX_EPOCH,
            id: 1,
        });
        let empty = HistoryFilter::default;
        let filters = [
            (empty(), "history_all"),
            (
                HistoryFilter {
                    class: Some(FailureClass::Test),
                    ..empty()
                },
                "history_class",
            ),
            (
                HistoryFilter {
                    repo: Some("o/r".into()),
                    ..empty()
                },
                "history_repo",
            ),
            (
                HistoryFilter {
                    source: Some(EventSource::Api),
                    ..empty()
                },
                "history_source",
            ),
            (
                HistoryFilter {
                    uncertain: Some(true),
                    ..empty()
                },
                "history_uncertain",
            ),
        ];
        for (filter, index) in filters {
            let mut conditions = Conditions::of(&filter);
            conditions.after(after);
            let sql = conditions.page_sql();
            conditions.values.push(Value::from(10));
            let plan = plan(&db, &sql, conditions.values);
            assert!(plan.contains(index) && plan.contains("timestamp<"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
