//! The table of signals: what one line of a log can say.
//!
//! The rows are text (`assets/signals/`), a weight and a pattern each. All of them become one Aho-Corasick automaton
//! over the literals that their matches must contain; only a line that holds such a literal is tried with the whole
//! expression, which is compiled when it is first needed. So a long log is read once, at the speed of the automaton.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

use crate::class::FailureClass;

/// Bytes of a line that are looked at; what tools say of a failure stands at the front.
pub const MAX_LINE_BYTES: usize = 4_096;

/// The shortest literal that a pattern may rest on.
const MIN_LITERAL: usize = 3;

/// What a signal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// The root cause is of this class.
    Class(FailureClass),
    /// Something failed, but not why.
    Marker,
    /// Follows every failure; never evidence.
    Generic,
    /// Holds error words and means nothing.
    Harmless,
    /// Another try follows.
    Retry,
    /// The CI system says that the step above ended in failure.
    StepFailed,
}

/// One row of the table.
#[derive(Debug)]
pub struct Signal {
    /// What it says.
    pub meaning: Meaning,
    /// The heading it stands under: a tool, or `any`.
    pub tool: &'static str,
    /// How much it says, 2 to 9.
    pub weight: f32,
    /// The expression, as written.
    pub pattern: &'static str,
    compiled: OnceLock<Option<Regex>>,
    literal_is_all: bool,
}

impl Signal {
    fn matches(&self, line: &[u8]) -> bool {
        if self.literal_is_all {
            return true;
        }
        let compiled = self.compiled.get_or_init(|| {
            RegexBuilder::new(self.pattern)
                .case_insensitive(true)
                .unicode(false)
                .build()
                .ok()
        });
        compiled.as_ref().is_some_and(|regex| regex.is_match(line))
    }
}

/// Position of a signal in its table.
pub type SignalId = u16;

/// All signals and the automaton over them.
#[derive(Debug)]
pub struct SignalTable {
    signals: Vec<Signal>,
    automaton: AhoCorasick,
    owners: Vec<Vec<SignalId>>,
}

/// A row of the table that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("signals/{file}.txt:{line}: {what}")]
pub struct TableError {
    file: &'static str,
    line: usize,
    what: String,
}

/// The files of the table, with what their rows say.
const FILES: [(&str, Meaning, &str); 15] = [
    (
        "build-failure",
        Meaning::Class(FailureClass::Build),
        include_str!("../../assets/signals/build-failure.txt"),
    ),
    (
        "configuration-error",
        Meaning::Class(FailureClass::Configuration),
        include_str!("../../assets/signals/configuration-error.txt"),
    ),
    (
        "dependency-error",
        Meaning::Class(FailureClass::Dependency),
        include_str!("../../assets/signals/dependency-error.txt"),
    ),
    (
        "deployment-failure",
        Meaning::Class(FailureClass::Deployment),
        include_str!("../../assets/signals/deployment-failure.txt"),
    ),
    (
        "network-error",
        Meaning::Class(FailureClass::Network),
        include_str!("../../assets/signals/network-error.txt"),
    ),
    (
        "permission-error",
        Meaning::Class(FailureClass::Permission),
        include_str!("../../assets/signals/permission-error.txt"),
    ),
    (
        "resource-exhaustion",
        Meaning::Class(FailureClass::Resource),
        include_str!("../../assets/signals/resource-exhaustion.txt"),
    ),
    (
        "security-scan-failure",
        Meaning::Class(FailureClass::Security),
        include_str!("../../assets/signals/security-scan-failure.txt"),
    ),
    (
        "test-failure",
        Meaning::Class(FailureClass::Test),
        include_str!("../../assets/signals/test-failure.txt"),
    ),
    (
        "timeout",
        Meaning::Class(FailureClass::Timeout),
        include_str!("../../assets/signals/timeout.txt"),
    ),
    (
        "marker",
        Meaning::Marker,
        include_str!("../../assets/signals/marker.txt"),
    ),
    (
        "generic",
        Meaning::Generic,
        include_str!("../../assets/signals/generic.txt"),
    ),
    (
        "harmless",
        Meaning::Harmless,
        include_str!("../../assets/signals/harmless.txt"),
    ),
    ("retry", Meaning::Retry, include_str!("../../assets/signals/retry.txt")),
    (
        "step-failed",
        Meaning::StepFailed,
        include_str!("../../assets/signals/step-failed.txt"),
    ),
];

impl SignalTable {
    /// The table of this program. Its rows are checked by a test, so a broken one is left out here.
    pub fn shipped() -> &'static Self {
        static TABLE: OnceLock<SignalTable> = OnceLock::new();
        TABLE.get_or_init(|| Self::build(rows().filter_map(Result::ok)))
    }

    fn build(rows: impl Iterator<Item = (Signal, Vec<Vec<u8>>)>) -> Self {
        let mut signals = Vec::new();
        let mut by_literal = BTreeMap::<Vec<u8>, Vec<SignalId>>::new();
        for (signal, literals) in rows.take(usize::from(SignalId::MAX)) {
            let id = SignalId::try_from(signals.len()).unwrap_or(SignalId::MAX);
            for literal in literals {
                by_literal.entry(literal).or_default().push(id);
            }
            signals.push(signal);
        }
        let (literals, owners): (Vec<_>, Vec<_>) = by_literal.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&literals)
            .unwrap_or_else(|_| unreachable!("a few thousand short literals fit an automaton"));
        Self {
            signals,
            automaton,
            owners,
        }
    }

    /// The signal of an id.
    #[must_use]
    pub fn get(&self, id: SignalId) -> &Signal {
        &self.signals[usize::from(id)]
    }

    /// All signals, in the order of their ids.
    #[must_use]
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    /// Puts the signals of one line into `found`, in the order of their ids.
    pub fn scan(&self, line: &[u8], found: &mut Vec<SignalId>) {
        found.clear();
        let line = &line[..line.len().min(MAX_LINE_BYTES)];
        let Ok(hits) = self.automaton.try_find_overlapping_iter(line) else {
            return;
        };
        for hit in hits {
            found.extend_from_slice(&self.owners[hit.pattern().as_usize()]);
        }
        if found.is_empty() {
            return;
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|&id| self.get(id).matches(line));
    }
}

/// Every row of every file, parsed, with the literals its matches must contain.
fn rows() -> impl Iterator<Item = Result<(Signal, Vec<Vec<u8>>), TableError>> {
    FILES.into_iter().flat_map(|(file, meaning, text)| {
        let mut tool = "any";
        text.lines().enumerate().filter_map(move |(index, row)| {
            let row = row.trim();
            if let Some(name) = row.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                tool = name;
                return None;
            }
            if row.is_empty() || row.starts_with('#') {
                return None;
            }
            Some(parse(row, meaning, tool).map_err(|what| TableError {
                file,
                line: index + 1,
                what,
            }))
        })
    })
}

fn parse(row: &'static str, meaning: Meaning, tool: &'static str) -> Result<(Signal, Vec<Vec<u8>>), String> {
    let (weight, pattern) = row
        .split_once(' ')
        .ok_or("a row is a weight, one space and a pattern")?;
    let weight: f32 = weight.parse().map_err(|_| format!("`{weight}` is not a weight"))?;
    let hir = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern)
        .map_err(|error| format!("`{pattern}` is not a pattern: {error}"))?;
    let mut literals = required_literals(&hir).ok_or("no literal that every match contains")?;
    if literals.iter().any(|literal| literal.len() < MIN_LITERAL) {
        return Err(format!("a match may hold no literal of {MIN_LITERAL} characters"));
    }
    for literal in &mut literals {
        literal.make_ascii_lowercase();
    }
    let literal_is_all = matches!(hir.kind(), HirKind::Literal(_));
    Ok((
        Signal {
            meaning,
            tool,
            weight,
            pattern,
            compiled: OnceLock::new(),
            literal_is_all,
        },
        literals,
    ))
}

/// Literals of which every match of the expression contains at least one: of a sequence its best part, of an
/// alternative one of each branch.
fn required_literals(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => required_literals(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required_literals(&repetition.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(required_literals)
            .max_by_key(|literals| shortest(literals)),
        HirKind::Alternation(branches) => {
            let each: Option<Vec<_>> = branches.iter().map(required_literals).collect();
            each.map(|literals| literals.concat())
        }
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

fn shortest(literals: &[Vec<u8>]) -> usize {
    literals.iter().map(Vec::len).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_a_usable_pattern() {
        let broken: Vec<String> = rows()
            .filter_map(|row| match row {
                Err(error) => Some(error.to_string()),
                Ok((signal, _)) => RegexBuilder::new(signal.pattern)
                    .unicode(false)
                    .build()
                    .err()
                    .map(|error| error.to_string()),
            })
            .collect();
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }

    #[test]
    fn no_pattern_stands_in_the_table_twice_with_one_meaning() {
        let mut seen = std::collections::HashSet::new();
        for signal in SignalTable::shipped().signals() {
            assert!(
                seen.insert((signal.meaning, signal.pattern)),
                "twice: {}",
                signal.pattern
            );
        }
    }

    #[test]
    fn a_signal_is_found_in_a_line_whatever_its_case() {
        let mut found = Vec::new();
        SignalTable::shipped().scan(b"##[error]PROCESS completed with exit code 1.", &mut found);
        assert!(
            found
                .iter()
                .any(|&id| SignalTable::shipped().get(id).meaning == Meaning::StepFailed)
        );
    }

    #[test]
    fn every_branch_of_an_alternative_gives_a_literal() {
        let hir = regex_syntax::parse("(?:alpha|be+ta) gamma|delta").expect("valid");
        let found = required_literals(&hir).expect("literals");
        assert_eq!(found, vec![b" gamma".to_vec(), b"delta".to_vec()]);
    }
}
