//! What `verify` covers: a verdict for every column of every table.
//!
//! A test reads the tables from the schema. A table or column without a verdict fails it, and so does a
//! covered one in which a change, a deletion, an insertion or a roll-back is not found. A new table is
//! a line here and, if it is small and changes seldom, one in `sqlite::evidence::SEALED`.

/// How `verify` knows that a table was changed by other means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The chain of hashes itself, and the checkpoints.
    Chain,
    /// Made again from the records, and compared row by row.
    Replay,
    /// Each record has digests of the rows that its change brought and ended.
    Changes,
    /// The last record of a change of the table has a digest of all of it.
    Whole,
    /// Each row that came, changed or went has a record with its digest.
    Rows,
    /// The last record has the values.
    LastRecord,
}

/// A table with the verdict on its columns.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub name: &'static str,
    pub by: By,
    /// The columns that are covered.
    pub covered: &'static [&'static str],
    /// Columns that cannot change a report, a right or a sign-in, with the reason.
    pub free: &'static [(&'static str, &'static str)],
}

const fn table(name: &'static str, by: By, covered: &'static [&'static str]) -> Table {
    Table { name, by, covered, free: &[] }
}

pub const TABLES: &[Table] = &[
    Table {
        free: &[(
            "fact_staged",
            "names a change of facts that nobody sees; the next import takes its rows out, and only such rows",
        )],
        ..table(
            "counter",
            By::LastRecord,
            &[
                "id",
                "revision",
                "audit_number",
                "audit_hash",
                "serving_since",
                "known",
                "checkpoints",
                "signed",
                "facts",
            ],
        )
    },
    table(
        "link",
        By::Replay,
        &["tenant", "object", "partner", "version", "created", "updated", "active"],
    ),
    table(
        "link_history",
        By::Replay,
        &["tenant", "object", "version", "partner", "updated", "known", "active"],
    ),
    table(
        "fact",
        By::Changes,
        &[
            "n", "kind", "subject", "tenant", "object", "domain", "partner", "begins", "ends",
            "known", "begun", "ended", "line",
        ],
    ),
    table("fact_change", By::Changes, &["n", "known"]),
    table(
        "audit",
        By::Chain,
        &[
            "n",
            "at",
            "actor_tenant",
            "actor_object",
            "client",
            "token",
            "request",
            "action",
            "target_tenant",
            "target_object",
            "detail",
            "version_before",
            "version_after",
            "previous",
            "hash",
            "evidence",
        ],
    ),
    table("login", By::Whole, &["upn", "password_hash"]),
    table("login_account", By::Whole, &["upn", "place", "tenant", "object"]),
    table("app", By::Whole, &["client", "tenant", "object", "secret_hashes", "certificates"]),
    table("refresh_token", By::Rows, &["hash", "family", "upn", "client", "expires", "used"]),
    Table {
        free: &[(
            "used",
            "set by the minute with every use; another value can keep a session going for whom it \
             stands for, but not after `ends`, which is covered",
        )],
        ..table(
            "portal_session",
            By::Rows,
            &["hash", "login", "tenant", "object", "issuer", "created", "ends"],
        )
    },
    table(
        "usage_import",
        By::Changes,
        &["n", "at", "name", "state", "reason", "landed", "rows", "withdrawn", "outcome"],
    ),
    table(
        "usage_read",
        By::Changes,
        &["import", "place", "name", "sha256", "bytes", "rows", "statement"],
    ),
    table("usage_statement", By::Changes, &["n", "import", "series", "terms"]),
    table(
        "usage_content",
        By::Changes,
        &["n", "import", "subject", "account", "file", "row_groups", "rows", "digest"],
    ),
    table("usage_days", By::Changes, &["content", "days"]),
    table("charge_file", By::Changes, &["n", "name", "sha256", "bytes"]),
    table("usage_piece", By::Changes, &["n", "statement", "month", "content"]),
    table(
        "usage_counted",
        By::Changes,
        &[
            "n",
            "piece",
            "month",
            "selection",
            "rows",
            "first",
            "last",
            "costs",
            "known",
            "superseded",
        ],
    ),
    table("usage_edition", By::Changes, &["month", "subject", "known", "edition"]),
];
