-- An application may have more than one secret while a new one takes the place of an old one: JSON, a list
-- of hashes, the oldest first, as `certificates` is one of PEM texts.
ALTER TABLE app ADD COLUMN secret_hashes TEXT NOT NULL DEFAULT '[]';
UPDATE app SET secret_hashes = json_array(secret_hash) WHERE secret_hash IS NOT NULL;
ALTER TABLE app DROP COLUMN secret_hash;
