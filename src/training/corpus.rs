//! Records of failures and of passing steps, as text that a person can read and write.
//!
//! The format is described in `assets/corpus/README.md`.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use crate::class::FailureClass;

/// The corpus inside of this program: retraining and the simulator need it where there is no repository.
static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/corpus");

/// The output of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The root cause; `None` for a step that passed.
    pub class: Option<FailureClass>,
    /// Whose output it is; one name for one tool or dialect.
    pub tool: String,
    /// `node`, `python`, ...
    pub ecosystem: String,
    /// Name of the step.
    pub step: String,
    /// Command of the step.
    pub command: String,
    /// Where its words come from.
    pub origin: Origin,
    /// The lines, and whether each is decisive.
    pub lines: Vec<(String, bool)>,
}

/// Where the words of a record come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// Written from knowledge of what the tool prints. Nothing was measured.
    Authored,
    /// Printed by the real tool in the failure lab.
    Captured(Capture),
}

impl Origin {
    /// The word for it in a model's papers.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Authored => "authored",
            Self::Captured(_) => "captured",
        }
    }
}

/// What the failure lab measured while a step ran.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// The scenario: `tool/name` below `assets/lab`.
    pub scenario: String,
    /// How the step ended.
    pub exit_code: i32,
    /// Seconds from start to end.
    pub seconds: f64,
    /// Share of the machine's processors that was used, 0 to 100.
    pub cpu_percent: f64,
    /// Most memory that one of its processes held, in MB.
    pub memory_mb: f64,
}

/// All records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Corpus {
    /// Steps that failed.
    pub failures: Vec<Record>,
    /// Steps that passed, and clean-up.
    pub noise: Vec<Record>,
    /// SHA-256 over all files, hex.
    pub sha256: String,
}

/// A record that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct CorpusError {
    /// Which file.
    pub file: String,
    /// Which line, counted from 1.
    pub line: usize,
    /// What is wrong, and how to fix it.
    pub what: String,
}

/// What opens the header of a record.
const HEADER: &str = "%% ";

/// What opens the line below the header of a captured record.
const CAPTURED: &str = "%= captured ";

/// What opens a decisive line.
const DECISIVE: &str = "@! ";

impl Corpus {
    /// The corpus inside of this program.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn shipped() -> Result<Self, CorpusError> {
        let mut files = BTreeMap::new();
        for folder in SHIPPED.dirs() {
            for file in folder.files() {
                let text = file.contents_utf8().unwrap_or_default();
                files.insert(file.path().to_string_lossy().into_owned(), text.to_owned());
            }
        }
        Self::parse(&files)
    }

    /// Reads records from files, by name. Names that do not end in `.log` are left out.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn parse(files: &BTreeMap<String, String>) -> Result<Self, CorpusError> {
        let mut corpus = Self::default();
        let mut digest = Sha256::new();
        for (name, text) in files
            .iter()
            .filter(|(name, _)| Path::new(name).extension().is_some_and(|extension| extension == "log"))
        {
            digest.update(text.as_bytes());
            for record in records(name, text)? {
                if record.class.is_some() {
                    &mut corpus.failures
                } else {
                    &mut corpus.noise
                }
                .push(record);
            }
        }
        // Each record's place seeds how it is composed: a lab that grows must not compose all others anew.
        corpus
            .failures
            .sort_by_key(|record| matches!(record.origin, Origin::Captured(_)));
        corpus.sha256 = hex::encode(digest.finalize());
        Ok(corpus)
    }

    /// The tools whose failures are in it, in order.
    #[must_use]
    pub fn tools(&self) -> Vec<&str> {
        let mut tools: Vec<&str> = self.failures.iter().map(|record| record.tool.as_str()).collect();
        tools.sort_unstable();
        tools.dedup();
        tools
    }
}

fn records(file: &str, text: &str) -> Result<Vec<Record>, CorpusError> {
    let error = |line: usize, what: &str| CorpusError {
        file: file.to_owned(),
        line: line + 1,
        what: what.to_owned(),
    };
    let mut records: Vec<(usize, Record)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(header) = line.strip_prefix(HEADER) {
            records.push((number, parse_header(header).map_err(|what| error(number, &what))?));
            continue;
        }
        let Some((_, record)) = records.last_mut() else {
            return Err(error(
                number,
                "text before the first record; a record starts with `%% class | tool | ecosystem | step | command`",
            ));
        };
        if record.lines.is_empty()
            && let Some(capture) = line.strip_prefix(CAPTURED)
        {
            record.origin = Origin::Captured(parse_capture(capture).ok_or_else(|| error(number, CAPTURE_FORM))?);
            continue;
        }
        match line.strip_prefix(DECISIVE) {
            Some(line) => record.lines.push((line.to_owned(), true)),
            None => record.lines.push((line.to_owned(), false)),
        }
    }
    for (number, record) in &mut records {
        while record.lines.last().is_some_and(|(line, _)| line.trim().is_empty()) {
            record.lines.pop();
        }
        let decisive = record.lines.iter().any(|(_, decisive)| *decisive);
        if decisive != record.class.is_some() {
            return Err(error(
                *number,
                "a failure has at least one decisive line (`@! `), noise has none",
            ));
        }
    }
    Ok(records.into_iter().map(|(_, record)| record).collect())
}

fn parse_header(header: &str) -> Result<Record, String> {
    let fields: Vec<&str> = header.splitn(5, '|').map(str::trim).collect();
    let [class, tool, ecosystem, step, command] = fields[..] else {
        return Err("a header has five fields: `%% class | tool | ecosystem | step | command`".to_owned());
    };
    let class = match class {
        "noise" => None,
        class => Some(
            class
                .parse()
                .map_err(|error: crate::class::UnknownClass| error.to_string())?,
        ),
    };
    let [tool, ecosystem, step, command] = [tool, ecosystem, step, command].map(str::to_owned);
    Ok(Record {
        class,
        tool,
        ecosystem,
        step,
        command,
        origin: Origin::Authored,
        lines: Vec::new(),
    })
}

/// What a line that cannot be read as a capture should have been.
const CAPTURE_FORM: &str =
    "the origin of a captured record reads `%= captured tool/name, exit 2, 0.42 s, 61 % cpu, 84 MB`";

fn parse_capture(text: &str) -> Option<Capture> {
    let fields: Vec<&str> = text.split(", ").collect();
    let [scenario, exit, seconds, cpu, memory] = fields[..] else {
        return None;
    };
    Some(Capture {
        scenario: scenario.to_owned(),
        exit_code: exit.strip_prefix("exit ")?.parse().ok()?,
        seconds: quantity(seconds, " s")?,
        cpu_percent: quantity(cpu, " % cpu")?,
        memory_mb: quantity(memory, " MB")?,
    })
}

fn quantity(text: &str, unit: &str) -> Option<f64> {
    let value: f64 = text.strip_suffix(unit)?.parse().ok()?;
    (value.is_finite() && value >= 0.0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Corpus, CorpusError> {
        Corpus::parse(&BTreeMap::from([("a.log".to_owned(), text.to_owned())]))
    }

    #[test]
    fn a_record_is_its_header_and_the_lines_up_to_the_next() {
        let text = "%% timeout | ctest | c-cpp | Test | ctest | tee log\nrunning\n@! Timeout\n\n%% noise | npm | node | Install | npm ci\nadded 3\n";
        let corpus = parse(text).expect("a corpus");
        assert_eq!((corpus.failures.len(), corpus.noise.len()), (1, 1));
        assert_eq!(corpus.failures[0].command, "ctest | tee log");
        assert_eq!(
            corpus.failures[0].lines,
            [("running".to_owned(), false), ("Timeout".to_owned(), true)]
        );
    }

    #[test]
    fn a_captured_record_knows_its_scenario_and_what_was_measured() {
        let text = "%% timeout | ctest | c-cpp | Test | ctest | tee log\n\
                    %= captured ctest/slow, exit 8, 61.5 s, 50 % cpu, 21 MB\nrunning\n@! Timeout\n";
        let corpus = parse(text).expect("a corpus");
        let capture = Capture {
            scenario: "ctest/slow".to_owned(),
            exit_code: 8,
            seconds: 61.5,
            cpu_percent: 50.0,
            memory_mb: 21.0,
        };
        assert_eq!(corpus.failures[0].origin, Origin::Captured(capture));
        assert_eq!(corpus.failures[0].lines.len(), 2);
    }

    #[test]
    fn a_broken_record_is_named_by_file_and_line() {
        for (text, line) in [
            ("hello\n", 1),
            ("%% timeout | ctest\n", 1),
            ("%% flaky | a | b | c | d\n@! x\n", 1),
            ("%% noise | a | b | c | d\nx\n%% timeout | a | b | c | d\nno mark\n", 3),
            ("%% timeout | a | b | c | d\n%= captured a/b, exit 1, fast\n@! x\n", 2),
            (
                "%% timeout | a | b | c | d\n%= captured a/b, exit 1, -1 s, 0 % cpu, 1 MB\n@! x\n",
                2,
            ),
        ] {
            let error = parse(text).expect_err("broken");
            assert_eq!((error.file.as_str(), error.line), ("a.log", line), "{error}");
        }
    }

    #[test]
    fn the_shipped_corpus_has_forty_records_a_class_over_a_dozen_tools() {
        let corpus = Corpus::shipped().expect("the shipped corpus");
        for class in FailureClass::ALL {
            let own: Vec<&Record> = corpus
                .failures
                .iter()
                .filter(|record| record.class == Some(class))
                .collect();
            let tools: std::collections::HashSet<&str> = own.iter().map(|record| record.tool.as_str()).collect();
            assert!(
                own.len() >= 40 && tools.len() >= 12,
                "{class}: {} records, {} tools",
                own.len(),
                tools.len()
            );
        }
        assert!(corpus.noise.len() >= 40, "{} noise blocks", corpus.noise.len());
    }
}
