//! `password=hunter2`, `"api_key": "..."`, `--token ...`, `<secret>...</secret>`: a key that names a secret, and its value.

use std::ops::Range;

use super::kinds::Strength;
use super::quotes::{Closing, Quote, bare, blanks};
use super::value::{is_json_literal, is_path, is_placeholder, is_short_number, looks_random};

/// Bytes of an identifier that are looked at on either side of a key word.
const MAX_IDENTIFIER: usize = 40;

/// The least bytes of a value that is covered.
const MIN_VALUE: usize = 3;

/// What may follow a key word inside of an identifier, without `_` and `-`. Anything else is another word: `tokens`,
/// `tokenizer`, `secret_name`, `password_file`.
const TAILS: [&str; 24] = [
    "",
    "accesskey",
    "key",
    "keybase",
    "value",
    "token",
    "base64",
    "b64",
    "hash",
    "prod",
    "production",
    "dev",
    "staging",
    "test",
    "string",
    "new",
    "old",
    "data",
    "text",
    "plain",
    "phrase",
    "main",
    "confirmation",
    "auth",
];

/// Words that follow a flag in prose about it.
const PROSE: [&str; 16] = [
    "option",
    "argument",
    "parameter",
    "requires",
    "required",
    "expected",
    "missing",
    "instead",
    "should",
    "cannot",
    "flag",
    "value",
    "with",
    "from",
    "provided",
    "variable",
];

/// How key and value are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    /// `key=value`, `<key>value`.
    Tight,
    /// `key: value`, `key = value`.
    Loose,
    /// `--key value`.
    Flag,
}

/// The value that a key word at `hit` is joined to, if it is a secret.
pub(super) fn secret(strength: Strength, bytes: &[u8], hit: &Range<usize>) -> Option<Range<usize>> {
    let key_end = identifier_end(bytes, hit.end)?;
    let quoted = Quote::at(bytes, key_end);
    let after = quoted.map_or(key_end, |(_, after)| after);
    let (join, at) = joined(bytes, hit, after)?;
    let key = Key {
        strength,
        join,
        quoted: quoted.is_some(),
    };
    let Some((quote, inside)) = Quote::at(bytes, at) else {
        return key.bare_secret(bytes, at);
    };
    match quote.close(bytes, inside) {
        Closing::At(_) if is_folder(bytes, hit, inside) => None,
        Closing::At(end) => key.quoted_secret(bytes, inside..end),
        Closing::Missing => key.bare_secret(bytes, inside),
        Closing::WasOne => None,
    }
}

/// Where the identifier ends that a key word is the last telling part of.
fn identifier_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let length = rest
        .iter()
        .take(MAX_IDENTIFIER)
        .take_while(|byte| is_identifier(**byte))
        .count();
    let tail: String = rest[..length]
        .iter()
        .filter(|byte| !matches!(byte, b'_' | b'-'))
        .map(|byte| byte.to_ascii_lowercase() as char)
        .collect();
    let known = tail.bytes().all(|byte| byte.is_ascii_digit()) || TAILS.contains(&tail.as_str());
    known.then_some(at + length)
}

/// How the key is joined to what follows, and where that starts.
fn joined(bytes: &[u8], hit: &Range<usize>, after: usize) -> Option<(Join, usize)> {
    let at = blanks(bytes, after);
    let rest = bytes.get(at..)?;
    let (join, length) = match rest {
        [b'=', b'>', ..] | [b':', b'=', ..] => (Join::Loose, 2),
        [b'=', b'=', ..] | [b':', b':', ..] => return None,
        [b'=', next, ..] if at == after && !next.is_ascii_whitespace() => (Join::Tight, 1),
        [b'=' | b':', ..] => (Join::Loose, 1),
        [b'>', ..] if at == after && opens_element(bytes, hit.start) => (Join::Tight, 1),
        [b',', ..] if at == after && is_flag(bytes, hit.start) => (Join::Flag, 1),
        [_, ..] if at > after && (is_flag(bytes, hit.start) || is_sql(bytes, hit)) => (Join::Flag, 0),
        _ => return None,
    };
    Some((join, blanks(bytes, at + length)))
}

/// What a key says of the value behind it.
struct Key {
    strength: Strength,
    join: Join,
    quoted: bool,
}

impl Key {
    fn quoted_secret(&self, bytes: &[u8], value: Range<usize>) -> Option<Range<usize>> {
        let text = &bytes[value.clone()];
        let sure = self.strength != Strength::Token || self.quoted || self.join != Join::Loose;
        let secret = text.len() >= MIN_VALUE && !is_placeholder(text) && (sure || looks_random(text, 8));
        secret.then_some(value)
    }

    fn bare_secret(&self, bytes: &[u8], at: usize) -> Option<Range<usize>> {
        let value = bare(bytes, at);
        let text = &bytes[value.clone()];
        let password = self.strength == Strength::Password;
        let secret = match self.join {
            Join::Tight => password || !is_short_number(text, 5),
            Join::Loose => looks_random(text, if password { 6 } else { 8 }) || (password && is_pin(text)),
            Join::Flag => !text.starts_with(b"-") && text.len() >= 6 && !is_prose(text),
        };
        let other = is_placeholder(text) || is_path(text) || (self.quoted && is_json_literal(text));
        (text.len() >= MIN_VALUE && secret && !other).then_some(value)
    }
}

fn is_pin(text: &[u8]) -> bool {
    text.len() >= 6 && text.iter().all(u8::is_ascii_digit)
}

fn is_prose(text: &[u8]) -> bool {
    PROSE.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
}

const fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The identifier that ends before `at`.
fn identifier_before(bytes: &[u8], at: usize) -> &[u8] {
    let before = &bytes[at.saturating_sub(MAX_IDENTIFIER)..at];
    let length = before.iter().rev().take_while(|byte| is_identifier(**byte)).count();
    &before[before.len() - length..]
}

/// Whether the key word at `at` ends a flag, as `--registry-token`.
fn is_flag(bytes: &[u8], at: usize) -> bool {
    identifier_before(bytes, at).starts_with(b"-")
}

/// Whether the key word at `at` ends the name of an XML element that opens.
fn opens_element(bytes: &[u8], at: usize) -> bool {
    let start = at - identifier_before(bytes, at).len();
    start > 0 && bytes[start - 1] == b'<'
}

/// `PWD: '/home'`: the folder of a shell, not a password.
fn is_folder(bytes: &[u8], hit: &Range<usize>, value: usize) -> bool {
    bytes[hit.clone()].eq_ignore_ascii_case(b"pwd") && bytes.get(value) == Some(&b'/')
}

/// `IDENTIFIED BY '...'`.
fn is_sql(bytes: &[u8], hit: &Range<usize>) -> bool {
    bytes[hit.clone()].ends_with(b"by") || bytes[hit.clone()].ends_with(b"BY")
}
