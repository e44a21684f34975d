//! The log of a job: found by a redirect, streamed, unpacked within bounds.

use std::io::{self, Read};

use bytes::Bytes;
use reqwest::Response;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::client::{Ask, GitHub, why};
use super::credentials::Who;
use super::{GitHubError, Purpose};
use crate::ingest::decompress::{self, DecompressError, Limits, Part};
use crate::verdict::LogState;

/// Bytes of a log, unpacked. Four logs of this length fit into 256 MiB with all that is done to them.
pub const MAX_LOG: u64 = 24 << 20;

/// What an archive of logs may take: it is held until its list of members, at its end, has come.
const LIMITS: Limits = Limits {
    max_output: Some(MAX_LOG),
    max_ratio: 250,
    ratio_from: 8 << 20,
    max_held_zip: MAX_LOG,
};

/// Chunks between the network and the decompressor.
const CHUNKS: usize = 4;

/// What became of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchedLog {
    /// It was read, whole or not.
    Text {
        /// Its bytes, unpacked.
        bytes: Vec<u8>,
        /// Whether its end was reached.
        whole: bool,
    },
    /// It cannot be had.
    Missing(LogState),
}

impl GitHub {
    /// The log of one job.
    ///
    /// # Errors
    /// What may pass: limits, trouble. What will not is [`FetchedLog::Missing`].
    pub async fn job_log(&self, repository: i64, job: i64, purpose: Purpose) -> Result<FetchedLog, GitHubError> {
        let path = [
            "repositories",
            &repository.to_string(),
            "actions",
            "jobs",
            &job.to_string(),
            "logs",
        ];
        self.log(&path, repository, purpose, None).await
    }

    /// The logs of an attempt of a run, out of its archive: of the job with this name, or of all one after the other.
    ///
    /// # Errors
    /// As [`Self::job_log`].
    pub async fn run_log(
        &self,
        repository: i64,
        (run, attempt): (i64, i64),
        job: Option<&str>,
        purpose: Purpose,
    ) -> Result<FetchedLog, GitHubError> {
        let (id, run, attempt) = (repository.to_string(), run.to_string(), attempt.to_string());
        let path = [
            "repositories",
            &id,
            "actions",
            "runs",
            &run,
            "attempts",
            &attempt,
            "logs",
        ];
        self.log(&path, repository, purpose, job).await
    }

    async fn log(
        &self,
        path: &[&str],
        repository: i64,
        purpose: Purpose,
        job: Option<&str>,
    ) -> Result<FetchedLog, GitHubError> {
        let ask = Ask {
            who: Who::Repository(repository),
            purpose,
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            query: Vec::new(),
            conditional: false,
        };
        let url = self.address(&ask);
        let response = match self.send(&ask, &url, None).await {
            Ok(response) => response,
            Err(GitHubError::Gone { .. }) => return Ok(FetchedLog::Missing(LogState::Expired)),
            Err(GitHubError::NotFound { .. }) => return Ok(FetchedLog::Missing(LogState::NotYet)),
            Err(GitHubError::Forbidden { .. }) => return Ok(FetchedLog::Missing(LogState::Forbidden)),
            Err(other) => return Err(other),
        };
        Ok(self.unpack(response, job.map(plain)).await)
    }

    /// Hands chunks of the network to a thread that unpacks them. The channel between is short: a slow reader slows the
    /// sender, and nobody holds more than a few chunks.
    async fn unpack(&self, mut response: Response, job: Option<String>) -> FetchedLog {
        let (chunks, received) = mpsc::channel(CHUNKS);
        let unpacking = tokio::task::spawn_blocking(move || read(Received::new(received), job.as_deref()));
        let pumping = async {
            loop {
                let chunk = match response.chunk().await {
                    Ok(Some(chunk)) => Ok(chunk),
                    Ok(None) => return,
                    Err(error) => Err(io::Error::other(why(&error))),
                };
                let failed = chunk.is_err();
                if chunks.send(chunk).await.is_err() || failed {
                    return;
                }
            }
        };
        if timeout(self.pace.log, pumping).await.is_err() {
            let late = io::Error::new(io::ErrorKind::TimedOut, "the log took too long");
            // The reader may have had enough already.
            let _heard = chunks.send(Err(late)).await;
        }
        drop(chunks);
        unpacking.await.unwrap_or(FetchedLog::Missing(LogState::Truncated))
    }
}

/// Reads a log, of an archive the members of one job.
fn read(source: impl Read, job: Option<&str>) -> FetchedLog {
    let mut bytes = Vec::new();
    let mut wanted = true;
    let read = decompress::read(source, &LIMITS, &mut |part| match part {
        Part::Member(name) => wanted = job.is_none_or(|job| is_log_of(name, job)),
        Part::Bytes(chunk) if wanted => bytes.extend_from_slice(chunk),
        Part::Bytes(_) => {}
    });
    match read {
        Ok(_) if bytes.is_empty() && job.is_some() => FetchedLog::Missing(LogState::NotYet),
        Ok(_) => FetchedLog::Text { bytes, whole: true },
        Err(
            DecompressError::Bomb { .. }
            | DecompressError::TooLong { .. }
            | DecompressError::ZipTooLarge { .. }
            | DecompressError::TooManyMembers { .. },
        ) => FetchedLog::Missing(LogState::TooBig),
        // Damaged on its way or at its source: what came before the damage is good.
        Err(
            DecompressError::Io(_)
            | DecompressError::Truncated { .. }
            | DecompressError::Corrupt { .. }
            | DecompressError::UnsafeName { .. }
            | DecompressError::Encrypted { .. }
            | DecompressError::Unsupported(_),
        ) if bytes.is_empty() => FetchedLog::Missing(LogState::Truncated),
        Err(_) => FetchedLog::Text { bytes, whole: false },
    }
}

/// Whether a member of the archive, as `3_build (ubuntu).txt`, is the log of this job. GitHub leaves out what no file name
/// may hold.
fn is_log_of(member: &str, job: &str) -> bool {
    let file = member.rsplit_once('.').map_or(member, |(name, _)| name);
    let name = match file.split_once('_') {
        Some((number, name)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => file,
    };
    plain(name) == job
}

/// Letters and digits alone.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// The chunks of a channel, for a thread that may wait.
struct Received {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Received {
    fn new(chunks: mpsc::Receiver<io::Result<Bytes>>) -> Self {
        Self {
            chunks,
            rest: Bytes::new(),
        }
    }
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.chunks.blocking_recv() {
                Some(chunk) => self.rest = chunk?,
                None => return Ok(0),
            }
        }
        let length = self.rest.len().min(buffer.len());
        let front = self.rest.split_to(length);
        if let Some(room) = buffer.get_mut(..length) {
            room.copy_from_slice(&front);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn a_member_of_the_archive_is_found_by_the_name_of_its_job() {
        assert!(is_log_of(
            "3_build (ubuntu-22.04, ab).txt",
            &plain("build (ubuntu-22.04, a/b)")
        ));
        assert!(is_log_of("0_test.txt", &plain("test")));
        assert!(is_log_of("unit_tests.txt", &plain("unit_tests")));
        assert!(!is_log_of("1_test (2).txt", &plain("test")));
    }

    #[test]
    fn a_bomb_is_too_big_and_a_cut_log_keeps_its_front() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..64 {
            packed.write_all(&vec![b'a'; 1 << 20]).expect("packed");
        }
        let bomb = packed.finish().expect("packed");
        assert_eq!(read(bomb.as_slice(), None), FetchedLog::Missing(LogState::TooBig));
        let mut packed = GzEncoder::new(Vec::new(), Compression::none());
        packed.write_all(&b"one line\n".repeat(20_000)).expect("packed");
        let mut whole = packed.finish().expect("packed");
        whole.truncate(100_000);
        let FetchedLog::Text { bytes, whole } = read(whole.as_slice(), None) else {
            unreachable!("text came before the cut")
        };
        assert!(!whole && bytes.starts_with(b"one line\n"));
    }
}
