//! The baseline of drift: what the new model itself says of failures as they come while nothing drifts.
//!
//! Each record is told anew (see [`super::foreign`]) in every form in which failures come, so that each kind of verdict has
//! a baseline of its own; payloads go through GitHub's words (see [`super::delivery`]). A live window is judged by the same
//! model: what differs between the two is the failures.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::compose::{Form, compose};
use super::corpus::Corpus;
use super::delivery;
use super::fit::{TrainError, TrainSettings};
use super::foreign::{ForeignWords, Told};
use crate::bundle::Bundle;
use crate::drift::Watched;
use crate::drift::reference::ReferenceProfile;
use crate::ingest::Conclusion;
use crate::judge::judge;
use crate::verdict::DecidedFrom;

/// In which forms each record is told; `None` is any whole log.
const FORMS: [Option<Form>; 4] = [None, Some(Form::Excerpt), Some(Form::Payload), Some(Form::Message)];

/// An odd constant that spreads consecutive numbers over all seeds, other ones than the samples have.
const SPREAD: u64 = 0xd134_2543_de82_ef95;

/// Judges every record in every form; `taught` are failures that people labelled, judged already.
pub(super) fn fit(
    corpus: &Corpus,
    taught: Vec<(DecidedFrom, Watched)>,
    bundle: &Bundle,
    settings: &TrainSettings,
) -> Result<ReferenceProfile, TrainError> {
    let foreign = ForeignWords::of(corpus);
    let mut rows = taught;
    let mut number = settings.seed;
    let mut deliveries = 0;
    for (record, label) in corpus
        .failures
        .iter()
        .filter_map(|record| Some((record, record.class?)))
    {
        for form in FORMS {
            number = number.wrapping_add(SPREAD);
            let mut rng = Pcg64Mcg::seed_from_u64(number);
            let form = form.unwrap_or_else(|| Form::WHOLE[rng.random_range(0..Form::WHOLE.len())]);
            let told = foreign.tell(record, Told::draw(&mut rng), &mut rng);
            let mut composed = compose(&told, label, corpus, form, rng.random());
            if form == Form::Payload {
                deliveries += 1;
                // Where a step has the limit, or a command, the job ends as any failure does: as often as not, for all
                // that is known.
                if deliveries % 2 == 0 {
                    composed.job.conclusion = Conclusion::Failure;
                }
                composed.job = delivery::told(&composed.job, deliveries)?;
            }
            let judged = judge(&composed.job, composed.log.as_deref(), bundle)?;
            rows.push((judged.verdict.decided_from, judged.watched));
        }
    }
    Ok(ReferenceProfile::fit(&rows, settings.bins))
}
