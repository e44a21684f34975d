//! The command line: what was typed becomes a call. One file a command.
//!
//! Exit codes: 0 done, 1 failed while running, 2 usage or configuration, 130 and 143 ended by SIGINT and SIGTERM.

mod analyze;
mod backfill;
mod backup;
mod bar;
mod completions;
mod config;
mod console;
mod correct;
mod doctor;
mod drift;
mod evaluate;
mod exec;
mod known_issues;
mod export;
mod health;
mod logging;
mod model;
mod man;
mod mcp;
mod opened;
mod reach;
mod serve;
mod show;
mod simulate;
mod train;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::config::{ConfigError, Environment, Origins, Settings, default_file, trace};

/// The control tower for CI/CD failures.
///
/// Without a command: the terminal and, behind it, the server.
#[derive(Debug, Parser)]
#[command(name = "sentinel", version, about, args_conflicts_with_subcommands = false)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Global {
    /// Settings to read [default: `$SENTINEL_CONFIG`, the user's, the machine's, else built in].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set one setting; may be given again.
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
    /// The data folder; the same as --set data.dir=DIR.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Print no colours.
    #[arg(long, global = true)]
    no_color: bool,
    /// Log more; twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
    /// Log errors alone.
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The server without a terminal; JSON logs on stderr.
    Serve,
    /// Join a running server with this terminal.
    Console,
    /// Judge one log, or many; stores nothing.
    Analyze(analyze::Analyze),
    /// Run a CI step unchanged, measure it, and judge it when it fails.
    Exec(exec::Exec),
    /// Send a seeded stream of failures to a server, or print it.
    Simulate(simulate::Simulate),
    /// Say what a failure really was.
    Correct(correct::Correct),
    /// Take the last correction back.
    Undo,
    /// Make the correction stand again that was taken back last.
    Redo,
    /// Fetch and judge the past failures of a repository, through GitHub's API.
    Backfill(backfill::Backfill),
    /// Try the file of known issues on stored failures, and on logs of jobs that passed.
    KnownIssues(known_issues::Check),
    /// MCP over standard input and output, for an agent on this machine.
    Mcp,
    /// Show how far what arrives has moved from training.
    Drift(drift::Drift),
    /// Fit the model from the corpus.
    Train(train::Train),
    /// Fit a challenger from corpus and corrections; it goes live only where the gate finds it better.
    Retrain(model::Retrain),
    /// The models there are, what was live when, promotion and the way back.
    Model(model::Model),
    /// Report how right the model is on labelled failures.
    Evaluate(evaluate::Evaluate),
    /// Write the history out, newest first.
    Export(export::Export),
    /// Copy the database, checked, into one file.
    Backup(backup::Backup),
    /// Say what keeps this sentinel from working well, and how to mend it.
    Doctor,
    /// Look at the settings.
    #[command(subcommand)]
    Config(config::Config),
    /// Ask whether a server answers at the configured address.
    Health,
    /// Print completions for a shell.
    Completions(completions::Completions),
    /// Print the manual page.
    Man(man::Manual),
}

/// An error of usage or configuration: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// How a command came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// It did what it was asked to.
    Done,
    /// By SIGINT.
    Interrupted,
    /// By SIGTERM.
    Terminated,
    /// With an exit code that says something of its own.
    With(u8),
}

impl From<()> for Ended {
    fn from((): ()) -> Self {
        Self::Done
    }
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let global = cli.global;
    let result = match cli.command {
        None => serve::tower(&global),
        Some(Command::Serve) => serve::headless(&global),
        Some(Command::Console) => console::run(&global),
        Some(Command::Analyze(analyze)) => analyze.run(global.json).map(Ended::from),
        Some(Command::Exec(exec)) => exec.run(&global),
        Some(Command::Simulate(simulate)) => simulate.run(&global),
        Some(Command::Correct(correct)) => correct.run(&global).map(Ended::from),
        Some(Command::Undo) => correct::undo(&global).map(Ended::from),
        Some(Command::Redo) => correct::redo(&global).map(Ended::from),
        Some(Command::Backfill(backfill)) => backfill.run(&global),
        Some(Command::KnownIssues(check)) => check.run(&global).map(Ended::from),
        Some(Command::Mcp) => mcp::run(&global),
        Some(Command::Drift(drift)) => drift.run(&global),
        Some(Command::Train(train)) => train.run().map(Ended::from),
        Some(Command::Retrain(retrain)) => retrain.run(&global).map(Ended::from),
        Some(Command::Model(model)) => model.run(&global),
        Some(Command::Evaluate(evaluate)) => evaluate.run(global.json).map(Ended::from),
        Some(Command::Export(export)) => export.run(&global).map(Ended::from),
        Some(Command::Backup(backup)) => backup.run(&global).map(Ended::from),
        Some(Command::Doctor) => doctor::run(&global),
        Some(Command::Config(config)) => config.run(&global).map(Ended::from),
        Some(Command::Health) => health::run(&global).map(Ended::from),
        Some(Command::Completions(completions)) => completions.run().map(Ended::from),
        Some(Command::Man(manual)) => manual.run().map(Ended::from),
    };
    match result {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Interrupted) => ExitCode::from(130),
        Ok(Ended::Terminated) => ExitCode::from(143),
        Ok(Ended::With(code)) => ExitCode::from(code),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            show::error(&error);
            ExitCode::from(if error.is::<Usage>() || error.is::<ConfigError>() {
                2
            } else {
                1
            })
        }
    }
}

/// Whoever reads our output may stop reading.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::BrokenPipe)
}

/// What a command that waits for others runs on.
fn runtime() -> Result<tokio::runtime::Runtime, anyhow::Error> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime")
}

/// The environment variables that are text.
fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The file that this call reads its settings from, if there is one.
fn config_file(global: &Global) -> Option<PathBuf> {
    global.config.clone().or_else(|| default_file(&environment()))
}

/// Loads the settings that this call is to run with.
fn settings(global: &Global) -> Result<Settings, anyhow::Error> {
    traced_settings(global).map(|(settings, _)| settings)
}

/// The settings, and where each that was set came from.
fn traced_settings(global: &Global) -> Result<(Settings, Origins), anyhow::Error> {
    let environment = environment();
    let file = config_file(global);
    let text = match &file {
        Some(file) => Some(read_config(file)?),
        None => None,
    };
    let mut flags = global.set.clone();
    if let Some(data) = &global.data {
        flags.push(format!("data.dir={}", data.display()));
    }
    let layer = file.as_deref().zip(text.as_deref());
    Ok(trace(layer, &environment, &flags, &|path| {
        std::fs::read_to_string(path)
    })?)
}

fn read_config(file: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(file).map_err(|error| ConfigError::File {
        file: file.display().to_string(),
        what: error.to_string(),
    })
}
