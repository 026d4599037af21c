//! Digests of rows, pieces and files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256, SHA512, digest};
use pal_model::Interval;

use super::super::batch::Batch;
use super::super::codes::{Codes, Texts};

/// Texts of a reading, copied, so that a row needs no lock.
#[derive(Default)]
pub(super) struct Known {
    pub resources: Vec<(Arc<str>, Arc<str>)>,
    pub groups: Vec<(Arc<str>, Arc<str>)>,
    pub subscriptions: Vec<(Arc<str>, Arc<str>)>,
    pub currencies: Vec<(Arc<str>, Arc<str>)>,
    pub categories: Vec<(Arc<str>, Arc<str>)>,
    pub services: Vec<(Arc<str>, Arc<str>)>,
    pub periods: Vec<Interval>,
    row: Vec<u8>,
}

/// Folded text and spelling of a code.
pub(super) fn text(texts: &[(Arc<str>, Arc<str>)], code: u32) -> Option<&(Arc<str>, Arc<str>)> {
    texts.get((code as usize).checked_sub(1)?)
}

impl Known {
    /// Takes over what is new.
    pub fn renew(&mut self, codes: &Codes) {
        let renew = |known: &mut Vec<_>, texts: &Texts| known.extend(texts.since(known.len()));
        renew(&mut self.resources, &codes.resources);
        renew(&mut self.groups, &codes.groups);
        renew(&mut self.subscriptions, &codes.subscriptions);
        renew(&mut self.currencies, &codes.currencies);
        renew(&mut self.categories, &codes.categories);
        renew(&mut self.services, &codes.services);
        self.periods.extend(codes.periods.since(self.periods.len()));
    }

    /// The SHA-512 of a row as attribution sees it: casing of ids does not count.
    pub fn digest(&mut self, batch: &Batch, at: usize) -> [u8; 64] {
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        let period = self.periods[batch.period[at] as usize];
        row.extend_from_slice(&period.from().nanoseconds().to_le_bytes());
        row.extend_from_slice(&period.to().nanoseconds().to_le_bytes());
        row.extend_from_slice(&batch.cost[at].to_le_bytes());
        row.extend_from_slice(&batch.traits[at].bits().to_le_bytes());
        let columns = [
            (&self.resources, batch.resource[at]),
            (&self.groups, batch.group[at]),
            (&self.subscriptions, batch.subscription[at]),
            (&self.currencies, batch.currency[at]),
            (&self.categories, batch.category[at]),
            (&self.services, batch.service[at]),
        ];
        for (texts, code) in columns {
            let folded = text(texts, code).map_or("", |(folded, _)| folded);
            row.extend_from_slice(&(folded.len() as u32).to_le_bytes());
            row.extend_from_slice(folded.as_bytes());
        }
        let mut bytes = [0; 64];
        bytes.copy_from_slice(digest(&SHA512, &row).as_ref());
        self.row = row;
        bytes
    }
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
            order.iter().for_each(|at| sum.add(&rows[*at]));
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
