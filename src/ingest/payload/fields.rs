//! Fields of an untyped object, read with the path that an error has to name.

use jiff::Timestamp;
use serde_json_borrow::{ObjectAsVec, Value};

use super::PayloadError;
use crate::ingest::{json, text};

/// An object and where it stands in the payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    object: Option<&'a ObjectAsVec<'a>>,
    /// The names of the fields that lead here, empty at the end.
    path: [&'static str; DEPTH],
}

/// Fields that may lead to one another here.
const DEPTH: usize = 3;

impl<'a> Fields<'a> {
    /// The payload itself, if it is an object.
    pub(super) fn root(value: &'a Value<'a>) -> Option<Self> {
        value.as_object().map(|object| Self {
            object: Some(object),
            path: [""; DEPTH],
        })
    }

    /// An object that may be anything: what is no object has no fields.
    pub(super) fn inner(&self, field: &'static str) -> Self {
        let mut path = self.path;
        if let Some(end) = path.iter_mut().find(|name| name.is_empty()) {
            *end = field;
        }
        Self {
            object: self.get(field).and_then(Value::as_object),
            path,
        }
    }

    /// An object that must be there.
    pub(super) fn required(&self, field: &'static str) -> Result<Self, PayloadError> {
        let inner = self.inner(field);
        if inner.object.is_some() {
            Ok(inner)
        } else {
            Err(self.wrong(field, "an object"))
        }
    }

    /// An object that may be missing or null, but nothing else.
    pub(super) fn optional(&self, field: &'static str) -> Result<Self, PayloadError> {
        if self.get(field).is_none() {
            Ok(self.inner(field))
        } else {
            self.required(field)
        }
    }

    /// A short text that must be there.
    pub(super) fn required_text(&self, field: &'static str) -> Result<String, PayloadError> {
        self.name(field)
            .ok_or_else(|| self.wrong(field, "a string that is not empty"))
    }

    /// A short text that may be missing or null, but nothing else.
    pub(super) fn optional_text(&self, field: &'static str) -> Result<Option<String>, PayloadError> {
        match self.get(field) {
            None | Some(Value::Str(_)) => Ok(self.name(field)),
            Some(_) => Err(self.wrong(field, "a string or null")),
        }
    }

    /// An id that must be there.
    pub(super) fn id(&self, field: &'static str) -> Result<i64, PayloadError> {
        let id = self.get(field).and_then(Value::as_i64).filter(|id| *id >= 1);
        id.ok_or_else(|| self.wrong(field, "a whole number from 1 to 9223372036854775807"))
    }

    /// An id that may be missing or null, but nothing else.
    pub(super) fn optional_id(&self, field: &'static str) -> Result<Option<i64>, PayloadError> {
        if self.get(field).is_none() {
            Ok(None)
        } else {
            self.id(field).map(Some)
        }
    }

    /// A name, if it is one.
    pub(super) fn name(&self, field: &'static str) -> Option<String> {
        self.text(field).and_then(text::name)
    }

    /// A text as it came, if it is one.
    pub(super) fn text(&self, field: &'static str) -> Option<&'a str> {
        self.get(field).and_then(Value::as_str)
    }

    /// A moment, if it is one: RFC 3339, with or without fractions of a second.
    pub(super) fn time(&self, field: &'static str) -> Option<Timestamp> {
        self.text(field).and_then(|time| time.parse().ok())
    }

    /// The first values of an array; none where it is no array.
    pub(super) fn items(&self, field: &'static str, limit: usize) -> impl Iterator<Item = &'a Value<'a>> + use<'a> {
        self.get(field)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .take(limit)
    }

    /// A value that is there and not null.
    fn get(&self, field: &str) -> Option<&'a Value<'a>> {
        self.object
            .and_then(|object| object.get(field))
            .filter(|value| !value.is_null())
    }

    fn wrong(&self, field: &'static str, allowed: &'static str) -> PayloadError {
        let got = match self.object.and_then(|object| object.get(field)) {
            None => "missing".to_owned(),
            Some(number @ Value::Number(_)) => format!("the number {}", serde_json::Value::from(number)),
            Some(Value::Str(text)) if text.trim().is_empty() => "an empty string".to_owned(),
            Some(value) => json::kind(&value.into()).to_owned(),
        };
        PayloadError::Field {
            field: self.inner(field).path.join(".").trim_end_matches('.').to_owned(),
            got,
            allowed,
        }
    }
}
