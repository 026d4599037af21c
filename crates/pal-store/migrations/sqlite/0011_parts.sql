-- Facts are written in parts and seen from one commit on. `fact_change` has the changes that are seen, each with the
-- instant from which it was known. `fact.begun` and `fact.ended` name the change that brought a row and the one that
-- ended it; a change that is not in `fact_change` is still being written, or was given up.
CREATE TABLE fact_change (
    n INTEGER PRIMARY KEY,
    known INTEGER NOT NULL UNIQUE
) STRICT;
-- 0 brought the rows of earlier versions, which have their own instants.
INSERT INTO fact_change VALUES (0, -9223372036854775808);
INSERT INTO fact_change
SELECT row_number() OVER (ORDER BY superseded), superseded
FROM (SELECT DISTINCT superseded FROM fact WHERE superseded IS NOT NULL);

-- The change that is being written, or was given up and of which rows may be left.
ALTER TABLE counter ADD COLUMN fact_staged INTEGER;

-- `known` is NULL where it is the instant of the change.
CREATE TABLE fact_in_parts (
    n INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    tenant BLOB,
    object BLOB,
    domain TEXT,
    partner INTEGER,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    known INTEGER,
    begun INTEGER NOT NULL,
    ended INTEGER,
    line TEXT NOT NULL
) STRICT;
INSERT INTO fact_in_parts
SELECT n, kind, subject, tenant, object, domain, partner, begins, ends, known, 0,
       (SELECT fact_change.n FROM fact_change WHERE fact_change.known = fact.superseded), line
FROM fact;
DROP TABLE fact;
ALTER TABLE fact_in_parts RENAME TO fact;
CREATE INDEX fact_subject ON fact (kind, subject);
CREATE INDEX fact_account ON fact (tenant, object, begins) WHERE kind = 'principal';
CREATE INDEX fact_partner ON fact (partner, begins) WHERE kind = 'partner';
CREATE INDEX fact_tenant ON fact (tenant, begins) WHERE kind = 'tenant';
CREATE INDEX fact_domain ON fact (domain) WHERE kind = 'tenant';
CREATE INDEX fact_begun ON fact (begun);
CREATE INDEX fact_ended ON fact (ended) WHERE ended IS NOT NULL;

-- The facts that are seen and have not ended.
CREATE VIEW fact_now AS
SELECT * FROM fact
WHERE EXISTS (SELECT 1 FROM fact_change WHERE fact_change.n = fact.begun)
  AND NOT EXISTS (SELECT 1 FROM fact_change WHERE fact_change.n = fact.ended);

-- The facts that are seen, as the table was before this version.
CREATE VIEW fact_known AS
SELECT fact.n, kind, subject, tenant, object, domain, partner, begins, ends,
       coalesce(fact.known, brought.known) AS known, done.known AS superseded, line
FROM fact
JOIN fact_change AS brought ON brought.n = fact.begun
LEFT JOIN fact_change AS done ON done.n = fact.ended;
