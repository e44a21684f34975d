//! Finds which of thousands of short literals a line holds.
//!
//! Each literal is looked up by its rarest run of five bytes (three, where it has fewer). A filter of one bit a hashed
//! run, small enough for the nearest caches, passes over almost every place of a line; only where it says "perhaps" are
//! literals compared. This is the idea of Karp and Rabin (1987) with a fixed window, and takes a hundredth of the memory
//! of an automaton over the same literals.

/// Position of a literal in the table.
pub(super) type LiteralId = u32;

/// Bytes of the longest literal; they are compared as one number.
pub(super) const MAX_BYTES: usize = 8;

/// Zero bytes behind a line, so that as many bytes can be read at every place of it.
const PADDING: usize = MAX_BYTES - 1;

/// Bits of the filter of runs of five bytes: 64 KiB.
const LONG_BITS: u32 = 19;

/// Bits of that of runs of three, which are few: 8 KiB.
const SHORT_BITS: u32 = 16;

/// Buckets of literals.
const BUCKET_BITS: u32 = 14;

/// Literals in lower case, of three to eight bytes each.
#[derive(Debug)]
pub(super) struct Literals {
    long: Filter<{ words(LONG_BITS) }>,
    short: Filter<{ words(SHORT_BITS) }>,
    /// Where in `entries` each bucket starts; one more for the end.
    buckets: Vec<u32>,
    entries: Vec<Entry>,
    count: usize,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The literal, first byte lowest.
    text: u64,
    /// Ones where the literal has bytes.
    mask: u64,
    run: u64,
    /// Bytes of the literal before its run.
    before: u32,
    literal: LiteralId,
}

impl Literals {
    pub(super) fn new(literals: &[Vec<u8>]) -> Self {
        let place = |pair: &[u8]| usize::from(u16::from_le_bytes([pair[0], pair[1]]));
        let mut pairs = vec![0_u64; 1 << 16];
        for pair in literals.iter().flat_map(|literal| literal.windows(2)) {
            pairs[place(pair)] += 1;
        }
        // A run of pairs that are rare in literals is rare in logs.
        let commonness = |run: &[u8]| run.windows(2).map(|pair| pairs[place(pair)]).product::<u64>();
        let entry = |(literal, text): (LiteralId, &Vec<u8>)| {
            let length = if text.len() < 5 { text.len().clamp(1, 3) } else { 5 };
            let (before, run) = (0..).zip(text.windows(length)).min_by_key(|(_, run)| commonness(run))?;
            Some(Entry {
                text: number(text),
                mask: u64::MAX >> (8 * MAX_BYTES.saturating_sub(text.len())).min(63),
                run: number(run),
                before,
                literal,
            })
        };
        let mut entries: Vec<Entry> = (0..).zip(literals).filter_map(entry).collect();
        entries.sort_by_key(|entry| (bucket(entry.run), entry.literal));
        let (mut long, mut short) = (Filter::new(), Filter::new());
        for entry in &entries {
            if entry.run > THREE {
                long.add(entry.run);
            } else {
                short.add(entry.run);
            }
        }
        let starts = (0..=1 << BUCKET_BITS).map(|at| entries.partition_point(|entry| bucket(entry.run) < at) as u32);
        Self {
            long,
            short,
            buckets: starts.collect(),
            entries,
            count: literals.len(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Calls `found` with every place where a literal stands in the line, which is in lower case and padded
    /// ([`lower_case`]); with some places twice.
    pub(super) fn find(&self, padded: &[u8], mut found: impl FnMut(LiteralId, usize)) {
        for (at, here) in padded.windows(MAX_BYTES).enumerate() {
            let Some(&here) = here.first_chunk() else { break };
            let here = u64::from_le_bytes(here);
            if self.long.may_hold(here & FIVE) {
                self.compare(padded, at, here & FIVE, &mut found);
            }
            if self.short.may_hold(here & THREE) {
                self.compare(padded, at, here & THREE, &mut found);
            }
        }
    }

    #[cold]
    fn compare(&self, padded: &[u8], at: usize, run: u64, found: &mut impl FnMut(LiteralId, usize)) {
        let bucket = bucket(run);
        let entries = &self.entries[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
        for entry in entries.iter().filter(|entry| entry.run == run) {
            let Some(start) = at.checked_sub(entry.before as usize) else {
                continue;
            };
            let here = padded[start..].first_chunk();
            if here.is_some_and(|here| u64::from_le_bytes(*here) & entry.mask == entry.text) {
                found(entry.literal, start);
            }
        }
    }
}

/// The lowest five bytes of a number.
const FIVE: u64 = 0xff_ffff_ffff;

/// The lowest three.
const THREE: u64 = 0x00ff_ffff;

/// Puts a line into `padded` as [`Literals::find`] wants it. The line itself is all but the last bytes.
pub(super) fn lower_case<'a>(line: &[u8], padded: &'a mut Vec<u8>) -> &'a [u8] {
    padded.clear();
    padded.extend_from_slice(line);
    padded.make_ascii_lowercase();
    padded.extend_from_slice(&[0; PADDING]);
    &padded[..line.len()]
}

/// At most eight bytes as a number, the first lowest.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// One bit a hashed run. Its length is part of its type, so that looking a bit up needs no check.
#[derive(Debug)]
struct Filter<const WORDS: usize>(Box<[u64; WORDS]>);

/// Words that hold so many bits, of which there are a power of two.
const fn words(bits: u32) -> usize {
    1 << (bits - 6)
}

impl<const WORDS: usize> Filter<WORDS> {
    /// An empty one.
    fn new() -> Self {
        let words = vec![0; WORDS].into_boxed_slice();
        let words = words.try_into();
        Self(words.unwrap_or_else(|_| unreachable!("it was made this long")))
    }

    fn add(&mut self, run: u64) {
        let bit = Self::bit(run);
        self.0[bit >> 6] |= 1 << (bit & 63);
    }

    fn may_hold(&self, run: u64) -> bool {
        let bit = Self::bit(run);
        self.0[bit >> 6] >> (bit & 63) & 1 == 1
    }

    fn bit(run: u64) -> usize {
        (run.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (58 - WORDS.ilog2())) as usize
    }
}

fn bucket(run: u64) -> usize {
    (run.wrapping_mul(0xC2B2_AE3D_27D4_EB4F) >> (64 - BUCKET_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(literals: &[&str], line: &[u8]) -> Vec<LiteralId> {
        let table = Literals::new(&literals.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
        let mut padded = Vec::new();
        lower_case(line, &mut padded);
        let mut found = Vec::new();
        table.find(&padded, |literal, _| found.push(literal));
        found
    }

    #[test]
    fn literals_are_found_at_both_ends_and_over_each_other() {
        let mut ids = found(&["err", "error", "rror: x", "not", "xyz"], b"ERROR: xyz");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids, [0, 1, 2, 4]);
        assert!(found(&["abc"], b"ab").is_empty());
        assert!(found(&["abc"], b"").is_empty());
    }

    proptest! {
        #[test]
        fn what_a_plain_search_finds_is_found(
            literals in prop::collection::btree_set("[a-c0 ]{3,8}", 1..40),
            line in prop::collection::vec(prop::sample::select(b"abcABC0 \0".to_vec()), 0..120),
        ) {
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            let text = line.to_ascii_lowercase();
            let holds = |literal: &str| text.windows(literal.len()).any(|part| part == literal.as_bytes());
            let expected = (0..).zip(&literals).filter(|(_, literal)| holds(literal)).map(|(id, _)| id);
            let mut ids = found(&literals, &line);
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(ids, expected.collect::<Vec<LiteralId>>());
        }
    }
}
