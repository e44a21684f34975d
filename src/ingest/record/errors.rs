//! What is wrong with a record, field by field, in words that its writer can act on.

use std::fmt;

/// Errors that are listed; the rest is counted.
const MAX_LISTED: usize = 50;

/// One field that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordError {
    /// Its path, as `features.cpu_usage_pct`.
    pub field: String,
    /// What was got.
    pub got: String,
    /// What is allowed.
    pub allowed: String,
    /// The known name or word that comes nearest.
    pub nearest: Option<&'static str>,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: got {}; allowed: {}", self.field, self.got, self.allowed)?;
        self.nearest
            .map_or(Ok(()), |nearest| write!(f, "; did you mean `{nearest}`?"))
    }
}

/// Everything that is wrong with a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordErrors {
    errors: Vec<RecordError>,
    more: usize,
}

impl RecordErrors {
    /// The offending fields, the first 50 of them.
    #[must_use]
    pub fn fields(&self) -> &[RecordError] {
        &self.errors
    }

    /// One line a field.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let more = (self.more > 0).then(|| format!("and {} more", self.more));
        self.errors.iter().map(ToString::to_string).chain(more).collect()
    }

    pub(super) fn push(&mut self, error: RecordError) {
        if self.errors.len() < MAX_LISTED {
            self.errors.push(error);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }
}

impl fmt::Display for RecordErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

impl std::error::Error for RecordErrors {}
