-- Events: areas, closures and depots that give nothing as JSON text.
CREATE TABLE event (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT,
    exercise BOOLEAN NOT NULL,
    illustrative BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    started_at BIGINT,
    hours BIGINT CHECK (hours BETWEEN 1 AND 720),
    clock TEXT CHECK (clock IN ('disaster', 'order')),
    days BIGINT NOT NULL CHECK (days BETWEEN 1 AND 366),
    speed_percent BIGINT NOT NULL CHECK (speed_percent BETWEEN 1 AND 100),
    surviving_percent BIGINT NOT NULL CHECK (surviving_percent BETWEEN 0 AND 100),
    month BIGINT CHECK (month BETWEEN 1 AND 12),
    areas TEXT NOT NULL,
    closures TEXT NOT NULL,
    disabled_depots TEXT NOT NULL,
    source TEXT,
    rev BIGINT NOT NULL
);
CREATE INDEX event_rev ON event (rev);

-- Trucks of a depot, and what one of them carries; NULL where nobody has said.
ALTER TABLE depot ADD COLUMN trucks BIGINT CHECK (trucks BETWEEN 0 AND 100000);
ALTER TABLE depot ADD COLUMN truck_payload_kg BIGINT CHECK (truck_payload_kg BETWEEN 1 AND 100000);

-- The truck that a city reckons with where a depot does not name its own.
ALTER TABLE profile ADD COLUMN truck_payload_kg BIGINT CHECK (truck_payload_kg BETWEEN 1 AND 100000);
ALTER TABLE profile ADD COLUMN truck_volume_l BIGINT CHECK (truck_volume_l BETWEEN 1 AND 1000000);
