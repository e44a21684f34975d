//! Where a value stands: between quotes, also when they are escaped inside of JSON, or bare.

use std::ops::Range;

use super::MAX_SECRET;

/// A quote as it is written: its byte, and the backslashes before it (`\"` inside of a JSON string has one).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote {
    byte: u8,
    slashes: usize,
}

impl Quote {
    /// The quote that starts at `at`, and where what follows it starts.
    pub(super) fn at(bytes: &[u8], at: usize) -> Option<(Self, usize)> {
        let slashes = slashes(bytes, at);
        let byte = *bytes.get(at + slashes)?;
        let known = byte == b'"' || (slashes == 0 && matches!(byte, b'\'' | b'`'));
        known.then_some((Self { byte, slashes }, at + slashes + 1))
    }

    /// Where the text that starts at `at` is closed.
    pub(super) fn close(self, bytes: &[u8], at: usize) -> Closing {
        if self.byte == b'"' && matches!(bytes.get(blanks(bytes, at)), Some(b',' | b']' | b'}' | b':') | None) {
            return Closing::WasOne;
        }
        self.closing_quote(bytes, at).map_or(Closing::Missing, Closing::At)
    }

    fn closing_quote(self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut end = at;
        while end < at + MAX_SECRET {
            let escapes = slashes(bytes, end);
            match bytes.get(end + escapes)? {
                b'\n' | b'\r' => return None,
                b'"' => match self.meets(escapes) {
                    Meeting::Closed => return Some(end + escapes - self.slashes),
                    Meeting::Text => {}
                    Meeting::EndOfString => return None,
                },
                b'n' | b'r' if self.byte != b'"' && escapes % 2 == 1 => return None,
                byte if *byte == self.byte && escapes.is_multiple_of(2) => return Some(end + escapes),
                _ => {}
            }
            end += escapes + 1;
        }
        None
    }

    /// What a double quote behind so many backslashes means to a text in these quotes.
    fn meets(self, escapes: usize) -> Meeting {
        match (self.byte, self.slashes) {
            (b'"', 0) if escapes.is_multiple_of(2) => Meeting::Closed,
            (b'"', 0) => Meeting::Text,
            (b'"', own) if escapes == own => Meeting::Closed,
            (b'"', own) if escapes > own => Meeting::Text,
            _ if escapes % 2 == 1 => Meeting::Text,
            _ => Meeting::EndOfString,
        }
    }
}

/// How a text in quotes ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// At the first byte of a closing quote.
    At(usize),
    /// Not before its line or the string around it ends.
    Missing,
    /// The quote was itself a closing one: the punctuation of JSON follows it.
    WasOne,
}

enum Meeting {
    Closed,
    Text,
    EndOfString,
}

/// The value that starts at `at`: the text in quotes, or the word without. None where the quote there is a closing one.
pub(super) fn value(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let Some((quote, inside)) = Quote::at(bytes, at) else {
        return Some(bare(bytes, at));
    };
    match quote.close(bytes, inside) {
        Closing::At(end) => Some(inside..end),
        Closing::Missing => Some(bare(bytes, inside)),
        Closing::WasOne => None,
    }
}

/// A value without quotes that starts at `at`: up to white space, a quote, or what separates values.
pub(super) fn bare(bytes: &[u8], at: usize) -> Range<usize> {
    let limit = bytes.len().min(at + MAX_SECRET);
    let mut end = at;
    while end < limit {
        end += match (bytes[end], bytes.get(end + 1)) {
            (b'\\', Some(b'"' | b'\'' | b'n' | b'r' | b't' | b'b' | b'f' | b'u' | b'/')) => break,
            (b'\\', Some(b'\\')) => 2,
            (byte, _) if ends_bare(byte) => break,
            _ => 1,
        };
    }
    at..end
}

/// Where the blanks end that start at `at`.
pub(super) fn blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take(16)
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}

fn ends_bare(byte: u8) -> bool {
    byte <= b' '
        || byte == 0x7f
        || matches!(
            byte,
            b'"' | b'\'' | b'`' | b',' | b';' | b'&' | b'<' | b'>' | b')' | b']' | b'}'
        )
}

/// Backslashes from `at` on.
fn slashes(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take(MAX_SECRET)
        .take_while(|byte| **byte == b'\\')
        .count()
}
