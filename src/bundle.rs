//! What is served as one: booster, schema, lexicon, calibration, reference profile and card, under one version.

use crate::drift::reference::ReferenceProfile;

/// Everything a verdict needs, loaded and checked.
pub struct Bundle {
    /// `v1`, `v2`, ...
    pub version: String,
    /// The training baseline of drift.
    pub reference: ReferenceProfile,
}
