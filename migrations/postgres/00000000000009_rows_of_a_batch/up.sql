-- The rows that a batch adds travel as one array a table. Types of their own: `line` is PostgreSQL's already.

CREATE TYPE new_entry AS (
    seq BIGINT,
    id TEXT,
    type TEXT,
    occurred_at BIGINT,
    recorded_at BIGINT,
    principal TEXT,
    recorded_by TEXT,
    organization TEXT,
    document_no TEXT,
    document_key TEXT,
    order_no TEXT,
    counterparty TEXT,
    handled_by TEXT,
    checked_by TEXT,
    approved_by TEXT,
    reason TEXT,
    note TEXT,
    reversal_of TEXT,
    hash BYTEA,
    key TEXT,
    request_hash BYTEA
);

CREATE TYPE new_lot AS (
    id BIGINT,
    item TEXT,
    lot_no TEXT,
    manufacturer TEXT,
    produced_on DATE,
    expires_on DATE,
    unit_price_fen BIGINT,
    source TEXT
);

CREATE TYPE new_line AS (
    seq BIGINT,
    line_no BIGINT,
    request_line BIGINT,
    lot_id BIGINT,
    quantity BIGINT,
    from_place TEXT,
    from_depot TEXT,
    from_owner TEXT,
    from_condition TEXT,
    to_place TEXT,
    to_depot TEXT,
    to_owner TEXT,
    to_condition TEXT,
    occurred_at BIGINT
);

CREATE TYPE new_balance AS (
    depot TEXT,
    owner TEXT,
    place TEXT,
    condition TEXT,
    lot_id BIGINT,
    quantity BIGINT,
    last_occurred_at BIGINT
);

CREATE TYPE new_receipt AS (
    principal TEXT,
    key TEXT,
    request_hash BYTEA,
    status BIGINT,
    body TEXT,
    created_at BIGINT,
    no BIGINT
);
