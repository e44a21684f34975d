//! `sentinel man`: the manual page, or a folder of them.

use std::io::{Write, stdout};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::Cli;

/// Print the manual page.
#[derive(Debug, Args)]
pub(super) struct Manual {
    /// Write a page for every command into this folder instead.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Manual {
    pub(super) fn run(&self) -> Result<()> {
        let mut program = Cli::command();
        program.build();
        if let Some(dir) = &self.dir {
            std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
            return clap_mangen::generate_to(program, dir).with_context(|| dir.display().to_string());
        }
        let mut page = Vec::new();
        Man::new(program).render(&mut page)?;
        Ok(stdout().write_all(&page)?)
    }
}
