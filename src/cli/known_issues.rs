//! `sentinel known-issues`: a dry run of the file of known issues over stored failures and, where a folder of them is given,
//! over logs of jobs that passed.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::Method;

use super::reach::Reach;
use super::show::visible;
use super::{Global, Usage, logging, runtime, settings};
use crate::app::known_issues::{KnownIssues, MOST_GREEN};
use crate::ingest::decompress::{self, Limits, Part};

/// Rows asked for at a time.
const PAGE: usize = 1_000;

/// Bytes of one log of a job that passed that are looked at.
const MAX_LOG: u64 = 64 << 20;

/// Arguments of `sentinel known-issues`.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The file [default: that of `github.known_issues`].
    #[arg(value_name = "FILE.toml")]
    file: Option<PathBuf>,
    /// A folder with logs of jobs that passed; a pattern that hits more than 10 % of them is refused.
    #[arg(long, value_name = "DIR")]
    green: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Page {
    items: Vec<Row>,
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Row {
    evidence: Vec<Excerpt>,
    message: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Excerpt {
    text: String,
}

/// What one issue hits.
#[derive(Debug, Clone, Copy, Default)]
struct Hits {
    failures: usize,
    green: usize,
}

/// Reads a file of known issues; none where no file is named.
///
/// # Errors
/// When it cannot be read, or says something that cannot be meant.
pub(super) fn read(file: &str) -> Result<KnownIssues> {
    if file.is_empty() {
        return Ok(KnownIssues::default());
    }
    let wrong = |what: String| Usage(format!("github.known_issues: {file}: {what}"));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    Ok(KnownIssues::parse(&text).map_err(wrong)?)
}

impl Check {
    /// Prints what each issue hits.
    pub(super) fn run(&self, global: &Global) -> Result<()> {
        let settings = settings(global)?;
        logging::of_command(global);
        let file = match &self.file {
            Some(file) => file.display().to_string(),
            None => settings.github.known_issues.clone(),
        };
        if file.is_empty() {
            return Err(Usage("no file of known issues is named; give one, or set github.known_issues".into()).into());
        }
        let known = read(&file)?;
        let mut hits = vec![Hits::default(); known.all().count()];
        let failures = runtime()?.block_on(async {
            let reach = Reach::of(&settings).await?;
            let counted = count(&reach, &known, &mut hits).await;
            reach.close().await;
            counted
        })?;
        let green = match &self.green {
            Some(folder) => count_green(folder, &known, &mut hits)?,
            None => 0,
        };
        report(global, &known, &hits, failures, green)
    }
}

async fn count(reach: &Reach, known: &KnownIssues, hits: &mut [Hits]) -> Result<usize> {
    let mut failures = 0;
    let mut place = String::new();
    loop {
        let path = format!("/api/history?limit={PAGE}&cursor={place}");
        let page: Page = reach.ask(Method::GET, &path, None).await?;
        for row in &page.items {
            let lines = row.evidence.iter().map(|excerpt| excerpt.text.as_str());
            let text = lines.chain(row.message.as_deref()).collect::<Vec<_>>().join("\n");
            for (at, hit) in hits.iter_mut().enumerate() {
                hit.failures += usize::from(known.matches(at, text.as_bytes()));
            }
        }
        failures += page.items.len();
        match page.next_cursor {
            Some(next) => place = next,
            None => return Ok(failures),
        }
    }
}

/// Looks into every file of a folder, packed or not.
fn count_green(folder: &Path, known: &KnownIssues, hits: &mut [Hits]) -> Result<usize> {
    let mut logs = 0;
    let named = || folder.display().to_string();
    for entry in std::fs::read_dir(folder).with_context(named)? {
        let path = entry.with_context(named)?.path();
        if !path.is_file() {
            continue;
        }
        let file = std::fs::File::open(&path).with_context(|| path.display().to_string())?;
        let limits = Limits {
            max_output: Some(MAX_LOG),
            ..Limits::default()
        };
        let mut text = Vec::new();
        decompress::read_file(file, &limits, &mut |part| {
            if let Part::Bytes(bytes) = part {
                text.extend_from_slice(bytes);
            }
        })
        .with_context(|| path.display().to_string())?;
        for (at, hit) in hits.iter_mut().enumerate() {
            hit.green += usize::from(known.matches(at, &text));
        }
        logs += 1;
    }
    Ok(logs)
}

fn report(global: &Global, known: &KnownIssues, hits: &[Hits], failures: usize, green: usize) -> Result<()> {
    let mut out = std::io::stdout();
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let too_green = |hit: &Hits| green > 0 && hit.green as f64 > MOST_GREEN * green as f64;
    let mut lines: Vec<Value> = Vec::new();
    for (issue, hit) in known.all().zip(hits) {
        let expired = issue.expires.is_some_and(|last| last < today);
        lines.push(json!({
            "pattern": issue.pattern, "failures": hit.failures, "green": hit.green, "expired": expired,
            "refused": too_green(hit),
        }));
        if !global.json {
            let mut notes = vec![format!("{} of {failures} failures", hit.failures)];
            notes.extend((green > 0).then(|| format!("{} of {green} logs of jobs that passed", hit.green)));
            notes.extend(expired.then(|| "expired".to_owned()));
            notes.extend(too_green(hit).then(|| "refused: it hits what passed".to_owned()));
            writeln!(out, "{}: {}", visible(&issue.pattern), notes.join(", "))?;
        }
    }
    if global.json {
        writeln!(out, "{}", Value::from(lines))?;
    }
    let refused = hits.iter().filter(|hit| too_green(hit)).count();
    if refused > 0 {
        bail!("patterns that hit more than 10 % of the logs of jobs that passed: {refused}; make them more precise");
    }
    Ok(())
}
