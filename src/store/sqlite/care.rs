//! Looking after a database: a checked copy while it is in use, and an inspection while it is not.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::columns::from_time;
use super::folder::Folder;
use super::schema::NEWEST;
use crate::store::StoreError;

/// Faults that are listed; the first tells enough.
const MAX_FAULTS: usize = 5;

/// A copy that is sent on and never has a name.
const UNNAMED: &str = "copy.db";

/// What was found in a database that nobody uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Its file.
    pub file: PathBuf,
    /// Its schema, and the newest that this program knows.
    pub schema: (i64, i64),
    /// What `SQLite`'s own check complains of; empty where all is well.
    pub faults: Vec<String>,
    /// Rows of history.
    pub failures: u64,
    /// The time of the newest row.
    pub newest: Option<Timestamp>,
}

/// Looks at the database of a data folder without changing it; `None` where there is none yet.
///
/// # Errors
/// When another process owns the folder, or the database cannot be read at all.
pub fn inspect(dir: &Path) -> Result<Option<Inspection>, StoreError> {
    if !Folder::has_database(dir) {
        return Ok(None);
    }
    let folder = Folder::own(dir)?;
    let file = folder.database();
    let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let schema: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let faults = faults(&db, "quick_check")?;
    let (failures, newest) = if faults.is_empty() && schema > 0 {
        contents(&db)?
    } else {
        (0, None)
    };
    Ok(Some(Inspection {
        file,
        schema: (schema, NEWEST),
        faults,
        failures,
        newest,
    }))
}

fn contents(db: &Connection) -> Result<(u64, Option<Timestamp>), StoreError> {
    let failures: i64 = db.query_row("SELECT failures FROM totals", [], |row| row.get(0))?;
    let sql = "SELECT timestamp FROM search ORDER BY timestamp DESC LIMIT 1";
    let newest: Option<String> = db.query_row(sql, [], |row| row.get(0)).optional()?;
    let newest = newest.map(|text| from_time("timestamp", &text)).transpose()?;
    Ok((failures.unsigned_abs(), newest))
}

/// What a check of the whole database complains of.
fn faults(db: &Connection, check: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare(&format!("PRAGMA {check}({MAX_FAULTS})"))?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut lines = lines.collect::<Result<Vec<_>, _>>()?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}

/// Copies the database to `to`, as it is at one moment, while others go on writing. An older copy of that name is replaced
/// when the new one is whole; any other file is not.
pub(super) fn copy(source: &Connection, to: &Path) -> Result<(), StoreError> {
    let copy = NewCopy::begin(to)?;
    fill(source, &copy.part)?;
    copy.finish().map(drop)
}

/// The same as a file without a name, which goes when it is closed; made in `dir`, one at a time.
pub(super) fn nameless_copy(source: &Connection, dir: &Path) -> Result<File, StoreError> {
    let copy = NewCopy::begin(&dir.join(UNNAMED))?;
    fill(source, &copy.part)?;
    check(&copy.part)?;
    // Dropped, the copy gives its name up.
    File::open(&copy.part).map_err(|error| unwritable(&copy.part, &error))
}

fn fill(source: &Connection, part: &Path) -> Result<(), StoreError> {
    let mut target = Connection::open(part)?;
    // In one step, which is one read transaction: writers go on, and the copy never has to start again.
    let _done = Backup::new(source, &mut target)?.step(-1)?;
    // One file, whatever journal the original has.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| StoreError::from(error))
}

fn check(part: &Path) -> Result<(), StoreError> {
    let db = Connection::open_with_flags(part, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let faults = faults(&db, "integrity_check")?;
    if faults.is_empty() {
        return Ok(());
    }
    Err(StoreError::Database(format!(
        "the copy is damaged, and so is the original: {}",
        faults.join("; ")
    )))
}

/// A copy that is being written. It has its name once it is whole, checked and on disk; dropped before, it is gone.
pub struct NewCopy {
    to: PathBuf,
    part: PathBuf,
    file: File,
    written: u64,
}

impl NewCopy {
    /// Starts a copy that is to be `to`.
    ///
    /// # Errors
    /// When a file is there that is no database, or none can be made beside it.
    pub fn begin(to: &Path) -> Result<Self, StoreError> {
        check_target(to)?;
        let part = part_of(to);
        // Left by a process of the same number that was killed.
        drop(fs::remove_file(&part));
        Ok(Self {
            file: make(&part).map_err(|error| unwritable(&part, &error))?,
            to: to.to_owned(),
            part,
            written: 0,
        })
    }

    /// Adds what comes next.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.written += bytes.len() as u64;
        self.file
            .write_all(bytes)
            .map_err(|error| unwritable(&self.part, &error))
    }

    /// Checks the whole and gives it its name; the bytes that were written.
    ///
    /// # Errors
    /// When it is no sound database, or cannot be kept.
    pub fn finish(self) -> Result<u64, StoreError> {
        check(&self.part)?;
        let kept = self.file.sync_all().and_then(|()| fs::rename(&self.part, &self.to));
        let kept = kept.and_then(|()| sync_folder(&self.to));
        kept.map_err(|error| unwritable(&self.to, &error))?;
        Ok(self.written)
    }
}

impl Drop for NewCopy {
    fn drop(&mut self) {
        // After `finish` there is nothing of this name.
        drop(fs::remove_file(&self.part));
    }
}

/// A new file for its owner alone: failures are nobody else's business.
fn make(part: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(part)
}

/// A file that is no database was hardly meant to be replaced by one.
fn check_target(to: &Path) -> Result<(), StoreError> {
    const HEADER: &[u8] = b"SQLite format 3\0";
    let mut start = [0; HEADER.len()];
    let read = match File::open(to) {
        Ok(mut file) => io::Read::read_exact(&mut file, &mut start),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(to, &error)),
    };
    if read.is_ok() && start == *HEADER {
        return Ok(());
    }
    Err(StoreError::Unwritable(format!(
        "{} is there and no database; name another file",
        to.display()
    )))
}

fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    to.with_file_name(name)
}

fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn unwritable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unwritable(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(file: &Path) -> Connection {
        let mut db = Connection::open(file).expect("a database");
        db.pragma_update(None, "journal_mode", "WAL").expect("a pragma");
        super::super::schema::migrate(&mut db, "").expect("the schema");
        db
    }

    #[test]
    fn a_copy_is_one_whole_file_and_replaces_an_older_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let db = database(&dir.path().join("sentinel.db"));
        let to = dir.path().join("copy.db");
        for round in 1..=2_i64 {
            db.execute("UPDATE totals SET write_checks = ?", [round])
                .expect("a change");
            copy(&db, &to).expect("a copy");
            let copied = Connection::open(&to).expect("the copy");
            let found: i64 = copied
                .query_row("SELECT write_checks FROM totals", [], |row| row.get(0))
                .expect("a number");
            assert_eq!(found, round);
        }
        let names: Vec<_> = fs::read_dir(dir.path()).expect("the folder").flatten().collect();
        let beside = |suffix: &str| {
            names
                .iter()
                .any(|entry| entry.file_name().to_string_lossy().ends_with(suffix))
        };
        assert!(!beside(".part") && !beside("copy.db-wal"), "{names:?}");
    }

    #[test]
    fn a_file_that_is_no_database_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let db = database(&dir.path().join("sentinel.db"));
        let other = dir.path().join("config.toml");
        fs::write(&other, "[server]\n").expect("a file");
        assert!(copy(&db, &other).is_err());
        assert_eq!(fs::read_to_string(&other).expect("the file"), "[server]\n");
    }

    #[test]
    fn an_inspection_finds_a_damaged_page_and_changes_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(inspect(dir.path()).expect("an empty folder"), None);
        let file = dir.path().join("sentinel.db");
        database(&file).close().expect("closed");
        let found = inspect(dir.path()).expect("a database").expect("a database");
        assert_eq!(
            (found.schema, found.faults.len(), found.failures),
            ((NEWEST, NEWEST), 0, 0)
        );
        let mut bytes = fs::read(&file).expect("the file");
        let second = 4_096..8_192;
        bytes.get_mut(second).expect("a second page").fill(0xff);
        fs::write(&file, &bytes).expect("damage");
        let damaged = inspect(dir.path());
        assert!(
            !matches!(&damaged, Ok(Some(found)) if found.faults.is_empty()),
            "{damaged:?}"
        );
        assert_eq!(fs::read(&file).expect("the file"), bytes);
    }
}
