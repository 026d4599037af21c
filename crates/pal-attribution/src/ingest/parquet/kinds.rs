//! What kind of charge each row is, from Arrow columns.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt16Type;
use arrow_array::{Array, ArrayRef, StringArray};
use hashbrown::HashMap;
use pal_model::ChargeTraits;

use super::super::columns::{Field, Layout};
use super::super::rows::{self, RowError, TRAITS, matters};
use super::super::values::traits;
use super::Failure;
use super::columns::{ColumnError, Dictionary, Problem, dictionary, same_list};

/// What kind of charge each row is, by the combination of a few small columns.
///
/// Each column's row numbers become the digits of one number with a radix for each column; equal
/// numbers are equal combinations, and the first row of each is looked at.
#[derive(Default)]
pub(super) struct Kinds {
    lists: Vec<(Field, StringArray)>,
    table: Vec<Option<ChargeTraits>>,
    numbers: Vec<u64>,
}

/// A column of kinds: its row numbers, and a digit for each of its texts.
struct Digits<'a> {
    field: Field,
    keys: &'a Dictionary,
    texts: &'a StringArray,
    digits: Vec<u64>,
    radix: u64,
}

impl<'a> Digits<'a> {
    fn new(field: Field, keys: &'a Dictionary, texts: &'a StringArray) -> Self {
        let (digits, radix) = match matters(field) {
            Some(matters) => {
                let digit = |text: Option<&str>| u64::from(text.is_some_and(matters));
                (texts.iter().map(digit).collect(), 2)
            }
            // 0 = no text.
            None => ((1..=texts.len() as u64).collect(), texts.len() as u64 + 1),
        };
        Self { field, keys, texts, digits, radix }
    }

    /// The digit of all rows, if they have the same.
    fn constant(&self) -> Option<u64> {
        let keys = self.keys.keys();
        let first = match keys.null_count() {
            nulls if nulls == keys.len() => return Some(0),
            0 => *self.digits.get(*keys.values().first()? as usize)?,
            _ => 0,
        };
        let by_list = self.digits.iter().all(|digit| *digit == first);
        let by_row = || keys.values().iter().all(|key| *key == keys.values()[0]);
        (by_list || (keys.null_count() == 0 && by_row())).then_some(first)
    }

    fn cell(&self, row: usize) -> Option<&'a str> {
        let key = self.keys.key(row)?;
        (!self.texts.is_null(key)).then(|| self.texts.value(key))
    }
}

impl Kinds {
    /// Appends the kinds of all rows.
    pub fn traits<'a>(
        &mut self,
        layout: &Layout,
        rows: usize,
        array: impl Fn(Field) -> Option<&'a ArrayRef>,
        out: &mut Vec<ChargeTraits>,
    ) -> Result<(), Failure> {
        let mut columns = Vec::with_capacity(TRAITS.len());
        for field in TRAITS {
            let found = array(field).map(dictionary).transpose();
            let found = found.map_err(|e| (e.row, e.problem.named(rows::column(layout, field))))?;
            columns.extend(found.flatten().map(|(keys, texts)| Digits::new(field, keys, texts)));
        }
        self.renew(&columns);
        self.number(&columns, rows);
        for (row, &number) in self.numbers.iter().enumerate() {
            let at = number as usize;
            let kind = match self.table.get(at) {
                Some(&Some(kind)) => kind,
                _ => {
                    let cell = |field| columns.iter().find(|c| c.field == field)?.cell(row);
                    let kind = traits(&rows::inputs(layout, cell));
                    let kind = kind.map_err(|error| (row, RowError::Kind(error)))?;
                    if self.table.len() <= at {
                        self.table.resize(at + 1, None);
                    }
                    self.table[at] = Some(kind);
                    kind
                }
            };
            out.push(kind);
        }
        Ok(())
    }

    /// Forgets the table if a list of texts has changed.
    fn renew(&mut self, columns: &[Digits]) {
        let same = self.lists.len() == columns.len()
            && self.lists.iter().zip(columns).all(|((field, list), column)| {
                *field == column.field && same_list(list, column.texts)
            });
        if !same {
            self.table.clear();
            self.lists = columns.iter().map(|c| (c.field, c.texts.clone())).collect();
        }
    }

    fn number(&mut self, columns: &[Digits], rows: usize) {
        self.numbers.clear();
        self.numbers.resize(rows, 0);
        let mut size = 1u64;
        for column in columns {
            let Digits { keys, digits, radix, .. } = column;
            size *= radix;
            if size > MOST_NUMBERS {
                // Too many combinations for a table: renumber those that are there.
                self.table.clear();
                self.lists.clear();
                size = renumber(&mut self.numbers) * radix;
            }
            if let Some(digit) = column.constant() {
                self.numbers.iter_mut().for_each(|number| *number = *number * radix + digit);
                continue;
            }
            let keys = keys.keys();
            let numbers = self.numbers.iter_mut().zip(keys.values());
            match keys.nulls() {
                None => numbers.for_each(|(n, key)| *n = *n * radix + digits[*key as usize]),
                Some(nulls) => numbers.zip(nulls.iter()).for_each(|((n, key), there)| {
                    *n = *n * radix + if there { digits[*key as usize] } else { 0 };
                }),
            }
        }
        if size > MOST_NUMBERS {
            self.table.clear();
            self.lists.clear();
            renumber(&mut self.numbers);
        }
    }
}

/// The kinds of a charge file of ours.
pub(super) fn decided(array: &ArrayRef, out: &mut Vec<ChargeTraits>) -> Result<(), ColumnError> {
    let wrong = || ColumnError { row: 0, problem: Problem::Type(array.data_type().clone()) };
    let bits = array.as_primitive_opt::<UInt16Type>().filter(|bits| bits.null_count() == 0);
    out.extend(bits.ok_or_else(wrong)?.values().iter().map(|bits| ChargeTraits::from_bits(*bits)));
    Ok(())
}

const MOST_NUMBERS: u64 = 1 << 16;

/// Replaces numbers by their rank of appearance; how many different ones there were.
fn renumber(numbers: &mut [u64]) -> u64 {
    let mut ranks: HashMap<u64, u64> = HashMap::new();
    for number in numbers {
        let next = ranks.len() as u64;
        *number = *ranks.entry(*number).or_insert(next);
    }
    ranks.len() as u64
}
