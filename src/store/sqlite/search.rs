//! Word search: the rows that hold all words of a question, newest first.
//!
//! Three ways, each bounded, all over the narrow table `search`. A repository is walked along its own index; a question with
//! a word of three letters or more asks the index of [`super::moments`]; any other looks at one row after the other,
//! as does one that comes while too much waits to be indexed. Frequent words fill a page at once on every way. Where the bound
//! is reached the page ends early, and its cursor goes on behind the last row looked at.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, Rows, params, params_from_iter};

use super::columns::{from_time, time_text};
use super::history::{Span, along_all, along_repository, if_asked};
use super::moments;
use super::totals::Delta;
use crate::store::{Cursor, Failure, HistoryFilter, Page, StoreError};

/// Rows looked at for one page along the table: some hundredths of a second.
const SCANNED_ROWS: usize = 15_000;

/// Rows looked at for one page where each is looked up: as long.
const LOOKED_UP_ROWS: usize = 3_000;

/// The longest text searched of one row, in bytes.
const MAX_TEXT: usize = 2_048;

/// The longest text of one line of evidence in it.
const MAX_LINE: usize = 400;

/// Keeps a row's words.
pub(super) fn remember(db: &Connection, delta: &mut Delta, id: i64, row: &Failure) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO search (timestamp, id, text) VALUES (?, ?, ?)";
    db.prepare_cached(sql)?
        .execute((time_text(row.timestamp), id, words_of(row)))?;
    delta.touch(row.timestamp);
    Ok(())
}

/// Drops a row's words.
pub(super) fn forget(db: &Connection, delta: &mut Delta, row: &Failure) -> Result<(), StoreError> {
    let sql = "DELETE FROM search WHERE timestamp = ? AND id = ?";
    db.prepare_cached(sql)?.execute((time_text(row.timestamp), row.id()))?;
    delta.touch(row.timestamp);
    Ok(())
}

/// What is searched: repository, workflow, job, steps, branch, evidence; lower case.
fn words_of(row: &Failure) -> String {
    let job = &row.job;
    let names = [&job.repository, &job.workflow, &job.job, &job.branch];
    let names = names.into_iter().flatten().map(String::as_str);
    let steps = job.failed_steps.iter().map(String::as_str);
    let lines = row.verdict.evidence.iter().map(|excerpt| head(&excerpt.text, MAX_LINE));
    let mut text = String::new();
    for part in names.chain(steps).chain(lines) {
        text.push_str(&part.to_lowercase());
        text.push('\n');
        if text.len() > MAX_TEXT {
            break;
        }
    }
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text
}

fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// The words of a question, all of which a row must hold.
pub(super) fn words(question: &str) -> Vec<String> {
    question.split_whitespace().take(8).map(str::to_lowercase).collect()
}

/// A page of the rows that hold all of `words`.
pub(super) fn found(
    db: &Connection,
    filter: &HistoryFilter,
    words: &[String],
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page, StoreError> {
    if filter.repo.is_none()
        && let Some(question) = moments::question(filter, words)
    {
        let newest = after.map_or(i64::MAX, |cursor| moments::moment_of(cursor.timestamp));
        let oldest = filter.since.map_or(0, moments::moment_of);
        if let Some(due) = moments::due(db, oldest, newest)? {
            let search = Search::new(db, filter, words, limit, LOOKED_UP_ROWS);
            return by_moments(search, &question, [oldest, newest], due, after);
        }
    }
    let bound = match filter.repo {
        Some(_) => LOOKED_UP_ROWS,
        None => SCANNED_ROWS,
    };
    let (sql, values) = walk(filter, after);
    let mut statement = db.prepare_cached(&sql)?;
    let mut search = Search::new(db, filter, words, limit, bound);
    let rows = statement.query(params_from_iter(values))?;
    search.look_through(rows)?;
    Ok(search.page)
}

/// How rows are walked, newest first, without the index of words: along their repository, whose words are looked up, or along
/// the table of words itself.
fn walk(filter: &HistoryFilter, after: Option<Cursor>) -> (String, Vec<Value>) {
    let span = Span::of(filter, after);
    let (text, (from, values)) = if filter.repo.is_some() {
        let text =
            "(SELECT text FROM search WHERE search.timestamp = log_entries.timestamp AND search.id = log_entries.id)";
        (text, along_repository(filter, &span))
    } else {
        ("text", along_all(&span))
    };
    let sql = format!("SELECT timestamp, id, {text} FROM {from} ORDER BY timestamp DESC, id DESC");
    (sql, values)
}

/// A page that is being filled.
struct Search<'a> {
    db: &'a Connection,
    filter: &'a HistoryFilter,
    words: &'a [String],
    limit: usize,
    /// Rows that may still be looked at.
    left: usize,
    page: Page,
}

impl<'a> Search<'a> {
    fn new(db: &'a Connection, filter: &'a HistoryFilter, words: &'a [String], limit: usize, left: usize) -> Self {
        let page = Page {
            items: Vec::new(),
            next: None,
        };
        Self {
            db,
            filter,
            words,
            limit,
            left,
            page,
        }
    }

    /// Looks through rows of time, id and text; whether the page is done.
    fn look_through(&mut self, mut rows: Rows<'_>) -> Result<bool, StoreError> {
        while let Some(row) = rows.next()? {
            let text = row.get_ref(2)?.as_str().unwrap_or_default();
            if self.words.iter().all(|word| text.contains(word.as_str()))
                && let Some(item) = if_asked(self.db, self.filter, row.get(1)?)?
            {
                self.page.items.push(item);
            }
            self.left = self.left.saturating_sub(1);
            if self.page.items.len() == self.limit || self.left == 0 {
                self.page.next = Some(place(row)?);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks through the rows of one moment; whether the page is done.
    fn look_into(&mut self, moment: i64, after: Option<Cursor>) -> Result<bool, StoreError> {
        let [begin, end] = moments::span(moment);
        let mut end = (end, 0);
        if let Some(cursor) = after {
            end = end.min((time_text(cursor.timestamp), cursor.id));
        }
        let sql = "SELECT timestamp, id, text FROM search WHERE timestamp >= ? AND (timestamp, id) < (?, ?) \
                   ORDER BY timestamp DESC, id DESC";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query(params![begin, end.0, end.1])?;
        self.look_through(rows)
    }
}

/// Looks into the moments that the index names and those that wait for it.
fn by_moments(
    mut search: Search<'_>,
    question: &str,
    [oldest, newest]: [i64; 2],
    due: Vec<i64>,
    after: Option<Cursor>,
) -> Result<Page, StoreError> {
    let sql = "SELECT rowid FROM moments WHERE moments MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC";
    let mut statement = search.db.prepare_cached(sql)?;
    let mut indexed = statement.query_map(params![question, oldest, newest], |row| row.get::<_, i64>(0))?;
    let mut due = due.into_iter().peekable();
    let mut named = indexed.next().transpose()?;
    while let Some(moment) = named.max(due.peek().copied()) {
        if named == Some(moment) {
            named = indexed.next().transpose()?;
        }
        due.next_if_eq(&moment);
        if search.look_into(moment, after)? {
            break;
        }
    }
    Ok(search.page)
}

fn place(row: &Row<'_>) -> Result<Cursor, StoreError> {
    Ok(Cursor {
        timestamp: from_time("timestamp", &row.get::<_, String>(0)?)?,
        id: row.get(1)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(db: &Connection, filter: &HistoryFilter) -> String {
        let after = Some(Cursor {
            timestamp: jiff::Timestamp::UNIX_EPOCH,
            id: 1,
        });
        let (sql, values) = walk(filter, after);
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
        let steps = statement
            .query_map(params_from_iter(values), |row| row.get::<_, String>(3))
            .expect("steps");
        steps.collect::<Result<Vec<_>, _>>().expect("texts").join("; ")
    }

    #[test]
    fn every_walk_goes_in_the_order_of_history() {
        let mut db = Connection::open_in_memory().expect("a database in memory");
        super::super::schema::migrate(&mut db, "").expect("the schema");
        let of_repository = HistoryFilter {
            repo: Some("o/r".into()),
            ..HistoryFilter::default()
        };
        for filter in [HistoryFilter::default(), of_repository] {
            let plan = plan(&db, &filter);
            assert!(plan.contains("PRIMARY KEY") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
