PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    audit_number INTEGER NOT NULL,
    audit_hash BLOB NOT NULL,
    serving_since INTEGER
) STRICT;
INSERT INTO counter VALUES(1,3,5,X'875ffacc7492d8641935962bad96e244129beb3ae2d20d060c918aab83c33648',17959959902209279);
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
INSERT INTO link VALUES(X'fab00000000040008000000000000000',X'fab00000100040008000000000000ada',5127255,1,17775936000000000,17775936000000000,1);
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
INSERT INTO link_history VALUES(X'fab00000000040008000000000000000',X'fab00000100040008000000000000ada',1,5127255,17775936000000000,-9223372036854775808,1);
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
INSERT INTO fact VALUES(1,'tenant','fab00000-0000-4000-8000-000000000000',X'fab00000000040008000000000000000',NULL,'fabrikam.example',NULL,-3777050232010000000,2534022072009999999,-9223372036854775808,NULL,'{"kind":"tenant","tenant":"fab00000-0000-4000-8000-000000000000","name":"Fabrikam","domain":"fabrikam.example"}');
INSERT INTO fact VALUES(2,'partner','5127255',NULL,NULL,NULL,5127255,-3777050232010000000,2534022072009999999,-9223372036854775808,NULL,'{"kind":"partner","partner":"5127255","name":"Utrecht","type":"location"}');
INSERT INTO fact VALUES(3,'partner','5127256',NULL,NULL,NULL,5127256,-3777050232010000000,2534022072009999999,-9223372036854775808,NULL,'{"kind":"partner","partner":"5127256","name":"Malmö","type":"location"}');
INSERT INTO fact VALUES(4,'subscription','fab00000-5000-4000-8000-000000000001',X'fab00000000040008000000000000000',NULL,NULL,NULL,-3777050232010000000,2534022072009999999,-9223372036854775808,NULL,'{"kind":"subscription","tenant":"fab00000-0000-4000-8000-000000000000","subscription":"fab00000-5000-4000-8000-000000000001","name":"Prod"}');
INSERT INTO fact VALUES(5,'principal','fab00000-0000-4000-8000-000000000000 fab00000-1000-4000-8000-000000000ada',X'fab00000000040008000000000000000',X'fab00000100040008000000000000ada',NULL,NULL,-3777050232010000000,2534022072009999999,-9223372036854775808,17959959933450744,'{"kind":"principal","tenant":"fab00000-0000-4000-8000-000000000000","object":"fab00000-1000-4000-8000-000000000ada","type":"User","userType":"Guest"}');
INSERT INTO fact VALUES(6,'principal','fab00000-0000-4000-8000-000000000000 fab00000-1000-4000-8000-000000000ada',X'fab00000000040008000000000000000',X'fab00000100040008000000000000ada',NULL,NULL,-3777050232010000000,17908128000000000,17959959933450744,NULL,'{"kind":"principal","tenant":"fab00000-0000-4000-8000-000000000000","object":"fab00000-1000-4000-8000-000000000ada","type":"User","userType":"Guest","to":"2026-10-01T00:00:00Z"}');
INSERT INTO fact VALUES(7,'principal','fab00000-0000-4000-8000-000000000000 fab00000-1000-4000-8000-000000000ada',X'fab00000000040008000000000000000',X'fab00000100040008000000000000ada',NULL,NULL,17908128000000000,2534022072009999999,17959959933450744,NULL,'{"kind":"principal","tenant":"fab00000-0000-4000-8000-000000000000","object":"fab00000-1000-4000-8000-000000000ada","type":"User","userType":"Guest","enabled":false,"from":"2026-10-01T00:00:00Z"}');
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
INSERT INTO audit VALUES(1,17775936000000000,NULL,NULL,'pal',NULL,'948bd83d-52f0-429d-a649-93660ac6cc16',1,X'fab00000000040008000000000000000',X'fab00000100040008000000000000ada','{"partnerBefore":null,"partner":"5127255","active":true,"created":17775936000000000,"updated":17775936000000000,"known":-9223372036854775808}',NULL,1,X'0000000000000000000000000000000000000000000000000000000000000000',X'37ca107cf4884d2727de299100d6e6488e007522fd3b85fade1d20a906952a9c');
INSERT INTO audit VALUES(2,17959959900727380,NULL,NULL,'pal',NULL,'948bd83d-52f0-429d-a649-93660ac6cc16',4,NULL,NULL,'{"added":6,"replaced":0,"ended":0,"unchanged":0,"content":"1998da2a9b1255adef3c2752583a51fb289cf21a733b3cb24c250704feec783f"}',NULL,NULL,X'37ca107cf4884d2727de299100d6e6488e007522fd3b85fade1d20a906952a9c',X'cd2d2b5b78f529eba042ae7b332254c1a0b8ab96acf24a2e8dbd83d54fab632c');
INSERT INTO audit VALUES(3,17959959933450744,NULL,NULL,'pal',NULL,'be816ade-29db-4365-9a91-2890deb07d38',4,NULL,NULL,'{"added":1,"replaced":0,"ended":1,"unchanged":0,"content":"42e9b810e6dc3743007ed601c90cb59229e400120208b90c918259da578d3db0"}',NULL,NULL,X'cd2d2b5b78f529eba042ae7b332254c1a0b8ab96acf24a2e8dbd83d54fab632c',X'e50bd0fa722aad351209437e92e994c6cdd7c0ebbe7ff2f82caa0e6ce0f366e4');
INSERT INTO audit VALUES(4,17959959947062207,NULL,NULL,'pal',NULL,'ca4706f3-ba0e-4e6d-9e66-d17055e53db4',5,X'fab00000000040008000000000000000',X'fab00000100040008000000000000ada','{"accounts":1}',NULL,NULL,X'e50bd0fa722aad351209437e92e994c6cdd7c0ebbe7ff2f82caa0e6ce0f366e4',X'dc67c21854a7a4b6cc0e5579156a00bea4e8529e5d230fa11f1494a67684ed27');
INSERT INTO audit VALUES(5,17959960121009385,NULL,NULL,'pal',NULL,'8d715bbe-dd8a-42d2-a7f8-c6dc19f691a1',7,NULL,NULL,'{"number":1,"state":"counted","new":1,"same":0,"replaced":0,"added":0,"olderRun":0,"ended":0,"read":["12437053b3578b4e6504b9b363d430ff4a08d35bd23ed625a6cf0681dc1daf1b"],"charges":["21c56bd858f24ae46a68738ef72ff4ba749fc965181e022ca4379151c51b6533"],"listed":{"count":2,"sha256":"b8c449ff3a922706ea16c9b637a21e90de62c0ae9de60262293a66feb16ea647"},"brought":{"count":1,"sha256":"48908e50d0e41ff2afe32b6607a95839e154a1945c495725e500ce36d34bb34e"},"known":17959960121009385,"superseded":{"count":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}',NULL,NULL,X'dc67c21854a7a4b6cc0e5579156a00bea4e8529e5d230fa11f1494a67684ed27',X'875ffacc7492d8641935962bad96e244129beb3ae2d20d060c918aab83c33648');
CREATE TABLE login (
    upn TEXT PRIMARY KEY COLLATE NOCASE,
    password_hash TEXT NOT NULL
) STRICT;
INSERT INTO login VALUES('ada@contoso.example','$argon2id$v=19$m=19456,t=2,p=1$fDzg6fLiHIa0yOxEI8PYTQ$dHZun7bOcxRjha2Xj9wZ/vESijEoJQ0Fjlgxq063bug');
CREATE TABLE login_account (
    upn TEXT NOT NULL COLLATE NOCASE REFERENCES login (upn) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    tenant BLOB NOT NULL,
    object BLOB NOT NULL,
    PRIMARY KEY (upn, place)
) STRICT;
INSERT INTO login_account VALUES('ada@contoso.example',0,X'fab00000000040008000000000000000',X'fab00000100040008000000000000ada');
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
INSERT INTO usage_import VALUES(1,17959960121009385,'u/a.csv','counted',NULL,NULL,2,1,0,0,0,0,0,NULL);
CREATE TABLE usage_read (
    import INTEGER NOT NULL REFERENCES usage_import (n),
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (import, place)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_read VALUES(1,0,'u/a.csv',X'12437053b3578b4e6504b9b363d430ff4a08d35bd23ed625a6cf0681dc1daf1b',1665,2);
CREATE TABLE usage_run (
    source TEXT NOT NULL,
    month INTEGER NOT NULL,
    submitted INTEGER NOT NULL,
    id TEXT NOT NULL,
    import INTEGER NOT NULL REFERENCES usage_import (n),
    PRIMARY KEY (source, month, submitted, id, import)
) STRICT, WITHOUT ROWID;
CREATE TABLE charge_file (
    n INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sha256 BLOB NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO charge_file VALUES(1,'5facbfb5-d6cf-42ea-b001-b5ef64c010c9-2026-05.parquet',X'21c56bd858f24ae46a68738ef72ff4ba749fc965181e022ca4379151c51b6533',4229);
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
INSERT INTO usage_piece VALUES(1,1,'',NULL,NULL,NULL,202605,'fab00000-5000-4000-8000-000000000001',1,'[0]',2,X'9b530504c77a9c01e2745d9440a93a46713fd65ef8fa20360a504ea73a942d4df0cbd9442065c65f5a6962bb172dc43233b02580446e793246ef84e46fd2adde',17775936000000000,17776800000000000,'[["EUR","55.296000000000000000"]]',17959960121009385,NULL);
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
CREATE INDEX fact_subject ON fact (kind, subject) WHERE superseded IS NULL;
CREATE INDEX fact_account ON fact (tenant, object, begins) WHERE kind = 'principal' AND superseded IS NULL;
CREATE INDEX fact_partner ON fact (partner, begins) WHERE kind = 'partner' AND superseded IS NULL;
CREATE INDEX fact_tenant ON fact (tenant, begins) WHERE kind = 'tenant' AND superseded IS NULL;
CREATE INDEX fact_domain ON fact (domain) WHERE kind = 'tenant' AND superseded IS NULL;
CREATE INDEX login_account_pair ON login_account (tenant, object);
CREATE INDEX refresh_family ON refresh_token (family);
CREATE INDEX refresh_expires ON refresh_token (expires);
CREATE INDEX usage_import_landed ON usage_import (landed) WHERE landed IS NOT NULL;
CREATE INDEX usage_piece_time ON usage_piece (month, subject, known, superseded);
CREATE INDEX usage_piece_import ON usage_piece (import);
CREATE INDEX usage_piece_superseded ON usage_piece (superseded);
CREATE UNIQUE INDEX usage_piece_digest ON usage_piece (digest) WHERE superseded IS NULL;
CREATE INDEX usage_piece_run ON usage_piece (source, run_month) WHERE superseded IS NULL;
CREATE INDEX portal_session_login ON portal_session (login);
CREATE INDEX portal_session_pair ON portal_session (tenant, object);
CREATE INDEX portal_session_ends ON portal_session (ends);
COMMIT;
PRAGMA user_version = 4;
