-- Usage as a register of statements: what they state is kept apart from what counts of it.
-- Months are year * 100 + month. Rows of these tables are never changed or deleted, but for
-- `usage_import.withdrawn` and `usage_counted.superseded`, which are set once.

-- What counted by an earlier version has no index of days and cannot be judged by the rule. It no
-- longer counts; its imports stay listed, with the reason.
UPDATE counter SET revision = revision + 1
WHERE EXISTS (SELECT 1 FROM usage_piece WHERE superseded IS NULL);
UPDATE counter SET known = max(known, (SELECT coalesce(max(at), 0) FROM usage_import));
DROP TABLE usage_piece;
DROP TABLE usage_run;
DELETE FROM charge_file;
UPDATE usage_import
SET reason = 'imported by an earlier version; import these files again',
    withdrawn = (SELECT max(at) FROM usage_import)
WHERE state <> 'refused' AND withdrawn IS NULL;

-- JSON that the caller writes and reads.
ALTER TABLE usage_import ADD COLUMN outcome TEXT NOT NULL DEFAULT '{}';
ALTER TABLE usage_import DROP COLUMN new;
ALTER TABLE usage_import DROP COLUMN known;
ALTER TABLE usage_import DROP COLUMN replaced;
ALTER TABLE usage_import DROP COLUMN added;
ALTER TABLE usage_import DROP COLUMN older_run;
ALTER TABLE usage_import DROP COLUMN ended;
CREATE INDEX usage_import_withdrawn ON usage_import (withdrawn) WHERE withdrawn IS NOT NULL;

-- What an import states: runs of exports, and loose files. `terms` is of the caller.
CREATE TABLE usage_statement (
    n INTEGER PRIMARY KEY,
    import INTEGER NOT NULL REFERENCES usage_import (n),
    series TEXT NOT NULL,
    terms TEXT NOT NULL
) STRICT;
CREATE INDEX usage_statement_import ON usage_statement (import);
ALTER TABLE usage_read ADD COLUMN statement INTEGER REFERENCES usage_statement (n);

-- Rows of a charge file with one month, billed subscription and billing account. Statements with
-- equal rows share them.
CREATE TABLE usage_content (
    n INTEGER PRIMARY KEY,
    import INTEGER NOT NULL REFERENCES usage_import (n),
    subject TEXT NOT NULL,
    account TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES charge_file (n),
    row_groups TEXT NOT NULL,
    rows INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE INDEX usage_content_import ON usage_content (import);
CREATE INDEX usage_content_file ON usage_content (file);

-- What a content is by day: long, and read by the rule only. Text of the caller.
CREATE TABLE usage_days (
    content INTEGER PRIMARY KEY REFERENCES usage_content (n),
    days TEXT NOT NULL
) STRICT;

-- What a statement states of a month, billed subscription and billing account.
CREATE TABLE usage_piece (
    n INTEGER PRIMARY KEY,
    statement INTEGER NOT NULL REFERENCES usage_statement (n),
    month INTEGER NOT NULL,
    content INTEGER NOT NULL REFERENCES usage_content (n)
) STRICT;
CREATE INDEX usage_piece_statement ON usage_piece (statement, month);

-- Which rows of a piece count (`selection`; NULL = all), since when and until when. Each change
-- has a tick of its own.
CREATE TABLE usage_counted (
    n INTEGER PRIMARY KEY,
    piece INTEGER NOT NULL REFERENCES usage_piece (n),
    month INTEGER NOT NULL,
    selection TEXT,
    rows INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    costs TEXT NOT NULL,
    known INTEGER NOT NULL,
    superseded INTEGER
) STRICT;
CREATE UNIQUE INDEX usage_counted_piece ON usage_counted (piece) WHERE superseded IS NULL;
CREATE INDEX usage_counted_month ON usage_counted (month) WHERE superseded IS NULL;
CREATE INDEX usage_counted_known ON usage_counted (known);
CREATE INDEX usage_counted_superseded ON usage_counted (superseded) WHERE superseded IS NOT NULL;

-- How often what counts of a month and billed subscription has changed: a row for each change.
CREATE TABLE usage_edition (
    month INTEGER NOT NULL,
    subject TEXT NOT NULL,
    known INTEGER NOT NULL,
    edition INTEGER NOT NULL,
    PRIMARY KEY (month, subject, known)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_edition_known ON usage_edition (known);
