//! The data folder and its lock: one owner at a time, named in the lock file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// The database in the folder.
const DATABASE: &str = "sentinel.db";

/// What `SQLite` keeps beside it.
const WRITE_AHEAD: &str = "sentinel.db-wal";

/// What its connections share.
const SHARED: &str = "sentinel.db-shm";

/// The lock file. Its lock is the kernel's and ends with the process; the process id in it is for people.
const LOCK: &str = "sentinel.lock";

/// A data folder that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder where it is missing, readable by its owner only, and takes its lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process holds it, [`StoreError::Unwritable`] when it cannot be made.
    pub(super) fn own(dir: &Path) -> Result<Self, StoreError> {
        make(dir).map_err(|error| unwritable(dir, &error))?;
        let path = dir.join(LOCK);
        let mut lock = private(&path).map_err(|error| unwritable(&path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(locked(dir, &mut lock)),
            Err(TryLockError::Error(error)) => return Err(unwritable(&path, &error)),
        }
        sign(&mut lock).map_err(|error| unwritable(&path, &error))?;
        // SQLite gives what it makes beside a database the rights of the database.
        for name in [DATABASE, WRITE_AHEAD, SHARED] {
            let path = dir.join(name);
            if name == DATABASE || path.exists() {
                private(&path).map_err(|error| unwritable(&path, &error))?;
            }
        }
        Ok(Self {
            dir: dir.to_owned(),
            _lock: lock,
        })
    }

    /// Whether a folder, which may belong to nobody, has a database.
    pub(super) fn has_database(dir: &Path) -> bool {
        dir.join(DATABASE).is_file()
    }

    /// The folder itself.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the database is.
    pub(super) fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }
}

#[cfg(unix)]
fn make(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn make(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

/// A file for its owner alone, made where it is missing: with `data.socket_group` others may pass through the folder.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    take_from_others(path, &file)?;
    Ok(file)
}

/// What an earlier sentinel made under a wide mask.
#[cfg(unix)]
fn take_from_others(path: &Path, file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut rights = file.metadata()?.permissions();
    let of_others = rights.mode() & 0o077;
    if of_others == 0 {
        return Ok(());
    }
    rights.set_mode(rights.mode() & 0o700);
    match file.set_permissions(rights) {
        // Another user's file that we may write: its rights are that user's business.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            tracing::warn!(file = %path.display(), "others may read this file, and only its owner can change that");
            Ok(())
        }
        done => done,
    }
}

fn sign(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.seek(SeekFrom::Start(0))?;
    writeln!(lock, "{}", std::process::id())?;
    lock.sync_all()
}

fn locked(dir: &Path, lock: &mut File) -> StoreError {
    let mut text = String::new();
    let read = lock.take(20).read_to_string(&mut text);
    let owner = read.ok().and_then(|_| text.trim().parse::<u32>().ok());
    StoreError::Locked {
        dir: dir.display().to_string(),
        owner: owner.map_or_else(|| "unknown".to_owned(), |process| process.to_string()),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unwritable(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_refused_and_told_who_the_first_one_is() {
        let parent = tempfile::tempdir().expect("a folder");
        let dir = parent.path().join("not/there/yet");
        let first = Folder::own(&dir).expect("the first owner");
        let refused = Folder::own(&dir).expect_err("the second owner").to_string();
        assert!(
            refused.contains(&format!("process {}", std::process::id())),
            "{refused}"
        );
        drop(first);
        Folder::own(&dir).expect("the next owner");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_in_the_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().expect("a folder");
        let dir = parent.path().join("data");
        drop(Folder::own(&dir).expect("ours"));
        let wide = fs::Permissions::from_mode(0o644);
        fs::set_permissions(dir.join(DATABASE), wide).expect("rights");
        drop(Folder::own(&dir).expect("ours"));
        for path in [dir.clone(), dir.join(LOCK), dir.join(DATABASE)] {
            let mode = fs::metadata(&path).expect("there").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let parent = tempfile::tempdir().expect("a folder");
        let file = parent.path().join("file");
        fs::write(&file, "").expect("a file");
        let refused = Folder::own(&file).expect_err("a file is no folder").to_string();
        assert!(refused.contains("file"), "{refused}");
    }
}
