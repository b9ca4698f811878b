-- Every write moves the head: answers that are kept are numbered, and the head counts them. Who writes may
-- then ask the head alone whether anybody else has.

ALTER TABLE head ADD COLUMN kept INTEGER NOT NULL DEFAULT 0 CHECK (kept >= 0);

CREATE TABLE kept (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    no INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;

INSERT INTO kept
SELECT principal, key, request_hash, status, body, created_at,
    row_number() OVER (ORDER BY created_at, principal, key)
FROM receipt;

UPDATE head SET kept = (SELECT count(*) FROM kept);

DROP TABLE receipt;
ALTER TABLE kept RENAME TO receipt;
CREATE UNIQUE INDEX receipt_no ON receipt (no);

CREATE TRIGGER receipt_refuses_update BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'the book refuses update on receipt'); END;

CREATE TRIGGER receipt_refuses_delete BEFORE DELETE ON receipt WHEN OLD.status < 400
BEGIN SELECT RAISE(ABORT, 'the book refuses delete on receipt'); END;
