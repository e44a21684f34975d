//! Values as the columns hold them: fixed-width times, JSON whose numbers come back exactly, packed blobs.

use std::cell::RefCell;
use std::io;

use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

use super::error::damaged;
use crate::class::FailureClass;
use crate::drift::WatchedValue;
use crate::store::StoreError;

/// Names and values of one row, or of a part of it.
pub(super) type Columns<'a> = Vec<(&'static str, ToSqlOutput<'a>)>;

/// zstd's level: a JSON body shrinks to a fifth at the speed of a copy; higher levels cost ten times that for a tenth.
const LEVEL: i32 = 1;

/// Places in the table of a delivery's compressor, as a power of two: 16 KiB, which stay in the processor's nearest cache. The
/// table of eight times that which zstd would take finds hardly more in so few bytes.
const HASH_LOG: u32 = 12;

/// The first byte of packed inputs of the model. A blob that starts otherwise is of zstd, as they were packed before.
const SPARSE: u8 = 1;

/// The most that one blob unpacks to, so that a damaged one cannot fill the memory.
const MAX_UNPACKED: usize = 1 << 30;

/// Borrows a text.
pub(super) fn text(value: &str) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes()))
}

/// Borrows a text that may be missing.
pub(super) fn text_or_null(value: Option<&str>) -> ToSqlOutput<'_> {
    value.map_or(ToSqlOutput::Owned(Value::Null), text)
}

/// Borrows bytes.
pub(super) fn blob(value: &[u8]) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Blob(value))
}

/// A number, or anything else that is taken by value.
pub(super) fn owned<'a>(value: impl Into<Value>) -> ToSqlOutput<'a> {
    ToSqlOutput::Owned(value.into())
}

/// A list or an object as JSON.
pub(super) fn json<'a>(value: &impl Serialize) -> Result<ToSqlOutput<'a>, StoreError> {
    Ok(owned(to_json(value)?))
}

/// JSON text.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Database(format!("writing JSON: {error}")))
}

/// Reads a JSON column.
pub(super) fn from_json<T: DeserializeOwned>(column: &str, found: &str) -> Result<T, StoreError> {
    serde_json::from_str(found).map_err(|_unreadable| damaged(column, found))
}

/// A time as text: UTC, six decimals, so that text order is time order.
pub(super) fn time<'a>(at: Timestamp) -> ToSqlOutput<'a> {
    owned(time_text(at))
}

/// See [`time`].
pub(super) fn time_text(at: Timestamp) -> String {
    format!("{:.6}", to_microseconds(at))
}

/// A time as precise as the columns hold it.
pub(super) fn to_microseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// Reads a time.
pub(super) fn from_time(column: &str, found: &str) -> Result<Timestamp, StoreError> {
    found.parse().map_err(|_unreadable| damaged(column, found))
}

/// Reads a class.
pub(super) fn from_class(column: &str, found: &str) -> Result<FailureClass, StoreError> {
    found.parse().map_err(|_unreadable| damaged(column, found))
}

/// Reads JSON numbers to the last bit: the reading of `serde_json` itself may be one bit off.
pub(super) fn from_numbers(column: &str, found: &str) -> Result<Vec<f64>, StoreError> {
    let values: Vec<&RawValue> = serde_json::from_str(found).map_err(|_unreadable| damaged(column, found))?;
    values
        .iter()
        .map(|value| value.get().parse().map_err(|_unreadable| damaged(column, found)))
        .collect()
}

/// Reads watched values, numbers to the last bit, so that a rebuilt window falls into the same bins.
pub(super) fn from_watched(found: &str) -> Result<Vec<WatchedValue>, StoreError> {
    let values: Vec<&RawValue> = serde_json::from_str(found).map_err(|_unreadable| damaged("watched", found))?;
    values.iter().map(|value| watched(value.get())).collect()
}

fn watched(value: &str) -> Result<WatchedValue, StoreError> {
    if value.starts_with('"') {
        return Ok(WatchedValue::Category(from_json("watched", value)?));
    }
    if value == "null" {
        return Ok(WatchedValue::Missing);
    }
    value
        .parse()
        .map(WatchedValue::Number)
        .map_err(|_unreadable| damaged("watched", value))
}

thread_local! {
    // Making a compressor costs more than compressing a delivery with it, so that each thread keeps its own.
    static OF_DELIVERIES: RefCell<Option<Packer>> = const { RefCell::new(None) };
}

/// What is compressed by a thread's own compressor. Above this the work outweighs the making, and a compressor that once held
/// a long log would keep its buffers for good.
const SMALL: usize = 32 * 1024;

/// Compresses.
pub(super) fn pack(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    if bytes.len() > SMALL {
        return zstd::bulk::compress(bytes, LEVEL).map_err(not_packed);
    }
    let packed = OF_DELIVERIES.with_borrow_mut(|own| match own {
        Some(packer) => packer.pack(bytes),
        None => own.insert(Packer::new()?).pack(bytes),
    });
    packed.map_err(not_packed)
}

/// A compressor, and room for what it makes: of what is kept of that, only as much as there is.
struct Packer {
    compressor: Compressor<'static>,
    room: Vec<u8>,
}

impl Packer {
    fn new() -> io::Result<Self> {
        let mut compressor = Compressor::new(LEVEL)?;
        compressor.set_parameter(CParameter::HashLog(HASH_LOG))?;
        Ok(Self {
            compressor,
            room: Vec::with_capacity(zstd::zstd_safe::compress_bound(SMALL)),
        })
    }

    fn pack(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        self.compressor.compress_to_buffer(bytes, &mut self.room)?;
        Ok(self.room.as_slice().to_vec())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn not_packed(error: io::Error) -> StoreError {
    StoreError::Database(format!("compressing: {error}"))
}

/// Decompresses what [`pack`] made.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let broken = |error: io::Error| StoreError::Database(format!("decompressing: {error}"));
    let size = zstd::zstd_safe::get_frame_content_size(packed)
        .ok()
        .flatten()
        .unwrap_or(0);
    let size = usize::try_from(size).unwrap_or(MAX_UNPACKED).min(MAX_UNPACKED);
    zstd::bulk::decompress(packed, size).map_err(broken)
}

/// The inputs of the model, packed. Most are zero: what is kept is their number, a bit for each that is not, and
/// those, all with the least significant byte first.
pub(super) fn pack_features(values: &[f32]) -> Vec<u8> {
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    let mut packed = Vec::with_capacity(5 + values.len() * 2);
    packed.push(SPARSE);
    packed.extend_from_slice(&count.to_le_bytes());
    packed.extend(values.chunks(8).map(|chunk| {
        let bits = chunk.iter().rev();
        bits.fold(0_u8, |bits, value| bits << 1 | u8::from(value.to_bits() != 0))
    }));
    let given = values.iter().filter(|value| value.to_bits() != 0);
    given.for_each(|value| packed.extend_from_slice(&value.to_le_bytes()));
    packed
}

/// Reads what [`pack_features`] wrote, or what was written before it.
pub(super) fn unpack_features(packed: &[u8]) -> Result<Vec<f32>, StoreError> {
    let broken = || damaged("features", "a broken blob");
    let Some((&SPARSE, packed)) = packed.split_first() else {
        let bytes = unpack(packed)?;
        return floats(&bytes).map(Iterator::collect).ok_or_else(broken);
    };
    let (count, packed) = packed.split_first_chunk::<4>().ok_or_else(broken)?;
    let count = usize::try_from(u32::from_le_bytes(*count)).unwrap_or(usize::MAX);
    let (bits, given) = packed.split_at_checked(count.div_ceil(8)).ok_or_else(broken)?;
    let mut given = floats(given).ok_or_else(broken)?;
    let is_given = |place: usize| bits[place / 8] >> (place % 8) & 1 == 1;
    let values = (0..count).map(|place| if is_given(place) { given.next() } else { Some(0.0) });
    let values: Option<Vec<f32>> = values.collect();
    values.filter(|_| given.next().is_none()).ok_or_else(broken)
}

/// The numbers in some bytes; nothing where there is a part of one.
fn floats(bytes: &[u8]) -> Option<impl Iterator<Item = f32>> {
    let (values, rest) = bytes.as_chunks::<4>();
    rest.is_empty()
        .then(|| values.iter().map(|value| f32::from_le_bytes(*value)))
}

/// Inserts a row and gives its id.
pub(super) fn insert(db: &Connection, table: &str, columns: Columns<'_>) -> Result<i64, StoreError> {
    db.prepare_cached(&insert_sql(table, &columns))?
        .execute(params_from_iter(columns.into_iter().map(|(_, value)| value)))?;
    Ok(db.last_insert_rowid())
}

/// Written in one go: it is longer than what most statements do.
fn insert_sql(table: &str, columns: &Columns<'_>) -> String {
    let mut sql = String::with_capacity(1_024);
    sql.push_str("INSERT INTO ");
    sql.push_str(table);
    for (place, (name, _)) in columns.iter().enumerate() {
        sql.push_str(if place == 0 { " (" } else { ", " });
        sql.push_str(name);
    }
    for place in 0..columns.len() {
        sql.push_str(if place == 0 { ") VALUES (?" } else { ", ?" });
    }
    sql.push(')');
    sql
}

/// Changes columns of one row of `log_entries`.
pub(super) fn update(db: &Connection, id: i64, columns: Columns<'_>) -> Result<(), StoreError> {
    let sets: Vec<_> = columns.iter().map(|(name, _)| format!("{name} = ?")).collect();
    let sql = format!("UPDATE log_entries SET {} WHERE id = ?", sets.join(", "));
    let values = columns.into_iter().map(|(_, value)| value).chain([owned(id)]);
    match db.prepare_cached(&sql)?.execute(params_from_iter(values))? {
        0 => Err(StoreError::NoFailure(id)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(values: &[f32]) -> Vec<u32> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    proptest! {
        #[test]
        fn text_order_of_times_is_time_order(a in 0_i64..253_402_207_200_000_000, b in 0_i64..253_402_207_200_000_000) {
            let [a, b] = [a, b].map(|at| Timestamp::from_microsecond(at).expect("in range"));
            prop_assert_eq!(time_text(a).cmp(&time_text(b)), a.cmp(&b));
            prop_assert_eq!(from_time("timestamp", &time_text(a)).expect("a time"), a);
        }

        #[test]
        fn numbers_come_back_to_the_last_bit(values in prop::collection::vec(-1e300_f64..1e300, 0..20)) {
            let text = to_json(&values).expect("JSON");
            let read = from_numbers("probabilities", &text).expect("numbers");
            prop_assert!(read.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
        }

        #[test]
        fn packed_inputs_come_back(values in prop::collection::vec(prop_oneof![
            Just(0.0_f32), Just(-0.0), Just(f32::NAN), any::<f32>()
        ], 0..300)) {
            let read = unpack_features(&pack_features(&values)).expect("unpacked");
            prop_assert_eq!(bits(&read), bits(&values));
        }

        #[test]
        fn packed_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..5_000)) {
            prop_assert_eq!(unpack(&pack(&bytes).expect("packed")).expect("unpacked"), bytes);
        }
    }

    #[test]
    fn inputs_packed_as_they_were_before_are_still_read() {
        let values = [0.0, 1.5, f32::NAN];
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let read = unpack_features(&pack(&bytes).expect("packed")).expect("unpacked");
        assert_eq!(bits(&read), bits(&values));
    }

    #[test]
    fn damaged_inputs_are_an_error() {
        let packed = pack_features(&[0.0, 1.5, 2.5]);
        for broken in [
            &packed[..3],
            &packed[..5],
            &packed[..packed.len() - 4],
            &[&packed[..], &[0; 4]].concat(),
        ] {
            assert!(unpack_features(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn watched_values_keep_their_kinds() {
        let all = vec![
            WatchedValue::Missing,
            WatchedValue::Number(0.1),
            WatchedValue::Category("null".into()),
        ];
        assert_eq!(from_watched(&to_json(&all).expect("JSON")).expect("watched"), all);
    }

    #[test]
    fn a_damaged_blob_is_an_error() {
        assert!(unpack(b"no zstd").is_err());
    }
}
