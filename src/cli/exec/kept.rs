//! What a step printed, in bounded memory: the beginning, the end, and a line that says how much is missing between.

use std::collections::VecDeque;

use memchr::{memchr, memchr_iter, memrchr};

/// Bytes from the beginning: what was set up, and with which versions.
const HEAD_BYTES: usize = 1 << 20;

/// Bytes from the end, where most failures are. Together with the head well under the largest body that a server takes.
const TAIL_BYTES: usize = 7 << 20;

/// A line longer than this is kept in pieces.
const LINE_BYTES: usize = 64 << 10;

/// The log of one step.
#[derive(Debug, Default)]
pub(super) struct Kept {
    head: Vec<u8>,
    /// Whether the head ends where the tail begins.
    full: bool,
    tail: VecDeque<u8>,
    left_out_bytes: u64,
    left_out_lines: u64,
}

/// The lines of one stream on their way into the log: two streams that take turns inside of a line stay two lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Takes the next bytes of the stream and passes whole lines on.
    pub(super) fn push(&mut self, chunk: &[u8], kept: &mut Kept) {
        let whole = memrchr(b'\n', chunk).map_or(0, |at| at + 1);
        let (lines, rest) = chunk.split_at(whole);
        if !lines.is_empty() {
            self.finish(kept);
            kept.push(lines);
        }
        self.begun.extend_from_slice(rest);
        if self.begun.len() > LINE_BYTES {
            self.finish(kept);
        }
    }

    /// Passes on what has begun.
    pub(super) fn finish(&mut self, kept: &mut Kept) {
        kept.push(&self.begun);
        self.begun.clear();
    }
}

impl Kept {
    fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if !self.full {
            let (first, later) = rest.split_at(rest.len().min(HEAD_BYTES - self.head.len()));
            self.head.extend_from_slice(first);
            rest = later;
            self.full = self.head.len() == HEAD_BYTES;
        }
        self.tail.extend(rest);
        self.shorten();
    }

    /// Takes bytes off the tail's beginning, up to the end of a line where one is near.
    fn shorten(&mut self) {
        let Some(over) = self.tail.len().checked_sub(TAIL_BYTES).filter(|over| *over > 0) else {
            return;
        };
        let (one, two) = self.tail.as_slices();
        let after = |slice: &[u8], from: usize| memchr(b'\n', slice.get(from..)?).map(|at| from + at + 1);
        let end = after(one, over)
            .or_else(|| after(two, over.saturating_sub(one.len())).map(|at| one.len() + at))
            .filter(|end| end - over < LINE_BYTES)
            .unwrap_or(over);
        let lines: usize = [one, two]
            .iter()
            .zip([end, end.saturating_sub(one.len())])
            .map(|(slice, upto)| memchr_iter(b'\n', &slice[..upto.min(slice.len())]).count())
            .sum();
        self.left_out_bytes += end as u64;
        self.left_out_lines += lines as u64;
        self.tail.drain(..end);
    }

    /// Bytes that were printed but are not in the log.
    pub(super) const fn left_out_bytes(&self) -> u64 {
        self.left_out_bytes
    }

    /// The log.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        let mut log = std::mem::take(&mut self.head);
        if self.left_out_bytes > 0 {
            if !log.ends_with(b"\n") {
                log.push(b'\n');
            }
            let gap = format!(
                "[sentinel: {} lines, {} bytes left out]\n",
                self.left_out_lines, self.left_out_bytes
            );
            log.extend_from_slice(gap.as_bytes());
        }
        let (one, two) = self.tail.as_slices();
        log.extend_from_slice(one);
        log.extend_from_slice(two);
        log
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(chunks: impl IntoIterator<Item = Vec<u8>>) -> Kept {
        let (mut lines, mut kept) = (Lines::default(), Kept::default());
        for chunk in chunks {
            lines.push(&chunk, &mut kept);
        }
        lines.finish(&mut kept);
        kept
    }

    #[test]
    fn a_short_log_is_kept_as_it_is() {
        let text = b"one\ntwo\r\n\xff\x00three";
        for size in 1..text.len() {
            let chunks = text.chunks(size).map(<[u8]>::to_vec);
            assert_eq!(kept(chunks).into_bytes(), text);
        }
    }

    #[test]
    fn two_streams_that_interrupt_each_other_leave_whole_lines() {
        let mut kept = Kept::default();
        let (mut out, mut err) = (Lines::default(), Lines::default());
        out.push(b"half ", &mut kept);
        err.push(b"error: no\n", &mut kept);
        out.push(b"a line\n", &mut kept);
        assert_eq!(kept.into_bytes(), b"error: no\nhalf a line\n");
    }

    #[test]
    fn a_long_log_keeps_its_two_ends_in_bounded_memory_and_says_what_is_missing() {
        let lines = 2_000_000_u32;
        let kept = kept((0..lines).map(|number| format!("line {number}\n").into_bytes()));
        assert!(kept.tail.capacity() <= 2 * (TAIL_BYTES + LINE_BYTES));
        let (bytes, missing) = (kept.left_out_bytes, kept.left_out_lines);
        let log = String::from_utf8(kept.into_bytes()).expect("text");
        assert!(log.len() <= HEAD_BYTES + TAIL_BYTES + 100);
        assert!(log.starts_with("line 0\nline 1\n") && log.ends_with(&format!("line {}\n", lines - 1)));
        let gap = format!("[sentinel: {missing} lines, {bytes} bytes left out]\n");
        assert!(log.contains(&gap));
        let whole: u64 = (0..lines).map(|number| format!("line {number}\n").len() as u64).sum();
        // The head may have been cut inside of a line, which then got an end of its own.
        let present = (log.len() - gap.len()) as u64;
        assert!(whole == present + bytes || whole + 1 == present + bytes);
        let after = log.split_once(&gap).expect("the gap").1;
        assert!(after.starts_with("line "), "the tail begins with a whole line");
    }

    #[test]
    fn a_line_without_end_is_bounded_too() {
        let kept = kept((0..400).map(|_| vec![b'x'; 60_000]));
        let left_out = kept.left_out_bytes();
        let log = kept.into_bytes();
        assert!(log.len() <= HEAD_BYTES + TAIL_BYTES + 100);
        assert!(log.len() as u64 + left_out >= 24_000_000);
    }
}
