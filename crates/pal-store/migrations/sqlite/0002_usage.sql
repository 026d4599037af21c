-- Usage: which rows of which charge files count, and since when. Months are year * 100 + month.

-- An import, whatever became of it. Only `withdrawn` is ever set later.
CREATE TABLE usage_import (
    n INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('counted', 'unchanged', 'refused')),
    reason TEXT,
    landed TEXT,
    rows INTEGER NOT NULL,
    new INTEGER NOT NULL,
    known INTEGER NOT NULL,
    replaced INTEGER NOT NULL,
    added INTEGER NOT NULL,
    older_run INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    withdrawn INTEGER
) STRICT;
CREATE INDEX usage_import_landed ON usage_import (landed) WHERE landed IS NOT NULL;

-- The files that an import read.
CREATE TABLE usage_read (
    import INTEGER NOT NULL REFERENCES usage_import (n),
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (import, place)
) STRICT, WITHOUT ROWID;

-- The runs of exports that an import stated.
CREATE TABLE usage_run (
    source TEXT NOT NULL,
    month INTEGER NOT NULL,
    submitted INTEGER NOT NULL,
    id TEXT NOT NULL,
    import INTEGER NOT NULL REFERENCES usage_import (n),
    PRIMARY KEY (source, month, submitted, id, import)
) STRICT, WITHOUT ROWID;

-- Files of decoded charges that hold, or held, something that counts.
CREATE TABLE charge_file (
    n INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sha256 BLOB NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;

-- Pieces are never changed, but for the newest run that states one (`run_…`), and `superseded`,
-- which says until when one counted. Each change of what counts has a tick of its own.
CREATE TABLE usage_piece (
    n INTEGER PRIMARY KEY,
    import INTEGER NOT NULL REFERENCES usage_import (n),
    source TEXT NOT NULL,
    run_month INTEGER,
    run_submitted INTEGER,
    run_id TEXT,
    month INTEGER NOT NULL,
    subject TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES charge_file (n),
    row_groups TEXT NOT NULL,
    rows INTEGER NOT NULL,
    digest BLOB NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    costs TEXT NOT NULL,
    known INTEGER NOT NULL,
    superseded INTEGER
) STRICT;
CREATE INDEX usage_piece_time ON usage_piece (month, subject, known, superseded);
CREATE INDEX usage_piece_import ON usage_piece (import);
CREATE INDEX usage_piece_superseded ON usage_piece (superseded);
CREATE UNIQUE INDEX usage_piece_digest ON usage_piece (digest) WHERE superseded IS NULL;
CREATE INDEX usage_piece_run ON usage_piece (source, run_month) WHERE superseded IS NULL;
