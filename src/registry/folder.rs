//! One version on disk: the files of its bundle, its schema, the gate's decision, a manifest over all of them, and a seal.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::seal::SealKey;
use super::{ModelSettings, RegistryError, Verify};
use crate::bundle::{BundleError, FILES, MANIFEST, Manifest, sha256};
use crate::features::FeatureSchema;
use crate::training::gate::GateDecision;

/// The names and order of the inputs.
pub(super) const SCHEMA: &str = "schema.json";

/// Why it was promoted or kept out.
pub(super) const DECISION: &str = "gate.json";

/// The HMAC over the manifest.
pub(super) const SEAL: &str = "manifest.seal";

/// The largest file that is read, in bytes: a model has a few million.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// The folder of one version.
pub(super) struct VersionFolder(PathBuf);

impl VersionFolder {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// What an error in one of its files is called.
    pub(super) fn refused(&self, error: &BundleError) -> RegistryError {
        RegistryError::Refused {
            path: self.0.display().to_string(),
            what: error.to_string(),
        }
    }

    fn refuse(&self, file: &str, what: impl Into<String>) -> RegistryError {
        RegistryError::Refused {
            path: self.0.join(file).display().to_string(),
            what: what.into(),
        }
    }

    /// Its files; one that is not there is left out.
    pub(super) fn read(&self) -> Result<BTreeMap<String, Vec<u8>>, RegistryError> {
        let mut files = BTreeMap::new();
        for name in FILES.into_iter().chain([MANIFEST, SCHEMA, DECISION, SEAL]) {
            let path = self.0.join(name);
            let length = fs::metadata(&path).map(|found| found.len());
            if length.is_ok_and(|length| length > MAX_FILE_BYTES) {
                return Err(self.refuse(name, "is larger than any model"));
            }
            match fs::read(&path) {
                Ok(bytes) => drop(files.insert(name.to_owned(), bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(super::disk_error(&path, error)),
            }
        }
        Ok(files)
    }

    /// Looks at the seal, before anything is parsed. What is let pass is said.
    ///
    /// The program's own model needs none: it is inside of the program.
    pub(super) fn check_seal(
        &self,
        files: &BTreeMap<String, Vec<u8>>,
        settings: &ModelSettings,
        trusted: bool,
    ) -> Result<Option<String>, RegistryError> {
        if !settings.signature_secret.is_set() || settings.verify == Verify::Off || trusted {
            return Ok(None);
        }
        let manifest = files.get(MANIFEST).map(Vec::as_slice).unwrap_or_default();
        let what = match files.get(SEAL) {
            Some(seal) if settings.signature_secret.fits(manifest, &String::from_utf8_lossy(seal)) => return Ok(None),
            Some(_) => "does not fit the manifest and MODEL_SIGNATURE_SECRET",
            None => "is missing, and MODEL_SIGNATURE_SECRET is set; `sentinel model seal` seals what you trust",
        };
        let refused = self.refuse(SEAL, what);
        if settings.verify == Verify::Warn {
            Ok(Some(format!(
                "{refused}; it serves all the same (model.verify = \"warn\")"
            )))
        } else {
            Err(refused)
        }
    }

    /// Checks the manifest against the ledger and every file against the manifest.
    pub(super) fn check(&self, files: &BTreeMap<String, Vec<u8>>, recorded: Option<&str>) -> Result<(), RegistryError> {
        let bytes = files.get(MANIFEST).ok_or_else(|| self.refuse(MANIFEST, "is missing"))?;
        if recorded.is_some_and(|recorded| recorded != sha256(bytes)) {
            return Err(self.refuse(MANIFEST, "is not the one that the ledger records (its SHA-256 differs)"));
        }
        let manifest: Manifest =
            serde_json::from_slice(bytes).map_err(|error| self.refuse(MANIFEST, error.to_string()))?;
        for (name, wanted) in &manifest.files {
            let found = files.get(name).ok_or_else(|| self.refuse(name, "is missing"))?;
            if sha256(found) != *wanted {
                return Err(self.refuse(name, "is not the file that the manifest names (its SHA-256 differs)"));
            }
        }
        Ok(())
    }

    /// SHA-256 of its manifest, and of what is in it.
    pub(super) fn identity(&self) -> Option<(String, String)> {
        let manifest = fs::read(self.0.join(MANIFEST)).ok()?;
        let files = BTreeMap::from([(MANIFEST.to_owned(), manifest.clone())]);
        Some((sha256(&manifest), content_of(&files)))
    }

    /// Writes a seal over the manifest as it is.
    pub(super) fn seal(&self, key: &SealKey) -> Result<(), RegistryError> {
        let path = self.0.join(MANIFEST);
        let manifest = fs::read(&path).map_err(|error| super::disk_error(&path, error))?;
        let Some(seal) = key.seal(&manifest) else { return Ok(()) };
        let path = self.0.join(SEAL);
        super::disk::replace(&path, seal.as_bytes()).map_err(|error| super::disk_error(&path, error))
    }
}

/// What makes two bundles the same model: the hashes of its files, whatever version it goes by.
pub(super) fn content_of(files: &BTreeMap<String, Vec<u8>>) -> String {
    let manifest = files
        .get(MANIFEST)
        .and_then(|bytes| serde_json::from_slice::<Manifest>(bytes).ok());
    let hashes = manifest.map(|manifest| manifest.files).unwrap_or_default();
    let core: Vec<String> = FILES
        .iter()
        .map(|name| format!("{name} {}", hashes.get(*name).map_or("", String::as_str)))
        .collect();
    sha256(core.join("\n").as_bytes())
}

/// The version that a manifest names.
pub(super) fn version_of(files: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let manifest: Manifest = serde_json::from_slice(files.get(MANIFEST)?).ok()?;
    Some(manifest.version)
}

/// The files of a version folder: those of the bundle, the schema, the decision, a manifest over all of them, its seal.
pub(super) fn dress(
    version: &str,
    bundle: &BTreeMap<String, Vec<u8>>,
    decision: Option<&GateDecision>,
    key: &SealKey,
) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
    let mut files: BTreeMap<String, Vec<u8>> = FILES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), bundle.get(*name)?.clone())))
        .collect();
    let mut manifest: Manifest = read(MANIFEST, bundle.get(MANIFEST).map(Vec::as_slice).unwrap_or_default())?;
    let schema = FeatureSchema::current();
    if manifest.schema == schema.hash {
        let schema = json!({ "hash": schema.hash, "names": schema.names });
        files.insert(SCHEMA.to_owned(), write(SCHEMA, &schema)?);
    }
    if let Some(decision) = decision {
        files.insert(DECISION.to_owned(), write(DECISION, decision)?);
    }
    version.clone_into(&mut manifest.version);
    manifest.files = files
        .iter()
        .map(|(name, bytes)| (name.clone(), sha256(bytes)))
        .collect();
    let manifest = write(MANIFEST, &manifest)?;
    if let Some(seal) = key.seal(&manifest) {
        files.insert(SEAL.to_owned(), seal.into_bytes());
    }
    files.insert(MANIFEST.to_owned(), manifest);
    Ok(files)
}

fn write<T: serde::Serialize>(name: &str, value: &T) -> Result<Vec<u8>, BundleError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| broken(name, &error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn read<T: serde::de::DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, BundleError> {
    serde_json::from_slice(bytes).map_err(|error| broken(name, &error))
}

fn broken(file: &str, error: &serde_json::Error) -> BundleError {
    BundleError::Broken {
        file: file.to_owned(),
        what: error.to_string(),
    }
}
