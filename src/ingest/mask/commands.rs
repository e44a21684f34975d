//! Passwords behind the flags of commands: `docker login -p ...`, `mysql -u root -p...`, `curl -u user:...`.

use std::ops::Range;

use memchr::memmem;

use super::quotes::{blanks, value};
use super::value::{is_path, is_placeholder};

/// How far behind the command a flag is looked for.
const MAX_FLAGS: usize = 256;

/// The least bytes of a password that is covered.
const MIN_VALUE: usize = 3;

/// The password behind `flag` on the line of the command that ends at `at`.
pub(super) fn password(flag: &[u8], bytes: &[u8], at: usize) -> Option<Range<usize>> {
    // The last byte of the command belongs to the flags: ` ` or `-`.
    let rest = &bytes[at - 1..bytes.len().min(at + MAX_FLAGS)];
    let line = &rest[..rest
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .unwrap_or(rest.len())];
    let value = value(bytes, blanks(bytes, at - 1 + memmem::find(line, flag)? + flag.len()))?;
    let start = value.start;
    let user = if flag.starts_with(b"-u") {
        bytes[value.clone()].iter().position(|byte| *byte == b':')? + 1
    } else {
        0
    };
    let value = value.start + user..value.end;
    let text = &bytes[value.clone()];
    let flag_or_port = text.starts_with(b"-") || text.iter().all(|byte| byte.is_ascii_digit() || *byte == b':');
    (text.len() >= MIN_VALUE && !flag_or_port && !is_placeholder(text) && !is_path(&bytes[start..])).then_some(value)
}
