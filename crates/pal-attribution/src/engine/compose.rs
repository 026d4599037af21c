//! Shares put together: sums of equal keys added exactly, rounded once, handed out in order.

use std::sync::Arc;

use hashbrown::HashMap;
use pal_model::{Balance, KeyColumn, MoneyError, fold, is_folded, is_same_name};

use super::EngineError;
use super::cell::Cell;
use super::kernel::{month_code, month_text};
use super::report::TakeRow;
use super::rollup::Column;
use super::shares::{Cells, Shown};
use super::view::Only;

/// Hands out the rows of the report that `cells` are the shares of, as [`super::Engine::report`]
/// would. `keys` are the columns to show, in this order: those that the cells were made with, or
/// some of them. `only` says which of the rows are wanted, by columns that the cells were made with, too.
///
/// # Errors
/// A column that the cells were made without, a sum that is too large, or what `take` returns.
pub fn merge<'c>(
    cells: impl IntoIterator<Item = &'c Cells>,
    keys: &[KeyColumn],
    only: Only,
    take: &mut TakeRow,
) -> Result<(), EngineError> {
    let mut columns: Vec<Merged> = keys.iter().map(|key| Merged::new(*key)).collect();
    let mut ranks: Vec<u32> = Vec::new();
    let mut sums: Vec<&Cell<0>> = Vec::new();
    for cells in cells {
        let rows = wanted(cells, only)?;
        number(cells, &rows, keys, &mut columns, &mut ranks)?;
        sums.extend(rows.iter().map(|row| &cells.sums[*row]));
    }
    let columns: Vec<Column> = columns.into_iter().map(Merged::into_column).collect();
    for row in ranks.chunks_exact_mut(keys.len().max(1)) {
        row.iter_mut().zip(&columns).for_each(|(code, column)| *code = column.rank[*code as usize]);
    }
    let key = |row: u32| &ranks[row as usize * keys.len()..][..keys.len()];
    let mut order: Vec<u32> = (0..sums.len() as u32).collect();
    order.sort_unstable_by(|a, b| key(*a).cmp(key(*b)));
    for equal in order.chunk_by(|a, b| key(*a) == key(*b)) {
        let mut sum = sums[equal[0] as usize].clone();
        for other in &equal[1..] {
            sum.absorb(sums[*other as usize].clone())?;
        }
        let (cost, credited) = sum.rounded()?;
        let shown = columns.iter().zip(key(equal[0]));
        let shown: Vec<Option<&str>> =
            shown.map(|(column, rank)| column.values[*rank as usize].as_deref()).collect();
        take(&shown, sum.charges, cost, credited)?;
    }
    Ok(())
}

fn wanted(cells: &Cells, only: Only) -> Result<Vec<usize>, EngineError> {
    let mut rows: Vec<usize> = (0..cells.len()).collect();
    for (key, name) in only.named() {
        let Some(at) = cells.keys.iter().position(|made| *made == key) else {
            return Err(EngineError::Column(key));
        };
        let is = |text: &Shown| text.as_ref().is_some_and(|text| is_same_name(text, name));
        let by_place: Vec<bool> = cells.values[at].iter().map(is).collect();
        let place = |row: &usize| cells.places[row * cells.keys.len() + at] as usize;
        rows.retain(|row| by_place[place(row)]);
    }
    Ok(rows)
}

/// Appends the codes of these rows of a share, row by row.
fn number(
    cells: &Cells,
    rows: &[usize],
    keys: &[KeyColumn],
    columns: &mut [Merged],
    codes: &mut Vec<u32>,
) -> Result<(), EngineError> {
    let mut taken: Vec<(usize, Vec<u32>)> = Vec::with_capacity(keys.len());
    for (key, merged) in keys.iter().zip(columns) {
        let Some(at) = cells.keys.iter().position(|made| made == key) else {
            return Err(EngineError::Column(*key));
        };
        // Spellings of rows that are not wanted are not shown.
        let mut used = vec![false; cells.values[at].len()];
        for row in rows {
            used[cells.places[row * cells.keys.len() + at] as usize] = true;
        }
        taken.push((at, merged.codes(cells, at, &used)));
    }
    for row in rows {
        let places = &cells.places[row * cells.keys.len()..];
        codes.extend(taken.iter().map(|(at, by_place)| by_place[places[*at] as usize]));
    }
    Ok(())
}

/// The values of a column in all shares; equal ones have one code.
enum Merged {
    Months(Vec<(i16, i8)>),
    Texts {
        /// Whether case does not count.
        folds: bool,
        codes: HashMap<Shown, u32>,
        /// By code: of several spellings the first as bytes.
        shown: Vec<Shown>,
    },
}

impl Merged {
    fn new(key: KeyColumn) -> Self {
        // Ids that cost files spell as they like. Ids from facts have one spelling, names are texts.
        let folds = matches!(
            key,
            KeyColumn::ResourceId | KeyColumn::ResourceGroup | KeyColumn::SubscriptionId
        );
        match key {
            KeyColumn::Month => Self::Months(Vec::new()),
            _ => Self::Texts { folds, codes: HashMap::new(), shown: Vec::new() },
        }
    }

    /// The codes of a share's values in column `at`, by their places; of those not used any.
    fn codes(&mut self, cells: &Cells, at: usize, used: &[bool]) -> Vec<u32> {
        match self {
            Self::Months(months) => {
                let known = months.iter().position(|month| *month == cells.month);
                let code = known.unwrap_or_else(|| {
                    months.push(cells.month);
                    months.len() - 1
                });
                vec![code as u32; cells.values[at].len()]
            }
            Self::Texts { folds, codes, shown } => {
                let code = |(text, used): (&Shown, &bool)| {
                    if !used {
                        return 0;
                    }
                    let next = shown.len() as u32;
                    let code = *codes.entry(identity(text, *folds)).or_insert(next);
                    if code == next {
                        shown.push(text.clone());
                    } else if *text < shown[code as usize] {
                        shown[code as usize].clone_from(text);
                    }
                    code
                };
                cells.values[at].iter().zip(used).map(code).collect()
            }
        }
    }

    fn into_column(self) -> Column {
        match self {
            Self::Months(months) => {
                let codes: Vec<u32> = months.iter().map(|month| month_code(*month)).collect();
                let mut sorted = codes.clone();
                sorted.sort_unstable();
                let rank = |code: &u32| sorted.partition_point(|other| other < code) as u32;
                let rank = codes.iter().map(rank).collect();
                Column { rank, values: sorted.into_iter().map(|c| Some(month_text(c))).collect() }
            }
            Self::Texts { shown, .. } => {
                let text = |text: Shown| text.map(|text| text.to_string());
                Column::new(shown.into_iter().map(text).collect())
            }
        }
    }
}

/// What equal values have in common.
fn identity(text: &Shown, folds: bool) -> Shown {
    match text {
        Some(text) if folds && !is_folded(text) => Some(Arc::from(fold(text))),
        text => text.clone(),
    }
}

/// The balance that these are the shares of.
///
/// # Errors
/// A sum that is too large.
pub fn merge_balances<'b>(
    shares: impl IntoIterator<Item = &'b Balance>,
) -> Result<Balance, MoneyError> {
    let mut whole = Balance::new();
    for (key, (charges, amount)) in shares.into_iter().flatten() {
        let entry = match whole.get_mut(key) {
            Some(entry) => entry,
            None => whole.entry(key.clone()).or_default(),
        };
        entry.0 += charges;
        entry.1 = entry.1.plus(*amount)?;
    }
    Ok(whole)
}
