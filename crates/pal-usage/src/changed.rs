//! Why an import is refused that says otherwise than what is known: by what, and which rows.

use std::fmt::Write;
use std::sync::atomic::AtomicU64;

use crate::charges::{Decoded, Unit};
use pal_attribution::ingest::Part;
use pal_store::ChangedPiece;

use crate::counted::month_text;
use crate::decoder::{DecoderError, Done, Task};
use crate::intake::{Intake, IntakeError, Order};

impl Intake {
    /// What is known otherwise, with the first rows that are not known.
    pub(super) async fn explain(
        &self,
        order: &Order,
        parts: &[Part],
        decoded: &Decoded,
        changed: &[ChangedPiece],
    ) -> Result<String, IntakeError> {
        let Some(first) = changed.first() else { return Ok(String::new()) };
        let piece = &decoded.pieces[first.piece];
        let subject = shown(&first.subject);
        let month = month_text(first.month);
        let known: Vec<_> = first.known.iter().filter(|known| known.import > 0).collect();
        if known.is_empty() {
            return Ok(format!(
                "two of the exports given hold other rows of {month} of {subject}: if they are the \
                 same money, give one of them; if not, --add counts both"
            ));
        }
        self.shelf.at_hand(self.store.as_ref(), known.iter().copied()).await?;
        let task = Task::Compare {
            known: self.shelf.parts(known.iter().copied())?,
            parts: parts.to_vec(),
            schema: order.schema.clone(),
            unit: Unit {
                source: decoded.sources[piece.source].clone(),
                month: first.month,
                subject: first.subject.clone(),
            },
        };
        let Done::Compared(found) = self.decoder.run(task, &AtomicU64::new(0)).await? else {
            return Err(DecoderError::Ended("decoding said something else".to_owned()).into());
        };
        let rows: u64 = known.iter().map(|known| known.rows).sum();
        let by: Vec<String> = known.iter().map(|known| known.import.to_string()).collect();
        let mut text = format!(
            "{month} of {subject} is known with other rows (import {}, {rows} rows): ",
            by.join(", ")
        );
        if found.unknown > 0 {
            let first = if found.unknown > found.places.len() as u64 { ", first" } else { "" };
            text += &rows_are(found.unknown);
            let _ = write!(text, " not known{first}: {}", found.places.join(", "));
        }
        if found.missing > 0 {
            text += if found.unknown > 0 { "; " } else { "" };
            text += &rows_are(found.missing);
            text += " known and not in these files";
        }
        if changed.len() > 1 {
            let others = changed.len() - 1;
            let _ = write!(text, "; likewise {others} more months or subscriptions");
        }
        text += ". Nothing was imported. If these files are the truth now, --restate counts them \
                 instead; if their rows come besides what is known, --add counts both";
        Ok(text)
    }
}

/// `1 row is`, `2 rows are`.
fn rows_are(number: u64) -> String {
    if number == 1 { "1 row is".to_owned() } else { format!("{number} rows are") }
}

/// A subject for people.
fn shown(subject: &str) -> String {
    match subject.strip_prefix('@') {
        Some(scope) => format!("rows without subscription of {scope}"),
        None if subject.is_empty() => "rows without subscription".to_owned(),
        None => format!("subscription {subject}"),
    }
}
