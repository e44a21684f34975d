//! Commands as people run them: the real program, its output, its exit code.

#![expect(clippy::expect_used, reason = "a test that cannot go on ends there")]

mod console;
mod correct;
mod evaluate;
mod exec;
mod health;
mod history;
mod known_issues;
mod papers;
mod many_rows;
mod mcp;
#[path = "../common/served.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod served;
mod server;
mod simulate;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The built program, in an environment that says nothing, without standard input.
pub(crate) fn sentinel() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null());
    command
}

/// The program with a data folder.
pub(crate) fn sentinel_in(data: &Path) -> Command {
    let mut command = sentinel();
    command.arg("--data").arg(data);
    command
}

/// Runs a command to its end.
pub(crate) fn output(command: &mut Command) -> Output {
    command.output().expect("the program starts")
}

/// What a command printed on standard output, as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text on stdout")
}

/// What a command printed on standard error, as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text on stderr")
}
