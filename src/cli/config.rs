//! `sentinel config`: whether the settings can be used, and what they are.

use std::io::{BufWriter, Write, stdout};

use anyhow::Result;
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;
use toml::{Table, Value};

use super::{Global, show, traced_settings};
use crate::config::{Origins, Settings};

/// Look at the settings.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum Config {
    /// Say whether every setting can be used.
    Check,
    /// Print every setting with its value and where that came from; secrets are not shown.
    Show,
}

/// One setting.
#[derive(Serialize)]
struct Line {
    key: String,
    /// As it would stand in the file.
    value: String,
    origin: String,
}

impl Config {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        // What cannot be used ends here, with exit code 2.
        let (settings, origins) = traced_settings(global)?;
        let lines = lines(&settings, &origins)?;
        let mut out = BufWriter::new(stdout().lock());
        match self {
            Self::Check => check(&mut out, &lines, global.json)?,
            Self::Show => print(&mut out, &lines, global.json)?,
        }
        Ok(out.flush()?)
    }
}

fn lines(settings: &Settings, origins: &Origins) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (section, keys) in Table::try_from(settings)? {
        for (name, value) in keys.as_table().into_iter().flatten() {
            let key = format!("{section}.{name}");
            lines.push(Line {
                value: shown(value),
                origin: origins.get(&key).cloned().unwrap_or_else(|| "default".to_owned()),
                key,
            });
        }
    }
    Ok(lines)
}

/// As it would stand in the file. Secrets have left as `***` already.
fn shown(value: &Value) -> String {
    show::visible(&value.to_string())
}

fn check(out: &mut impl Write, lines: &[Line], json: bool) -> Result<()> {
    let set = lines.iter().filter(|line| line.origin != "default").count();
    if json {
        serde_json::to_writer(
            &mut *out,
            &json!({ "valid": true, "settings": lines.len(), "set": set }),
        )?;
        return Ok(writeln!(out)?);
    }
    Ok(writeln!(
        out,
        "{} settings, {set} of them set; all can be used",
        lines.len()
    )?)
}

fn print(out: &mut impl Write, lines: &[Line], json: bool) -> Result<()> {
    if json {
        serde_json::to_writer_pretty(&mut *out, lines)?;
        return Ok(writeln!(out)?);
    }
    for Line { key, value, origin } in lines {
        writeln!(out, "{:<56} # {}", format!("{key} = {value}"), show::visible(origin))?;
    }
    Ok(())
}
