//! Where the test comes from: a test that repeats what was learned proves nothing.
//!
//! Two failures are near-duplicates when the words of their evidence are (Jaccard similarity of the sets of hashed words:
//! Broder, "On the resemblance and containment of documents", 1997).

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
    let learned: Vec<Vec<u16>> = learned.iter().map(|sample| buckets(&sample.words)).collect();
    let fresh: Vec<bool> = tests
        .iter()
        .map(|test| {
            let own = buckets(&test.words);
            own.is_empty() || !learned.iter().any(|other| is_near(&own, other))
        })
        .collect();
    let lineage = Repetition {
        checked: tests.len(),
        against: learned.len(),
        repeated: fresh.iter().filter(|fresh| !**fresh).count(),
    };
    (fresh, lineage)
}

fn buckets(words: &Words) -> Vec<u16> {
    words.buckets.iter().map(|(bucket, _)| *bucket).collect()
}

/// Both in ascending order, each bucket once.
fn is_near(one: &[u16], other: &[u16]) -> bool {
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
    fn nearness_is_the_share_of_words_in_both() {
        let ten: Vec<u16> = (0..10).collect();
        let nine: Vec<u16> = (0..9).collect();
        let shifted: Vec<u16> = (1..11).collect();
        assert!(is_near(&ten, &ten) && is_near(&ten, &nine));
        // Nine of eleven.
        assert!(!is_near(&ten, &shifted));
        assert!(!is_near(&ten, &[]));
    }
}
