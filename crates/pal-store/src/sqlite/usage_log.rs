//! Usage in the audit log: each record has digests of the rows that the change made or ended, so
//! that `audit::verify` finds whatever is changed in them by other means.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audit::{self, Entry};
use super::digest::{Digest, digest};
use super::value::ticks;
use crate::seal::hex;
use crate::{Actor, AuditAction, StoreError, UsageImport};

/// What an import brought: it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brought {
    /// The import as it is listed, but for what is set later.
    listed: Digest,
    read: Digest,
    statements: Digest,
    pieces: Digest,
    /// With their days, and the files that hold them.
    contents: Digest,
}

/// What a change did to what counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    begun: Digest,
    ended: Digest,
    editions: Digest,
}

impl Brought {
    /// As the tables have it.
    pub fn of(c: &Connection, import: i64) -> Result<Self, StoreError> {
        let digest = |sql| digest(c, sql, [import]);
        Ok(Self {
            listed: digest(
                "SELECT n, at, name, state, reason, landed, rows, outcome FROM usage_import
                 WHERE n = ?1",
            )?,
            read: digest(
                "SELECT place, name, sha256, bytes, rows, statement FROM usage_read
                 WHERE import = ?1 ORDER BY place",
            )?,
            statements: digest(
                "SELECT n, series, terms FROM usage_statement WHERE import = ?1 ORDER BY n",
            )?,
            pieces: digest(
                "SELECT p.n, p.statement, p.month, p.content
                 FROM usage_statement s JOIN usage_piece p ON p.statement = s.n
                 WHERE s.import = ?1 ORDER BY p.n",
            )?,
            contents: digest(
                "SELECT k.n, k.subject, k.account, k.file, f.name, f.sha256, f.bytes, k.row_groups,
                        k.rows, k.digest, d.days
                 FROM usage_content k JOIN charge_file f ON f.n = k.file
                 JOIN usage_days d ON d.content = k.n WHERE k.import = ?1 ORDER BY k.n",
            )?,
        })
    }

    /// What is not the same, in the words of a finding.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let parts = [
            ("the entry", &self.listed, &other.listed),
            ("the list of files", &self.read, &other.read),
            ("a statement", &self.statements, &other.statements),
            ("a piece", &self.pieces, &other.pieces),
            ("a content", &self.contents, &other.contents),
        ];
        parts.into_iter().filter(|(_, a, b)| a != b).map(|(what, ..)| what).collect()
    }

    /// Rows by table.
    pub const fn counts(&self) -> [(&'static str, i64); 6] {
        [
            ("usage_import", self.listed.count),
            ("usage_read", self.read.count),
            ("usage_statement", self.statements.count),
            ("usage_piece", self.pieces.count),
            ("usage_content", self.contents.count),
            ("usage_days", self.contents.count),
        ]
    }
}

impl Changed {
    /// As the tables have it: each change has a tick of its own.
    pub fn of(c: &Connection, known: i64) -> Result<Self, StoreError> {
        let digest = |sql| digest(c, sql, [known]);
        Ok(Self {
            begun: digest(
                "SELECT n, piece, month, selection, rows, first, last, costs, known
                 FROM usage_counted WHERE known = ?1 ORDER BY n",
            )?,
            ended: digest("SELECT n FROM usage_counted WHERE superseded = ?1 ORDER BY n")?,
            editions: digest(
                "SELECT month, subject, edition FROM usage_edition WHERE known = ?1
                 ORDER BY month, subject",
            )?,
        })
    }

    /// Rows by table.
    pub const fn counts(&self) -> [(&'static str, i64); 2] {
        [("usage_counted", self.begun.count), ("usage_edition", self.editions.count)]
    }

    /// Counts that it ended.
    pub const fn ended(&self) -> i64 {
        self.ended.count
    }
}

/// Records an import; `known` is the tick of its changes, if it made any.
pub fn imported(
    c: &Connection,
    import: &UsageImport,
    number: i64,
    known: Option<i64>,
) -> Result<(), StoreError> {
    let hashes = |hash: &mut dyn Iterator<Item = [u8; 32]>| -> Vec<String> {
        hash.map(|sha256| hex(&sha256)).collect()
    };
    let mut detail = json!({
        "number": number,
        "state": if known.is_some() { "counted" } else { "unchanged" },
        "read": hashes(&mut import.read.iter().map(|(_, file)| file.sha256)),
        "charges": hashes(&mut import.charges.iter().map(|file| file.sha256)),
        "brought": Brought::of(c, number)?,
    });
    if let Some(known) = known {
        detail["known"] = known.into();
        detail["changed"] = json!(Changed::of(c, known)?);
    }
    append(c, AuditAction::UsageImport, ticks(import.at), &import.actor, &detail)
}

/// Records an import that was refused.
pub fn refused(c: &Connection, number: i64, at: i64, actor: &Actor) -> Result<(), StoreError> {
    let brought = Brought::of(c, number)?;
    let detail = json!({ "number": number, "state": "refused", "brought": brought });
    append(c, AuditAction::UsageImport, at, actor, &detail)
}

/// Records a withdrawal.
pub fn withdrawn(c: &Connection, number: i64, known: i64, actor: &Actor) -> Result<(), StoreError> {
    let detail = json!({ "number": number, "known": known, "changed": Changed::of(c, known)? });
    append(c, AuditAction::UsageWithdraw, known, actor, &detail)
}

fn append(
    c: &Connection,
    action: AuditAction,
    at: i64,
    actor: &Actor,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let (target, versions, detail) = (None, (None, None), &detail.to_string());
    audit::append(c, &Entry { at, actor, action, target, detail, versions })
}
