//! Secrets in logs and payloads become `*`, byte for byte, before anything is stored or shown.
//!
//! The bytes are read once for the fixed starts of all kinds; only where one stands is looked closer, by hand and within a
//! bounded distance. Only what follows a start is covered, so that a reader still sees what kind of secret
//! stood there, and so that JSON stays JSON: no quote, no escape and no number outside of a string is touched.

mod class;
mod commands;
mod headers;
mod key_block;
mod kinds;
mod quotes;
mod starts;
mod assignments;
mod value;

use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memchr, memrchr};

use self::class::{Class, opens_word};
use self::kinds::{Rule, TOKENS, Token, WORDS};
use self::starts::{Case, Reading, Starts};

/// Bytes of one secret that are looked at and covered.
const MAX_SECRET: usize = 4_096;

/// Bytes of a token among which a weak one must have its digit.
const HEAD: usize = 64;

/// How often covered bytes are read again, since covering one secret can uncover the start of another.
const ROUNDS: usize = 4;

/// Covers the secrets in a log, a line, or a JSON body. Length and line breaks stay; UTF-8 and JSON stay valid.
///
/// Masking again changes nothing, and but for private keys, which stand on many lines, masking each line by itself
/// covers the same bytes.
pub fn mask(bytes: &mut [u8]) {
    for line in cover_secrets(bytes) {
        let rounds = (1..ROUNDS).take_while(|_| !cover_secrets(&mut bytes[line.clone()]).is_empty());
        rounds.for_each(drop);
    }
    key_block::cover_lines(bytes);
}

/// Covers what is found in one reading, and tells the lines in which that was something.
fn cover_secrets(bytes: &mut [u8]) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut reading = Reading::default();
    while let Some((kind, hit)) = KINDS.starts.next(bytes, &mut reading) {
        let known = lines.last().map_or(0, |line| line.end);
        if apply(KINDS.rules[kind], bytes, &hit) && known <= hit.start {
            lines.push(line_around(bytes, known, hit.start));
        }
    }
    lines
}

/// The line that `at` stands in, which does not start before `known`.
fn line_around(bytes: &[u8], known: usize, at: usize) -> Range<usize> {
    let start = memrchr(b'\n', &bytes[known..at]).map_or(known, |found| known + found + 1);
    start..memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found)
}

fn apply(rule: Rule, bytes: &mut [u8], hit: &Range<usize>) -> bool {
    let secret = match rule {
        Rule::Token(kind) => token(kind, bytes, hit),
        Rule::Key(strength) => assignments::secret(strength, bytes, hit),
        Rule::Authorization => headers::authorization(bytes, hit.end),
        Rule::Bearer => headers::bearer(bytes, hit.end),
        Rule::Url => headers::userinfo(bytes, hit.end),
        Rule::Address => run(Class::Address, bytes, hit.end, 16),
        Rule::Command(flag) => commands::password(flag, bytes, hit.end),
        Rule::Cookie => return headers::cover_cookies(bytes, hit.end),
        Rule::KeyBlock => return key_block::cover_block(bytes, hit),
    };
    secret.is_some_and(|secret| cover(bytes, secret))
}

/// Covers a range, out to the end of a character; whether that changed anything.
fn cover(bytes: &mut [u8], secret: Range<usize>) -> bool {
    let inside = |byte: &&u8| matches!(byte, 0x80..=0xbf);
    let end = secret.end
        + bytes
            .get(secret.end..)
            .unwrap_or_default()
            .iter()
            .take_while(inside)
            .count();
    let secret = bytes.get_mut(secret.start..end).unwrap_or_default();
    let covered = secret.iter().any(|byte| *byte != b'*');
    secret.fill(b'*');
    covered
}

/// What follows the start of a token.
fn token(kind: Token, bytes: &[u8], hit: &Range<usize>) -> Option<Range<usize>> {
    if kind.weak && !opens_word(bytes, hit.start) {
        return None;
    }
    let head = kind.class.run(bytes, hit.end, HEAD.max(kind.min));
    let rest = &bytes[hit.end..hit.end + head];
    let strong = !kind.weak || rest.iter().any(u8::is_ascii_digit);
    let whole = kind.class != Class::Jwt || rest.contains(&b'.');
    if head < kind.min || !strong || !whole {
        return None;
    }
    run(kind.class.with_dots(), bytes, hit.end, kind.min)
}

/// A run of at least `min` bytes of a class.
fn run(class: Class, bytes: &[u8], at: usize, min: usize) -> Option<Range<usize>> {
    let length = class.run(bytes, at, MAX_SECRET);
    (length >= min).then_some(at..at + length)
}

/// The starts of all kinds, and the rule of each.
struct Kinds {
    starts: Starts,
    rules: Vec<Rule>,
}

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let tokens = TOKENS
        .iter()
        .map(|&token| ((token.start, Case::Exact), Rule::Token(token)));
    let words = WORDS.iter().map(|&(word, rule)| ((word, Case::Any), rule));
    let (starts, rules): (Vec<_>, Vec<_>) = tokens.chain(words).unzip();
    Kinds {
        starts: Starts::new(starts),
        rules,
    }
});

#[cfg(test)]
mod tests;
