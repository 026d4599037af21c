//! Pre-groups: rows collapsed by outcome and by the codes of the columns a report asks for.
//!
//! Partners come later: a row credited to five partners is added here once, and the few groups are
//! multiplied by the outcome's credits at the end (see `rollup`).

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use hashbrown::HashTable;
use pal_model::MoneyError;

/// The codes a row is grouped by, in the order of [`Dim`].
pub(super) type Key = [u32; Dim::COUNT];

/// Positions in a [`Key`]. A column that is not asked for is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Dim {
    /// Outcome, or the line of a balance.
    Outcome,
    /// Month (high half) and currency (low half).
    MonthCurrency,
    Subscription,
    SubscriptionName,
    Group,
    Resource,
    Category,
    Service,
}

impl Dim {
    pub const COUNT: usize = 8;
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub key: Key,
    pub rows: u64,
    pub cost: i128,
}

/// Pre-groups of one thread. Beyond `limit` they go to a temporary file and are read back at the
/// end: a group may then come twice, which the roll-up adds together.
pub(super) struct Groups {
    groups: HashTable<Group>,
    limit: usize,
    spilled: Option<BufWriter<File>>,
}

fn hash(key: &Key) -> u64 {
    let mut hash = 0u64;
    for pair in key.chunks_exact(2) {
        let word = u64::from(pair[0]) << 32 | u64::from(pair[1]);
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    hash ^ hash >> 32
}

impl Groups {
    /// At most `limit` groups in memory.
    pub fn new(limit: usize) -> Self {
        Self { groups: HashTable::new(), limit, spilled: None }
    }

    #[expect(clippy::inline_always, reason = "two row loops, as `Kernel::key`")]
    #[inline(always)]
    pub fn add(&mut self, key: &Key, cost: i128) -> Result<(), AddError> {
        let hash = hash(key);
        if let Some(group) = self.groups.find_mut(hash, |group| group.key == *key) {
            group.rows += 1;
            group.cost = group.cost.checked_add(cost).ok_or(MoneyError::Overflow)?;
            return Ok(());
        }
        if self.groups.len() >= self.limit {
            self.spill()?;
        }
        let group = Group { key: *key, rows: 1, cost };
        self.groups.insert_unique(hash, group, |group| self::hash(&group.key));
        Ok(())
    }

    /// Adds the rows of a group at once. For groups without a limit.
    pub fn absorb(&mut self, other: &Group) -> Result<(), MoneyError> {
        let hash = hash(&other.key);
        match self.groups.find_mut(hash, |group| group.key == other.key) {
            Some(group) => {
                group.rows += other.rows;
                group.cost = group.cost.checked_add(other.cost).ok_or(MoneyError::Overflow)?;
            }
            None => {
                self.groups.insert_unique(hash, *other, |group| self::hash(&group.key));
            }
        }
        Ok(())
    }

    /// How many groups are in memory.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.spilled.is_none() {
            self.spilled = Some(BufWriter::new(tempfile::tempfile()?));
        }
        if let Some(file) = &mut self.spilled {
            for group in &self.groups {
                for code in group.key {
                    file.write_all(&code.to_le_bytes())?;
                }
                file.write_all(&group.rows.to_le_bytes())?;
                file.write_all(&group.cost.to_le_bytes())?;
            }
        }
        self.groups.clear();
        Ok(())
    }

    /// Hands every group to `take`, spilled ones first. Can be called again.
    pub fn for_each<E: From<io::Error>>(
        &mut self,
        mut take: impl FnMut(&Group) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(file) = &mut self.spilled {
            file.flush()?;
            let mut file = file.get_ref().try_clone()?;
            file.rewind()?;
            let mut reader = BufReader::with_capacity(1 << 20, file);
            while let Some(group) = read_group(&mut reader)? {
                take(&group)?;
            }
        }
        self.groups.iter().try_for_each(take)
    }
}

fn read_group(reader: &mut impl Read) -> io::Result<Option<Group>> {
    const KEY: usize = 4 * Dim::COUNT;
    let mut bytes = [0u8; KEY + 24];
    if reader.read(&mut bytes[..1])? == 0 {
        return Ok(None);
    }
    reader.read_exact(&mut bytes[1..])?;
    let mut key = Key::default();
    for (code, chunk) in key.iter_mut().zip(bytes.chunks_exact(4)) {
        *code = u32::from_le_bytes(chunk.try_into().unwrap_or_default());
    }
    let rows = u64::from_le_bytes(bytes[KEY..KEY + 8].try_into().unwrap_or_default());
    let cost = i128::from_le_bytes(bytes[KEY + 8..].try_into().unwrap_or_default());
    Ok(Some(Group { key, rows, cost }))
}

/// A row that cannot be added.
#[derive(Debug, thiserror::Error)]
pub(super) enum AddError {
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(
        "there are more than 16,000 different currencies: is the currency column the right one?"
    )]
    Currencies,
    #[error("cannot write a temporary file: {0}")]
    Spill(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spilled_groups_come_back() {
        let mut groups = Groups::new(3);
        for round in 0..4i128 {
            for code in 0..5 {
                groups.add(&[code; Dim::COUNT], round - 1).unwrap();
            }
        }
        let (mut rows, mut cost) = ([0; 5], [0; 5]);
        for _ in 0..2 {
            (rows, cost) = ([0; 5], [0; 5]);
            let add = |group: &Group| -> io::Result<()> {
                rows[group.key[0] as usize] += group.rows;
                cost[group.key[7] as usize] += group.cost;
                Ok(())
            };
            groups.for_each(add).unwrap();
        }
        assert_eq!((rows, cost), ([4; 5], [2; 5]));
    }

    #[test]
    fn sums_never_wrap() {
        let mut groups = Groups::new(3);
        let key = Key::default();
        groups.add(&key, i128::MAX).unwrap();
        assert!(matches!(groups.add(&key, 1), Err(AddError::Money(MoneyError::Overflow))));
    }
}
