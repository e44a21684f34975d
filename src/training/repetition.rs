//! Where the test comes from: a test that repeats what was learned proves nothing.
//!
//! Two failures are near-duplicates when the words of their evidence are (Jaccard similarity of the sets of hashed words:
//! Broder, "On the resemblance and containment of documents", 1997, whose `MinHash` finds the pairs to compare).

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dataset::Sample;
use crate::features::lexicon::Words;

/// From this similarity on, a test repeats a sample.
const NEAR: f64 = 0.9;

/// What the check found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repetition {
    /// Tests looked at.
    pub checked: usize,
    /// Samples they were compared with.
    pub against: usize,
    /// Tests left out, because they repeat what was learned.
    pub repeated: usize,
}

/// Which of the tests repeat none of the samples.
#[must_use]
pub fn fresh(tests: &[Sample], learned: &[Sample]) -> (Vec<bool>, Repetition) {
    let learned_words: Vec<Vec<u32>> = learned.iter().map(|sample| terms(&sample.words)).collect();
    let index = Index::of(&learned_words);
    let fresh: Vec<bool> = tests
        .iter()
        .map(|test| index.near(&terms(&test.words)).next().is_none())
        .collect();
    let lineage = Repetition {
        checked: tests.len(),
        against: learned.len(),
        repeated: fresh.iter().filter(|fresh| !**fresh).count(),
    };
    (fresh, lineage)
}

/// Which of the samples repeat one that is left out with another fold, and so is learned from when this one is tested.
pub(super) fn across(samples: &[&Sample], folds: &[usize]) -> Vec<bool> {
    let words: Vec<Vec<u32>> = samples.iter().map(|sample| terms(&sample.words)).collect();
    let index = Index::of(&words);
    words
        .iter()
        .zip(folds)
        .map(|(own, fold)| index.near(own).any(|other| folds[other] != *fold))
        .collect()
}

/// Hashes of a signature, in bands of some rows each: two sets share a band with probability `1 - (1 - s^ROWS)^BANDS`, which
/// is 0.998 at the similarity of [`NEAR`] (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4).
const BANDS: usize = 16;
const ROWS: usize = 6;

/// Texts by the bands of their `MinHash` signatures: only those that share a band are compared.
struct Index<'a> {
    texts: &'a [Vec<u32>],
    bands: HashMap<(usize, u64), Vec<usize>>,
}

impl<'a> Index<'a> {
    fn of(texts: &'a [Vec<u32>]) -> Self {
        let mut bands: HashMap<(usize, u64), Vec<usize>> = HashMap::new();
        for (text, words) in texts.iter().enumerate().filter(|(_, words)| !words.is_empty()) {
            for key in keys(words) {
                bands.entry(key).or_default().push(text);
            }
        }
        Self { texts, bands }
    }

    /// Texts that are near these words.
    fn near<'b>(&'b self, words: &'b [u32]) -> impl Iterator<Item = usize> + 'b {
        let mut tried = HashSet::new();
        let keys = (!words.is_empty()).then(|| keys(words)).into_iter().flatten();
        keys.filter_map(|key| self.bands.get(&key))
            .flatten()
            .copied()
            .filter(move |text| tried.insert(*text) && is_near(words, &self.texts[*text]))
    }
}

/// The bands of a signature: of each of many orders of all terms, the first one that the text has.
fn keys(words: &[u32]) -> [(usize, u64); BANDS] {
    std::array::from_fn(|band| {
        let mut key = 0_u64;
        for row in 0..ROWS {
            let salt = (band * ROWS + row + 1) as u64;
            let first = words.iter().map(|word| mix(salt << 32 | u64::from(*word))).min();
            key = mix(key ^ first.unwrap_or_default());
        }
        (band, key)
    })
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood, 2014).
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn terms(words: &Words) -> Vec<u32> {
    words.terms.iter().map(|(term, _)| *term).collect()
}

/// Both in ascending order, each term once.
fn is_near(one: &[u32], other: &[u32]) -> bool {
    let (few, many) = (one.len().min(other.len()), one.len().max(other.len()));
    // The similarity is at most the ratio of the sizes.
    if many == 0 || (few as f64) < NEAR * many as f64 {
        return false;
    }
    let (mut at, mut with, mut shared) = (0, 0, 0_usize);
    while at < one.len() && with < other.len() {
        match one[at].cmp(&other[with]) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => with += 1,
            std::cmp::Ordering::Equal => {
                (at, with, shared) = (at + 1, with + 1, shared + 1);
            }
        }
    }
    shared as f64 >= NEAR * (one.len() + other.len() - shared) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_finds_what_comparing_all_pairs_finds() {
        // Twenty texts of forty words, each followed by itself with two words changed, and by itself with twelve changed.
        let texts: Vec<Vec<u32>> = (0..60_u32)
            .map(|text| {
                let (base, changed) = (text / 3 * 100, [0, 2, 12][text as usize % 3]);
                let mut words: Vec<u32> = (base..base + 40 - changed).collect();
                words.extend((0..changed).map(|word| 10_000 + text * 20 + word));
                words
            })
            .collect();
        let index = Index::of(&texts);
        for (text, words) in texts.iter().enumerate() {
            let mut found: Vec<usize> = index.near(words).collect();
            found.sort_unstable();
            let all: Vec<usize> = (0..texts.len())
                .filter(|&other| is_near(words, &texts[other]))
                .collect();
            assert_eq!(found, all, "{text}");
        }
        assert_eq!(index.near(&texts[0]).count(), 2);
    }

    #[test]
    fn nearness_is_the_share_of_words_in_both() {
        let ten: Vec<u32> = (0..10).collect();
        let nine: Vec<u32> = (0..9).collect();
        let shifted: Vec<u32> = (1..11).collect();
        assert!(is_near(&ten, &ten) && is_near(&ten, &nine));
        // Nine of eleven.
        assert!(!is_near(&ten, &shifted));
        assert!(!is_near(&ten, &[]));
    }
}
