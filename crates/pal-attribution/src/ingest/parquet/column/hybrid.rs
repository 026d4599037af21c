//! Runs of equal numbers and bit-packed numbers, mixed: how levels and dictionary indices are written.
//!
//! Each run begins with a number. If it is even, half of it says how often the value that follows
//! comes; if it is odd, half of it says how many groups of eight values follow, each value in `width`
//! bits. With a width of 1, `08 01 03 05` is four times 1, then 1, 0, 1, 0, 0, 0, 0, 0.

use super::fault::Fault;

/// Bytes of nothing behind each page, so that eight bytes can be read from any place in it.
pub const PADDING: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Same {
        value: u32,
        left: usize,
    },
    /// `bit`: where the next value begins in the page.
    Packed {
        bit: usize,
        left: usize,
    },
}

/// Some of the next values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    Same { value: u32, count: usize },
    Packed { bit: usize, count: usize },
}

/// Where a decoder is in the bytes of a page, which are given to it at each step.
#[derive(Debug, Clone, Copy)]
pub struct Hybrid {
    width: u32,
    at: usize,
    end: usize,
    run: Run,
}

const SHORT: Fault = Fault::Damaged("a page has fewer values than it says");

impl Hybrid {
    /// Runs of values of so many bits between two places of a page.
    pub fn new(width: u32, at: usize, end: usize) -> Result<Self, Fault> {
        if width > 32 {
            return Err(Fault::Damaged("values of more than 32 bits"));
        }
        Ok(Self { width, at, end, run: Run::Same { value: 0, left: 0 } })
    }

    /// Levels of old writers: so many values, packed, without runs.
    pub const fn packed(width: u32, at: usize, end: usize, count: usize) -> Self {
        Self { width, at: end, end, run: Run::Packed { bit: at * 8, left: count } }
    }

    /// The next values, at least one and no more than `most`, which is not 0.
    pub fn piece(&mut self, page: &[u8], most: usize) -> Result<Piece, Fault> {
        loop {
            match &mut self.run {
                Run::Same { value, left } if *left > 0 => {
                    let count = most.min(*left);
                    *left -= count;
                    return Ok(Piece::Same { value: *value, count });
                }
                Run::Packed { bit, left } if *left > 0 => {
                    let (start, count) = (*bit, most.min(*left));
                    *left -= count;
                    *bit += count * self.width as usize;
                    return Ok(Piece::Packed { bit: start, count });
                }
                Run::Same { .. } | Run::Packed { .. } => self.run = self.next(page)?,
            }
        }
    }

    fn next(&mut self, page: &[u8]) -> Result<Run, Fault> {
        let mut head = 0u64;
        for shift in (0..).step_by(7) {
            let byte = *page.get(self.at).filter(|_| self.at < self.end).ok_or(SHORT)?;
            self.at += 1;
            if shift > 63 {
                return Err(Fault::Damaged("the length of a run is no number"));
            }
            head |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        let count = usize::try_from(head >> 1).unwrap_or(usize::MAX);
        let left = self.end - self.at;
        if head & 1 == 1 {
            let bit = self.at * 8;
            let bytes = count.saturating_mul(self.width as usize);
            // The last group may be cut where the page has no more values.
            self.at += bytes.min(left);
            let held = (left * 8).checked_div(self.width as usize).unwrap_or(usize::MAX);
            return Ok(Run::Packed { bit, left: count.saturating_mul(8).min(held) });
        }
        let bytes = self.width.div_ceil(8) as usize;
        let raw = page.get(self.at..self.at + bytes).filter(|_| bytes <= left).ok_or(SHORT)?;
        let value = raw.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
        self.at += bytes;
        Ok(Run::Same { value, left: count })
    }

    /// Appends `count` values; the greatest of them. Of each piece, `on_run` is told the value that all of it is, or that
    /// it is packed.
    pub fn values(
        &mut self,
        page: &[u8],
        mut count: usize,
        out: &mut Vec<u32>,
        mut on_run: impl FnMut(Option<u32>),
    ) -> Result<u32, Fault> {
        let mut greatest = 0;
        while count > 0 {
            count -= match self.piece(page, count)? {
                Piece::Same { value, count } => {
                    greatest = greatest.max(value);
                    on_run(Some(value));
                    out.resize(out.len() + count, value);
                    count
                }
                Piece::Packed { bit, count } => {
                    let from = out.len();
                    out.resize(from + count, 0);
                    unpack(page, bit, self.width, &mut out[from..]);
                    greatest = out[from..].iter().fold(greatest, |most, value| most.max(*value));
                    on_run(None);
                    count
                }
            };
        }
        Ok(greatest)
    }
}

/// Values of `width` bits from a place on, counted in bits. The page has them, and its padding.
fn unpack(page: &[u8], bit: usize, width: u32, out: &mut [u32]) {
    let width = width as usize;
    let (eights, rest) = out.as_chunks_mut::<8>();
    let behind = bit + eights.len() * 8 * width;
    // Eight values of one and the same width: the compiler knows where each of them is.
    match width {
        1 => unpack_eights::<1>(page, bit, eights),
        2 => unpack_eights::<2>(page, bit, eights),
        3 => unpack_eights::<3>(page, bit, eights),
        4 => unpack_eights::<4>(page, bit, eights),
        5 => unpack_eights::<5>(page, bit, eights),
        6 => unpack_eights::<6>(page, bit, eights),
        7 => unpack_eights::<7>(page, bit, eights),
        8 => unpack_eights::<8>(page, bit, eights),
        9 => unpack_eights::<9>(page, bit, eights),
        10 => unpack_eights::<10>(page, bit, eights),
        11 => unpack_eights::<11>(page, bit, eights),
        12 => unpack_eights::<12>(page, bit, eights),
        13 => unpack_eights::<13>(page, bit, eights),
        14 => unpack_eights::<14>(page, bit, eights),
        15 => unpack_eights::<15>(page, bit, eights),
        16 => unpack_eights::<16>(page, bit, eights),
        _ => unpack_each(page, bit, width, eights.as_flattened_mut()),
    }
    unpack_each(page, behind, width, rest);
}

/// Eight bytes of a page; none behind its padding.
fn word(page: &[u8], byte: usize) -> u64 {
    match page.get(byte..byte + 8) {
        Some(bytes) => bytes.try_into().map_or(0, u64::from_le_bytes),
        None => 0,
    }
}

fn unpack_each(page: &[u8], mut bit: usize, width: usize, out: &mut [u32]) {
    let mask = (1u64 << width) - 1;
    // Seven bits before a value, and the value: no more than 39.
    for value in out {
        *value = (word(page, bit >> 3) >> (bit & 7) & mask) as u32;
        bit += width;
    }
}

/// Groups of eight values of at most 16 bits; a group takes `WIDTH` bytes.
fn unpack_eights<const WIDTH: usize>(page: &[u8], mut bit: usize, out: &mut [[u32; 8]]) {
    let mask = (1u64 << WIDTH) - 1;
    for eight in out {
        let (byte, shift) = (bit >> 3, bit & 7);
        // Two values of 16 bits and the seven bits before them fit a word.
        let words = [0, 2, 4, 6].map(|of| {
            let at = of * WIDTH + shift;
            word(page, byte + (at >> 3)) >> (at & 7)
        });
        for (pair, word) in eight.as_chunks_mut::<2>().0.iter_mut().zip(words) {
            *pair = [(word & mask) as u32, (word >> WIDTH & mask) as u32];
        }
        bit += 8 * WIDTH;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Runs as a writer makes them: `true` = packed, padded to groups of eight.
    fn written(width: u32, runs: &[(bool, Vec<u32>)]) -> (Vec<u8>, Vec<u32>) {
        let (mut bytes, mut values) = (Vec::new(), Vec::new());
        for (packed, run) in runs {
            if *packed {
                let groups = run.len().div_ceil(8);
                varint((groups as u64) << 1 | 1, &mut bytes);
                let mut bits = vec![0u8; groups * width as usize];
                for (at, value) in run.iter().enumerate() {
                    for bit in 0..width as usize {
                        let place = at * width as usize + bit;
                        bits[place / 8] |= ((value >> bit & 1) as u8) << (place % 8);
                    }
                }
                bytes.extend(bits);
                values.extend(run);
                values.resize(values.len() + groups * 8 - run.len(), 0);
            } else {
                varint((run.len() as u64) << 1, &mut bytes);
                bytes.extend(&run[0].to_le_bytes()[..width.div_ceil(8) as usize]);
                values.resize(values.len() + run.len(), run[0]);
            }
        }
        (bytes, values)
    }

    fn varint(mut value: u64, out: &mut Vec<u8>) {
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_in_any_steps(
            width in 0u32..=32,
            runs in prop::collection::vec(
                (any::<bool>(), prop::collection::vec(any::<u32>(), 1..40)), 1..8),
            step in 1usize..50,
        ) {
            let mask = ((1u64 << width) - 1) as u32;
            let masked = |run: &Vec<u32>| run.iter().map(|value| value & mask).collect();
            let runs: Vec<_> = runs.iter().map(|(packed, run)| (*packed, masked(run))).collect();
            let (mut page, values) = written(width, &runs);
            let end = page.len();
            page.extend([0; PADDING]);
            let mut decoder = Hybrid::new(width, 0, end).unwrap();
            let mut found = Vec::new();
            while found.len() < values.len() {
                let count = step.min(values.len() - found.len());
                let from = found.len();
                let greatest = decoder.values(&page, count, &mut found, |_| ()).unwrap();
                prop_assert_eq!(Some(&greatest), found[from..].iter().max());
            }
            prop_assert_eq!(found, values);
            if width > 0 {
                prop_assert!(decoder.values(&page, 1, &mut Vec::new(), |_| ()).is_err());
            }
        }

        #[test]
        fn any_bytes_are_values_or_an_error(
            width in 0u32..=32,
            mut page in prop::collection::vec(any::<u8>(), 0..60),
            count in 1usize..5_000,
        ) {
            let end = page.len();
            page.extend([0; PADDING]);
            let mut found = Vec::new();
            if Hybrid::new(width, 0, end).unwrap().values(&page, count, &mut found, |_| ()).is_ok() {
                prop_assert_eq!(found.len(), count);
            }
        }
    }
}
