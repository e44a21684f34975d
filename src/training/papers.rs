//! The model card for people: the papers of a bundle as Markdown, made from its card and manifest alone.
//!
//! In the spirit of Mitchell et al., "Model Cards for Model Reporting", FAT* 2019. It holds no time of day: the same
//! training gives the same bytes.

use std::collections::BTreeMap;

use crate::bundle::{CardLineage, Manifest, ModelCard};
use crate::class::FailureClass;

/// Name of the file beside a bundle.
pub const PAPERS: &str = "README.md";

/// Ecosystems that get a line of their own.
const ECOSYSTEMS: usize = 20;

/// Single figures in the order of the table: name in the card, name for people.
const FIGURES: [(&str, &str); 12] = [
    ("accuracy", "accuracy"),
    ("macro_f1", "macro-F1"),
    ("top_2", "top-2 accuracy"),
    ("pr_auc", "macro PR-AUC (average precision)"),
    ("calibration_error", "expected calibration error, debiased"),
    ("calibration_error_plain", "expected calibration error, plain"),
    ("brier", "Brier score"),
    ("coverage", "coverage of the 90 % prediction sets"),
    ("set_size", "classes in a prediction set"),
    ("certain_share", "share not marked as uncertain"),
    ("certain_accuracy", "accuracy where not uncertain"),
    ("risk_area", "area under risk and coverage"),
];

/// Writes the papers.
#[must_use]
pub fn papers(card: &ModelCard, manifest: &Manifest) -> String {
    let mut text = format!(
        "# Model card: {}\n\nMade by `sentinel train`, seed {}; the same program and corpus make it again byte for byte.\n\n\
         * **What it does**: names the root cause of a failed CI job, one of ten classes, with a calibrated confidence, a set \
         of classes that stay possible, and the lines that prove it.\n\
         * **How**: LightGBM, {} boosting rounds, over signals in the log, a linear model of its words, the shape of the log \
         and what was measured of the job; temperature scaling; class-conditional conformal sets.\n\
         * **What it is for**: telling people where to look first. It decides nothing by itself.\n",
        manifest.version, card.seed, card.rounds
    );
    if card.lessons > 0 {
        put(
            &mut text,
            format_args!("* **Corrections** it was fitted on besides: {}\n", card.lessons),
        );
    }
    figures(&mut text, card);
    data(&mut text, card);
    if let Some(lineage) = &card.lineage {
        checks(&mut text, lineage);
    }
    text.push_str("\n## Limits\n\n");
    for limit in &card.limits {
        put(&mut text, format_args!("* {limit}\n"));
    }
    hashes(&mut text, card, manifest);
    text
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.push_str(&arguments.to_string());
}

fn figures(text: &mut String, card: &ModelCard) {
    let count = card.left_out_tools.get("count").copied().unwrap_or_default();
    put(
        text,
        format_args!(
            "\n## How right it is\n\nOn {count} whole logs and excerpts composed from records of **tools that the scoring model \
             had not seen** (folds of whole tools), and on the same where the failure alone was left out and **its tool may be \
             known**; calibrated without their own fold. In brackets: the middle 95 % when tools are drawn anew (bootstrap). \
             `sentinel evaluate` measures it again, `sentinel evaluate --data` on other failures.\n\n\
             | figure | new tools | new failures |\n|---|---|---|\n"
        ),
    );
    for (name, words) in FIGURES {
        if let (Some(value), Some([low, high])) = (card.left_out_tools.get(name), card.intervals.get(name)) {
            let known = card.left_out_failures.get(name).map_or("-".to_owned(), bracketed);
            put(
                text,
                format_args!("| {words} | {value:.3} [{low:.3}, {high:.3}] | {known} |\n"),
            );
        }
    }
    for (judge, figures) in &card.baselines {
        for (name, words) in [("accuracy", "accuracy"), ("macro_f1", "macro-F1")] {
            if let Some(figure) = figures.get(name) {
                put(text, format_args!("| {judge}: {words} | {} | - |\n", bracketed(figure)));
            }
        }
    }
    text.push_str("\n| class | precision | recall | F1 | PR-AUC | set coverage |\n|---|---|---|---|---|---|\n");
    for class in FailureClass::ALL {
        let Some(figures) = card.classes.get(class.slug()) else {
            continue;
        };
        put(text, format_args!("| {class} |"));
        for name in ["precision", "recall", "f1", "pr_auc", "coverage"] {
            let cell = figures.get(name).map_or("-".to_owned(), bracketed);
            put(text, format_args!(" {cell} |"));
        }
        text.push('\n');
    }
}

fn bracketed([value, low, high]: &[f64; 3]) -> String {
    format!("{value:.3} [{low:.3}, {high:.3}]")
}

fn data(text: &mut String, card: &ModelCard) {
    put(
        text,
        format_args!(
            "\n## What it learned from\n\n{} records of {} tools and dialects, {} blocks of passing steps, shown in {} samples. \
             {} more records are set aside: no model is fitted on them, and the gate between two models asks both about them.\n\n",
            card.records.values().sum::<usize>(),
            card.tools,
            card.noise_blocks,
            card.samples,
            card.frozen_records
        ),
    );
    text.push_str("| class | records |\n|---|---|\n");
    for class in FailureClass::ALL {
        let count = card.records.get(class.slug()).copied().unwrap_or_default();
        put(text, format_args!("| {class} | {count} |\n"));
    }
    text.push_str("\n| origin | records |\n|---|---|\n");
    for (name, count) in &card.origins {
        put(text, format_args!("| {name} | {count} |\n"));
    }
    text.push_str("\n| ecosystem | records |\n|---|---|\n");
    for (name, count) in most(&card.ecosystems) {
        put(text, format_args!("| {name} | {count} |\n"));
    }
}

/// The largest counts, and the rest in one.
fn most(counts: &BTreeMap<String, usize>) -> Vec<(String, usize)> {
    let mut sorted: Vec<(String, usize)> = counts.iter().map(|(name, count)| (name.clone(), *count)).collect();
    sorted.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let rest = sorted.split_off(sorted.len().min(ECOSYSTEMS));
    if !rest.is_empty() {
        let sum = rest.iter().map(|(_, count)| count).sum();
        sorted.push((format!("{} others", rest.len()), sum));
    }
    sorted
}

fn checks(text: &mut String, lineage: &CardLineage) {
    put(
        text,
        format_args!(
            "\n## Where inputs and tests come from\n\nLooked into before the fit; a leak ends the training.\n\n\
             * The input that tells most of one class: `{}` tells {:.2} of whether a failure is of {} (normalised mutual \
             information, 1 would be the label itself).\n\
             * Near-duplicates between tests and what is learned when they are left out: {} of {}.\n",
            lineage.strongest_input, lineage.told, lineage.of_class, lineage.repeated, lineage.tests
        ),
    );
    if let Some(area) = &lineage.told_apart {
        put(
            text,
            format_args!(
                "* A classifier that tries to tell tests from what is learned: area under the curve {} (0.5 is chance).\n",
                bracketed(area)
            ),
        );
    }
}

fn hashes(text: &mut String, card: &ModelCard, manifest: &Manifest) {
    put(
        text,
        format_args!(
            "\n## Hashes (SHA-256)\n\n| what | hash |\n|---|---|\n| corpus | `{}` |\n| inputs and signals | `{}` |\n",
            card.corpus_sha256, manifest.schema
        ),
    );
    for (file, hash) in &manifest.files {
        put(text, format_args!("| {file} | `{hash}` |\n"));
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the papers are compared with those in the repository"
)]
mod tests {
    use super::*;
    use crate::bundle::{MANIFEST, shipped_files};

    #[test]
    fn the_papers_beside_the_shipped_model_are_those_of_the_shipped_model() {
        let files = shipped_files();
        let manifest: Manifest = serde_json::from_slice(&files[MANIFEST]).expect("a manifest");
        let card: ModelCard = serde_json::from_slice(&files["card.json"]).expect("a card");
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/models/shipped/README.md");
        let made = papers(&card, &manifest);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(file, &made).expect("the papers are written");
        }
        assert!(
            made == std::fs::read_to_string(file).expect("papers"),
            "models/shipped/README.md is not of this model: `sentinel train` writes it"
        );
    }
}
