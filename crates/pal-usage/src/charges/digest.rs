//! Digests of rows, pieces and files.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256, SHA512, digest};
use hashbrown::HashMap;
use pal_attribution::ingest::{Batch, Codes, Texts};
use pal_model::Interval;
use serde::{Deserialize, Serialize, Serializer};

/// Texts of a column, copied out of a reading, so that a row needs no lock.
#[derive(Default)]
pub(super) struct Column {
    texts: Vec<(Arc<str>, Arc<str>)>,
    /// What stands for each text in the digest of a row: 128 bits of its SHA-256, from code 0.
    digests: Vec<[u8; 16]>,
}

impl Column {
    fn renew(&mut self, column: &Texts) {
        if self.digests.is_empty() {
            self.digests.push([0; 16]);
        }
        let fresh = column.since(self.texts.len());
        self.digests.extend(fresh.iter().map(|(folded, _)| short(folded.as_bytes())));
        self.texts.extend(fresh);
    }

    /// Folded text and spelling of a code.
    pub fn text(&self, code: u32) -> Option<&(Arc<str>, Arc<str>)> {
        self.texts.get((code as usize).checked_sub(1)?)
    }
}

/// What is known of the codes of a reading.
#[derive(Default)]
pub(super) struct KnownTexts {
    pub resources: Column,
    pub groups: Column,
    pub subscriptions: Column,
    pub currencies: Column,
    pub categories: Column,
    pub services: Column,
    pub accounts: Column,
    pub billing_periods: Column,
    pub invoices: Column,
    pub periods: Vec<Interval>,
    /// What stands for everything but resource and cost in the digest of a row.
    kinds: HashMap<[u32; 7], [u8; 16]>,
}

impl KnownTexts {
    /// Takes over what is new.
    pub fn renew(&mut self, codes: &Codes) {
        self.resources.renew(&codes.resources);
        self.groups.renew(&codes.groups);
        self.subscriptions.renew(&codes.subscriptions);
        self.currencies.renew(&codes.currencies);
        self.categories.renew(&codes.categories);
        self.services.renew(&codes.services);
        self.accounts.renew(&codes.accounts);
        self.billing_periods.renew(&codes.billing_periods);
        self.invoices.renew(&codes.invoices);
        self.periods.extend(codes.periods.since(self.periods.len()));
    }

    /// The SHA-512 of a row as attribution sees it: casing of ids does not count. Resource, cost, and
    /// a digest of everything else, of which there are few kinds: one block of the hash.
    pub fn digest(&mut self, batch: &Batch, at: usize) -> RowDigest {
        let kind = [
            batch.period[at],
            batch.group[at],
            batch.subscription[at],
            batch.currency[at],
            batch.category[at],
            batch.service[at],
            batch.traits[at].bits().into(),
        ];
        let known = self.kinds.get(&kind).copied();
        let kind = known.unwrap_or_else(|| self.kind(kind));
        let mut row = [0; 48];
        row[..16].copy_from_slice(&self.resources.digests[batch.resource[at] as usize]);
        row[16..32].copy_from_slice(&batch.cost[at].to_le_bytes());
        row[32..].copy_from_slice(&kind);
        RowDigest::of(&row)
    }

    /// What tells apart rows that are equal otherwise: billing period and invoice.
    pub fn mark(&self, row: &RowDigest, batch: &Batch, at: usize) -> u64 {
        let mut bytes = [0; 96];
        bytes[..64].copy_from_slice(&row.0);
        let period = batch.billing_period[at] as usize;
        bytes[64..80].copy_from_slice(&self.billing_periods.digests[period]);
        bytes[80..].copy_from_slice(&self.invoices.digests[batch.invoice[at] as usize]);
        let mut mark = [0; 8];
        mark.copy_from_slice(&digest(&SHA256, &bytes).as_ref()[..8]);
        u64::from_le_bytes(mark)
    }

    fn kind(&mut self, kind: [u32; 7]) -> [u8; 16] {
        let [period, group, subscription, currency, category, service, traits] = kind;
        let period = self.periods[period as usize];
        let found = short(
            [
                &period.from().nanoseconds().to_le_bytes()[..],
                &period.to().nanoseconds().to_le_bytes(),
                &self.groups.digests[group as usize],
                &self.subscriptions.digests[subscription as usize],
                &self.currencies.digests[currency as usize],
                &self.categories.digests[category as usize],
                &self.services.digests[service as usize],
                &traits.to_le_bytes(),
            ]
            .concat()
            .as_slice(),
        );
        self.kinds.insert(kind, found);
        found
    }
}

fn short(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&digest(&SHA256, bytes).as_ref()[..16]);
    short
}

/// The SHA-512 of a row as attribution reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowDigest([u8; 64]);

impl RowDigest {
    pub fn of(content: &[u8]) -> Self {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(digest(&SHA512, content).as_ref());
        Self(bytes)
    }
}

/// A sum of digests of rows modulo 2^512.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Sum([u64; 8]);

impl Sum {
    /// Of no rows.
    pub const NOTHING: Self = Self([0; 8]);

    pub fn add(&mut self, digest: &RowDigest) {
        let mut other = Self::default();
        for (limb, bytes) in other.0.iter_mut().zip(digest.0.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*bytes);
        }
        *self = self.plus(&other);
    }

    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let (mut sum, mut carry) = (*self, false);
        for (limb, other) in sum.0.iter_mut().zip(other.0) {
            let (added, first) = limb.overflowing_add(other);
            let (added, second) = added.overflowing_add(u64::from(carry));
            *limb = added;
            carry = first || second;
        }
        sum
    }

    pub fn of<'r>(rows: impl IntoIterator<Item = &'r RowDigest>) -> Self {
        let mut sum = Self::default();
        rows.into_iter().for_each(|row| sum.add(row));
        sum
    }

    pub(super) fn bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        for (place, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(self.0) {
            *place = limb.to_le_bytes();
        }
        bytes
    }
}

/// A SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        let mut found = [0; 32];
        found.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(found)
    }
}

/// Bytes that are told and read as hexadecimal digits.
macro_rules! as_digits {
    ($kind:ty, $bytes:expr, $from:expr) => {
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hexadecimal(&$bytes(self)))
            }
        }

        impl FromStr for $kind {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                bytes(text).map($from).ok_or_else(|| format!("'{text}' is no digest"))
            }
        }

        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                crate::as_text::deserialize(input)
            }
        }
    };
}

as_digits!(RowDigest, |row: &RowDigest| row.0, RowDigest);
as_digits!(Digest, |digest: &Digest| digest.0, Digest);
as_digits!(Sum, Sum::bytes, |bytes: [u8; 64]| Sum::of([&RowDigest(bytes)]));

/// Hexadecimal digits as bytes.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// SHA-256 (hexadecimal) and size of a file.
///
/// # Errors
/// It cannot be read.
pub fn file_digest(path: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hexadecimal(context.finish().as_ref()), bytes));
        }
        context.update(&buffer[..read]);
        bytes += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_order_and_carry_between_limbs() {
        let rows = [[0xff; 64], [1; 64], [0x80; 64]].map(RowDigest);
        let sum = |order: [usize; 3]| Sum::of(order.map(|at| &rows[at]));
        assert_eq!(sum([0, 1, 2]), sum([2, 0, 1]));
        assert_eq!(Sum::of(&rows[..2]).plus(&Sum::of(&rows[2..])), sum([0, 1, 2]));
        let mut one = [0; 64];
        one[0] = 1;
        assert_eq!(Sum::of(&[[0xff; 64], one].map(RowDigest)), Sum::default());
        assert_eq!(hexadecimal(&[0, 0x1f, 0xff]), "001fff");
    }

    #[test]
    fn digests_are_read_as_they_are_told() {
        let mut bytes = [7; 64];
        bytes[0] = 0xfe;
        let sum = Sum::of(&[RowDigest(bytes)]);
        assert!(sum.to_string().starts_with("fe0707"));
        assert_eq!(sum.to_string().parse(), Ok(sum));
        let digest = Digest::of(b"a");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("ff".parse::<Digest>().is_err());
        assert!(format!("+{}", &digest.to_string()[1..]).parse::<Digest>().is_err());
    }
}
