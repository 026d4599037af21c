//! What kind of charge each row is.

use hashbrown::HashMap;
use pal_model::ChargeTraits;

use super::super::columns::{Field, Layout};
use super::super::rows::{self, RowError, TRAITS, matters};
use super::super::values::traits;
use super::Failure;
use super::amounts::of_bits;
use super::column::{Cells, Column, Form, Known, NOTHING, Strings};
use super::columns::{ColumnError, refused, strings};

/// What kind of charge each row is, by the combination of a few small columns.
///
/// Each column's row numbers become the digits of one number with a radix for each column; equal
/// numbers are equal combinations, and the first row of each is looked at.
#[derive(Default)]
pub(super) struct Kinds {
    /// The digits of the texts of each column of [`TRAITS`].
    digits: [Known<u64>; TRAITS.len()],
    /// Which columns there are, and what their digits mean: as long as that stays, the table is true.
    meanings: Vec<Meaning>,
    table: Vec<Option<ChargeTraits>>,
    numbers: Vec<u64>,
}

/// A column, the radix of its digits, and the generation of its list where digits are its numbers.
type Meaning = (Field, u64, u64);

/// A column of kinds: its rows, and a digit for each of its texts.
struct Digits<'a, 'f> {
    field: Field,
    cells: &'a Strings<'f>,
    digits: &'a [u64],
    radix: u64,
    generation: u64,
}

impl<'a, 'f> Digits<'a, 'f> {
    fn new(field: Field, cells: &'a Strings<'f>, known: &'a mut Known<u64>) -> Self {
        let list = &cells.list;
        let new = known.begin(list)..list.len();
        let (radix, generation) = match matters(field) {
            Some(matters) => {
                known.extend(new.map(|at| u64::from(matters(list.text(at)))));
                (2, 0)
            }
            // 0 = no text.
            None => {
                known.extend(new.map(|at| at as u64 + 1));
                (list.len() as u64 + 1, list.generation())
            }
        };
        Self { field, cells, digits: known.values(), radix, generation }
    }

    fn digit(&self, key: u32) -> u64 {
        self.digits.get(key as usize).copied().unwrap_or_default()
    }

    /// The digit of all rows, if they have the same.
    fn constant(&self) -> Option<u64> {
        if let Some(key) = self.cells.constant() {
            return Some(self.digit(key));
        }
        // No text has another digit than no text has.
        self.digits.iter().all(|digit| *digit == 0).then_some(0)
    }

    fn cell(&self, row: usize) -> Option<&'a str> {
        let key = self.cells.keys[row];
        (key != NOTHING).then(|| self.cells.list.text(key as usize))
    }
}

impl Kinds {
    /// Appends the kinds of all rows.
    pub fn traits<'c, 'f: 'c>(
        &mut self,
        layout: &Layout,
        rows: usize,
        column: impl Fn(Field) -> Option<&'c Column<'f>>,
        out: &mut Vec<ChargeTraits>,
    ) -> Result<(), Failure> {
        let mut columns = Vec::with_capacity(TRAITS.len());
        for (field, known) in TRAITS.into_iter().zip(&mut self.digits) {
            let found = column(field).map(strings).transpose();
            let found = found.map_err(|e| (e.row, e.problem.named(rows::column(layout, field))))?;
            columns.extend(found.flatten().map(|cells| Digits::new(field, cells, known)));
        }
        let meanings = columns.iter().map(|c| (c.field, c.radix, c.generation));
        if !meanings.clone().eq(self.meanings.iter().copied()) {
            self.table.clear();
            self.meanings = meanings.collect();
        }
        let size = columns.iter().try_fold(1u64, |size, column| size.checked_mul(column.radix));
        if size.is_some_and(|size| size <= MOST_NUMBERS) {
            if let Some(number) = weigh(&columns, rows, &mut self.numbers) {
                let kind = kind_of(&mut self.table, number, 0, layout, &columns)?;
                out.resize(out.len() + rows, kind);
                return Ok(());
            }
        } else {
            // Too many combinations for a table: the next batch has other numbers for the same.
            rank(&columns, rows, &mut self.numbers);
            self.table.clear();
        }
        for (row, number) in self.numbers.iter().enumerate() {
            let kind = match self.table.get(*number as usize) {
                Some(Some(kind)) => *kind,
                _ => kind_of(&mut self.table, *number, row, layout, &columns)?,
            };
            out.push(kind);
        }
        Ok(())
    }
}

/// The kind of a combination, which a row has.
fn kind_of(
    table: &mut Vec<Option<ChargeTraits>>,
    number: u64,
    row: usize,
    layout: &Layout,
    columns: &[Digits],
) -> Result<ChargeTraits, Failure> {
    let at = number as usize;
    if let Some(Some(kind)) = table.get(at) {
        return Ok(*kind);
    }
    let cell = |field| columns.iter().find(|c| c.field == field)?.cell(row);
    let kind = traits(&rows::inputs(layout, cell));
    let kind = kind.map_err(|error| (row, RowError::Kind(error)))?;
    if table.len() <= at {
        table.resize(at + 1, None);
    }
    table[at] = Some(kind);
    Ok(kind)
}

/// The numbers of all rows, if they fit a table: digits times the radices behind them. `Some` = all rows
/// have this one, and none is written down.
fn weigh(columns: &[Digits], rows: usize, numbers: &mut Vec<u64>) -> Option<u64> {
    let (mut weight, mut same, mut varying) = (1, 0, Vec::new());
    for column in columns.iter().rev() {
        match column.constant() {
            Some(digit) => same += digit * weight,
            None => varying.push((column, weight)),
        }
        weight *= column.radix;
    }
    if varying.is_empty() {
        return Some(same);
    }
    numbers.clear();
    numbers.resize(rows, same);
    for (column, weight) in varying {
        let rows = numbers.iter_mut().zip(&column.cells.keys);
        rows.for_each(|(number, key)| *number += column.digit(*key) * weight);
    }
    None
}

/// The numbers of all rows: whenever they become too large, they are replaced by their ranks.
fn rank(columns: &[Digits], rows: usize, numbers: &mut Vec<u64>) {
    numbers.clear();
    numbers.resize(rows, 0);
    for column in columns {
        let keys = numbers.iter_mut().zip(&column.cells.keys);
        keys.for_each(|(number, key)| *number = *number * column.radix + column.digit(*key));
        renumber(numbers);
    }
}

/// The kinds of a charge file of ours.
pub(super) fn decided(column: &Column, out: &mut Vec<ChargeTraits>) -> Result<(), ColumnError> {
    match (column.shape.form, &column.cells) {
        (Form::Whole { bits: 16, is_signed: false }, Cells::Whole(cells))
            if cells.missing.is_empty() =>
        {
            let bits = cells.values.iter().map(|value| of_bits(*value, 16, false) as u16);
            out.extend(bits.map(ChargeTraits::from_bits));
            Ok(())
        }
        _ => Err(refused(column)),
    }
}

const MOST_NUMBERS: u64 = 1 << 16;

/// Replaces numbers by their rank of appearance.
fn renumber(numbers: &mut [u64]) {
    let mut ranks: HashMap<u64, u64> = HashMap::new();
    for number in numbers {
        let next = ranks.len() as u64;
        *number = *ranks.entry(*number).or_insert(next);
    }
}
