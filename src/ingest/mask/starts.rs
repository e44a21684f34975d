//! Finds the fixed starts of secrets in bytes.
//!
//! Nearly all bytes are passed over by looking at every second pair of them: each start names three neighbouring bytes of
//! its own, the rarest, and wherever it stands, one of their two pairs stands at an even place. (The idea is that of Wu and
//! Manber, "A fast algorithm for multi-pattern searching", 1994.) An automaton over the starts follows every byte, and was what a
//! delivery spent most of its processor time on.

use std::ops::Range;

use memchr::memchr_iter;

/// What deliveries and logs are full of: pairs of bytes that stand here are common.
const USUAL: &[u8] = br#"{"action":"completed","workflow_job":{"id":210,"run_attempt":1,"head_branch":"main",
    "conclusion":"failure","created_at":"2026-09-01T10:00:59Z","html_url":"https://api.github.com/repos/of/actions/runs",
    "steps":[{"name":"Set up job","status":"success","number":1}],"sender":{"login":"user","site_admin":false},
    "repository":{"default_branch":"main","repository_url":"/repository","description":null,"forks":0}}
    [INFO] Running tests in module: error in the other line 45 at org.example.Class.method(File.java:12)
    warning: cannot find any function (exit code 1) as of downloading packages into /usr/lib/python3/site-packages/node_modules compiling repositories or ready artifacts"#;

/// Which pairs occur in the starts: one bit for each pair of bytes.
const WORDS: usize = (1 << 16) / 64;

/// Pairs looked at before it is asked whether one of them occurs.
const AT_ONCE: usize = 8;

/// Whether the case of letters matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Exact,
    Any,
}

/// A start, and how it is compared.
#[derive(Clone, Copy)]
struct Start {
    text: &'static [u8],
    case: Case,
}

/// The starts that are looked for.
pub(super) struct Starts {
    all: Vec<Start>,
    pairs: Box<[u64; WORDS]>,
    /// Each pair of a start with the number of the start and where the pair stands in it, in order.
    places: Vec<(u16, usize, usize)>,
}

/// How far some bytes were read.
#[derive(Default)]
pub(super) struct Reading {
    /// Even; all pairs before it were looked at.
    at: usize,
    /// Starts that were seen and not yet told: where each ends, and its number. The one that ends first is the last.
    seen: Vec<(usize, usize)>,
}

impl Starts {
    pub(super) fn new(starts: impl IntoIterator<Item = (&'static str, Case)>) -> Self {
        let starts = starts.into_iter().map(|(text, case)| Start {
            text: text.as_bytes(),
            case,
        });
        let starts: Vec<_> = starts.collect();
        let places = starts.iter().enumerate();
        let places =
            places.flat_map(|(number, start)| start.pairs().into_iter().map(move |(pair, at)| (pair, number, at)));
        let mut places: Vec<_> = places.collect();
        places.sort_unstable();
        let mut pairs = Box::new([0; WORDS]);
        for (pair, ..) in &places {
            pairs[usize::from(pair / 64)] |= 1 << (pair % 64);
        }
        Self {
            all: starts,
            pairs,
            places,
        }
    }

    /// The next start, in the order of their ends; of those that end together the longest first. What follows it may be
    /// covered before the next call: no start is told that stands in bytes which were covered.
    pub(super) fn next(&self, bytes: &[u8], reading: &mut Reading) -> Option<(usize, Range<usize>)> {
        loop {
            let until = reading.seen.last().map_or(bytes.len(), |(end, _)| *end);
            if reading.at < until {
                self.look(bytes, reading, until);
                continue;
            }
            let (end, number) = reading.seen.pop()?;
            let start = self.all[number];
            let stands = end - start.text.len()..end;
            if start.is(&bytes[stands.clone()]) {
                return Some((number, stands));
            }
        }
    }

    /// Reads up to the next pair that may belong to a start, or to `until`.
    fn look(&self, bytes: &[u8], reading: &mut Reading, until: usize) {
        let (pairs, _) = bytes[reading.at..].as_chunks::<2>();
        let pairs = &pairs[..pairs.len().min((until - reading.at).div_ceil(2))];
        // Several at once first: a question a pair would take longer than the looking.
        let (several, _) = pairs.as_chunks::<AT_ONCE>();
        let none = |pairs: &[[u8; 2]; AT_ONCE]| pairs.iter().fold(0, |bits, pair| bits | self.bit(*pair)) == 0;
        let passed = AT_ONCE * several.iter().take_while(|pairs| none(pairs)).count();
        let found = pairs[passed..].iter().position(|pair| self.bit(*pair) != 0);
        let Some(found) = found else {
            reading.at = until.next_multiple_of(2);
            return;
        };
        let pair = u16::from_le_bytes(pairs[passed + found]);
        let place = reading.at + 2 * (passed + found);
        reading.at = place + 2;
        self.note(bytes, reading, pair, place);
    }

    /// 1 where a pair occurs in the starts.
    fn bit(&self, pair: [u8; 2]) -> u64 {
        let pair = u16::from_le_bytes(pair);
        self.pairs[usize::from(pair / 64)] >> (pair % 64) & 1
    }

    /// Notes the starts whose `pair` stands at `place`.
    fn note(&self, bytes: &[u8], reading: &mut Reading, pair: u16, place: usize) {
        let from = self.places.partition_point(|(other, ..)| *other < pair);
        let same = self.places[from..].iter().take_while(|(other, ..)| *other == pair);
        for &(_, number, offset) in same {
            let start = self.all[number];
            let length = start.text.len();
            let stands = place
                .checked_sub(offset)
                .and_then(|from| bytes.get(from..from + length));
            if stands.is_some_and(|stands| start.is(stands)) {
                let end = place - offset + length;
                let later = |&(other, its): &(usize, usize)| (other, length) > (end, self.all[its].text.len());
                let position = reading.seen.partition_point(later);
                reading.seen.insert(position, (end, number));
            }
        }
    }
}

impl Start {
    /// Whether some bytes are this start.
    fn is(self, bytes: &[u8]) -> bool {
        match self.case {
            Case::Exact => bytes == self.text,
            Case::Any => bytes.eq_ignore_ascii_case(self.text),
        }
    }

    /// The pairs of its three rarest neighbours in all their cases, and where they stand in it. What a start of two bytes
    /// lacks for that may be anything.
    fn pairs(self) -> Vec<(u16, usize)> {
        if let [one, other] = *self.text {
            let behind = (0..=u8::MAX).filter(|&next| (other, next) != (one, other));
            let behind = behind.map(|next| ([other, next], 1));
            return self.in_all_cases(behind.chain([([one, other], 0)]));
        }
        let pair = |at: usize| [self.text[at], self.text[at + 1]];
        let rarest = (0..self.text.len() - 2).min_by_key(|&at| common(pair(at)) + common(pair(at + 1)));
        self.in_all_cases(
            rarest
                .into_iter()
                .flat_map(|at| [(pair(at), at), (pair(at + 1), at + 1)]),
        )
    }

    fn in_all_cases(self, pairs: impl Iterator<Item = ([u8; 2], usize)>) -> Vec<(u16, usize)> {
        let cases = |byte: u8| match self.case {
            Case::Exact => [byte, byte],
            Case::Any => [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()],
        };
        let all = pairs.flat_map(|([one, other], at)| {
            let both = cases(one).map(|one| cases(other).map(|other| (u16::from_le_bytes([one, other]), at)));
            both.into_iter().flatten()
        });
        let mut all: Vec<_> = all.collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// How common a pair is, and how common its bytes are.
fn common(pair: [u8; 2]) -> usize {
    let pairs = USUAL.windows(2).filter(|usual| *usual == pair).count();
    let [one, other] = pair.map(|byte| memchr_iter(byte, USUAL).count());
    pairs * USUAL.len() + one * other
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXTS: [(&str, Case); 9] = [
        ("token", Case::Any),
        ("_token", Case::Any),
        ("ken", Case::Any),
        ("://", Case::Any),
        ("SK", Case::Exact),
        ("password", Case::Any),
        ("ssw", Case::Exact),
        ("a+b+c", Case::Exact),
        ("key-----", Case::Any),
    ];

    fn found(text: &[u8]) -> Vec<(usize, Range<usize>)> {
        let (starts, mut reading) = (Starts::new(TEXTS), Reading::default());
        std::iter::from_fn(|| starts.next(text, &mut reading)).collect()
    }

    /// Every start at every place, looked for one by one.
    fn looked_for(text: &[u8]) -> Vec<(usize, Range<usize>)> {
        let mut all: Vec<_> = TEXTS
            .iter()
            .enumerate()
            .flat_map(|(number, (start, _))| (0..text.len()).map(move |at| (number, at..at + start.len())))
            .filter(|(number, stands)| {
                let (start, case) = TEXTS[*number];
                text.get(stands.clone()).is_some_and(|there| match case {
                    Case::Exact => there == start.as_bytes(),
                    Case::Any => there.eq_ignore_ascii_case(start.as_bytes()),
                })
            })
            .collect();
        all.sort_by_key(|(_, stands)| (stands.end, stands.start));
        all
    }

    #[test]
    fn no_start_is_told_that_stands_in_what_was_covered() {
        let mut text = b"ken token password".to_vec();
        let (starts, mut reading) = (Starts::new(TEXTS), Reading::default());
        assert_eq!(starts.next(&text, &mut reading), Some((2, 0..3)));
        text[6..14].fill(b'*');
        assert_eq!(starts.next(&text, &mut reading), None);
    }

    proptest! {
        #[test]
        fn every_start_is_found_at_every_place(parts in proptest::collection::vec(prop_oneof![
            prop::sample::select(&TEXTS[..]).prop_map(|(start, _)| start.to_owned()), "[a-zA-Z_:/+]{0,3}", Just("ToKeN".to_owned())
        ], 0..12)) {
            // A start of two bytes needs something behind it; so do all secrets.
            let text = parts.concat() + ".";
            prop_assert_eq!(found(text.as_bytes()), looked_for(text.as_bytes()));
        }
    }
}
