//! The arguments of a tool, taken one by one; what is wrong is noted, and all of it told at the end.

use rmcp::model::JsonObject;
use serde_json::Value;

use super::refused::Refused;
use crate::class::FailureClass;
use crate::ingest::json;

/// How alike a name must be to be suggested, of 1.
const LIKENESS: f64 = 0.7;

/// Unknown arguments that are named.
const MAX_UNKNOWN: usize = 20;

/// Characters of what was sent that are shown in an error.
const SHOWN: usize = 60;

/// Arguments that are being read.
pub(super) struct Arguments {
    given: JsonObject,
    wrong: Vec<String>,
}

impl Arguments {
    /// The arguments of a tool that knows these names. `null` is as good as nothing.
    pub(super) fn new(mut given: JsonObject, known: &[&str]) -> Self {
        let unknown: Vec<String> = given
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
            .cloned()
            .collect();
        given.retain(|_, value| !value.is_null());
        let wrong = unknown
            .iter()
            .take(MAX_UNKNOWN)
            .map(|name| unknown_field(name, known))
            .collect();
        Self { given, wrong }
    }

    /// A whole number from 1, which has to be there.
    pub(super) fn id(&mut self, name: &str) -> Option<i64> {
        self.required(name, "a whole number from 1", |value| {
            value.as_i64().filter(|id| *id >= 1)
        })
    }

    /// A class, which has to be there.
    pub(super) fn class(&mut self, name: &str) -> Option<FailureClass> {
        let allowed = FailureClass::ALL.map(FailureClass::slug).join(", ");
        self.required(name, &allowed, |value| value.as_str()?.parse().ok())
    }

    /// A text of 1 to `limit` bytes, which has to be there.
    pub(super) fn required_text(&mut self, name: &str, limit: usize) -> Option<String> {
        let allowed = format!("a string of 1 to {limit} bytes");
        self.required(name, &allowed, |value| {
            bounded(value, limit).filter(|text| !text.is_empty())
        })
    }

    /// A text of at most `limit` bytes. A blank one is none.
    pub(super) fn text(&mut self, name: &str, limit: usize) -> Option<String> {
        let allowed = format!("a string of at most {limit} bytes");
        self.take(name, &allowed, |value| bounded(value, limit))
            .filter(|text| !text.trim().is_empty())
    }

    /// True or false; false where it is missing.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.take(name, "true or false", Value::as_bool).unwrap_or(false)
    }

    /// A whole number from `least` to `most`, or `missing`.
    pub(super) fn count(&mut self, name: &str, (least, most): (usize, usize), missing: usize) -> usize {
        let count = |value: &Value| {
            usize::try_from(value.as_u64()?)
                .ok()
                .filter(|count| (least..=most).contains(count))
        };
        self.take(name, &format!("a whole number from {least} to {most}"), count)
            .unwrap_or(missing)
    }

    /// What was made of the arguments, if nothing was wrong with them.
    pub(super) fn finish<T>(self, made: Option<T>) -> Result<T, Refused> {
        made.filter(|_| self.wrong.is_empty())
            .ok_or(Refused::arguments(self.wrong))
    }

    fn required<T>(&mut self, name: &str, allowed: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        if !self.given.contains_key(name) {
            self.wrong.push(format!("{name}: is missing; allowed: {allowed}"));
        }
        self.take(name, allowed, read)
    }

    fn take<T>(&mut self, name: &str, allowed: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.given.remove(name)?;
        let read = read(&value);
        if read.is_none() {
            self.wrong
                .push(format!("{name}: got {}; allowed: {allowed}", described(&value)));
        }
        read
    }
}

fn bounded(value: &Value, limit: usize) -> Option<String> {
    value.as_str().filter(|text| text.len() <= limit).map(str::to_owned)
}

fn unknown_field(name: &str, known: &[&str]) -> String {
    let likeness = |known: &&str| strsim::jaro_winkler(known, &shown(name));
    let nearest = known
        .iter()
        .copied()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|nearest| likeness(nearest) >= LIKENESS) {
        Some(nearest) => format!("{}: is unknown; did you mean `{nearest}`?", shown(name)),
        None if known.is_empty() => format!("{}: is unknown; this tool has no arguments", shown(name)),
        None => format!("{}: is unknown; the arguments are {}", shown(name), known.join(", ")),
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().nth(SHOWN).is_some() => format!("a string of {} bytes", text.len()),
        Value::String(text) => format!("the string {text:?}"),
        Value::Number(number) => format!("the number {number}"),
        Value::Bool(flag) => format!("the boolean {flag}"),
        Value::Null | Value::Array(_) | Value::Object(_) => json::kind(value).to_owned(),
    }
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
    fn arguments(given: Value, known: &[&str]) -> Arguments {
        Arguments::new(given.as_object().unwrap().clone(), known)
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_by_name() {
        let given = json!({"id": 0, "corrected_lable": "x", "note": 7, "context": -1, "zzz": null});
        let mut given = arguments(given, &["id", "corrected_label", "note", "context"]);
        let made = (
            given.id("id"),
            given.class("corrected_label"),
            given.text("note", 10),
            given.count("context", (0, 9), 2),
        );
        assert_eq!(made, (None, None, None, 2));
        let refused = given.finish(Some(())).unwrap_err().to_string();
        for told in [
            "id: got the number 0; allowed: a whole number from 1",
            "corrected_lable: is unknown; did you mean `corrected_label`?",
            "corrected_label: is missing; allowed: build-failure, ",
            "note: got the number 7; allowed: a string of at most 10 bytes",
            "context: got the number -1; allowed: a whole number from 0 to 9",
            "zzz: is unknown; the arguments are id, ",
        ] {
            assert!(refused.contains(told), "{told} in {refused}");
        }
    }

    #[test]
    fn null_is_nothing_and_blank_notes_are_none() {
        let mut given = arguments(json!({"id": 7, "note": "  ", "regex": null}), &["id", "note", "regex"]);
        let made = (given.id("id"), given.text("note", 10), given.flag("regex"));
        assert_eq!(given.finish(Some(made)).unwrap(), (Some(7), None, false));
    }

    #[test]
    fn a_class_is_known_by_name_and_slug() {
        for name in ["Test Failure", "test-failure"] {
            let mut given = arguments(json!({ "class": name }), &["class"]);
            assert_eq!(given.class("class"), Some(FailureClass::Test));
        }
    }
}
