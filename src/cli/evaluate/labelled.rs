//! Labelled failures from a file, judged as the server's door of records judges them.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::bundle::Bundle;
use crate::class::FailureClass;
use crate::evidence::{Excerpt, extract, rules_only};
use crate::ingest::decompress::{self, Limits, Part};
use crate::ingest::{EventSource, record};
use crate::judge::{join, judge};
use crate::training::evaluate::Row;
use crate::verdict::Verdict;

/// One line of the file.
#[derive(Debug, Deserialize)]
struct Labelled {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    record: Map<String, Value>,
    /// Null where no class fits; it must be there.
    #[serde(deserialize_with = "Option::deserialize")]
    label: Option<String>,
    #[serde(default)]
    id: Value,
    #[serde(default)]
    repository: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    ambiguous: bool,
    /// No class fits: whatever the label says, a person should look.
    #[serde(default)]
    policy_gate: bool,
    #[serde(default)]
    failing: Vec<Lines>,
    /// Whether `failing` is a person's word.
    #[serde(default = "yes")]
    annotated: bool,
}

const fn yes() -> bool {
    true
}

/// Lines counted from 1, both ends among them.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Lines {
    start: u64,
    end: u64,
}

/// A labelled failure and what was said of it.
#[derive(Debug, Serialize)]
pub(super) struct Judgement {
    /// The caller's own.
    pub(super) id: Value,
    /// `None` where no class fits.
    pub(super) label: Option<FailureClass>,
    /// Whether its class is in doubt.
    pub(super) ambiguous: bool,
    /// What it stands or falls with.
    pub(super) cluster: String,
    /// The model's word.
    pub(super) verdict: Verdict,
    /// The word of the signals alone.
    pub(super) signals: Option<FailureClass>,
    /// Whether the first excerpt overlaps the lines that a person marked.
    pub(super) first_excerpt_hits: Option<bool>,
}

impl Judgement {
    /// Whether it counts in figures over classes.
    pub(super) fn counts(&self) -> bool {
        !self.ambiguous && self.label.is_some()
    }

    pub(super) fn row(&self) -> Option<Row> {
        Some(Row::of(&self.verdict, self.label?))
    }

    pub(super) fn signals_alone(&self) -> Option<Row> {
        Some(Row::plain(self.signals, self.label?))
    }
}

/// Judges all lines of a file.
pub(super) fn judge_all(file: &Path, bundle: &Bundle) -> Result<Vec<Judgement>> {
    let lines = BufReader::new(File::open(file).with_context(|| file.display().to_string())?).lines();
    let mut judged = Vec::new();
    for (number, line) in lines.enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let one = serde_json::from_str(&line)
            .context("not a labelled failure: an object with `text` and `label`")
            .and_then(|labelled| judge_one(labelled, file, number + 1, bundle))
            .with_context(|| format!("{}:{}", file.display(), number + 1))?;
        judged.push(one);
    }
    if judged.is_empty() {
        bail!("{}: holds no labelled failure", file.display());
    }
    Ok(judged)
}

fn judge_one(labelled: Labelled, list: &Path, number: usize, bundle: &Bundle) -> Result<Judgement> {
    let label = match &labelled.label {
        Some(label) if !labelled.policy_gate => Some(label.parse::<FailureClass>()?),
        _ => None,
    };
    let cluster = labelled.repository.clone().or_else(|| labelled.source.clone());
    let failing = labelled.failing.clone();
    let (id, ambiguous, annotated) = (labelled.id.clone(), labelled.ambiguous, labelled.annotated);
    // As the door of records reads it, masks and all: what is reported is what is served.
    let record = record::parse(&record_of(labelled, list)?, EventSource::Api, Timestamp::UNIX_EPOCH)
        .map_err(|errors| anyhow!(errors.lines().join("; ")))?;
    let mut verdict = judge(&record.job, record.log.as_deref(), bundle)?.verdict;
    verdict.input_id = Some(id.clone()).filter(|id| !id.is_null());
    let message = record.job.message.as_deref().map(|message| extract(message.as_bytes()));
    let signals = rules_only(&join(record.log.as_deref().map(extract), message).class_scores);
    let first_excerpt_hits = (annotated && !failing.is_empty()).then(|| {
        let first = verdict.evidence.first();
        first.is_some_and(|first| failing.iter().any(|lines| overlaps(first, *lines)))
    });
    Ok(Judgement {
        id,
        label,
        ambiguous,
        cluster: cluster.unwrap_or_else(|| format!("line {number}")),
        verdict,
        signals,
        first_excerpt_hits,
    })
}

/// The feature record that a line stands for.
fn record_of(labelled: Labelled, list: &Path) -> Result<Value> {
    let mut record = labelled.record;
    let log = match (labelled.text, labelled.file) {
        (Some(text), _) => Some(text),
        (None, Some(file)) => Some(read(&list.parent().unwrap_or(Path::new("")).join(file))?),
        (None, None) => None,
    };
    if let Some(log) = log {
        record.insert("log".to_owned(), Value::String(log));
    }
    Ok(Value::Object(record))
}

fn read(file: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let opened = File::open(file).with_context(|| file.display().to_string())?;
    decompress::read_file(opened, &Limits::default(), &mut |part: Part<'_>| match part {
        Part::Member(_) => {}
        Part::Bytes(chunk) => bytes.extend_from_slice(chunk),
    })
    .with_context(|| file.display().to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn overlaps(excerpt: &Excerpt, lines: Lines) -> bool {
    let last = excerpt.line + (excerpt.text.lines().count() as u64).saturating_sub(1);
    excerpt.line <= lines.end && last >= lines.start
}

/// Writes every verdict, a line each.
pub(super) fn write(file: &Path, judged: &[Judgement]) -> Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    for one in judged {
        serde_json::to_writer(&mut out, one)?;
        writeln!(out)?;
    }
    Ok(out.flush()?)
}
