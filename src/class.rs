//! The ten root causes. Everything that names a class outside (JSON, metrics, URLs, keys) gets the name here.

#![deny(clippy::disallowed_methods)]

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// How many classes there are.
pub const CLASS_COUNT: usize = 10;

/// One of the ten root causes of a failed CI job.
///
/// The order is the order of the keys `1`..`9`, `0` and of every array of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum FailureClass {
    /// Compile, link, bundle, generate; linters and type checkers used as gates.
    #[serde(rename = "Build Failure")]
    Build,
    /// An invalid workflow or configuration, a missing variable, flag, path or tool.
    #[serde(rename = "Configuration Error")]
    Configuration,
    /// A package or version that is missing, incompatible or does not match its lock.
    #[serde(rename = "Dependency Error")]
    Dependency,
    /// A rollout, release, apply or migration that failed for its own reasons.
    #[serde(rename = "Deployment Failure")]
    Deployment,
    /// DNS, refused, reset, TLS, proxy, 5xx or time-out while fetching something.
    #[serde(rename = "Network Error")]
    Network,
    /// 401, 403, EACCES, a missing scope or role.
    #[serde(rename = "Permission Error")]
    Permission,
    /// Memory, disk, files, quotas of the machine.
    #[serde(rename = "Resource Exhaustion")]
    Resource,
    /// A scanner or audit gate that failed on its findings.
    #[serde(rename = "Security Scan Failure")]
    Security,
    /// Assertions, failing suites, snapshots that do not match.
    #[serde(rename = "Test Failure")]
    Test,
    /// A job, step, suite or process killed by its time limit.
    #[serde(rename = "Timeout")]
    Timeout,
}

impl FailureClass {
    /// All classes in their fixed order.
    pub const ALL: [Self; CLASS_COUNT] = [
        Self::Build,
        Self::Configuration,
        Self::Dependency,
        Self::Deployment,
        Self::Network,
        Self::Permission,
        Self::Resource,
        Self::Security,
        Self::Test,
        Self::Timeout,
    ];

    /// The position in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The full name, as in JSON and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Build => "Build Failure",
            Self::Configuration => "Configuration Error",
            Self::Dependency => "Dependency Error",
            Self::Deployment => "Deployment Failure",
            Self::Network => "Network Error",
            Self::Permission => "Permission Error",
            Self::Resource => "Resource Exhaustion",
            Self::Security => "Security Scan Failure",
            Self::Test => "Test Failure",
            Self::Timeout => "Timeout",
        }
    }

    /// The slug, as in commands, filters and URLs.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Build => "build-failure",
            Self::Configuration => "configuration-error",
            Self::Dependency => "dependency-error",
            Self::Deployment => "deployment-failure",
            Self::Network => "network-error",
            Self::Permission => "permission-error",
            Self::Resource => "resource-exhaustion",
            Self::Security => "security-scan-failure",
            Self::Test => "test-failure",
            Self::Timeout => "timeout",
        }
    }

    /// The key that stands for this class in a terminal: `1`..`9`, then `0`.
    #[must_use]
    pub const fn key(self) -> char {
        match self {
            Self::Build => '1',
            Self::Configuration => '2',
            Self::Dependency => '3',
            Self::Deployment => '4',
            Self::Network => '5',
            Self::Permission => '6',
            Self::Resource => '7',
            Self::Security => '8',
            Self::Test => '9',
            Self::Timeout => '0',
        }
    }

    /// The class of a key, if it has one.
    #[must_use]
    pub fn from_key(key: char) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.key() == key)
    }
}

/// The full names, as one list.
impl JsonSchema for FailureClass {
    fn schema_name() -> Cow<'static, str> {
        "FailureClass".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "One of the ten root causes.",
            "enum": Self::ALL.map(Self::name),
        })
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that is the name or slug of no class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a failure class; the classes are {}", slugs())]
pub struct UnknownClass {
    given: String,
}

fn slugs() -> String {
    FailureClass::ALL.map(FailureClass::slug).join(", ")
}

impl FromStr for FailureClass {
    type Err = UnknownClass;

    /// Reads a full name or a slug, without regard to case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        Self::ALL
            .into_iter()
            .find(|class| class.name().eq_ignore_ascii_case(text) || class.slug().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownClass {
                given: text.chars().take(80).collect(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_found_again_by_name_slug_and_key() {
        for (position, class) in FailureClass::ALL.into_iter().enumerate() {
            assert_eq!(class.index(), position);
            assert_eq!(class.name().parse(), Ok(class));
            assert_eq!(class.slug().parse(), Ok(class));
            assert_eq!(FailureClass::from_key(class.key()), Some(class));
        }
    }

    #[test]
    fn an_unknown_class_is_answered_with_the_classes_there_are() {
        let error = "flaky".parse::<FailureClass>().expect_err("no such class");
        assert!(error.to_string().contains("`flaky`") && error.to_string().contains("test-failure"));
    }
}
