//! How fast labels pay: F1 against the number of labels, chosen by the queue (`n` in the terminal) or at random.
//!
//! `cargo bench --bench active_learning` prints the figures and writes `assets/pictures/active-learning.svg`.
//!
//! Sources are split, a tool's records always together: a model of the first part judges traffic of the second, in which
//! some failures come often and most seldom; people label failures of it, a challenger learns from corpus and labels, and is
//! tested on the third part, of which nobody has ever labelled anything.

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::fmt::Write as _;
use std::fs;
use std::ops::ControlFlow;

use anyhow::Result;
use jiff::Timestamp;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use sentinel::bundle::Bundle;
use sentinel::correction::worth;
use sentinel::training::compose::{Form, compose};
use sentinel::training::corpus::{Corpus, Record};
use sentinel::training::dataset::{Sample, fold_of};
use sentinel::training::evaluate::Figures;
use sentinel::training::fit::{TrainSettings, retrain};
use sentinel::training::lesson::Lesson;
use sentinel::training::trial;

/// Where a challenger is made.
const LABELS: [usize; 5] = [0, 50, 100, 200, 400];

/// Runs of each way, over which the mean is taken; each splits the sources anew.
const RUNS: u64 = 2;

/// Parts of the sources: one is known, one is for testing, the rest is traffic.
const PARTS: usize = 4;

/// The largest group of failures that come the same way.
const LARGEST_GROUP: f64 = 50.0;

/// How failures are chosen for labelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Queue,
    Random,
}

/// The figures of one way.
struct Curve {
    way: Way,
    /// Macro-F1 of each run after each number of labels.
    runs: Vec<Vec<f64>>,
    mean: Vec<f64>,
}

/// The failures that people see and may label.
struct Traffic {
    lessons: Vec<Lesson>,
    samples: Vec<Sample>,
    /// How many failed the same way.
    sizes: Vec<usize>,
}

/// One split of the sources.
struct Split {
    known: Corpus,
    traffic: Traffic,
    test: Vec<Sample>,
    settings: TrainSettings,
}

fn main() -> Result<()> {
    let corpus = Corpus::shipped()?;
    let mut curves = Vec::new();
    for way in [Way::Queue, Way::Random] {
        let runs = (1..=RUNS).map(|seed| curve(&Split::new(&corpus, seed), way, seed));
        let runs = runs.collect::<Result<Vec<_>>>()?;
        let mean: Vec<f64> = (0..LABELS.len())
            .map(|at| runs.iter().map(|run| run[at]).sum::<f64>() / runs.len() as f64)
            .collect();
        for (labels, f1) in LABELS.iter().zip(&mean) {
            println!("{way:?} {labels:>4} labels: macro-F1 {f1:.3} on sources that nobody has labelled");
        }
        curves.push(Curve { way, runs, mean });
    }
    fs::create_dir_all("assets/pictures")?;
    fs::write("assets/pictures/active-learning.svg", picture(&curves))?;
    Ok(())
}

impl Split {
    fn new(corpus: &Corpus, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let part = |record: &Record| fold_of(&record.tool, PARTS, seed);
        let of = |wanted: &dyn Fn(usize) -> bool| {
            let records = corpus.failures.iter().filter(|record| wanted(part(record)));
            records.cloned().collect::<Vec<Record>>()
        };
        let traffic = of(&|part| part >= 2);
        let lessons: Vec<Lesson> = (1..)
            .zip(&traffic)
            .filter_map(|(number, record)| lesson(number, record, corpus, &mut rng))
            .collect();
        Self {
            known: Corpus {
                failures: of(&|part| part == 0),
                ..corpus.clone()
            },
            test: trial::of_records(&of(&|part| part == 1), corpus, seed),
            traffic: Traffic {
                samples: lessons.iter().map(trial::of_lesson).collect(),
                // Few fail often: the size of a group falls with its rank, as words and visitors do (Zipf, 1949).
                sizes: lessons.iter().map(|_| group_size(&mut rng)).collect(),
                lessons,
            },
            settings: TrainSettings {
                seed,
                rounds: 30,
                folds: 2,
                ..TrainSettings::default()
            },
        }
    }

    fn model(&self, labelled: &[usize]) -> Result<Bundle> {
        let lessons: Vec<Lesson> = labelled.iter().map(|&at| self.traffic.lessons[at].clone()).collect();
        Ok(retrain(&self.known, &lessons, &self.settings, &mut |_| {
            ControlFlow::Continue(())
        })?)
    }
}

#[expect(clippy::cast_sign_loss, reason = "the quotient is at least 1")]
fn group_size(rng: &mut Pcg64Mcg) -> usize {
    (1.0 / rng.random_range(1.0 / LARGEST_GROUP..1.0)) as usize
}

fn lesson(number: i64, record: &Record, corpus: &Corpus, rng: &mut Pcg64Mcg) -> Option<Lesson> {
    let label = record.class?;
    let form = Form::WHOLE[rng.random_range(0..Form::WHOLE.len())];
    let composed = compose(record, label, corpus, form, rng.random());
    Some(Lesson {
        failure: number,
        at: Timestamp::from_second(number).ok()?,
        author: "a person".into(),
        fingerprint: Some(format!("group {number}")),
        job: composed.job,
        log: composed.log,
        label,
        times: 1,
    })
}

/// Macro-F1 on the third part of the sources after each number of labels.
fn curve(split: &Split, way: Way, seed: u64) -> Result<Vec<f64>> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut model = split.model(&[])?;
    let mut labelled: Vec<usize> = Vec::new();
    let mut out = Vec::new();
    for count in LABELS {
        let more = count - labelled.len();
        if more > 0 {
            let chosen = match way {
                Way::Queue => by_the_queue(split, &model, &labelled, more)?,
                Way::Random => at_random(&split.traffic, &labelled, more, &mut rng),
            };
            labelled.extend(chosen);
            model = split.model(&labelled)?;
        }
        out.push(Figures::of(&trial::ask(&model, &split.test)?).macro_f1);
    }
    Ok(out)
}

/// The most useful ones, as the terminal ranks them: uncertain ones first, by worth.
fn by_the_queue(split: &Split, model: &Bundle, labelled: &[usize], count: usize) -> Result<Vec<usize>> {
    let traffic = &split.traffic;
    let answers = trial::ask(model, &traffic.samples)?;
    let worth = |at: usize| {
        let sure = answers[at].probabilities.iter().copied().fold(0.0, f64::max);
        (answers[at].uncertain, worth(sure, traffic.sizes[at]))
    };
    let mut places: Vec<usize> = (0..traffic.samples.len())
        .filter(|place| !labelled.contains(place))
        .collect();
    places.sort_by(|one, other| {
        let ((sure, one), (other_sure, other)) = (worth(*one), worth(*other));
        other_sure.cmp(&sure).then(other.total_cmp(&one))
    });
    places.truncate(count);
    Ok(places)
}

/// Whatever failure comes next: large groups come often. One label answers a whole group.
fn at_random(traffic: &Traffic, labelled: &[usize], count: usize, rng: &mut Pcg64Mcg) -> Vec<usize> {
    let events = traffic.sizes.iter().enumerate();
    let mut events: Vec<usize> = events
        .flat_map(|(place, size)| std::iter::repeat_n(place, *size))
        .filter(|place| !labelled.contains(place))
        .collect();
    let mut chosen = Vec::new();
    while chosen.len() < count && !events.is_empty() {
        let place = events[rng.random_range(0..events.len())];
        events.retain(|other| *other != place);
        chosen.push(place);
    }
    chosen
}

/// The size of the picture, and the margins of what is drawn in it.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 60.0;

/// The curves as SVG: a line a way, and the range of its runs behind it. Labels stand at equal distances.
fn picture(curves: &[Curve]) -> String {
    let all = || curves.iter().flat_map(|curve| curve.runs.iter().flatten().copied());
    let low = (all().fold(1.0, f64::min) * 20.0).floor() / 20.0;
    let high = (all().fold(0.0, f64::max) * 20.0).ceil() / 20.0;
    let x = |at: usize| LEFT + at as f64 * (WIDTH - LEFT - RIGHT) / (LABELS.len() - 1) as f64;
    let y = |f1: f64| HEIGHT - BOTTOM - (f1 - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    let mut draw = |what: String| {
        // Writing to memory does not fail.
        writeln!(svg, "{what}").ok();
    };
    draw(text(
        WIDTH / 2.0,
        24.0,
        "middle",
        "black",
        &format!("Macro-F1 on sources that nobody has labelled: mean and range of {RUNS} runs"),
    ));
    let axis = "labels that a challenger has learned from (not to scale)";
    draw(text(WIDTH / 2.0, HEIGHT - 14.0, "middle", "black", axis));
    let grid = (0_i32..=20).map(|step| f64::from(step) / 20.0);
    for f1 in grid.filter(|f1| (low - 1e-9..high + 1e-9).contains(f1)) {
        let (y, end) = (y(f1), WIDTH - RIGHT);
        draw(format!("<path d=\"M{LEFT} {y:.1}H{end}\" stroke=\"#ddd\"/>"));
        draw(text(LEFT - 8.0, y + 4.0, "end", "black", &format!("{f1:.2}")));
    }
    for (at, labels) in LABELS.iter().enumerate() {
        draw(text(
            x(at),
            HEIGHT - BOTTOM + 20.0,
            "middle",
            "black",
            &labels.to_string(),
        ));
    }
    for (place, Curve { way, runs, mean }) in curves.iter().enumerate() {
        let (color, name) = match way {
            Way::Queue => ("#0b6", "the queue: uncertainty x group size"),
            Way::Random => ("#888", "at random"),
        };
        let edge = |at: usize, most: bool| {
            let values = runs.iter().map(|run| run[at]);
            let f1 = if most {
                values.fold(0.0, f64::max)
            } else {
                values.fold(1.0, f64::min)
            };
            format!("{:.1},{:.1}", x(at), y(f1))
        };
        let up = (0..LABELS.len()).map(|at| edge(at, true));
        let range: Vec<String> = up.chain((0..LABELS.len()).rev().map(|at| edge(at, false))).collect();
        draw(format!(
            "<polygon points=\"{}\" fill=\"{color}\" opacity=\"0.15\"/>",
            range.join(" ")
        ));
        let line: Vec<String> = mean
            .iter()
            .enumerate()
            .map(|(at, f1)| format!("{:.1},{:.1}", x(at), y(*f1)))
            .collect();
        draw(format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.5\"/>",
            line.join(" ")
        ));
        let below = HEIGHT - BOTTOM - 30.0 + 18.0 * place as f64;
        draw(text(WIDTH - RIGHT - 8.0, below, "end", color, name));
    }
    svg + "</svg>\n"
}

fn text(x: f64, y: f64, anchor: &str, color: &str, words: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{color}\">{words}</text>")
}
