//! Charge periods from columns of instants, days, or their texts.

use std::borrow::Cow;

use hashbrown::HashMap;
use pal_model::{Instant, Interval};

use super::super::codes::Periods;
use super::super::columns::{Field, Layout};
use super::super::csv::day_of;
use super::super::rows;
use super::super::values;
use super::column::{Cells, Column, Form, Known, NOTHING, Strings};
use super::columns::{ColumnError, Problem, refused, whole};
use crate::ingest::period;

/// Charge periods, remembered by the raw numbers of the file.
#[derive(Default)]
pub(super) struct Times {
    known: HashMap<(i64, i64), u32>,
    /// Some of those that came last, by [`slot`]: rows of one resource go through the days of a month.
    recent: Vec<Option<((i64, i64), u32)>>,
    /// What the texts of both columns mean, where they have texts.
    texts: [Known<Option<i64>>; 2],
}

/// Instants as the file has them, and how many nanoseconds a step is.
type Raw<'c> = (Cow<'c, [i64]>, i64);

const RECENT: usize = 256;

/// The place of a period among the recent ones.
const fn slot((start, end): (i64, i64)) -> usize {
    let mixed = (start ^ end.rotate_left(32)).cast_unsigned();
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}

impl Times {
    /// Appends period codes. Without `to`, the period is the UTC day of `from`.
    pub fn periods(
        &mut self,
        from: Option<&Column>,
        to: Option<&Column>,
        layout: &Layout,
        periods: &Periods,
        out: &mut Vec<u32>,
    ) -> Result<(), (Field, ColumnError)> {
        let (from_field, to_field) = match to {
            Some(_) => (Field::ChargePeriodStart, Field::ChargePeriodEnd),
            None => (Field::Date, Field::Date),
        };
        let Some(from) = from else { return Err((from_field, whole(Problem::Empty))) };
        let [of_from, of_to] = &mut self.texts;
        let (starts, step) = raw(from, layout, of_from).map_err(|e| (from_field, e))?;
        let ends = to.map(|to| raw(to, layout, of_to)).transpose().map_err(|e| (to_field, e))?;
        self.recent.resize(RECENT, None);
        for (row, &start) in starts.iter().enumerate() {
            let end = ends.as_ref().map_or(start, |(ends, _)| ends[row]);
            let (key, end_step) = ((start, end), ends.as_ref().map(|(_, step)| *step));
            let recent = &mut self.recent[slot(key)];
            if let Some((known, code)) = recent
                && *known == key
            {
                out.push(*code);
                continue;
            }
            let code = match self.known.get(&key) {
                Some(code) => *code,
                None => {
                    let found = interval(key, step, end_step);
                    let found = found.map_err(|problem| (from_field, ColumnError { row, problem }));
                    let code = periods.code(found?);
                    self.known.insert(key, code);
                    code
                }
            };
            *recent = Some((key, code));
            out.push(code);
        }
        Ok(())
    }
}

/// The period between two instants in steps of so many nanoseconds; without a step of the end, the UTC
/// day of the first.
fn interval(
    (start, end): (i64, i64),
    step: i64,
    end_step: Option<i64>,
) -> Result<Interval, Problem> {
    let instant = |value: i64, step: i64| {
        let known = Instant::from_nanoseconds(i128::from(value) * i128::from(step));
        known.ok_or_else(|| Problem::Date(value.to_string()))
    };
    let begin = instant(start, step)?;
    let found = match end_step {
        Some(end_step) => period(begin, instant(end, end_step)?),
        None => day_of(begin),
    };
    found.map_err(Problem::Other)
}

fn raw<'c>(
    column: &'c Column,
    layout: &Layout,
    known: &mut Known<Option<i64>>,
) -> Result<Raw<'c>, ColumnError> {
    if let Some(row) = column.first_missing() {
        return Err(ColumnError { row, problem: Problem::Empty });
    }
    match (column.shape.form, &column.cells) {
        (Form::Time { nanoseconds }, Cells::Whole(cells)) => {
            Ok((Cow::Borrowed(&cells.values), nanoseconds))
        }
        (Form::Text, Cells::Strings(cells)) => Ok((Cow::Owned(instants(cells, layout, known)?), 1)),
        _ => Err(refused(column)),
    }
}

/// Nanoseconds of the texts of a column, each distinct one understood once.
fn instants(
    cells: &Strings<'_>,
    layout: &Layout,
    known: &mut Known<Option<i64>>,
) -> Result<Vec<i64>, ColumnError> {
    let list = &cells.list;
    let new = known.begin(list)..list.len();
    known.extend(new.map(|at| {
        let instant = values::instant(list.text(at), layout.schema)?;
        i64::try_from(instant.nanoseconds()).ok()
    }));
    let instants = known.values();
    let instant = |(row, key): (usize, &u32)| {
        let found = instants.get(*key as usize).copied().flatten();
        found.ok_or_else(|| {
            let text = if *key == NOTHING { "" } else { list.text(*key as usize) };
            ColumnError { row, problem: Problem::Date(rows::shown(text)) }
        })
    };
    cells.keys.iter().enumerate().map(instant).collect()
}
