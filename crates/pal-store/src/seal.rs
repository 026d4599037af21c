//! Signatures of an installation, Ed25519: ends of the audit log, and statements.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::StoreError;

/// A key that signs. What is signed must begin with what it is, so that a signature of one thing is
/// never one of another.
pub struct Seal(Ed25519KeyPair);

fn cannot(path: &Path, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unusable(format!("{}: {error}", path.display()))
}

impl Seal {
    /// Reads a key (PKCS #8).
    ///
    /// # Errors
    /// It cannot be read, or is no such key.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let bytes = std::fs::read(path).map_err(|error| cannot(path, &error))?;
        Ed25519KeyPair::from_pkcs8(&bytes).map(Self).map_err(|error| cannot(path, &error))
    }

    /// Makes a key, readable by its owner only.
    ///
    /// # Errors
    /// There is a file already, or it cannot be written.
    pub fn make(path: &Path) -> Result<Self, StoreError> {
        let key = Ed25519KeyPair::generate().map_err(|error| cannot(path, &error))?;
        let document = key.to_pkcs8().map_err(|error| cannot(path, &error))?;
        create_private(path, document.as_ref()).map_err(|error| cannot(path, &error))?;
        Ok(Self(key))
    }

    /// The public half, hexadecimal.
    pub fn public(&self) -> String {
        hex(self.0.public_key().as_ref())
    }

    /// A signature, hexadecimal.
    pub fn sign(&self, message: &[u8]) -> String {
        hex(self.0.sign(message).as_ref())
    }
}

/// Whether a message was signed with the key of this public half.
pub fn is_sealed(public: &str, message: &[u8], signature: &str) -> bool {
    let (Some(public), Some(signature)) = (unhex(public.trim()), unhex(signature)) else {
        return false;
    };
    UnparsedPublicKey::new(&ED25519, public).verify(message, &signature).is_ok()
}

#[cfg(unix)]
fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(not(unix))]
fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
