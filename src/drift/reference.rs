//! The training baseline: frozen bins of every watched feature, and how often each was hit.

use serde::{Deserialize, Serialize};

/// Names of the watched features, in the order of every [`super::Watched`].
pub const WATCHED: [&str; 0] = [];

/// To come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReferenceProfile {}
