//! Decompression of pages into memory that is used again.
//!
//! A page says how large it becomes. That number is believed only as far as the compressed bytes can
//! become so much; beyond that, memory grows with what really comes out.

use std::io::Read;

use ::parquet::basic::Compression;

use super::fault::Fault;

pub enum Codec {
    None,
    Snappy(snap::raw::Decoder),
    Gzip,
    Zstd(zstd::bulk::Decompressor<'static>),
}

/// Snappy makes at most 64 bytes of three.
const SNAPPY_RATIO: usize = 22;
/// What a page of another codec may grow to before its size is looked at: pages of real exports do not.
const TRUSTED_RATIO: usize = 64;
const TRUSTED_BYTES: usize = 1 << 20;

const OTHER_SIZE: Fault = Fault::Damaged("a page has another size than it says");

impl Codec {
    pub fn new(compression: Compression) -> Result<Self, Fault> {
        Ok(match compression {
            Compression::UNCOMPRESSED => Self::None,
            Compression::SNAPPY => Self::Snappy(snap::raw::Decoder::new()),
            Compression::GZIP(_) => Self::Gzip,
            Compression::ZSTD(_) => Self::Zstd(zstd::bulk::Decompressor::new()?),
            other => return Err(Fault::Codec(other.to_string())),
        })
    }

    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Puts what `stored` is when decompressed behind the first `from` bytes of `out`: exactly `unpacked`
    /// bytes. What `out` had there is written over, so that memory is not cleared for each page.
    pub fn decompress(
        &mut self,
        stored: &[u8],
        unpacked: usize,
        out: &mut Vec<u8>,
        from: usize,
    ) -> Result<(), Fault> {
        match self {
            Self::None => {
                out.truncate(from);
                out.extend_from_slice(stored);
            }
            // A page without values.
            _ if unpacked == 0 => out.truncate(from),
            Self::Snappy(decoder) => {
                let says = snap::raw::decompress_len(stored).map_err(std::io::Error::from)?;
                if says != unpacked || unpacked / SNAPPY_RATIO > stored.len() {
                    return Err(OTHER_SIZE);
                }
                out.resize(from + unpacked, 0);
                decoder.decompress(stored, &mut out[from..]).map_err(std::io::Error::from)?;
            }
            Self::Gzip => {
                growing(flate2::read::MultiGzDecoder::new(stored), unpacked, out, from)?;
            }
            Self::Zstd(decoder) => {
                let trusted = stored.len().saturating_mul(TRUSTED_RATIO).max(TRUSTED_BYTES);
                if unpacked <= trusted {
                    out.resize(from + unpacked, 0);
                    let bytes = decoder.decompress_to_buffer(stored, &mut out[from..])?;
                    out.truncate(from + bytes);
                } else {
                    growing(zstd::Decoder::with_buffer(stored)?, unpacked, out, from)?;
                }
            }
        }
        if out.len() - from == unpacked || self.is_none() { Ok(()) } else { Err(OTHER_SIZE) }
    }
}

/// Puts what comes behind the first bytes, and no more than one byte above what is expected.
fn growing(comes: impl Read, expected: usize, out: &mut Vec<u8>, from: usize) -> Result<(), Fault> {
    out.truncate(from);
    out.reserve(expected.min(TRUSTED_BYTES));
    comes.take(expected as u64 + 1).read_to_end(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use ::parquet::basic::{GzipLevel, ZstdLevel};

    use super::*;

    fn unpacked(codec: Compression, stored: &[u8], says: usize) -> Result<Vec<u8>, Fault> {
        let mut out = vec![7; 2_000];
        Codec::new(codec)?.decompress(stored, says, &mut out, 1)?;
        assert!(out.capacity() <= 4 * (stored.len() * TRUSTED_RATIO).max(2 * TRUSTED_BYTES));
        Ok(out.split_off(1))
    }

    #[test]
    fn pages_of_every_codec_are_unpacked_and_lies_cost_no_memory() {
        let page: Vec<u8> = (0..100_000u32).flat_map(|n| (n / 9).to_le_bytes()).collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&page).unwrap();
        let snappy = snap::raw::Encoder::new().compress_vec(&page).unwrap();
        let stored = [
            (Compression::SNAPPY, snappy),
            (Compression::GZIP(GzipLevel::default()), gzip.finish().unwrap()),
            (Compression::ZSTD(ZstdLevel::default()), zstd::encode_all(&page[..], 3).unwrap()),
        ];
        for (codec, stored) in stored {
            assert_eq!(unpacked(codec, &stored, page.len()).unwrap(), page, "{codec}");
            for says in [0, 1, page.len() - 1, page.len() + 1, i32::MAX as usize] {
                let found = unpacked(codec, &stored, says);
                assert!(found.is_err() || says == 0, "{codec} {says}");
            }
            for cut in [0, 1, stored.len() / 2, stored.len() - 1] {
                assert!(unpacked(codec, &stored[..cut], page.len()).is_err(), "{codec} {cut}");
            }
        }
        assert!(matches!(Codec::new(Compression::LZ4), Err(Fault::Codec(_))));
    }
}
