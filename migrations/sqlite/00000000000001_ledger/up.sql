-- The book: the head row, entries with their lines and lots, balances beside them, receipts.
-- Instants are microseconds since 1970-01-01 UTC; dates are Asia/Shanghai. Ledger rows are never
-- changed or deleted: triggers refuse it.

CREATE TABLE head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    hash BLOB NOT NULL,
    reference_rev INTEGER NOT NULL CHECK (reference_rev >= 0)
) STRICT;

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE entry (
    seq INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('movement', 'reservation', 'appraisal', 'document')),
    type TEXT NOT NULL CHECK (type IN ('opening', 'receipt_purchase', 'receipt_donation', 'requisition', 'accept', 'reject', 'supplier_return', 'relocate', 'dispatch_out', 'dispatch_in', 'issue', 'transit_loss', 'loan_out', 'loan_return', 'recover', 'restock', 'rotate_out', 'rotate_in', 'assemble', 'disassemble', 'condition_change', 'ownership_change', 'adjust_gain', 'adjust_loss', 'scrap', 'reversal')),
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    principal TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    organization TEXT NOT NULL,
    document_no TEXT,
    document_key TEXT,
    order_no TEXT,
    counterparty TEXT,
    handled_by TEXT,
    checked_by TEXT,
    approved_by TEXT,
    reason TEXT,
    note TEXT,
    reversal_of TEXT UNIQUE,
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE lot (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id > 0),
    item TEXT NOT NULL,
    lot_no TEXT,
    manufacturer TEXT,
    produced_on TEXT,
    expires_on TEXT,
    unit_price_fen INTEGER,
    source TEXT
) STRICT;

CREATE TABLE line (
    seq INTEGER NOT NULL REFERENCES entry (seq),
    line_no INTEGER NOT NULL CHECK (line_no > 0),
    request_line INTEGER NOT NULL,
    lot_id INTEGER NOT NULL REFERENCES lot (id),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    from_place TEXT NOT NULL CHECK (from_place IN ('depot', 'transit', 'loan', 'supplier', 'consumed', 'loss', 'found')),
    from_depot TEXT,
    from_owner TEXT,
    from_condition TEXT CHECK (from_condition IN ('good', 'quarantine', 'damaged')),
    to_place TEXT NOT NULL CHECK (to_place IN ('depot', 'transit', 'loan', 'supplier', 'consumed', 'loss', 'found')),
    to_depot TEXT,
    to_owner TEXT,
    to_condition TEXT CHECK (to_condition IN ('good', 'quarantine', 'damaged')),
    occurred_at INTEGER NOT NULL,
    PRIMARY KEY (seq, line_no)
) STRICT;

CREATE TABLE balance (
    depot TEXT NOT NULL,
    owner TEXT NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('depot', 'transit', 'loan')),
    condition TEXT NOT NULL CHECK (condition IN ('good', 'quarantine', 'damaged')),
    lot_id INTEGER NOT NULL REFERENCES lot (id),
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    last_occurred_at INTEGER NOT NULL,
    PRIMARY KEY (depot, owner, place, condition, lot_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    seq INTEGER REFERENCES entry (seq),
    body TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_document ON entry (document_key, organization, type) WHERE document_key IS NOT NULL;
CREATE INDEX line_lot_from ON line (lot_id, from_depot, occurred_at) WHERE from_depot IS NOT NULL;
CREATE INDEX line_lot_to ON line (lot_id, to_depot, occurred_at) WHERE to_depot IS NOT NULL;
CREATE INDEX line_occurred ON line (occurred_at);
CREATE INDEX line_from_depot ON line (from_depot, seq) WHERE from_depot IS NOT NULL;
CREATE INDEX line_to_depot ON line (to_depot, seq) WHERE to_depot IS NOT NULL;
CREATE INDEX receipt_seq ON receipt (seq) WHERE seq IS NOT NULL;

INSERT INTO head (id, seq, hash, reference_rev)
VALUES (1, 0, X'ac8d686337def51d63798c4d915589d72f97a831626339c874943b05f4d7d369', 0);

CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the book refuses update on entry'); END;

CREATE TRIGGER entry_refuses_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the book refuses delete on entry'); END;

CREATE TRIGGER line_refuses_update BEFORE UPDATE ON line
BEGIN SELECT RAISE(ABORT, 'the book refuses update on line'); END;

CREATE TRIGGER line_refuses_delete BEFORE DELETE ON line
BEGIN SELECT RAISE(ABORT, 'the book refuses delete on line'); END;

CREATE TRIGGER lot_refuses_update BEFORE UPDATE ON lot
BEGIN SELECT RAISE(ABORT, 'the book refuses update on lot'); END;

CREATE TRIGGER lot_refuses_delete BEFORE DELETE ON lot
BEGIN SELECT RAISE(ABORT, 'the book refuses delete on lot'); END;

CREATE TRIGGER receipt_refuses_update BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'the book refuses update on receipt'); END;

CREATE TRIGGER receipt_refuses_delete BEFORE DELETE ON receipt WHEN OLD.seq IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the book refuses delete on receipt'); END;
