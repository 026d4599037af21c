-- The last instant at which anything became known, of facts, links and usage together.
ALTER TABLE counter ADD COLUMN known INTEGER NOT NULL DEFAULT 0;
UPDATE counter SET known = (
    SELECT max(0, coalesce(max(tick), 0)) FROM (
        SELECT max(known) AS tick FROM fact
        UNION ALL SELECT max(superseded) FROM fact
        UNION ALL SELECT max(known) FROM link_history
        UNION ALL SELECT max(known) FROM usage_piece
        UNION ALL SELECT max(superseded) FROM usage_piece
        UNION ALL SELECT max(withdrawn) FROM usage_import));
