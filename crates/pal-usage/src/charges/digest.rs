//! Digests of rows, pieces and files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256, SHA512, digest};
use hashbrown::HashMap;
use pal_attribution::ingest::{Batch, Codes, Texts};
use pal_model::Interval;

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
pub(super) struct Known {
    pub resources: Column,
    pub groups: Column,
    pub subscriptions: Column,
    pub currencies: Column,
    pub categories: Column,
    pub services: Column,
    pub periods: Vec<Interval>,
    /// What stands for everything but resource and cost in the digest of a row.
    kinds: HashMap<[u32; 7], [u8; 16]>,
}

impl Known {
    /// Takes over what is new.
    pub fn renew(&mut self, codes: &Codes) {
        self.resources.renew(&codes.resources);
        self.groups.renew(&codes.groups);
        self.subscriptions.renew(&codes.subscriptions);
        self.currencies.renew(&codes.currencies);
        self.categories.renew(&codes.categories);
        self.services.renew(&codes.services);
        self.periods.extend(codes.periods.since(self.periods.len()));
    }

    /// The SHA-512 of a row as attribution sees it: casing of ids does not count. Resource, cost, and
    /// a digest of everything else, of which there are few kinds: one block of the hash.
    pub fn digest(&mut self, batch: &Batch, at: usize) -> [u8; 64] {
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
        let mut bytes = [0; 64];
        bytes.copy_from_slice(digest(&SHA512, &row).as_ref());
        bytes
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

/// A sum of digests modulo 2^512.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum([u64; 8]);

impl Sum {
    pub fn add(&mut self, digest: &[u8; 64]) {
        let mut carry = false;
        for (limb, bytes) in self.0.iter_mut().zip(digest.as_chunks::<8>().0) {
            let (sum, first) = limb.overflowing_add(u64::from_le_bytes(*bytes));
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *limb = sum;
            carry = first || second;
        }
    }

    pub fn text(&self) -> String {
        let bytes: Vec<u8> = self.0.iter().flat_map(|limb| limb.to_le_bytes()).collect();
        hexadecimal(&bytes)
    }
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
        let rows = [[0xff; 64], [1; 64], [0x80; 64]];
        let sum = |order: [usize; 3]| {
            let mut sum = Sum::default();
            for at in order {
                sum.add(&rows[at]);
            }
            sum
        };
        assert_eq!(sum([0, 1, 2]), sum([2, 0, 1]));
        let mut one = [0; 64];
        one[0] = 1;
        let mut wrapped = Sum::default();
        wrapped.add(&[0xff; 64]);
        wrapped.add(&one);
        assert_eq!(wrapped, Sum::default());
        assert_eq!(hexadecimal(&[0, 0x1f, 0xff]), "001fff");
    }
}
