//! The index behind the word search: which moments of history may hold what is asked for.
//!
//! A moment is all rows of the same four milliseconds; moments stand in the order of history, so that the newest that match
//! come first without sorting. The index holds runs of three letters (the tokenizer "trigram" of `SQLite`'s FTS5), because a
//! search is for parts of words, and beside them marks for class, source and doubt, so that a second filter narrows the same
//! question. It may name too many moments, never too few: whoever asks looks at the rows themselves.
//!
//! Indexing a row costs as much as storing it. Rows are therefore indexed later, while little else is written
//! ([`index`]); until then their moments are [`due`], and a search looks at all of those.

use std::fmt::Write;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{from_class, time_text};
use crate::class::FailureClass;
use crate::ingest::EventSource;
use crate::store::{HistoryFilter, StoreError};

/// The length of a moment. Shorter ones make longer numbers, which the index holds once a run of letters.
const MICROSECONDS: i64 = 4_000;

/// Moments indexed in one transaction: some ten milliseconds, in which nothing else is written.
pub(super) const BATCH: usize = 100;

/// Moments that a search looks at beside what the index names. With more, it does better without the index.
const MAX_DUE: usize = 4_000;

/// Runs of letters in one question; more would hardly narrow it.
const MAX_RUNS: usize = 24;

/// Letters in a run.
const RUN: usize = 3;

/// Begins a mark: no text holds it in this way.
const MARK: char = '\u{1}';

/// The moment of a time.
pub(super) fn moment_of(at: Timestamp) -> i64 {
    at.as_microsecond().div_euclid(MICROSECONDS)
}

/// The first time of a moment, as its column holds it.
fn begin(moment: i64) -> String {
    let at = Timestamp::from_microsecond(moment.saturating_mul(MICROSECONDS));
    time_text(at.unwrap_or(Timestamp::MAX))
}

/// The first time of a moment, and of the one after it.
pub(super) fn span(moment: i64) -> [String; 2] {
    [begin(moment), begin(moment + 1)]
}

/// Notes that rows of a moment have come, changed or gone.
pub(super) fn touch(db: &Connection, moment: i64) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO moments_due (moment) VALUES (?)";
    db.prepare_cached(sql)?.execute([moment])?;
    Ok(())
}

/// Moments of a range that are to be looked at beside what the index names, newest first; `None` where they are too many.
pub(super) fn due(db: &Connection, oldest: i64, newest: i64) -> Result<Option<Vec<i64>>, StoreError> {
    let sql = "SELECT moment FROM moments_due WHERE moment BETWEEN ? AND ? ORDER BY moment DESC LIMIT ?";
    let mut statement = db.prepare_cached(sql)?;
    let limit = i64::try_from(MAX_DUE + 1).unwrap_or(i64::MAX);
    let found = statement.query_map(params![oldest, newest, limit], |row| row.get(0))?;
    let due = found.collect::<Result<Vec<_>, _>>()?;
    Ok((due.len() <= MAX_DUE).then_some(due))
}

/// Whether any moment waits to be indexed.
pub(super) fn is_any_due(db: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM moments_due LIMIT 1";
    let found: Option<i64> = db.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    Ok(found.is_some())
}

/// Indexes the newest moments that wait, at most [`BATCH`]; how many they were.
pub(super) fn index(db: &Connection) -> Result<usize, StoreError> {
    let sql = "SELECT moment FROM moments_due ORDER BY moment DESC LIMIT ?";
    let mut statement = db.prepare_cached(sql)?;
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let waiting = statement.query_map([limit], |row| row.get(0))?;
    let waiting = waiting.collect::<Result<Vec<i64>, _>>()?;
    for moment in &waiting {
        index_one(db, *moment)?;
    }
    Ok(waiting.len())
}

fn index_one(db: &Connection, moment: i64) -> Result<(), StoreError> {
    let text = text_of(db, moment)?;
    if text.is_empty() {
        db.prepare_cached("DELETE FROM moments WHERE rowid = ?")?
            .execute([moment])?;
    } else {
        let sql = "INSERT OR REPLACE INTO moments (rowid, text) VALUES (?, ?)";
        db.prepare_cached(sql)?.execute(params![moment, text])?;
    }
    db.prepare_cached("DELETE FROM moments_due WHERE moment = ?")?
        .execute([moment])?;
    Ok(())
}

/// What the rows of a moment are found by.
fn text_of(db: &Connection, moment: i64) -> Result<String, StoreError> {
    let sql = "SELECT search.text, label, event_source, uncertain FROM search CROSS JOIN log_entries USING (id) \
               WHERE search.timestamp >= ? AND search.timestamp < ?";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(span(moment))?;
    let mut text = String::new();
    while let Some(row) = rows.next()? {
        text.push_str(row.get_ref(0)?.as_str().unwrap_or_default());
        text.push_str(&mark_of_class(from_class(
            "label",
            row.get_ref(1)?.as_str().unwrap_or_default(),
        )?));
        let source = EventSource::from_name(row.get_ref(2)?.as_str().unwrap_or_default());
        text.extend(source.map(mark_of_source));
        text.push_str(&mark_of_doubt(row.get(3)?));
    }
    Ok(text)
}

fn mark_of_class(class: FailureClass) -> String {
    format!("{MARK}c{}", class.key())
}

fn mark_of_source(source: EventSource) -> String {
    let position = EventSource::ALL.iter().position(|each| *each == source);
    format!("{MARK}s{}", position.unwrap_or_default())
}

fn mark_of_doubt(uncertain: bool) -> String {
    format!("{MARK}u{}", u8::from(uncertain))
}

/// The question to the index; `None` where no word is long enough for it.
pub(super) fn question(filter: &HistoryFilter, words: &[String]) -> Option<String> {
    let mut asked: Vec<String> = Vec::new();
    for run in words.iter().flat_map(|word| runs(word)) {
        if asked.len() < MAX_RUNS && !asked.contains(&run) {
            asked.push(run);
        }
    }
    if asked.is_empty() {
        return None;
    }
    asked.extend(filter.class.map(mark_of_class));
    asked.extend(filter.source.map(mark_of_source));
    asked.extend(filter.uncertain.map(mark_of_doubt));
    let mut question = String::new();
    for run in &asked {
        let and = if question.is_empty() { "" } else { " AND " };
        write!(question, "{and}\"{}\"", run.replace('"', "\"\"")).ok()?;
    }
    Some(question)
}

/// The runs of a word. The index cannot be asked for NUL, which ends a text there.
fn runs(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let all = letters.windows(RUN).filter(|run| !run.contains(&'\0'));
    all.map(|run| run.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_asks_for_every_run_and_mark_once() {
        let filter = HistoryFilter {
            class: Some(FailureClass::Timeout),
            uncertain: Some(true),
            ..HistoryFilter::default()
        };
        let words = ["aaaa\"b".to_owned(), "no".to_owned()];
        assert_eq!(
            question(&filter, &words).as_deref(),
            Some("\"aaa\" AND \"aa\"\"\" AND \"a\"\"b\" AND \"\u{1}c0\" AND \"\u{1}u1\"")
        );
        assert_eq!(question(&filter, &words[1..]), None);
    }

    #[test]
    fn a_migrated_row_is_due_at_the_moment_of_its_time() {
        let db = Connection::open_in_memory().expect("a database in memory");
        for (time, text) in [(0, "00:00:00.000000"), (1_790_000_000_123_999, "")] {
            let at = Timestamp::from_microsecond(time).expect("a time");
            assert!(time_text(at).contains(text));
            let sql = "SELECT unixepoch(?1) * 250 + CAST(substr(?1, 21, 6) AS INTEGER) / 4000";
            let moment: i64 = db.query_row(sql, [time_text(at)], |row| row.get(0)).expect("a number");
            assert_eq!(moment, moment_of(at));
            let [begin, end] = span(moment);
            assert!(begin <= time_text(at) && time_text(at) < end, "{begin} {end}");
        }
    }
}
