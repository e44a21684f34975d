//! What is done from time to time without anybody asking: new words are indexed, what is too old or too much is forgotten, and
//! the database copied.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::engine::Handle;
use crate::store::{BackupSettings, DataSettings, StoreError};

/// Between two looks at what there is to do.
const BETWEEN: Duration = Duration::from_mins(10);

/// Between two looks for words to index.
const BETWEEN_WORDS: Duration = Duration::from_secs(1);

/// Failures forgotten in one transaction: some tens of milliseconds, in which nothing else is written.
const BATCH: usize = 200;

/// So many of the newest failures stay, however small `data.max_bytes` is.
const ALWAYS_KEPT: u64 = 1_000;

/// Per cent of `data.max_bytes` that are used after something was forgotten for it.
const AFTERWARDS: u64 = 95;

/// The name of a copy: sentinel-20260131T120000Z.db.
const NAME: &str = "sentinel-%Y%m%dT%H%M%SZ.db";

/// What is to be kept, and where copies go.
#[derive(Debug, Clone)]
pub struct Upkeep {
    /// `[data]`.
    pub data: DataSettings,
    /// `[backup]`.
    pub backup: BackupSettings,
}

impl Upkeep {
    /// Does what is due, now and from time to time, until `ended`.
    pub async fn run(self, handle: Handle, ended: CancellationToken) {
        let mut due = interval(BETWEEN);
        let mut words = interval(BETWEEN_WORDS);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        words.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let work = async {
            loop {
                tokio::select! {
                    _ = due.tick() => self.once(&handle).await,
                    _ = words.tick() => index_words(&handle).await,
                }
            }
        };
        tokio::select! {
            () = work => {}
            () = ended.cancelled() => {}
        }
    }

    /// Does what is due now. What fails is said, and tried again next time.
    pub async fn once(&self, handle: &Handle) {
        let now = handle.now();
        match self.forget(handle, now).await {
            Ok(0) => {}
            Ok(failures) => tracing::info!(failures, "the oldest failures were forgotten"),
            Err(error) => {
                handle
                    .trouble(format!("old failures cannot be forgotten: {error}"))
                    .await;
            }
        }
        match self.back_up(handle, now).await {
            Ok(None) => {}
            Ok(Some(file)) => tracing::info!(file = %file.display(), "the database was copied"),
            Err(error) => {
                handle
                    .trouble(format!("the database cannot be backed up: {error}"))
                    .await;
            }
        }
    }

    /// Forgets what is too old, and then what is too much.
    async fn forget(&self, handle: &Handle, now: Timestamp) -> Result<usize, StoreError> {
        let store = handle.query();
        let mut forgotten = 0;
        if self.data.retention_days > 0 {
            let length = SignedDuration::from_hours(24 * i64::from(self.data.retention_days));
            let before = now.checked_sub(length).unwrap_or(Timestamp::MIN);
            loop {
                let batch = store.forget(before, BATCH).await?;
                forgotten += batch;
                if batch < BATCH {
                    break;
                }
            }
        }
        if self.data.max_bytes > 0 && store.used_bytes().await? > self.data.max_bytes {
            let wanted = self.data.max_bytes / 100 * AFTERWARDS;
            while store.used_bytes().await? > wanted && store.totals().await?.failures > ALWAYS_KEPT {
                let batch = store.forget(now, BATCH).await?;
                forgotten += batch;
                if batch == 0 {
                    break;
                }
            }
        }
        Ok(forgotten)
    }

    /// Makes a copy where the newest one is too old, and takes away those beyond `backup.keep`.
    async fn back_up(&self, handle: &Handle, now: Timestamp) -> Result<Option<PathBuf>, StoreError> {
        if !self.backup.is_on() {
            return Ok(None);
        }
        let dir = &self.backup.dir;
        let unwritable = |error: io::Error| StoreError::Unwritable(format!("{}: {error}", dir.display()));
        fs::create_dir_all(dir).map_err(unwritable)?;
        let copies = copies(dir).map_err(unwritable)?;
        let every = i64::from(self.backup.every_hours).hours();
        if copies
            .last()
            .is_some_and(|(made, _)| made.checked_add(every).is_ok_and(|next| next > now))
        {
            return Ok(None);
        }
        let file = dir.join(now.strftime(NAME).to_string());
        handle.query().backup(file.clone()).await?;
        let beyond = (copies.len() + 1).saturating_sub(self.backup.keep.max(1));
        for (_, old) in copies.iter().take(beyond) {
            fs::remove_file(old).map_err(unwritable)?;
        }
        Ok(Some(file))
    }
}

/// Indexes what waits while little else is written. What fails is tried again next time; searches are right without it.
async fn index_words(handle: &Handle) {
    loop {
        match handle.query().index_words().await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return tracing::debug!(%error, "words cannot be indexed"),
        }
    }
}

/// The copies in a folder and when they were made, oldest first. What has another name is somebody else's.
fn copies(dir: &Path) -> io::Result<Vec<(Timestamp, PathBuf)>> {
    let mut copies = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        copies.extend(name.and_then(made_at).map(|made| (made, path.clone())));
    }
    copies.sort();
    Ok(copies)
}

fn made_at(name: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime(NAME, name).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_known_by_its_name_and_nothing_else_is() {
        let at = Timestamp::constant(1_790_000_000, 0);
        assert_eq!(made_at(&at.strftime(NAME).to_string()), Some(at));
        for other in [
            "sentinel.db",
            "sentinel-20260131T120000Z.db.old",
            "sentinel-20269931T120000Z.db",
            "notes",
        ] {
            assert_eq!(made_at(other), None, "{other}");
        }
    }
}
