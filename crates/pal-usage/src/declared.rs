//! An import as the store is told of it.

use crate::charges::Decoded;
use pal_model::Instant;
use pal_store::{ChargeFile, NewPiece, ReadFile, UsageImport, UsageRun, UsageSource};

use crate::intake::{IntakeError, Order};

/// What the store is told.
pub(super) fn declared(
    order: &Order,
    decoded: &Decoded,
    name: impl Fn(&str) -> String,
) -> Result<UsageImport, IntakeError> {
    let odd = |what: &str| IntakeError::Malformed(format!("decoding gave a {what} of no use"));
    let instant = |text: &str| text.parse::<Instant>().map_err(|_| odd("time"));
    let mut sources = Vec::with_capacity(decoded.sources.len());
    for source in &decoded.sources {
        sources.push(match source {
            None => UsageSource { key: String::new(), run: None },
            Some(run) => UsageSource {
                key: run.key.clone(),
                run: Some(UsageRun {
                    id: run.id.clone(),
                    submitted: instant(&run.submitted)?,
                    month: run.month,
                }),
            },
        });
    }
    let mut read = Vec::with_capacity(decoded.read.len());
    for file in &decoded.read {
        let sha256 = bytes(&file.sha256).ok_or_else(|| odd("hash"))?;
        let (name, bytes, rows) = (file.name.clone(), file.bytes, file.rows);
        read.push(ReadFile { name, sha256, bytes, rows });
    }
    let mut charges = Vec::with_capacity(decoded.files.len());
    for file in &decoded.files {
        let sha256 = bytes(&file.sha256).ok_or_else(|| odd("hash"))?;
        charges.push(ChargeFile { name: name(&file.name), sha256, bytes: file.bytes });
    }
    let mut pieces = Vec::with_capacity(decoded.pieces.len());
    for piece in &decoded.pieces {
        let groups = piece.row_groups.iter().map(|group| u32::try_from(*group));
        pieces.push(NewPiece {
            source: piece.source,
            month: piece.month,
            subject: piece.subject.clone(),
            file: piece.file,
            row_groups: groups.collect::<Result<_, _>>().map_err(|_| odd("row group"))?,
            rows: piece.rows,
            digest: bytes(&piece.digest).ok_or_else(|| odd("digest"))?,
            first: instant(&piece.first)?,
            last: instant(&piece.last)?,
            costs: piece.costs.clone(),
        });
    }
    Ok(UsageImport {
        at: order.at,
        actor: order.actor.clone(),
        name: order.name.clone(),
        landed: order.landed.clone(),
        on_change: order.on_change,
        dry_run: order.dry_run,
        sources,
        read,
        charges,
        pieces,
    })
}

/// Hexadecimal digits as bytes.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}
