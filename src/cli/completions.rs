//! `sentinel completions`: what a shell needs to complete this program's words.

use std::io::{Write, stdout};

use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::Cli;

/// Print completions for a shell.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<()> {
        // Into memory first: the generator gives up where it cannot write, and whoever reads may stop reading.
        let mut text = Vec::new();
        generate(self.shell, &mut Cli::command(), "sentinel", &mut text);
        Ok(stdout().write_all(&text)?)
    }
}
