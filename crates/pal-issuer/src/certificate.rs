//! What the issuer reads of a certificate (RFC 5280): when it is valid, and its RSA key. Whoever registers an
//! application says that a certificate is its own, so names, extensions and the signature mean nothing here.

use std::ops::RangeInclusive;

use aws_lc_rs::digest::{SHA256, digest};
use pal_model::Instant;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use pal_identity::VerifyingKey;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// `[0]`: the version, which certificates of version 1 leave out.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `rsaEncryption`, 1.2.840.113549.1.1.1.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

pub(super) struct Certificate {
    /// From when to when, in seconds since 1970, the last one included.
    pub valid: RangeInclusive<i64>,
    pub key: VerifyingKey,
    pub thumbprint: [u8; 32],
}

impl Certificate {
    /// Of a PEM text that may also hold a key.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        let mut thumbprint = [0; 32];
        thumbprint.copy_from_slice(digest(&SHA256, &der).as_ref());
        let (valid, key) = read(&der)?;
        Some(Self { valid, key, thumbprint })
    }
}

fn read(der: &[u8]) -> Option<(RangeInclusive<i64>, VerifyingKey)> {
    let mut certificate = Der(Der(der).whole(SEQUENCE)?);
    let mut fields = Der(certificate.next(SEQUENCE)?);
    if fields.0.first() == Some(&VERSION) {
        fields.next(VERSION)?;
    }
    fields.next(INTEGER)?; // serial number
    fields.next(SEQUENCE)?; // algorithm of the signature
    fields.next(SEQUENCE)?; // issuer
    let mut valid = Der(fields.next(SEQUENCE)?);
    let valid = valid.time()?..=valid.time()?;
    fields.next(SEQUENCE)?; // subject
    let mut key = Der(fields.next(SEQUENCE)?);
    let mut algorithm = Der(key.next(SEQUENCE)?);
    if algorithm.next(OBJECT)? != RSA {
        return None;
    }
    // The first byte counts the bits that are not used: none, as the key is a whole number of bytes.
    let key = key.next(BIT_STRING)?.strip_prefix(&[0])?;
    Some((valid, VerifyingKey::Pkcs1(key.to_vec())))
}

struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The content of the next value, which must have this tag.
    fn next(&mut self, tag: u8) -> Option<&'d [u8]> {
        let [found, first, rest @ ..] = self.0 else { return None };
        let (length, rest) = match first.checked_sub(0x80) {
            None => (usize::from(*first), rest),
            // As many bytes of length follow; four are more than any certificate needs.
            Some(size @ 1..=4) => {
                let (bytes, rest) = rest.split_at_checked(usize::from(size))?;
                (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
            Some(_) => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (*found == tag).then_some(content)
    }

    /// The content of the only value.
    fn whole(mut self, tag: u8) -> Option<&'d [u8]> {
        let content = self.next(tag)?;
        self.0.is_empty().then_some(content)
    }

    /// `YYMMDDhhmmssZ`, of 1950 to 2049, or the same with the whole year.
    fn time(&mut self) -> Option<i64> {
        let utc = self.0.first() == Some(&UTC_TIME);
        let text = std::str::from_utf8(self.next(if utc { UTC_TIME } else { GENERALIZED_TIME })?);
        let text = text.ok().filter(|text| text.is_ascii())?;
        let century = match text.as_bytes().first()? {
            _ if !utc => "",
            b'5'..=b'9' => "19",
            _ => "20",
        };
        let text = format!("{century}{text}");
        let digits = text.strip_suffix('Z').filter(|digits| digits.len() == 14)?;
        let part = |range| digits.get::<std::ops::Range<usize>>(range).unwrap_or_default();
        let (year, month, day) = (part(0..4), part(4..6), part(6..8));
        let (hour, minute, second) = (part(8..10), part(10..12), part(12..14));
        let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
        text.parse::<Instant>().ok().map(Instant::unix_seconds)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use rcgen::{
        CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, date_time_ymd,
    };

    use super::*;

    fn made(key: &KeyPair, years: (i32, i32)) -> rcgen::Certificate {
        let mut wanted = CertificateParams::new(vec!["program".to_owned()]).unwrap();
        wanted.not_before = date_time_ymd(years.0, 1, 1);
        wanted.not_after = date_time_ymd(years.1, 1, 1);
        wanted.self_signed(key).unwrap()
    }

    fn rsa() -> KeyPair {
        KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap()
    }

    #[test]
    fn both_forms_of_time_are_read() {
        let key = rsa();
        for (years, valid) in [
            ((2026, 2027), 1_767_225_600..=1_798_761_600),
            ((1950, 2049), -631_152_000..=2_493_072_000),
            ((2050, 9999), 2_524_608_000..=253_370_764_800),
        ] {
            let certificate = Certificate::from_pem(&made(&key, years).pem()).unwrap();
            assert_eq!(certificate.valid, valid, "{years:?}");
        }
    }

    #[test]
    fn the_certificate_is_found_beside_its_key() {
        let key = rsa();
        let certificate = made(&key, (2026, 2027));
        let pem = format!("about it\n{}{}", key.serialize_pem(), certificate.pem());
        let found = Certificate::from_pem(&pem).unwrap();
        assert_eq!(found.thumbprint, digest(&SHA256, certificate.der()).as_ref());
        let VerifyingKey::Pkcs1(bytes) = found.key else { panic!("another kind of key") };
        assert_eq!(bytes, key.public_key_raw());
    }

    #[test]
    fn what_is_no_certificate_of_an_rsa_key_is_none() {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let other = made(&key, (2026, 2027)).pem();
        let junk = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".to_owned();
        for pem in [String::new(), "MAA=".to_owned(), junk, rsa().serialize_pem(), other] {
            assert!(Certificate::from_pem(&pem).is_none(), "{pem}");
        }
    }

    #[test]
    fn broken_certificates_are_refused_or_read_and_never_a_panic() {
        let whole = made(&rsa(), (2026, 2027)).der().to_vec();
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_none(), "cut at {end}");
        }
        assert!(read(&[&whole[..], &[0]].concat()).is_none(), "something behind it");
        for at in 0..whole.len() {
            for flip in [0x01, 0x7f, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= flip;
                assert!(catch_unwind(|| read(&changed)).is_ok(), "byte {at} changed by {flip:#x}");
            }
        }
    }

    #[test]
    fn lengths_and_times_of_other_forms_are_refused() {
        for bytes in [
            &[0x30][..],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x81],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x30, 0xff],
            &[0x31, 0],
        ] {
            assert!(Der(bytes).whole(SEQUENCE).is_none(), "{bytes:?}");
        }
        for (tag, text) in [
            (UTC_TIME, "2601010000Z"),
            (UTC_TIME, "260101000000+0100"),
            (UTC_TIME, "261301000000Z"),
            (UTC_TIME, "26010100000éZ"),
            (UTC_TIME, ""),
            (GENERALIZED_TIME, "20260101000000.5Z"),
            (GENERALIZED_TIME, "20260101000000"),
            (0x0c, "260101000000Z"),
        ] {
            let bytes = [&[tag, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            assert!(Der(&bytes).time().is_none(), "{tag:#x} {text}");
        }
    }
}
