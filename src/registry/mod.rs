//! The live model folder, `models/` in the data folder: a folder a version, and a ledger that says which was live when.
//!
//! The promise: whatever happens at whatever moment, there is a model to serve, and the ledger says why it is that one. A
//! version folder is whole before its name is there, and only a finished line of the ledger makes it live. What cannot be
//! verified is refused by the name of its file; then the last version that was good serves, and that is said.

mod disk;
mod folder;
mod ledger;
mod seal;
mod view;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bundle::{Bundle, BundleError, shipped_files};
use crate::training::gate::{GateDecision, Outcome};

use self::folder::VersionFolder;
use self::ledger::Ledger;
pub use self::ledger::{Action, Entry};
pub use self::seal::SealKey;
pub use self::view::{ModelInfo, RegistryView};

/// The name of the folder of models in the data folder.
const FOLDER: &str = "models";

/// Versions kept; beyond, the oldest that neither is nor was lately live goes.
const MAX_VERSIONS: usize = 40;

/// What happens to a model whose seal does not hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verify {
    /// Seals are not looked at.
    Off,
    /// It serves, and that is said.
    Warn,
    /// It is refused.
    #[default]
    Enforce,
}

/// `[model]` of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelSettings {
    /// What happens to a model whose seal does not hold; without a secret there are no seals.
    pub verify: Verify,
    /// What manifests are sealed with.
    pub signature_secret: SealKey,
}

/// A loaded model, and what was noticed on the way.
#[derive(Debug)]
pub struct Loaded {
    /// What is to be served.
    pub bundle: Bundle,
    /// Why it is not the one that should be live, or what else a person should know.
    pub notice: Option<String>,
}

/// Why a model cannot be served or changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The model inside of the program does not fit it.
    #[error("the model inside of this program cannot be served: {0}")]
    Shipped(BundleError),
    /// A file is not what it should be.
    #[error("{path}: {what}")]
    Refused {
        /// Which.
        path: String,
        /// Why.
        what: String,
    },
    /// There is no such version.
    #[error("there is no model {version}; there are {known}")]
    Unknown {
        /// What was asked for.
        version: String,
        /// What there is.
        known: String,
    },
    /// It is live already.
    #[error("model {0} is live already")]
    Live(String),
    /// Nothing was live before.
    #[error("no other model was live before {0}; promote one by its version")]
    NothingBefore(String),
    /// The folder cannot be read or written.
    #[error("{path}: {error}")]
    Disk {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
}

/// A version or the ledger, and what is wrong with it, if something is.
pub type Checked = (String, Result<(), String>);

/// Who changes what is live, when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Corrections that stood then: those that came later wait for the next training.
    pub corrections: u64,
}

impl Approval {
    fn by_itself(reason: String, at: Timestamp, corrections: u64) -> Self {
        Self {
            actor: "sentinel".to_owned(),
            reason,
            at,
            corrections,
        }
    }
}

/// The live model folder of one data folder. Its owner holds the lock of the data folder.
#[derive(Debug)]
pub struct Registry {
    folder: PathBuf,
    settings: ModelSettings,
    ledger: Mutex<Ledger>,
}

impl Registry {
    /// Whether a data folder has models of its own.
    #[must_use]
    pub fn is_in(data: &Path) -> bool {
        data.join(FOLDER).is_dir()
    }

    /// Verifies every version and the ledger of a data folder that nobody uses, and changes nothing.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn look(data: &Path, settings: &ModelSettings) -> Result<Vec<Checked>, RegistryError> {
        let folder = data.join(FOLDER);
        let (ledger, broken) = Ledger::read(&folder).map_err(|error| disk_error(&folder, error))?;
        let registry = Self {
            folder,
            settings: settings.clone(),
            ledger: Mutex::new(ledger),
        };
        let broken = broken.map(|what| ("ledger.jsonl".to_owned(), Err(what)));
        Ok(broken.into_iter().chain(registry.verify()).collect())
    }

    /// Opens the folder, makes it where it is missing, and loads the model that is live.
    ///
    /// # Errors
    /// When the folder cannot be written, or no model can be served at all.
    pub fn open(data: &Path, settings: &ModelSettings, at: Timestamp) -> Result<(Self, Loaded), RegistryError> {
        let folder = data.join(FOLDER);
        disk::prepare(&folder).map_err(|error| disk_error(&folder, error))?;
        let (ledger, broken) = Ledger::read(&folder).map_err(|error| disk_error(&folder, error))?;
        let registry = Self {
            folder,
            settings: settings.clone(),
            ledger: Mutex::new(ledger),
        };
        let broken = broken.map(|what| registry.mend(&what, at)).transpose()?;
        registry.take_shipped(at)?;
        let mut loaded = registry.load_live(at)?;
        loaded.notice = loaded.notice.or(broken);
        Ok((registry, loaded))
    }

    /// Keeps a broken ledger aside and goes on from the part of it that holds.
    fn mend(&self, what: &str, at: Timestamp) -> Result<String, RegistryError> {
        let mut ledger = self.ledger();
        let aside = ledger.set_aside().map_err(|error| disk_error(&self.folder, error))?;
        let said = format!("{what}; the whole file is kept as {aside}, and the lines before that count");
        if !ledger.entries().is_empty() {
            let version = ledger.live().map(|entry| entry.version.clone()).unwrap_or_default();
            let corrections = ledger.corrections();
            let approval = Approval::by_itself(said.clone(), at, corrections);
            self.note(&mut ledger, Action::Mended, &version, &approval)?;
        }
        Ok(said)
    }

    /// Puts the model inside of the program among the versions where it is not, and makes it live where the live one came
    /// with an earlier build: a model that people's corrections made is not replaced by a build.
    fn take_shipped(&self, at: Timestamp) -> Result<(), RegistryError> {
        let files = shipped_files();
        let content = folder::content_of(&files);
        let mut ledger = self.ledger();
        if ledger.entries().iter().any(|entry| entry.content == content) {
            return Ok(());
        }
        let first = ledger.entries().is_empty();
        let version = if first {
            folder::version_of(&files).unwrap_or_else(|| "v1".to_owned())
        } else {
            self.next_of(&ledger)
        };
        self.put(&version, &files, None)?;
        let by_build = ledger.live().is_none_or(|entry| entry.action == Action::Installed);
        let (action, reason) = if by_build {
            (Action::Installed, "came with this build of the program")
        } else {
            (
                Action::Added,
                "came with this build; the live model learned from people and stays",
            )
        };
        let corrections = ledger.corrections();
        self.note(
            &mut ledger,
            action,
            &version,
            &Approval::by_itself(reason.to_owned(), at, corrections),
        )
    }

    /// Loads what the ledger says is live, or else what was live before it, or else the model inside of the program.
    fn load_live(&self, at: Timestamp) -> Result<Loaded, RegistryError> {
        let (history, standing) = {
            let ledger = self.ledger();
            (ledger.live_history(), ledger.standing_notice())
        };
        let mut troubles: Vec<String> = Vec::new();
        for version in &history {
            match self.load(version) {
                Ok((bundle, warning)) if troubles.is_empty() => {
                    return Ok(Loaded {
                        bundle,
                        notice: warning.or(standing),
                    });
                }
                Ok((bundle, _)) => return self.fall_back(bundle, &history, &troubles, at),
                Err(error) => troubles.push(error.to_string()),
            }
        }
        let shipped = Bundle::from_files(&shipped_files()).map_err(RegistryError::Shipped)?;
        let version = self.heal_shipped()?;
        let bundle = Bundle { version, ..shipped };
        self.fall_back(bundle, &history, &troubles, at)
    }

    /// Notes that another version than the live one serves, and why.
    fn fall_back(
        &self,
        bundle: Bundle,
        history: &[String],
        troubles: &[String],
        at: Timestamp,
    ) -> Result<Loaded, RegistryError> {
        let reason = format!("{}; model {} serves", troubles.join("; "), bundle.version);
        let mut ledger = self.ledger();
        let recorded = ledger.of(&bundle.version).map(|entry| entry.manifest_sha256.clone());
        let found = self.version(&bundle.version).identity().map(|(manifest, _)| manifest);
        if history.first() != Some(&bundle.version) || recorded != found {
            let approval = Approval::by_itself(reason.clone(), at, ledger.corrections());
            self.note(&mut ledger, Action::FellBack, &bundle.version, &approval)?;
        }
        Ok(Loaded {
            bundle,
            notice: Some(reason),
        })
    }

    /// Writes the folder of the program's own model again; answers with its version.
    fn heal_shipped(&self) -> Result<String, RegistryError> {
        let files = shipped_files();
        let content = folder::content_of(&files);
        let found = {
            let ledger = self.ledger();
            let entry = ledger.entries().iter().rev().find(|entry| entry.content == content);
            entry.map(|entry| entry.version.clone())
        };
        let version = found.unwrap_or_else(|| "v1".to_owned());
        self.put(&version, &files, None)?;
        Ok(version)
    }

    /// Loads a version; what is amiss but let pass comes beside it.
    fn load(&self, version: &str) -> Result<(Bundle, Option<String>), RegistryError> {
        let folder = self.version(version);
        let (recorded, shipped) = {
            let ledger = self.ledger();
            let entry = ledger.of(version);
            let content = folder::content_of(&shipped_files());
            (
                entry.map(|entry| entry.manifest_sha256.clone()),
                entry.is_some_and(|entry| entry.content == content),
            )
        };
        let files = folder.read()?;
        let trusted = shipped && folder::content_of(&files) == folder::content_of(&shipped_files());
        let warning = folder.check_seal(&files, &self.settings, trusted)?;
        folder.check(&files, recorded.as_deref())?;
        let bundle = Bundle::from_files(&files).map_err(|error| folder.refused(&error))?;
        Ok((bundle, warning))
    }

    /// The version that a new model gets.
    #[must_use]
    pub fn next_version(&self) -> String {
        self.next_of(&self.ledger())
    }

    fn next_of(&self, ledger: &Ledger) -> String {
        let known = ledger.entries().iter().map(|entry| entry.version.clone());
        let highest = known
            .chain(disk::versions(&self.folder))
            .filter_map(|version| version.strip_prefix('v')?.parse::<u64>().ok())
            .max();
        format!("v{}", highest.unwrap_or(0) + 1)
    }

    /// Stores a challenger with the gate's decision, and makes it live where that says so.
    ///
    /// # Errors
    /// When it cannot be written; then nothing has changed.
    pub fn add(&self, bundle: &Bundle, decision: &GateDecision, approval: &Approval) -> Result<(), RegistryError> {
        let folder = self.version(&bundle.version);
        let files = bundle.to_files().map_err(|error| folder.refused(&error))?;
        let mut ledger = self.ledger();
        self.put(&bundle.version, &files, Some(decision))?;
        let action = match decision.outcome {
            Outcome::Promote => Action::Promoted,
            Outcome::Keep => Action::Kept,
        };
        self.note(&mut ledger, action, &bundle.version, approval)?;
        self.prune(&ledger);
        Ok(())
    }

    /// Makes a stored version live; it is verified first.
    ///
    /// # Errors
    /// When there is no such version, it is live already, or it cannot be served; then nothing has changed.
    pub fn promote(&self, version: &str, approval: &Approval) -> Result<Bundle, RegistryError> {
        self.make_live(version, Action::Promoted, approval)
    }

    /// Makes the version live that was before the one that is.
    ///
    /// # Errors
    /// As [`Self::promote`], and when nothing was live before.
    pub fn roll_back(&self, approval: &Approval) -> Result<Bundle, RegistryError> {
        let history = self.ledger().live_history();
        let live = history.first().cloned().unwrap_or_default();
        let before = history.get(1).cloned().ok_or(RegistryError::NothingBefore(live))?;
        self.make_live(&before, Action::RolledBack, approval)
    }

    fn make_live(&self, version: &str, action: Action, approval: &Approval) -> Result<Bundle, RegistryError> {
        self.known(version)?;
        if self.live_version().as_deref() == Some(version) {
            return Err(RegistryError::Live(version.to_owned()));
        }
        let (bundle, _) = self.load(version)?;
        self.note(&mut self.ledger(), action, version, approval)?;
        Ok(bundle)
    }

    fn known(&self, version: &str) -> Result<(), RegistryError> {
        let versions = disk::versions(&self.folder);
        if versions.iter().any(|known| known == version) {
            return Ok(());
        }
        Err(RegistryError::Unknown {
            version: version.chars().take(40).collect(),
            known: versions.join(", "),
        })
    }

    /// The version that the ledger says is live.
    #[must_use]
    pub fn live_version(&self) -> Option<String> {
        self.ledger().live().map(|entry| entry.version.clone())
    }

    /// Corrections that stood at the last training: those beyond wait for the next.
    #[must_use]
    pub fn corrections_learned(&self) -> u64 {
        self.ledger().corrections()
    }

    /// Verifies every version and the ledger: what is wrong with each, if something is.
    #[must_use]
    pub fn verify(&self) -> Vec<Checked> {
        let mut found = vec![("ledger.jsonl".to_owned(), self.ledger().verify(&self.settings))];
        for version in disk::versions(&self.folder) {
            let checked = match self.load(&version) {
                Ok((_, None)) => Ok(()),
                Ok((_, Some(warning))) => Err(warning),
                Err(error) => Err(error.to_string()),
            };
            found.push((version, checked));
        }
        found
    }

    /// Seals what has no seal that fits, after its files were checked: for who sets a secret later. Answers with the versions.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn seal_all(&self) -> Result<Vec<String>, RegistryError> {
        let strict = ModelSettings {
            verify: Verify::Enforce,
            ..self.settings.clone()
        };
        let mut sealed = Vec::new();
        for version in disk::versions(&self.folder) {
            let folder = self.version(&version);
            let files = folder.read()?;
            let recorded = self.ledger().of(&version).map(|entry| entry.manifest_sha256.clone());
            folder.check(&files, recorded.as_deref())?;
            if folder.check_seal(&files, &strict, false).is_err() {
                folder.seal(&self.settings.signature_secret)?;
                sealed.push(version);
            }
        }
        Ok(sealed)
    }

    /// Everything that is shown of the registry.
    #[must_use]
    pub fn view(&self, notice: Option<String>) -> RegistryView {
        let ledger = self.ledger();
        view::view(&self.folder, &ledger, notice)
    }

    /// Writes a line of the ledger: from then on it counts.
    fn note(
        &self,
        ledger: &mut MutexGuard<'_, Ledger>,
        action: Action,
        version: &str,
        approval: &Approval,
    ) -> Result<(), RegistryError> {
        let folder = self.version(version);
        let (manifest_sha256, content) = folder.identity().unwrap_or_default();
        let said = ledger::Said {
            action,
            version: version.to_owned(),
            manifest_sha256,
            content,
        };
        let appended = ledger.append(said, approval, &self.settings.signature_secret);
        appended.map_err(|error| disk_error(&self.folder, error))
    }

    fn put(
        &self,
        version: &str,
        files: &BTreeMap<String, Vec<u8>>,
        decision: Option<&GateDecision>,
    ) -> Result<(), RegistryError> {
        let folder = self.version(version);
        let files = folder::dress(version, files, decision, &self.settings.signature_secret)
            .map_err(|error| folder.refused(&error))?;
        disk::put(folder.path(), &files).map_err(|error| disk_error(folder.path(), error))
    }

    /// Removes the oldest versions that are too many. The live one, those live before it and the program's own stay.
    fn prune(&self, ledger: &Ledger) {
        let versions = disk::versions(&self.folder);
        let spared: Vec<String> = ledger.live_history().into_iter().take(5).collect();
        let own = folder::content_of(&shipped_files());
        let is_own = |version: &str| {
            let mut entries = ledger.entries().iter();
            entries.any(|entry| entry.version == version && entry.content == own)
        };
        let too_many = versions.len().saturating_sub(MAX_VERSIONS);
        let old = versions
            .iter()
            .filter(|version| !spared.contains(version) && !is_own(version));
        for version in old.take(too_many) {
            if let Err(error) = disk::remove(&self.folder.join(version)) {
                tracing::warn!(version, %error, "an old model could not be removed");
            }
        }
    }

    fn version(&self, version: &str) -> VersionFolder {
        VersionFolder::new(self.folder.join(version))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a model out of a folder that need not stand in a registry. Its hashes are checked, a seal is not asked for.
///
/// # Errors
/// When the folder cannot be read or what is in it does not fit this program.
pub fn model_in(folder: &Path) -> Result<Bundle, RegistryError> {
    let folder = VersionFolder::new(folder.to_owned());
    Bundle::from_files(&folder.read()?).map_err(|error| folder.refused(&error))
}

fn disk_error(path: &Path, error: io::Error) -> RegistryError {
    RegistryError::Disk {
        path: path.display().to_string(),
        error,
    }
}
