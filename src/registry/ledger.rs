//! What was live when, why, and who approved: one JSON object a line, each with the hash of the one before it.
//!
//! A line counts when it is finished and synced. A line that was changed, left out or put in breaks the chain there, and
//! nothing after the break counts. Under a secret every line carries a seal of its hash as well, since whoever rewrites the
//! whole file can make its hashes anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seal::SealKey;
use super::{Approval, ModelSettings, Verify, disk};
use crate::bundle::sha256;

/// Its name in the folder of models.
const FILE: &str = "ledger.jsonl";

/// What the first line holds for the hash of the line before it.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a line says happened to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LedgerAction")]
pub enum Action {
    /// It came with the program and is live.
    Installed,
    /// It came with the program and is not live.
    Added,
    /// It is live.
    Promoted,
    /// It was fitted, and the gate kept it out.
    Kept,
    /// It is live again.
    RolledBack,
    /// It serves because the one that should cannot be verified.
    FellBack,
    /// The ledger was broken, and goes on from the part that holds.
    Mended,
}

impl Action {
    /// Whether the version is live from this line on.
    #[must_use]
    pub const fn makes_live(self) -> bool {
        match self {
            Self::Installed | Self::Promoted | Self::RolledBack | Self::FellBack => true,
            Self::Added | Self::Kept | Self::Mended => false,
        }
    }

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Added => "added",
            Self::Promoted => "promoted",
            Self::Kept => "kept out",
            Self::RolledBack => "rolled back to",
            Self::FellBack => "fell back to",
            Self::Mended => "ledger mended",
        }
    }
}

/// What a line is about.
pub(super) struct Said {
    pub(super) action: Action,
    pub(super) version: String,
    pub(super) manifest_sha256: String,
    pub(super) content: String,
}

/// One line, without its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LedgerEntry")]
pub struct Entry {
    /// Counts from 1.
    pub seq: u64,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What.
    pub action: Action,
    /// To which version.
    pub version: String,
    /// What was live until then.
    pub previous: Option<String>,
    /// Who approved.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Corrections that stood then.
    pub corrections: u64,
    /// SHA-256 of the version's manifest.
    pub manifest_sha256: String,
    /// What the version is made of, whatever its number.
    pub content: String,
    /// Hash of the line before.
    pub before: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    entry: Entry,
    hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<String>,
}

/// The ledger as far as it holds.
#[derive(Debug)]
pub(super) struct Ledger {
    path: PathBuf,
    entries: Vec<Entry>,
    seals: Vec<Option<String>>,
    last: String,
    /// Bytes of the lines that count.
    length: u64,
}

impl Ledger {
    /// Reads it, and says what is wrong with it.
    pub(super) fn read(folder: &Path) -> io::Result<(Self, Option<String>)> {
        let path = folder.join(FILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let mut ledger = Self {
            path,
            entries: Vec::new(),
            seals: Vec::new(),
            last: BEGINNING.to_owned(),
            length: 0,
        };
        let broken = ledger.take_all(&bytes);
        Ok((ledger, broken))
    }

    fn take_all(&mut self, bytes: &[u8]) -> Option<String> {
        for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            let Some(text) = line.strip_suffix(b"\n") else {
                // A crash came before the line was finished: whoever asked for it was never told that it counts.
                tracing::warn!(file = %self.path.display(), "the last line was never finished and does not count");
                return None;
            };
            if let Err(what) = self.take(text) {
                return Some(format!("{}:{number}: {what}", self.path.display()));
            }
            self.length += line.len() as u64;
        }
        None
    }

    fn take(&mut self, text: &[u8]) -> Result<(), String> {
        let line: Line = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let again = serde_json::to_vec(&line).map_err(|error| error.to_string())?;
        if again != text || line.hash != hash(&line.entry) {
            return Err("the line was changed (its hash differs)".to_owned());
        }
        if line.entry.before != self.last || line.entry.seq != self.entries.len() as u64 + 1 {
            return Err("does not follow from the line before it".to_owned());
        }
        self.last = line.hash;
        self.entries.push(line.entry);
        self.seals.push(line.seal);
        Ok(())
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The newest line about a version.
    pub(super) fn of(&self, version: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.version == version)
    }

    /// Adds a line. When this returns, it is on disk.
    pub(super) fn append(&mut self, said: Said, approval: &Approval, key: &SealKey) -> io::Result<()> {
        let entry = Entry {
            seq: self.entries.len() as u64 + 1,
            at: approval.at,
            action: said.action,
            version: said.version,
            previous: self.live().map(|entry| entry.version.clone()),
            actor: approval.actor.clone(),
            reason: approval.reason.clone(),
            corrections: approval.corrections,
            manifest_sha256: said.manifest_sha256,
            content: said.content,
            before: self.last.clone(),
        };
        let hash = hash(&entry);
        let seal = key.seal(hash.as_bytes());
        let line = Line { entry, hash, seal };
        let mut bytes = serde_json::to_vec(&line)?;
        bytes.push(b'\n');
        disk::append(&self.path, self.length, &bytes)?;
        self.length += bytes.len() as u64;
        self.last = line.hash;
        self.entries.push(line.entry);
        self.seals.push(line.seal);
        Ok(())
    }

    /// Copies the file aside as it is, and leaves the part that holds in its place. Answers with the copy's name.
    pub(super) fn set_aside(&mut self) -> io::Result<String> {
        let bytes = fs::read(&self.path)?;
        let digest = sha256(&bytes);
        let name = format!("ledger.broken-{}.jsonl", digest.get(..8).unwrap_or_default());
        disk::replace(&self.path.with_file_name(&name), &bytes)?;
        let holds = bytes
            .get(..usize::try_from(self.length).unwrap_or(0))
            .unwrap_or_default();
        disk::replace(&self.path, holds)?;
        Ok(name)
    }

    /// The line that made the live version live.
    pub(super) fn live(&self) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.action.makes_live())
    }

    /// Every version that was live, the live one first, each once.
    pub(super) fn live_history(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for entry in self.entries.iter().rev().filter(|entry| entry.action.makes_live()) {
            if !found.contains(&entry.version) {
                found.push(entry.version.clone());
            }
        }
        found
    }

    /// What a person has not answered yet: the live version serves in place of another.
    pub(super) fn standing_notice(&self) -> Option<String> {
        let live = self.live().filter(|entry| entry.action == Action::FellBack)?;
        Some(format!("since {}: {}", live.at, live.reason))
    }

    /// Corrections that stood when a model was last fitted from them.
    pub(super) fn corrections(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.corrections)
    }

    /// Reads the file again, and looks at the seals.
    pub(super) fn verify(&self, settings: &ModelSettings) -> Result<(), String> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let (found, broken) = Self::read(folder).map_err(|error| error.to_string())?;
        if let Some(broken) = broken {
            return Err(broken);
        }
        if !settings.signature_secret.is_set() || settings.verify == Verify::Off {
            return Ok(());
        }
        let sealed = found.entries.iter().zip(&found.seals);
        for (entry, seal) in sealed {
            let fits = |seal: &String| settings.signature_secret.fits(hash(entry).as_bytes(), seal);
            if !seal.as_ref().is_some_and(fits) {
                return Err(format!(
                    "{}:{}: no seal, or one that does not fit",
                    self.path.display(),
                    entry.seq
                ));
            }
        }
        Ok(())
    }
}

fn hash(entry: &Entry) -> String {
    // An entry is texts and numbers: writing it cannot fail.
    sha256(&serde_json::to_vec(entry).unwrap_or_default())
}
