//! The data folder for commands that read it: taken while no server holds it.

use std::sync::Arc;

use anyhow::{Result, bail};

use crate::config::Settings;
use crate::store::sqlite::{SqliteLimits, SqliteStore};

/// Takes the data folder, which must have a database.
pub(super) fn own(settings: &Settings) -> Result<Arc<SqliteStore>> {
    let dir = &settings.data.dir;
    if !SqliteStore::is_in(dir) {
        bail!(
            "{} has no database; name the data folder with --data DIR, or start `sentinel serve` to make one",
            dir.display()
        );
    }
    Ok(SqliteStore::open(dir, SqliteLimits::default())?)
}
