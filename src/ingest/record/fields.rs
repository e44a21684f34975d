//! The fields of a record, taken one by one; what cannot be is noted, and all of it told at the end.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::errors::{RecordError, RecordErrors};
use crate::ingest::{json, text};

/// The largest number that a measurement may be: 30,000 years in seconds, an exabyte in megabytes.
const MAX_QUANTITY: f64 = 1e12;

/// Bytes of a word of a small set.
const CATEGORY_BYTES: usize = 64;

/// How alike a name must be to be suggested, of 1.
const LIKENESS: f64 = 0.7;

/// Bytes of an unknown name or word that are shown.
const SHOWN_BYTES: usize = 64;

/// Every name that a record may hold.
const NAMES: [&str; 30] = [
    "build_duration_sec",
    "test_duration_sec",
    "deploy_duration_sec",
    "cpu_usage_pct",
    "memory_usage_mb",
    "retry_count",
    "error_message",
    "log",
    "repository",
    "author",
    "failure_stage",
    "severity",
    "ci_tool",
    "language",
    "os",
    "cloud_provider",
    "is_flaky_test",
    "rollback_triggered",
    "incident_created",
    "host",
    "run_id",
    "job_id",
    "attempt",
    "workflow",
    "job",
    "head_sha",
    "branch",
    "url",
    "event_source",
    "features",
];

/// What a record gives, and what was wrong with it so far.
pub(super) struct Given<'a> {
    /// Path and value of each known field that is not null.
    values: BTreeMap<&'static str, (String, &'a Value)>,
    errors: RecordErrors,
}

impl<'a> Given<'a> {
    /// Sorts the fields of a record, and of the object under `features`, by name.
    pub(super) fn collect(value: &'a Value) -> Result<Self, RecordErrors> {
        let mut given = Self {
            values: BTreeMap::new(),
            errors: RecordErrors::default(),
        };
        let Some(record) = value.as_object() else {
            given.wrong("record", json::kind(value).to_owned(), "an object", None);
            return Err(given.errors);
        };
        given.gather("", record);
        if let Some((_, features)) = given.values.remove("features") {
            match features {
                Value::Object(features) => given.gather("features.", features),
                other => given.wrong("features", json::kind(other).to_owned(), "an object of fields", None),
            }
        }
        Ok(given)
    }

    fn gather(&mut self, path: &str, object: &'a Map<String, Value>) {
        for (name, value) in object {
            let field = format!("{path}{}", shown(name));
            let known = NAMES
                .iter()
                .find(|known| *known == name && (path.is_empty() || **known != "features"));
            match known {
                None => self.unknown(&field, name),
                Some(_) if value.is_null() => {}
                Some(known) if self.values.contains_key(known) => {
                    self.wrong(&field, "the field a second time".into(), "each field once", None);
                }
                Some(known) => drop(self.values.insert(known, (field, value))),
            }
        }
    }

    /// A number of at least 0.
    pub(super) fn quantity(&mut self, name: &str) -> Option<f64> {
        self.number(
            name,
            MAX_QUANTITY,
            "a number from 0 to 1e12, or null where it is not known",
        )
    }

    /// A number from 0 to 100.
    pub(super) fn percentage(&mut self, name: &str) -> Option<f64> {
        self.number(name, 100.0, "a number from 0 to 100, or null where it is not known")
    }

    fn number(&mut self, name: &str, most: f64, allowed: &str) -> Option<f64> {
        self.take(name, allowed, |value| {
            value.as_f64().filter(|number| (0.0..=most).contains(number))
        })
    }

    /// A whole number from 1.
    pub(super) fn id(&mut self, name: &str) -> Option<i64> {
        let allowed = "a whole number from 1 to 9223372036854775807";
        self.take(name, allowed, |value| whole(value).filter(|id| *id >= 1))
    }

    /// True or false.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        self.take(name, "true or false", Value::as_bool)
    }

    /// A text as it came.
    pub(super) fn text(&mut self, name: &str) -> Option<&'a str> {
        self.take(name, "a string", Value::as_str)
    }

    /// A name in one line. An empty one is none.
    pub(super) fn name(&mut self, name: &str) -> Option<String> {
        let allowed = "a string of at most 1024 bytes";
        let text = self.take(name, allowed, |value| {
            value.as_str().filter(|text| text.len() <= text::NAME_BYTES)
        });
        text.and_then(text::name)
    }

    /// A short word of a small set, in lower case, so that two spellings are one category.
    pub(super) fn category(&mut self, name: &str) -> Option<String> {
        let allowed = "a string of at most 64 bytes";
        let word = self.take(name, allowed, |value| {
            value.as_str().filter(|word| word.len() <= CATEGORY_BYTES)
        });
        word.and_then(text::name).map(|word| word.to_lowercase())
    }

    /// A host, with its port if it has one.
    pub(super) fn host(&mut self, name: &str) -> Option<String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
        let host = |value: &'a Value| {
            value
                .as_str()
                .filter(|host| !host.is_empty() && host.len() <= 255 && host.bytes().all(plain))
        };
        self.take(name, "a host name, as `github.com`", host)
            .map(str::to_ascii_lowercase)
    }

    /// A web link.
    pub(super) fn link(&mut self, name: &str) -> Option<String> {
        let allowed = "an http or https address of at most 2048 bytes, without blanks and control characters";
        self.take(name, allowed, |value| value.as_str().and_then(text::link))
    }

    /// One of some words.
    pub(super) fn word(&mut self, name: &str, words: &'static [&'static str]) -> Option<String> {
        let (field, value) = self.values.remove(name)?;
        let word = value.as_str().and_then(|text| words.iter().find(|word| **word == text));
        if word.is_none() {
            let nearest = value.as_str().and_then(|text| nearest(text, words));
            self.wrong(&field, described(value), &words.join(", "), nearest);
        }
        word.map(|word| (*word).to_owned())
    }

    /// Notes that there is nothing to judge, unless a text of a wrong type is noted already.
    pub(super) fn lacks_text(&mut self) {
        let texts = ["error_message", "log", "features.error_message", "features.log"];
        if !self
            .errors
            .fields()
            .iter()
            .any(|error| texts.contains(&error.field.as_str()))
        {
            let allowed = "a string that is not empty in error_message, in log, or in both";
            self.wrong("error_message", "no text, nor one in log".into(), allowed, None);
        }
    }

    /// Tells whether anything was wrong.
    pub(super) fn finish(self) -> Result<(), RecordErrors> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }

    fn take<T>(&mut self, name: &str, allowed: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let (field, value) = self.values.remove(name)?;
        let read = read(value);
        if read.is_none() {
            self.wrong(&field, described(value), allowed, None);
        }
        read
    }

    fn unknown(&mut self, field: &str, name: &str) {
        self.wrong(
            field,
            "an unknown field".into(),
            "the fields of a feature record",
            nearest(name, &NAMES),
        );
    }

    fn wrong(&mut self, field: &str, got: String, allowed: &str, nearest: Option<&'static str>) {
        self.errors.push(RecordError {
            field: field.to_owned(),
            got,
            allowed: allowed.to_owned(),
            nearest,
        });
    }
}

/// The largest whole number up to which a JSON number with a fraction of zero is exact: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A whole number, however it is written: to JSON, 7.0 is one.
fn whole(value: &Value) -> Option<i64> {
    let written_out = || {
        value
            .as_f64()
            .filter(|number| number.fract() == 0.0 && number.abs() <= EXACT)
    };
    value.as_i64().or_else(|| Some(written_out()? as i64))
}

/// A value, told without showing more of it than is needed.
fn described(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("the number {number}"),
        Value::Bool(flag) => format!("the boolean {flag}"),
        Value::String(text) if text.len() > SHOWN_BYTES => format!("a string of {} bytes", text.len()),
        Value::String(text) => format!("the string \"{}\"", shown(text)),
        Value::Null | Value::Array(_) | Value::Object(_) => json::kind(value).to_owned(),
    }
}

/// A text from outside that may stand in an error: bounded, masked, in one line.
fn shown(text: &str) -> String {
    text::passage(&text::name(text).unwrap_or_default(), SHOWN_BYTES).unwrap_or_default()
}

/// The known word that is most like another, if any is like it.
fn nearest(text: &str, known: &[&'static str]) -> Option<&'static str> {
    let text = text::cut(text, SHOWN_BYTES).to_ascii_lowercase();
    let likeness = |word: &str| strsim::jaro_winkler(&text, &word.to_ascii_lowercase());
    let scored = known
        .iter()
        .map(|word| (likeness(word), *word))
        .filter(|(likeness, _)| *likeness >= LIKENESS);
    scored
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, word)| word)
}
