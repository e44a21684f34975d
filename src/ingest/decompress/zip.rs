//! Zip archives: which members are read, in which order, and which archives are not read at all.

use std::cell::Cell;
use std::io::{Read, Seek, SeekFrom};
use std::rc::Rc;

use memchr::memmem;
use zip::ZipArchive;
use zip::result::ZipError;

use super::output::Output;
use super::{CHUNK, DecompressError, Format, Limits, Part, Unpacked};
use crate::ingest::text;

/// Members of one archive; a run of GitHub has a few for each of at most 256 jobs.
const MAX_MEMBERS: usize = 10_000;

/// Bytes of the record that ends a zip, without its comment (APPNOTE 4.3.16).
const END_RECORD: usize = 22;

/// How that record starts.
const END_MAGIC: &[u8] = b"PK\x05\x06";

/// Unpacks the members of an archive.
///
/// GitHub's archive of a run holds each job's log at the top, and once more in pieces in folders: folders are read
/// only where there is nothing at the top. Archives in archives are handed on as they are.
pub(super) fn unpack(
    mut source: impl Read + Seek,
    limits: &Limits,
    each: &mut dyn FnMut(Part<'_>),
) -> Result<Unpacked, DecompressError> {
    let length = check_end_records(&mut source)?;
    let mut output = Output::new(Format::Zip, Rc::new(Cell::new(length)), *limits, each);
    let mut archive = ZipArchive::new(source).map_err(|error| failed(&output, error))?;
    for (index, name) in members(&mut archive, &output)? {
        let mut member = archive.by_index(index).map_err(|error| failed(&output, error))?;
        output.member(&name);
        output.drain(&mut member)?;
    }
    Ok(output.unpacked())
}

/// The members to read, in the order of their numbers, and their names. Looks at all of them before any is unpacked.
fn members<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    output: &Output<'_>,
) -> Result<Vec<(usize, String)>, DecompressError> {
    if archive.len() > MAX_MEMBERS {
        return Err(DecompressError::TooManyMembers { limit: MAX_MEMBERS });
    }
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(|error| failed(output, error))?;
        let name = text::name(member.name()).unwrap_or_default();
        if leads_outside(member.name()) {
            return Err(DecompressError::UnsafeName { name });
        }
        if member.encrypted() {
            return Err(DecompressError::Encrypted { name });
        }
        if !member.is_dir() && !member.is_symlink() {
            files.push((index, name));
        }
    }
    if files.iter().any(|(_, name)| !name.contains('/')) {
        files.retain(|(_, name)| !name.contains('/'));
    }
    files.sort_by(|(_, one), (_, other)| order(one).cmp(&order(other)));
    Ok(files)
}

/// Whether a name stands for a place outside of the folder that it is unpacked in.
fn leads_outside(name: &str) -> bool {
    let absolute = name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':');
    absolute || name.contains('\0') || name.split(['/', '\\']).any(|part| part == "..")
}

/// By folder, then by the number in front (`2_build.txt` before `10_build.txt`), then by name.
fn order(name: &str) -> (&str, u64, &str) {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let number = file.split_once('_').and_then(|(number, _)| number.parse().ok());
    (folder, number.unwrap_or(u64::MAX), file)
}

/// The length of the archive.
///
/// Refuses every end record that points to a 64-bit one: the reader makes room for as many members as that claims,
/// before it reads one. Without it there are 65,534 at most. All records are looked at, since the reader tries them all.
fn check_end_records(source: &mut (impl Read + Seek)) -> Result<u64, DecompressError> {
    let mut window = Vec::with_capacity(CHUNK + END_RECORD);
    let mut length = 0;
    loop {
        let read = source
            .by_ref()
            .take(CHUNK as u64)
            .read_to_end(&mut window)
            .map_err(DecompressError::Io)?;
        length += read as u64;
        if memmem::find_iter(&window, END_MAGIC).any(|at| points_to_64_bits(&window, at)) {
            return Err(DecompressError::TooManyMembers { limit: MAX_MEMBERS });
        }
        if read == 0 {
            break;
        }
        window.drain(..window.len().saturating_sub(END_RECORD - 1));
    }
    source.seek(SeekFrom::Start(0)).map_err(DecompressError::Io)?;
    Ok(length)
}

/// Whether the end record at `at`, if it is whole, leaves its counts to a 64-bit one.
fn points_to_64_bits(window: &[u8], at: usize) -> bool {
    let field = |from: usize, to: usize| window.get(at + from..at + to);
    at + END_RECORD <= window.len() && (field(10, 12) == Some(&[0xff; 2]) || field(16, 20) == Some(&[0xff; 4]))
}

fn failed(output: &Output<'_>, error: ZipError) -> DecompressError {
    match error {
        ZipError::Io(error) => output.error(error),
        other => DecompressError::Corrupt {
            format: Format::Zip,
            unpacked: output.unpacked().bytes,
            reason: other.to_string(),
        },
    }
}
