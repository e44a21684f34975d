//! The same failure, told by a project that training has not seen: its own words for packages, paths and hosts.
//!
//! What a model says of a record that it has learned is not what it says of a new one. Words that only one tool of the
//! corpus uses are what it would not know of an unseen tool; they are replaced by invented ones. The baseline of drift is
//! made of failures that are told like this, and so is the simulator's quiet stream.

use std::collections::HashMap;

use rand::Rng;
use rand_pcg::Pcg64Mcg;

use super::corpus::{Corpus, Record};
use crate::evidence::signals::{Scanner, SignalTable};

/// Share of failures of tools that nobody has written signals for.
const UNKNOWN: f64 = 0.2;

/// An odd constant that spreads bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// In whose words a failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The words of its tool alone are others; what signals are recognized by stays.
    ByAKnownTool,
    /// The words of its tool alone are others, those of its signals among them.
    ByAnUnknownTool,
    /// Every word is another.
    InAForeignTongue,
}

impl Told {
    /// As failures are told while nothing drifts.
    #[must_use]
    pub fn draw(rng: &mut Pcg64Mcg) -> Self {
        if rng.random_bool(UNKNOWN) {
            Self::ByAnUnknownTool
        } else {
            Self::ByAKnownTool
        }
    }
}

/// Letters of the shortest word that is replaced.
const SHORTEST: usize = 3;

/// Which words are only one tool's.
#[derive(Debug)]
pub struct ForeignWords {
    /// In lower case: the number of the only tool that uses it, `None` where there are several.
    owners: HashMap<String, Option<usize>>,
}

impl ForeignWords {
    /// Reads a whole corpus.
    #[must_use]
    pub fn of(corpus: &Corpus) -> Self {
        let mut tools: HashMap<&str, usize> = HashMap::new();
        let mut owners: HashMap<String, Option<usize>> = HashMap::new();
        for record in corpus.failures.iter().chain(&corpus.noise) {
            let count = tools.len();
            let tool = *tools.entry(record.tool.as_str()).or_insert(count);
            for word in record.lines.iter().flat_map(|(line, _)| words(line)) {
                owners
                    .entry(word.to_ascii_lowercase())
                    .and_modify(|owner| *owner = owner.filter(|owner| *owner == tool))
                    .or_insert(Some(tool));
            }
        }
        Self { owners }
    }

    /// Tells a record in other words.
    #[must_use]
    pub fn tell(&self, record: &Record, how: Told, rng: &mut Pcg64Mcg) -> Record {
        let salt: u64 = rng.random();
        let mut told = record.clone();
        let mut scanner = Scanner::borrow();
        for (line, _) in &mut told.lines {
            *line = match how {
                Told::ByAKnownTool => self.with_its_signals(line, salt, &mut scanner),
                Told::ByAnUnknownTool => replaced(line, |word| self.is_own(word), salt),
                Told::InAForeignTongue => replaced(line, |_| true, salt),
            };
        }
        scanner.give_back();
        told
    }

    /// Whether only one tool uses a word.
    fn is_own(&self, word: &str) -> bool {
        matches!(self.owners.get(&word.to_ascii_lowercase()), Some(Some(_)))
    }

    /// A line in other words that says to the signals what it said before.
    fn with_its_signals(&self, line: &str, salt: u64, scanner: &mut Scanner) -> String {
        let told = replaced(line, |word| self.is_own(word), salt);
        let before = signals(line, scanner);
        if before.is_empty() || signals(&told, scanner) == before {
            return told;
        }
        let mut told = line.to_owned();
        for word in words(line).filter(|word| self.is_own(word)) {
            let tried = replaced(&told, |other| other == word, salt);
            if signals(&tried, scanner) == before {
                told = tried;
            }
        }
        told
    }
}

fn signals(line: &str, scanner: &mut Scanner) -> Vec<u16> {
    let mut found = Vec::new();
    SignalTable::shipped().scan(scanner, line.as_bytes(), &mut found);
    found
}

/// Runs of letters.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_ascii_alphabetic())
        .filter(|word| word.len() >= SHORTEST)
}

/// The line with other words in place of some, the same ones each time.
fn replaced(line: &str, which: impl Fn(&str) -> bool, salt: u64) -> String {
    let mut out = String::with_capacity(line.len());
    for part in line.split_inclusive(|letter: char| !letter.is_ascii_alphabetic()) {
        let word = part.trim_end_matches(|letter: char| !letter.is_ascii_alphabetic());
        let after = part.get(word.len()..).unwrap_or_default();
        if word.len() >= SHORTEST && which(word) {
            out.push_str(&invented(word, salt));
        } else {
            out.push_str(word);
        }
        out.push_str(after);
    }
    out
}

/// A word that can be spoken, of the same length and case as another.
fn invented(word: &str, salt: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "ka", "lo", "mi", "re", "su", "tor", "vex", "zan", "bil", "dra", "fen", "gos", "hul", "jun", "pex", "quo",
    ];
    let mut state = word.bytes().fold(salt, |state, byte| {
        (state ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    });
    let mut made = String::new();
    while made.len() < word.len() {
        state ^= state >> 29;
        state = state.wrapping_mul(SPREAD);
        let syllable = usize::try_from(state >> 60).unwrap_or_default();
        made.push_str(SYLLABLES[syllable % SYLLABLES.len()]);
    }
    made.chars()
        .zip(word.chars())
        .map(|(made, like)| {
            if like.is_ascii_uppercase() {
                made.to_ascii_uppercase()
            } else {
                made
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn a_project_keeps_the_shape_of_a_line_and_uses_its_word_again() {
        let told = replaced(
            "Error: Lodash lodash@4.17.21 not found",
            |word| !word.eq_ignore_ascii_case("error"),
            7,
        );
        let words: Vec<&str> = told.split([' ', '@']).collect();
        assert_eq!((words[0], words[3], told.len()), ("Error:", "4.17.21", 38));
        assert_eq!(words[1].to_lowercase(), words[2]);
        assert!(
            words[1].starts_with(|letter: char| letter.is_ascii_uppercase()),
            "{told}"
        );
    }

    #[test]
    fn what_signals_are_recognized_by_stays() {
        let corpus = Corpus::shipped().expect("the corpus");
        let foreign = ForeignWords::of(&corpus);
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let mut scanner = Scanner::borrow();
        let mut changed = 0;
        for record in corpus.failures.iter().take(200) {
            let told = foreign.tell(record, Told::ByAKnownTool, &mut rng);
            for ((line, _), (told, _)) in record.lines.iter().zip(&told.lines) {
                let before = signals(line, &mut scanner);
                assert!(
                    before.is_empty() || signals(told, &mut scanner) == before,
                    "{line}\n{told}"
                );
                changed += usize::from(line != told);
            }
        }
        assert!(changed > 100, "{changed}");
    }
}
