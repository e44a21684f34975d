//! Text from outside becomes text that may be stored: masked first, then bounded, never cut inside of a character.

use super::mask::mask;

/// Bytes of a name: of a job, a step, a branch, a person.
pub const NAME_BYTES: usize = 1_024;

/// Bytes of the short text that comes with a payload.
pub const MESSAGE_BYTES: usize = 8 * 1_024;

/// Bytes of a link; a longer one would not lead anywhere after a cut.
const LINK_BYTES: usize = 2_048;

/// Times the bound that is looked at for secrets before the cut, so that none is cut in half and no longer known as one.
const SLACK: usize = 4;

/// A name: one line of at most [`NAME_BYTES`], with blanks for control characters. `None` where nothing is left.
#[must_use]
pub fn name(text: &str) -> Option<String> {
    let line = cut(text, NAME_BYTES * SLACK);
    if line.contains(char::is_control) {
        passage(&line.replace(char::is_control, " "), NAME_BYTES)
    } else {
        passage(line, NAME_BYTES)
    }
}

/// A text of at most `limit` bytes as it came, but masked and without white space around it. `None` where nothing is left.
#[must_use]
pub fn passage(text: &str, limit: usize) -> Option<String> {
    let text = cut(
        cut(text, limit.saturating_mul(SLACK)).trim(),
        limit.saturating_mul(SLACK),
    );
    let mut masked = masked(text);
    masked.truncate(cut(&masked, limit).trim_end().len());
    (!masked.is_empty()).then_some(masked)
}

/// A link that a person may follow: http or https, no blanks or control characters, not too long. Masked.
#[must_use]
pub fn link(text: &str) -> Option<String> {
    let web = ["https://", "http://"]
        .iter()
        .any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    let clean = text.len() <= LINK_BYTES && !text.contains(|c: char| c.is_control() || c.is_whitespace());
    (web && clean).then(|| masked(text))
}

/// The front of a text, at most `limit` bytes, not cut inside of a character.
#[must_use]
pub fn cut(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or_default()
}

fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    mask(&mut bytes);
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_one_bounded_line() {
        assert_eq!(
            name(" build\u{1b}[31m\n(ubuntu) ").as_deref(),
            Some("build [31m (ubuntu)")
        );
        assert_eq!(name(" \n\t"), None);
        assert_eq!(name(&"ä".repeat(5_000)).map(|name| name.len()), Some(NAME_BYTES));
    }

    #[test]
    fn a_secret_at_the_bound_is_masked_and_not_cut_in_half() {
        let text = format!("{} ghp_{}", "x".repeat(NAME_BYTES - 20), "a1B2".repeat(9));
        assert!(name(&text).unwrap().ends_with("ghp_***************"));
    }

    #[test]
    fn only_web_links_are_links() {
        assert_eq!(
            link("https://github.com/o/r?a=b#c").as_deref(),
            Some("https://github.com/o/r?a=b#c")
        );
        for text in [
            "javascript:alert(1)",
            "https://",
            "https://a b",
            "https://a\u{1b}]8;;",
            "ftp://a",
            "",
            "file:///etc",
        ] {
            assert_eq!(link(text), None, "{text:?}");
        }
        assert_eq!(link(&format!("https://{}", "a".repeat(3_000))), None);
        assert!(!link("https://user:hunter2@example.com/").unwrap().contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_bound_is_passed(text in ".{0,64}", limit in 0_usize..32) {
            prop_assert!(cut(&text, limit).len() <= limit);
            prop_assert!(passage(&text, limit).is_none_or(|kept| kept.len() <= limit && !kept.is_empty()));
            prop_assert!(name(&text).is_none_or(|name| !name.chars().any(char::is_control)));
        }
    }
}
