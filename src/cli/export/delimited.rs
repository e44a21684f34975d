//! Rows as CSV (RFC 4180): a header, quotes where they are needed, lists and objects as JSON, nothing for what is missing.

use std::borrow::Cow;
use std::io::Write;

use anyhow::Result;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Sink;
use super::columns::{COLUMNS, Kind};

/// Writes rows to `W`.
pub(super) struct Delimited<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> Delimited<W> {
    /// Writes the header.
    pub(super) fn new(out: W) -> Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(COLUMNS.iter().map(|(name, _)| *name))?;
        Ok(Self { out })
    }
}

impl<W: Write> Sink for Delimited<W> {
    fn row(&mut self, row: &RawValue) -> Result<()> {
        let row: Map<String, Value> = serde_json::from_str(row.get())?;
        for (name, kind) in COLUMNS {
            self.out.write_field(cell(row.get(name), kind).as_bytes())?;
        }
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        Ok(self.out.flush()?)
    }
}

fn cell(value: Option<&Value>, kind: Kind) -> Cow<'_, str> {
    match value {
        None | Some(Value::Null) => Cow::Borrowed(""),
        Some(Value::String(text)) if kind != Kind::Json => Cow::Borrowed(text),
        Some(value) => Cow::Owned(value.to_string()),
    }
}
