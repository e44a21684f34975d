//! `sentinel evaluate`: how right the served pipeline is on labelled failures, or what training makes of the corpus on tools
//! that it has left out, beside the signals alone.

mod labelled;
mod pictures;
mod tables;

use std::io::{BufWriter, Write, stdout};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::train::{bar, read_corpus};
use crate::bundle::Bundle;
use crate::registry;
use crate::training::evaluate::{Estimate, Figures, Report, share_of};
use crate::training::fit::TrainSettings;
use crate::training::study::study;
use labelled::Judgement;

/// Report how right the model is on labelled failures; without any, on tools of the corpus that training leaves out.
#[derive(Debug, Args)]
pub(super) struct Evaluate {
    /// Labelled failures, a JSON object a line: `text` (or `file`, a log beside this file; or `record`, a feature record)
    /// and `label`; perhaps `id`, `repository` or `source`, `ambiguous`, `failing` (line ranges of the log).
    #[arg(long, value_name = "FILE.jsonl")]
    data: Option<PathBuf>,
    /// Folder of the model [default: the one inside of the program].
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Also print every wrong verdict.
    #[arg(long, requires = "data")]
    errors: bool,
    /// Also write every verdict to a file, a line each.
    #[arg(long, value_name = "FILE.jsonl", requires = "data")]
    rows: Option<PathBuf>,
    /// Also draw pictures (SVG) into a folder: confusion, reliability, F1 by class, importance of inputs.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Folder of records to read instead of the corpus inside of the program.
    #[arg(long, value_name = "DIR", conflicts_with = "data")]
    corpus: Option<PathBuf>,
    /// Also refit without words, without signals, without measurements, and on words or measurements alone.
    #[arg(long, conflicts_with = "data")]
    ablations: bool,
    /// Seed of all chance.
    #[arg(long, default_value_t = TrainSettings::default().seed)]
    seed: u64,
}

/// The report, and what was said where a class is not all that is known or where there is none.
#[derive(Debug, Serialize)]
struct OnData {
    #[serde(flatten)]
    report: Report,
    /// Rows left out because their class is in doubt.
    ambiguous: usize,
    /// Failures that are of no class, and the share of them that was marked as uncertain.
    of_no_class: usize,
    of_no_class_uncertain: Option<f64>,
    /// The share of logs whose first excerpt overlaps the lines that are marked as failing.
    first_excerpt: Option<Estimate>,
    first_excerpt_count: usize,
}

impl Evaluate {
    pub(super) fn run(&self, json: bool) -> Result<()> {
        let bundle = match &self.model {
            Some(folder) => registry::model_in(folder)?,
            None => Bundle::shipped()?,
        };
        match &self.data {
            Some(data) => self.on_data(data, &bundle, json),
            None => self.on_corpus(&bundle, json),
        }
    }

    fn on_data(&self, data: &Path, bundle: &Bundle, json: bool) -> Result<()> {
        let judged = labelled::judge_all(data, bundle)?;
        if let Some(file) = &self.rows {
            labelled::write(file, &judged).with_context(|| file.display().to_string())?;
        }
        let report = self.report(data, &judged);
        self.draw(&report.report.on, &report.report.figures, bundle)?;
        let mut out = BufWriter::new(stdout().lock());
        if json {
            writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
        } else {
            if self.errors {
                tables::errors(&mut out, &judged)?;
            }
            tables::report(&mut out, &report.report)?;
            tables::beside(&mut out, &report)?;
        }
        Ok(out.flush()?)
    }

    fn on_corpus(&self, bundle: &Bundle, json: bool) -> Result<()> {
        let corpus = read_corpus(self.corpus.as_deref())?;
        let settings = TrainSettings {
            seed: self.seed,
            ..TrainSettings::default()
        };
        let bar = bar("evaluating");
        let study = study(&corpus, bundle, &settings, self.ablations, &mut |progress| {
            bar.set_length(progress.of as u64);
            bar.set_position(progress.done as u64);
            ControlFlow::Continue(())
        })?;
        bar.finish_and_clear();
        let shown = &study.left_out_tools;
        self.draw(&shown.on, &shown.figures, bundle)?;
        let mut out = BufWriter::new(stdout().lock());
        if json {
            writeln!(out, "{}", serde_json::to_string_pretty(&study)?)?;
        } else {
            tables::study(&mut out, &study)?;
        }
        Ok(out.flush()?)
    }

    fn draw(&self, on: &str, figures: &Figures<Estimate>, bundle: &Bundle) -> Result<()> {
        let Some(folder) = &self.pictures else { return Ok(()) };
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let gains = bundle.booster.importance()?;
        for (name, picture) in pictures::all(on, figures, &bundle.schema.names, &gains) {
            let path = folder.join(name);
            std::fs::write(&path, picture).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    fn report(&self, data: &Path, judged: &[Judgement]) -> OnData {
        let counted: Vec<&Judgement> = judged.iter().filter(|one| one.counts()).collect();
        let rows: Vec<_> = counted.iter().filter_map(|one| one.row()).collect();
        let signals: Vec<_> = counted.iter().filter_map(|one| one.signals_alone()).collect();
        let clusters: Vec<String> = counted.iter().map(|one| one.cluster.clone()).collect();
        let of_no_class: Vec<bool> = judged
            .iter()
            .filter(|one| one.label.is_none())
            .map(|one| one.verdict.uncertain)
            .collect();
        let (hits, hit_clusters): (Vec<bool>, Vec<String>) = judged
            .iter()
            .filter_map(|one| Some((one.first_excerpt_hits?, one.cluster.clone())))
            .unzip();
        let on = data.file_name().unwrap_or_default().to_string_lossy();
        OnData {
            report: Report::of(&on, &rows, &clusters, &[("signals alone", signals)], self.seed),
            ambiguous: judged.iter().filter(|one| one.ambiguous && one.label.is_some()).count(),
            of_no_class: of_no_class.len(),
            of_no_class_uncertain: (!of_no_class.is_empty())
                .then(|| of_no_class.iter().filter(|uncertain| **uncertain).count() as f64 / of_no_class.len() as f64),
            first_excerpt: (!hits.is_empty()).then(|| share_of(&hits, &hit_clusters, self.seed)),
            first_excerpt_count: hits.len(),
        }
    }
}
