-- A movement's key and request hash stand on its own entry; `receipt` keeps what has no entry: refusals
-- and imports. Fewer indexes a line: one by each depot it touched, one by time.

DROP TRIGGER entry_refuses_update ON entry;

ALTER TABLE entry ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN request_hash BYTEA NOT NULL DEFAULT '';

UPDATE entry SET key = receipt.key, request_hash = receipt.request_hash
FROM receipt WHERE receipt.seq = entry.seq;

CREATE UNIQUE INDEX entry_key ON entry (key, principal);

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
DROP INDEX line_occurred;
DROP INDEX entry_document;
CREATE INDEX entry_document ON entry (document_key);
CREATE INDEX line_from ON line (from_depot, lot_id, occurred_at) WHERE from_depot IS NOT NULL;
CREATE INDEX line_to ON line (to_depot, lot_id, occurred_at) WHERE to_depot IS NOT NULL;

-- Room on each page for the next version of a balance, so that an update touches no index.
ALTER TABLE balance SET (fillfactor = 80);

-- Instants grow with the book, so that a few pages of ranges do for an index.
CREATE INDEX line_occurred ON line USING brin (occurred_at);

-- Each would look its row up, and lock it, for every line; `verify` finds a line or lot that stands alone.
ALTER TABLE line DROP CONSTRAINT line_seq_fkey;
ALTER TABLE line DROP CONSTRAINT line_lot_id_fkey;

-- Codes, ids and keys are compared byte by byte, as the service and SQLite do.
ALTER TABLE entry
    ALTER COLUMN id TYPE TEXT COLLATE "C",
    ALTER COLUMN principal TYPE TEXT COLLATE "C",
    ALTER COLUMN key TYPE TEXT COLLATE "C",
    ALTER COLUMN document_key TYPE TEXT COLLATE "C",
    ALTER COLUMN reversal_of TYPE TEXT COLLATE "C";
ALTER TABLE line
    ALTER COLUMN from_depot TYPE TEXT COLLATE "C",
    ALTER COLUMN to_depot TYPE TEXT COLLATE "C";
ALTER TABLE balance
    ALTER COLUMN depot TYPE TEXT COLLATE "C",
    ALTER COLUMN owner TYPE TEXT COLLATE "C",
    ALTER COLUMN place TYPE TEXT COLLATE "C",
    ALTER COLUMN condition TYPE TEXT COLLATE "C";
ALTER TABLE receipt
    ALTER COLUMN principal TYPE TEXT COLLATE "C",
    ALTER COLUMN key TYPE TEXT COLLATE "C";
ALTER TABLE depot ALTER COLUMN code TYPE TEXT COLLATE "C";
