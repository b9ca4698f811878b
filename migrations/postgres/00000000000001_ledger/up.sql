-- The book: the head row, entries with their lines and lots, balances beside them, receipts.
-- Instants are microseconds since 1970-01-01 UTC; dates are Asia/Shanghai. Ledger rows are never
-- changed or deleted: triggers refuse it.

CREATE TABLE head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL CHECK (seq >= 0),
    hash BYTEA NOT NULL,
    reference_rev BIGINT NOT NULL CHECK (reference_rev >= 0)
);

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE entry (
    seq BIGINT NOT NULL PRIMARY KEY CHECK (seq > 0),
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('movement', 'reservation', 'appraisal', 'document')),
    type TEXT NOT NULL CHECK (type IN ('opening', 'receipt_purchase', 'receipt_donation', 'requisition', 'accept', 'reject', 'supplier_return', 'relocate', 'dispatch_out', 'dispatch_in', 'issue', 'transit_loss', 'loan_out', 'loan_return', 'recover', 'restock', 'rotate_out', 'rotate_in', 'assemble', 'disassemble', 'condition_change', 'ownership_change', 'adjust_gain', 'adjust_loss', 'scrap', 'reversal')),
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
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
    hash BYTEA NOT NULL
);

CREATE TABLE lot (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id > 0),
    item TEXT NOT NULL,
    lot_no TEXT,
    manufacturer TEXT,
    produced_on DATE,
    expires_on DATE,
    unit_price_fen BIGINT,
    source TEXT
);

CREATE TABLE line (
    seq BIGINT NOT NULL REFERENCES entry (seq),
    line_no BIGINT NOT NULL CHECK (line_no > 0),
    request_line BIGINT NOT NULL,
    lot_id BIGINT NOT NULL REFERENCES lot (id),
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    from_place TEXT NOT NULL CHECK (from_place IN ('depot', 'transit', 'loan', 'supplier', 'consumed', 'loss', 'found')),
    from_depot TEXT,
    from_owner TEXT,
    from_condition TEXT CHECK (from_condition IN ('good', 'quarantine', 'damaged')),
    to_place TEXT NOT NULL CHECK (to_place IN ('depot', 'transit', 'loan', 'supplier', 'consumed', 'loss', 'found')),
    to_depot TEXT,
    to_owner TEXT,
    to_condition TEXT CHECK (to_condition IN ('good', 'quarantine', 'damaged')),
    occurred_at BIGINT NOT NULL,
    PRIMARY KEY (seq, line_no)
);

CREATE TABLE balance (
    depot TEXT NOT NULL,
    owner TEXT NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('depot', 'transit', 'loan')),
    condition TEXT NOT NULL CHECK (condition IN ('good', 'quarantine', 'damaged')),
    lot_id BIGINT NOT NULL REFERENCES lot (id),
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    last_occurred_at BIGINT NOT NULL,
    PRIMARY KEY (depot, owner, place, condition, lot_id)
);

CREATE TABLE receipt (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    status BIGINT NOT NULL,
    seq BIGINT REFERENCES entry (seq),
    body TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (principal, key)
);

CREATE INDEX entry_document ON entry (document_key, organization, type) WHERE document_key IS NOT NULL;
CREATE INDEX line_lot_from ON line (lot_id, from_depot, occurred_at) WHERE from_depot IS NOT NULL;
CREATE INDEX line_lot_to ON line (lot_id, to_depot, occurred_at) WHERE to_depot IS NOT NULL;
CREATE INDEX line_occurred ON line (occurred_at);
CREATE INDEX line_from_depot ON line (from_depot, seq) WHERE from_depot IS NOT NULL;
CREATE INDEX line_to_depot ON line (to_depot, seq) WHERE to_depot IS NOT NULL;
CREATE INDEX receipt_seq ON receipt (seq) WHERE seq IS NOT NULL;

INSERT INTO head (id, seq, hash, reference_rev)
VALUES (1, 0, '\xac8d686337def51d63798c4d915589d72f97a831626339c874943b05f4d7d369', 0);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the book refuses % on %', lower(TG_OP), TG_TABLE_NAME;
END $$;

CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON entry
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER entry_refuses_delete BEFORE DELETE ON entry
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER line_refuses_update BEFORE UPDATE ON line
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER line_refuses_delete BEFORE DELETE ON line
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER lot_refuses_update BEFORE UPDATE ON lot
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER lot_refuses_delete BEFORE DELETE ON lot
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER receipt_refuses_update BEFORE UPDATE ON receipt
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER receipt_refuses_delete BEFORE DELETE ON receipt
FOR EACH ROW WHEN (OLD.seq IS NOT NULL) EXECUTE FUNCTION refuse_change();

CREATE TRIGGER entry_refuses_truncate BEFORE TRUNCATE ON entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER line_refuses_truncate BEFORE TRUNCATE ON line
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER lot_refuses_truncate BEFORE TRUNCATE ON lot
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER receipt_refuses_truncate BEFORE TRUNCATE ON receipt
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
