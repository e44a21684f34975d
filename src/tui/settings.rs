//! `[tui]` of the configuration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::theme::Depth;

/// How many colours to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// What the terminal says it can.
    #[default]
    Auto,
    /// 24 bits.
    Truecolor,
    /// The 256 of xterm.
    #[serde(rename = "256")]
    Indexed,
    /// The 16 that every terminal names.
    #[serde(rename = "16")]
    Ansi,
    /// None.
    None,
}

impl ThemeChoice {
    /// The depth to use on a terminal with these environment variables.
    #[must_use]
    pub fn depth(self, variable: impl Fn(&str) -> Option<String>) -> Depth {
        match self {
            Self::Auto => Depth::detect(variable),
            Self::Truecolor => Depth::True,
            Self::Indexed => Depth::Indexed,
            Self::Ansi => Depth::Ansi,
            Self::None => Depth::Plain,
        }
    }
}

/// `[tui]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TuiSettings {
    /// `auto`, `truecolor`, `256`, `16` or `none`.
    pub theme: ThemeChoice,
    /// Whether the wheel moves the cursor. Off, the terminal's own selection of text works.
    pub mouse: bool,
    /// Other keys for an action, by its name: `quit = "ctrl-q"`, `down = "e down"`.
    pub keys: BTreeMap<String, String>,
}
