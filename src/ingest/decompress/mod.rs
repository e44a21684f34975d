//! A log as stored or sent (plain, gzip, zip, zstd) becomes its bytes, chunk by chunk, in bounded memory.
//!
//! The format is told by the first bytes, never by a name. What unpacks to far more than it is, names members outside
//! of itself, or ends too early is an error that says so; what was handed out before stays usable.

mod output;
mod stream;
mod zip;

use std::fmt;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use self::output::{Counted, Output};

/// Bytes that are read, and handed out, at a time.
const CHUNK: usize = 64 * 1_024;

/// Bytes at the start that tell the format.
const MAGIC: usize = 6;

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// What follows is this member of a zip; offsets count from here.
    Member(&'a str),
    /// The next bytes.
    Bytes(&'a [u8]),
}

/// What a log may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that may come out; nothing for any number.
    pub max_output: Option<u64>,
    /// How many times its packed size it may unpack to, once it is past `ratio_from`.
    pub max_ratio: u64,
    /// Bytes that may come out at any ratio.
    pub ratio_from: u64,
    /// Bytes of a zip that are held in memory where its source cannot seek: its list of members stands at its end.
    pub max_held_zip: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_output: None,
            max_ratio: 250,
            ratio_from: 64 << 20,
            max_held_zip: 256 << 20,
        }
    }
}

/// How a log is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Not at all.
    Plain,
    /// RFC 1952, one member or many.
    Gzip,
    /// A zip archive.
    Zip,
    /// RFC 8878, one frame or many.
    Zstd,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain text",
            Self::Gzip => "gzip",
            Self::Zip => "zip",
            Self::Zstd => "zstd",
        })
    }
}

/// What was unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked {
    /// How it was packed.
    pub format: Format,
    /// Bytes that came out.
    pub bytes: u64,
}

/// Why a log could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum DecompressError {
    /// Its source failed.
    #[error("the log could not be read: {0}")]
    Io(#[source] io::Error),
    /// It ends in the middle.
    #[error(
        "the {format} ends too early: {unpacked} bytes of log were read from {packed} bytes; get the whole file again"
    )]
    Truncated {
        /// How it is packed.
        format: Format,
        /// Bytes that came out.
        unpacked: u64,
        /// Bytes that went in.
        packed: u64,
    },
    /// It is damaged.
    #[error("the {format} is damaged after {unpacked} bytes of log: {reason}")]
    Corrupt {
        /// How it is packed.
        format: Format,
        /// Bytes that came out.
        unpacked: u64,
        /// What the decoder says.
        reason: String,
    },
    /// It unpacks to far more than it is.
    #[error("the {format} unpacks to more than {ratio} times its {packed} bytes; that is no log, and is not read")]
    Bomb {
        /// How it is packed.
        format: Format,
        /// The ratio that is allowed.
        ratio: u64,
        /// Bytes that went in.
        packed: u64,
    },
    /// It is longer than allowed.
    #[error("the log is longer than {limit} bytes, which is the limit")]
    TooLong {
        /// Bytes that may come out.
        limit: u64,
    },
    /// A zip that cannot seek is larger than what may be held.
    #[error(
        "the zip is larger than {limit} bytes, which is the limit where it comes through a pipe; give the file itself"
    )]
    ZipTooLarge {
        /// Bytes that may be held.
        limit: u64,
    },
    /// A zip names too many members.
    #[error("the zip has more than {limit} members, or counts them in 64 bits; that is not read")]
    TooManyMembers {
        /// Members that are allowed.
        limit: usize,
    },
    /// A member of a zip names a place outside of it.
    #[error("member `{name}` of the zip leads outside of it; such an archive is not read")]
    UnsafeName {
        /// Its name.
        name: String,
    },
    /// A member of a zip needs a password.
    #[error("member `{name}` of the zip is encrypted; unpack it first")]
    Encrypted {
        /// Its name.
        name: String,
    },
    /// It is packed in another way.
    #[error("logs packed as {0} are not read; unpack it first (read are plain text, gzip, zip, zstd)")]
    Unsupported(&'static str),
}

/// Unpacks what a pipe, a body or memory holds. A zip is held in memory, up to `limits.max_held_zip`.
///
/// # Errors
/// When the source fails, or the log is damaged, cut, a bomb, or beyond the limits. What came out before is good.
pub fn read(
    mut source: impl Read,
    limits: &Limits,
    each: &mut dyn FnMut(Part<'_>),
) -> Result<Unpacked, DecompressError> {
    let magic = magic(&mut source)?;
    let format = format(&magic)?;
    let mut whole = Cursor::new(&magic).chain(source);
    if format != Format::Zip {
        return unpack(format, whole, limits, each);
    }
    let mut held = Vec::new();
    let most = limits.max_held_zip;
    whole
        .by_ref()
        .take(most.saturating_add(1))
        .read_to_end(&mut held)
        .map_err(DecompressError::Io)?;
    if held.len() as u64 > most {
        return Err(DecompressError::ZipTooLarge { limit: most });
    }
    zip::unpack(Cursor::new(held), limits, each)
}

/// Unpacks a file. A zip is read where it lies, whatever its size.
///
/// # Errors
/// As [`read`].
pub fn read_file(
    mut file: impl Read + Seek,
    limits: &Limits,
    each: &mut dyn FnMut(Part<'_>),
) -> Result<Unpacked, DecompressError> {
    let magic = magic(&mut file)?;
    file.seek(SeekFrom::Start(0)).map_err(DecompressError::Io)?;
    match format(&magic)? {
        Format::Zip => zip::unpack(BufReader::with_capacity(CHUNK, file), limits, each),
        format @ (Format::Plain | Format::Gzip | Format::Zstd) => unpack(format, file, limits, each),
    }
}

fn unpack(
    format: Format,
    source: impl Read,
    limits: &Limits,
    each: &mut dyn FnMut(Part<'_>),
) -> Result<Unpacked, DecompressError> {
    let source = Counted::new(source);
    let mut output = Output::new(format, source.count(), *limits, each);
    stream::unpack(format, BufReader::with_capacity(CHUNK, source), &mut output)?;
    Ok(output.unpacked())
}

/// The first bytes, fewer where there are no more.
fn magic(source: &mut impl Read) -> Result<Vec<u8>, DecompressError> {
    let mut magic = Vec::with_capacity(MAGIC);
    source
        .by_ref()
        .take(MAGIC as u64)
        .read_to_end(&mut magic)
        .map_err(DecompressError::Io)?;
    Ok(magic)
}

/// How the first bytes say that a log is packed.
fn format(magic: &[u8]) -> Result<Format, DecompressError> {
    match magic {
        [0x1f, 0x8b, ..] => Ok(Format::Gzip),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Ok(Format::Zip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Ok(Format::Zstd),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => Err(DecompressError::Unsupported("xz")),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A'] => Err(DecompressError::Unsupported("bzip2")),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c] => Err(DecompressError::Unsupported("7z")),
        _ => Ok(Format::Plain),
    }
}

#[cfg(test)]
mod tests;
