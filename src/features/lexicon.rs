//! A linear model over words: what the text says when no signal of the table is in it.
//!
//! Its terms are words, pairs of neighbours, and the words of step and job names, each known by a hash. Only terms that
//! several tools use have weights, one a class: what a single project calls its files says nothing of the next one, and
//! a word that nobody has seen must not be taken for another. The weights are data of the model.

use crate::class::CLASS_COUNT;

/// Bits of the set of known words; a power of two.
const KNOWN_BITS: usize = 1 << 17;

/// Words of one text that are read.
const MAX_WORDS: usize = 1_500;

/// The length from which a text says all it can: the few words of a step's name are to weigh little.
const SHORT_TEXT: f32 = 3.0;

/// Letters of a word that are read.
const MAX_WORD_BYTES: usize = 24;

/// A text as hashed words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Words {
    /// `(term, how much it counts)`, in the order of terms, each once.
    pub terms: Vec<(u32, f32)>,
    /// Hashes of the single words.
    pub singles: Vec<u32>,
}

/// Gathers the words of a text.
#[derive(Debug, Default)]
pub struct WordCounter {
    counted: Vec<(u32, f32)>,
    singles: Vec<u32>,
}

impl WordCounter {
    /// Takes a line that counts this much.
    pub fn line(&mut self, line: &[u8], weight: f32) {
        let mut before = None;
        for word in words(line) {
            if self.singles.len() >= MAX_WORDS {
                return;
            }
            let hash = hash(0, word);
            self.singles.push(hash);
            self.count(hash, weight);
            if let Some(before) = before {
                self.count(hash_pair(before, hash), weight);
            }
            before = Some(hash);
        }
    }

    /// Takes the name of a step or a job: its words are told apart from those of the text.
    pub fn name(&mut self, name: &str, weight: f32) {
        for word in words(name.as_bytes()).take(12) {
            self.count(hash(0x9e37_79b9, word), weight);
        }
    }

    /// Takes a signal that was found, by its pattern.
    pub fn signal(&mut self, pattern: &str, weight: f32) {
        self.count(hash(0x517c_c1b7, pattern.as_bytes()), weight);
    }

    fn count(&mut self, term: u32, weight: f32) {
        self.counted.push((term, weight));
    }

    /// The text, each term damped by a logarithm.
    #[must_use]
    pub fn finish(mut self) -> Words {
        // Sums depend on their order: equal terms stay as they came.
        self.counted.sort_by_key(|&(term, _)| term);
        let mut terms: Vec<(u32, f32)> = Vec::with_capacity(self.counted.len());
        for (term, weight) in self.counted {
            match terms.last_mut() {
                Some(last) if last.0 == term => last.1 += weight,
                _ => terms.push((term, weight)),
            }
        }
        for (_, weight) in &mut terms {
            *weight = weight.ln_1p();
        }
        Words {
            terms,
            singles: self.singles,
        }
    }
}

/// Where the weights of terms lie: rows in the order of `terms`, which are sorted. What is known of a text is scaled to
/// length 1 at most.
#[must_use]
pub fn rows(terms: &[u32], words: &Words) -> Vec<(u32, f32)> {
    let find = |&(term, weight): &(u32, f32)| {
        let row = terms.binary_search(&term).ok()?;
        Some((u32::try_from(row).ok()?, weight))
    };
    let mut rows: Vec<(u32, f32)> = words.terms.iter().filter_map(find).collect();
    let length = rows.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    let scale = length.max(SHORT_TEXT);
    for (_, weight) in &mut rows {
        *weight /= scale;
    }
    rows
}

/// The weights, and which words training has seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Lexicon {
    /// The terms that have weights, in ascending order.
    terms: Vec<u32>,
    /// One row of one weight a class for each of them, in steps of `scale`.
    weights: Vec<i8>,
    scale: f32,
    known: Vec<u64>,
}

impl Lexicon {
    /// A lexicon of terms in ascending order, their fitted weights (a row of one a class for each), and the words that
    /// training saw.
    #[must_use]
    pub fn new(terms: Vec<u32>, weights: &[f32], seen: impl Iterator<Item = u32>) -> Self {
        let largest = weights
            .iter()
            .fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the scale keeps the quotient within -127..=127"
        )]
        let weights = weights.iter().map(|weight| (weight / scale).round() as i8).collect();
        let mut known = vec![0; KNOWN_BITS / 64];
        for hash in seen {
            let bit = hash as usize & (KNOWN_BITS - 1);
            known[bit / 64] |= 1_u64 << (bit % 64);
        }
        Self {
            terms,
            weights,
            scale,
            known,
        }
    }

    /// One raw score a class (log-odds up to a constant).
    #[must_use]
    pub fn scores(&self, words: &Words) -> [f32; CLASS_COUNT] {
        let mut sums = [0.0_f32; CLASS_COUNT];
        for (row, weight) in rows(&self.terms, words) {
            let row = &self.weights[row as usize * CLASS_COUNT..][..CLASS_COUNT];
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += weight * f32::from(value);
            }
        }
        sums.map(|sum| sum * self.scale)
    }

    /// The share of words that training has seen; `None` where there are no words.
    #[must_use]
    pub fn known_share(&self, words: &Words) -> Option<f32> {
        if words.singles.is_empty() {
            return None;
        }
        let known = words.singles.iter().filter(|&&hash| {
            let bit = hash as usize & (KNOWN_BITS - 1);
            self.known[bit / 64] & (1_u64 << (bit % 64)) != 0
        });
        Some(known.count() as f32 / words.singles.len() as f32)
    }

    /// The bytes that [`Self::from_bytes`] reads: scale, known words, terms, weights, little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::HEAD + self.terms.len() * Self::ROW);
        out.extend(self.scale.to_le_bytes());
        out.extend(self.known.iter().flat_map(|value| value.to_le_bytes()));
        out.extend(self.terms.iter().flat_map(|term| term.to_le_bytes()));
        out.extend(self.weights.iter().map(|&value| value.to_le_bytes()[0]));
        out
    }

    /// Bytes before the terms.
    const HEAD: usize = 4 + KNOWN_BITS / 8;

    /// Bytes of a term and its weights.
    const ROW: usize = 4 + CLASS_COUNT;

    /// Reads what [`Self::to_bytes`] wrote; `None` where the length is another, or the terms are out of order.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rows = bytes.len().checked_sub(Self::HEAD)?;
        if rows % Self::ROW != 0 {
            return None;
        }
        let (scale, rest) = bytes.split_at(4);
        let (known, rest) = rest.split_at(KNOWN_BITS / 8);
        let (terms, weights) = rest.split_at(rows / Self::ROW * 4);
        let terms: Vec<u32> = terms
            .chunks_exact(4)
            .map(|word| word.try_into().map(u32::from_le_bytes).ok())
            .collect::<Option<_>>()?;
        terms.is_sorted_by(|one, next| one < next).then_some(())?;
        Some(Self {
            terms,
            weights: weights.iter().map(|&byte| i8::from_le_bytes([byte])).collect(),
            scale: scale.try_into().map(f32::from_le_bytes).ok()?,
            known: known
                .chunks_exact(8)
                .map(|word| word.try_into().map(u64::from_le_bytes).ok())
                .collect::<Option<_>>()?,
        })
    }
}

/// Words of a line: runs of letters, digits and `_`, in which every run of digits is one `0`.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'))
        .filter(|word| word.len() > 1 && !word.iter().all(u8::is_ascii_digit) && !is_hash(word))
        .map(|word| &word[..word.len().min(MAX_WORD_BYTES)])
}

/// The word of a line that has this hash among [`Words::singles`].
#[must_use]
pub fn word_of(line: &[u8], single: u32) -> Option<String> {
    let word = words(line).find(|word| hash(0, word) == single)?;
    Some(String::from_utf8_lossy(word).into_owned())
}

/// Hexadecimal with digits and letters in it, as commit ids have.
fn is_hash(word: &[u8]) -> bool {
    word.len() >= 7 && word.iter().all(u8::is_ascii_hexdigit) && word.iter().any(u8::is_ascii_digit)
}

/// FNV-1a over the lower-case word, runs of digits as one `0`.
fn hash(seed: u32, word: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5 ^ seed;
    let mut digit = false;
    for &byte in word {
        let is_digit = byte.is_ascii_digit();
        if is_digit && digit {
            continue;
        }
        digit = is_digit;
        let byte = if is_digit { b'0' } else { byte.to_ascii_lowercase() };
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    mix(hash)
}

fn hash_pair(first: u32, second: u32) -> u32 {
    mix(first.rotate_left(7) ^ second.wrapping_mul(0x85eb_ca6b))
}

/// Spreads a hash over all its bits (the finalizer of `MurmurHash3`).
const fn mix(mut hash: u32) -> u32 {
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Words {
        let mut counter = WordCounter::default();
        counter.line(text.as_bytes(), 1.0);
        counter.finish()
    }

    #[test]
    fn numbers_case_and_hashes_do_not_change_a_text() {
        assert_eq!(
            read("Error E0308 at 9f8e7d6c5b4a in 12 files"),
            read("error e12 at 0123456789ab in 3 files")
        );
    }

    #[test]
    fn what_is_known_of_a_text_has_length_one_and_of_a_short_one_less() {
        let length = |text: &str, known: &str| {
            let terms: Vec<u32> = read(known).terms.iter().map(|(term, _)| *term).collect();
            let rows = rows(&terms, &read(text));
            rows.iter().map(|(_, weight)| weight * weight).sum::<f32>()
        };
        assert!(length("lint", "lint") < 0.2, "{}", length("lint", "lint"));
        let long = "cannot find module lodash imported from the entry of the storefront, and no other package holds it either; searched all folders";
        assert!((length(long, long) - 1.0).abs() < 1e-5);
        assert!(length(long, "cannot find module") < 0.5);
        assert!(length(long, "unheard silence").abs() < 1e-9);
    }

    #[test]
    fn a_lexicon_reads_back_what_it_wrote_and_knows_no_word_for_another() {
        let terms: Vec<u32> = read("some known words").terms.iter().map(|(term, _)| *term).collect();
        let mut weights = vec![0.0; terms.len() * CLASS_COUNT];
        weights[7] = 1.5;
        weights[21] = -0.75;
        let lexicon = Lexicon::new(terms, &weights, read("some known words").singles.into_iter());
        let bytes = lexicon.to_bytes();
        assert_eq!(Lexicon::from_bytes(&bytes), Some(lexicon.clone()));
        assert_eq!(Lexicon::from_bytes(&bytes[1..]), None);
        let mut mixed = bytes.clone();
        mixed[Lexicon::HEAD..Lexicon::HEAD + 8].rotate_left(4);
        assert_eq!(Lexicon::from_bytes(&mixed), None);
        assert_eq!(lexicon.known_share(&read("some known words")), Some(1.0));
        assert_eq!(lexicon.known_share(&read("")), None);
        assert!(lexicon.scores(&read("known words")).iter().any(|score| *score != 0.0));
        assert_eq!(
            lexicon.scores(&read("a storefront nobody heard of")),
            [0.0; CLASS_COUNT]
        );
    }
}
