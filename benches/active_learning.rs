//! How fast labels pay, by their number, chosen by the queue (`n` in the terminal) or at random: macro-F1 on failures of
//! sources that nobody has labelled, and the share of all events in the labelled traffic that is answered rightly.
//!
//! `cargo bench --bench active_learning` prints the figures and writes `assets/pictures/active-learning.svg`.
//!
//! Sources are split, a tool's records always together: a model of the first part judges traffic of the second, in which
//! some failures come often and most seldom; people label failures of it, a challenger learns from corpus and labels, and is
//! tested on the third part, of which nobody has ever labelled anything. In the traffic itself a label answers every later
//! failure of its group; the others are answered by the challenger.

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
use sentinel::training::evaluate::{Figures, Row};
use sentinel::training::fit::{TrainSettings, retrain};
use sentinel::training::lesson::Lesson;
use sentinel::training::trial;

/// Where a challenger is made.
const LABELS: [usize; 5] = [0, 50, 100, 200, 400];

/// Runs of each way, over which the mean is taken; each splits the sources anew.
const RUNS: u64 = 3;

/// What the split into parts depends on, beside the run.
const SPLIT: u64 = 1_000_000;

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

/// What is measured after each number of labels.
#[derive(Debug, Clone, Copy)]
struct Point {
    /// Macro-F1 on the part that nobody labels.
    elsewhere: f64,
    /// Share of the events in the traffic that are answered rightly.
    served: f64,
}

/// The figures of one way: of each run after each number of labels.
struct Curve {
    way: Way,
    runs: Vec<Vec<Point>>,
}

impl Curve {
    fn of(&self, at: usize, figure: impl Fn(&Point) -> f64) -> impl Iterator<Item = f64> {
        self.runs.iter().map(move |run| figure(&run[at]))
    }

    fn mean(&self, at: usize, figure: impl Fn(&Point) -> f64) -> f64 {
        self.of(at, figure).sum::<f64>() / self.runs.len() as f64
    }
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
        let curve = Curve { way, runs };
        for (at, labels) in LABELS.iter().enumerate() {
            println!(
                "{way:?} {labels:>4} labels: macro-F1 {:.3} on sources that nobody has labelled, {:.3} of events right",
                curve.mean(at, |point| point.elsewhere),
                curve.mean(at, |point| point.served)
            );
        }
        curves.push(curve);
    }
    fs::create_dir_all("assets/pictures")?;
    fs::write("assets/pictures/active-learning.svg", picture(&curves))?;
    Ok(())
}

impl Split {
    fn new(corpus: &Corpus, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        // Drawn apart from the folds of the training within a part: of one draw, a part would be a single fold.
        let part = |record: &Record| fold_of(&record.tool, PARTS, SPLIT + seed);
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

/// What is measured after each number of labels.
fn curve(split: &Split, way: Way, seed: u64) -> Result<Vec<Point>> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let traffic = &split.traffic;
    let mut model = split.model(&[])?;
    let mut answers = trial::ask(&model, &traffic.samples)?;
    let mut labelled: Vec<usize> = Vec::new();
    let mut out = Vec::new();
    for count in LABELS {
        let more = count - labelled.len();
        if more > 0 {
            let chosen = match way {
                Way::Queue => by_the_queue(traffic, &answers, &labelled, more),
                Way::Random => at_random(traffic, &labelled, more, &mut rng),
            };
            labelled.extend(chosen);
            model = split.model(&labelled)?;
            answers = trial::ask(&model, &traffic.samples)?;
        }
        out.push(Point {
            elsewhere: Figures::of(&trial::ask(&model, &split.test)?).macro_f1,
            served: served(traffic, &answers, &labelled),
        });
    }
    Ok(out)
}

/// The share of events in the traffic that are answered rightly: those of a labelled group as its label says.
fn served(traffic: &Traffic, answers: &[Row], labelled: &[usize]) -> f64 {
    let (mut right, mut all) = (0, 0);
    for (at, (answer, size)) in answers.iter().zip(&traffic.sizes).enumerate() {
        all += size;
        if labelled.contains(&at) || answer.said() == answer.label {
            right += size;
        }
    }
    right as f64 / all as f64
}

/// The most useful ones, as the terminal ranks them: uncertain ones first, by worth.
fn by_the_queue(traffic: &Traffic, answers: &[Row], labelled: &[usize], count: usize) -> Vec<usize> {
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
    places
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

/// The size of a panel of the picture, and the margins of what is drawn in it.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 60.0;

/// Both figures as SVG, a panel each.
fn picture(curves: &[Curve]) -> String {
    let width = 2.0 * WIDTH;
    let elsewhere = panel(curves, "Macro-F1 on sources that nobody has labelled", |point| {
        point.elsewhere
    });
    let served = panel(curves, "Share of all events that are answered rightly", |point| {
        point.served
    });
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{width}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <g>\n{served}</g>\n<g transform=\"translate({WIDTH} 0)\">\n{elsewhere}</g>\n</svg>\n"
    )
}

/// A line a way, and the range of its runs behind it. Labels stand at equal distances.
fn panel(curves: &[Curve], title: &str, figure: impl Fn(&Point) -> f64 + Copy) -> String {
    let all = || {
        let places = || 0..LABELS.len();
        curves
            .iter()
            .flat_map(move |curve| places().flat_map(move |at| curve.of(at, figure)))
    };
    let low = (all().fold(1.0, f64::min) * 20.0).floor() / 20.0;
    let high = (all().fold(0.0, f64::max) * 20.0).ceil() / 20.0;
    let x = |at: usize| LEFT + at as f64 * (WIDTH - LEFT - RIGHT) / (LABELS.len() - 1) as f64;
    let y = |value: f64| HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
    let mut svg = String::new();
    let mut draw = |what: String| {
        // Writing to memory does not fail.
        writeln!(svg, "{what}").ok();
    };
    draw(text(WIDTH / 2.0, 24.0, "middle", "black", title));
    let axis = format!("labels (not to scale); mean and range of {RUNS} runs");
    draw(text(WIDTH / 2.0, HEIGHT - 14.0, "middle", "black", &axis));
    let grid = (0_i32..=20).map(|step| f64::from(step) / 20.0);
    for value in grid.filter(|value| (low - 1e-9..high + 1e-9).contains(value)) {
        let (y, end) = (y(value), WIDTH - RIGHT);
        draw(format!("<path d=\"M{LEFT} {y:.1}H{end}\" stroke=\"#ddd\"/>"));
        draw(text(LEFT - 8.0, y + 4.0, "end", "black", &format!("{value:.2}")));
    }
    for (at, labels) in LABELS.iter().enumerate() {
        let below = HEIGHT - BOTTOM + 20.0;
        draw(text(x(at), below, "middle", "black", &labels.to_string()));
    }
    for (place, curve) in curves.iter().enumerate() {
        let (color, name) = match curve.way {
            Way::Queue => ("#0b6", "the queue: uncertainty x group size"),
            Way::Random => ("#888", "at random"),
        };
        let least = |at: usize| format!("{:.1},{:.1}", x(at), y(curve.of(at, figure).fold(1.0, f64::min)));
        let most = |at: usize| format!("{:.1},{:.1}", x(at), y(curve.of(at, figure).fold(0.0, f64::max)));
        let range: Vec<String> = (0..LABELS.len())
            .map(most)
            .chain((0..LABELS.len()).rev().map(least))
            .collect();
        draw(format!(
            "<polygon points=\"{}\" fill=\"{color}\" opacity=\"0.15\"/>",
            range.join(" ")
        ));
        let line: Vec<String> = (0..LABELS.len())
            .map(|at| format!("{:.1},{:.1}", x(at), y(curve.mean(at, figure))))
            .collect();
        draw(format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.5\"/>",
            line.join(" ")
        ));
        let below = HEIGHT - BOTTOM - 30.0 + 18.0 * place as f64;
        draw(text(WIDTH - RIGHT - 8.0, below, "end", color, name));
    }
    svg
}

fn text(x: f64, y: f64, anchor: &str, color: &str, words: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{color}\">{words}</text>")
}
