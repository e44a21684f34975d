//! A versioned key of "the same failure": the shape of its decisive lines, without what changes from run to run.

use sha2::{Digest, Sha256};

use super::Fingerprint;

/// The version of the rules below. A change of them is a new version, since keys are kept.
const VERSION: &str = "f1";

/// Lines that take part.
const MAX_LINES: usize = 3;

/// The key of some decisive lines, most decisive first; `None` where there are none.
#[must_use]
pub fn fingerprint<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<Fingerprint> {
    let mut shapes: Vec<String> = lines
        .take(MAX_LINES)
        .map(shape)
        .filter(|shape| !shape.is_empty())
        .collect();
    shapes.sort();
    shapes.dedup();
    if shapes.is_empty() {
        return None;
    }
    let digest = Sha256::digest(shapes.join("\n").as_bytes());
    Some(Fingerprint(format!("{VERSION}:{}", hex::encode(&digest[..12]))))
}

/// A line without what changes: of paths the last part, of numbers, versions, hashes and times a `#`.
fn shape(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line).to_lowercase();
    let words = text
        .split_whitespace()
        .map(|word| steady(word.rsplit(['/', '\\']).next().unwrap_or(word)));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A word whose parts that change are replaced.
fn steady(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for part in word.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let name = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let changes = name.bytes().any(|byte| byte.is_ascii_digit()) && !is_code(name);
        if !changes {
            out.push_str(part);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

/// `e0308`, `ts2304`, `e404`: a few letters and then digits name a kind of error, and stay.
fn is_code(name: &str) -> bool {
    let digits = name.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let letters = name.len() - digits.len();
    (1..=6).contains(&letters) && (3..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<Fingerprint> {
        fingerprint(std::iter::once(line.as_bytes()))
    }

    #[test]
    fn times_paths_hashes_and_numbers_do_not_change_it() {
        let one = of("error: /home/runner/work/a/src/x.c:12:4: 'foo' undeclared at 9f8e7d6c5b4a after 12.5s");
        let other = of("error: /builds/team/b/src/x.c:340:17: 'foo' undeclared at 0123456789ab after 3.25s");
        assert_eq!(one, other);
        assert!(one.is_some());
    }

    #[test]
    fn an_error_code_is_part_of_it() {
        assert_ne!(of("error[E0308]: mismatched"), of("error[E0425]: mismatched"));
        assert_ne!(of("npm error code E404"), of("npm error code E403"));
    }

    #[test]
    fn nothing_has_none() {
        assert_eq!(of("  "), None);
        assert_eq!(fingerprint(std::iter::empty()), None);
    }
}
