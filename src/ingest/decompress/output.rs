//! What comes out of a decoder is counted against what went in, before it is handed on.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;

use super::{CHUNK, DecompressError, Format, Limits, Part, Unpacked};

/// A source whose bytes are counted.
pub(super) struct Counted<R> {
    source: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            count: Rc::default(),
        }
    }

    /// Bytes read so far, now and later.
    pub(super) fn count(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.count.set(self.count.get() + length as u64);
        Ok(length)
    }
}

/// Where unpacked bytes go, within the limits.
pub(super) struct Output<'a> {
    format: Format,
    packed: Rc<Cell<u64>>,
    limits: Limits,
    each: &'a mut dyn FnMut(Part<'_>),
    unpacked: u64,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        format: Format,
        packed: Rc<Cell<u64>>,
        limits: Limits,
        each: &'a mut dyn FnMut(Part<'_>),
    ) -> Self {
        Self {
            format,
            packed,
            limits,
            each,
            unpacked: 0,
        }
    }

    pub(super) const fn unpacked(&self) -> Unpacked {
        Unpacked {
            format: self.format,
            bytes: self.unpacked,
        }
    }

    /// Announces a member.
    pub(super) fn member(&mut self, name: &str) {
        (self.each)(Part::Member(name));
    }

    /// Hands on all that a decoder yields.
    pub(super) fn drain(&mut self, decoder: &mut dyn Read) -> Result<(), DecompressError> {
        let mut chunk = vec![0; CHUNK];
        loop {
            match decoder.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(length) => self.push(chunk.get(..length).unwrap_or_default())?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(error)),
            }
        }
    }

    /// Hands on bytes, as far as the limits let them.
    fn push(&mut self, bytes: &[u8]) -> Result<(), DecompressError> {
        let unpacked = self.unpacked + bytes.len() as u64;
        let packed = self.packed.get();
        let ratio = self.limits.max_ratio;
        if self.format != Format::Plain && unpacked > self.limits.ratio_from && unpacked / ratio.max(1) > packed {
            return Err(DecompressError::Bomb {
                format: self.format,
                ratio,
                packed,
            });
        }
        if let Some(limit) = self.limits.max_output.filter(|limit| unpacked > *limit) {
            let room = usize::try_from(limit - self.unpacked).unwrap_or(usize::MAX);
            self.hand_on(bytes.get(..room).unwrap_or_default());
            return Err(DecompressError::TooLong { limit });
        }
        self.hand_on(bytes);
        Ok(())
    }

    fn hand_on(&mut self, bytes: &[u8]) {
        self.unpacked += bytes.len() as u64;
        if !bytes.is_empty() {
            (self.each)(Part::Bytes(bytes));
        }
    }

    /// What an error of a decoder means.
    pub(super) fn error(&self, error: io::Error) -> DecompressError {
        let (format, unpacked) = (self.format, self.unpacked);
        match error.kind() {
            _ if format == Format::Plain => DecompressError::Io(error),
            ErrorKind::UnexpectedEof => DecompressError::Truncated {
                format,
                unpacked,
                packed: self.packed.get(),
            },
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => DecompressError::Corrupt {
                format,
                unpacked,
                reason: error.to_string(),
            },
            _ => DecompressError::Io(error),
        }
    }
}
