//! Errors of `SQLite` in the store's words: whether nothing can be written, or only this was wrong.

use rusqlite::ErrorCode;

use crate::store::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory,
            ) => Self::Unwritable(error.to_string()),
            _ => Self::Database(error.to_string()),
        }
    }
}

/// A stored value that does not read as what its column holds.
pub(super) fn damaged(column: &str, found: &str) -> StoreError {
    let found: String = found.chars().take(80).collect();
    StoreError::Database(format!(
        "log_entries.{column} holds {found:?}; restore a backup, or delete the row"
    ))
}
