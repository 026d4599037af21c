//! Sorted runs of cells in temporary files, and their merge: for reports larger than memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use num_bigint::BigInt;
use pal_model::MoneyError;

use super::cell::{Cell, Parts};

/// A cell that cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunsError {
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error("cannot use a temporary file: {0}")]
    File(#[from] io::Error),
}

/// Files of cells in order of their keys.
#[derive(Default)]
pub(super) struct Runs<const K: usize>(Vec<File>);

impl<const K: usize> Runs<K> {
    /// Writes sorted cells as a run.
    pub fn write(&mut self, cells: &[Cell<K>]) -> io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
        for cell in cells {
            write_cell(&mut file, cell)?;
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.0.push(file);
        Ok(())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The cells of all runs in order.
    pub fn into_streams(self) -> impl Iterator<Item = Stream<K>> {
        self.0.into_iter().map(|file| {
            let mut reader = BufReader::with_capacity(1 << 18, file);
            let cells = std::iter::from_fn(move || read_cell(&mut reader).transpose());
            Box::new(cells) as Stream<K>
        })
    }
}

/// Cells in order of their keys.
pub(super) type Stream<const K: usize> = Box<dyn Iterator<Item = io::Result<Cell<K>>> + Send>;

/// Merges streams; cells of equal keys are added together.
pub(super) fn merge<const K: usize>(
    mut streams: Vec<Stream<K>>,
    mut take: impl FnMut(Cell<K>) -> Result<(), RunsError>,
) -> Result<(), RunsError> {
    if let [only] = &mut streams[..] {
        return only.try_for_each(|cell| take(cell?));
    }
    let mut heads: Vec<Option<Cell<K>>> = Vec::with_capacity(streams.len());
    let mut heap = BinaryHeap::new();
    for (at, stream) in streams.iter_mut().enumerate() {
        let head = stream.next().transpose()?;
        heap.extend(head.as_ref().map(|cell| Reverse((cell.key, at))));
        heads.push(head);
    }
    let mut current: Option<Cell<K>> = None;
    while let Some(Reverse((_, at))) = heap.pop() {
        let next = streams[at].next().transpose()?;
        heap.extend(next.as_ref().map(|cell| Reverse((cell.key, at))));
        let Some(cell) = std::mem::replace(&mut heads[at], next) else { continue };
        match &mut current {
            Some(same) if same.key == cell.key => same.absorb(cell)?,
            _ => {
                if let Some(done) = current.replace(cell) {
                    take(done)?;
                }
            }
        }
    }
    current.map_or(Ok(()), take)
}

fn write_cell<const K: usize>(file: &mut impl Write, cell: &Cell<K>) -> io::Result<()> {
    for code in cell.key {
        file.write_all(&code.to_le_bytes())?;
    }
    file.write_all(&cell.charges.to_le_bytes())?;
    file.write_all(&cell.cost.to_le_bytes())?;
    file.write_all(&cell.whole.to_le_bytes())?;
    let parts = cell.parts.as_deref();
    file.write_all(&(parts.map_or(0, Parts::len) as u32).to_le_bytes())?;
    for (length, numerator) in parts.into_iter().flatten() {
        let bytes = numerator.to_signed_bytes_le();
        file.write_all(&length.to_le_bytes())?;
        file.write_all(&(bytes.len() as u32).to_le_bytes())?;
        file.write_all(&bytes)?;
    }
    Ok(())
}

fn array<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_cell<const K: usize>(reader: &mut BufReader<File>) -> io::Result<Option<Cell<K>>> {
    use std::io::BufRead;
    if reader.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut key = [0; K];
    for code in &mut key {
        *code = u32::from_le_bytes(array(reader)?);
    }
    let charges = u64::from_le_bytes(array(reader)?);
    let cost = i128::from_le_bytes(array(reader)?);
    let whole = i128::from_le_bytes(array(reader)?);
    let mut cell = Cell { key, charges, cost, whole, parts: None };
    for _ in 0..u32::from_le_bytes(array(reader)?) {
        let length = i64::from_le_bytes(array(reader)?);
        let mut bytes = vec![0; u32::from_le_bytes(array(reader)?) as usize];
        reader.read_exact(&mut bytes)?;
        let numerator = BigInt::from_signed_bytes_le(&bytes);
        cell.parts.get_or_insert_default().insert(length, numerator);
    }
    Ok(Some(cell))
}

#[cfg(test)]
mod tests {
    use super::super::rollup::{Cells, hash};
    use super::*;

    #[test]
    fn spilled_cells_merge_to_the_same_rows() {
        let mut cells = Cells::<2>::new(4);
        for step in 0..60u32 {
            let key = [step * 7 % 10, 1];
            let weight = if step % 3 == 0 { (1, 3) } else { (1, 1) };
            cells.add(hash(&key), &key, (1, 3), weight).unwrap();
        }
        let (cells, runs) = cells.finish();
        assert!(!runs.is_empty());
        let mut streams: Vec<Stream<2>> = runs.into_streams().collect();
        streams.push(Box::new(cells.into_iter().map(Ok)));
        let mut merged = Vec::new();
        merge(streams, |cell| {
            merged.push((cell.key[0], cell.charges, cell.cost, cell.whole, cell.parts));
            Ok(())
        })
        .unwrap();
        assert_eq!(merged.iter().map(|m| m.0).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        for (_, charges, cost, whole, parts) in merged {
            assert_eq!((charges, cost, whole), (6, 18, 12));
            assert_eq!(parts.unwrap()[&3], BigInt::from(6));
        }
    }
}
