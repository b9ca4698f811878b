-- A movement's key and request hash stand on its own entry; `receipt` keeps what has no entry: refusals
-- and imports. Fewer indexes a line: one by each depot it touched, one by time.

DROP TRIGGER entry_refuses_update ON entry;

ALTER TABLE entry ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN request_hash BYTEA NOT NULL DEFAULT '';

UPDATE entry SET key = receipt.key, request_hash = receipt.request_hash
FROM receipt WHERE receipt.seq = entry.seq;

CREATE UNIQUE INDEX entry_key ON entry (principal, key);

CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON entry
FOR EACH ROW EXECUTE FUNCTION refuse_change();

DROP TRIGGER receipt_refuses_delete ON receipt;
DELETE FROM receipt WHERE seq IS NOT NULL;
ALTER TABLE receipt DROP COLUMN seq;
ALTER TABLE receipt ALTER COLUMN body SET NOT NULL;

CREATE TRIGGER receipt_refuses_delete BEFORE DELETE ON receipt
FOR EACH ROW WHEN (OLD.status < 400) EXECUTE FUNCTION refuse_change();

DROP INDEX line_lot_from;
DROP INDEX line_lot_to;
DROP INDEX line_from_depot;
DROP INDEX line_to_depot;
CREATE INDEX line_from ON line (from_depot, lot_id, occurred_at) WHERE from_depot IS NOT NULL;
CREATE INDEX line_to ON line (to_depot, lot_id, occurred_at) WHERE to_depot IS NOT NULL;

-- Room on each page for the next version of a balance, so that an update touches no index.
ALTER TABLE balance SET (fillfactor = 80);
