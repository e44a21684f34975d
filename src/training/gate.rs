//! Champion or challenger: nothing worse goes live.
//!
//! Both are asked about the same failures: records that no model was fitted on, and the newest corrections, which were held
//! back. The test is a paired bootstrap on macro-F1 (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993; for
//! comparing classifiers: Koehn, "Statistical Significance Tests for Machine Translation Evaluation", EMNLP 2004). What is
//! drawn are whole tools, since rows of one tool stand or fall together. The challenger must win beyond chance: a tie keeps
//! the champion.

use jiff::Timestamp;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dataset::Sample;
use super::evaluate::{Figures, Row};
use super::leaning::FeatureChange;
use super::repetition::Repetition;
use crate::class::FailureClass;

/// Draws of the bootstrap.
const DRAWS: usize = 2_000;

/// The one-sided level at which the challenger must win.
const ALPHA: f64 = 1.0 / ONE_IN as f64;
const ONE_IN: usize = 20;

/// So much macro-F1 a challenger may lose on what was set aside: what people teach may cost this much elsewhere.
const MAX_LOSS: f64 = 0.01;

/// So much recall a challenger may lose in one class ...
const MAX_RECALL_LOSS: f64 = 0.05;

/// ... that has at least so many tests.
const MIN_SUPPORT: usize = 10;

/// A calibration error up to here is fine whatever the champion's is.
const FINE_CALIBRATION: f64 = 0.06;

/// Beyond that a challenger may be so much worse than the champion.
const MAX_CALIBRATION_LOSS: f64 = 0.02;

/// Two models that agree on less than this share of live events differ by more than a few corrections explain.
const MIN_AGREEMENT: f64 = 0.7;

/// With fewer live events agreement says nothing.
const MIN_SHADOW: usize = 20;

/// What the gate decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "GateOutcome")]
pub enum Outcome {
    /// The challenger goes live.
    Promote,
    /// The champion stays.
    Keep,
}

/// Both models on the same failures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Failures.
    pub count: usize,
    /// Different tools or fingerprints among them.
    pub clusters: usize,
    /// Macro-F1 of the champion; `null` of no failures.
    pub champion_f1: Option<f64>,
    /// Macro-F1 of the challenger; `null` of no failures.
    pub challenger_f1: Option<f64>,
    /// Calibration error of the champion.
    pub champion_calibration: f64,
    /// Calibration error of the challenger.
    pub challenger_calibration: f64,
    /// Failures on which only the challenger is right.
    pub gained: usize,
    /// Failures on which only the champion is right.
    pub lost: usize,
}

/// One class under both models, over all failures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClassChange {
    /// Which.
    pub class: FailureClass,
    /// How many failures are so.
    pub support: usize,
    /// Recall of the champion.
    pub champion_recall: f64,
    /// Recall of the challenger.
    pub challenger_recall: f64,
    /// F1 of the champion.
    pub champion_f1: f64,
    /// F1 of the challenger.
    pub challenger_f1: f64,
}

/// The paired bootstrap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairedTest {
    /// Macro-F1 of the challenger less the champion's, over all failures.
    pub difference: f64,
    /// The middle 90 % of the draws: the lower end is that of the one-sided test.
    pub interval: [f64; 2],
    /// Share of draws in which the challenger is no better.
    pub p_value: f64,
    /// Draws.
    pub draws: usize,
}

/// What the challenger learned from people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Learned {
    /// Lessons it was fitted on.
    pub lessons: usize,
    /// Lessons that were held back for the test.
    pub held_back: usize,
    /// Words that repeated another one.
    pub doubles: usize,
    /// Words that a later one contradicts.
    pub contradicted: usize,
}

/// Both models on the last live events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shadow {
    /// Events.
    pub events: usize,
    /// Those on which both say the same.
    pub same: usize,
}

/// The decision, with every figure and reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateDecision {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What.
    pub outcome: Outcome,
    /// The live model.
    pub champion: String,
    /// The one that would replace it.
    pub challenger: String,
    /// Why, a sentence each: all that spoke against it, or what speaks for it.
    pub reasons: Vec<String>,
    /// On the records that were set aside.
    pub frozen: Comparison,
    /// On the corrections that were held back.
    pub fresh: Comparison,
    /// Over both.
    pub test: PairedTest,
    /// By class, over both.
    pub classes: Vec<ClassChange>,
    /// On which inputs the challenger leans more or less.
    #[serde(default)]
    pub features: Vec<FeatureChange>,
    /// Where the tests come from.
    pub lineage: Repetition,
    /// What was learned.
    pub learned: Learned,
    /// On live events.
    pub shadow: Shadow,
}

/// Failures and what both models say of them.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// What rows stand or fall with, one a row: the name of a tool, or a fingerprint.
    pub clusters: Vec<String>,
    /// The champion's.
    pub champion: Vec<Row>,
    /// The challenger's.
    pub challenger: Vec<Row>,
}

impl Answers {
    /// The answers about these samples.
    #[must_use]
    pub fn about(samples: &[Sample], champion: Vec<Row>, challenger: Vec<Row>) -> Self {
        Self {
            clusters: samples.iter().map(|sample| sample.tool.clone()).collect(),
            champion,
            challenger,
        }
    }

    fn joined(&self, other: &Self) -> Self {
        let both = |one: &[Row], two: &[Row]| one.iter().chain(two).copied().collect();
        Self {
            clusters: self.clusters.iter().chain(&other.clusters).cloned().collect(),
            champion: both(&self.champion, &other.champion),
            challenger: both(&self.challenger, &other.challenger),
        }
    }

    fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
        for (index, cluster) in self.clusters.iter().enumerate() {
            groups.entry(cluster).or_default().push(index);
        }
        groups.into_values().collect()
    }
}

/// What the gate is told.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// When.
    pub at: Timestamp,
    /// The live version.
    pub champion: String,
    /// The version that would replace it.
    pub challenger: String,
    /// On the records that were set aside.
    pub frozen: Answers,
    /// On the corrections that were held back.
    pub fresh: Answers,
    /// On which inputs the challenger leans more or less.
    pub features: Vec<FeatureChange>,
    /// Where the tests come from.
    pub lineage: Repetition,
    /// What was learned.
    pub learned: Learned,
    /// On live events.
    pub shadow: Shadow,
    /// The seed of the draws.
    pub seed: u64,
}

/// Decides. The same case is decided the same way.
#[must_use]
pub fn decide(case: &Case) -> GateDecision {
    let joint = case.frozen.joined(&case.fresh);
    let test = bootstrap(&joint, case.seed);
    let (frozen, fresh) = (compare(&case.frozen), compare(&case.fresh));
    let classes = by_class(&joint);
    let mut against = Vec::new();
    against.extend(no_better(&test));
    against.extend(loses_elsewhere(&frozen));
    // On what was set aside alone: what corrections gain in a class must not hide what the class loses elsewhere.
    against.extend(by_class(&case.frozen).iter().filter_map(loses_a_class));
    against.extend(overconfident(&compare(&joint)));
    against.extend(differs_live(case.shadow));
    let outcome = if against.is_empty() {
        Outcome::Promote
    } else {
        Outcome::Keep
    };
    let reasons = if against.is_empty() {
        vec![better(&test)]
    } else {
        against
    };
    GateDecision {
        at: case.at,
        outcome,
        champion: case.champion.clone(),
        challenger: case.challenger.clone(),
        reasons,
        frozen,
        fresh,
        test,
        classes,
        features: case.features.clone(),
        lineage: case.lineage,
        learned: case.learned,
        shadow: case.shadow,
    }
}

fn better(test: &PairedTest) -> String {
    format!(
        "macro-F1 rises by {:.3} (90 % of draws within {:.3} to {:.3}), and nothing speaks against it",
        test.difference, test.interval[0], test.interval[1]
    )
}

fn no_better(test: &PairedTest) -> Option<String> {
    (test.draws == 0 || test.interval[0] <= 0.0).then(|| {
        format!(
            "not better beyond chance: macro-F1 changes by {:+.3}, and {:.1} % of draws show no gain (at most {:.0} % may)",
            test.difference,
            100.0 * test.p_value,
            100.0 * ALPHA
        )
    })
}

fn loses_elsewhere(frozen: &Comparison) -> Option<String> {
    let loss = frozen.champion_f1? - frozen.challenger_f1?;
    (loss > MAX_LOSS).then(|| {
        format!(
            "loses {loss:.3} macro-F1 on the {} logs set aside (at most {MAX_LOSS} may be lost)",
            frozen.count
        )
    })
}

fn loses_a_class(change: &ClassChange) -> Option<String> {
    let loss = change.champion_recall - change.challenger_recall;
    (change.support >= MIN_SUPPORT && loss > MAX_RECALL_LOSS).then(|| {
        format!(
            "finds fewer of class {}: recall {:.3} after {:.3} on {} tests (at most {MAX_RECALL_LOSS} may be lost)",
            change.class, change.challenger_recall, change.champion_recall, change.support
        )
    })
}

fn overconfident(joint: &Comparison) -> Option<String> {
    let worst = FINE_CALIBRATION.max(joint.champion_calibration + MAX_CALIBRATION_LOSS);
    (joint.challenger_calibration > worst).then(|| {
        format!(
            "knows less how sure it may be: calibration error {:.3} after {:.3} (at most {worst:.3})",
            joint.challenger_calibration, joint.champion_calibration
        )
    })
}

fn differs_live(shadow: Shadow) -> Option<String> {
    let share = shadow.same as f64 / shadow.events.max(1) as f64;
    (shadow.events >= MIN_SHADOW && share < MIN_AGREEMENT).then(|| {
        format!(
            "says something else on {:.0} % of the last {} live events (at most {:.0} %)",
            100.0 * (1.0 - share),
            shadow.events,
            100.0 * (1.0 - MIN_AGREEMENT)
        )
    })
}

fn compare(answers: &Answers) -> Comparison {
    let (champion, challenger) = (Figures::of(&answers.champion), Figures::of(&answers.challenger));
    let pairs = || answers.champion.iter().zip(&answers.challenger);
    Comparison {
        count: answers.champion.len(),
        clusters: answers.groups().len(),
        champion_f1: known(champion.macro_f1),
        challenger_f1: known(challenger.macro_f1),
        champion_calibration: champion.calibration_error,
        challenger_calibration: challenger.calibration_error,
        gained: pairs().filter(|(one, other)| !is_right(one) && is_right(other)).count(),
        lost: pairs().filter(|(one, other)| is_right(one) && !is_right(other)).count(),
    }
}

/// A figure of something. That of nothing is no number, which JSON could not keep.
fn known(figure: f64) -> Option<f64> {
    figure.is_finite().then_some(figure)
}

fn by_class(answers: &Answers) -> Vec<ClassChange> {
    let (champion, challenger) = (Figures::of(&answers.champion), Figures::of(&answers.challenger));
    let pairs = champion.classes.iter().zip(&challenger.classes);
    pairs
        .filter(|(before, _)| before.support > 0)
        .map(|(before, after)| ClassChange {
            class: before.class,
            support: before.support,
            champion_recall: before.recall,
            challenger_recall: after.recall,
            champion_f1: before.f1,
            challenger_f1: after.f1,
        })
        .collect()
}

fn is_right(row: &Row) -> bool {
    row.said() == row.label
}

/// Counts of right and wrong by class: all that macro-F1 needs.
#[derive(Clone, Default)]
struct Tally {
    right: [f64; 10],
    is: [f64; 10],
    called: [f64; 10],
}

impl Tally {
    fn add(&mut self, is: usize, called: usize) {
        self.is[is] += 1.0;
        self.called[called] += 1.0;
        if is == called {
            self.right[is] += 1.0;
        }
    }

    fn macro_f1(&self) -> f64 {
        let present = (0..10).filter(|class| self.is[*class] > 0.0);
        let (mut sum, mut count) = (0.0, 0.0);
        for class in present {
            sum += 2.0 * self.right[class] / (self.is[class] + self.called[class]);
            count += 1.0;
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }
}

fn bootstrap(answers: &Answers, seed: u64) -> PairedTest {
    let groups = answers.groups();
    if groups.is_empty() {
        return PairedTest::default();
    }
    // (true class, champion's word, challenger's word)
    let words: Vec<(usize, usize, usize)> = answers
        .champion
        .iter()
        .zip(&answers.challenger)
        .map(|(one, other)| (one.label.index(), one.said().index(), other.said().index()))
        .collect();
    let difference = |rows: &mut dyn Iterator<Item = usize>| {
        let (mut one, mut other) = (Tally::default(), Tally::default());
        for row in rows {
            let (is, champion, challenger) = words[row];
            one.add(is, champion);
            other.add(is, challenger);
        }
        other.macro_f1() - one.macro_f1()
    };
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut draws: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn: Vec<usize> = groups.iter().map(|_| rng.random_range(0..groups.len())).collect();
            difference(&mut drawn.iter().flat_map(|group| groups[*group].iter().copied()))
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    let no_gain = draws.iter().filter(|drawn| **drawn <= 0.0).count();
    let tail = draws.len() / ONE_IN;
    PairedTest {
        difference: difference(&mut (0..words.len())),
        interval: [draws[tail], draws[draws.len() - 1 - tail]],
        p_value: no_gain as f64 / DRAWS as f64,
        draws: DRAWS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::CLASS_COUNT;

    fn row(label: FailureClass, said: FailureClass) -> Row {
        let mut probabilities = [0.02; CLASS_COUNT];
        probabilities[said.index()] = 0.82;
        Row {
            probabilities,
            label,
            possible: [false; CLASS_COUNT],
            uncertain: false,
        }
    }

    /// Rows of all classes; the champion errs on those of `champion`, the challenger on those of `challenger`.
    fn answers(count: usize, champion: impl Fn(usize) -> bool, challenger: impl Fn(usize) -> bool) -> Answers {
        let says = |errs: &dyn Fn(usize) -> bool| {
            let each = (0..count).map(|n| {
                let label = FailureClass::ALL[n % CLASS_COUNT];
                let other = FailureClass::ALL[(n + 1) % CLASS_COUNT];
                row(label, if errs(n) { other } else { label })
            });
            each.collect()
        };
        Answers {
            clusters: (0..count).map(|n| format!("tool {n}")).collect(),
            champion: says(&champion),
            challenger: says(&challenger),
        }
    }

    fn case(frozen: Answers, fresh: Answers) -> Case {
        Case {
            at: Timestamp::UNIX_EPOCH,
            champion: "v1".into(),
            challenger: "v2".into(),
            frozen,
            fresh,
            features: Vec::new(),
            lineage: Repetition::default(),
            learned: Learned::default(),
            shadow: Shadow { events: 100, same: 95 },
            seed: 7,
        }
    }

    #[test]
    fn a_challenger_that_wins_on_what_is_new_and_loses_nothing_is_promoted() {
        let same = |n: usize| n.is_multiple_of(6);
        let decision = decide(&case(
            answers(200, same, same),
            answers(30, |_| true, |n| n.is_multiple_of(5)),
        ));
        assert_eq!(decision.outcome, Outcome::Promote, "{:?}", decision.reasons);
        assert!(decision.test.difference > 0.0 && decision.test.interval[0] > 0.0);
        assert_eq!((decision.fresh.gained, decision.fresh.lost), (24, 0));
    }

    #[test]
    fn a_tie_keeps_the_champion() {
        let same = |n: usize| n.is_multiple_of(6);
        for fresh in [answers(0, same, same), answers(40, same, same)] {
            let decision = decide(&case(answers(200, same, same), fresh));
            assert_eq!(decision.outcome, Outcome::Keep);
            assert!(
                decision.reasons[0].contains("not better beyond chance"),
                "{:?}",
                decision.reasons
            );
        }
    }

    #[test]
    fn a_gain_on_corrections_buys_no_loss_elsewhere() {
        let decision = decide(&case(
            answers(200, |n| n.is_multiple_of(10), |n| n.is_multiple_of(6)),
            answers(60, |_| true, |_| false),
        ));
        assert_eq!(decision.outcome, Outcome::Keep);
        let reasons = decision.reasons.join("; ");
        assert!(reasons.contains("set aside") && reasons.contains("recall"), "{reasons}");
    }

    #[test]
    fn a_challenger_that_judges_live_events_otherwise_is_kept_out() {
        let mut case = case(
            answers(200, |n| n.is_multiple_of(6), |n| n.is_multiple_of(6)),
            answers(30, |_| true, |_| false),
        );
        case.shadow = Shadow { events: 100, same: 60 };
        let decision = decide(&case);
        assert_eq!(decision.outcome, Outcome::Keep);
        assert!(
            decision.reasons[0].contains("40 % of the last 100 live events"),
            "{:?}",
            decision.reasons
        );
    }

    #[test]
    fn the_difference_agrees_with_figures_computed_elsewhere() {
        let answers = answers(90, |n| n.is_multiple_of(4), |n| n.is_multiple_of(7));
        let test = bootstrap(&answers, 1);
        let by_figures = Figures::of(&answers.challenger).macro_f1 - Figures::of(&answers.champion).macro_f1;
        assert!((test.difference - by_figures).abs() < 1e-12);
        assert!(test.interval[0] < test.difference && test.difference < test.interval[1]);
    }
}
