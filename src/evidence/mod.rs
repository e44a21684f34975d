//! The lines of a log that speak: where they stand, what they say, and their shape without numbers.
//!
//! One pass over the log, in bounded memory whatever its size.

pub mod signals;
pub mod excerpt;
pub mod fingerprint;

use serde::{Deserialize, Serialize};

/// A run of lines of the log that proves a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// Number of the first line, counted from 1.
    pub line: u64,
    /// First byte, in the decompressed log as received (of `member` in a zip).
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Exactly those bytes of the masked log (bytes that are not UTF-8 as U+FFFD).
    pub text: String,
    /// The member of the zip, where the log was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

/// A versioned key of "the same failure", as `f1:3b9c...`: the shape of the decisive lines, without what changes from
/// run to run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub String);
