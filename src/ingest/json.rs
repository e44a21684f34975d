//! Bytes from outside become untyped JSON, or an error that says where they stop being JSON.
//!
//! Two things are done before the parser sees them. Depth and number of values are bounded, so that a small body cannot
//! take much memory. And escapes of lone surrogates (`"\ud800"`), which GitHub passes on from commit messages and which
//! are no characters, become U+FFFD instead of refusing the delivery.

use std::borrow::Cow;

use memchr::memchr2;
use serde::Deserialize;
use serde_json::Value;

/// Arrays and objects inside of each other. GitHub's deliveries stay below 15; the parser itself stops at 128.
pub const MAX_DEPTH: usize = 100;

/// Values in one body. The largest delivery (25 MB) of real fields holds about half of that; one takes some 100 bytes.
pub const MAX_VALUES: usize = 1_000_000;

/// Why bytes are not read as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// They are not JSON.
    #[error("the body is not JSON: {reason}")]
    Malformed {
        /// What the parser says, with line and column.
        reason: String,
    },
    /// They nest too deeply.
    #[error("the body is JSON nested more than {MAX_DEPTH} deep, at byte {at}; that is not read")]
    TooDeep {
        /// The byte that opens one level too many.
        at: usize,
    },
    /// They hold too many values.
    #[error("the body is JSON of more than {MAX_VALUES} values; that is not read")]
    TooManyValues,
}

/// Reads JSON within [`MAX_DEPTH`] and [`MAX_VALUES`].
///
/// # Errors
/// When the bytes are not JSON, or beyond these bounds.
pub fn read(body: &[u8]) -> Result<Value, JsonError> {
    parse(&mend(body)?.body)
}

/// Reads what [`mend`] has checked; values may borrow from it.
///
/// # Errors
/// [`JsonError::Malformed`].
pub fn parse<'a, T: Deserialize<'a>>(mended: &'a [u8]) -> Result<T, JsonError> {
    // The whole at once is checked faster than string by string; what is no UTF-8 is left to the parser, which says where.
    let parsed = match std::str::from_utf8(mended) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(mended),
    };
    parsed.map_err(|error| JsonError::Malformed {
        reason: error.to_string(),
    })
}

/// Bytes that may be JSON, within the bounds and without lone surrogates.
#[derive(Debug)]
pub struct Mended<'a> {
    /// As long as what was received.
    pub body: Cow<'a, [u8]>,
    /// Whether its strings stand there as they would be written anew: without blanks between them, and without escapes of
    /// characters that need none.
    pub plain: bool,
}

/// The kind of a value, to be named in errors.
#[must_use]
pub const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Checks the bounds and replaces lone surrogates; the length stays.
///
/// # Errors
/// Beyond [`MAX_DEPTH`] or [`MAX_VALUES`].
pub fn mend(body: &[u8]) -> Result<Mended<'_>, JsonError> {
    let mut mended = Mended {
        body: Cow::Borrowed(body),
        plain: true,
    };
    let (mut at, mut depth, mut values) = (0, 0_usize, 1_usize);
    while let Some(&byte) = body.get(at) {
        match byte {
            b'"' => at = mend_string(&mut mended, at + 1),
            b'[' | b'{' => (depth, values) = (depth + 1, values + 1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            b' ' | b'\t' | b'\r' | b'\n' => mended.plain = false,
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(JsonError::TooDeep { at });
        }
        if values > MAX_VALUES {
            return Err(JsonError::TooManyValues);
        }
        at += 1;
    }
    Ok(mended)
}

/// Replaces the lone surrogates of the string whose first byte is at `at`; where its closing quote stands.
fn mend_string(Mended { body, plain }: &mut Mended<'_>, mut at: usize) -> usize {
    while let Some(found) = body.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if body[at] == b'"' {
            return at;
        }
        *plain &= !matches!(body.get(at + 1), Some(b'u' | b'/'));
        at += match (surrogate(&body[at..]), body.get(at + 6..).and_then(surrogate)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(_), _) => {
                body.to_mut()[at..at + 6].copy_from_slice(b"\\ufffd");
                6
            }
            (None, _) => 2,
        };
    }
    body.len()
}

/// The surrogate that is escaped at the start of some bytes.
fn surrogate(bytes: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(bytes.get(..6)?.strip_prefix(b"\\u")?).ok()?;
    u32::from_str_radix(digits, 16)
        .ok()
        .filter(|unit| (0xd800..=0xdfff).contains(unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        let body = br#"{"a":"\ud800x","b":"\udc00\ud83d\ude00","c":"\\ud800","d":"\ud800\ud800\udc00","e\ud800":"\uD8"#;
        let whole = [&body[..body.len() - 4], b"\"}"].concat();
        let read = read(&whole).unwrap();
        assert_eq!(read["a"], json!("\u{fffd}x"));
        assert_eq!(read["b"], json!("\u{fffd}\u{1f600}"));
        assert_eq!(read["c"], json!("\\ud800"));
        assert_eq!(read["d"], json!("\u{fffd}\u{10000}"));
        assert_eq!(read["e\u{fffd}"], json!(""));
        assert!(super::read(body).is_err());
    }

    #[test]
    fn twenty_thousand_levels_are_a_clear_error() {
        let arrays = "[".repeat(20_000) + &"]".repeat(20_000);
        let objects = "{\"a\":".repeat(20_000) + "1" + &"}".repeat(20_000);
        assert_eq!(read(arrays.as_bytes()), Err(JsonError::TooDeep { at: MAX_DEPTH }));
        assert!(matches!(read(objects.as_bytes()), Err(JsonError::TooDeep { .. })));
        let deepest = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
        assert!(read(deepest.as_bytes()).is_ok());
    }

    #[test]
    fn brackets_in_strings_are_not_depth() {
        let body = format!("{{\"a\\\"\":\"{}\"}}", "[".repeat(1_000));
        assert!(read(body.as_bytes()).is_ok());
    }

    #[test]
    fn too_many_values_are_refused_before_they_take_memory() {
        let body = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert_eq!(read(body.as_bytes()), Err(JsonError::TooManyValues));
    }

    #[test]
    fn what_is_not_json_says_where() {
        for body in [
            &b""[..],
            b"hello",
            b"{\"a\":NaN}",
            b"{\"a\":1e400}",
            b"{\"a\"",
            b"\xff\xfe",
            b"{\"a\":\"\xff\"}",
            b"\"\\u",
        ] {
            let error = read(body).unwrap_err().to_string();
            assert!(
                error.starts_with("the body is not JSON: ") && error.contains("line"),
                "{error}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(prop_oneof![
            Just(b'"'), Just(b'\\'), Just(b'u'), Just(b'd'), Just(b'8'), Just(b'0'), Just(b'{'), Just(b','), any::<u8>()
        ], 0..64)) {
            read(&body).ok();
        }

        #[test]
        fn what_serde_json_reads_is_read_alike(text in ".*") {
            let body = serde_json::to_vec(&json!({"a": text, "b": [text, 1, null]})).unwrap();
            prop_assert_eq!(read(&body).unwrap(), serde_json::from_slice::<Value>(&body).unwrap());
        }
    }
}
