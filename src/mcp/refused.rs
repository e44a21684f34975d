//! What a tool will not or cannot do, as a tool error: a sentence and, where fields are wrong, a line for each of them.

use std::fmt;

use rmcp::model::{CallToolResult, ContentBlock};

use super::fence::visible;
use crate::app::command::CommandError;
use crate::store::StoreError;

/// A refusal in words that an agent can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    error: String,
    details: Vec<String>,
    /// Whether there simply is no such thing.
    missing: bool,
}

impl Refused {
    /// One sentence.
    pub(super) const fn new(error: String) -> Self {
        Self {
            error,
            details: Vec::new(),
            missing: false,
        }
    }

    /// Wrong arguments, a line for each field.
    pub(super) fn arguments(details: Vec<String>) -> Self {
        Self {
            details,
            ..Self::new("the arguments cannot be used; nothing was done".to_owned())
        }
    }

    /// Whether there simply is no such thing.
    pub(super) const fn is_missing(&self) -> bool {
        self.missing
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        self.details.iter().try_for_each(|detail| write!(f, "\n- {detail}"))
    }
}

impl From<Refused> for CallToolResult {
    fn from(refused: Refused) -> Self {
        Self::error(vec![ContentBlock::text(visible(&refused.to_string()))])
    }
}

impl From<CommandError> for Refused {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Store(error) => error.into(),
            other => Self::new(other.to_string()),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self {
            missing: matches!(error, StoreError::NoFailure(_)),
            ..Self::new(error.to_string())
        }
    }
}
