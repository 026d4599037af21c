//! Randomness of the machine, for what must not be guessed.

use std::fmt::Write;

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::printer::Failure;

fn bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Failure::failed("This machine has no randomness."))?;
    Ok(bytes)
}

/// A text of 256 random bits.
///
/// # Errors
///
/// When the machine has none.
pub fn secret() -> Result<String, Failure> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

/// A random GUID.
///
/// # Errors
///
/// When the machine has no randomness.
pub fn guid() -> Result<String, Failure> {
    let mut bytes: [u8; 16] = bytes()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut hex = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
