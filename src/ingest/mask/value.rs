//! Whether a value is a secret, or a word, a place-holder, a number.

/// What stands for a secret but is none, in any case of letters.
const LITERALS: [&[u8]; 15] = [
    b"true",
    b"false",
    b"null",
    b"none",
    b"nil",
    b"undefined",
    b"empty",
    b"yes",
    b"no",
    b"string",
    b"required",
    b"redacted",
    b"masked",
    b"hidden",
    b"[filtered]",
];

/// What expressions that read a secret from elsewhere start with.
const SOURCES: [&[u8]; 14] = [
    b"process.",
    b"secrets.",
    b"env.",
    b"os.",
    b"config.",
    b"self.",
    b"this.",
    b"vars.",
    b"var.",
    b"local.",
    b"github.",
    b"inputs.",
    b"steps.",
    b"needs.",
];

/// Whether a value stands for a secret that is elsewhere, or is covered already.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let starts = |start: &&[u8]| value.len() > start.len() && value[..start.len()].eq_ignore_ascii_case(start);
    let covered = value.windows(3).any(|three| three == b"***");
    let shape = match value {
        [b'$', rest @ ..] => names_variable(rest),
        [b'%', .., b'%'] | [b'<' | b'{' | b'(' | b'[', ..] => true,
        _ => value.contains(&b'('),
    };
    covered || shape || LITERALS.iter().any(|word| value.eq_ignore_ascii_case(word)) || SOURCES.iter().any(starts)
}

/// `NAME`, `{NAME}`, `(command)`, `{{ name }}` behind a dollar sign.
fn names_variable(rest: &[u8]) -> bool {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    matches!(rest.first(), Some(b'{' | b'(')) || rest.iter().all(name)
}

/// Whether a value is written as JSON writes what is no string.
pub(super) fn is_json_literal(value: &[u8]) -> bool {
    let number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    matches!(value, b"true" | b"false" | b"null") || value.iter().all(number)
}

/// Whether a value looks as no word of prose does: letters with digits or signs among them, mixed case, or very long.
pub(super) fn looks_random(value: &[u8], min: usize) -> bool {
    let value = trim_sentence(value);
    let any = |test: fn(&u8) -> bool| value.iter().any(test);
    let letters = any(u8::is_ascii_alphabetic);
    let mixed = any(u8::is_ascii_digit) || any(|byte| b"!@#$%^*+=~?".contains(byte));
    let inner_capital = value
        .windows(2)
        .any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    let long = value.len() >= 20 && value.iter().all(u8::is_ascii_alphanumeric);
    value.len() >= min
        && value[0] != b'@'
        && !is_path(value)
        && !is_version(value)
        && letters
        && (mixed || long || (inner_capital && value.len() >= 12))
}

/// Whether it is made of digits alone, `most` at most.
pub(super) fn is_short_number(value: &[u8], most: usize) -> bool {
    value.len() <= most && value.iter().all(u8::is_ascii_digit)
}

/// Whether it is a path or a link, or the name of an Erlang function (`pass:translate/2`). A secret in base64 may start
/// with a slash as well.
pub(super) fn is_path(value: &[u8]) -> bool {
    let any = |test: fn(&u8) -> bool| value.iter().any(test);
    let random =
        value.len() >= 24 && any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase) && any(u8::is_ascii_digit);
    let starts: [&[u8]; 5] = [b"./", b"../", b"~/", b"http://", b"https://"];
    match value {
        [b'/', ..] => !random,
        [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic() => true,
        [name @ .., b'/', arity] if arity.is_ascii_digit() => {
            name.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
        }
        _ => starts.iter().any(|start| value.starts_with(start)),
    }
}

/// Versions, moments, durations, addresses of machines.
fn is_version(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let marks = value.iter().filter(|byte| matches!(byte, b'.' | b':' | b'-')).count();
    value.iter().filter(|byte| byte.is_ascii_alphabetic()).count() <= 2 && digits > 0 && marks > 0
}

/// A value without the punctuation that ends a sentence.
fn trim_sentence(value: &[u8]) -> &[u8] {
    let end = value
        .iter()
        .rposition(|byte| !matches!(byte, b'.' | b'!' | b'?' | b':' | b'*'));
    &value[..end.map_or(0, |last| last + 1)]
}
