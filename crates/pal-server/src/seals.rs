//! What the secret of an installation makes: names of masked customers, and tags of page tokens.

use aws_lc_rs::hmac;
use pal_model::TenantId;

/// The ID that a report shows for a customer: of a directory, or of one that is masked.
///
/// # Errors
/// It is neither.
pub fn customer(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix(MASKED).is_some_and(|digits| {
        digits.len() == 16 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    });
    if digits || text.parse::<TenantId>().is_ok() {
        return Ok(text.to_owned());
    }
    Err("take the customer_tenant_id of the report, a GUID or customer-…".to_owned())
}

/// How pseudonyms begin.
const MASKED: &str = "customer-";

/// Names for customers who show only their sum: lasting, and not to be undone without the key.
pub struct Pseudonyms(hmac::Key);

impl Pseudonyms {
    /// With a secret of this installation.
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    pub fn of(&self, tenant: TenantId) -> String {
        use std::fmt::Write;
        let tag = hmac::sign(&self.0, tenant.to_string().to_ascii_lowercase().as_bytes());
        tag.as_ref().iter().take(8).fold(MASKED.to_owned(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// Makes tokens, and knows those that it made.
pub struct PageSeal(hmac::Key);

impl PageSeal {
    /// With a secret of this installation, which may serve for other things, too.
    pub fn new(secret: &[u8]) -> Self {
        let own = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), b"openpal pages");
        Self(hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()))
    }

    pub fn sign(&self, text: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, text)
    }

    pub fn is_of(&self, tag: &[u8], text: &[u8]) -> bool {
        hmac::verify(&self.0, text, tag).is_ok()
    }
}
