//! Failures to measure with: composed from the corpus by a seed, so that every run reads the same bytes.

use anyhow::{Context, Result};
use sentinel::training::compose::{Composed, Form, compose};
use sentinel::training::corpus::Corpus;

/// Endless failures in these forms, over all records of the corpus in turn.
pub(crate) fn failures<'a>(corpus: &'a Corpus, forms: &'a [Form]) -> impl Iterator<Item = Composed> + 'a {
    let records = corpus
        .failures
        .iter()
        .filter_map(|record| Some((record, record.class?)));
    let forms = forms.iter().copied().cycle();
    (0_u64..)
        .zip(records.cycle().zip(forms))
        .map(|(seed, ((record, label), form))| compose(record, label, corpus, form, seed))
}

/// Whole logs of about so many bytes: composed ones that have them, one in ten to either side.
pub(crate) fn logs_of(corpus: &Corpus, bytes: usize, count: usize) -> Result<Vec<Vec<u8>>> {
    let fitting = bytes * 9 / 10..=bytes * 11 / 10;
    let composed = failures(corpus, &Form::WHOLE)
        .take(200_000)
        .filter_map(|failure| failure.log);
    let found: Vec<Vec<u8>> = composed
        .filter(|log| fitting.contains(&log.len()))
        .take(count)
        .collect();
    (found.len() == count)
        .then_some(found)
        .with_context(|| format!("the corpus composes too few logs of {bytes} bytes"))
}
