//! What is served as one: booster, schema, lexicon, calibration, reference profile and card, under one version.
//!
//! A bundle is a handful of named files and a manifest that holds their SHA-256. Files in, bundle out: where they lie
//! is the registry's business.

#![deny(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::drift::reference::ReferenceProfile;
use crate::features::FeatureSchema;
use crate::features::lexicon::Lexicon;
use crate::model::booster::{Booster, BoosterError};
use crate::verdict::calibrate::Calibration;

/// The version of this layout of files.
pub const FORMAT: u32 = 2;

/// Everything a verdict needs, loaded and checked.
#[derive(Debug)]
pub struct Bundle {
    /// `v1`, `v2`, ...
    pub version: String,
    /// The inputs.
    pub schema: FeatureSchema,
    /// The words.
    pub lexicon: Lexicon,
    /// The trees.
    pub booster: Booster,
    /// From scores to probabilities.
    pub calibration: Calibration,
    /// The training baseline of drift.
    pub reference: Arc<ReferenceProfile>,
    /// Its papers.
    pub card: ModelCard,
}

/// What is known of how a model was made and how right it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelCard {
    /// Records by class slug.
    pub records: BTreeMap<String, usize>,
    /// Records by origin: written from knowledge, or captured from real tools. Empty in older models.
    #[serde(default)]
    pub origins: BTreeMap<String, usize>,
    /// Different tools in the records.
    pub tools: usize,
    /// Blocks of passing steps.
    pub noise_blocks: usize,
    /// Logs composed from the records, which the model was fitted on.
    pub samples: usize,
    /// Boosting rounds.
    pub rounds: usize,
    /// The seed of all chance.
    pub seed: u64,
    /// SHA-256 over the corpus, hex.
    pub corpus_sha256: String,
    /// Records set aside for the gate between two models, which no model is fitted on.
    #[serde(default)]
    pub frozen_records: usize,
    /// Corrections it was fitted on besides, after doubles were put together.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lessons: usize,
    /// Records by ecosystem.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ecosystems: BTreeMap<String, usize>,
    /// Figures on failures of tools that the scoring model had not seen.
    pub left_out_tools: BTreeMap<String, f64>,
    /// The middle 95 % of each of these figures when tools are drawn anew.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub intervals: BTreeMap<String, [f64; 2]>,
    /// Figures, each with its interval, on failures that the scoring model had not seen, of tools that it may know.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out_failures: BTreeMap<String, [f64; 3]>,
    /// On the failures of left-out tools, by class slug: figures, each with the lower and upper end of its interval.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, BTreeMap<String, [f64; 3]>>,
    /// On the same failures, by the name of another judge: figures, each with its interval.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub baselines: BTreeMap<String, BTreeMap<String, [f64; 3]>>,
    /// What was looked into before the fit: where inputs and tests come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<CardLineage>,
    /// What it is not good for.
    pub limits: Vec<String>,
}

/// What was found of where a model's inputs and tests come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CardLineage {
    /// The input that tells most of whether a failure is of one class ...
    pub strongest_input: String,
    /// ... that class ...
    pub of_class: String,
    /// ... and how much it tells of it: normalised mutual information.
    pub told: f64,
    /// Tests that were compared with what is learned when they are left out ...
    pub tests: usize,
    /// ... and how many are near-duplicates of it.
    pub repeated: usize,
    /// How well a classifier tells tests from what is learned (area under the ROC curve, by chance 0.5), with its interval.
    pub told_apart: Option<[f64; 3]>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The list of a bundle's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// See [`FORMAT`].
    pub format: u32,
    /// Version of the model.
    pub version: String,
    /// Hash of the feature schema it was fitted under.
    pub schema: String,
    /// SHA-256 of each file, hex.
    pub files: BTreeMap<String, String>,
}

/// Name of the manifest.
pub const MANIFEST: &str = "manifest.json";

/// The files beside the manifest.
pub const FILES: [&str; 5] = [
    "model.txt.zst",
    "lexicon.bin.zst",
    "calibration.json",
    "reference.json",
    "card.json",
];

/// Largest size of an unpacked file, in bytes.
const MAX_FILE_BYTES: usize = 64 << 20;

/// Why a bundle cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// A file is not the one the manifest names.
    #[error("{0} is not the file that the manifest names (its SHA-256 differs)")]
    Changed(String),
    /// A file cannot be read.
    #[error("{file}: {what}")]
    Broken {
        /// Which.
        file: String,
        /// Why.
        what: String,
    },
    /// It is of another layout.
    #[error("the bundle has format {0}, this sentinel reads format {FORMAT}")]
    Format(u32),
    /// It was fitted on other inputs.
    #[error(
        "the model was fitted under feature schema {found}, this sentinel encodes {current}; train it again with `sentinel train`"
    )]
    Schema {
        /// Of the model.
        found: String,
        /// Of this program.
        current: String,
    },
    /// LightGBM cannot read the model.
    #[error(transparent)]
    Model(#[from] BoosterError),
}

impl Bundle {
    /// The bundle inside of this program.
    ///
    /// # Errors
    /// When it does not fit the program: it must be made again with `sentinel train`.
    pub fn shipped() -> Result<Self, BundleError> {
        Self::from_files(&shipped_files())
    }

    /// Reads a bundle from its files; every hash is checked before anything is parsed.
    ///
    /// # Errors
    /// When a file is missing, changed or broken, or the schema is not this program's.
    pub fn from_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, BundleError> {
        let manifest: Manifest = json(files, MANIFEST)?;
        if manifest.format != FORMAT {
            return Err(BundleError::Format(manifest.format));
        }
        for name in FILES {
            let wanted = manifest
                .files
                .get(name)
                .ok_or_else(|| BundleError::Missing(name.to_owned()))?;
            if sha256(file(files, name)?) != *wanted {
                return Err(BundleError::Changed(name.to_owned()));
            }
        }
        // The first bundle of a process waits for the table of signals, and a start for both.
        let (schema, trees) = std::thread::scope(|scope| {
            let trees = scope.spawn(|| trees(files));
            let schema = FeatureSchema::current();
            let trees = trees.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (schema, trees)
        });
        if manifest.schema != schema.hash {
            return Err(BundleError::Schema {
                found: manifest.schema,
                current: schema.hash,
            });
        }
        let booster = trees?;
        let lexicon =
            Lexicon::from_bytes(&unpack(files, FILES[1])?).ok_or_else(|| broken(FILES[1], &"wrong length"))?;
        if booster.features() != schema.names.len() {
            return Err(broken(
                FILES[0],
                &format!("{} inputs, not {}", booster.features(), schema.names.len()),
            ));
        }
        Ok(Self {
            version: manifest.version,
            schema,
            lexicon,
            booster,
            calibration: json(files, FILES[2])?,
            reference: Arc::new(json(files, FILES[3])?),
            card: json(files, FILES[4])?,
        })
    }

    /// Its files, the manifest among them: the same bundle gives the same bytes.
    ///
    /// # Errors
    /// When LightGBM cannot write the model.
    pub fn to_files(&self) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
        let mut files = BTreeMap::from([
            (FILES[0].to_owned(), pack(FILES[0], self.booster.to_text()?.as_bytes())?),
            (FILES[1].to_owned(), pack(FILES[1], &self.lexicon.to_bytes())?),
            (FILES[2].to_owned(), pretty(FILES[2], &self.calibration)?),
            (FILES[3].to_owned(), pretty(FILES[3], &*self.reference)?),
            (FILES[4].to_owned(), pretty(FILES[4], &self.card)?),
        ]);
        let manifest = Manifest {
            format: FORMAT,
            version: self.version.clone(),
            schema: self.schema.hash.clone(),
            files: files
                .iter()
                .map(|(name, bytes)| (name.clone(), sha256(bytes)))
                .collect(),
        };
        files.insert(MANIFEST.to_owned(), pretty(MANIFEST, &manifest)?);
        Ok(files)
    }
}

/// The files of the bundle inside of this program.
#[must_use]
pub fn shipped_files() -> BTreeMap<String, Vec<u8>> {
    let files: [(&str, &[u8]); 6] = [
        (MANIFEST, include_bytes!("../models/shipped/manifest.json")),
        (FILES[0], include_bytes!("../models/shipped/model.txt.zst")),
        (FILES[1], include_bytes!("../models/shipped/lexicon.bin.zst")),
        (FILES[2], include_bytes!("../models/shipped/calibration.json")),
        (FILES[3], include_bytes!("../models/shipped/reference.json")),
        (FILES[4], include_bytes!("../models/shipped/card.json")),
    ];
    files
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes.to_vec()))
        .collect()
}

/// SHA-256, hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn file<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> Result<&'a [u8], BundleError> {
    files
        .get(name)
        .map(Vec::as_slice)
        .ok_or_else(|| BundleError::Missing(name.to_owned()))
}

fn trees(files: &BTreeMap<String, Vec<u8>>) -> Result<Booster, BundleError> {
    let model = String::from_utf8(unpack(files, FILES[0])?).map_err(|error| broken(FILES[0], &error))?;
    Ok(Booster::from_text(&model)?)
}

fn json<T: for<'de> Deserialize<'de>>(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Result<T, BundleError> {
    serde_json::from_slice(file(files, name)?).map_err(|error| broken(name, &error))
}

fn pretty<T: Serialize>(name: &str, value: &T) -> Result<Vec<u8>, BundleError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| broken(name, &error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn pack(name: &str, bytes: &[u8]) -> Result<Vec<u8>, BundleError> {
    zstd::bulk::compress(bytes, 19).map_err(|error| broken(name, &error))
}

fn unpack(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Result<Vec<u8>, BundleError> {
    zstd::bulk::decompress(file(files, name)?, MAX_FILE_BYTES).map_err(|error| broken(name, &error))
}

fn broken(file: &str, what: &dyn std::fmt::Display) -> BundleError {
    BundleError::Broken {
        file: file.to_owned(),
        what: what.to_string(),
    }
}
