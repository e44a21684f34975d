//! `sentinel train`: the corpus becomes the bundle that ships.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::bar::below_log_lines;
use crate::bundle::{MANIFEST, Manifest};
use crate::training::corpus::{Corpus, Origin};
use crate::training::fit::{TrainSettings, train};
use crate::training::papers::{PAPERS, papers};

/// Fit the model from the corpus.
#[derive(Debug, Args)]
pub(super) struct Train {
    /// Folder of records to read instead of the corpus inside of the program.
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Folder to write the bundle to.
    #[arg(long, value_name = "DIR", default_value = "models/shipped")]
    out: PathBuf,
    /// Seed of all chance.
    #[arg(long, default_value_t = TrainSettings::default().seed)]
    seed: u64,
    /// Boosting rounds.
    #[arg(long, default_value_t = TrainSettings::default().rounds)]
    rounds: usize,
}

impl Train {
    #[expect(clippy::print_stderr, reason = "what is being done, for the person who waits for it")]
    pub(super) fn run(&self) -> Result<()> {
        let corpus = read_corpus(self.corpus.as_deref())?;
        let captured = corpus
            .failures
            .iter()
            .filter(|record| record.origin != Origin::Authored);
        eprintln!(
            "{} failures ({} captured) of {} tools, {} passing steps",
            corpus.failures.len(),
            captured.count(),
            corpus.tools().len(),
            corpus.noise.len()
        );
        let settings = TrainSettings {
            seed: self.seed,
            rounds: self.rounds,
            ..TrainSettings::default()
        };
        let bar = bar("training");
        let bundle = train(&corpus, &settings, &mut |progress| {
            bar.set_length(progress.of as u64);
            bar.set_position(progress.done as u64);
            ControlFlow::Continue(())
        })?;
        bar.finish_and_clear();
        let mut files = bundle.to_files()?;
        let manifest: Manifest = serde_json::from_slice(&files[MANIFEST])?;
        files.insert(PAPERS.to_owned(), papers(&bundle.card, &manifest).into_bytes());
        write(&self.out, &files)?;
        for (name, value) in &bundle.card.left_out_tools {
            eprintln!("left-out tools: {name} {value}");
        }
        eprintln!("wrote {}", self.out.display());
        Ok(())
    }
}

/// A bar of boosting rounds on a terminal; elsewhere nothing.
pub(super) fn bar(doing: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_prefix(doing);
    let style = ProgressStyle::with_template("{prefix} {bar:40} {pos}/{len} rounds, {eta} left");
    below_log_lines(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
}

/// The corpus in a folder, or the one inside of the program.
pub(super) fn read_corpus(folder: Option<&Path>) -> Result<Corpus> {
    Ok(match folder {
        Some(folder) => Corpus::parse(&read_folder(folder)?)?,
        None => Corpus::shipped()?,
    })
}

/// All files below a folder, by their path in it.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "log") {
                let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                files.insert(name, text);
            }
        }
    }
    Ok(files)
}

/// Writes the files, the manifest last: a folder without it is no bundle.
fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let (manifest, others): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| *name == MANIFEST);
    for (name, bytes) in others.into_iter().chain(manifest) {
        let path = folder.join(name);
        std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
