//! Private keys in PEM: over many lines, in one JSON string with `\n`, behind timestamps, or only a part of one.

use std::ops::Range;

use memchr::memchr_iter;

use super::class::Class;
use super::cover;

/// Bytes before `PRIVATE KEY-----` where the block must begin.
const MAX_KIND: usize = 32;

/// Bytes of a block that are looked at; an RSA key of 16,384 bits takes 13 KB.
const MAX_BLOCK: usize = 32 * 1_024;

/// A word at least this long is a line of a key, whatever follows.
const FULL_LINE: usize = 40;

/// Short words that may end a key: the rest, and the checksum of PGP.
const SHORT_WORDS: usize = 2;

/// Other words in a row (timestamps, headers) after which the block is over.
const MAX_OTHER_WORDS: usize = 12;

/// Lengths of the full lines that PEM, OpenSSH and MIME write.
const LINE_LENGTHS: [usize; 3] = [64, 70, 76];

/// Covers the block that the `PRIVATE KEY-----` at `hit` opens; whether that changed anything.
///
/// Without its end, as in a log that was cut, everything that looks like a key is covered up to the first thing that
/// does not.
pub(super) fn cover_block(bytes: &mut [u8], hit: &Range<usize>) -> bool {
    let before = &bytes[hit.start.saturating_sub(MAX_KIND)..hit.start];
    if !before.windows(10).any(|word| word.eq_ignore_ascii_case(b"-----BEGIN")) {
        return false;
    }
    let limit = bytes.len().min(hit.end + MAX_BLOCK);
    let (mut at, mut covered, mut others, mut short) = (hit.end, false, 0, 0);
    while let Some(word) = next_word(bytes, at, limit).filter(|_| others < MAX_OTHER_WORDS) {
        at = word.end;
        let key = is_key(&bytes[word.clone()]);
        if key && word.len() >= FULL_LINE {
            (others, short) = (0, SHORT_WORDS);
        } else if key && short > 0 {
            short -= 1;
        } else {
            others += 1;
            // A timestamp may stand before the short rest of a key; anything else is no longer the key.
            short = if bytes[word.start].is_ascii_digit() { short } else { 0 };
            continue;
        }
        covered |= cover(bytes, word);
    }
    covered
}

/// Covers lines that can only be of a key whose begin is not here.
pub(super) fn cover_lines(bytes: &mut [u8]) {
    let ends = memchr_iter(b'\n', bytes).chain([bytes.len()]);
    let mut start = 0;
    let mut lines = Vec::new();
    for end in ends {
        lines.extend(key_line(bytes, start, end));
        start = end + 1;
    }
    for line in lines {
        cover(bytes, line);
    }
}

/// The last word of a line, if it is a full line of a key.
fn key_line(bytes: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let line = bytes[start..end].strip_suffix(b"\r").unwrap_or(&bytes[start..end]);
    let shortest = line.len().checked_sub(LINE_LENGTHS[0])?;
    let in_key = |byte: &&u8| Class::Base64.has(**byte) && !matches!(byte, b'_' | b'-');
    if line[shortest..].iter().rev().any(|byte| !in_key(&byte)) {
        return None;
    }
    let length = line.iter().rev().take(LINE_LENGTHS[2] + 1).take_while(in_key).count();
    let word = line.len() - length;
    let alone = word == 0 || matches!(line[word - 1], b' ' | b'\t' | b'|');
    let random = [u8::is_ascii_uppercase, u8::is_ascii_lowercase, u8::is_ascii_digit]
        .iter()
        .all(|kind| line[word..].iter().any(kind));
    (alone && random && LINE_LENGTHS.contains(&length)).then_some(start + word..start + line.len())
}

/// The next word of a block; none at its end or at the end of the string it stands in.
fn next_word(bytes: &[u8], mut at: usize, limit: usize) -> Option<Range<usize>> {
    loop {
        match bytes.get(at..limit)? {
            [b'"', ..] | [b'-', b'-', b'-', b'-', b'-', b'E' | b'e', ..] | [] => return None,
            [b'\\', _, ..] => at += 2,
            [byte, ..] if separates(*byte) => at += 1,
            rest => return Some(at..at + rest.iter().position(|byte| separates(*byte)).unwrap_or(rest.len())),
        }
    }
}

fn separates(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b',' | b'|' | b'>')
}

fn is_key(word: &[u8]) -> bool {
    word.iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'*'))
}
