//! How decisive a candidate is, from what stands around it.

use super::excerpt::{Candidate, LogShape};
use super::signals::{Meaning, SignalTable};
use crate::class::{CLASS_COUNT, FailureClass};

/// Orders candidates by how decisive they are, most decisive first; equals stay in the order of the log.
pub(super) fn rank(candidates: &mut [Candidate], shape: &LogShape, table: &SignalTable) {
    for candidate in candidates.iter_mut() {
        candidate.rank = weight(candidate, table) * place(candidate, shape);
    }
    candidates.sort_by(|one, other| other.rank.total_cmp(&one.rank).then(one.number.cmp(&other.number)));
}

/// What the line says by itself: its heaviest signal, and whether others take that back.
fn weight(candidate: &Candidate, table: &SignalTable) -> f32 {
    let says = |meaning| table.any_means(&candidate.signals, meaning);
    let heaviest = candidate
        .signals
        .iter()
        .map(|&id| class_weight(table, id))
        .fold(0.0, f32::max);
    let mut factor = if says(Meaning::Marker) { 1.1 } else { 1.0 };
    if says(Meaning::Harmless) {
        factor *= 0.1;
    }
    if says(Meaning::Generic) {
        factor *= 0.5;
    }
    if candidate.echo {
        factor *= 0.05;
    }
    if candidate.retried {
        factor *= 0.35;
    }
    heaviest * factor
}

/// What the place of the line says: inside the step that failed, or how near the end.
fn place(candidate: &Candidate, shape: &LogShape) -> f32 {
    let Some(&last) = shape.failed_steps.last() else {
        let distance = shape.lines.saturating_sub(candidate.number) as f32;
        return 0.6 + 0.4 * (-distance / 200.0).exp();
    };
    if candidate.step == last {
        1.0
    } else if shape.failed_steps.contains(&candidate.step) {
        0.8
    } else if candidate.step < last {
        0.3
    } else {
        0.15
    }
}

/// How much the candidates speak for each class: the ranks of its distinct signals, each next one counting less.
#[must_use]
pub(super) fn class_scores(candidates: &[Candidate], table: &SignalTable) -> [f32; CLASS_COUNT] {
    let mut scores = [0.0; CLASS_COUNT];
    let mut fade = [1.0_f32; CLASS_COUNT];
    let mut seen = std::collections::HashSet::new();
    for candidate in candidates {
        let heaviest = candidate
            .signals
            .iter()
            .map(|&id| class_weight(table, id))
            .fold(0.0, f32::max);
        for &id in &candidate.signals {
            let Meaning::Class(class) = table.get(id).meaning else {
                continue;
            };
            if heaviest > 0.0 && seen.insert(id) {
                let share = table.get(id).weight / heaviest;
                scores[class.index()] += candidate.rank * share * fade[class.index()];
                fade[class.index()] *= 0.6;
            }
        }
    }
    scores
}

fn class_weight(table: &SignalTable, id: super::signals::SignalId) -> f32 {
    match table.get(id).meaning {
        Meaning::Class(_) => table.get(id).weight,
        Meaning::Marker | Meaning::Generic | Meaning::Harmless | Meaning::Retry | Meaning::StepFailed => 0.0,
    }
}

/// The rules-only baseline: the class that the signals speak for most, if they speak at all.
#[must_use]
pub fn rules_only(scores: &[f32; CLASS_COUNT]) -> Option<FailureClass> {
    FailureClass::ALL
        .into_iter()
        .filter(|class| scores[class.index()] > 0.0)
        .max_by(|one, other| scores[one.index()].total_cmp(&scores[other.index()]))
}
