//! What is shown of the registry: versions side by side, and the newest lines of the ledger.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::disk;
use super::folder::{DECISION, SEAL};
use super::ledger::{Action, Entry, Ledger};
use crate::bundle::ModelCard;
use crate::training::gate::GateDecision;

/// Lines of the ledger that are shown; the file holds them all.
const SHOWN_LINES: usize = 200;

/// One version.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Model")]
pub struct ModelInfo {
    /// `v1`, `v2`, ...
    pub version: String,
    /// Whether it is live.
    pub live: bool,
    /// When it came.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// How it came.
    pub came: Option<Action>,
    /// Whether its manifest is sealed.
    pub sealed: bool,
    /// Its papers; `null` where they cannot be read.
    pub card: Option<ModelCard>,
    /// Why the gate let it pass, or did not; `null` for one that came with the program.
    pub decision: Option<GateDecision>,
}

/// Everything that is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Registry")]
pub struct RegistryView {
    /// The live version.
    pub champion: String,
    /// Why it is not the one that should be live, or what else a person should know.
    pub notice: Option<String>,
    /// Newest first.
    pub models: Vec<ModelInfo>,
    /// Newest first, at most 200.
    pub ledger: Vec<Entry>,
}

/// Reads it.
pub(super) fn view(folder: &Path, ledger: &Ledger, notice: Option<String>) -> RegistryView {
    let champion = ledger.live().map(|entry| entry.version.clone()).unwrap_or_default();
    let mut models: Vec<ModelInfo> = disk::versions(folder)
        .into_iter()
        .map(|version| info(folder, ledger, version, &champion))
        .collect();
    models.reverse();
    RegistryView {
        champion,
        notice: notice.or_else(|| ledger.standing_notice()),
        models,
        ledger: ledger.entries().iter().rev().take(SHOWN_LINES).cloned().collect(),
    }
}

fn info(folder: &Path, ledger: &Ledger, version: String, champion: &str) -> ModelInfo {
    let path = folder.join(&version);
    let first = ledger.entries().iter().find(|entry| entry.version == version);
    ModelInfo {
        live: version == champion,
        at: first.map(|entry| entry.at),
        came: first.map(|entry| entry.action),
        sealed: path.join(SEAL).is_file(),
        card: read(&path.join("card.json")),
        decision: read(&path.join(DECISION)),
        version,
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

impl ModelInfo {
    /// Its figures on failures of tools that its scoring model had not seen.
    #[must_use]
    pub fn figures(&self) -> BTreeMap<String, f64> {
        self.card
            .as_ref()
            .map(|card| card.left_out_tools.clone())
            .unwrap_or_default()
    }
}
