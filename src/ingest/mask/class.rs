//! What bytes secrets are made of.

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Letters and digits.
    Alnum,
    /// Capitals and digits.
    Upper,
    /// Hexadecimal digits.
    Hex,
    /// Letters, digits, `_` and `-`.
    Word,
    /// The same and dots.
    Dotted,
    /// Base64 of either alphabet, with padding.
    Base64,
    /// The same and dots.
    DottedBase64,
    /// What Azure AD makes secrets of.
    Azure,
    /// Three parts of base64 with dots between.
    Jwt,
    /// A path or a parameter of an address.
    Address,
}

impl Class {
    pub(super) const fn has(self, byte: u8) -> bool {
        match self {
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted | Self::Jwt => Self::Word.has(byte) || byte == b'.',
            Self::Base64 => Self::Word.has(byte) || matches!(byte, b'+' | b'/' | b'='),
            Self::DottedBase64 => Self::Base64.has(byte) || byte == b'.',
            Self::Azure => Self::Dotted.has(byte) || byte == b'~',
            Self::Address => Self::DottedBase64.has(byte) || matches!(byte, b'%' | b'~' | b'@'),
        }
    }

    /// The set to read to the end of a token with: nothing that looks like a part of it stays behind.
    pub(super) const fn with_dots(self) -> Self {
        match self {
            Self::Alnum | Self::Upper | Self::Hex | Self::Word | Self::Dotted | Self::Jwt => Self::Dotted,
            Self::Base64 | Self::DottedBase64 => Self::DottedBase64,
            Self::Azure => Self::Azure,
            Self::Address => Self::Address,
        }
    }

    /// How many bytes from `at` on are in the set, at most `limit`.
    pub(super) fn run(self, bytes: &[u8], at: usize, limit: usize) -> usize {
        let rest = bytes.get(at..).unwrap_or_default();
        rest.iter().take(limit).take_while(|byte| self.has(**byte)).count()
    }
}

/// Whether a word may start here: what stands before is no part of one, or is the letter of an escape (`\n`).
pub(super) fn opens_word(bytes: &[u8], at: usize) -> bool {
    match &bytes[..at] {
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'] | [] => true,
        [.., before] => !Class::Word.has(*before),
    }
}
