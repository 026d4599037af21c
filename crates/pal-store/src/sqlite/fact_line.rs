//! One line of facts, and its place among those of the same subject.

use pal_model::{Fact, FactError, FactLine, FactProblem, Instant, Interval, Principal, fold};
use rusqlite::{Connection, params};
use serde_json::{Map, Value};

use super::value::{blob, ticks};
use crate::{FactImportError, ImportSummary, StoreError};

/// One line of an import. It is kept as it is written, with fields that nobody knows.
pub struct Line {
    pub place: String,
    pub fact: Fact,
    pub during: Interval,
    pub recorded: Option<Instant>,
    assumed: bool,
    /// The line without the times that are columns.
    object: Map<String, Value>,
}

impl Line {
    pub fn new(place: String, fact: Fact, during: Interval) -> Self {
        let object = fact.object();
        Self { place, fact, during, recorded: None, assumed: false, object }
    }

    /// Reads a line that [`Facts::read`] has taken.
    pub fn read(place: String, text: &str) -> Result<Self, FactError> {
        let text = text.trim_start_matches('\u{feff}');
        let line = FactLine::read(text).and_then(|line| {
            let object = serde_json::from_str(text);
            Ok((line, object.map_err(|error| FactProblem::Json(error.to_string()))?))
        });
        let (line, mut object): (FactLine, Map<String, Value>) =
            line.map_err(|problem| FactError { place: place.clone(), problem })?;
        for column in ["from", "to", "recordedAt"] {
            object.shift_remove(column);
        }
        let FactLine { fact, during, recorded_at: recorded, mark } = line;
        Ok(Self { place, fact, during, recorded, assumed: mark.assumed, object })
    }

    /// Reads a line that the store has taken.
    pub fn stored(text: &str) -> Result<Self, StoreError> {
        Self::read("a stored fact".to_owned(), text)
            .map_err(|error| StoreError::Unusable(format!("a stored fact cannot be read: {error}")))
    }

    /// The line without the names of persons, and without fields that no fact has.
    pub fn without_names(&self, persons: &[Principal]) -> String {
        let mut fact = self.fact.clone();
        if let Fact::Principal(fact) = &mut fact
            && persons.contains(&fact.principal())
        {
            (fact.name, fact.sign_in_name) = (None, None);
        }
        let mut known = fact.object();
        for mark in ["assumed", "unconfirmedSince"] {
            if let Some(value) = self.object.get(mark) {
                known.insert(mark.to_owned(), value.clone());
            }
        }
        let known = Value::Object(known);
        // A line that says no more than that stays as it was written.
        let stays = !says_more(&Value::Object(self.object.clone()), &known);
        if stays { self.text(self.during) } else { with_times(known, self.during) }
    }

    /// The domain of a directory, folded.
    fn domain(&self) -> Option<String> {
        let Fact::Tenant(tenant) = &self.fact else { return None };
        tenant.domain.as_deref().map(fold)
    }

    /// The line as it is kept: without `recordedAt`, which is a column.
    fn text(&self, during: Interval) -> String {
        with_times(Value::Object(self.object.clone()), during)
    }
}

/// A line with the times from and to which it holds.
pub fn with_times(mut line: Value, during: Interval) -> String {
    if during.from() > Instant::MIN {
        line["from"] = during.from().to_string().into();
    }
    if during.to() < Instant::MAX {
        line["to"] = during.to().to_string().into();
    }
    line.to_string()
}

/// Whether a value has a field, in any depth, that another has not.
fn says_more(value: &Value, known: &Value) -> bool {
    match (value, known) {
        (Value::Object(value), Value::Object(known)) => value
            .iter()
            .any(|(name, value)| known.get(name).is_none_or(|known| says_more(value, known))),
        (Value::Array(value), Value::Array(known)) => {
            value.iter().zip(known).any(|(value, known)| says_more(value, known))
        }
        _ => false,
    }
}

/// Folds subjects and domains that an older program folded by A to Z alone. Only those change that
/// have other letters, too.
pub fn fold_again(c: &Connection) -> Result<(), StoreError> {
    let mut statement =
        c.prepare("SELECT n, line FROM fact WHERE length(CAST(line AS BLOB)) > length(line)")?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let rows: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
    let mut update = c.prepare("UPDATE fact SET subject = ?2, domain = ?3 WHERE n = ?1")?;
    for (n, text) in rows {
        let line = Line::stored(&text)?;
        update.execute(params![n, line.fact.subject(), line.domain()])?;
    }
    Ok(())
}

/// Puts one fact among those of the same subject, as a change that may not be seen yet. `known` is since when the fact
/// was known; `None` = since the change is seen.
pub fn place(
    c: &Connection,
    line: &Line,
    change: i64,
    known: Option<i64>,
    done: &mut ImportSummary,
) -> Result<(), FactImportError> {
    let mut statement = c
        .prepare_cached(
            "SELECT n, line FROM fact
             WHERE kind = ?1 AND subject = ?2 AND ended IS NOT ?3
               AND (begun = ?3 OR EXISTS (SELECT 1 FROM fact_change AS f WHERE f.n = fact.begun))
               AND NOT EXISTS (SELECT 1 FROM fact_change AS f WHERE f.n = fact.ended)",
        )
        .map_err(StoreError::from)?;
    let rows = statement
        .query_map(params![line.fact.kind(), line.fact.subject(), change], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
        .and_then(Iterator::collect::<Result<Vec<(i64, String)>, _>>)
        .map_err(StoreError::from)?;
    let own = line.text(line.during);
    if rows.iter().any(|(_, text)| *text == own) {
        done.unchanged += 1;
        return Ok(());
    }
    // A snapshot assumes a partner that nothing describes; what is known of it goes before.
    if matches!(line.fact, Fact::Partner(_)) && line.assumed && !rows.is_empty() {
        done.unchanged += 1;
        return Ok(());
    }
    let mut replaced = false;
    for (n, text) in rows {
        let stated = Line::stored(&text)?;
        if stated.during.from() == line.during.from() {
            end(c, n, change)?;
            replaced = true;
            continue;
        }
        if stated.during.intersect(line.during).is_none() {
            continue;
        }
        if stated.during.from() > line.during.from() {
            return Err(FactImportError::Refused(format!(
                "{}: this {} is stated from {} already; end this line there, or state that one again",
                line.place,
                line.fact.kind(),
                stated.during.from()
            )));
        }
        let cut = Interval::new(stated.during.from(), line.during.from());
        if let Ok(cut) = cut {
            end(c, n, change)?;
            insert(c, &stated, cut, (change, known))?;
            done.ended += 1;
        }
    }
    if replaced {
        done.replaced += 1;
    } else {
        done.added += 1;
    }
    Ok(insert(c, line, line.during, (change, known))?)
}

fn end(c: &Connection, n: i64, change: i64) -> Result<(), StoreError> {
    c.prepare_cached("UPDATE fact SET ended = ?2 WHERE n = ?1")?.execute(params![n, change])?;
    Ok(())
}

fn insert(
    c: &Connection,
    line: &Line,
    during: Interval,
    (change, known): (i64, Option<i64>),
) -> Result<(), StoreError> {
    let id = |name: &str| {
        let text = line.object.get(name).and_then(Value::as_str)?;
        text.parse::<pal_model::Guid>().ok().map(blob)
    };
    let number = match &line.fact {
        Fact::Partner(fact) => Some(fact.partner.number().cast_signed()),
        _ => None,
    };
    c.prepare_cached(
        "INSERT INTO fact (kind, subject, tenant, object, domain, partner, begins, ends, known, begun, line)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        line.fact.kind(),
        line.fact.subject(),
        id("tenant"),
        id("object"),
        line.domain(),
        number,
        ticks(during.from()),
        ticks(during.to()),
        known,
        change,
        line.text(during),
    ])?;
    Ok(())
}
