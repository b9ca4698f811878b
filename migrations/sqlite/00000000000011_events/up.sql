-- Events: areas, closures and depots that give nothing as JSON text.
CREATE TABLE event (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT,
    exercise INTEGER NOT NULL CHECK (exercise IN (0, 1)),
    illustrative INTEGER NOT NULL CHECK (illustrative IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    started_at INTEGER,
    hours INTEGER CHECK (hours BETWEEN 1 AND 720),
    clock TEXT CHECK (clock IN ('disaster', 'order')),
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 366),
    speed_percent INTEGER NOT NULL CHECK (speed_percent BETWEEN 1 AND 100),
    surviving_percent INTEGER NOT NULL CHECK (surviving_percent BETWEEN 0 AND 100),
    month INTEGER CHECK (month BETWEEN 1 AND 12),
    areas TEXT NOT NULL,
    closures TEXT NOT NULL,
    disabled_depots TEXT NOT NULL,
    source TEXT,
    rev INTEGER NOT NULL
) STRICT;
CREATE INDEX event_rev ON event (rev);

-- Trucks of a depot, and what one of them carries; NULL where nobody has said.
ALTER TABLE depot ADD COLUMN trucks INTEGER CHECK (trucks BETWEEN 0 AND 100000);
ALTER TABLE depot ADD COLUMN truck_payload_kg INTEGER CHECK (truck_payload_kg BETWEEN 1 AND 100000);

-- The truck that a city reckons with where a depot does not name its own.
ALTER TABLE profile ADD COLUMN truck_payload_kg INTEGER CHECK (truck_payload_kg BETWEEN 1 AND 100000);
ALTER TABLE profile ADD COLUMN truck_volume_l INTEGER CHECK (truck_volume_l BETWEEN 1 AND 1000000);
