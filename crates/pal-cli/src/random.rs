//! Randomness of the machine, for what must not be guessed.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_model::Guid;

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
    Ok(Guid::from_random(u128::from_be_bytes(bytes()?)).to_string())
}
