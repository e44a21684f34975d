//! The numbered migrations: what each released schema lacks of the next one.

use rusqlite::Connection;

use crate::store::StoreError;

/// `(number, SQL)` in order. A released one is never edited; a change is a new line.
const MIGRATIONS: [(i64, &str); 8] = [
    (1, include_str!("migrations/0001.sql")),
    (2, include_str!("migrations/0002.sql")),
    (3, include_str!("migrations/0003.sql")),
    (4, include_str!("migrations/0004.sql")),
    (5, include_str!("migrations/0005.sql")),
    (6, include_str!("migrations/0006.sql")),
    (7, include_str!("migrations/0007.sql")),
    (8, include_str!("migrations/0008.sql")),
];

/// The newest schema known here.
pub(super) const NEWEST: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// Brings a database up to [`NEWEST`], one transaction a step.
///
/// # Errors
/// [`StoreError::NewerSchema`] when a newer sentinel has written it; it is left as it was.
pub(super) fn migrate(db: &mut Connection, file: &str) -> Result<(), StoreError> {
    let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > NEWEST {
        return Err(StoreError::NewerSchema {
            file: file.to_owned(),
            found,
            known: NEWEST,
        });
    }
    for (number, sql) in MIGRATIONS.iter().filter(|(number, _)| *number > found) {
        step(db, *number, sql)?;
    }
    Ok(())
}

fn step(db: &mut Connection, number: i64, sql: &str) -> Result<(), StoreError> {
    let step = db.transaction()?;
    step.execute_batch(sql)?;
    step.pragma_update(None, "user_version", number)?;
    Ok(step.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_schema(number: i64) -> Connection {
        let mut db = Connection::open_in_memory().expect("a database in memory");
        for (each, sql) in MIGRATIONS.iter().filter(|(each, _)| *each <= number) {
            step(&mut db, *each, sql).expect("a released migration");
        }
        db
    }

    fn objects(db: &Connection) -> Vec<String> {
        let mut statement = db
            .prepare("SELECT type || ' ' || name FROM sqlite_schema ORDER BY 1")
            .expect("a query");
        let names = statement.query_map([], |row| row.get(0)).expect("rows");
        names.collect::<Result<_, _>>().expect("texts")
    }

    #[test]
    fn every_earlier_schema_is_brought_up_to_the_newest() {
        let newest = objects(&at_schema(NEWEST));
        assert!(newest.iter().any(|name| name == "table log_entries"));
        for earlier in 0..=NEWEST {
            let mut db = at_schema(earlier);
            migrate(&mut db, "sentinel.db").expect("an earlier schema");
            assert_eq!(objects(&db), newest, "from schema {earlier}");
            let found: i64 = db
                .pragma_query_value(None, "user_version", |row| row.get(0))
                .expect("a number");
            assert_eq!(found, NEWEST);
        }
    }

    #[test]
    fn migrations_are_numbered_from_one_without_gaps() {
        for (position, (number, _)) in (1..).zip(MIGRATIONS) {
            assert_eq!(position, number);
        }
    }

    #[test]
    fn a_newer_schema_is_refused_and_left_as_it_was() {
        let mut db = at_schema(NEWEST);
        db.pragma_update(None, "user_version", NEWEST + 1).expect("a pragma");
        let refused = migrate(&mut db, "sentinel.db").expect_err("a newer schema");
        assert!(
            matches!(refused, StoreError::NewerSchema { found, .. } if found == NEWEST + 1),
            "{refused}"
        );
    }
}
