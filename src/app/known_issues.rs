//! Known issues: patterns of failures that people know about, with a link and a note, until they expire.

#![deny(clippy::disallowed_methods)]

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex_automata::hybrid::regex::Regex;
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::store::Failure;

/// Issues in one file.
const MAX_ISSUES: usize = 1_000;

/// Bytes of one pattern, compiled.
const MAX_PATTERN: usize = 1 << 20;

/// A pattern that hits more of the logs of jobs that passed says nothing of failures.
pub const MOST_GREEN: f64 = 0.10;

/// One known issue, as in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownIssue {
    /// A regular expression, without regard to case, looked for in the decisive lines and in the message.
    pub pattern: String,
    /// Where it is dealt with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What to know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The last day it counts, as `2026-12-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub expires: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    issue: Vec<KnownIssue>,
}

/// All known issues.
#[derive(Debug, Default)]
pub struct KnownIssues(Vec<(KnownIssue, Regex)>);

impl KnownIssues {
    /// Reads a file: TOML, an `[[issue]]` each.
    ///
    /// # Errors
    /// What is wrong, and in which issue.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        if file.issue.len() > MAX_ISSUES {
            return Err(format!("{} issues; at most {MAX_ISSUES} are read", file.issue.len()));
        }
        let numbered = (1..).zip(file.issue);
        let compiled = numbered.map(|(number, issue)| {
            let regex = compile(&issue.pattern).map_err(|what| format!("issue {number}: pattern: {what}"))?;
            Ok((issue, regex))
        });
        compiled.collect::<Result<_, String>>().map(Self)
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> impl Iterator<Item = &KnownIssue> {
        self.0.iter().map(|(issue, _)| issue)
    }

    /// The first that a failure is an instance of at this time.
    #[must_use]
    pub fn of(&self, failure: &Failure, now: Timestamp) -> Option<&KnownIssue> {
        if self.0.is_empty() {
            return None;
        }
        let excerpts = failure.verdict.evidence.iter().map(|excerpt| excerpt.text.as_str());
        let lines: Vec<&str> = excerpts.chain(failure.job.message.as_deref()).collect();
        self.find(lines.join("\n").as_bytes(), now)
    }

    /// The first that matches this text and has not expired.
    #[must_use]
    pub fn find(&self, text: &[u8], now: Timestamp) -> Option<&KnownIssue> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let counts = |issue: &KnownIssue| issue.expires.is_none_or(|last| today <= last);
        let hit = |(issue, regex): &&(KnownIssue, Regex)| counts(issue) && is_match(regex, text);
        self.0.iter().find(hit).map(|(issue, _)| issue)
    }

    /// Whether the issue at this place of the file matches a text, expired or not.
    #[must_use]
    pub fn matches(&self, place: usize, text: &[u8]) -> bool {
        self.0.get(place).is_some_and(|(_, regex)| is_match(regex, text))
    }
}

fn is_match(regex: &Regex, text: &[u8]) -> bool {
    regex.is_match(&mut regex.create_cache(), text)
}

/// A pattern over bytes: logs are not always UTF-8. One that matches nothing at all matches everything, and is refused.
fn compile(pattern: &str) -> Result<Regex, String> {
    let built = Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false).case_insensitive(true))
        .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(MAX_PATTERN)))
        .build(pattern);
    let regex = built.map_err(|error| {
        let mut what = error.to_string();
        let mut inner = std::error::Error::source(&error);
        while let Some(error) = inner {
            what = error.to_string();
            inner = error.source();
        }
        what
    })?;
    if is_match(&regex, b"") {
        return Err(format!("`{pattern}` matches an empty text, and so every failure"));
    }
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [[issue]]
        pattern = "econnreset .*registry"
        link = "https://issues.example/7"
        note = "the registry resets connections at night"
        expires = "2026-10-01"

        [[issue]]
        pattern = "disk quota"
    "#;

    fn at(time: &str) -> Timestamp {
        time.parse().expect("a time")
    }

    #[test]
    fn an_issue_counts_until_the_end_of_its_last_day() {
        let known = KnownIssues::parse(FILE).expect("a file");
        let text = b"npm ERR! ECONNRESET at \xff registry.npmjs.org";
        let found = known.find(text, at("2026-10-01T23:59:59Z")).expect("known");
        assert_eq!(found.link.as_deref(), Some("https://issues.example/7"));
        assert_eq!(known.find(text, at("2026-10-02T00:00:00Z")), None);
        assert!(known.find(b"Disk quota exceeded", at("2030-01-01T00:00:00Z")).is_some());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_place() {
        for (text, part) in [
            ("[[issue]]\npattern = \"(\"", "issue 1: pattern"),
            ("[[issue]]\npattern = \".*\"", "every failure"),
            ("[[issue]]\npatern = \"x\"", "patern"),
            ("[[issue]]\npattern = \"x\"\nexpires = \"soon\"", "expires"),
        ] {
            let error = KnownIssues::parse(text).expect_err(text);
            assert!(error.contains(part), "{error}");
        }
    }
}
