//! `sentinel evaluate`: how right the served pipeline is on labelled failures, beside the signals alone.

use std::io::{self, BufRead, Write, stdout};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use serde::Deserialize;

use crate::bundle::Bundle;
use crate::class::{CLASS_COUNT, FailureClass};
use crate::evidence::{extract, rules_only};
use crate::ingest::{EventSource, FailedJob};
use crate::judge::judge;
use crate::registry;
use crate::training::evaluate::{Figures, Row};

/// Report how right the model is on labelled failures.
#[derive(Debug, Args)]
pub(super) struct Evaluate {
    /// Labelled failures: JSON objects with `text` and `label`, one a line.
    #[arg(long, value_name = "FILE.jsonl")]
    data: PathBuf,
    /// Folder of the model [default: the one inside of the program].
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Also print every wrong verdict.
    #[arg(long)]
    errors: bool,
}

#[derive(Debug, Deserialize)]
struct Labelled {
    text: String,
    label: FailureClass,
    #[serde(default)]
    id: serde_json::Value,
}

impl Evaluate {
    pub(super) fn run(&self, json: bool) -> Result<()> {
        let bundle = match &self.model {
            Some(folder) => registry::model_in(folder)?,
            None => Bundle::shipped()?,
        };
        let file = std::fs::File::open(&self.data).with_context(|| self.data.display().to_string())?;
        let mut out = stdout().lock();
        let (mut rows, mut rules) = (Vec::new(), Vec::new());
        for (number, line) in io::BufReader::new(file).lines().enumerate() {
            let line = line?;
            let labelled: Labelled = serde_json::from_str(&line)
                .with_context(|| format!("{}:{}: not a labelled failure", self.data.display(), number + 1))?;
            let job = FailedJob::unknown(EventSource::Api, Timestamp::UNIX_EPOCH);
            let verdict = judge(&job, Some(labelled.text.as_bytes()), &bundle)?.verdict;
            let baseline = rules_only(&extract(labelled.text.as_bytes()).class_scores);
            if self.errors && verdict.prediction != labelled.label {
                writeln!(
                    out,
                    "{} is {} said {} ({:.2}{}), signals say {}: {}",
                    labelled.id,
                    labelled.label.slug(),
                    verdict.prediction.slug(),
                    verdict.confidence,
                    if verdict.uncertain { ", uncertain" } else { "" },
                    baseline.map_or("nothing", FailureClass::slug),
                    verdict.evidence.first().map_or(String::new(), |excerpt| excerpt
                        .text
                        .escape_debug()
                        .take(160)
                        .collect()),
                )?;
            }
            rows.push(Row {
                probabilities: verdict.probabilities,
                label: labelled.label,
                uncertain: verdict.uncertain,
            });
            rules.push(Row {
                probabilities: certain(baseline),
                label: labelled.label,
                uncertain: baseline.is_none(),
            });
        }
        let (figures, baseline) = (Figures::of(&rows), Figures::of(&rules));
        if json {
            writeln!(
                out,
                "{}",
                serde_json::to_string_pretty(&serde_json::json!({ "model": figures, "signals_alone": baseline }))?
            )?;
        } else {
            print(&mut out, &figures, &baseline)?;
        }
        Ok(())
    }
}

/// A baseline that names one class has no more to say than that.
fn certain(class: Option<FailureClass>) -> [f64; CLASS_COUNT] {
    let mut probabilities = [0.0; CLASS_COUNT];
    if let Some(class) = class {
        probabilities[class.index()] = 1.0;
    }
    probabilities
}

fn print(out: &mut impl Write, figures: &Figures, baseline: &Figures) -> io::Result<()> {
    writeln!(
        out,
        "{:<24}{:>10}{:>10}{:>10}{:>9}",
        "class", "precision", "recall", "F1", "support"
    )?;
    for class in figures.classes.iter().filter(|class| class.support > 0) {
        writeln!(
            out,
            "{:<24}{:>10.3}{:>10.3}{:>10.3}{:>9}",
            class.class, class.precision, class.recall, class.f1, class.support
        )?;
    }
    writeln!(out)?;
    writeln!(out, "{:<36}{:>10}{:>16}", "", "model", "signals alone")?;
    for (name, value, other) in [
        ("accuracy", figures.accuracy, Some(baseline.accuracy)),
        ("macro-F1", figures.macro_f1, Some(baseline.macro_f1)),
        ("top-2 accuracy", figures.top_2, None),
        ("expected calibration error", figures.calibration_error, None),
        ("share not uncertain", figures.certain_share, None),
        ("accuracy where not uncertain", figures.certain_accuracy, None),
    ] {
        writeln!(
            out,
            "{name:<36}{value:>10.3}{:>16}",
            other.map_or(String::new(), |other| format!("{other:.3}"))
        )?;
    }
    Ok(())
}
