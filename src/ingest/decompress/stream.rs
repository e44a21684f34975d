//! The formats that are read from front to end.

use std::io::BufRead;

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder;

use super::output::Output;
use super::{DecompressError, Format};

/// The largest window of zstd, as a power of two: what its own command accepts without being told (128 MiB).
const ZSTD_WINDOW: u32 = 27;

/// Unpacks a stream.
pub(super) fn unpack(format: Format, mut source: impl BufRead, output: &mut Output<'_>) -> Result<(), DecompressError> {
    match format {
        Format::Gzip => gzip(source, output),
        Format::Zstd => zstd(source, output),
        Format::Plain | Format::Zip => output.drain(&mut source),
    }
}

/// Unpacks one member after the other. Bytes behind the last one that open no other are padding, and left alone.
fn gzip(mut source: impl BufRead, output: &mut Output<'_>) -> Result<(), DecompressError> {
    loop {
        output.drain(&mut GzDecoder::new(&mut source))?;
        let rest = source.fill_buf().map_err(DecompressError::Io)?;
        if rest.first() != Some(&0x1f) {
            return Ok(());
        }
    }
}

fn zstd(source: impl BufRead, output: &mut Output<'_>) -> Result<(), DecompressError> {
    let mut decoder = Decoder::with_buffer(source).map_err(|error| output.error(error))?;
    decoder
        .window_log_max(ZSTD_WINDOW)
        .map_err(|error| output.error(error))?;
    output.drain(&mut decoder)
}
