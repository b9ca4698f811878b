-- A movement's key and request hash stand on its own entry; `receipt` keeps what has no entry: refusals
-- and imports. Fewer indexes a line: one by each depot it touched, one by time.

DROP TRIGGER entry_refuses_update;

ALTER TABLE entry ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN request_hash BLOB NOT NULL DEFAULT X'';

UPDATE entry SET key = receipt.key, request_hash = receipt.request_hash
FROM receipt WHERE receipt.seq = entry.seq;

CREATE UNIQUE INDEX entry_key ON entry (key, principal);

CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the book refuses update on entry'); END;

CREATE TABLE kept (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;

INSERT INTO kept SELECT principal, key, request_hash, status, body, created_at
FROM receipt WHERE seq IS NULL;

DROP TABLE receipt;
ALTER TABLE kept RENAME TO receipt;

CREATE TRIGGER receipt_refuses_update BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'the book refuses update on receipt'); END;

CREATE TRIGGER receipt_refuses_delete BEFORE DELETE ON receipt WHEN OLD.status < 400
BEGIN SELECT RAISE(ABORT, 'the book refuses delete on receipt'); END;

DROP INDEX line_lot_from;
DROP INDEX line_lot_to;
DROP INDEX line_from_depot;
DROP INDEX line_to_depot;
DROP INDEX entry_document;
CREATE INDEX entry_document ON entry (document_key);
CREATE INDEX line_from ON line (from_depot, lot_id, occurred_at) WHERE from_depot IS NOT NULL;
CREATE INDEX line_to ON line (to_depot, lot_id, occurred_at) WHERE to_depot IS NOT NULL;
