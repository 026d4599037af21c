-- Sessions of the portal: a browser's cookie as SHA-256, and whom it stands for. No token is kept.
-- login: who has signed in at the embedded issuer; NULL = another issuer has said so.
CREATE TABLE portal_session (
    hash BLOB PRIMARY KEY,
    login TEXT COLLATE NOCASE,
    tenant BLOB NOT NULL,
    object BLOB NOT NULL,
    issuer TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL,
    ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_session_login ON portal_session (login);
CREATE INDEX portal_session_pair ON portal_session (tenant, object);
CREATE INDEX portal_session_ends ON portal_session (ends);
