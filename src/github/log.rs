//! The log of a job: found by a redirect, streamed, unpacked and read for evidence on its way, within bounds.

use std::io::{self, Read};

use bytes::Bytes;
use reqwest::Response;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::client::{Ask, GitHub, why};
use super::credentials::Who;
use super::{GitHubError, Purpose};
use crate::background::{in_background, in_turn};
use crate::evidence::{Evidence, Extractor};
use crate::ingest::decompress::{self, DecompressError, Limits, Part};
use crate::verdict::LogState;

/// Bytes of a log, unpacked, that are held to be kept; so many, with all that is done to them, fit into 64 MiB. Of a longer
/// log the evidence alone is kept.
pub const MAX_KEPT_LOG: usize = 24 << 20;

/// An archive is held until its list of members, at its end, has come.
const MAX_ARCHIVE: u64 = 24 << 20;

/// Chunks between the network and the decompressor.
const CHUNKS: usize = 4;

/// What became of a log.
#[derive(Debug, Clone)]
pub enum FetchedLog {
    /// It was read, whole or not.
    Text(Box<LogText>),
    /// It cannot be had.
    Missing(LogState),
}

/// What was read of a log.
#[derive(Debug, Clone)]
pub struct LogText {
    /// What speaks in it.
    pub evidence: Evidence,
    /// The log, unpacked; `None` where it is longer than [`MAX_KEPT_LOG`].
    pub kept: Option<Vec<u8>>,
    /// Its bytes, unpacked.
    pub length: u64,
    /// Whether its end was reached.
    pub whole: bool,
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
        let longest = self.max_log;
        let unpacking = in_background("read log", move || {
            read(Received::new(received), longest, job.as_deref())
        });
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

/// Takes in a log chunk by chunk.
struct Reader {
    extractor: Extractor,
    kept: Option<Vec<u8>>,
    length: u64,
}

impl Reader {
    fn push(&mut self, chunk: &[u8]) {
        self.length += chunk.len() as u64;
        in_turn(|| {
            if let Some(kept) = &mut self.kept
                && kept.len() + chunk.len() <= MAX_KEPT_LOG
            {
                kept.extend_from_slice(chunk);
            } else {
                self.kept = None;
            }
            self.extractor.push(chunk);
        });
    }

    fn finish(self, whole: bool) -> FetchedLog {
        FetchedLog::Text(Box::new(LogText {
            evidence: self.extractor.finish(),
            kept: self.kept,
            length: self.length,
            whole,
        }))
    }
}

/// Reads a log of at most so many bytes, of an archive the members of one job.
fn read(source: impl Read, longest: u64, job: Option<&str>) -> FetchedLog {
    let limits = Limits {
        max_output: Some(longest),
        ratio_from: 8 << 20,
        max_held_zip: MAX_ARCHIVE,
        ..Limits::default()
    };
    let mut reader = Reader {
        extractor: Extractor::default(),
        kept: Some(Vec::new()),
        length: 0,
    };
    let mut wanted = true;
    let read = decompress::read(source, &limits, &mut |part| match part {
        Part::Member(name) => wanted = job.is_none_or(|job| is_log_of(name, job)),
        Part::Bytes(chunk) if wanted => reader.push(chunk),
        Part::Bytes(_) => {}
    });
    match read {
        Ok(_) if reader.length == 0 && job.is_some() => FetchedLog::Missing(LogState::NotYet),
        Ok(_) => reader.finish(true),
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
        ) if reader.length == 0 => FetchedLog::Missing(LogState::Truncated),
        Err(_) => reader.finish(false),
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

    const LONGEST: u64 = 64 << 20;

    fn text(source: &[u8]) -> LogText {
        match read(source, LONGEST, None) {
            FetchedLog::Text(text) => *text,
            FetchedLog::Missing(state) => unreachable!("{state:?}"),
        }
    }

    #[test]
    fn a_bomb_is_too_big_and_a_cut_log_keeps_its_front() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..64 {
            packed.write_all(&vec![b'a'; 1 << 20]).expect("packed");
        }
        let bomb = packed.finish().expect("packed");
        let bomb = read(bomb.as_slice(), u64::MAX, None);
        assert!(matches!(bomb, FetchedLog::Missing(LogState::TooBig)), "{bomb:?}");
        let mut packed = GzEncoder::new(Vec::new(), Compression::none());
        packed.write_all(&b"one line\n".repeat(20_000)).expect("packed");
        let mut cut = packed.finish().expect("packed");
        cut.truncate(100_000);
        let cut = text(&cut);
        assert!(!cut.whole && cut.kept.is_some_and(|log| log.starts_with(b"one line\n")));
    }

    #[test]
    fn a_log_too_long_to_be_kept_is_read_to_its_end_and_one_beyond_the_limit_is_not() {
        let mut long = b"all is well\n".repeat(MAX_KEPT_LOG / 12);
        long.extend_from_slice(b"error[E0308]: mismatched types\n");
        let read_whole = text(&long);
        assert!(read_whole.whole && read_whole.kept.is_none());
        assert_eq!(read_whole.length, long.len() as u64);
        let proof = read_whole.evidence.excerpts.first().expect("the last line");
        assert_eq!(usize::try_from(proof.line).expect("small"), MAX_KEPT_LOG / 12 + 1);
        let refused = read(long.as_slice(), 1 << 20, None);
        assert!(matches!(refused, FetchedLog::Missing(LogState::TooBig)), "{refused:?}");
    }
}
