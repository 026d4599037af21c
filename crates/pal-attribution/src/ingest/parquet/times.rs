//! Charge periods from columns of instants, days, or their texts.

use std::borrow::Cow;

use hashbrown::HashMap;
use pal_model::Instant;

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
    last: Option<((i64, i64), u32)>,
    /// What the texts of both columns mean, where they have texts.
    texts: [Known<Option<i64>>; 2],
}

/// Instants as the file has them, and how many nanoseconds a step is.
type Raw<'c> = (Cow<'c, [i64]>, i64);

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
        for (row, &start) in starts.iter().enumerate() {
            let end = ends.as_ref().map_or(start, |(ends, _)| ends[row]);
            let key = (start, end);
            let code = match self.last {
                Some((last, code)) if last == key => code,
                _ => match self.known.get(&key) {
                    Some(&code) => code,
                    None => {
                        let refuse = |problem| (from_field, ColumnError { row, problem });
                        let instant = |value: i64, step: i64| {
                            let known = i128::from(value) * i128::from(step);
                            let known = Instant::from_nanoseconds(known);
                            known.ok_or_else(|| refuse(Problem::Date(value.to_string())))
                        };
                        let begin = instant(start, step)?;
                        let found = match &ends {
                            Some((_, end_step)) => period(begin, instant(end, *end_step)?),
                            None => day_of(begin),
                        };
                        let code = periods.code(found.map_err(|e| refuse(Problem::Other(e)))?);
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
