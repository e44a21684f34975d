//! The command line: what was typed becomes a call. One file a command.

mod evaluate;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The control tower for CI/CD failures.
#[derive(Debug, Parser)]
#[command(name = "sentinel", version, about)]
struct Cli {
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fit the model from the corpus.
    Train(train::Train),
    /// Report how right the model is on labelled failures.
    Evaluate(evaluate::Evaluate),
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Train(train) => train.run(),
        Command::Evaluate(evaluate) => evaluate.run(cli.json),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::debug!(?error, "failed");
            eprintln!("sentinel: {error:#}");
            ExitCode::from(1)
        }
    }
}
