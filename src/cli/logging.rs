//! Where log lines go: to stderr, as JSON or for people, above a bar that is drawn there.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use super::Global;
use super::bar::AboveBar;
use crate::telemetry::{Format, Level, LogSettings};

/// Writes log lines to stderr from here on.
pub(super) fn to_stderr(settings: &LogSettings, global: &Global) {
    let builder = tracing_subscriber::fmt()
        .with_writer(|| AboveBar)
        .with_env_filter(filter(level(settings, global)));
    let set = match settings.format {
        Format::Json => {
            let json = builder.json().flatten_event(true);
            json.with_current_span(false).with_span_list(false).try_init()
        }
        Format::Text => builder.with_ansi(false).try_init(),
    };
    debug_assert!(set.is_ok(), "logging is set up once");
}

/// Writes what goes wrong in a command, for whoever typed it.
pub(super) fn of_command(global: &Global) {
    let settings = LogSettings {
        level: Level::Warn,
        format: Format::Text,
    };
    to_stderr(&settings, global);
}

/// The MCP library tells whole messages, with the keys, logs and control characters in them: only its errors are heard.
fn filter(level: LevelFilter) -> EnvFilter {
    EnvFilter::new(format!("{level},rmcp=error"))
}

fn level(settings: &LogSettings, global: &Global) -> LevelFilter {
    match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (_, 1) => LevelFilter::DEBUG,
        (_, 2..) => LevelFilter::TRACE,
        (_, 0) => match settings.level {
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
            Level::Trace => LevelFilter::TRACE,
        },
    }
}
