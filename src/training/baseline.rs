//! The baseline of drift: what the new model itself says of failures as they come while nothing drifts.
//!
//! Each record is told anew (see [`super::foreign`]) in every form in which failures come, so that each kind of verdict has
//! a baseline of its own. A live window is judged by the same model: what differs between the two is the failures.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::compose::{Form, compose};
use super::corpus::Corpus;
use super::fit::TrainSettings;
use super::foreign::{ForeignWords, Told};
use crate::bundle::Bundle;
use crate::drift::Watched;
use crate::drift::reference::ReferenceProfile;
use crate::judge::{JudgeError, judge};
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
) -> Result<ReferenceProfile, JudgeError> {
    let foreign = ForeignWords::of(corpus);
    let mut rows = taught;
    let mut number = settings.seed;
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
            let composed = compose(&told, label, corpus, form, rng.random());
            let judged = judge(&composed.job, composed.log.as_deref(), bundle)?;
            rows.push((judged.verdict.decided_from, judged.watched));
        }
    }
    Ok(ReferenceProfile::fit(&rows, settings.bins))
}
