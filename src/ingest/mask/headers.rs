//! Secrets of HTTP: authorization, cookies, user and password of an address.

use std::ops::Range;

use super::class::Class;
use super::quotes::{Closing, Quote, bare, blanks};
use super::value::{is_placeholder, looks_random};
use super::{MAX_SECRET, cover, run};

/// Schemes whose credentials are one word (RFC 9110, section 11).
const ONE_WORD: [&str; 7] = [
    "basic",
    "bearer",
    "token",
    "apikey",
    "negotiate",
    "ntlm",
    "sharedaccesssignature",
];

/// Schemes whose credentials are a list, to the end of the header.
const LISTS: [&str; 5] = ["digest", "aws4-hmac-sha256", "sharedkey", "hawk", "oauth"];

/// Attributes of a cookie, which are no cookies.
const ATTRIBUTES: [&str; 6] = ["path", "domain", "expires", "max-age", "samesite", "version"];

/// Cookies of one header that are covered.
const MAX_COOKIES: usize = 100;

/// Bytes of the user and the password of an address that are looked at.
const MAX_USERINFO: usize = 512;

/// The credentials behind `authorization`.
pub(super) fn authorization(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let at = header_value(bytes, at)?;
    let scheme = Class::Word.run(bytes, at, 32);
    let after = blanks(bytes, at + scheme);
    let is = |known: &&str| bytes[at..at + scheme].eq_ignore_ascii_case(known.as_bytes());
    if after > at + scheme && LISTS.iter().any(&is) {
        return Some(after..line_end(bytes, after));
    }
    let known = after > at + scheme && ONE_WORD.iter().any(is);
    let credentials = bare(bytes, if known { after } else { at });
    let text = &bytes[credentials.clone()];
    (looks_random(text, 8) && !is_placeholder(text)).then_some(credentials)
}

/// The token behind `bearer`.
pub(super) fn bearer(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    run(Class::DottedBase64, bytes, at, 16).filter(|token| looks_random(&bytes[token.clone()], 16))
}

/// Covers the value of every cookie in a header.
pub(super) fn cover_cookies(bytes: &mut [u8], at: usize) -> bool {
    let Some(mut at) = header_value(bytes, at) else {
        return false;
    };
    let mut covered = false;
    for _ in 0..MAX_COOKIES {
        let name = at..at
            + bytes[at..]
                .iter()
                .take(128)
                .take_while(|byte| byte.is_ascii_graphic() && !b"=;,\"'\\".contains(byte))
                .count();
        if bytes.get(name.end) != Some(&b'=') || name.is_empty() {
            break;
        }
        let value = bare(bytes, name.end + 1);
        let attribute = ATTRIBUTES
            .iter()
            .any(|known| bytes[name.clone()].eq_ignore_ascii_case(known.as_bytes()));
        at = value.end;
        if !attribute && value.len() >= 6 {
            covered |= cover(bytes, value);
        }
        let rest = line_end(bytes, at);
        let Some(next) = bytes[at..rest].iter().position(|byte| *byte == b';') else {
            break;
        };
        at = blanks(bytes, at + next + 1);
    }
    covered
}

/// The password, or the token in place of a user, of the address whose authority starts at `at`.
pub(super) fn userinfo(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = &bytes[at..bytes.len().min(at + MAX_USERINFO)];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_control() || b"/?#\"'`<>\\".contains(byte);
    let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let user_info = &authority[..authority.iter().rposition(|byte| *byte == b'@')?];
    let secret = match user_info.iter().position(|byte| *byte == b':') {
        Some(colon) => colon + 1..user_info.len(),
        None => Some(0..user_info.len()).filter(|_| user_info.len() >= 16 && looks_random(user_info, 16))?,
    };
    let text = &user_info[secret.clone()];
    (!text.is_empty() && !is_placeholder(text)).then_some(at + secret.start..at + secret.end)
}

/// Where the value starts of the header whose name ends at `at`.
fn header_value(bytes: &[u8], at: usize) -> Option<usize> {
    let at = Quote::at(bytes, at).map_or(at, |(_, after)| after);
    let at = blanks(bytes, at);
    let at = blanks(bytes, matches!(bytes.get(at), Some(b':' | b'=')).then_some(at + 1)?);
    match Quote::at(bytes, at) {
        Some((quote, inside)) => (quote.close(bytes, inside) != Closing::WasOne).then_some(inside),
        None => Some(at),
    }
}

/// Where the line or the string ends that `at` stands in.
fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..bytes.len().min(at + MAX_SECRET)];
    at + rest
        .iter()
        .position(|byte| byte.is_ascii_control() || matches!(byte, b'"' | b'\'' | b'\\'))
        .unwrap_or(rest.len())
}
