//! Pages of history: newest first by time and id, each filter along an index.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::columns::time_text;
use super::row::{READ, decode, load};
use super::search;
use crate::class::FailureClass;
use crate::ingest::EventSource;
use crate::store::{Cursor, Failure, HistoryFilter, Page, StoreError};

/// The most rows of one page.
const MAX_PAGE: usize = 1_000;

/// Behind every time, as text.
const END: &str = "~";

/// Where a row stands in history: its time, as its column holds it, and its id.
type Place = (String, i64);

/// What is walked: newest first, between two places that are not part of it.
#[derive(Debug, Clone)]
pub(super) struct Span {
    oldest: Place,
    newest: Place,
}

impl Span {
    /// What a filter leaves of history behind a cursor.
    pub(super) fn of(filter: &HistoryFilter, after: Option<Cursor>) -> Self {
        Self {
            oldest: filter.since.map_or_else(Place::default, |since| (time_text(since), 0)),
            newest: after.map_or_else(|| (END.to_owned(), 0), |at| (time_text(at.timestamp), at.id)),
        }
    }
}

/// What a filter asks of a row beside its time, as SQL.
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn of(filter: &HistoryFilter) -> Self {
        let mut all = Self {
            sql: "is_parent = 0".into(),
            values: Vec::new(),
        };
        if let Some(repo) = &filter.repo {
            all.and("repository = ? COLLATE NOCASE", repo.clone());
        }
        if let Some(uncertain) = filter.uncertain {
            all.and("uncertain = ?", uncertain);
        }
        if let Some(source) = filter.source {
            all.and("event_source = ?", source.name().to_owned());
        }
        if let Some(class) = filter.class {
            all.and("label = ?", class.name().to_owned());
        }
        all
    }

    fn and(&mut self, sql: &str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.push(value.into());
    }

    /// Within a span.
    fn within(&mut self, span: &Span) {
        self.sql
            .push_str(" AND (timestamp, id) > (?, ?) AND (timestamp, id) < (?, ?)");
        for (time, id) in [&span.oldest, &span.newest] {
            self.values.extend([Value::from(time.clone()), Value::from(*id)]);
        }
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
    // Of one state of the database, though it takes several statements.
    let _state = db.unchecked_transaction()?;
    if !words.is_empty() {
        return search::found(db, filter, &words, after, limit);
    }
    let mut places = places(db, filter, after, limit + 1)?;
    let more = places.len() > limit;
    places.truncate(limit);
    let items = rows(db, places)?;
    let next = items.last().filter(|_| more).map(place);
    Ok(Page { items, next })
}

fn place(row: &Failure) -> Cursor {
    Cursor {
        timestamp: row.timestamp,
        id: row.id(),
    }
}

fn rows(db: &Connection, places: Vec<Place>) -> Result<Vec<Failure>, StoreError> {
    let found = places.into_iter().filter_map(|(_, id)| load(db, id).transpose());
    found.collect()
}

/// The places of the newest rows that a filter asks for, newest first.
fn places(
    db: &Connection,
    filter: &HistoryFilter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Vec<Place>, StoreError> {
    let span = Span::of(filter, after);
    if filter.repo.is_some() {
        let (sql, values) = along_repository(filter, &span);
        return listed(db, &sql, values, limit);
    }
    if filter.class.is_none() && filter.source.is_none() && filter.uncertain.is_none() {
        let (sql, values) = along_all(&span);
        return listed(db, &sql, values, limit);
    }
    let sources = filter.source.map_or_else(|| EventSource::ALL.to_vec(), |one| vec![one]);
    merged(db, &kinds(filter, &sources), span, limit)
}

/// Rows of one repository, in the order of history, as SQL without a limit.
pub(super) fn along_repository(filter: &HistoryFilter, span: &Span) -> (String, Vec<Value>) {
    let mut conditions = Conditions::of(filter);
    conditions.within(span);
    let sql = format!("log_entries INDEXED BY history_repo WHERE {}", conditions.sql);
    (sql, conditions.values)
}

/// All rows, in the order of history, as SQL without a limit: they stand in the table of words like that.
pub(super) fn along_all(span: &Span) -> (String, Vec<Value>) {
    let mut conditions = Conditions {
        sql: "search WHERE 1".into(),
        values: Vec::new(),
    };
    conditions.within(span);
    (conditions.sql, conditions.values)
}

fn listed(db: &Connection, from: &str, mut values: Vec<Value>, limit: usize) -> Result<Vec<Place>, StoreError> {
    values.push(count(limit));
    let sql = format!("SELECT timestamp, id FROM {from} ORDER BY timestamp DESC, id DESC LIMIT ?");
    let mut statement = db.prepare_cached(&sql)?;
    let places = statement.query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(places.collect::<Result<_, _>>()?)
}

fn count(limit: usize) -> Value {
    Value::from(i64::try_from(limit).unwrap_or(i64::MAX))
}

/// Class, source and doubt of rows that stand together in an index.
type Kind = (FailureClass, EventSource, bool);

/// The kinds that a filter leaves open, of some sources.
fn kinds(filter: &HistoryFilter, sources: &[EventSource]) -> Vec<Kind> {
    let classes = FailureClass::ALL.into_iter();
    let classes = classes.filter(|class| filter.class.is_none_or(|asked| asked == *class));
    let doubts = [true, false].into_iter();
    let doubts = doubts.filter(|doubt| filter.uncertain.is_none_or(|asked| asked == *doubt));
    let all = classes.flat_map(|class| {
        let doubts = doubts.clone();
        sources
            .iter()
            .flat_map(move |source| doubts.clone().map(move |doubt| (class, *source, doubt)))
    });
    all.collect()
}

/// The newest places of several kinds. Once there are enough, the next kind is read only down to the oldest of them.
fn merged(db: &Connection, kinds: &[Kind], mut span: Span, limit: usize) -> Result<Vec<Place>, StoreError> {
    let mut statement = db.prepare_cached(OF_KIND)?;
    let mut newest: Vec<Place> = Vec::new();
    for (class, source, doubt) in kinds {
        let values = params![
            class.name(),
            source.name(),
            doubt,
            span.oldest.0,
            span.oldest.1,
            span.newest.0,
            span.newest.1,
            count(limit)
        ];
        let places = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
        for place in places {
            newest.push(place?);
        }
        newest.sort_unstable_by(|a, b| b.cmp(a));
        newest.truncate(limit);
        if newest.len() == limit
            && let Some(oldest) = newest.last()
        {
            span.oldest = oldest.clone();
        }
    }
    Ok(newest)
}

/// Places of one kind.
const OF_KIND: &str = "SELECT timestamp, id FROM log_entries INDEXED BY history_kind \
    WHERE is_parent = 0 AND label = ? AND event_source = ? AND uncertain = ? \
    AND (timestamp, id) > (?, ?) AND (timestamp, id) < (?, ?) ORDER BY timestamp DESC, id DESC LIMIT ?";

/// The row, if the rest of the filter asks for it.
pub(super) fn if_asked(db: &Connection, filter: &HistoryFilter, id: i64) -> Result<Option<Failure>, StoreError> {
    let mut conditions = Conditions::of(filter);
    if let Some(since) = filter.since {
        conditions.and("timestamp >= ?", time_text(since));
    }
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
    let filter = HistoryFilter::default();
    let places = if live_only {
        let live = EventSource::ALL.into_iter().filter(|source| source.is_live());
        let live: Vec<_> = live.collect();
        merged(db, &kinds(&filter, &live), Span::of(&filter, None), limit)
    } else {
        places(db, &filter, None, limit)
    };
    rows(db, places?)
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

    fn plan(db: &Connection, sql: &str, values: Vec<Value>) -> String {
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
        let steps = statement
            .query_map(params_from_iter(values), |row| row.get::<_, String>(3))
            .expect("steps");
        steps.collect::<Result<Vec<_>, _>>().expect("texts").join("; ")
    }

    #[test]
    fn every_walk_is_along_an_index_in_the_order_of_history() {
        let mut db = Connection::open_in_memory().expect("a database in memory");
        super::super::schema::migrate(&mut db, "").expect("the schema");
        let filter = HistoryFilter {
            class: Some(FailureClass::Test),
            repo: Some("o/r".into()),
            since: Some(jiff::Timestamp::UNIX_EPOCH),
            ..HistoryFilter::default()
        };
        let span = Span::of(&filter, None);
        let ordered = |from: &str| format!("SELECT timestamp, id FROM {from} ORDER BY timestamp DESC, id DESC");
        let (repository, of_repository) = along_repository(&filter, &span);
        let (all, of_all) = along_all(&span);
        let walks = [
            (OF_KIND.to_owned(), vec![Value::Null; 8], "history_kind"),
            (ordered(&repository), of_repository, "history_repo"),
            (ordered(&all), of_all, "PRIMARY KEY"),
        ];
        for (sql, values, index) in walks {
            let plan = plan(&db, &sql, values);
            assert!(plan.contains(index), "{plan}");
            let bounds = ["timestamp", ">", "<"];
            assert!(bounds.iter().all(|bound| plan.contains(bound)), "{plan}");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{plan}");
        }
    }
}
