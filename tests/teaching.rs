//! What people teach is learned, and what is worse does not go live: challengers fitted and judged by the gate, on a part of
//! the corpus that is small enough for a test.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test ends where something is not as it says, and prints what it measured"
)]

use std::ops::ControlFlow;
use std::sync::LazyLock;

use jiff::Timestamp;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use sentinel::bundle::Bundle;
use sentinel::class::FailureClass;
use sentinel::ingest::{EventSource, FailedJob};
use sentinel::training::challenge::{Challenge, challenge};
use sentinel::training::corpus::Corpus;
use sentinel::training::dataset::{Sample, fold_of};
use sentinel::training::evaluate::Figures;
use sentinel::training::fit::{TrainSettings, train};
use sentinel::training::frozen::set_aside;
use sentinel::training::gate::{GateDecision, Outcome};
use sentinel::training::lesson::Lesson;
use sentinel::training::trial;

/// Every so many tools of the corpus are enough.
const ONE_TOOL_IN: usize = 6;

/// The tool's classes and its own words for each; nothing of it is in the corpus.
const DIALECT: [(FailureClass, [&str; 4]); 3] = [
    (
        FailureClass::Security,
        ["wardens object", "covenant breached", "seal broken", "oath violated"],
    ),
    (
        FailureClass::Deployment,
        [
            "herald turned away",
            "banner not raised",
            "gatehouse shut",
            "procession halted",
        ],
    ),
    (
        FailureClass::Resource,
        ["granary empty", "stables overfull", "lamps without oil", "cistern dry"],
    ),
];

fn settings() -> TrainSettings {
    TrainSettings {
        rounds: 30,
        folds: 2,
        version: "v2".into(),
        ..TrainSettings::default()
    }
}

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
    let mut corpus = Corpus::shipped().expect("the corpus");
    let frozen: Vec<String> = set_aside(&corpus).1.into_iter().map(|record| record.tool).collect();
    corpus
        .failures
        .retain(|record| frozen.contains(&record.tool) || fold_of(&record.tool, ONE_TOOL_IN, 3) == 0);
    corpus
});

static CHAMPION: LazyLock<Bundle> = LazyLock::new(|| {
    let settings = TrainSettings {
        version: "v1".into(),
        ..settings()
    };
    train(&CORPUS, &settings, &mut |_| ControlFlow::Continue(())).expect("a model")
});

/// A failure of the tool: its dialect, and words of its own.
fn log_of(number: usize) -> (FailureClass, Vec<u8>) {
    let mut rng = Pcg64Mcg::seed_from_u64(number as u64);
    let (class, phrases) = DIALECT[number % DIALECT.len()];
    let mut word = || -> String {
        (0..4)
            .map(|_| ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu"][rng.random_range(0..10)])
            .collect()
    };
    let (one, two, three, four) = (word(), word(), word(), word());
    let phrase = phrases[rng.random_range(0..phrases.len())];
    let text = format!("castellan: {one} {two}\nerror: castellan {phrase}: {three} {four}\ncastellan: {one} ends\n");
    (class, text.into_bytes())
}

fn job() -> FailedJob {
    FailedJob::unknown(EventSource::Api, Timestamp::UNIX_EPOCH)
}

fn lesson(number: usize, author: usize) -> Lesson {
    let (label, log) = log_of(number);
    Lesson {
        failure: i64::try_from(number).unwrap() + 1,
        at: Timestamp::from_second(i64::try_from(number).unwrap() * 60).unwrap(),
        author: format!("author {author}"),
        fingerprint: Some(format!("f1:{number}")),
        job: job(),
        log: Some(log),
        label,
        times: 1,
    }
}

/// A hundred corrections by four people, others for each seed.
fn hundred(seed: usize) -> Vec<Lesson> {
    (0..100)
        .map(|number| lesson(10_000 * seed + number, number / 3 % 4))
        .collect()
}

/// Logs of the tool that nobody has corrected.
fn held_out() -> Vec<Sample> {
    (1_000..1_090)
        .map(|number| trial::of_lesson(&lesson(number, 0)))
        .collect()
}

/// Records that no model was fitted on, in another composition than the gate's.
fn others() -> Vec<Sample> {
    trial::of_records(&set_aside(&CORPUS).1, &CORPUS, 77)
}

fn macro_f1(bundle: &Bundle, samples: &[Sample]) -> f64 {
    Figures::of(&trial::ask(bundle, samples).expect("answers")).macro_f1
}

fn challenged(lessons: Vec<Lesson>) -> (Bundle, GateDecision) {
    let asked = Challenge {
        at: Timestamp::UNIX_EPOCH,
        corpus: &CORPUS,
        lessons,
        live: Vec::new(),
        settings: settings(),
    };
    challenge(&CHAMPION, asked, &mut |_| ControlFlow::Continue(())).expect("a decision")
}

#[test]
fn a_hundred_corrections_of_a_new_tool_are_learned_cost_the_others_nothing_and_go_live() {
    let (challenger, decision) = challenged(hundred(0));
    let (before, after) = (macro_f1(&CHAMPION, &held_out()), macro_f1(&challenger, &held_out()));
    let (others_before, others_after) = (macro_f1(&CHAMPION, &others()), macro_f1(&challenger, &others()));
    eprintln!(
        "new tool: macro-F1 {before:.3} -> {after:.3}; others: {others_before:.3} -> {others_after:.3}; {:?}; {:?}",
        decision.reasons, decision.features
    );
    assert!(after - before >= 0.20, "{before} -> {after}");
    assert!(
        others_before - others_after <= 0.01,
        "{others_before} -> {others_after}"
    );
    assert_eq!(decision.outcome, Outcome::Promote, "{:?}", decision.reasons);
}

/// One label in ten says something else.
fn hostile(mut lessons: Vec<Lesson>, seed: u64) -> Vec<Lesson> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    for lesson in &mut lessons {
        if rng.random_bool(0.1) {
            let other = (lesson.label.index() + rng.random_range(1..10)) % 10;
            lesson.label = FailureClass::ALL[other];
        }
    }
    lessons
}

/// All classes of one author are exchanged for others.
fn permuted(mut lessons: Vec<Lesson>, seed: u64) -> Vec<Lesson> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let (author, by) = (format!("author {}", rng.random_range(0..4)), rng.random_range(1..10));
    for lesson in lessons.iter_mut().filter(|lesson| lesson.author == author) {
        lesson.label = FailureClass::ALL[(lesson.label.index() + by) % 10];
    }
    lessons
}

/// Nothing is spoiled: for how often what is right goes live.
fn honest(lessons: Vec<Lesson>, _seed: u64) -> Vec<Lesson> {
    lessons
}

/// Answers with how many challengers went live.
fn runs(name: &str, count: u64, spoil: fn(Vec<Lesson>, u64) -> Vec<Lesson>) -> u64 {
    let clean: Vec<Sample> = held_out().into_iter().chain(others()).collect();
    let before = macro_f1(&CHAMPION, &clean);
    let (mut promoted, mut worse, mut least) = (0, 0, f64::INFINITY);
    for seed in 1..=count {
        let lessons = hundred(usize::try_from(seed).unwrap());
        let (challenger, decision) = challenged(spoil(lessons, seed));
        let gain = macro_f1(&challenger, &clean) - before;
        let frozen = &decision.frozen;
        let moved = frozen.challenger_f1.unwrap() - frozen.champion_f1.unwrap();
        eprintln!("{name} {seed}: {gain:+.3}, others {moved:+.3}, {:?}", decision.reasons);
        if decision.outcome == Outcome::Promote {
            promoted += 1;
            least = least.min(gain);
            worse += u32::from(gain < 0.0);
        }
    }
    eprintln!("{name}: {count} runs, {promoted} promoted, {worse} of them worse on clean data, least gain {least:+.3}");
    assert_eq!(worse, 0, "{name}");
    promoted
}

#[test]
fn with_hostile_labels_nothing_worse_goes_live() {
    runs("10 % hostile labels", 2, hostile);
    runs("one author permuted", 2, permuted);
}

#[test]
#[ignore = "takes minutes; the figures of the README come from it"]
fn what_is_right_goes_live_in_most_of_many_runs() {
    assert!(runs("honest labels", 20, honest) >= 16);
}

#[test]
#[ignore = "takes minutes; the figures of the README come from it"]
fn with_hostile_labels_nothing_worse_goes_live_in_many_runs() {
    runs("10 % hostile labels", 50, hostile);
    runs("one author permuted", 50, permuted);
}
