//! `sentinel backup`: a checked copy of the database in one file, while everything goes on.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf, absolute};

use anyhow::{Result, anyhow};
use clap::Args;
use http_body_util::BodyExt;
use serde_json::json;
use warp::http::Method;

use super::reach::Reach;
use super::{Global, logging, runtime, settings, show};
use crate::config::Settings;
use crate::store::sqlite::NewCopy;

/// Copy the database, checked, into one file.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The copy; an older one is replaced when the new one is whole.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    pub(super) fn run(&self, global: &Global) -> Result<()> {
        let settings = settings(global)?;
        logging::to_stderr(&settings.log, global);
        let file = absolute(&self.file)?;
        let bytes = runtime()?.block_on(fetch(&settings, &file))?;
        let shown = show::visible(&file.display().to_string());
        if global.json {
            let said = json!({ "file": shown, "bytes": bytes });
            return Ok(writeln!(stdout(), "{said}")?);
        }
        Ok(writeln!(stdout(), "{shown} ({bytes} bytes), checked")?)
    }
}

/// Writes what is sent to a file of its own, which has its name once it is whole.
async fn fetch(settings: &Settings, file: &Path) -> Result<u64> {
    let mut copy = NewCopy::begin(file)?;
    let reach = Reach::of(settings).await?;
    let mut body = reach.body(Method::GET, "/api/backup", None).await?;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| anyhow!("the copy broke off: {error}"))?;
        if let Some(bytes) = frame.data_ref() {
            copy.write(bytes)?;
        }
    }
    let bytes = copy.finish()?;
    reach.close().await;
    Ok(bytes)
}
