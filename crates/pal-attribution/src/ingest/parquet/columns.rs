//! Arrow columns become codes, amounts, periods and kinds.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, StringArray};
use arrow_schema::{DataType, TimeUnit};
use hashbrown::HashMap;
use pal_model::{Instant, MoneyError};

use super::super::codes::{NONE, Periods, Texts};
use super::super::columns::{Field, Layout};
use super::super::csv::day_of;
use super::super::rows::{self, RowError};
use super::super::values::{self, Meaning};
use crate::ingest::period;

/// A cell that cannot be used: the row in the batch and why.
pub(super) struct ColumnError {
    pub row: usize,
    pub problem: Problem,
}

/// Why, before the column's name is known.
pub(super) enum Problem {
    Type(DataType),
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

pub(super) fn whole(problem: Problem) -> ColumnError {
    ColumnError { row: 0, problem }
}

pub(super) type Dictionary = DictionaryArray<Int32Type>;

/// The texts and row numbers of a text column; `None` = a column without any text.
pub(super) fn dictionary(
    array: &ArrayRef,
) -> Result<Option<(&Dictionary, &StringArray)>, ColumnError> {
    if *array.data_type() == DataType::Null {
        return Ok(None);
    }
    let parts = array
        .as_dictionary_opt::<Int32Type>()
        .and_then(|dictionary| Some((dictionary, dictionary.values().as_string_opt::<i32>()?)));
    parts.map(Some).ok_or_else(|| whole(Problem::Type(array.data_type().clone())))
}

/// A text column, with the map from its current list of texts to codes.
#[derive(Default)]
pub(super) struct TextColumn {
    /// The list the map is of: kept, so that its address is not used again.
    texts: Option<StringArray>,
    /// Codes by position in the list.
    codes: Vec<u32>,
}

pub(super) fn same_list(a: &StringArray, b: &StringArray) -> bool {
    a.len() == b.len()
        && a.value_data().as_ptr() == b.value_data().as_ptr()
        && a.value_offsets().as_ptr() == b.value_offsets().as_ptr()
}

impl TextColumn {
    /// Appends the codes of a column; `NONE` for each row where there is no column or no text.
    pub fn codes(
        &mut self,
        array: Option<&ArrayRef>,
        rows: usize,
        texts: &Texts,
        meaning: Meaning,
        out: &mut Vec<u32>,
    ) -> Result<(), ColumnError> {
        if let Some(array) = array.filter(|_| meaning.may_be_number())
            && let Some(numbers) = numbers(array)
        {
            number_codes(array, numbers, texts, out);
            return Ok(());
        }
        let Some((dictionary, list)) = array.map(dictionary).transpose()?.flatten() else {
            out.resize(rows, NONE);
            return Ok(());
        };
        if !self.texts.as_ref().is_some_and(|known| same_list(known, list)) {
            let bytes = |at: &usize| list.value_length(*at).cast_unsigned() as usize;
            if let Some(long) = (0..list.len()).map(|at| bytes(&at)).find(|b| *b > rows::TEXT) {
                return Err(whole(Problem::Long(long)));
            }
            let text = |at: usize| {
                if list.is_null(at) { None } else { meaning.of(list.value(at)) }
            };
            self.codes = texts.codes((0..list.len()).map(text));
            self.texts = Some(list.clone());
        }
        let keys = dictionary.keys();
        let start = out.len();
        // What stands in the place of no text may be any number.
        let code = |key: &i32| self.codes.get(key.cast_unsigned() as usize).copied();
        out.extend(keys.values().iter().map(|key| code(key).unwrap_or(NONE)));
        if let Some(nulls) = keys.nulls().filter(|nulls| nulls.null_count() > 0) {
            let rows = out[start..].iter_mut().zip(nulls.iter());
            rows.filter(|(_, there)| !there).for_each(|(out, _)| *out = NONE);
        }
        Ok(())
    }
}

/// A column of numbers or times whose texts are asked for: the numbers, and their texts.
type Numbers = (Vec<i64>, fn(i64, i128) -> Option<String>, i128);

fn numbers(array: &ArrayRef) -> Option<Numbers> {
    let decimal = |value: i64, _| Some(value.to_string());
    let day = |value, unit| {
        Some(values::day(Instant::from_nanoseconds(i128::from(value).checked_mul(unit)?)?))
    };
    match array.data_type() {
        DataType::Int64 => Some((array.as_primitive::<Int64Type>().values().to_vec(), decimal, 1)),
        DataType::Int32 => {
            let values = array.as_primitive::<Int32Type>().values();
            Some((values.iter().map(|value| i64::from(*value)).collect(), decimal, 1))
        }
        DataType::Timestamp(..) | DataType::Date32 => {
            let (values, unit) = times(array)?;
            Some((values, day, unit))
        }
        _ => None,
    }
}

/// Appends the codes of a column of numbers, each distinct one looked at once.
fn number_codes(
    array: &ArrayRef,
    (values, text, unit): Numbers,
    texts: &Texts,
    out: &mut Vec<u32>,
) {
    let mut codes: HashMap<i64, u32> = HashMap::new();
    out.extend(values.iter().enumerate().map(|(row, &value)| {
        if array.is_null(row) {
            return NONE;
        }
        let code = || text(value, unit).map_or(NONE, |text| texts.code(&text));
        *codes.entry(value).or_insert_with(code)
    }));
}

/// Charge periods, remembered by the raw numbers of the file.
#[derive(Default)]
pub(super) struct Times {
    known: HashMap<(i64, i64), u32>,
    last: Option<((i64, i64), u32)>,
}

impl Times {
    /// Appends period codes. Without `to`, the period is the UTC day of `from`.
    pub fn periods(
        &mut self,
        from: Option<&ArrayRef>,
        to: Option<&ArrayRef>,
        layout: &Layout,
        periods: &Periods,
        out: &mut Vec<u32>,
    ) -> Result<(), (Field, ColumnError)> {
        let (from_field, to_field) = match to {
            Some(_) => (Field::ChargePeriodStart, Field::ChargePeriodEnd),
            None => (Field::Date, Field::Date),
        };
        let Some(from) = from else { return Err((from_field, whole(Problem::Empty))) };
        let (starts, unit) = raw(from, layout).map_err(|e| (from_field, e))?;
        let ends = to.map(|to| raw(to, layout)).transpose().map_err(|e| (to_field, e))?;
        for (row, &start) in starts.iter().enumerate() {
            let end = ends.as_ref().map_or(start, |(ends, _)| ends[row]);
            let key = (start, end);
            let code = match self.last {
                Some((last, code)) if last == key => code,
                _ => match self.known.get(&key) {
                    Some(&code) => code,
                    None => {
                        let refuse = |error| {
                            (from_field, ColumnError { row, problem: Problem::Other(error) })
                        };
                        let instant = |value: i64, unit: i128| {
                            let known = Instant::from_nanoseconds(i128::from(value) * unit);
                            known.ok_or_else(|| {
                                let problem = Problem::Date(value.to_string());
                                (from_field, ColumnError { row, problem })
                            })
                        };
                        let begin = instant(start, unit)?;
                        let found = match &ends {
                            Some((_, end_unit)) => period(begin, instant(end, *end_unit)?),
                            None => day_of(begin),
                        };
                        let code = periods.code(found.map_err(refuse)?);
                        self.known.insert(key, code);
                        code
                    }
                },
            };
            self.last = Some((key, code));
            out.push(code);
        }
        Ok(())
    }
}

/// Instants as the file has them, and how many nanoseconds a step is.
fn raw(array: &ArrayRef, layout: &Layout) -> Result<(Vec<i64>, i128), ColumnError> {
    if array.null_count() > 0 {
        let row = (0..array.len()).find(|&row| array.is_null(row)).unwrap_or_default();
        return Err(ColumnError { row, problem: Problem::Empty });
    }
    if let Some(times) = times(array) {
        return Ok(times);
    }
    Ok(match array.data_type() {
        DataType::Utf8 => (instants(array.as_string::<i32>().iter(), layout)?, 1),
        DataType::LargeUtf8 => (instants(array.as_string::<i64>().iter(), layout)?, 1),
        DataType::Utf8View => (instants(array.as_string_view().iter(), layout)?, 1),
        other => return Err(whole(Problem::Type(other.clone()))),
    })
}

/// Times as the file has them, and how many nanoseconds a step is; `None` = the column has none.
fn times(array: &ArrayRef) -> Option<(Vec<i64>, i128)> {
    Some(match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => {
            (array.as_primitive::<TimestampSecondType>().values().to_vec(), 1_000_000_000)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            (array.as_primitive::<TimestampMillisecondType>().values().to_vec(), 1_000_000)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            (array.as_primitive::<TimestampMicrosecondType>().values().to_vec(), 1_000)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            (array.as_primitive::<TimestampNanosecondType>().values().to_vec(), 1)
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().values();
            (days.iter().map(|day| i64::from(*day)).collect(), 86_400_000_000_000)
        }
        _ => return None,
    })
}

fn instants<'t>(
    texts: impl Iterator<Item = Option<&'t str>>,
    layout: &Layout,
) -> Result<Vec<i64>, ColumnError> {
    let instant = |(row, text): (usize, Option<&str>)| {
        let text = text.unwrap_or_default();
        let instant = values::instant(text, layout.schema);
        let nanoseconds = instant.and_then(|i| i64::try_from(i.nanoseconds()).ok());
        nanoseconds.ok_or_else(|| ColumnError { row, problem: Problem::Date(rows::shown(text)) })
    };
    texts.enumerate().map(instant).collect()
}
