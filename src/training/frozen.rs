//! Records set aside for the gate: no model is ever fitted on them, so that two models can be compared fairly.
//!
//! Whole tools are set aside, and only tools with few records: what everybody uses is for learning. A tool's place is
//! drawn from its name alone, so that it stays set aside while the corpus grows around it.

use std::collections::BTreeMap;

use super::corpus::{Corpus, Record};
use super::dataset::fold_of;

/// One in so many of the small tools is set aside.
const ONE_IN: usize = 10;

/// A tool with more records than this is for learning.
const MAX_RECORDS: usize = 2;

/// What the draw depends on beside the name. A change of it makes every older model one that has seen the new set.
const DRAW: u64 = 20_261_128;

/// The corpus without the records that are set aside, and these.
#[must_use]
pub fn set_aside(corpus: &Corpus) -> (Corpus, Vec<Record>) {
    let mut records: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &corpus.failures {
        *records.entry(record.tool.as_str()).or_default() += 1;
    }
    let is_frozen = |record: &&Record| {
        let few = records
            .get(record.tool.as_str())
            .is_some_and(|count| *count <= MAX_RECORDS);
        few && fold_of(&record.tool, ONE_IN, DRAW) == 0
    };
    let (frozen, failures): (Vec<Record>, Vec<Record>) =
        corpus.failures.iter().cloned().partition(|record| is_frozen(&record));
    let rest = Corpus {
        failures,
        noise: corpus.noise.clone(),
        sha256: corpus.sha256.clone(),
    };
    (rest, frozen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::FailureClass;

    #[test]
    fn some_records_of_every_class_are_set_aside_and_none_of_their_tools_is_learned() {
        let corpus = Corpus::shipped().expect("the corpus");
        let (rest, frozen) = set_aside(&corpus);
        assert_eq!(rest.failures.len() + frozen.len(), corpus.failures.len());
        assert!(frozen.len() * 50 > corpus.failures.len() && frozen.len() * 10 < corpus.failures.len());
        for class in FailureClass::ALL {
            assert!(frozen.iter().any(|record| record.class == Some(class)), "{class}");
        }
        let learned = rest.tools();
        assert!(frozen.iter().all(|record| !learned.contains(&record.tool.as_str())));
    }
}
