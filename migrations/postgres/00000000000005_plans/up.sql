-- How a city turns its goods over; NULL where its profile was stored before it could say so.
ALTER TABLE profile ADD COLUMN rotation TEXT;

-- Annual procurement plans, their lines as JSON text.
CREATE TABLE procurement_plan (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    year BIGINT NOT NULL CHECK (year BETWEEN 2000 AND 2199),
    scope TEXT NOT NULL CHECK (scope IN ('own', 'subtree')),
    state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'ordered', 'cancelled')),
    budget_fen BIGINT CHECK (budget_fen >= 0),
    planned_on DATE NOT NULL,
    ledger_seq BIGINT NOT NULL,
    reference_rev BIGINT NOT NULL,
    lines TEXT NOT NULL,
    open_needs TEXT NOT NULL,
    rev BIGINT NOT NULL
);
CREATE INDEX procurement_plan_rev ON procurement_plan (rev);

-- Receipts by the plan's line that they name.
CREATE INDEX entry_order_no ON entry (order_no) WHERE order_no IS NOT NULL;
