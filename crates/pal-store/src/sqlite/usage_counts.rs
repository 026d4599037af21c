//! Changes of what counts. Who decides them has read the statements before; here it is made sure
//! that they fit what is kept, that no row of a piece counts twice, and that only what is stated
//! counts.

use std::collections::BTreeSet;

use pal_model::Instant;
use rusqlite::{Connection, OptionalExtension, params};

use super::value::{instant, json, run, ticks};
use crate::{CountChange, NewCounted, PieceRef, StoreError, UsageRows};

/// Why a change is refused.
pub enum Wrong {
    /// It contradicts itself, or what is kept.
    Malformed(String),
    Store(StoreError),
}

impl From<StoreError> for Wrong {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Wrong {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// How much a change ended and began: counts, and their rows.
#[derive(Debug, Default)]
pub struct Changed {
    pub ended: (u64, u64),
    pub begun: (u64, u64),
}

/// A month and billed subscription.
type MonthSubject = (i64, String);

/// Ends and begins counts at a tick. `pieces` are the numbers of the pieces that a
/// [`PieceRef::New`] names.
pub fn change(
    c: &Connection,
    counts: &CountChange,
    pieces: &[i64],
    known: i64,
) -> Result<Changed, Wrong> {
    let (mut changed, mut places) = (Changed::default(), BTreeSet::new());
    for number in &counts.end {
        let (place, rows) = end(c, *number, known)?;
        add(&mut changed.ended, rows);
        places.insert(place);
    }
    for counted in &counts.begin {
        places.insert(begin(c, counted, pieces, known)?);
        add(&mut changed.begun, counted.rows);
    }
    for (month, subject) in &places {
        run(
            c,
            "INSERT INTO usage_edition (month, subject, known, edition)
             SELECT ?1, ?2, ?3, coalesce(max(edition), 0) + 1 FROM usage_edition
             WHERE month = ?1 AND subject = ?2",
            params![month, subject, known],
        )?;
    }
    Ok(changed)
}

const fn add(sum: &mut (u64, u64), rows: u64) {
    *sum = (sum.0 + 1, sum.1.saturating_add(rows));
}

/// A count ends; where, and its rows.
fn end(c: &Connection, number: i64, known: i64) -> Result<(MonthSubject, u64), Wrong> {
    let mut statement = c.prepare_cached(
        "SELECT c.month, k.subject, c.rows FROM usage_counted c
         JOIN usage_piece p ON p.n = c.piece JOIN usage_content k ON k.n = p.content
         WHERE c.n = ?1 AND c.superseded IS NULL",
    )?;
    let counted =
        statement.query_row([number], |r| Ok(((r.get(0)?, r.get(1)?), r.get::<_, i64>(2)?)));
    let Some((place, rows)) = counted.optional()? else {
        return Err(Wrong::Malformed(format!("count {number} is to end and does not hold")));
    };
    run(c, "UPDATE usage_counted SET superseded = ?2 WHERE n = ?1", params![number, known])?;
    Ok((place, u64::try_from(rows).unwrap_or_default()))
}

/// What is asked of a piece that is to be counted.
struct Piece {
    month: i64,
    subject: String,
    row_groups: String,
    rows: i64,
    withdrawn: bool,
    counts: bool,
}

fn piece(c: &Connection, number: i64) -> Result<Option<Piece>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT p.month, k.subject, k.row_groups, k.rows, i.withdrawn IS NOT NULL,
                EXISTS (SELECT 1 FROM usage_counted WHERE piece = p.n AND superseded IS NULL)
         FROM usage_piece p JOIN usage_content k ON k.n = p.content
         JOIN usage_statement s ON s.n = p.statement JOIN usage_import i ON i.n = s.import
         WHERE p.n = ?1",
    )?;
    let piece = statement.query_row([number], |r| {
        Ok(Piece {
            month: r.get(0)?,
            subject: r.get(1)?,
            row_groups: r.get(2)?,
            rows: r.get(3)?,
            withdrawn: r.get(4)?,
            counts: r.get(5)?,
        })
    });
    Ok(piece.optional()?)
}

/// A count begins; where.
fn begin(
    c: &Connection,
    counted: &NewCounted,
    pieces: &[i64],
    known: i64,
) -> Result<MonthSubject, Wrong> {
    let malformed =
        |what: String| Wrong::Malformed(format!("{:?} is to count, and {what}", counted.piece));
    let number = match counted.piece {
        PieceRef::New(at) => pieces.get(at).copied(),
        PieceRef::Kept(number) => Some(number),
    };
    let found = number.map(|number| piece(c, number)).transpose()?.flatten();
    let (Some(number), Some(piece)) = (number, found) else {
        return Err(malformed("there is no such piece".to_owned()));
    };
    if piece.withdrawn {
        return Err(malformed("its import is withdrawn".to_owned()));
    }
    if piece.counts {
        return Err(malformed("it counts already".to_owned()));
    }
    let rows = rows(counted, &piece).map_err(malformed)?;
    if counted.last < counted.first {
        return Err(malformed("its charges end before they start".to_owned()));
    }
    run(
        c,
        "INSERT INTO usage_counted (piece, month, selection, rows, first, last, costs, known)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            number,
            piece.month,
            counted.selection.as_ref().map(json).transpose()?,
            rows,
            ticks(counted.first),
            ticks_up(counted.last),
            json(&counted.costs)?,
            known,
        ],
    )?;
    Ok((piece.month, piece.subject))
}

/// How many rows count: those of the selection, each once, out of the row groups of the piece.
fn rows(counted: &NewCounted, piece: &Piece) -> Result<i64, String> {
    let selected = match &counted.selection {
        None => u64::try_from(piece.rows).unwrap_or_default(),
        Some(selection) => {
            let groups: Vec<u32> = serde_json::from_str(&piece.row_groups)
                .map_err(|error| format!("its row groups cannot be read: {error}"))?;
            selected(selection, &groups)?
        }
    };
    if selected == 0 {
        return Err("no row of it".to_owned());
    }
    let rows = i64::try_from(selected).ok().filter(|rows| *rows <= piece.rows);
    let Some(rows) = rows else {
        return Err(format!("it has {} rows, of which {selected} are selected", piece.rows));
    };
    if counted.rows != selected {
        return Err(format!("{} rows of it are said to count, and {selected} do", counted.rows));
    }
    Ok(rows)
}

fn selected(selection: &[UsageRows], groups: &[u32]) -> Result<u64, String> {
    let mut ordered = selection.to_vec();
    ordered.sort_unstable();
    let (mut sum, mut last) = (0u64, None);
    for (group, start, rows) in ordered {
        let (start, end) = (u64::from(start), u64::from(start) + u64::from(rows));
        if !groups.contains(&group) {
            return Err(format!("row group {group} is not of it"));
        }
        if last.is_some_and(|(other, taken)| other == group && start < taken) {
            return Err(format!("row {start} of row group {group} is selected twice"));
        }
        last = Some((group, end));
        sum = sum.saturating_add(u64::from(rows));
    }
    Ok(sum)
}

/// The tick at or after an instant: an end must not come before what it ends.
fn ticks_up(at: Instant) -> i64 {
    let down = ticks(at);
    if instant(down) < at { down.saturating_add(1) } else { down }
}
