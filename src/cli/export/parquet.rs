//! Rows as Parquet: typed, nullable columns, compressed with zstd; lists and objects as JSON texts.
//!
//! A row group is kept in memory until it is written, so it is bounded by bytes as well as by rows.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Sink;
use super::columns::{COLUMNS, Kind};

/// Rows of a group, at most.
const GROUP_ROWS: usize = 16_384;

/// Bytes of JSON of a group, about; the columns made of them need a little less.
const GROUP_BYTES: usize = 6 << 20;

/// Writes rows to `W`.
pub(super) struct Parquet<W: Write + Send> {
    out: SerializedFileWriter<W>,
    group: Vec<Cells>,
    rows: usize,
    bytes: usize,
}

/// The values of one column in the group that is being filled, and for each row whether it has one (1) or not (0).
struct Cells {
    present: Vec<i16>,
    values: Values,
}

enum Values {
    Bytes(Vec<ByteArray>),
    Whole(Vec<i64>),
    Number(Vec<f64>),
    Truth(Vec<bool>),
}

impl<W: Write + Send> Parquet<W> {
    /// Writes the start of the file.
    pub(super) fn new(out: W) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::default()))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_created_by(concat!("sentinel ", env!("CARGO_PKG_VERSION")).to_owned());
        Ok(Self {
            out: SerializedFileWriter::new(out, schema()?, Arc::new(properties.build()))?,
            group: empty(),
            rows: 0,
            bytes: 0,
        })
    }

    fn write_group(&mut self) -> Result<()> {
        let cells = std::mem::replace(&mut self.group, empty());
        (self.rows, self.bytes) = (0, 0);
        let mut group = self.out.next_row_group()?;
        for cells in cells {
            let mut column = group.next_column()?.context("a column less than the schema has")?;
            cells.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        Ok(())
    }
}

impl<W: Write + Send> Sink for Parquet<W> {
    fn row(&mut self, row: &RawValue) -> Result<()> {
        let mut fields: Map<String, Value> = serde_json::from_str(row.get())?;
        for ((name, kind), cells) in COLUMNS.into_iter().zip(&mut self.group) {
            cells
                .push(fields.remove(name).unwrap_or_default(), kind)
                .with_context(|| format!("column {name}"))?;
        }
        self.rows += 1;
        self.bytes += row.get().len();
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if self.rows > 0 {
            self.write_group()?;
        }
        let mut out = self.out.into_inner()?;
        Ok(out.flush()?)
    }
}

fn schema() -> Result<TypePtr> {
    let columns: Result<Vec<TypePtr>, _> = COLUMNS.into_iter().map(|(name, kind)| column(name, kind)).collect();
    let schema = Type::group_type_builder("failures").with_fields(columns?).build();
    Ok(Arc::new(schema?))
}

fn column(name: &str, kind: Kind) -> Result<TypePtr, parquet::errors::ParquetError> {
    let (physical, logical) = match kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        Kind::Whole => (Physical::INT64, None),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Truth => (Physical::BOOLEAN, None),
        Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
    };
    let column = Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    Ok(Arc::new(column.build()?))
}

fn empty() -> Vec<Cells> {
    COLUMNS.iter().map(|(_, kind)| Cells::new(*kind)).collect()
}

impl Cells {
    fn new(kind: Kind) -> Self {
        Self {
            present: Vec::new(),
            values: match kind {
                Kind::Text | Kind::Json => Values::Bytes(Vec::new()),
                Kind::Whole | Kind::Time => Values::Whole(Vec::new()),
                Kind::Number => Values::Number(Vec::new()),
                Kind::Truth => Values::Truth(Vec::new()),
            },
        }
    }

    fn push(&mut self, value: Value, kind: Kind) -> Result<()> {
        self.present.push(i16::from(!value.is_null()));
        match (&mut self.values, value) {
            (_, Value::Null) => {}
            (Values::Bytes(texts), Value::String(text)) if kind != Kind::Json => texts.push(text.into_bytes().into()),
            (Values::Bytes(texts), value) => texts.push(value.to_string().into_bytes().into()),
            (Values::Whole(numbers), Value::String(text)) => numbers.push(text.parse::<Timestamp>()?.as_microsecond()),
            (Values::Whole(numbers), Value::Number(number)) => numbers.push(number.as_i64().context("too large")?),
            (Values::Number(numbers), Value::Number(number)) => numbers.push(number.as_f64().context("too large")?),
            (Values::Truth(truths), Value::Bool(truth)) => truths.push(truth),
            (_, other) => bail!("cannot hold {other}"),
        }
        Ok(())
    }

    fn write(&self, column: &mut SerializedColumnWriter<'_>) -> Result<()> {
        match &self.values {
            Values::Bytes(values) => self.write_as::<ByteArrayType>(values, column),
            Values::Whole(values) => self.write_as::<Int64Type>(values, column),
            Values::Number(values) => self.write_as::<DoubleType>(values, column),
            Values::Truth(values) => self.write_as::<BoolType>(values, column),
        }
    }

    fn write_as<T: DataType>(&self, values: &[T::T], column: &mut SerializedColumnWriter<'_>) -> Result<()> {
        let _written = column.typed::<T>().write_batch(values, Some(&self.present), None)?;
        Ok(())
    }
}
