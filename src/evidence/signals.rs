//! The table of signals: what one line of a log can say.
//!
//! The rows are text (`assets/signals/`), a weight and a pattern each. Every match of a pattern
//! must contain certain literals, and a line is looked through for all of these at once; only a line that holds one is
//! tried with the whole expression, which is compiled when it is first needed, and from that place alone where the
//! literal tells where a match begins. So a long log is read once, at the speed of the search for literals.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use foldhash::fast::RandomState;
use memchr::memmem::Finder;
use regex_automata::hybrid::BuildError;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind as RegexMatchKind};
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::literals::{self, LiteralId, Literals};
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
    /// Whether a match begins with the line.
    front: bool,
    /// What the expression stands for, in lower case, where that is a few plain texts.
    plain: Option<Vec<Finder<'static>>>,
    compiled: OnceLock<Option<DFA>>,
}

impl Signal {
    /// Whether a match begins anywhere in the line, or just at `start`.
    fn matches(&self, line: Cased<'_>, start: Option<usize>, id: SignalId, states: &mut States) -> bool {
        if let Some(texts) = &self.plain {
            return texts.iter().any(|text| match start {
                Some(start) => line.lower[start..].starts_with(text.needle()),
                None => text.find(line.lower).is_some(),
            });
        }
        let Some(dfa) = self.compiled.get_or_init(|| compile(self.pattern).ok()) else {
            return false;
        };
        let input = match start {
            Some(start) => Input::new(line.own).range(start..).anchored(Anchored::Yes),
            None => Input::new(line.own),
        };
        matches!(
            dfa.try_search_fwd(states.of(id, dfa), &input.earliest(true)),
            Ok(Some(_))
        )
    }
}

/// A line as it is, and in lower case.
#[derive(Debug, Clone, Copy)]
struct Cased<'a> {
    own: &'a [u8],
    lower: &'a [u8],
}

/// Compiles an expression into a lazy automaton: of thousands, a log needs a few hundred, and of those few states.
fn compile(pattern: &str) -> Result<DFA, Box<BuildError>> {
    DFA::builder()
        .configure(
            DFA::config()
                .match_kind(RegexMatchKind::All)
                .cache_capacity(CACHE_BYTES)
                .skip_cache_capacity_check(true),
        )
        .thompson(
            thompson::Config::new()
                .which_captures(WhichCaptures::None)
                .shrink(false)
                .utf8(false),
        )
        .syntax(syntax::Config::new().case_insensitive(true).unicode(false).utf8(false))
        .build(pattern)
        .map_err(Box::new)
}

/// Bytes that the states of one expression may take before they are made anew.
const CACHE_BYTES: usize = 48 << 10;

/// Position of a signal in its table.
pub type SignalId = u16;

/// All signals, and the literals they are looked up by.
#[derive(Debug)]
pub struct SignalTable {
    signals: Vec<Signal>,
    /// By signal: choices of literals; a line that holds none of one choice cannot match.
    needs: Vec<Vec<Vec<LiteralId>>>,
    literals: Literals,
    /// By literal: the signals that are looked up by it.
    owners: Vec<Vec<Owner>>,
}

/// A signal that is looked up by a literal.
#[derive(Debug, Clone, Copy)]
struct Owner {
    signal: SignalId,
    /// Bytes of a match that stand before the literal, where they are always as many.
    before: Option<u16>,
    /// Whether a match begins with the line.
    front: bool,
    /// Whether a line must hold other literals too.
    needy: bool,
}

/// Choices of literals that a signal is looked up by; more would make the table larger and tell little.
const MAX_CHOICES: usize = 3;

/// What a scan needs besides the table, kept from line to line.
#[derive(Debug, Default)]
pub struct Scanner {
    /// By literal: the last line that held it, and which hit that was.
    held: Vec<(u32, u32)>,
    line: u32,
    hits: Vec<Hit>,
    /// The line at hand in lower case, padded.
    lower: Vec<u8>,
    states: States,
    seen: Seen,
}

/// A literal of the line at hand.
#[derive(Debug)]
struct Hit {
    literal: LiteralId,
    /// How often it stands there.
    count: u16,
    /// Where, the first times.
    places: [u16; MAX_PLACES],
}

/// Places of one literal in one line that are tried apart; with more, the line is tried as a whole, so that no line
/// takes time by the square of its length.
const MAX_PLACES: usize = 4;

impl Hit {
    /// Where a match of a signal can begin that this is a literal of; `None`: anywhere.
    fn starts(&self, owner: Owner) -> Option<impl Iterator<Item = usize> + '_> {
        let before = owner.before?;
        let places = self.places.get(..usize::from(self.count))?.iter();
        Some(places.filter_map(move |place| place.checked_sub(before).map(usize::from)))
    }

    /// Whether one can begin anywhere.
    fn can_begin(&self, owner: Owner) -> bool {
        let Some(mut starts) = self.starts(owner) else {
            return true;
        };
        starts.any(|start| start == 0 || !owner.front)
    }

    /// Whether one holds anywhere in the line.
    fn is_proved(&self, owner: Owner, mut holds_at: impl FnMut(Option<usize>) -> bool) -> bool {
        match self.starts(owner) {
            _ if owner.front => holds_at(Some(0)),
            Some(mut starts) => starts.any(|start| holds_at(Some(start))),
            None => holds_at(None),
        }
    }
}

/// What lines said that were read before: a log that is long says the same things again and again.
#[derive(Debug, Default)]
struct Seen {
    /// By place: the hash of the line that is remembered there.
    hashes: Vec<u64>,
    lines: Vec<SeenLine>,
}

/// A line in place, so that remembering one waits for no memory.
#[derive(Debug, Clone, Copy)]
struct SeenLine {
    length: u16,
    count: u16,
    found: [SignalId; MAX_SEEN_SIGNALS],
    line: [u8; MAX_SEEN_BYTES],
}

/// Lines that are remembered, each in the one place that its bytes give it.
const SEEN_LINES: usize = 1 << 12;

/// Bytes of the longest line that is remembered.
const MAX_SEEN_BYTES: usize = 236;

/// Signals of a line that is remembered.
const MAX_SEEN_SIGNALS: usize = 8;

impl Seen {
    fn get(&self, hash: u64, line: &[u8]) -> Option<&[SignalId]> {
        let place = Self::place(hash);
        let seen = self.lines.get(place).filter(|_| self.hashes[place] == hash)?;
        let is_same = seen.line.get(..usize::from(seen.length)) == Some(line);
        is_same.then(|| seen.found.get(..usize::from(seen.count))).flatten()
    }

    fn keep(&mut self, hash: u64, line: &[u8], found: &[SignalId]) {
        let (Ok(length), Ok(count)) = (u16::try_from(line.len()), u16::try_from(found.len())) else {
            return;
        };
        if line.len() > MAX_SEEN_BYTES || found.len() > MAX_SEEN_SIGNALS {
            return;
        }
        if self.lines.is_empty() {
            let none = SeenLine {
                length: 0,
                count: 0,
                found: [0; MAX_SEEN_SIGNALS],
                line: [0; MAX_SEEN_BYTES],
            };
            self.hashes.resize(SEEN_LINES, 0);
            self.lines.resize(SEEN_LINES, none);
        }
        let place = Self::place(hash);
        self.hashes[place] = hash;
        let seen = &mut self.lines[place];
        (seen.length, seen.count) = (length, count);
        seen.line[..line.len()].copy_from_slice(line);
        seen.found[..found.len()].copy_from_slice(found);
    }

    fn place(hash: u64) -> usize {
        hash as usize % SEEN_LINES
    }
}

/// Eight bytes at a time; collisions cost time and change nothing.
fn hash(line: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = line.len() as u64;
    let mut words = line.chunks_exact(8);
    for word in &mut words {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    }
    for &byte in words.remainder() {
        hash = (hash.rotate_left(5) ^ u64::from(byte)).wrapping_mul(FACTOR);
    }
    hash ^ hash >> 32
}

/// What expressions have learned of the lines they were tried on.
#[derive(Debug, Default)]
struct States {
    /// By signal: states of its expression, where it was tried.
    caches: Vec<Option<Box<Cache>>>,
    /// How many of them are there.
    held: usize,
}

/// Expressions whose states are held at one time. A log wakes a few hundred; one that wakes thousands makes some anew
/// instead of filling the memory.
const MAX_CACHES: usize = 4_096;

impl States {
    fn of(&mut self, id: SignalId, dfa: &DFA) -> &mut Cache {
        let id = usize::from(id);
        if self.caches.len() <= id {
            self.caches.resize_with(id + 1, || None);
        }
        if self.caches[id].is_none() {
            if self.held == MAX_CACHES {
                self.caches.fill_with(|| None);
                self.held = 0;
            }
            self.held += 1;
        }
        self.caches[id].get_or_insert_with(|| Box::new(dfa.create_cache()))
    }
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
        TABLE.get_or_init(|| Self::build(rows().into_iter().filter_map(Result::ok)))
    }

    fn build(rows: impl Iterator<Item = (Signal, Vec<Choice>)>) -> Self {
        let rows: Vec<(Signal, Vec<Choice>)> = rows.take(usize::from(SignalId::MAX)).collect();
        let windows = Windows::of(rows.iter().flat_map(|(_, choices)| choices.iter().flatten()));
        let mut ids = BTreeMap::<Vec<u8>, LiteralId>::new();
        let mut needs = Vec::with_capacity(rows.len());
        let mut owners: Vec<Vec<Owner>> = Vec::new();
        let ranked = on_threads(&rows, |(_, choices)| windows.rank(choices));
        for (signal, ((row, _), ranked)) in (0..).zip(rows.iter().zip(&ranked)) {
            let mut others = Vec::new();
            for (place, (choice, parts)) in ranked.iter().enumerate() {
                let looked_up = parts.iter().map(|part| {
                    let next = LiteralId::try_from(ids.len()).unwrap_or(LiteralId::MAX);
                    *ids.entry(part.text.to_vec()).or_insert(next)
                });
                let looked_up: Vec<LiteralId> = looked_up.collect();
                owners.resize(ids.len(), Vec::new());
                if place > 0 {
                    others.push(looked_up);
                    continue;
                }
                for ((literal, part), &id) in choice.iter().zip(parts).zip(&looked_up) {
                    let before = literal.before.and_then(|before| u16::try_from(before + part.at).ok());
                    owners[id as usize].push(Owner {
                        signal,
                        before,
                        front: row.front,
                        needy: ranked.len() > 1,
                    });
                }
            }
            needs.push(others);
        }
        let mut literals: Vec<(LiteralId, Vec<u8>)> = ids.into_iter().map(|(literal, id)| (id, literal)).collect();
        literals.sort_unstable();
        let literals: Vec<Vec<u8>> = literals.into_iter().map(|(_, literal)| literal).collect();
        let literals = Literals::new(&literals);
        let signals = rows.into_iter().map(|(signal, _)| signal).collect();
        Self {
            signals,
            needs,
            literals,
            owners,
        }
    }

    /// The signal of an id.
    #[must_use]
    pub fn get(&self, id: SignalId) -> &Signal {
        &self.signals[usize::from(id)]
    }

    /// Whether one of these signals means this.
    #[must_use]
    pub fn any_means(&self, signals: &[SignalId], meaning: Meaning) -> bool {
        signals.iter().any(|&id| self.get(id).meaning == meaning)
    }

    /// All signals, in the order of their ids.
    #[must_use]
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    /// Puts the signals of one line into `found`, in the order of their ids.
    pub fn scan(&self, scanner: &mut Scanner, line: &[u8], found: &mut Vec<SignalId>) {
        found.clear();
        let line = &line[..line.len().min(MAX_LINE_BYTES)];
        let hash = hash(line);
        if let Some(known) = scanner.seen.get(hash, line) {
            found.extend_from_slice(known);
            return;
        }
        scanner.start(self.literals.len());
        let mut padded = std::mem::take(&mut scanner.lower);
        let lower = literals::lower_case(line, &mut padded).len();
        self.literals.find(&padded, |literal, at| scanner.hold(literal, at));
        let cased = Cased {
            own: line,
            lower: &padded[..lower],
        };
        let mut states = std::mem::take(&mut scanner.states);
        let mut tried = false;
        for hit in &scanner.hits {
            for &owner in &self.owners[hit.literal as usize] {
                let id = owner.signal;
                let can_be = || {
                    !owner.needy
                        || self.needs[usize::from(id)]
                            .iter()
                            .all(|choice| scanner.holds_one(choice))
                };
                if !hit.can_begin(owner) || !can_be() || found.contains(&id) {
                    continue;
                }
                tried = true;
                let signal = self.get(id);
                if hit.is_proved(owner, |start| signal.matches(cased, start, id, &mut states)) {
                    found.push(id);
                }
            }
        }
        scanner.states = states;
        scanner.lower = padded;
        found.sort_unstable();
        if tried {
            // Else it took no longer than remembering it.
            scanner.seen.keep(hash, line, found);
        }
    }
}

/// Scanners that wait for their next log: the states they hold took long to make.
static IDLE: Mutex<Vec<Scanner>> = Mutex::new(Vec::new());

/// Idle scanners that are kept; as many as logs are commonly read at one time.
const MAX_IDLE: usize = 4;

impl Scanner {
    /// A scanner, warm where one is idle. What it holds changes no result, only how soon it is there.
    #[must_use]
    pub fn borrow() -> Self {
        IDLE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default()
    }

    /// Keeps the scanner for the next log.
    pub fn give_back(self) {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE {
            idle.push(self);
        }
    }

    fn start(&mut self, literals: usize) {
        self.hits.clear();
        self.line = self.line.wrapping_add(1);
        if self.held.len() != literals || self.line == 0 {
            self.held.clear();
            self.held.resize(literals, (0, 0));
            self.line = 1;
        }
    }

    fn hold(&mut self, literal: LiteralId, at: usize) {
        let (line, hit) = &mut self.held[literal as usize];
        if *line != self.line {
            (*line, *hit) = (self.line, self.hits.len() as u32);
            self.hits.push(Hit {
                literal,
                count: 0,
                places: [0; MAX_PLACES],
            });
        }
        let hit = &mut self.hits[*hit as usize];
        if let Some(place) = hit.places.get_mut(usize::from(hit.count)) {
            // A line that is looked at has at most `MAX_LINE_BYTES`.
            *place = at as u16;
        }
        hit.count += 1;
    }

    fn holds_one(&self, choice: &[LiteralId]) -> bool {
        choice.iter().any(|&literal| self.held[literal as usize].0 == self.line)
    }
}

/// Parts of literals, and in how many literals each stands: a long literal is looked up by its rarest part, which
/// keeps the table small.
struct Windows<'a> {
    counts: HashMap<&'a [u8], usize, RandomState>,
}

/// Bytes of a literal that are looked for.
const WINDOW: usize = literals::MAX_BYTES;

/// A part of a literal.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    /// In how many literals it stands, short parts weighted: they are found everywhere, however few expressions hold them.
    commonness: usize,
    /// Bytes of the literal before it.
    at: usize,
    text: &'a [u8],
}

impl<'a> Windows<'a> {
    fn of(literals: impl Iterator<Item = &'a Literal>) -> Self {
        let mut counts = HashMap::default();
        let windows = |text: &'a Vec<u8>| text.windows(text.len().min(WINDOW));
        for window in literals.flat_map(|literal| windows(&literal.text)) {
            *counts.entry(window).or_default() += 1;
        }
        Self { counts }
    }

    /// The choices whose parts are the rarest, rarest first, and these parts.
    fn rank<'b>(&self, choices: &'b [Choice]) -> Vec<(&'b Choice, Vec<Part<'b>>)> {
        let ranked = choices.iter().map(|choice| {
            let parts: Vec<Part<'_>> = choice.iter().map(|literal| self.rarest(&literal.text)).collect();
            (choice, parts)
        });
        let mut ranked: Vec<_> = ranked.collect();
        ranked.sort_by_cached_key(|(_, parts)| parts.iter().map(|part| part.commonness).max().unwrap_or(usize::MAX));
        ranked.truncate(MAX_CHOICES);
        ranked
    }

    /// The rarest part of a literal.
    fn rarest<'b>(&self, literal: &'b [u8]) -> Part<'b> {
        let parts = literal.windows(literal.len().clamp(1, WINDOW)).enumerate();
        let factor = |text: &[u8]| match text.len() {
            _ if is_everyday(text) => 1_000,
            ..5 => 50,
            _ => 1,
        };
        let parts = parts.map(|(at, text)| Part {
            commonness: self.counts.get(text).copied().unwrap_or(0) * factor(text),
            at,
            text,
        });
        parts.min_by_key(|part| part.commonness).unwrap_or(Part {
            commonness: usize::MAX,
            at: 0,
            text: literal,
        })
    }
}

/// Threads that build the table: a start waits for them.
const BUILDERS: usize = 4;

/// A row of a file.
#[derive(Debug, Clone, Copy)]
struct Row {
    file: &'static str,
    line: usize,
    meaning: Meaning,
    tool: &'static str,
    text: &'static str,
}

/// Every row of every file, parsed, with the literals its matches must contain.
fn rows() -> Vec<Result<(Signal, Vec<Choice>), TableError>> {
    let rows: Vec<Row> = FILES.into_iter().flat_map(rows_of).collect();
    on_threads(&rows, |row| {
        parse(row.text, row.meaning, row.tool).map_err(|what| TableError {
            file: row.file,
            line: row.line,
            what,
        })
    })
}

/// What becomes of each, in their order.
fn on_threads<'a, T: Sync, R: Send>(all: &'a [T], work: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(threads.min(BUILDERS)).max(1));
        let parts = parts.map(|part| scope.spawn(|| part.iter().map(&work).collect::<Vec<_>>()));
        let parts: Vec<_> = parts.collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

fn rows_of((file, meaning, text): (&'static str, Meaning, &'static str)) -> impl Iterator<Item = Row> {
    let mut tool = "any";
    text.lines().zip(1..).filter_map(move |(text, line)| {
        let text = text.trim();
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            tool = name;
            return None;
        }
        let says = !text.is_empty() && !text.starts_with('#');
        says.then_some(Row {
            file,
            line,
            meaning,
            tool,
            text,
        })
    })
}

/// What a match can hold, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Literal {
    text: Vec<u8>,
    /// Bytes of the match before it, where they are always as many.
    before: Option<usize>,
}

/// Literals of which every match holds at least one, at its place.
type Choice = Vec<Literal>;

fn parse(row: &'static str, meaning: Meaning, tool: &'static str) -> Result<(Signal, Vec<Choice>), String> {
    let (weight, pattern) = row
        .split_once(' ')
        .ok_or("a row is a weight, one space and a pattern")?;
    let weight: f32 = weight
        .parse()
        .map_err(|error| format!("`{weight}` is not a weight: {error}"))?;
    let hir = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern)
        .map_err(|error| format!("`{pattern}` is not a pattern: {error}"))?;
    let mut choices = choices(&hir, Some(0));
    choices.retain(|choice| shortest(choice) >= MIN_LITERAL);
    if choices.is_empty() {
        return Err(format!("a match may hold no literal of {MIN_LITERAL} characters"));
    }
    Ok((
        Signal {
            meaning,
            tool,
            weight,
            pattern,
            front: hir.properties().look_set_prefix().contains(Look::Start),
            plain: exact(&hir).map(|texts| {
                texts
                    .iter()
                    .map(|text| Finder::new(&text.to_ascii_lowercase()).into_owned())
                    .collect()
            }),
            compiled: OnceLock::new(),
        },
        choices,
    ))
}

/// Literals that one part of an expression may stand for; more are not told apart.
const MAX_EXACT: usize = 80;

/// Bytes of a class of which each is read as a text. Digits are not: any line holds some.
const MAX_CLASS: usize = 8;

/// Of an expression that begins so many bytes after the match does, every set of literals that a line can be looked up by.
fn choices(hir: &Hir, before: Option<usize>) -> Vec<Choice> {
    match hir.kind() {
        HirKind::Capture(capture) => choices(&capture.sub, before),
        HirKind::Repetition(repetition) if repetition.min > 0 => choices(&repetition.sub, before),
        HirKind::Concat(parts) => of_sequence(parts, before),
        HirKind::Alternation(branches) => {
            let best = |branch: &Hir| choices(branch, before).into_iter().max_by_key(telling);
            let each: Option<Vec<Choice>> = branches.iter().map(best).collect();
            each.map(|each| vec![each.concat()]).unwrap_or_default()
        }
        HirKind::Literal(_) | HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => {
            exact(hir).map(|texts| choice(texts, before)).into_iter().collect()
        }
    }
}

fn choice(texts: Texts, before: Option<usize>) -> Choice {
    let literal = |mut text: Vec<u8>| {
        text.make_ascii_lowercase();
        Literal { text, before }
    };
    texts.into_iter().map(literal).collect()
}

/// Neighbours that stand for few literals are read together: `(no|bad) token` is `no token` or `bad token`.
fn of_sequence(parts: &[Hir], before: Option<usize>) -> Vec<Choice> {
    let mut found = Vec::new();
    let mut running: Texts = vec![Vec::new()];
    let (mut start, mut at) = (before, before);
    for part in parts {
        let next = exact(part);
        let longer = next.as_ref().and_then(|next| product(&running, next));
        let length = fixed_length(part);
        let end = at.and_then(|at| Some(at + length?));
        if let Some(longer) = longer {
            running = longer;
        } else if let Some(repeated) = repeated(part) {
            // Its beginning belongs to what came before it, its end to what follows.
            running = product(&running, &repeated).unwrap_or(running);
            found.push(choice(std::mem::replace(&mut running, repeated), start));
            start = at.filter(|_| length.is_some());
        } else if let Some(next) = next {
            found.push(choice(std::mem::replace(&mut running, next), start));
            start = at;
        } else {
            found.push(choice(std::mem::replace(&mut running, vec![Vec::new()]), start));
            found.extend(choices(part, at));
            start = end;
        }
        at = end;
    }
    found.push(choice(running, start));
    found
}

/// How much is told by a choice of which a line holds one: nothing where one is too short; little where one is an everyday
/// word; else the more the longer they are.
fn telling(choice: &Choice) -> (bool, bool, usize) {
    let shortest = shortest(choice);
    let rare = choice.iter().all(|literal| !is_everyday(&literal.text));
    (shortest >= MIN_LITERAL, rare, shortest)
}

/// Words that many a line holds, of logs that end well too.
const EVERYDAY: [&str; 40] = [
    "building",
    "cannot",
    "command",
    "compiling",
    "configuration",
    "connection",
    "could not",
    "deployment",
    "directory",
    "docker",
    "download",
    "downloading",
    "errors",
    "exception",
    "exit code",
    "failed to",
    "failing",
    "fails",
    "failure",
    "files",
    "http",
    "install",
    "installing",
    "invalid",
    "missing",
    "modules",
    "not found",
    "packages",
    "passed",
    "plugins",
    "requests",
    "running",
    "status",
    "testing",
    "tests",
    "timeout",
    "unable to",
    "unknown",
    "versions",
    "warnings",
];

/// Whether a literal in lower case is an everyday word, or part of one.
fn is_everyday(literal: &[u8]) -> bool {
    static PARTS: LazyLock<HashSet<&[u8], RandomState>> = LazyLock::new(|| {
        let words = EVERYDAY.iter().map(|word| word.as_bytes());
        words
            .flat_map(|word| (1..=word.len()).flat_map(move |length| word.windows(length)))
            .collect()
    });
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    let (first, last) = (literal.iter().position(is_letter), literal.iter().rposition(is_letter));
    let word = first.zip(last).map(|(first, last)| &literal[first..=last]);
    word.is_none_or(|word| PARTS.contains(word))
}

/// Bytes that an expression stands for, where they are always as many.
fn fixed_length(hir: &Hir) -> Option<usize> {
    let properties = hir.properties();
    properties
        .minimum_len()
        .filter(|&shortest| properties.maximum_len() == Some(shortest))
}

/// Texts of which one stands there.
type Texts = Vec<Vec<u8>>;

/// Repetitions that are read as one text; of more, so many are.
const MAX_REPEATED: u32 = 8;

/// What an expression that is repeated begins with, and ends with as well, where that is few texts.
fn repeated(hir: &Hir) -> Option<Texts> {
    match hir.kind() {
        HirKind::Capture(capture) => repeated(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => times(repetition, repetition.min.min(MAX_REPEATED)),
        _ => None,
    }
}

/// What a repeated expression stands for, so many times.
fn times(repetition: &Repetition, count: u32) -> Option<Texts> {
    let once = exact(&repetition.sub)?;
    (0..count).try_fold(vec![Vec::new()], |running, _| product(&running, &once))
}

/// The literals that an expression stands for, where they are few.
fn exact(hir: &Hir) -> Option<Texts> {
    let few = |all: Texts| (all.len() <= MAX_EXACT).then_some(all);
    let of_class = |all: Texts| (1..=MAX_CLASS).contains(&all.len()).then_some(all);
    match hir.kind() {
        HirKind::Empty => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .try_fold(vec![Vec::new()], |running, part| product(&running, &exact(part)?)),
        HirKind::Alternation(branches) => few(branches.iter().map(exact).collect::<Option<Vec<_>>>()?.concat()),
        HirKind::Repetition(repetition) if repetition.min == 0 && repetition.max == Some(1) => {
            few([exact(&repetition.sub)?, vec![Vec::new()]].concat())
        }
        HirKind::Repetition(repetition)
            if repetition.max == Some(repetition.min) && (1..=MAX_REPEATED).contains(&repetition.min) =>
        {
            times(repetition, repetition.min)
        }
        HirKind::Class(Class::Bytes(class)) => {
            let bytes = class.iter().flat_map(|range| range.start()..=range.end());
            let texts: Texts = bytes.map(|byte| vec![byte]).take(MAX_CLASS + 1).collect();
            of_class(texts)
        }
        HirKind::Class(Class::Unicode(class)) => {
            let letters = class.iter().flat_map(|range| range.start()..=range.end());
            let texts: Texts = letters
                .map(|letter| letter.to_string().into_bytes())
                .take(MAX_CLASS + 1)
                .collect();
            of_class(texts)
        }
        HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

fn product(heads: &Texts, tails: &Texts) -> Option<Texts> {
    let all = || {
        heads
            .iter()
            .flat_map(|head| tails.iter().map(move |tail| [head.as_slice(), tail].concat()))
    };
    (heads.len() * tails.len() <= MAX_EXACT).then(|| all().collect())
}

fn shortest(choice: &Choice) -> usize {
    choice.iter().map(|literal| literal.text.len()).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_a_usable_pattern() {
        let broken: Vec<String> = rows()
            .into_iter()
            .filter_map(|row| match row {
                Err(error) => Some(error.to_string()),
                Ok((signal, _)) => compile(signal.pattern)
                    .err()
                    .map(|error| format!("{}: {error}", signal.pattern)),
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
        SignalTable::shipped().scan(
            &mut Scanner::default(),
            b"##[error]PROCESS completed with exit code 1.",
            &mut found,
        );
        assert!(
            found
                .iter()
                .any(|&id| SignalTable::shipped().get(id).meaning == Meaning::StepFailed)
        );
    }

    #[test]
    fn every_branch_of_an_alternative_gives_a_literal() {
        assert_eq!(
            choices_of("(?:alpha|be+ta) gamma|delta"),
            [[(" gamma", None), ("delta", Some(0))]]
        );
    }

    #[test]
    fn a_literal_tells_where_its_match_begins() {
        assert_eq!(choices_of(r"\berror: "), [[("error: ", Some(0))]]);
        assert_eq!(
            choices_of(r"[A-Z]{2}[0-9]+ (?:no|bad) token: .+ gone"),
            [
                vec![(" no token: ", None), (" bad token: ", None)],
                vec![(" gone", None)]
            ]
        );
        assert_eq!(
            choices_of(r"[A-Z]{2}[a-z]: (?:lost|gone)!+ (?:again)+"),
            [
                vec![(": lost!", Some(3)), (": gone!", Some(3))],
                vec![("! again", None)],
                vec![("again", None)]
            ]
        );
        assert_eq!(
            choices_of(r"(✗|×) .*(fail|error)"),
            [
                vec![("× ", Some(0)), ("✗ ", Some(0))],
                vec![("fail", None), ("error", None)]
            ]
        );
    }

    fn choices_of(pattern: &str) -> Vec<Vec<(&'static str, Option<usize>)>> {
        let hir = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .build()
            .parse(pattern)
            .expect("valid");
        let own = |literal: Literal| {
            let text = String::from_utf8_lossy(&literal.text).into_owned().leak();
            (&*text, literal.before)
        };
        let mut choices = choices(&hir, Some(0));
        choices.retain(|choice| shortest(choice) >= MIN_LITERAL);
        choices
            .into_iter()
            .map(|choice| choice.into_iter().map(own).collect())
            .collect()
    }

    /// Lines of the corpus, from every file some.
    #[expect(clippy::disallowed_methods, reason = "the module reads no files, its tests do")]
    fn lines() -> Vec<Vec<u8>> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/corpus/failures");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .expect("the corpus")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.sort();
        let texts = files.iter().map(|file| std::fs::read(file).expect("a record file"));
        texts
            .flat_map(|text| {
                text.split(|byte| *byte == b'\n')
                    .map(<[u8]>::to_vec)
                    .collect::<Vec<_>>()
            })
            .step_by(25)
            .collect()
    }

    #[test]
    fn the_table_finds_what_each_expression_finds_alone() {
        let table = SignalTable::shipped();
        let lines = lines();
        assert!(lines.len() > 1_000, "{} lines", lines.len());
        let mut expected: Vec<Vec<SignalId>> = vec![Vec::new(); lines.len()];
        for (id, signal) in (0..).zip(table.signals()) {
            let alone = compile(signal.pattern).expect("a pattern");
            let mut cache = alone.create_cache();
            for (line, expected) in lines.iter().zip(&mut expected) {
                let line = &line[..line.len().min(MAX_LINE_BYTES)];
                if let Ok(Some(_)) = alone.try_search_fwd(&mut cache, &Input::new(line).earliest(true)) {
                    expected.push(id);
                }
            }
        }
        let (mut scanner, mut found) = (Scanner::default(), Vec::new());
        for (line, expected) in lines.iter().zip(expected) {
            table.scan(&mut scanner, line, &mut found);
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(line));
        }
    }
}
