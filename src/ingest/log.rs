//! A log as received becomes lines that can be read: timestamps, colours and wrapper noise off, byte offsets kept.
//!
//! Chunks of any size go in, one [`Line`] at a time comes out; nothing but an unfinished line is held, so a log of any
//! length takes the same memory.

use memchr::{memchr, memrchr};

/// Bytes of a line that are kept; the rest of a longer one is counted and dropped.
pub const MAX_LINE_BYTES: usize = 16 * 1_024;

/// What a line means to the shape of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Border {
    /// An ordinary line.
    None,
    /// A step, or a command that stands for one, starts here.
    Step,
    /// The CI system shows the source of a step, not its output.
    Echo,
}

/// One cleaned line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: u64,
    /// First byte of `raw` in the log.
    pub start: u64,
    /// The line as received, behind what the CI system put before it.
    pub raw: &'a [u8],
    /// The line as received, whole but for its line feed.
    pub whole: &'a [u8],
    /// Whether more of the line was dropped than is here.
    pub cut: bool,
    /// The line to read: no colours, no control characters, no timestamp, no white space at its end.
    pub text: &'a [u8],
    /// What it means to the shape of the log.
    pub border: Border,
}

impl<'a> Line<'a> {
    /// From the first byte of `raw` to the line feed.
    #[must_use]
    pub fn behind_wrapper(&self) -> &'a [u8] {
        &self.whole[self.wrapper()..]
    }

    /// First byte of `whole` in the log.
    #[must_use]
    pub fn whole_start(&self) -> u64 {
        self.start - self.wrapper() as u64
    }

    /// Bytes before `raw`, which is a slice of `whole`.
    fn wrapper(&self) -> usize {
        self.raw.as_ptr() as usize - self.whole.as_ptr() as usize
    }
}

/// Cuts a log into lines and cleans them.
#[derive(Debug, Default)]
pub struct Cleaner {
    /// The unfinished line, at most [`MAX_LINE_BYTES`] of it.
    pending: Vec<u8>,
    /// Bytes of the unfinished line that were dropped.
    dropped: u64,
    /// Where the unfinished line starts.
    offset: u64,
    /// Lines finished.
    lines: u64,
    in_echo: bool,
    scratch: Vec<u8>,
}

impl Cleaner {
    /// A cleaner at the start of a log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lines finished so far.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// Takes the next bytes and hands every line that they finish to `each`.
    pub fn push(&mut self, mut chunk: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        while let Some(end) = memchr(b'\n', chunk) {
            if self.pending.is_empty() && self.dropped == 0 && end <= MAX_LINE_BYTES {
                let (line, consumed) = (&chunk[..end], end as u64 + 1);
                self.emit(line, each);
                self.offset += consumed;
            } else {
                self.hold(&chunk[..end]);
                self.flush(1, each);
            }
            chunk = &chunk[end + 1..];
        }
        self.hold(chunk);
    }

    /// Hands out the last line, where the log does not end in a line feed.
    pub fn finish(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        if !self.pending.is_empty() {
            self.flush(0, each);
        }
    }

    fn hold(&mut self, bytes: &[u8]) {
        let room = MAX_LINE_BYTES.saturating_sub(self.pending.len()).min(bytes.len());
        self.pending.extend_from_slice(&bytes[..room]);
        self.dropped += (bytes.len() - room) as u64;
    }

    fn flush(&mut self, line_feed: u64, each: &mut dyn FnMut(Line<'_>)) {
        let pending = std::mem::take(&mut self.pending);
        self.emit(&pending, each);
        self.offset += pending.len() as u64 + self.dropped + line_feed;
        self.dropped = 0;
        self.pending = pending;
        self.pending.clear();
    }

    fn emit(&mut self, whole: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        self.lines += 1;
        let raw = strip_wrapper(last_segment(whole), self.lines == 1);
        let cut = raw.as_ptr() as usize - whole.as_ptr() as usize;
        let mut scratch = std::mem::take(&mut self.scratch);
        let text = visible(raw, &mut scratch);
        let text = strip_times(text);
        let border = self.border(text);
        each(Line {
            number: self.lines,
            start: self.offset + cut as u64,
            raw,
            whole,
            cut: self.dropped > 0,
            text,
            border,
        });
        self.scratch = scratch;
    }

    fn border(&mut self, text: &[u8]) -> Border {
        match text.first() {
            Some(b'#' | b':') if text.starts_with(b"##[endgroup]") || text.starts_with(b"::endgroup::") => {
                self.in_echo = false;
                return Border::Echo;
            }
            Some(b'#') if text.starts_with(b"##[group]Run ") => {
                self.in_echo = true;
                return Border::Step;
            }
            Some(_) if starts_step(text) => {
                self.in_echo = false;
                return Border::Step;
            }
            _ => {}
        }
        if self.in_echo { Border::Echo } else { Border::None }
    }
}

/// What CI systems print where a step starts, apart from GitHub's `##[group]Run`.
fn starts_step(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 9] = [
        b"##[section]Starting: ",
        b"section_start:",
        b"travis_fold:start:",
        b"Post job cleanup.",
        b"Cleaning up orphan processes",
        b"[Pipeline] { (",
        b"[Pipeline] sh",
        b"Running after_script",
        b"~~~ ",
    ];
    match text {
        [b'$', b' ', rest @ ..] => !rest.is_empty(),
        [b'#' | b's' | b't' | b'P' | b'C' | b'[' | b'R' | b'~', ..] => {
            STARTS.iter().any(|start| text.starts_with(start))
        }
        _ => false,
    }
}

/// Of a line that was drawn over with carriage returns, the part that stayed.
fn last_segment(line: &[u8]) -> &[u8] {
    let mut line = line;
    while let [rest @ .., b'\r'] = line {
        line = rest;
    }
    match memrchr(b'\r', line) {
        Some(at) => &line[at + 1..],
        None => line,
    }
}

/// Cuts off what the CI system puts before each line: byte order mark, job and step columns, timestamp, stream mark.
fn strip_wrapper(line: &[u8], first: bool) -> &[u8] {
    let mut line = line;
    if first {
        line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    }
    strip_times(strip_columns(line))
}

/// A line of an excerpt without what the CI system puts before it.
#[must_use]
pub fn line_to_read(line: &str) -> &str {
    let wrapper = line.len() - strip_wrapper(line.as_bytes(), false).len();
    line.get(wrapper..).unwrap_or(line)
}

/// `job<TAB>step<TAB>2024-...`: what `gh run view --log` prints.
fn strip_columns(line: &[u8]) -> &[u8] {
    let Some(first) = memchr(b'\t', &line[..line.len().min(200)]) else {
        return line;
    };
    let rest = &line[first + 1..];
    let Some(second) = memchr(b'\t', &rest[..rest.len().min(200)]) else {
        return line;
    };
    let tail = &rest[second + 1..];
    let tail = tail.strip_prefix(b"\xef\xbb\xbf").unwrap_or(tail);
    if iso_time(tail).is_some() { tail } else { line }
}

/// Cuts off at most three timestamps of the kinds that wrappers and loggers print, and GitLab's stream mark.
fn strip_times(line: &[u8]) -> &[u8] {
    let mut line = line;
    for _ in 0..3 {
        match line.first() {
            Some(b'0'..=b'9' | b'[' | b'#') => {}
            _ => break,
        }
        let Some(length) = time_prefix(line) else { break };
        line = &line[length..];
    }
    line
}

fn time_prefix(line: &[u8]) -> Option<usize> {
    if let Some(length) = iso_time(line) {
        return Some(gitlab_stream(line, length));
    }
    if let Some(length) = clock_time(line).filter(|&length| matches!(line.get(length), Some(b' ' | b'\t'))) {
        return Some(length + 1);
    }
    if let [b'[', inner @ ..] = line {
        let length = iso_time(inner).or_else(|| clock_time(inner))?;
        let length = if inner.get(length - 1) == Some(&b' ') {
            length - 1
        } else {
            length
        };
        return (inner.get(length) == Some(&b']')).then(|| skip_space(line, length + 2));
    }
    build_kit(line)
}

/// `2024-05-01T12:00:01.1234567Z `, with `T` or a space, any fraction, `Z`, an offset or nothing.
fn iso_time(line: &[u8]) -> Option<usize> {
    if line.len() < 19 || !shape(line, b"dddd-dd-dd") || !matches!(line[10], b'T' | b' ') {
        return None;
    }
    let clock = clock_time(&line[11..])?;
    let mut at = 11 + clock;
    match line.get(at) {
        Some(b'Z') => at += 1,
        Some(b'+' | b'-') if shape(&line[at + 1..], b"dd:dd") => at += 6,
        Some(b'+' | b'-') if shape(&line[at + 1..], b"dddd") => at += 5,
        _ => {}
    }
    Some(skip_space(line, at))
}

/// `12:00:01`, `12:00:01.123` or `12:00:01,123`.
fn clock_time(line: &[u8]) -> Option<usize> {
    if !shape(line, b"dd:dd:dd") {
        return None;
    }
    let mut at = 8;
    if matches!(line.get(at), Some(b'.' | b',')) && line.get(at + 1).is_some_and(u8::is_ascii_digit) {
        at += 1;
        while line.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
    }
    Some(at)
}

/// GitLab marks the stream behind its timestamp: `00O `, `01E+`.
fn gitlab_stream(line: &[u8], at: usize) -> usize {
    let marked = shape(&line[at..], b"dd") && matches!(line.get(at + 2), Some(b'O' | b'E'));
    if marked && matches!(line.get(at + 3), Some(b' ' | b'+')) {
        at + 4
    } else {
        at
    }
}

/// Docker's plain progress: `#12 34.56 `.
fn build_kit(line: &[u8]) -> Option<usize> {
    let digits = |from: usize| line[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if line.first() != Some(&b'#') {
        return None;
    }
    let step = digits(1);
    let seconds_at = 1 + step + 1;
    if step == 0 || step > 4 || line.get(1 + step) != Some(&b' ') || seconds_at >= line.len() {
        return None;
    }
    let whole = digits(seconds_at);
    let point = seconds_at + whole;
    if whole == 0 || line.get(point) != Some(&b'.') {
        return None;
    }
    let end = point + 1 + digits(point + 1);
    (line.get(end) == Some(&b' ')).then_some(end + 1)
}

fn skip_space(line: &[u8], at: usize) -> usize {
    if line.get(at) == Some(&b' ') { at + 1 } else { at }
}

/// Whether the line starts with this shape, in which `d` stands for a digit.
fn shape(line: &[u8], shape: &[u8]) -> bool {
    line.len() >= shape.len()
        && shape.iter().zip(line).all(|(want, have)| {
            if *want == b'd' {
                have.is_ascii_digit()
            } else {
                want == have
            }
        })
}

/// The visible bytes of a line: escape sequences and control characters out, white space at the end off.
fn visible<'a>(raw: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
    if !has_control(raw) {
        return raw.trim_ascii_end();
    }
    scratch.clear();
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = match byte {
            0x1b => skip_escape(tail),
            b'\t' | 0x20..=0x7e | 0x80.. => {
                scratch.push(byte);
                tail
            }
            _ => tail,
        };
    }
    scratch.trim_ascii_end()
}

/// Whether there is a control character other than a tab. Block by block without a way out inside of one, so that the
/// compiler looks at a whole block at once.
fn has_control(raw: &[u8]) -> bool {
    let in_block = |block: &[u8]| {
        let control = |byte: u8| u8::from(byte < 0x20 && byte != b'\t' || byte == 0x7f);
        block.iter().fold(0, |found, &byte| found | control(byte)) != 0
    };
    raw.chunks(64).any(in_block)
}

/// What follows an escape sequence whose ESC has been read (ECMA-48: CSI, OSC and other strings, two-byte ones).
fn skip_escape(rest: &[u8]) -> &[u8] {
    match rest.first() {
        Some(b'[') => {
            let end = rest[1..].iter().position(|byte| (0x40..=0x7e).contains(byte));
            end.map_or(&[], |end| &rest[end + 2..])
        }
        Some(b']' | b'P' | b'X' | b'^' | b'_') => {
            let end = rest
                .iter()
                .position(|&byte| byte == 0x07 || byte == 0x1b || byte == 0x9c);
            match end {
                Some(end) if rest[end] == 0x1b => rest[end + 1..].strip_prefix(b"\\").unwrap_or(&rest[end + 1..]),
                Some(end) => &rest[end + 1..],
                None => &[],
            }
        }
        Some(_) => &rest[1..],
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Number, start, raw and cleaned bytes, border.
    type Seen = (u64, u64, Vec<u8>, Vec<u8>, Border);

    fn lines(chunks: &[&[u8]]) -> Vec<Seen> {
        let mut out = Vec::new();
        let mut cleaner = Cleaner::new();
        let mut each = |line: Line<'_>| {
            out.push((
                line.number,
                line.start,
                line.raw.to_vec(),
                line.text.to_vec(),
                line.border,
            ));
        };
        for chunk in chunks {
            cleaner.push(chunk, &mut each);
        }
        cleaner.finish(&mut each);
        out
    }

    fn text(line: &str) -> String {
        String::from_utf8(lines(&[line.as_bytes()])[0].3.clone()).expect("text")
    }

    #[test]
    fn what_ci_systems_put_before_a_line_is_cut_off() {
        for wrapped in [
            "2024-05-01T12:00:01.1234567Z npm ERR! code E404",
            "\u{feff}2024-05-01T12:00:01.1234567Z npm ERR! code E404",
            "build\tInstall\t2024-05-01T12:00:01.1234567Z npm ERR! code E404",
            "2024-05-01T12:00:01.123456Z 00O npm ERR! code E404",
            "2024-05-01T12:00:01.123456Z 01E+npm ERR! code E404",
            "[2024-05-01T12:00:01.123Z] npm ERR! code E404",
            "12:00:01 npm ERR! code E404",
            "[12:00:01] npm ERR! code E404",
            "#14 3.125 npm ERR! code E404",
            "\x1b[31mnpm ERR!\x1b[0m code \x1b]8;;http://x\x07E404\x1b]8;;\x1b\\",
            "\x1b[0K12:00:01 npm ERR! code E404\x1b[0;m\r",
            "downloading 10%\rdownloading 90%\rnpm ERR! code E404",
        ] {
            assert_eq!(text(wrapped), "npm ERR! code E404", "{wrapped:?}");
        }
    }

    #[test]
    fn a_number_that_is_no_time_stays() {
        for line in [
            "12 tests failed",
            "#14 ERROR: process did not complete",
            "[12] x",
            "2024-05-01 is the date",
        ] {
            assert_eq!(text(line), line);
        }
    }

    #[test]
    fn the_source_of_a_step_is_told_from_its_output() {
        use Border::{Echo, None, Step};
        let log = b"##[group]Run npm ci\nnpm ci\nshell: bash\n##[endgroup]\nadded 3 packages\n$ make\nok\n";
        let borders: Vec<Border> = lines(&[log]).into_iter().map(|line| line.4).collect();
        assert_eq!(borders, [Step, Echo, Echo, Echo, None, Step, None]);
    }

    #[test]
    fn a_line_of_fifty_megabytes_is_one_line_and_the_next_one_stands_where_it_stands() {
        let long = vec![b'x'; 50 << 20];
        let found = lines(&[&long, b"\nnext"]);
        assert_eq!(found[0].2.len(), MAX_LINE_BYTES);
        assert_eq!(
            (found[1].0, found[1].1, found[1].2.as_slice()),
            (2, (50 << 20) + 1, b"next".as_slice())
        );
    }

    proptest! {
        #[test]
        fn raw_is_the_bytes_at_its_offset_however_the_log_is_cut(
            log in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(0x1b), Just(b'['), any::<u8>()], 0..400),
            cut in 0usize..400,
        ) {
            let cut = cut.min(log.len());
            let found = lines(&[&log[..cut], &log[cut..]]);
            prop_assert_eq!(&found, &lines(&[&log]));
            for (_, start, raw, text, _) in found {
                let start = usize::try_from(start).unwrap();
                prop_assert_eq!(&log[start..start + raw.len()], raw.as_slice());
                prop_assert!(text.iter().all(|byte| *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f)));
            }
        }
    }
}
