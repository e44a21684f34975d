//! `sentinel backup`: a checked copy of the database in one file, while everything goes on.

use std::io::{Write, stdout};
use std::path::{PathBuf, absolute};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use super::{Global, data, settings};
use crate::store::Store;

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
        let file = absolute(&self.file)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let store = data::own(&settings)?;
        runtime.block_on(store.backup(file.clone()))?;
        let bytes = std::fs::metadata(&file)
            .with_context(|| file.display().to_string())?
            .len();
        if global.json {
            let said = json!({ "file": file, "bytes": bytes });
            return Ok(writeln!(stdout(), "{said}")?);
        }
        Ok(writeln!(stdout(), "{} ({bytes} bytes), checked", file.display())?)
    }
}
