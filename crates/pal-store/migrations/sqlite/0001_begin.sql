-- Times are ticks of 100 ns since 1970 (INTEGER); GUIDs are 16 bytes (BLOB); partner IDs INTEGER.
CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    audit_number INTEGER NOT NULL,
    audit_hash BLOB NOT NULL,
    serving_since INTEGER
) STRICT;
INSERT INTO counter VALUES (1, 0, 0, zeroblob(32), NULL);

CREATE TABLE link (
    tenant BLOB NOT NULL,
    object BLOB NOT NULL,
    partner INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    PRIMARY KEY (tenant, object)
) STRICT, WITHOUT ROWID;

CREATE TABLE link_history (
    tenant BLOB NOT NULL,
    object BLOB NOT NULL,
    version INTEGER NOT NULL,
    partner INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    known INTEGER NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    PRIMARY KEY (tenant, object, version)
) STRICT, WITHOUT ROWID;

-- Facts are never changed; `superseded` says until when one was what we knew.
CREATE TABLE fact (
    n INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    tenant BLOB,
    object BLOB,
    domain TEXT,
    partner INTEGER,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    known INTEGER NOT NULL,
    superseded INTEGER,
    line TEXT NOT NULL
) STRICT;
CREATE INDEX fact_subject ON fact (kind, subject) WHERE superseded IS NULL;
CREATE INDEX fact_account ON fact (tenant, object, begins) WHERE kind = 'principal' AND superseded IS NULL;
CREATE INDEX fact_partner ON fact (partner, begins) WHERE kind = 'partner' AND superseded IS NULL;
CREATE INDEX fact_tenant ON fact (tenant, begins) WHERE kind = 'tenant' AND superseded IS NULL;
CREATE INDEX fact_domain ON fact (domain) WHERE kind = 'tenant' AND superseded IS NULL;

CREATE TABLE audit (
    n INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_tenant BLOB,
    actor_object BLOB,
    client TEXT,
    token TEXT,
    request TEXT NOT NULL,
    action INTEGER NOT NULL,
    target_tenant BLOB,
    target_object BLOB,
    detail TEXT NOT NULL,
    version_before INTEGER,
    version_after INTEGER,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE login (
    upn TEXT PRIMARY KEY COLLATE NOCASE,
    password_hash TEXT NOT NULL
) STRICT;
CREATE TABLE login_account (
    upn TEXT NOT NULL COLLATE NOCASE REFERENCES login (upn) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    tenant BLOB NOT NULL,
    object BLOB NOT NULL,
    PRIMARY KEY (upn, place)
) STRICT;
CREATE INDEX login_account_pair ON login_account (tenant, object);
CREATE TABLE app (
    client BLOB NOT NULL,
    tenant BLOB NOT NULL,
    object BLOB NOT NULL,
    secret_hash TEXT,
    certificates TEXT NOT NULL,
    PRIMARY KEY (client, tenant)
) STRICT;
CREATE TABLE refresh_token (
    hash BLOB PRIMARY KEY,
    family BLOB NOT NULL,
    upn TEXT NOT NULL,
    client TEXT NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_family ON refresh_token (family);
CREATE INDEX refresh_expires ON refresh_token (expires);
