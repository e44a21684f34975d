//! The terminal: state, update and view apart.

use serde::{Deserialize, Serialize};

/// `[tui]` of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TuiSettings {
    /// Whether the mouse is used.
    pub mouse: bool,
}
