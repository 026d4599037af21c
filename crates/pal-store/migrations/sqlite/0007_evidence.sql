-- What a record of the log holds of the state that it leaves; NULL in records of earlier versions.
ALTER TABLE audit ADD COLUMN evidence TEXT;
-- How many checkpoints were signed, the record that says so of the last one, and the digest of all facts.
ALTER TABLE counter ADD COLUMN checkpoints INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counter ADD COLUMN signed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counter ADD COLUMN facts BLOB NOT NULL DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
CREATE INDEX fact_superseded ON fact (superseded) WHERE superseded IS NOT NULL;
