//! `sentinel correct`, `undo`, `redo`: a person's word on a failure, from the command line.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::Method;

use super::reach::Reach;
use super::show::visible;
use super::{Global, logging, runtime, settings};
use crate::class::FailureClass;
use crate::correction::StoredCorrection;

/// Arguments of `sentinel correct`.
#[derive(Debug, Args)]
pub(super) struct Correct {
    /// Id of the failure, as the history shows it.
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    id: i64,
    /// The class it really is, as `timeout` or `Test Failure`.
    class: FailureClass,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// What the server says of a correction.
#[derive(Debug, Deserialize)]
struct Corrected {
    correction: StoredCorrection,
    failure: Labelled,
}

/// The part of a row that is printed.
#[derive(Debug, Deserialize)]
struct Labelled {
    id: i64,
    label: FailureClass,
}

impl Correct {
    /// Says it.
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let path = format!("/api/failures/{}/corrections", self.id);
        let body = json!({ "corrected_label": self.class.slug(), "note": self.note });
        said(global, &path, Some(&body), |Corrected { correction, failure }| {
            let (id, from, to) = (failure.id, correction.from, failure.label);
            format!("failure {id}: {to}, was {from}; `sentinel undo` takes it back")
        })
    }
}

/// Takes the last correction back.
pub(super) fn undo(global: &Global) -> Result<()> {
    said(global, "/api/undo", None, |Corrected { correction, failure }| {
        let (id, label, word) = (failure.id, failure.label, correction.correction);
        let actor = visible(&word.actor);
        format!("failure {id}: {label} again, without the {} of {actor}", word.label)
    })
}

/// Makes it stand again.
pub(super) fn redo(global: &Global) -> Result<()> {
    said(global, "/api/redo", None, |Corrected { correction, failure }| {
        let (id, label) = (failure.id, failure.label);
        format!(
            "failure {id}: {label} again, as {} said",
            visible(&correction.correction.actor)
        )
    })
}

fn said(global: &Global, path: &str, body: Option<&Value>, sentence: fn(Corrected) -> String) -> Result<()> {
    let settings = settings(global)?;
    logging::of_command(global);
    let answer: Value = runtime()?.block_on(async {
        let reach = Reach::of(&settings).await?;
        let answer = reach.ask(Method::POST, path, body).await;
        reach.close().await;
        answer
    })?;
    let mut out = std::io::stdout();
    if global.json {
        writeln!(out, "{answer}")?;
    } else {
        writeln!(out, "{}", sentence(serde_json::from_value(answer)?))?;
    }
    Ok(())
}
