//! Columns of texts become codes, and what is said of a column that cannot be used.

use hashbrown::HashMap;
use pal_model::{Instant, MoneyError};

use super::super::codes::{NONE, Texts};
use super::super::rows::{self, RowError};
use super::super::values::{self, Meaning};
use super::column::{Cells, Column, Form, Known, NOTHING, Numbers, Strings};

/// A cell that cannot be used: the row in the batch and why.
pub(super) struct ColumnError {
    pub row: usize,
    pub problem: Problem,
}

/// Why, before the column's name is known.
pub(super) enum Problem {
    /// What the column holds.
    Type(String),
    Empty,
    Long(usize),
    Money(MoneyError),
    Date(String),
    Other(RowError),
}

impl Problem {
    pub fn named(self, column: String) -> RowError {
        match self {
            Self::Type(found) => RowError::Kind(format!(
                "column {column} holds {found}, which is not a form it can have; export it again"
            )),
            Self::Empty => RowError::Empty { column },
            Self::Long(bytes) => RowError::Long { column, bytes },
            Self::Money(source) => RowError::Money { column, source },
            Self::Date(text) => RowError::Date { column, text },
            Self::Other(error) => error,
        }
    }
}

pub(super) const fn whole(problem: Problem) -> ColumnError {
    ColumnError { row: 0, problem }
}

/// A column of a form that it cannot have.
pub(super) fn refused(column: &Column) -> ColumnError {
    whole(Problem::Type(column.shape.said.clone()))
}

impl Column<'_> {
    /// The first row of the batch that has no value.
    pub(super) fn first_missing(&self) -> Option<usize> {
        match &self.cells {
            Cells::Strings(cells) => cells.keys.iter().position(|key| *key == NOTHING),
            Cells::Whole(cells) => cells.missing.first().copied(),
            Cells::Wide(cells) => cells.missing.first().copied(),
            Cells::Nothing => None,
        }
    }
}

/// The texts of a column; `None` = a column without any text.
pub(super) fn strings<'c, 'f>(
    column: &'c Column<'f>,
) -> Result<Option<&'c Strings<'f>>, ColumnError> {
    match (column.shape.form, &column.cells) {
        (Form::Null, _) => Ok(None),
        (Form::Text, Cells::Strings(cells)) => Ok(Some(cells)),
        _ => Err(refused(column)),
    }
}

/// The codes of a column's texts.
#[derive(Default)]
pub(super) struct TextCodes {
    known: Known<u32>,
}

impl TextCodes {
    /// Appends the codes of a column; `NONE` for each row where there is no column or no text.
    pub fn codes(
        &mut self,
        column: Option<&Column>,
        rows: usize,
        texts: &Texts,
        meaning: Meaning,
        out: &mut Vec<u32>,
    ) -> Result<(), ColumnError> {
        let numbers = column.filter(|_| meaning.may_be_number()).and_then(numbers);
        if let Some((cells, text)) = numbers {
            number_codes(cells, text, texts, out);
            return Ok(());
        }
        let Some(cells) = column.map(strings).transpose()?.flatten() else {
            out.resize(rows, NONE);
            return Ok(());
        };
        let list = &cells.list;
        let new = self.known.begin(list)..list.len();
        if !new.is_empty() {
            let long = new.clone().map(|at| list.bytes(at).len()).find(|b| *b > rows::TEXT);
            if let Some(long) = long {
                return Err(whole(Problem::Long(long)));
            }
            let codes = texts.codes(new.map(|at| meaning.of(list.text(at))));
            self.known.extend(codes.into_iter());
        }
        let codes = self.known.values();
        // Nothing is beyond all codes.
        let code = |key: u32| codes.get(key as usize).copied().unwrap_or(NONE);
        match cells.constant() {
            Some(key) => out.resize(out.len() + cells.keys.len(), code(key)),
            None => out.extend(cells.keys.iter().map(|key| code(*key))),
        }
        Ok(())
    }
}

/// How the text of a number is made, and how many nanoseconds a step of it is.
type Written = (fn(i64, i64) -> Option<String>, i64);

/// A column of numbers or times whose texts are asked for.
fn numbers<'c, 'f>(column: &'c Column<'f>) -> Option<(&'c Numbers<'f, i64>, Written)> {
    let Cells::Whole(cells) = &column.cells else { return None };
    let decimal = |value: i64, _| Some(value.to_string());
    let day = |value, step| {
        let nanoseconds = i128::from(value).checked_mul(i128::from(step))?;
        Some(values::day(Instant::from_nanoseconds(nanoseconds)?))
    };
    match column.shape.form {
        Form::Whole { bits: 32 | 64, is_signed: true } => Some((cells, (decimal, 1))),
        Form::Time { nanoseconds } => Some((cells, (day, nanoseconds))),
        _ => None,
    }
}

/// Appends the codes of a column of numbers, each distinct one looked at once.
fn number_codes(
    cells: &Numbers<'_, i64>,
    (text, step): Written,
    texts: &Texts,
    out: &mut Vec<u32>,
) {
    let mut codes: HashMap<i64, u32> = HashMap::new();
    let mut missing = cells.missing.iter().peekable();
    out.extend(cells.values.iter().enumerate().map(|(row, &value)| {
        if missing.next_if_eq(&&row).is_some() {
            return NONE;
        }
        let code = || text(value, step).map_or(NONE, |text| texts.code(&text));
        *codes.entry(value).or_insert_with(code)
    }));
}
