//! Which inputs made the score of the predicted class, exactly, and what that means in words.

use std::collections::BTreeMap;

use super::{Contribution, Reason, Verdict};
use crate::class::{CLASS_COUNT, FailureClass};
use crate::evidence::signals::{Meaning, Scanner, SignalTable};
use crate::features::{FeatureSchema, InputGroup};

/// Contributions of one verdict.
pub const MAX_CONTRIBUTIONS: usize = 10;

/// Pairs names, values and SHAP contributions, largest first; those that added nothing are left out.
#[must_use]
pub fn top(names: &[String], values: &[f32], contributions: &[f64]) -> Vec<Contribution> {
    let mut all: Vec<Contribution> = names
        .iter()
        .zip(values)
        .zip(contributions)
        .filter(|(_, contribution)| **contribution != 0.0)
        .map(|((name, value), contribution)| Contribution {
            feature: name.clone(),
            value: value.is_finite().then_some(f64::from(*value)),
            contribution: *contribution,
        })
        .collect();
    all.sort_by(|one, other| other.contribution.abs().total_cmp(&one.contribution.abs()));
    all.truncate(MAX_CONTRIBUTIONS);
    all
}

/// Reasons of one verdict.
pub const MAX_REASONS: usize = 5;

/// What a reason is about. Inputs of one theme are added up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Theme {
    /// Lines that speak for a class.
    Lines(FailureClass),
    /// No line speaks for these classes.
    Silence,
    /// The words are those of a class.
    Words(FailureClass),
    /// The words are not those of other classes.
    OtherWords,
    /// One more input, by its name.
    Input(String),
}

/// Folds contributions into sentences, weightiest first, with the lines of the evidence that they come from.
#[must_use]
pub fn reasons(verdict: &Verdict) -> Vec<Reason> {
    let lines = lines_by_class(verdict);
    let mut themes: BTreeMap<Theme, Vec<&Contribution>> = BTreeMap::new();
    for contribution in &verdict.top_contributing_features {
        let theme = theme(contribution, verdict.prediction, &lines);
        themes.entry(theme).or_default().push(contribution);
    }
    let reason = |(theme, parts): (Theme, Vec<&Contribution>)| {
        let sum = parts.iter().map(|part| part.contribution).sum::<f64>();
        Reason {
            sentence: sentence(&theme, &parts, sum, verdict.prediction, &lines),
            // Short enough to be read back as it was written.
            contribution: (sum * 1e9).round() / 1e9,
            lines: match theme {
                Theme::Lines(class) => lines[class.index()].clone(),
                Theme::Silence | Theme::Words(_) | Theme::OtherWords | Theme::Input(_) => Vec::new(),
            },
        }
    };
    let mut reasons: Vec<Reason> = themes.into_iter().map(reason).collect();
    reasons.sort_by(|one, other| other.contribution.abs().total_cmp(&one.contribution.abs()));
    reasons.truncate(MAX_REASONS);
    reasons
}

/// By class: the numbers of the lines of the evidence that speak for it.
fn lines_by_class(verdict: &Verdict) -> [Vec<u64>; CLASS_COUNT] {
    let table = SignalTable::shipped();
    let mut scanner = Scanner::borrow();
    let mut found = Vec::new();
    let mut lines: [Vec<u64>; CLASS_COUNT] = std::array::from_fn(|_| Vec::new());
    for excerpt in &verdict.evidence {
        for (number, text) in (excerpt.line..).zip(excerpt.text.lines()) {
            table.scan(&mut scanner, text.as_bytes(), &mut found);
            for &signal in &found {
                if let Meaning::Class(class) = table.get(signal).meaning
                    && !lines[class.index()].contains(&number)
                {
                    lines[class.index()].push(number);
                }
            }
        }
    }
    scanner.give_back();
    lines
}

fn theme(contribution: &Contribution, predicted: FailureClass, lines: &[Vec<u64>; CLASS_COUNT]) -> Theme {
    let name = || Theme::Input(contribution.feature.clone());
    let class = contribution
        .feature
        .split_once('.')
        .and_then(|(_, slug)| slug.parse::<FailureClass>().ok());
    let Some(class) = class else { return name() };
    match FeatureSchema::group(&contribution.feature) {
        InputGroup::Signals if class != predicted && lines[class.index()].is_empty() => Theme::Silence,
        InputGroup::Signals => Theme::Lines(class),
        InputGroup::Words if class != predicted && contribution.contribution > 0.0 => Theme::OtherWords,
        InputGroup::Words => Theme::Words(class),
        InputGroup::Shape | InputGroup::Measurements => name(),
    }
}

fn sentence(
    theme: &Theme,
    parts: &[&Contribution],
    sum: f64,
    predicted: FailureClass,
    lines: &[Vec<u64>; CLASS_COUNT],
) -> String {
    match theme {
        Theme::Lines(class) if lines[class.index()].is_empty() => {
            format!(
                "{} lines of what was read speak for {class}",
                if sum > 0.0 { "Some" } else { "Few" }
            )
        }
        Theme::Lines(class) => {
            let numbers: Vec<String> = lines[class.index()].iter().map(ToString::to_string).collect();
            match &numbers[..] {
                [one] => format!("Line {one} speaks for {class}"),
                many => format!("Lines {} speak for {class}", listed(many)),
            }
        }
        Theme::Silence => format!("No line that is shown speaks for {}", listed(&classes(parts))),
        Theme::Words(class) if *class == predicted && sum < 0.0 => format!("Its words are seldom those of {class}"),
        Theme::Words(class) => format!("Its words are those of {class}"),
        Theme::OtherWords => format!("Its words are not those of {}", listed(&classes(parts))),
        Theme::Input(name) => input(name, parts.first().and_then(|part| part.value)),
    }
}

fn classes(parts: &[&Contribution]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for slug in parts.iter().filter_map(|part| part.feature.split_once('.')) {
        if let Ok(class) = slug.1.parse::<FailureClass>()
            && !names.iter().any(|name| name == class.name())
        {
            names.push(class.name().to_owned());
        }
    }
    names
}

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => "any other class".to_owned(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// What an input that is not of a class says. Counts are logarithms in the model.
fn input(name: &str, value: Option<f64>) -> String {
    let Some(value) = value else {
        return format!("It is not known: {}", name.replace('_', " "));
    };
    let count = value.exp_m1().round();
    match name {
        "exit_code" => format!("The exit code is {value}"),
        "timed_out" if value > 0.0 => "Its time limit ended it".to_owned(),
        "timed_out" => "It was not ended by its time limit".to_owned(),
        "known_words" => format!("{:.0} % of its words are known", 100.0 * value),
        "words_read" => format!("{count} words were read"),
        "log_lines" => format!("The log has {count} lines"),
        "steps" => format!("The log has {count} steps"),
        "failed_steps" => format!("{value} steps failed"),
        "markers" => format!("{count} lines say that something failed, but not why"),
        "retries_in_log" => format!("Something was tried again {count} times"),
        "excerpts" => format!("{value} lines prove something"),
        "first_line_rank" => format!("The most decisive line has weight {value:.1}"),
        "second_line_rank" => format!("The second line has weight {value:.1}"),
        "words_margin" => format!("The words of two classes are {value:.2} apart"),
        "signal_margin" => format!("The lines of two classes are {value:.2} apart"),
        _ => measured(name, value),
    }
}

fn measured(name: &str, value: f64) -> String {
    let words = |unit: &str| name.strip_suffix(unit).unwrap_or(name).replace('_', " ");
    if name.ends_with("_sec") {
        format!("The {} was {value:.0} s", words("_sec"))
    } else if name.ends_with("_pct") {
        format!("The {} was {value:.0} %", words("_pct"))
    } else if name.ends_with("_mb") {
        format!("The {} was {value:.0} MB", words("_mb"))
    } else {
        format!("The {} is {value}", words(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_contribution_comes_first_and_a_missing_value_is_null() {
        let names = ["a", "b", "c"].map(String::from);
        let found = top(&names, &[1.0, f32::NAN, 2.0], &[0.1, -0.9, 0.0]);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].feature.as_str(), found[0].value), ("b", None));
    }

    fn verdict(contributions: &[(&str, f64, f64)]) -> Verdict {
        let log = b"resolving\nnpm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree\n";
        let evidence = crate::evidence::extract(log);
        let named = |(feature, value, contribution): &(&str, f64, f64)| Contribution {
            feature: (*feature).to_owned(),
            value: value.is_finite().then_some(*value),
            contribution: *contribution,
        };
        Verdict {
            id: None,
            input_id: None,
            prediction: FailureClass::Dependency,
            label: FailureClass::Dependency,
            confidence: 0.9,
            uncertain: false,
            uncertain_reason: None,
            prediction_set: vec![FailureClass::Dependency],
            coverage: 0.9,
            probabilities: [0.1; CLASS_COUNT],
            evidence: evidence.excerpts,
            top_contributing_features: contributions.iter().map(named).collect(),
            reasons: Vec::new(),
            fingerprint: None,
            decided_from: crate::verdict::DecidedFrom::Log,
            log_state: crate::verdict::LogState::Ok,
            corrected_by: None,
            model_version: "v1".into(),
            latency_us: 0,
        }
    }

    #[test]
    fn contributions_become_sentences_with_the_lines_they_come_from() {
        let reasons = reasons(&verdict(&[
            ("signals.dependency-error", 2.0, 1.5),
            ("first_line.dependency-error", 9.0, 0.5),
            ("signals.network-error", 0.0, 0.4),
            ("first_place.build-failure", f64::NAN, 0.3),
            ("words.dependency-error", 3.0, 1.0),
            ("memory_usage_mb", 812.4, -0.2),
        ]));
        let said: Vec<(&str, f64)> = reasons
            .iter()
            .map(|reason| (reason.sentence.as_str(), (reason.contribution * 10.0).round() / 10.0))
            .collect();
        assert_eq!(
            said,
            [
                ("Lines 2 and 3 speak for Dependency Error", 2.0),
                ("Its words are those of Dependency Error", 1.0),
                ("No line that is shown speaks for Network Error and Build Failure", 0.7),
                ("The memory usage was 812 MB", -0.2),
            ]
        );
        assert_eq!(reasons[0].lines, [2, 3]);
    }

    #[test]
    fn every_input_of_the_schema_has_a_sentence() {
        for name in FeatureSchema::current().names {
            for value in [0.0, 3.0, f64::NAN] {
                let all = reasons(&verdict(&[(&name, value, 0.5)]));
                assert!(all.len() == 1 && all[0].sentence.len() > 10, "{name}: {all:?}");
                assert!(!all[0].sentence.contains('_'), "{all:?}");
            }
        }
    }
}
