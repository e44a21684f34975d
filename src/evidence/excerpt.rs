//! Lines around a signal, gathered in one pass and ranked at its end.
//!
//! The decisive line can stand thousands of lines above the end, so every line that speaks is a candidate, and what
//! follows decides how much it counts: whether its step failed, whether a retry mended it, how near the end it stands.

use std::collections::{HashSet, VecDeque};

use super::rank::rank;
use super::signals::{Meaning, Scanner, SignalId, SignalTable};
use crate::ingest::log::{Border, Line};
use crate::ingest::mask::mask;

/// Bytes of one excerpt.
const MAX_EXCERPT_BYTES: usize = 1_024;

/// Lines of one excerpt.
const MAX_EXCERPT_LINES: usize = 4;

/// Lines behind a decisive line that are kept as its context.
const FOLLOWERS: u64 = 4;

/// Bytes of a line that are kept.
const KEPT_BYTES: usize = 512;

/// Bytes that are held beyond that until secrets are masked, so that none is cut in half before.
const SECRET_SLACK: usize = 256;

/// Candidates that are kept from the front of a log.
const FIRST_CANDIDATES: usize = 300;

/// Candidates that are kept from its end.
const LAST_CANDIDATES: usize = 700;

/// Lines at the end of the log, or above the last failed step, that are kept as context.
const TAIL_LINES: usize = 40;

/// Shapes of lines that are remembered, to count repetitions.
const MAX_SHAPES: usize = 16_384;

/// A line that speaks.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Where it stands, counted from 1.
    pub number: u64,
    /// Its first byte.
    pub start: u64,
    /// The member of a zip it stands in.
    pub member: usize,
    /// Its step, counted from 0.
    pub step: u32,
    /// Whether the CI system only shows the source of the step here.
    pub echo: bool,
    /// Whether another try was announced in it or in the three lines behind it.
    pub retried: bool,
    /// Its signals.
    pub signals: Vec<SignalId>,
    /// Its cleaned text, masked.
    pub text: Vec<u8>,
    /// The bytes of the excerpt it opens, as received, masked.
    pub raw: Vec<u8>,
    /// Cleaned lines around it, the one before it first, masked.
    pub context: Vec<Vec<u8>>,
    /// How decisive it is; 0 where it can be no evidence.
    pub rank: f32,
    /// Where the next line of the excerpt would have to start; `None` when the excerpt is finished.
    grows_at: Option<u64>,
    joined: usize,
}

/// What was gathered of a whole log.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// Lines that speak, most decisive first.
    pub candidates: Vec<Candidate>,
    /// The end of the last failed step, or of the log.
    pub tail: Vec<Vec<u8>>,
    /// What the last failed step said before it was said to have failed.
    pub last_words: Option<LastWords>,
    /// Names of zip members.
    pub members: Vec<String>,
    /// What is known of the log as a whole.
    pub shape: LogShape,
}

/// Neighbouring lines of the log, whatever they say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastWords {
    /// Number of the first line, counted from 1.
    pub number: u64,
    /// Its first byte.
    pub start: u64,
    /// The member of a zip they stand in.
    pub member: usize,
    /// The bytes as received, masked.
    pub raw: Vec<u8>,
    /// Where each line but the first starts in `raw`.
    breaks: VecDeque<usize>,
    step: u32,
}

/// The log as a whole, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogShape {
    /// Lines.
    pub lines: u64,
    /// Lines that are not empty.
    pub spoken: u64,
    /// Steps that were seen to start.
    pub steps: u32,
    /// Steps that were said to have failed, in order.
    pub failed_steps: Vec<u32>,
    /// Lines that say that something failed, but not why.
    pub markers: u32,
    /// Lines that announce another try.
    pub retries: u32,
    /// The last exit code that was printed with a failure.
    pub exit_code: Option<i32>,
}

/// Gathers candidates from the lines of a log, in bounded memory.
#[derive(Debug)]
pub struct Gatherer {
    table: &'static SignalTable,
    muted: Option<Vec<bool>>,
    first: Vec<Candidate>,
    last: VecDeque<Candidate>,
    shapes: HashSet<(u32, u64)>,
    tail: VecDeque<Vec<u8>>,
    failed_tail: Option<Vec<Vec<u8>>>,
    last_words: LastWords,
    failed_words: Option<LastWords>,
    members: Vec<String>,
    before: Vec<u8>,
    found: Vec<SignalId>,
    scanner: Scanner,
    shape: LogShape,
    /// Lines that the newest candidates still wait for.
    open: u64,
    in_private_key: bool,
}

impl Gatherer {
    /// A gatherer at the start of a log.
    #[must_use]
    pub fn new(table: &'static SignalTable) -> Self {
        Self {
            table,
            muted: None,
            first: Vec::new(),
            last: VecDeque::new(),
            shapes: HashSet::new(),
            tail: VecDeque::with_capacity(TAIL_LINES),
            failed_tail: None,
            last_words: LastWords::default(),
            failed_words: None,
            members: Vec::new(),
            before: Vec::new(),
            found: Vec::new(),
            scanner: Scanner::borrow(),
            shape: LogShape::default(),
            open: 0,
            in_private_key: false,
        }
    }

    /// Reads as if the table did not hold these signals (by their ids). For training alone: so the model learns what
    /// to make of tools that the table does not know.
    pub fn mute(&mut self, muted: Vec<bool>) {
        self.muted = Some(muted);
    }

    /// What follows stands in this member of a zip.
    pub fn member(&mut self, name: String) {
        self.members.push(name);
        self.shape.steps += 1;
        self.open = 0;
    }

    /// Takes the next line.
    pub fn line(&mut self, line: &Line<'_>) {
        self.shape.lines += 1;
        if line.border == Border::Step {
            self.shape.steps += 1;
        }
        if line.text.is_empty() || self.is_private_key(line.text) {
            return;
        }
        self.shape.spoken += 1;
        let mut found = std::mem::take(&mut self.found);
        self.table.scan(&mut self.scanner, line.text, &mut found);
        if let Some(muted) = &self.muted {
            found.retain(|&id| !muted.get(usize::from(id)).copied().unwrap_or(false));
        }
        if self.open > 0 {
            self.open -= 1;
            self.follow(line, &found);
        }
        if !found.is_empty() {
            self.note(line, &found);
        }
        self.found = found;
        if line.border == Border::None {
            self.remember(line.text);
            let says = |meaning| self.table.any_means(&self.found, meaning);
            if !says(Meaning::Generic) && !says(Meaning::StepFailed) {
                self.last_words
                    .add(line, self.members.len().saturating_sub(1), self.shape.steps);
            }
        }
        self.before.clear();
        self.before.extend_from_slice(head(line.text));
    }

    /// Ranks what was gathered.
    #[must_use]
    pub fn finish(mut self) -> Gathered {
        self.scanner.give_back();
        let mut candidates = std::mem::take(&mut self.first);
        candidates.extend(self.last.drain(..));
        for candidate in &mut candidates {
            candidate.seal();
        }
        rank(&mut candidates, &self.shape, self.table);
        let mut tail = self.failed_tail.unwrap_or_else(|| self.tail.into());
        tail.iter_mut().for_each(seal_line);
        let mut last_words = self.failed_words;
        if let Some(words) = &mut last_words {
            seal_raw(&mut words.raw);
        }
        Gathered {
            candidates,
            tail,
            last_words,
            members: self.members,
            shape: self.shape,
        }
    }

    /// The body of a private key is no text to read, and never kept.
    fn is_private_key(&mut self, text: &[u8]) -> bool {
        if text.first() == Some(&b'-') || self.in_private_key {
            let border = memchr::memmem::find(text, b"PRIVATE KEY-----").is_some();
            if border {
                self.in_private_key = text.starts_with(b"-----BEGIN");
                return true;
            }
            // A key that was cut off must not swallow the rest of the log: its lines hold no spaces.
            self.in_private_key &= !text.contains(&b' ');
        }
        self.in_private_key
    }

    /// Takes what a line says of the log as a whole, and makes it a candidate if it speaks.
    fn note(&mut self, line: &Line<'_>, found: &[SignalId]) {
        let (mut speaks, mut retry) = (false, false);
        for &id in found {
            match self.table.get(id).meaning {
                Meaning::Class(_) => speaks = true,
                Meaning::Marker => self.shape.markers += 1,
                Meaning::Retry => retry = true,
                Meaning::StepFailed if line.border != Border::Echo => self.step_failed(line.text),
                Meaning::StepFailed | Meaning::Generic | Meaning::Harmless => {}
            }
        }
        self.shape.retries += u32::from(retry);
        if speaks {
            self.add(line, found, retry);
        }
    }

    fn step_failed(&mut self, text: &[u8]) {
        let failed = &mut self.shape.failed_steps;
        if failed.last() != Some(&self.shape.steps) && failed.len() < 256 {
            failed.push(self.shape.steps);
        }
        self.failed_tail = Some(self.tail.iter().cloned().collect());
        self.failed_words = (self.last_words.step == self.shape.steps && !self.last_words.raw.is_empty())
            .then(|| self.last_words.clone())
            .or(self.failed_words.take());
        self.shape.exit_code = last_number(text).or(self.shape.exit_code);
    }

    fn add(&mut self, line: &Line<'_>, found: &[SignalId], retry: bool) {
        if self.shapes.len() >= MAX_SHAPES {
            self.shapes.clear();
        }
        if !self.shapes.insert((self.shape.steps, shape_hash(line.text))) {
            return;
        }
        let raw = cut(line.behind_wrapper(), MAX_EXCERPT_BYTES + SECRET_SLACK);
        let candidate = Candidate {
            number: line.number,
            start: line.start,
            member: self.members.len().saturating_sub(1),
            step: self.shape.steps,
            echo: line.border != Border::None,
            retried: retry,
            signals: found.to_vec(),
            text: head(line.text).to_vec(),
            raw: raw.to_vec(),
            context: vec![self.before.clone()],
            rank: 0.0,
            grows_at: (raw.len() <= MAX_EXCERPT_BYTES && !line.cut).then_some(line.start + raw.len() as u64 + 1),
            joined: 1,
        };
        self.open = FOLLOWERS;
        if self.first.len() < FIRST_CANDIDATES {
            self.first.push(candidate);
            return;
        }
        if self.last.len() == LAST_CANDIDATES {
            self.last.pop_front();
        }
        self.last.push_back(candidate);
    }

    /// Gives the line to the candidates it stands behind.
    fn follow(&mut self, line: &Line<'_>, found: &[SignalId]) {
        let says = |meaning| self.table.any_means(found, meaning);
        let retry = says(Meaning::Retry);
        let ends = line.border != Border::None || says(Meaning::StepFailed) || says(Meaning::Generic);
        let step = self.shape.steps;
        let newest = self.last.iter_mut().rev().chain(self.first.iter_mut().rev());
        for candidate in newest.take_while(|candidate| line.number - candidate.number <= FOLLOWERS) {
            if candidate.step != step {
                continue;
            }
            candidate.retried |= retry && line.number - candidate.number <= 3;
            if ends {
                candidate.grows_at = None;
            } else {
                candidate.context.push(head(line.text).to_vec());
                candidate.grow(line);
            }
        }
    }

    fn remember(&mut self, text: &[u8]) {
        // The oldest line gives its memory to the newest: most lines of a long log only pass through here.
        let oldest = (self.tail.len() == TAIL_LINES).then(|| self.tail.pop_front()).flatten();
        let mut line = oldest.unwrap_or_default();
        line.clear();
        line.extend_from_slice(head(text));
        self.tail.push_back(line);
    }
}

impl LastWords {
    /// Adds a line; those that it does not stand right behind, or that there is no room for any more, go.
    fn add(&mut self, line: &Line<'_>, member: usize, step: u32) {
        let raw = cut(line.behind_wrapper(), MAX_EXCERPT_BYTES + SECRET_SLACK);
        let end = self.start + self.raw.len() as u64;
        let joins = (self.member, self.step, end + 1) == (member, step, line.whole_start()) && !line.cut;
        if !joins || self.raw.is_empty() || line.whole.len() >= MAX_EXCERPT_BYTES {
            self.raw.clear();
            self.breaks.clear();
            self.raw.extend_from_slice(raw);
            (self.number, self.start, self.member, self.step) = (line.number, line.start, member, step);
            return;
        }
        self.raw.push(b'\n');
        self.breaks.push_back(self.raw.len());
        self.raw.extend_from_slice(line.whole);
        while self.breaks.len() >= MAX_EXCERPT_LINES || self.raw.len() > MAX_EXCERPT_BYTES {
            let Some(first) = self.breaks.pop_front() else { break };
            self.raw.drain(..first);
            self.breaks.iter_mut().for_each(|at| *at -= first);
            self.start += first as u64;
            self.number += 1;
        }
    }
}

impl Candidate {
    /// Whether the bytes of two excerpts overlap.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let end = |candidate: &Self| candidate.start + candidate.raw.len() as u64;
        self.member == other.member && self.start < end(other) && other.start < end(self)
    }

    /// Joins the line to the excerpt, if it stands right behind it and there is room: an excerpt is one byte range.
    fn grow(&mut self, line: &Line<'_>) {
        let fits = self.raw.len() + 1 + line.whole.len() <= MAX_EXCERPT_BYTES && !line.cut;
        if self.grows_at != Some(line.whole_start()) || !fits || self.joined == MAX_EXCERPT_LINES {
            self.grows_at = None;
            return;
        }
        self.raw.push(b'\n');
        self.raw.extend_from_slice(line.whole);
        self.grows_at = Some(line.whole_start() + line.whole.len() as u64 + 1);
        self.joined += 1;
    }

    /// Masks everything that is kept, and only then cuts it: half a secret would not be known as one.
    fn seal(&mut self) {
        seal_raw(&mut self.raw);
        seal_line(&mut self.text);
        self.context.iter_mut().for_each(seal_line);
    }
}

fn seal_raw(raw: &mut Vec<u8>) {
    mask(raw);
    let end = cut(raw, MAX_EXCERPT_BYTES).trim_ascii_end().len();
    raw.truncate(end);
}

fn seal_line(line: &mut Vec<u8>) {
    mask(line);
    let end = cut(line, KEPT_BYTES).len();
    line.truncate(end);
}

/// The front of a line, as much as is kept.
fn head(text: &[u8]) -> &[u8] {
    cut(text, KEPT_BYTES + SECRET_SLACK)
}

/// The front of some bytes, not cut inside of a UTF-8 character.
fn cut(bytes: &[u8], limit: usize) -> &[u8] {
    let mut end = bytes.len().min(limit);
    while end > 0 && end < bytes.len() && bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    &bytes[..end]
}

/// Lines that differ in digits alone have one shape (FNV-1a over all other bytes).
fn shape_hash(text: &[u8]) -> u64 {
    let others = text.iter().filter(|byte| !byte.is_ascii_digit());
    others.fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn last_number(text: &[u8]) -> Option<i32> {
    let last = text.iter().rposition(u8::is_ascii_digit)?;
    let start = text[..last]
        .iter()
        .rposition(|byte| !byte.is_ascii_digit())
        .map_or(0, |at| at + 1);
    std::str::from_utf8(&text[start..=last]).ok()?.parse().ok()
}
