//! What people said becomes samples to learn from, and samples to test with: doubles put together, the newest held back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::dataset::{Sample, Teaching, mute};
use crate::class::FailureClass;
use crate::ingest::FailedJob;

/// A failure with a person's word on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Which failure.
    pub failure: i64,
    /// When it was said.
    pub at: Timestamp,
    /// Who said it.
    pub author: String,
    /// The key of the same failure, where a line of it speaks.
    pub fingerprint: Option<String>,
    /// What is known beside the log.
    pub job: FailedJob,
    /// The masked log, or the lines that were kept of it.
    pub log: Option<Vec<u8>>,
    /// What it really is.
    pub label: FailureClass,
    /// How often the same was said of the same failure.
    pub times: usize,
}

/// Lessons to learn from and lessons to test with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lessons {
    /// The older ones.
    pub learn: Vec<Lesson>,
    /// The newest quarter.
    pub test: Vec<Lesson>,
    /// Words that said again what another one said.
    pub doubles: usize,
    /// Words that a later one on the same fingerprint contradicts.
    pub contradicted: usize,
}

/// What a lesson weighs beside a record of the corpus, which is one of thousands.
const WEIGHT: f32 = 3.0;

/// A failure that was labelled often weighs more, up to this many times.
const MOST_TIMES: f32 = 3.0;

/// How a lesson is shown: with all signals, and with some taken away, as records are.
const VIEWS: [(Option<f64>, f32); 3] = [(None, 1.0), (Some(0.2), 0.5), (Some(0.4), 0.5)];

/// What marks the tool of a lesson's samples, which no record has.
const TOOL: &str = "lesson ";

/// Puts doubles together and splits by time. One fingerprint is one lesson, with the latest word on it: so no fingerprint is
/// both learned and tested.
#[must_use]
pub fn prepare(mut said: Vec<Lesson>) -> Lessons {
    said.sort_by_key(|lesson| (lesson.at, lesson.failure));
    let mut out = Lessons::default();
    let mut kept: BTreeMap<String, Lesson> = BTreeMap::new();
    for mut lesson in said {
        let key = lesson
            .fingerprint
            .clone()
            .unwrap_or_else(|| format!("failure {}", lesson.failure));
        if let Some(before) = kept.remove(&key) {
            if before.label == lesson.label {
                out.doubles += 1;
                lesson.times = before.times + 1;
            } else {
                out.contradicted += before.times;
            }
        }
        kept.insert(key, lesson);
    }
    let mut lessons: Vec<Lesson> = kept.into_values().collect();
    lessons.sort_by_key(|lesson| (lesson.at, lesson.failure));
    let newest = lessons.len() / 4;
    out.test = lessons.split_off(lessons.len() - newest);
    out.learn = lessons;
    out
}

/// The samples that a lesson makes.
#[must_use]
pub fn samples(lesson: &Lesson, seed: u64) -> Vec<Sample> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ lesson.failure.unsigned_abs());
    let often = (1.0 + (lesson.times.max(1) as f32).ln()).min(MOST_TIMES);
    // Where no line speaks there is no fingerprint: then each failure is one of its own, or all would fall into one fold.
    let own = || format!("failure {}", lesson.failure);
    let tool = format!("{TOOL}{}", lesson.fingerprint.clone().unwrap_or_else(own));
    let mut sample = |(muted, weight): (Option<f64>, f32)| {
        let muted = muted.map(|share| mute("", share, &mut rng));
        let teaching = Teaching {
            label: lesson.label,
            tool: tool.clone(),
            weight: WEIGHT * often * weight,
            tells: true,
        };
        Sample::read(lesson.job.clone(), lesson.log.as_deref(), muted.as_deref(), teaching)
    };
    VIEWS.into_iter().map(&mut sample).collect()
}

/// Whether a sample came from a person and not from the corpus.
#[must_use]
pub fn is_lesson(sample: &Sample) -> bool {
    sample.tool.starts_with(TOOL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::EventSource;

    fn lesson(failure: i64, fingerprint: &str, label: FailureClass) -> Lesson {
        Lesson {
            failure,
            at: Timestamp::from_second(failure).expect("a second"),
            author: "ada".into(),
            fingerprint: (!fingerprint.is_empty()).then(|| fingerprint.to_owned()),
            job: FailedJob::unknown(EventSource::Api, Timestamp::UNIX_EPOCH),
            log: Some(b"error: it broke\n".to_vec()),
            label,
            times: 1,
        }
    }

    #[test]
    fn one_fingerprint_is_one_lesson_with_the_latest_word() {
        use FailureClass::{Build, Test};
        let lessons = prepare(vec![
            lesson(1, "f1:a", Build),
            lesson(2, "f1:a", Test),
            lesson(3, "f1:a", Test),
            lesson(4, "", Build),
        ]);
        assert_eq!((lessons.doubles, lessons.contradicted), (1, 1));
        assert_eq!(lessons.learn.len() + lessons.test.len(), 2);
        assert_eq!((lessons.learn[0].label, lessons.learn[0].times), (Test, 2));
    }

    #[test]
    fn the_newest_quarter_is_held_back() {
        let all = (1..=20).map(|id| lesson(id, &format!("f1:{id}"), FailureClass::Build));
        let lessons = prepare(all.collect());
        assert_eq!(
            lessons.test.iter().map(|one| one.failure).collect::<Vec<_>>(),
            [16, 17, 18, 19, 20]
        );
        assert_eq!(lessons.learn.len(), 15);
    }

    #[test]
    fn failures_in_which_no_line_speaks_are_tools_of_their_own() {
        let tool = |failure| samples(&lesson(failure, "", FailureClass::Build), 7)[0].tool.clone();
        assert_ne!(tool(1), tool(2));
    }

    #[test]
    fn what_is_said_often_weighs_more_and_not_without_bound() {
        let weight = |times| {
            samples(
                &Lesson {
                    times,
                    ..lesson(1, "f1:a", FailureClass::Build)
                },
                7,
            )[0]
            .weight
        };
        assert!(weight(1) < weight(3) && weight(3) < weight(100) && weight(100) == weight(1_000_000));
    }
}
