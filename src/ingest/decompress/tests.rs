//! Logs in every format, whole, cut, and made to do harm.

use std::io::{self, Cursor, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{DecompressError, Format, Limits, Part, read, read_file};

/// What came out: members and their bytes (the name of a stream is empty), and how it ended.
type Out = (Vec<(String, Vec<u8>)>, Result<super::Unpacked, DecompressError>);

fn collect(run: impl FnOnce(&mut dyn FnMut(Part<'_>)) -> Result<super::Unpacked, DecompressError>) -> Out {
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    let end = run(&mut |part| match part {
        Part::Member(name) => members.push((name.to_owned(), Vec::new())),
        Part::Bytes(bytes) if members.is_empty() => members.push((String::new(), bytes.to_vec())),
        Part::Bytes(bytes) => members.last_mut().unwrap().1.extend_from_slice(bytes),
    });
    (members, end)
}

/// Through a pipe that yields a byte or two at a time, and as a file: both must tell the same.
fn unpack(bytes: &[u8]) -> Out {
    unpack_within(bytes, &Limits::default())
}

fn unpack_within(bytes: &[u8], limits: &Limits) -> Out {
    let piped = collect(|each| read(Trickle(Cursor::new(bytes)), limits, each));
    let file = collect(|each| read_file(Cursor::new(bytes), limits, each));
    assert_eq!(piped.0, file.0);
    assert_eq!(told(&piped.1), told(&file.1));
    piped
}

/// An end without its reason: what a decoder finds first in broken bytes depends on how many it is given at a time.
fn told(end: &Result<super::Unpacked, DecompressError>) -> String {
    match end {
        Err(DecompressError::Corrupt { format, unpacked, .. }) => format!("corrupt {format:?} after {unpacked} bytes"),
        other => format!("{other:?}"),
    }
}

/// A pipe that yields little at first.
struct Trickle<R>(R);

impl<R: Read> Read for Trickle<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = if buffer.len() <= 8 { 1 } else { buffer.len() };
        self.0.read(&mut buffer[..most])
    }
}

fn stream(bytes: &[u8]) -> (Vec<u8>, Result<super::Unpacked, DecompressError>) {
    let (members, end) = unpack(bytes);
    (members.into_iter().flat_map(|(_, bytes)| bytes).collect(), end)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer
            .start_file(
                *name,
                SimpleFileOptions::default().compression_method(CompressionMethod::Deflated),
            )
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The zip of one member, its name replaced by another of the same length.
fn renamed(name: &str) -> Vec<u8> {
    let stand_in = "x".repeat(name.len());
    let mut bytes = zipped(&[(&stand_in, b"log")]);
    while let Some(at) = memchr::memmem::find(&bytes, stand_in.as_bytes()) {
        bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
    }
    bytes
}

/// Megabytes that zeros unpack to.
const BOMB_MEGABYTES: usize = 80;

fn zeros(mut write: impl FnMut(&[u8])) {
    let megabyte = vec![0; 1 << 20];
    (0..BOMB_MEGABYTES).for_each(|_| write(&megabyte));
}

#[test]
fn a_plain_log_comes_out_as_it_is() {
    for log in [&b""[..], b"x", b"PK", b"line\nline\n", b"\x1f", &[0xff, 0x00, 0x80]] {
        let (out, end) = stream(log);
        assert_eq!((out.as_slice(), end.unwrap().format), (log, Format::Plain));
    }
}

#[test]
fn gzip_of_many_members_comes_out_whole_and_padding_is_left_alone() {
    let bytes = [gzip(b"one\n"), gzip(b""), gzip(b"two\n"), vec![0; 512]].concat();
    let (out, end) = stream(&bytes);
    assert_eq!(out, b"one\ntwo\n");
    assert_eq!(end.unwrap().bytes, 8);
}

#[test]
fn zstd_of_many_frames_comes_out_whole() {
    let bytes = [
        zstd::encode_all(&b"one\n"[..], 3).unwrap(),
        zstd::encode_all(&b"two\n"[..], 3).unwrap(),
    ]
    .concat();
    assert_eq!(stream(&bytes).0, b"one\ntwo\n");
}

#[test]
fn a_cut_stream_says_how_much_was_read_and_keeps_it() {
    let log: Vec<u8> = (0..200_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    for packed in [gzip(&log), zstd::encode_all(&log[..], 3).unwrap()] {
        let (out, end) = stream(&packed[..packed.len() - 100]);
        assert!(!out.is_empty() && log.starts_with(&out));
        let error = end.unwrap_err();
        assert!(
            matches!(&error, DecompressError::Truncated { unpacked, .. } if *unpacked == out.len() as u64),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .contains(&format!("ends too early: {} bytes of log were read from", out.len()))
        );
    }
}

#[test]
fn a_damaged_stream_says_so() {
    let mut bytes = gzip(b"some log that is long enough to be damaged");
    let at = bytes.len() - 6;
    bytes[at] ^= 0xff;
    assert!(matches!(
        stream(&bytes).1,
        Err(DecompressError::Corrupt {
            format: Format::Gzip,
            ..
        })
    ));
    let mut bytes = zstd::encode_all(&b"some log"[..], 3).unwrap();
    bytes[5] = 0xff;
    assert!(stream(&bytes).1.is_err());
}

#[test]
fn a_bomb_is_refused_before_it_fills_anything() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    zeros(|bytes| encoder.write_all(bytes).unwrap());
    let by_gzip = encoder.finish().unwrap();
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    zeros(|bytes| encoder.write_all(bytes).unwrap());
    let by_zstd = encoder.finish().unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("0_a.txt", SimpleFileOptions::default()).unwrap();
    zeros(|bytes| writer.write_all(bytes).unwrap());
    let packed_zip = writer.finish().unwrap().into_inner();
    for packed in [by_gzip, by_zstd, packed_zip] {
        let mut unpacked = 0;
        let end = read(packed.as_slice(), &Limits::default(), &mut |part| {
            if let Part::Bytes(bytes) = part {
                unpacked += bytes.len();
            }
        });
        assert!(matches!(end, Err(DecompressError::Bomb { .. })), "{end:?}");
        assert!(unpacked <= 64 << 20);
    }
}

#[test]
fn the_limit_of_a_log_holds_in_every_format() {
    let limits = Limits {
        max_output: Some(5),
        ..Limits::default()
    };
    for packed in [
        b"0123456789".to_vec(),
        gzip(b"0123456789"),
        zstd::encode_all(&b"0123456789"[..], 3).unwrap(),
    ] {
        let (members, end) = unpack_within(&packed, &limits);
        assert_eq!(members[0].1, b"01234");
        assert!(matches!(end, Err(DecompressError::TooLong { limit: 5 })));
    }
}

#[test]
fn of_a_runs_archive_only_the_whole_logs_are_read_in_order() {
    let bytes = zipped(&[
        ("build/1_Set up job.txt", b"piece"),
        ("10_deploy.txt", b"ten"),
        ("2_test.txt", b"two"),
        ("build/system.txt", b"piece"),
        ("0_build.txt", b"zero"),
    ]);
    let (members, end) = unpack(&bytes);
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["0_build.txt", "2_test.txt", "10_deploy.txt"]);
    assert_eq!((members[2].1.as_slice(), end.unwrap().bytes), (&b"ten"[..], 10));
}

#[test]
fn an_archive_with_folders_only_is_read_folder_by_folder() {
    let (members, _) = unpack(&zipped(&[
        ("b/1_x.txt", b"3"),
        ("a/10_x.txt", b"2"),
        ("a/9_x.txt", b"1"),
    ]));
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a/9_x.txt", "a/10_x.txt", "b/1_x.txt"]);
}

#[test]
fn names_that_lead_outside_refuse_the_archive() {
    for name in [
        "../../etc/passwd",
        "a/../../b",
        "/etc/passwd",
        "..\\..\\x",
        "C:\\x",
        "\\\\host\\x",
        "a/..",
    ] {
        let (members, end) = unpack(&renamed(name));
        assert!(members.is_empty());
        assert!(
            matches!(end, Err(DecompressError::UnsafeName { .. })),
            "{name}: {end:?}"
        );
    }
    assert!(unpack(&renamed("a..b/..c.txt")).1.is_ok());
}

#[test]
fn an_encrypted_member_refuses_the_archive() {
    let mut bytes = zipped(&[("0_a.txt", b"log")]);
    for (magic, flags) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
        let at = memchr::memmem::find(&bytes, magic).unwrap();
        bytes[at + flags] |= 1;
    }
    assert!(matches!(unpack(&bytes).1, Err(DecompressError::Encrypted { name }) if name == "0_a.txt"));
}

#[test]
fn an_archive_in_an_archive_stays_packed() {
    let inner = gzip(b"log");
    let (members, _) = unpack(&zipped(&[("inner.gz", &inner)]));
    assert_eq!(members[0].1, inner);
}

#[test]
fn a_cut_or_damaged_zip_says_so() {
    let bytes = zipped(&[("0_a.txt", &[b'x'; 10_000])]);
    for bytes in [&bytes[..bytes.len() - 30], &bytes[..40], b"PK\x03\x04"] {
        let error = unpack(bytes).1.unwrap_err();
        assert!(
            matches!(
                error,
                DecompressError::Corrupt { .. } | DecompressError::Truncated { .. }
            ),
            "{error:?}"
        );
    }
}

#[test]
fn an_archive_that_claims_millions_of_members_is_refused_before_room_is_made_for_them() {
    let mut bytes = zipped(&[("0_a.txt", b"log")]);
    let end = memchr::memmem::rfind(&bytes, b"PK\x05\x06").unwrap();
    bytes[end + 8..end + 12].fill(0xff);
    assert!(matches!(unpack(&bytes).1, Err(DecompressError::TooManyMembers { .. })));
    // Also where the record lies across two of the chunks that are looked at.
    let padded = [
        bytes.clone(),
        vec![0; super::CHUNK * 2 - bytes.len() - 10],
        bytes[end..].to_vec(),
    ]
    .concat();
    assert!(matches!(unpack(&padded).1, Err(DecompressError::TooManyMembers { .. })));
    let names: Vec<String> = (0..10_001).map(|n| format!("{n}.txt")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(matches!(
        unpack(&zipped(&many)).1,
        Err(DecompressError::TooManyMembers { .. })
    ));
}

#[test]
fn a_zip_through_a_pipe_is_held_up_to_its_limit_only() {
    let bytes = zipped(&[("0_a.txt", b"log")]);
    let limits = Limits {
        max_held_zip: bytes.len() as u64 - 1,
        ..Limits::default()
    };
    let piped = read(bytes.as_slice(), &limits, &mut |_| {});
    assert!(matches!(piped, Err(DecompressError::ZipTooLarge { .. })));
    assert!(read_file(Cursor::new(&bytes), &limits, &mut |_| {}).is_ok());
}

#[test]
fn other_formats_are_named() {
    for (magic, name) in [
        (&b"\xfd7zXZ\0"[..], "xz"),
        (b"BZh91AY", "bzip2"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
    ] {
        assert!(unpack(magic).1.unwrap_err().to_string().contains(name));
    }
}

proptest! {
    #[test]
    fn what_was_packed_comes_out(log in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        for packed in [gzip(&log), zstd::encode_all(&log[..], 1).unwrap(), zipped(&[("0_a.txt", &log)])] {
            prop_assert_eq!(&stream(&packed).0, &log);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(
        start in proptest::sample::select(vec![&b"\x1f\x8b\x08"[..], b"PK\x03\x04", b"PK\x05\x06", b"\x28\xb5\x2f\xfd", b""]),
        rest in proptest::collection::vec(any::<u8>(), 0..200),
        cut in 0_usize..200,
    ) {
        drop(stream(&[start, rest.as_slice()].concat()));
        let mut zip = zipped(&[("0_a.txt", &rest), ("b/1.txt", b"x")]);
        let at = cut % zip.len();
        zip[at] ^= 0x55;
        drop(unpack(&zip));
    }
}
